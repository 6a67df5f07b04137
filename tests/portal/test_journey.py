"""A young person at their own phone: who can see, yes or no, a change of mind, a question and its answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from journeys.walking import Walker
from teamaround.people.actions import relate

pytestmark = pytest.mark.browser


@pytest.fixture
def walker(chromium: Any, live: Any) -> Iterator[Callable[..., Walker]]:
    made: list[Walker] = []

    def make(name: str, client: Client, *, scripts: bool = True) -> Walker:
        found = Walker(chromium, live, name, scripts=scripts)
        session = client.cookies["sessionid"].value
        found.context.add_cookies([{"name": "sessionid", "value": session, "url": live.url}])
        made.append(found)
        return found

    yield make
    for each in made:
        each.leaves()


def test_abena_sees_chooses_changes_her_mind_and_asks(live: Any, live_home: Any, walker: Any) -> None:
    cast, home = live.cast, live_home
    home.agree(
        home.abena,
        (cast.tom, "education", "share"),
        (cast.tom, "health", "ask"),
        (cast.nina, "health", "share"),
        about=home.abena,
    )
    abena = walker("Abena", home.abena.client()).open(reverse("portal:home")).picture("portal-home")
    abena.follow("Who can see my information").picture("portal-sharing")
    abena.sees("Moor Lane School", "How school is going", "You said yes on", "Northmoor Health")

    abena.open(reverse("portal:agree")).picture("portal-agree").follow("Moor Lane School").picture(
        "portal-agree-with"
    )
    abena.choose("Your plan, and what meetings decide", "Yes").press("Save my answers")
    abena.sees("Saved. It counts from now.", "Your plan, and what meetings decide")

    abena.open(reverse("portal:change")).picture("portal-change").follow("Northmoor Health").picture(
        "portal-stop"
    )
    abena.sees("will no longer see").press("Yes, stop it").sees("It has stopped")
    assert "Northmoor Health" not in abena.words("main")
    nurse = cast.nina.client()
    assert nurse.get(reverse("desk:person", args=[home.abena.person.uuid])).status_code == 404

    abena.open(reverse("portal:looks")).picture("portal-looks")
    abena.open(reverse("portal:about")).picture("portal-about").sees("Abena Osei")
    abena.follow("Is this right?").picture("portal-put-right").press("Send", status=422)
    abena.type("What is wrong?", "My birthday.").type("What is right?", "The third of May.").press("Send")
    abena.open(reverse("portal:complain")).picture("portal-complain")
    abena.open(reverse("portal:ask")).type("What do you want to ask?", "Who told my school?").press("Send")
    abena.sees("Who told my school?", "Sent").picture("portal-messages")

    yasmin = walker("Yasmin", cast.yasmin.client()).open("/").follow("A question from a family")
    yasmin.sees("Who told my school?").picture("portal-answer")
    yasmin.type("Your answer", "You did, on your form.").press("Send the answer").picture("portal-inbox")
    abena.open(reverse("portal:messages")).sees("You did, on your form.").picture("portal-answered")


def test_it_works_without_scripts(live: Any, live_home: Any, walker: Any) -> None:
    abena = walker("Abena", live_home.abena.client(), scripts=False).open(reverse("portal:home"))
    abena.follow("Say yes or no").follow("Northmoor Young Carers")
    abena.choose("Home and money", "No").press("Save my answers").sees("Saved. It counts from now.")
    abena.open(reverse("portal:change")).follow("Stop sharing everything").press("Yes, stop it")
    abena.sees("It has stopped")


def test_efua_answers_for_kofi_without_scripts_and_changes_her_mind(
    live: Any, live_home: Any, walker: Any
) -> None:
    cast, home = live.cast, live_home
    with cast.as_(cast.yasmin) as me:
        relate(
            by=me,
            team=me.team.team,
            person=home.efua.person.pk,
            other=home.kofi.person.pk,
            kind="parent",
            parental_responsibility=True,
        )
    efua = walker("Efua", home.efua.client(), scripts=False).open(reverse("portal:home"))
    efua.follow("Your children").picture("portal-children").follow("Kofi Osei").picture("portal-child")
    efua.page.get_by_text("Moor Lane School, Pastoral team").click()
    school = efua.page.get_by_role("group", name="What may Moor Lane School see about Kofi?")
    school.get_by_role("group", name="How school is going").get_by_label("Yes").check()
    school.get_by_role("group", name="Home and money").get_by_label("No").check()
    efua.press("Send my answers").sees("Saved. It counts from now.", "1 yes, 1 no").picture(
        "portal-child-sent"
    )
    assert cast.tom.client().get(reverse("desk:person", args=[home.kofi.person.uuid])).status_code == 200
    efua.follow("Change my mind: stop sharing").picture("portal-child-change").follow("How school is going")
    efua.sees("will no longer see", "They work with Kofi.").picture("portal-child-stop")
    efua.press("Yes, stop it").sees("It has stopped", "2 no")
