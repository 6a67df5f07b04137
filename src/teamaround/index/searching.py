"""What somebody typed, as the search compares it: read by the one normaliser, and weighed by the model."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from functools import cached_property

from django.db import connection

from teamaround.linkage import COLUMNS, Features, Record, features_of, shipped
from teamaround.linkage.comparisons import level_codes
from teamaround.linkage.explain import said_of
from teamaround.linkage.model import FREQUENCIES, family_chance
from teamaround.linkage.normalise import Precision, is_particle, words
from teamaround.linkage.sounds import sound

#: How much lighter than everything agreeing an answer may be, in bits: a wrong birthday and a name spelt otherwise
#: weigh about so much. Further off stands somebody else.
TOLERATED = 26.0


@dataclass(frozen=True, slots=True)
class Query:
    """What somebody typed to find a person. `born` may be missing; `identifier` is an NHS or pupil number.

    `precision` is how much of `born` is known; `upn` a pupil number beside an NHS number.
    """

    name: str = ""
    born: dt.date | None = None
    postcode: str = ""
    identifier: str = ""
    upn: str = ""
    precision: Precision = "day"

    @property
    def empty(self) -> bool:
        """Whether there is nothing to search by."""
        typed = (self.name, self.postcode, self.identifier, self.upn)
        return not (self.born or any(text.strip() for text in typed))


def named(name: str) -> tuple[str, str, str]:
    """(forename, middle names, surname) of a name as typed: the surname last, with its particles, or before a comma.

    One word alone is a surname; the search tries it as a forename too.
    """
    if "," in name:
        family, _, rest = name.partition(",")
        parts = rest.split()
        return (parts[0] if parts else ""), " ".join(parts[1:]), family.strip()
    parts = [part for part in name.split() if words(part)]
    if len(parts) < 2:
        return "", "", " ".join(parts)
    at = len(parts) - 1
    while at > 1 and is_particle(parts[at - 1]):
        at -= 1
    return parts[0], " ".join(parts[1:at]), " ".join(parts[at:])


@dataclass(frozen=True)
class Wanted:
    """A query made ready: its features, as the database's type `app.features` has them, and its weights."""

    features: Features

    @classmethod
    def of(cls, query: Query) -> Wanted:
        """What a query looks for. Unreadable parts count as not typed."""
        given, middle, family = named(query.name[:400])
        return cls(
            features_of(
                Record(
                    given=given,
                    middle=middle,
                    family=family,
                    born=query.born,
                    precision=query.precision,
                    postcodes=(query.postcode[:12],) if query.postcode.strip() else (),
                    nhs=query.identifier[:40],
                    upn=(query.upn or query.identifier)[:40],
                )
            )
        )

    @property
    def as_forename(self) -> Wanted | None:
        """The same with its one name for a forename; None where forename and surname were told apart."""
        mine = self.features
        if mine.given or not mine.family:
            return None
        first = features_of(Record(given=mine.family))
        nameless = features_of(Record())
        names = {
            name: getattr(first if name.startswith("given") else nameless, name)
            for name in COLUMNS
            if name.startswith(("given", "family"))
        }
        return Wanted(replace(mine, **names))

    @property
    def empty(self) -> bool:
        """Whether nothing in it could be read."""
        mine = self.features
        return not (mine.given or mine.family or mine.born or mine.outward or mine.nhs or mine.upn)

    @property
    def says_too_little(self) -> bool:
        """Whether it is a letter of a name, or the outward part of a postcode, and nothing else."""
        mine = self.features
        if mine.born or mine.postcode or mine.nhs or mine.upn:
            return False
        return len(mine.given) + len(mine.family) < 2

    @property
    def values(self) -> list[str | list[str] | float]:
        """The fields of `app.features`, in order."""
        mine: list[str | list[str] | float] = [
            list(value) if isinstance(value, tuple) else value for value in astuple(self.features)
        ]
        model = shipped()
        return mine + [model.frequency(name, getattr(self.features, name)) for name in FREQUENCIES]

    @property
    def last_sound(self) -> str:
        """How the last part of a double surname sounds."""
        return sound(self.features.family_last)

    @cached_property
    def whole(self) -> float:
        """The weight, before any prior, of a record that agrees in everything that was typed."""
        return shipped().score(self.features, self.features, population=2).weight


@dataclass(frozen=True, slots=True)
class Likely:
    """Somebody whom a row of a caseload may be about. `weight` and `family` as `linkage.Score` has them."""

    subject: int
    uuid: uuid.UUID
    given: str
    family_name: str
    date_of_birth: dt.date | None
    born_precision: str
    sex: str
    area: str
    weight: float
    family: float
    levels: tuple[int, ...]


def population() -> float:
    """How many entries the index holds, as the planner last counted them."""
    with connection.cursor() as cursor:
        cursor.execute("select reltuples from pg_class where oid = 'search_feature'::regclass")
        return float(cursor.fetchone()[0])


def match_rows(rows: Mapping[int, Features], *, among: float | None = None) -> dict[int, list[Likely]]:
    """For each numbered row of a caseload who it may be about, the heaviest first: those whom a person may have to
    look at, and more certain ones. The caller logs whom it shows.

    `among` is the `population` that chance agreement is reckoned with, by default today's: whoever compares two
    answers asks both times with one, since the planner counts anew whenever it likes.
    """
    found: dict[int, list[Likely]] = defaultdict(list)
    numbers = list(rows)
    for start in range(0, len(numbers), MATCHED_AT_ONCE):
        part = [Wanted(rows[number]) for number in numbers[start : start + MATCHED_AT_ONCE]]
        places = ", ".join([ROW] * len(part))
        values = [value for one in part for value in one.values]
        with connection.cursor() as cursor:
            cursor.execute(
                f"select * from app.match_rows(array[{places}], %s::text[], %s, %s)",  # noqa: S608  # placeholders
                [*values, [one.last_sound for one in part], shipped().review, among],
            )
            for place, *known, two_class, apart, levels in cursor.fetchall():
                # `known` is in the order of `Likely`, up to the weight.
                likely = Likely(*(*known, family_chance(two_class, apart), tuple(levels)))
                found[numbers[start + place - 1]].append(likely)
    return found


#: Rows in one statement: each is some thirty parameters.
MATCHED_AT_ONCE = 500
ROW = "row({})::app.features".format(", ".join(["%s"] * (len(COLUMNS) + len(FREQUENCIES))))


#: Said of somebody who lives in a postcode area where the searcher's teams have a site, not in all of the index.
CLOSE_BY = "lives in an area that you work in"


def reasons(levels: Sequence[int], by_another_name: bool, close_by: bool = False) -> tuple[str, ...]:
    """Why an answer is here, in plain words: "same birthday", "surname spelt differently", "lives nearby"."""
    said = [*said_of(level_codes(levels)), *([CLOSE_BY] if close_by else [])]
    if by_another_name and said and said[0] in ("same name", "same surname", "same forename"):
        said[0] += " (another name of theirs)"
    return tuple(said)
