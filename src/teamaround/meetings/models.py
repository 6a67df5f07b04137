"""Meetings about a child and family.

When, where and why stand on the meeting, which those invited may read. What was said there stands in tables
of its own: to be invited is no right to the minutes.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from teamaround.access.models import Recorded, Subject
from teamaround.agencies.models import Panel, Practitioner, Team
from teamaround.database.history import keep_history
from teamaround.people.models import Person
from teamaround.procedures.models import Episode
from teamaround.sharing.models import AgendaItem
from teamaround.tasks.models import Task

from .kinds import MEETING_KINDS, Need, PanelOutcome, PanelReason


class MeetingType(models.Model):
    """A kind of meeting that the partnership holds, in its own words. It names nobody.

    `event` is the kind of event that holding one records beside `meeting.held`. A type that ended is offered
    no more; meetings called under it keep its words.
    """

    key = models.SlugField(max_length=30, primary_key=True)
    title = models.CharField(max_length=120)
    usually = models.CharField(max_length=500, help_text="Who is usually invited.")
    event = models.CharField(max_length=30, default="meeting.held")
    position = models.PositiveSmallIntegerField(default=100)
    ended_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    set_by = models.ForeignKey(Practitioner, on_delete=models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "meeting_type"
        ordering = ["position", "title"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(title="") & ~Q(usually="") & ~Q(event=""), name="meeting_type_says_what_and_who"
            ),
        ]


class MeetingState(models.TextChoices):
    """States of a meeting, in the words of FHIR's Appointment."""

    PROPOSED = "proposed", "Proposed"
    BOOKED = "booked", "Booked"
    FULFILLED = "fulfilled", "Held"
    CANCELLED = "cancelled", "Cancelled"


class InvitationAnswer(models.TextChoices):
    """What an invited team or person answered."""

    NEEDS_ACTION = "needs-action", "No answer yet"
    ACCEPTED = "accepted", "Comes"
    DECLINED = "declined", "Cannot come"
    DEPUTY = "deputy", "Sends a deputy"
    REPORT = "report", "Sends a report instead"


def title_of(kind: str, called_as: str) -> str:
    """What a meeting of a kind is called: the words under which it was called, else the shipped ones."""
    shipped = MEETING_KINDS.get(kind)
    return called_as or (shipped.title if shipped else kind)


@keep_history()
class Meeting(Recorded):
    """A meeting about the child of an episode. The author team calls it.

    `about` is the child's name as those invited read it: an invited team need not have the child's record.
    `called_as` is the type's title as it was then; a meeting called before types had words has none.
    The category is the database's own statement: `plan`, or the category of a sensitive service's work.
    """

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="meetings")
    family = models.ForeignKey(Subject, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=30)
    called_as = models.CharField(max_length=120, blank=True, db_default="")
    state = models.CharField(max_length=9, choices=MeetingState.choices, default=MeetingState.BOOKED)
    about = models.CharField(max_length=410)
    starts_at = models.DateTimeField()
    place = models.CharField(max_length=200)
    purpose = models.CharField(max_length=500)
    cancelled_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "meeting"
        indexes = [models.Index(fields=["author_team", "-starts_at", "-id"], name="meeting_of_team")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="cancelled") | Q(cancelled_reason=""), name="meeting_reason_with_cancelling"
            ),
            models.CheckConstraint(
                condition=~Q(place="") & ~Q(purpose="") & ~Q(about=""), name="meeting_says_where_and_why"
            ),
        ]

    @property
    def title(self) -> str:
        """The kind of meeting in the words under which it was called."""
        return title_of(self.kind, self.called_as)


@keep_history()
class MeetingInvitation(Recorded):
    """Who is invited: a team, one practitioner of it, or somebody of the family.

    The author is the team that calls. The invited team writes its answer. That a sensitive service is
    invited is seen by the two teams and by nobody else without a grant for that service's category.
    """

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="invitations")
    invited_team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    practitioner = models.ForeignKey(
        Practitioner, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    words = models.CharField(max_length=410, blank=True)
    answer = models.CharField(max_length=12, choices=InvitationAnswer.choices, default="needs-action")
    answered_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "meeting_invitation"
        indexes = [models.Index(fields=["invited_team", "meeting"], name="meeting_invitation_of_team")]
        constraints = [
            models.CheckConstraint(
                condition=Q(invited_team__isnull=False, words="", person=None)
                | (Q(invited_team=None, practitioner=None) & ~Q(words="")),
                name="meeting_invitation_is_to_one",
            ),
            models.CheckConstraint(
                condition=Q(answer="needs-action", answered_at=None)
                | (~Q(answer="needs-action") & Q(answered_at__isnull=False)),
                name="meeting_invitation_answered_at_with_answer",
            ),
            models.UniqueConstraint(
                fields=["meeting", "invited_team"],
                condition=Q(withdrawn_at=None),
                name="meeting_invitation_once_a_team",
            ),
            models.UniqueConstraint(
                fields=["meeting", "person"],
                condition=Q(withdrawn_at=None),
                name="meeting_invitation_once_a_person",
            ),
        ]

    @property
    def name(self) -> str:
        """Who is invited, in words."""
        if self.invited_team is None:
            return self.words
        return (
            f"{self.practitioner.name}, {self.invited_team.name}"
            if self.practitioner
            else self.invited_team.name
        )


@keep_history()
class MeetingReply(Recorded):
    """What an invited team wrote with its answer: why it cannot come, who comes instead, or its report.

    Written by the invited team; read by that team, by the team that called, and under a grant.
    """

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="replies")
    invitation = models.ForeignKey(MeetingInvitation, on_delete=models.PROTECT, related_name="replies")
    calling_team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    answer = models.CharField(max_length=12, choices=InvitationAnswer.choices)
    words = models.CharField(max_length=8000)

    class Meta:
        db_table = "meeting_reply"
        verbose_name_plural = "meeting replies"
        constraints = [models.CheckConstraint(condition=~Q(words=""), name="meeting_reply_says_something")]


