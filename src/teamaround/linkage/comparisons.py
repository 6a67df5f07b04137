"""The comparisons of the model: eight questions, each answered by the first level that fits.

A level has a code (kept in the stored model), its condition, and plain words for a person. The last level of a
comparison has no condition: everything else. The level `unknown` says nothing either way and weighs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from teamaround.linkage.conditions import (
    Begins,
    Condition,
    Crossed,
    Dialect,
    Differs,
    Is,
    Missing,
    OneLetter,
    Same,
    Shared,
    Sides,
    Within,
    splink_sides,
)
from teamaround.linkage.features import Features

#: The gamma of the level that says nothing, as Splink numbers it.
UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class Level:
    """One possible answer. `words` say it to a person, "" where there is nothing to say.

    `frequency` names the column whose frequency table weighs an agreement: few share a rare name.
    """

    code: str
    condition: Condition | None
    words: str
    frequency: str = ""


@dataclass(frozen=True)
class Comparison:
    """A question about a pair; `unknown` is the condition on which it is not asked."""

    name: str
    label: str
    unknown: Condition
    levels: tuple[Level, ...]

    @cached_property
    def gammas(self) -> dict[str, int]:
        """The number of each level: the first has the highest, everything else 0."""
        return {level.code: len(self.levels) - 1 - place for place, level in enumerate(self.levels)}

    @cached_property
    def by_gamma(self) -> dict[int, Level]:
        """The level of each number."""
        return {self.gammas[level.code]: level for level in self.levels}

    @cached_property
    def gamma_of(self) -> Callable[[Features, Features], int]:
        """The number of the level that a pair falls on, -1 for unknown. The order of the two does not matter."""
        unknown = self.unknown.test()
        tests = [
            (level.condition.test(), self.gammas[level.code]) for level in self.levels if level.condition
        ]

        def gamma(left: Features, right: Features) -> int:
            if unknown(left, right):
                return UNKNOWN
            for test, number in tests:
                if test(left, right):
                    return number
            return 0

        return gamma

    def gamma_sql(self, sides: Sides) -> str:
        """The same as an expression of SQL."""
        cases = [f"when {self.unknown.sql(sides)} then {UNKNOWN}"]
        cases += [
            f"when {level.condition.sql(sides)} then {self.gammas[level.code]}"
            for level in self.levels
            if level.condition
        ]
        return f"case {' '.join(cases)} else 0 end"

    def splink(
        self, weights: Callable[[Level], dict[str, object]], dialect: Dialect = "duckdb"
    ) -> dict[str, object]:
        """The comparison in Splink's settings; `weights` gives m, u and what is held fixed of each level."""
        sides = splink_sides(dialect)
        levels: list[dict[str, object]] = [
            {
                "sql_condition": self.unknown.sql(sides),
                "label_for_charts": "unknown",
                "is_null_level": True,
            }
        ]
        for level in self.levels:
            levels.append(
                {
                    "sql_condition": level.condition.sql(sides) if level.condition else "ELSE",
                    "label_for_charts": level.code,
                    **weights(level),
                }
            )
        return {"output_column_name": self.name, "comparison_levels": levels}


