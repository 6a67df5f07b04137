"""When services do not open, when sites do, and when the area's schools teach. No row names a child or a family."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from teamaround.agencies.models import Practitioner, Site, Team
from teamaround.database.history import CurrentActor


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
