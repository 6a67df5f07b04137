"""Made-up children and records of them, with the truth kept apart: the measure of recognition.

`area` gives an index of children and a caseload of records about some of them, and about some who are not in it.
The training uses its own seeds; a measure uses others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from teamaround.linkage.made_up.families import ORIGINS, Child, Population
from teamaround.linkage.made_up.writing import SECTORS, Clerk, Written

__all__ = ["ORIGINS", "SECTORS", "Area", "Child", "Clerk", "Population", "Written", "area", "caseloads"]

#: In an index each child's record was written by one of these.
INDEX_SECTORS = ("health", "school", "health", "social_care")


@dataclass(frozen=True, slots=True)
class Area:
    """`index`: one record a child. `caseload`: records to find in it; those of the `absent` part have no match."""

    index: Sequence[Written]
    caseload: Sequence[Written]


def area(*, index: int, caseload: int, seed: int, harsher: float = 1.0, absent: float = 0.1) -> Area:
    """An index of about `index` children and `caseload` records by all four sectors in turn, so much harsher."""
    population = Population(seed)
    clerk = Clerk(seed + 1, population, harsher=harsher)
    strangers = round(caseload * absent)
    children = list(population.children(index + strangers))
    # Taken from everywhere: the hardest of those who are not there have a brother, a sister or a twin who is.
    missing = set(clerk.random.sample(range(len(children)), strangers))
    known = [child for child in children if child.number not in missing]
    unknown = [children[number] for number in sorted(missing)]
    chosen = clerk.random.sample(known, caseload - len(unknown)) + unknown
    clerk.random.shuffle(chosen)
    return Area(
        [clerk.write(child, INDEX_SECTORS[place % len(INDEX_SECTORS)]) for place, child in enumerate(known)],
        [clerk.write(child, SECTORS[place % len(SECTORS)]) for place, child in enumerate(chosen)],
    )


def caseloads(*, children: int, seed: int, harsher: float = 1.0) -> list[Written]:
    """Records of all sectors about so many children, from one to four each: what a training needs."""
    population = Population(seed)
    clerk = Clerk(seed + 1, population, harsher=harsher)
    found: list[Written] = []
    for child in population.children(children):
        sectors = clerk.random.sample(SECTORS, clerk.random.choice((1, 2, 2, 3, 4)))
        found.extend(clerk.write(child, sector) for sector in sectors)
    return found
