"""When services do not open, when sites do, and when the area's schools teach. No row names a child or a family."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from teamaround.access.models import Recorded
from teamaround.agencies.models import Practitioner, Site, Team
from teamaround.database.history import CurrentActor, keep_history

LONGEST_SHIFT = dt.timedelta(days=8)
"""A week on call, with the hours around it."""


class Kept(models.Model):
    """What administrators and managers keep: never deleted, withdrawn with its day and its author."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    recorded_by = models.ForeignKey(
        Practitioner, on_delete=models.PROTECT, related_name="+", db_default=CurrentActor(), db_index=False
    )
    recorded_at = models.DateTimeField(db_default=Now())
    withdrawn_by = models.ForeignKey(
        Practitioner, on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


class Closure(Kept):
    """Days on which a service is closed, first and last included: the whole area's, one team's, or one site's."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    day = models.DateField()
    until = models.DateField()
    reason = models.CharField(max_length=100)

    class Meta:
        db_table = "closure"
        ordering = ["day", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until__gte=F("day"), until__lte=F("day") + 366), name="closure_days"
            ),
            models.CheckConstraint(condition=Q(team=None) | Q(site=None), name="closure_of_one"),
            models.CheckConstraint(condition=~Q(reason=""), name="closure_has_reason"),
        ]


class SchoolTerm(Kept):
    """A stretch of days on which the area's schools teach; a half term parts a term into two."""

    name = models.CharField(max_length=60)
    first_day = models.DateField()
    last_day = models.DateField()

    class Meta:
        db_table = "school_term"
        ordering = ["first_day", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day"), last_day__lte=F("first_day") + 150),
                name="school_term_days",
            )
        ]


class SiteOpening(models.Model):
    """One span of a site's opening hours on one weekday (0 is Monday). A `closes` of 00:00 is midnight."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="openings")
    weekday = models.PositiveSmallIntegerField()
    opens = models.TimeField()
    closes = models.TimeField()

    class Meta:
        db_table = "site_opening"
        ordering = ["site", "weekday", "opens"]
        constraints = [
            models.CheckConstraint(condition=Q(weekday__lte=6), name="site_opening_weekday"),
            models.UniqueConstraint(fields=["site", "weekday", "opens"], name="site_opening_once"),
        ]


class CalendarStamp(models.Model):
    """One row: another value after every change of what calendars are made from. The database writes it."""

    id = models.PositiveSmallIntegerField(primary_key=True)
    stamp = models.UUIDField()
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "calendar_stamp"


class WorkingPattern(Kept):
    """One span of hours that somebody works on a weekday (0 is Monday), at a site or elsewhere, from a day on."""

    practitioner = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    weekday = models.PositiveSmallIntegerField()
    opens = models.TimeField()
    closes = models.TimeField()
    first_day = models.DateField()
    last_day = models.DateField(null=True, blank=True)

    class Meta:
        db_table = "working_pattern"
        ordering = ["practitioner", "weekday", "opens"]
        constraints = [
            models.CheckConstraint(condition=Q(weekday__lte=6), name="working_pattern_weekday"),
            models.CheckConstraint(condition=Q(closes__gt=F("opens")), name="working_pattern_hours"),
            models.CheckConstraint(
                condition=Q(last_day=None) | Q(last_day__gte=F("first_day")), name="working_pattern_days"
            ),
        ]


class ExceptionKind(models.TextChoices):
    """Why somebody is not where their pattern says. Their team reads that they are away; why, they and their managers."""

    HOLIDAY = "holiday", "Holiday"
    TRAINING = "training", "Training"
    SICK = "sick", "Off sick"
    ELSEWHERE = "elsewhere", "At another site"


class RotaException(Kept):
    """Days on which somebody is away, or at another site, first and last included."""

    practitioner = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=9, choices=ExceptionKind.choices)
    day = models.DateField()
    until = models.DateField()
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        db_table = "rota_exception"
        ordering = ["day", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until__gte=F("day"), until__lte=F("day") + 366), name="rota_exception_days"
            ),
            models.CheckConstraint(
                condition=Q(kind="elsewhere", site__isnull=False) | (~Q(kind="elsewhere") & Q(site=None)),
                name="rota_exception_site",
            ),
        ]


class DutyShift(Kept):
    """From when until when somebody is on duty for a team. Who takes a shift over has a shift of their own, `instead_of`
    the first, which is withdrawn."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+", db_index=False)
    practitioner = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="+", db_index=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    instead_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        db_table = "duty_shift"
        ordering = ["starts_at", "id"]
        indexes = [
            models.Index(
                fields=["practitioner", "ends_at"],
                condition=Q(withdrawn_at=None),
                name="duty_shift_of_practitioner",
            ),
            models.Index(
                fields=["team", "ends_at"], condition=Q(withdrawn_at=None), name="duty_shift_of_team"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at"), ends_at__lte=F("starts_at") + LONGEST_SHIFT),
                name="duty_shift_length",
            ),
        ]


class SwapAnswer(models.TextChoices):
    WAITING = "", "Waits for an answer"
    TAKEN = "taken", "Taken over"
    REFUSED = "refused", "Not possible"
    WITHDRAWN = "withdrawn", "No longer asked"


class DutySwap(models.Model):
    """Somebody asks another to take a shift over. Only the one asked takes it."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    shift = models.ForeignKey(DutyShift, on_delete=models.PROTECT, related_name="swaps")
    asked = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=Now())
    answer = models.CharField(max_length=9, choices=SwapAnswer.choices, blank=True, default="")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "duty_swap"
        constraints = [
            models.UniqueConstraint(fields=["shift"], condition=Q(answer=""), name="duty_swap_one_at_a_time")
        ]


@keep_history()
class HandoverNote(Recorded):
    """What whoever is on duty needs to know of a child, until a moment: the author team's, about one case."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    episode = models.BigIntegerField(db_index=True)
    text = models.CharField(max_length=2000)
    until = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "handover_note"
        indexes = [
            models.Index(
                fields=["author_team", "until"], condition=Q(settled_at=None), name="handover_note_of_team"
            )
        ]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="handover_note_says_what")]
