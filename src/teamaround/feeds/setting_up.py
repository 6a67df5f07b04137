"""What administrators do: feeds added, changed and ended; keys made, replaced and revoked. Each writes its line
in the administration log, in its own transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.agencies.actions import log_act
from teamaround.agencies.models import Agency, Principal, PrincipalKind, Team
from teamaround.agencies.refusals import Refused

from .callers import key_closed
from .keys import new_key
from .models import Feed, FeedKey, FeedKeyFeed, Scope, Way

LONGEST = dt.timedelta(days=365)
#: So many keys of an agency work at a time.
KEYS_AT_ONCE = 20
#: Keys that open something now.
STANDS = Q(revoked_at=None, expires_at__gt=Now())


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
    """Nothing comes by it from now on; what waits is not brought in. Keys that open no other feed end with it. False
    where it had ended."""
    done = Feed.objects.filter(pk=feed.pk, ended_at=None).update(ended_at=timezone.now(), ended_by_id=by)
    if done:
        others = Feed.objects.filter(keys=OuterRef("pk"), ended_at=None)
        FeedKey.objects.filter(~Exists(others), feeds=feed, every_feed=False, revoked_at=None).update(
            revoked_at=timezone.now(), revoked_by_id=by
        )
        log_act("end_feed", by=by, team=feed.team_id, reason=feed.name)
    return bool(done)


@transaction.atomic
def make_key(
    *,
    by: int | None,
    agency: Agency,
    name: str,
    scopes: Sequence[str],
    expires_on: dt.date,
    feeds: Collection[Feed] | None = None,
) -> tuple[FeedKey, str]:
    """A key of an agency, and the words to hand over, which cannot be shown again. It opens these feeds, or for None
    every feed of the agency, until the end of its last day.

    Raises FeedRefused for a day in the past or over a year away, no scope, no feed or one that the agency's keys
    cannot open, an agency that has ended, or more keys than an agency has at a time.
    """
    agency = _held(agency)
    wanted = [] if feeds is None else sorted(feeds, key=lambda each: each.pk)
    if feeds is not None and not wanted:
        raise FeedRefused(_("Choose the feeds that the key opens."), "feeds")
    for feed in wanted:
        if feed.ended_at is not None or feed.way != Way.PUSH or feed.team.agency_id != agency.pk:
            raise FeedRefused(_("%s takes no keys of this agency.") % feed.name, "feeds")
    if not scopes or set(scopes) - set(Scope.values):
        raise FeedRefused(_("Choose what the key opens."), "scopes")
    return _made(
        by,
        agency,
        expires_on,
        name=name.strip(),
        scopes=sorted(scopes),
        every_feed=feeds is None,
        named=wanted,
    )


@transaction.atomic
def rotate_key(
    *, by: int | None, key: FeedKey, expires_on: dt.date, earlier_end_in: dt.timedelta | None = None
) -> tuple[FeedKey, str]:
    """The key that takes this one's place, with the same name, scopes and feeds, and its words. The earlier one goes
    on until it is ended, for `earlier_end_in` at most where that is said, and never beyond its own last day.

    Raises FeedRefused as `make_key` does, and for a key that opens nothing any more or is replaced already.
    """
    agency = _held(key.agency)
    key = FeedKey.objects.get(pk=key.pk)
    if key_closed(key):
        raise FeedRefused(_("This key opens nothing any more. Make a key of its own."))
    if key.replaced_by.filter(STANDS).exists():
        raise FeedRefused(_("Another key takes this one’s place already. End one of the two first."))
    named = list(key.feeds.filter(ended_at=None, team__ended_at=None))
    if not (named or key.every_feed):
        raise FeedRefused(_("The feeds that this key opens have ended. Make a key of its own."))
    made = _made(
        by,
        agency,
        expires_on,
        name=key.name,
        scopes=key.scopes,
        every_feed=key.every_feed,
        named=named,
        replaces=key,
    )
    if earlier_end_in is not None:
        ends = timezone.now() + earlier_end_in
        FeedKey.objects.filter(pk=key.pk, expires_at__gt=ends).update(expires_at=ends)
    return made


def _held(agency: Agency) -> Agency:
    """The agency, held until the end of the transaction: its keys are counted before another is made."""
    held = Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)
    if held.ended_at is not None:
        raise FeedRefused(_("This agency has ended."))
    return held


def _made(
    by: int | None, agency: Agency, expires_on: dt.date, *, named: list[Feed], **said: Any
) -> tuple[FeedKey, str]:
    today = timezone.localdate()
    if not today < expires_on <= today + LONGEST:
        raise FeedRefused(_("Choose a day after today and at most a year away."), "expires_on")
    if FeedKey.objects.filter(STANDS, agency=agency).count() >= KEYS_AT_ONCE:
        raise FeedRefused(_("This agency has %s keys that work. End some of them first.") % KEYS_AT_ONCE)
    written, prefix, digest = new_key()
    last = timezone.make_aware(dt.datetime.combine(expires_on + dt.timedelta(days=1), dt.time.min))
    made = FeedKey.objects.create(
        agency=agency, prefix=prefix, digest=digest, made_by_id=by, expires_at=last, **said
    )
    FeedKeyFeed.objects.bulk_create([FeedKeyFeed(key=made, feed=feed) for feed in named])
    log_act("make_key", by=by, reason=f"{agency.name}, {made.name}: {prefix}")
    return made, written


@transaction.atomic
def revoke_key(*, by: int | None, key: FeedKey) -> bool:
    """The key opens nothing from now on, and what it sent that still waits is not brought in. False where it
    was ended before."""
    done = FeedKey.objects.filter(pk=key.pk, revoked_at=None).update(
        revoked_at=timezone.now(), revoked_by_id=by
    )
    if done:
        log_act("revoke_key", by=by, reason=f"{key.agency.name}, {key.name}: {key.prefix}")
    return bool(done)
