"""Keeping involvements fresh by the calendar, and telling of them. No notice names anybody."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from teamaround.database.actor import acting_as

from .actions import members_of, notify
from .services import service_actor

SERVICE = "involvements"
_KINDS = {
    "asked": "involvement.quiet",
    "reminded": "involvement.reminded",
    "ended": "involvement.ended",
    "ended_for_lead": "involvement.lapsed",
}


def keep_involvements(today: dt.date | None = None) -> dict[str, int]:
    """Ask about quiet involvements, remind once, end what nobody confirmed, and tell whom it concerns.

    Run again on the same day it does nothing more. How many teams, and leads, each step concerns. A notice goes to a team
    once, however many children it is about.
    """
    with acting_as(service_actor(SERVICE)), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "select step, team, practitioner from app.keep_involvements(%s)",
                [today or timezone.localdate()],
            )
            rows = cursor.fetchall()
        teams: dict[str, set[int]] = defaultdict(set)
        named: dict[str, set[int]] = defaultdict(set)
        for step, team, practitioner in rows:
            if practitioner is None:
                teams[step].add(team)
            else:
                named[step].add(practitioner)
        for step, kind in _KINDS.items():
            _tell(kind, {*named[step], *(members_of(teams[step]) if teams[step] else ())}, step)
    return {step: len(teams[step]) + len(named[step]) for step in _KINDS}


def _tell(kind: str, practitioners: Iterable[int], step: str) -> None:
    link = reverse("desk:my_day") if step == "ended_for_lead" else reverse("desk:quiet")
    notify(practitioners=practitioners, kind=kind, link=link)


def tell_begun() -> int:
    """Tell the workers named that another service began with somebody they work with: each once, however many
    children. How many were told; run again, nobody is told twice. My day shows it to their whole team at once."""
    with acting_as(service_actor(SERVICE)), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select practitioner from app.take_told()")
            told = [row[0] for row in cursor.fetchall()]
        notify(practitioners=told, kind="involvement.begun", link=reverse("desk:my_day"))
    return len(told)
