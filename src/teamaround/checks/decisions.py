"""What was decided about sharing: consents, settlements, further bases, shields."""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from typing import Any

from teamaround.checks.filling import CATEGORIES
from teamaround.checks.telling import DAY, MINUTE, Telling


class Decisions(Telling, ABC):
    """The part of a world's story that opens and closes."""

    standing: list[dict[str, Any]]
    """The merges that stand while everything is written."""

    @abstractmethod
    def _in_either(self, cells: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
        """The cells, and some of the same under another record of the person."""

    @abstractmethod
    def _spoken_of(self, subject: int) -> int:
        """The record under which something about the person is said."""

    @abstractmethod
    def _told_twice(self) -> None:
        """What was decided by and about somebody recorded twice."""

    def _consents(self) -> None:
        rng = self.rng
        givers = [*self.children, *self.adults]
        # Few cells, so that decisions meet in them.
        cells = [
            (
                rng.choice([*self.children, *self.children, *self.families, *self.adults]),
                rng.choice(self.teams[1:]),
                rng.choice(CATEGORIES),
            )
            for _ in range(rng.randint(2, 4))
        ]
        cells = self._in_either(cells)
        starts = [self.moment(0.1) for _ in range(4)] + [row["merged_at"] for row in self.standing]
        self.consents: list[dict[str, Any]] = []
        for _ in range(rng.randint(5, 12)):
            start = rng.choice(starts) if rng.random() < 0.5 else self.moment(0.15)
            giver = rng.choice(givers)
            if rng.random() < 0.3:
                giver = rng.choice(cells)[0]
                giver = giver if giver in givers else rng.choice(self.adults)
            until = start + (MINUTE * 3 if rng.random() < 0.1 else DAY * rng.choice((2, 30, 365, 2000)))
            basis = self._basis(
                "consent",
                giver,
                start,
                until if abs(until - self.now) > MINUTE * 6 else until + DAY,
                rng.choice(self.subjects),
                capacity="self",
                how="signed",
                withdrawn_at=self.maybe(0.25, self.moment(0.25)),
            )
            lines = [
                self._line(basis, *cell, rng.choice(("share", "share", "share", "refuse", "ask")))
                for cell in rng.sample(cells, rng.randint(1, len(cells)))
            ]
            self._sometimes_late(basis, *lines)
            self.consents.append(basis)
        for _ in range(rng.randint(1, 3)):
            self._agreed_by_one()
            self._quarrel()
        self._quarrel(own=True)
        self._told_twice()
        for _ in range(rng.randint(1, 3)):
            since = self.moment(0.1)
            # More often one that is still young: what an old one says was mostly said again.
            basis = max(rng.sample(self.consents, 2), key=lambda each: each["valid_from"])
            late = id(basis) in self.late
            row = self._add(
                "sharing_settlement",
                subject_id=rng.choice(self.subjects) if rng.random() < 0.1 else rng.choice(cells)[0],
                category="identity",
                basis_id=basis["id"],
                valid_from=since,
                valid_until=self.maybe(0.3, max(since, self.moment(0.5))),
            )
            self._sometimes_late(row, probability=1 if late else 0.3)

    def _said(
        self, giver: int, cell: tuple[int, int, str], answer: str, start: dt.datetime
    ) -> dict[str, Any]:
        basis = self._basis(
            "consent", giver, start, self.future() + DAY * 900, cell[0], capacity="parent", how="signed"
        )
        self._line(basis, *cell, answer)
        return basis

    def _cell(self) -> tuple[int, int, str]:
        subject = self.rng.choice([*self.children, *self.families])
        return subject, self.rng.choice(self.teams[1:]), self.rng.choice(CATEGORIES)

    def _agreed_by_one(self) -> None:
        """A cell of which one grown-up alone decided: it stands or falls with who they are to the subject."""
        cell = self._cell()
        giver = self.rng.choice(self.adults)
        if cell[0] in self.families:
            placed = [row for row in self.fill.rows["family_member"] if row["subject_id"] == cell[0]]
            ended = [row["person_id"] for row in placed if row["until"] is not None]
            giver = self.rng.choice(ended) if ended else giver
        self._said(giver, cell, "share", self.past())

    def _quarrel(self, *, own: bool = False) -> None:
        """Two decide differently, and a worker settles it: in time or too early, for them or somebody else."""
        cell = self._cell()
        one, other = self.rng.sample(self.adults, 2)
        if own:
            cell = (self.rng.choice(self.children), *cell[1:])
            one = cell[0]
        refused = self._said(one, cell, "refuse", self.past())
        shared = self._said(other, cell, "share", self.past())
        self.consents += [refused, shared]
        since = self.now - MINUTE * 3 if self.rng.random() < 0.4 else self.past()
        self._add(
            "sharing_settlement",
            subject_id=cell[0] if self.rng.random() < 0.6 else self.rng.choice(self.subjects),
            category="identity",
            basis_id=shared["id"],
            valid_from=since,
            valid_until=self.maybe(0.35, max(since, self.moment(0.4))),
        )

    def _basis(
        self,
        kind: str,
        giver: int | None,
        start: dt.datetime,
        until: dt.datetime | None,
        subject: int,
        **more: Any,
    ) -> dict[str, Any]:
        given = {"withdrawn_at": None, "review_on": None, "capacity": "", "how": "", **more}
        return self._add(
            "sharing_basis",
            subject_id=subject,
            category="identity",
            kind=kind,
            given_by_id=giver,
            valid_from=start,
            valid_until=until,
            **given,
        )

    def _line(
        self, basis: dict[str, Any], subject: int, holder: int, category: str, answer: str
    ) -> dict[str, Any] | None:
        return self.fill.add(
            "sharing_line",
            basis_id=basis["id"],
            subject_id=self._spoken_of(subject),
            category="identity",
            shared_category=category,
            holder_id=holder,
            answer=answer,
            author_team_id=basis["author_team_id"],
        )

    def _other_bases(self) -> None:
        rng = self.rng
        for kind in ("safeguarding", "vital", "duty", "duty", "panel", "break_glass"):
            for _ in range(rng.choice((0, 1, 1))):
                start = self.moment(0.12)
                until = max(start + MINUTE, self.moment(0.6)) if rng.random() < 0.5 else None
                holders = self.teams
                if kind == "panel":
                    until = until or start + DAY * 30
                    holders = self.panels
                if kind == "break_glass":
                    start = self.now - MINUTE * rng.choice((2, 60, 1300, 1430, 1450, 3000))
                    until = start + dt.timedelta(hours=rng.choice((8, 24)))
                    if abs(until - self.now) < MINUTE * 6:
                        until = self.now - MINUTE * 2
                    holders = self.workers
                basis = self._basis(
                    kind,
                    None,
                    start,
                    until,
                    rng.choice(self.subjects),
                    reason="A reason",
                    review_on=self.day() if kind in ("safeguarding", "vital", "duty") else None,
                    withdrawn_at=self.maybe(0.2, self.moment(0.25)) if kind != "break_glass" else None,
                )
                answers = ("share",) if kind == "break_glass" else ("share", "share", "share", "refuse")
                # Break-glass is one practitioner's: all its lines name that one.
                alone = rng.choice(holders)
                lines = [
                    self._line(
                        basis,
                        rng.choice(self.subjects),
                        alone if kind == "break_glass" else rng.choice(holders),
                        rng.choice(CATEGORIES),
                        rng.choice(answers),
                    )
                    for _ in range(rng.randint(1, 3))
                ]
                self._sometimes_late(basis, *lines)

    def _looked_at(self, under: int, subject: int) -> None:
        """Somebody looks by a purpose alone while a full shield stands, and may be named by it."""
        purpose = self._add(
            "access_purpose",
            subject_id=under,
            practitioner_id=self.rng.choice(self.workers),
            stated_at=self.past(),
            until=self.future(),
        )
        shield = self._add(
            "sharing_shield",
            subject_id=subject,
            category="safeguarding",
            level="full",
            reason="A reason",
            author_team_id=self.quiet,
            valid_from=self.past(),
            valid_until=None,
            lifted_at=None,
        )
        if self.rng.random() < 0.6:
            self._add(
                "sharing_shield_holder",
                shield_id=shield["id"],
                subject_id=subject,
                category="safeguarding",
                author_team_id=self.quiet,
                holder_id=purpose[self.rng.choice(("practitioner_id", "team_id"))],
            )

    def _shields(self) -> None:
        rng = self.rng
        if rng.random() < 0.5:
            adult = rng.choice(self.adults)
            self._looked_at(adult, adult)
        for _ in range(rng.choice((0, 1, 1, 2, 3))):
            since = self.moment(0.12)
            subject = rng.choice([*self.children, *self.adults])
            holders = [*self.teams, *self.panels, *self.workers]
            purposes = [
                row for row in self.fill.rows["access_purpose"] if row["subject_id"] not in self.families
            ]
            if purposes and rng.random() < 0.6:
                # Where somebody looks by a purpose, and perhaps is named themselves.
                purpose = rng.choice(purposes)
                subject = purpose["subject_id"]
                holders = [purpose["practitioner_id"], purpose["team_id"], rng.choice(holders)]
            shield = self._add(
                "sharing_shield",
                subject_id=subject,
                category="safeguarding",
                level=rng.choice(("full", "whereabouts")),
                reason="A reason",
                valid_from=since,
                valid_until=max(since + MINUTE, self.moment(0.5)) if rng.random() < 0.3 else None,
                lifted_at=self.maybe(0.2, self.moment(0.3)),
            )
            listed = [
                self.fill.add(
                    "sharing_shield_holder",
                    shield_id=shield["id"],
                    subject_id=shield["subject_id"],
                    category="safeguarding",
                    author_team_id=shield["author_team_id"],
                    holder_id=rng.choice(holders),
                )
                for _ in range(rng.randint(0, 2))
            ]
            self._sometimes_late(shield, *listed)
