"""What a practitioner keeps for the desk itself, and the team's own measure of a case that stands still."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from teamaround.agencies.models import Practitioner, Team


class SavedView(models.Model):
    """A choice of filters that a practitioner keeps under a name. It names no child: a worker, a kind, a page."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    practitioner = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "saved_view"
        constraints = [models.UniqueConstraint("practitioner", "name", name="saved_view_once_a_name")]

    def __str__(self) -> str:
        return self.name


class TeamPace(models.Model):
    """After how many days without any event a team calls a case still."""

    team = models.OneToOneField(Team, on_delete=models.PROTECT, primary_key=True, related_name="+")
    still_days = models.PositiveSmallIntegerField()
    set_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "team_pace"
        constraints = [
            models.CheckConstraint(condition=Q(still_days__range=(3, 365)), name="team_pace_within_a_year")
        ]

    def __str__(self) -> str:
        return f"{self.still_days} days"
