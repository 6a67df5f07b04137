"""Running clocks follow a change of calendars: reckoned anew in batches, and written where the due moment moved."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from procrastinate.exceptions import AlreadyEnqueued

from teamaround.database.actor import acting_as
from teamaround.notices.services import service_actor
from teamaround.rota.calendars import forget, local
from teamaround.workingtime import Calendar, Limit, Reckoner, due

from . import engine
from .calendars import procedure_for
from .format import ClockRule, Procedure
from .rounds import ClockState

SERVICE = "clocks"
BATCH = 10_000
"""Clocks a transaction: under a second, so that nobody waits for the rows."""
MOST_RECKONERS = 500


#: The clock, its episode, the version of its procedure, its team, its key, when it began, and when it is due so far.
_Row = tuple[int, int, int, int, str, dt.datetime, dt.datetime]


@dataclass(frozen=True, slots=True)
class Followed:
    """What one call did: clocks looked at, clocks whose due moment moved, and whether all follow now."""

    seen: int
    moved: int
    finished: bool


def follow(*, batch: int = BATCH, batches: int | None = None) -> Followed:
    """Bring the running clocks up to the calendars of now, a transaction a batch; at most `batches`, if given.

    Interrupted, it goes on where it stopped; finished, it does nothing until calendars change again; where they change
    meanwhile, it begins anew. Two at once do not double the work: the later one stops.
    """
    seen = moved = done = 0
    while batches is None or done < batches:
        with acting_as(service_actor(SERVICE)), transaction.atomic():
            step = _step(batch)
        if step is None:
            return Followed(seen, moved, finished=False)
        seen, moved, done = seen + step.seen, moved + step.moved, done + 1
        if step.finished:
            return Followed(seen, moved, finished=True)
    return Followed(seen, moved, finished=False)


def follow_soon() -> None:
    """Have the worker begin at once; without this it begins within a minute."""
    from .jobs import follow_now

    try:
        with transaction.atomic():
            follow_now.defer()
    except AlreadyEnqueued:
        return


def _step(batch: int) -> Followed | None:
    """One batch. None where another is at it."""
    forget()
    stamp = local().stamp
    with connection.cursor() as cursor:
        cursor.execute("select reached, finished from app.take_up_reckoning(%s)", [stamp])
        row = cursor.fetchone()
        if row is None:
            return None
        reached, finished = row
        if finished:
            return Followed(0, 0, finished=True)
        cursor.execute("select * from app.clocks_to_reckon(%s, %s)", [reached, batch])
        rows: list[_Row] = cursor.fetchall()
    finished = len(rows) < batch
    moved = _write(stamp, rows[-1][0] if rows else reached, len(rows), finished, list(_moved(rows)))
    return Followed(len(rows), moved, finished)


def _write(
    stamp: uuid.UUID, reached: int, seen: int, finished: bool, moved: list[tuple[int, dt.datetime, str]]
) -> int:
    with connection.cursor() as cursor:
        if moved:
            # While the moments due still stand as they were: what is told before them moves as far.
            cursor.execute(
                "select app.shift_reminders(%s, %s::timestamptz[])",
                [[each[0] for each in moved], [each[1] for each in moved]],
            )
        cursor.execute(
            "select app.move_clocks(%s, %s, %s, %s, %s, %s::timestamptz[], %s)",
            [
                stamp,
                reached,
                seen,
                finished,
                [each[0] for each in moved],
                [each[1] for each in moved],
                [each[2] for each in moved],
            ],
        )
        return int(cursor.fetchone()[0])


def _moved(rows: Iterable[_Row]) -> Iterator[tuple[int, dt.datetime, str]]:
    """The clocks whose due moment is another now, with it and the words beside it."""
    slowly: list[_Row] = []
    now = timezone.now()
    by_rule: dict[tuple[int, int, str], list[_Row]] = defaultdict(list)
    for row in rows:
        by_rule[row[2], row[3], row[4]].append(row)
    for (version, team, key), group in by_rule.items():
        procedure = procedure_for(version, team)
        try:
            rule = procedure.clock(key)
        except KeyError:
            # The episode was moved to another version at this moment: whoever moved it reckons its clocks.
            continue
        if _needs_events(rule):
            slowly += group
        else:
            yield from _by_start(rule, procedure.calendar_for(rule), group, now)
    yield from _by_events(slowly, now)


def _needs_events(rule: ClockRule) -> bool:
    """Whether the due moment depends on more than when the clock began."""
    return bool(rule.pause or rule.then)


def _by_start(
    rule: ClockRule, calendar: Calendar, rows: Iterable[_Row], now: dt.datetime
) -> Iterator[tuple[int, dt.datetime, str]]:
    if rule.limit.unit in ("minute", "hour") and rule.limit.of == "elapsed":
        return  # day and night: no calendar says anything about it
    reckon = _reckoner(rule.limit, calendar)
    for row in rows:
        started_at = row[5]
        if reckon(started_at) != row[6]:
            reckoned = due(started_at, rule.limit, calendar)
            yield row[0], reckoned.at, ClockState(rule, 1, reckoned, None, "running", now).why


def _reckoner(limit: Limit, calendar: Calendar) -> Reckoner:
    """One for each limit and calendar, from batch to batch. The calendar is kept with it, so that its number stays its
    own."""
    key = (id(calendar), limit)
    kept = _Shared.reckoners.get(key)
    if kept is None:
        if len(_Shared.reckoners) >= MOST_RECKONERS:
            _Shared.reckoners = {}
        kept = _Shared.reckoners[key] = calendar, Reckoner(limit, calendar)
    return kept[1]


class _Shared:
    reckoners: dict[tuple[int, Limit], tuple[Calendar, Reckoner]] = {}


def _by_events(rows: list[_Row], now: dt.datetime) -> Iterator[tuple[int, dt.datetime, str]]:
    if not rows:
        return
    wanted: dict[int, tuple[Procedure, dict[tuple[str, dt.datetime], _Row]]] = {}
    for row in rows:
        procedure = procedure_for(row[2], row[3])
        wanted.setdefault(row[1], (procedure, {}))[1][row[4], row[5]] = row
    with connection.cursor() as cursor:
        cursor.execute("select * from app.events_to_reckon(%s)", [list(wanted)])
        found = cursor.fetchall()
    for episode, group in groupby(found, key=lambda each: each[0]):
        procedure, clocks = wanted[episode]
        for state in engine.run(procedure, list(_events(group)), now).clocks:
            kept = clocks.get((state.key, state.started_at))
            if kept is not None and kept[6] != state.due_at:
                yield kept[0], state.due_at, state.why


def _events(rows: Iterable[tuple[Any, ...]]) -> Iterator[engine.Event]:
    """As `actions.events_of`: the referral's receipt is always among them."""
    received = False
    for _episode, key, kind, happened_at, recorded_at, corrects, voids, priority, opened_at in rows:
        how_soon: engine.Priority = "immediate" if priority == "immediate" else "standard"
        opened = engine.Event(0, "referral.received", opened_at, opened_at, priority=how_soon)
        if key is None:
            break
        first = kind == "referral.received"
        received = received or first
        said = how_soon if first else None
        yield engine.Event(key, kind, happened_at, recorded_at, corrects, voids=voids, priority=said)
    if not received:
        yield opened
