"""Keys: made by administrators alone, shown once, kept as a digest, and open for no longer than they say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from harness.feeds import CHILD, make_key
from teamaround.agencies.models import AdministrationLog, Principal
from teamaround.database.actor import ANONYMOUS, Actor, acting_as
from teamaround.feeds import setting_up
from teamaround.feeds.callers import NoCaller, caller_of
from teamaround.feeds.keys import digest_of, prefix_of
from teamaround.feeds.models import Feed, FeedKey, FeedKeyFeed, Scope
from teamaround.feeds.receiving import Arrival, receive
from teamaround.feeds.setting_up import FeedRefused
from teamaround.index.actions import Query, search


def refused(written: str) -> str:
    with acting_as(ANONYMOUS), transaction.atomic(), pytest.raises(NoCaller) as why:
        caller_of(written)
    return why.value.why


def test_a_key_is_kept_as_a_digest_and_opens_its_own_feed(made: Any) -> None:
    with acting_as(ANONYMOUS), transaction.atomic():
        caller = caller_of(made.written)
        kept = FeedKey.objects.values().get()
    assert caller.feed == made.feed.pk
    assert caller.me.teams == (made.feed.team_id,)
    assert made.written.split("_", 2)[2] not in str(kept)
    assert kept["digest"] == digest_of(made.written)
    assert prefix_of(made.written) == kept["prefix"]


def test_a_feed_acts_as_a_service_of_its_team_and_holds_no_role_in_it(made: Any) -> None:
    with acting_as(ANONYMOUS), transaction.atomic():
        actor = caller_of(made.written).me.actor()
        kind = Principal.objects.values_list("kind", flat=True).get(pk=actor.principal)
    assert (actor.kind, kind) == ("feed", "service")
    assert actor.principals == (made.feed.principal_id, made.feed.team_id)
    assert actor.account == 0


@pytest.mark.parametrize("written", ["", "ta_", "ta_abcdefgh_short", "nonsense", "ta_abcdefgh_" + "x" * 43])
def test_what_is_no_key_opens_nothing(made: Any, written: str) -> None:
    assert refused(written) == "unknown"


def test_another_secret_behind_a_known_prefix_opens_nothing(made: Any) -> None:
    assert refused(made.written[:-1] + ("A" if made.written[-1] != "A" else "B")) == "wrong"


def test_a_revoked_key_opens_nothing_from_that_moment(cast: Any, made: Any) -> None:
    with cast.as_(cast.admin) as me:
        assert setting_up.revoke_key(by=me.principal, key=made.key)
        assert not setting_up.revoke_key(by=me.principal, key=made.key)
    assert refused(made.written) == "revoked"


def test_a_key_opens_nothing_after_its_last_day(cast: Any, make_feed: Callable[..., Any]) -> None:
    made = make_feed()
    with cast.as_(cast.admin):
        FeedKey.objects.filter(pk=made.key.pk).update(
            expires_at=timezone.now() + dt.timedelta(microseconds=1)
        )
    assert refused(made.written) == "expired"


def test_an_ended_feed_or_team_opens_nothing(cast: Any, make_feed: Callable[..., Any]) -> None:
    made = make_feed()
    with cast.as_(cast.admin) as me:
        assert setting_up.end_feed(by=me.principal, feed=made.feed)
    assert refused(made.written) in ("ended", "revoked")


@pytest.mark.parametrize("days", [0, -1, 366, 400])
def test_a_key_lives_from_tomorrow_to_a_year_at_most(cast: Any, made: Any, days: int) -> None:
    with cast.as_(cast.admin) as me, pytest.raises(FeedRefused) as refusal:
        make_key(me.principal, made.feed, days=days)
    assert refusal.value.field == "expires_on"


def test_the_database_keeps_the_year_too(cast: Any, made: Any) -> None:
    with pytest.raises(DatabaseError, match="a year at most"), cast.as_(cast.admin):
        FeedKey.objects.create(
            agency=made.key.agency,
            prefix="zzzzzzzz",
            digest="0" * 64,
            scopes=[Scope.READ],
            expires_at=timezone.now() + dt.timedelta(days=500),
        )


def rotated(by: int, key: FeedKey, **more: Any) -> tuple[FeedKey, str]:
    return setting_up.rotate_key(
        by=by, key=key, expires_on=timezone.localdate() + dt.timedelta(days=200), **more
    )


def test_a_key_that_is_replaced_works_until_it_is_ended(cast: Any, made: Any) -> None:
    with cast.as_(cast.admin) as me:
        second, written = rotated(me.principal, made.key)
        first = FeedKey.objects.get(pk=made.key.pk)
        assert (second.replaces_id, second.name, second.scopes) == (first.pk, first.name, first.scopes)
    assert first.expires_at == made.key.expires_at
    with acting_as(ANONYMOUS), transaction.atomic():
        assert caller_of(made.written).feed == caller_of(written).feed == made.feed.pk
    with cast.as_(cast.admin) as me, pytest.raises(FeedRefused, match="takes this one’s place already"):
        rotated(me.principal, made.key)
    with cast.as_(cast.admin) as me:
        assert setting_up.revoke_key(by=me.principal, key=first)
    assert refused(made.written) == "revoked"
    with acting_as(ANONYMOUS), transaction.atomic():
        assert caller_of(written).feed == made.feed.pk
    with cast.as_(cast.admin) as me, pytest.raises(FeedRefused, match="opens nothing any more"):
        rotated(me.principal, first)


def test_a_replaced_key_ends_after_the_days_that_were_said(cast: Any, made: Any) -> None:
    with cast.as_(cast.admin) as me:
        rotated(me.principal, made.key, earlier_end_in=dt.timedelta(days=7))
        first = FeedKey.objects.get(pk=made.key.pk)
    assert dt.timedelta(days=6) < first.expires_at - timezone.now() <= dt.timedelta(days=7)


def test_an_agency_has_so_many_keys_at_a_time(cast: Any, made: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setting_up, "KEYS_AT_ONCE", 1)
    with cast.as_(cast.admin) as me, pytest.raises(FeedRefused, match="keys that work"):
        make_key(me.principal, made.feed)


def test_a_key_names_feeds_of_its_own_agency_alone(
    cast: Any, make_feed: Callable[..., Any], made: Any
) -> None:
    other = make_feed("moor-lane")
    assert other.key.agency != made.key.agency
    with cast.as_(cast.admin) as me, pytest.raises(FeedRefused) as refusal:
        make_key(me.principal, made.feed, other.feed)
    assert refusal.value.field == "feeds"
    for feed in (other.feed, made.feed):
        # Its own feed too: what a key opens was said when it was made.
        with pytest.raises(DatabaseError), cast.as_(cast.admin):
            FeedKeyFeed.objects.create(key=made.key, feed=feed)
    with pytest.raises(DatabaseError, match="never changed otherwise"), cast.as_(cast.admin):
        FeedKey.objects.filter(pk=made.key.pk).update(every_feed=True)


def test_a_key_that_stands_is_given_no_further_feed(cast: Any, make_feed: Callable[..., Any]) -> None:
    made, second = make_feed(), make_feed(name="Second")
    with acting_as(Actor(kind="service", principal=made.feed.principal_id)), transaction.atomic():
        FeedKey.objects.filter(pk=made.key.pk).update(made_at=timezone.now() - dt.timedelta(days=1))
    with pytest.raises(DatabaseError, match="said when it is made"), cast.as_(cast.admin):
        FeedKeyFeed.objects.create(key=made.key, feed=second.feed)


def test_a_key_ends_with_the_last_feed_that_it_names(cast: Any, make_feed: Callable[..., Any]) -> None:
    made, second = make_feed(), make_feed(name="Second")
    with cast.as_(cast.admin) as me:
        both, _ = make_key(me.principal, made.feed, second.feed)
        every, _ = make_key(me.principal, agency=made.key.agency)
        setting_up.end_feed(by=me.principal, feed=made.feed)
        stand = set(FeedKey.objects.filter(setting_up.STANDS).values_list("pk", flat=True))
        assert stand == {second.key.pk, both.pk, every.pk}
        setting_up.end_feed(by=me.principal, feed=second.feed)
        assert set(FeedKey.objects.filter(setting_up.STANDS).values_list("pk", flat=True)) == {every.pk}


def test_a_call_is_kept_only_under_a_key_that_opens_its_feed(
    cast: Any, make_feed: Callable[..., Any]
) -> None:
    made, other = make_feed(), make_feed("moor-lane")
    with acting_as(ANONYMOUS), transaction.atomic():
        caller = caller_of(made.written)
    arrival = Arrival(
        filename="x.csv",
        count=1,
        rows=[CHILD],
        digest="0" * 64,
        key="first-night",
        whole=False,
        as_of=timezone.now(),
    )
    refusal = pytest.raises(DatabaseError, match="does not open this feed")
    with refusal, acting_as(caller.me.actor()), transaction.atomic():
        receive(by=replace(caller, key=other.key.pk), arrival=arrival)


def test_a_key_is_never_lengthened_given_more_or_brought_back(cast: Any, made: Any) -> None:
    for change in (
        {"expires_at": timezone.now() + dt.timedelta(days=90)},
        {"digest": "1" * 64},
        {"scopes": [Scope.WRITE]},
    ):
        with pytest.raises(DatabaseError, match="never changed otherwise"), cast.as_(cast.admin):
            FeedKey.objects.filter(pk=made.key.pk).update(**change)
    with cast.as_(cast.admin) as me:
        setting_up.revoke_key(by=me.principal, key=made.key)
    with pytest.raises(DatabaseError, match="never changed otherwise"), cast.as_(cast.admin):
        FeedKey.objects.filter(pk=made.key.pk).update(revoked_at=None)


def test_only_an_administrator_makes_feeds_and_keys(cast: Any, made: Any) -> None:
    for member in (cast.yasmin, cast.morgan, cast.greta):
        with pytest.raises(DatabaseError, match="only an administrator"), cast.as_(member) as me:
            setting_up.add_feed(by=me.principal, team=cast.teams["young-carers"], name="Mine", way="push")
    with acting_as(ANONYMOUS), transaction.atomic():
        actor = caller_of(made.written).me.actor()
    with pytest.raises(DatabaseError, match="only an administrator"), acting_as(actor), transaction.atomic():
        FeedKey.objects.filter(pk=made.key.pk).update(scopes=[Scope.WRITE])
    with pytest.raises(DatabaseError, match="only an administrator"), acting_as(actor), transaction.atomic():
        Feed.objects.filter(pk=made.feed.pk).update(name="Other")


def test_what_administrators_do_with_keys_is_in_their_log_without_the_key(cast: Any, made: Any) -> None:
    with cast.as_(cast.admin) as me:
        setting_up.revoke_key(by=me.principal, key=made.key)
        lines = list(AdministrationLog.objects.order_by("pk").values_list("act", "reason"))
    assert [act for act, _ in lines] == ["add_feed", "make_key", "revoke_key"]
    assert made.written not in str(lines)
    assert made.key.prefix in lines[1][1]


def test_a_feeds_actor_reads_no_more_than_its_team_and_finds_nobody(cast: Any, made: Any) -> None:
    with acting_as(ANONYMOUS), transaction.atomic():
        me = caller_of(made.written).me
    refusal = pytest.raises(DatabaseError, match="only practitioners")
    with refusal, acting_as(me.actor()), transaction.atomic():
        search(by=me, query=Query(name="Kofi Osei"), reason="A look")
