"""What a row says that can be recorded about the child, and what of it a team has recorded already."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from teamaround.index.models import Involvement
from teamaround.people.models import Address, Caring, Identifier, PersonName, SchoolPlace
from teamaround.sheets import CaseloadRow
from teamaround.sheets.names import fold

from .matching import Child

LONGEST = {"phone": 30, "address": 300, "school": 120, "reference": 40, "cares_for": 60}
WORDS = {
    "phone": "The phone number",
    "address": "The address",
    "school": "The name of the school",
    "reference": "The reference",
    "cares_for": "Who the child cares for",
}
CENSUS_CODES = frozenset("PSNY")
CHUNK = 1_000


@dataclass(frozen=True, slots=True)
class Facts:
    """A row's facts, cut to what the records hold. `notes` say which values were left out, and why.

    The reason for the care is not among them: it is the cared-for adult's own information.
    """

    given: str
    middle: str
    family_name: str
    postcode: str = ""
    lines: str = ""
    phone: str = ""
    identifiers: tuple[tuple[str, str], ...] = ()
    school: str = ""
    indicator: str = ""
    relation: str = ""
    since: dt.date | None = None
    worker: str = ""
    notes: tuple[tuple[str, str], ...] = ()


def child_of(row: CaseloadRow) -> Child:
    """The row as matching reads it. A lone middle name stands for the forename."""
    given = row.given or ("" if row.family else row.middle)
    return Child(
        given, row.family, row.dob, row.dob_precision or "day", row.sex, row.postcode, row.nhs, row.upn,
        row.middle if row.given or row.family else "",
    )  # fmt: skip


def facts_of(row: CaseloadRow, *, own_school: str = "") -> Facts:
    """The facts of a row. `own_school` is the uploading school's name, where no column says another."""
    values = {
        "phone": row.phone,
        "address": ", ".join(row.address),
        "school": row.school or own_school,
        "reference": row.reference,
        "cares_for": row.cares_for,
    }
    notes = []
    for name, most in LONGEST.items():
        if len(values[name]) > most:
            values[name] = ""
            notes.append((name, f"{WORDS[name]} is longer than {most} characters and was left out."))
    indicator = row.young_carer
    if indicator and (indicator not in CENSUS_CODES or not values["school"]):
        if indicator not in CENSUS_CODES:
            notes.append(
                ("young_carer", "The young carer indicator is none of P, S, N or Y and was left out.")
            )
        indicator = ""
    child = child_of(row)
    return Facts(
        given=child.given,
        middle=row.middle if row.given or row.family else "",
        family_name=row.family,
        postcode=row.postcode,
        lines=values["address"],
        phone=values["phone"],
        identifiers=tuple(
            (scheme, value)
            for scheme, value in (("nhs", row.nhs), ("upn", row.upn), ("local", values["reference"]))
            if value
        ),
        school=values["school"],
        indicator=indicator,
        relation=values["cares_for"],
        since=row.registered_on,
        worker=row.worker,
        notes=tuple(notes),
    )


@dataclass(frozen=True, slots=True)
class News:
    """What of a row's facts the team has not recorded yet."""

    name: bool = False
    address: bool = False
    identifiers: tuple[tuple[str, str], ...] = ()
    school: bool = False
    caring: bool = False
    involvement: bool = False

    def __bool__(self) -> bool:
        return bool(
            self.name or self.address or self.identifiers or self.school or self.caring or self.involvement
        )


@dataclass(slots=True)
class Held:
    """What one team has recorded about some children, and what an import adds while it runs. One that `involves`
    nobody never misses an involvement."""

    team: int
    involves: bool = True
    names: dict[int, set[tuple[str, str, str]]] = field(default_factory=lambda: defaultdict(set))
    addresses: dict[int, list[tuple[str, str, str]]] = field(default_factory=lambda: defaultdict(list))
    identifiers: set[tuple[int, str, str]] = field(default_factory=set)
    schools: dict[int, tuple[str, str]] = field(default_factory=dict)
    carings: set[tuple[int, str]] = field(default_factory=set)
    involved: set[int] = field(default_factory=set)

    def load(self, subjects: Iterable[int]) -> None:
        """Read the team's own facts about these children: six statements for a thousand of them."""
        wanted = sorted(set(subjects))
        for start in range(0, len(wanted), CHUNK):
            self._load(wanted[start : start + CHUNK])

    def _load(self, part: Sequence[int]) -> None:
        mine = {"subject_id__in": part, "author_team_id": self.team}
        standing = {**mine, "voided_at": None}
        for row in PersonName.objects.filter(**standing).values_list(
            "subject_id", "given", "middle", "family_name"
        ):
            self.names[row[0]].add(_name(*row[1:]))
        current = Address.objects.filter(**standing, kind="home", until=None).order_by("id")
        for subject, *address in current.values_list("subject_id", "postcode", "lines", "phone"):
            self.addresses[subject].append((address[0], address[1], address[2]))
        self.identifiers.update(
            Identifier.objects.filter(**standing).values_list("subject_id", "scheme", "value")
        )
        places = SchoolPlace.objects.filter(**standing, until=None).order_by("id")
        for subject, school, indicator in places.values_list(
            "subject_id", "school_name", "young_carer_indicator"
        ):
            self.schools[subject] = (school, indicator)
        carings = Caring.objects.filter(**standing, until=None).values_list("subject_id", "relation")
        self.carings.update((subject, relation.casefold()) for subject, relation in carings)
        running = Involvement.objects.filter(**mine, until=None)
        self.involved.update(running.values_list("subject_id", flat=True))

    def news(self, subject: int, facts: Facts) -> News:
        """What of these facts is not recorded yet about the child."""
        said = _name(facts.given, facts.middle, facts.family_name)
        known = self.names.get(subject, set())
        shorter = not said[1] and any((one[0], one[2]) == (said[0], said[2]) for one in known)
        address = (facts.postcode, facts.lines, facts.phone)
        return News(
            name=said not in known and not shorter,
            address=any(address)
            and not any(_within(address, one) for one in self.addresses.get(subject, ())),
            identifiers=tuple(
                (scheme, value)
                for scheme, value in facts.identifiers
                if (subject, scheme, value) not in self.identifiers
            ),
            school=bool(facts.school) and self.schools.get(subject) != (facts.school, facts.indicator),
            caring=bool(facts.relation) and (subject, facts.relation.casefold()) not in self.carings,
            involvement=self.involves and subject not in self.involved,
        )

    def take(self, subject: int, facts: Facts) -> None:
        """Remember that these facts are recorded now."""
        self.names[subject].add(_name(facts.given, facts.middle, facts.family_name))
        if facts.postcode or facts.lines or facts.phone:
            self.addresses[subject] = [(facts.postcode, facts.lines, facts.phone)]
        self.identifiers.update((subject, scheme, value) for scheme, value in facts.identifiers)
        if facts.school:
            self.schools[subject] = (facts.school, facts.indicator)
        if facts.relation:
            self.carings.add((subject, facts.relation.casefold()))
        self.involved.add(subject)


def _name(given: str, middle: str, family: str) -> tuple[str, str, str]:
    return fold(given), fold(middle), fold(family)


def _within(said: tuple[str, str, str], known: tuple[str, str, str]) -> bool:
    """Whether an address says nothing beyond a known one."""
    return all(not part or part == standing for part, standing in zip(said, known, strict=True))
