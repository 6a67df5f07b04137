"""How dates, times and ages read: plain British English, always in the time zone that Django has active."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from enum import StrEnum

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Precision(StrEnum):
    """How much of a date is known. Below DAY, the unknown parts of the stored date are 1."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True)
class ApproximateDate:
    """A date known to a precision; `value` is the first day of the period that is known."""

    value: datetime.date
    precision: Precision = Precision.DAY

    @property
    def last(self) -> datetime.date:
        """The last day that the date could be."""
        if self.precision == Precision.YEAR:
            return datetime.date(self.value.year, 12, 31)
        if self.precision == Precision.MONTH:
            following = (self.value.replace(day=28) + datetime.timedelta(days=4)).replace(day=1)
            return following - datetime.timedelta(days=1)
        return self.value

    def __str__(self) -> str:
        return uk_date(self.value, self.precision)


def local_date(moment: datetime.date | datetime.datetime) -> datetime.date:
    """The civil date of a moment where the reader is; a plain date is itself."""
    if isinstance(moment, datetime.datetime):
        return timezone.localtime(moment).date() if timezone.is_aware(moment) else moment.date()
    return moment


def uk_date(
    moment: datetime.date | datetime.datetime | None, precision: Precision | str = Precision.DAY
) -> str:
    """'18 November 2026', 'November 2026' or '2026'; the empty string for None."""
    if moment is None:
        return ""
    date = local_date(moment)
    if precision == Precision.YEAR:
        return f"{date.year:04}"
    if precision == Precision.MONTH:
        return f"{_(MONTHS[date.month - 1])} {date.year}"
    return f"{date.day} {_(MONTHS[date.month - 1])} {date.year}"


def uk_day(moment: datetime.date | datetime.datetime | None) -> str:
    """'Wednesday 18 November 2026'; the empty string for None."""
    if moment is None:
        return ""
    date = local_date(moment)
    return f"{_(WEEKDAYS[date.weekday()])} {uk_date(date)}"


def uk_time(moment: datetime.time | datetime.datetime | None) -> str:
    """'10:15am', '9am', 'midday', 'midnight'; the empty string for None."""
    if moment is None:
        return ""
    if isinstance(moment, datetime.datetime) and timezone.is_aware(moment):
        moment = timezone.localtime(moment)
    if moment.minute == 0 and moment.hour == 12:
        return _("midday")
    if moment.minute == 0 and moment.hour == 0:
        return _("midnight")
    half = "am" if moment.hour < 12 else "pm"
    hour = moment.hour % 12 or 12
    return f"{hour}{half}" if moment.minute == 0 else f"{hour}:{moment.minute:02}{half}"


def uk_datetime(moment: datetime.datetime | None) -> str:
    """'18 November 2026, 10:15am'; the empty string for None."""
    if moment is None:
        return ""
    return f"{uk_date(moment)}, {uk_time(moment)}"


def week_day(moment: datetime.date | datetime.datetime | None, today: datetime.date | None = None) -> str:
    """'Wednesday 18 November', with the year when it is another year; the empty string for None."""
    if moment is None:
        return ""
    date = local_date(moment)
    day = f"{_(WEEKDAYS[date.weekday()])} {date.day} {_(MONTHS[date.month - 1])}"
    return day if date.year == (today or timezone.localdate()).year else f"{day} {date.year}"


def week_moment(moment: datetime.datetime | None, today: datetime.date | None = None) -> str:
    """'Wednesday 18 November, 10:15am', as a rota says it; the empty string for None."""
    return f"{week_day(moment, today)}, {uk_time(moment)}" if moment is not None else ""


def stretch(starts: datetime.datetime, ends: datetime.datetime, today: datetime.date | None = None) -> str:
    """'Wednesday 18 November, 9am to 5pm'; the day is said twice where it ends on another."""
    last = uk_time(ends) if local_date(starts) == local_date(ends) else week_moment(ends, today)
    return _("%(first)s to %(last)s") % {"first": week_moment(starts, today), "last": last}


def week_in_words(monday: datetime.date) -> str:
    """'Monday 23 to Sunday 29 November 2026'; the month and the year are said twice where the week crosses them."""
    sunday = monday + datetime.timedelta(days=6)
    first = uk_day(monday)
    if monday.year == sunday.year:
        first = first.rpartition(" ")[0]
    if monday.month == sunday.month:
        first = first.rpartition(" ")[0]
    return _("%(first)s to %(last)s") % {"first": first, "last": uk_day(sunday)}


def near_day(moment: datetime.date | datetime.datetime | None, today: datetime.date | None = None) -> str:
    """'Today', 'Yesterday', 'Tomorrow', else '18 November', with the year when it is another year."""
    if moment is None:
        return ""
    date = local_date(moment)
    today = today or timezone.localdate()
    near = {0: _("Today"), -1: _("Yesterday"), 1: _("Tomorrow")}.get((date - today).days)
    if near:
        return near
    day = f"{date.day} {_(MONTHS[date.month - 1])}"
    return day if date.year == today.year else f"{day} {date.year}"


def whole_years(born: datetime.date, on: datetime.date) -> int:
    """Birthdays passed; someone born on 29 February has theirs on 1 March in other years, as in law."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def age(
    born: datetime.date | ApproximateDate | None,
    on: datetime.date | None = None,
    precision: Precision | str = Precision.DAY,
) -> str:
    """Age in words on a day (default today): '14', '13 or 14' for an approximate date, '8 months' below two.

    The empty string when the date is not known or lies after `on`.
    """
    if born is None:
        return ""
    span = born if isinstance(born, ApproximateDate) else ApproximateDate(born, Precision(precision))
    on = on or timezone.localdate()
    if span.value > on:
        return ""
    oldest = whole_years(span.value, on)
    youngest = max(whole_years(span.last, on), 0)
    if oldest != youngest:
        return _("%(youngest)d or %(oldest)d") % {"youngest": youngest, "oldest": oldest}
    if oldest >= 2 or span.precision != Precision.DAY:
        return str(oldest)
    return _young_age(span.value, on)


def _young_age(born: datetime.date, on: datetime.date) -> str:
    months = (on.year - born.year) * 12 + on.month - born.month - (on.day < born.day)
    if months >= 1:
        return ngettext("%(count)d month", "%(count)d months", months) % {"count": months}
    weeks = (on - born).days // 7
    return ngettext("%(count)d week", "%(count)d weeks", weeks) % {"count": weeks}
