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
    """How many whole units of the limit have passed between a start and a moment: minutes, hours, working days,
    calendar days, weeks or months. 0 before the first is over. For "same day", 1 once that day is over.

    The inverse of `due`: what has a limit of at most so many units is due by that moment, anything longer after it.
    Raises ValueError as `due` does.
    """
    stops = tuple(pauses)

    def over(amount: int) -> bool:
        return due(start, replace(limit, amount=amount), calendar, stops).at <= moment

    if moment <= start or not over(1):
        return 0
    if limit.unit == "same day":
        return 1
    least, most = 1, 2
    while over(most):
        least, most = most, most * 2
    while most - least > 1:
        middle = (least + most) // 2
        if over(middle):
            least = middle
        else:
            most = middle
    return least


def left(
    start: datetime, moment: datetime, limit: Limit, calendar: Calendar, pauses: Iterable[Pause] = ()
) -> int:
    """How many units of the limit are left at a moment, a begun one included; 0 once it is due."""
    return max(0, limit.amount - elapsed(start, moment, limit, calendar, pauses))
