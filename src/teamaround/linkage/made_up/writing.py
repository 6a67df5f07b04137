"""What a sector writes of a made-up child: the truth with the faults of that sector's records."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

import yaml

from teamaround.linkage.features import Record
from teamaround.linkage.made_up.families import (
    TODAY,
    Child,
    Population,
    names_of,
    nhs_number,
    pupil_number,
    raw,
)

SECTORS = ("health", "school", "social_care", "voluntary")
#: Rates that say what a record holds, not how often it is wrong: harsher rates leave them alone.
_HOLDINGS = frozenset({"nhs", "upn", "middle"})
_VOWELS = "aeiou"

# Other ways of writing down the same sounds, as clerks and translators do.
_SPELLINGS = (
    ("ou", "u"), ("oo", "u"), ("ee", "i"), ("ie", "y"), ("y", "i"), ("ph", "f"), ("f", "ph"), ("ck", "k"), ("c", "k"),
    ("k", "c"), ("kh", "k"), ("q", "k"), ("h", ""), ("w", "v"), ("v", "w"), ("sz", "sh"), ("cz", "ch"), ("j", "y"),
    ("aa", "a"), ("a", "aa"), ("z", "s"), ("s", "z"), ("i", "ee"), ("u", "oo"), ("e", "a"), ("a", "e"), ("o", "u"),
    ("mm", "m"), ("ss", "s"), ("ll", "l"), ("tt", "t"), ("nn", "n"), ("l", "ll"), ("n", "nn"), ("t", "th"), ("th", "t"),
    ("ew", "u"), ("ei", "ey"), ("ai", "ay"), ("ey", "ie"), ("wicz", "vich"), ("ski", "sky"), ("dj", "j"), ("ie", "ee"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Written:
    """One record, the number of the child that it is about, and for reports the sector and the name's origin."""

    record: Record
    child: int
    family: int
    sector: str
    origin: str
    faults: tuple[str, ...]


@cache
def rates() -> Mapping[str, Mapping[str, float]]:
    """By sector and fault."""
    text = files("teamaround.linkage.made_up").joinpath("rates.yaml").read_text(encoding="utf-8")
    found: Mapping[str, Mapping[str, float]] = yaml.safe_load(text)
    return found


@cache
def short_forms() -> Mapping[str, tuple[str, ...]]:
    """The generator's own short forms and spellings of forenames."""
    pairs = (entry.split(":") for entry in raw()["short_forms"].split())
    return {name: tuple(others.split(",")) for name, others in pairs}


