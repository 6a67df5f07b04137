"""A family: Kofi (12), Ama (10), Abena (17), their mother Efua and father Kwame, known to three teams."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from teamaround.index.actions import involve
from teamaround.people.actions import add_family, add_member, add_person
from teamaround.people.models import Person
from teamaround.sharing.actions import Cell, record_consent
from teamaround.sharing.models import Basis


class House:
    """The family, and what its members say."""

    kofi: Person
    ama: Person
    abena: Person
    efua: Person
    kwame: Person

    def __init__(self, cast: Any) -> None:
        self.cast = cast

    def agree(
        self,
        giver: Person,
        *said: tuple[Any, str, str],
        about: Person | None = None,
        member: Any = None,
        days: int = 90,
    ) -> Basis:
        """What a giver answers: (member of the cast whose team it is, category, answer)."""
        about = about or self.kofi
        with self.cast.as_(member or self.cast.yasmin) as me:
            return record_consent(
                by=me,
                team=me.team.team,
                subject=about.pk,
                given_by=giver.pk,
                capacity="self" if giver.pk == about.pk else "parent",
                understanding="Told it back" if giver.pk == about.pk else "",
                how="signed",
                valid_until=timezone.now() + dt.timedelta(days=days),
                cells=[Cell(about.pk, who.team.pk, category, answer) for who, category, answer in said],
            )


@pytest.fixture
def house(cast: Any) -> House:
    house = House(cast)
    today = timezone.localdate()
    with cast.as_(cast.yasmin) as me:
        team = me.team.team
        home = add_family(by=me, team=team, name="Osei")
        for name, age, role in (
            ("kofi", 12, "child"),
            ("ama", 10, "child"),
            ("abena", 17, "child"),
            ("efua", 41, "parent"),
            ("kwame", 43, "parent"),
        ):
            person = add_person(
                by=me,
                team=team,
                given=name.title(),
                family_name="Osei",
                date_of_birth=today.replace(year=today.year - age, day=1),
            )
            add_member(by=me, team=team, family=home.pk, person=person.pk, role=role)
            setattr(house, name, person)
        involve(by=me, team=team, subject=house.kofi.pk, practitioner=me.principal, role="lead")
    with cast.as_(cast.tom) as me:
        involve(by=me, team=me.team.team, subject=house.kofi.pk, role="school")
    return house
