"""One click on My day records what a clock waits for; the page after it takes that back, or moves it."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from teamaround.desk.day import load_day
from teamaround.events.models import Event
from teamaround.procedures.actions import EpisodeRefused, happened, standing
from teamaround.procedures.models import Clock, Episode
from teamaround.procedures.one_click import DoneAlready, NeedsForm, move_stop, stop_clock, undo_stop


def words(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def contact_clock(cast: Any, world: Any) -> Clock:
    with cast.as_(cast.morgan):
        return Clock.objects.get(episode=world.episode, key="contact")


def click(client: Any, world: Any, clock: Clock) -> Any:
    url = reverse("desk:clock_done", args=[world.episode.uuid, clock.key])
    return client.post(url, {"began": clock.started_at.isoformat()})


def events(cast: Any, world: Any) -> list[tuple[str, bool]]:
    with cast.as_(cast.morgan):
        rows = Event.objects.filter(episode=world.episode.pk, kind="contact.recorded", subject=world.kofi.pk)
        return list(rows.order_by("id").values_list("kind", "voids"))


def as_manager(cast: Any, world: Any, **given: Any) -> Any:
    clock = contact_clock(cast, world)
    with cast.as_(cast.morgan) as me:
        return stop_clock(
            by=me,
            episode=Episode.objects.get(pk=world.episode.pk),
            clock="contact",
            began=clock.started_at,
            **given,
        )


def test_a_clock_that_one_click_stops_has_its_button_on_my_day(cast: Any, world: Any) -> None:
    with cast.as_(cast.morgan) as me:
        owed = {each.view.title: each for part in load_day(me).due for each in part.owed}
    assert owed["Contact the social worker"].done_url.endswith("/done/contact/")
    page = cast.morgan.client().get("/").content.decode()
    assert owed["Contact the social worker"].done_url in page


def test_a_clock_that_needs_a_form_has_no_button(cast: Any, world: Any) -> None:
    with cast.as_(cast.yasmin) as me:
        owed = [each for part in load_day(me).due for each in part.owed]
    assert owed
    assert not any(each.done_url for each in owed)


def test_one_click_records_the_event_and_the_page_after_it_says_so(cast: Any, world: Any) -> None:
    client = cast.morgan.client()
    answer = click(client, world, contact_clock(cast, world))
    assert answer.status_code == 302
    page = client.get(answer["Location"])
    assert "Contact the social worker: done in time" in words(page)
    assert "Undo" in words(page)
    assert contact_clock(cast, world).stopped_at is not None
    assert events(cast, world) == [("contact.recorded", False)]


def test_undoing_strikes_the_entry_out_and_the_clock_runs_again(cast: Any, world: Any) -> None:
    client = cast.morgan.client()
    where = click(client, world, contact_clock(cast, world))["Location"]
    assert "owed again" in words(client.post(where, {"undo": "1"}, follow=True))
    assert contact_clock(cast, world).stopped_at is None
    assert events(cast, world) == [("contact.recorded", False), ("contact.recorded", True)]
    assert "That was undone" in words(client.get(where))
    assert "undone already" in words(client.post(where, {"undo": "1"}, follow=True))
    assert len(events(cast, world)) == 2


def test_a_second_click_records_nothing_and_says_when_it_was_done(cast: Any, world: Any) -> None:
    client, clock = cast.morgan.client(), contact_clock(cast, world)
    click(client, world, clock)
    answer = click(client, world, clock)
    assert "was done already" in words(client.get(answer["Location"]))
    assert len(events(cast, world)) == 1


def test_what_is_recorded_late_counts_from_when_it_happened(cast: Any, world: Any) -> None:
    then = contact_clock(cast, world).started_at
    stopped = as_manager(cast, world, happened_at=then)
    assert stopped.in_time
    assert stopped.happened_at == then
    assert contact_clock(cast, world).stopped_at == then


def test_a_time_to_come_is_refused(cast: Any, world: Any) -> None:
    with pytest.raises(EpisodeRefused, match="in the future"):
        as_manager(cast, world, happened_at=timezone.now() + dt.timedelta(hours=1))
    assert events(cast, world) == []


def test_a_time_before_it_was_asked_for_is_refused(cast: Any, world: Any) -> None:
    with pytest.raises(EpisodeRefused, match="before it was asked for"):
        as_manager(cast, world, happened_at=world.episode.opened_at - dt.timedelta(hours=1))
    assert events(cast, world) == []


def test_a_round_that_is_no_longer_there_is_refused(cast: Any, world: Any) -> None:
    with cast.as_(cast.morgan) as me, pytest.raises(EpisodeRefused, match="has changed since"):
        stop_clock(by=me, episode=world.episode, clock="contact", began=timezone.now())


def test_what_has_a_form_of_its_own_is_refused_and_leads_there(cast: Any, world: Any) -> None:
    with cast.as_(cast.yasmin):
        clock = Clock.objects.get(episode=world.episode, key="assess")
    answer = click(cast.yasmin.client(), world, clock)
    assert answer["Location"] == reverse("assessments:start", args=[world.episode.uuid])


def test_a_worker_is_told_that_the_manager_owes_it(cast: Any, world: Any) -> None:
    clock = contact_clock(cast, world)
    with cast.as_(cast.yasmin) as me, pytest.raises(NeedsForm, match="for a manager"):
        stop_clock(by=me, episode=world.episode, clock="contact", began=clock.started_at)
    assert events(cast, world) == []


def test_a_team_that_only_referred_cannot_say_that_it_is_done(cast: Any, world: Any) -> None:
    clock = contact_clock(cast, world)
    assert click(cast.tom.client(), world, clock).status_code == 403
    assert click(cast.olive.client(), world, clock).status_code == 404
    with cast.as_(cast.tom) as me, pytest.raises(EpisodeRefused, match="Only the team"):
        stop_clock(by=me, episode=world.episode, clock="contact", began=clock.started_at)


def test_another_time_can_be_given_afterwards_and_both_entries_stay(cast: Any, world: Any) -> None:
    client = cast.morgan.client()
    where = click(client, world, contact_clock(cast, world))["Location"]
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    refused = client.post(where, {"on": tomorrow.isoformat(), "at": "10:00"})
    assert refused.status_code == 422
    occurrence = where.rstrip("/").split("/")[-1]
    with cast.as_(cast.morgan) as me:
        row = Event.objects.get(occurrence=occurrence, subject=world.kofi.pk)
        move_stop(
            by=me, episode=world.episode, occurrence=row.occurrence, happened_at=world.episode.opened_at
        )
    assert contact_clock(cast, world).stopped_at == world.episode.opened_at
    assert len(events(cast, world)) == 2


def test_only_whoever_clicked_takes_it_back(cast: Any, world: Any) -> None:
    stopped = as_manager(cast, world)
    with cast.as_(cast.yasmin) as me, pytest.raises(EpisodeRefused, match="Only whoever"):
        undo_stop(by=me, episode=world.episode, occurrence=stopped.occurrence)


def test_nobody_owes_anything_in_a_closed_case(cast: Any, world: Any) -> None:
    with cast.as_(cast.morgan) as me:
        episode = Episode.objects.get(pk=world.episode.pk)
        clock = next(each for each in standing(episode).clocks if each.key == "contact")
        happened(by=me, episode=episode, kind="episode.closed", subjects=[world.kofi.pk])
        with pytest.raises(DoneAlready, match="closed"):
            stop_clock(by=me, episode=episode, clock="contact", began=clock.started_at)
