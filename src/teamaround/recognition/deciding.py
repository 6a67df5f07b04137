"""Which pairs of persons join without anybody, and which wait for one. Pure: numbers and features alone.

The rules are those of `linkage.clustering`, over persons who may have several names and records: the heaviest pairs
join first, no person joins one of two who fit almost equally well and are not one child themselves, and two groups
join only if nothing keeps any two of their persons apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from teamaround.linkage.clustering import MARGIN, forbids
from teamaround.linkage.features import Features
from teamaround.linkage.model import Model

Both = tuple[int, int]
"""Two persons, the lower number first."""


@dataclass(frozen=True, slots=True)
class Found:
    """The best pair of names of two persons: its weight, the chance that they are two of one family, and which row
    of each it is."""

    weight: float
    family: float
    rows: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Decided:
    """`joins` in the order in which they are to be made; `review` the heaviest first."""

    joins: tuple[Both, ...]
    review: tuple[Both, ...]


def both(one: int, other: int) -> Both:
    """Two persons in order."""
    return (one, other) if one < other else (other, one)


def decide(
    people: Mapping[int, Sequence[Features]],
    pairs: Mapping[Both, Found],
    model: Model,
    population: int,
    *,
    apart: Collection[Both] = (),
    by_people: Collection[Both] = (),
) -> Decided:
    """Sort the scored pairs. `apart` are those whom somebody told apart, who neither join nor are put to review;
    `by_people` are those that people alone decide: before them already, or protected."""
    keep_apart = _apart(people, pairs, model, population, set(apart))
    certain = {
        pair
        for pair, found in pairs.items()
        if found.weight >= model.join and found.family <= model.family_most
    }
    rivals: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for (one, other), found in pairs.items():
        if found.weight >= model.join - MARGIN:
            rivals[one].append((other, found.weight))
            rivals[other].append((one, found.weight))

    def torn(one: int, other: int, weight: float) -> bool:
        return any(
            rival not in (one, other) and found >= weight - MARGIN and keep_apart(rival, far)
            for near, far in ((one, other), (other, one))
            for rival, found in rivals[near]
        )

    group = {person: person for person in people}
    members = {person: [person] for person in people}
    joins = []
    for pair in sorted(certain, key=lambda pair: (-pairs[pair].weight, pair)):
        one, other = pair
        if pair in by_people or keep_apart(one, other) or torn(one, other, pairs[pair].weight):
            continue
        mine, theirs = group[one], group[other]
        if mine == theirs or any(keep_apart(a, b) for a in members[mine] for b in members[theirs]):
            continue
        for person in members[theirs]:
            group[person] = mine
        members[mine] += members.pop(theirs)
        joins.append(pair)
    # Two who join have one question with a third between them, the heaviest.
    review: dict[Both, Both] = {}
    for pair in sorted(pairs, key=lambda pair: (-pairs[pair].weight, pair)):
        mine, theirs = group[pair[0]], group[pair[1]]
        if pairs[pair].weight >= model.review and pair not in apart and mine != theirs:
            review.setdefault(both(mine, theirs), pair)
    return Decided(tuple(joins), tuple(review.values()))


def _apart(
    people: Mapping[int, Sequence[Features]],
    pairs: Mapping[Both, Found],
    model: Model,
    population: int,
    told: Collection[Both],
) -> Callable[[int, int], bool]:
    """Whether two persons may not be joined: somebody told them apart, their NHS numbers differ, or nothing of any of
    their names speaks for it."""
    seen: dict[Both, bool] = {}

    def apart(one: int, other: int) -> bool:
        pair = both(one, other)
        if pair not in seen:
            rows = [(left, right) for left in people[one] for right in people[other]]
            seen[pair] = (
                pair in told
                or any(_numbers_differ(left, right) for left, right in rows)
                or (
                    not (pair in pairs and pairs[pair].weight >= model.join)
                    and all(forbids(model, left, right, population) for left, right in rows)
                )
            )
        return seen[pair]

    return apart


def _numbers_differ(left: Features, right: Features) -> bool:
    """Whether each has an NHS number, and not the same. Stricter than for files, where only traced numbers count: what
    is joined in the index is read by others at once, so a wrong number is for a person to see."""
    return bool(left.nhs and right.nhs and left.nhs != right.nhs)
