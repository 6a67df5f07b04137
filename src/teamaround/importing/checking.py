"""The dry run: what each row would do, worked out against the records of now. It changes no record."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db import transaction
from django.utils import timezone

from teamaround.access.edits import StaleEdit
from teamaround.access.log import Looks, write_look
from teamaround.access.me import Me
from teamaround.index.searching import match_rows, population
from teamaround.linkage.comparisons import level_codes
from teamaround.people.models import Identifier, Person
from teamaround.sheets import FIELDS, Caseload, CaseloadRow, Sheet, read_caseload, read_rows, read_table

from .bulk import insert_many
from .facts import CHUNK, Held, child_of, facts_of
from .matching import Candidate, Child, Verdict, as_candidate, bears_reference, features, judge, reason
from .models import DateOrder, Decision, ImportFile, ImportRow, ImportRun, Outcome, RunKind, RunState

Report = Callable[[int, int], None]
#: How rows that a system sent by themselves are read: as they are, where a file is guessed at.
SENT = "Rows as a system sent them"
#: After so many rows the progress is told.
MATCHED_AT_ONCE = 2_000


def silent(done: int, total: int) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True, slots=True)
class Known:
    """A person that a row may be, as the matching function shows them: no more than a search does."""

    subject: int
    uuid: uuid.UUID
    given: str
    family_name: str
    born: dt.date | None
    precision: str
    sex: str
    area: str
    candidate: Candidate

    @property
    def name(self) -> str:
        """Given and family name as one reads them."""
        return f"{self.given} {self.family_name}".strip()


@dataclass(frozen=True, slots=True)
class Line:
    """What one kept row would do. `options` are the subjects, `rows` the earlier rows, that it may be."""

    row: CaseloadRow
    outcome: Outcome
    why: str = ""
    subject: int | None = None
    same_as: int | None = None
    options: tuple[int, ...] = ()
    rows: tuple[int, ...] = ()


def sheet_of(run: ImportRun) -> Sheet:
    """The run's file, read again."""
    content = bytes(ImportFile.objects.values_list("content", flat=True).get(run=run))
    return read_rows(content) if run.read_as == SENT else read_table(content, run.filename)


def mapping_of(run: ImportRun, sheet: Sheet) -> dict[str, str]:
    """Column name to field, as the person set it."""
    chosen = run.columns.values_list("position", "field")
    return {sheet.header[position]: field for position, field in chosen if position < len(sheet.header)}


def caseload_of(run: ImportRun) -> tuple[Sheet, Caseload]:
    """The run's rows as its columns say, with today as the day on which nobody is born later."""
    sheet = sheet_of(run)
    month_first = run.date_order == DateOrder.MONTH_FIRST
    return sheet, read_caseload(sheet, mapping_of(run, sheet), timezone.localdate(), month_first=month_first)


def people_like(children: Mapping[int, Child], *, among: float | None = None) -> dict[int, list[Known]]:
    """For each numbered child the people it may be, the likeliest first, `among` so many."""
    rows = {number: features(child) for number, child in children.items()}
    return {
        number: [
            Known(
                one.subject, one.uuid, one.given, one.family_name, one.date_of_birth, one.born_precision, one.sex, one.area,
                Candidate(f"p:{one.subject}", one.weight, one.family, level_codes(one.levels)),
            )
            for one in likely
        ]
        for number, likely in match_rows(rows, among=among).items()
    }  # fmt: skip


def filed_under(references: Mapping[int, str], *, team: int) -> dict[int, tuple[int, Child]]:
    """For each numbered row the child whom the team itself filed under the row's reference, where it is one."""
    held: dict[str, set[int]] = defaultdict(set)
    own = Identifier.objects.filter(author_team_id=team, scheme="local", voided_at=None)
    for value, subject in own.filter(value__in=set(references.values())).values_list("value", "subject_id"):
        held[value].add(subject)
    people = Person.objects.in_bulk({subject for subjects in held.values() for subject in subjects})
    found = {}
    for number, value in references.items():
        one = [people[subject] for subject in held.get(value, ()) if subject in people]
        if len(one) == 1:
            person = one[0]
            found[number] = (
                person.pk,
                Child(
                    person.given, person.family_name, person.date_of_birth, person.born_precision, person.sex
                ),
            )
    return found


