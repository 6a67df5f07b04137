"""How far people agree about pairs, and how far the model agrees with them. Pure: counts in, figures out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

#: The width of a band of weight, in bits; the outermost are open.
BAND = 2
LOWEST, HIGHEST = -4, 4


@dataclass(frozen=True, slots=True)
class Counted:
    """Pairs of one band, in one state; `first` and `second` are what the first two people answered, "" for nobody."""

    band: int
    state: str
    first: str
    second: str
    pairs: int


@dataclass(frozen=True, slots=True)
class Agreement:
    """`pairs` in all, `opinions` of the first two people, `twice` answered by two, `agreeing` of those; `kappa` is
    Cohen's, None where it says nothing: fewer than two pairs, or everybody always said the same."""

    pairs: int
    opinions: int
    twice: int
    agreeing: int
    kappa: float | None
    same: int
    different: int
    open: int
    joined: int

    @property
    def share(self) -> float | None:
        """The part of the pairs seen by two on which both said the same; None without any."""
        return self.agreeing / self.twice if self.twice else None


def agreement_of(rows: Iterable[Counted]) -> Agreement:
    """The figures of these counts."""
    rows = list(rows)
    table: dict[tuple[str, str], int] = {}
    for row in rows:
        if row.first and row.second:
            table[row.first, row.second] = table.get((row.first, row.second), 0) + row.pairs

    def in_states(*states: str) -> int:
        return sum(row.pairs for row in rows if row.state in states)

    return Agreement(
        pairs=sum(row.pairs for row in rows),
        opinions=sum(row.pairs * ((row.first != "") + (row.second != "")) for row in rows),
        twice=sum(table.values()),
        agreeing=sum(count for (one, other), count in table.items() if one == other),
        kappa=kappa(table),
        same=in_states("same"),
        different=in_states("different"),
        open=in_states("waiting", "second"),
        joined=in_states("joined"),
    )


def kappa(table: Mapping[tuple[str, str], int]) -> float | None:
    """Cohen's kappa of two people's answers: agreement beyond chance, 1 for all, 0 for as chance would have it.

    Cohen, J. (1960), A coefficient of agreement for nominal scales. None for fewer than two cases, or where chance
    alone would have them agree always.
    """
    total = sum(table.values())
    if total < 2:
        return None
    answers = {answer for cell in table for answer in cell}
    seen = sum(table.get((answer, answer), 0) for answer in answers) / total
    expected = sum(
        (sum(n for (one, _), n in table.items() if one == answer) / total)
        * (sum(n for (_, other), n in table.items() if other == answer) / total)
        for answer in answers
    )
    return None if expected >= 1.0 else (seen - expected) / (1.0 - expected)


def by_band(rows: Iterable[Counted]) -> list[tuple[int, Agreement]]:
    """The figures of each band that has pairs, the heaviest first."""
    bands: dict[int, list[Counted]] = {}
    for row in rows:
        bands.setdefault(row.band, []).append(row)
    return [(band, agreement_of(bands[band])) for band in sorted(bands, reverse=True)]


def band_of(weight: float) -> int:
    """The band that a weight falls in: 0 is from 0 up to 2 bits."""
    return int(max(LOWEST * BAND, min(HIGHEST * BAND, weight)) // BAND)


def limits(band: int) -> tuple[int | None, int | None]:
    """From which weight up to which a band reaches, in bits; None where it is open."""
    return (
        None if band <= LOWEST else band * BAND,
        None if band >= HIGHEST else (band + 1) * BAND,
    )
