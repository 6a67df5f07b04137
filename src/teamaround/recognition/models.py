"""Pairs of records that may be one child, what people said of them, and the nightly search that found them."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from teamaround.access.models import Subject
from teamaround.agencies.models import Principal, Team
from teamaround.database.history import CurrentActor
from teamaround.people.models import Merge, Person


class PairState(models.TextChoices):
    """Where a pair stands. The database moves it; see `docs/recognition.md`."""

    WAITING = "waiting", "Waits for a decision"
    SECOND = "second", "Waits for another opinion"
    SAME = "same", "Same child"
    DIFFERENT = "different", "Different children"
    JOINED = "joined", "Joined automatically"


OPEN_STATES = (PairState.WAITING, PairState.SECOND)


class Answer(models.TextChoices):
    """What one person says of a pair."""

    SAME = "same", "Same child"
    DIFFERENT = "different", "Different children"
    UNSURE = "unsure", "Cannot tell"


class Pair(models.Model):
    """Two records of persons that may be one child, once only: `subject` is the lower number of the two.

    Weights are bits, log2 of odds. A level is the code of `linkage.comparisons`; the bits beside it are the term
    of the model that scored the pair, so that the terms sum to `weight` whatever model comes later.
    `given_share` and `family_share` are how large a part of children bear the commoner of the two names.
    `asked` counts how often the question was put: a pair that was decided is put again only by a person, with a
    reason.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+", db_index=False)
    other = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=9, choices=PairState.choices, default=PairState.WAITING)
    asked = models.PositiveSmallIntegerField(default=1)
    hard = models.BooleanField(default=False)
    merge = models.ForeignKey(Merge, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    found_at = models.DateTimeField(db_default=Now(), editable=False)
    settled_at = models.DateTimeField(null=True, blank=True, editable=False)
    model_version = models.CharField(max_length=40)
    population = models.PositiveIntegerField()
    weight = models.FloatField()
    doubt = models.FloatField()
    probability = models.FloatField()
    family_chance = models.FloatField()
    prior_bits = models.FloatField()
    given_level = models.CharField(max_length=12)
    given_bits = models.FloatField()
    given_share = models.FloatField()
    given_rarity_bits = models.FloatField()
    family_level = models.CharField(max_length=12)
    family_bits = models.FloatField()
    family_share = models.FloatField()
    family_rarity_bits = models.FloatField()
    middle_level = models.CharField(max_length=12)
    middle_bits = models.FloatField()
    born_level = models.CharField(max_length=12)
    born_bits = models.FloatField()
    place_level = models.CharField(max_length=12)
    place_bits = models.FloatField()
    sex_level = models.CharField(max_length=12)
    sex_bits = models.FloatField()
    nhs_level = models.CharField(max_length=12)
    nhs_bits = models.FloatField()
    upn_level = models.CharField(max_length=12)
    upn_bits = models.FloatField()
    siblings_bits = models.FloatField()

    class Meta:
        db_table = "recognition_pair"
        constraints = [
            models.UniqueConstraint(fields=["subject", "other"], name="recognition_pair_once"),
            models.CheckConstraint(condition=Q(subject__lt=F("other")), name="recognition_pair_in_order"),
            models.CheckConstraint(
                condition=Q(probability__gte=0, probability__lte=1), name="recognition_pair_probability"
            ),
        ]
        indexes = [
            models.Index(
                fields=["doubt", "id"],
                condition=Q(state__in=("waiting", "second")),
                name="recognition_pair_hardest",
            ),
            models.Index(fields=["state", "-id"], name="recognition_pair_state"),
        ]


class Opinion(models.Model):
    """What one person said of a pair, with the reason. Kept for ever as it was written.

    `subject`, `other` and `asked` are the pair's when it was written. Nobody reads another's opinion before they
    have given their own: the database sees to that.
    """

    id = models.BigAutoField(primary_key=True)
    pair = models.ForeignKey(Pair, on_delete=models.PROTECT, related_name="opinions", db_index=False)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    other = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked = models.PositiveSmallIntegerField()
    answer = models.CharField(max_length=9, choices=Answer.choices)
    reason = models.CharField(max_length=300)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
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

    class Meta:
        db_table = "recognition_opinion"
        constraints = [
            models.UniqueConstraint(
                fields=["pair", "asked", "recorded_by"], name="recognition_opinion_once_each"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="recognition_opinion_says_why"),
            models.CheckConstraint(
                condition=Q(answer__in=Answer.values), name="recognition_opinion_is_an_answer"
            ),
        ]


class AskedAgain(models.Model):
    """Somebody put a decided pair before people again, and why. `asked` is the number of the new question."""

    id = models.BigAutoField(primary_key=True)
    pair = models.ForeignKey(Pair, on_delete=models.PROTECT, related_name="asked_again", db_index=False)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    other = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=300)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
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

    class Meta:
        db_table = "recognition_asked_again"
        constraints = [
            models.UniqueConstraint(fields=["pair", "asked"], name="recognition_asked_again_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="recognition_asked_again_says_why"),
        ]


class Run(models.Model):
    """One nightly search: counts alone. `since` is empty where every entry was read."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(db_default=Now(), editable=False)
    since = models.DateTimeField(null=True, blank=True)
    model_version = models.CharField(max_length=40)
    entries_read = models.PositiveIntegerField()
    pairs_scored = models.PositiveIntegerField()
    joined = models.PositiveIntegerField()
    to_review = models.PositiveIntegerField()

    class Meta:
        db_table = "recognition_run"
        indexes = [models.Index(fields=["-started_at"], name="recognition_run_latest")]
