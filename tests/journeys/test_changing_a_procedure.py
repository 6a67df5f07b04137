"""An officer who writes no code changes “weekly”, sees what it would have meant, and publishes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from harness.live import Site
from harness.officer import officer
from journeys.walking import Walker
from teamaround.people.actions import add_person
from teamaround.procedures import actions
from teamaround.procedures.models import Episode

pytestmark = pytest.mark.browser

REASON = "The plan was agreed or last reviewed {started}; it is reviewed every {limit}."


def a_case(site: Site, name: str, *, agreed_days_ago: int = 0, reviewed: bool = False) -> str:
    """Tom refers a child, Morgan accepts, a plan is agreed: the address of the case."""
    cast = site.cast
    with cast.as_(cast.tom) as me:
        child = add_person(by=me, team=cast.tom.team.pk, given=name, family_name="Osei")
        sent = actions.receive(by=me, team=cast.tom.team.pk, receiving_team=cast.yasmin.team, child=child.pk)
    with cast.as_(cast.morgan) as me:
        episode = Episode.objects.get(pk=sent.pk)
        actions.accept(by=me, episode=episode, version=episode.version)
        when = timezone.now() - dt.timedelta(days=agreed_days_ago)
        actions.happened(by=me, episode=episode, kind="plan.agreed", subjects=[child.pk], happened_at=when)
        if reviewed:
            actions.happened(by=me, episode=episode, kind="plan.reviewed", subjects=[child.pk])
    return reverse("desk:case", args=[episode.uuid])


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
    morgan.follow("A newer version is in force").sees("Review the plan", "Changes").picture("procedure-move")
    morgan.type("Why?", "The family asked for fewer reviews").press("Move the case")
    morgan.sees("Stockport Families First, version 2", "Moved to another version")
    morgan.follow("Go back to the version before the move").type("Why?", "They thought again")
    morgan.press("Go back").sees("Stockport Families First, version 1")
