"""When and where people work: their patterns, the days on which they are away, a week of it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.db import connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.me import Me
from teamaround.access.refusals import NotAllowed
from teamaround.agencies.models import Practitioner, Site
from teamaround.ui.presentation import uk_time, week_day
from teamaround.workingtime import WEEKDAYS, bank_holidays
from teamaround.workingtime.calendar import Interval

from .actions import FURTHEST, CalendarRefused
from .models import Closure, ExceptionKind, RotaException, WorkingPattern

LONGEST_AWAY = 120
"""Days; whoever is away for longer is away by agreement that is kept elsewhere."""


@dataclass(frozen=True, slots=True)
class Span:
    """Hours of one weekday (0 is Monday) and the site; without a site, elsewhere."""

    weekday: int
    hours: Interval
    site: int | None


def keeps_rota_of(who: int) -> bool:
    """Whether whoever acts may say when this practitioner works. The database answers."""
    with connection.cursor() as cursor:
        cursor.execute("select app.keeps_rota_of(%s)", [who])
        return bool(cursor.fetchone()[0])


def nobody_at_work(owner: int | None, team: int, moment: dt.datetime, holidays: Sequence[dt.date]) -> bool:
    """Whether at a moment nobody is at work for what `owner` owes; where nobody is named, no manager of the team.

    Somebody is at work by their pattern, else by the hours of their team's site, else nine to five from Monday to Friday;
    not on days away, on closures, or on `holidays`.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select app.nobody_at_work(%s, %s, %s, %s::date[])", [owner, team, moment, list(holidays)]
        )
        return bool(cursor.fetchone()[0])


def _one_at_a_time(who: int) -> None:
    """Two clicks at once wait for each other, so that the second finds what the first one wrote."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended('rota', %s))", [who])


@transaction.atomic
def set_pattern(*, by: Me, who: Practitioner, from_day: dt.date, spans: Sequence[Span]) -> None:
    """From this day on somebody works these hours; what they worked until then stays on record. No spans at all: nothing
    is said any more.

    Raises CalendarRefused for hours that overlap or run backwards, or a day in the past; NotAllowed.
    """
    if not keeps_rota_of(who.pk):
        raise NotAllowed(
            _("You cannot set this person’s hours."),
            _("They may themselves, their manager, and an administrator."),
        )
    today = timezone.localdate()
    if from_day < today:
        raise CalendarRefused(
            _("Choose today or a later day. What was worked before stays as it was."), "from_day"
        )
    if (from_day - today).days > FURTHEST:
        raise CalendarRefused(_("Choose a day within three years of today."), "from_day")
    for number, name in enumerate(WEEKDAYS):
        hours = sorted(span.hours for span in spans if span.weekday == number)
        for opens, closes in hours:
            if closes <= opens:
                raise CalendarRefused(_("The hours end before they begin."), name.lower())
        if any(later[0] < earlier[1] for earlier, later in pairwise(hours)):
            raise CalendarRefused(_("These hours overlap."), name.lower())
    _one_at_a_time(who.pk)
    standing = WorkingPattern.objects.filter(practitioner=who, withdrawn_at=None)
    standing.filter(first_day__gte=from_day).update(withdrawn_at=Now(), withdrawn_by=by.principal)
    standing.filter(first_day__lt=from_day).filter(Q(last_day=None) | Q(last_day__gte=from_day)).update(
        last_day=from_day - dt.timedelta(days=1)
    )
    WorkingPattern.objects.bulk_create(
        WorkingPattern(
            practitioner=who,
            site_id=span.site,
            weekday=span.weekday,
            opens=span.hours[0],
            closes=span.hours[1],
            first_day=from_day,
            recorded_by_id=by.principal,
        )
        for span in spans
    )


@transaction.atomic
def add_exception(
    *,
    by: Me,
    who: Practitioner,
    kind: str,
    day: dt.date,
    until: dt.date | None = None,
    site: Site | None = None,
) -> RotaException:
    """Somebody is away, or at another site, on these days, first and last included.

    Raises CalendarRefused for days in the wrong order, too many or too far away, an overlap, or a site left out;
    NotAllowed for others than themselves, their manager or an administrator.
    """
    if not keeps_rota_of(who.pk):
        raise NotAllowed(
            _("You cannot record when this person is away."),
            _("They may themselves, their manager, and an administrator."),
        )
    last = until or day
    if last < day:
        raise CalendarRefused(_("The last day comes before the first."), "until")
    if (last - day).days >= LONGEST_AWAY:
        raise CalendarRefused(_("Record %d days at most at a time.") % LONGEST_AWAY, "until")
    if abs((day - timezone.localdate()).days) > 366:
        raise CalendarRefused(_("Choose a day within a year of today."), "day")
    if (kind == ExceptionKind.ELSEWHERE) != (site is not None):
        raise CalendarRefused(_("Say at which site."), "site")
    _one_at_a_time(who.pk)
    same = RotaException.objects.filter(
        practitioner=who, withdrawn_at=None, day__lte=last, until__gte=day
    ).first()
    if same is not None:
        raise CalendarRefused(
            _("%s is recorded for these days already. Withdraw that first.") % same.get_kind_display(), "day"
        )
    return RotaException.objects.create(
        practitioner=who, kind=kind, day=day, until=last, site=site, recorded_by_id=by.principal
    )


@transaction.atomic
def withdraw_exception(*, by: Me, exception: RotaException) -> None:
    """They are there after all. What was recorded stays on record; a second withdrawal changes nothing."""
    if not keeps_rota_of(exception.practitioner_id):
        raise NotAllowed(
            _("You cannot take back when this person is away."),
            _("They may themselves, their manager, and an administrator."),
        )
    RotaException.objects.filter(pk=exception.pk, withdrawn_at=None).update(
        withdrawn_at=Now(), withdrawn_by=by.principal
    )


@dataclass(frozen=True, slots=True)
class There:
    """Somebody's week at a site: what stands for each of the seven days; empty where they are not there."""

    practitioner: int
    uuid: uuid.UUID
    name: str
    team: str
    days: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SiteWeek:
    """A site's week: who sits there, and why it is closed on a day; empty where it is not."""

    site: Site
    people: tuple[There, ...]
    closed: tuple[str, ...]


