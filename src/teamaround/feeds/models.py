"""A team's feeds, the keys of agencies with which they are sent, and each caseload that came.

Nothing here names a subject: what a feed sent of children is an upload of its team, under that team's policies.
"""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from teamaround.agencies.models import Agency, Practitioner, Principal, Team
from teamaround.importing.models import ImportRun


class Way(models.TextChoices):
    """How a caseload comes."""

    PUSH = "push", "The system calls us, with a key"
    FOLDER = "folder", "Files are dropped into a folder"


class Scope(models.TextChoices):
    """What a key opens."""

    WRITE = "caseload:write", "Send a team’s caseload"
    READ = "caseload:read", "Ask how a caseload that was sent stands"


class Feed(models.Model):
    """One source that keeps one team's caseload current. It acts as a service of that team, by its own principal."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    principal = models.OneToOneField(Principal, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    way = models.CharField(max_length=8, choices=Way.choices)
    # So many hours without a caseload are too long; none: it may be silent.
    silent_hours = models.PositiveSmallIntegerField(null=True, blank=True)
    # When its silence was last told to those who keep it; they are told again only once it was heard in between.
    late_told_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Whether each file of a folder lists the whole caseload; a call says so itself.
    whole_files = models.BooleanField(default=False)
    added_by = models.ForeignKey(Practitioner, on_delete=models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Practitioner, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "feed"
        constraints = [
            models.UniqueConstraint("team", "name", condition=Q(ended_at=None), name="feed_name_once_a_team"),
            models.UniqueConstraint(
                "team", condition=Q(way="folder", ended_at=None), name="feed_folder_once_a_team"
            ),
        ]


class FeedKey(models.Model):
    """A key of an agency: a public prefix and a digest of the rest. What was handed out is kept nowhere.

    It opens `every_feed` of its agency, those added later too, or the feeds that were named when it was made; what it
    may do there are its `scopes`. It `replaces` an earlier key, which goes on until it ends or is ended.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    every_feed = models.BooleanField(default=False)
    feeds = models.ManyToManyField(Feed, through="FeedKeyFeed", related_name="keys")
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="replaced_by")
    prefix = models.CharField(max_length=8, unique=True)
    digest = models.CharField(max_length=64)
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope.choices))
    made_by = models.ForeignKey(Practitioner, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(Practitioner, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "feed_key"
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("made_at")), name="feed_key_expires_after_it_is_made"
            ),
            models.CheckConstraint(condition=Q(scopes__len__gt=0), name="feed_key_opens_something"),
        ]


class FeedKeyFeed(models.Model):
    """One feed that a key opens: said when the key is made, never later."""

    id = models.BigAutoField(primary_key=True)
    key = models.ForeignKey(FeedKey, on_delete=models.PROTECT, related_name="+")
    feed = models.ForeignKey(Feed, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "feed_key_feed"
        constraints = [
            models.UniqueConstraint(fields=["key", "feed"], name="feed_key_names_a_feed_once"),
        ]


class FeedKeyUse(models.Model):
    """When a key was last used for a feed, to the minute. Apart from the key, which only administrators change."""

    id = models.BigAutoField(primary_key=True)
    key = models.ForeignKey(FeedKey, on_delete=models.PROTECT, related_name="+")
    feed = models.ForeignKey(Feed, on_delete=models.PROTECT, related_name="+")
    author_team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    used_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "feed_key_use"
        constraints = [
            models.UniqueConstraint(fields=["key", "feed"], name="feed_key_used_once_a_feed"),
        ]


class FeedHeard(models.Model):
    """When a feed was last heard of: also by a repetition, or a file that is the same as the one before."""

    feed = models.OneToOneField(Feed, on_delete=models.PROTECT, primary_key=True, related_name="heard")
    author_team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    heard_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "feed_heard"


class CallState(models.TextChoices):
    """Where a caseload that came stands. Everything further stands on its upload."""

    WAITING = "waiting", "Waiting for its turn"
    BEGUN = "begun", "Taken up"
    STOPPED = "stopped", "Stopped: the key or the feed had ended before its turn came"


class FeedCall(models.Model):
    """One caseload as it came: by which key, what it said of itself, and the upload that it became.

    `as_of` is the moment of which the sender's rows are true; `sequence` counts the sender's caseloads. The
    sender's own key for the call and the bytes of it are held as digests alone.
    """

    id = models.BigAutoField(primary_key=True)
    feed = models.ForeignKey(Feed, on_delete=models.PROTECT, related_name="calls")
    author_team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    key = models.ForeignKey(FeedKey, on_delete=models.PROTECT, null=True, related_name="+")
    idempotency_digest = models.CharField(max_length=64)
    body_digest = models.CharField(max_length=64)
    whole = models.BooleanField()
    as_of = models.DateTimeField()
    sequence = models.BigIntegerField(null=True, blank=True)
    rows = models.PositiveIntegerField()
    received_at = models.DateTimeField(db_default=Now())
    run = models.OneToOneField(ImportRun, on_delete=models.PROTECT, related_name="feed_call")
    state = models.CharField(max_length=8, choices=CallState.choices, default=CallState.WAITING)

    class Meta:
        db_table = "feed_call"
        indexes = [models.Index(fields=["feed", "-id"], name="feed_call_latest")]
        constraints = [
            models.UniqueConstraint(fields=["feed", "idempotency_digest"], name="feed_call_once"),
        ]
