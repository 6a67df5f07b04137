"""Random worlds: who works where, who belongs to which family, what was decided, and what changed afterwards.

A world is made from its seed and number alone. Times stand around the moment of making, at random distances;
none lies in the five minutes that follow, so that nothing turns while a world is compared.
"""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from teamaround.checks.afterwards import SENSITIVE, Afterwards
from teamaround.checks.filling import CATEGORIES, CATEGORIES_OF
from teamaround.checks.machines import Machines
from teamaround.checks.schema import Table
from teamaround.checks.telling import DAY, MINUTE, Ids, World
from teamaround.checks.twice import Twice

ROWS_A_TABLE = 2

# Written by what the story says of them, never by the filler.
STORY = frozenset(
    {
        "duty_shift",
        "person",
        "family",
        "family_member",
        "feed_call",
        "feed_heard",
        "feed_key_feed",
        "feed_key_use",
        "person_merge",
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


class Maker(Twice, Afterwards, Machines):
    """Makes one world."""

    def make(self) -> World:
        """The whole world."""
        first = {table: self.ids.reached(table) + 1 for table in ("principal", "subject")}
        self._agencies()
        self._shifts()
        self._people()
        self._merges()
        self._involvements()
        self._consents()
        self._other_bases()
        self._shields()
        self._looked_at_twice()
        self._feeds()
        self._everything_else()
        self._pairs()
        self._probes()
        self._relatives()
        self._changes()
        self.world.principals = (first["principal"], self.ids.reached("principal"))
        self.world.subjects = (first["subject"], self.ids.reached("subject"))
        for name, rows in self.fill.rows.items():
            self.world.rows[name] = [row for row in rows if id(row) not in self.late]
            self.world.late[name] = [row for row in rows if id(row) in self.late]
        return self.world

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

    def _shifts(self) -> None:
        """Some teams belong to one agency, and some of its workers are on duty for another team of it, or of elsewhere."""
        # A chance of its own: the rest of the world stays what its seed made of it.
        rng = random.Random(f"{self.world.seed}:{self.world.number}:shifts")  # noqa: S311 - to be had again
        rows = self.fill.rows["team"]
        for row in rows[1:]:
            if rng.random() < 0.5:
                row["agency_id"] = rng.choice(rows)["agency_id"]
        for _ in range(rng.randint(0, 3)):
            starts = self.now - dt.timedelta(hours=rng.choice((1, 1, 5, 60, -3)))
            ends = starts + dt.timedelta(hours=rng.choice((0.5, 3, 48)))
            withdrawn = rng.random() < 0.25
            if withdrawn:
                # One that would open something, but for that.
                starts, ends = self.now - dt.timedelta(hours=1), self.now + dt.timedelta(hours=47)
            self._add(
                "duty_shift",
                team_id=rng.choice(rows)["id"],
                practitioner_id=rng.choice(self.workers),
                starts_at=starts,
                ends_at=ends,
                withdrawn_at=self.now if withdrawn else None,
                recorded_by_id=rng.choice(self.workers),
                withdrawn_by_id=None,
                instead_of_id=None,
            )

    def _membership(self, worker: int, team: int) -> None:
        since = self.moment(0.08)
        until = max(since, self.moment(0.5)) if self.rng.random() < 0.25 else None
        role = self.rng.choice(("practitioner",) * 7 + ("governance", "manager", "manager"))
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

    def _people(self) -> None:
        rng = self.rng
        self.children = [self._person(True) for _ in range(rng.randint(1, 3))]
        self.adults = [self._person(False) for _ in range(rng.randint(2, 3))]
        self._recorded_again()
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
            until = max(since, self.day()) if rng.random() < 0.5 else None
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
                    if name == "appointment":
                        # With a team, or with somebody in words.
                        host = rng.choice([*self.teams, *self.teams, None])
                        more |= {
                            "with_team_id": host,
                            "with_words": "" if host else "The dentist",
                            "starts_at": self.now,
                        }
                    if name == "meeting_invitation":
                        more |= {
                            "invited_team_id": rng.choice(self.teams),
                            "withdrawn_at": self.maybe(0.25, self.past()),
                        }
                    if name == "referral_whereabouts" and rng.random() < 0.6:
                        # Most often of a child whom a shield protects.
                        shields = self.fill.rows["sharing_shield"]
                        more |= {"subject_id": rng.choice(shields)["subject_id"]} if shields else {}
                    if name == "person_relationship":
                        more = {"subject_id": rng.choice(self.children), "other_id": rng.choice(self.adults)}
                    if name == "panel_item":
                        sitting = self._add(
                            "panel_sitting", panel_id=rng.choice(self.panels), closed_at=None, set_by_id=None
                        )
                        more |= {"sitting_id": sitting["id"]}
                    if name == "file_audit_answer":
                        more |= {"question_id": self._add("audit_question")["id"]}
                    if name == "episode_move":
                        left, taken = rng.sample(self.fill.pools["procedure_version"], 2)
                        more |= {"from_version_id": left, "to_version_id": taken, "undoes_id": None}
                    if name == "episode_link":
                        if len(self.fill.pools["episode"]) < 2:
                            continue
                        goes, came = rng.sample(self.fill.pools["episode"], 2)
                        more |= {"episode_id": goes, "from_episode_id": came}
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
        """One event in each cell of which anything was said and in each index, by the team in which nobody works."""
        cells = {(line["subject_id"], line["shared_category"]) for line in self.fill.rows["sharing_line"]}
        cells |= {(other, category) for subject, category in cells for other in self.records(subject)}
        cells |= {(subject, "index") for subject in self.subjects}
        for subject, category in sorted(cells):
            self._add("event", subject_id=subject, category=category, author_team_id=self.quiet)
        shielded = {shield["subject_id"] for shield in self.fill.rows["sharing_shield"]}
        for subject in sorted({record for each in shielded for record in self.records(each)}):
            for category in sorted({category for about, category in cells if about == subject}):
                for table in ("person_address", "person_school_place"):
                    self._add(table, subject_id=subject, category=category, author_team_id=self.quiet)

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
        people = [*self.children, *self.adults]
        if self.trees and self.rng.random() < 0.5:
            people = self.rng.choice(self.trees)
        for person in self.rng.sample(people, 1):
            account = self._add("account", is_active=True)
            account["email"] = f"relative-{account['id']}@worlds.example"
            principal = self._principal("family")
            self._add(
                "portal_account",
                id=principal,
                account_id=account["id"],
                person_id=person,
                opened_by_id=self.rng.choice(self.workers),
                opened_at=self.past(),
                ended_at=self.maybe(0.2, self.past()),
            )
            self.world.relatives.append((principal, account["id"]))
            for complains in (False, True):
                self._add(
                    "family_message",
                    subject_id=person,
                    sent_by_id=principal,
                    kind="complaint" if complains else "question",
                    receiving_team_id=None if complains else self.rng.choice(self.teams),
                    acknowledge_by=self.now.date() if complains else None,
                )


__all__ = ["Ids", "Maker", "World"]
