"""Business events of an upload: uploaded, columns set, decided, confirmed, tried again, withdrawn."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from pathlib import PurePath

from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from teamaround.access.edits import StaleEdit, update_checked
from teamaround.access.me import Me
from teamaround.agencies.models import Sector, Team
from teamaround.agencies.refusals import Refused
from teamaround.agencies.roles import Permission
from teamaround.sheets import MAX_BYTES, Sheet, SheetError, check_mapping, guess_mapping, read_table
from teamaround.sheets.mapping import MappingError
from teamaround.sheets.names import clean
from teamaround.sheets.table import as_text

from . import checking, deciding
from .models import (
    Decision,
    ImportColumn,
    ImportFile,
    ImportProgress,
    ImportRow,
    ImportRun,
    Outcome,
    RunState,
)

#: A background step that has said nothing for so long is taken to have died.
SILENT_FOR = dt.timedelta(minutes=3)
SAMPLES = 3


class ImportRefused(Refused):
    """The step cannot be done; `field` names the form field, the message says what to do."""


def guess_role(team: Team) -> str:
    """What the team most likely is to the children of its file."""
    agency = team.agency
    if agency.sector == Sector.SCHOOL:
        return "school"
    words = agency.name.lower().split()
    if agency.sector == Sector.HEALTH and (
        {"surgery", "gp", "practice"} & set(words) or "medical centre" in agency.name.lower()
    ):
        return "gp"
    return "registered" if agency.sector == Sector.VOLUNTARY else "worker"


@transaction.atomic
def upload(*, by: Me, team: int, filename: str, content: bytes) -> ImportRun:
    """Take a file in and guess what its columns are. Raises SheetError for one that cannot be read, and
    ImportRefused without the right to import for the team."""
    if not by.may_for(Permission.IMPORT_CASELOAD, team):
        raise ImportRefused("You may not bring in a caseload for this team.", "team")
    if len(content) > MAX_BYTES:
        raise SheetError(
            f"The file is over {MAX_BYTES // 1024 // 1024} MB.", do="Split it into smaller files."
        )
    sheet = read_table(content, filename)
    guess = guess_mapping(sheet)
    run = ImportRun.objects.create(
        author_team_id=team,
        filename=short_name(filename),
        read_as=read_as(sheet),
        role=guess_role(Team.objects.select_related("agency").get(pk=team)),
        rows=len(sheet.rows),
    )
    ImportFile.objects.create(
        run=run, author_team_id=team, content=content, digest=hashlib.sha256(content).hexdigest()
    )
    ImportProgress.objects.create(run=run, author_team_id=team)
    ImportColumn.objects.bulk_create(
        ImportColumn(
            run=run,
            author_team_id=team,
            position=position,
            heading=clean(heading)[:200],
            samples=_samples(sheet, position),
            field=guess[heading],
        )
        for position, heading in enumerate(sheet.header)
    )
    return run


def short_name(filename: str) -> str:
    """The file's own name without its folders, at most 80 characters, its ending kept."""
    name = clean(PurePath(filename.replace("\\", "/")).name) or "file"
    ending = PurePath(name).suffix[:10]
    return name if len(name) <= 80 else name[: 79 - len(ending)] + "…" + ending


def read_as(sheet: Sheet) -> str:
    """How the file was read, in words."""
    if sheet.kind.lower() == "xlsx":
        return "Excel workbook (XLSX)"
    mark = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}.get(sheet.delimiter, sheet.delimiter)
    return f"CSV in {sheet.encoding}, parted by {mark}"[:80]


def _samples(sheet: Sheet, position: int) -> list[str]:
    found: dict[str, None] = {}
    for row in sheet.rows:
        text = clean(as_text(row.cells[position]))
        if text:
            found.setdefault(text if len(text) <= 60 else text[:59] + "…")
        if len(found) == SAMPLES:
            break
    return list(found)


@transaction.atomic
def set_columns(*, by: Me, run: ImportRun, version: int, fields: Mapping[int, str], role: str) -> ImportRun:
    """Say what each column is (by position), and what the team is to these children. The check comes next.

    A run that failed while it was brought in has written nothing: it goes back to its check as well.
    Raises MappingError for a choice that cannot be used, StaleEdit where the run moved on meanwhile.
    """
    if run.state not in (RunState.UPLOADED, RunState.CHECKED, RunState.FAILED) or run.finished_at:
        raise StaleEdit
    sheet = checking.sheet_of(run)
    mapping = {heading: fields.get(position, "ignore") for position, heading in enumerate(sheet.header)}
    faults = check_mapping(mapping, sheet)
    if faults:
        raise MappingError(faults)
    update_checked(run, version=version, state=RunState.MAPPED, role=role, failure="", confirmed_at=None)
    columns = list(run.columns.all())
    for column in columns:
        column.field = fields.get(column.position, "ignore")
    ImportColumn.objects.bulk_update(columns, ["field"])
    _begin(run)
    return run


