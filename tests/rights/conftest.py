"""A child with a case's worth of records, a mother, and a second governance lead."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from harness.cast import Cast, Member, _member
from teamaround.database.actor import SET_UP, acting_as
from teamaround.events.actions import record
from teamaround.people.actions import add_family, add_member, add_person, note_care_reason, relate
from teamaround.rights.actions.requests import record_request
from teamaround.rights.models import RightsRequest
from teamaround.sharing.actions import Cell, record_consent

BORN = dt.date(2012, 3, 2)
NOTE = "He told us that Efua shouts. Yasmin rang on Monday. He likes football."


@dataclass
class Family:
    """Kofi, Efua and their family."""

    kofi: int
    efua: int
    family: int


@pytest.fixture
def home(cast: Any) -> Family:
    return make_home(cast)


def make_home(cast: Cast, *, born: dt.date = BORN) -> Family:
    with cast.as_(cast.yasmin) as me:
        team = cast.yasmin.team.pk
        kofi = add_person(
            by=me, team=team, given="Kofi", family_name="Osei", date_of_birth=born, postcode="SK3 2DU"
        ).pk
        efua = add_person(by=me, team=team, given="Efua", family_name="Osei").pk
        family = add_family(by=me, team=team, name="Osei family").pk
        for person, role in ((kofi, "child"), (efua, "parent")):
            add_member(by=me, team=team, family=family, person=person, role=role)
        relate(by=me, team=team, person=efua, other=kofi, kind="parent")
        note_care_reason(by=me, team=team, adult=efua, kind="alcohol")
        record(by=me, team=team, kind="visit.made", subjects=[kofi], text=NOTE)
        record_consent(
            by=me,
            team=team,
            subject=kofi,
            given_by=efua,
            capacity="parent",
            how="signed",
            valid_until=timezone.now() + dt.timedelta(days=180),
            cells=[Cell(kofi, cast.tom.team.pk, "plan", "share")],
        )
    return Family(kofi, efua, family)


@pytest.fixture
def second(cast: Any) -> Member:
    """Another who governs."""
    return make_second(cast)


def make_second(cast: Cast) -> Member:
    with acting_as(SET_UP), transaction.atomic():
        return _member(
            "gail",
            "Gail Moss",
            "Deputy information-governance lead",
            cast.teams["partnership-office"],
            "governance",
        )


@pytest.fixture
def asked(cast: Any, home: Family) -> RightsRequest:
    """Kofi asked for a copy."""
    return request_of(cast, home.kofi, "access")


def request_of(cast: Cast, subject: int, kind: str) -> RightsRequest:
    with cast.as_(cast.greta) as me:
        return record_request(
            by=me,
            kind=kind,
            subject=subject,
            asked_on=timezone.localdate(),
            asked_by="Himself",
            identity="Passport seen",
        )
