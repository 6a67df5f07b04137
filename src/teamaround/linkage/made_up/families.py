"""Made-up families: children with brothers, sisters and twins, step-surnames and addresses, mixed by district.

Nobody in it is real, and every choice comes from the seed: the same seed and number give the same children.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from itertools import accumulate
from typing import Any

import yaml
from stdnum.gb import upn

#: Where names come from, and how large a part of all families they are.
ORIGINS: dict[str, float] = {
    "british": 0.58,
    "south_asian_muslim": 0.12,
    "indian": 0.06,
    "eastern_european": 0.08,
    "west_african": 0.05,
    "arabic_somali": 0.05,
    "chinese_vietnamese": 0.03,
    "caribbean": 0.03,
}
AREAS = ("B", "BD", "BL", "HD", "HX", "L", "LS", "M", "OL", "S", "SK", "WA", "WF", "WN")
#: The areas of England, for an index of its size: 103 of them, with 28 districts each as many as it has.
_ENGLAND = (
    "AL B BA BB BD BH BL BN BR BS CA CB CH CM CO CR CT CV CW DA DE DH DL DN DT DY E EC EN EX FY GL GU HA HD HG HP HR HU"
    " HX IG IP KT L LA LE LN LS LU M ME MK N NE NG NN NR NW OL OX PE PL PO PR RG RH RM S SE SG SK SL SM SN SO SP SR SS"
    " ST SW SY TA TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO"
)
ENGLAND = tuple(_ENGLAND.split())
#: Out of a thousand births so many are twins' mothers': about 3% of children are twins.
TWIN_BIRTHS = 0.016
#: The day on which the made-up children are looked at; the oldest is just under 18.
TODAY = date(2026, 9, 1)
_INWARD = "ABDEFGHJLNPQRSTUWXYZ"


@dataclass(frozen=True, slots=True)
class Child:
    """The truth of one made-up child. `former` is the address and `birth_name` the surname before a change."""

    number: int
    family: int
    origin: str
    given: str
    middle: str
    surname: str
    birth_name: str
    sex: str
    born: date
    postcode: str
    former: str
    nhs: str
    upn: str
    siblings: tuple[int, ...] = ()
    twin: bool = False


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one origin with cumulated weights: the commoner first."""

    girls: tuple[str, ...]
    boys: tuple[str, ...]
    surnames: tuple[str, ...]
    girl_weights: tuple[float, ...]
    boy_weights: tuple[float, ...]
    surname_weights: tuple[float, ...]