def _begin(run: ImportRun) -> None:
    ImportProgress.objects.filter(run=run).update(done=0, total=0, at=Now())


@transaction.atomic
def decide(*, by: Me, run: ImportRun, answers: Mapping[int, tuple[int, str]]) -> None:
    """Decide uncertain rows: for each row's number the version that was seen, and the answer: an option's
    value, "different", or "skip". All or none.

    Raises ImportRefused for an answer that is not offered (any more), StaleEdit where somebody else decided
    one of the rows meanwhile, or the run has moved on.
    """
    run = ImportRun.objects.select_for_update(no_key=True).get(pk=run.pk)
    rows = list(ImportRow.objects.filter(run=run, outcome=Outcome.DECIDE, number__in=list(answers)))
    if run.state != RunState.CHECKED or len(rows) != len(answers):
        raise StaleEdit
    offered = deciding.options_of(run, rows)
    for row in rows:
        version, answer = answers[row.number]
        chosen: dict[str, object] = {"subject_id": None, "same_as": None, "decision": answer}
        if answer not in (Decision.DIFFERENT, Decision.SKIP):
            option = next((one for one in offered[row.number] if one.value == answer), None)
            if option is None:
                raise ImportRefused("Choose one of the answers listed.", f"answer-{row.number}")
            chosen = {"subject_id": option.subject, "same_as": option.row, "decision": Decision.SAME}
        update_checked(row, version=version, **chosen, decided_by_id=by.principal, decided_at=timezone.now())
    ImportRun.objects.filter(pk=run.pk).update(undecided=checking.undecided(run))


@transaction.atomic
def confirm(*, by: Me, run: ImportRun) -> bool:
    """Ask for the run to be brought in; it is queued. False where that was done already: a second click.

    Raises ImportRefused while rows wait for a decision, or nothing is to be done.
    """
    run = ImportRun.objects.select_for_update(no_key=True).get(pk=run.pk)
    if run.state != RunState.CHECKED:
        return False
    waiting = checking.undecided(run)
    if waiting:
        raise ImportRefused(f"{waiting} rows still wait for your decision. Decide them first.")
    if run.rows == run.refused:
        raise ImportRefused("Every row was refused. Correct the file and upload it again.")
    update_checked(run, version=run.version, state=RunState.QUEUED, confirmed_at=timezone.now(), failure="")
    _begin(run)
    return True


@transaction.atomic
def again(*, by: Me, run: ImportRun) -> bool:
    """Take up a run that failed or fell silent: check it again, or go on withdrawing. False where it is neither.

    A run that was confirmed goes back to its check as well, because the records may have changed since.
    """
    run = (
        ImportRun.objects.select_for_update(no_key=True, of=("self",))
        .select_related("progress")
        .get(pk=run.pk)
    )
    if run.state != RunState.FAILED and run.state != RunState.CHECKED and not is_silent(run):
        return False
    state = RunState.WITHDRAWING if run.finished_at else RunState.MAPPED
    update_checked(
        run,
        version=run.version,
        state=state,
        failure="",
        confirmed_at=run.confirmed_at if run.finished_at else None,
    )
    _begin(run)
    return True


def is_silent(run: ImportRun) -> bool:
    """Whether a background step is under way on paper, but nothing has been heard of it for three minutes."""
    under_way = run.state in (RunState.MAPPED, RunState.QUEUED, RunState.RUNNING, RunState.WITHDRAWING)
    return under_way and run.progress.at < timezone.now() - SILENT_FOR


def built_on(run: ImportRun) -> bool:
    """Whether anybody relies on what the run brought in, so that it can no longer be withdrawn."""
    with connection.cursor() as cursor:
        cursor.execute("select app.built_on(%s)", [run.pk])
        row = cursor.fetchone()
    return bool(row and row[0])


@transaction.atomic
def withdraw(*, by: Me, run: ImportRun, reason: str) -> bool:
    """Ask for the run to be withdrawn: its facts voided, its involvements ended. False where that was done.

    Raises ImportRefused without a reason, or where somebody built on it.
    """
    run = ImportRun.objects.select_for_update(no_key=True).get(pk=run.pk)
    if run.state in (RunState.WITHDRAWING, RunState.WITHDRAWN):
        return False
    if run.state != RunState.DONE:
        raise ImportRefused("Only what was brought in can be withdrawn.")
    if not reason.strip():
        raise ImportRefused("Say why it is withdrawn.", "reason")
    if built_on(run):
        raise ImportRefused(
            "Something was recorded about these children since. It can no longer be withdrawn as a whole: "
            "correct or end what is wrong on each child's page."
        )
    update_checked(run, version=run.version, state=RunState.WITHDRAWING, withdraw_reason=reason.strip()[:200])
    _begin(run)
    return True
