"""The moment of something of which only the day is known."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone


def moment_of(day: dt.date, at: dt.time | None = None) -> dt.datetime:
    """That time of that day in this area's own time. Without a time: now, if it is today; otherwise midday."""
    now = timezone.localtime()
    if at is None:
        if day == now.date():
            return now
        at = dt.time(12)
    return timezone.make_aware(dt.datetime.combine(day, at))
