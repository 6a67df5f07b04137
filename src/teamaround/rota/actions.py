"""What administrators and managers do with calendars: close for days, say a site's hours, keep the schools' terms.

Clocks follow by themselves: the database notes every change, and running clocks are reckoned anew.
"""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from teamaround.access.me import Me
from teamaround.access.refusals import NotAllowed
from teamaround.agencies.actions import log_act
from teamaround.agencies.models import Site, Team
from teamaround.agencies.refusals import Refused
from teamaround.agencies.roles import Permission
from teamaround.workingtime import EVERY_DAY, WEEKDAYS, Calendar
from teamaround.workingtime.calendar import Hours

from . import calendars
from .models import Closure, SchoolTerm, SiteOpening

LONGEST_CLOSURE = 60
"""Days; what is closed for longer is not closed, it has ended or moved."""
FURTHEST = 3 * 366
"""Days ahead; further on nobody knows yet."""


class CalendarRefused(Refused):
    """It cannot be kept like this; `field` names the form field, the message says what to do."""


@transaction.atomic
def close_for(
    *,
    by: Me,
    day: dt.date,
    until: dt.date | None = None,
    reason: str,
    team: Team | None = None,
    site: Site | None = None,
) -> Closure:
    """Close for these days, first and last included: the whole area, or one team, or one site.

    Administrators close anything; a manager closes the own team, whatever the database is asked. Raises
    CalendarRefused for days in the wrong order, too many, or too far away, and without a reason.
    """
    last = until or day
    if last < day:
        raise CalendarRefused(_("The last day comes before the first."), "until")
    if (last - day).days >= LONGEST_CLOSURE:
        raise CalendarRefused(
            _("Close for %d days at most. A service that stays closed has ended, or has moved.")
            % LONGEST_CLOSURE,
            "until",
        )
    if abs((day - dt.date.today()).days) > FURTHEST:
        raise CalendarRefused(_("Choose a day within three years of today."), "day")
    if not reason.strip():
        raise CalendarRefused(_("Say why: people read it beside their clocks."), "reason")
    if team is not None and site is not None:
        raise CalendarRefused(_("Choose a team or a site, not both."), "site")
    _must_keep(by, team)
    same = Closure.objects.filter(
        team=team, site=site, withdrawn_at=None, day__lte=last, until__gte=day
    ).first()
    if same is not None:
        raise CalendarRefused(_("It is closed then already: %s. Withdraw that first.") % same.reason, "day")
    made = Closure.objects.create(
        day=day, until=last, reason=reason.strip()[:100], team=team, site=site, recorded_by_id=by.principal
    )
    log_act("closed_for", by=by.principal, team=team.pk if team else None, reason=_closure_in_words(made))
    calendars.forget()
    return made


@transaction.atomic
def withdraw_closure(*, by: Me, closure: Closure) -> None:
    """Open after all. Who closed, and who withdrew it, stays on record. A second withdrawal changes nothing."""
    _must_keep(by, closure.team)
    changed = Closure.objects.filter(pk=closure.pk, withdrawn_at=None).update(
        withdrawn_at=Now(), withdrawn_by=by.principal
    )
    if changed:
        log_act("opened_after_all", by=by.principal, team=closure.team_id, reason=_closure_in_words(closure))
        calendars.forget()


@transaction.atomic
def add_term(*, by: Me, name: str, first_day: dt.date, last_day: dt.date) -> SchoolTerm:
    """A term of the area's schools, or half of one. Raises CalendarRefused for days that are part of another."""
    _must_keep(by, None)
    if last_day < first_day:
        raise CalendarRefused(_("The last day comes before the first."), "last_day")
    if (last_day - first_day).days > 150:
        raise CalendarRefused(_("A term is shorter than that. Part it at the holidays."), "last_day")
    if not name.strip():
        raise CalendarRefused(_("Give it a name, for example Autumn 2026, first half."), "name")
    other = SchoolTerm.objects.filter(
        withdrawn_at=None, first_day__lte=last_day, last_day__gte=first_day
    ).first()
    if other is not None:
        raise CalendarRefused(_("These days are part of %s.") % other.name, "first_day")
    made = SchoolTerm.objects.create(
        name=name.strip()[:60], first_day=first_day, last_day=last_day, recorded_by_id=by.principal
    )
    log_act("added_term", by=by.principal, reason=f"{made.name}: {first_day} - {last_day}")
    calendars.forget()
    return made


@transaction.atomic
def withdraw_term(*, by: Me, term: SchoolTerm) -> None:
    """Take a term out of the calendar; its row stays on record."""
    _must_keep(by, None)
    changed = SchoolTerm.objects.filter(pk=term.pk, withdrawn_at=None).update(
        withdrawn_at=Now(), withdrawn_by=by.principal
    )
    if changed:
        log_act("withdrew_term", by=by.principal, reason=term.name)
        calendars.forget()


@transaction.atomic
def set_site_hours(*, by: Me, site: Site, hours: Hours) -> None:
    """The opening hours of a site, Monday first; all empty takes back what was said. Teams that work there are open then,
    whatever their procedure's own hours are. Raises CalendarRefused for hours that overlap or run backwards."""
    _must_keep(by, None)
    open_days = frozenset(day for day in EVERY_DAY if hours[day])
    if open_days:
        try:
            Calendar(opening=hours, working=open_days)
        except ValueError as refused:
            wrong = next((day.lower() for day in WEEKDAYS if str(refused).startswith(day)), "")
            raise CalendarRefused(str(refused), wrong) from refused
    SiteOpening.objects.filter(site=site).delete()
    SiteOpening.objects.bulk_create(
        SiteOpening(site=site, weekday=day, opens=opens, closes=closes)
        for day, spans in enumerate(hours)
        for opens, closes in spans
    )
    log_act("set_site_hours", by=by.principal, reason=f"{site.name}: {hours_in_words(hours)}")
    calendars.forget()


def hours_in_words(hours: Hours) -> str:
    """Opening hours as people write them, days of the same hours together."""
    said: list[tuple[list[str], str]] = []
    for name, spans in zip(WEEKDAYS, hours, strict=True):
        words = ", ".join(f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in spans)
        if said and said[-1][1] == words:
            said[-1][0].append(name[:3])
        else:
            said.append(([name[:3]], words))
    return "; ".join(
        f"{days[0] if len(days) == 1 else f'{days[0]}-{days[-1]}'} {words}" for days, words in said if words
    )


def _closure_in_words(closure: Closure) -> str:
    place = closure.site.name if closure.site else ""
    days = str(closure.day) if closure.day == closure.until else f"{closure.day} - {closure.until}"
    return ", ".join(part for part in (place, days, closure.reason) if part)


def _must_keep(by: Me, team: Team | None) -> None:
    """Ask the database, which asks again when the row is written."""
    with connection.cursor() as cursor:
        cursor.execute("select app.keeps_calendar(%s)", [team.pk if team else None])
        if cursor.fetchone()[0]:
            return
    if by.may(Permission.KEEP_CALENDARS):
        raise CalendarRefused(_("You close your own team. For others, ask an administrator."), "team")
    raise NotAllowed(
        _("You cannot change this calendar."),
        _("An administrator may, and managers close their own team."),
    )
