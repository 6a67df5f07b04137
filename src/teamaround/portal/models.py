"""Invitations to read one's own information, and the one-time codes that a family member signs in with."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from teamaround.agencies.models import Account, Practitioner, Team
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
    """The worker's note on a child's understanding; only for children under 12."""
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