_PEOPLE = """
select p.id, p.uuid, p.name, min(t.name) from practitioner p
join membership m on m.practitioner_id = p.id and m.since <= statement_timestamp()
    and (m.until is null or m.until > statement_timestamp())
join team t on t.id = m.team_id and t.ended_at is null
where p.left_at is null and p.id = any (%s) group by p.id
"""


def week_of(monday: dt.date, agency: int | None = None) -> list[SiteWeek]:
    """Who sits at which site on which day of a week, of one agency's sites or of all. Five queries, however many sites."""
    days = [monday + dt.timedelta(days=number) for number in range(7)]
    sites = Site.objects.select_related("agency").order_by("agency__name", "name")
    places = {site.pk: site for site in (sites.filter(agency_id=agency) if agency else sites)}
    patterns = list(
        WorkingPattern.objects.filter(withdrawn_at=None, first_day__lte=days[-1])
        .filter(Q(last_day=None) | Q(last_day__gte=monday))
        .order_by("opens", "practitioner_id")
    )
    away = _away(monday, days[-1])
    people = _people({row.practitioner_id for row in patterns} | {row[0] for row in away})
    closures = list(
        Closure.objects.filter(withdrawn_at=None, day__lte=days[-1], until__gte=monday).filter(
            Q(site__in=places) | Q(site=None, team=None)
        )
    )
    told: dict[tuple[int, int], list[str]] = {}
    for number, day in enumerate(days):
        out = {row[0]: row[3] for row in away if row[1] <= day <= row[2]}
        for row in patterns:
            place, who = row.site_id or 0, row.practitioner_id
            if (
                row.weekday == number
                and row.first_day <= day
                and (row.last_day is None or row.last_day >= day)
                and place in places
                and out.get(who, -1) != place
            ):
                cells = told.setdefault((place, who), [""] * 7)
                words = _("Away") if who in out else hours_between(row.opens, row.closes)
                cells[number] = words if cells[number] in ("", words) else f"{cells[number]}, {words}"
        for who, elsewhere in out.items():
            if elsewhere in places:
                told.setdefault((elsewhere, who), [""] * 7)[number] = _("Here")
    return [
        SiteWeek(
            site=site,
            people=tuple(
                sorted(
                    (
                        There(who, *people[who], days=tuple(cells))
                        for (place, who), cells in told.items()
                        if place == pk and who in people
                    ),
                    key=lambda there: (there.name, there.practitioner),
                )
            ),
            closed=tuple(_closed(closures, pk, day) for day in days),
        )
        for pk, site in places.items()
    ]


