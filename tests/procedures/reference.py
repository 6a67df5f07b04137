"""The rules of docs/procedures.md once more, written to be read and not to be quick.

Nothing of the engine or of its arithmetic is used: events are cards on a table, time is walked through a quarter
of an hour, or a day, at a time. So every moment given to it stands on a quarter of an hour.
"""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays

LONDON = ZoneInfo("Europe/London")
QUARTER = timedelta(minutes=15)
ENDINGS = ("episode.closed", "referral.declined", "referral.withdrawn")
BEGINNINGS = ("referral.received", "referral.accepted")
_BANK = holidays.country_holidays("GB", subdiv="ENG", years=range(2024, 2045))


@dataclass(frozen=True)
class Card:
    """An entry, as it was written down."""

    number: int
    kind: str
    happened: datetime
    recorded: datetime
    puts_right: int | None = None
    strikes: bool = False
    void: bool = False
    priority: str | None = None


@dataclass(frozen=True)
class Clock:
    """What a file says of one clock. Limits are words such as "2 working day"."""

    key: str
    start: str
    stop: tuple[str, ...]
    limits: tuple[str, ...]
    if_closed: str = "next open day"
    when: str = "any"
    repeats: bool = False
    times: int = 0
    until: tuple[str, ...] = ()
    pause: tuple[str, ...] = ()
    resume: tuple[str, ...] = ()


@dataclass(frozen=True)
class Hours:
    """When a service is open: spans by weekday, Monday 0; which weekdays are working days; closed dates."""

    opening: Mapping[int, Sequence[tuple[time, time]]]
    working: frozenset[int]
    closed: frozenset[date]
    bank_holidays: bool
    open_on_bank_holidays: bool

    def spans(self, day: date) -> list[tuple[datetime, datetime]]:
        """The stretches of a day in which the service is open."""
        shut = self.bank_holidays and not self.open_on_bank_holidays and day in _BANK
        if day in self.closed or shut:
            return []
        return [(_at(day, opens), _at(day, closes)) for opens, closes in self.opening.get(day.weekday(), ())]

    def works(self, day: date) -> bool:
        """Whether it is a working day."""
        holiday = self.bank_holidays and day in _BANK
        return day.weekday() in self.working and day not in self.closed and not holiday

    def is_open(self, moment: datetime, *, working: bool) -> bool:
        """Whether the quarter of an hour from a moment on lies in opening hours."""
        day = moment.astimezone(LONDON).date()
        if working and not self.works(day):
            return False
        return any(opens <= moment < closes for opens, closes in self.spans(day))


Row = tuple[str, int, datetime, datetime, datetime | None, str]


def clocks(written: Sequence[Clock], hours: Hours, cards: Sequence[Card], now: datetime) -> set[Row]:
    """Every round of every clock: key, round, start, due, when it was over, state."""
    table = sorted(
        (card for card in cards if counts(card, cards, now)),
        key=lambda card: (card.happened, card.recorded, card.number),
    )
    stated = [card.priority for card in table if card.priority]
    priority = stated[-1] if stated else "standard"
    marks = [card for card in table if card.kind in ENDINGS + BEGINNINGS]
    ended = marks[-1].happened if marks and marks[-1].kind in ENDINGS else None
    rows: set[Row] = set()
    for clock in written:
        if clock.when in ("any", priority):
            rows |= _of_one(clock, hours, table, now, ended)
    return rows


def counts(card: Card, cards: Sequence[Card], now: datetime) -> bool:
    """Whether an entry stands for something that has happened."""
    if card.strikes or card.happened > now or not _has_force(card, cards):
        return False
    return not any(
        not other.strikes
        and other.puts_right == card.number
        and _later(other, card)
        and _has_force(other, cards)
        for other in cards
    )


def _has_force(card: Card, cards: Sequence[Card]) -> bool:
    if card.void:
        return False
    return not any(
        other.strikes and other.puts_right == card.number and _later(other, card) and _has_force(other, cards)
        for other in cards
    )


def _later(one: Card, other: Card) -> bool:
    return (one.recorded, one.number) > (other.recorded, other.number)


def _of_one(
    clock: Clock, hours: Hours, table: Sequence[Card], now: datetime, ended: datetime | None
) -> set[Row]:
    rows: set[Row] = set()
    number = place = 0
    running: Card | None = None
    over_at: datetime | None = None
    used: list[int] = []
    # Go through the moments; at each, look at what lies on the table for it.
    for moment in sorted({card.happened for card in table}):
        here = [card for card in table if card.happened == moment]
        if running is None and (over_at is None or moment > over_at):
            running = next((card for card in here if card.kind == clock.start), None)
            place = 1
        while running is not None:
            stop = next(
                (
                    card
                    for card in here
                    if card.kind in clock.stop
                    and card is not running
                    and not (used and _place(table, card) <= used[-1])
                ),
                None,
            )
            if stop is not None:
                number += 1
                rows.add(_row(clock, hours, number, place, running, stop.happened, "stop", table, now))
                used.append(_place(table, stop))
                over_at = moment
                if clock.repeats and not (clock.times and place == clock.times):
                    running, place = stop, place + 1
                    continue
                running = None
            elif any(card.kind in clock.until and card is not running for card in here):
                number += 1
                rows.add(_row(clock, hours, number, place, running, moment, "until", table, now))
                over_at, running = moment, None
            else:
                break
    if running is not None:
        number += 1
        over, how = None, ""
        if ended is not None and clock.start not in ENDINGS:
            over, how = max(ended, running.happened), "ended"
        rows.add(_row(clock, hours, number, place, running, over, how, table, now))
    return rows


