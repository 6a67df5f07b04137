"""What is owed and what is arranged: actions with owner and date, and appointments of the family."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.db import models
from django.db.models import F, Q

from teamaround.access.models import Recorded
from teamaround.agencies.models import Practitioner, Team
from teamaround.database.history import keep_history


class TaskState(models.TextChoices):
    """States of an action, in the words of FHIR's Task where they fit."""

    REQUESTED = "requested", "To do"
    ACCEPTED = "accepted", "Taken on"
    COMPLETED = "completed", "Done"
    CANCELLED = "cancelled", "Not needed"


OPEN_STATES = (TaskState.REQUESTED, TaskState.ACCEPTED)


class TaskQuerySet(models.QuerySet["Task"]):
    """Actions: what is still owed, in which order, with whose names."""

    def open(self) -> TaskQuerySet:
        """Actions that somebody still owes."""
        return self.filter(state__in=OPEN_STATES)

    def by_due_date(self) -> TaskQuerySet:
        """The soonest first; those without a date last."""
        return self.order_by(F("due_on").asc(nulls_last=True), "id")

    def with_owner(self) -> TaskQuerySet:
        """With the names that a line of a list shows."""
        return self.select_related("owner", "owner_team", "owner_team__agency", "author_team")


@keep_history()
class Task(Recorded):
    """An action about one subject. It is owed by a practitioner, by a team, or by somebody named in words.

    The team that owes it reads it without a grant, and says when it is done: that is what asking somebody
    means. `episode` is the number of the case that it came from, where there is one.
    """

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    title = models.CharField(max_length=300)
    owner = models.ForeignKey(Practitioner, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    owner_team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    owner_words = models.CharField(max_length=120, blank=True)
    due_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=9, choices=TaskState.choices, default=TaskState.REQUESTED)
    completed_at = models.DateTimeField(null=True, blank=True)
    episode = models.BigIntegerField(null=True, blank=True, db_index=True)
    objects = TaskQuerySet.as_manager()

    class Meta:
        db_table = "task"
        indexes = [
            models.Index(
                fields=["owner", "due_on"],
                condition=Q(state__in=["requested", "accepted"]),
                name="task_owed_by_practitioner",
            ),
            models.Index(
                fields=["owner_team", "due_on"],
                condition=Q(state__in=["requested", "accepted"]),
                name="task_owed_by_team",
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="task_says_what"),
            models.CheckConstraint(
                condition=Q(owner_team__isnull=False, owner_words="")
                | (Q(owner_team=None, owner=None) & ~Q(owner_words="")),
                name="task_has_one_owner",
            ),
            models.CheckConstraint(
                condition=Q(state="completed", completed_at__isnull=False)
                | (~Q(state="completed") & Q(completed_at=None)),
                name="task_completed_at_with_state",
            ),
        ]

    @property
    def is_open(self) -> bool:
        """Whether somebody still owes it."""
        return self.state in OPEN_STATES

    @property
    def owner_name(self) -> str:
        """Who owes it, in words."""
        if self.owner_words:
            return self.owner_words
        team: Any = self.owner_team
        return f"{self.owner.name}, {team.name}" if self.owner else team.name


class AppointmentKind(models.Model):
    """A kind of appointment that the partnership makes, in its own words. It names nobody.

    `called` is the neutral title that calendars show; `assessment` says that the family is assessed at it. A kind
    that ended is offered no more; appointments made before keep its words.
    """

    key = models.SlugField(max_length=30, primary_key=True)
    title = models.CharField(max_length=80)
    called = models.CharField(max_length=60, help_text="What a calendar shows.")
    assessment = models.BooleanField(default=False)
    lasts = models.PositiveSmallIntegerField(default=60, help_text="Minutes.")
    position = models.PositiveSmallIntegerField(default=100)
    ended_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    set_by = models.ForeignKey(Practitioner, on_delete=models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "appointment_kind"
        ordering = ["position", "title"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(title="") & ~Q(called=""), name="appointment_kind_says_what_it_is_called"
            ),
            models.CheckConstraint(
                condition=Q(lasts__gte=5, lasts__lte=720), name="appointment_kind_lasts_sensibly"
            ),
        ]


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    """Appointments, as far as the reader may see them."""

    def standing(self) -> AppointmentQuerySet:
        """Those that were not cancelled."""
        return self.filter(cancelled_at=None)

    def within(self, after: dt.datetime, until: dt.datetime) -> AppointmentQuerySet:
        """Those that take any of the time from `after` up to, not including, `until`."""
        return self.filter(starts_at__lt=until, ends_at__gt=after)

    def with_whom(self) -> AppointmentQuerySet:
        """With the names that a line of a diary shows."""
        return self.select_related("practitioner", "with_team", "with_team__agency", "author_team__agency")


@keep_history()
class Appointment(Recorded):
    """An appointment of one person, or of a family as a whole; an `occurrence` for several has a row for each.

    The author team makes, moves and cancels it. It is with a team (and one practitioner of it), which reads it
    without a grant, or with somebody in words. `called_as` is the kind's title as it was then; `title` is what
    calendars show, and says nothing of the case. The category is the database's own statement: `plan`, or the
    category of a sensitive service's work.
    """

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    occurrence = models.UUIDField(db_index=True)
    kind = models.CharField(max_length=30)
    called_as = models.CharField(max_length=80)
    assessment = models.BooleanField(default=False)
    title = models.CharField(max_length=60)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    place = models.CharField(max_length=200, blank=True)
    with_team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    practitioner = models.ForeignKey(
        Practitioner, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    with_words = models.CharField(max_length=120, blank=True)
    episode = models.BigIntegerField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_reason = models.CharField(max_length=300, blank=True)
    objects = AppointmentQuerySet.as_manager()

    class Meta:
        db_table = "appointment"
        indexes = [
            models.Index(fields=["subject", "starts_at"], name="appointment_of_subject"),
            models.Index(fields=["practitioner", "starts_at"], name="appointment_of_practitioner"),
            models.Index(fields=["with_team", "starts_at"], name="appointment_of_team"),
        ]
        constraints = [
            models.UniqueConstraint(
                "occurrence", "subject", "author_team", name="appointment_once_a_subject"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="appointment_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=~Q(title="") & ~Q(called_as=""), name="appointment_says_what_it_is"
            ),
            models.CheckConstraint(
                condition=Q(with_team__isnull=False, with_words="")
                | (Q(with_team=None, practitioner=None) & ~Q(with_words="")),
                name="appointment_is_with_one",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at=None, cancelled_reason="")
                | (Q(cancelled_at__isnull=False) & ~Q(cancelled_reason="")),
                name="appointment_cancelled_with_a_reason",
            ),
        ]

    @property
    def whom(self) -> str:
        """With whom it is, in words."""
        if self.with_words:
            return self.with_words
        team: Any = self.with_team
        name = f"{team.name}, {team.agency.name}"
        return f"{self.practitioner.name}, {name}" if self.practitioner else name
