"""Episodes keep the version of the procedure they began under; clocks are derived from their events."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from teamaround.access.models import Recorded, Subject
from teamaround.agencies.models import Practitioner, Skill, Team
from teamaround.database.history import keep_history


class ProcedureVersion(models.Model):
    """One version of a procedure, as the text a partnership wrote."""

    slug = models.SlugField(max_length=60)
    number = models.PositiveIntegerField()
    text = models.TextField()
    effective_from = models.DateTimeField(db_default=Now())
    published_by = models.ForeignKey(
        Practitioner,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Written by the database; nobody for a version that came with the product.",
    )
    published_at = models.DateTimeField(db_default=Now(), editable=False)
    note = models.CharField(max_length=300, blank=True, db_default="", help_text="What changed, and why.")
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    withdrawn_by = models.ForeignKey(
        Practitioner, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    withdrawn_why = models.CharField(max_length=300, blank=True, db_default="")

    class Meta:
        db_table = "procedure_version"
        constraints = [models.UniqueConstraint("slug", "number", name="procedure_version_once")]


class EpisodeStatus(models.TextChoices):
    """FHIR EpisodeOfCare words are kept apart: these are the field's."""

    WAITING = "waiting", "Waiting to be accepted"
    OPEN = "open", "Open"
    CLOSED = "closed", "Closed"
    DECLINED = "declined", "Not accepted"
    REVERSED = "reversed", "Taken back"


class Priority(models.TextChoices):
    """How soon a referral has to be looked at."""

    IMMEDIATE = "immediate", "Immediate"
    STANDARD = "standard", "Standard"


@keep_history()
class Episode(Recorded):
    """One spell of a team's work with a child and the family. The subject is the child referred.

    It begins waiting, with the referral; the subject may be unknown until the referral is matched. The
    referring team may read the row, and nothing else of the case: that is its view of the status.
    """

    subject = models.ForeignKey(  # type: ignore[assignment]  # unknown until the referral is matched
        Subject, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    referring_team = models.ForeignKey(
        Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    family = models.ForeignKey(Subject, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    procedure = models.ForeignKey(ProcedureVersion, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=8, choices=EpisodeStatus.choices, default="waiting")
    priority = models.CharField(max_length=10, choices=Priority.choices, default="standard")
    stage = models.CharField(max_length=40, blank=True)
    opened_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome_for_referrer = models.CharField(
        max_length=300,
        blank=True,
        db_default="",
        help_text="What the referrer is told about how it ended; nothing of the case itself.",
    )

    class Meta:
        db_table = "episode"
        indexes = [models.Index(fields=["author_team", "status", "-id"], name="episode_worklist")]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="closed", closed_at__isnull=False)
                | (~Q(status="closed") & Q(closed_at=None)),
                name="episode_closed_at_with_status",
            ),
            models.CheckConstraint(
                condition=Q(subject__isnull=False) | Q(status__in=["waiting", "declined", "reversed"]),
                name="episode_open_names_its_child",
            ),
        ]


@keep_history()
class Allocation(Recorded):
    """A named worker for an episode, for a period."""

    subject = models.ForeignKey(  # type: ignore[assignment]  # unknown until the referral is matched
        Subject, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="allocations")
    practitioner = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField(db_default=Now())
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "allocation"
        indexes = [models.Index(fields=["practitioner", "until"], name="allocation_caseload")]
        constraints = [
            models.UniqueConstraint(
                fields=["episode"], condition=Q(until=None), name="allocation_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="allocation_ends_after_it_starts"
            ),
        ]


class Clock(models.Model):
    """A clock of an episode, as the engine last derived it from the events. Rebuilt, never edited."""

    id = models.BigAutoField(primary_key=True)
    episode = models.ForeignKey(Episode, on_delete=models.CASCADE, related_name="clocks")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, null=True, related_name="+")
    category = models.CharField(max_length=16)
    author_team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+", db_index=False)
    owner = models.ForeignKey(
        Practitioner, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    key = models.CharField(max_length=40)
    title = models.CharField(max_length=120)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=400)
    link = models.CharField(max_length=40, blank=True)

    class Meta:
        db_table = "clock"
        indexes = [
            models.Index(
                fields=["author_team", "due_at"], condition=Q(stopped_at=None), name="clock_team_running"
            ),
            models.Index(
                fields=["owner", "due_at"], condition=Q(stopped_at=None), name="clock_owner_running"
            ),
            models.Index(fields=["due_at"], condition=Q(stopped_at=None), name="clock_due_running"),
        ]


