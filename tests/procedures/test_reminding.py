"""Before something is due somebody is told: once, of what is not done, as the procedure says; and up to whom it names."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from harness.cast import Member
from harness.officer import officer
from teamaround.agencies.models import Team
from teamaround.notices.models import Message
from teamaround.people.actions import add_person
from teamaround.procedures.actions import accept, advance, allocate, happened, receive
from teamaround.procedures.ladder import climb
from teamaround.procedures.late import report_late_clocks
from teamaround.procedures.models import Clock, ClockReminder, Episode
from teamaround.procedures.named import named
from teamaround.procedures.reminding import remind
from teamaround.procedures.versions import install_shipped, reset_cache


@pytest.fixture
def case(cast: Any) -> Episode:
    """A case that Yasmin has. Its plan was agreed a week ago, all but an hour; nothing else is owed for days."""
    reset_cache()
    install_shipped()
    with cast.as_(cast.tom) as me:
        child = add_person(by=me, team=cast.tom.team.pk, given="Kofi", family_name="Osei")
        sent = receive(by=me, team=cast.tom.team.pk, receiving_team=cast.yasmin.team, child=child.pk)
    with cast.as_(cast.morgan) as me:
        episode = Episode.objects.get(pk=sent.pk)
        accept(by=me, episode=episode, version=episode.version)
        allocate(by=me, episode=episode, practitioner=cast.yasmin.practitioner.pk)
        for kind in ("contact.recorded", "risk.assessed", "assessment.finished", "meeting.held"):
            happened(by=me, episode=episode, kind=kind, subjects=[child.pk])
        then = timezone.now() - dt.timedelta(days=6, hours=23)
        happened(by=me, episode=episode, kind="plan.agreed", subjects=[child.pk], happened_at=then)
    return episode


def told(cast: Any, subject: str = "Something is due soon") -> list[str]:
    with cast.as_(cast.admin):
        return sorted(Message.objects.filter(subject_line=subject).values_list("address", flat=True))


def waits(cast: Any, key: str) -> list[ClockReminder]:
    with cast.as_(cast.morgan):
        return list(ClockReminder.objects.filter(key=key, told_at=None))


def test_the_worker_is_told_once_the_day_before_the_plan_is_reviewed(cast: Any, case: Episode) -> None:
    # A week on the weekday it was agreed: the reminder came as that day before it opened.
    assert [each.who for each in waits(cast, "review")] == ["lead_practitioner"]
    assert remind() == 1
    assert told(cast) == ["yasmin@northmoor.example"]
    assert remind() == 0
    with cast.as_(cast.yasmin):
        advance(episode=Episode.objects.get(pk=case.pk))
    assert not waits(cast, "review")
    assert remind() == 0
    assert told(cast) == ["yasmin@northmoor.example"]


def test_a_reminder_names_nobody_and_says_nothing_of_the_case(cast: Any, case: Episode) -> None:
    remind()
    with cast.as_(cast.admin):
        bodies = Message.objects.filter(subject_line="Something is due soon").values_list("body", flat=True)
        assert bodies
        assert not any(word in body for body in bodies for word in ("Kofi", "Osei", "eview", "plan"))


def test_nobody_is_reminded_of_what_was_done(cast: Any, case: Episode) -> None:
    with cast.as_(cast.yasmin) as me:
        happened(by=me, episode=case, kind="plan.reviewed", subjects=[case.subject_id or 0])
    assert remind() == 0
    assert [each.at > timezone.now() for each in waits(cast, "review")] == [True]


def test_what_is_late_already_is_told_as_late_and_not_as_due_soon(cast: Any, case: Episode) -> None:
    with cast.as_(cast.morgan) as me:
        happened(
            by=me,
            episode=case,
            kind="plan.reviewed",
            subjects=[case.subject_id or 0],
            happened_at=timezone.now() - dt.timedelta(days=12),
        )
        happened(
            by=me,
            episode=case,
            kind="plan.agreed",
            subjects=[case.subject_id or 0],
            happened_at=timezone.now() - dt.timedelta(days=20),
        )
        late = Clock.objects.get(episode=case, key="review", stopped_at=None)
    assert late.due_at < timezone.now()
    assert remind() == 0
    assert report_late_clocks() == 1


def test_a_reminder_that_would_come_too_early_waits_for_its_moment(cast: Any, case: Episode) -> None:
    """As after a change of calendars that moved what is due further on than its reminder."""
    with cast.as_(cast.yasmin) as me:
        happened(by=me, episode=case, kind="plan.reviewed", subjects=[case.subject_id or 0])
    (kept,) = waits(cast, "review")
    early = timezone.now() - dt.timedelta(minutes=1)
    assert remind(now=early) == 0
    assert [each.at for each in waits(cast, "review")] == [kept.at]


def test_the_senior_manager_whom_the_team_named_is_told_further(cast: Any, case: Episode) -> None:
    greta = cast.greta.practitioner.pk
    assert named("senior_manager", team=case.author_team_id, worker=None) == {cast.morgan.practitioner.pk}
    with cast.as_(cast.morgan):
        Team.objects.filter(pk=case.author_team_id).update(senior_manager_id=greta)
    assert named("senior_manager", team=case.author_team_id, worker=None) == {greta}
    with cast.as_(cast.morgan) as me:
        then = timezone.now() - dt.timedelta(days=300)
        happened(
            by=me,
            episode=case,
            kind="referral.accepted",
            subjects=[case.subject_id or 0],
            happened_at=then,
        )
    report_late_clocks()
    climb()
    assert "greta@northmoor.example" in told(cast, "Something is still late")


def test_only_managers_of_the_team_name_its_senior_manager(cast: Any, case: Episode) -> None:
    noor: Member = officer(cast)
    for member in (cast.yasmin, cast.tom, noor):
        with pytest.raises(DatabaseError), cast.as_(member):
            Team.objects.filter(pk=case.author_team_id).update(senior_manager_id=member.practitioner.pk)
    for wrong in ({"name": "Ours"}, {"sensitivity": "substance"}, {"takes_referrals": False}, {"phone": "1"}):
        with pytest.raises(DatabaseError), cast.as_(cast.morgan):
            Team.objects.filter(pk=case.author_team_id).update(**wrong, senior_manager_id=None)
    with pytest.raises(DatabaseError), cast.as_(cast.morgan):
        Team.objects.filter(pk=cast.tom.team.pk).update(procedure_slug="stockport-families-first")


def test_reminders_are_kept_by_the_services_alone_and_read_by_the_team(cast: Any, case: Episode) -> None:
    for statement in (
        "select * from app.reminders_due()",
        "select app.reminded('{1}', '{}', '{}')",
        "select app.shift_reminders('{1}', '{2020-01-01}')",
        "update clock_reminder set told_at = now()",
        "delete from clock_reminder",
        "insert into clock_reminder (key) values ('review')",
    ):
        with pytest.raises(DatabaseError), cast.as_(cast.morgan), connection.cursor() as cursor:
            cursor.execute(statement)
    for member in (cast.olive, cast.tom):
        with cast.as_(member):
            assert not ClockReminder.objects.exists()
    with cast.as_(cast.yasmin):
        assert ClockReminder.objects.exists()
