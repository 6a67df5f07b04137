"""Bases: what may be shared, with whom, who decided, who gave it, from, until, withdrawn, why."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from teamaround.access.categories import Category
from teamaround.access.models import Authored, Subject
from teamaround.agencies.models import Panel, Principal
from teamaround.database.history import keep_history
from teamaround.people.models import Person

from .decision_models import AccessRequest as AccessRequest
from .decision_models import DecisionLine as DecisionLine
from .decision_models import SharingDecision as SharingDecision


class Kind(models.TextChoices):
    CONSENT = "consent", "Confidentiality consent"
    SAFEGUARDING = "safeguarding", "Safeguarding"
    DUTY = "duty", "Legal duty to share"
    VITAL = "vital", "Vital interests"
    PANEL = "panel", "Panel agenda"
    BREAK_GLASS = "break_glass", "Break-glass"


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
    told_family = models.BooleanField(db_default=True, default=True)

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
            models.CheckConstraint(
                condition=~Q(kind__in=["duty", "vital"])
                | (~Q(reason="") & Q(review_on__isnull=False, given_by=None)),
                name="basis_without_consent_has_reason_and_review",
            ),
            models.CheckConstraint(
                condition=~Q(kind="break_glass")
                | (
                    ~Q(reason="")
                    & Q(given_by=None)
                    & Q(valid_until__lte=F("valid_from") + dt.timedelta(hours=24))
                ),
                name="basis_break_glass_ends_in_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(kind="panel") | Q(given_by=None, valid_until__isnull=False),
                name="basis_panel_has_an_end",
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


@keep_history()
class Settlement(Authored):
    """A worker settles a disagreement between equals, such as two parents: this consent's answer stands.

    Until then the more restrictive answer does. A later refusal counts again; the subject's own always does.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    category = models.CharField(max_length=16, default="identity", editable=False)
    basis = models.ForeignKey(Basis, on_delete=models.PROTECT, related_name="settlements")
    reason = models.CharField(max_length=1000)
    valid_from = models.DateTimeField(db_default=Now())
    valid_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "sharing_settlement"
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="settlement_has_a_reason"),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
                name="settlement_ends_after_it_starts",
            ),
        ]


class ShieldLevel(models.TextChoices):
    WHEREABOUTS = "whereabouts", "Hide where they live and learn"
    FULL = "full", "Hide all but that an entry exists"


