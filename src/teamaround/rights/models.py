"""Requests about one's own data, what a pack holds, how long things are kept, holds, disposals, agreements."""

from __future__ import annotations

import datetime as dt
import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from teamaround.access.categories import Category, Retention
from teamaround.access.models import Subject
from teamaround.agencies.models import Agency, Practitioner

from .clock import Pause, due_on, is_stopped


class RequestKind(models.TextChoices):
    ACCESS = "access", "A copy of what is held"
    ERASURE = "erasure", "Erasure"


class RequestOutcome(models.TextChoices):
    ANSWERED = "answered", "Answered"
    GRANTED = "granted", "Erasure granted"
    REFUSED = "refused", "Refused"
    WITHDRAWN = "withdrawn", "Taken back"


class RightsRequest(models.Model):
    """What somebody asked about their own data: a copy of it (subject access), or its erasure.

    Read and handled by the information-governance lead alone.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=7, choices=RequestKind.choices)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    asked_on = models.DateField()
    asked_by = models.CharField(max_length=200)
    """Who asked, in words: the person, or who speaks for them and by what right."""
    identity = models.CharField(max_length=300)
    """How it was made sure that they are who they say."""
    recorded_by = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(db_default=Now())
    extended_on = models.DateField(null=True, blank=True)
    extension_reason = models.CharField(max_length=500, blank=True)
    gathered_at = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(Practitioner, on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=9, choices=RequestOutcome.choices, blank=True)
    outcome_reason = models.CharField(max_length=1000, blank=True)

    class Meta:
        db_table = "rights_request"
        indexes = [models.Index(fields=["asked_on"], condition=Q(closed_at=None), name="rights_request_open")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(asked_by="") & ~Q(identity=""), name="rights_request_says_who"
            ),
            models.CheckConstraint(
                condition=Q(extended_on=None) | ~Q(extension_reason=""),
                name="rights_request_extended_with_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, outcome="") | (Q(closed_at__isnull=False) & ~Q(outcome="")),
                name="rights_request_closes_with_an_outcome",
            ),
            models.CheckConstraint(
                condition=Q(released_at=None) | Q(released_by__isnull=False, gathered_at__isnull=False),
                name="rights_request_releases_what_was_gathered",
            ),
        ]

    def spans(self) -> list[Pause]:
        """When the clock stood still."""
        return [Pause(pause.asked_on, pause.answered_on) for pause in self.pauses.all()]

    @property
    def stopped(self) -> bool:
        """Whether a clarification is awaited."""
        return self.closed_at is None and is_stopped(self.spans())

    def due(self, today: dt.date | None = None) -> dt.date:
        """The last day for the answer, as of `today`."""
        day = today or timezone.localdate()
        return due_on(self.asked_on, self.spans(), extended=self.extended_on is not None, today=day)


class ClockPause(models.Model):
    """We asked what is meant; the clock stands still until the answer."""

    id = models.BigAutoField(primary_key=True)
    request = models.ForeignKey(RightsRequest, on_delete=models.PROTECT, related_name="pauses")
    question = models.CharField(max_length=500)
    asked_on = models.DateField()
    answered_on = models.DateField(null=True, blank=True)

    class Meta:
        db_table = "rights_pause"
        ordering = ["asked_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_on=None) | Q(answered_on__gte=F("asked_on")),
                name="rights_pause_ends_after_it_starts",
            ),
            models.UniqueConstraint(
                fields=["request"], condition=Q(answered_on=None), name="rights_pause_one_open"
            ),
        ]


class Mark(models.TextChoices):
    """Why somebody has to look at a part before it is given out."""

    NONE = "", "Nothing to decide"
    NAMES = "names", "Names somebody else"
    OTHER = "other", "About somebody else"
    FAMILY = "family", "About the whole family"
    ASKED = "asked", "May hold what others said"
    HIDDEN = "hidden", "Kept from the family: may harm or tip off"


class Decision(models.TextChoices):
    UNDECIDED = "", "To decide"
    KEEP = "keep", "Keep"
    REDACT = "redact", "Redact"


class PackItem(models.Model):
    """One field of one row that is held on somebody, as it was when it was gathered for a request."""

    id = models.BigAutoField(primary_key=True)
    request = models.ForeignKey(RightsRequest, on_delete=models.PROTECT, related_name="items")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveIntegerField()
    table_name = models.CharField(max_length=63)
    row_key = models.CharField(max_length=40)
    field = models.CharField(max_length=80)
    value = models.TextField()
    mark = models.CharField(max_length=6, choices=Mark.choices, blank=True)
    decision = models.CharField(max_length=6, choices=Decision.choices, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    decided_by = models.ForeignKey(Practitioner, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "rights_item"
        constraints = [
            models.UniqueConstraint("request", "position", name="rights_item_position"),
            models.CheckConstraint(
                condition=Q(decision="") | Q(mark="") | (~Q(reason="") & Q(decided_by__isnull=False)),
                name="rights_item_decided_with_a_reason",
            ),
        ]


class Measure(models.TextChoices):
    """What a length of time is counted from."""

    BIRTHDAY = "birthday", "years of age"
    AFTER_18 = "after_18", "years after the 18th birthday"
    CLOSED = "closed", "months after the last case closed"
    WRITTEN = "written", "months after the last entry"


class RetentionRule(models.Model):
    """How long a class of fields is kept, from a day on: the latest row of class and category holds. Rows are only added.

    `length` is years for the birthday measures, months for the others. Whatever the measure, nothing goes
    before `at_least_months` after the last entry, nor while a case is open or somebody works with the person.
    """

    id = models.BigAutoField(primary_key=True)
    retention = models.CharField(max_length=6, choices=Retention.choices)
    category = models.CharField(max_length=16, choices=Category.choices, blank=True)
    measure = models.CharField(max_length=8, choices=Measure.choices)
    length = models.PositiveSmallIntegerField()
    at_least_months = models.PositiveSmallIntegerField(default=0)
    authority = models.CharField(max_length=300)
    effective_from = models.DateTimeField(db_default=Now())
    set_by = models.ForeignKey(Practitioner, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "retention_rule"
        constraints = [
            models.CheckConstraint(condition=~Q(authority=""), name="retention_rule_names_its_authority"),
            models.CheckConstraint(condition=Q(length__gt=0), name="retention_rule_has_a_length"),
        ]


class LegalHold(models.Model):
    """Nothing about this person or family is disposed of while it stands, whatever the rules say.

    A hold on a person holds the records of their families; on a family, those of its members. With
    `with_family`, a person's hold covers everybody in their families.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    with_family = models.BooleanField(default=False)
    reason = models.CharField(max_length=500)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    set_by = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "legal_hold"
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="legal_hold_has_a_reason"),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gt=F("since")), name="legal_hold_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(lifted_at=None) | ~Q(lifted_reason=""), name="legal_hold_lifted_with_a_reason"
            ),
        ]


