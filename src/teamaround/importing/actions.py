"""Business events of an upload: uploaded, columns set, decided, confirmed, tried again, withdrawn."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from pathlib import PurePath

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from teamaround.access.edits import StaleEdit, update_checked
from teamaround.access.me import Me
from teamaround.agencies.models import Sector, Team
from teamaround.agencies.refusals import Refused
from teamaround.agencies.roles import Permission
from teamaround.sheets import (
    MAX_BYTES,
    Sheet,
    SheetError,
    check_mapping,
    guess_mapping,
    read_rows,
    read_table,
)
from teamaround.sheets.mapping import MappingError
from teamaround.sheets.names import clean
from teamaround.sheets.table import as_text

from . import checking, deciding, ending, register, remembering, withdrawing
from .models import (
    Authorisation,
    Decision,
    ImportColumn,
    ImportFile,
    ImportProgress,
    ImportRow,
    ImportRun,
    Outcome,
    RunKind,
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
def upload(
    *,
    by: Me,
    team: int,
    filename: str,
    content: bytes,
    whole: bool = False,
    authorisation: Authorisation | None = None,
    key: str = "",
    unattended: bool = False,
    sent: bool = False,
) -> ImportRun:
    """Take a file in, whole or not at all, and say what its columns are as far as the team's memory and the
    headings tell. `whole` says that the file lists the whole caseload; `authorisation` makes it a register of an
    area instead, whose children get no involvement. `sent` says that the content are rows as a system sent them, with
    nothing to be guessed at.

    Raises SheetError for one that cannot be read, and ImportRefused without the right to import for the team, or
    for an authorisation that is not in force for its agency.
    """
    if not by.may_for(Permission.IMPORT_CASELOAD, team):
        raise ImportRefused("You may not bring in a caseload for this team.", "team")
    if authorisation is not None and not register.covers(authorisation, by=by, team=team):
        raise ImportRefused(register.NOT_IN_FORCE, "kind")
    if len(content) > MAX_BYTES:
        raise SheetError(
            f"The file is over {MAX_BYTES // 1024 // 1024} MB.", do="Split it into smaller files."
        )
    sheet = read_rows(content) if sent else read_table(content, filename)
    guess = guess_mapping(sheet)
    headings = [clean(heading)[:200] for heading in sheet.header]
    sheet_name = clean(sheet.sheet_name)[:80]
    offer = remembering.offer_for(team=team, headings=headings, sheet_name=sheet_name)
    said = remembering.put_together(
        {position: guess[heading] for position, heading in enumerate(sheet.header)}, offer
    )
    run = ImportRun.objects.create(
        author_team_id=team,
        filename=short_name(filename),
        read_as=checking.SENT if sent else read_as(sheet),
        role=offer.shape.role if offer else guess_role(Team.objects.select_related("agency").get(pk=team)),
        rows=len(sheet.rows),
        kind=RunKind.REGISTER if authorisation else RunKind.CASELOAD,
        authorisation=authorisation,
        key=key,
        unattended=unattended,
        sheet_name=sheet_name,
        date_order=offer.shape.date_order if offer else remembering.date_order_of(sheet, guess),
        shape=offer.shape if offer else None,
        whole=whole and authorisation is None,
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
            heading=heading,
            samples=_samples(sheet, position),
            field=said[position][0],
            origin=said[position][1],
        )
        for position, heading in enumerate(headings)
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
def set_columns(
    *,
    by: Me,
    run: ImportRun,
    version: int,
    fields: Mapping[int, str],
    role: str,
    date_order: str = "",
    whole: bool | None = None,
) -> ImportRun:
    """Say what each column is (by position), what the team is to these children, how dates are written and whether
    the file lists the whole caseload ("" and None: as the run has it). The check comes next. What is said is
    remembered for the team's next file of that shape.

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
    update_checked(
        run,
        version=version,
        state=RunState.MAPPED,
        role=role,
        date_order=date_order or run.date_order,
        whole=run.whole if whole is None else whole and run.kind == RunKind.CASELOAD,
        failure="",
        confirmed_at=None,
    )
    columns = list(run.columns.all())
    for column in columns:
        column.field = fields.get(column.position, "ignore")
    ImportColumn.objects.bulk_update(columns, ["field"])
    if not run.unattended:
        remembering.remember(by=by, run=run, columns=columns)
    begin_step(run)
    return run


