"""What somebody who can run SQL as the application must still not see or write."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from django.db.utils import Error
from django.utils import timezone

from teamaround.access.actions import state_purpose
from teamaround.access.models import Grant
from teamaround.database.actor import ANONYMOUS, SET_UP, acting_as
from teamaround.events.actions import record
from teamaround.events.models import Event
from teamaround.index.actions import involve
from teamaround.index.models import Involvement
from teamaround.people.actions import add_person
from teamaround.people.models import PersonName
from teamaround.procedures import actions
from teamaround.procedures.models import Clock, Episode, ProcedureVersion
from teamaround.procedures.versions import install_shipped, reset_cache
from teamaround.sharing.actions import Cell, record_consent


@pytest.fixture
def kofi(cast: Any) -> int:
    with cast.as_(cast.yasmin) as me:
        person = add_person(by=me, team=cast.yasmin.team.pk, given="Kofi", family_name="Osei")
        involve(by=me, team=cast.yasmin.team.pk, subject=person.pk)
    return int(person.pk)


@pytest.fixture
def case(cast: Any) -> tuple[int, int]:
    """Tom's school referred Kofi to the young carers team, which accepted: (child, episode)."""
    reset_cache()
    install_shipped()
    with cast.as_(cast.tom) as me:
        child = add_person(by=me, team=cast.tom.team.pk, given="Kofi", family_name="Osei")
        episode = actions.receive(
            by=me, team=cast.tom.team.pk, receiving_team=cast.yasmin.team, child=child.pk
        )
        return int(child.pk), int(episode.pk)


