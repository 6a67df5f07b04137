"""Facts about a person: what a team says later ends what it said before."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from teamaround.people.actions import (
    FactRefused,
    add_address,
    add_person,
    note_care_reason,
    set_background,
    set_school,
)
from teamaround.people.models import Address, Background, Person, SchoolPlace


@pytest.fixture
def kofi(cast: Any) -> Person:
    with cast.as_(cast.yasmin) as me:
        return add_person(by=me, team=cast.yasmin.team.pk, given="Kofi", family_name="Osei")


def test_a_team_says_one_ethnicity_and_one_school_at_a_time(cast: Any, kofi: Person) -> None:
    team = cast.yasmin.team.pk
    with cast.as_(cast.yasmin) as me:
        for ethnicity, school in (("WBRI", "Moor Lane School"), ("BAFR", "Hill Primary School")):
            set_background(by=me, team=team, person=kofi.pk, ethnicity=ethnicity)
            set_school(by=me, team=team, person=kofi.pk, school_name=school)
        assert Background.objects.get(subject_id=kofi.pk, until=None).ethnicity == "BAFR"
        assert SchoolPlace.objects.get(subject_id=kofi.pk, until=None).school_name == "Hill Primary School"


def test_why_somebody_needs_care_is_not_recorded_on_a_childs_record(cast: Any) -> None:
    team, today = cast.yasmin.team.pk, timezone.localdate()
    with cast.as_(cast.yasmin) as me:

        def born(years: int, precision: str = "day") -> int:
            person = add_person(
                by=me,
                team=team,
                given="Efua",
                family_name="Osei",
                date_of_birth=today.replace(year=today.year - years, month=1, day=1),
                born_precision=precision,
            )
            return int(person.pk)

        for child in (born(12), born(18, "year")):
            with pytest.raises(FactRefused, match="This is a child’s record") as refused:
                note_care_reason(by=me, team=team, adult=child, kind="illness")
            assert refused.value.field == "kind"
        unknown = add_person(by=me, team=team, given="Efua", family_name="Osei").pk
        for adult in (born(40), unknown):
            assert note_care_reason(by=me, team=team, adult=adult, kind="illness").subject_id == adult


def test_an_address_never_ends_before_it_began(cast: Any, kofi: Person) -> None:
    team, today = cast.yasmin.team.pk, timezone.localdate()
    with cast.as_(cast.yasmin) as me:
        first = add_address(by=me, team=team, person=kofi.pk, lines="1 Mill Street")
        add_address(
            by=me, team=team, person=kofi.pk, lines="2 Hill Road", since=today - dt.timedelta(days=90)
        )
        first.refresh_from_db()
        assert (first.since, first.until, first.version) == (today, today, 2)
        assert Address.objects.get(subject_id=kofi.pk, until=None).lines == "2 Hill Road"
