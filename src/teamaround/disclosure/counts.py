"""Rounding and suppression of counts, and the choice of a total's rounding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

FEW = 5
"""Counts below this are not told apart."""
BASE = 5
"""Counts are rounded to this."""
BASES = (5, 10, 20, 50, 100)
"""What a total may be rounded to, the finest first."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A count as it is shown. The true count lies from `low` to `high`, and nothing more is told.

    `known` is the rounded figure; None where the count is told as "fewer than" `high` + 1.
    """

    low: int
    high: int
    known: int | None

    @property
    def small(self) -> bool:
        """Whether the count is told as "fewer than" alone."""
        return self.known is None

    @property
    def width(self) -> int:
        """How far apart the possible values of a small count are; 0 for others, which need no protection."""
        return self.high - self.low if self.small else 0


def rounded(count: int, base: int = BASE) -> int:
    """The nearest multiple of `base`; halves go up."""
    return (2 * count + base) // (2 * base) * base


def show(count: int, *, zero_tells: bool) -> Shown:
    """A count of one place. `zero_tells`: none is told from one to four. Raises ValueError below zero."""
    if count < 0:
        raise ValueError("a count is not below zero")
    if count == 0 and zero_tells:
        return Shown(0, 0, 0)
    if count < FEW:
        return Shown(1 if zero_tells else 0, FEW - 1, None)
    return _class_of(count, BASE)


def _class_of(count: int, base: int) -> Shown:
    least = max(FEW, -(-base // 2))
    if count < least:
        return Shown(0, least - 1, None)
    figure = rounded(count, base)
    low = max(least, figure - base // 2)
    return Shown(low, figure + (base - 1) // 2, figure)


def classes_of(count: int, base: int) -> Shown:
    """The class that a total falls into when rounded to `base`; the lowest class is "fewer than"."""
    return _class_of(count, base)


def safe_base(tables: Sequence[Sequence[Shown]]) -> int | None:
    """How coarsely the total of these tables must be rounded; None where no rounding is coarse enough.

    Each table holds parts of the same total beside a rest that is not shown. What is shown gives the total a
    least value. In the class of that value every small count must still be able to be its highest; higher
    classes leave more room. Nothing but what is shown is asked, so the answer itself tells nothing.
    """
    floors = [sum(part.low for part in table) for table in tables]
    if not any(part.small for table in tables for part in table):
        return BASES[0]
    least = max(floors)
    needed = max(
        floor + max((part.width for part in table), default=0)
        for floor, table in zip(floors, tables, strict=True)
    )
    return next((base for base in BASES if _class_of(least, base).high >= needed), None)


def show_total(total: int, tables: Sequence[Sequence[Shown]]) -> Shown | None:
    """The total as it is shown beside its tables; None where it must not be shown."""
    base = safe_base(tables)
    return None if base is None else _class_of(total, base)


def publish(
    total: int, areas: Sequence[int], schools: Sequence[int]
) -> tuple[tuple[Shown, ...], tuple[Shown, ...], Shown | None]:
    """Everything shown of one way of knowing: areas, schools, the total.

    Raises ValueError where the parts of a table are more than the total.
    """
    if max(sum(areas), sum(schools)) > total:
        raise ValueError("the parts are more than the total")
    by_area = tuple(show(count, zero_tells=False) for count in areas)
    by_school = tuple(show(count, zero_tells=True) for count in schools)
    return by_area, by_school, show_total(total, (by_area, by_school))
