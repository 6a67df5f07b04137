"""Decisions to share and not to share, each with its reason; and requests to see more."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from teamaround.access.categories import Category
from teamaround.access.models import Authored, Subject
from teamaround.agencies.models import Principal, Team
from teamaround.database.history import keep_history


class Decided(models.TextChoices):
    """What was decided. Both are recorded, each with its reason."""

    SHARED = "shared", "Shared"
    NOT_SHARED = "not_shared", "Not shared"


class ReliedOn(models.TextChoices):
    """On which basis a decision to share rests."""

    CONSENT = "consent", "What they agreed"
    SAFEGUARDING = "safeguarding", "To keep somebody safe"
    DUTY = "duty", "The legal duty to share"
    VITAL = "vital", "To protect life"
    NONE = "none", "None: not shared"


@keep_history()
class SharingDecision(Authored):
    """One decision about telling somebody else: to share or not, why, and what was thought of first.

    The recipient is a team of the partnership, or an organisation outside it in words. It is for the team that
    decided, and never changes: a second thought is a second decision. What it covers are its `lines`.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    category = models.CharField(max_length=16, default="identity", editable=False)
    decided = models.CharField(max_length=10, choices=Decided.choices)
    recipient = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    recipient_words = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=1000)
    relied_on = models.CharField(max_length=12, choices=ReliedOn.choices)
    advice_from = models.CharField(max_length=200, blank=True)
    told_family = models.BooleanField()
    why_not_told = models.CharField(max_length=500, blank=True)
    decided_on = models.DateField()

    class Meta:
        db_table = "sharing_decision"
        indexes = [models.Index(fields=["subject", "-decided_on", "-id"], name="sharing_decision_of")]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="sharing_decision_has_a_reason"),
            models.CheckConstraint(
                condition=Q(recipient__isnull=False, recipient_words="")
                | (Q(recipient=None) & ~Q(recipient_words="")),
                name="sharing_decision_names_one_recipient",
            ),
            models.CheckConstraint(
                condition=Q(decided="shared", relied_on__in=["consent", "safeguarding", "duty", "vital"])
                | Q(decided="not_shared", relied_on="none"),
                name="sharing_decision_rests_on_something",
            ),
            models.CheckConstraint(
                condition=Q(told_family=True) | ~Q(why_not_told=""),
                name="sharing_decision_says_why_not_told",
            ),
        ]


@keep_history()
class DecisionLine(Authored):
    """One category of a decision, and the recorded basis that covered it, where there was one."""

    id = models.BigAutoField(primary_key=True)
    decision = models.ForeignKey(SharingDecision, on_delete=models.PROTECT, related_name="lines")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    category = models.CharField(max_length=16, default="identity", editable=False)
    shared_category = models.CharField(max_length=16, choices=Category.choices)
    basis = models.ForeignKey(
        "sharing.Basis", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        db_table = "sharing_decision_line"
        constraints = [
            models.UniqueConstraint("decision", "shared_category", name="sharing_decision_line_once")
        ]


class AskState(models.TextChoices):
    ASKED = "asked", "Waits for an answer"
    ANSWERED = "answered", "Answered"
    REFUSED = "refused", "Not shared"


class Reply(models.TextChoices):
    """The replies there are: fixed sentences, so that none can confirm what it must not."""

    ARRANGING = "arranging", "Yes: it is being arranged with the family"
    TALK = "talk", "Talk to us first"
    NO = "no", "Not shared for now"


@keep_history()
class AccessRequest(Authored):
    """A team asks to see categories of a subject that it has no permission for, and gets one of three replies.

    The database itself names who answers: the team of the lead practitioner, or nobody (then whoever governs
    access). The same is sent, and the same is answered, whether or not there is anything to see.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    category = models.CharField(max_length=16, default="index", editable=False)
    categories = ArrayField(models.CharField(max_length=16, choices=Category.choices))
    reason = models.CharField(max_length=1000)
    state = models.CharField(max_length=8, choices=AskState.choices, default="asked")
    answering_team = models.ForeignKey(
        Team, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    answer = models.CharField(max_length=10, choices=Reply.choices, blank=True)
    answered_by = models.ForeignKey(
        Principal, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "sharing_access_request"
        indexes = [
            models.Index(
                fields=["answering_team"], condition=Q(state="asked"), name="access_request_waiting"
            ),
            models.Index(fields=["subject"], name="access_request_of"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="access_request_has_a_reason"),
            models.CheckConstraint(condition=~Q(categories=[]), name="access_request_asks_for_something"),
            models.CheckConstraint(
                condition=Q(state="asked", answer="", answered_by=None, answered_at=None)
                | Q(
                    state="answered",
                    answer__in=["arranging", "talk"],
                    answered_by__isnull=False,
                    answered_at__isnull=False,
                )
                | Q(state="refused", answer="no", answered_by__isnull=False, answered_at__isnull=False),
                name="access_request_state_fits_its_answer",
            ),
        ]
