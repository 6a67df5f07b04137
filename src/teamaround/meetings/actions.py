"""Business events of a meeting: called, changed, cancelled, answered, held."""

from __future__ import annotations

import datetime as dt
import uuid as uuids
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.edits import StaleEdit, update_checked
from teamaround.access.me import Me
from teamaround.agencies.models import Membership, Team
from teamaround.notices.actions import members_of, notify
from teamaround.people.models import Person
from teamaround.procedures.actions import happened
from teamaround.procedures.models import Episode, EpisodeStatus
from teamaround.tasks.actions import Owner, TaskRefused, add_task
from teamaround.ui.presentation import uk_datetime

from .kinds import MEETING_KINDS
from .models import (
    InvitationAnswer,
    Meeting,
    MeetingAction,
    MeetingAttendance,
    MeetingDecision,
    MeetingInvitation,
    MeetingMinutes,
    MeetingReply,
    MeetingState,
    MeetingView,
)

LARGEST = 60


class MeetingRefused(ValueError):
    """The step cannot be taken; `field` names the form field, the message says what to do."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


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
    if kind not in MEETING_KINDS:
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
        subjects=_subjects(meeting),
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


def _subjects(meeting: Meeting) -> list[int]:
    return [each for each in (meeting.subject_id, meeting.family_id) if each is not None]


def _tell(by: Me, meeting: Meeting, kind: str) -> None:
    _notify(by, kind, meeting, list(standing_invitations(meeting)))


def _notify(by: Me, kind: str, meeting: Meeting, invitations: Sequence[MeetingInvitation]) -> None:
    named = [each.practitioner_id for each in invitations if each.practitioner_id]
    whole = [
        each.invited_team_id for each in invitations if each.invited_team_id and not each.practitioner_id
    ]
    who = {*named, *(members_of(whole) if whole else [])} - {by.principal}
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


@dataclass(frozen=True, slots=True)
class ViewTyped:
    """The views of one member of the family."""

    whose: str
    text: str
    person: int | None = None


@dataclass(frozen=True, slots=True)
class ActionTyped:
    """An action taken on at the meeting; `row` names the form's row for a refusal."""

    title: str
    owner: Owner
    due_on: dt.date | None
    row: int = 0


@dataclass(frozen=True, slots=True)
class MinutesTyped:
    """What is recorded of a meeting. `came` holds the primary keys of invitations."""

    held_at: dt.datetime
    views: Sequence[ViewTyped] = ()
    views_missing: str = ""
    came: Sequence[int] = ()
    also_came: Sequence[str] = ()
    decisions: Sequence[str] = ()
    dissent: str = ""
    actions: Sequence[ActionTyped] = ()
    notes: str = ""
    next_on: dt.date | None = None
    family: Sequence[str] = field(default_factory=tuple)


@transaction.atomic
def record_minutes(
    *, by: Me, meeting: Meeting, version: int, typed: MinutesTyped, uuid: uuids.UUID | None = None
) -> MeetingMinutes:
    """Record that a meeting was held: the family's views first, then who came, what was decided, who does what.

    `family` of what was typed names those whose views are to be asked; where one is missing, the reason must
    stand. Recorded again under the same `uuid`, they are the same minutes. Raises MeetingRefused, or StaleEdit
    where the meeting moved on.
    """
    if uuid is not None and (existing := MeetingMinutes.objects.filter(uuid=uuid).first()) is not None:
        return existing
    if meeting.state != MeetingState.BOOKED or meeting.version != version:
        raise StaleEdit
    _check_minutes(meeting, typed)
    update_checked(meeting, version=version, state=MeetingState.FULFILLED)
    common = {
        "subject_id": meeting.subject_id,
        "category": meeting.category,
        "author_team_id": meeting.author_team_id,
        "meeting": meeting,
    }
    MeetingView.objects.bulk_create(
        MeetingView(**common, whose=view.whose[:410], text=view.text.strip()[:4000], person_id=view.person)
        for view in typed.views
        if view.text.strip()
    )
    minutes = MeetingMinutes.objects.create(
        **common,
        uuid=uuid or uuids.uuid4(),
        held_at=typed.held_at,
        views_missing=typed.views_missing.strip()[:1000],
        notes=typed.notes.strip()[:8000],
        dissent=typed.dissent.strip()[:2000],
        next_on=typed.next_on,
    )
    _record_attendance(meeting, common, typed)
    MeetingDecision.objects.bulk_create(
        MeetingDecision(**common, position=position, text=text.strip()[:1000])
        for position, text in enumerate((each for each in typed.decisions if each.strip()), 1)
    )
    _record_actions(by, meeting, common, typed.actions)
    happened(
        by=by,
        episode=meeting.episode,
        kind="meeting.held",
        subjects=_subjects(meeting),
        happened_at=typed.held_at,
        text=meeting.title,
    )
    return minutes


def _check_minutes(meeting: Meeting, typed: MinutesTyped) -> None:
    if typed.held_at > timezone.now():
        raise MeetingRefused(_("This lies in the future. Record the meeting once it was held."), "held_on")
    given = {view.whose for view in typed.views if view.text.strip()}
    silent = [name for name in typed.family if name not in given]
    if silent and not typed.views_missing.strip():
        raise MeetingRefused(
            _("Record the views of %(names)s first, or say why they are missing.")
            % {"names": ", ".join(silent)},
            "views_missing",
        )
    if typed.next_on is not None and typed.next_on < timezone.localdate(typed.held_at):
        raise MeetingRefused(_("The next date lies before this meeting."), "next_on")


def _record_attendance(meeting: Meeting, common: dict[str, object], typed: MinutesTyped) -> None:
    rows = [
        MeetingAttendance(
            **{**common, "category": each.category},
            invitation=each,
            words=each.name[:410],
            came=each.pk in typed.came,
        )
        for each in standing_invitations(meeting)
    ]
    rows += [
        MeetingAttendance(**common, words=name.strip()[:410], came=True)
        for name in typed.also_came
        if name.strip()
    ]
    MeetingAttendance.objects.bulk_create(rows)


def _record_actions(
    by: Me, meeting: Meeting, common: dict[str, object], typed: Sequence[ActionTyped]
) -> None:
    owed: set[int] = set()
    for each in typed:
        try:
            task = add_task(
                by=by,
                team=meeting.author_team_id,
                subject=meeting.subject_id,
                title=each.title,
                owner=each.owner,
                due_on=each.due_on,
                episode=meeting.episode_id,
            )
        except TaskRefused as refused:
            name = {"owner": "action_owner", "due_on": "action_due"}.get(refused.field, "action_what")
            raise MeetingRefused(str(refused), f"{name}_{each.row}") from refused
        MeetingAction.objects.create(**common, task=task)
        if each.owner.practitioner is not None:
            owed.add(each.owner.practitioner)
        elif each.owner.team is not None:
            owed |= set(members_of([each.owner.team]))
    notify(
        practitioners=owed - {by.principal},
        kind="task.given",
        link=reverse("meetings:detail", args=[meeting.uuid]),
    )


def _must_be_booked(meeting: Meeting) -> None:
    if meeting.state == MeetingState.CANCELLED:
        raise MeetingRefused(_("This meeting is cancelled."))
    if meeting.state == MeetingState.FULFILLED:
        raise MeetingRefused(_("This meeting was held and its minutes recorded."))
