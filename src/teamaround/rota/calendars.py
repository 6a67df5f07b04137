"""What an area adds to calendars, read once a process for as long as nobody changes it."""

from __future__ import annotations

import datetime as dt
import json
import time
import uuid
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import connection

from teamaround.workingtime import Closure, Term
from teamaround.workingtime.calendar import Hours


@dataclass(frozen=True, slots=True)
class Local:
    """The closures, hours and terms that stand now. `stamp` is another after every change; `team_sites` says at which
    site a team works."""

    stamp: uuid.UUID
    closures: tuple[tuple[int | None, int | None, Closure], ...]
    openings: dict[int, Hours]
    terms: tuple[Term, ...]
    team_sites: dict[int, int]

    def closures_of(self, team: int) -> tuple[Closure, ...]:
        """The days on which a team is closed: the area's, its site's, its own. The narrowest reason comes last."""
        site = self.team_sites.get(team)
        area = [each for of, at, each in self.closures if of is None and at is None]
        there = [each for _of, at, each in self.closures if at is not None and at == site]
        own = [each for of, _at, each in self.closures if of == team]
        return (*area, *there, *own)

    def hours_of(self, team: int) -> Hours | None:
        """The opening hours of the site at which a team works; None where nobody has said them."""
        return self.openings.get(self.team_sites.get(team, 0))


ASKED_EVERY = 60.0
"""Seconds after which a page asks again whether calendars have changed: it tells how many working days are left. What
is kept is always reckoned by what stands at that moment."""


class _Known:
    """What this process last read, from which database, and when it last asked whether that still holds."""

    local: Local | None = None
    database: str = ""
    asked: float | None = None


def local(*, hold: bool = False) -> Local:
    """What stands now; on a page, what stood a minute ago at the earliest.

    With `hold`, what stands at this very moment, and nobody changes it until this transaction ends: whoever keeps
    something that is reckoned from it is then never behind a change. It is the same whoever asks.
    """
    known, now, name = _Known.local, time.monotonic(), str(connection.settings_dict["NAME"])
    if known is not None and _Known.database != name:
        known = None
    if known is not None and not hold and _Known.asked is not None and now - _Known.asked < ASKED_EVERY:
        return known
    # Once a minute a process, whichever page it is: none of that page's own statements.
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        stamp = cursor.execute("select app.calendar_stamp_now(%s)", [hold]).fetchone()
        if known is None or stamp is None or known.stamp != stamp[0]:
            found = cursor.execute("select app.local_calendar()").fetchone()
            known = _read(found[0] if found else None)
    _Known.local, _Known.database, _Known.asked = known, name, now
    return known


def forget() -> None:
    """Ask again before the next answer: after a change of one's own."""
    _Known.asked = None


def _read(found: Any) -> Local:
    data = json.loads(found) if isinstance(found, str) else found
    closures: list[tuple[int | None, int | None, Closure]] = []
    for team, site, day, until, reason in data["closures"]:
        first, last = dt.date.fromisoformat(day), dt.date.fromisoformat(until)
        closures += [
            (team, site, Closure(first + dt.timedelta(days=number), reason))
            for number in range((last - first).days + 1)
        ]
    openings: dict[int, list[tuple[tuple[dt.time, dt.time], ...]]] = {}
    for site, weekday, opens, closes in data["openings"]:
        days = openings.setdefault(site, [()] * 7)
        days[weekday] += ((dt.time.fromisoformat(opens), dt.time.fromisoformat(closes)),)
    return Local(
        stamp=uuid.UUID(data["stamp"]),
        closures=tuple(closures),
        openings={site: tuple(days) for site, days in openings.items()},
        terms=tuple(
            Term(dt.date.fromisoformat(first), dt.date.fromisoformat(last), name)
            for first, last, name in data["terms"]
        ),
        team_sites=dict(data["team_sites"]),
    )
