"""When the young person can come: after school on school days, at any sensible hour in holidays and at weekends.

Pure but for `busy_of`, which asks the database when the family has something else.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

from teamaround.procedures.models import Episode
from teamaround.workingtime import Term
from teamaround.workingtime.calendar import bank_holidays

from .models import Meeting

LASTS = dt.timedelta(hours=1)
"""How long a meeting is taken to last."""
AFTER_SCHOOL = (dt.time(15, 30), dt.time(16, 30), dt.time(17, 30))
"""From 3.30pm, ending by 7pm."""
FREE_DAY = (dt.time(10), dt.time(11, 30), dt.time(14), dt.time(16))
A_DAY = 2
MOST = 6
AHEAD = 21
"""Days looked at."""


@dataclass(frozen=True, slots=True)
class Busy:
    """The family has something else then, for an hour where no end is known. `title` is "" where the asker may know
    no more than that."""

    starts_at: dt.datetime
    title: str = ""
    ends_at: dt.datetime | None = None

    @property
    def until(self) -> dt.datetime:
        """When it is over."""
        return self.ends_at or self.starts_at + LASTS


def is_school_day(day: dt.date, terms: Sequence[Term] = ()) -> bool:
    """Monday to Friday in term, save bank holidays. Where terms are not known, term is assumed: those hours suit in
    both.
    """
    if day.weekday() >= 5 or day.toordinal() in bank_holidays(day.year):
        return False
    known = bool(terms) and min(term.first for term in terms) <= day <= max(term.last for term in terms)
    return not known or any(term.first <= day <= term.last for term in terms)


def clash(starts_at: dt.datetime, busy: Iterable[Busy]) -> Busy | None:
    """What the family has in the hour from then on."""
    ends_at = starts_at + LASTS
    return next((each for each in busy if each.starts_at < ends_at and starts_at < each.until), None)


def suggest(
    busy: Sequence[Busy],
    *,
    today: dt.date,
    terms: Sequence[Term] = (),
) -> list[dt.datetime]:
    """Up to six times from the day after tomorrow on, two a day at most, at which nothing else is known."""
    found: list[dt.datetime] = []
    for ahead in range(2, AHEAD):
        day = today + dt.timedelta(days=ahead)
        hours = AFTER_SCHOOL if is_school_day(day, terms) else FREE_DAY
        moments = (timezone.make_aware(dt.datetime.combine(day, hour)) for hour in hours)
        found += [each for each in moments if clash(each, busy) is None][:A_DAY]
    return found[:MOST]


def busy_of(episode: Episode, people: Sequence[int]) -> list[Busy]:
    """What the child and the family (`people`) have over all agencies: with its title where I may read it, else the
    time alone. One query.

    Other agencies' meetings and appointments that I may not read come from `app.family_busy` and
    `app.family_booked`: times, and nothing else.
    """
    now = timezone.now() - LASTS
    until = now + dt.timedelta(days=90)
    with connection.cursor() as cursor:
        cursor.execute(
            "select starts_at, null, kind, called_as from meeting where state = 'booked' and starts_at >= %(now)s "
            "and starts_at < %(until)s and (subject_id = any (%(people)s) or family_id = %(family)s) "
            "union all select distinct starts_at, ends_at, '', called_as from appointment where cancelled_at is null "
            "and ends_at > %(now)s and starts_at < %(until)s "
            "and (subject_id = any (%(people)s) or subject_id = %(family)s) "
            "union all select starts_at, null, '', '' from app.family_busy(%(child)s, %(family)s, %(now)s, %(until)s) "
            "union all select starts_at, ends_at, '', '' "
            "from app.family_booked(%(child)s, %(family)s, %(now)s, %(until)s)",
            {
                "now": now,
                "until": until,
                "people": list(people),
                "child": episode.subject_id,
                "family": episode.family_id,
            },
        )
        rows = cursor.fetchall()
    found = [
        Busy(starts_at, Meeting(kind=kind, called_as=called_as).title, ends_at)
        for starts_at, ends_at, kind, called_as in rows
    ]
    return sorted(found, key=lambda each: (each.starts_at, each.title))