def _place(table: Sequence[Card], card: Card) -> int:
    return [each.number for each in table].index(card.number)


def _row(
    clock: Clock,
    hours: Hours,
    number: int,
    place: int,
    begun: Card,
    over: datetime | None,
    how: str,
    table: Sequence[Card],
    now: datetime,
) -> Row:
    limit = clock.limits[min(place, len(clock.limits)) - 1]
    whole, still = _pauses(clock, table)
    until = over or now
    seen = [(since, min(end, until)) for since, end in whole if since < until]
    if still is not None and still < until:
        seen.append((still, until))
    due = when_due(begun.happened, limit, clock.if_closed, hours, seen)
    if how == "stop" and over is not None:
        state = "met" if over <= due else "met_late"
    elif how:
        state = "ended"
    elif still is not None and still < when_due(begun.happened, limit, clock.if_closed, hours, whole):
        state = "paused"
    else:
        state = "late" if due < now else "running"
    return (clock.key, number, begun.happened, due, over, state)


def _pauses(clock: Clock, table: Sequence[Card]) -> tuple[list[tuple[datetime, datetime]], datetime | None]:
    """Pauses that are over, and since when one goes on."""
    whole = []
    since: datetime | None = None
    for card in table:
        if card.kind in clock.pause and since is None:
            since = card.happened
            if whole and whole[-1][1] == since:
                since = whole.pop()[0]
        elif card.kind in clock.resume and since is not None:
            if card.happened > since:
                whole.append((since, card.happened))
            since = None
    return whole, since


def when_due(
    start: datetime, limit: str, if_closed: str, hours: Hours, pauses: Sequence[tuple[datetime, datetime]]
) -> datetime:
    """The moment due, with pauses that do not overlap, in order."""
    for since, end in pauses:
        if since <= start < end:
            start = end
    amount, unit = (1, limit) if limit == "same day" else (int(limit.split()[0]), limit.split(" ", 1)[1])
    start = from_ = _counted_from(start, unit, hours)
    due = _plain(start, amount, unit, if_closed, hours)
    for since, end in pauses:
        if end <= from_ or since >= due:
            continue
        start = _moved(start, max(since, from_), end, unit, hours)
        due = max(due, _plain(start, amount, unit, if_closed, hours))
        if due < end:
            whole_days = unit in ("same day", "calendar day", "week", "month")
            due = (
                _plain(end, 1, "same day", if_closed, hours)
                if whole_days
                else _counted_from(end, unit, hours)
            )
    return due


def _counted_from(start: datetime, unit: str, hours: Hours) -> datetime:
    if unit == "working day":
        return _next_open(start, hours, working=True)
    return _next_open(start, hours, working=False) if unit.startswith("opening") else start


def _next_open(moment: datetime, hours: Hours, *, working: bool) -> datetime:
    while not hours.is_open(moment, working=working):
        moment += QUARTER
    return moment


def _used(start: datetime, quarters: int, hours: Hours, *, working: bool) -> datetime:
    """The moment at which so much open time has passed."""
    while quarters:
        quarters -= hours.is_open(start, working=working)
        start += QUARTER
    return start


def _moved(start: datetime, since: datetime, end: datetime, unit: str, hours: Hours) -> datetime:
    if unit != "working day" and not unit.startswith("opening"):
        return start + (end - since)
    working, lost = unit == "working day", 0
    while since < end:
        lost += hours.is_open(since, working=working)
        since += QUARTER
    return _next_open(_used(start, lost, hours, working=working), hours, working=working)


def _plain(start: datetime, amount: int, unit: str, if_closed: str, hours: Hours) -> datetime:
    if unit in ("minute", "hour"):
        return start + amount * (timedelta(minutes=1) if unit == "minute" else timedelta(hours=1))
    if unit == "opening hour":
        return _used(start, amount * 4, hours, working=False)
    local = start.astimezone(LONDON)
    if unit == "working day":
        return _working_days(local, amount, hours)
    day = local.date()
    if unit == "month":
        for _ in range(amount):
            day = day.replace(day=1) + timedelta(days=31)
        day = day.replace(day=min(local.day, monthrange(day.year, day.month)[1]))
    elif unit != "same day":
        day += timedelta(days=amount * (7 if unit == "week" else 1))
    if if_closed == "last open day":
        before = day
        while not hours.spans(before):
            before -= timedelta(days=1)
        if hours.spans(before)[-1][1] > start:
            return hours.spans(before)[-1][1]
    while not hours.spans(day) or hours.spans(day)[-1][1] <= start:
        day += timedelta(days=1)
    return hours.spans(day)[-1][1]


def _working_days(local: datetime, amount: int, hours: Hours) -> datetime:
    day = local.date()
    for _ in range(amount):
        day += timedelta(days=1)
        while not hours.works(day):
            day += timedelta(days=1)
    wanted = _at(day, local.time())
    found = hours.spans(day)[0][0]
    for opens, closes in hours.spans(day):
        if wanted >= opens:
            found = min(wanted, closes)
    return found


@cache
def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, LONDON).astimezone(UTC)
