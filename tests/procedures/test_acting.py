"""Who records what a stage waits for: the roles that the procedure names, told by name where it is somebody else."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from teamaround.events.actions import EventRefused
from teamaround.events.models import Event
from teamaround.people.actions import add_person
from teamaround.procedures.acting import WrongRole, who_may
from teamaround.procedures.actions import accept, allocate, happened, receive, standing
from teamaround.procedures.format import load_shipped, shipped_slugs
from teamaround.procedures.kinds import EVENT_KINDS
from teamaround.procedures.models import Episode
from teamaround.procedures.versions import install_shipped, reset_cache


@pytest.fixture
def case(cast: Any) -> Episode:
    """A case of Yasmin's."""
    reset_cache()
    install_shipped()
    with cast.as_(cast.tom) as me:
        child = add_person(by=me, team=cast.tom.team.pk, given="Kofi", family_name="Osei")
        sent = receive(by=me, team=cast.tom.team.pk, receiving_team=cast.yasmin.team, child=child.pk)
    with cast.as_(cast.morgan) as me:
        episode = Episode.objects.get(pk=sent.pk)
        accept(by=me, episode=episode, version=episode.version)
    return episode


def record(cast: Any, who: Any, case: Episode, kind: str, **more: Any) -> None:
    with cast.as_(who) as me:
        happened(by=me, episode=case, kind=kind, subjects=[case.subject_id or 0], **more)


def given_to_yasmin(cast: Any, case: Episode) -> None:
    with cast.as_(cast.morgan) as me:
        allocate(by=me, episode=case, practitioner=cast.yasmin.practitioner.pk)


def test_the_lead_practitioner_records_what_is_theirs_and_a_colleague_is_told_whose_it_is(
    cast: Any, case: Episode
) -> None:
    given_to_yasmin(cast, case)
    with pytest.raises(WrongRole) as refused:
        record(cast, cast.yusuf, case, "assessment.finished")
    assert str(refused.value) == (
        "“Assessment finished” is for the lead practitioner (Yasmin Okoro) or a social worker or a manager of "
        "the team. Ask them to record it."
    )
    with cast.as_(cast.morgan):
        assert not Event.objects.filter(kind="assessment.finished").exists()
    record(cast, cast.yasmin, case, "assessment.finished")
    assert standing_kinds(cast, case) >= {"assessment.finished"}


def standing_kinds(cast: Any, case: Episode) -> set[str]:
    with cast.as_(cast.morgan):
        return set(Event.objects.filter(episode=case.pk).values_list("kind", flat=True))


def test_a_manager_acts_for_somebody_who_is_away(cast: Any, case: Episode) -> None:
    given_to_yasmin(cast, case)
    record(cast, cast.morgan, case, "assessment.finished")
    assert "assessment.finished" in standing_kinds(cast, case)


def test_while_nobody_has_the_case_anybody_of_the_team_may(cast: Any, case: Episode) -> None:
    record(cast, cast.yusuf, case, "risk.assessed")
    assert "risk.assessed" in standing_kinds(cast, case)


def test_what_is_the_managers_alone_is_refused_to_a_worker(cast: Any, case: Episode) -> None:
    with pytest.raises(WrongRole, match="is for a manager of the team"):
        record(cast, cast.yasmin, case, "allocation.made")


def test_the_one_who_writes_the_minutes_speaks_for_the_chair(cast: Any, case: Episode) -> None:
    given_to_yasmin(cast, case)
    with pytest.raises(WrongRole, match="the chair of the meeting"):
        record(cast, cast.yusuf, case, "meeting.held")
    record(cast, cast.yusuf, case, "meeting.held", as_chair=True)
    assert "meeting.held" in standing_kinds(cast, case)


def test_what_somebody_did_or_heard_is_never_refused(cast: Any, case: Episode) -> None:
    given_to_yasmin(cast, case)
    for kind in ("contact.recorded", "visit.made", "safeguarding.noted"):
        record(cast, cast.yusuf, case, kind)
    assert standing_kinds(cast, case) >= {"contact.recorded", "visit.made", "safeguarding.noted"}


def test_another_teams_manager_acts_for_nobody(cast: Any, case: Episode) -> None:
    """Tom takes part; his own role counts for nothing in what the procedure gives to the team of the case."""
    given_to_yasmin(cast, case)
    with pytest.raises(WrongRole):
        record(cast, cast.tom, case, "assessment.finished", team=cast.tom.team.pk)


def test_where_a_stage_names_nobody_nothing_is_asked() -> None:
    assert who_may(load_shipped("stockport-families-first"), "standard", "records.read") == ()


@pytest.mark.parametrize("slug", shipped_slugs())
@pytest.mark.parametrize("priority", ["standard", "immediate"])
def test_in_every_shipped_procedure_whoever_owes_a_clock_may_record_what_stops_it(
    slug: str, priority: str
) -> None:
    procedure = load_shipped(slug)
    for clock in procedure.clocks:
        if clock.when not in ("any", priority):
            continue
        for kind in clock.stop:
            allowed = who_may(procedure, priority, kind)
            assert not allowed or clock.who in allowed, (clock.key, kind)
    assert any(who_may(procedure, priority, kind) for kind in EVENT_KINDS)


def test_an_event_in_the_future_is_refused_with_what_to_give(cast: Any, case: Episode) -> None:
    with pytest.raises(EventRefused, match=r"lies in the future\. Give the time at which it happened"):
        record(
            cast, cast.yasmin, case, "contact.recorded", happened_at=timezone.now() + dt.timedelta(hours=1)
        )


def test_entries_made_late_and_out_of_order_lead_to_the_same_clocks(cast: Any, case: Episode) -> None:
    """A review is written down before the agreement that it reviews, both days after they were."""
    given_to_yasmin(cast, case)
    now = timezone.now()
    record(cast, cast.yasmin, case, "plan.reviewed", happened_at=now - dt.timedelta(days=2))
    record(cast, cast.yasmin, case, "plan.agreed", happened_at=now - dt.timedelta(days=8))
    with cast.as_(cast.yasmin):
        rounds = [each for each in standing(case).clocks if each.key == "review"]
    assert sorted((each.round, each.state) for each in rounds) == [(1, "met"), (2, "running")]


def test_the_same_event_twice_starts_and_stops_nothing_anew(cast: Any, case: Episode) -> None:
    given_to_yasmin(cast, case)
    then = timezone.now() - dt.timedelta(minutes=5)
    for _ in range(2):
        record(cast, cast.yasmin, case, "assessment.finished", happened_at=then)
    with cast.as_(cast.yasmin):
        keys = [each.key for each in standing(case).clocks]
    assert keys.count("assess") == 1
    assert keys.count("family-meeting") == 1
