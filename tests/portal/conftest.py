"""Kofi (13), Abena (17) and their mother Efua, each with a page of their own; four teams around them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from harness.own_page import Own, own_page_of
from teamaround.index.actions import involve
from teamaround.people.actions import add_family, add_member, add_need, add_person
from teamaround.sharing.actions import Cell, record_consent
from teamaround.sharing.models import Basis


class Home:
    """The family, and what is recorded of it."""

    kofi: Own
    abena: Own
    efua: Own

    def __init__(self, cast: Any) -> None:
        self.cast = cast

    def agree(
        self, giver: Own, *said: tuple[Any, str, str], about: Own | None = None, days: int = 90
    ) -> Basis:
        """What a giver answers to Yasmin: (member of the cast whose team it is, category, answer)."""
        about = about or self.kofi
        own = giver is about
        with self.cast.as_(self.cast.yasmin) as me:
            return record_consent(
                by=me,
                team=me.team.team,
                subject=about.person.pk,
                given_by=giver.person.pk,
                capacity="self" if own else "parent",
                understanding="Told it back" if own else "",
                how="signed",
                valid_until=timezone.now() + dt.timedelta(days=days),
                cells=[
                    Cell(about.person.pk, who.team.pk, category, answer) for who, category, answer in said
                ],
            )


@pytest.fixture(autouse=True)
def _mail(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def make_home(cast: Any) -> Home:
    """The family as Yasmin's team and the school know it."""
    home = Home(cast)
    today = timezone.localdate()
    with cast.as_(cast.yasmin) as me:
        team = me.team.team
        family = add_family(by=me, team=team, name="Osei")
        people = {}
        for name, age, role, sex in (
            ("kofi", 13, "child", "M"),
            ("abena", 17, "child", "F"),
            ("efua", 41, "parent", "F"),
        ):
            person = add_person(
                by=me,
                team=team,
                given=name.title(),
                family_name="Osei",
                date_of_birth=today.replace(year=today.year - age, day=1),
                sex=sex,
            )
            add_member(by=me, team=team, family=family.pk, person=person.pk, role=role)
            people[name] = person
        add_need(by=me, team=team, person=people["kofi"].pk, kind="language", words="Twi and English")
        for person in people.values():
            involve(by=me, team=team, subject=person.pk, practitioner=me.principal, role="lead")
    with cast.as_(cast.tom) as me:
        involve(by=me, team=me.team.team, subject=people["kofi"].pk, role="school")
    for name, person in people.items():
        setattr(home, name, own_page_of(cast, person))
    return home


@pytest.fixture
def home(cast: Any) -> Home:
    return make_home(cast)


@pytest.fixture(scope="module")
def live_home(live: Any) -> Home:
    """The same family in a site with real commits."""
    return make_home(live.cast)
