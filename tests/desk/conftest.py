"""A child, his mother and his family, as the young carers team knows them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pytest

from teamaround.index.actions import involve
from teamaround.people import actions as people
from teamaround.people.models import Family, Person
from teamaround.procedures.actions import accept, allocate, receive
from teamaround.procedures.models import Episode
from teamaround.procedures.versions import install_shipped, reset_cache


@dataclass
class World:
    """What the tests begin with."""

    kofi: Person
    mum: Person
    family: Family
    episode: Episode


@pytest.fixture
def kofi(cast: Any) -> Person:
    """A child that the young carers team works with."""
    with cast.as_(cast.yasmin) as me:
        team = cast.yasmin.team.pk
        person = people.add_person(
            by=me,
            team=team,
            given="Kofi",
            family_name="Osei",
            date_of_birth=dt.date(2014, 3, 2),
            nhs_number="9434765919",
            address="4 Canal Row",
            postcode="SK3 2DU",
        )
        people.note_caring(
            by=me, team=team, person=person.pk, relation="mum", tasks=["Cooking and cleaning"], hours="10-19"
        )
        involve(by=me, team=team, subject=person.pk, practitioner=cast.yasmin.practitioner.pk)
    return person


@pytest.fixture
def world(cast: Any, kofi: Person) -> World:
    """The child's family, and a case that the team has accepted and allocated to Yasmin."""
    reset_cache()
    team = cast.yasmin.team
    with cast.as_(cast.yasmin) as me:
        mum = people.add_person(
            by=me, team=team.pk, given="Efua", family_name="Osei", date_of_birth=dt.date(1986, 5, 1)
        )
        family = people.add_family(by=me, team=team.pk, name="Osei family")
        people.add_member(by=me, team=team.pk, family=family.pk, person=kofi.pk, role="child")
        people.add_member(by=me, team=team.pk, family=family.pk, person=mum.pk, role="parent")
        people.relate(
            by=me, team=team.pk, person=mum.pk, other=kofi.pk, kind="parent", parental_responsibility=True
        )
    install_shipped()
    with cast.as_(cast.tom) as me:
        involve(
            by=me,
            team=cast.tom.team.pk,
            subject=kofi.pk,
            role="school",
            practitioner=cast.tom.practitioner.pk,
        )
        episode = receive(by=me, team=cast.tom.team.pk, receiving_team=team, child=kofi.pk)
    with cast.as_(cast.morgan) as me:
        episode.refresh_from_db()
        accept(by=me, episode=episode, version=episode.version, text="Fits the service.")
        allocate(by=me, episode=episode, practitioner=cast.yasmin.practitioner.pk)
    return World(kofi, mum, family, episode)


def text_of(response: Any) -> str:
    """The words of a page, with white space as one reads it."""
    return " ".join(response.content.decode().split())
