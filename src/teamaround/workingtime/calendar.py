"""A service's calendar: when it is open, and which days count as working days.

The two are different things. A crisis team may be open on Saturday although Saturday is no working day; a
limit in working days passes over it, a limit of "same day" does not.

Inside this module a day is a proleptic ordinal (`date.toordinal`) and a clock time is a whole number of
microseconds after civil midnight, because both are compared a million times in a report.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import holidays

LONDON = ZoneInfo("Europe/London")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONDAY_TO_FRIDAY = frozenset(range(5))
EVERY_DAY = frozenset(range(7))

FIRST_YEAR = 1972
"""Before the Banking and Financial Dealings Act 1971 took effect England's bank holidays followed other
rules."""
LAST_YEAR = 2100
"""The last year for which the holidays package states England's bank holidays."""

SCHOOL_HOLIDAYS = "school holidays"
"""Why a day outside term does not count towards a limit in term time."""

MICROSECONDS_A_DAY = 86_400_000_000

# The names that gov.uk publishes, where the package has others.
_PUBLISHED_NAMES = {
    "May Day": "Early May bank holiday",
    "Spring Bank Holiday": "Spring bank holiday",
    "Late Summer Bank Holiday": "Summer bank holiday",
}

Interval = tuple[time, time]
Hours = tuple[tuple[Interval, ...], ...]
Span = tuple[int, int]


class Closure(NamedTuple):
    """A day on which the service is closed and which is no working day, with the reason people are told."""

    day: date
    reason: str


class Term(NamedTuple):
    """A stretch of days on which the area's schools teach, first and last day included. A half term parts one term
    into two of these."""

    first: date
    last: date
    name: str


