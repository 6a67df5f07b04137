"""The rows of each page of feeds: one named queryset a screen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import Prefetch, Q, QuerySet
from django.db.models.functions import Now

from teamaround.access.me import Me
from teamaround.agencies.models import Agency
from teamaround.importing import ending
from teamaround.importing.models import Ending, ImportRun, RunState

from .models import Feed, FeedCall, FeedKey, Way


@dataclass(frozen=True, slots=True)
class Figures:
    """What a feed's latest caseload came to, and how many have come."""

    heard_at: dt.datetime
    received_at: dt.datetime
    rows: int
    refused: int
    undecided: int
    run_state: str
    call_state: str
    run: UUID
    calls: int


def feeds_of(teams: Iterable[int]) -> QuerySet[Feed]:
    """The teams' feeds that have not ended."""
    return (
        Feed.objects.filter(team_id__in=list(teams), ended_at=None)
        .select_related("team__agency")
        .order_by("team__name", "name", "pk")
    )


def feeds_for_administrators() -> QuerySet[Feed]:
    """Every feed, those that go on first."""
    return Feed.objects.select_related("team__agency").order_by(
        "ended_at", "team__agency__name", "team__name", "name", "pk"
    )


def figures_of(feeds: Iterable[Feed]) -> dict[int, Figures]:
    """The figures of each feed by its number; none where nothing came. For the feed's team and administrators."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select feed, heard_at, received_at, rows, refused, undecided, run_state, call_state, run, calls "
            "from app.feed_figures(%s::bigint[])",
            [[feed.pk for feed in feeds]],
        )
        return {row[0]: Figures(*row[1:]) for row in cursor.fetchall()}


def calls_of(feed: Feed) -> QuerySet[FeedCall]:
    """What came by the feed, the latest first."""
    return FeedCall.objects.filter(feed=feed).select_related("run", "key").order_by("-id")


def asking_who_ends(me: Me, uploads: Iterable[UUID]) -> set[UUID]:
    """Those of these uploads of which somebody still has to say who ends: whole caseloads that list some no longer.
    One query, and a few for each whole one that was brought in and not answered."""
    open_ones = ImportRun.objects.filter(
        uuid__in=list(uploads), whole=True, state=RunState.DONE, ending=Ending.NOT_ASKED
    )
    return {run.uuid for run in open_ones if ending.is_waited_for(by=me, run=run)}


def keys_of(agency: Agency) -> QuerySet[FeedKey]:
    """The agency's keys with the feeds that they name: those that work first, then the latest."""
    return (
        FeedKey.objects.filter(agency=agency)
        .select_related("made_by", "replaces")
        .prefetch_related(Prefetch("feeds", Feed.objects.select_related("team").order_by("pk")))
        .annotate(works=Q(revoked_at=None, expires_at__gt=Now()))
        .order_by("-works", "-pk")[:50]
    )


def keys_opening(feed: Feed) -> QuerySet[FeedKey]:
    """The keys that open the feed, those that work first, then the latest."""
    opening = Q(every_feed=True, agency_id=feed.team.agency_id) | Q(feeds=feed)
    return (
        FeedKey.objects.filter(opening)
        .select_related("made_by", "replaces")
        .prefetch_related(Prefetch("feeds", Feed.objects.select_related("team").order_by("pk")))
        .annotate(works=Q(revoked_at=None, expires_at__gt=Now()))
        .distinct()
        .order_by("-works", "-pk")[:20]
    )


def feeds_with_keys(agency: Agency) -> QuerySet[Feed]:
    """The agency's feeds that take calls and have not ended."""
    return (
        Feed.objects.filter(team__agency=agency, way=Way.PUSH, ended_at=None, team__ended_at=None)
        .select_related("team")
        .order_by("team__name", "name", "pk")
    )


def last_uses_of(feed: Feed) -> dict[int, dt.datetime]:
    """When each key was last used for the feed, by the key's number. For the feed's team and administrators."""
    with connection.cursor() as cursor:
        cursor.execute("select key, used_at from app.feed_keys_used(%s)", [feed.pk])
        return dict(cursor.fetchall())


def last_uses_in(agency: Agency) -> dict[int, dt.datetime]:
    """When each key of the agency was last used, by the key's number. For administrators."""
    with connection.cursor() as cursor:
        cursor.execute("select key, used_at from app.agency_keys_used(%s)", [agency.pk])
        return dict(cursor.fetchall())


def late() -> dict[int, dt.datetime]:
    """The feeds that are late, by number, and by when something should have come: of the actor's teams, and every one
    for administrators. One query."""
    with connection.cursor() as cursor:
        cursor.execute("select feed, due from app.late_feeds()")
        return dict(cursor.fetchall())
