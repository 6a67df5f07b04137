"""Events: append-only. A mistake is put right by a later event that corrects it."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from teamaround.access.categories import Category
from teamaround.access.models import Subject
from teamaround.agencies.models import Principal, Team
from teamaround.database.history import CurrentActor

from .kinds import KINDS
from .own import EventKind, kind_of

__all__ = ["Event", "EventKind", "EventNote"]


class Event(models.Model):
    """One thing that happened to one subject. Rows of one occurrence share `occurrence`."""

    id = models.BigAutoField(primary_key=True)
    occurrence = models.UUIDField(default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=30, choices=[(k.key, k.words) for k in KINDS.values()])
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+", db_index=False)
    category = models.CharField(max_length=16, choices=Category.choices)
    author_team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    episode = models.BigIntegerField(null=True, blank=True, db_index=True)
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    recorded_by = models.ForeignKey(
        Principal,
        on_delete=models.PROTECT,
        related_name="+",
        db_column="recorded_by",
        db_default=CurrentActor(),
        db_index=False,
        editable=False,
    )
    corrects = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="corrections"
    )
    voids = models.BooleanField(default=False)

    class Meta:
        db_table = "event"
        indexes = [models.Index(fields=["subject", "-happened_at", "-id"], name="event_chronology")]
        constraints = [
            models.CheckConstraint(
                condition=Q(voids=False) | Q(corrects__isnull=False), name="event_voids_another"
            ),
            models.CheckConstraint(condition=~Q(corrects=F("id")), name="event_corrects_another"),
        ]

    @property
    def words(self) -> str:
        """The kind of event in words."""
        return kind_of(self.kind).words


class EventNote(models.Model):
    """The free text of an event, apart so that it alone can be erased."""

    event = models.OneToOneField(Event, on_delete=models.PROTECT, primary_key=True, related_name="note")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    category = models.CharField(max_length=16, choices=Category.choices)
    author_team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(max_length=4000)

    class Meta:
        db_table = "event_note"