class Clerk:
    """Writes records. `harsher` multiplies every rate of error (2.0: twice as many faults)."""

    def __init__(self, seed: int, population: Population, *, harsher: float = 1.0) -> None:
        self.random = random.Random(seed)  # noqa: S311 made-up records, not secrets
        self.population = population
        self.rates = {
            sector: {
                fault: rate if fault in _HOLDINGS else min(0.9, rate * harsher)
                for fault, rate in found.items()
            }
            for sector, found in rates().items()
        }

    def write(self, child: Child, sector: str) -> Written:
        """One record of the child."""
        draw, rate = self.random, self.rates[sector]
        faults: list[str] = []

        def fault(kind: str) -> bool:
            hit = draw.random() < rate[kind]
            if hit:
                faults.append(kind)
            return hit

        given, middle = child.given, child.middle
        if fault("middle_first") and middle:
            given, middle = middle, child.given if draw.random() < 0.5 else ""
        elif fault("short_form"):
            given = draw.choice(short_forms().get(given, (given,)))
        if fault("letter"):
            given = self._slip(given)
        if fault("spelling"):
            given = self._respell(given)
        family = self._family(child, fault)
        if fault("initial"):
            given = given[:1]
        if fault("given_missing"):
            given = ""
        if fault("family_missing") and given:
            family = ""
        elif fault("changed_about") and given:
            given, family = family, given
        middle = middle if draw.random() < rate["middle"] else ""
        if middle and draw.random() < 0.25:
            middle = middle[0]
        record = Record(
            given=given,
            middle=middle,
            family=family,
            born=self._born(child.born, fault),
            sex="" if fault("sex_unknown") else child.sex,
            postcodes=self._postcodes(child, fault),
            nhs=self._nhs(child, fault) if draw.random() < rate["nhs"] else "",
            upn=self._upn(child, fault) if draw.random() < rate["upn"] else "",
        )
        return Written(record, child.number, child.family, sector, child.origin, tuple(faults))

    def _family(self, child: Child, fault: Callable[[str], bool]) -> str:
        draw, name = self.random, child.surname
        if fault("surname_changed"):
            other = draw.choice(names_of(child.origin).surnames)
            name = child.birth_name if child.birth_name != name else other
        if fault("double_barrelled"):
            parts = name.split("-")
            other = draw.choice(names_of(child.origin).surnames)
            name = (
                draw.choice(parts) if len(parts) > 1 else draw.choice((f"{name}-{other}", f"{other} {name}"))
            )
        if fault("surname_letter"):
            name = self._slip(name)
        if fault("surname_spelling"):
            name = self._respell(name)
        if name.endswith("ski") and draw.random() < 0.3 and child.sex == "F":
            name = name[:-1] + "a"
        return name.upper() if draw.random() < 0.1 else name

    def _slip(self, name: str) -> str:
        """A letter left out, doubled, changed, or changed about with its neighbour."""
        if len(name) < 3:
            return name
        draw = self.random
        at = draw.randrange(1, len(name))
        kind = draw.randrange(4)
        if kind == 0:
            return name[:at] + name[at + 1 :]
        if kind == 1:
            return name[:at] + name[at] + name[at:]
        if kind == 2:
            return name[:at] + draw.choice("abcdefghijklmnopqrstuvwxyz") + name[at + 1 :]
        return name[: at - 1] + name[at : at + 1] + name[at - 1 : at] + name[at + 1 :]

    def _respell(self, name: str) -> str:
        """Another spelling of the same sounds, once or twice."""
        low = name.lower()
        fitting = [pair for pair in _SPELLINGS if pair[0] in low]
        for old, new in self.random.sample(fitting, min(len(fitting), self.random.choice((1, 1, 2)))):
            low = low.replace(old, new, 1)
        return low.capitalize()

    def _born(self, born: date, fault: Callable[[str], bool]) -> date | None:
        draw = self.random
        if fault("born_missing"):
            return None
        if fault("new_year"):
            return born.replace(month=1, day=1)
        if fault("swapped") and born.day <= 12:
            born = born.replace(month=born.day, day=born.month)
        if fault("figure"):
            kind = draw.randrange(10)
            if kind < 4:
                born = born.replace(
                    day=min(28, max(1, draw.choice((born.day - 1, born.day + 1, born.day + 10))))
                )
            elif kind < 6:
                born = born.replace(month=draw.randint(1, 12), day=min(born.day, 28))
            else:
                born = born.replace(year=born.year + draw.choice((-1, 1, -2, 2, -10)), day=min(born.day, 28))
        return min(max(born, TODAY - timedelta(days=30 * 365)), TODAY)

    def _postcodes(self, child: Child, fault: Callable[[str], bool]) -> tuple[str, ...]:
        draw = self.random
        if fault("postcode_missing"):
            return ()
        code = child.postcode
        earlier: tuple[str, ...] = ()
        if fault("moved"):
            code = (
                child.former if draw.random() < 0.7 else self.population.postcode(child.postcode.split()[0])
            )
        elif draw.random() < 0.05:
            earlier = (child.former,)
        if fault("outward_only"):
            code = code.split()[0]
        elif fault("postcode_letter"):
            at = draw.randrange(len(code) - 3, len(code))
            other = draw.choice("0123456789") if code[at].isdigit() else draw.choice("ABDEFGHJLNPQRSTUWXYZ")
            code = code[:at] + other + code[at + 1 :]
        return (code, *earlier)

    def _nhs(self, child: Child, fault: Callable[[str], bool]) -> str:
        draw = self.random
        if fault("nhs_siblings") and child.siblings:
            return nhs_number(draw.choice(child.siblings))
        if fault("nhs_wrong"):
            if draw.random() < 0.5:
                return nhs_number(draw.randrange(10_000_000, 11_000_000))
            at = draw.randrange(10)
            return child.nhs[:at] + draw.choice("0123456789") + child.nhs[at + 1 :]
        return child.nhs

    def _upn(self, child: Child, fault: Callable[[str], bool]) -> str:
        if fault("upn_wrong"):
            return pupil_number(self.random.randrange(10_000_000, 11_000_000))
        return child.upn
