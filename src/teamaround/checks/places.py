"""Who holds what at a moment: practitioners by their places and shifts, family members, agencies' own systems.

Computed from `docs/sharing-rules.md` alone, over rows as dictionaries, as all of the oracle is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")

Row = Mapping[str, Any]
Rows = Mapping[str, Sequence[Row]]


def midnight(day: dt.date) -> dt.datetime:
    """The instant at which a civil date begins in London."""
    return dt.datetime(day.year, day.month, day.day, tzinfo=LONDON).astimezone(dt.UTC)


def holds(since: dt.datetime | None, until: dt.datetime | None, now: dt.datetime) -> bool:
    """Whether a half-open period holds: from its start, and no longer at its end."""
    return (since is None or since <= now) and (until is None or now < until)


@dataclass
class Places:
    """The places of one world's people at one moment.

    `rows` holds every row of the world by table; `now` is the moment of the question.
    """

    rows: Rows
    now: dt.datetime

    def table(self, name: str) -> Sequence[Row]:
        """The rows of a table; none where the world has none."""
        return self.rows.get(name, ())

    def principals_of(self, practitioner: int) -> frozenset[int]:
        """What a practitioner holds now: their own, current teams', current panels'. One who left holds none."""
        if any(p["id"] == practitioner and p["left_at"] is not None for p in self.table("practitioner")):
            return frozenset()
        ended = self._ended()
        places = [(m, m["team_id"]) for m in self.table("membership")]
        places += [(s, s["panel_id"]) for s in self.table("panel_seat")]
        held = {
            where
            for place, where in places
            if place["practitioner_id"] == practitioner
            and where not in ended
            and holds(place["since"], place["until"], self.now)
        }
        return frozenset({practitioner}) | held | (self._on_duty_for(practitioner, held) - ended)

    def _on_duty_for(self, practitioner: int, held: set[int]) -> set[int]:
        """The teams for which a practitioner is on duty now: of an agency in which they work, and no sensitive service,
        unless it is their own."""
        shifts = [
            shift
            for shift in self.table("duty_shift")
            if shift["practitioner_id"] == practitioner
            and shift["withdrawn_at"] is None
            and holds(shift["starts_at"], shift["ends_at"], self.now)
        ]
        if not shifts:
            return set()
        teams = {row["id"]: row for row in self.table("team")}
        agencies = {teams[each]["agency_id"] for each in held - self._ended() if each in teams}
        found = (teams[shift["team_id"]] for shift in shifts)
        return {team["id"] for team in found if team["agency_id"] in agencies and not team["sensitivity"]}

    def _ended(self) -> set[int]:
        """The teams and panels that ended."""
        return {row["id"] for t in ("team", "panel") for row in self.table(t) if row["ended_at"] is not None}

    def governs(self, principals: frozenset[int]) -> bool:
        """Whether one of these is a practitioner who is the information-governance lead of a current team."""
        return self._in_role("governance", principals)

    def manages(self, principals: frozenset[int]) -> bool:
        """Whether one of these is a practitioner who manages a current team."""
        return self._in_role("manager", principals)

    def manages_team(self, practitioner: int, team: int) -> bool:
        """Whether a practitioner manages this very team now."""
        held = self.principals_of(practitioner)
        return team in held and self._in_role("manager", frozenset({practitioner, team}))

    def _in_role(self, role: str, principals: frozenset[int]) -> bool:
        return any(
            place["role"] == role
            and place["practitioner_id"] in principals
            and place["team_id"] in principals
            and holds(place["since"], place["until"], self.now)
            for place in self.table("membership")
        )

    def relative(self, principal: int) -> frozenset[int]:
        """What a family member's account holds now: itself, until it ended."""
        ended = {row["id"] for row in self.table("portal_account") if row["ended_at"] is not None}
        return frozenset({principal} - ended)

    def feed(self, number: int) -> frozenset[int]:
        """What an agency's own system holds now: its own principal and its one team, until either ended."""
        ended = {row["id"] for row in self.table("team") if row["ended_at"] is not None}
        return frozenset(
            each
            for row in self.table("feed")
            if row["id"] == number and row["ended_at"] is None and row["team_id"] not in ended
            for each in (row["principal_id"], row["team_id"])
        )
