"""The trained model: what each level weighs, how often names occur, and the score of a pair with its reasons.

Three explanations of a pair compete: one child (m), two unrelated children (u), and *two children of one family*
(s). A weight is log2 of odds. `two_class` is what Splink scores, prior and comparisons, m against u; the last
term, `siblings`, takes off what the third explanation takes: the odds are m / (u + s). So brothers, sisters and
twins, who share surname, address and often the birthday, stay apart without a rule of thumb.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from math import log2
from pathlib import Path
from typing import Any

from teamaround.linkage.comparisons import COMPARISONS, UNKNOWN, Comparison, Level, gammas
from teamaround.linkage.conditions import Dialect, Sides, as_float
from teamaround.linkage.features import Features

SHIPPED = "weights.json"
#: Columns whose values have a frequency.
FREQUENCIES = ("given", "family")
#: No weight of odds is let beyond these, so that a power of two stays a number.
LIMIT = 500.0


@dataclass(frozen=True, slots=True)
class Share:
    """How often a level holds among one child's records (m), unrelated children (u), one family's children (s).

    `fixed` is the reason for which m or s was set by hand, "" where they were trained.
    """

    m: float
    u: float
    s: float
    fixed: str = ""


@dataclass(frozen=True, slots=True)
class Term:
    """One step of the waterfall: what it is about, the level's code and what it adds to the weight."""

    name: str
    level: str
    weight: float


@dataclass(frozen=True, slots=True)
class Score:
    """The weight of a pair (log2 of the odds that it is one child), its probability, and the terms that sum to
    the weight. `two_class` leaves the third explanation out; `family` is the probability of one family's two
    children, among all three."""

    weight: float
    probability: float
    terms: tuple[Term, ...]
    two_class: float
    family: float

    @property
    def levels(self) -> dict[str, str]:
        """Comparison name to the level that the pair fell on."""
        return {term.name: term.level for term in self.terms if term.level}


@dataclass(frozen=True)
class Model:
    """A version of the weights. Made by `training.train`, kept as JSON, loaded by `load`.

    `population` is how many children a search is among where nobody says; `siblings` how many brothers and sisters
    a search meets for each right record. Pairs of weight `join` or more join, unless the chance of two children of
    one family is over `family_most`; pairs under `review` stay apart; a person looks at the others.
    """

    version: str
    trained_on: str
    figures: Mapping[str, Any]
    population: int
    siblings: float
    shares: Mapping[str, Mapping[str, Share]]
    names: Mapping[str, Mapping[str, float]]
    rare: Mapping[str, float]
    join: float
    review: float
    family_most: float

    def joins(self, found: Score) -> bool:
        """Whether a pair joins without a person: heavy enough, and not perhaps two children of one family."""
        return found.weight >= self.join and found.family <= self.family_most

    @cached_property
    def _weights(self) -> tuple[tuple[Comparison, dict[int, tuple[Level, float, float, float]]], ...]:
        found = []
        for comparison in COMPARISONS:
            by_gamma = {}
            for level in comparison.levels:
                share = self.shares[comparison.name][level.code]
                by_gamma[comparison.gammas[level.code]] = (
                    level,
                    log2(share.m) - log2(share.u),
                    log2(share.m) - log2(share.s),
                    log2(share.u),
                )
            found.append((comparison, by_gamma))
        return tuple(found)

    def prior(self, population: int | None = None) -> float:
        """log2 of the odds that two records picked at random are one child, among so many children."""
        return -log2(max(2, population or self.population) - 1)

    def frequency(self, column: str, value: str) -> float:
        """How large a part of children bear the name; a name never met counts as rare."""
        return self.names[column].get(value, self.rare[column])

    def score(self, left: Features, right: Features, *, population: int | None = None) -> Score:
        """The pair's score; the order of the two does not matter. `population` is how many children the index
        that is searched, or the files that are linked, hold: the same for every pair of one search."""
        return self.score_levels(
            gammas(left, right), {name: self._commoner(name, left, right) for name in FREQUENCIES}, population
        )

    def _commoner(self, column: str, left: Features, right: Features) -> float:
        one, other = getattr(left, column), getattr(right, column)
        return max(self.frequency(column, one), self.frequency(column, other))

    def score_levels(
        self, numbers: Sequence[int], commoner: Mapping[str, float], population: int | None = None
    ) -> Score:
        """The score of a pair whose levels are known; `commoner` is the greater frequency of the two names."""
        terms = [Term("prior", "", self.prior(population))]
        apart = -log2(self.siblings)
        for number, (comparison, weights) in zip(numbers, self._weights, strict=True):
            if number == UNKNOWN:
                terms.append(Term(comparison.name, "unknown", 0.0))
                continue
            level, weight, against_family, log_u = weights[number]
            terms.append(Term(comparison.name, level.code, weight))
            apart += against_family
            if level.frequency:
                rarity = log_u - log2(commoner[level.frequency])
                terms.append(Term(f"{comparison.name}_rarity", "", rarity))
        two_class = sum(term.weight for term in terms)
        final = combined(two_class, apart)
        terms.append(Term("siblings", "", final - two_class))
        return Score(final, probability(final), tuple(terms), two_class, family_chance(two_class, apart))

    # The same in SQL ----------------------------------------------------------------------------------------

    def two_class_sql(
        self, gamma: Mapping[str, str], sides: Sides, population: int | None = None, prior: str = ""
    ) -> str:
        """Prior and comparisons; `gamma` gives the expression of each comparison's level. Frequencies are
        read from the columns tf_given and tf_family of the two sides. `prior` is SQL to use in its place."""
        parts = [prior or f"({self.prior(population)!r})"]
        for comparison, weights in self._weights:
            cases = []
            for number, (level, weight, _, log_u) in weights.items():
                value = f"({weight!r})"
                if level.frequency:
                    column = f"tf_{level.frequency}"
                    common = f"greatest({sides.left(column)}, {sides.right(column)})"
                    value = f"({weight + log_u!r}) - {_log2(common, sides)}"
                cases.append(f"when {number} then {value}")
            parts.append(f"case {gamma[comparison.name]} {' '.join(cases)} else 0 end")
        return _sum(parts, sides.dialect)

    def apart_sql(self, gamma: Mapping[str, str], dialect: Dialect) -> str:
        """One child against two of one family."""
        parts = [f"({-log2(self.siblings)!r})"]
        for comparison, weights in self._weights:
            cases = " ".join(f"when {number} then ({value[2]!r})" for number, value in weights.items())
            parts.append(f"case {gamma[comparison.name]} {cases} else 0 end")
        return _sum(parts, dialect)

    def splink_levels(self, comparison: Comparison, dialect: Dialect = "duckdb") -> dict[str, object]:
        """The comparison with its weights, as Splink's settings have it."""

        def weights(level: Level) -> dict[str, object]:
            share = self.shares[comparison.name][level.code]
            found: dict[str, object] = {"m_probability": share.m, "u_probability": share.u}
            if level.frequency:
                found |= {
                    "tf_adjustment_column": level.frequency,
                    "tf_adjustment_weight": 1.0,
                    "disable_tf_exact_match_detection": True,
                }
            return found

        return comparison.splink(weights, dialect)


