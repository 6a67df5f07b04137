"""Telling those who keep a feed that it is late: once for each silence. The notice says nothing of what it brings."""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from teamaround.agencies.models import Membership
from teamaround.agencies.roles import ROLES, Permission
from teamaround.database.actor import acting_as
from teamaround.workingtime.calendar import Calendar

from .actions import notify
from .services import service_actor

SERVICE = "feeds"
WORKING = Calendar()


def tell_late_feeds(today: dt.date | None = None) -> int:
    """Tell administrators, and the managers of the teams whose feeds are late; where a team has no manager, all of it
    who bring in its caseload. How many people were told.

    Each once, however many feeds are late, and of one silence once: again only after the feed was heard in between.
    On a day on which nobody works nothing is told, and nothing is lost: a system may rest then too.
    """
    if not WORKING.is_working_day(today or timezone.localdate()):
        return 0
    with acting_as(service_actor(SERVICE)), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select team from app.take_late_feeds()")
            teams = [row[0] for row in cursor.fetchall()]
        if not teams:
            return 0
        keepers = _keepers(teams)
        administrators = _holding(Permission.SET_UP_AREA) - keepers
        notify(practitioners=keepers, kind="feed.late", link=reverse("feeds:feeds"))
        notify(practitioners=administrators, kind="feed.late", link=reverse("administration:feeds"))
    return len(keepers) + len(administrators)


def _keepers(teams: list[int]) -> set[int]:
    """The teams' managers; of a team without one, whoever brings in its caseload."""
    found: dict[int, dict[bool, set[int]]] = {team: {True: set(), False: set()} for team in teams}
    members = Membership.objects.current().filter(team_id__in=teams, practitioner__left_at=None)
    for team, role, practitioner in members.values_list("team_id", "role", "practitioner_id"):
        if Permission.IMPORT_CASELOAD in ROLES[role].permissions:
            found[team][Permission.DECIDE_REFERRALS in ROLES[role].permissions].add(practitioner)
    return {each for kept in found.values() for each in kept[True] or kept[False]}


def _holding(permission: Permission) -> set[int]:
    roles = [key for key, role in ROLES.items() if permission in role.permissions]
    members = Membership.objects.current().filter(role__in=roles, practitioner__left_at=None)
    return set(members.values_list("practitioner_id", flat=True))