def begin_step(run: ImportRun) -> None:
    """Set the progress of the step that comes next to its beginning."""
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


def same_file_before(run: ImportRun) -> ImportRun | None:
    """The latest earlier run of the team with the very same bytes that was brought in and still stands."""
    digest = ImportFile.objects.values_list("digest", flat=True).get(run=run)
    earlier = ImportRun.objects.filter(
        author_team_id=run.author_team_id, file__digest=digest, state=RunState.DONE, pk__lt=run.pk
    )
    return earlier.order_by("-id").first()


@transaction.atomic
def take_up(*, by: Me, run: ImportRun) -> ImportRun:
    """The file of a run that asked nobody once more, so that a person decides the rows it left out. Whom it brought in
    already is recognised; it lists a part, so that nobody is asked about twice who ends.

    Raises ImportRefused where nothing was left out.
    """
    if run.state != RunState.DONE or not run.undecided:
        raise ImportRefused("Nothing of this file waits for a decision.")
    content = ImportFile.objects.values_list("content", flat=True).get(run=run)
    again = upload(
        by=by,
        team=run.author_team_id,
        filename=run.filename,
        content=bytes(content),
        authorisation=run.authorisation,
        sent=run.read_as == checking.SENT,
    )
    fields = dict(run.columns.values_list("position", "field"))
    set_columns(
        by=by, run=again, version=again.version, fields=fields, role=run.role, date_order=run.date_order
    )
    return again


@transaction.atomic
def confirm(*, by: Me, run: ImportRun) -> bool:
    """Ask for the run to be brought in; it is queued. False where that was done already: a second click.

    Raises ImportRefused while rows wait for a decision, or nothing is to be done.
    """
    run = ImportRun.objects.select_for_update(no_key=True).get(pk=run.pk)
    if run.state != RunState.CHECKED:
        return False
    waiting = checking.undecided(run)
    if waiting and not run.unattended:
        raise ImportRefused(f"{waiting} rows still wait for your decision. Decide them first.")
    if run.rows == run.refused:
        raise ImportRefused("Every row was refused. Correct the file and upload it again.")
    if not run.unattended and ending.is_waited_for(by=by, run=run):
        raise ImportRefused("Say first which of the children whom the file no longer lists end.")
    update_checked(run, version=run.version, state=RunState.QUEUED, confirmed_at=timezone.now(), failure="")
    begin_step(run)
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
    begin_step(run)
    return True


def is_silent(run: ImportRun) -> bool:
    """Whether a background step is under way on paper, but nothing has been heard of it for three minutes."""
    under_way = run.state in (RunState.MAPPED, RunState.QUEUED, RunState.RUNNING, RunState.WITHDRAWING)
    return under_way and run.progress.at < timezone.now() - SILENT_FOR


@transaction.atomic
def withdraw(*, by: Me, run: ImportRun, reason: str, plan: str) -> bool:
    """Ask for the run to be withdrawn, exactly as the plan says that was looked at (`plan` is its digest, see
    `withdrawing.plan_of`). False where that was asked already: a second click.

    Raises ImportRefused without a reason, and where the plan is no longer the one that was looked at.
    """
    run = ImportRun.objects.select_for_update(no_key=True).get(pk=run.pk)
    if run.state in (RunState.WITHDRAWING, RunState.WITHDRAWN):
        return False
    if run.state != RunState.DONE:
        raise ImportRefused("Only what was brought in can be withdrawn.")
    if not reason.strip():
        raise ImportRefused("Say why it is withdrawn.", "reason")
    if withdrawing.plan_of(run).digest != plan:
        raise ImportRefused(withdrawing.CHANGED)
    update_checked(
        run,
        version=run.version,
        state=RunState.WITHDRAWING,
        withdraw_reason=reason.strip()[:200],
        plan_digest=plan,
        failure="",
    )
    begin_step(run)
    return True
