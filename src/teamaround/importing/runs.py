"""Bringing in a caseload without a browser: for commands, watched folders and an agency's own system.

The course of a run, all in keyword arguments:

    run = runs.begin(by=me, team=team, key="2026-11-22 nightly", filename="nightly.csv", content=data,
                     mapping={"Surname": "family", "DOB": "date_of_birth"}, whole=True)
    runs.go_on(by=me, run=run.pk)                     # or leave it to the queue: begin(..., queue=True)
    status = runs.status_of(by=me, run=run)           # where it stands, what it waits for, and the counts
    page = runs.rows_of(run=run, after=0, most=500)   # each row: line, state, reasons

Everything is under the policies of whoever acts, and asks for the right to import for the team.

*Idempotent*: a key names one call of one team. The same key with the same content gives the same run again, and
with other content is refused; a step that is called twice, or again after its machine stopped, doubles nothing:
each step is one transaction, and what it found to be done it leaves.

*Asks nobody, and decides nothing in anybody's place*: a row that may be a child who is known already is left out and
says so (`waits`), until somebody takes the run up (`actions.take_up`); columns of which nobody said what they are make the
run wait for a person (`waits_for` is "columns"); of a whole caseload nothing ends before a person answers (`waits_for`
is "ending").
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction

from teamaround.access.me import Me
from teamaround.sheets import FIELDS
from teamaround.sheets.mapping import MappingError, MappingFault

from . import actions, ending, jobs
from .checking import Report, silent
from .models import (
    After,
    Authorisation,
    Decision,
    ImportFile,
    ImportRow,
    ImportRun,
    Origin,
    Outcome,
    RunState,
)

MOST_ROWS_ASKED = 5_000


class KeyReused(actions.ImportRefused):
    """The key was used before by this team, with another content. Nothing was kept."""


@dataclass(frozen=True, slots=True)
class Status:
    """Where a run stands. `state` is one of `RunState`; `waits_for` says what a person has to do before it goes on or
    is complete: "columns", "confirmation", "ending", "decisions", "another try", or "". `failure` is why it
    stopped, in plain words that repeat nobody's data. `counts` are numbers of rows (`ended`: of involvements)."""

    uuid: UUID
    key: str
    state: str
    waits_for: str
    failure: str
    rows: int
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class RowStatus:
    """One row of the file. `number` counts data rows from 1, `line` is the line in the file.

    `state`: before it is brought in "refused", "waits" (may be a child who is known: somebody must decide), "add",
    "recognised", "same" (as an earlier row, `same_as`); after it "refused", "left_out", "waits", "added", "recognised",
    "same"; after a withdrawal "gone", "stays", "kept" or "untouched". `field` and `reasons` say why.
    """

    number: int
    line: int
    state: str
    field: str
    reasons: tuple[str, ...]
    same_as: int | None


@transaction.atomic
def begin(
    *,
    by: Me,
    team: int,
    key: str,
    filename: str = "caseload.csv",
    content: bytes = b"",
    rows: Sequence[Mapping[str, str]] | None = None,
    mapping: Mapping[str, str] | None = None,
    role: str = "",
    date_order: str = "",
    whole: bool = False,
    authorisation: Authorisation | None = None,
    queue: bool = False,
) -> ImportRun:
    """Keep a caseload as a run of the team, and say what its columns are. Kept whole or not at all.

    Give either `content`, the bytes of a CSV or XLSX file, or `rows`, each a mapping of field codes (`sheets.FIELDS`) to
    text; then `mapping` is not needed. `mapping` says which column (heading as in the file) is which field; columns
    not named are left out. Without it the team's memory decides, and where that does not know every column the run
    is kept and waits for a person. `whole` says that these are all the children the team works with.
    `key` names the call, at most 120 characters. With `queue` a job takes it on; the queue needs an `asked_by`
    with an account, so a feed calls `go_on` from a job of its own.

    Raises KeyReused, ImportRefused (no right; no such key), SheetError and MappingError as reading a file does.
    """
    if not key or len(key) > 120:
        raise actions.ImportRefused("Give the call a key of at most 120 characters.", "key")
    if rows is not None:
        content = _as_file(rows)
    earlier = _same_call(team, key, content)
    if earlier is not None:
        return earlier
    try:
        with transaction.atomic():
            run = actions.upload(
                by=by, team=team, filename=filename, content=content, whole=whole,
                authorisation=authorisation, key=key, unattended=True, sent=rows is not None,
            )  # fmt: skip
    except IntegrityError as clash:
        if "import_run_key_once" not in str(clash):
            raise
        # The same call came twice at one moment: the other has just been kept.
        earlier = _same_call(team, key, content)
        if earlier is None:
            raise
        return earlier
    fields = _fields(run, mapping, given=rows is not None)
    if fields is None:
        return run
    actions.set_columns(
        by=by, run=run, version=run.version, fields=fields, role=role or run.role, date_order=date_order
    )
    if queue:
        jobs.go_on.defer(run=run.pk)
    return run


