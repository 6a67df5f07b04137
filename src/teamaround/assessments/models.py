"""Assessments: of need, domain by domain; and of risk. The subject is the child."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from teamaround.access.models import Recorded
from teamaround.database.history import keep_history
from teamaround.procedures.models import Episode


class Kind(models.TextChoices):
    EARLY_HELP = "early_help", "Early help assessment"
    RISK = "risk", "Risk assessment"


class Status(models.TextChoices):
    """The words of a FHIR QuestionnaireResponse."""

    IN_PROGRESS = "in-progress", "Not finished"
    COMPLETED = "completed", "Finished"
    AMENDED = "amended", "Finished, then amended"
    ENTERED_IN_ERROR = "entered-in-error", "Recorded by mistake"


class Agreement(models.TextChoices):
    """Who agreed to being assessed: early help is voluntary. Sharing what is found is another question."""

    BOTH = "both", "The parent or carer and the child"
    PARENT = "parent", "The parent or carer"
    CHILD = "child", "The young person"
    NOBODY = "nobody", "Nobody yet"


class Likelihood(models.TextChoices):
    UNLIKELY = "unlikely", "Unlikely"
    POSSIBLE = "possible", "Possible"
    LIKELY = "likely", "Likely"
    HAPPENING = "happening", "It is happening now"


class Going(models.TextChoices):
    """How things stand in one domain."""

    WELL = "well", "Going well"
    WORRIES = "worries", "Some worries"
    HELP = "help", "Needs help now"


@keep_history()
class Assessment(Recorded):
    """One assessment of a child in an episode; answers by domain stand in `answers`, of risk in `risk`."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="assessments")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    form_version = models.CharField(max_length=20)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.IN_PROGRESS)
    started_at = models.DateTimeField(db_default=Now())
    completed_at = models.DateTimeField(null=True, blank=True)
    took_part = models.CharField(max_length=1000, blank=True)
    agreement = models.CharField(max_length=8, choices=Agreement.choices, blank=True)
    child_views = models.TextField(max_length=4000, blank=True)
    parents_views = models.TextField(max_length=4000, blank=True)
    differences = models.TextField(max_length=2000, blank=True)
    summary = models.TextField(max_length=4000, blank=True)
    needs_to_change = models.TextField(max_length=4000, blank=True)
    error_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "assessment"
        indexes = [models.Index(fields=["subject", "-started_at"], name="assessment_of_child")]
        constraints = [
            models.UniqueConstraint(
                fields=["episode", "kind"],
                condition=Q(status="in-progress"),
                name="assessment_one_in_progress",
            ),
            models.CheckConstraint(
                condition=(Q(status="in-progress") & Q(completed_at=None))
                | (Q(status__in=["completed", "amended"]) & Q(completed_at__isnull=False))
                | Q(status="entered-in-error"),
                name="assessment_completed_at_with_status",
            ),
            models.CheckConstraint(
                condition=Q(completed_at=None) | Q(completed_at__gte=F("started_at")),
                name="assessment_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=~Q(status="entered-in-error") | ~Q(error_reason=""),
                name="assessment_error_has_a_reason",
            ),
        ]


@keep_history()
class AssessmentAnswer(Recorded):
    """What was found in one domain: strengths, needs, and how it is going."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="answers")
    domain = models.CharField(max_length=20)
    going = models.CharField(max_length=8, choices=Going.choices, blank=True)
    strengths = models.TextField(max_length=2000, blank=True)
    needs = models.TextField(max_length=2000, blank=True)

    class Meta:
        db_table = "assessment_answer"
        constraints = [models.UniqueConstraint("assessment", "domain", name="assessment_answer_once")]


@keep_history()
class RiskAnswer(Recorded):
    """What a risk assessment found: the worry, how likely it is, and what keeps the child safe."""

    assessment = models.OneToOneField(Assessment, on_delete=models.PROTECT, related_name="risk")
    worries = models.TextField(max_length=4000)
    likelihood = models.CharField(max_length=10, choices=Likelihood.choices)
    keeps_safe = models.TextField(max_length=4000)
    next_steps = models.TextField(max_length=2000, blank=True)
    look_again_on = models.DateField(null=True, blank=True)

    class Meta:
        db_table = "assessment_risk"
