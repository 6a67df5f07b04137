"""When a worker may be told: in the opening hours of one of their teams, and never at night."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.utils import timezone

from teamaround.agencies.models import Membership
from teamaround.workingtime import Calendar

EARLIEST, LATEST = 7, 21
"""Nothing is sent before seven in the morning, or from nine in the evening on, whatever the hours of a service."""
OFFICE = range(8, 18)
"""The hours of a team without a procedure, on working days."""
_WORKING = Calendar()


class Hours:
    """Where the hours of a team are known. Rooms further up, which know procedures, put their own in place."""

    @staticmethod
    def calendar_of(slug: str, team: int) -> Calendar | None:
        """The calendar of the procedure of that name as the team keeps it; None where there is none."""
        return None


def in_hours(practitioners: Iterable[int], now: dt.datetime | None = None) -> set[int]:
    """Those of the practitioners who may be told now. One query, and what the calendars take."""
    now = now or timezone.now()
    local = timezone.localtime(now)
    if not EARLIEST <= local.hour < LATEST:
        return set()
    rows = Membership.objects.current().filter(practitioner_id__in=list(practitioners))
    found: set[int] = set()
    known: dict[tuple[str, int], bool] = {}
    for practitioner, slug, team in rows.values_list("practitioner_id", "team__procedure_slug", "team_id"):
        if (slug, team) not in known:
            calendar = Hours.calendar_of(slug, team) if slug else None
            office = _WORKING.is_working_day(local.date()) and local.hour in OFFICE
            known[slug, team] = calendar.is_open(now) if calendar is not None else office
        if known[slug, team]:
            found.add(practitioner)
    return found
