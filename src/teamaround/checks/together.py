"""Which records are one person now: the merges that stand, as trees. A part of the oracle."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any


class Together:
    """The merges that stand at a moment, from all that were ever recorded."""

    def __init__(self, merges: Iterable[Mapping[str, Any]], now: dt.datetime) -> None:
        self._trees: dict[int, frozenset[int]] = {}
        self._joined: dict[int, dt.datetime] = {}
        for merge in merges:
            undone = merge["undone_at"]
            if merge["merged_at"] <= now and (undone is None or now < undone):
                self._join(merge["subject_id"], merge["into_id"], merge["merged_at"])

    def _join(self, one: int, other: int, at: dt.datetime) -> None:
        tree = self.records(one) | self.records(other)
        latest = max([at, *(self._joined[each] for each in tree if each in self._joined)])
        for each in tree:
            self._trees[each] = tree
            self._joined[each] = latest

    def records(self, subject: int) -> frozenset[int]:
        """Every record of the person, this one among them; of a family or whoever is recorded once, itself."""
        return self._trees.get(subject) or frozenset({subject})

    def same(self, one: int, other: int) -> bool:
        """Whether two records are one person."""
        return one == other or other in self._trees.get(one, ())

    def joined(self, *subjects: int) -> dt.datetime | None:
        """The latest moment at which a merge in the tree of one of these was recorded; None where none stands."""
        return max((self._joined[each] for each in subjects if each in self._joined), default=None)
