"""Two colleagues at two browsers write the minutes of one meeting at once, and lose nothing."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from harness.cases import accepted
from journeys.walking import Walker
from teamaround.meetings.actions import InvitedPerson, call_meeting
from teamaround.procedures.models import Episode

pytestmark = [pytest.mark.browser, pytest.mark.long]


def test_what_two_write_at_once_is_merged_and_a_stale_change_stands_beside_the_other(
    live: Any, chromium: Any
) -> None:
    cast = live.cast
    child, episode = accepted(cast, allocated=False)
    with cast.as_(cast.yasmin) as me:
        meeting = call_meeting(
            by=me,
            team=cast.yasmin.team.pk,
            episode=Episode.objects.get(pk=episode.pk),
            kind="team-around",
            starts_at=timezone.now() + dt.timedelta(days=1),
            place="Library",
            purpose="Who helps with what",
            people=[InvitedPerson("Kofi Osei", child.pk)],
        )
    address = reverse("meetings:live", args=[meeting.uuid])
    yasmin = Walker(chromium, live, "Yasmin").signed_in_as(cast.yasmin)
    morgan = Walker(chromium, live, "Morgan").signed_in_as(cast.morgan)
    try:
        yasmin.open(address).type("Next paragraph", "A sitter comes on Tuesdays")
        morgan.open(address).type("Next paragraph", "Gran cooks on Fridays")
        yasmin.page.get_by_role("button", name="Save the paragraph").click()
        expect(yasmin.page.locator("#lines")).to_contain_text("A sitter comes on Tuesdays")
        # It arrives by itself, and what Morgan is typing stays.
        expect(morgan.page.locator("#lines")).to_contain_text("A sitter comes on Tuesdays", timeout=10_000)
        expect(morgan.page.get_by_label("Next paragraph")).to_have_value("Gran cooks on Fridays")
        morgan.page.get_by_role("button", name="Save the paragraph").click()
        expect(yasmin.page.locator("#lines")).to_contain_text("Gran cooks on Fridays", timeout=10_000)

        for walker, words in ((yasmin, "on Wednesdays"), (morgan, "on Mondays")):
            walker.page.get_by_role("link", name=re.compile("^Change.*A sitter")).click()
            walker.page.locator("#changing textarea").fill(f"A sitter comes {words}")
        yasmin.page.get_by_role("button", name="Save the change").click()
        expect(yasmin.page.locator("#lines")).to_contain_text("on Wednesdays")
        morgan.page.get_by_role("button", name="Save the change").click()
        expect(morgan.page.get_by_role("alert")).to_contain_text("Both texts are kept")
        for walker in (yasmin, morgan):
            expect(walker.page.locator("#lines")).to_contain_text("on Mondays", timeout=10_000)
            expect(walker.page.locator("#lines")).to_contain_text("on Wednesdays")
        morgan.check()
        morgan.picture("meetings-live")
        yasmin.page.get_by_role("button", name="Keep both").click()
        yasmin.arrived().sees(
            "A sitter comes on Wednesdays", "A sitter comes on Mondays", "Gran cooks on Fridays"
        )
        yasmin.picture("meetings-live-settled")
    finally:
        yasmin.leaves()
        morgan.leaves()
