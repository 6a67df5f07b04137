"""Persons and families. Each fact stands with the agency that says so and since when."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from teamaround.access.models import Authored, Recorded, Subject
from teamaround.agencies.models import Account, Agency, Principal
from teamaround.database.history import keep_history

from . import codes


@keep_history()
class Person(Authored):
    """A person: what the index shows of somebody. Further names, addresses and identifiers are facts apart.

    The key is the subject's, so that `person_id` and `subject_id` are one number. One who was voided (added by a
    caseload that was withdrawn) is kept, and found by nobody but teams that work with them.
    """

    subject = models.OneToOneField(
        Subject, on_delete=models.PROTECT, primary_key=True, db_column="subject_id"
    )
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    category = models.CharField(max_length=16, default="index", editable=False)
    given = models.CharField(max_length=200, blank=True)
    family_name = models.CharField(max_length=200, blank=True)
    date_of_birth = models.DateField(null=True, blank=True)
    born_precision = models.CharField(max_length=5, choices=codes.Precision.choices, default="day")
    sex = models.CharField(max_length=1, choices=codes.Sex.choices, default="U")
    died_on = models.DateField(null=True, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.CharField(max_length=200, blank=True, db_default="")

    class Meta:
        db_table = "person"
        constraints = [
            models.CheckConstraint(condition=~Q(given="") | ~Q(family_name=""), name="person_has_a_name"),
            models.CheckConstraint(condition=Q(category="index"), name="person_category_is_index"),
        ]

    @property
    def name(self) -> str:
        """Given and family name as one reads them."""
        return f"{self.given} {self.family_name}".strip()


class Fact(Recorded):
    """A fact about a person: who says so (the agency of the author team) and since when."""

    source = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        abstract = True


@keep_history()
class PersonName(Fact):
    """A name somebody goes or went by."""

    kind = models.CharField(max_length=10, choices=codes.NameKind.choices, default="known_as")
    given = models.CharField(max_length=200, blank=True)
    middle = models.CharField(max_length=200, blank=True)
    family_name = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "person_name"
        constraints = [
            models.CheckConstraint(condition=~Q(given="") | ~Q(family_name=""), name="person_name_not_empty")
        ]


@keep_history()
class Address(Fact):
    """Where somebody lives or lived. A postcode may be the outward part alone."""

    kind = models.CharField(max_length=12, choices=codes.AddressKind.choices, default="home")
    lines = models.CharField(max_length=300, blank=True)
    postcode = models.CharField(max_length=8, blank=True)
    phone = models.CharField(max_length=30, blank=True)

    class Meta:
        db_table = "person_address"


@keep_history()
class Identifier(Fact):
    """An identifier as one agency holds it. Never unique: uniqueness would reveal existence.

    `traced` says that the holder checked it against the register; others are flagged on the page.
    """

    scheme = models.CharField(max_length=8, choices=codes.IdentifierScheme.choices)
    value = models.CharField(max_length=40)
    traced = models.BooleanField(default=False)

    class Meta:
        db_table = "person_identifier"


@keep_history()
class Need(Fact):
    """A language, or a need in communicating."""

    kind = models.CharField(max_length=14, choices=codes.NeedKind.choices)
    words = models.CharField(max_length=200)

    class Meta:
        db_table = "person_need"


@keep_history()
class SchoolPlace(Fact):
    """The school somebody is on the roll of."""

    school_name = models.CharField(max_length=120)
    young_carer_indicator = models.CharField(max_length=1, blank=True)

    class Meta:
        db_table = "person_school_place"


@keep_history()
class Background(Fact):
    """Characteristics that returns ask for."""

    ethnicity = models.CharField(max_length=4, choices=codes.Ethnicity.choices, default="NOBT")

    class Meta:
        db_table = "person_background"


@keep_history()
class Caring(Fact):
    """A child cares for somebody: what they do and for how many hours. Never why: that is the adult's own."""

    cared_for = models.ForeignKey(Subject, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    relation = models.CharField(max_length=60, blank=True)
    tasks = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    hours = models.CharField(max_length=5, choices=codes.HoursBand.choices, blank=True)

    class Meta:
        db_table = "person_caring"
        constraints = [
            models.CheckConstraint(
                condition=Q(cared_for=None) | ~Q(cared_for=F("subject")), name="person_caring_for_another"
            )
        ]


@keep_history()
class CareReason(Fact):
    """Why somebody needs care. The subject is the person who needs it, never the child who cares."""

    kind = models.CharField(max_length=10, choices=codes.CareReasonKind.choices)

    class Meta:
        db_table = "person_care_reason"


@keep_history()
class Family(Authored):
    """A family: more than a household. Its own subject."""

    subject = models.OneToOneField(
        Subject, on_delete=models.PROTECT, primary_key=True, db_column="subject_id"
    )
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    category = models.CharField(max_length=16, default="index", editable=False)
    name = models.CharField(max_length=200)

    class Meta:
        db_table = "family"
        verbose_name_plural = "families"
        constraints = [models.CheckConstraint(condition=Q(category="index"), name="family_category_is_index")]


@keep_history()
class FamilyMember(Fact):
    """A person belongs to a family, in a role, for a period; a child may belong to two.

    The row's subject is the family, so that whoever may see the family sees who is in it.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="family_places")
    role = models.CharField(max_length=12, choices=codes.FamilyRole.choices)
    lives_here = models.BooleanField(default=True)

    class Meta:
        db_table = "family_member"
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "person", "author_team"],
                condition=Q(until=None, voided_at=None),
                name="family_member_once",
            )
        ]


@keep_history()
class Relationship(Fact):
    """The subject is the parent, brother, friend ... of the other person."""

    other = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=codes.RelationshipKind.choices)
    parental_responsibility = models.BooleanField(default=False)

    class Meta:
        db_table = "person_relationship"
        constraints = [
            models.CheckConstraint(condition=~Q(subject=F("other")), name="person_relationship_with_another")
        ]


@keep_history()
class Merge(Authored):
    """Two records are one person: the subject's is merged into another. No row moves; undoing takes the link away.

    The database (`app.guard_merge`) writes both moments, and lets only records take part that are not merged into
    another, so that the records of one person are a tree. See docs/sharing-rules.md.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    category = models.CharField(max_length=16, default="index", editable=False)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    into = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="merged_here")
    reason = models.CharField(max_length=300)
    merged_at = models.DateTimeField(db_default=Now(), editable=False)
    undone_at = models.DateTimeField(null=True, blank=True)
    undo_reason = models.CharField(max_length=300, blank=True, db_default="")

    class Meta:
        db_table = "person_merge"
        constraints = [
            models.UniqueConstraint(
                fields=["subject"], condition=Q(undone_at=None), name="person_merge_into_one"
            ),
            models.CheckConstraint(condition=~Q(subject=F("into")), name="person_merge_into_another"),
            models.CheckConstraint(condition=~Q(reason=""), name="person_merge_says_why"),
            models.CheckConstraint(condition=Q(category="index"), name="person_merge_category_is_index"),
        ]
        indexes = [models.Index(fields=["into"], condition=Q(undone_at=None), name="person_merge_here")]


