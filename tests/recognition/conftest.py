"""Records of the index that may be one child, and what the nightly search makes of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from teamaround.database.actor import SET_UP, acting_as
from teamaround.index.actions import involve
from teamaround.people.actions import add_identifier, add_person
from teamaround.people.models import Person
from teamaround.recognition.models import Pair
from teamaround.recognition.nightly import recognise

BORN = dt.date(2013, 5, 17)
KOFI: dict[str, Any] = {
    "given": "Kofi",
    "family_name": "Osei-Mensah",
    "date_of_birth": BORN,
    "postcode": "NM4 2AB",
    "sex": "M",
}
LIKELY: dict[str, Any] = {"family_name": "Osey", "date_of_birth": dt.date(2012, 7, 3)}
"""Probably the same child as Kofi."""
HARD: dict[str, Any] = {"given": "Kwame"}
"""Perhaps Kofi's twin: about as likely as not the same child."""
NUMBER = "943 476 5919"

Adds = Callable[..., Person]
Finds = Callable[..., Pair]


@pytest.fixture
def cast(cast: Any) -> Any:
    """The cast, and a manager of the school's team, who works with nobody's children yet."""
    from django.db import transaction

    from harness.cast import _member

    with acting_as(SET_UP), transaction.atomic():
        cast.second_manager = _member(
            "farid", "Farid Nasser", "Head of school nursing", cast.teams["school-nursing"], "manager"
        )

    def let_in(pair: Pair) -> None:
        with cast.as_(cast.second_manager) as me:
            for subject in (pair.subject_id, pair.other_id):
                involve(by=me, team=cast.second_manager.team.pk, subject=subject)

    cast.let_second_manager_in = let_in
    return cast


@pytest.fixture
def add(cast: Any) -> Adds:
    """Record a child, by one of the cast, whose team works with them; the young carers team's manager may open the
    record too."""

    def added(by: str, *, morgan: bool = True, **said: Any) -> Person:
        member = getattr(cast, by)
        with cast.as_(member) as me:
            person = add_person(by=me, team=member.team.pk, **{**KOFI, **said})
            involve(by=me, team=member.team.pk, subject=person.pk, practitioner=me.principal)
        if morgan and member is not cast.morgan:
            with cast.as_(cast.morgan) as me:
                involve(by=me, team=cast.morgan.team.pk, subject=person.pk)
        return person

    return added


@pytest.fixture
def found(cast: Any, add: Adds) -> Finds:
    """Two records, Kofi's and one like it, after a night's search: the pair before people."""

    def find(second: dict[str, Any], first: dict[str, Any] | None = None) -> Pair:
        one = add("yasmin", **(first or {}))
        other = add("tom", **second)
        recognise()
        with cast.as_(cast.morgan):
            pair: Pair = Pair.objects.get(subject_id=one.pk, other_id=other.pk)
        return pair

    return find


@pytest.fixture
def learn_number(cast: Any) -> Callable[[Pair], None]:
    """Both teams learn the same NHS number of the two records of a pair: now they certainly look like one child."""

    def learn(pair: Pair) -> None:
        for member, subject in ((cast.yasmin, pair.subject_id), (cast.tom, pair.other_id)):
            with cast.as_(member) as me:
                add_identifier(by=me, team=member.team.pk, person=subject, scheme="nhs", value=NUMBER)

    return learn
