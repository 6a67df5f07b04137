"""Invitations to read one's own information, one-time codes, and what a family member writes to us."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from teamaround.access.categories import Category
from teamaround.access.models import Subject
from teamaround.agencies.models import Account, Practitioner, Principal, Team
from teamaround.people.models import Person


class PortalInvitation(models.Model):
    """A worker's invitation to somebody to read their own information. Holds a digest, never the link's secret.

    Whoever answers it is not known yet, so it is answered through functions of the database that ask for
    the secret.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="portal_invitations")
    author_team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    invited_by = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="+")
    email = models.EmailField(max_length=254)
    understanding = models.CharField(max_length=500, blank=True)
    """The worker's note on a child's understanding. With it a child under 16 decides on their own phone."""
    secret_digest = models.CharField(max_length=64, unique=True)
    invited_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(Practitioner, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "portal_invitation"
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("invited_at")), name="portal_invitation_ends_after_it_starts"
            )
        ]


class PortalCode(models.Model):
    """A one-time code for one browser: good for ten minutes, five tries and one use.

    Without account or invitation nothing was sent: the page for an unknown address behaves like any other.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, null=True, related_name="+")
    invitation = models.ForeignKey(PortalInvitation, on_delete=models.PROTECT, null=True, related_name="+")
    digest = models.CharField(max_length=64)
    sent_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "portal_code"
        constraints = [
            models.CheckConstraint(condition=Q(tries__lte=5), name="portal_code_five_tries"),
            models.CheckConstraint(
                condition=Q(account=None) | Q(invitation=None), name="portal_code_one_purpose"
            ),
        ]


class MessageKind(models.TextChoices):
    QUESTION = "question", "A question"
    CORRECTION = "correction", "Something is wrong"
    COMPLAINT = "complaint", "A complaint"


class MessageState(models.TextChoices):
    SENT = "sent", "Sent"
    RECEIVED = "received", "Received"
    ANSWERED = "answered", "Answered"


class FamilyMessage(models.Model):
    """What somebody asks, puts right or complains of about their own information, and the answer.

    A question or correction is read by one team (whoever leads, else the team that invited them); a complaint
    about how information was used by the information-governance lead alone, since it may be about that team.
    It is sent by a function of the database, is answered once, and never changed after.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    category = models.CharField(max_length=16, choices=Category.choices, default="identity", editable=False)
    kind = models.CharField(max_length=10, choices=MessageKind.choices)
    words = models.CharField(max_length=2000)
    should_be = models.CharField(max_length=1000, blank=True)
    """For a correction: what is right."""
    sender_name = models.CharField(max_length=401)
    """The name that the sender went by that day: who answers a complaint may not open their record."""
    sent_by = models.ForeignKey(Principal, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(db_default=Now())
    receiving_team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, related_name="+")
    """None for a complaint."""
    acknowledge_by = models.DateField(null=True)
    """For a complaint: the last day on which to say that it arrived."""
    state = models.CharField(max_length=8, choices=MessageState.choices, default=MessageState.SENT)
    received_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=2000, blank=True)
    answered_by = models.ForeignKey(Practitioner, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "family_message"
        indexes = [
            models.Index(
                fields=["receiving_team", "sent_at"],
                condition=~Q(state="answered"),
                name="family_message_open",
            )
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(words=""), name="family_message_says_something"),
            models.CheckConstraint(
                condition=Q(kind="complaint", receiving_team=None, acknowledge_by__isnull=False)
                | (~Q(kind="complaint") & Q(receiving_team__isnull=False, acknowledge_by=None)),
                name="family_message_has_its_reader",
            ),
            models.CheckConstraint(
                condition=Q(state="answered", answered_at__isnull=False, answered_by__isnull=False)
                & ~Q(answer="")
                | (~Q(state="answered") & Q(answered_at=None, answered_by=None, answer="")),
                name="family_message_answer_with_state",
            ),
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(received_at=None), name="family_message_received_with_state"
            ),
        ]
