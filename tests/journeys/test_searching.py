"""Finding a child: answers as one types, by keyboard, with and without scripts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from harness.live import Site
from journeys.walking import Walker
from teamaround.index.actions import involve
from teamaround.people.actions import add_person
from teamaround.people.models import Person

pytestmark = pytest.mark.browser

CHILDREN = (
    ("Luca", "Whitcombe", dt.date(2019, 8, 21), "S3 1QT"),
    ("Lucas", "Whitcomb", dt.date(2019, 8, 12), "S3 2AA"),
    ("Mia", "Whitcombe", dt.date(2016, 4, 2), "S3 1QT"),
    ("Lukas", "Whitaker", dt.date(2018, 8, 21), "S10 4QX"),
)
BOX = "Who are you looking for?"
TOP = """words => [...document.querySelectorAll('summary')].find(each => each.innerText.includes(words))
    .getBoundingClientRect().top"""


@pytest.fixture
def children(live: Site) -> list[Person]:
    """Four children with names alike, whom the young carers team works with."""
    found = []
    with live.cast.as_(live.cast.yasmin) as me:
        for given, family_name, born, postcode in CHILDREN:
            person = add_person(
                by=me,
                team=me.team.team,
                given=given,
                family_name=family_name,
                date_of_birth=born,
                postcode=postcode,
            )
            involve(by=me, team=me.team.team, subject=person.pk, practitioner=me.principal)
            found.append(person)
    return found


def test_answers_come_as_one_types_and_are_opened_by_the_arrows(
    live: Site, somebody: Callable[..., Walker], children: list[Person]
) -> None:
    nina = somebody(live, "Nina", live.cast.nina)
    keys = nina.open("/search/").picture("search-first").page.keyboard
    page = nina.page
    box, found = page.get_by_label(BOX), page.locator("#found")

    box.press_sequentially("Luca")
    expect(found).to_contain_text("Say first why you are searching")
    nina.type("Why are you searching?", "He was late again")
    keys.press("Tab")
    expect(found).to_contain_text("Luca Whitcombe")
    box.fill("")
    expect(found).not_to_contain_text("Luca")
    before = page.evaluate(TOP, "Enter each fact by itself")
    box.press_sequentially("luca whitcombe 21/8/2019 s3 1qt")
    expect(found).to_contain_text("Luca Whitcombe")
    expect(found).to_contain_text("Born 21 August 2019")
    expect(page.locator("#found-said")).to_contain_text("fit")
    assert page.evaluate(TOP, "Enter each fact by itself") == before
    nina.check()
    nina.picture("search-typing")

    box.press_sequentially(" ")
    keys.press("Escape")
    expect(found).to_be_empty()
    expect(box).to_be_focused()
    page.wait_for_timeout(600)
    expect(found).to_be_empty()
    box.fill("whitcombe")
    expect(found).to_contain_text("Mia Whitcombe")
    nina.check()
    nina.picture("search-several")
    keys.press("ArrowDown")
    expect(page.locator("[data-finder-answer] button").first).to_be_focused()
    keys.press("ArrowUp")
    expect(box).to_be_focused()
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    expect(page.locator("[data-finder-answer]").nth(1).locator("button").first).to_be_focused()
    with page.expect_navigation(wait_until="load"):
        keys.press("Enter")
    nina.arrived().sees("Who is involved")

    nina.open("/search/?afresh=1").sees("You search because: He was late again").picture("search-again")
    nina.type(BOX, "140312 943 476 5918").press("Search").sees("There is a problem", where="body")
    nina.picture("search-unread")


def test_the_box_works_without_scripts(
    live: Site, somebody: Callable[..., Walker], children: list[Person]
) -> None:
    tom = somebody(live, "Tom", live.cast.tom, scripts=False)
    tom.open("/search/").type("Why are you searching?", "He was late again")
    tom.type(BOX, "Whitcombe, Luca 2019 140312").press("Search")
    tom.sees("Luca Whitcombe", "Born 2019", "was not used").picture("search-no-scripts")
    tom.page.get_by_text("Enter each fact by itself").click()
    tom.type(BOX, "").type("Name", "Mia Whitcombe").give_date("Date of birth", dt.date(2016, 4, 2))
    tom.press("Search by these facts").sees("Mia Whitcombe").picture("search-one-by-one")
    tom.type("Name", "Nobody Likethat").give_date("Date of birth", dt.date(2001, 1, 7))
    tom.press("Search by these facts").sees("Nobody fits").picture("search-nobody")
    tom.follow("Add a person").picture("search-add")
    expect(tom.page.get_by_label("Last name")).to_have_value("Likethat")