def combined(two_class: float, apart: float) -> float:
    """log2 of m / (u + s) from log2 of m / u and of m / s, without overflow."""
    low, high = min(two_class, apart), max(two_class, apart)
    return low - log2(1.0 + 2.0 ** max(low - high, -LIMIT))


def family_chance(two_class: float, apart: float) -> float:
    """The probability of two children of one family, among the three explanations."""
    odds, family = 2.0 ** min(two_class, LIMIT), 2.0 ** min(two_class - apart, LIMIT)
    return family / (1.0 + odds + family)


def combined_sql(two_class: str, apart: str, sides: Sides) -> str:
    """`combined` in SQL, over two columns or short expressions."""
    low, high = f"least({two_class}, {apart})", f"greatest({two_class}, {apart})"
    power = f"power({as_float('2', sides.dialect)}, greatest({low} - {high}, -{LIMIT}))"
    return f"({low} - {_log2(f'1 + {power}', sides)})"


def probability(weight: float) -> float:
    """The probability of a weight."""
    if weight < 0:
        odds: float = 2.0 ** max(weight, -LIMIT)
        return odds / (1.0 + odds)
    return float(1.0 / (1.0 + 2.0 ** max(-weight, -LIMIT)))


def weight_of(chance: float) -> float:
    """The weight at which a pair has this probability, above 0 and under 1."""
    return log2(chance / (1.0 - chance))


def _log2(expression: str, sides: Sides) -> str:
    if sides.dialect == "postgres":
        # PostgreSQL's log with a base is numeric, exact and slow; the natural logarithm is a float's.
        return f"(ln(({expression})::float8) / {0.6931471805599453!r}::float8)"
    return f"log2({expression})"


def _sum(parts: Sequence[str], dialect: Dialect) -> str:
    return "(" + " + ".join(as_float(part, dialect) for part in parts) + ")"


def dump(model: Model) -> str:
    """The model as JSON, one name or level a line, so that two versions can be compared."""
    shares = {
        name: {code: [share.m, share.u, share.s, share.fixed] for code, share in levels.items()}
        for name, levels in model.shares.items()
    }
    whole = {
        "version": model.version,
        "trained_on": model.trained_on,
        "figures": model.figures,
        "population": model.population,
        "siblings": model.siblings,
        "join": model.join,
        "review": model.review,
        "family_most": model.family_most,
        "shares": shares,
        "rare": model.rare,
        "names": model.names,
    }
    return json.dumps(whole, indent=1) + "\n"


#: What a model's JSON says, each by its name.
PARTS = (
    *("version", "trained_on", "figures", "population", "siblings", "shares", "names", "rare"),
    *("join", "review", "family_most"),
)


def parse(text: str) -> Model:
    """The model of a JSON text. ValueError where a level is missing or a share is no probability."""
    raw = json.loads(text)
    missing = [name for name in PARTS if name not in raw] if isinstance(raw, dict) else list(PARTS)
    if missing:
        raise ValueError(f"The model says nothing of {', '.join(missing)}.")
    shares: dict[str, dict[str, Share]] = {}
    for comparison in COMPARISONS:
        shares[comparison.name] = {}
        for level in comparison.levels:
            try:
                m, u, s, fixed = raw["shares"][comparison.name][level.code]
            except KeyError:
                raise ValueError(f"The model says nothing of {comparison.name} {level.code}.") from None
            if not all(0.0 < value <= 1.0 for value in (m, u, s)):
                raise ValueError(f"The shares of {comparison.name} {level.code} are no probabilities.")
            shares[comparison.name][level.code] = Share(m, u, s, fixed)
    return Model(
        version=raw["version"],
        trained_on=raw["trained_on"],
        figures=raw["figures"],
        population=raw["population"],
        siblings=raw["siblings"],
        shares=shares,
        names=raw["names"],
        rare=raw["rare"],
        join=raw["join"],
        review=raw["review"],
        family_most=raw["family_most"],
    )


def load(path: Path) -> Model:
    """The model in a file."""
    return parse(path.read_text(encoding="utf-8"))


@cache
def shipped() -> Model:
    """The model that comes with the product."""
    return parse(files("teamaround.linkage").joinpath(SHIPPED).read_text(encoding="utf-8"))
