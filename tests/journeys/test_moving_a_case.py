"""A running case is put under a newer version of its procedure, on purpose, and back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone

from harness.live import Site
from harness.officer import officer
from journeys.running import a_case
from journeys.walking import Walker
from teamaround.procedures import drafts
from teamaround.procedures.clock_text import change_clock
from teamaround.procedures.publishing import publish

pytestmark = [pytest.mark.browser, pytest.mark.long]

SLUG = "stockport-families-first"


def test_a_running_case_is_moved_on_purpose_and_back(live: Site, somebody: Callable[..., Walker]) -> None:
    running = a_case(live, "Ama")
    with live.cast.as_(officer(live.cast)) as me:
        text = change_clock(drafts.latest_version(SLUG).text, "review", {"limit": "10 working days"})
        draft = drafts.save_draft(by=me, slug=SLUG, version=0, text=text)
        today = timezone.localdate()
        publish(by=me, draft=draft, version=draft.version, effective_on=today, note="Weekly was too often")
    morgan = somebody(live, "Morgan", live.cast.morgan)
    morgan.open(running).sees("Stockport Families First, version 1")
    morgan.follow("A newer version is in force").sees("Review the plan", "Changes").picture("procedure-move")
    morgan.type("Why?", "The family asked for fewer reviews").press("Move the case")
    morgan.sees("Stockport Families First, version 2", "Moved to another version")
    morgan.follow("Go back to the version before the move").type("Why?", "They thought again")
    morgan.press("Go back").sees("Stockport Families First, version 1")
