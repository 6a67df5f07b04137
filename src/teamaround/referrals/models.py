"""Referrals as they were written, the steps that both teams read, and the checks on receipt."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from teamaround.access.models import Recorded, Subject
from teamaround.agencies.models import Team
from teamaround.database.history import keep_history
from teamaround.people.codes import HoursBand, Precision, Sex
from teamaround.procedures.models import Episode, LinkKind

from . import codes

LONGEST = 4000
"""Characters of a long answer."""


@keep_history()
class Referral(Recorded):
    """A referral as the referrer wrote it. The author team refers; the receiving team reads and answers it.

    The subject is missing until the child is known: what was typed about the child stays here as typed,
    whoever the child turns out to be. Nothing but the subject is ever written to it again. The state is the
    episode's; each step towards it is a `ReferralStep`.
    """

    subject = models.ForeignKey(  # type: ignore[assignment]  # the child may not be known yet
        Subject, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    form_token = models.UUIDField(unique=True, editable=False)
    receiving_team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    episode = models.OneToOneField(Episode, on_delete=models.PROTECT, related_name="referral")

    given = models.CharField(max_length=200, blank=True)
    family_name = models.CharField(max_length=200, blank=True)
    date_of_birth = models.DateField(null=True, blank=True)
    born_precision = models.CharField(max_length=5, choices=Precision.choices, default="day")
    sex = models.CharField(max_length=1, choices=Sex.choices, default="U")

    others_in_family = models.TextField(max_length=LONGEST, blank=True)
    cares = models.BooleanField(null=True, blank=True)
    cares_for = models.CharField(max_length=200, blank=True)
    caring_tasks = models.TextField(max_length=1000, blank=True)
    caring_hours = models.CharField(max_length=5, choices=HoursBand.choices, blank=True)

    worries = models.TextField(max_length=LONGEST)
    going_well = models.TextField(max_length=LONGEST, blank=True)
    hoped_for = models.TextField(max_length=LONGEST, blank=True)
    criteria = ArrayField(models.CharField(max_length=16, choices=codes.Criterion.choices), default=list)
    assessments_known = models.TextField(max_length=1000, blank=True)

    agreement = models.CharField(max_length=8, choices=codes.Agreement.choices)
    agreement_reason = models.CharField(max_length=500, blank=True)
    childs_words = models.TextField(max_length=LONGEST, blank=True)
    immediate_reason = models.CharField(max_length=500, blank=True)
    arrival = models.CharField(max_length=12, choices=codes.Arrival.choices, default="written")
    told_by = models.CharField(max_length=200, blank=True)
    moves = models.CharField(
        max_length=9,
        choices=LinkKind.choices,
        blank=True,
        help_text="Where a case of the referrer's goes on with this referral: how.",
    )
    asks_to_lead = models.BooleanField(default=False)

    class Meta:
        db_table = "referral"
        indexes = [
            models.Index(fields=["receiving_team", "-id"], name="referral_received"),
            models.Index(fields=["author_team", "-id"], name="referral_sent"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(given="") | ~Q(family_name=""), name="referral_has_a_name"),
            models.CheckConstraint(
                condition=Q(agreement="agree") | ~Q(agreement_reason=""),
                name="referral_says_why_family_did_not_agree",
            ),
            models.CheckConstraint(
                condition=~Q(arrival="for_another") | ~Q(told_by=""), name="referral_says_who_told"
            ),
        ]

    @property
    def child(self) -> str:
        """The child's name as the referrer typed it."""
        return f"{self.given} {self.family_name}".strip()

    @property
    def lives(self) -> Whereabouts:
        """Where the child lives and learns as typed, as far as I may read it: empty while a shield hides it."""
        return getattr(self, "whereabouts", None) or Whereabouts()


@keep_history()
class Whereabouts(Recorded):
    """Where the child of a referral lives and learns, as the referrer typed it; one row a referral.

    It stands apart from the referral so that a shield can hide it in the database. It is about whom the
    referral is about: the database carries the subject over, and nobody changes the row otherwise.
    """

    subject = models.ForeignKey(  # type: ignore[assignment]  # the child may not be known yet
        Subject, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    referral = models.OneToOneField(Referral, on_delete=models.PROTECT, related_name="whereabouts")
    receiving_team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    address = models.CharField(max_length=300, blank=True)
    postcode = models.CharField(max_length=8, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    school = models.CharField(max_length=120, blank=True)

    class Meta:
        db_table = "referral_whereabouts"


class ReferralStep(Recorded):
    """One step of a referral: who took it and when, and the words for the other team. Never changed.

    Both teams read it. The author team is the one that took the step.
    """

    subject = models.ForeignKey(  # type: ignore[assignment]  # the child may not be known yet
        Subject, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="steps")
    referring_team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    receiving_team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=codes.StepKind.choices)
    words = models.TextField(max_length=1000, blank=True)

    class Meta:
        db_table = "referral_step"
        indexes = [
            models.Index(fields=["referring_team", "-id"], name="referral_step_told"),
            models.Index(fields=["receiving_team", "-id"], name="referral_step_heard"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind__in=["question", "answered", "declined", "waiting"]) | ~Q(words=""),
                name="referral_step_has_its_words",
            )
        ]


@keep_history()
class ReceiptCheck(Recorded):
    """The receiving team's checks on receipt, one row a referral. An empty answer is not yet given; a note
    explains a “no”."""

    subject = models.ForeignKey(  # type: ignore[assignment]  # the child may not be known yet
        Subject, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    referral = models.OneToOneField(Referral, on_delete=models.PROTECT, related_name="check_on_receipt")
    applies = ArrayField(
        models.CharField(max_length=60),
        default=list,
        blank=True,
        help_text="Which of the procedure's criteria apply, by their keys.",
    )
    criteria_met = models.CharField(max_length=3, choices=codes.Answer.choices, blank=True)
    criteria_note = models.CharField(max_length=500, blank=True)
    family_knows = models.CharField(max_length=3, choices=codes.Answer.choices, blank=True)
    family_note = models.CharField(max_length=500, blank=True)
    details_complete = models.CharField(max_length=3, choices=codes.Answer.choices, blank=True)
    details_note = models.CharField(max_length=500, blank=True)
    assessments_read = models.CharField(max_length=3, choices=codes.Answer.choices, blank=True)
    assessments_note = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "referral_receipt_check"

    @property
    def complete(self) -> bool:
        """Whether each of the four questions has an answer."""
        return all((self.criteria_met, self.family_knows, self.details_complete, self.assessments_read))
