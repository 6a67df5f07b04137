"""Random worlds: who works where, who belongs to which family, what was decided, and what changed afterwards.

A world is made from its seed and number alone. Times stand around the moment of making, at random distances;
none lies in the five minutes that follow, so that nothing turns while a world is compared.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from teamaround.checks.filling import CATEGORIES, CATEGORIES_OF, Filler
from teamaround.checks.schema import Table

SENSITIVE = ("mental_health", "substance", "sexual_health", "justice", "domestic_abuse")
MINUTE = dt.timedelta(minutes=1)
DAY = dt.timedelta(days=1)
DISTANCES = (MINUTE * 7, MINUTE * 90, DAY, DAY * 9, DAY * 200, DAY * 800)
ROWS_A_TABLE = 2

# Written by what the story says of them, never by the filler.
STORY = frozenset(
    {
        "person",
        "family",
        "family_member",
        "involvement",
        "access_purpose",
        "portal_account",
        "sharing_basis",
        "sharing_line",
        "sharing_settlement",
        "sharing_shield",
        "sharing_shield_holder",
    }
)


class Ids:
    """Numbers for rows: each table counts upwards over all worlds of one database."""

    def __init__(self, first: int = 1_000_000) -> None:
        self.first = first
        self._used: Counter[str] = Counter()

    def next(self, table: str) -> int:
        """The next number of a table."""
        self._used[table] += 1
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
    """One world: rows in the order of writing, then changes. `principals` is its range of principals."""

    seed: int
    number: int
    principals: tuple[int, int] = (0, 0)
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    late: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    practitioners: list[tuple[int, int]] = field(default_factory=list)
    relatives: list[tuple[int, int]] = field(default_factory=list)


class Maker:
    """Makes one world."""

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

    # Times -------------------------------------------------------------------------------------------

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

    # The story ---------------------------------------------------------------------------------------

    def make(self) -> World:
        """The whole world."""
        self.first = self.ids._used["principal"] + 1 + self.ids.first
        self._agencies()
        self._people()
        self._involvements()
        self._consents()
        self._other_bases()
        self._shields()
        self._everything_else()
        self._probes()
        self._relatives()
        self._changes()
        self.world.principals = (self.first, self.ids._used["principal"] + self.ids.first)
        for name, rows in self.fill.rows.items():
            self.world.rows[name] = [row for row in rows if id(row) not in self.late]
            self.world.late[name] = [row for row in rows if id(row) in self.late]
        return self.world

    def _principal(self, kind: str) -> int:
        row = self.fill.add("principal", kind=kind)
        assert row is not None
        return int(row["id"])

    def _add(self, table: str, /, **given: Any) -> dict[str, Any]:
        row = self.fill.add(table, **given)
        assert row is not None, table
        return row

    def _agencies(self) -> None:
        rng = self.rng
        self.teams: list[int] = []
        for n in range(rng.randint(3, 5)):
            # Numbers of the world keep names apart: many worlds stand in one database.
            agency = self._add("agency", ended_at=None)
            agency["name"] = agency["slug"] = f"agency-{agency['id']}"
            team = self._principal("team")
            sensitive = rng.choice(SENSITIVE) if n and rng.random() < 0.35 else ""
            self._add(
                "team",
                id=team,
                agency_id=agency["id"],
                slug=f"team-{team}",
                name=f"Team {team}",
                site_id=None,
                sensitivity=sensitive,
                email="",
                takes_referrals=True,
                ended_at=self.maybe(0.05, self.past()),
            )
            self.teams.append(team)
        # Nobody works here: what it wrote is read by grants alone.
        self.quiet = self.teams[0]
        self.panels: list[int] = []
        for _ in range(rng.randint(1, 2)):
            panel = self._principal("panel")
            self._add(
                "panel",
                id=panel,
                slug=f"panel-{panel}",
                name=f"Panel {panel}",
                ended_at=self.maybe(0.1, self.past()),
            )
            self.panels.append(panel)
        self.workers: list[int] = []
        for _ in range(rng.randint(5, 8)):
            account = self._add("account", is_active=True)
            account["email"] = f"worker-{account['id']}@worlds.example"
            worker = self._principal("practitioner")
            self._add(
                "practitioner",
                id=worker,
                account_id=account["id"],
                left_at=self.maybe(0.05, self.past()),
            )
            self.workers.append(worker)
            self.world.practitioners.append((worker, account["id"]))
            for team in rng.sample(self.teams[1:], rng.choice((0, 1, 1, 1, 1, 2))):
                self._membership(worker, team)
            for panel in rng.sample(self.panels, rng.choice((0, 0, 0, 1))):
                since = self.moment(0.1)
                until = max(since, self.moment(0.5)) if rng.random() < 0.3 else None
                self._add("panel_seat", practitioner_id=worker, panel_id=panel, since=since, until=until)

    def _membership(self, worker: int, team: int) -> None:
        since = self.moment(0.08)
        until = max(since, self.moment(0.5)) if self.rng.random() < 0.25 else None
        role = self.rng.choice(("practitioner",) * 7 + ("governance",))
        self._add("membership", practitioner_id=worker, team_id=team, role=role, since=since, until=until)
        if until is not None and self.rng.random() < 0.2:
            self._add(
                "membership",
                practitioner_id=worker,
                team_id=team,
                role="practitioner",
                since=max(until, self.past()),
                until=None,
            )

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

    def _people(self) -> None:
        rng = self.rng
        self.children = [self._person(True) for _ in range(rng.randint(1, 3))]
        self.adults = [self._person(False) for _ in range(rng.randint(2, 3))]
        self.families: list[int] = []
        for _ in range(rng.randint(1, 2)):
            family = int(self._add("subject", kind="family")["id"])
            self._add("family", subject_id=family, category="index", author_team_id=rng.choice(self.teams))
            self.families.append(family)
            for person in (*self.children, *self.adults):
                for _ in range(rng.choice((0, 1, 1, 1, 2))):
                    self._place(family, person)
        self.subjects = [*self.children, *self.adults, *self.families]

    def _place(self, family: int, person: int) -> None:
        until = self.maybe(0.4, self.day())
        self.fill.add(
            "family_member",
            subject_id=family,
            person_id=person,
            role="child" if person in self.children else "parent",
            since=self.maybe(0.7, self.day() - DAY * 500),
            until=until,
            voided_at=self.maybe(0.15, self.past()),
        )

    def _involvements(self) -> None:
        rng = self.rng
        for _ in range(rng.randint(3, 7)):
            since = self.day()
            until = since + DAY * rng.choice((0, 1, 2, 30, 400)) if rng.random() < 0.4 else None
            self.fill.add(
                "involvement",
                subject_id=rng.choice(self.subjects),
                category="index",
                role="worker",
                since=since,
                until=until,
            )
        for _ in range(rng.randint(2, 5)):
            stated = self.moment(0.1)
            row = self._add(
                "access_purpose",
                subject_id=rng.choice(self.subjects),
                practitioner_id=rng.choice(self.workers),
                stated_at=stated,
                until=stated + MINUTE + (self.future() - self.now) * rng.choice((0.01, 1, 3)),
            )
            self._sometimes_late(row)

    def _sometimes_late(self, *rows: dict[str, Any] | None, probability: float = 0.3) -> None:
        """Write these after everything else, so that no order of writing is taken for granted."""
        if self.rng.random() < probability:
            self.late.update(id(row) for row in rows if row is not None)

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
        starts = [self.moment(0.1) for _ in range(4)]
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

    def _quarrel(self) -> None:
        """Two decide differently, and a worker settles it: in time or too early, for them or somebody else."""
        cell = self._cell()
        one, other = self.rng.sample(self.adults, 2)
        refused = self._said(one, cell, "refuse", self.past())
        shared = self._said(other, cell, "share", self.past())
        self.consents += [refused, shared]
        since = self.past()
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
            subject_id=subject,
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

    def _shields(self) -> None:
        rng = self.rng
        for _ in range(rng.choice((0, 1, 1, 2))):
            since = self.moment(0.12)
            shield = self._add(
                "sharing_shield",
                subject_id=rng.choice([*self.children, *self.adults]),
                category="safeguarding",
                level=rng.choice(("full", "whereabouts")),
                reason="A reason",
                valid_from=since,
                valid_until=max(since + MINUTE, self.moment(0.5)) if rng.random() < 0.3 else None,
                lifted_at=self.maybe(0.2, self.moment(0.3)),
            )
            holders = [
                self.fill.add(
                    "sharing_shield_holder",
                    shield_id=shield["id"],
                    subject_id=shield["subject_id"],
                    category="safeguarding",
                    author_team_id=shield["author_team_id"],
                    holder_id=rng.choice([*self.teams, *self.panels, *self.workers]),
                )
                for _ in range(rng.randint(0, 2))
            ]
            self._sometimes_late(shield, *holders)

    def _everything_else(self) -> None:
        """Rows of every other table that has an author, and of the tables that those need."""
        rng = self.rng
        for name, table in self.tables.items():
            if name in STORY or not table.protected or table.history:
                continue
            if name == "episode":
                self._episodes()
            elif table.authored or name == "draft":
                for _ in range(ROWS_A_TABLE):
                    more = self._where_grants_are(table)
                    if name == "task":
                        # Owed by a team, or by somebody in words.
                        team = rng.choice([*self.teams, None])
                        more |= {
                            "owner_team_id": team,
                            "owner_words": "" if team else "Mum",
                            "owner_id": None,
                        }
                    if name == "meeting_invitation":
                        more |= {
                            "invited_team_id": rng.choice(self.teams),
                            "withdrawn_at": self.maybe(0.25, self.past()),
                        }
                    if name == "person_relationship":
                        more = {"subject_id": rng.choice(self.children), "other_id": rng.choice(self.adults)}
                    if name == "plan_action":
                        more = self._goal_and_task()
                    if name == "review_progress":
                        goal = rng.choice(self.fill.rows["goal"])
                        more = {"goal_id": goal["id"], "subject_id": goal["subject_id"]}
                    self.fill.add(name, **more)

    def _where_grants_are(self, table: Table) -> dict[str, Any]:
        """Half of the rows stand where some basis has a line: elsewhere nobody but the author reads them."""
        if self.rng.random() < 0.4 or "category" not in table or "subject_id" not in table:
            return {}
        line = self.rng.choice(self.fill.rows["sharing_line"])
        if line["shared_category"] not in CATEGORIES_OF.get(table.name, CATEGORIES):
            return {"subject_id": line["subject_id"]}
        return {"subject_id": line["subject_id"], "category": line["shared_category"]}

    def _probes(self) -> None:
        """One event in each cell of which anything was said, by the team in which nobody works."""
        cells = {(line["subject_id"], line["shared_category"]) for line in self.fill.rows["sharing_line"]}
        for subject, category in sorted(cells):
            self._add("event", subject_id=subject, category=category, author_team_id=self.quiet)

    def _goal_and_task(self) -> dict[str, Any]:
        goal = self.rng.choice(self.fill.rows["goal"])
        task = self._add(
            "task", subject_id=goal["subject_id"], owner_team_id=None, owner_id=None, owner_words="Mum"
        )
        return {"goal_id": goal["id"], "task_id": task["id"], "subject_id": goal["subject_id"]}

    def _episodes(self) -> None:
        rng = self.rng
        for _ in range(rng.randint(1, 3)):
            status = rng.choice(("waiting", "open", "closed", "declined"))
            unknown = status in ("waiting", "declined") and rng.random() < 0.3
            self._add(
                "episode",
                subject_id=None if unknown else rng.choice(self.children),
                family_id=self.maybe(0.6, rng.choice(self.families)),
                status=status,
                closed_at=self.past() if status == "closed" else None,
            )

    def _relatives(self) -> None:
        for person in self.rng.sample([*self.children, *self.adults], 1):
            account = self._add("account", is_active=True)
            account["email"] = f"relative-{account['id']}@worlds.example"
            principal = self._principal("family")
            self._add(
                "portal_account",
                id=principal,
                account_id=account["id"],
                person_id=person,
                opened_by_id=self.rng.choice(self.workers),
                ended_at=self.maybe(0.2, self.past()),
            )
            self.world.relatives.append((principal, account["id"]))

    # What happens afterwards -------------------------------------------------------------------------

    def _changes(self) -> None:
        rng = self.rng
        for basis in self.fill.rows["sharing_basis"]:
            if basis["kind"] != "break_glass" and rng.random() < 0.2:
                self._change("sharing_basis", basis, withdrawn_at=self.moment(0.2))
        for row in self.fill.rows["person"]:
            if rng.random() < 0.15:
                born, precision = self._born(row["subject_id"] in self.children)
                self._change("person", row, date_of_birth=born, born_precision=precision)
        for row in self.fill.rows["family_member"]:
            if rng.random() < 0.2:
                self._change("family_member", row, until=self.day())
            elif rng.random() < 0.08:
                self._change("family_member", row, voided_at=self.past())
        for row in self.fill.rows["involvement"]:
            if rng.random() < 0.25:
                self._change("involvement", row, until=row["since"] + DAY * rng.choice((0, 0, 1, 30, 400)))
        for row in self.fill.rows["episode"]:
            if rng.random() < 0.3 and row["subject_id"] is not None:
                self._change("episode", row, status="closed", closed_at=self.past())
            elif row["subject_id"] is None:
                self._change("episode", row, subject_id=rng.choice(self.children))
        for row in self.fill.rows["sharing_shield"]:
            if rng.random() < 0.15:
                self._change("sharing_shield", row, lifted_at=self.past())
        for row in self.fill.rows["sharing_settlement"]:
            if rng.random() < 0.1:
                self._change("sharing_settlement", row, valid_until=max(row["valid_from"], self.past()))
        self._places_of_work()

    def _places_of_work(self) -> None:
        rng = self.rng
        for row in self.fill.rows["membership"]:
            if row["until"] is None and rng.random() < 0.08:
                self._change("membership", row, until=max(row["since"], self.past()))
        for row in self.fill.rows["practitioner"]:
            if rng.random() < 0.04:
                self._change("practitioner", row, left_at=self.past())
        for row in self.fill.rows["team"]:
            if not row["sensitivity"] and rng.random() < 0.1:
                self._change("team", row, sensitivity=rng.choice(SENSITIVE))

    def _change(self, table: str, row: dict[str, Any], **columns: Any) -> None:
        key = self.tables[table].key
        self.world.changes.append(Change(table, key, row[key], columns))
