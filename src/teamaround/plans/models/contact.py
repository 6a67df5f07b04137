"""Contacts and visits: when, where, who was seen, what was said."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import models

from teamaround.access.models import Recorded
from teamaround.database.history import keep_history
from teamaround.procedures.models import Episode

LATE_AFTER = dt.timedelta(hours=24)


class ContactKind(models.TextChoices):
    VISIT = "visit", "Visit or meeting in person"
    CALL = "call", "Telephone or video call"
    MESSAGE = "message", "Message, e-mail or letter"


class Place(models.TextChoices):
    HOME = "home", "At home"
    SCHOOL = "school", "At school"
    OFFICE = "office", "At our office"
    NEUTRAL = "neutral", "Somewhere neutral"
    OTHER = "other", "Somewhere else"


class SeenAlone(models.TextChoices):
    YES = "yes", "Yes"
    NO = "no", "No"
    NOT_SEEN = "not_seen", "The child was not seen"


@keep_history()
class Contact(Recorded):
    """A visit, call or message of an episode. The subject is the child; those seen have rows of their own.

    `occurrence` is that of the event which the contact left in the chronology.
    """

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="contacts")
    occurrence = models.UUIDField()
    kind = models.CharField(max_length=8, choices=ContactKind.choices)
    happened_at = models.DateTimeField()
    place = models.CharField(max_length=8, choices=Place.choices, blank=True)
    place_words = models.CharField(max_length=120, blank=True)
    seen_alone = models.CharField(max_length=8, choices=SeenAlone.choices, blank=True)
    others_seen = models.CharField(max_length=200, blank=True)
    child_words = models.TextField(max_length=4000, blank=True)
    notes = models.TextField(max_length=8000, blank=True)

    class Meta:
        db_table = "contact"
        indexes = [models.Index(fields=["subject", "-happened_at", "-id"], name="contact_by_child")]

    @property
    def is_late(self) -> bool:
        """Whether it was written more than a day after it happened."""
        return self.recorded_at - self.happened_at > LATE_AFTER

    @property
    def where(self) -> str:
        """The place in words; empty for a call or message."""
        return self.place_words or (Place(self.place).label if self.place else "")


@keep_history()
class ContactSeen(Recorded):
    """A person seen or spoken to at a contact. The subject is that person."""

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="seen")

    class Meta:
        db_table = "contact_seen"
        constraints = [models.UniqueConstraint("contact", "subject", name="contact_seen_once")]
