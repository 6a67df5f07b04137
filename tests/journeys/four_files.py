"""Four agencies of one area bring in their caseloads; what is uncertain is answered by those who know the truth."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

from django.db import transaction

from harness.cast import Cast, Member, _member
from teamaround.agencies.models import Agency, Membership, Principal, Team
from teamaround.database.actor import SET_UP, acting_as
from teamaround.importing import actions, deciding, jobs
from teamaround.importing.models import Decision, ImportRow, ImportRun, Outcome, RunState
from teamaround.people.models import Merge, Person
from teamaround.recognition.actions import give_opinion
from teamaround.recognition.loaders import on_list
from teamaround.recognition.models import Pair

DATA = Path(__file__).parents[1] / "data"
TRUTH: dict[str, list[int]] = {
    name: told["person"] for name, told in json.loads((DATA / "truth.json").read_text()).items()
}

Row = tuple[str, int]
"""A row of a file: the file's name, and the row counted from 1."""

#: What a file's team puts right in the rows that were refused, after a look at its own records or a word with the family.
PUT_RIGHT: dict[str, dict[str, dict[str, str]]] = {
    "caseload-young-carers.csv": {
        "YC0038": {"D.O.B.": "31/12/2013"},
        "YC0089": {"D.O.B.": "28/02/2013"},
        "YC0142": {"Young carer (SURNAME, first)": "HARTING, Theodore"},
        "YC0201": {"Post code": "M16 7UH"},
    },
    "caseload-school.csv": {
        "B801200005002": {"UPN": ""},
        "A801200222810": {"DoB": "29 Feb 2012"},
        "C801200524008": {"DoB": "3 Mar 2009"},
        "G801200325557": {"DoB": "26 Jul 2026"},
    },
}


Pairs = set[tuple[Row, Row]]


def pairs_of(groups: dict[int, list[Row]]) -> Pairs:
    """All pairs within the groups."""
    return {pair for group in groups.values() for pair in combinations(sorted(group), 2)}


def child_of(row: Row) -> int:
    """Which child a row is about, in truth."""
    name, number = row
    return TRUTH[name][number - 1]


