"""Involvements: who works with whom, and nothing of the case itself."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from teamaround.access.models import Recorded, Subject
from teamaround.agencies.models import Practitioner
from teamaround.database.history import keep_history


class InvolvementRole(models.TextChoices):
    """What a team is to somebody."""

    LEAD = "lead", "Lead practitioner"
    WORKER = "worker", "Works with them"
    SCHOOL = "school", "Their school"
    GP = "gp", "Their surgery"
    WAITING = "waiting", "On the waiting list"
    REGISTERED = "registered", "Registered"


@keep_history()
class Involvement(Recorded):
    """A team works with a person or family. The author team is the team involved.

    `category` is the database's own statement (see the trigger): `index`, or for a sensitive service the
    category of its work, so that nobody else sees it without a grant for that.
    """

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    practitioner = models.ForeignKey(
        Practitioner, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    role = models.CharField(max_length=10, choices=InvolvementRole.choices, default="worker")
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    last_contact_on = models.DateField(null=True, blank=True)

    class Meta:
        db_table = "involvement"
        indexes = [
            models.Index(fields=["author_team", "until", "-id"], name="involvement_caseload"),
            # In the order of the list: IS NULL is no equality to the planner, so the index above would be sorted.
            models.Index(
                fields=["author_team", "-id"], condition=Q(until=None), name="involvement_caseload_now"
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
        ]


class SearchEntry(models.Model):
    """What the index is searched by: one row a name of a person. Read only inside the search function."""

    id = models.BigAutoField(primary_key=True)
    subject = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=420)
    surname = models.CharField(max_length=210)
    date_of_birth = models.DateField(null=True)

    class Meta:
        db_table = "search_entry"


class SearchKey(models.Model):
    """Postcodes and identifiers a person can be found by. Read only inside the search function."""

    id = models.BigAutoField(primary_key=True)
    subject = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10)
    value = models.CharField(max_length=60)

    class Meta:
        db_table = "search_key"


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
