"""The other way round: how much of a limit a moment has used up, and how much is left of it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from teamaround.workingtime.calendar import Calendar
from teamaround.workingtime.clock import Pause, due
from teamaround.workingtime.limits import Limit


def elapsed(
    start: datetime, moment: datetime, limit: Limit, calendar: Calendar, pauses: Iterable[Pause] = ()
) -> int:
    """How many whole units of a limit have passed between a start and a moment: minutes, hours, working days, calendar
    days, weeks or months; at most as many as the limit has. For "same day", 1 once that day is over.

    The inverse of `due`: up to the limit, what has so many units is due by that moment, anything longer after it.
    Raises ValueError as `due` does.
    """
    stops = tuple(pauses)
    least, most = 0, limit.amount + 1
    while most - least > 1:
        middle = (least + most) // 2
        if due(start, replace(limit, amount=middle), calendar, stops).at <= moment:
            least = middle
        else:
            most = middle
    return least


def left(
    start: datetime, moment: datetime, limit: Limit, calendar: Calendar, pauses: Iterable[Pause] = ()
) -> int:
    """How many units of the limit are left at a moment, a begun one included; 0 once it is due."""
    return limit.amount - elapsed(start, moment, limit, calendar, pauses)