def work_out(
    caseload: Caseload, *, team: int, among: float | None = None, report: Report = silent
) -> list[Line]:
    """What each kept row would do for the team, in the order of the file. `among` as `match_rows` has it."""
    children = {row.number: child_of(row) for row in caseload.rows}
    alike = {number: group for group in caseload.duplicates_in_file for number in group}
    lines: dict[int, Line] = {}
    claimed: dict[int, int] = {}
    for start in range(0, len(caseload.rows), MATCHED_AT_ONCE):
        part = caseload.rows[start : start + MATCHED_AT_ONCE]
        known = people_like({row.number: children[row.number] for row in part}, among=among)
        filed = filed_under({row.number: row.reference for row in part if row.reference}, team=team)
        for row in part:
            earlier = [
                number for number in alike.get(row.number, ()) if number < row.number and number in lines
            ]
            line = _line(
                row, children, known.get(row.number, []), filed.get(row.number), earlier, lines, claimed
            )
            lines[row.number] = line
            if line.subject is not None:
                claimed.setdefault(line.subject, row.number)
        report(start + len(part), len(caseload.rows))
    return list(lines.values())


def _line(
    row: CaseloadRow,
    children: Mapping[int, Child],
    known: Sequence[Known],
    filed: tuple[int, Child] | None,
    earlier: Sequence[int],
    lines: Mapping[int, Line],
    claimed: Mapping[int, int],
) -> Line:
    child = children[row.number]
    subjects = {one.candidate.key: one.subject for one in known}
    verdict = judge([one.candidate for one in known])
    in_file = judge([as_candidate(str(number), children[number], child) for number in earlier])
    rows = tuple(int(key) for key in in_file.keys)
    if filed is not None and verdict.kind != "recognised":
        bearer = as_candidate(f"p:{filed[0]}", filed[1], child)
        if bears_reference(bearer):
            verdict = Verdict("recognised", (bearer.key,), "your own reference, " + reason(bearer))
            subjects[bearer.key] = filed[0]
    if verdict.kind == "recognised":
        subject = subjects[verdict.keys[0]]
        if subject in claimed:
            return Line(row, Outcome.SAME, verdict.why, same_as=claimed[subject])
        if in_file.kind != "recognised":
            return Line(row, Outcome.UPDATE, verdict.why, subject=subject)
        why = "fits a child in the records and another row of this file, which are not the same child"
        return Line(row, Outcome.DECIDE, why, options=(subject,), rows=rows)
    if in_file.kind == "recognised" and verdict.kind == "new":
        first = lines[rows[0]]
        leader = first.same_as if first.outcome == Outcome.SAME and first.same_as else rows[0]
        return Line(row, Outcome.SAME, in_file.why, same_as=leader)
    if verdict.kind == "unsure" or in_file.kind != "new":
        why = verdict.why if verdict.kind == "unsure" else in_file.why
        options = tuple(subjects[key] for key in verdict.keys)
        return Line(row, Outcome.DECIDE, why, options=options, rows=rows)
    return Line(row, Outcome.ADD)


def refine(lines: Sequence[Line], *, team: int, own_school: str, involves: bool = True) -> list[Line]:
    """Tell recognised children of whom something is added from those where nothing changes. A register of an area
    `involves` nobody."""
    held = Held(team, involves=involves)
    held.load(line.subject for line in lines if line.subject is not None)
    return [
        replace(line, outcome=Outcome.MATCH)
        if line.subject is not None and not held.news(line.subject, facts_of(line.row, own_school=own_school))
        else line
        for line in lines
    ]


@transaction.atomic
def check(*, by: Me, run: ImportRun, report: Report = silent) -> ImportRun:
    """Work out every row and keep the result, to be looked at and decided. Decisions that still stand are kept.

    Raises StaleEdit where somebody else moved the run on; SheetError and MappingError as `read_caseload` does.
    Whoever was recognised is written to the access log: matching a file is a search.
    """
    run = (
        ImportRun.objects.select_for_update(no_key=True, of=("self",))
        .select_related("author_team__agency")
        .get(pk=run.pk)
    )
    if run.state != RunState.MAPPED:
        raise StaleEdit
    _, caseload = caseload_of(run)
    own_school = own_school_of(run)
    among = population()
    lines = work_out(caseload, team=run.author_team_id, among=among, report=report)
    involves = run.kind == RunKind.CASELOAD
    lines = refine(lines, team=run.author_team_id, own_school=own_school, involves=involves)
    rows = _rows(run, caseload, lines, own_school)
    _keep(run, rows, {line.row.number: line.options for line in lines})
    _keep_likeness(run, {line.row.number: line.rows for line in lines if line.outcome == Outcome.DECIDE})
    counts = Counter(row.outcome for row in rows)
    ImportRun.objects.filter(pk=run.pk).update(
        state=RunState.CHECKED,
        failure="",
        checked_at=timezone.now(),
        among=among,
        rows=caseload.total,
        added=counts[Outcome.ADD],
        updated=counts[Outcome.UPDATE],
        matched=counts[Outcome.MATCH],
        same=counts[Outcome.SAME],
        refused=counts[Outcome.REFUSE],
        undecided=undecided(run),
        flagged=sum(row.flagged for row in rows),
        version=run.version + 1,
    )
    seen = {subject for line in lines for subject in (line.subject, *line.options) if subject is not None}
    if seen:
        looks = Looks(
            {subject: {"index"} for subject in seen}, "search", "Matching the rows of an uploaded caseload"
        )
        write_look(actor=by.actor(), page="importing:check", looks=looks)
    run.refresh_from_db()
    return run


