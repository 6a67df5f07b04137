"""When something is due.

Rules, for an instant `start`:

- *hours and minutes, elapsed*: real time, day and night, across clock changes.
- *hours and minutes, opening*: only time in which the service is open. A limit that is used up exactly at
  closing time is due at closing time.
- *same day*: the end of the service's day. A start at or after closing, or on a closed day, is due at the
  end of the next open day.
- *N working days*: the same clock time on the Nth working day after. A start outside the opening hours of a
  working day counts from the next opening on a working day. Where the Nth day is not open at that clock
  time, it is due at that day's closing before it, or at its first opening.
- *calendar days, weeks, months*: the corresponding date (31 January and one month is the last day of
  February), at the end of the service's day; when the service is closed that day, see `Limit.if_closed`.
- *in term time*: any of these but elapsed time, with the school holidays as days of closure.
- *pauses*: while paused, the clock does not run. Each pause that begins before the moment due moves the
  start on by as much as it took: opening time for limits in opening hours, opening time on working days for
  limits in working days, real time for all others. Nothing falls due inside a pause.

So a later start is never due earlier, and of two limits in one unit the longer is never due earlier.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from teamaround.workingtime import phrases
from teamaround.workingtime.calendar import FIRST_YEAR, LONDON, Calendar, civil, instant, within
from teamaround.workingtime.limits import Limit

_NOTHING = timedelta(0)
_UNIT_LENGTH = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1)}


class Pause(NamedTuple):
    """A time in which a clock does not run: from one aware instant until another. A pause that still goes
    on is given with the present moment as its end."""

    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Due:
    """When something is due, and the reckoning behind it.

    `at` and `counted_from` are in UTC. `counted_from` is the start itself, or the moment from which the
    limit is counted when the start lies outside working time or inside a pause. `skipped` and `why` are
    worked out only when read.
    """

    at: datetime
    counted_from: datetime
    start: datetime
    limit: Limit
    calendar: Calendar = field(repr=False)
    pauses: tuple[Pause, ...] = ()

    @property
    def local(self) -> datetime:
        """The moment due, as the clocks in London show it."""
        return self.at.astimezone(LONDON)

    @property
    def skipped(self) -> tuple[phrases.Skipped, ...]:
        """The days between start and due that do not count, each with its reason, in order."""
        return phrases.skipped_days(self.start, self.at, self.limit, self.calendar)

    @property
    def why(self) -> str:
        """One sentence: when, the limit, from when, and what does not count."""
        return phrases.why(
            self.start, self.counted_from, self.at, self.limit, self.calendar, paused=bool(self.pauses)
        )


def due(start: datetime, limit: Limit, calendar: Calendar, pauses: Iterable[Pause] = ()) -> Due:
    """When something that began at `start` is due, by the rules at the top of this module.

    Raises ValueError for a start without a time zone, a pause that ends before it begins, and for anything
    that would leave the years for which bank holidays are known.
    """
    if start.tzinfo is None:
        raise ValueError("The start has no time zone. Give an aware datetime.")
    if limit.in_term:
        calendar = calendar.term_time()
    begun = start.astimezone(UTC)
    if begun.year < FIRST_YEAR:
        within(begun.year)
    stretches = _merged(pauses) if pauses else ()
    if not stretches:
        counted = _counted_from(begun, limit, calendar)
        return Due(_due_from(counted, limit, calendar), counted, begun, limit, calendar)
    return _due_with_pauses(begun, limit, calendar, stretches)


def _due_with_pauses(begun: datetime, limit: Limit, calendar: Calendar, pauses: Sequence[Pause]) -> Due:
    first = begun
    for pause in pauses:
        if pause.begins <= first < pause.ends:
            first = pause.ends
    counted = effective = _counted_from(first, limit, calendar)
    at = _due_from(effective, limit, calendar)
    for pause in pauses:
        if pause.ends <= first:
            continue
        if pause.begins >= at:
            break
        effective = _moved_on(effective, max(pause.begins, counted), pause.ends, limit, calendar)
        at = max(at, _due_from(effective, limit, calendar))
        if at < pause.ends:
            at = _first_moment_after(pause.ends, limit, calendar)
    return Due(at, counted, begun, limit, calendar, tuple(pauses))


def _counted_from(start: datetime, limit: Limit, calendar: Calendar) -> datetime:
    if limit.unit == "working day":
        return _into_hours(start, calendar, working=True)
    if limit.of == "opening":
        return _into_hours(start, calendar, working=False)
    return start


def _due_from(start: datetime, limit: Limit, calendar: Calendar) -> datetime:
    if limit.unit == "working day":
        day, clock = civil(start)
        target = calendar.working_day_after(day, limit.amount)
        return instant(target, clock_in_hours(calendar, target, clock))
    if limit.unit == "minute" or limit.unit == "hour":
        length = limit.amount * _UNIT_LENGTH[limit.unit]
        if limit.of == "opening":
            return _advance(start, length, calendar, working=False)
        try:
            at = start + length
        except OverflowError:
            within(9999)
            raise
        within(at.year)
        return at
    return _end_of_day_due(start, limit, calendar)


def _end_of_day_due(start: datetime, limit: Limit, calendar: Calendar) -> datetime:
    day, clock = civil(start)
    target = limit.corresponding_day(date.fromordinal(day)).toordinal()
    within(date.fromordinal(target).year)
    if limit.if_closed == "last open day":
        found = calendar.open_day_until(target)
        closes = calendar.spans(found)[-1][1]
        if (found, closes) > (day, clock):
            return instant(found, closes)
        # The service stays closed until after the limit: nothing before it is left to fall due on.
    found = calendar.open_day_from(target)
    closes = calendar.spans(found)[-1][1]
    if found == day and clock >= closes:
        found = calendar.open_day_from(day + 1)
        closes = calendar.spans(found)[-1][1]
    return instant(found, closes)


def clock_in_hours(calendar: Calendar, day: int, clock: int) -> int:
    """The clock time itself when the day is open then (its closing time included), or else the closing
    before it, or else the first opening."""
    spans = calendar.spans(day)
    found = spans[0][0]
    for opens, closes in spans:
        if clock >= opens:
            found = min(clock, closes)
    return found


def _into_hours(moment: datetime, calendar: Calendar, *, working: bool) -> datetime:
    """The moment itself when the service is open then (and, if `working`, on a working day), or the next
    such."""
    day, clock = civil(moment)
    if not working or calendar.idle_reason(day) is None:
        for opens, closes in calendar.spans(day):
            if clock < closes:
                return moment if clock >= opens else instant(day, opens)
    following = calendar.working_day_after(day, 1) if working else calendar.open_day_from(day + 1)
    return instant(following, calendar.spans(following)[0][0])


def _stretches(moment: datetime, calendar: Calendar, *, working: bool) -> Iterable[tuple[datetime, datetime]]:
    """Open stretches of time, as UTC instants, from the day of a moment onwards, without end."""
    day = civil(moment)[0]
    while True:
        day = calendar.working_day_after(day, 0) if working else calendar.open_day_from(day)
        for opens, closes in calendar.spans(day):
            yield instant(day, opens), instant(day, closes)
        day += 1


def _advance(start: datetime, length: timedelta, calendar: Calendar, *, working: bool) -> datetime:
    """The moment at which `length` of open time has passed since `start`."""
    left = length
    for opens, closes in _stretches(start, calendar, working=working):
        begins = max(opens, start)
        if begins >= closes:
            continue
        if left <= closes - begins:
            return begins + left
        left -= closes - begins
    raise AssertionError("open time does not end")


def _open_time(begins: datetime, ends: datetime, calendar: Calendar, *, working: bool) -> timedelta:
    """How much open time lies between two moments."""
    total = _NOTHING
    for opens, closes in _stretches(begins, calendar, working=working):
        if opens >= ends:
            return total
        total += max(_NOTHING, min(closes, ends) - max(opens, begins))
    raise AssertionError("open time does not end")


def _moved_on(
    start: datetime, begins: datetime, ends: datetime, limit: Limit, calendar: Calendar
) -> datetime:
    """The start moved on by what a pause took, in the measure that the limit is counted in."""
    working = limit.unit == "working day"
    if not working and limit.of == "elapsed":
        return start + (ends - begins)
    paused = _open_time(begins, ends, calendar, working=working)
    return _into_hours(_advance(start, paused, calendar, working=working), calendar, working=working)


def _first_moment_after(pause_ends: datetime, limit: Limit, calendar: Calendar) -> datetime:
    """Where something lands that would otherwise fall due inside a pause."""
    if limit.in_whole_days:
        return _end_of_day_due(pause_ends, Limit(1, "same day"), calendar)
    return _counted_from(pause_ends, limit, calendar)


def _merged(pauses: Iterable[Pause]) -> tuple[Pause, ...]:
    """Pauses in order, overlapping ones joined, those without length left out."""
    merged: list[Pause] = []
    for begins, ends in sorted((p.begins.astimezone(UTC), p.ends.astimezone(UTC)) for p in pauses):
        if ends < begins:
            raise ValueError("A pause ends before it begins. Give its begin first, then its end.")
        if merged and begins <= merged[-1].ends:
            merged[-1] = Pause(merged[-1].begins, max(ends, merged[-1].ends))
        elif ends > begins:
            merged.append(Pause(begins, ends))
    return tuple(merged)
