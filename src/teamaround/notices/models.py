"""Messages on their way out, and the named services that act when no person asked."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from teamaround.agencies.models import Practitioner, Principal


class Service(models.Model):
    """A named service: who acts in a scheduled job. It belongs to no team: no policy lets it read a case."""

    principal = models.OneToOneField(Principal, on_delete=models.PROTECT, primary_key=True, db_column="id")
    name = models.CharField(max_length=40, unique=True)
    purpose = models.CharField(max_length=200)

    class Meta:
        db_table = "service"

    def __str__(self) -> str:
        return self.name


class Message(models.Model):
    """One e-mail to one address. The body goes once it was sent: some bodies hold a link that lets in."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    address = models.EmailField(max_length=254)
    subject_line = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    made_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "notice_message"
        constraints = [models.CheckConstraint(condition=~Q(address=""), name="notice_message_has_an_address")]

    def __str__(self) -> str:
        return f"message {self.pk}"


class HowTold(models.TextChoices):
    """How a practitioner is told that something happened."""

    AT_ONCE = "at_once", "At once, in working hours"
    DAILY = "daily", "Once a day"
    NONE = "none", "Not at all: I look at My day"


class NoticeChoice(models.Model):
    """How a practitioner wants to be told; without a row, at once in working hours. The number is theirs alone to see."""

    practitioner = models.OneToOneField(
        Practitioner, on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    how = models.CharField(max_length=8, choices=HowTold.choices, default=HowTold.AT_ONCE)
    text_to = models.CharField(max_length=20, blank=True)
    digest_on = models.DateField(null=True, blank=True, editable=False)

    class Meta:
        db_table = "notice_choice"

    def __str__(self) -> str:
        return self.how


class WaitingNotice(models.Model):
    """A notice that waits for the hours of whom it is for. It holds a kind and a link: no name, nothing of a case."""

    id = models.BigAutoField(primary_key=True)
    practitioner = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=40)
    link = models.CharField(max_length=200)
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "notice_waiting"

    def __str__(self) -> str:
        return self.kind


class CalendarLink(models.Model):
    """A secret address that lets a calendar program read its owner's feed. Holds a digest, never the secret.

    The owner is a practitioner or a family member; one link of each stands at a time. What it lets read are the
    rights of the owner at that moment.
    """

    id = models.BigAutoField(primary_key=True)
    owner = models.ForeignKey(Principal, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "calendar_link"
        constraints = [
            models.UniqueConstraint(
                fields=["owner"], condition=Q(ended_at=None), name="calendar_link_one_stands"
            ),
            models.CheckConstraint(condition=Q(digest__regex="^[0-9a-f]{64}$"), name="calendar_link_digest"),
        ]

    def __str__(self) -> str:
        return f"calendar link {self.pk}"
