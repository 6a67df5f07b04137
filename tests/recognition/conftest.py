"""Records of the index that may be one child, and what the nightly search makes of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from teamaround.index.actions import involve
from teamaround.people.actions import add_person
from teamaround.people.models import Person

BORN = dt.date(2013, 5, 17)
KOFI: dict[str, Any] = {
    "given": "Kofi",
    "family_name": "Osei-Mensah",
    "date_of_birth": BORN,
    "postcode": "NM4 2AB",
    "sex": "M",
}

Adds = Callable[..., Person]


@pytest.fixture
def add(cast: Any) -> Adds:
    """Record a child, by one of the cast, whose team works with them; the young carers team's manager may work
    with them too."""

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
