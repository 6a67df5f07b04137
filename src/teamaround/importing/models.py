"""An uploaded caseload: its file, its columns, what each row will do, and what was made of it.

Every table is the uploading team's alone: no grant opens an uploaded file to anybody else.
"""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from teamaround.access.models import Subject
from teamaround.agencies.models import Agency, Principal, Team
from teamaround.index.models import Involvement, InvolvementRole
from teamaround.people.codes import Precision, Sex


class RunState(models.TextChoices):
    """Where an upload stands. `mapped` waits for its check, `queued` for its turn."""

    UPLOADED = "uploaded", "Columns to be checked"
    MAPPED = "mapped", "Being checked"
    CHECKED = "checked", "Checked, not yet brought in"
    QUEUED = "queued", "Waiting for its turn"
    RUNNING = "running", "Being brought in"
    DONE = "done", "Brought in"
    FAILED = "failed", "Stopped, nothing was changed"
    WITHDRAWING = "withdrawing", "Being withdrawn"
    WITHDRAWN = "withdrawn", "Withdrawn"


#: States in which work goes on without the person.
UNDER_WAY = (RunState.MAPPED, RunState.QUEUED, RunState.RUNNING, RunState.WITHDRAWING)


class RunKind(models.TextChoices):
    """What the rows are: a team's own caseload, each with an involvement; or a register of an area, with none."""

    CASELOAD = "caseload", "The children we work with"
    REGISTER = "register", "Every child of an area"


class DateOrder(models.TextChoices):
    """How a date in figures is meant."""

    DAY_FIRST = "dmy", "Day first: 21/08/2019"
    MONTH_FIRST = "mdy", "Month first: 08/21/2019"


class Ending(models.TextChoices):
    """What was answered about the children whom a whole caseload no longer lists."""

    NOT_ASKED = "", "Not answered"
    NONE = "none", "Nobody’s ends"
    ALL = "all", "All of them end"
    CHOSEN = "chosen", "Those chosen end"


class Origin(models.TextChoices):
    """Where the meaning of a column comes from, before a person looked at it."""

    GUESS = "guess", "Guessed"
    REMEMBERED = "remembered", "Remembered"
    NEW = "new", "New in this file"


class After(models.TextChoices):
    """What became of a row's child when the run was withdrawn."""

    NOTHING = "", "Not withdrawn"
    GONE = "gone", "No longer in the index"
    STAYS = "stays", "Stays, without what this file said"
    KEPT = "kept", "Stays: a later file says the same"
    UNTOUCHED = "untouched", "Nothing to withdraw"


class Outcome(models.TextChoices):
    """What a row does when the upload is brought in."""

    ADD = "add", "Added"
    UPDATE = "update", "Recognised, something is added"
    MATCH = "match", "Recognised, nothing changes"
    DECIDE = "decide", "For you to decide"
    SAME = "same", "Same child as another row"
    REFUSE = "refuse", "Refused"


class Decision(models.TextChoices):
    """What the person who uploaded says of an uncertain row."""

    NONE = "", "Not decided"
    SAME = "same", "The same child"
    DIFFERENT = "different", "A different child"
    SKIP = "skip", "Leave this row out"


class MadeKind(models.TextChoices):
    """What an upload made, or ended, so that it can be withdrawn row by row."""

    PERSON = "person", "Person"
    NAME = "name", "Name"
    ADDRESS = "address", "Address"
    IDENTIFIER = "identifier", "Identifier"
    SCHOOL = "school", "School"
    CARING = "caring", "Caring"
    INVOLVEMENT = "involvement", "Involvement"
    ADDRESS_ENDED = "address_end", "Earlier address ended"
    SCHOOL_ENDED = "school_end", "Earlier school ended"
    INVOLVEMENT_ENDED = "involve_end", "Involvement that the file no longer lists ended"


