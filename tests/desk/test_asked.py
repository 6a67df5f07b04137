"""What others ask of somebody, on My day: a case allocated to them, an invitation to a meeting."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from teamaround.agencies.models import Membership
from teamaround.database.actor import SET_UP, acting_as
from teamaround.desk.day import load_day
from teamaround.events.actions import record
from teamaround.meetings.actions import (
    InvitedTeam,
    answer_invitation,
    call_meeting,
    cancel_meeting,
    withdraw_invitation,
)
from teamaround.meetings.models import Meeting, MeetingInvitation
from teamaround.procedures.actions import allocate
from teamaround.procedures.models import Episode


def words(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def asked(cast: Any, member: Any, **given: Any) -> list[str]:
    with cast.as_(member) as me:
        return [each.title for each in load_day(me, **given).asked]


def called(cast: Any, world: Any, *, practitioner: int | None = None, hours: float = 72) -> Meeting:
    with cast.as_(cast.yasmin) as me:
        return call_meeting(
            by=me,
            team=cast.yasmin.team.pk,
            episode=Episode.objects.get(pk=world.episode.pk),
            kind="team-around",
            starts_at=timezone.now() + dt.timedelta(hours=hours),
            place="Canal Centre",
            purpose="Who does what",
            teams=[InvitedTeam(cast.tom.team.pk, practitioner)],
        )


def test_a_case_allocated_to_me_waits_with_who_gave_it_and_a_link(cast: Any, world: Any) -> None:
    with cast.as_(cast.yasmin) as me:
        (line,) = load_day(me).asked
    assert line.title.startswith("New case: Kofi Osei")
    assert line.url == f"/cases/{world.episode.uuid}/"
    assert line.reason.startswith(f"{cast.morgan.practitioner.name} allocated this case to you today.")
    assert "No contact or visit is recorded since." in line.reason
    page = cast.yasmin.client().get("/")
    assert "Waiting for you 1" in words(page)
    assert f'href="/cases/{world.episode.uuid}/"' in page.content.decode()


def test_a_case_allocated_to_somebody_else_does_not_wait_for_me(cast: Any, world: Any) -> None:
    for member in (cast.morgan, cast.tom, cast.nina, cast.olive):
        assert asked(cast, member) == []


@pytest.mark.parametrize("kind", ["contact.recorded", "visit.made"])
def test_a_new_case_waits_until_a_contact_or_visit_is_recorded_whoever_made_it(
    cast: Any, world: Any, kind: str
) -> None:
    with cast.as_(cast.morgan) as me:
        team = cast.yasmin.team.pk
        record(by=me, team=team, kind=kind, subjects=[world.kofi.pk], episode=world.episode.pk)
    assert asked(cast, cast.yasmin) == []


def test_a_new_case_waits_until_i_record_something_on_it_and_not_until_others_do(
    cast: Any, world: Any
) -> None:
    def start(member: Any) -> None:
        with cast.as_(member) as me:
            record(
                by=me,
                team=cast.yasmin.team.pk,
                kind="assessment.started",
                subjects=[world.kofi.pk],
                episode=world.episode.pk,
            )

    start(cast.morgan)
    assert len(asked(cast, cast.yasmin)) == 1
    start(cast.yasmin)
    assert asked(cast, cast.yasmin) == []


def test_a_case_that_i_took_myself_or_that_went_to_somebody_else_is_no_news(cast: Any, world: Any) -> None:
    with cast.as_(cast.morgan) as me:
        allocate(by=me, episode=world.episode, practitioner=cast.morgan.practitioner.pk)
    assert asked(cast, cast.yasmin) == []
    assert asked(cast, cast.morgan) == []


def test_an_invitation_waits_with_its_reason_until_it_is_answered(cast: Any, world: Any) -> None:
    meeting = called(cast, world, practitioner=cast.tom.practitioner.pk)
    with cast.as_(cast.tom) as me:
        (line,) = load_day(me).asked
        invitation = MeetingInvitation.objects.get(meeting=meeting)
    assert line.title == "Team around the child and family: Kofi Osei"
    assert line.url == f"/meetings/invitations/{invitation.uuid}/"
    assert line.reason.startswith(f"{cast.yasmin.team.name} invited you and waits for your answer.")
    assert "Canal Centre" in line.reason
    page = cast.tom.client().get("/")
    assert "Waiting for you 1" in words(page)
    assert asked(cast, cast.nina) == []
    with cast.as_(cast.tom) as me:
        answer_invitation(by=me, invitation=invitation, version=invitation.version, answer="accepted")
    assert asked(cast, cast.tom) == []


def test_an_invitation_to_the_whole_team_waits_for_everybody_in_it(cast: Any, world: Any) -> None:
    called(cast, world)
    with cast.as_(cast.tom) as me:
        (line,) = load_day(me).asked
    assert "invited your team, and nobody has answered" in line.reason


def test_an_invitation_in_a_colleague_s_name_does_not_wait_for_me(cast: Any, world: Any) -> None:
    with acting_as(SET_UP), transaction.atomic():
        Membership.objects.create(
            practitioner=cast.nina.practitioner, team=cast.tom.team, role="practitioner"
        )
    called(cast, world, practitioner=cast.nina.practitioner.pk)
    assert len(asked(cast, cast.nina)) == 1
    assert asked(cast, cast.tom) == []


def test_a_meeting_withdrawn_cancelled_or_gone_by_waits_for_nobody(cast: Any, world: Any) -> None:
    withdrawn, cancelled, soon = (called(cast, world, hours=hours) for hours in (48, 72, 1))
    assert len(asked(cast, cast.tom)) == 3
    with cast.as_(cast.yasmin) as me:
        invitation = MeetingInvitation.objects.select_related("meeting").get(meeting=withdrawn)
        withdraw_invitation(by=me, invitation=invitation, version=invitation.version)
        cancel_meeting(by=me, meeting=cancelled, version=cancelled.version, reason="The hall burnt down.")
    assert len(asked(cast, cast.tom)) == 1
    assert asked(cast, cast.tom, now=soon.starts_at + dt.timedelta(minutes=1)) == []


def test_a_day_with_everything_takes_at_most_fifteen_queries(cast: Any, world: Any) -> None:
    called(cast, world)
    for member in (cast.morgan, cast.yasmin, cast.tom):
        client = member.client()
        client.get("/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/")
        assert len(queries) <= 15, "\n".join(each["sql"][:150] for each in queries)


def test_whom_these_lines_name_is_noted_as_seen(cast: Any, world: Any) -> None:
    with cast.as_(cast.yasmin) as me:
        assert world.kofi.pk in load_day(me).subjects
    called(cast, world)
    with cast.as_(cast.tom) as me:
        assert load_day(me).meeting_subjects == (world.kofi.pk,)
