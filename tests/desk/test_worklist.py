"""The worklist: whose cases it shows, in one query, page by page."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from teamaround.people.actions import add_person
from teamaround.procedures import actions
from teamaround.procedures.models import Episode
from teamaround.procedures.versions import install_shipped, reset_cache
from teamaround.referrals.actions import Intake, send


@pytest.fixture
def referred(cast: Any) -> None:
    """Tom refers 53 children; Morgan accepts the last and gives it to Yasmin."""
    reset_cache()
    install_shipped()
    with cast.as_(cast.tom) as me:
        for number in range(53):
            child = add_person(by=me, team=cast.tom.team.pk, given=f"Child{number}", family_name="Example")
            actions.receive(by=me, team=cast.tom.team.pk, receiving_team=cast.yasmin.team, child=child.pk)
    with cast.as_(cast.morgan) as me:
        episode = Episode.objects.order_by("-pk")[0]
        actions.accept(by=me, episode=episode, version=episode.version)
        actions.allocate(by=me, episode=episode, practitioner=cast.yasmin.practitioner.pk)


def test_a_page_holds_fifty_cases_and_leads_to_the_rest(cast: Any, referred: None) -> None:
    client = cast.yasmin.client()
    first = client.get("/cases/")
    page = first.context["page"]
    assert len(page.lines) == 50
    assert page.lines[0].name == "Child52 Example"
    assert page.lines[0].cells[0] == "Yasmin Okoro"
    rest = client.get("/cases/" + page.older).context["page"]
    assert [line.name for line in rest.lines] == ["Child2 Example", "Child1 Example", "Child0 Example"]
    assert rest.older == ""


def test_mine_are_those_allocated_to_me(cast: Any, referred: None) -> None:
    page = cast.yasmin.client().get("/cases/?show=mine").context["page"]
    assert [line.name for line in page.lines] == ["Child52 Example"]
    assert cast.yusuf.client().get("/cases/?show=mine").context["page"].lines == ()


def test_another_teams_cases_are_not_there(cast: Any, referred: None) -> None:
    assert cast.tom.client().get("/cases/").context["page"].lines == ()


def test_the_worklist_costs_at_most_fifteen_queries(cast: Any, referred: None) -> None:
    client = cast.morgan.client()
    client.get("/cases/")
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/cases/").status_code == 200
    assert len(queries) <= 15


def test_a_closed_case_is_still_named_as_its_referral_named_it(cast: Any) -> None:
    reset_cache()
    install_shipped()
    with cast.as_(cast.tom) as me:
        child = add_person(by=me, team=cast.tom.team.pk, given="Kofi", family_name="Osei")
        referral = send(
            by=me,
            team=cast.tom.team.pk,
            receiving_team=cast.yasmin.team,
            child=child.pk,
            intake=Intake(given="Kofi", family_name="Osei", worries="Tired in class"),
            form_token=uuid.uuid4(),
        )
    with cast.as_(cast.morgan) as me:
        episode = Episode.objects.get(pk=referral.episode_id)
        actions.accept(by=me, episode=episode, version=episode.version)
        for gate in actions.standing(episode).missing_gates:
            if gate.event != "episode.closed":
                actions.happened(by=me, episode=episode, kind=gate.event, subjects=[child.pk])
        episode.refresh_from_db()
        actions.close(by=me, episode=episode, version=episode.version)
    client = cast.morgan.client()
    assert [line.name for line in client.get("/cases/?show=closed").context["page"].lines] == ["Kofi Osei"]
    assert "Kofi Osei" in client.get(f"/cases/{episode.uuid}/").content.decode()
    assert client.get(f"/people/{child.uuid}/").status_code == 404