@cache
def raw() -> dict[str, Any]:
    """The file of names."""
    text = files("teamaround.linkage.made_up").joinpath("names.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


@cache
def names_of(origin: str) -> Names:
    """The names of an origin."""
    lists = [tuple(raw()[origin][kind].split()) for kind in ("girls", "boys", "surnames")]
    weights = [tuple(accumulate(1 / (place + 4) ** 0.8 for place in range(len(found)))) for found in lists]
    return Names(*lists, *weights)


class Population:
    """Children of so many made-up families, drawn one after another from the seed."""

    def __init__(
        self, seed: int, *, areas: tuple[str, ...] = AREAS, districts: int = 19, first: int = 0
    ) -> None:
        """`areas` of so many postcode `districts` each, 300 postcodes a district. Children and families are numbered
        from `first` on, so that parts made apart share no number."""
        self.random = random.Random(seed)  # noqa: S311 made-up children, not secrets
        self.areas, self.districts, self.first = areas, districts, first
        tail = raw()["tail"]
        self._starts = tail["surname_starts"].split()
        self._ends = tail["surname_ends"].split()
        self._parts = tail["forename_parts"].split()
        self._mixes: dict[str, tuple[list[str], list[float]]] = {}

    def children(self, count: int) -> Iterator[Child]:
        """At least `count` children: the last family is complete."""
        number = family = self.first
        while number < self.first + count:
            one = self._family(number, family)
            yield from one
            number += len(one)
            family += 1

    def _family(self, number: int, family: int) -> list[Child]:
        draw = self.random
        area = draw.choice(self.areas)
        outward = f"{area}{draw.randint(1, self.districts)}"
        origin = self._origin(outward)
        surname = self._surname(origin)
        home = self.postcode(outward)
        former = self.postcode(
            outward if draw.random() < 0.4 else f"{draw.choice(self.areas)}{draw.randint(1, self.districts)}"
        )
        births = draw.choices((1, 2, 3, 4, 5), (0.36, 0.38, 0.16, 0.07, 0.03))[0]
        born = TODAY - timedelta(days=draw.randint(0, 18 * 365 - 1))
        step = self._surname(origin) if draw.random() < 0.12 else ""
        apart = draw.random() < 0.06
        made: list[dict[str, Any]] = []
        for _ in range(births):
            twins = 2 if draw.random() < TWIN_BIRTHS else 1
            own = step if step and draw.random() < 0.5 else surname
            for _ in range(twins):
                taken = {one["given"] for one in made}
                made.append(
                    self._child(origin, own, born, taken)
                    | {
                        "postcode": self.postcode(outward)
                        if apart and made and draw.random() < 0.5
                        else home,
                        "former": former,
                        "twin": twins == 2,
                    }
                )
            born = born + timedelta(days=draw.randint(330, 1500))
            if born >= TODAY:
                break
        everyone = range(number, number + len(made))
        return [
            Child(
                number=at,
                family=family,
                origin=origin,
                nhs=nhs_number(at),
                upn=pupil_number(at),
                siblings=tuple(other for other in everyone if other != at),
                **one,
            )
            for at, one in zip(everyone, made, strict=True)
        ]

    def _child(self, origin: str, surname: str, born: date, taken: set[str]) -> dict[str, Any]:
        draw = self.random
        sex = draw.choice("FM")
        given = self._forename(origin, sex)
        while given in taken:
            given = self._forename(origin, sex)
        middle = self._forename(origin, sex) if draw.random() < 0.55 else ""
        birth_name = surname if draw.random() < 0.9 else self._surname(origin)
        return {
            "given": given, "middle": "" if middle == given else middle, "surname": surname,
            "birth_name": birth_name, "sex": sex, "born": born,
        }  # fmt: skip

    def _origin(self, outward: str) -> str:
        mix = self._mixes.get(outward)
        if mix is None:
            # Each district has a mixture of its own around that of the country: some are three quarters one.
            weights = [self.random.gammavariate(max(0.05, share * 3), 1) for share in ORIGINS.values()]
            mix = self._mixes[outward] = (list(ORIGINS), weights)
        return self.random.choices(*mix)[0]

    def _surname(self, origin: str) -> str:
        draw = self.random
        if draw.random() < (0.5 if origin == "british" else 0.12):
            return str(draw.choice(self._starts) + draw.choice(self._ends))
        names = names_of(origin)
        found = draw.choices(names.surnames, cum_weights=names.surname_weights)[0]
        if origin in {"british", "caribbean"} and draw.random() < 0.03:
            return f"{found}-{draw.choice(names.surnames)}"
        return found

    def _forename(self, origin: str, sex: str) -> str:
        draw = self.random
        if draw.random() < 0.06:
            return "".join(draw.choice(self._parts) for _ in range(draw.choice((2, 3, 3)))).capitalize()
        if origin not in {"british", "caribbean"} and draw.random() < 0.08:
            origin = "british"
        names = names_of(origin)
        if sex == "F":
            return draw.choices(names.girls, cum_weights=names.girl_weights)[0]
        return draw.choices(names.boys, cum_weights=names.boy_weights)[0]

    def postcode(self, outward: str) -> str:
        """A postcode of the district: three hundred each, so that families share one as neighbours do."""
        draw = self.random
        return f"{outward} {draw.randint(0, 9)}{draw.choice(_INWARD[:6])}{draw.choice(_INWARD[6:11])}"


def nhs_number(number: int) -> str:
    """The NHS number of the child of that number: valid, and another's for no other child below 11 million."""
    place = number
    while True:
        # A step that shares no factor with the range visits each number once, scattered.
        nine = str(900_000_000 + place * 7_919_317 % 99_999_989)
        digit = -sum(int(figure) * weight for figure, weight in zip(nine, range(10, 1, -1), strict=True)) % 11
        if digit < 10:
            return f"{nine}{digit}"
        place += 11_000_000


def pupil_number(number: int) -> str:
    """A UPN with its check letter."""
    twelve = f"801{number:09d}"
    return str(upn.calc_check_digit(twelve)) + twelve
