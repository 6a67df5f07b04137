"""Words for planning numbers and counts that the tests share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction

from harness.cast import Member
from teamaround.agencies.models import Account, Membership, Practitioner, Principal
from teamaround.database.actor import SET_UP, acting_as
from teamaround.reports.actions import Planned

SOURCE = "School census, January 2026"
NewChild = Callable[..., int]


def new_member(cast: Any, key: str, role: str) -> Member:
    """Somebody of the partnership's office in a role."""
    team = cast.teams["partnership-office"]
    with acting_as(SET_UP), transaction.atomic():
        account = Account.objects.create(email=f"{key}@northmoor.example", password="!")
        practitioner = Practitioner.objects.create(
            principal=Principal.objects.create(kind="practitioner"), account=account, name="Noor Haddad"
        )
        Membership.objects.create(practitioner=practitioner, team=team, role=role)
    return Member(account=account, practitioner=practitioner, team=team)


def area(name: str, *codes: str, children: int = 3000) -> Planned:
    return Planned("area", name, children, dt.date(2026, 1, 15), SOURCE, postcodes=codes)


def school(name: str, *, roll: int = 500, ages: tuple[int, int] = (11, 17)) -> Planned:
    return Planned("school", name, roll, dt.date(2026, 1, 15), SOURCE, *ages)


def shown_counts(cast: Any, kind: str, way: str = "registered") -> dict[str, int | None]:
    """What is shown of each place of a kind; None for fewer than five."""
    with cast.as_(cast.morgan), connection.cursor() as cursor:
        cursor.execute(
            "select p.name, c.known from app.coverage(%s, %s) c join planning_place p on p.id = c.place_id",
            [way, kind],
        )
        return dict(cursor.fetchall())