class ClockReport(models.Model):
    """That a clock was found late, and when: it stays, whatever is recorded or corrected later.

    `round` counts the rounds of a clock that begins again, from 1. `step` 0 is the first telling; each further one is a
    rung of the procedure's ladder. Written by the service that watches clocks, and by nobody else.
    """

    id = models.BigAutoField(primary_key=True)
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="clock_reports")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, null=True, related_name="+")
    category = models.CharField(max_length=16)
    author_team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(
        Practitioner, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    key = models.CharField(max_length=40)
    title = models.CharField(max_length=120)
    round = models.PositiveSmallIntegerField()
    step = models.PositiveSmallIntegerField(default=0, db_default=0)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    told_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "clock_report"
        constraints = [
            models.UniqueConstraint("episode", "key", "round", "step", name="clock_report_once"),
        ]


class ClockReminder(models.Model):
    """That somebody is told of a clock before it is due: the moment, whom, and when they were told.

    `step` counts the reminders of the clock's rule from 1. Written with the clocks; told once each by the service that
    watches clocks.
    """

    id = models.BigAutoField(primary_key=True)
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="clock_reminders")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, null=True, related_name="+")
    category = models.CharField(max_length=16)
    author_team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(max_length=40)
    started_at = models.DateTimeField()
    step = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    who = models.CharField(max_length=20)
    told_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "clock_reminder"
        indexes = [models.Index(fields=["at"], condition=Q(told_at=None), name="clock_reminder_to_come")]
        constraints = [
            models.UniqueConstraint("episode", "key", "started_at", "step", name="clock_reminder_once"),
        ]


class Reckoning(models.Model):
    """How far the clocks of the area follow a change of calendars. Written batch by batch, so that it can be interrupted."""

    stamp = models.UUIDField(unique=True)
    begun_at = models.DateTimeField(db_default=Now())
    reached = models.BigIntegerField(db_default=0)
    seen = models.BigIntegerField(db_default=0)
    moved = models.BigIntegerField(db_default=0)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "clock_reckoning"


class ProcedureDraft(models.Model):
    """A procedure as it is being changed: one draft for the area, which the partnership officers share.

    It is open while its text differs from that of the version it is based on. Publishing bases it on the new
    version. A procedure that is new is based on none; without a text it was thrown away. `version` guards against two
    who save at once.
    """

    slug = models.SlugField(max_length=60, unique=True)
    based_on = models.ForeignKey(
        ProcedureVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    text = models.TextField()
    by = models.ForeignKey(
        Practitioner, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    changed_at = models.DateTimeField(db_default=Now(), editable=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        db_table = "procedure_draft"


class EpisodeMove(Recorded):
    """A running episode was put under another version of its procedure, by whom and why. Append-only.

    `undoes` points to the move that this one takes back.
    """

    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="moves")
    from_version = models.ForeignKey(ProcedureVersion, on_delete=models.PROTECT, related_name="+")
    to_version = models.ForeignKey(ProcedureVersion, on_delete=models.PROTECT, related_name="+")
    undoes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="undone_by"
    )
    reason = models.CharField(max_length=500)

    class Meta:
        db_table = "episode_move"
        indexes = [models.Index(fields=["episode", "-id"], name="episode_move_latest")]
        constraints = [
            models.CheckConstraint(condition=~Q(from_version=F("to_version")), name="episode_move_to_another")
        ]


class LinkKind(models.TextChoices):
    """How one case goes on in another."""

    STEP_UP = "step_up", "Step up"
    STEP_DOWN = "step_down", "Step down"
    TRANSFER = "transfer", "Transfer"
    REOPEN = "reopen", "Re-opened"


class EpisodeLink(Recorded):
    """One case goes on in another: from whose case it comes, and how. Append-only.

    Read by whoever reads both episodes, and by nobody else. With `lead` the team of the new episode leads once it
    accepts; the team that it comes from leads until then. `occurrence` is the event that asked for it.
    """

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    episode = models.OneToOneField(Episode, on_delete=models.PROTECT, related_name="came_from")
    from_episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="goes_on")
    kind = models.CharField(max_length=9, choices=LinkKind.choices)
    lead = models.BooleanField(default=False)
    reason = models.CharField(max_length=500)
    occurrence = models.UUIDField(unique=True)

    class Meta:
        db_table = "episode_link"
        constraints = [
            models.CheckConstraint(
                condition=~Q(episode=F("from_episode")), name="episode_link_joins_two_cases"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="episode_link_says_why"),
        ]


@keep_history()
class FollowUp(Recorded):
    """A day on which the family is asked how they are after closing, and by whom. It drives the follow-up clock.

    One that was agreed no longer is `dropped`. Without a practitioner it is for the managers of the team.
    """

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="follow_ups")
    due_on = models.DateField()
    practitioner = models.ForeignKey(
        Practitioner, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    dropped = models.BooleanField(default=False)

    class Meta:
        db_table = "follow_up"
        constraints = [models.UniqueConstraint("episode", "due_on", name="follow_up_once_a_day")]


class Prefers(models.TextChoices):
    """Whom the young person would rather talk with."""

    NOT_TOLD = "", "Nothing was said"
    EITHER = "E", "It does not matter to them"
    WOMAN = "F", "A woman"
    MAN = "M", "A man"


@keep_history()
class AllocationWish(Recorded):
    """What the worker of an episode should bring: whom the young person asks for, languages, skills. One an episode."""

    subject = models.ForeignKey(  # type: ignore[assignment]  # unknown until the referral is matched
        Subject, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    episode = models.OneToOneField(Episode, on_delete=models.PROTECT, related_name="wish")
    prefers = models.CharField(max_length=1, choices=Prefers.choices, blank=True, default="")
    languages = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    skills = ArrayField(models.CharField(max_length=16, choices=Skill.choices), default=list, blank=True)

    class Meta:
        db_table = "allocation_wish"
