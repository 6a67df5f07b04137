"""Who or what records are about, who may see them, and who looked."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField, DateTimeRangeField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from teamaround.agencies.models import Account, Agency, Practitioner, Principal, Team
from teamaround.database.history import CurrentActor

from .categories import Category


class SubjectKind(models.TextChoices):
    PERSON = "person", "Person"
    FAMILY = "family", "Family"


class Subject(models.Model):
    """A person or a family: what a sensitive row is about. Nothing is inherited between the two."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=8, choices=SubjectKind.choices)

    class Meta:
        db_table = "subject"


class BasisKind(models.TextChoices):
    """Why a grant exists."""

    CONSENT = "consent", "Consent"
    SAFEGUARDING = "safeguarding", "Safeguarding"
    DUTY = "duty", "Legal duty to share"
    VITAL = "vital", "Vital interests"
    BREAK_GLASS = "break_glass", "Break-glass"
    INVOLVEMENT = "involvement", "Working with the child"
    PURPOSE = "purpose", "A stated professional purpose"
    EPISODE = "episode", "A referral or case in hand"
    PANEL = "panel", "Panel agenda"
    OWN = "own", "The person themselves"


class Grant(models.Model):
    """Holder may read category of subject during a range. Derived by triggers; nobody writes it by hand."""

    id = models.BigAutoField(primary_key=True)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="grants", db_index=False)
    principal = models.ForeignKey(Principal, on_delete=models.PROTECT, related_name="+", db_index=False)
    category = models.CharField(max_length=16, choices=Category.choices)
    valid_during = DateTimeRangeField()
    basis_kind = models.CharField(max_length=16, choices=BasisKind.choices)
    basis_id = models.BigIntegerField()
    # Where records of one person are merged: the record that the basis is about, if it is another one.
    merged_from = models.ForeignKey(
        Subject,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )

    class Meta:
        db_table = "access_grant"
        indexes = [
            models.Index(
                fields=["principal", "category", "subject"],
                include=["valid_during"],
                name="access_grant_lookup",
            ),
            models.Index(fields=["basis_kind", "basis_id"], name="access_grant_basis"),
            # The policies' own way to a grant: the table is not read.
            models.Index(
                fields=["subject", "category"],
                include=["principal", "valid_during"],
                name="access_grant_held",
            ),
        ]


class Authored(models.Model):
    """Who wrote a row: the team; and, written by the database itself (see `app.touch`), who and when.

    `version` guards against stale edits.
    """

    author_team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    recorded_by = models.ForeignKey(
        Principal,
        on_delete=models.PROTECT,
        related_name="+",
        db_column="recorded_by",
        db_default=CurrentActor(),
        db_index=False,
        editable=False,
    )
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    changed_by = models.ForeignKey(
        Principal,
        on_delete=models.PROTECT,
        related_name="+",
        db_column="changed_by",
        db_default=CurrentActor(),
        db_index=False,
        editable=False,
    )
    changed_at = models.DateTimeField(db_default=Now(), editable=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        abstract = True


class Recorded(Authored):
    """What every sensitive row carries: its subject, its category, and who wrote it."""

    id = models.BigAutoField(primary_key=True)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    category = models.CharField(max_length=16, choices=Category.choices)

    class Meta:
        abstract = True


class Purpose(models.Model):
    """A practitioner's stated reason to look at a subject's index entry, for the rest of the working day.

    It opens the category `index` and nothing else; the grant follows by trigger.
    """

    id = models.BigAutoField(primary_key=True)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    practitioner = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200)
    stated_at = models.DateTimeField(db_default=Now())
    until = models.DateTimeField()

    class Meta:
        db_table = "access_purpose"
        constraints = [
            models.CheckConstraint(
                condition=Q(until__gt=models.F("stated_at")), name="access_purpose_ends_after_it_starts"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="access_purpose_has_a_reason"),
        ]


class Draft(models.Model):
    """What somebody had typed and not yet saved. Its author alone reads it; it is purged after 30 days.

    The one declared JSON column: field names and typed values of one form.
    """

    id = models.BigAutoField(primary_key=True)
    practitioner = models.ForeignKey(Practitioner, on_delete=models.CASCADE, related_name="+")
    form = models.CharField(max_length=60)
    about = models.CharField(max_length=60, blank=True)
    typed = models.JSONField()
    saved_at = models.DateTimeField(db_default=Now())
    purge_on = models.DateField()

    class Meta:
        db_table = "draft"
        constraints = [models.UniqueConstraint("practitioner", "form", "about", name="draft_once_a_form")]


