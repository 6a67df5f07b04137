"""Conditions on two records, said once and rendered for each engine that has to agree on them.

Only parts that every engine has and computes alike: equality, Levenshtein's distance, arrays that share an
element, the length of a text. On features, where nothing is null, a condition is true or false and never unknown.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from teamaround.linkage.features import Features

Dialect = Literal["duckdb", "postgres", "spark"]
Test = Callable[[Features, Features], bool]
#: The name of a column on the left and on the right side of a pair.
Side = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Sides:
    """How the two records of a pair are called in SQL."""

    left: Side
    right: Side
    dialect: Dialect


def table_sides(dialect: Dialect, left: str = "l", right: str = "r") -> Sides:
    """Columns of two tables, `l.given` and `r.given`."""
    return Sides(lambda column: f"{left}.{column}", lambda column: f"{right}.{column}", dialect)


def splink_sides(dialect: Dialect) -> Sides:
    """Columns as Splink calls them, `given_l` and `given_r`."""
    if dialect == "spark":
        # There double quotes make a text.
        return Sides(lambda column: f"`{column}_l`", lambda column: f"`{column}_r`", dialect)
    return Sides(lambda column: f'"{column}_l"', lambda column: f'"{column}_r"', dialect)


def as_float(expression: str, dialect: Dialect) -> str:
    """The expression as a float of eight bytes. A figure without it is a decimal, to PostgreSQL even one with an
    exponent."""
    return f"cast({expression} as double)" if dialect == "spark" else f"({expression})::float8"


class Condition(ABC):
    """Something that holds of a pair or does not."""

    @abstractmethod
    def test(self) -> Test:
        """The condition as a function of two records."""

    @abstractmethod
    def sql(self, sides: Sides) -> str:
        """The condition as SQL."""

    def __and__(self, other: Condition) -> Condition:
        return Both(self, other)

    def __or__(self, other: Condition) -> Condition:
        return Either(self, other)


@dataclass(frozen=True, slots=True)
class Both(Condition):
    """One and the other."""

    one: Condition
    other: Condition

    def test(self) -> Test:
        one, other = self.one.test(), self.other.test()
        return lambda left, right: one(left, right) and other(left, right)

    def sql(self, sides: Sides) -> str:
        return f"({self.one.sql(sides)} and {self.other.sql(sides)})"


@dataclass(frozen=True, slots=True)
class Either(Condition):
    """One or the other."""

    one: Condition
    other: Condition

    def test(self) -> Test:
        one, other = self.one.test(), self.other.test()
        return lambda left, right: one(left, right) or other(left, right)

    def sql(self, sides: Sides) -> str:
        return f"({self.one.sql(sides)} or {self.other.sql(sides)})"


@dataclass(frozen=True, slots=True)
class Missing(Condition):
    """The text is "" on either side."""

    column: str

    def test(self) -> Test:
        column = self.column
        return lambda left, right: getattr(left, column) == "" or getattr(right, column) == ""

    def sql(self, sides: Sides) -> str:
        return f"({sides.left(self.column)} = '' or {sides.right(self.column)} = '')"


@dataclass(frozen=True, slots=True)
class Same(Condition):
    """The same text on both sides, and not ""."""

    column: str

    def test(self) -> Test:
        column = self.column

        def test(left: Features, right: Features) -> bool:
            value = getattr(left, column)
            return bool(value) and value == getattr(right, column)

        return test

    def sql(self, sides: Sides) -> str:
        left, right = sides.left(self.column), sides.right(self.column)
        return f"({left} = {right} and {left} <> '')"


@dataclass(frozen=True, slots=True)
class Differs(Condition):
    """Not the same text on both sides."""

    column: str

    def test(self) -> Test:
        column = self.column
        return lambda left, right: getattr(left, column) != getattr(right, column)

    def sql(self, sides: Sides) -> str:
        return f"({sides.left(self.column)} <> {sides.right(self.column)})"


@dataclass(frozen=True, slots=True)
class Crossed(Condition):
    """One column of each side is the other column of the other side, and neither is ""."""

    one: str
    other: str
    #: Whether one direction is enough.
    either: bool = False

    def test(self) -> Test:
        one, other, either = self.one, self.other, self.either

        def test(left: Features, right: Features) -> bool:
            there = bool(getattr(left, one)) and getattr(left, one) == getattr(right, other)
            back = bool(getattr(left, other)) and getattr(left, other) == getattr(right, one)
            return (there or back) if either else (there and back)

        return test

    def sql(self, sides: Sides) -> str:
        left, right = sides.left, sides.right
        there = f"({left(self.one)} = {right(self.other)} and {left(self.one)} <> '')"
        back = f"({left(self.other)} = {right(self.one)} and {left(self.other)} <> '')"
        return f"({there} {'or' if self.either else 'and'} {back})"


@dataclass(frozen=True, slots=True)
class Shared(Condition):
    """Two arrays of text have an element in common."""

    column: str

    def test(self) -> Test:
        column = self.column

        def test(left: Features, right: Features) -> bool:
            mine = getattr(left, column)
            return any(value in mine for value in getattr(right, column))

        return test

    def sql(self, sides: Sides) -> str:
        left, right = sides.left(self.column), sides.right(self.column)
        if sides.dialect == "postgres":
            return f"({left} && {right})"
        return f"{'list_has_any' if sides.dialect == 'duckdb' else 'arrays_overlap'}({left}, {right})"


@dataclass(frozen=True, slots=True)
class Within(Condition):
    """At most `most` letters added, dropped or changed between two texts of `least` letters or more."""

    column: str
    most: int
    least: int

    def test(self) -> Test:
        column, most, least = self.column, self.most, self.least

        def test(left: Features, right: Features) -> bool:
            one, other = getattr(left, column), getattr(right, column)
            return len(one) >= least and len(other) >= least and within(one, other, most)

        return test

    def sql(self, sides: Sides) -> str:
        left, right = sides.left(self.column), sides.right(self.column)
        far = (
            f"levenshtein_less_equal({left}, {right}, {self.most})"
            if sides.dialect == "postgres"
            else f"levenshtein({left}, {right})"
        )
        return (
            f"(length({left}) >= {self.least} and length({right}) >= {self.least} and {far} <= {self.most})"
        )


@dataclass(frozen=True, slots=True)
class Begins(Condition):
    """One text, of `least` letters or more, is the beginning of the other."""

    column: str
    least: int

    def test(self) -> Test:
        column, least = self.column, self.least

        def test(left: Features, right: Features) -> bool:
            one, other = getattr(left, column), getattr(right, column)
            return min(len(one), len(other)) >= least and (one.startswith(other) or other.startswith(one))

        return test

    def sql(self, sides: Sides) -> str:
        left, right = sides.left(self.column), sides.right(self.column)
        begins = "startswith" if sides.dialect == "spark" else "starts_with"
        return (
            f"(length({left}) >= {self.least} and length({right}) >= {self.least}"
            f" and ({begins}({left}, {right}) or {begins}({right}, {left})))"
        )


@dataclass(frozen=True, slots=True)
class Is(Condition):
    """Either side has this very text; "" asks for a text that is missing."""

    column: str
    value: str

    def test(self) -> Test:
        column, value = self.column, self.value
        return lambda left, right: getattr(left, column) == value or getattr(right, column) == value

    def sql(self, sides: Sides) -> str:
        return f"({sides.left(self.column)} = '{self.value}' or {sides.right(self.column)} = '{self.value}')"


@dataclass(frozen=True, slots=True)
class OneLetter(Condition):
    """Either side is a single letter: an initial."""

    column: str

    def test(self) -> Test:
        column = self.column
        return lambda left, right: len(getattr(left, column)) == 1 or len(getattr(right, column)) == 1

    def sql(self, sides: Sides) -> str:
        return f"(length({sides.left(self.column)}) = 1 or length({sides.right(self.column)}) = 1)"


@lru_cache(maxsize=200_000)
def within(one: str, other: str, most: int) -> bool:
    """Whether Levenshtein's distance of two texts is at most `most`."""
    if abs(len(one) - len(other)) > most:
        return False
    start = 0
    shorter = min(len(one), len(other))
    while start < shorter and one[start] == other[start]:
        start += 1
    end = 0
    while end < shorter - start and one[-1 - end] == other[-1 - end]:
        end += 1
    one, other = one[start : len(one) - end], other[start : len(other) - end]
    if not one or not other:
        return max(len(one), len(other)) <= most
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        before, row = row, [i]
        for j, mine in enumerate(other, start=1):
            row.append(min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != mine)))
        if min(row) > most:
            return False
    return row[-1] <= most