@dataclass
class Area:
    """Four teams with a file each, and two people who may join the records of all of them."""

    cast: Cast
    files: dict[str, Member]
    first: Member
    second: Member
    runs: dict[str, ImportRun] = field(default_factory=dict)

    def check(self, name: str, content: bytes) -> ImportRun:
        """Upload a file and have its rows checked."""
        member = self.files[name]
        with self.cast.as_(member) as me:
            run = actions.upload(by=me, team=member.team.pk, filename=name, content=content)
            fields = {column.position: column.field for column in run.columns.all()}
            actions.set_columns(by=me, run=run, version=run.version, fields=fields, role=run.role)
        return self.step(member, run, RunState.CHECKED)

    def step(self, member: Member, run: ImportRun, state: RunState) -> ImportRun:
        """What the background worker does next for a run."""
        with acting_as(member.me.actor()):
            jobs.step(member.me, run.pk)
            with transaction.atomic():
                run.refresh_from_db()
        assert run.state == state, run.failure
        return run

    def bring_in(self, name: str, content: bytes = b"") -> None:
        """A file from upload to brought in, each uncertain row decided by what is true."""
        member, run = self.files[name], self.check(name, content or (DATA / name).read_bytes())
        answers = self.answers(name, run)
        with self.cast.as_(member) as me:
            actions.decide(by=me, run=run, answers=answers)
            run.refresh_from_db()
            assert actions.confirm(by=me, run=run)
        self.runs[name] = self.step(member, run, RunState.DONE)

    def complete(self, name: str) -> int:
        """The refused rows as their page hands them out, put right and uploaded once more; how many they were."""
        member, again = self.files[name], f"completed-{name}"
        handed_out = member.client().get(f"/caseload/{self.runs[name].uuid}/refused.csv").content
        heading, *rows = csv.reader(io.StringIO(handed_out.decode("utf-8-sig")))
        with self.cast.as_(member):
            refused = ImportRow.objects.filter(run=self.runs[name], outcome=Outcome.REFUSE)
            numbers = list(refused.order_by("number").values_list("number", flat=True))
        out = io.StringIO(newline="")
        writer = csv.writer(out)
        writer.writerow(heading)
        for row in rows:
            told = dict(zip(heading, row, strict=True))
            writer.writerow((told | PUT_RIGHT[name][row[0]]).values())
        TRUTH[again] = [child_of((name, number)) for number in numbers]
        self.files[again] = member
        self.bring_in(again, out.getvalue().encode())
        return len(rows)

    def answers(self, name: str, run: ImportRun) -> dict[int, tuple[int, str]]:
        """For each uncertain row, with its version, the true one of the children offered, or that it is another."""
        known = self.children()
        said = {}
        with self.cast.as_(self.files[name]):
            rows = {
                row.number: row
                for row in ImportRow.objects.filter(run=run, outcome=Outcome.DECIDE).order_by("number")
            }
            for number, options in deciding.options_of(run, list(rows.values())).items():
                assert options, "a question without anybody whom the row may be"
                child = child_of((name, number))
                fits = (
                    option.value
                    for option in options
                    if child
                    in (known[option.subject] if option.subject else {child_of((name, option.row or 0))})
                )
                said[number] = (rows[number].version, next(fits, Decision.DIFFERENT.value))
        return said

    # What there is --------------------------------------------------------------------------------------------

    def rows(self) -> Iterator[tuple[Row, ImportRow]]:
        """Every row that was brought in."""
        for name, run in self.runs.items():
            with self.cast.as_(self.files[name]):
                for row in ImportRow.objects.filter(run=run).exclude(subject_id=None).iterator():
                    yield (name, row.number), row

    def roots(self) -> dict[int, int]:
        """Each record with the one that stands for its child now."""
        with self.cast.as_(self.first):
            into = dict(Merge.objects.filter(undone_at=None).values_list("subject_id", "into_id"))
            everybody = list(Person.objects.values_list("pk", flat=True))

        def root(record: int) -> int:
            while record in into:
                record = into[record]
            return record

        return {record: root(record) for record in everybody}

    def children(self) -> dict[int, set[int]]:
        """By record, the children in truth of all rows of the person that it belongs to."""
        roots = self.roots()
        told: dict[int, set[int]] = defaultdict(set)
        for place, row in self.rows():
            assert row.subject_id is not None
            told[roots[row.subject_id]].add(child_of(place))
        return defaultdict(set, {record: told[root] for record, root in roots.items()})

    def pairs(self, *, unasked: bool = False) -> tuple[Pairs, Pairs]:
        """The pairs of rows that are one child in truth, and those that stand under one person now. `unasked` leaves
        out of the latter what somebody had to be asked about at the upload: each such row stands for itself."""
        roots, persons, true = self.roots(), defaultdict(list), defaultdict(list)
        for place, row in self.rows():
            true[child_of(place)].append(place)
            if not (unasked and row.outcome == Outcome.DECIDE):
                persons[roots[row.subject_id or 0]].append(place)
        return pairs_of(true), pairs_of(persons)

    def asked(self) -> int:
        """How many rows their uploaders were asked about."""
        return sum(row.outcome == Outcome.DECIDE for _place, row in self.rows())

    # The desk -------------------------------------------------------------------------------------------------

    def same(self, pair: Pair) -> bool:
        """Whether the two records of a pair are one child in truth."""
        known = self.children()
        return bool(known[pair.subject_id] & known[pair.other_id])

    def answer_the_desk(self) -> int:
        """Each pair before people answered as it is, by a second person too where one is wanted; how many pairs."""
        answered = set()
        for member in (self.first, self.second):
            while True:
                with self.cast.as_(member) as me:
                    pair = on_list(me, "open").first()
                if pair is None:
                    break
                answer = "same" if self.same(pair) else "different"
                with self.cast.as_(member) as me:
                    give_opinion(
                        by=me, team=member.team.pk, pair=pair, answer=answer, reason="I know the family."
                    )
                answered.add(pair.pk)
        return len(answered)


def an_area_of_four(cast: Cast) -> Area:
    """The cast with a social care team, and two who manage all four teams for the partnership."""
    with acting_as(SET_UP), transaction.atomic():
        council = Agency.objects.create(
            slug="agency-social-care", name="Northmoor Social Care", sector="council"
        )
        care = Team.objects.create(
            principal=Principal.objects.create(kind="team"),
            agency=council,
            slug="social-care",
            name="Children’s social care",
        )
        cora = _member("cora", "Cora Bright", "Social worker", care, "practitioner")
        files = {
            "caseload-young-carers.csv": cast.yasmin,
            "caseload-school.csv": cast.tom,
            "caseload-gp.xlsx": cast.nina,
            "caseload-social-care.csv": cora,
        }
        joiners = []
        for key, name in (("iris", "Iris Holt"), ("farid", "Farid Nasser")):
            joiner = _member(key, name, "Index manager", cast.yasmin.team, "manager")
            for member in list(files.values())[1:]:
                Membership.objects.create(practitioner=joiner.practitioner, team=member.team, role="manager")
            joiners.append(joiner)
    return Area(cast, files, *joiners)
