"""The words beside a clock: why something is due when it is, and how long is left."""

from collections import Counter
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple

from teamaround.workingtime.calendar import LONDON, WEEKDAYS, Calendar
from teamaround.workingtime.limits import Limit

if TYPE_CHECKING:
    from teamaround.workingtime.clock import Due

Bucket = Literal["late", "today", "this_week", "later"]

_DATED_AT_MOST = 2
_SHOWN_IN_HOURS = timedelta(hours=4)
_NEAR_DAYS = 7
_SOON = timedelta(hours=1)
_CLOCK_UNITS = ("minute", "hour")
_SAID_AT_MOST = 20_000
_WORKING_DAYS_SHOWN_UP_TO = 31


class Skipped(NamedTuple):
    """A day that does not count towards a limit, and why: a weekday's name, a bank holiday's, or a
    closure's reason."""

    day: date
    reason: str


def skipped_days(start: datetime, at: datetime, limit: Limit, calendar: Calendar) -> tuple[Skipped, ...]:
    """The days from the start's day to the day due, that day excluded, which do not count towards the
    limit."""
    first, last = start.astimezone(LONDON).toordinal(), at.astimezone(LONDON).toordinal()
    found = []
    for day in range(first, last):
        reason = None
        if limit.unit == "working day":
            reason = calendar.idle_reason(day)
        elif (limit.of == "opening" or limit.unit == "same day") and not calendar.spans(day):
            reason = calendar.idle_reason(day) or WEEKDAYS[(day + 6) % 7]
        if reason:
            found.append(Skipped(date.fromordinal(day), reason))
    return tuple(found)


def why(
    start: datetime, counted_from: datetime, at: datetime, limit: Limit, calendar: Calendar, *, paused: bool
) -> str:
    """One sentence: when, the limit, from when, and what does not count."""
    begun, counted, ends = (moment.astimezone(LONDON) for moment in (start, counted_from, at))
    show_year = begun.year != ends.year
    parts = [f"due {_short(ends, show_year)}: {_measure(limit, _short(begun, show_year))}"]
    if counted != begun:
        outside = "the clock was paused" if paused else _outside(begun, limit, calendar)
        parts.append(f"counted from {_short(counted, show_year)} because {outside}")
    if limit.unit == "same day" and ends.date() != begun.date() and not paused:
        parts.append(f"{_outside(begun, limit, calendar)}, so the end of the next open day")
    if limit.in_whole_days and limit.unit != "same day" and not paused:
        target = limit.corresponding_day(begun.date())
        if target != ends.date():
            shut = Skipped(target, calendar.why_not_working(target) or f"{target:%A}")
            moved = "next open day" if target < ends.date() else "last open day before"
            parts.append(f"the service is closed on {_name(shut)} {target.day} {target:%b}, so the {moved}")
    if limit.unit == "same day" and at - start < _SOON and not paused:
        parts.append(f"the service closes {_length(at - start)} later")
    if said := _skipped_in_words(begun, ends, limit, calendar):
        parts.append(said)
    if paused:
        parts.append("time in which the clock was paused does not count")
    return "; ".join(parts)


def _skipped_in_words(begun: datetime, ends: datetime, limit: Limit, calendar: Calendar) -> str:
    """Which days between do not count; empty where all do, or the first alone does not, which is told before."""
    if (limit.in_whole_days and limit.unit != "same day") or (
        limit.of == "elapsed" and limit.unit in _CLOCK_UNITS
    ):
        return ""
    first, last = begun.toordinal(), ends.toordinal()
    if first == last:
        return ""
    key = ("working" if limit.unit == "working day" else "open", first, last)
    said = calendar.said.get(key)
    if said is None:
        skipped = skipped_days(begun, ends, limit, calendar)
        told = skipped and [each.day for each in skipped] != [begun.date()]
        said = _do_not_count(skipped) if told else ""
        if len(calendar.said) >= _SAID_AT_MOST:
            calendar.said.clear()
        calendar.said[key] = said
    return said


def _measure(limit: Limit, begun: str) -> str:
    if limit.unit == "same day":
        return f"{limit} as {begun}"
    if limit.in_whole_days:
        return f"{limit} from {begun}, to the end of the day"
    if limit.unit == "working day" or limit.of == "opening":
        return f"{limit} from {begun}"
    return f"{limit} from {begun}, day or night"


def _outside(begun: datetime, limit: Limit, calendar: Calendar) -> str:
    day = begun.date()
    if limit.unit == "working day" and (reason := calendar.why_not_working(day)):
        return f"{_name(Skipped(day, reason))} is not a working day"
    hours = calendar.hours_on(day)
    if not hours:
        return f"the service is closed on {_name(Skipped(day, calendar.why_not_working(day) or f'{day:%A}'))}"
    clock = begun.time()
    if clock < hours[0][0]:
        return f"the service opens at {say_time(hours[0][0])}"
    if clock < hours[-1][0]:
        return f"the service was closed at {say_time(clock)}"
    return f"the service closes at {say_time(hours[-1][1])}"