def run(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def refused(cast: Any, member: Any, statement: str, *values: Any) -> None:
    with pytest.raises(Error), cast.as_(member):
        run(statement, *values)


def consent(cast: Any, kofi: int, *cells: Cell) -> Any:
    with cast.as_(cast.yasmin) as me:
        return record_consent(
            by=me,
            team=cast.yasmin.team.pk,
            subject=kofi,
            given_by=kofi,
            capacity="self",
            how="signed",
            understanding="Explained it back",
            valid_until=timezone.now() + dt.timedelta(days=90),
            cells=cells,
        )


def test_no_team_adds_a_line_to_another_teams_consent(cast: Any, kofi: int) -> None:
    basis = consent(cast, kofi, Cell(kofi, cast.tom.team.pk, "identity", "share"))
    refused(
        cast,
        cast.olive,
        "insert into sharing_line (basis_id, subject_id, category, shared_category, holder_id, answer, "
        "author_team_id, version) values (%s, %s, 'identity', 'identity', %s, 'share', %s, 1)",
        basis.pk,
        kofi,
        cast.olive.team.pk,
        cast.olive.team.pk,
    )
    # Not even a holder, who may read the basis.
    refused(
        cast,
        cast.tom,
        "insert into sharing_line (basis_id, subject_id, category, shared_category, holder_id, answer, "
        "author_team_id, version) values (%s, %s, 'identity', 'health', %s, 'share', %s, 1)",
        basis.pk,
        kofi,
        cast.tom.team.pk,
        cast.tom.team.pk,
    )


def test_an_answer_that_was_given_is_never_rewritten(cast: Any, kofi: int) -> None:
    basis = consent(cast, kofi, Cell(kofi, cast.tom.team.pk, "health", "refuse"))
    refused(cast, cast.yasmin, "update sharing_line set answer = 'share' where basis_id = %s", basis.pk)


def test_one_consent_derives_the_grants_of_all_its_lines_at_once(cast: Any, kofi: int) -> None:
    holders = [cast.tom.team.pk, cast.nina.team.pk, cast.olive.team.pk]
    consent(cast, kofi, *[Cell(kofi, h, c, "share") for h in holders for c in ("identity", "plan")])
    for member in (cast.tom, cast.nina, cast.olive):
        with cast.as_(member):
            found = Grant.objects.filter(basis_kind="consent").values_list("category", flat=True)
            assert sorted(found) == ["identity", "index", "plan"]


def test_who_recorded_an_event_and_when_is_the_databases_own_statement(cast: Any, kofi: int) -> None:
    with cast.as_(cast.yasmin):
        run(
            "insert into event (occurrence, kind, subject_id, category, author_team_id, happened_at, voids, "
            "recorded_by, recorded_at) values (gen_random_uuid(), 'visit.made', %s, 'notes', %s, now(), false, "
            "%s, '2020-01-01')",
            kofi,
            cast.yasmin.team.pk,
            cast.tom.practitioner.pk,
        )
        event = Event.objects.get(subject_id=kofi, kind="visit.made")
        assert event.recorded_by_id == cast.yasmin.practitioner.pk
        assert event.recorded_at.year > 2020


def test_no_team_voids_another_teams_event_or_puts_words_under_it(cast: Any, kofi: int) -> None:
    with cast.as_(cast.yasmin) as me:
        record(by=me, team=cast.yasmin.team.pk, kind="contact.recorded", subjects=[kofi])
        event = Event.objects.get(kind="contact.recorded")
    consent(cast, kofi, Cell(kofi, cast.tom.team.pk, "notes", "share"))
    for member in (cast.tom, cast.olive):
        refused(
            cast,
            member,
            "insert into event (occurrence, kind, subject_id, category, author_team_id, happened_at, voids, "
            "corrects_id) values (%s, 'contact.recorded', %s, 'notes', %s, now(), true, %s)",
            event.occurrence,
            kofi,
            member.team.pk,
            event.pk,
        )
        refused(
            cast,
            member,
            "insert into event_note (event_id, subject_id, category, author_team_id, text) "
            "values (%s, %s, 'notes', %s, 'planted')",
            event.pk,
            kofi,
            member.team.pk,
        )


def test_no_team_allocates_another_teams_case(cast: Any, case: tuple[int, int]) -> None:
    child, episode = case
    for member in (cast.tom, cast.olive):
        refused(
            cast,
            member,
            "insert into allocation (subject_id, category, author_team_id, episode_id, practitioner_id, version) "
            "values (%s, 'referral', %s, %s, %s, 1)",
            child,
            member.team.pk,
            episode,
            member.practitioner.pk,
        )


def test_the_referrer_starts_the_clocks_once_and_never_touches_them_again(
    cast: Any, case: tuple[int, int]
) -> None:
    with pytest.raises(Error), cast.as_(cast.tom):
        run("select app.put_clocks(%s, '[]')", case[1])
    with cast.as_(cast.morgan):
        assert Clock.objects.filter(episode=case[1]).exists()


def test_a_referral_follows_the_receiving_teams_own_procedure(cast: Any, case: tuple[int, int]) -> None:
    with acting_as(SET_UP), transaction.atomic():
        other = ProcedureVersion.objects.create(slug="another", number=1, text="")
    refused(
        cast,
        cast.tom,
        "select app.receive_episode(null, %s, %s, %s, 'standard')",
        cast.yasmin.team.pk,
        cast.tom.team.pk,
        other.pk,
    )


def test_a_session_does_not_switch_off_the_history_of_what_it_changes(cast: Any, kofi: int) -> None:
    with cast.as_(cast.yasmin):
        triggers = [
            row[0]
            for row in run(
                "select t.tgname::text from pg_trigger t where t.tgrelid = 'person_name'::regclass and not t.tgisinternal"
            )
        ]
        run("select set_config('pgtrigger.ignore', %s, true)", "{" + ",".join(triggers) + "}")
        PersonName.objects.filter(subject_id=kofi).update(middle="Unseen")
        assert run("select count(*) from person_name_history where middle = 'Unseen'") == [(1,)]


def test_history_is_not_written_by_hand(cast: Any, kofi: int) -> None:
    refused(
        cast,
        cast.yasmin,
        "insert into person_name_history select * from person_name_history where subject_id = %s",
        kofi,
    )


def test_nobody_signs_an_access_with_somebody_elses_account(cast: Any) -> None:
    refused(
        cast,
        cast.olive,
        "insert into access_look (id, account_id, principal, page, act, outcome) "
        "values (gen_random_uuid(), %s, %s, 'desk:person', 'view', 'shown')",
        cast.tom.account.pk,
        cast.olive.practitioner.pk,
    )


def test_the_log_takes_no_flood_of_partitions(cast: Any) -> None:
    for first, months in (("2020-01-01", 12), (str(timezone.localdate()), 5000)):
        refused(cast, cast.olive, "select app.make_log_partitions(%s, %s)", first, months)


def test_a_hidden_service_that_leads_does_not_show_in_an_allocation(cast: Any, case: tuple[int, int]) -> None:
    child, pk = case
    with cast.as_(cast.sam) as me:
        involve(by=me, team=cast.sam.team.pk, subject=child, role="lead")
    with cast.as_(cast.morgan) as me:
        episode = Episode.objects.get(pk=pk)
        actions.accept(by=me, episode=episode, version=episode.version)
        actions.allocate(by=me, episode=episode, practitioner=cast.yasmin.practitioner.pk)
        assert Involvement.objects.get(subject_id=child, author_team=cast.yasmin.team).role == "lead"


def test_a_visitor_who_is_not_signed_in_calls_nothing_that_tells_of_a_person(cast: Any, kofi: int) -> None:
    for statement in (
        "select * from app.search_index('Kofi Osei', null, null, null, 10)",
        "select * from app.rebuild_search(array[1]::bigint[])",
        "select app.derive_basis()",
    ):
        with pytest.raises(Error), acting_as(ANONYMOUS), transaction.atomic():
            run(statement)
    with acting_as(ANONYMOUS), transaction.atomic():
        for table in ("person", "involvement", "access_grant", "event", "episode", "sharing_basis", "draft"):
            assert run(f"select count(*) from {table}") == [(0,)], table


def test_a_portal_account_does_not_move_to_another_person(cast: Any, kofi: int) -> None:
    with cast.as_(cast.yasmin):
        own = run("insert into principal (kind) values ('family') returning id")[0][0]
        account = run(
            "insert into account (email, password, is_active) values ('kofi@family.example', '!', true) returning id"
        )[0][0]
        run(
            "insert into portal_account (id, account_id, person_id, opened_by_id, opened_at) "
            "values (%s, %s, %s, app.actor(), now())",
            own,
            account,
            kofi,
        )
    refused(cast, cast.yasmin, "update portal_account set person_id = %s where id = %s", kofi, own)
    with cast.as_(cast.olive):
        other = run("insert into principal (kind) values ('family') returning id")[0][0]
        seized = run(
            "insert into account (email, password, is_active) values ('x@family.example', '!', true) returning id"
        )[0][0]
    refused(
        cast,
        cast.olive,
        "insert into portal_account (id, account_id, person_id, opened_by_id, opened_at) "
        "values (%s, %s, %s, app.actor(), now())",
        other,
        seized,
        kofi,
    )


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


def test_the_stamp_is_verified_once_a_query_and_grants_are_found_by_their_index(cast: Any) -> None:
    team = cast.yasmin.team.pk
    with cast.as_(cast.tom):
        run(
            "with s as (insert into subject (kind) select 'person' from generate_series(1, 3000) returning id), "
            "p as (insert into person (subject_id, uuid, category, given, family_name, born_precision, sex, "
            "author_team_id, version) select id, gen_random_uuid(), 'index', 'Given' || id, 'Family', 'day', 'U', "
            "%s, 1 from s returning subject_id) "
            "insert into involvement (subject_id, uuid, category, role, since, author_team_id, version) "
            "select subject_id, gen_random_uuid(), 'index', 'worker', current_date, %s, 1 from p",
            cast.tom.team.pk,
            cast.tom.team.pk,
        )
    with cast.as_(cast.yasmin):
        run(
            "insert into involvement (subject_id, uuid, category, role, since, author_team_id, version) "
            "select id, gen_random_uuid(), 'index', 'worker', current_date, %s, 1 from subject where id %% 5 = 0",
            team,
        )
        plan = run("explain (analyze, timing off, format json) select * from person order by subject_id")[0][
            0
        ]
    plan = json.loads(plan) if isinstance(plan, str) else plan
    found = list(nodes(plan[0]["Plan"]))
    verified = [node for node in found if node.get("Parent Relationship") == "InitPlan"]
    assert verified
    assert all(node["Actual Loops"] <= 1 for node in verified), verified
    assert {node.get("Index Name") for node in found} & {"access_grant_held"}
    assert plan[0]["Plan"]["Actual Rows"] >= 500


def test_every_definer_function_names_its_search_path_and_looks_up_temporary_tables_last(
    server_report: dict[str, str], worker_database: str
) -> None:
    with psycopg.connect(server_report["postgres"].replace("DATABASE", worker_database)) as catalogue:
        loose = catalogue.execute(
            "select p.oid::regprocedure::text, p.proconfig from pg_proc p join pg_namespace n on n.oid = p.pronamespace "
            "where n.nspname in ('app', 'public') and p.prosecdef and not exists ("
            "  select 1 from unnest(coalesce(p.proconfig, '{}')) c where c like 'search_path=%pg_temp' "
            "     or c = 'search_path=pg_catalog')"
        ).fetchall()
        assert loose == []
        public = catalogue.execute(
            "select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace "
            "where n.nspname = 'app' and p.prosecdef and has_function_privilege('app_rw', p.oid, 'execute') "
            "and not has_function_privilege('app_engine', p.oid, 'execute') order by 1"
        ).fetchall()
        # What the engine may not do itself: erase, and make the log's next tables.
        assert [row[0] for row in public] == ["app.dispose(uuid)", "app.make_log_partitions(date,integer)"]


def test_nobody_but_an_administrator_writes_who_belongs_where(cast: Any) -> None:
    attempts = (
        "insert into membership (practitioner_id, team_id, role) values (%(me)s, %(team)s, 'practitioner')",
        "update membership set team_id = %(team)s where practitioner_id = %(me)s",
        "insert into panel_seat (practitioner_id, panel_id) values (%(me)s, %(panel)s)",
        "update practitioner set account_id = account_id, left_at = now() where id = %(other)s",
        "update team set sensitivity = '' where id = %(sensitive)s",
        "insert into invitation (email, name, job_title, team_id, role, secret_digest, expires_at) "
        "values ('olive@northmoor.example', 'Olive', '', %(team)s, 'manager', 'x', now() + interval '1 day')",
    )
    values = {
        "me": cast.olive.practitioner.pk,
        "other": cast.yasmin.practitioner.pk,
        "team": cast.yasmin.team.pk,
        "panel": cast.panel.pk,
        "sensitive": cast.sam.team.pk,
    }
    for attempt in attempts:
        with (
            pytest.raises(Error, match="only an administrator"),
            cast.as_(cast.olive),
            connection.cursor() as cursor,
        ):
            cursor.execute(attempt, values)


def test_an_administrator_and_a_person_about_themselves_write_what_is_theirs(cast: Any) -> None:
    with cast.as_(cast.admin), connection.cursor() as cursor:
        cursor.execute("update team set phone = '01632 960109' where id = %s", [cast.yasmin.team.pk])
        assert cursor.rowcount == 1
    with cast.as_(cast.olive), connection.cursor() as cursor:
        cursor.execute(
            "update practitioner set phone = '01632 960108' where id = %s", [cast.olive.practitioner.pk]
        )
        assert cursor.rowcount == 1


def test_a_team_opens_nobody_it_does_not_work_with(cast: Any, kofi: int) -> None:
    with cast.as_(cast.olive) as me:
        state_purpose(by=me, subject=kofi, reason="Rent arrears")
    for capacity in ("self", "parent"):
        with pytest.raises(Error, match="row-level security"), cast.as_(cast.olive) as me:
            record_consent(
                by=me,
                team=cast.olive.team.pk,
                subject=kofi,
                given_by=kofi,
                capacity=capacity,
                how="signed",
                understanding="She says so",
                valid_until=timezone.now() + dt.timedelta(days=90),
                cells=[Cell(kofi, cast.olive.team.pk, "health", "share")],
            )
