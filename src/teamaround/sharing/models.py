"""Bases: what may be shared, with whom, who decided, who gave it, from, until, withdrawn, why."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from teamaround.access.categories import Category
from teamaround.access.models import Authored, Subject
from teamaround.agencies.models import Principal
from teamaround.database.history import keep_history
from teamaround.people.models import Person


class Kind(models.TextChoices):
    CONSENT = "consent", "Confidentiality consent"
    SAFEGUARDING = "safeguarding", "Safeguarding"


class How(models.TextChoices):
    """How consent was given."""

    SIGNED = "signed", "Signed on screen"
    VERBAL = "verbal", "Said aloud, with a witness"
    PAPER = "paper", "On a paper form, kept on file"


class Capacity(models.TextChoices):
    """In what standing the giver decides for the subject."""

    SELF = "self", "Decides for themselves"
    PARENT = "parent", "Has parental responsibility"


@keep_history()
class Basis(Authored):
    """One decision to let teams see categories of subjects; the cells are its `lines`.

    `subject` is the child or family it was recorded with; each line names its own subject. Agreement to
    a service and the UK GDPR basis are other facts and do not stand here.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    category = models.CharField(max_length=16, choices=Category.choices, default="identity", editable=False)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    given_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    capacity = models.CharField(max_length=6, choices=Capacity.choices, blank=True)
    understanding = models.CharField(max_length=500, blank=True)
    how = models.CharField(max_length=6, choices=How.choices, blank=True)
    witness = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=1000, blank=True)
    wording_version = models.CharField(max_length=20, blank=True)
    valid_from = models.DateTimeField(db_default=Now())
    valid_until = models.DateTimeField(null=True, blank=True)
    review_on = models.DateField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "sharing_basis"
        verbose_name_plural = "bases"
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gt=F("valid_from")),
                name="basis_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=~Q(kind="consent") | Q(given_by__isnull=False, valid_until__isnull=False),
                name="basis_consent_names_giver_and_end",
            ),
            models.CheckConstraint(
                condition=~Q(kind="safeguarding") | (~Q(reason="") & Q(review_on__isnull=False)),
                name="basis_safeguarding_has_reason_and_review",
            ),
            models.CheckConstraint(
                condition=~Q(how="verbal") | ~Q(witness=""), name="basis_verbal_consent_has_a_witness"
            ),
        ]


class Answer(models.TextChoices):
    SHARE = "share", "Share"
    ASK = "ask", "Ask me first"
    REFUSE = "refuse", "Do not share"


@keep_history()
class BasisLine(Authored):
    """One cell: this holder, this category of this subject, and the answer."""

    id = models.BigAutoField(primary_key=True)
    basis = models.ForeignKey(Basis, on_delete=models.PROTECT, related_name="lines")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    category = models.CharField(max_length=16, default="identity", editable=False)
    shared_category = models.CharField(max_length=16, choices=Category.choices)
    holder = models.ForeignKey(Principal, on_delete=models.PROTECT, related_name="+")
    answer = models.CharField(max_length=7, choices=Answer.choices)

    class Meta:
        db_table = "sharing_line"
        constraints = [
            models.UniqueConstraint("basis", "subject", "shared_category", "holder", name="sharing_line_once")
        ]
