"""Who may call, answer and record a meeting, who sees what of it, and in which order it is written."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError
from django.utils import timezone

from teamaround.access.edits import StaleEdit
from teamaround.agencies.models import Team
from teamaround.events.models import Event
from teamaround.meetings import actions
from teamaround.meetings.actions import MeetingRefused
from teamaround.meetings.minutes import ActionTyped, MinutesTyped, ViewTyped, record_minutes
from teamaround.meetings.models import (
    Meeting,
    MeetingAttendance,
    MeetingDecision,
    MeetingInvitation,
    MeetingMinutes,
    MeetingReply,
    MeetingView,
)
from teamaround.notices.models import Message
from teamaround.sharing.actions import Cell, record_consent
from teamaround.tasks.actions import Owner, complete_task
from teamaround.tasks.models import Task

Call = Callable[..., Meeting]


def typed(**changes: Any) -> MinutesTyped:
    return MinutesTyped(
        **{
            "held_at": timezone.now() - dt.timedelta(hours=1),
            "views": [ViewTyped("Kofi Osei", "I want to sleep on school nights")],
            "family": ["Kofi Osei"],
            "decisions": ["A sitter comes on Tuesdays"],
            **changes,
        }
    )


def record(cast: Any, meeting: Meeting, **changes: Any) -> MeetingMinutes:
    with cast.as_(cast.yasmin) as me:
        row = Meeting.objects.select_related("episode").get(pk=meeting.pk)
        return record_minutes(by=me, meeting=row, version=row.version, typed=typed(**changes))


def share_plans(cast: Any, child: Any, team: int) -> None:
    with cast.as_(cast.yasmin) as me:
        record_consent(
            by=me,
            team=cast.yasmin.team.pk,
            subject=child.pk,
            given_by=child.pk,
            capacity="self",
            how="signed",
            valid_until=timezone.now() + dt.timedelta(days=90),
            cells=[Cell(child.pk, team, "plan", "share")],
        )


def test_an_invited_team_sees_when_where_and_who_and_an_outsider_nothing(cast: Any, called: Call) -> None:
    meeting = called(teams=("moor-lane", "school-nursing"))
    for member, count in ((cast.tom, 3), (cast.nina, 3), (cast.olive, 0), (cast.admin, 0)):
        with cast.as_(member):
            assert Meeting.objects.filter(pk=meeting.pk).exists() is bool(count)
            assert MeetingInvitation.objects.filter(meeting=meeting).count() == count


def test_an_invitation_opens_no_minutes_and_a_consent_to_plans_does(
    cast: Any, case: Any, called: Call
) -> None:
    meeting = called()
    record(cast, meeting)
    with cast.as_(cast.tom):
        assert Meeting.objects.get(pk=meeting.pk).state == "fulfilled"
        assert not MeetingMinutes.objects.exists()
        assert not MeetingView.objects.exists()
        assert not MeetingDecision.objects.exists()
        assert not MeetingAttendance.objects.exists()
    share_plans(cast, case.child, cast.tom.team.pk)
    with cast.as_(cast.tom):
        assert MeetingMinutes.objects.filter(meeting=meeting).exists()
        assert MeetingView.objects.get().text == "I want to sleep on school nights"


def test_that_a_sensitive_service_is_invited_is_hidden_from_the_others(
    cast: Any, case: Any, called: Call
) -> None:
    meeting = called(teams=("moor-lane", "recovery"))
    share_plans(cast, case.child, cast.tom.team.pk)
    record(cast, meeting)
    with cast.as_(cast.tom):
        teams = set(MeetingInvitation.objects.filter(meeting=meeting).values_list("invited_team", flat=True))
        assert teams == {cast.tom.team.pk, None}
        assert not MeetingAttendance.objects.filter(words__icontains="recovery").exists()
    with cast.as_(cast.sam):
        assert Meeting.objects.filter(pk=meeting.pk).exists()


def test_a_team_that_becomes_sensitive_is_hidden_in_meetings_held_before(
    cast: Any, case: Any, called: Call
) -> None:
    meeting = called(teams=("moor-lane", "housing"))
    share_plans(cast, case.child, cast.tom.team.pk)
    record(cast, meeting)
    invitations = MeetingInvitation.objects.filter(meeting=meeting, invited_team=cast.olive.team)
    came = MeetingAttendance.objects.filter(words__icontains="tenancy")
    with cast.as_(cast.tom):
        assert invitations.exists()
        assert came.exists()
    with cast.as_(cast.admin):
        Team.objects.filter(pk=cast.olive.team.pk).update(sensitivity="domestic_abuse")
    with cast.as_(cast.tom):
        assert not invitations.all().exists()
        assert not came.all().exists()
        assert MeetingInvitation.objects.filter(meeting=meeting, invited_team=cast.tom.team).exists()
    with cast.as_(cast.olive):
        assert invitations.all().exists()


def test_a_meeting_is_not_called_for_a_time_that_has_passed(cast: Any, called: Call) -> None:
    with pytest.raises(MeetingRefused, match="has passed") as refused:
        called(days=-1)
    assert refused.value.field == "starts_on"


def test_a_meeting_invites_somebody(cast: Any, called: Call) -> None:
    with pytest.raises(MeetingRefused, match="Invite at least one"):
        called(teams=(), people=[])


def test_calling_twice_under_one_token_calls_one_meeting(cast: Any, called: Call) -> None:
    token = uuid.uuid4()
    assert called(uuid=token).pk == called(uuid=token).pk
    with cast.as_(cast.yasmin):
        assert Event.objects.filter(kind="meeting.called").count() == 1


def test_those_invited_are_told_in_mails_that_name_nobody(cast: Any, called: Call) -> None:
    called(teams=("moor-lane", "school-nursing"))
    with cast.as_(cast.yasmin):
        messages = list(Message.objects.all())
    assert {each.address for each in messages} == {"tom@northmoor.example", "nina@northmoor.example"}
    for each in messages:
        assert not {"Kofi", "Osei", "Reyes", "library"} & set((each.subject_line + " " + each.body).split())
        assert "Kofi" not in each.body


def test_nobody_calls_a_meeting_for_another_teams_case(cast: Any, case: Any) -> None:
    with pytest.raises(DatabaseError), cast.as_(cast.tom) as me:
        actions.call_meeting(
            by=me,
            team=cast.yasmin.team.pk,
            episode=case.reload(),
            kind="team-around",
            starts_at=timezone.now() + dt.timedelta(days=1),
            place="Here",
            purpose="Talk",
            people=[actions.InvitedPerson("Kofi")],
        )


def answer(cast: Any, member: Any, meeting: Meeting, value: str, words: str = "") -> MeetingInvitation:
    with cast.as_(member) as me:
        row = MeetingInvitation.objects.select_related("meeting").get(
            meeting=meeting, invited_team=member.team
        )
        return actions.answer_invitation(
            by=me, invitation=row, version=row.version, answer=value, words=words
        )


def test_the_invited_team_answers_and_the_caller_is_told(cast: Any, called: Call) -> None:
    meeting = called(teams=("moor-lane", "school-nursing"))
    answer(cast, cast.tom, meeting, "declined", "Parents’ evening")
    with cast.as_(cast.yasmin):
        assert MeetingInvitation.objects.get(meeting=meeting, invited_team=cast.tom.team).answer == "declined"
        assert MeetingReply.objects.get().words == "Parents’ evening"
        assert Message.objects.filter(address="yasmin@northmoor.example").count() == 1
    with cast.as_(cast.nina):
        assert MeetingInvitation.objects.get(meeting=meeting, invited_team=cast.tom.team).answer == "declined"
        assert not MeetingReply.objects.exists()


@pytest.mark.parametrize("value", ["declined", "deputy", "report"])
def test_no_without_words_is_refused(cast: Any, called: Call, value: str) -> None:
    meeting = called()
    with pytest.raises(MeetingRefused) as refused:
        answer(cast, cast.tom, meeting, value)
    assert refused.value.field == value


def test_an_invited_team_answers_for_itself_alone(cast: Any, called: Call) -> None:
    meeting = called(teams=("moor-lane", "school-nursing"))
    with cast.as_(cast.nina) as me:
        row = MeetingInvitation.objects.select_related("meeting").get(
            meeting=meeting, invited_team=cast.tom.team
        )
        with pytest.raises(MeetingRefused, match="Only those invited"):
            actions.answer_invitation(by=me, invitation=row, version=row.version, answer="accepted")
        assert not MeetingInvitation.objects.filter(pk=row.pk).update(
            answer="accepted", answered_at=timezone.now()
        )


def test_an_invited_team_changes_nothing_but_its_answer(cast: Any, called: Call) -> None:
    meeting = called()
    mine = {"meeting": meeting, "invited_team": cast.tom.team}
    with pytest.raises(DatabaseError), cast.as_(cast.tom):
        MeetingInvitation.objects.filter(**mine).update(words="x")
    with pytest.raises(DatabaseError), cast.as_(cast.tom):
        MeetingInvitation.objects.filter(**mine).update(withdrawn_at=timezone.now())
    with cast.as_(cast.tom):
        assert not Meeting.objects.filter(pk=meeting.pk).update(place="Elsewhere")


def test_a_withdrawn_invitation_hides_the_meeting_at_once(cast: Any, called: Call) -> None:
    meeting = called()
    with cast.as_(cast.yasmin) as me:
        row = MeetingInvitation.objects.select_related("meeting").get(
            meeting=meeting, invited_team=cast.tom.team
        )
        actions.withdraw_invitation(by=me, invitation=row, version=row.version)
    with cast.as_(cast.tom):
        assert not Meeting.objects.filter(pk=meeting.pk).exists()
        assert not MeetingInvitation.objects.exists()


def test_minutes_without_the_childs_views_are_refused_unless_it_says_why(cast: Any, called: Call) -> None:
    meeting = called()
    with pytest.raises(MeetingRefused, match="views of Kofi Osei first") as refused:
        record(cast, meeting, views=[])
    assert refused.value.field == "views_missing"
    record(cast, meeting, views=[], views_missing="He chose not to come and will be asked at school")


def test_views_are_written_before_decisions(cast: Any, called: Call) -> None:
    record(cast, called())
    with cast.as_(cast.yasmin):
        assert MeetingView.objects.get().recorded_at <= MeetingDecision.objects.get().recorded_at


def test_an_action_of_the_meeting_is_owed_by_the_other_agency_which_sees_it_and_does_it(
    cast: Any, called: Call
) -> None:
    meeting = called()
    due = timezone.localdate() + dt.timedelta(days=7)
    record(
        cast,
        meeting,
        actions=[
            ActionTyped("A quiet place for homework", Owner(team=cast.tom.team.pk), due),
            ActionTyped("Ring the sitter", Owner(words="Kofi Osei"), due),
        ],
    )
    with cast.as_(cast.tom) as me:
        task = Task.objects.get()
        assert task.title == "A quiet place for homework"
        complete_task(by=me, task=task)
    with cast.as_(cast.yasmin):
        assert Task.objects.filter(state="completed").count() == 1
        assert Message.objects.filter(
            address="tom@northmoor.example", subject_line__contains="action"
        ).exists()


def test_a_meeting_recorded_late_stands_in_the_chronology_on_its_own_day(cast: Any, called: Call) -> None:
    held = timezone.now() - dt.timedelta(days=4)
    record(cast, called(), held_at=held)
    with cast.as_(cast.yasmin):
        event = Event.objects.get(kind="meeting.held")
        assert event.happened_at == held
        assert event.recorded_at > held


def test_a_meeting_to_come_is_not_recorded_as_held(cast: Any, called: Call) -> None:
    with pytest.raises(MeetingRefused, match="lies in the future"):
        record(cast, called(), held_at=timezone.now() + dt.timedelta(hours=1))


def test_minutes_are_recorded_once(cast: Any, called: Call) -> None:
    meeting = called()
    token = uuid.uuid4()
    with cast.as_(cast.yasmin) as me:
        row = Meeting.objects.select_related("episode").get(pk=meeting.pk)
        version = row.version
        first = record_minutes(by=me, meeting=row, version=version, typed=typed(), uuid=token)
        again = record_minutes(by=me, meeting=row, version=version, typed=typed(), uuid=token)
        assert first.pk == again.pk
        with pytest.raises(StaleEdit):
            record_minutes(by=me, meeting=row, version=version, typed=typed(), uuid=uuid.uuid4())
        assert Event.objects.filter(kind="meeting.held").count() == 1


def test_a_cancelled_meeting_says_why_and_takes_no_answer(cast: Any, called: Call) -> None:
    meeting = called()
    with cast.as_(cast.yasmin) as me:
        row = Meeting.objects.get(pk=meeting.pk)
        with pytest.raises(MeetingRefused):
            actions.cancel_meeting(by=me, meeting=row, version=row.version, reason=" ")
        actions.cancel_meeting(by=me, meeting=row, version=row.version, reason="Kofi is ill")
    with pytest.raises(MeetingRefused, match="cancelled"):
        answer(cast, cast.tom, meeting, "accepted")


def test_two_colleagues_who_move_a_meeting_do_not_overwrite_one_another(cast: Any, called: Call) -> None:
    meeting = called()
    with cast.as_(cast.yasmin) as me:
        row = Meeting.objects.get(pk=meeting.pk)
        seen = row.version
        change = {"by": me, "meeting": row, "version": seen, "starts_at": row.starts_at, "purpose": "Talk"}
        actions.change_meeting(**change, place="Town hall")
        with pytest.raises(StaleEdit):
            actions.change_meeting(**change, place="Library")