@cache
def bank_holidays(year: int) -> Mapping[int, str]:
    """England's bank holidays of a year, substitute days included: ordinal of the day to its name.

    Raises ValueError outside FIRST_YEAR to LAST_YEAR: no answer is better than a year without holidays.
    Source: the `holidays` package, GB, subdivision ENG.
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"Bank holidays are known from {FIRST_YEAR} to {LAST_YEAR}, not for {year}.")
    named = holidays.country_holidays("GB", subdiv="ENG", years=year, language="en_GB")
    return {day.toordinal(): _published_name(name) for day, name in named.items()}


def _published_name(name: str) -> str:
    plain, substitute = name.removesuffix(" (observed)"), name.endswith(" (observed)")
    published = _PUBLISHED_NAMES.get(plain, plain)
    return f"substitute for {published}" if substitute else published


def microseconds(clock: time) -> int:
    """Microseconds after civil midnight."""
    return ((clock.hour * 60 + clock.minute) * 60 + clock.second) * 1_000_000 + clock.microsecond


@cache
def _offset(day: int) -> timedelta | None:
    """The offset from UTC that holds all through a civil day, or None on the days when the clocks change."""
    midnight = datetime.fromordinal(day).replace(tzinfo=LONDON)
    before = midnight.utcoffset()
    after = (midnight + timedelta(days=1)).utcoffset()
    return before if before == after else None


def instant(day: int, clock: int) -> datetime:
    """The UTC instant of a civil day and clock time in London.

    A time that the spring change leaves out is taken as the moment the clocks go forward; a time that
    occurs twice in autumn is taken at its first occurrence. Both keep later clock times from becoming
    earlier instants.
    """
    naive = datetime.fromordinal(day) + timedelta(microseconds=clock)
    offset = _offset(naive.toordinal())
    if offset is not None:
        return (naive - offset).replace(tzinfo=UTC)
    found = naive.replace(tzinfo=LONDON).astimezone(UTC)
    if found.astimezone(LONDON).replace(tzinfo=None) != naive:  # left out: the clocks change on a whole hour
        return found.replace(minute=0, second=0, microsecond=0)
    return found


def civil(moment: datetime) -> Span:
    """Day and clock time in London of an instant.

    In the hour that autumn repeats, the second passage is read as that hour's end, so that a later start
    never has an earlier clock time.
    """
    local = moment.astimezone(LONDON)
    clock = microseconds(local.timetz())
    if local.fold:
        clock = (local.hour + 1) * 3_600_000_000
    return local.toordinal(), clock


@dataclass(frozen=True)
class Calendar:
    """Opening hours and working days of one service, in Europe/London.

    `opening` holds seven tuples, Monday first, of (from, until) times in order; an `until` of 00:00 is
    midnight at the end of that day, and a span over midnight is written as two. `working` are the weekdays
    (0 is Monday) that count as working days, less England's bank holidays and the closures. A closure
    always shuts the service; a bank holiday shuts it unless `open_on_bank_holidays`. `terms` are the schools'
    terms, for limits that run in term time.

    Raises ValueError, saying what to write instead, for hours that overlap or run backwards, for a calendar
    with no working day, and for a working day without opening hours (nothing could ever fall due on it).
    """

    opening: Hours = ((((time(9), time(17)),),) * 5) + ((), ())
    working: frozenset[int] = MONDAY_TO_FRIDAY
    closures: tuple[Closure, ...] = ()
    bank_holidays: bool = True
    open_on_bank_holidays: bool = False
    terms: tuple[Term, ...] = ()
    _spans: tuple[tuple[Span, ...], ...] = field(init=False, repr=False, compare=False)
    _closed: Mapping[int, str] = field(init=False, repr=False, compare=False)
    _years: dict[int, tuple[int, ...]] = field(init=False, repr=False, compare=False, default_factory=dict)
    _term_time: list["Calendar"] = field(init=False, repr=False, compare=False, default_factory=list)
    said: dict[tuple[str, int, int], str] = field(init=False, repr=False, compare=False, default_factory=dict)
    """Sentences about stretches of days, kept by `phrases`: whole caseloads share them."""

    def __post_init__(self) -> None:
        if len(self.opening) != 7:
            raise ValueError("Give opening hours for seven days, Monday first; write () for a closed day.")
        if not self.working:
            raise ValueError("A calendar needs at least one working day; write for example Monday to Friday.")
        if not self.working <= EVERY_DAY:
            raise ValueError("Working days are numbered 0 for Monday to 6 for Sunday.")
        object.__setattr__(self, "_spans", tuple(map(_spans_of, WEEKDAYS, self.opening)))
        for weekday in sorted(self.working):
            if not self._spans[weekday]:
                name = WEEKDAYS[weekday]
                raise ValueError(
                    f"{name} is a working day but has no opening hours. "
                    f"Write opening hours for {name}, or leave it out of the working days."
                )
        for closure in self.closures:
            if not closure.reason.strip():
                raise ValueError(
                    f"The closure on {closure.day} has no reason; write why the service is closed."
                )
        for term in self.terms:
            if term.last < term.first:
                raise ValueError(
                    f"{term.name} ends on {term.last}, before it begins. Write its first day, then its last."
                )
        object.__setattr__(self, "_closed", {c.day.toordinal(): c.reason for c in self.closures})

    @classmethod
    def every_day(cls, opens: time, closes: time, closures: Iterable[Closure] = ()) -> "Calendar":
        """Open at the same hours on all seven days and on bank holidays; Monday to Friday are working
        days."""
        return cls(opening=(((opens, closes),),) * 7, closures=tuple(closures), open_on_bank_holidays=True)

    def locally(
        self,
        *,
        opening: Hours | None = None,
        closures: Iterable[Closure] = (),
        terms: Iterable[Term] = (),
    ) -> "Calendar":
        """The same calendar as one team keeps it: with the opening hours of its site, further closures, and the
        area's school terms.

        A working day on which the site does not open is none there. Hours that leave no working day at all are not
        taken: a site that opens at weekends alone has no say about limits in working days.
        """
        further, terms = tuple(closures), tuple(terms)
        hours, working = self.opening, self.working
        if opening is not None and (open_too := frozenset(day for day in self.working if opening[day])):
            hours, working = opening, open_too
        if hours == self.opening and not further and not terms:
            return self
        return replace(
            self,
            opening=hours,
            working=working,
            closures=self.closures + further,
            terms=self.terms + terms,
        )

    def term_time(self) -> "Calendar":
        """The same calendar with the school holidays as closures: what a limit "in term time" is counted on.

        Before the first known term and after the last, every day is taken as term time: nothing waits because
        next year's dates are not known yet.
        """
        if not self._term_time:
            days: list[Closure] = []
            reached = 0
            for first, last, _name in sorted(self.terms):
                idle = range(reached, first.toordinal()) if reached else ()
                days += [Closure(date.fromordinal(day), SCHOOL_HOLIDAYS) for day in idle]
                reached = max(reached, last.toordinal() + 1)
            # A closure of the service's own comes last, so that its reason is the one that is told.
            self._term_time.append(
                replace(self, closures=(*days, *self.closures), terms=()) if days else self
            )
        return self._term_time[0]

    def why_not_working(self, day: date) -> str | None:
        """Why a day does not count as a working day, or None when it does: a closure's reason, a bank
        holiday's name, or the weekday's name."""
        return self.idle_reason(day.toordinal())

    def is_working_day(self, day: date) -> bool:
        """Whether the day counts towards a limit in working days."""
        return self.why_not_working(day) is None

    def is_open(self, moment: datetime) -> bool:
        """Whether the service is open at an instant. Closing time itself is no longer open."""
        day, clock = civil(moment)
        return any(opens <= clock < closes for opens, closes in self.spans(day))

    def hours_on(self, day: date) -> tuple[Interval, ...]:
        """The opening hours of one date; empty when the service is closed."""
        return self.opening[day.weekday()] if self.spans(day.toordinal()) else ()

    def working_days_between(self, after: date, until: date) -> int:
        """How many working days lie after one date, up to and including another; 0 when `until` is not
        later."""
        first, last = after.toordinal(), until.toordinal()
        years = map(self.working_year, range(after.year, until.year + 1))
        return max(0, sum(bisect_right(days, last) - bisect_right(days, first) for days in years))

    # What the clock asks a million times: ordinals in, ordinals out.

    def spans(self, day: int) -> tuple[Span, ...]:
        """Opening spans of a day in microseconds after midnight; empty when closed."""
        found = self._spans[(day + 6) % 7]
        if not found or day in self._closed:
            return ()
        if self.bank_holidays and not self.open_on_bank_holidays and self._bank_holiday(day):
            return ()
        return found

    def idle_reason(self, day: int) -> str | None:
        """As `why_not_working`, for an ordinal."""
        if day in self._closed:
            return self._closed[day]
        if self.bank_holidays and (name := self._bank_holiday(day)):
            return name
        return None if (day + 6) % 7 in self.working else WEEKDAYS[(day + 6) % 7]

    def working_year(self, year: int) -> tuple[int, ...]:
        """The working days of a year, ascending, worked out once."""
        days = self._years.get(year)
        if days is None:
            first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
            days = tuple(day for day in range(first, last + 1) if self.idle_reason(day) is None)
            self._years[year] = days
        return days

    def working_day_after(self, day: int, number: int) -> int:
        """The `number`th working day after a day; with 0, the day itself or else the first working day
        after."""
        year = date.fromordinal(day).year
        days = self.working_year(year)
        place = bisect_left(days, day if number == 0 else day + 1) + max(number - 1, 0)
        while place >= len(days):
            place -= len(days)
            year += 1
            days = self.working_year(within(year))
        return days[place]

    def open_day_from(self, day: int) -> int:
        """The day itself when the service opens on it, or else the next day on which it does."""
        while not self.spans(day):
            day += 1
            within(date.fromordinal(day).year)
        return day

    def open_day_until(self, day: int) -> int:
        """The day itself when the service opens on it, or else the last day before on which it did."""
        while not self.spans(day):
            day -= 1
            within(date.fromordinal(day).year)
        return day

    def _bank_holiday(self, day: int) -> str | None:
        return bank_holidays(date.fromordinal(day).year).get(day)


def within(year: int) -> int:
    """The year itself; raises ValueError when it lies outside the years this room can reckon with."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(
            f"This reckons with the years {FIRST_YEAR} to {LAST_YEAR}; {year} is outside. "
            "Check the start date, or write a shorter limit."
        )
    return year


def _spans_of(weekday: str, hours: tuple[Interval, ...]) -> tuple[Span, ...]:
    spans: list[Span] = []
    for opens, closes in hours:
        start, end = microseconds(opens), microseconds(closes) or MICROSECONDS_A_DAY
        if end <= start:
            raise ValueError(
                f"{weekday} opens at {opens:%H:%M} and closes at {closes:%H:%M}, which is earlier. "
                "Write a span over midnight as two: until 00:00, and from 00:00 on the next day."
            )
        if spans and start < spans[-1][1]:
            raise ValueError(
                f"{weekday} has opening hours that overlap or are out of order at {opens:%H:%M}. "
                "Write them in order, each beginning after the one before has ended."
            )
        spans.append((start, end))
    return tuple(spans)
