"""Caseloads on their way, for tests: uploaded, checked, brought in, withdrawn; small files and the area's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from teamaround.importing import actions, jobs, withdrawing
from teamaround.importing.models import ImportRow, ImportRun, Outcome, RunState

DATA = Path(__file__).parents[1] / "data"
YOUNG_CARERS = (DATA / "caseload-young-carers.csv").read_bytes()
HEADER = "Ref,Surname,Forename,DOB,Postcode,Cares for,Because of\n"
ONE = (HEADER + "YC1,Osei,Kofi,02/03/2014,SK3 2DU,Mum,mental health\n").encode()


def uploaded(cast: Any, member: Any, content: bytes, name: str = "caseload.csv") -> ImportRun:
    with cast.as_(member) as me:
        return actions.upload(by=me, team=member.team.pk, filename=name, content=content)


def checked(cast: Any, member: Any, content: bytes, name: str = "caseload.csv") -> ImportRun:
    run = uploaded(cast, member, content, name)
    with cast.as_(member) as me:
        fields = {column.position: column.field for column in run.columns.all()}
        actions.set_columns(by=me, run=run, version=run.version, fields=fields, role=run.role)
        jobs.step(me, run.pk)
        run.refresh_from_db()
    return run


def brought_in(cast: Any, member: Any, run: ImportRun) -> ImportRun:
    with cast.as_(member) as me:
        assert actions.confirm(by=me, run=run)
        jobs.step(me, run.pk)
        run.refresh_from_db()
    return run


def answer_all(cast: Any, member: Any, run: ImportRun, answer: str) -> None:
    with cast.as_(member) as me:
        rows = ImportRow.objects.filter(run=run, outcome=Outcome.DECIDE)
        actions.decide(by=me, run=run, answers={row.number: (row.version, answer) for row in rows})
        run.refresh_from_db()


def withdrawn(cast: Any, member: Any, run: ImportRun) -> ImportRun:
    with cast.as_(member) as me:
        run.refresh_from_db()
        plan = withdrawing.plan_of(run).digest
        assert actions.withdraw(by=me, run=run, reason="The wrong file", plan=plan)
        jobs.step(me, run.pk)
        run.refresh_from_db()
    assert run.state == RunState.WITHDRAWN
    return run
