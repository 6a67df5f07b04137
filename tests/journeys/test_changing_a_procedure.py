"""An officer who writes no code changes “weekly”, sees what it would have meant, and publishes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from harness.live import Site
from harness.officer import officer
from journeys.running import a_case
from journeys.walking import Walker

pytestmark = pytest.mark.browser

REASON = "The plan was agreed or last reviewed {started}; it is reviewed every {limit}."


def test_weekly_becomes_every_10_working_days_for_new_cases_and_running_ones_stay(
    live: Site, somebody: Callable[..., Walker]
) -> None:
    running = a_case(live, "Kofi")
    for number in range(6):
        a_case(live, f"Child{number}", agreed_days_ago=9, reviewed=True)

    noor = somebody(live, "Noor", officer(live.cast))
    noor.open("/").follow("Procedures").sees("Stockport Families First", "In force").picture("procedures")
    noor.follow("Stockport Families First").sees("Review the plan, every week").picture("procedure")
    noor.follow("Change").picture("procedure-change").follow("Review the plan").picture("procedure-clock")
    noor.type("How long?", "every 10 working days").type("The reason, as people read it", REASON)
    noor.press("Change in the draft").sees("A draft is waiting", "What changes").picture("procedure-draft")

    text = noor.page.locator("#id_text")
    right = text.input_value()
    assert "limit: 10 working days" in right
    text.fill(right.replace("10 working days", "10 sometimes"))
    expect(noor.page.locator("#preview")).to_contain_text("to put right")
    noor.sees("Line").picture("procedure-wrong")
    text.fill(right)
    noor.press("Save and check").sees("As a picture")

    noor.follow("Try it on last year’s cases").press("Try it on last year’s cases")
    noor.sees("Late with the change", "Fewer late", "Northmoor Young Carers, Young carers team")
    noor.sees_nothing_of("Kofi").sees_nothing_of("Child1").picture("procedure-what-if")
    noor.follow("Go on to publishing").type("What changed, and why?", "Weekly was too often").picture(
        "procedure-publish"
    )
    noor.press("Publish").sees("Version 2", "In force", "Review the plan, every 10 working days")
    noor.picture("procedure-published")

    new = a_case(live, "Efua")
    morgan = somebody(live, "Morgan", live.cast.morgan)
    morgan.open(new).sees("Stockport Families First, version 2", "10 working days")
    morgan.open(running).sees("Stockport Families First, version 1", "weekly")