@keep_history()
class MeetingMinutes(Recorded):
    """That a meeting was held, and what else is to be kept of it."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    meeting = models.OneToOneField(Meeting, on_delete=models.PROTECT, related_name="minutes")
    held_at = models.DateTimeField()
    views_missing = models.CharField(max_length=1000, blank=True)
    notes = models.CharField(max_length=8000, blank=True)
    dissent = models.CharField(max_length=2000, blank=True)
    next_on = models.DateField(null=True, blank=True)

    class Meta:
        db_table = "meeting_minutes"
        verbose_name_plural = "meeting minutes"


@keep_history()
class MeetingView(Recorded):
    """What somebody of the family said, in their own words. It stands before what others decided."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="views")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    whose = models.CharField(max_length=410)
    text = models.CharField(max_length=4000)

    class Meta:
        db_table = "meeting_view"
        constraints = [
            models.CheckConstraint(condition=~Q(whose="") & ~Q(text=""), name="meeting_view_of_somebody")
        ]


@keep_history()
class MeetingAttendance(Recorded):
    """Whether somebody came: one who was invited, a colleague of the calling team, or another by name."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="attendances")
    invitation = models.ForeignKey(
        MeetingInvitation, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    words = models.CharField(max_length=410)
    came = models.BooleanField()

    class Meta:
        db_table = "meeting_attendance"
        constraints = [
            models.CheckConstraint(condition=~Q(words=""), name="meeting_attendance_names_somebody")
        ]


@keep_history()
class MeetingDecision(Recorded):
    """One thing that was decided, in the order in which it was written down."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="decisions")
    position = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=1000)

    class Meta:
        db_table = "meeting_decision"
        constraints = [
            models.UniqueConstraint("meeting", "position", name="meeting_decision_in_order"),
            models.CheckConstraint(condition=~Q(text=""), name="meeting_decision_says_something"),
        ]


@keep_history()
class MeetingAction(Recorded):
    """An action that somebody took on at the meeting. What is owed, by whom and when, is the action's own."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="actions")
    task = models.OneToOneField(Task, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "meeting_action"


@keep_history()
class MinuteLine(Recorded):
    """One paragraph of the minutes, written while the meeting is held: several people write at once.

    The category is the meeting's, or a narrower one: then only those with a grant for that read the paragraph.
    `beside` names the paragraph that somebody changed meanwhile: the two texts stand side by side until somebody
    settles them. A paragraph taken out keeps its words.
    """

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveIntegerField()
    text = models.CharField(max_length=4000)
    beside = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "minute_line"
        indexes = [models.Index(fields=["meeting", "position", "id"], name="minute_line_in_order")]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="minute_line_says_something")]


class PanelSitting(models.Model):
    """When and where a panel sits, and for how long. It names nobody: what is on its agenda are its items."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="sittings")
    starts_at = models.DateTimeField()
    place = models.CharField(max_length=200)
    lasts = models.PositiveSmallIntegerField(help_text="Minutes.")
    closed_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    set_by = models.ForeignKey(Practitioner, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "panel_sitting"
        indexes = [models.Index(fields=["panel", "-starts_at"], name="panel_sitting_of_panel")]
        constraints = [
            models.CheckConstraint(
                condition=Q(lasts__gte=15, lasts__lte=600), name="panel_sitting_lasts_sensibly"
            )
        ]


@keep_history()
class PanelItem(Recorded):
    """A case at one sitting: its place and minutes, what came of it, and what it showed to be missing here.

    The author is the team that put the case on the agenda; the panel writes. Neither the category nor a grant
    opens it to anybody else.
    """

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    sitting = models.ForeignKey(PanelSitting, on_delete=models.PROTECT, related_name="items")
    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="+")
    agenda_item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=10, choices=PanelReason.choices)
    urgency = models.PositiveSmallIntegerField()
    rank = models.PositiveSmallIntegerField()
    minutes = models.PositiveSmallIntegerField()
    outcome = models.CharField(max_length=10, choices=PanelOutcome.choices, blank=True)
    decision = models.CharField(max_length=1000, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)
    gap_need = models.CharField(max_length=12, choices=Need.choices, blank=True)
    gap_area = models.CharField(max_length=60, blank=True)
    gap_note = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "panel_item"
        constraints = [
            models.UniqueConstraint("sitting", "agenda_item", name="panel_item_once_a_sitting"),
            models.CheckConstraint(
                condition=Q(outcome="", decided_at=None) | (~Q(outcome="") & Q(decided_at__isnull=False)),
                name="panel_item_decided_at_with_outcome",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["", "deferred"]) | ~Q(decision=""),
                name="panel_item_says_its_decision",
            ),
            models.CheckConstraint(
                condition=~Q(gap_need="") | Q(gap_area="", gap_note=""), name="panel_item_gap_names_a_need"
            ),
        ]
