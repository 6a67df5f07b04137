"""Closing an episode: outcomes, who stays, who leads afterwards, views, follow-up."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from teamaround.access.models import Recorded
from teamaround.agencies.models import Practitioner, Team
from teamaround.database.history import keep_history
from teamaround.procedures.models import Episode


class Achieved(models.TextChoices):
    YES = "yes", "Achieved"
    PARTLY = "partly", "Partly achieved"
    NO = "no", "Not achieved"


class OutcomeArea(models.TextChoices):
    """The nine outcomes of the shipped procedure's own account of practice."""

    BEHAVIOUR = "behaviour", "Behaviour: anger, offending, anti-social behaviour"
    SCHOOL = "school", "School attendance and attainment"
    RELATIONSHIPS = "relationships", "Family and peer relationships"
    CONFIDENCE = "confidence", "Confidence and self-esteem"
    ASPIRATIONS = "aspirations", "Aspirations and employability"
    LIVING = "living", "Physical living conditions"
    HEALTH = "health", "Mental and physical health"
    RISK = "risk", "Less risk to the young person"
    MISSING = "missing", "Fewer times missing from home"


@keep_history()
class Closing(Recorded):
    """What is settled before an episode closes. Written part by part; each part leaves its event.

    The subject is the child. The step-down lead is a practitioner in a team, or somebody named in words.
    """

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    episode = models.OneToOneField(Episode, on_delete=models.PROTECT, related_name="closing")
    achieved = models.CharField(max_length=6, choices=Achieved.choices, blank=True)
    why = models.TextField(max_length=4000, blank=True)
    outcomes_at = models.DateTimeField(null=True, blank=True)

    ongoing = models.TextField(max_length=4000, blank=True)
    who_stays = models.CharField(max_length=500, blank=True)
    lead = models.ForeignKey(Practitioner, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    lead_team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    lead_words = models.CharField(max_length=200, blank=True)
    lead_agreed_on = models.DateField(null=True, blank=True)
    follow_up_on = models.DateField(null=True, blank=True)
    no_follow_up = models.CharField(
        max_length=500, blank=True, help_text="Why nobody asks how they are after closing."
    )
    exit_strategy = models.TextField(max_length=4000, blank=True)
    future_contact = models.CharField(max_length=500, blank=True)
    stepdown_at = models.DateTimeField(null=True, blank=True)

    asked_on = models.DateField(null=True, blank=True)
    child_views = models.TextField(max_length=4000, blank=True)
    family_views = models.TextField(max_length=4000, blank=True)
    feedback_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "closing"
        constraints = [
            models.CheckConstraint(
                condition=Q(outcomes_at=None) | (~Q(achieved="") & ~Q(why="")),
                name="closing_outcomes_say_why",
            ),
            models.CheckConstraint(
                condition=Q(stepdown_at=None)
                | (Q(lead_agreed_on__isnull=False) & (Q(lead_team__isnull=False) | ~Q(lead_words=""))),
                name="closing_stepdown_names_an_agreed_lead",
            ),
            models.CheckConstraint(
                condition=Q(feedback_at=None) | Q(asked_on__isnull=False), name="closing_feedback_has_a_date"
            ),
        ]


@keep_history()
class ClosingOutcome(Recorded):
    """One of the nine outcomes at closing, where it mattered to this child."""

    closing = models.ForeignKey(Closing, on_delete=models.PROTECT, related_name="outcomes")
    area = models.CharField(max_length=13, choices=OutcomeArea.choices)
    achieved = models.CharField(max_length=6, choices=Achieved.choices)

    class Meta:
        db_table = "closing_outcome"
        constraints = [models.UniqueConstraint("closing", "area", name="closing_outcome_once")]
