"""The same work without scripts, by keyboard, after a lost session, and in two windows at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from harness.cast import PASSWORD
from harness.live import Site
from journeys.walking import Walker
from teamaround.index.actions import involve
from teamaround.people.actions import add_person
from teamaround.plans import actions as plans
from teamaround.plans.models import Plan
from teamaround.procedures.actions import accept, allocate, receive
from teamaround.procedures.models import Episode

pytestmark = pytest.mark.browser


@pytest.fixture
def case(live: Site) -> Episode:
    """A case that Yasmin has, of a child of her team."""
    cast = live.cast
    with cast.as_(cast.yasmin) as me:
        child = add_person(
            by=me,
            team=cast.yasmin.team.pk,
            given="Kofi",
            family_name="Osei",
            date_of_birth=dt.date(2014, 3, 2),
        )
        involve(by=me, team=cast.yasmin.team.pk, subject=child.pk, practitioner=me.principal)
        episode = receive(by=me, team=cast.yasmin.team.pk, receiving_team=cast.yasmin.team, child=child.pk)
    with cast.as_(cast.morgan) as me:
        episode.refresh_from_db()
        accept(by=me, episode=episode, version=episode.version)
        episode.refresh_from_db()
        allocate(by=me, episode=episode, practitioner=cast.yasmin.practitioner.pk)
    return episode


def sign_in(who: Walker, email: str) -> Walker:
    return who.type("E-mail", email).type("Password", PASSWORD).press("Sign in")


def test_a_child_is_referred_and_accepted_without_scripts(
    live: Site, somebody: Callable[..., Walker]
) -> None:
    tom = somebody(live, "Tom", live.cast.tom, scripts=False)
    tom.open("/referrals/").follow("New referral")
    tom.choose("How soon is an answer needed?", "In the usual time")
    tom.type("First names", "Ama").type("Last name", "Boateng")
    tom.choose("Sex", "Female").choose("Does the child care for somebody?", "Yes")
    tom.type("Whom do they care for?", "Gran").type("What is worrying?", "She misses school.")
    tom.choose("Does the family know of this referral", "They know and agree")
    tom.press("Send the referral").sees("The referral was sent")

    morgan = somebody(live, "Morgan", live.cast.morgan, scripts=False)
    morgan.open("/").follow("Referrals", within="nav").follow("Ama Boateng", within="main")
    morgan.follow("Look for this child").choose("Which child is this?", "None of these: add the child")
    morgan.press("Go on with this child")
    morgan.choose("Your answer", "Accept").select("Named worker", "Yasmin Okoro")
    morgan.press("Send your answer").sees("Your answer was sent to the referrer")

    tom.open(tom.page.url).sees("accepted", "Yasmin Okoro")


def test_somebody_signs_in_and_searches_by_keyboard_alone(
    live: Site, somebody: Callable[..., Walker], case: Episode
) -> None:
    yasmin = somebody(live, "Yasmin")
    keys = yasmin.open("/account/login/").page.keyboard

    def tab_to(words: str) -> None:
        for _ in range(40):
            keys.press("Tab")
            if words in yasmin.page.evaluate(WHERE_THE_KEYBOARD_IS):
                return
        raise AssertionError(f"the keyboard does not reach “{words}”")

    def enter() -> None:
        with yasmin.page.expect_navigation(wait_until="load"):
            keys.press("Enter")
        yasmin.arrived()

    tab_to("E-mail")
    keys.type("yasmin@northmoor.example")
    tab_to("Password")
    keys.type(PASSWORD)
    enter()
    yasmin.sees_heading("Yasmin")
    keys.press("Tab")
    assert "Skip to main content" in yasmin.page.evaluate(WHERE_THE_KEYBOARD_IS)
    keys.press("Enter")
    tab_to("Find a child")
    enter()
    tab_to("Why are you searching?")
    keys.type("A visit to plan")
    tab_to("Who are you looking for?")
    keys.type("Kofi Osei")
    enter()
    tab_to("Open Kofi Osei")
    enter()
    yasmin.sees("Who is involved")


WHERE_THE_KEYBOARD_IS = """() => {
    const at = document.activeElement
    const labels = [...(at.labels || [])].map(label => label.innerText).join(" ")
    return `${labels} ${at.textContent} ${at.getAttribute("aria-label") || ""}`.replace(/\\s+/g, " ")
}"""


def test_what_was_typed_survives_a_lost_session(
    live: Site, somebody: Callable[..., Walker], case: Episode
) -> None:
    words = "She told me that mornings are the hardest."
    yasmin = somebody(live, "Yasmin", live.cast.yasmin)
    yasmin.open(f"/plans/contact/{case.uuid}/").choose("What kind of contact was it?", "Telephone")
    yasmin.page.get_by_label("What happened").first.press_sequentially(words)
    expect(yasmin.page.locator("[data-draft-status]")).to_contain_text("Saved as a draft")

    _lose_every_session()
    yasmin.page.on("dialog", lambda dialog: dialog.accept())
    yasmin.press("Save the contact").sees_heading("Sign in")
    sign_in(yasmin, "yasmin@northmoor.example")

    yasmin.open(f"/plans/contact/{case.uuid}/").sees("We put back what you typed").picture("draft-restored")
    expect(yasmin.page.get_by_label("What happened").first).to_have_value(words)
    expect(yasmin.group("What kind of contact").get_by_label("Telephone").first).to_be_checked()


def _lose_every_session() -> None:
    from django.contrib.sessions.models import Session

    Session.objects.all().delete()


def test_a_stale_form_is_refused_and_keeps_what_was_typed(
    live: Site, somebody: Callable[..., Walker], case: Episode
) -> None:
    plan = _plan_of(live, case)
    first = somebody(live, "Yasmin", live.cast.yasmin).open(f"/plans/{plan.uuid}/change/")
    second = somebody(live, "Yusuf", live.cast.yusuf).open(f"/plans/{plan.uuid}/change/")
    second.type("How the family sees it", "We manage, mostly.").press("Save")

    first.type("How the family sees it", "Mornings are the worst.")
    first.press("Save", status=409).picture("stale")
    assert first.page.locator(".govuk-error-summary").count() == 1
    expect(first.page.get_by_label("How the family sees it").first).to_have_value("Mornings are the worst.")

    first.press("Save").sees("Mornings are the worst.")


def _plan_of(live: Site, case: Episode) -> Plan:
    with live.cast.as_(live.cast.yasmin) as me:
        return plans.start_plan(by=me, episode=Episode.objects.get(pk=case.pk))
