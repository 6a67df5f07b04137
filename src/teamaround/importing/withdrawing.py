"""Withdrawing what a run brought in, after others built on it: what would go, what stays and why, and then exactly that.

- A child whom the run added goes, unless anything else rests on them: another team or another file, a referral, a
  case, a decision about sharing, a joining with another record, anything that was recorded by hand.
- What the run wrote is voided, and its involvements end, whoever rests on the child. What the team's own latest
  later file says as well stays, as that file's. What was changed by hand since stays.
- What the run ended runs on again, unless something else took its place.

Nothing is deleted: the history keeps all of it, with the reason.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import connection, models, transaction
from django.db.models.functions import Greatest
from django.utils import timezone

from teamaround.access.edits import StaleEdit
from teamaround.access.me import Me
from teamaround.index import freshness
from teamaround.index.models import Involvement
from teamaround.people.models import Address, Caring, Identifier, Person, PersonName, SchoolPlace
from teamaround.sheets.names import fold

from .checking import Report, caseload_of, own_school_of, silent
from .facts import CHUNK, Facts, facts_of
from .models import After, ImportMade, ImportRow, ImportRun, MadeKind, Outcome, RunKind, RunState
from .resting import reasons_of

CHANGED = (
    "Since you looked, something was recorded that changes what would go and what stays. Nothing was withdrawn. "
    "Look at it again."
)

FACTS: Mapping[MadeKind, type[models.Model]] = {
    MadeKind.NAME: PersonName,
    MadeKind.ADDRESS: Address,
    MadeKind.IDENTIFIER: Identifier,
    MadeKind.SCHOOL: SchoolPlace,
    MadeKind.CARING: Caring,
}
ENDED: Mapping[MadeKind, tuple[type[models.Model], MadeKind, Mapping[str, object]]] = {
    MadeKind.ADDRESS_ENDED: (Address, MadeKind.ADDRESS, {"kind": "home"}),
    MadeKind.SCHOOL_ENDED: (SchoolPlace, MadeKind.SCHOOL, {}),
}


class PlanChanged(Exception):
    """What would go is no longer what was looked at. Nothing was withdrawn."""


@dataclass(slots=True)
class Plan:
    """What a withdrawal does, by kind of row; children by subject. `kept` are rows that go over to a later file of
    the team (its run's number); `by_hand` the children of whom the run's own row was changed since."""

    added: set[int] = field(default_factory=set)
    gone: set[int] = field(default_factory=set)
    resting: set[int] = field(default_factory=set)
    void: dict[MadeKind, list[int]] = field(default_factory=lambda: defaultdict(list))
    end: list[int] = field(default_factory=list)
    reopen: dict[MadeKind, list[int]] = field(default_factory=lambda: defaultdict(list))
    again: list[int] = field(default_factory=list)
    kept: list[tuple[MadeKind, int, int]] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)
    repeated: set[int] = field(default_factory=set)
    by_hand: set[int] = field(default_factory=set)

    @property
    def facts(self) -> int:
        """How many names, addresses, numbers, schools and cares are voided."""
        return sum(len(rows) for rows in self.void.values())

    @property
    def digest(self) -> str:
        """Says what the plan does, to the row; reasons are no part of it."""
        told = [
            sorted(self.gone),
            sorted((kind.value, sorted(rows)) for kind, rows in self.void.items() if rows),
            sorted(self.end),
            sorted((kind.value, sorted(rows)) for kind, rows in self.reopen.items() if rows),
            sorted(self.again),
            sorted((kind.value, row, run) for kind, row, run in self.kept),
        ]
        return hashlib.sha256(repr(told).encode()).hexdigest()

    def after(self, subject: int | None) -> After:
        """What becomes of a child of the run."""
        if subject is None:
            return After.UNTOUCHED
        if subject in self.gone:
            return After.GONE
        if subject in self.repeated:
            return After.KEPT
        return After.STAYS if subject in self.touched or subject in self.resting else After.UNTOUCHED


def plan_of(run: ImportRun) -> Plan:
    """What withdrawing the run would do now. Reads only."""
    standing = _standing(run)
    added = {subject for _, subject, _ in standing[MadeKind.PERSON]}
    plan = Plan(added=added)
    with connection.cursor() as cursor:
        cursor.execute("select app.rests_on(%s)", [run.pk])
        plan.resting = {row[0] for row in cursor.fetchall()}
    later = _Later(run)
    plan.gone = added - plan.resting - set(later.runs)
    plan.repeated = set(later.runs)
    plan.kept += [
        (MadeKind.PERSON, subject, later.runs[subject]) for subject in sorted(added & plan.repeated)
    ]
    closed, ended = _closed(run)
    for kind in FACTS:
        _facts(plan, kind, standing[kind], later, ended)
    _involvements(plan, standing[MadeKind.INVOLVEMENT], later)
    for kind in ENDED:
        _reopened(plan, kind, closed, run)
    plan.again = _runs_again(closed[MadeKind.INVOLVEMENT_ENDED])
    return plan


def _standing(run: ImportRun) -> dict[MadeKind, list[tuple[int, int, int]]]:
    """What the run made and still stands, by kind: number, subject and version. One query."""
    parts = [
        f"select m.kind, x.id, x.subject_id, x.version from import_made m join {model._meta.db_table} x "  # noqa: S608  # tables of the models above
        f"on x.id = m.row where m.run_id = %(run)s and m.kind = '{kind.value}' and x.voided_at is null"
        for kind, model in FACTS.items()
    ]
    parts.append(
        "select m.kind, x.subject_id, x.subject_id, x.version from import_made m join person x on x.subject_id = m.row "
        "where m.run_id = %(run)s and m.kind = 'person' and x.voided_at is null"
    )
    parts.append(
        "select m.kind, x.id, x.subject_id, x.version from import_made m join involvement x on x.id = m.row "
        "where m.run_id = %(run)s and m.kind = 'involvement' and x.until is null"
    )
    found: dict[MadeKind, list[tuple[int, int, int]]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(" union all ".join(parts) + " order by 1, 2", {"run": run.pk})
        for kind, row, subject, version in cursor.fetchall():
            found[MadeKind(kind)].append((row, subject, version))
    return found


def children_of(run: ImportRun) -> dict[int, int]:
    """The children whom the run's rows became, by subject, each with the number of the first such row."""
    rows = ImportRow.objects.filter(run=run).exclude(subject=None).order_by("-number")
    return {subject: number for subject, number in rows.values_list("subject_id", "number") if subject}


class _Later:
    """What the team's latest later file says of each child whom it lists as well."""

    def __init__(self, run: ImportRun) -> None:
        self.runs: dict[int, int] = {}
        self.involves: set[int] = set()
        self._facts: dict[int, list[Facts]] = defaultdict(list)
        numbers: dict[int, dict[int, int]] = defaultdict(dict)
        with connection.cursor() as cursor:
            cursor.execute(
                "select distinct on (l.subject_id, l.number) l.subject_id, l.run_id, l.number "
                "from import_row l join import_run r on r.id = l.run_id "
                "join (select m.subject_id, max(m.run_id) as latest from import_row m join import_run s on s.id = m.run_id "
                "  where s.author_team_id = %s and s.state = 'done' and s.finished_at > %s "
                "    and m.subject_id in (select o.subject_id from import_row o where o.run_id = %s) "
                "  group by m.subject_id) last on last.subject_id = l.subject_id and last.latest = l.run_id",
                [run.author_team_id, run.finished_at or timezone.now(), run.pk],
            )
            for subject, later, number in cursor.fetchall():
                self.runs[subject] = later
                numbers[later][number] = subject
        for found in ImportRun.objects.filter(pk__in=numbers).select_related("author_team__agency"):
            self._read(found, numbers[found.pk])

    def _read(self, run: ImportRun, numbers: Mapping[int, int]) -> None:
        school = own_school_of(run)
        _, caseload = caseload_of(run)
        for row in caseload.rows:
            if row.number in numbers:
                self._facts[numbers[row.number]].append(facts_of(row, own_school=school))
        if run.kind == RunKind.CASELOAD:
            self.involves.update(numbers.values())

    def repeats(self, kind: MadeKind, rows: Sequence[int]) -> set[int]:
        """Those of the rows whose words one of the later rows about the child says as well."""
        found = set()
        for part in _in_parts(rows):
            for row in FACTS[kind]._default_manager.filter(pk__in=part):
                subject = row.subject_id  # type: ignore[attr-defined]  # every fact has one
                if any(_says(row, facts) for facts in self._facts.get(subject, ())):
                    found.add(row.pk)
        return found


def _says(row: models.Model, facts: Facts) -> bool:
    if isinstance(row, PersonName):
        said = (facts.given, facts.middle, facts.family_name)
        return all(
            fold(one) == fold(other) or (place == 1 and not other)
            for place, (one, other) in enumerate(
                zip((row.given, row.middle, row.family_name), said, strict=True)
            )
        )
    if isinstance(row, Address):
        pairs = ((row.postcode, facts.postcode), (row.lines, facts.lines), (row.phone, facts.phone))
        return all(not held or held == said for held, said in pairs)
    if isinstance(row, Identifier):
        return (row.scheme, row.value) in facts.identifiers
    if isinstance(row, SchoolPlace):
        return (row.school_name, row.young_carer_indicator) == (facts.school, facts.indicator)
    assert isinstance(row, Caring)
    return row.relation.casefold() == facts.relation.casefold()


def _facts(
    plan: Plan,
    kind: MadeKind,
    standing: Sequence[tuple[int, int, int]],
    later: _Later,
    ended: set[tuple[MadeKind, int]],
) -> None:
    repeated = later.repeats(kind, [row for row, subject, _ in standing if subject in later.runs])
    for row, subject, version in standing:
        plan.touched.add(subject)
        if row in repeated:
            plan.kept.append((kind, row, later.runs[subject]))
        elif version > 1 and (kind, row) not in ended:
            plan.by_hand.add(subject)
        else:
            plan.void[kind].append(row)


def _closed(run: ImportRun) -> tuple[dict[MadeKind, list[int]], set[tuple[MadeKind, int]]]:
    """What this run ended, by kind; and what other files of the team ended, by the kind it was written as."""
    mine: dict[MadeKind, list[int]] = defaultdict(list)
    others: set[tuple[MadeKind, int]] = set()
    kinds = (*ENDED, MadeKind.INVOLVEMENT_ENDED)
    rows = ImportMade.objects.filter(author_team_id=run.author_team_id, kind__in=kinds).order_by("id")
    for said, row, by_run in rows.values_list("kind", "row", "run_id"):
        kind = MadeKind(said)
        if by_run == run.pk:
            mine[kind].append(row)
        elif kind in ENDED:
            others.add((ENDED[kind][1], row))
    return mine, others


def _involvements(plan: Plan, standing: Sequence[tuple[int, int, int]], later: _Later) -> None:
    for row, subject, _version in standing:
        plan.touched.add(subject)
        if subject in later.involves:
            plan.kept.append((MadeKind.INVOLVEMENT, row, later.runs[subject]))
        else:
            plan.end.append(row)


def _reopened(plan: Plan, kind: MadeKind, made: Mapping[MadeKind, list[int]], run: ImportRun) -> None:
    """What the run ended runs on, where nothing of the team stands in its place once the run's own is voided."""
    model, written, which = ENDED[kind]
    going = set(plan.void[written])
    for part in _in_parts(made[kind]):
        rows = list(
            model._default_manager.filter(pk__in=part, voided_at=None)
            .exclude(until=None)
            .values_list("pk", "subject_id")
        )
        standing = model._default_manager.filter(
            subject_id__in=[subject for _, subject in rows],
            author_team_id=run.author_team_id,
            until=None,
            voided_at=None,
            **which,
        )
        taken = {subject for pk, subject in standing.values_list("pk", "subject_id") if pk not in going}
        for pk, subject in rows:
            if subject not in taken:
                taken.add(subject)
                plan.reopen[kind].append(pk)
                plan.touched.add(subject)


def _runs_again(made: Sequence[int]) -> list[int]:
    found: list[int] = []
    for part in _in_parts(made):
        ended = Involvement.objects.filter(pk__in=part, end_reason=freshness.EndReason.UNLISTED)
        found += ended.order_by("pk").values_list("pk", flat=True)
    return found


def _in_parts(rows: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(rows), CHUNK):
        yield rows[start : start + CHUNK]


@transaction.atomic
def take_back(*, by: Me, run: ImportRun, report: Report = silent) -> ImportRun:
    """Withdraw the run, exactly as the plan says that was looked at: void whom and what it says, end its involvements,
    let run on what it ended; and say of each row what became of its child. All or nothing.

    The run must be `withdrawing`: raises StaleEdit where it is not, so that a second job does nothing; PlanChanged
    where the records moved since the plan was looked at.
    """
    run = ImportRun.objects.select_for_update(no_key=True).get(pk=run.pk)
    if run.state != RunState.WITHDRAWING:
        raise StaleEdit
    plan = plan_of(run)
    if run.plan_digest and plan.digest != run.plan_digest:
        raise PlanChanged
    now = timezone.now()
    why = _reasons(run, plan)
    _carry_out(run, plan, by=by, now=now, report=report)
    _say_of_rows(run, plan, why)
    ImportRun.objects.filter(pk=run.pk).update(
        state=RunState.WITHDRAWN, withdrawn_at=now, failure="", version=models.F("version") + 1
    )
    run.refresh_from_db()
    return run


def _carry_out(run: ImportRun, plan: Plan, *, by: Me, now: dt.datetime, report: Report) -> None:
    reason = f"Import withdrawn: {run.withdraw_reason}"[:200]
    up = models.F("version") + 1
    void: dict[str, object] = {"voided_at": now, "void_reason": reason, "version": up}
    until: dict[str, object] = {"until": Greatest("since", models.Value(timezone.localdate())), "version": up}
    steps: list[tuple[type[models.Model], Sequence[int], dict[str, object]]] = [
        (FACTS[kind], rows, void) for kind, rows in plan.void.items()
    ]
    steps += [(ENDED[kind][0], rows, {"until": None, "version": up}) for kind, rows in plan.reopen.items()]
    steps += [(Involvement, plan.end, until), (Person, sorted(plan.gone), void)]
    done, total = 0, sum(len(rows) for _, rows, _ in steps)
    for model, rows, changes in steps:
        for part in _in_parts(rows):
            model._default_manager.filter(pk__in=part).update(**changes)
            done += len(part)
            report(done, total)
    if plan.again:
        freshness.begin_unlisted_again(by=by, team=run.author_team_id, involvements=plan.again)
    ImportMade.objects.bulk_create(
        [
            ImportMade(run_id=later, author_team_id=run.author_team_id, kind=kind, row=row)
            for kind, row, later in plan.kept
        ],
        batch_size=CHUNK,
    )


def _reasons(run: ImportRun, plan: Plan) -> dict[int, str]:
    """Why each child who stays does, in words; worked out before anything is withdrawn."""
    staying = sorted(set(children_of(run)) - plan.gone)
    found: dict[int, str] = {}
    for part in _in_parts(staying):
        for subject, reasons in reasons_of(run, plan, part).items():
            found[subject] = " ".join(reasons)[:200]
    return found


def _say_of_rows(run: ImportRun, plan: Plan, why: Mapping[int, str]) -> None:
    rows = list(ImportRow.objects.filter(run=run).values_list("number", "subject_id", "outcome"))
    states = [
        After.UNTOUCHED.value if outcome == Outcome.REFUSE else plan.after(subject).value
        for _, subject, outcome in rows
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "update import_row set after = x.state, after_why = x.why "
            "from unnest(%s::int[], %s::text[], %s::text[]) as x(number, state, why) "
            "where import_row.run_id = %s and import_row.number = x.number",
            [[row[0] for row in rows], states, [why.get(row[1] or 0, "") for row in rows], run.pk],
        )