def own_school_of(run: ImportRun) -> str:
    """The uploading school's name, where children are on its roll."""
    return run.author_team.agency.name if run.role == "school" else ""


def undecided(run: ImportRun) -> int:
    """How many rows still wait for a decision."""
    return ImportRow.objects.filter(run=run, outcome=Outcome.DECIDE, decision=Decision.NONE).count()


def _rows(run: ImportRun, caseload: Caseload, lines: Sequence[Line], own_school: str) -> list[ImportRow]:
    flags: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for problem in caseload.flagged:
        flags[problem.row].append((problem.field, problem.reason))
    for line in lines:
        flags[line.row.number].extend(facts_of(line.row, own_school=own_school).notes)
    found = [
        ImportRow(
            run=run,
            author_team_id=run.author_team_id,
            number=problem.row,
            line=problem.line,
            outcome=Outcome.REFUSE,
            field=problem.field,
            reason=problem.reason,
        )
        for problem in caseload.refused
    ]
    for line in lines:
        row, child = line.row, child_of(line.row)
        said = flags[row.number]
        found.append(
            ImportRow(
                run=run,
                author_team_id=run.author_team_id,
                number=row.number,
                line=row.line,
                outcome=line.outcome,
                flagged=bool(said),
                field=said[0][0] if said else "",
                reason=" ".join(_said(line, said)),
                given=child.given,
                middle=child.middle,
                family_name=child.family_name,
                date_of_birth=child.born,
                born_precision=child.precision,
                sex=child.sex,
                postcode=child.postcode,
                nhs=child.nhs,
                upn=child.upn,
                subject_id=line.subject,
                same_as=line.same_as,
            )
        )
    return found


def _said(line: Line, flags: Sequence[tuple[str, str]]) -> Iterator[str]:
    if line.why:
        yield line.why[:1].upper() + line.why[1:] + "."
    for field, text in flags:
        yield f"{FIELDS.get(field, field)}: {text}"


_SAID = (
    *("line", "outcome", "flagged", "field", "reason", "given", "middle", "family_name", "date_of_birth"),
    *("born_precision", "sex", "postcode", "nhs", "upn", "subject_id", "same_as"),
    *("decision", "decided_by_id", "decided_at"),
)


def _keep(run: ImportRun, rows: Sequence[ImportRow], options: Mapping[int, Sequence[int]]) -> None:
    decided = {
        row.number: row
        for row in ImportRow.objects.filter(run=run, outcome=Outcome.DECIDE).exclude(decision=Decision.NONE)
    }
    leaders = {row.number for row in rows if row.outcome != Outcome.REFUSE and row.same_as is None}
    for row in rows:
        earlier = decided.get(row.number)
        if earlier is not None and _stands(earlier, row, options.get(row.number, ()), leaders):
            row.decision, row.subject_id, row.same_as = earlier.decision, earlier.subject_id, earlier.same_as
            row.decided_by_id, row.decided_at = earlier.decided_by_id, earlier.decided_at
            row.version = earlier.version
    for start in range(0, len(rows), 2 * CHUNK):
        part = rows[start : start + 2 * CHUNK]
        insert_many(
            ImportRow,
            same={"run_id": run.pk, "author_team_id": run.author_team_id},
            columns={name: [getattr(row, name) for row in part] for name in ("number", *_SAID)},
            replacing=(("run_id", "number"), _SAID),
        )


def _keep_likeness(run: ImportRun, like: Mapping[int, Sequence[int]]) -> None:
    """Which earlier rows each uncertain one may be: few rows of a file."""
    ImportRow.objects.filter(run=run).exclude(like_rows=[]).update(like_rows=[])
    for number, rows in like.items():
        if rows:
            ImportRow.objects.filter(run=run, number=number).update(like_rows=list(rows))


def _stands(earlier: ImportRow, row: ImportRow, options: Sequence[int], leaders: set[int]) -> bool:
    """Whether a decision still holds: the row speaks of the same child, who may still be the one chosen."""
    if row.outcome != Outcome.DECIDE or child_in(earlier) != child_in(row):
        return False
    if earlier.decision != Decision.SAME:
        return True
    return earlier.subject_id in options or earlier.same_as in leaders


def child_in(row: ImportRow) -> Child:
    """What a kept row says of its child."""
    return Child(
        *(row.given, row.family_name, row.date_of_birth, row.born_precision),
        *(row.sex, row.postcode, row.nhs, row.upn, row.middle),
    )
