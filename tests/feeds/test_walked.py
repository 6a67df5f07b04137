"""A feed from its first key to the child on the team's page: in a browser, and by a real call."""

from __future__ import annotations

import datetime as dt
import json
import re
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.utils import timezone

from harness.cast import Member
from harness.feeds import CHILD
from harness.live import Site
from journeys.walking import Walker
from teamaround.feeds import jobs
from teamaround.feeds.models import Feed

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


def send(site: Site, key: str, rows: list[Any]) -> Any:
    """One call, as an agency's system makes it."""
    said = {"caseload": "whole", "as_of": timezone.now().isoformat(), "rows": len(rows)}
    request = urllib.request.Request(
        f"{site.url}/api/v1/caseloads?{urlencode(said)}",
        data=json.dumps({"rows": rows}).encode(),
        headers={
            "Authorization": f"Bearer {key}",
            "Content-Type": "application/json",
            "Idempotency-Key": "first-night",
        },
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def test_an_administrator_sets_a_feed_up_its_system_calls_and_the_team_sees_what_came(
    live: Site, somebody: Callable[..., Walker], settings: Any
) -> None:
    settings.DEMONSTRATION = True
    ada = somebody(live, "Ada", live.cast.admin)
    ada.open("/administration/").follow("Feeds from agencies").follow("Add a feed")
    ada.select("Team whose caseload", "Young carers team").type("Name of the feed", "Mosaic, nightly")
    ada.choose("How does it come?", "The system calls us").press("Add the feed")
    ada.follow("Make a key").press("Make the key")
    assert "Mosaic, nightly" in ada.words()
    written = re.search(r"ta_[a-z2-9]{8}_[\w-]{43}", ada.page.content())
    assert written is not None
    ada.open("/administration/feeds/")
    assert written[0] not in ada.page.content()

    rows = [CHILD, {**CHILD, "reference": "", "date_of_birth": ""}, {"given": "Luca"}]
    told = send(live, written[0], rows)
    assert told["rows"] == 3
    with live.cast.as_(live.cast.admin):
        feed = Feed.objects.get()
    jobs.take_in(feed=feed.pk)

    yasmin = somebody(live, "Yasmin", live.cast.yasmin)
    yasmin.open("/caseload/").follow("Your team’s feeds").follow("Mosaic, nightly")
    assert "Whole caseload" in yasmin.words()
    assert yasmin.page.locator(f'a[href="/caseload/{told["run"]}/"]').count() == 1
    ada.open("/administration/feeds/")
    assert "Brought in" in ada.words() or "Waits for a decision" in ada.words()
    assert "Kofi" not in ada.words()


def test_pages_of_feeds_work_without_scripts(live: Site, somebody: Callable[..., Walker]) -> None:
    ada = somebody(live, "Ada", live.cast.admin, scripts=False)
    ada.open("/administration/feeds/new/")
    ada.select("Team whose caseload", "Pastoral team").type("Name of the feed", "School office")
    ada.choose("How does it come?", "Files are dropped").choose(
        "How often does it come?", "Every week"
    ).press("Add the feed")
    assert "moor-lane/incoming" in ada.words()
    with live.cast.as_(live.cast.admin):
        feed = Feed.objects.get(name="School office")
    assert (feed.way, feed.silent_hours) == ("folder", 194)
    assert feed.added_at > timezone.now() - dt.timedelta(minutes=5)