class Authorisation(models.Model):
    """An agency may load every child of an area from a day until another: the assessment it rests on, and who
    decided. Recorded by an administrator; revoked once, and never changed otherwise."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    area = models.CharField(max_length=120)
    assessment_reference = models.CharField(max_length=80)
    assessed_on = models.DateField()
    decided_by = models.CharField(max_length=120)
    effective_from = models.DateField()
    effective_until = models.DateField()
    recorded_by = models.ForeignKey(
        Principal, on_delete=models.PROTECT, related_name="+", null=True, editable=False
    )
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        Principal, on_delete=models.PROTECT, related_name="+", null=True, editable=False
    )
    revoke_reason = models.CharField(max_length=300, blank=True, db_default="")

    class Meta:
        db_table = "import_authorisation"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(area="") & ~Q(assessment_reference="") & ~Q(decided_by=""),
                name="import_authorisation_says_all",
            ),
            models.CheckConstraint(
                condition=Q(effective_until__gte=F("effective_from")),
                name="import_authorisation_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(assessed_on__lte=F("effective_from")),
                name="import_authorisation_after_its_assessment",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None) | ~Q(revoke_reason=""), name="import_authorisation_revoked_why"
            ),
        ]


class Shape(models.Model):
    """What a team said of a file of one shape: its column names in their order, and the sheet's name. Offered to
    its next file; `digest` finds the same shape again. Forgotten ones are kept, and offered no more."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    author_team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    sheet_name = models.CharField(max_length=80, blank=True)
    filename = models.CharField(max_length=80)
    digest = models.CharField(max_length=64)
    role = models.CharField(max_length=10, choices=InvolvementRole.choices)
    date_order = models.CharField(max_length=3, choices=DateOrder.choices, default=DateOrder.DAY_FIRST)
    remembered_by = models.ForeignKey(
        Principal, on_delete=models.PROTECT, related_name="+", null=True, editable=False
    )
    remembered_at = models.DateTimeField(db_default=Now(), editable=False)
    forgotten_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        db_table = "import_shape"
        constraints = [
            models.UniqueConstraint(
                fields=["author_team", "digest"], condition=Q(forgotten_at=None), name="import_shape_once"
            )
        ]


class ShapeColumn(models.Model):
    """One column of a remembered shape and what it is taken for. `heading` is normalised: small letters, single
    spaces, no marks."""

    id = models.BigAutoField(primary_key=True)
    shape = models.ForeignKey(Shape, on_delete=models.PROTECT, related_name="columns")
    author_team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()
    heading = models.TextField()
    written = models.TextField()
    field = models.CharField(max_length=30)

    class Meta:
        db_table = "import_shape_column"
        ordering = ["position"]
        constraints = [models.UniqueConstraint("shape", "position", name="import_shape_column_once")]


class ImportRun(models.Model):
    """One uploaded file on its way. Who uploaded and who confirmed is the database's own statement."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    author_team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    uploaded_by = models.ForeignKey(
        Principal, on_delete=models.PROTECT, related_name="+", null=True, editable=False
    )
    uploaded_at = models.DateTimeField(db_default=Now(), editable=False)
    asked_by = models.ForeignKey(
        Principal, on_delete=models.PROTECT, related_name="+", null=True, editable=False
    )
    filename = models.CharField(max_length=80)
    read_as = models.CharField(max_length=80)
    role = models.CharField(max_length=10, choices=InvolvementRole.choices, default="registered")
    state = models.CharField(max_length=12, choices=RunState.choices, default=RunState.UPLOADED)
    failure = models.CharField(max_length=300, blank=True)
    rows = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    matched = models.PositiveIntegerField(default=0)
    undecided = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    flagged = models.PositiveIntegerField(default=0)
    checked_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdraw_reason = models.CharField(max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1)
    # What was answered with the file. An unattended run (a feed's) asks nobody: what is uncertain is left out.
    kind = models.CharField(max_length=8, choices=RunKind.choices, db_default=RunKind.CASELOAD)
    authorisation = models.ForeignKey(
        Authorisation, on_delete=models.PROTECT, null=True, blank=True, related_name="runs"
    )
    key = models.CharField(max_length=120, blank=True, db_default="")
    unattended = models.BooleanField(db_default=False)
    sheet_name = models.CharField(max_length=80, blank=True, db_default="")
    date_order = models.CharField(max_length=3, choices=DateOrder.choices, db_default=DateOrder.DAY_FIRST)
    shape = models.ForeignKey(Shape, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    whole = models.BooleanField(db_default=False)
    ending = models.CharField(max_length=6, choices=Ending.choices, blank=True, db_default="")
    ends_on = models.DateField(null=True, blank=True)
    ended = models.PositiveIntegerField(db_default=0)
    plan_digest = models.CharField(max_length=64, blank=True, db_default="")
    # Among how many entries its rows were weighed at the check: bringing in weighs them among as many.
    among = models.FloatField(null=True, blank=True, editable=False)

    class Meta:
        db_table = "import_run"
        indexes = [models.Index(fields=["author_team", "-id"], name="import_run_list")]
        constraints = [
            models.UniqueConstraint(
                fields=["author_team", "key"], condition=~Q(key=""), name="import_run_key_once"
            ),
            models.CheckConstraint(
                condition=Q(kind="caseload", authorisation=None)
                | Q(kind="register", authorisation__isnull=False, whole=False),
                name="import_run_register_is_authorised",
            ),
            models.CheckConstraint(
                condition=Q(ending__in=["", "none"]) | Q(ends_on__isnull=False),
                name="import_run_ends_on_a_day",
            ),
        ]


class ImportFile(models.Model):
    """The bytes as they came, at most 20 MB. Never changed: another file is another upload."""

    run = models.OneToOneField(ImportRun, on_delete=models.PROTECT, primary_key=True, related_name="file")
    author_team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    content = models.BinaryField()
    digest = models.CharField(max_length=64)

    class Meta:
        db_table = "import_file"
        indexes = [models.Index(fields=["author_team", "digest"], name="import_file_digest")]


class ImportColumn(models.Model):
    """One column of the file, three of its values, and what it is taken for."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(ImportRun, on_delete=models.PROTECT, related_name="columns")
    author_team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()
    heading = models.TextField()
    samples = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    field = models.CharField(max_length=30)
    origin = models.CharField(max_length=10, choices=Origin.choices, db_default=Origin.GUESS)

    class Meta:
        db_table = "import_column"
        ordering = ["position"]
        constraints = [models.UniqueConstraint("run", "position", name="import_column_once")]


