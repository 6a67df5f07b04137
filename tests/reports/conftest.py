"""A partnership officer, and children of a made-up area."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from harness.cast import Member
from reports.world import SOURCE, NewChild, area, new_member, school
from teamaround.index.actions import involve
from teamaround.people.actions import add_person, set_school
from teamaround.reports.actions import Planned, plan_all, set_services


@pytest.fixture
def noor(cast: Any) -> Member:
    """The partnership officer."""
    return new_member(cast, "noor", "partnership")


@pytest.fixture
def planned(cast: Any, noor: Member) -> Member:
    """Two areas, three schools and a surgery are planned for; the young carers team is the service."""
    surgery = Planned("surgery", "Health Centre", 2000, dt.date(2026, 1, 15), SOURCE)
    partner = Planned(
        "surgery", "Nurses’ surgery", 2000, dt.date(2026, 1, 15), SOURCE,
        agency=cast.teams["school-nursing"].agency_id,
    )  # fmt: skip
    with cast.as_(noor) as me:
        plan_all(
            by=me,
            rows=[
                area("East", "NM1", "NM2"),
                area("Hill", "NM2 9"),
                school("Moor Lane School"),
                school("Park Academy"),
                school("Quay Primary", roll=200, ages=(5, 10)),
                surgery,
                partner,
            ],
        )
        set_services(by=me, teams=[cast.teams["young-carers"]])
    return noor


@pytest.fixture
def new_child(cast: Any) -> NewChild:
    """A child of Yasmin's team, registered unless told otherwise."""

    def make(
        *,
        postcode: str = "NM1 1AA",
        school: str = "Park Academy",
        age: int = 12,
        role: str = "registered",
        told: str = "",
    ) -> int:
        team = cast.teams["young-carers"].pk
        with cast.as_(cast.yasmin) as me:
            born = timezone.localdate() - dt.timedelta(days=365 * age + 100)
            child = add_person(
                by=me, team=team, given="Abel", family_name="Ashdown", date_of_birth=born, postcode=postcode
            )
            if school or told:
                set_school(by=me, team=team, person=child.pk, school_name=school, young_carer_indicator=told)
            if role:
                involve(by=me, team=team, subject=child.pk, role=role)
        return int(child.pk)

    return make
