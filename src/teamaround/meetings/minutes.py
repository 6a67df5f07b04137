"""What is recorded of a meeting that was held: views, who came, what was decided, who does what."""

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
from teamaround.index.acquaintance import acquaint
from teamaround.index.models import How
from teamaround.notices.actions import members_of, notify
from teamaround.procedures.actions import happened
from teamaround.tasks.actions import Owner, TaskRefused, add_task

from .actions import MeetingRefused, standing_invitations, subjects_of, told_of
from .lines import unsettled
from .models import (
    Meeting,
    MeetingAction,
    MeetingAttendance,
    MeetingDecision,
    MeetingMinutes,
    MeetingState,
    MeetingView,
)
from .types import event_of


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
    check_minutes(meeting, typed)
    if unsettled(meeting):
        raise MeetingRefused(
            _(
                "Two texts of one paragraph stand side by side. Say first, where it was written, which stands."
            ),
            "notes",
        )
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
    _acquaint(by, meeting, typed)
    owed = _record_actions(by, meeting, common, typed.actions)
    invited = told_of(standing_invitations(meeting)) - owed - {by.principal}
    notify(
        practitioners=invited,
        kind="meeting.recorded",
        link=reverse("meetings:detail", args=[meeting.uuid]),
    )
    happened(
        by=by,
        episode=meeting.episode,
        kind="meeting.held",
        subjects=subjects_of(meeting),
        happened_at=typed.held_at,
        text=meeting.title,
        as_chair=True,
    )
    if further := event_of(meeting.kind):
        happened(
            by=by,
            episode=meeting.episode,
            kind=further,
            subjects=subjects_of(meeting),
            happened_at=typed.held_at,
            text=meeting.title,
            as_chair=True,
        )
    return minutes


def _acquaint(by: Me, meeting: Meeting, typed: MinutesTyped) -> None:
    """Whoever came knows of each other from now on."""
    came = meeting.invitations.filter(pk__in=typed.came).values_list("invited_team_id", flat=True)
    acquaint(by=by, subject=meeting.subject_id, teams=[meeting.author_team_id, *came], how=How.MET)


def check_minutes(meeting: Meeting, typed: MinutesTyped) -> None:
    """Raise MeetingRefused for a time to come, views that are missing without a reason, or a next date before it."""
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
) -> set[int]:
    """Record the actions and tell those who owe one, whom it returns."""
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
    return owed