def _same_call(team: int, key: str, content: bytes) -> ImportRun | None:
    earlier = ImportRun.objects.filter(author_team_id=team, key=key).first()
    if earlier is None:
        return None
    digest = ImportFile.objects.values_list("digest", flat=True).get(run=earlier)
    if digest != hashlib.sha256(content).hexdigest():
        raise KeyReused("This key was used before, with another content. Use a new key for each call.", "key")
    return earlier


def _as_file(rows: Sequence[Mapping[str, str]]) -> bytes:
    names = [name for name in FIELDS if any(name in row for row in rows)]
    unknown = sorted({name for row in rows for name in row} - set(FIELDS))
    if unknown:
        faults = [MappingFault(name[:60], "", "There is no such field.") for name in unknown[:20]]
        raise MappingError(faults)
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([FIELDS[name] for name in names])
    writer.writerows([row.get(name, "") for name in names] for row in rows)
    return out.getvalue().encode()


def _fields(run: ImportRun, mapping: Mapping[str, str] | None, *, given: bool) -> dict[int, str] | None:
    columns = list(run.columns.all())
    if given:
        codes = {words: code for code, words in FIELDS.items()}
        return {column.position: codes.get(column.heading, "ignore") for column in columns}
    if mapping is not None:
        missing = sorted(set(mapping) - {column.heading for column in columns})
        if missing:
            reason = "The file has no such column. Choose one of its columns."
            raise MappingError([MappingFault(name[:60], mapping[name], reason) for name in missing[:20]])
        return {column.position: mapping.get(column.heading, "ignore") for column in columns}
    if run.shape_id is None or any(column.origin != Origin.REMEMBERED for column in columns):
        return None
    return {column.position: column.field for column in columns}


def go_on(*, by: Me, run: int, report: Report = silent) -> str:
    """Take a run on as far as it goes without a person; the state in which it then stands (`RunState`).

    May be called at any time and any number of times, by two jobs at once too.
    """
    jobs.step(by, run, report=report)
    with transaction.atomic():
        return str(ImportRun.objects.values_list("state", flat=True).get(pk=run))


def status_of(*, by: Me, run: ImportRun) -> Status:
    """Where the run stands now."""
    run = ImportRun.objects.get(pk=run.pk)
    counts = {
        name: getattr(run, name)
        for name in (
            *("added", "updated", "matched", "same", "undecided", "left_out", "refused", "flagged", "ended"),
        )
    }
    return Status(run.uuid, run.key, run.state, _waits_for(by, run), run.failure, run.rows, counts)


def _waits_for(by: Me, run: ImportRun) -> str:
    if run.state == RunState.UPLOADED:
        return "columns"
    if run.state == RunState.FAILED:
        return "another try"
    if run.state == RunState.CHECKED:
        return "decisions" if run.undecided and not run.unattended else "confirmation"
    if run.state == RunState.DONE and ending.is_waited_for(by=by, run=run):
        return "ending"
    return "decisions" if run.state == RunState.DONE and run.undecided else ""


def find(*, team: int, key: str) -> ImportRun | None:
    """The team's run of that key; None where there is none."""
    return ImportRun.objects.filter(author_team_id=team, key=key).first() if key else None


def rows_of(*, run: ImportRun, after: int = 0, most: int = 500) -> list[RowStatus]:
    """The rows after number `after`, in the order of the file: at most `most`, and never more than 5,000. None
    before the check."""
    run = ImportRun.objects.get(pk=run.pk)
    found = ImportRow.objects.filter(run=run, number__gt=after).order_by("number")
    return [row_status(row, run) for row in found[: min(max(most, 1), MOST_ROWS_ASKED)]]


def row_status(row: ImportRow, run: ImportRun) -> RowStatus:
    """The state of one row of the run, in a word that does not change between versions."""
    reasons = tuple(part for part in (row.reason, row.after_why) if part)
    return RowStatus(row.number, row.line, _state(row, run), row.field, reasons, row.same_as)


def _state(row: ImportRow, run: ImportRun) -> str:
    if row.outcome == Outcome.REFUSE:
        return "refused"
    if run.state == RunState.WITHDRAWN:
        return row.after or After.UNTOUCHED.value
    if row.outcome == Outcome.DECIDE:
        return _decided(row, run)
    done = bool(run.finished_at)
    if done and row.subject_id is None:
        return "left_out"
    words = {Outcome.ADD: "added" if done else "add", Outcome.SAME: "same"}
    return words.get(Outcome(row.outcome), "recognised")


def _decided(row: ImportRow, run: ImportRun) -> str:
    done = bool(run.finished_at)
    if row.decision == Decision.NONE:
        return "waits"
    if row.decision == Decision.SKIP:
        return "left_out"
    if row.decision == Decision.DIFFERENT:
        return "added" if done else "add"
    return "same" if row.same_as else "recognised"
