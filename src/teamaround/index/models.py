"""Involvements: who works with whom, and nothing of the case itself."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from teamaround.access.models import Recorded, Subject
from teamaround.agencies.models import Practitioner, Team
from teamaround.database.history import keep_history


class InvolvementRole(models.TextChoices):
    """What a team is to somebody."""

    LEAD = "lead", "Lead practitioner"
    WORKER = "worker", "Works with them"
    SCHOOL = "school", "Their school"
    GP = "gp", "Their surgery"
    WAITING = "waiting", "On the waiting list"
    REGISTERED = "registered", "Registered"


class EndReason(models.TextChoices):
    """Why an involvement ended, where it was not simply its team that said so."""

    SAID = "", "The team said so"
    UNCONFIRMED = "unconfirmed", "Ended because nobody confirmed it"
    UNLISTED = "unlisted", "Ended because the caseload no longer lists them"


@keep_history()
class Involvement(Recorded):
    """A team works with a person or family. The author team is the team involved.

    `category` is the database's own statement (see the trigger): `index`, or for a sensitive service the
    category of its work, so that nobody else sees it without a grant for that.

    `confirmed_on` is the day on which the team last said that it still works with them, or a whole caseload listed
    them. `asked_on` and `reminded_on` say that the team was asked whether it does, and reminded: both go with its answer.
    """

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    practitioner = models.ForeignKey(
        Practitioner, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    role = models.CharField(max_length=10, choices=InvolvementRole.choices, default="worker")
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    last_contact_on = models.DateField(null=True, blank=True)
    confirmed_on = models.DateField(null=True, blank=True)
    asked_on = models.DateField(null=True, blank=True)
    reminded_on = models.DateField(null=True, blank=True)
    end_reason = models.CharField(
        max_length=12, choices=EndReason.choices, blank=True, default="", db_default=""
    )

    class Meta:
        db_table = "involvement"
        indexes = [
            models.Index(fields=["author_team", "until", "-id"], name="involvement_caseload"),
            # In the order of the list: IS NULL is no equality to the planner, so the index above would be sorted.
            models.Index(
                fields=["author_team", "-id"], condition=Q(until=None), name="involvement_caseload_now"
            ),
            models.Index(
                fields=["author_team", "-id"],
                condition=Q(until=None, asked_on__isnull=False),
                name="involvement_asked",
            ),
            models.Index(
                fields=["author_team", "until"],
                condition=Q(end_reason="unconfirmed"),
                name="involvement_unconfirmed",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="involvement_ends_after_it_starts"
            ),
            models.UniqueConstraint(
                # Of those that may be seen: a hidden service's lead would show in the refusal.
                fields=["subject"],
                condition=Q(role="lead", until=None, category="index"),
                name="involvement_one_lead",
            ),
            models.CheckConstraint(
                condition=Q(end_reason="") | Q(until__isnull=False), name="involvement_reason_with_its_end"
            ),
            models.CheckConstraint(
                condition=Q(reminded_on=None) | Q(reminded_on__gte=F("asked_on")),
                name="involvement_reminded_after_asked",
            ),
        ]


class FreshnessRule(models.Model):
    """How long an involvement of a role may be quiet, in days: until its team is asked, from then until it is
    reminded, and from the question until the involvement ends by itself. Set by administrators; the database says by
    whom and when."""

    SHORTEST, LONGEST = 14, 1095
    """Bounds of `quiet_after_days`."""
    TO_ANSWER = 7
    """So many days lie at least between the reminder and the end."""
    LATEST_END = 365

    role = models.CharField(max_length=10, choices=InvolvementRole.choices, primary_key=True)
    quiet_after_days = models.PositiveSmallIntegerField(default=90)
    remind_after_days = models.PositiveSmallIntegerField(default=14)
    end_after_days = models.PositiveSmallIntegerField(default=30)
    set_by = models.ForeignKey(Practitioner, on_delete=models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "involvement_freshness"
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    quiet_after_days__gt=0, remind_after_days__gt=0, end_after_days__gt=F("remind_after_days")
                ),
                name="involvement_freshness_in_order",
            ),
            models.CheckConstraint(
                condition=Q(
                    quiet_after_days__gte=14,
                    quiet_after_days__lte=1095,
                    end_after_days__gte=F("remind_after_days") + 7,
                    end_after_days__lte=365,
                ),
                name="involvement_freshness_in_bounds",
            ),
        ]


class How(models.TextChoices):
    """How a team came to know that another works with somebody."""

    FOUND = "found", "Was there already when they began, and they had not known"
    TOLD = "told", "Told when it began"
    LOOKED = "looked", "Looked who is involved"
    MET = "met", "Met at a meeting"
    PLAN = "plan", "Shared a plan"


class Acquainted(models.Model):
    """A team knows that another team works with a subject: how, and since when. The author team is the one that
    knows. Written by the database alone, the first time for each way; `told` again where the other begins again."""

    id = models.BigAutoField(primary_key=True)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+", db_index=False)
    author_team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+", db_index=False)
    other_team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+", db_index=False)
    how = models.CharField(max_length=6, choices=How.choices)
    at = models.DateTimeField(db_default=Now())
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "acquainted"
        indexes = [
            models.Index(fields=["author_team", "-at"], condition=Q(how="told"), name="acquainted_news"),
            models.Index(fields=["at"], condition=Q(how="told", mailed_at=None), name="acquainted_to_mail"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "author_team", "other_team", "how"], name="acquainted_once_each_way"
            )
        ]


class SearchFeature(models.Model):
    """What the search compares: one row a name of a person, with all that is known of the person beside it.

    The columns are those of `teamaround.linkage.features.COLUMNS` that cannot be worked out from others; a list is
    empty where it holds the one word that stands beside it. Filled by the database (`app.rebuild_search`) and read
    by its functions alone. `root` is the person; `subject` the record that bears the name.
    """

    id = models.BigAutoField(primary_key=True)
    subject = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="+", db_index=False)
    root = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="+", db_index=False)
    given = models.TextField(db_collation="C")
    middle = models.TextField(db_collation="C")
    family = models.TextField(db_collation="C")
    given_sound = models.TextField(db_collation="C")
    family_sound = models.TextField(db_collation="C")
    given_letters = models.TextField(db_collation="C")
    family_letters = models.TextField(db_collation="C")
    given_forms = ArrayField(models.TextField(db_collation="C"))
    family_parts = ArrayField(models.TextField(db_collation="C"))
    family_forms = ArrayField(models.TextField(db_collation="C"))
    family_sounds = ArrayField(models.TextField(db_collation="C"))
    born = models.TextField(db_collation="C")
    sex = models.TextField(db_collation="C")
    postcode = models.TextField(db_collation="C")
    postcodes = ArrayField(models.TextField(db_collation="C"))
    outward = models.TextField(db_collation="C")
    nhs = models.TextField(db_collation="C")
    nhs_traced = models.BooleanField()
    upn = models.TextField(db_collation="C")
    tf_given = models.FloatField()
    tf_family = models.FloatField()
    guarded = models.BooleanField()
    unread = models.BooleanField()

    class Meta:
        db_table = "search_feature"


class SearchArea(models.Model):
    """How many entries live in a postcode area (its letters), and in which districts; counted each night. No right at
    all for the application: the search asks it, to say who is nearer. `among` is the number in all areas."""

    area = models.TextField(primary_key=True, db_collation="C")
    entries = models.BigIntegerField()
    among = models.BigIntegerField()
    districts = ArrayField(models.TextField(db_collation="C"))

    class Meta:
        db_table = "search_area"

    def __str__(self) -> str:
        return self.area
