"""Rows of a world as a test tells them, and what the oracle makes of them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from teamaround.checks.oracle import Oracle
from teamaround.checks.rows import Asking, may_read

NOW = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
CHILD, MOTHER, FATHER, FAMILY = 1, 2, 3, 9
SCHOOL, CLINIC, WORKER, OTHER_WORKER, PANEL = 101, 102, 201, 202, 301
ROW = {"id": 1, "subject_id": CHILD, "category": "health", "author_team_id": CLINIC}
Rows = dict[str, list[dict[str, Any]]]


class World:
    """Rows as a test tells them, and what the oracle makes of them."""

    def __init__(self) -> None:
        self.rows: Rows = {
            "team": [{"id": t, "sensitivity": "", "ended_at": None} for t in (SCHOOL, CLINIC)],
            "panel": [{"id": PANEL, "ended_at": None}],
            "practitioner": [{"id": w, "left_at": None} for w in (WORKER, OTHER_WORKER)],
            "person": [
                {"subject_id": CHILD, "date_of_birth": dt.date(2015, 1, 1), "born_precision": "day"},
                {"subject_id": MOTHER, "date_of_birth": dt.date(1980, 1, 1), "born_precision": "day"},
            ],
        }
        self.number = 0

    def add(self, table: str, **columns: Any) -> int:
        self.number += 1
        self.rows.setdefault(table, []).append({"id": self.number, **columns})
        return self.number

    def says(
        self,
        giver: int,
        answer: str = "share",
        *,
        start: dt.datetime = NOW - DAY,
        end: dt.datetime = NOW + DAY,
        withdrawn: dt.datetime | None = None,
        subject: int = CHILD,
    ) -> int:
        basis = self.add(
            "sharing_basis",
            kind="consent",
            given_by_id=giver,
            valid_from=start,
            valid_until=end,
            withdrawn_at=withdrawn,
            review_on=None,
        )
        self.line(basis, answer, subject=subject)
        return basis

    def line(self, basis: int, answer: str = "share", *, subject: int = CHILD, holder: int = SCHOOL) -> None:
        self.add(
            "sharing_line",
            basis_id=basis,
            subject_id=subject,
            shared_category="health",
            holder_id=holder,
            answer=answer,
        )

    def basis(self, kind: str, *, holder: int = SCHOOL, **columns: Any) -> None:
        given = {"valid_from": NOW - DAY, "valid_until": None, "withdrawn_at": None, "review_on": NOW.date()}
        self.line(self.add("sharing_basis", kind=kind, given_by_id=None, **(given | columns)), holder=holder)

    def settles(
        self, basis: int, start: dt.datetime, end: dt.datetime | None = None, subject: int = CHILD
    ) -> None:
        self.add("sharing_settlement", subject_id=subject, basis_id=basis, valid_from=start, valid_until=end)

    def shield(self, level: str, **columns: Any) -> int:
        given = {"valid_from": NOW - DAY, "valid_until": None, "lifted_at": None, "author_team_id": CLINIC}
        return self.add("sharing_shield", subject_id=CHILD, level=level, **(given | columns))

    def place(self, person: int, until: dt.date | None, voided: dt.datetime | None = None) -> None:
        self.add("family_member", subject_id=FAMILY, person_id=person, until=until, voided_at=voided)

    def opens(self, holder: int = SCHOOL, category: str = "health", subject: int = CHILD) -> bool:
        return Oracle(self.rows, NOW).granted(subject, category, frozenset({holder}))


def asking(*principals: int, governs: bool = False) -> Asking:
    return Asking("practitioner", principals[0] if principals else 0, frozenset(principals), governs)


def reads(world: World, who: Asking, table: str, row: dict[str, Any]) -> bool:
    return may_read(Oracle(world.rows, NOW), who, table, row)


def purpose(world: World, team: int = SCHOOL) -> None:
    world.add(
        "access_purpose",
        subject_id=CHILD,
        practitioner_id=WORKER,
        team_id=team,
        stated_at=NOW - DAY,
        until=NOW + DAY,
    )