class ImportRow(models.Model):
    """One data row: what it says of a child, and what it will do or has done."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(ImportRun, on_delete=models.PROTECT, related_name="lines")
    author_team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    line = models.PositiveIntegerField()
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    flagged = models.BooleanField(default=False)
    field = models.CharField(max_length=30, blank=True)
    reason = models.TextField(blank=True)
    given = models.CharField(max_length=200, blank=True)
    middle = models.CharField(max_length=200, blank=True, default="", db_default="")
    family_name = models.CharField(max_length=200, blank=True)
    date_of_birth = models.DateField(null=True, blank=True)
    born_precision = models.CharField(max_length=5, choices=Precision.choices, default="day")
    sex = models.CharField(max_length=1, choices=Sex.choices, default="U")
    postcode = models.CharField(max_length=8, blank=True)
    nhs = models.CharField(max_length=10, blank=True)
    upn = models.CharField(max_length=13, blank=True)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    same_as = models.PositiveIntegerField(null=True, blank=True)
    # Earlier rows of the file that an uncertain one may be, as the check found them.
    like_rows = ArrayField(models.PositiveIntegerField(), db_default=[])
    decision = models.CharField(max_length=10, choices=Decision.choices, blank=True, default="")
    decided_by = models.ForeignKey(
        Principal, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    after = models.CharField(max_length=9, choices=After.choices, blank=True, db_default="")
    after_why = models.CharField(max_length=200, blank=True, db_default="")

    class Meta:
        db_table = "import_row"
        indexes = [
            models.Index(fields=["run", "outcome", "number"], name="import_row_by_outcome"),
            models.Index(
                fields=["run", "number"], condition=models.Q(flagged=True), name="import_row_flagged"
            ),
        ]
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="import_row_once")]

    @property
    def name(self) -> str:
        """Given and family name as one reads them."""
        return f"{self.given} {self.family_name}".strip()


class ImportProgress(models.Model):
    """How far a background step is. Written on a connection of its own, so that it shows while the one
    transaction of the import is still open."""

    run = models.OneToOneField(ImportRun, on_delete=models.PROTECT, primary_key=True, related_name="progress")
    author_team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "import_progress"


class ImportMade(models.Model):
    """One row of another table that an upload wrote, or ended."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(ImportRun, on_delete=models.PROTECT, related_name="made", db_index=False)
    author_team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=12, choices=MadeKind.choices)
    row = models.BigIntegerField()

    class Meta:
        db_table = "import_made"
        indexes = [models.Index(fields=["run", "kind", "row"], name="import_made_by_kind")]


class ImportEnding(models.Model):
    """An involvement of the team whose child the whole file no longer lists. `chosen`: whoever was asked said that it
    is to end. An unattended run writes down whom it asks about; what a later answer takes out is marked, not removed."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(ImportRun, on_delete=models.PROTECT, related_name="endings", db_index=False)
    author_team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    involvement = models.ForeignKey(Involvement, on_delete=models.PROTECT, related_name="+")
    chosen = models.BooleanField(default=True)

    class Meta:
        db_table = "import_ending"
        constraints = [models.UniqueConstraint(fields=["run", "involvement"], name="import_ending_once")]
