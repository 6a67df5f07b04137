"""An action that anyone owes: what, who, by when, and whether it is done."""

from __future__ import annotations

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
