"""What a confirmed upload writes: persons, the team's own facts about them, and its involvement. All or nothing."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import connection, models, transaction
from django.utils import timezone

from teamaround.access.categories import Category
from teamaround.access.edits import StaleEdit
from teamaround.access.me import Me
from teamaround.access.models import Subject
from teamaround.agencies.models import Membership
from teamaround.index import freshness
from teamaround.index.models import Involvement
from teamaround.people.actions import agency_of, check_date_of_birth
from teamaround.people.models import Address, Caring, Identifier, Person, PersonName, SchoolPlace
from teamaround.people.readings import teach
from teamaround.sheets.names import fold

from . import ending
from .bulk import insert_many
from .checking import Line, Report, caseload_of, own_school_of, refine, silent, undecided, work_out
from .facts import CHUNK, Facts, Held, News, child_of, facts_of
from .models import Decision, Ending, ImportRow, ImportRun, MadeKind, Outcome, RunKind, RunState

#: One import at a time for the whole area: two files that hold the same child must not both add it.
ONE_AT_A_TIME = 730_114


class RecordsMoved(Exception):
    """Since the check, somebody else added or changed children of this file. Nothing was written."""


class NotDecided(Exception):
    """Rows still wait for a decision. Nothing was written."""


@dataclass(slots=True)
class Place:
    """Where one row goes: a child who is known, one that is still to be added, or nowhere."""

    line: Line
    facts: Facts
    leader: int
    subject: int | None = None
    new: bool = False
    left_out: bool = False


@transaction.atomic
def bring_in(*, by: Me, run: ImportRun, report: Report = silent) -> ImportRun:
    """Write everything that the confirmed run says, in one transaction, and end what was answered to end.

    An unattended run leaves out the rows that wait for a decision. Raises RecordsMoved where the records no longer are as they were when it was checked, NotDecided where a
    row of an attended one waits for a decision, StaleEdit where the run is not under way: a second call, or one
    after a machine stopped in the middle, finds everything done or nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
    run = (
        ImportRun.objects.select_for_update(no_key=True, of=("self",))
        .select_related("author_team__agency")
        .get(pk=run.pk)
    )
    if run.state != RunState.RUNNING:
        raise StaleEdit
    _, caseload = caseload_of(run)
    own_school = own_school_of(run)
    total = len(caseload.rows) * 2
    lines = work_out(
        caseload,
        team=run.author_team_id,
        among=run.among,
        report=lambda done, _: report(done, total),
    )
    involves = run.kind == RunKind.CASELOAD
    lines = refine(lines, team=run.author_team_id, own_school=own_school, involves=involves)
    places = _places(run, lines, own_school)
    writer = _Writer(by=by, run=run)
    writer.held.load(place.subject for place in places if place.subject is not None)
    for start in range(0, len(places), CHUNK):
        writer.write(places[start : start + CHUNK])
        report(len(caseload.rows) + start + CHUNK, total)
    _remember(run, writer)
    if run.whole:
        freshness.confirm_listed(by=by, team=run.author_team_id, subjects=set(writer.subjects.values()))
        ending.carry_out(by=by, run=run)
    counts = Counter(writer.counts)
    ImportRun.objects.filter(pk=run.pk).update(
        state=RunState.DONE,
        failure="",
        added=counts["added"],
        updated=counts["updated"],
        matched=counts["matched"],
        left_out=counts["left out"],
        undecided=undecided(run),
        finished_at=models.Func(function="clock_timestamp", output_field=models.DateTimeField()),
        version=models.F("version") + 1,
    )
    run.refresh_from_db()
    if run.unattended and run.whole and run.ending == Ending.NOT_ASKED:
        ending.ask_later(by=by, run=run)
    return run


def _places(run: ImportRun, lines: Sequence[Line], own_school: str) -> list[Place]:
    """Every kept row with its place, as the check and the decisions said. Raises where they no longer hold."""
    said = {
        row.number: row
        for row in ImportRow.objects.filter(run=run).only(
            "number", "outcome", "subject_id", "same_as", "decision"
        )
    }
    places: dict[int, Place] = {}
    for line in lines:
        row = said.get(line.row.number)
        if row is None or not _still(row, line):
            raise RecordsMoved
        place = Place(line, facts_of(line.row, own_school=own_school), leader=line.row.number)
        if row.outcome == Outcome.DECIDE:
            _decided(place, row, places, unattended=run.unattended)
        elif row.outcome == Outcome.SAME:
            _follow(place, row.same_as, places)
        elif row.outcome == Outcome.ADD:
            place.new = True
        else:
            place.subject = row.subject_id
        places[line.row.number] = place
    return list(places.values())