def _do_not_count(skipped: tuple[Skipped, ...]) -> str:
    said = _ordinary([each.reason for each in skipped if each.reason in WEEKDAYS])
    named = [each for each in skipped if each.reason not in WEEKDAYS]
    if len(named) <= _DATED_AT_MOST:
        said += [f"{each.day:%A} {each.day.day} {each.day:%B} ({_briefly(each.reason)})" for each in named]
    else:
        counted = Counter(each.reason for each in named)
        said += [name if times == 1 else f"{name} ({times} days)" for name, times in counted.items()]
    return f"{_joined(said)} {'does' if len(skipped) == 1 else 'do'} not count"


def _ordinary(weekdays: list[str]) -> list[str]:
    """The weekdays on which the service never works, each said once; Saturdays and Sundays as weekends."""
    times = Counter(weekdays)
    if {"Saturday", "Sunday"} <= set(times):
        said = ["weekends"]
        del times["Saturday"], times["Sunday"]
    else:
        said = []
    return [f"{name}s" if number > 1 else name for name, number in times.items()] + said


def _briefly(reason: str) -> str:
    return "bank holiday" if reason.lower().endswith(" bank holiday") else reason


def _name(skipped: Skipped) -> str:
    weekday = f"{skipped.day:%a}"
    return weekday if skipped.reason in WEEKDAYS else f"{weekday} ({skipped.reason})"


def _joined(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _short(local: datetime, with_year: bool) -> str:
    year = f" {local.year}" if with_year else ""
    return f"{local:%a} {local.day} {local:%b}{year} {local:%H:%M}"


def say_time(clock: datetime | time) -> str:
    """A clock time as people say it: 11:20am, 10pm, midday, midnight."""
    hour, minute = clock.hour, clock.minute
    if minute == 0 and hour in (0, 12):
        return "midday" if hour else "midnight"
    return f"{hour % 12 or 12}{f':{minute:02}' if minute else ''}{'am' if hour < 12 else 'pm'}"


def say_instant(moment: datetime) -> str:
    """An instant in London in full: Friday 1 May 2026 at 9:55pm."""
    local = moment.astimezone(LONDON)
    return f"{local:%A} {local.day} {local:%B} {local.year} at {say_time(local)}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _length(length: timedelta) -> str:
    """Hours and minutes, rounded down to a minute; "less than a minute" below that."""
    minutes = length // timedelta(minutes=1)
    hours, rest = divmod(minutes, 60)
    said = [_count(hours, "hour")] if hours else []
    said += [_count(rest, "minute")] if rest else []
    return " ".join(said) or "less than a minute"


def remaining(now: datetime, due: "Due | datetime", calendar: Calendar) -> str:
    """How long is left, or how late it is, in a few words.

    "35 minutes late", "2 working days late", "1 hour 5 minutes left, by 11:20am", "Tomorrow, Thursday 19",
    "Monday 23, in 2 working days", "20 March, in 12 working days", "1 October 2026". Under a day late, and
    under four hours left, are said in hours and minutes; lateness is in whole working days where there is
    one.
    """
    at = due if isinstance(due, datetime) else due.at
    there, here = at.astimezone(LONDON), now.astimezone(LONDON)
    if now > at:
        return _late(now - at, here, there, calendar)
    if there.date() == here.date() or at - now < _SHOWN_IN_HOURS:
        return f"{_length(at - now)} left, by {say_time(there)}"
    days = (there.date() - here.date()).days
    if days == 1:
        return f"Tomorrow, {there:%A} {there.day}"
    working = calendar.working_days_between(here.date(), there.date())
    if working > _WORKING_DAYS_SHOWN_UP_TO:
        return f"{there.day} {there:%B} {there.year}"
    named = f"{there:%A} {there.day}" if days < _NEAR_DAYS else f"{there.day} {there:%B}"
    return f"{named}, in {_count(working, 'working day') if working else _count(days, 'day')}"


def _late(late: timedelta, here: datetime, there: datetime, calendar: Calendar) -> str:
    if late < timedelta(days=1):
        return f"{_length(late)} late"
    working = calendar.working_days_between(there.date(), here.date())
    if working and here.time() < there.time() and calendar.is_working_day(here.date()):
        working -= 1  # the last of them is not over yet
    return f"{_count(working, 'working day') if working else _count(late.days, 'day')} late"


def bucket(now: datetime, due: "Due | datetime") -> Bucket:
    """Which part of a list something belongs to: late once its moment has passed, today, this_week and later
    by the civil date in London. this_week is the seven days after today, so that on a Sunday it is not
    empty."""
    at = due if isinstance(due, datetime) else due.at
    if now > at:
        return "late"
    there, here = at.astimezone(LONDON).date(), now.astimezone(LONDON).date()
    if there == here:
        return "today"
    return "this_week" if there <= here + timedelta(days=_NEAR_DAYS) else "later"
