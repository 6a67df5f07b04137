"""From pairs to children: joins that never run through a pair which something forbids.

A chain of good pairs can tie two twins by way of a record that fits both. So the strongest pairs join first, and
two groups join only if no record of the one and record of the other are forbidden to be one child.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from teamaround.linkage.features import Features
from teamaround.linkage.model import Model

#: Under this weight two records are held different children, whatever ties them to a third.
DIFFERENT = -12.0
#: A pair that is two children of one family with this chance keeps their groups apart.
FAMILY = 0.5
#: A record that fits two different children almost equally well, within so many bits, joins neither.
MARGIN = 4.0


@dataclass(frozen=True, slots=True)
class Edge:
    """Two records that may be one child."""

    left: int
    right: int
    weight: float


@dataclass(frozen=True, slots=True)
class Formed:
    """`group`: each record's child; `children`: each child's records, in order."""

    group: list[int]
    children: list[list[int]]


def contradict(left: Features, right: Features) -> bool:
    """Whether two records cannot be one child: each has a traced NHS number, and they differ."""
    return bool(left.nhs_traced and right.nhs_traced and left.nhs and right.nhs and left.nhs != right.nhs)


def forbids(model: Model, left: Features, right: Features, population: int | None = None) -> bool:
    """Whether a pair keeps two groups apart: contradicting numbers; or they may well be two children of one
    family; or nothing speaks for one child at all."""
    if contradict(left, right):
        return True
    found = model.score(left, right, population=population)
    return found.weight < DIFFERENT or found.family > FAMILY


def form(
    records: Sequence[Features],
    edges: Sequence[Edge],
    model: Model,
    population: int | None = None,
    distinct: range = range(0),
) -> Formed:
    """Groups of records, each a child. `edges` are certain pairs; the heaviest join first, equal ones by place.

    `distinct` are records known to be different children, such as an index that was linked before."""
    group = list(range(len(records)))
    members: dict[int, list[int]] = {}
    known: dict[tuple[int, int], bool] = {}

    def apart(one: int, other: int) -> bool:
        key = (one, other) if one < other else (other, one)
        if key not in known:
            known[key] = (one in distinct and other in distinct) or forbids(
                model, records[one], records[other], population
            )
        return known[key]

    neighbours: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for edge in edges:
        neighbours[edge.left].append((edge.right, edge.weight))
        neighbours[edge.right].append((edge.left, edge.weight))

    def torn(edge: Edge) -> bool:
        for one, other in ((edge.left, edge.right), (edge.right, edge.left)):
            if any(
                rival != other and weight >= edge.weight - MARGIN and apart(rival, other)
                for rival, weight in neighbours[one]
            ):
                return True
        return False

    for edge in sorted(edges, key=lambda edge: (-edge.weight, edge.left, edge.right)):
        one, other = group[edge.left], group[edge.right]
        if one == other or contradict(records[edge.left], records[edge.right]) or torn(edge):
            continue
        mine, theirs = members.get(one, [one]), members.get(other, [other])
        if len(mine) + len(theirs) > 2 and any(apart(a, b) for a in mine for b in theirs):
            continue
        if len(mine) < len(theirs):
            one, other, mine, theirs = other, one, theirs, mine
        for record in theirs:
            group[record] = one
        members[one] = mine + theirs
        members.pop(other, None)
    children: dict[int, list[int]] = defaultdict(list)
    for record, of in enumerate(group):
        children[of].append(record)
    return Formed(group, list(children.values()))