@keep_history()
class Shield(Authored):
    """Protection of a person who could come to harm by being found.

    It binds everybody but the team that recorded it and the holders it names.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    category = models.CharField(max_length=16, default="safeguarding", editable=False)
    level = models.CharField(max_length=12, choices=ShieldLevel.choices)
    reason = models.CharField(max_length=1000)
    review_on = models.DateField()
    valid_from = models.DateTimeField(db_default=Now())
    valid_until = models.DateTimeField(null=True, blank=True)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "sharing_shield"
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="shield_has_a_reason"),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gt=F("valid_from")),
                name="shield_ends_after_it_starts",
            ),
        ]
        indexes = [models.Index(fields=["subject"], name="sharing_shield_of")]


@keep_history()
class ShieldHolder(Authored):
    """A team, panel or practitioner whom a shield does not bind."""

    id = models.BigAutoField(primary_key=True)
    shield = models.ForeignKey(Shield, on_delete=models.PROTECT, related_name="holders")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    category = models.CharField(max_length=16, default="safeguarding", editable=False)
    holder = models.ForeignKey(Principal, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "sharing_shield_holder"
        constraints = [models.UniqueConstraint("shield", "holder", name="shield_holder_once")]


class DutyPeriod(models.Model):
    """A period in which the law's duty to share is in force here: an administrator switches it on, with dates."""

    id = models.BigAutoField(primary_key=True)
    effective_from = models.DateTimeField()
    effective_until = models.DateTimeField(null=True, blank=True)
    authority = models.CharField(max_length=300)
    set_by = models.ForeignKey(Principal, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "sharing_duty_period"
        constraints = [
            models.CheckConstraint(condition=~Q(authority=""), name="duty_period_names_its_authority"),
            models.CheckConstraint(
                condition=Q(effective_until=None) | Q(effective_until__gt=F("effective_from")),
                name="duty_period_ends_after_it_starts",
            ),
        ]


class Paper(Authored):
    """A consent form on paper, as it was scanned or photographed. Its bytes are never changed."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    basis = models.ForeignKey(Basis, on_delete=models.PROTECT, related_name="papers")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    category = models.CharField(max_length=16, default="identity", editable=False)
    media_type = models.CharField(max_length=20)
    size = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        db_table = "sharing_paper"
        constraints = [
            models.CheckConstraint(
                condition=Q(media_type__in=["application/pdf", "image/jpeg", "image/png"]),
                name="paper_is_a_scan_or_photograph",
            ),
            models.CheckConstraint(condition=Q(size__gt=0, size__lte=20_000_000), name="paper_fits"),
        ]


class ReviewOutcome(models.TextChoices):
    GOES_ON = "goes_on", "It goes on until a new review"
    ENDED = "ended", "It ends now"


class BasisReview(Authored):
    """A basis without consent was looked at again: it goes on to a new review date, or ended, and why."""

    id = models.BigAutoField(primary_key=True)
    basis = models.ForeignKey(Basis, on_delete=models.PROTECT, related_name="reviews")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    category = models.CharField(max_length=16, default="safeguarding", editable=False)
    outcome = models.CharField(max_length=8, choices=ReviewOutcome.choices)
    reason = models.CharField(max_length=1000)
    review_on = models.DateField(null=True, blank=True)

    class Meta:
        db_table = "sharing_review"
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="review_has_a_reason"),
            models.CheckConstraint(
                condition=Q(outcome="goes_on", review_on__isnull=False) | Q(outcome="ended", review_on=None),
                name="review_names_the_next_where_it_goes_on",
            ),
        ]


class BreakGlassReview(Authored):
    """The information-governance lead's word on an opening in an emergency: justified or not, and why."""

    id = models.BigAutoField(primary_key=True)
    basis = models.OneToOneField(Basis, on_delete=models.PROTECT, related_name="emergency_review")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    category = models.CharField(max_length=16, default="safeguarding", editable=False)
    opened_by = models.ForeignKey(Principal, on_delete=models.PROTECT, related_name="+")
    justified = models.BooleanField()
    note = models.CharField(max_length=1000)

    class Meta:
        db_table = "sharing_break_glass_review"
        constraints = [models.CheckConstraint(condition=~Q(note=""), name="break_glass_review_says_why")]


class ShieldReview(Authored):
    """A shield was looked at again and stays up until a new review date, and why."""

    id = models.BigAutoField(primary_key=True)
    shield = models.ForeignKey(Shield, on_delete=models.PROTECT, related_name="reviews")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    category = models.CharField(max_length=16, default="safeguarding", editable=False)
    reason = models.CharField(max_length=1000)
    review_on = models.DateField()

    class Meta:
        db_table = "sharing_shield_review"
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="shield_review_has_a_reason")]


@keep_history()
class AgendaItem(Authored):
    """A case on a panel's agenda. The panel sees what was put before it until the item is closed."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    basis = models.OneToOneField(Basis, on_delete=models.PROTECT, related_name="agenda_item")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    category = models.CharField(max_length=16, default="plan", editable=False)
    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="+")
    agenda_on = models.DateField()
    question = models.CharField(max_length=500)
    outcome = models.CharField(max_length=1000, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "sharing_agenda_item"
        indexes = [models.Index(fields=["panel", "agenda_on"], name="sharing_agenda")]
        constraints = [
            models.CheckConstraint(condition=~Q(question=""), name="agenda_item_asks_something"),
            models.CheckConstraint(
                condition=Q(closed_at=None) | ~Q(outcome=""), name="agenda_item_closes_with_an_outcome"
            ),
        ]


class Article6(models.TextChoices):
    """Why personal data may be used at all: article 6(1) of the UK GDPR."""

    PUBLIC_TASK = "e", "Public task, article 6(1)(e)"
    RECOGNISED = "ea", "Recognised legitimate interest: safeguarding, article 6(1)(ea)"
    LEGAL_DUTY = "c", "Legal obligation, article 6(1)(c)"
    VITAL = "d", "Vital interests, article 6(1)(d)"
    LEGITIMATE = "f", "Legitimate interests, article 6(1)(f)"


class Article9(models.TextChoices):
    """Why special category data may be used: article 9(2) of the UK GDPR."""

    NONE = "", "No special category data is used"
    CARE = "h", "Health or social care, article 9(2)(h)"
    SUBSTANTIAL = "g", "Substantial public interest: safeguarding, article 9(2)(g)"
    VITAL = "c", "Vital interests, article 9(2)(c)"


@keep_history()
class LawfulBasis(Authored):
    """On which ground of the UK GDPR a team uses somebody's data. Neither consent nor agreement to a service."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    category = models.CharField(max_length=16, default="identity", editable=False)
    article6 = models.CharField(max_length=2, choices=Article6.choices)
    article9 = models.CharField(max_length=1, choices=Article9.choices, blank=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "sharing_lawful_basis"
        constraints = [models.UniqueConstraint("subject", "author_team", name="lawful_basis_once_a_team")]
