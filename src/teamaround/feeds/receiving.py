"""What happens when a caseload comes: kept once, in its order, and queued; never brought in by the call itself."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from . import intake
from .callers import Caller
from .models import CallState, Feed, FeedCall, FeedHeard

#: So many caseloads of one feed may wait for their turn.
MOST_WAITING = 20


@dataclass(frozen=True, slots=True)
class Arrival:
    """One caseload as it came: rows by the fields' names, or a file (`content`) of `count` rows. `digest` is that
    of the bytes as they were sent; `key` is the sender's name for this call."""

    filename: str
    count: int
    digest: str
    key: str
    whole: bool
    as_of: dt.datetime
    sequence: int | None = None
    rows: Sequence[Mapping[str, str]] | None = None
    content: bytes = b""

    @property
    def key_digest(self) -> str:
        """What is kept of the sender's name for the call: it could say anything."""
        return hashlib.sha256(self.key.encode("utf-8")).hexdigest()

    @property
    def body_digest(self) -> str:
        """What tells whether two calls say the same."""
        told = f"{self.digest}|{self.whole}|{self.as_of.astimezone(dt.UTC).isoformat()}|{self.sequence}|{self.count}"
        return hashlib.sha256(told.encode("ascii")).hexdigest()


class KeyReused(Exception):
    """The sender's key for the call was used before, with another caseload. Nothing was kept."""


class OlderCaseload(Exception):
    """A later caseload came before; this one would put back what has changed since. Nothing was kept."""

    def __init__(self, latest: FeedCall) -> None:
        super().__init__()
        self.latest = latest


class TooManyWaiting(Exception):
    """The feed sends faster than its caseloads are brought in. Nothing was kept."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A caseload that is kept. `before`: an earlier call brought it, and this one is the same. `has_turn`: it waits
    since this call, and a job has to take it up."""

    call: FeedCall
    before: bool
    has_turn: bool


@transaction.atomic
def receive(*, by: Caller, arrival: Arrival) -> Kept:
    """Keep the caseload and say where it stands. The same call again keeps nothing twice.

    Raises KeyReused, OlderCaseload, TooManyWaiting; SheetError and MappingError as the reading of a file does.
    """
    # One call of a feed at a time: two copies of one call that come together are one.
    Feed.objects.select_for_update(no_key=True).get(pk=by.feed)
    calls = FeedCall.objects.filter(feed_id=by.feed).select_related("run__progress")
    earlier = calls.filter(idempotency_digest=arrival.key_digest).first()
    note_heard(by)
    if earlier is not None:
        if earlier.body_digest != arrival.body_digest:
            raise KeyReused
        try:
            return Kept(earlier, before=True, has_turn=take_up_again(by=by, call=earlier))
        except OlderCaseload:
            return Kept(earlier, before=True, has_turn=False)
    latest = later_than(calls, whole=arrival.whole, as_of=arrival.as_of, sequence=arrival.sequence)
    if latest is not None:
        raise OlderCaseload(latest)
    if calls.filter(state=CallState.WAITING).count() >= MOST_WAITING:
        raise TooManyWaiting
    run = intake.begin(
        by=by.me,
        filename=arrival.filename,
        rows=arrival.rows,
        content=arrival.content,
        whole=arrival.whole,
        key=f"feed:{by.feed}:{arrival.key_digest}",
    )
    made = FeedCall.objects.create(
        feed_id=by.feed,
        author_team_id=by.team,
        key_id=by.key,
        idempotency_digest=arrival.key_digest,
        body_digest=arrival.body_digest,
        whole=arrival.whole,
        as_of=arrival.as_of,
        sequence=arrival.sequence,
        rows=arrival.count or run.rows,
        run=run,
    )
    made.refresh_from_db()
    return Kept(made, before=False, has_turn=True)


def take_up_again(*, by: Caller, call: FeedCall) -> bool:
    """Give a caseload that failed, and so changed nothing, its turn once more, since it was sent again. False for
    any other. Raises OlderCaseload where a later one came meanwhile."""
    if call.state != CallState.BEGUN or not intake.failed(call.run):
        return False
    others = FeedCall.objects.filter(feed_id=by.feed).exclude(pk=call.pk)
    latest = later_than(others, whole=call.whole, as_of=call.as_of, sequence=call.sequence)
    if latest is not None:
        raise OlderCaseload(latest)
    intake.again(by=by.me, run=call.run)
    FeedCall.objects.filter(pk=call.pk).update(state=CallState.WAITING)
    call.refresh_from_db()
    return True


def note_heard(by: Caller) -> None:
    """The feed was heard of now, whatever it said. Acts as the caller."""
    FeedHeard.objects.update_or_create(
        feed_id=by.feed, defaults={"heard_at": Now()}, create_defaults={"author_team_id": by.team}
    )


def later_than(
    calls: QuerySet[FeedCall], *, whole: bool, as_of: dt.datetime, sequence: int | None
) -> FeedCall | None:
    """The caseload that is later than one that comes now, where there is one; None where this one may come.

    Sequences decide where both have one, else the moments. Of the same moment several parts may come, but no
    second whole; of the same sequence only one caseload comes. What was stopped or failed changed nothing, and
    counts for nothing.
    """
    by_moment = Q(as_of__gt=as_of) if not whole else Q(as_of__gte=as_of)
    by_moment |= Q(as_of=as_of, whole=True)
    later = by_moment
    if sequence is not None:
        later = Q(sequence__gte=sequence) | (Q(sequence=None) & by_moment)
    standing = calls.exclude(state=CallState.STOPPED).exclude(intake.FAILED)
    return standing.filter(later).order_by("-id").first()
