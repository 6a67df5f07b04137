"""Cases of the last year, without names, for trying a changed procedure on them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter

from django.db import connection
from django.utils import timezone

from . import engine
from .whatif import Stream

Row = tuple[int, int, str, int, str, dt.datetime, dt.datetime, int | None, bool]

YEAR = dt.timedelta(days=365)


def past_streams(slug: str, *, now: dt.datetime | None = None) -> list[Stream]:
    """What happened in the cases, begun within a year, of the teams that follow a procedure.

    A database function gives them, to partnership officers alone, and writes a line in the administration log
    each time: numbers, kinds, moments, priority and team, and nothing of whom it was about. Sensitive services
    are left out.
    """
    since = (now or timezone.now()) - YEAR
    with connection.cursor() as cursor:
        cursor.execute("select * from app.past_streams(%s, %s)", [slug, since])
        rows = cursor.fetchall()
    return [_stream(number, list(group)) for number, group in groupby(sorted(rows), key=itemgetter(0))]


def _stream(number: int, rows: Sequence[Row]) -> Stream:
    events = tuple(
        engine.Event(
            id=place,
            kind=kind,
            happened_at=happened_at,
            recorded_at=recorded_at,
            corrects=corrects,
            voids=voids,
            priority=_priority(how_soon) if kind == "referral.received" else None,
        )
        for _nth, _team, how_soon, place, kind, happened_at, recorded_at, corrects, voids in rows
    )
    return Stream(number, rows[0][1], events)


def _priority(how_soon: str) -> engine.Priority:
    return "immediate" if how_soon == "immediate" else "standard"
