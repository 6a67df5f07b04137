"""The review desk in a browser: by keys alone, and without scripts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.urls import reverse

from harness.cast import Cast, Member
from harness.live import Site
from journeys.people import apart
from journeys.walking import Walker
from recognition.conftest import KOFI
from teamaround.index.actions import involve
from teamaround.people.actions import add_person
from teamaround.recognition.models import Pair
from teamaround.recognition.nightly import recognise

CHILDREN = (
    ("Kofi", "Osei-Mensah", "Osey", "NM4 2AB", dt.date(2013, 5, 17), dt.date(2012, 7, 3)),
    ("Amelia", "Whitcombe", "Witcomb", "SK7 9TT", dt.date(2011, 2, 23), dt.date(2010, 10, 6)),
    ("Zubair", "Rahman", "Rehman", "OL1 3LP", dt.date(2016, 9, 9), dt.date(2015, 4, 28)),
)
"""Each as two agencies wrote them: surname and birthday differ."""

pytestmark = pytest.mark.browser


@pytest.fixture
def somebody(chromium: Any) -> Iterator[Callable[..., Walker]]:
    walkers: list[Walker] = []

    def make(site: Site, name: str, member: Member, *, scripts: bool = True) -> Walker:
        walkers.append(Walker(chromium, site, name, scripts=scripts).signed_in_as(member))
        return walkers[-1]

    yield make
    for walker in walkers:
        walker.leaves()


def record(cast: Cast, member: Member, **said: Any) -> None:
    with cast.as_(member) as me:
        person = add_person(by=me, team=member.team.pk, **{**KOFI, **said})
        involve(by=me, team=member.team.pk, subject=person.pk, practitioner=me.principal)
    if member.team != cast.morgan.team:
        with cast.as_(cast.morgan) as me:
            involve(by=me, team=cast.morgan.team.pk, subject=person.pk)


@pytest.fixture
def three(live: Site) -> Site:
    """Three children under two records each, all before people; the search ran once."""
    if not getattr(live, "searched", False):
        for given, family, as_heard, home, born, as_told in CHILDREN:
            child = {"given": given, "postcode": home}
            record(live.cast, live.cast.yasmin, family_name=family, date_of_birth=born, **child)
            record(live.cast, live.cast.tom, family_name=as_heard, date_of_birth=as_told, **child)
        recognise()
        live.searched = True  # type: ignore[attr-defined]  # once for the module
    return live


def states(site: Site) -> list[str]:
    found: list[str] = []

    def read() -> None:
        with site.cast.as_(site.cast.morgan):
            found.extend(Pair.objects.order_by("pk").values_list("state", flat=True))

    apart(read)
    return sorted(found)


def focused(walker: Walker) -> str:
    return str(walker.page.evaluate("document.activeElement.tagName + (document.activeElement.value || '')"))


def test_a_pair_is_decided_by_keys_that_save_nothing_by_themselves(
    three: Site, somebody: Callable[..., Walker]
) -> None:
    morgan = somebody(three, "Morgan", three.cast.morgan)
    morgan.open(reverse("recognition:desk")).picture("review-desk").follow("Start with the first")
    morgan.sees("Keys:", "Together").picture("review-pair")
    first = morgan.page.url
    morgan.page.keyboard.press("n")
    morgan.page.wait_for_url(lambda url: url != first)
    second = morgan.page.url
    morgan.page.keyboard.press("s")
    assert focused(morgan).startswith("TEXTAREA")
    morgan.sees("Same child. Write how you know")
    morgan.page.keyboard.type("d c n are letters here: the school says it is one child.")
    assert morgan.page.url == second
    before = states(three)
    morgan.page.keyboard.press("Escape")
    morgan.page.keyboard.press("s")
    assert focused(morgan) == "BUTTONsame"
    assert states(three) == before
    with morgan.page.expect_navigation(wait_until="load"):
        morgan.page.keyboard.press("Enter")
    morgan.arrived().sees("Saved: the same child", where="body")
    assert states(three).count("same") == before.count("same") + 1
    morgan.sees_heading("Is this one child?").follow("See the pair you answered just now")
    morgan.sees("People decided on", "Undo the joining").picture("review-decided")


def test_the_keys_can_be_switched_off_and_stay_off(three: Site, somebody: Callable[..., Walker]) -> None:
    morgan = somebody(three, "Morgan", three.cast.morgan)
    morgan.open(reverse("recognition:next"))
    morgan.page.get_by_role("button", name="Switch the keys off").click()
    morgan.page.evaluate("document.activeElement.blur()")
    morgan.page.keyboard.press("s")
    assert focused(morgan).startswith("BODY")
    morgan.page.reload()
    morgan.page.keyboard.press("s")
    assert focused(morgan).startswith("BODY")
    morgan.page.get_by_role("button", name="Switch the keys on").click()
    morgan.page.evaluate("document.activeElement.blur()")
    morgan.page.keyboard.press("d")
    assert focused(morgan).startswith("TEXTAREA")


def test_the_desk_works_without_scripts(three: Site, somebody: Callable[..., Walker]) -> None:
    morgan = somebody(three, "Morgan", three.cast.morgan, scripts=False)
    before = states(three).count("different")
    morgan.open(reverse("recognition:next")).press("Different children")
    morgan.sees("There is a problem", where="body")
    morgan.type("How do you know", "The father names two boys.").press("Different children")
    morgan.sees("Saved: different children", where="body")
    assert states(three).count("different") == before + 1
    morgan.open(reverse("recognition:agreement")).sees("By weight of the evidence")
