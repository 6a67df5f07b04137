"""What administrators do: feeds added, changed and ended; keys made, replaced and revoked. Each writes its line
in the administration log, in its own transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.agencies.actions import log_act
from teamaround.agencies.models import Principal, PrincipalKind, Team
from teamaround.agencies.refusals import Refused

from .keys import new_key
from .models import Feed, FeedKey, Scope, Way

LONGEST = dt.timedelta(days=365)
#: One to send with, and one that takes its place.
KEYS_AT_ONCE = 2


class FeedRefused(Refused):
    """The act cannot stand as asked; `field` names the form field, the message says what to do."""


@transaction.atomic
def add_feed(
    *,
    by: int | None,
    team: Team,
    name: str,
    way: str,
    silent_hours: int | None = None,
    whole_files: bool = False,
) -> Feed:
    """A feed of a team, with a principal of its own. `whole_files` says that each file of a folder lists the team's
    whole caseload. Raises FeedRefused for a name that the team has already, a
    second folder, or a team that has ended."""
    _fits(team, name, way)
    feed = Feed.objects.create(
        team=team,
        principal=Principal.objects.create(kind=PrincipalKind.SERVICE),
        name=name.strip(),
        way=way,
        silent_hours=silent_hours,
        whole_files=whole_files and way == Way.FOLDER,
        added_by_id=by,
    )
    log_act("add_feed", by=by, team=team.pk, reason=name)
    return feed


def _fits(team: Team, name: str, way: str, *, but: int = 0) -> None:
    if team.ended_at is not None:
        raise FeedRefused(_("This team has ended. Choose one that works."), "team")
    others = Feed.objects.filter(team=team, ended_at=None).exclude(pk=but)
    if others.filter(name__iexact=name.strip()).exists():
        raise FeedRefused(_("This team already has a feed with this name. Choose another."), "name")
    if way == Way.FOLDER and others.filter(way=Way.FOLDER).exists():
        raise FeedRefused(_("This team already has a folder. A team has one."), "way")


@transaction.atomic
def change_feed(*, by: int | None, feed: Feed, name: str, silent_hours: int | None = None) -> None:
    """Another name, or another silence that is too long. The team and the way stay: end it and add another."""
    _fits(feed.team, name, "", but=feed.pk)
    Feed.objects.filter(pk=feed.pk, ended_at=None).update(name=name.strip(), silent_hours=silent_hours)
    log_act("change_feed", by=by, team=feed.team_id, reason=name)


@transaction.atomic
def end_feed(*, by: int | None, feed: Feed) -> bool:
    """Nothing comes by it from now on; what waits is not brought in. False where it had ended."""
    done = Feed.objects.filter(pk=feed.pk, ended_at=None).update(ended_at=timezone.now(), ended_by_id=by)
    if done:
        FeedKey.objects.filter(feed=feed, revoked_at=None).update(revoked_at=timezone.now(), revoked_by_id=by)
        log_act("end_feed", by=by, team=feed.team_id, reason=feed.name)
    return bool(done)


@transaction.atomic
def make_key(
    *,
    by: int | None,
    feed: Feed,
    scopes: Sequence[str],
    expires_on: dt.date,
    earlier_end_in: dt.timedelta | None = None,
) -> tuple[FeedKey, str]:
    """A key, and the words to hand over, which cannot be shown again. It opens until the end of its last day.

    `earlier_end_in` lets the feed's other keys go on for so long, no longer: the sender changes over meanwhile.
    Raises FeedRefused for a day in the past or over a year away, no scope, a feed that has ended or takes files,
    or a third key at a time.
    """
    feed = Feed.objects.select_for_update(no_key=True).get(pk=feed.pk)
    if feed.ended_at is not None or feed.way != Way.PUSH:
        raise FeedRefused(_("This feed takes no keys."))
    today = timezone.localdate()
    if not today < expires_on <= today + LONGEST:
        raise FeedRefused(_("Choose a day after today and at most a year away."), "expires_on")
    if not scopes or set(scopes) - set(Scope.values):
        raise FeedRefused(_("Choose what the key opens."), "scopes")
    open_now = open_keys(feed)
    if len(open_now) >= KEYS_AT_ONCE:
        raise FeedRefused(_("This feed has two keys that work. Revoke one of them first."))
    if earlier_end_in is not None:
        ends = timezone.now() + earlier_end_in
        for key in open_now:
            FeedKey.objects.filter(pk=key.pk, expires_at__gt=ends).update(expires_at=ends)
    written, prefix, digest = new_key()
    last = timezone.make_aware(dt.datetime.combine(expires_on + dt.timedelta(days=1), dt.time.min))
    made = FeedKey.objects.create(
        feed=feed,
        prefix=prefix,
        digest=digest,
        scopes=sorted(scopes),
        made_by_id=by,
        expires_at=last,
    )
    log_act("make_key", by=by, team=feed.team_id, reason=f"{feed.name}: {prefix}")
    return made, written


def open_keys(feed: Feed) -> list[FeedKey]:
    """The feed's keys that hold now, the earliest first."""
    return list(
        FeedKey.objects.filter(Q(expires_at__gt=timezone.now()), feed=feed, revoked_at=None).order_by("pk")
    )


@transaction.atomic
def revoke_key(*, by: int | None, key: FeedKey) -> bool:
    """The key opens nothing from now on, and what it sent that still waits is not brought in. False where it
    was revoked before."""
    done = FeedKey.objects.filter(pk=key.pk, revoked_at=None).update(
        revoked_at=timezone.now(), revoked_by_id=by
    )
    if done:
        log_act("revoke_key", by=by, team=key.feed.team_id, reason=f"{key.feed.name}: {key.prefix}")
    return bool(done)
