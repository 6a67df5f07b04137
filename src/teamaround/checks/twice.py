"""Persons who were recorded twice: which records were told as one, when, and what was decided on either side."""

from __future__ import annotations

import datetime as dt
from typing import Any

from teamaround.checks.decisions import Decisions
from teamaround.checks.filling import CATEGORIES
from teamaround.checks.telling import DAY, MINUTE

ONCE_ONLY = 0.35
"""How many worlds know nobody twice."""


class Twice(Decisions):
    """The part of a world's story about one person under several records."""

    trees: list[list[int]]
    """The records told as one when everything was written, each person's in a list."""
    joined: dict[int, dt.datetime]
    """For a record in a tree, when the latest of its merges was recorded."""

    def _recorded_again(self) -> None:
        """A few more records, of somebody who may have one."""
        self.merging = self.rng.random() >= ONCE_ONLY
        if self.merging:
            for _ in range(self.rng.choice((0, 1, 1, 2))):
                child = self.rng.random() < 0.6
                (self.children if child else self.adults).append(self._person(child))

    def _merges(self) -> None:
        """Merges and undoings one after the other, each between records that are merged into no other."""
        rng = self.rng
        self.trees, self.joined = [], {}
        self.standing: list[dict[str, Any]] = []
        moments = sorted(self.past() for _ in range(rng.choice((1, 2, 3, 4, 6)))) if self.merging else []
        late_from = rng.choice(moments) if moments and rng.random() < 0.5 else None
        for at in moments:
            if self.standing and rng.random() < 0.2:
                undone = self.standing.pop(rng.randrange(len(self.standing)))
                undone.update(undone_at=at, undo_reason="Two persons after all")
                continue
            merged = {row["subject_id"] for row in self.standing}
            people = self.children if rng.random() < 0.5 else self.adults
            people = [*self.children, *self.adults] if rng.random() < 0.1 else people
            roots = [person for person in people if person not in merged]
            if len(roots) < 2:
                continue
            one, into = rng.sample(roots, 2)
            row = self._add("person_merge", subject_id=one, into_id=into, reason="The same", merged_at=at)
            self.standing.append(row)
            if late_from is not None and at >= late_from:
                self.late.add(id(row))
        for row in self.standing:
            self._hang(row["subject_id"], row["into_id"], row["merged_at"])
        self.silent = [rng.choice(tree) for tree in self.trees if rng.random() < 0.3]

    def _hang(self, one: int, into: int, at: dt.datetime) -> None:
        tree = [*self.records(one), *self.records(into)]
        self.trees = [each for each in self.trees if one not in each and into not in each] + [tree]
        latest = max(at, *(self.joined.get(each, at) for each in tree))
        self.joined.update(dict.fromkeys(tree, latest))

    def records(self, subject: int) -> list[int]:
        """The records of the same person, or the subject alone."""
        return next((tree for tree in self.trees if subject in tree), [subject])

    def _spoken_of(self, subject: int) -> int:
        """The record under which something about the person is said."""
        if subject not in self.silent:
            return subject
        return next(other for other in self.records(subject) if other != subject)

    def _in_either(self, cells: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
        """The cells, and some of the same under another record of the person."""
        return cells + [
            (other, *cell[1:])
            for cell in cells
            for other in self.records(cell[0])
            if other != cell[0] and self.rng.random() < 0.7
        ]

    def _around(self, at: dt.datetime) -> dt.datetime:
        """A moment before, at or after the one given, and not after now."""
        rng = self.rng
        return rng.choice(
            (at, at - MINUTE, at - DAY * rng.uniform(1, 300), at + (self.now - at) * rng.uniform(0.05, 0.9))
        )

    def _told_twice(self) -> None:
        """Decisions on either side of a merge, by and about the records that it joins."""
        for tree in self.trees:
            for _ in range(self.rng.randint(2, 4)):
                self.rng.choice(
                    (self._by_one_giver, self._by_one_giver, self._by_the_child, self._between_two)
                )(tree)
            if tree[0] in self.children:
                self._by_one_parent(tree)

    def _by_one_parent(self, tree: list[int]) -> None:
        """A parent refused under one record and agreed under another: settled, or decided anew since."""
        rng = self.rng
        holder, category = rng.choice(self.teams[1:]), rng.choice(CATEGORIES)
        at = self.joined[tree[0]]
        parent = rng.choice(self.adults)
        about, again = rng.sample(tree, 2)
        anew = rng.random() < 0.5
        self._said(parent, (about, holder, category), "refuse", at - DAY * rng.uniform(1, 300))
        agreed = at if rng.random() < 0.5 else at + (self.now - at) * rng.random()
        agreed = agreed if anew else at - DAY * rng.uniform(1, 300)
        shared = self._said(parent, (again, holder, category), "share", agreed)
        if not anew:
            self._add(
                "sharing_settlement",
                subject_id=rng.choice(tree),
                category="identity",
                basis_id=shared["id"],
                valid_from=at + (self.now - at) * rng.random(),
                valid_until=None,
            )

    def _by_one_giver(self, tree: list[int]) -> None:
        """Somebody recorded twice decides, or decides about somebody recorded twice."""
        rng = self.rng
        holder, category = rng.choice(self.teams[1:]), rng.choice(CATEGORIES)
        twice = rng.random() < 0.5
        about = [rng.choice([*self.children, *self.families])] if twice else tree
        givers = tree if twice else self.records(rng.choice(self.adults))
        at = self.joined[tree[0]]
        for n in range(rng.choice((1, 2, 2, 3))):
            answer = rng.choice(("share", "refuse", "share"))
            said = self._said(
                givers[n % len(givers)],
                (rng.choice(about), holder, category),
                answer,
                self._around(at),
            )
            self._sometimes_late(said, *self.fill.rows["sharing_line"][-1:], probability=0.2)

    def _by_the_child(self, tree: list[int]) -> None:
        """What the person says themselves, under one record and about another, beside what a parent says."""
        rng = self.rng
        holder, category = rng.choice(self.teams[1:]), rng.choice(CATEGORIES)
        at = self.joined[tree[0]]
        for giver in rng.sample(tree, 2):
            cell = (rng.choice(tree), holder, category)
            self._said(giver, cell, rng.choice(("share", "share", "refuse")), self._around(at))
        if rng.random() < 0.7:
            cell = (rng.choice(tree), holder, category)
            self._said(rng.choice(self.adults), cell, rng.choice(("share", "refuse")), self._around(at))

    def _between_two(self, tree: list[int]) -> None:
        """One refuses under one record, somebody shares under another, and a worker settles it for either."""
        rng = self.rng
        holder, category = rng.choice(self.teams[1:]), rng.choice(CATEGORIES)
        at = self.joined[tree[0]]
        one, other = rng.sample(self.adults, 2)
        refused = self._said(one, (rng.choice(tree), holder, category), "refuse", self._around(at))
        shared = self._said(other, (rng.choice(tree), holder, category), "share", self._around(at))
        if rng.random() < 0.2:
            # The consent that stands says something of the other record as well.
            self._line(shared, rng.choice(tree), holder, category, rng.choice(("share", "refuse")))
        since = max(refused["valid_from"], shared["valid_from"])
        since += (self.now - since) * rng.uniform(-0.2, 0.9)
        self._add(
            "sharing_settlement",
            subject_id=rng.choice([*tree, rng.choice(self.subjects)]),
            category="identity",
            basis_id=shared["id"],
            valid_from=since,
            valid_until=self.maybe(0.2, max(since, self.moment(0.4))),
        )

    def _looked_at_twice(self) -> None:
        """Somebody looks by a purpose under one record while a shield stands under another."""
        for tree in self.trees:
            if self.rng.random() < 0.5:
                under, shielded = self.rng.sample(tree, 2)
                self._looked_at(under, shielded)
