"""Business events of a meeting to come: called, changed, cancelled, answered. `minutes.py` has those of one held."""

from __future__ import annotations

import datetime as dt
import uuid as uuids
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.edits import update_checked
from teamaround.access.me import Me
from teamaround.agencies.models import Membership, Team
from teamaround.agencies.refusals import Refused
from teamaround.notices.actions import members_of, notify
from teamaround.people.models import Person
from teamaround.procedures.actions import happened
from teamaround.procedures.models import Episode, EpisodeStatus
from teamaround.ui.presentation import uk_datetime

from .models import (
    InvitationAnswer,
    Meeting,
    MeetingInvitation,
    MeetingReply,
    MeetingState,
    MeetingType,
)

LARGEST = 60


class MeetingRefused(Refused):
    """The step cannot be taken; `field` names the form field, the message says what to do."""


@dataclass(frozen=True, slots=True)
class InvitedTeam:
    """A team, and the one practitioner of it who is meant, where that is known."""

    team: int
    practitioner: int | None = None


@dataclass(frozen=True, slots=True)
class InvitedPerson:
    """Somebody of the family or beside it: a person on record, or a name alone."""

    name: str
    person: int | None = None


@transaction.atomic
def call_meeting(
    *,
    by: Me,
    team: int,
    episode: Episode,
    kind: str,
    starts_at: dt.datetime,
    place: str,
    purpose: str,
    teams: Sequence[InvitedTeam] = (),
    people: Sequence[InvitedPerson] = (),
    uuid: uuids.UUID | None = None,
) -> Meeting:
    """Call a meeting about the episode's child and invite people to it; teams invited are told at once.

    Called again under the same `uuid`, it is the same meeting. Raises MeetingRefused for a time that has
    passed, nobody invited, or a case that is not open.
    """
    if uuid is not None and (existing := Meeting.objects.filter(uuid=uuid).first()) is not None:
        return existing
    if episode.subject_id is None or episode.status not in (EpisodeStatus.OPEN, EpisodeStatus.WAITING):
        raise MeetingRefused(_("This case is not open, so no meeting can be called for it."))
    type_ = MeetingType.objects.filter(pk=kind, ended_at=None).first()
    if type_ is None:
        raise MeetingRefused(_("Choose the kind of meeting."), "kind")
    _check_time(starts_at)
    teams = list({each.team: each for each in teams if each.team != team}.values())
    if not teams and not people:
        raise MeetingRefused(_("Invite at least one other team or somebody of the family."), "teams")
    if len(teams) + len(people) > LARGEST:
        raise MeetingRefused(_("Invite at most %(most)s.") % {"most": LARGEST}, "teams")
    meeting = Meeting.objects.create(
        uuid=uuid or uuids.uuid4(),
        subject_id=episode.subject_id,
        category="plan",
        author_team_id=team,
        episode=episode,
        family_id=episode.family_id,
        kind=kind,
        called_as=type_.title,
        about=Person.objects.get(pk=episode.subject_id).name,
        starts_at=starts_at,
        place=place.strip()[:200],
        purpose=purpose.strip()[:500],
    )
    for each in teams:
        _invite(meeting, invited_team_id=each.team, practitioner_id=_current(each))
    for person in {(each.person, each.name): each for each in people}.values():
        _invite(meeting, person_id=person.person, words=person.name.strip()[:410])
    happened(
        by=by,
        episode=episode,
        kind="meeting.called",
        subjects=subjects_of(meeting),
        text=f"{meeting.title}: {uk_datetime(starts_at)}, {meeting.place}",
    )
    _tell(by, meeting, "meeting.called")
    return meeting


def _check_time(starts_at: dt.datetime) -> None:
    if starts_at < timezone.now():
        raise MeetingRefused(_("This time has passed. Give a time to come."), "starts_on")
    if starts_at > timezone.now() + dt.timedelta(days=366):
        raise MeetingRefused(_("This is more than a year away. Check the year."), "starts_on")


def _current(invited: InvitedTeam) -> int | None:
    if invited.practitioner is None:
        return None
    works = Membership.objects.current().filter(
        practitioner_id=invited.practitioner, team_id=invited.team, practitioner__left_at=None
    )
    return invited.practitioner if works.exists() else None


def _invite(meeting: Meeting, **who: object) -> MeetingInvitation:
    return MeetingInvitation.objects.create(
        subject_id=meeting.subject_id,
        category="plan",
        author_team_id=meeting.author_team_id,
        meeting=meeting,
        **who,
    )


def subjects_of(meeting: Meeting) -> list[int]:
    """Whom what happens to a meeting is about: the child, and the family where there is one."""
    return [each for each in (meeting.subject_id, meeting.family_id) if each is not None]


def _tell(by: Me, meeting: Meeting, kind: str) -> None:
    _notify(by, kind, meeting, list(standing_invitations(meeting)))


def told_of(invitations: Sequence[MeetingInvitation]) -> set[int]:
    """The practitioners whom what happens to a meeting is told: those named, and everybody of a whole team."""
    named = [each.practitioner_id for each in invitations if each.practitioner_id]
    whole = [
        each.invited_team_id for each in invitations if each.invited_team_id and not each.practitioner_id
    ]
    return {*named, *(members_of(whole) if whole else [])}