class PortalAccount(models.Model):
    """A family member's own account: a principal that holds what the person may read of themselves."""

    principal = models.OneToOneField(Principal, on_delete=models.PROTECT, primary_key=True, db_column="id")
    account = models.OneToOneField(Account, on_delete=models.PROTECT, related_name="portal")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="portal_accounts")
    opened_by = models.ForeignKey(Principal, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "portal_account"


class NameReading(models.Model):
    """How a written forename or surname is read: see `readings`. Of nobody: a text and its forms alone."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=6)
    written = models.CharField(max_length=200)
    version = models.CharField(max_length=16)
    words = ArrayField(models.TextField(db_collation="C"))
    parts = ArrayField(models.TextField(db_collation="C"))
    sound = models.TextField(db_collation="C")
    sounds = ArrayField(models.TextField(db_collation="C"))
    forms = ArrayField(models.TextField(db_collation="C"))
    letters = models.TextField(db_collation="C")
    share = models.FloatField()

    class Meta:
        db_table = "name_reading"
        constraints = [
            models.UniqueConstraint(fields=["kind", "written"], name="name_reading_once"),
            models.CheckConstraint(condition=Q(kind__in=["given", "family"]), name="name_reading_kind"),
        ]
        indexes = [models.Index(fields=["version"], name="name_reading_version")]
