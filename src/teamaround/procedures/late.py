"""Telling that something is late: once for each round of a clock, to whoever owes it. The fact is kept for good.

A notice names nobody and says nothing of the case; the page it leads to does, to those who may read it.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from teamaround.agencies.models import Membership
from teamaround.agencies.roles import ROLES, Permission
from teamaround.database.actor import acting_as
from teamaround.notices.actions import notify
from teamaround.notices.services import service_actor
from teamaround.rota.duty import on_duty
from teamaround.rota.working import holidays_around, nobody_at_work

SERVICE = "lateness"
_DECIDING = [key for key, role in ROLES.items() if Permission.DECIDE_REFERRALS in role.permissions]


def report_late_clocks() -> int:
    """Write down every clock that is late and was not reported yet, and tell who owes it. How many people were told.

    What nobody is named for is told to the team's managers; where a team has none, to all of it. Where the owner is not
    at work, whoever is on duty for the team is told too, at once. Run again, nothing is written or told twice.
    """
    with acting_as(service_actor(SERVICE)), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select team, owner from app.take_late_clocks()")
            rows = cursor.fetchall()
        told = {owner for _team, owner in rows if owner is not None}
        told |= managers_of({team for team, owner in rows if owner is None})
        woken = out_of_hours(rows)
        notify(practitioners=told - woken, kind="clock.late", link=reverse("desk:my_day"))
        notify(practitioners=(), on_duty=woken, kind="clock.duty", link=reverse("desk:on_duty"))
    return len(told | woken)


def out_of_hours(rows: Iterable[tuple[int, int | None]]) -> set[int]:
    """Who is on duty now for something that nobody is at work for now. `rows` are teams, each with the owner, None where
    nobody is named."""
    on_call = on_duty({team for team, _owner in rows})
    if not on_call:
        return set()
    today = timezone.localdate()
    holidays = holidays_around(today, today)
    return {
        somebody
        for team, owner in rows
        if team in on_call and nobody_at_work(owner, team, timezone.now(), holidays)
        for somebody in on_call[team]
    }


def managers_of(teams: Iterable[int]) -> set[int]:
    """Who manages these teams now; of a team without a manager, everybody in it."""
    rows = Membership.objects.current().filter(team_id__in=list(teams), practitioner__left_at=None)
    found: dict[int, tuple[set[int], set[int]]] = {}
    for team, role, practitioner in rows.values_list("team_id", "role", "practitioner_id"):
        managing, all_ = found.setdefault(team, (set(), set()))
        all_.add(practitioner)
        if role in _DECIDING:
            managing.add(practitioner)
    return {each for managing, all_ in found.values() for each in managing or all_}
