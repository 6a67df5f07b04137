"""How long a large caseload takes from its upload to being brought in, by the same steps as the background worker.

First a file of children whom nobody knows; then, but for the largest, another agency's file about the same children,
each with the faults of its own sector. What is uncertain is answered as another child: deciding is not timed.
"""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable, Sequence

import psycopg
from django.db import transaction

from teamaround.access.me import Me, me_of
from teamaround.agencies.models import Account, Agency, Membership, Practitioner, Principal, Team
from teamaround.database.actor import SET_UP, acting_as
from teamaround.importing import actions, jobs
from teamaround.importing.models import Decision, ImportRow, ImportRun, Outcome, RunState
from teamaround.linkage.made_up import Written, area

from .measure import BenchFailed
from .report import Report

#: Rows of a file; the largest is the most that an upload takes.
SIZES = {"S": 2_000, "M": 20_000, "L": 50_000}
#: No training and no other measure saw it.
SEED = 3_301
COLUMNS = ("Forename", "Middle name", "Surname", "Date of birth", "Sex", "Postcode", "NHS number", "UPN")


def run(superuser: str, size: str, note: Callable[[str], None]) -> Report:
    """Bring the files in, in the database that Django points at, which holds nobody yet. Seconds of wall clock."""
    rows = SIZES[size]
    made = area(index=rows, caseload=rows if size != "L" else rows // 10, seed=SEED, absent=0.0)
    figures = _brought_in("unknown", _service("school", "School"), made.index[:rows], note)
    if size != "L":
        # What autovacuum does by itself within minutes: how many children there are weighs in every match.
        with psycopg.connect(superuser, autocommit=True) as connection:
            connection.execute("vacuum analyze")
        figures |= _brought_in("known", _service("health", "Surgery"), made.caseload, note)
    return Report(name="import", size=size, controls={}, rows=[], figures=figures)


def _service(sector: str, name: str) -> Me:
    with acting_as(SET_UP), transaction.atomic():
        agency = Agency.objects.create(slug=f"agency-{sector}", name=name, sector=sector)
        team = Team.objects.create(
            principal=Principal.objects.create(kind="team"), agency=agency, slug=sector, name=name
        )
        account = Account.objects.create(email=f"{sector}@bench.example")
        practitioner = Practitioner.objects.create(
            principal=Principal.objects.create(kind="practitioner"), account=account, name=name
        )
        Membership.objects.create(practitioner=practitioner, team=team, role="practitioner")
    me = me_of(account)
    if me is None:
        raise BenchFailed("the practitioner made for the bench has no place")
    return me


def content_of(records: Sequence[Written]) -> bytes:
    """The records as a file that an agency exports."""
    text = io.StringIO()
    file = csv.writer(text)
    file.writerow(COLUMNS)
    for one in records:
        record = one.record
        # A birthday of which less is known is left out: an export has a column for the whole date.
        born = record.born if record.precision == "day" else None
        postcode = record.postcodes[0] if record.postcodes else ""
        file.writerow(
            [
                *(record.given, record.middle, record.family, born.strftime("%d/%m/%Y") if born else ""),
                *(record.sex, postcode, record.nhs, record.upn),
            ]
        )
    return text.getvalue().encode()


def _brought_in(
    name: str, me: Me, records: Sequence[Written], note: Callable[[str], None]
) -> dict[str, float]:
    note(f"{len(records):,} children, {name}")
    team = me.teams[0]
    took: dict[str, float] = {}
    with acting_as(me.actor()):
        began = time.monotonic()
        with transaction.atomic():
            found = actions.upload(by=me, team=team, filename=f"{name}.csv", content=content_of(records))
            fields = {column.position: column.field for column in found.columns.all()}
            actions.set_columns(by=me, run=found, version=found.version, fields=fields, role=found.role)
        took["upload"] = time.monotonic() - began
        _step(me, found, RunState.CHECKED, took, "check")
        with transaction.atomic():
            waiting = ImportRow.objects.filter(run=found, outcome=Outcome.DECIDE).values_list(
                "number", "version"
            )
            answers = {number: (version, Decision.DIFFERENT.value) for number, version in waiting}
            actions.decide(by=me, run=found, answers=answers)
            actions.confirm(by=me, run=found)
        _step(me, found, RunState.DONE, took, "bring_in")
    counts = {"rows": found.rows, "added": found.added, "recognised": found.matched + found.updated}
    return {
        **{f"{name}_{step}_seconds": round(seconds, 1) for step, seconds in took.items()},
        **{f"{name}_{what}": float(count) for what, count in counts.items()},
        f"{name}_asked": float(len(answers)),
        f"{name}_refused": float(found.refused),
    }


def _step(me: Me, run: ImportRun, wanted: RunState, took: dict[str, float], name: str) -> None:
    began = time.monotonic()
    jobs.step(me, run.pk)
    took[name] = time.monotonic() - began
    with transaction.atomic():
        run.refresh_from_db()
    if run.state != wanted:
        raise BenchFailed(f"the file stands at {run.state}: {run.failure}")
