"""Opening hours as people type them, a line a weekday."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping

from django.utils.translation import gettext as _

from teamaround.workingtime import WEEKDAYS
from teamaround.workingtime.calendar import Hours, Interval

from .actions import CalendarRefused

_SPAN = re.compile(r"(\d{1,2})(?:[:.](\d\d))?\s*(?:-|–|to)\s*(\d{1,2})(?:[:.](\d\d))?")
_LAST_HOUR = 24


def read_hours(typed: Mapping[str, str]) -> Hours:
    """The hours by weekday's name in lower case: "9:00-12:30, 13:30-17:00"; empty is closed, 24:00 is midnight.

    Raises CalendarRefused naming the weekday that cannot be read.
    """
    return tuple(_day(name.lower(), typed.get(name.lower(), "")) for name in WEEKDAYS)


def hours_as_typed(hours: Hours) -> dict[str, str]:
    """The other way round: what stands in each weekday's field."""
    return {
        name.lower(): ", ".join(
            f"{opens.hour}:{opens:%M}-{closes.hour or _LAST_HOUR}:{closes:%M}" for opens, closes in spans
        )
        for name, spans in zip(WEEKDAYS, hours, strict=True)
    }


def _day(field: str, typed: str) -> tuple[Interval, ...]:
    return tuple(_span(field, part.strip()) for part in typed.split(",") if part.strip())


def _span(field: str, part: str) -> Interval:
    found = _SPAN.fullmatch(part)
    try:
        if found is None:
            raise ValueError(part)
        opens = dt.time(int(found[1]), int(found[2] or 0))
        last, minute = int(found[3]), int(found[4] or 0)
        closes = dt.time(0) if (last, minute) == (_LAST_HOUR, 0) else dt.time(last, minute)
    except ValueError as wrong:
        raise CalendarRefused(
            _("“%s” is not a span of hours. Write for example 9:00-17:00.") % part[:30], field
        ) from wrong
    return opens, closes
