"""Consent by cell, one cell taken back, and what another worker's open page shows at the next request."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.urls import reverse

from harness.live import Site
from journeys.walking import Walker
from teamaround.index.actions import involve
from teamaround.people.actions import add_address, add_family, add_member, add_person
from teamaround.people.models import Person

pytestmark = pytest.mark.browser


@pytest.fixture
def kofi(live: Site) -> Person:
    """A child whom Yasmin's team and Tom's school work with."""
    cast = live.cast
    with cast.as_(cast.yasmin) as me:
        team = me.team.team
        home = add_family(by=me, team=team, name="Osei")
        child, mother = (
            add_person(by=me, team=team, given=name, family_name="Osei", date_of_birth=born)
            for name, born in (("Kofi", dt.date(2014, 3, 2)), ("Efua", dt.date(1985, 5, 1)))
        )
        for person, role in ((child, "child"), (mother, "parent")):
            add_member(by=me, team=team, family=home.pk, person=person.pk, role=role)
        involve(by=me, team=team, subject=child.pk, practitioner=me.principal, role="lead")
        add_address(by=me, team=team, person=child.pk, lines="1 Mill Row", postcode="M1 1AA")
    with cast.as_(cast.tom) as me:
        involve(by=me, team=me.team.team, subject=child.pk, role="school")
    return child


def test_what_is_taken_back_is_gone_at_the_next_request_of_an_open_session(
    live: Site, somebody: Callable[..., Walker], kofi: Person
) -> None:
    page = reverse("desk:person", args=[kofi.uuid])
    yasmin = somebody(live, "Yasmin", live.cast.yasmin)
    tom = somebody(live, "Tom", live.cast.tom)
    tom.open(page).sees_nothing_of("1 Mill Row")

    yasmin.open(page).follow("Record or change consent").picture("consent")
    yasmin.choose("Who decides?", "Efua Osei").choose("In what standing?", "Has parental responsibility")
    school = yasmin.page.locator("#team-moor-lane")
    school.get_by_role("group", name="Names, address and identifiers").get_by_label(
        "Share", exact=True
    ).check()
    school.get_by_role("group", name="School and learning").get_by_label("Share", exact=True).check()
    yasmin.choose("How did they say it?", "Signed on screen")
    yasmin.press("Record").sees("It counts from this moment").picture("consent-given")
    tom.open(page).sees("1 Mill Row")

    yasmin.open(page).follow("Record or change consent").follow("They no longer want something shared")
    yasmin.sees("What goes on, and why", "Each team keeps what it wrote itself").picture("take-back")
    yasmin.press("Take back now").sees("There is a problem", where="body")
    yasmin.choose("Who takes it back?", "Efua Osei").choose("What is no longer shared?", "Some of it")
    yasmin.tick("Moor Lane School: Pastoral team").tick("Names, address and identifiers")
    yasmin.choose("How did they say it?", "They told me")
    yasmin.press("Take back now").sees("1 permission ended", where="body").picture("taken-back")

    tom.page.reload()
    tom.arrived().sees_nothing_of("1 Mill Row").picture("hidden")
    yasmin.open("/").sees("Ask what lies behind the withdrawal of consent")


def test_the_pages_of_trust_are_looked_at_at_both_widths(
    live: Site, somebody: Callable[..., Walker], kofi: Person
) -> None:
    yasmin = somebody(live, "Yasmin", live.cast.yasmin)
    for name in ("safeguarding", "vital", "emergency", "shield", "settle", "lawful", "put_on_agenda"):
        yasmin.open(reverse(f"sharing:{name}", args=[kofi.uuid])).picture(f"trust-{name}")
    yasmin.open(reverse("sharing:shield", args=[kofi.uuid]))
    yasmin.choose("What is hidden?", "Hide where they live and learn")
    yasmin.type("Who could find them", "His uncle looks for him")
    yasmin.give_date("When will this be looked at again?", dt.date.today() + dt.timedelta(days=30))
    yasmin.press("Put up the shield").sees("The shield is up").picture("trust-shielded")
    yasmin.open(reverse("desk:person", args=[kofi.uuid])).sees("Shielded", "Review or lift")
    yasmin.picture("trust-person")
    greta = somebody(live, "Greta", live.cast.greta)
    greta.open(reverse("sharing:emergencies")).picture("trust-emergencies")
    admin = somebody(live, "Ada", live.cast.admin)
    admin.open(reverse("administration:duty")).picture("trust-duty")
