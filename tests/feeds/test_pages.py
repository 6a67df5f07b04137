"""The pages of feeds: the team sees what came and what waits, the administrator how much and how late."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from harness.feeds import CHILD, Machine, Made
from teamaround.feeds.loaders import Figures
from teamaround.feeds.models import CallState, Feed, FeedKey
from teamaround.feeds.presenters import state_of
from teamaround.importing.models import RunState


def text_of(page: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def figures(**said: Any) -> Figures:
    plain: dict[str, Any] = {
        "heard_at": timezone.now(), "received_at": timezone.now(), "rows": 2, "refused": 0, "undecided": 0, "run_state": RunState.DONE,
        "call_state": CallState.BEGUN, "run": "", "calls": 1,
    }  # fmt: skip
    return Figures(**{**plain, **said})


def test_a_feed_that_is_silent_for_longer_than_expected_is_late() -> None:
    now = timezone.now()
    feed = Feed(silent_hours=26, added_at=now - dt.timedelta(hours=27))
    assert state_of(feed, None, now).text == "Late"
    assert state_of(feed, figures(heard_at=now - dt.timedelta(hours=25)), now).text == "Brought in"
    assert state_of(feed, figures(heard_at=now - dt.timedelta(hours=27)), now).text == "Late"
    feed.silent_hours = None
    assert state_of(feed, figures(heard_at=now - dt.timedelta(days=99)), now).text == "Brought in"


def test_a_feeds_state_says_what_somebody_has_to_do() -> None:
    now, feed = timezone.now(), Feed(added_at=timezone.now())
    assert state_of(feed, None, now).text == "Nothing has come yet"
    assert state_of(feed, figures(undecided=1), now).text == "Waits for a decision"
    assert state_of(feed, figures(call_state=CallState.STOPPED), now).text == "Stopped"
    assert state_of(feed, figures(run_state=RunState.FAILED), now).text == "Failed, nothing changed"
    feed.ended_at = now
    assert state_of(feed, None, now).text == "Ended"


def test_the_team_sees_what_came_and_opens_it(cast: Any, made: Made) -> None:
    machine = Machine(made)
    told = machine.bring([CHILD, {"given": "Luca"}])
    client = cast.yasmin.client()
    client.get("/feeds/")
    with CaptureQueriesContext(connection) as queries:
        page = client.get("/feeds/")
    assert len(queries) <= 12, len(queries)
    assert f"/caseload/{told['run']}/" in page.content.decode()
    assert "Case system" in text_of(page)
    with CaptureQueriesContext(connection) as queries:
        own = client.get(f"/feeds/{made.feed.uuid}/")
    assert len(queries) <= 13, len(queries)
    assert "Part" in text_of(own)
    assert "Kofi" not in text_of(own)


def test_a_whole_caseload_that_lists_somebody_no_longer_says_that_it_waits_for_the_team(
    cast: Any, made: Made
) -> None:
    machine, client = Machine(made), cast.yasmin.client()
    other = {"given": "Amira", "family": "Khan", "date_of_birth": "2011-11-30"}
    machine.bring([CHILD, other], whole=True)
    assert "who ends" not in text_of(client.get("/feeds/"))
    machine.bring([CHILD], whole=True)
    for page in ("/feeds/", f"/feeds/{made.feed.uuid}/"):
        with CaptureQueriesContext(connection) as queries:
            assert "Waits for you: who ends" in text_of(client.get(page))
        assert len(queries) <= 15, len(queries)
    assert "A feed" in text_of(client.get("/caseload/"))


def test_another_team_sees_no_feed_of_this_one(cast: Any, made: Made) -> None:
    assert "Case system" not in text_of(cast.tom.client().get("/feeds/"))
    assert cast.tom.client().get(f"/feeds/{made.feed.uuid}/").status_code == 404


def test_the_administrator_sees_counts_and_never_the_rows(cast: Any, made: Made) -> None:
    told = Machine(made).bring([CHILD, {"given": "Luca"}])
    client = cast.admin.client()
    client.get("/administration/feeds/")
    with CaptureQueriesContext(connection) as queries:
        page = client.get("/administration/feeds/")
    assert len(queries) <= 12, len(queries)
    assert "Northmoor Young Carers" in text_of(page)
    assert told["run"] not in page.content.decode()
    assert client.get(f"/caseload/{told['run']}/").status_code in (403, 404)
    with CaptureQueriesContext(connection) as queries:
        one = client.get(f"/administration/feeds/{made.feed.uuid}/")
    assert len(queries) <= 13, len(queries)
    assert "Caseloads so far 1" in text_of(one)
    assert made.written not in one.content.decode()


def test_only_administrators_open_the_pages_where_keys_are_made(cast: Any, made: Made) -> None:
    own = f"agencies/{made.key.agency.slug}/keys/"
    pages = (
        "feeds/",
        "feeds/new/",
        f"feeds/{made.feed.uuid}/",
        own,
        f"{own}new/",
        f"feeds/keys/{made.key.uuid}/next/",
    )
    for member in (cast.yasmin, cast.morgan, cast.greta):
        client = member.client()
        for path in pages:
            assert client.get(f"/administration/{path}").status_code == 403
        for path in (f"{own}new/", f"feeds/keys/{made.key.uuid}/next/", f"feeds/keys/{made.key.uuid}/end/"):
            assert client.post(f"/administration/{path}").status_code == 403


def test_an_administrator_sets_a_feed_up_and_sees_its_key_once(cast: Any) -> None:
    client = cast.admin.client()
    team = cast.teams["young-carers"]
    typed = {"team": team.pk, "name": "Case system", "way": "push", "silent_hours": "26"}
    answer = client.post("/administration/feeds/new/", typed)
    assert answer.status_code == 302
    assert "already has a feed" in text_of(client.post("/administration/feeds/new/", typed))
    here, own = answer.url, f"/administration/agencies/{team.agency.slug}/keys/"
    number = here.rstrip("/").rpartition("/")[2]
    assert f'value="{number}" checked' in re.sub(
        r"\s+", " ", client.get(f"{own}new/?feed={number}").content.decode()
    )
    day = timezone.localdate() + dt.timedelta(days=90)
    key = {
        "name": "Mosaic",
        "reach": "some",
        "feeds": [number],
        "scopes": ["caseload:write"],
        "expires_on": day.isoformat(),
    }
    assert "There is a problem" in text_of(client.post(f"{own}new/", {**key, "feeds": []}))
    shown = client.post(f"{own}new/", key)
    written = re.findall(r"ta_[a-z2-9]{8}_[\w-]{43}", shown.content.decode())
    assert len(written) == 1
    assert number in shown.content.decode()
    assert "no-store" in shown.headers["Cache-Control"]
    assert written[0] not in client.get(here).content.decode() + client.get(own).content.decode()
    with cast.as_(cast.admin):
        kept = FeedKey.objects.get()
    assert written[0].startswith(f"ta_{kept.prefix}_")
    assert timezone.localtime(kept.expires_at).date() == day + dt.timedelta(days=1)
    late = {**key, "expires_on": (timezone.localdate() + dt.timedelta(days=400)).isoformat()}
    assert "at most a year" in text_of(client.post(f"{own}new/", late))
    following = client.post(
        f"/administration/feeds/keys/{kept.uuid}/next/", {"expires_on": day.isoformat(), "overlap": "-1"}
    )
    assert len(set(re.findall(r"ta_[a-z2-9]{8}_[\w-]{43}", following.content.decode())) - set(written)) == 1
    assert "Works, replaced" in text_of(client.get(here))
    assert client.post(f"/administration/feeds/keys/{kept.uuid}/end/").status_code == 302
    client.get(own)
    with CaptureQueriesContext(connection) as queries:
        assert "Ended" in text_of(client.get(own))
    assert len(queries) <= 13, len(queries)


def test_a_feed_is_changed_and_ended_by_an_administrator(cast: Any, made: Made) -> None:
    client = cast.admin.client()
    here = f"/administration/feeds/{made.feed.uuid}/"
    assert client.post(f"{here}change/", {"name": "Other", "silent_hours": "0"}).status_code == 302
    assert "Other" in text_of(client.get(here))
    assert "Not expected" in text_of(client.get(here))
    assert client.post(f"{here}end/").status_code == 302
    page = text_of(client.get(here))
    assert "Ended" in page
    assert "Make a key" not in page


def test_feeds_that_are_late_stand_first(cast: Any, make_feed: Any) -> None:
    first, second = make_feed(name="Admissions"), make_feed(name="Zeta")
    with cast.as_(cast.admin):
        Feed.objects.filter(pk=second.feed.pk).update(added_at=timezone.now() - dt.timedelta(hours=27))
    for member, url in ((cast.admin, "/administration/feeds/"), (cast.yasmin, "/feeds/")):
        page = member.client().get(url).content.decode()
        assert page.index(str(second.feed.uuid)) < page.index(str(first.feed.uuid))
