"""Who calls: a feed, as a narrow service of its one team, for as long as a key that opens it holds."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from django.db import connection
from django.utils import timezone

from teamaround.access.me import Me, Seat
from teamaround.agencies.roles import Permission
from teamaround.database.actor import Actor

from .keys import digest_of, prefix_of
from .models import Feed, FeedKey, FeedKeyFeed, Scope, Way

#: The kind of a feed's stamp: no function of the database opens to it but those that bring in a caseload.
KIND = "feed"


@dataclass(frozen=True, slots=True)
class FeedMe(Me):
    """A feed where a practitioner is expected: it may bring in its own team's caseload, and nothing else."""

    def may(self, permission: Permission) -> bool:
        """Whether it is the one thing that a feed does."""
        return permission is Permission.IMPORT_CASELOAD

    def may_for(self, permission: Permission, team: int) -> bool:
        """Whether it is the one thing that a feed does, for its own team."""
        return permission is Permission.IMPORT_CASELOAD and team in self.teams

    def actor(self) -> Actor:
        """The feed's own principal, which writes, and its team, whose rows these are. No account."""
        return Actor(kind=KIND, principal=self.principal, principals=(self.principal, *self.teams))


class Choice(Enum):
    """How the feed of a call was found."""

    NAMED = "the call names it, or its key opens no other"
    UNSAID = "the call names none, and its key opens several"
    OUTSIDE = "the call names one that its key does not open"


@dataclass(frozen=True, slots=True)
class Caller:
    """One call by a key that holds now, and the feed that it is about.

    Where `choice` is not NAMED it is about no feed: it goes on as the key's first one, to be refused and logged.
    """

    feed: int
    key: int | None
    scopes: frozenset[str]
    me: FeedMe
    choice: Choice = Choice.NAMED

    @property
    def team(self) -> int:
        """The team whose caseload it is."""
        return self.me.team.team


class NoCaller(Exception):
    """The key opens nothing. `why` is for the log: unknown, wrong, revoked, expired, ended. `principal` is the
    feed's where the prefix names one, else 0."""

    def __init__(self, why: str, principal: int = 0) -> None:
        super().__init__(why)
        self.why = why
        self.principal = principal


def caller_of(written: str, feed: UUID | None = None) -> Caller:
    """Whose key this is, now, and for which of its feeds. Raises NoCaller where it opens nothing; every reason looks
    the same outside, and so does every feed that it does not open."""
    prefix = prefix_of(written)
    key = FeedKey.objects.filter(prefix=prefix).first() if prefix else None
    # Compared and looked up even where there is no such key, so that an answer's time tells nothing of prefixes.
    right = hmac.compare_digest(key.digest if key else "0" * 64, digest_of(written))
    named = feeds_of_key(key or FeedKey(pk=0, agency_id=0))
    if key is None:
        raise NoCaller("unknown")
    principal = named[0].principal_id if named else 0
    if not right:
        raise NoCaller("wrong", principal)
    standing = [each for each in named if not closed(each)]
    why = key_closed(key) or ("" if standing else "ended")
    if why:
        raise NoCaller(why, principal)
    found, choice = _chosen(key, named, standing, feed)
    return Caller(found.pk, key.pk, frozenset(key.scopes), me_of_feed(found), choice)


def _chosen(key: FeedKey, named: list[Feed], standing: list[Feed], feed: UUID | None) -> tuple[Feed, Choice]:
    if feed is not None:
        found = next((each for each in standing if each.uuid == feed), None)
        return (found, Choice.NAMED) if found else (standing[0], Choice.OUTSIDE)
    # Feeds that ended count: what was meant for one of two never goes into the other because the first has ended.
    only = not key.every_feed and len(named) == 1
    return standing[0], Choice.NAMED if only else Choice.UNSAID


def feeds_of_key(key: FeedKey) -> list[Feed]:
    """The feeds that a key names, in the order in which they were added, whether or not they have ended."""
    feeds = Feed.objects.filter(team__agency_id=key.agency_id, way=Way.PUSH)
    if not key.every_feed:
        feeds = feeds.filter(pk__in=FeedKeyFeed.objects.filter(key=key).values("feed"))
    return list(feeds.select_related("team__agency").order_by("pk"))


def opened_by(caller: Caller) -> list[Feed]:
    """The feeds that the caller's key opens now, in the order in which they were added."""
    keys = FeedKey.objects.filter(pk=caller.key or 0)
    return [feed for key in keys for feed in feeds_of_key(key) if not closed(feed)]


def note_use(caller: Caller) -> None:
    """Write down that the key was used for the feed, at most once a minute. Acts as the caller."""
    if caller.key is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into feed_key_use (key_id, feed_id, author_team_id) values (%s, %s, %s) on conflict (key_id, feed_id) "
            "do update set used_at = statement_timestamp() "
            "where feed_key_use.used_at < statement_timestamp() - interval '1 minute'",
            [caller.key, caller.feed, caller.team],
        )


def key_closed(key: FeedKey) -> str:
    """Why a key opens nothing any more; "" while it does."""
    if key.revoked_at is not None:
        return "revoked"
    return "expired" if key.expires_at <= timezone.now() else ""


def closed(feed: Feed) -> str:
    """Why nothing can come by a feed any more; "" while it can."""
    ended = feed.ended_at or feed.team.ended_at or feed.team.agency.ended_at
    return "ended" if ended is not None else ""


def me_of_feed(feed: Feed) -> FeedMe:
    """The feed as one who acts for its team."""
    team = feed.team
    seat = Seat(
        team=team.pk,
        team_name=team.name,
        team_slug=team.slug,
        agency=team.agency_id,
        agency_name=team.agency.name,
        role="feed",
        sensitivity=team.sensitivity,
        procedure_slug=team.procedure_slug,
    )
    return FeedMe(account=0, principal=feed.principal_id, name=feed.name, seats=(seat,))


def caller_of_folder(feed: Feed) -> Caller:
    """A folder's feed: whoever may write into the folder is trusted as its agency."""
    return Caller(feed.pk, None, frozenset({Scope.WRITE, Scope.READ}), me_of_feed(feed))


def feed_of_folder(slug: str) -> Feed | None:
    """The feed by folder of the team with this short name, where one is set up and has not ended."""
    found = (
        Feed.objects.select_related("team__agency")
        .filter(team__slug=slug, way=Way.FOLDER, ended_at=None)
        .first()
    )
    return found if found is not None and not closed(found) else None
