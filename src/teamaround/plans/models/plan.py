"""The plan of an episode: goals of each member and of the whole family, their actions, agreement, reviews.

Every row names its own subject, so that who may read a family's plan reads nothing of a member's goals
without a right of their own. The database holds that what hangs on a goal is about the goal's subject.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from teamaround.access.models import Recorded
from teamaround.database.history import keep_history
from teamaround.procedures.models import Episode
from teamaround.tasks.models import Task


class PlanState(models.TextChoices):
    """States of a plan, in the words of FHIR's CarePlan."""

    DRAFT = "draft", "Draft"
    ACTIVE = "active", "Agreed"
    COMPLETED = "completed", "Ended"
    REVOKED = "revoked", "Withdrawn"


LIVE_STATES = (PlanState.DRAFT, PlanState.ACTIVE)


@keep_history()
class Plan(Recorded):
    """The plan of one episode. Its subject is the family, or the child where the episode has no family."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="plans")
    state = models.CharField(max_length=9, choices=PlanState.choices, default=PlanState.DRAFT)
    agreed_on = models.DateField(null=True, blank=True)
    agreed_with = models.CharField(max_length=300, blank=True)
    next_review_on = models.DateField(null=True, blank=True)
    family_words = models.TextField(max_length=4000, blank=True)

    class Meta:
        db_table = "plan"
        constraints = [
            models.UniqueConstraint(
                fields=["episode"],
                condition=Q(state__in=["draft", "active"]),
                name="plan_one_live_an_episode",
            ),
            models.CheckConstraint(
                condition=~Q(state="active") | Q(agreed_on__isnull=False), name="plan_active_was_agreed"
            ),
        ]

    @property
    def is_live(self) -> bool:
        """Whether it can still be changed."""
        return self.state in LIVE_STATES


@keep_history()
class Agreement(Recorded):
    """A member of the family agreed the plan on a date. The subject is the member."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="agreements")
    agreed_on = models.DateField()

    class Meta:
        db_table = "plan_agreement"
        constraints = [
            models.UniqueConstraint("plan", "subject", "agreed_on", name="plan_agreement_once_a_day")
        ]


class GoalState(models.TextChoices):
    PROPOSED = "proposed", "Proposed"
    ACTIVE = "active", "Working on it"
    ACHIEVED = "achieved", "Achieved"
    NOT_ACHIEVED = "not_achieved", "Not achieved"
    DROPPED = "dropped", "No longer needed"


@keep_history()
class Goal(Recorded):
    """What a member of the family, or the whole family, wants to be different, in their own words."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="goals")
    words = models.CharField(max_length=500)
    why = models.TextField(max_length=2000, blank=True)
    measure = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=12, choices=GoalState.choices, default=GoalState.PROPOSED)
    outcome = models.TextField(max_length=2000, blank=True)

    class Meta:
        db_table = "goal"
        constraints = [models.CheckConstraint(condition=~Q(words=""), name="goal_says_what")]


@keep_history()
class PlanAction(Recorded):
    """An action towards a goal: the task that somebody owes. About the goal's own subject."""

    goal = models.ForeignKey(Goal, on_delete=models.PROTECT, related_name="actions")
    task = models.OneToOneField(Task, on_delete=models.PROTECT, related_name="plan_action")

    class Meta:
        db_table = "plan_action"


class ServiceStillRight(models.TextChoices):
    YES = "yes", "Yes"
    CHANGE = "change", "It needs to change"


@keep_history()
class Review(Recorded):
    """A look at the plan together: risks, whether the support is still right, the next date."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="reviews")
    held_on = models.DateField()
    risks = models.TextField(max_length=4000, blank=True)
    service_right = models.CharField(max_length=6, choices=ServiceStillRight.choices)
    service_words = models.TextField(max_length=2000, blank=True)
    next_review_on = models.DateField(null=True, blank=True)
    is_final = models.BooleanField(default=False)

    class Meta:
        db_table = "plan_review"
        constraints = [
            models.CheckConstraint(
                condition=Q(is_final=True) | Q(next_review_on__isnull=False),
                name="plan_review_has_a_next_date_or_is_final",
            )
        ]


@keep_history()
class ReviewView(Recorded):
    """What one member said at a review, in their words. The subject is the member."""

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="views")
    words = models.TextField(max_length=2000)

    class Meta:
        db_table = "review_view"
        constraints = [models.UniqueConstraint("review", "subject", name="review_view_once_a_member")]


class Progress(models.TextChoices):
    ACHIEVED = "achieved", "Achieved"
    BETTER = "better", "Going well"
    SAME = "same", "No change yet"
    WORSE = "worse", "Getting harder"
    DROPPED = "dropped", "No longer needed"


@keep_history()
class ReviewProgress(Recorded):
    """How far one goal had come at a review. About the goal's own subject."""

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="progress")
    goal = models.ForeignKey(Goal, on_delete=models.PROTECT, related_name="progress")
    progress = models.CharField(max_length=8, choices=Progress.choices)
    words = models.TextField(max_length=2000, blank=True)

    class Meta:
        db_table = "review_progress"
        constraints = [models.UniqueConstraint("review", "goal", name="review_progress_once_a_goal")]
