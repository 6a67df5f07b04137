"""When a request about one's own data has to be answered.

One month to the corresponding date (31 January to the last day of February), two more where it was extended,
moved on by the days on which we waited for a clarification, then to the next working day of England. Source:
UK GDPR article 12(3), Data (Use and Access) Act 2025 for the stopped clock.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from teamaround.workingtime import Calendar

WORKING = Calendar()
MONTHS = 1
EXTENDED_MONTHS = 3


@dataclass(frozen=True, slots=True)
class Pause:
    """From the day we asked for a clarification until the day it came; `until` is None while we wait."""

    since: dt.date
    until: dt.date | None = None


def corresponding(day: dt.date, months: int) -> dt.date:
    """The same day of the month, so many months on; the last day of that month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def next_working(day: dt.date) -> dt.date:
    """The day itself where it is a working day, else the next one."""
    while not WORKING.is_working_day(day):
        day += dt.timedelta(days=1)
    return day


def days_stopped(pauses: Sequence[Pause], until: dt.date) -> int:
    """For how many days the clock stood still, a day in two pauses counted once; an open pause up to `until`."""
    stopped, reached = 0, dt.date.min
    for since, end in sorted((pause.since, pause.until or until) for pause in pauses):
        begin = max(since, reached)
        if end > begin:
            stopped += (end - begin).days
            reached = end
    return stopped


def is_stopped(pauses: Sequence[Pause]) -> bool:
    """Whether we wait for a clarification."""
    return any(pause.until is None for pause in pauses)


def due_on(
    asked_on: dt.date, pauses: Sequence[Pause] = (), *, extended: bool = False, today: dt.date
) -> dt.date:
    """The last day on which the answer is in time; while the clock is stopped, as it would be were it answered today."""
    base = corresponding(asked_on, EXTENDED_MONTHS if extended else MONTHS)
    return next_working(base + dt.timedelta(days=days_stopped(pauses, today)))