class DisposalKind(models.TextChoices):
    RETENTION = "retention", "Kept long enough"
    ERASURE = "erasure", "Erasure on request"


class Disposal(models.Model):
    """One person asks that records be disposed of, another confirms, and the database does it.

    What stays is this row and its counts: who, when, by which rule, how much; nothing about anybody.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=9, choices=DisposalKind.choices)
    request = models.ForeignKey(RightsRequest, on_delete=models.PROTECT, null=True, related_name="disposals")
    reason = models.CharField(max_length=500)
    asked_by = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=Now())
    confirmed_by = models.ForeignKey(Practitioner, on_delete=models.PROTECT, null=True, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)
    left_out = models.PositiveIntegerField(default=0)
    """How many people or families were passed over: held, or not due any more when it was confirmed."""
    cancelled_by = models.ForeignKey(Practitioner, on_delete=models.PROTECT, null=True, related_name="+")
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "disposal"
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="disposal_has_a_reason"),
            models.CheckConstraint(
                condition=Q(done_at=None) | (Q(confirmed_by__isnull=False) & ~Q(confirmed_by=F("asked_by"))),
                name="disposal_takes_two_people",
            ),
            models.CheckConstraint(
                condition=Q(kind="erasure", request__isnull=False) | Q(kind="retention", request=None),
                name="disposal_erasure_names_its_request",
            ),
        ]


class DisposalItem(models.Model):
    """What a disposal that waits would remove: rows of one table about one subject. Gone when it is done.

    Without a subject: the reasons in the access log that were stated before a moment.
    """

    id = models.BigAutoField(primary_key=True)
    disposal = models.ForeignKey(Disposal, on_delete=models.PROTECT, related_name="items")
    rule = models.ForeignKey(RetentionRule, on_delete=models.PROTECT, null=True, related_name="+")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, null=True, related_name="+")
    table_name = models.CharField(max_length=63)
    category = models.CharField(max_length=16, blank=True)
    texts = ArrayField(models.CharField(max_length=63), default=list)
    rows = models.PositiveIntegerField()
    before = models.DateTimeField(null=True)

    class Meta:
        db_table = "disposal_item"


class DisposalCount(models.Model):
    """How many rows of a table were disposed of by a rule, how many stay without their words, and a digest of what went."""

    id = models.BigAutoField(primary_key=True)
    disposal = models.ForeignKey(Disposal, on_delete=models.PROTECT, related_name="counts")
    rule = models.ForeignKey(RetentionRule, on_delete=models.PROTECT, null=True, related_name="+")
    table_name = models.CharField(max_length=63)
    rows = models.PositiveIntegerField()
    emptied = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)

    class Meta:
        db_table = "disposal_count"


class SharingAgreement(models.Model):
    """A written agreement between agencies to share for a purpose: its dates and where the paper is."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    purpose = models.CharField(max_length=500)
    reference = models.CharField(max_length=200)
    since = models.DateField()
    review_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)
    ended_reason = models.CharField(max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        db_table = "sharing_agreement"
        constraints = [
            models.CheckConstraint(
                condition=Q(review_on__gt=F("since")), name="sharing_agreement_review_after_start"
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | ~Q(ended_reason=""), name="sharing_agreement_ends_with_a_reason"
            ),
        ]


class AgreementParty(models.Model):
    """An agency that signed an agreement."""

    id = models.BigAutoField(primary_key=True)
    agreement = models.ForeignKey(SharingAgreement, on_delete=models.PROTECT, related_name="parties")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "sharing_agreement_party"
        constraints = [models.UniqueConstraint("agreement", "agency", name="sharing_agreement_party_once")]


class AgreementAct(models.Model):
    """An agreement was added, renewed or ended: by whom, when, and the review date from then on."""

    id = models.BigAutoField(primary_key=True)
    agreement = models.ForeignKey(SharingAgreement, on_delete=models.PROTECT, related_name="acts")
    act = models.CharField(
        max_length=7, choices=[("added", "Added"), ("renewed", "Renewed"), ("ended", "Ended")]
    )
    review_on = models.DateField(null=True)
    by = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "sharing_agreement_act"
