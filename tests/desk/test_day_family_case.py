"""My day, a family's page, the case workspace, and drafts."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from teamaround.access.models import Draft
from teamaround.desk.day import load_day
from teamaround.events.actions import record
from teamaround.procedures.actions import receive


def words(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def at(hour: int) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(timezone.localdate(), dt.time(hour)))


@pytest.mark.parametrize(
    ("hour", "greeting"), [(8, "Good morning"), (13, "Good afternoon"), (19, "Good evening")]
)
def test_my_day_greets_by_the_time_of_day(cast: Any, hour: int, greeting: str) -> None:
    with cast.as_(cast.yasmin) as me:
        assert load_day(me, now=at(hour)).greeting == f"{greeting}, Yasmin"


def test_what_is_due_is_listed_by_how_near_it_is_with_its_reason(cast: Any, world: Any) -> None:
    with cast.as_(cast.yasmin) as me:
        day = load_day(me, now=timezone.now() + dt.timedelta(days=60))
        late = day.due[0]
        assert {clock.title for clock in late.clocks} >= {"Finish the assessment"}
        assert all(
            clock.subject == "Kofi Osei, 12" or clock.subject.startswith("Kofi Osei") for clock in late.clocks
        )
        assert all(
            "The request" in clock.reason or "request arrived" in clock.reason for clock in late.clocks
        )
        assert late.clocks[0].url == f"/cases/{world.episode.uuid}/"
        assert "late" in day.summary
        assert world.kofi.pk in day.subjects


def test_a_manager_sees_what_waits_and_a_worker_does_not(cast: Any, world: Any) -> None:
    with cast.as_(cast.tom) as me:
        receive(
            by=me, team=cast.tom.team.pk, receiving_team=cast.yasmin.team, child=None, priority="immediate"
        )
    managed = words(cast.morgan.client().get("/"))
    assert "Waiting for an answer 1" in managed
    assert "A child not on record yet" in managed
    assert "Immediate" in managed
    assert "1 of 30 families" in managed
    worked = words(cast.yasmin.client().get("/"))
    assert "Waiting for an answer" not in worked
    assert "1 of 10 families" in worked
    assert "Room for 9 more." in worked


def test_my_day_takes_at_most_fifteen_queries(cast: Any, world: Any) -> None:
    client = cast.morgan.client()
    client.get("/")
    with CaptureQueriesContext(connection) as queries:
        client.get("/")
    assert len(queries) <= 15, "\n".join(each["sql"][:150] for each in queries)


def test_somebody_without_cases_has_a_day_without_children(cast: Any, world: Any) -> None:
    for member in (cast.admin, cast.greta, cast.olive):
        page = member.client().get("/")
        assert page.status_code == 200
        assert "Kofi" not in words(page)


def test_navigation_names_only_where_one_may_go(cast: Any) -> None:
    def entries(member: Any) -> str:
        page = member.client().get("/").content.decode()
        found = re.search(r'<nav class="ta-navigation".*?</nav>', page, re.S)
        return found.group(0) if found else ""

    assert "Find a child" in entries(cast.yasmin)
    assert "My day" in entries(cast.admin)
    assert "Find a child" not in entries(cast.admin)
    assert "Administration" not in entries(cast.yasmin)
    assert 'href="/" aria-current="page"' in entries(cast.yasmin)


def test_a_family_page_shows_members_who_is_involved_and_one_row_an_occurrence(cast: Any, world: Any) -> None:
    with cast.as_(cast.yasmin) as me:
        record(
            by=me,
            team=cast.yasmin.team.pk,
            kind="visit.made",
            subjects=[world.kofi.pk, world.mum.pk, world.family.pk],
            text="Saw everybody.",
        )
        record(
            by=me,
            team=cast.yasmin.team.pk,
            kind="contact.recorded",
            subjects=[world.mum.pk],
            text="Rang mum.",
        )
    client = cast.yasmin.client()
    client.get(f"/families/{world.family.uuid}/")
    with CaptureQueriesContext(connection) as queries:
        page = client.get(f"/families/{world.family.uuid}/")
    assert len(queries) <= 15
    said = words(page)
    for expected in (
        "1 child and 1 adult",
        "Parent or carer",
        "With Kofi Osei",
        "Contact: Efua",
        "Referral accepted: Kofi",
        "Finish the assessment",
        "Moor Lane School",
    ):
        assert expected in said, expected
    assert said.count("Saw everybody.") == 1


def test_a_case_shows_stage_worker_clocks_and_what_is_missing(cast: Any, world: Any) -> None:
    client = cast.yasmin.client()
    url = f"/cases/{world.episode.uuid}/"
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        page = client.get(url)
    assert len(queries) <= 15
    said = words(page)
    for expected in (
        "Yasmin Okoro has the case",
        "Request and allocation",
        "Moor Lane School, Pastoral team",
        "Finish the assessment",
        "Outcomes are recorded, achieved or not, and why",
        "Missing",
        "Allocate a worker: done in time",
        "Referral accepted",
    ):
        assert expected in said, expected


def test_a_case_is_its_own_teams(cast: Any, world: Any) -> None:
    url = f"/cases/{world.episode.uuid}/"
    assert cast.tom.client().get(url).status_code == 403
    assert cast.olive.client().get(url).status_code == 404
    assert cast.admin.client().get(url).status_code == 403


def test_a_draft_is_kept_for_its_author_listed_and_thrown_away(cast: Any) -> None:
    client = cast.yasmin.client()
    kept = client.post(
        "/drafts/goal/new/", {"goals": "Sleep", "days": ["mon", "tue"], "csrfmiddlewaretoken": "x"}
    )
    assert kept.status_code == 200
    assert "saved_at" in kept.json()
    with cast.as_(cast.yasmin):
        assert Draft.objects.get().typed == {"goals": "Sleep", "days": ["mon", "tue"]}
    with cast.as_(cast.morgan):
        assert not Draft.objects.exists()
    assert "Not finished" in words(client.get("/"))
    assert "Not finished" not in words(cast.morgan.client().get("/"))
    client.post("/drafts/goal/new/drop/")
    assert "Not finished" not in words(client.get("/"))


def test_a_draft_that_is_too_long_or_of_no_form_is_refused(cast: Any) -> None:
    client = cast.yasmin.client()
    assert client.post("/drafts/goal/new/", {"goals": "x" * 200_001}).status_code == 413
    assert client.post("/drafts/PLAN/new/", {"goals": "x"}).status_code == 400
    assert client.post("/drafts/goal/new/", {"goals": "a\x00b"}).status_code == 200
    assert client.get("/drafts/goal/new/").status_code == 405


def test_a_visitor_is_led_to_the_sign_in_page(cast: Any, client: Any) -> None:
    for url in ("/", "/search/", "/people/add/"):
        assert client.get(url)["Location"].startswith("/account/login/")
