"""A second opinion on when something is due: every minute is walked, one after the other.

Slow and plain on purpose. It shares nothing with the product: it has its own bank holidays, its own reading of limits,
and knows days only as dates and minutes. Starts and pauses fall on whole minutes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = 24 * 60
WRITTEN = re.compile(
    r"(?:(\d+) (opening )?)?(minute|hour|same day|working day|calendar day|week|month|year)s?( in term time)?"
)


def minute_of(moment: datetime) -> int:
    return int((moment - EPOCH) / timedelta(minutes=1))


@cache
def shift(hour: int) -> int:
    """Minutes that London is ahead in this hour since 1970; it changes on whole hours."""
    moment = EPOCH + timedelta(hours=hour)
    return int(moment.astimezone(LONDON).utcoffset() / timedelta(minutes=1))  # type: ignore[operator]  # an aware time has one


def in_london(minute: int) -> tuple[int, int]:
    """The day (as a number of days since 1970) and the minute of that day."""
    return divmod(minute + shift(minute // 60), DAY)


def number(day: date) -> int:
    return (day - EPOCH.date()).days


def as_date(day: int) -> date:
    return EPOCH.date() + timedelta(days=day)


@cache
def holidays(year: int) -> frozenset[date]:
    """England's bank holidays, as the law and the proclamations of the years in the examples have them."""
    g, c = year % 19, year // 100
    h = (c - c // 4 - (8 * c + 13) // 25 + 19 * g + 15) % 30
    i = h - (h // 28) * (1 - (29 // (h + 1)) * ((21 - g) // 11))
    moon = i - (year + year // 4 + i + 2 - c + c // 4) % 7
    month = 3 + (moon + 40) // 44
    easter = date(year, month, moon + 28 - 31 * (month // 4))
    found = {easter - timedelta(days=2), easter + timedelta(days=1)}

    def monday(on: int, *, first: bool) -> date:
        days = [
            date(year, on, each)
            for each in range(1, 32)
            if on in (5, 8) and date(year, on, each).weekday() == 0
        ]
        return days[0] if first else days[-1]

    found |= {monday(5, first=True), monday(5, first=False), monday(8, first=False)}
    new_year, christmas, boxing = date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)
    found |= {new_year, christmas, boxing}
    if new_year.weekday() >= 5:
        found.add(new_year + timedelta(days=7 - new_year.weekday()))
    if christmas.weekday() == 4:
        found.add(date(year, 12, 28))
    if christmas.weekday() in (5, 6):
        found |= (
            {date(year, 12, 27), date(year, 12, 28)} if christmas.weekday() == 5 else {date(year, 12, 27)}
        )
    if year == 2020:
        found = found - {date(2020, 5, 4)} | {date(2020, 5, 8)}
    if year == 2022:
        found = found - {date(2022, 5, 30)} | {date(2022, 6, 2), date(2022, 6, 3), date(2022, 9, 19)}
    if year == 2023:
        found.add(date(2023, 5, 8))
    return frozenset(found)


class Service:
    """When one service is open: seven lists of (from, until) minutes, Monday first."""

    def __init__(
        self,
        opening: Sequence[Sequence[tuple[int, int]]],
        *,
        working: frozenset[int] = frozenset(range(5)),
        closures: frozenset[date] = frozenset(),
        terms: Sequence[tuple[date, date]] = (),
        holidays_close: bool = True,
        holidays_count: bool = False,
    ) -> None:
        self.opening, self.working, self.closures, self.terms = opening, working, closures, sorted(terms)
        self.holidays_close, self.holidays_count = holidays_close, holidays_count
        self.in_term = False
        self.kept: dict[tuple[int, bool], list[tuple[int, int]]] = {}
        self.ends: dict[tuple[int, bool], int | None] = {}

    def spans(self, day: int) -> list[tuple[int, int]]:
        key = (day, self.in_term)
        if key not in self.kept:
            on = as_date(day)
            shut = on in self.closures or self._holidays_of_school(on)
            shut = shut or (self.holidays_close and on in holidays(on.year))
            self.kept[key] = [] if shut else list(self.opening[on.weekday()])
        return self.kept[key]

    def _holidays_of_school(self, on: date) -> bool:
        if (
            not self.in_term
            or not self.terms
            or not self.terms[0][0] <= on <= max(last for _, last in self.terms)
        ):
            return False
        return not any(first <= on <= last for first, last in self.terms)

    def is_open(self, minute: int) -> bool:
        day, clock = in_london(minute)
        return any(opens <= clock < closes for opens, closes in self.spans(day))

    def works(self, day: int) -> bool:
        on = as_date(day)
        if on in self.closures or self._holidays_of_school(on) or on.weekday() not in self.working:
            return False
        return self.holidays_count or on not in holidays(on.year)

    def end_of(self, day: int) -> int | None:
        """The minute at which the day's last opening ends; None when it is closed."""
        key = (day, self.in_term)
        if key not in self.ends:
            self.ends[key] = None
            for minute in range(day * DAY - 120, (day + 1) * DAY + 120):
                if in_london(minute)[0] == day and self.is_open(minute):
                    self.ends[key] = minute + 1
        return self.ends[key]

    # The question

    def due(
        self, start: int, written: str, *, last_open: bool = False, pauses: Sequence[tuple[int, int]] = ()
    ) -> int:
        found = WRITTEN.fullmatch(written)
        assert found, written
        amount, opening, unit, term = int(found[1] or 1), found[2], found[3], found[4]
        self.in_term = bool(term)
        if unit in ("minute", "hour"):
            return self._walk(start, amount * (60 if unit == "hour" else 1), bool(opening), pauses)
        if unit == "working day":
            return self._working_days(start, amount, pauses)
        return self._whole_days(start, amount, unit, last_open, pauses)

    def _walk(self, start: int, left: int, only_open: bool, pauses: Sequence[tuple[int, int]]) -> int:
        minute = start
        while left:
            left -= not stands(minute, pauses) and (not only_open or self.is_open(minute))
            minute += 1
        return minute

    def _counts(self, minute: int) -> bool:
        return self.is_open(minute) and self.works(in_london(minute)[0])

    def _working_days(self, start: int, amount: int, pauses: Sequence[tuple[int, int]]) -> int:
        begun = start
        while not self._counts(begun) or stands(begun, pauses):
            begun += 1
        minute, due = begun, self._nth_day(begun, amount)
        while pauses and minute < due:
            if stands(minute, pauses) and self._counts(minute):
                begun += 1
                while not self._counts(begun):
                    begun += 1
                due = self._nth_day(begun, amount)
            minute += 1
        if inside(due, pauses):
            while stands(due, pauses) or not self._counts(due):
                due += 1
        return due

    def _nth_day(self, begun: int, amount: int) -> int:
        day, clock = in_london(begun)
        while amount:
            day += 1
            amount -= self.works(day)
        fits = [opens if clock < opens else min(clock, closes) for opens, closes in self.spans(day)]
        reached = [each for each, (opens, _) in zip(fits, self.spans(day), strict=True) if clock >= opens]
        wanted = day * DAY + (reached[-1] if reached else fits[0])
        minute = day * DAY - 120
        while minute + shift(minute // 60) < wanted:
            minute += 1
        return minute

    def _whole_days(
        self, start: int, amount: int, unit: str, last_open: bool, pauses: Sequence[tuple[int, int]]
    ) -> int:
        begun = start
        while stands(begun, pauses):
            begun += 1
        minute, due = begun, self._end_of_limit(begun, amount, unit, last_open)
        while pauses and minute < due:
            if stands(minute, pauses):
                begun += 1
                due = max(due, self._end_of_limit(begun, amount, unit, last_open))
            minute += 1
        if inside(due, pauses):
            while stands(due, pauses):
                due += 1
            due = self._end_of_limit(due, 1, "same day", False)
        return due

    def _end_of_limit(self, begun: int, amount: int, unit: str, last_open: bool) -> int:
        first, _clock = in_london(begun)
        day = first
        if unit in ("calendar day", "week"):
            day += amount * (7 if unit == "week" else 1)
        elif unit != "same day":
            on = as_date(first)
            months = on.year * 12 + on.month - 1 + amount * (12 if unit == "year" else 1)
            wanted = on.day
            while True:
                try:
                    day = number(date(months // 12, months % 12 + 1, wanted))
                    break
                except ValueError:
                    wanted -= 1
        if last_open:
            before = day
            while before >= first:
                end = self.end_of(before) if self.spans(before) else None
                if end is not None and end > begun:
                    return end
                before -= 1
        while True:
            end = self.end_of(day) if self.spans(day) else None
            if end is not None and end > begun:
                return end
            day += 1


def stands(minute: int, pauses: Sequence[tuple[int, int]]) -> bool:
    return any(begins <= minute < ends for begins, ends in pauses)


def inside(minute: int, pauses: Sequence[tuple[int, int]]) -> bool:
    return any(begins < minute < ends for begins, ends in pauses)


def as_moment(minute: int) -> datetime:
    return EPOCH + timedelta(minutes=minute)


def service(data: dict[str, Any]) -> Service:
    """A service as the worked examples describe it."""

    def span(*clocks: str) -> list[tuple[int, int]]:
        found = [int(each[:2]) * 60 + int(each[3:]) for each in clocks]
        return list(zip(found[::2], found[1::2], strict=True))

    closures = frozenset(date.fromisoformat(day) for day in data.get("closures", {}))
    terms = [
        (date.fromisoformat(first), date.fromisoformat(last)) for first, last, _ in data.get("terms", ())
    ]
    if "every_day" in data:
        return Service([span(*data["every_day"])] * 7, closures=closures, holidays_close=False)
    if "always" in data:
        week = frozenset(range(7))
        return Service([[(0, DAY)]] * 7, working=week, holidays_close=False, holidays_count=True)
    if "lunch" in data:
        whole = span(*data["lunch"])
        return Service([whole, whole, whole[:1], whole, whole, [], []])
    if "weekend" in data:
        return Service([[]] * 4 + [span(*data["weekend"])] * 3, working=frozenset((4, 5, 6)))
    return Service([span(*data["office"])] * 5 + [[], []], closures=closures, terms=terms)
