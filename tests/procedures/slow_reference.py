"""The rules of the engine once more, written to be read and not to be quick, and without the engine's parts.

Time is walked through moment by moment, as a person would with the events on cards.
"""

from calendar import monthrange
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays

from teamaround.procedures.engine import Event
from teamaround.procedures.format import ClockRule, Procedure
from teamaround.workingtime import Limit

LONDON = ZoneInfo("Europe/London")
OPENS, CLOSES = time(8), time(22)
_HOLIDAYS = holidays.country_holidays("GB", subdiv="ENG", years=range(2025, 2029))

Row = tuple[str, int, datetime, datetime, datetime | None, str]


def stands(event: Event, events: Sequence[Event]) -> bool:
    """Whether an entry has force: neither marked void nor struck by an entry that has force."""
    later = [each for each in events if (each.recorded_at, each.id) > (event.recorded_at, event.id)]
    return not event.voided and not any(
        each.voids and each.corrects == event.id and stands(each, events) for each in later
    )


def counts(event: Event, events: Sequence[Event], now: datetime) -> bool:
    """Whether an entry stands for something that has happened."""
    later = [each for each in events if (each.recorded_at, each.id) > (event.recorded_at, event.id)]
    return (
        stands(event, events)
        and not event.voids
        and event.happened_at <= now
        and not any(not each.voids and each.corrects == event.id and stands(each, events) for each in later)
    )


def when_due(start: datetime, limit: Limit) -> datetime:
    """The moment due for a service open from 8am to 10pm every day, with Monday to Friday as working days."""
    local = start.astimezone(LONDON)
    if limit.unit == "hour":
        return start + timedelta(hours=limit.amount)
    if limit.unit == "working day":
        while not (_works(local.date()) and local.time() < CLOSES):
            local = datetime.combine(local.date() + timedelta(days=1), OPENS, LONDON)
        clock, day = max(local.time(), OPENS), local.date()
        for _ in range(limit.amount):
            day += timedelta(days=1)
            while not _works(day):
                day += timedelta(days=1)
        return datetime.combine(day, clock, LONDON).astimezone(UTC)
    day = local.date()
    if limit.unit == "same day" and local.time() >= CLOSES:
        day += timedelta(days=1)
    if limit.unit == "week":
        day += timedelta(weeks=limit.amount)
    if limit.unit == "month":
        for _ in range(limit.amount):
            day = day.replace(day=1) + timedelta(days=monthrange(day.year, day.month)[1])
        day = day.replace(day=min(local.day, monthrange(day.year, day.month)[1]))
    return datetime.combine(day, CLOSES, LONDON).astimezone(UTC)


def clocks(procedure: Procedure, events: Sequence[Event], now: datetime) -> set[Row]:
    """Every round of every clock: key, round, start, due, stop, state."""
    happened = [event for event in events if counts(event, events, now)]
    happened.sort(key=lambda event: (event.happened_at, event.recorded_at, event.id))
    stated = [event.priority for event in happened if event.priority]
    priority = stated[-1] if stated else "standard"
    ended = None
    for event in happened:
        if event.kind in ("referral.declined", "episode.closed"):
            ended = event.happened_at
        if event.kind in ("referral.received", "referral.accepted"):
            ended = None
    rows: set[Row] = set()
    for rule in procedure.clocks:
        if rule.when == "any" or rule.when == priority:
            rows |= _walk(rule, happened, now, ended)
    return rows


def _walk(rule: ClockRule, happened: Sequence[Event], now: datetime, ended: datetime | None) -> set[Row]:
    rounds: list[tuple[Event, Event | None]] = []
    running: Event | None = None
    for moment in sorted({event.happened_at for event in happened}):
        cards = [event for event in happened if event.happened_at == moment]
        stopped_now = any(stop is not None and stop.happened_at == moment for _, stop in rounds)
        if running is None and not stopped_now and not (rule.repeats and rounds):
            running = next((card for card in cards if card.kind == rule.start), None)
        for card in cards:
            if running is not None and card.kind in rule.stop and card.id != running.id:
                rounds.append((running, card))
                running = card if rule.repeats else None
    if running is not None:
        rounds.append((running, None))
    return {_row(rule, number, *each, now, ended) for number, each in enumerate(rounds, 1)}


def _row(
    rule: ClockRule, number: int, begun: Event, stop: Event | None, now: datetime, ended: datetime | None
) -> Row:
    latest = when_due(begun.happened_at, rule.limit)
    if stop is not None:
        state, until = ("met" if stop.happened_at <= latest else "met_late"), stop.happened_at
    elif ended is not None and rule.start not in ("referral.declined", "episode.closed"):
        state, until = "ended", max(ended, begun.happened_at)
    else:
        state, until = ("late" if now > latest else "running"), None
    return (rule.key, number, begun.happened_at, latest, until, state)


def _works(day: date) -> bool:
    return day.weekday() < 5 and day not in _HOLIDAYS
