"""Planning numbers, which a partnership fills in, and the counts beside them, which the database makes.

Nothing here names a child. The counts are written by `app.count_coverage` already rounded and suppressed (see
`teamaround.disclosure`); the true ones are kept nowhere.
"""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now

from teamaround.agencies.models import Agency, Principal, Team

FIRST_AGE, LAST_AGE = 5, 17
"""The ages that planning numbers are about."""


class PlaceKind(models.TextChoices):
    """What children are counted by."""

    AREA = "area", "Area"
    SCHOOL = "school", "School"
    SURGERY = "surgery", "Surgery"


class Way(models.TextChoices):
    """How a child comes to be known as a young carer. Three separate counts: see docs/decisions/0022."""

    REGISTERED = "registered", "With a young carers’ service"
    CENSUS = "census", "School census"
    CARING = "caring", "Caring role recorded"


class Place(models.Model):
    """An area, a school or a surgery that the partnership plans for.

    An area has `postcodes`: districts ("NM4") or sectors ("NM4 2"). `agency` is the partner it is, if it is one.
    """

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=8, choices=PlaceKind.choices)
    name = models.CharField(max_length=120)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    postcodes = ArrayField(models.CharField(max_length=6), default=list, blank=True)
    set_by = models.ForeignKey(Principal, on_delete=models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "planning_place"
        constraints = [
            models.UniqueConstraint(
                "kind", Lower("name"), condition=Q(ended_at=None), name="planning_place_once"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="planning_place_has_a_name"),
        ]


class Figure(models.Model):
    """How many children a place has, at a date, by whose statement. Never changed: a later one takes its place."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="figures")
    children = models.PositiveIntegerField()
    from_age = models.PositiveSmallIntegerField(default=FIRST_AGE)
    to_age = models.PositiveSmallIntegerField(default=LAST_AGE)
    as_of = models.DateField()
    source = models.CharField(max_length=200)
    set_by = models.ForeignKey(Principal, on_delete=models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "planning_figure"
        indexes = [models.Index(fields=["place", "-as_of", "-id"], name="planning_figure_latest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(from_age__gte=FIRST_AGE, to_age__lte=LAST_AGE, from_age__lte=F("to_age")),
                name="planning_figure_ages",
            ),
            models.CheckConstraint(condition=~Q(source=""), name="planning_figure_has_a_source"),
        ]


class Rate(models.Model):
    """How many in a hundred children of some ages are young carers, by one survey or census. Never changed."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    percent = models.DecimalField(
        max_digits=5, decimal_places=2, validators=[MinValueValidator(0), MaxValueValidator(100)]
    )
    from_age = models.PositiveSmallIntegerField(default=FIRST_AGE)
    to_age = models.PositiveSmallIntegerField(default=LAST_AGE)
    source = models.CharField(max_length=200)
    meaning = models.CharField(max_length=300)
    set_by = models.ForeignKey(Principal, on_delete=models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "planning_rate"
        constraints = [
            models.CheckConstraint(
                condition=Q(from_age__gte=FIRST_AGE, to_age__lte=LAST_AGE, from_age__lte=F("to_age")),
                name="planning_rate_ages",
            ),
            models.CheckConstraint(
                condition=Q(percent__gte=0, percent__lte=100), name="planning_rate_percent"
            ),
            models.CheckConstraint(condition=~Q(source=""), name="planning_rate_has_a_source"),
        ]


class Choice(models.Model):
    """Which rates the partnership expects by, from a day on: a low one and a high one. Never changed."""

    low = models.ForeignKey(Rate, on_delete=models.PROTECT, related_name="+")
    high = models.ForeignKey(Rate, on_delete=models.PROTECT, related_name="+")
    effective_from = models.DateField()
    set_by = models.ForeignKey(Principal, on_delete=models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "planning_choice"


class CarersService(models.Model):
    """A team that is a young carers' service, for a period. A child it works with counts as registered."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)
    set_by = models.ForeignKey(Principal, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "planning_service"
        constraints = [
            models.UniqueConstraint(fields=["team"], condition=Q(ended_at=None), name="planning_service_once")
        ]


class Count(models.Model):
    """What is shown of one place: none, fewer than five, or a rounded figure. Read inside `app.coverage` alone."""

    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="+")
    way = models.CharField(max_length=10, choices=Way.choices)
    known = models.PositiveIntegerField(null=True)

    class Meta:
        db_table = "coverage_count"
        constraints = [models.UniqueConstraint(fields=["way", "place"], name="coverage_count_once")]


class Total(models.Model):
    """What is shown of the whole area: a rounded figure, fewer than `fewer_than`, or nothing at all."""

    way = models.CharField(max_length=10, choices=Way.choices, unique=True)
    known = models.PositiveIntegerField(null=True)
    fewer_than = models.PositiveSmallIntegerField(null=True)
    base = models.PositiveSmallIntegerField(null=True)
    made_at = models.DateTimeField()

    class Meta:
        db_table = "coverage_total"