GIVEN = Comparison(
    "given",
    "Forename",
    Missing("given"),
    (
        Level("same", Same("given"), "same forename", "given"),
        Level(
            "crossed",
            Crossed("given", "family") | Crossed("given_sound", "family_sound"),
            "forename and surname changed about",
        ),
        Level("form", Shared("given_forms"), "a spelling or short form of one forename"),
        # Two letters changed about are one slip, which Levenshtein counts as two: the same letters in any order.
        Level("letter", Within("given", 1, 4) | Same("given_letters"), "forename one letter different"),
        Level("short", Begins("given", 3), "the beginning of the forename"),
        Level("second", Crossed("given", "middle", either=True), "one uses a middle name as forename"),
        Level("initial", Same("given_letter") & OneLetter("given"), "an initial that fits the forename"),
        Level(
            "alike",
            Within("given", 2, 6) | Within("given", 1, 3) | Same("given_sound"),
            "forename spelt differently",
        ),
        Level("half", Crossed("given", "family", either=True), "the one's forename is the other's surname"),
        Level("start", Same("given_start"), "forenames begin alike"),
        Level("other", None, "different forenames"),
    ),
)
FAMILY = Comparison(
    "family",
    "Surname",
    # Names changed about are one slip: the forename's level has weighed it.
    Missing("family")
    | (
        Differs("family") & (Crossed("given", "family", either=True) | Crossed("given_sound", "family_sound"))
    ),
    (
        Level("same", Same("family"), "same surname", "family"),
        Level("part", Shared("family_parts"), "part of a double surname the same"),
        Level("form", Shared("family_forms"), "another spelling of the surname"),
        Level("letter", Within("family", 1, 4) | Same("family_letters"), "surname one letter different"),
        Level("initial", Same("family_letter") & OneLetter("family"), "an initial that fits the surname"),
        Level(
            "alike",
            Within("family", 2, 6) | Within("family", 1, 3) | Same("family_sound") | Shared("family_sounds"),
            "surname spelt differently",
        ),
        Level("other", None, "different surnames"),
    ),
)
MIDDLE = Comparison(
    "middle",
    "Middle name",
    # A middle name used as forename is one habit: the forename's level has weighed it.
    Missing("middle") | Crossed("given", "middle", either=True),
    (
        Level("same", Same("middle"), "same middle name"),
        Level("initial", Same("middle_letter") & OneLetter("middle"), "a middle initial that fits"),
        Level("other", None, "different middle names"),
    ),
)
BORN = Comparison(
    "born",
    "Date of birth",
    Missing("born"),
    (
        Level("new_year", Same("born") & Is("born_month_day", "0101"), "both 1 January of the same year"),
        Level("same", Same("born"), "same birthday"),
        Level("swapped", Crossed("born", "born_swapped", either=True), "day and month changed about"),
        Level("filled_in", Same("born_year") & Is("born_month_day", "0101"), "same year, one as 1 January"),
        Level("figure", Within("born", 1, 8), "one figure of the birthday different"),
        Level(
            "two_parts",
            Same("born_year_month") | Same("born_year_day") | Same("born_month_day"),
            "birthday different in day, month or year",
        ),
        Level("figures", Within("born", 2, 8), "two figures of the birthday different"),
        Level("other", None, "different birthdays"),
    ),
)
PLACE = Comparison(
    "place",
    "Postcode",
    Missing("outward"),
    (
        Level("same", Shared("postcodes"), "same postcode"),
        Level("letter", Within("postcode", 1, 5), "postcode one sign different"),
        Level("part", Same("outward") & Missing("postcode"), "lives in the same district"),
        Level("sector", Same("sector"), "lives nearby"),
        Level("outward", Same("outward"), "lives in the same district"),
        Level("area", Same("area"), "lives in the same postcode area"),
        Level("other", None, "lives elsewhere"),
    ),
)
SEX = Comparison(
    "sex",
    "Sex",
    Missing("sex"),
    (Level("same", Same("sex"), ""), Level("other", None, "different sex")),
)
NHS = Comparison(
    "nhs",
    "NHS number",
    Missing("nhs"),
    (Level("same", Same("nhs"), "same NHS number"), Level("other", None, "different NHS numbers")),
)
UPN = Comparison(
    "upn",
    "Pupil number",
    Missing("upn"),
    (Level("same", Same("upn"), "same pupil number"), Level("other", None, "different pupil numbers")),
)

COMPARISONS: tuple[Comparison, ...] = (GIVEN, FAMILY, MIDDLE, BORN, PLACE, SEX, NHS, UPN)


def gammas(left: Features, right: Features) -> tuple[int, ...]:
    """The levels of a pair, in the order of COMPARISONS."""
    return tuple(comparison.gamma_of(left, right) for comparison in COMPARISONS)


def level_codes(numbers: Sequence[int]) -> dict[str, str]:
    """Comparison name to level code, "unknown" for -1."""
    return {
        comparison.name: "unknown" if number == UNKNOWN else comparison.by_gamma[number].code
        for comparison, number in zip(COMPARISONS, numbers, strict=True)
    }