class Look(models.Model):
    """One access: who opened which page or export, when, and for what stated reason. Partitioned by month.

    The application may only add: it cannot read, change or remove. The identifier is made by the writer,
    since the writer cannot read one back.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField(db_default=Now())
    account = models.ForeignKey(
        Account, on_delete=models.DO_NOTHING, null=True, db_constraint=False, related_name="+"
    )
    principal = models.IntegerField(default=0)
    page = models.CharField(max_length=80)
    act = models.CharField(max_length=10)
    reason = models.CharField(max_length=200, blank=True)
    outcome = models.CharField(max_length=10)
    xid = models.BigIntegerField(editable=False)
    seal = models.BigIntegerField(null=True, editable=False)
    reason_salt = models.UUIDField(null=True, editable=False)
    reason_digest = models.BinaryField(null=True)
    erased_by = models.UUIDField(null=True, editable=False)

    class Meta:
        managed = False
        db_table = "access_look"


class LookLine(models.Model):
    """One subject shown by one access, and the categories shown of it."""

    id = models.BigAutoField(primary_key=True)
    look = models.UUIDField()
    at = models.DateTimeField(db_default=Now())
    subject = models.ForeignKey(Subject, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    categories = ArrayField(models.CharField(max_length=16))
    xid = models.BigIntegerField(editable=False)
    seal = models.BigIntegerField(null=True, editable=False)

    class Meta:
        managed = False
        db_table = "access_look_line"


class Seal(models.Model):
    """One batch of the access log, its digest, and the digest that chains it to the seal before.

    `batch` covers every row of the batch: first the looks, then the lines, each by time and identifier;
    `chained` covers this row and the one before. The application can neither read nor write it:
    `teamaround check log` reads it as the auditor.
    """

    number = models.BigIntegerField(primary_key=True)
    sealed_at = models.DateTimeField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    looks = models.BigIntegerField()
    lines = models.BigIntegerField()
    snapshot_xmin = models.BigIntegerField()
    snapshot_xmax = models.BigIntegerField()
    restarted = models.BooleanField()
    batch = models.BinaryField()
    chained = models.BinaryField()

    class Meta:
        managed = False
        db_table = "access_seal"


class AlertKind(models.TextChoices):
    """What made somebody ask about an access."""

    NO_TIE = "no_tie", "No work with them and no reason stated"
    MANY = "many", "Many people in an hour"
    OWN_FAMILY = "own_family", "May be the practitioner’s own family"
    FAMOUS = "famous", "A name on the list of well-known people"
    OUT_OF_HOURS = "out_of_hours", "Outside working hours"


class AlertOutcome(models.TextChoices):
    """What the information-governance lead found."""

    PROPER = "proper", "Proper: it was part of their work"
    MISTAKE = "mistake", "A mistake, nothing came of it"
    MISUSE = "misuse", "Misuse: passed to the agency"


class Alert(models.Model):
    """An access, or a row of them, that somebody should ask about. Raised by the system, settled once by the lead.

    One alert for each kind, practitioner, subject and `bucket` (the start of the hour, day or month it stands for).
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=12, choices=AlertKind.choices)
    practitioner = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="+")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, null=True, related_name="+")
    look = models.UUIDField()
    at = models.DateTimeField()
    bucket = models.DateTimeField()
    subjects = models.IntegerField(default=1)
    raised_at = models.DateTimeField(db_default=Now())
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(Practitioner, on_delete=models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(max_length=8, choices=AlertOutcome.choices, blank=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "access_alert"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "practitioner", "subject", "bucket"],
                nulls_distinct=False,
                name="access_alert_once",
            ),
            models.CheckConstraint(
                condition=Q(settled_at=None) | (Q(settled_by__isnull=False) & ~Q(outcome="") & ~Q(reason="")),
                name="access_alert_is_settled_with_a_reason",
            ),
        ]
        indexes = [models.Index(fields=["-id"], condition=Q(settled_at=None), name="access_alert_open")]


class AlertRule(models.Model):
    """When an alert of a kind is raised, from a day on: the latest row of the kind holds. Rows are only added.

    `limit` is the number of different people in an hour (many); `opens` and `closes` are London clock times
    on working days (out of hours), of one agency or, without one, of all.
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=12, choices=AlertKind.choices)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    active = models.BooleanField(default=True)
    limit = models.PositiveIntegerField(null=True, blank=True)
    opens = models.TimeField(null=True, blank=True)
    closes = models.TimeField(null=True, blank=True)
    effective_from = models.DateTimeField(db_default=Now())
    set_by = models.ForeignKey(Practitioner, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "access_alert_rule"
        constraints = [
            models.CheckConstraint(
                condition=Q(opens=None, closes=None) | Q(closes__gt=models.F("opens")),
                name="access_alert_rule_closes_after_it_opens",
            ),
            models.CheckConstraint(
                condition=~Q(kind="many") | Q(limit__gt=0), name="access_alert_rule_many_has_a_limit"
            ),
        ]


class FamousName(models.Model):
    """A well-known name that people may be curious about; kept by the information-governance lead."""

    id = models.BigAutoField(primary_key=True)
    given = models.CharField(max_length=200)
    family_name = models.CharField(max_length=200)
    added_by = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "access_famous_name"


class FamilyLink(models.Model):
    """What a practitioner declared of their own family: a name, and where they live if they said so."""

    id = models.BigAutoField(primary_key=True)
    practitioner = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="+")
    given = models.CharField(max_length=200, blank=True)
    family_name = models.CharField(max_length=200)
    postcode = models.CharField(max_length=8, blank=True)
    declared_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "access_family_link"
