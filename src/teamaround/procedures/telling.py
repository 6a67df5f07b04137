"""When people are told about a clock: before it is due, as it falls due, and up the ladder afterwards.

- A reminder comes so long before the moment due: hours and minutes in real time; working days at the same
  clock time on the Nth working day before, or that day's closing or first opening where the service is not
  open then; "same day" and calendar days, weeks and months at the first opening of the corresponding day, or
  of the last open day before it. One that would come at the start of the clock, or before, is left out.
- At the moment due, the one who owes it is told that it is late.
- A step of the ladder comes so long after the moment due, reckoned as any limit is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from teamaround.procedures.parts import ClockRule, Told
from teamaround.workingtime import Calendar, Due, Limit, due
from teamaround.workingtime.calendar import civil, instant

What = Literal["due soon", "late", "still late"]


@dataclass(frozen=True, slots=True)
class Telling:
    """Somebody is told about a clock at a moment (UTC). `step` counts the rungs of the ladder from 1; it is 0
    for a reminder and at the moment due itself."""

    at: datetime
    who: Told
    what: What
    step: int = 0


def tellings(rule: ClockRule, reckoned: Due) -> tuple[Telling, ...]:
    """All that is told of one round if nothing stops it, by moment."""
    calendar = reckoned.calendar
    found = [each for _step, each in reminders(rule, reckoned)]
    found.append(Telling(reckoned.at, rule.who, "late"))
    steps = sorted(rule.escalate, key=lambda each: due(reckoned.at, each.after, calendar).at)
    for number, step in enumerate(steps, 1):
        found.append(Telling(due(reckoned.at, step.after, calendar).at, step.who, "still late", number))
    return tuple(sorted(found, key=lambda each: (each.at, each.step)))


def reminders(rule: ClockRule, reckoned: Due) -> list[tuple[int, Telling]]:
    """What is told before the moment due, each with its place in the rule, counted from 1."""
    found = []
    for place, reminder in enumerate(rule.remind, 1):
        at = moment_before(reckoned.at, reminder.before, reckoned.calendar)
        if at > reckoned.counted_from:
            found.append((place, Telling(at, reminder.who, "due soon")))
    return found


def next_told(told: Sequence[Telling], now: datetime) -> Telling | None:
    """The first that is still to come after `now`."""
    return next((each for each in told if each.at > now), None)


def moment_before(at: datetime, limit: Limit, calendar: Calendar) -> datetime:
    """So long before a moment, by the rules at the top of this module (UTC)."""
    if limit.unit in ("minute", "hour"):
        length = timedelta(minutes=limit.amount) if limit.unit == "minute" else timedelta(hours=limit.amount)
        return at.astimezone(UTC) - length
    if limit.in_term:
        calendar = calendar.term_time()
    day, clock = civil(at)
    if limit.unit == "working day":
        left = limit.amount
        while left:
            day -= 1
            left -= calendar.idle_reason(day) is None
        opened = calendar.spans(day)
        found = opened[0][0]
        for opens, closes in opened:
            if clock >= opens:
                found = min(clock, closes)
        return instant(day, found)
    target = _days_back(date.fromordinal(day), limit).toordinal()
    open_day = calendar.open_day_until(target)
    return instant(open_day, calendar.spans(open_day)[0][0])


def _days_back(day: date, limit: Limit) -> date:
    if limit.unit == "month":
        months = day.year * 12 + day.month - 1 - limit.amount
        year, month = divmod(months, 12)
        first = date(year, month + 1, 1)
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        return first.replace(day=min(day.day, last.day))
    return day - timedelta(days=limit.amount * {"same day": 0, "calendar day": 1, "week": 7}[limit.unit])