def _still(row: ImportRow, line: Line) -> bool:
    recognised = (Outcome.UPDATE, Outcome.MATCH)
    if row.outcome in recognised:
        return line.outcome in recognised and line.subject == row.subject_id
    if row.outcome == Outcome.SAME:
        return line.outcome == Outcome.SAME and line.same_as == row.same_as
    return line.outcome == row.outcome


def _decided(place: Place, row: ImportRow, places: dict[int, Place], *, unattended: bool) -> None:
    waits = row.decision == Decision.NONE
    if waits and not unattended:
        raise NotDecided
    if waits or row.decision == Decision.SKIP:
        place.left_out = True
    elif row.decision == Decision.DIFFERENT:
        place.new = True
    elif row.same_as is not None:
        _follow(place, row.same_as, places)
    else:
        if row.subject_id not in place.line.options:
            raise RecordsMoved
        place.subject = row.subject_id


def _follow(place: Place, number: int | None, places: dict[int, Place]) -> None:
    first = places.get(number or 0)
    if first is None:
        raise RecordsMoved
    place.leader, place.subject, place.left_out = first.leader, first.subject, first.left_out


@dataclass
class _Writer:
    """Writes places a thousand at a time and remembers what it made."""

    by: Me
    run: ImportRun
    counts: Counter[str] = field(default_factory=Counter)
    subjects: dict[int, int] = field(default_factory=dict)
    made: dict[MadeKind, list[int]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self.team = self.run.author_team_id
        self.source = agency_of(self.by, self.team)
        self.today = timezone.localdate()
        self.held = Held(self.team, involves=self.run.kind == RunKind.CASELOAD)
        self.workers = _workers(self.team)

    def write(self, places: Sequence[Place]) -> None:
        """Add the children that are new, then what each row says, then the involvements."""
        self._add([place for place in places if place.new and not place.left_out])
        fresh: list[tuple[Place, int, News]] = []
        for place in places:
            if place.left_out:
                self.counts["left out"] += 1
                continue
            subject = place.subject if place.subject is not None else self.subjects[place.leader]
            self.subjects[place.line.row.number] = subject
            news = self.held.news(subject, place.facts)
            self.held.take(subject, place.facts)
            if place.new:
                self.counts["added"] += 1
            elif place.leader == place.line.row.number:
                self.counts["updated" if news else "matched"] += 1
            if news:
                fresh.append((place, subject, news))
        self._write_facts(fresh)
        self._involve(fresh)

    def _add(self, new: Sequence[Place]) -> None:
        children = [child_of(place.line.row) for place in new]
        for child in children:
            check_date_of_birth(child.born, today=self.today)
        teach(given=[child.given for child in children], family=[child.family_name for child in children])
        subjects = [row.pk for row in Subject.objects.bulk_create(Subject(kind="person") for _ in new)]
        insert_many(
            Person,
            same={"author_team_id": self.team, "category": Category.INDEX.value},
            columns={
                "subject_id": subjects,
                "uuid": [uuid.uuid4() for _ in new],
                "given": [child.given for child in children],
                "family_name": [child.family_name for child in children],
                "date_of_birth": [child.born for child in children],
                "born_precision": [child.precision for child in children],
                "sex": [child.sex for child in children],
            },
        )
        self.subjects.update(
            (place.line.row.number, subject) for place, subject in zip(new, subjects, strict=True)
        )
        self.made[MadeKind.PERSON] += subjects

    def _write_facts(self, fresh: Sequence[tuple[Place, int, News]]) -> None:
        self._end_earlier(fresh)
        named = [(place, subject) for place, subject, news in fresh if news.name]
        teach(
            given=[name for place, _ in named for name in (place.facts.given, place.facts.middle)],
            family=[place.facts.family_name for place, _ in named],
        )
        self._create(
            MadeKind.NAME,
            PersonName,
            subject_id=[subject for _, subject in named],
            kind=["alias" if self._spelt_otherwise(place) else "legal" for place, _ in named],
            given=[place.facts.given for place, _ in named],
            middle=[place.facts.middle for place, _ in named],
            family_name=[place.facts.family_name for place, _ in named],
        )
        housed = [(place.facts, subject) for place, subject, news in fresh if news.address]
        self._create(
            MadeKind.ADDRESS,
            Address,
            subject_id=[subject for _, subject in housed],
            lines=[facts.lines for facts, _ in housed],
            postcode=[facts.postcode for facts, _ in housed],
            phone=[facts.phone for facts, _ in housed],
        )
        numbers = [(subject, *number) for _, subject, news in fresh for number in news.identifiers]
        self._create(
            MadeKind.IDENTIFIER,
            Identifier,
            subject_id=[number[0] for number in numbers],
            scheme=[number[1] for number in numbers],
            value=[number[2] for number in numbers],
        )
        placed = [(place.facts, subject) for place, subject, news in fresh if news.school]
        self._create(
            MadeKind.SCHOOL,
            SchoolPlace,
            subject_id=[subject for _, subject in placed],
            school_name=[facts.school for facts, _ in placed],
            young_carer_indicator=[facts.indicator for facts, _ in placed],
        )
        caring = [(place.facts, subject) for place, subject, news in fresh if news.caring]
        self._create(
            MadeKind.CARING,
            Caring,
            Category.ASSESSMENT,
            subject_id=[subject for _, subject in caring],
            relation=[facts.relation for facts, _ in caring],
        )

    def _spelt_otherwise(self, place: Place) -> bool:
        """Another row of the same child came first, or the person is known under another spelling."""
        if place.new:
            return False
        if place.leader != place.line.row.number:
            return True
        return "same name" not in place.line.why

    def _end_earlier(self, fresh: Sequence[tuple[Place, int, News]]) -> None:
        """The team's earlier address or school ends where the file says another, as when typed by hand."""
        for kind, model, extra, said in (
            (MadeKind.ADDRESS_ENDED, Address, {"kind": "home"}, "address"),
            (MadeKind.SCHOOL_ENDED, SchoolPlace, {}, "school"),
        ):
            subjects = [subject for place, subject, news in fresh if not place.new and getattr(news, said)]
            standing = model._default_manager.filter(
                subject_id__in=subjects, author_team_id=self.team, until=None, voided_at=None, **extra
            )
            ending = list(standing.values_list("pk", flat=True)) if subjects else []
            if ending:
                model._default_manager.filter(pk__in=ending).update(
                    until=self.today, version=models.F("version") + 1
                )
                self.made[kind] += ending

    def _create(
        self,
        made_as: MadeKind,
        model: type[models.Model],
        category: Category = Category.IDENTITY,
        /,
        **columns: Sequence[object],
    ) -> None:
        same = {
            "category": category.value,
            "author_team_id": self.team,
            "source_id": self.source,
            "since": self.today,
        }
        self.made[made_as] += insert_many(model, same=same, columns=columns)

    def _involve(self, fresh: Sequence[tuple[Place, int, News]]) -> None:
        begun = [(place.facts, subject) for place, subject, news in fresh if news.involvement]
        self.made[MadeKind.INVOLVEMENT] += insert_many(
            Involvement,
            same={"author_team_id": self.team, "category": Category.INDEX.value, "role": self.run.role},
            columns={
                "subject_id": [subject for _, subject in begun],
                "uuid": [uuid.uuid4() for _ in begun],
                "practitioner_id": [
                    self.workers.get(fold(facts.worker)) if facts.worker else None for facts, _ in begun
                ],
                "since": [self._since(facts.since) for facts, _ in begun],
            },
        )

    def _since(self, registered: dt.date | None) -> dt.date:
        return min(registered or self.today, self.today)


def _workers(team: int) -> dict[str, int]:
    """The team's members by name, and by initial and surname where only one fits."""
    members = Membership.objects.current().filter(team_id=team, practitioner__left_at=None)
    found: dict[str, set[int]] = defaultdict(set)
    for principal, name in members.values_list("practitioner_id", "practitioner__name").distinct():
        words = name.split()
        found[fold(name)].add(principal)
        if len(words) > 1:
            found[fold(words[0][0] + words[-1])].add(principal)
    return {name: next(iter(who)) for name, who in found.items() if len(who) == 1}


def _remember(run: ImportRun, writer: _Writer) -> None:
    """Note what was made, and which child each row became."""
    with connection.cursor() as cursor:
        for kind, rows in writer.made.items():
            cursor.execute(
                "insert into import_made (run_id, author_team_id, kind, row) select %s, %s, %s, unnest(%s::bigint[])",
                [run.pk, run.author_team_id, kind.value, rows],
            )
        cursor.execute(
            "update import_row set subject_id = x.subject from unnest(%s::int[], %s::bigint[]) as x(number, subject) "
            "where import_row.run_id = %s and import_row.number = x.number",
            [list(writer.subjects), list(writer.subjects.values()), run.pk],
        )
