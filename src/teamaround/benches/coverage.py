"""What counting the whole area costs, and what the page costs beside a signed-in one.

The job's time grows with the children. The page's must not: schools, areas and surgeries are as many at every size.
"""

from __future__ import annotations

import time
from dataclasses import asdict

import psycopg
from django.test import Client, override_settings

from teamaround.agencies.models import Account
from teamaround.reports.jobs import count_now

from .measure import Request, interleaved, once
from .pages import ROUNDS, Urls
from .report import Report, Row

# 20 areas, 400 schools of which 40 have no pupil in the records, up to 37 surgeries, 10 young carers' services.
_STATEMENTS = (
    "insert into principal (id, kind) select (select max(id) from principal) + 1, 'service'",
    "insert into service (id, name, purpose) select max(id), 'counting', 'counts' from principal",
    "insert into planning_place (uuid, kind, name, postcodes) "
    "select gen_random_uuid(), 'area', 'Area ' || n, array['NM' || n] from generate_series(1, 20) n",
    "insert into planning_place (uuid, kind, name, postcodes) "
    "select gen_random_uuid(), 'school', 'School ' || n, '{}' from generate_series(1, 400) n",
    "insert into planning_place (uuid, kind, name, agency_id, postcodes) "
    "select gen_random_uuid(), 'surgery', 'Surgery ' || n, n, '{}' from generate_series(1, least(37, (select count(*) from agency)::int)) n",
    "insert into planning_figure (place_id, children, from_age, to_age, as_of, source) "
    "select id, 1000, 5, 17, current_date - 30, 'Made up' from planning_place",
    "insert into planning_service (team_id) select id from team where id <= 10",
    "insert into person_school_place (subject_id, category, author_team_id, recorded_by, changed_by, version, source_id, since, "
    "school_name, young_carer_indicator, void_reason) select subject_id, 'identity', author_team_id, 1, 1, 1, author_team_id, "
    "current_date - 100, 'School ' || 1 + subject_id % 360, case when subject_id % 60 = 0 then 'S' else 'N' end, '' from person",
    "insert into person_caring (subject_id, category, author_team_id, recorded_by, changed_by, version, source_id, since, relation, "
    "tasks, hours, void_reason) select subject_id, 'assessment', author_team_id, 1, 1, 1, author_team_id, current_date - 100, 'Mum', "
    "'{}', '0-9', '' from person where subject_id % 40 = 0",
)


def build(superuser: str) -> None:
    """Planning numbers, schools and caring beside the world that is there."""
    with psycopg.connect(superuser) as connection:
        fill(connection)
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute("vacuum analyze")


def fill(connection: psycopg.Connection) -> None:
    """The planning numbers themselves, in the connection's transaction."""
    connection.execute("set session_replication_role = replica")
    for statement in _STATEMENTS:
        connection.execute(statement.encode())


def run(size: str) -> Report:
    """Count, then measure the page on the world that Django points at."""
    began = time.monotonic()
    count_now()
    seconds = time.monotonic() - began
    with override_settings(ROOT_URLCONF=Urls, TEAMAROUND_REQUIRE_SECOND_FACTOR=False):
        client = Client()
        client.force_login(
            Account.objects.get(pk=1), backend="allauth.account.auth_backends.AuthenticationBackend"
        )
        wanted: dict[str, Request] = {
            "signed_in": lambda: client.get("/bench/control/"),
            **{
                f"coverage_{by}": lambda by=by: client.get("/reports/coverage/", {"by": by})  # type: ignore[misc]
                for by in ("area", "school", "surgery")
            },
        }
        for request in wanted.values():
            once(request)
        costs = interleaved(wanted, rounds=ROUNDS[size])
    control = costs.pop("signed_in")
    return Report(
        name="coverage",
        size=size,
        controls={
            "signed_in": {"cpu_ms_median": control.median, "cpu_ms_p95": control.p95, **asdict(control)}
        },
        rows=[
            Row(
                op=name,
                cpu_ms_median=cost.median,
                cpu_ms_p95=cost.p95,
                queries=cost.queries,
                bytes=cost.bytes,
                ratio=cost.median / control.median,
            )
            for name, cost in costs.items()
        ],
        figures={"count_seconds": seconds},
    )
