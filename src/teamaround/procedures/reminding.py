"""Telling somebody before something is due: once for each reminder of a procedure, to whom it says.

A notice names nobody and says nothing of the case. Outside the hours of whoever is told it waits for their digest.
"""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from teamaround.database.actor import acting_as
from teamaround.notices.actions import notify
from teamaround.notices.services import service_actor

from .calendars import procedure_for
from .late import SERVICE
from .named import named
from .telling import moment_before


def remind(now: dt.datetime | None = None) -> int:
    """Tell of everything that is due soon, as its procedure says. How many people were told.

    Run again, nothing is told twice. A reminder whose clock is late already is passed over: that it is late is told.
    One that came too early, since a calendar changed, waits for its moment.
    """
    now = now or timezone.now()
    told: set[int] = set()
    done: list[int] = []
    later: list[tuple[int, dt.datetime]] = []
    with acting_as(service_actor(SERVICE)), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "select reminder, version, team, worker, key, step, who, due_at from app.reminders_due()"
            )
            rows = cursor.fetchall()
        for reminder, version, team, worker, key, step, who, due_at in rows:
            at = _moment(version, team, key, step, due_at)
            if at is not None and at > now:
                later.append((reminder, at))
                continue
            done.append(reminder)
            told |= named(who, team=team, worker=worker)
        if rows:
            with connection.cursor() as cursor:
                cursor.execute(
                    "select app.reminded(%s, %s, %s::timestamptz[])",
                    [done, [each for each, _at in later], [at for _each, at in later]],
                )
        notify(practitioners=told, kind="clock.due_soon", link=reverse("desk:my_day"))
    return len(told)


def _moment(version: int, team: int, key: str, step: int, due_at: dt.datetime) -> dt.datetime | None:
    """When the reminder is to be told, by the calendars of now; None where its rule is gone."""
    procedure = procedure_for(version, team)
    rule = next((each for each in procedure.clocks if each.key == key), None)
    if rule is None or step > len(rule.remind):
        return None
    return moment_before(due_at, rule.remind[step - 1].before, procedure.calendar_for(rule))
