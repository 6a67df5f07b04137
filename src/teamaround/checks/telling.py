"""What every part of a world's story stands on: its chance, its moments, and how a row is added to it."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from teamaround.checks.filling import Filler
from teamaround.checks.schema import Table

MINUTE = dt.timedelta(minutes=1)
DAY = dt.timedelta(days=1)
DISTANCES = (MINUTE * 7, MINUTE * 90, DAY, DAY * 9, DAY * 200, DAY * 800)


class Ids:
    """Numbers for rows: each table counts upwards over all worlds of one database."""

    def __init__(self, first: int = 1_000_000) -> None:
        self.first = first
        self._used: Counter[str] = Counter()

    def next(self, table: str) -> int:
        """The next number of a table."""
        self._used[table] += 1
        return self.reached(table)

    def reached(self, table: str) -> int:
        """The latest number of a table."""
        return self.first + self._used[table]


@dataclass(frozen=True)
class Change:
    """A later UPDATE of one row."""

    table: str
    key: str
    value: Any
    columns: dict[str, Any]


@dataclass
class World:
    """One world: rows in the order of writing, then changes. `principals` and `subjects` are its ranges of both;
    `feeds` are principals with the feed's number."""

    seed: int
    number: int
    principals: tuple[int, int] = (0, 0)
    subjects: tuple[int, int] = (0, 0)
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    late: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    practitioners: list[tuple[int, int]] = field(default_factory=list)
    relatives: list[tuple[int, int]] = field(default_factory=list)
    feeds: list[tuple[int, int]] = field(default_factory=list)


class Telling:
    """A world while it is told."""

    rng: random.Random
    children: list[int]
    adults: list[int]
    families: list[int]
    subjects: list[int]
    teams: list[int]
    panels: list[int]
    workers: list[int]
    silent: list[int]
    """Records of somebody about which nothing is decided: all is said of another of theirs."""
    quiet: int
    """A team in which nobody works: what it wrote is read by grants alone."""

    def __init__(
        self,
        seed: int,
        number: int,
        tables: dict[str, Table],
        ids: Ids,
        now: dt.datetime,
        procedures: Sequence[int],
    ) -> None:
        self.rng = random.Random(f"{seed}:{number}")  # noqa: S311 - a test's chance, to be had again
        self.world = World(seed, number)
        self.ids = ids
        self.now = now
        self.tables = tables
        self.fill = Filler(self.rng, tables, ids, now)
        self.fill.pools["procedure_version"] = list(procedures)
        self.late: set[int] = set()

    def past(self) -> dt.datetime:
        """Some moment before now."""
        distance = self.rng.choice(DISTANCES)
        return self.now - distance * self.rng.uniform(0.5, 1)

    def future(self) -> dt.datetime:
        """Some moment more than five minutes after now."""
        distance = self.rng.choice(DISTANCES)
        return self.now + MINUTE * 5 + distance * self.rng.uniform(0.2, 1)

    def moment(self, future: float = 0.3) -> dt.datetime:
        """Some moment, after now with the probability `future`."""
        return self.future() if self.rng.random() < future else self.past()

    def maybe(self, probability: float, value: Any) -> Any:
        """The value with a probability; else nothing."""
        return value if self.rng.random() < probability else None

    def day(self) -> dt.date:
        """Some day, often today or beside it."""
        return (self.now + DAY * self.rng.choice((-400, -30, -2, -1, -1, 0, 0, 1, 1, 2, 30))).date()

    def _principal(self, kind: str) -> int:
        row = self.fill.add("principal", kind=kind)
        assert row is not None
        return int(row["id"])

    def _add(self, table: str, /, **given: Any) -> dict[str, Any]:
        row = self.fill.add(table, **given)
        assert row is not None, table
        return row

    def _person(self, child: bool) -> int:
        subject = int(self._add("subject", kind="person")["id"])
        born, precision = self._born(child)
        self._add(
            "person",
            subject_id=subject,
            category="index",
            author_team_id=self.rng.choice((self.quiet, self.rng.choice(self.teams))),
            date_of_birth=born,
            born_precision=precision,
            given="Given",
            family_name="Family",
        )
        return subject

    def _sometimes_late(self, *rows: dict[str, Any] | None, probability: float = 0.3) -> None:
        """Write these after everything else, so that no order of writing is taken for granted."""
        if self.rng.random() < probability:
            self.late.update(id(row) for row in rows if row is not None)

    def _born(self, child: bool) -> tuple[dt.date | None, str]:
        rng = self.rng
        if rng.random() < 0.06:
            return None, "day"
        today = self.now.date()
        precision = rng.choice(("day", "day", "day", "month", "year"))
        if not child:
            return today - DAY * rng.randint(20 * 366, 60 * 365), precision
        if rng.random() < 0.3:
            return today - DAY * rng.randint(1, 15 * 365), precision
        # Near the sixteenth birthday, on it, and on the months and years around it.
        near = today.replace(year=today.year - 16, day=min(today.day, 28))
        spread = {"day": (-2, -1, 0, 0, 1, 2), "month": (-40, -9, 3, 9, 20), "year": (-400, -90, 20, 90)}
        return near + DAY * rng.choice((*spread[precision], -400, 400)), precision
