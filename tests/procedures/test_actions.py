"""An episode from referral to closing: who may do what, what the clocks say, who sees it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db.utils import Error
from django.utils import timezone

from teamaround.access.edits import StaleEdit
from teamaround.index.actions import involve
from teamaround.index.models import Involvement
from teamaround.people.actions import add_person
from teamaround.people.models import Person
from teamaround.procedures import actions
from teamaround.procedures.models import Clock, Episode
from teamaround.procedures.versions import install_shipped, reset_cache


@pytest.fixture
def referred(cast: Any) -> tuple[int, int]:
    """Tom's school refers Kofi to the young carers team: (child, episode)."""
    reset_cache()
    install_shipped()
    with cast.as_(cast.tom) as me:
        child = add_person(
            by=me, team=cast.tom.team.pk, given="Kofi", family_name="Osei", date_of_birth=dt.date(2014, 3, 2)
        )
        episode = actions.receive(
            by=me,
            team=cast.tom.team.pk,
            receiving_team=cast.yasmin.team,
            child=child.pk,
            priority="immediate",
        )
        return child.pk, episode.pk


def test_a_referral_starts_the_receiving_teams_clocks_in_the_referrers_own_transaction(
    cast: Any, referred: tuple[int, int]
) -> None:
    child, episode = referred
    with cast.as_(cast.morgan):
        keys = set(Clock.objects.filter(episode=episode, stopped_at=None).values_list("key", flat=True))
        assert keys
        assert Person.objects.get(pk=child).name == "Kofi Osei"


def test_the_referrer_sees_the_status_and_no_clock(cast: Any, referred: tuple[int, int]) -> None:
    with cast.as_(cast.tom):
        assert Episode.objects.get(pk=referred[1]).status == "waiting"
        assert not Clock.objects.filter(episode=referred[1]).exists()
    with cast.as_(cast.olive):
        assert not Episode.objects.filter(pk=referred[1]).exists()


def test_accepting_and_allocating_make_a_lead_practitioner_and_stop_the_allocation_clock(
    cast: Any, referred: tuple[int, int]
) -> None:
    child, pk = referred
    with cast.as_(cast.morgan) as me:
        episode = Episode.objects.get(pk=pk)
        actions.accept(by=me, episode=episode, version=episode.version)
        actions.allocate(by=me, episode=episode, practitioner=cast.yasmin.practitioner.pk)
        lead = Involvement.objects.get(subject_id=child, role="lead")
        assert lead.practitioner_id == cast.yasmin.practitioner.pk
        assert not Clock.objects.filter(episode=pk, stopped_at=None, link="allocate").exists()
    with cast.as_(cast.tom):
        assert Episode.objects.get(pk=pk).status == "open"


def test_two_managers_do_not_answer_one_referral_twice(cast: Any, referred: tuple[int, int]) -> None:
    with cast.as_(cast.morgan) as me:
        episode = Episode.objects.get(pk=referred[1])
        seen = episode.version
        actions.accept(by=me, episode=episode, version=seen)
        with pytest.raises(actions.EpisodeRefused, match="answered already"):
            actions.accept(by=me, episode=episode, version=seen)
        episode.status = "waiting"
        with pytest.raises((StaleEdit, actions.EpisodeRefused)):
            actions.decline(by=me, episode=episode, version=seen, reason="no room")


def test_a_declined_referral_leaves_no_access_behind(cast: Any, referred: tuple[int, int]) -> None:
    child, pk = referred
    with cast.as_(cast.morgan) as me:
        episode = Episode.objects.get(pk=pk)
        actions.decline(by=me, episode=episode, version=episode.version, reason="Outside the age range")
    with cast.as_(cast.morgan):
        assert not Person.objects.filter(pk=child).exists()
        assert not Clock.objects.filter(episode=pk, stopped_at=None).exists()


def test_a_case_does_not_close_before_its_gates(cast: Any, referred: tuple[int, int]) -> None:
    with cast.as_(cast.morgan) as me:
        episode = Episode.objects.get(pk=referred[1])
        actions.accept(by=me, episode=episode, version=episode.version)
        with pytest.raises(actions.EpisodeRefused, match="Before closing"):
            actions.close(by=me, episode=episode, version=episode.version)


def test_a_case_closes_after_its_gates_and_access_ends(cast: Any, referred: tuple[int, int]) -> None:
    child, pk = referred
    with cast.as_(cast.morgan) as me:
        episode = Episode.objects.get(pk=pk)
        actions.accept(by=me, episode=episode, version=episode.version)
        for gate in actions.standing(episode).missing_gates:
            if gate.event != "episode.closed":
                actions.happened(by=me, episode=episode, kind=gate.event, subjects=[child])
        actions.close(by=me, episode=episode, version=episode.version)
        episode.refresh_from_db()
        assert episode.status == "closed"
    with cast.as_(cast.morgan):
        assert not Person.objects.filter(pk=child).exists()


def test_nobody_opens_an_episode_for_a_team_that_is_not_theirs(cast: Any, referred: tuple[int, int]) -> None:
    with pytest.raises(Error), cast.as_(cast.olive) as me:
        actions.receive(
            by=me,
            team=cast.tom.team.pk,
            receiving_team=cast.yasmin.team,
            child=referred[0],
            priority="standard",
        )


def test_a_child_named_later_enters_the_chronology_with_the_time_of_the_referral(cast: Any) -> None:
    reset_cache()
    install_shipped()
    with cast.as_(cast.tom) as me:
        episode = actions.receive(by=me, team=cast.tom.team.pk, receiving_team=cast.yasmin.team, child=None)
    with cast.as_(cast.morgan) as me:
        mine = Episode.objects.get(pk=episode.pk)
        child = add_person(by=me, team=cast.morgan.team.pk, given="Kofi", family_name="Osei")
        actions.name_child(by=me, episode=mine, child=child.pk)
        actions.accept(by=me, episode=mine, version=mine.version)
        assert mine.subject_id == child.pk


def test_a_child_registered_before_the_referral_stays_registered_after_closing(
    cast: Any, referred: tuple[int, int]
) -> None:
    child, pk = referred
    with cast.as_(cast.morgan) as me:
        involve(
            by=me,
            team=cast.morgan.team.pk,
            subject=child,
            role="registered",
            since=timezone.localdate() - dt.timedelta(days=400),
        )
        episode = Episode.objects.get(pk=pk)
        actions.accept(by=me, episode=episode, version=episode.version)
        actions.allocate(by=me, episode=episode, practitioner=cast.yasmin.practitioner.pk)
        for gate in actions.standing(episode).missing_gates:
            if gate.event != "episode.closed":
                actions.happened(by=me, episode=episode, kind=gate.event, subjects=[child])
        episode.refresh_from_db()
        actions.close(by=me, episode=episode, version=episode.version)
        kept = Involvement.objects.get(subject_id=child, author_team=cast.morgan.team)
        assert (kept.role, kept.until, kept.practitioner_id) == ("registered", None, None)
    with cast.as_(cast.morgan):
        assert Person.objects.filter(pk=child).exists()