def _notify(by: Me, kind: str, meeting: Meeting, invitations: Sequence[MeetingInvitation]) -> None:
    who = told_of(invitations) - {by.principal}
    notify(practitioners=who, kind=kind, link=reverse("meetings:detail", args=[meeting.uuid]))


def standing_invitations(meeting: Meeting) -> list[MeetingInvitation]:
    """The invitations that were not withdrawn, teams before people, as far as I may see them."""
    rows = (
        MeetingInvitation.objects.filter(meeting=meeting, withdrawn_at=None)
        .select_related("invited_team", "invited_team__agency", "practitioner")
        .order_by("id")
    )
    return sorted(rows, key=lambda each: each.invited_team_id is None)


@transaction.atomic
def invite_team(*, by: Me, meeting: Meeting, team: int, practitioner: int | None = None) -> MeetingInvitation:
    """Invite one more team to a meeting to come, and tell it. A team that is invited already stays so."""
    _must_be_booked(meeting)
    if team == meeting.author_team_id:
        raise MeetingRefused(_("Your own team calls this meeting."), "team")
    if not Team.objects.filter(pk=team, ended_at=None).exists():
        raise MeetingRefused(_("Choose a team."), "team")
    Meeting.objects.select_for_update().get(pk=meeting.pk)
    existing = MeetingInvitation.objects.filter(meeting=meeting, invited_team_id=team, withdrawn_at=None)
    if (found := existing.first()) is not None:
        return found
    made = _invite(meeting, invited_team_id=team, practitioner_id=_current(InvitedTeam(team, practitioner)))
    _notify(by, "meeting.called", meeting, [made])
    return made


@transaction.atomic
def withdraw_invitation(*, by: Me, invitation: MeetingInvitation, version: int) -> MeetingInvitation:
    """Withdraw an invitation: from the next request on that team does not see the meeting."""
    _must_be_booked(invitation.meeting)
    if invitation.author_team_id not in by.teams:
        raise MeetingRefused(_("Only the team that calls a meeting withdraws an invitation."))
    _notify(by, "meeting.changed", invitation.meeting, [invitation])
    update_checked(invitation, version=version, withdrawn_at=timezone.now())
    return invitation


@transaction.atomic
def change_meeting(
    *, by: Me, meeting: Meeting, version: int, starts_at: dt.datetime, place: str, purpose: str
) -> Meeting:
    """Move a meeting, or say its purpose better. Teams invited are told. Raises StaleEdit or MeetingRefused."""
    _must_be_booked(meeting)
    if starts_at != meeting.starts_at:
        _check_time(starts_at)
    update_checked(
        meeting,
        version=version,
        starts_at=starts_at,
        place=place.strip()[:200],
        purpose=purpose.strip()[:500],
    )
    _tell(by, meeting, "meeting.changed")
    return meeting


@transaction.atomic
def cancel_meeting(*, by: Me, meeting: Meeting, version: int, reason: str) -> Meeting:
    """Cancel a meeting, with the reason. Teams invited are told. Raises StaleEdit or MeetingRefused."""
    _must_be_booked(meeting)
    if not reason.strip():
        raise MeetingRefused(_("Say why, so that those invited know."), "reason")
    update_checked(
        meeting, version=version, state=MeetingState.CANCELLED, cancelled_reason=reason.strip()[:300]
    )
    _tell(by, meeting, "meeting.cancelled")
    return meeting


@transaction.atomic
def answer_invitation(
    *, by: Me, invitation: MeetingInvitation, version: int, answer: str, words: str = ""
) -> MeetingInvitation:
    """Answer an invitation, for one's own team, or as the calling team what somebody said by telephone.

    Declining needs a reason, a deputy a name, a report its text. Raises StaleEdit or MeetingRefused.
    """
    meeting = invitation.meeting
    _must_be_booked(meeting)
    ours = invitation.invited_team_id in by.teams
    if not ours and invitation.author_team_id not in by.teams:
        raise MeetingRefused(_("Only those invited answer an invitation."))
    if answer not in InvitationAnswer.values or answer == InvitationAnswer.NEEDS_ACTION:
        raise MeetingRefused(_("Choose an answer."), "answer")
    needed = {
        InvitationAnswer.DECLINED.value: _("Say why."),
        InvitationAnswer.DEPUTY.value: _("Say who comes instead."),
        InvitationAnswer.REPORT.value: _("Write the report, or paste it."),
    }
    if ours and answer in needed and not words.strip():
        raise MeetingRefused(needed[answer], answer)
    update_checked(invitation, version=version, answer=answer, answered_at=timezone.now())
    if words.strip():
        MeetingReply.objects.create(
            subject_id=invitation.subject_id,
            category="plan",
            author_team_id=invitation.invited_team_id if ours else invitation.author_team_id,
            meeting=meeting,
            invitation=invitation,
            calling_team_id=invitation.author_team_id,
            answer=answer,
            words=words.strip()[:8000],
        )
    if ours:
        notify(
            practitioners=[meeting.recorded_by_id],
            kind="meeting.answered",
            link=reverse("meetings:detail", args=[meeting.uuid]),
        )
    return invitation


def _must_be_booked(meeting: Meeting) -> None:
    if meeting.state == MeetingState.CANCELLED:
        raise MeetingRefused(_("This meeting is cancelled."))
    if meeting.state == MeetingState.FULFILLED:
        raise MeetingRefused(_("This meeting was held and its minutes recorded."))
