"""Who may see what, computed a second time from `docs/sharing-rules.md` alone.

Plain Python over rows as dictionaries: no database, no Django, nothing of the rooms whose work is checked. An
oracle that shared a line of code with the policies would share their mistakes.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from teamaround.checks.places import Places, Row, holds, midnight
from teamaround.checks.together import Together

DAY = dt.timedelta(days=1)
COMES_OF_AGE = 16

Decision = tuple[Row, Row]
"""A consent and one of its lines."""

SENSITIVE_WORK = {
    "mental_health": "health",
    "substance": "substance",
    "sexual_health": "health",
    "justice": "justice",
    "domestic_abuse": "safeguarding",
}
"""The category of a sensitive team's work, by its sensitivity."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A holder may read a category of a subject now, and on what kind of basis."""

    subject: int
    category: str
    holder: int
    basis: str


@dataclass(frozen=True, slots=True)
class Said:
    """What a ruling decision says in a cell now. `since` is when a "no" began."""

    consent: int
    shares: bool
    since: dt.datetime


class Voice(NamedTuple):
    """A line of decision: whose record decides, about which record."""

    giver: int
    subject: int


@dataclass
class Oracle(Places):
    """The rules applied to one world's rows at one moment.

    `rows` holds every row of the world by table; `now` is the moment of the question.
    """

    grants: frozenset[Grant] = field(init=False)
    sensitivity: dict[int, str] = field(init=False)

    def __post_init__(self) -> None:
        self.sensitivity = {row["id"]: row["sensitivity"] for row in self.table("team")}
        self._present: dict[str, dict[int, Row]] = {}
        self.together = Together(self.table("person_merge"), self.now)
        self._people = {row["subject_id"]: row for row in self.table("person")}
        self._bases = {row["id"]: row for row in self.table("sharing_basis")}
        self._lines: dict[int, list[Row]] = defaultdict(list)
        for line in self.table("sharing_line"):
            self._lines[line["basis_id"]].append(line)
        self._listed: dict[int, set[int]] = defaultdict(set)
        for each in self.table("sharing_shield_holder"):
            self._listed[each["shield_id"]].add(each["holder_id"])
        self._shields = [s for s in self.table("sharing_shield") if self._in_force(s)]
        # Whatever opens one record of a person opens each, but for consents, which say so themselves.
        self.grants = frozenset(self._of_consents()) | frozenset(
            dataclasses.replace(grant, subject=record)
            for grant in self._all_but_consents()
            for record in self.together.records(grant.subject)
        )
        self._open = {(g.subject, g.category, g.holder) for g in self.grants if g.basis != "purpose"}
        self._stated = {(g.subject, g.category, g.holder) for g in self.grants if g.basis == "purpose"}
        self._other: dict[int, set[int]] = defaultdict(set)
        for grant in self.grants:
            if grant.basis != "purpose":
                self._other[grant.subject].add(grant.holder)

    def present(self, table: str, number: int) -> Row | None:
        """The row of a table that has this number."""
        if table not in self._present:
            self._present[table] = {row["id"]: row for row in self.table(table)}
        return self._present[table].get(number)

    def kind_of(self, basis: int) -> str:
        """The kind of a basis."""
        return str(self._bases[basis]["kind"])

    def listed(self, shield: int) -> set[int]:
        """The holders whom a shield names."""
        return self._listed[shield]

    # Where grants come from --------------------------------------------------------------------------

    def granted(self, subject: int | None, category: str, principals: frozenset[int]) -> bool:
        """Whether one of these principals has a grant for the category of the subject now."""
        return any(
            (subject, category, p) in self._open or (subject, category, p) in self._stated for p in principals
        )

    def _all_but_consents(self) -> Iterable[Grant]:
        yield from self._of_involvements()
        yield from self._of_episodes()
        yield from self._of_purposes()
        for basis in self.table("sharing_basis"):
            if basis["kind"] != "consent" and self._basis_holds(basis):
                for line in self._lines[basis["id"]]:
                    if line["answer"] == "share":
                        yield from self._by_line(line, basis["kind"])
        yield from self._of_relatives()

    @staticmethod
    def _by_line(line: Row, basis: str) -> Iterable[Grant]:
        """A line opens its category, and `index` with it."""
        for category in {line["shared_category"], "index"}:
            yield Grant(line["subject_id"], category, line["holder_id"], basis)

    def _of_involvements(self) -> Iterable[Grant]:
        for row in self.table("involvement"):
            if row["until"] is not None and row["until"] <= row["since"]:
                continue
            until = midnight(row["until"]) if row["until"] is not None else None
            if holds(midnight(row["since"]), until, self.now):
                yield Grant(row["subject_id"], "index", row["author_team_id"], "involvement")

    def _of_episodes(self) -> Iterable[Grant]:
        for row in self.table("episode"):
            if row["status"] in ("waiting", "open"):
                for subject in (row["subject_id"], row["family_id"]):
                    if subject is not None:
                        yield Grant(subject, "index", row["author_team_id"], "episode")

    def _of_purposes(self) -> Iterable[Grant]:
        """A purpose holds in its period, unless a full shield binds both its practitioner and their team."""
        for row in self.table("access_purpose"):
            by = frozenset({row["practitioner_id"], row["team_id"]})
            if holds(row["stated_at"], row["until"], self.now) and not self.bound(
                row["subject_id"], by, full=True
            ):
                yield Grant(row["subject_id"], "index", row["practitioner_id"], "purpose")

    def _of_relatives(self) -> Iterable[Grant]:
        """A family member's own account opens who they are, while it is open."""
        for account in self.table("portal_account"):
            if holds(account["opened_at"], account["ended_at"], self.now):
                yield Grant(account["person_id"], "index", account["id"], "own")

    def _basis_holds(self, basis: Row) -> bool:
        """Whether a basis other than consent holds now."""
        ends = [basis["valid_until"], basis["withdrawn_at"]]
        if basis["kind"] in ("safeguarding", "vital", "duty"):
            ends.append(midnight(basis["review_on"] + DAY))
        if basis["kind"] == "break_glass":
            ends.append(basis["valid_from"] + DAY)
        if basis["kind"] == "duty" and not self.duty_in_force():
            return False
        return holds(basis["valid_from"], None, self.now) and all(
            end is None or self.now < end for end in ends
        )

    def duty_in_force(self) -> bool:
        """Whether the law's duty to share is switched on now."""
        return any(
            holds(period["effective_from"], period["effective_until"], self.now)
            for period in self.table("sharing_duty_period")
        )

    # Consent -----------------------------------------------------------------------------------------

    def _of_consents(self) -> Iterable[Grant]:
        cells: dict[tuple[frozenset[int], int, str], list[Decision]] = defaultdict(list)
        for basis in self.table("sharing_basis"):
            if basis["kind"] == "consent" and basis["valid_from"] <= self.now:
                for line in self._lines[basis["id"]]:
                    person = self.together.records(line["subject_id"])
                    cells[person, line["holder_id"], line["shared_category"]].append((basis, line))
        for decisions in cells.values():
            said: dict[Voice, Said] = {}
            lines: dict[Voice, Row] = {}
            for basis, line in decisions:
                words = self.says(basis, line) if self._rules(basis, line, decisions) else None
                if words is not None:
                    voice = Voice(basis["given_by_id"], line["subject_id"])
                    said[voice], lines[voice] = words, line
            for voice in self.stands(said):
                for record in self._opened_by(voice, said[voice].since):
                    yield from self._by_line({**lines[voice], "subject_id": record}, "consent")

    def _opened_by(self, voice: Voice, start: dt.datetime) -> frozenset[int]:
        """The records that a share opens: its own, and each where it was said when they were one already."""
        joined = self.together.joined(voice.subject)
        anew = joined is not None and start >= joined
        return self.together.records(voice.subject) if anew else frozenset({voice.subject})

    def _rules(self, basis: Row, line: Row, decisions: Iterable[Decision]) -> bool:
        """Whether nothing that began since supersedes this decision in its cell.

        A later one of the same giver's record about the same record does; one between other records of the same
        two persons where it began when they were one already.
        """
        giver, subject = basis["given_by_id"], line["subject_id"]
        joined = self.together.joined(giver, subject)
        for other, its in decisions:
            if (other["valid_from"], other["id"]) <= (basis["valid_from"], basis["id"]):
                continue
            if other["given_by_id"] == giver and its["subject_id"] == subject:
                return False
            anew = joined is not None and other["valid_from"] >= joined
            if anew and self.together.same(giver, other["given_by_id"]):
                return False
        return True

    def says(self, basis: Row, line: Row) -> Said | None:
        """What a decision that rules now says in this cell: share, no, or (None) nothing."""
        giver, subject = basis["given_by_id"], line["subject_id"]
        start, withdrawn = basis["valid_from"], basis["withdrawn_at"]
        if not self.together.same(giver, subject):
            lapse = self.lapses(giver, subject)
            if lapse is not None and lapse <= self.now:
                return None
        if line["answer"] != "share":
            return Said(basis["id"], False, start)
        if withdrawn is not None and max(withdrawn, start) <= self.now:
            return Said(basis["id"], False, max(withdrawn, start))
        if self.now < basis["valid_until"]:
            return Said(basis["id"], True, start)
        return None

    def lapses(self, giver: int, subject: int) -> dt.datetime | None:
        """From when somebody else's decisions for the subject say nothing more; None where never."""
        if subject in self._people:
            known = [self._sixteen(record) for record in self.together.records(subject)]
            return min((moment for moment in known if moment is not None), default=None)
        ends = [
            place["until"]
            for place in self.table("family_member")
            if place["subject_id"] == subject
            and self.together.same(giver, place["person_id"])
            and place["voided_at"] is None
        ]
        if not ends or None in ends:
            return None
        return midnight(max(ends))

    def _sixteen(self, record: int) -> dt.datetime | None:
        """The earliest that the 16th birthday could begin by what one record says; None where it says nothing."""
        person = self._people.get(record)
        born = person["date_of_birth"] if person is not None else None
        if person is None or born is None:
            return None
        if person["born_precision"] in ("month", "year"):
            born = born.replace(day=1)
        if person["born_precision"] == "year":
            born = born.replace(month=1)
        return midnight(born.replace(year=born.year + COMES_OF_AGE))

    def stands(self, said: Mapping[Voice, Said]) -> set[Voice]:
        """The lines of decision whose "share" opens the cell; empty where it is not shared."""
        own = {voice for voice in said if self.together.same(*voice)}
        if own:
            return own if all(said[voice].shares for voice in own) else set()
        for voice, words in said.items():
            if not words.shares and not self._lifted(voice, words, said):
                return set()
        return {voice for voice, words in said.items() if words.shares}

    def _lifted(self, voice: Voice, no: Said, said: Mapping[Voice, Said]) -> bool:
        """Whether a settlement for another line's share lifts this "no", which had begun by its start."""
        standing = {words.consent for other, words in said.items() if words.shares and other != voice}
        return any(
            self.together.same(settlement["subject_id"], voice.subject)
            and settlement["basis_id"] in standing
            and holds(settlement["valid_from"], settlement["valid_until"], self.now)
            and no.since <= settlement["valid_from"]
            for settlement in self.table("sharing_settlement")
        )

    # Shields -----------------------------------------------------------------------------------------

    def _in_force(self, shield: Row) -> bool:
        return holds(shield["valid_from"], shield["valid_until"], self.now) and holds(
            None, shield["lifted_at"], self.now
        )

    def bound(self, subject: int | None, principals: frozenset[int], *, full: bool = False) -> bool:
        """Whether a shield of the person (with `full`, one of that level) binds these principals now."""
        records = self.together.records(subject) if subject is not None else ()
        return any(
            shield["subject_id"] in records
            and (not full or shield["level"] == "full")
            and shield["author_team_id"] not in principals
            and not (self._listed[shield["id"]] & principals)
            for shield in self._shields
        )

    def only_passing_by(self, subject: int | None, principals: frozenset[int]) -> bool:
        """Whether these principals hold no grant on the subject but stated purposes."""
        return subject is None or not (self._other[subject] & principals)