def _away(first: dt.date, last: dt.date) -> list[tuple[int, dt.date, dt.date, int | None]]:
    with connection.cursor() as cursor:
        cursor.execute("select practitioner, day, until, site from app.rota_away(%s, %s)", [first, last])
        return list(cursor.fetchall())


def _people(wanted: Iterable[int]) -> dict[int, tuple[uuid.UUID, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, [list(wanted)])
        return {row[0]: (row[1], row[2], row[3]) for row in cursor.fetchall()}


def _closed(closures: Sequence[Closure], site: int, day: dt.date) -> str:
    return next(
        (row.reason for row in closures if row.day <= day <= row.until and row.site_id in (None, site)), ""
    )


def pattern_of(who: int, day: dt.date) -> list[WorkingPattern]:
    """The hours that somebody works by their pattern as of a day."""
    rows = WorkingPattern.objects.filter(practitioner_id=who, withdrawn_at=None, first_day__lte=day)
    return list(rows.filter(Q(last_day=None) | Q(last_day__gte=day)).select_related("site"))


def hours_between(opens: dt.time, closes: dt.time) -> str:
    """'9am to 12:30pm'."""
    return _("%(first)s to %(last)s") % {"first": uk_time(opens), "last": uk_time(closes)}


def pattern_in_words(rows: Iterable[WorkingPattern]) -> list[tuple[str, list[str]]]:
    """A pattern day by day, days without work left out: "Tuesday", ["9am to 12:30pm, Moor Lane School", ...]."""
    days: dict[int, list[str]] = {}
    for row in sorted(rows, key=lambda each: (each.weekday, each.opens)):
        where = row.site.name if row.site else _("elsewhere")
        days.setdefault(row.weekday, []).append(f"{hours_between(row.opens, row.closes)}, {where}")
    return [(_(WEEKDAYS[number]), lines) for number, lines in days.items()]


def exceptions_of(who: int, today: dt.date) -> list[RotaException]:
    """The days to come on which somebody is away or elsewhere, as far as the reader may know why."""
    rows = RotaException.objects.filter(practitioner_id=who, withdrawn_at=None, until__gte=today)
    return list(rows.select_related("site").order_by(F("day"), "id")[:30])


def holidays_around(first: dt.date, last: dt.date) -> list[dt.date]:
    """England's bank holidays between two days, both included."""
    named = [
        dt.date.fromordinal(day) for year in range(first.year, last.year + 1) for day in bank_holidays(year)
    ]
    return [day for day in named if first <= day <= last]


def away_in_words(who: int, today: dt.date) -> list[str]:
    """The days to come on which somebody is away, for those who need not know why."""
    rows = _away(today, today + dt.timedelta(days=366))
    return [days_in_words(max(row[1], today), row[2]) for row in rows if row[0] == who and row[3] is None]


def days_in_words(first: dt.date, last: dt.date) -> str:
    """One day, or the first and the last."""
    if first == last:
        return week_day(first)
    return _("%(first)s to %(last)s") % {"first": week_day(first), "last": week_day(last)}
