"""Background work of feeds. A job knows a feed's number; it acts as the feed, with the rights of now."""

from __future__ import annotations

import logging

from django.db import connection, transaction
from procrastinate.contrib.django import app

from teamaround.database.actor import ANONYMOUS, acting_as
from teamaround.importing.actions import is_silent
from teamaround.importing.models import UNDER_WAY

from . import intake
from .callers import FeedMe, closed, key_closed, me_of_feed
from .models import CallState, Feed, FeedCall

KEY_ENDED = "The key with which it was sent ended before it was brought in. Nothing was changed."

logger = logging.getLogger("teamaround.feeds")


@app.task(name="feeds.take_in", queue="imports")
def take_in(feed: int) -> None:
    """Bring in what waits of a feed, the earliest first. Ends where another job is at it."""
    while (found := _next(feed)) is not None:
        me, run = found
        with acting_as(me.actor()):
            state = intake.go_on(by=me, run=run)
        logger.info("feed %s: upload %s is %s", feed, run, state)


def _next(feed: int) -> tuple[FeedMe, int] | None:
    """The feed as an actor and the upload whose turn it is; None where nothing waits, or the right has ended."""
    with acting_as(ANONYMOUS), transaction.atomic():
        found = Feed.objects.select_related("team__agency").filter(pk=feed).first()
        if found is None:
            return None
        with connection.cursor() as cursor:
            cursor.execute("select app.stop_feed_calls(%s)", [feed])
        if closed(found):
            logger.warning("feed %s has ended: nothing of it is brought in", feed)
            return None
        me = me_of_feed(found)
    with acting_as(me.actor()), transaction.atomic():
        Feed.objects.select_for_update(no_key=True).get(pk=feed)
        calls = FeedCall.objects.filter(feed_id=feed).select_related("run__progress", "key").order_by("id")
        begun = calls.filter(state=CallState.BEGUN, run__state__in=UNDER_WAY).first()
        if begun is not None:
            if not is_silent(begun.run):
                return None
            if _open(begun):
                return me, begun.run_id
            # Its machine stopped, and its key ended before it was taken up again: it holds up nothing that comes later.
            if intake.give_up(begun.run, KEY_ENDED):
                FeedCall.objects.filter(pk=begun.pk).update(state=CallState.STOPPED)
        call = calls.filter(state=CallState.WAITING).first()
        if call is None:
            return None
        FeedCall.objects.filter(pk=call.pk).update(state=CallState.BEGUN)
        return me, call.run_id


def _open(call: FeedCall) -> bool:
    return call.key is None or not key_closed(call.key)


@app.periodic(cron="*/5 * * * *")
@app.task(name="feeds.go_on_with_what_waits", queueing_lock="feeds_go_on_with_what_waits")
def go_on_with_what_waits(timestamp: int) -> None:
    """Queue every feed of which something waits: a machine may have stopped in the middle."""
    with acting_as(ANONYMOUS), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select feed from app.feeds_waiting()")
            feeds = [row[0] for row in cursor.fetchall()]
        for feed in feeds:
            take_in.defer(feed=feed)
