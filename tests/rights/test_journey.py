"""Greta answers a request from the first page to the released pack; Gail confirms what Greta asked to erase."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from journeys.walking import Walker

from .conftest import BORN, make_home, make_second

pytestmark = pytest.mark.browser


@pytest.fixture
def walkers(chromium: Any, live: Any) -> Iterator[list[Walker]]:
    made = [
        Walker(chromium, live, "Greta").signed_in_as(live.cast.greta),
        Walker(chromium, live, "Gail").signed_in_as(make_second(live.cast)),
    ]
    yield made
    for walker in made:
        walker.leaves()


def test_a_request_is_answered_and_an_erasure_confirmed_by_a_second_person(
    live: Any, walkers: list[Walker]
) -> None:
    make_home(live.cast)
    greta, gail = walkers
    today = dt.date.today()
    greta.open("/").follow("Governance").picture("governance-empty")
    greta.follow("Record a request")
    greta.type("First name", "Kofi").type("Family name", "Osei").give_date("Date of birth", BORN)
    greta.choose("What do they ask for?", "A copy of what is held").give_date("The day we received it", today)
    greta.type("Who asked", "Himself").type("How you made sure who they are", "Passport seen")
    greta.picture("governance-new-request").press("Record the request").picture("governance-request")
    greta.press("Gather what is held").picture("governance-review")
    while greta.page.locator("input[name=items]").count():
        for box in greta.page.locator("input[name=items]").all():
            box.check()
        greta.choose("What is ticked is to be", "Redacted").type("Why", "About his mother").press(
            "Decide about what is ticked"
        )
    greta.follow("Back to the request").press("Release the pack").sees("Download as PDF").picture(
        "governance-released"
    )

    greta.open("/rights/retention/").picture("governance-retention")
    greta.open("/rights/agreements/new/").tick("Moor Lane School").tick("Northmoor Young Carers")
    greta.type("What it is for", "Young carers in schools").type("Where the document is", "ISA 12")
    greta.give_date("In force from", today).give_date("To be reviewed on", today + dt.timedelta(days=30))
    greta.press("Save").sees("ISA 12").picture("governance-agreements")

    greta.open("/rights/requests/new/").type("First name", "Kofi").type("Family name", "Osei").give_date(
        "Date of birth", BORN
    )
    greta.choose("What do they ask for?", "Erasure").give_date("The day we received it", today)
    greta.type("Who asked", "Himself").type("How you made sure who they are", "Passport seen").press(
        "Record the request"
    )
    greta.follow("Close the request").choose("How did it end?", "Erasure granted").type(
        "What the person was told", "Yes"
    ).press("Save")
    greta.follow("Ask for the disposal").type("Reason", "He asked").press("Save").sees(
        "Somebody else who governs has to confirm"
    )
    gail.open("/rights/disposals/").follow("Erasure on request").picture("governance-confirm")
    gail.press("Confirm: erase it now").sees("It is done").picture("governance-disposed")
    greta.open("/rights/").picture("governance")
