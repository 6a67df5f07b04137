"""The rounds of one clock: when each began, is due and ended, and how."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from teamaround.procedures.happenings import Event
from teamaround.procedures.kinds import ENDINGS
from teamaround.procedures.parts import ClockRule, Who
from teamaround.procedures.telling import Telling, next_told, tellings
from teamaround.workingtime import LONDON, Calendar, Due, Limit, Pause, due

State = Literal["running", "late", "paused", "met", "met_late", "ended"]

LONGEST_WHY = 400
"""Characters; a longer sentence is cut, so that it fits where it is kept."""


@dataclass(frozen=True, slots=True)
class ClockState:
    """One round of one clock, as it stands at `now`. `state`: running, late (running past its due moment),
    paused (it stands still; its due moment is what it would be if it went on now), met, met_late, or ended
    (nobody owes it any more). Times are in UTC; `round` counts from 1."""

    rule: ClockRule
    round: int
    due: Due
    stopped_at: datetime | None
    state: State
    now: datetime

    @property
    def key(self) -> str:
        """The key of the clock's rule."""
        return self.rule.key

    @property
    def title(self) -> str:
        """What the one who owes it reads."""
        return self.rule.title

    @property
    def who(self) -> Who:
        """Who owes it."""
        return self.rule.who

    @property
    def link(self) -> str:
        """The action that stops it."""
        return "follow_up" if self.rule.follow_up else self.rule.link

    @property
    def started_at(self) -> datetime:
        """When it began."""
        return self.due.start

    @property
    def due_at(self) -> datetime:
        """The last moment in time."""
        return self.due.at

    @property
    def is_open(self) -> bool:
        """Whether someone still owes it."""
        return self.state in ("running", "late", "paused")

    @property
    def tellings(self) -> tuple[Telling, ...]:
        """Who is told and when, past and to come, while nothing stops it; nothing while it is paused."""
        return () if self.state == "paused" else tellings(self.rule, self.due)

    @property
    def next_told(self) -> Telling | None:
        """The next moment after `now` at which somebody is told, and who; None for one that nobody owes."""
        return next_told(self.tellings, self.now) if self.is_open else None

    @property
    def why(self) -> str:
        """The procedure's reason and the reckoning, at most LONGEST_WHY characters."""
        reason = self.rule.reason.format(
            started=_said(self.started_at), due=_said(self.due_at), limit=self.due.limit
        )
        said = f"{reason} {self.due.why[:1].upper()}{self.due.why[1:]}."
        return said if len(said) <= LONGEST_WHY else f"{said[: LONGEST_WHY - 1].rsplit(' ', 1)[0]}…"


class _Stretch(NamedTuple):
    """From one event to another; `over` says how it ended, `place` counts within a series."""

    begun: Event
    place: int
    ended: Event | None
    over: Literal["stopped", "cut short", ""]


def rounds_of(
    rule: ClockRule, calendar: Calendar, happened: Sequence[Event], now: datetime, ended_at: datetime | None
) -> list[ClockState]:
    """All rounds of a clock at `now`. `happened` are the events that count, in the order in which they
    happened; `ended_at` is when the episode ended, if it has."""
    stretches = _stretches(rule, happened)
    pauses = _pauses(rule, happened, now) if rule.pause and stretches else []
    return [
        _state(rule, calendar, number, each, pauses, now, ended_at)
        for number, each in enumerate(stretches, 1)
    ]


def _stretches(rule: ClockRule, happened: Sequence[Event]) -> list[_Stretch]:
    starts = [event for event in happened if event.kind == rule.start]
    stops = [event for event in happened if event.kind in rule.stop]
    cuts = [event for event in happened if event.kind in rule.until] if rule.until else []
    found: list[_Stretch] = []
    begun: Event | None = starts[0] if starts else None
    place = 1
    while begun:
        after = begun.happened_at
        stop = next((each for each in stops if each.happened_at >= after and each != begun), None)
        cut = next((each for each in cuts if each.happened_at >= after and each != begun), None)
        if stop and (cut is None or stop.happened_at <= cut.happened_at):
            found.append(_Stretch(begun, place, stop, "stopped"))
            # Each stop is used once, so that two at one moment are two rounds and the search comes to an end.
            stops = stops[stops.index(stop) + 1 :]
            if rule.repeats and not (rule.times and place >= rule.times):
                begun, place = stop, place + 1
                continue
            over = stop
        elif cut:
            found.append(_Stretch(begun, place, cut, "cut short"))
            over = cut
        else:
            found.append(_Stretch(begun, place, None, ""))
            break
        begun = next((each for each in starts if each.happened_at > over.happened_at), None)
        place = 1
    return found


def _pauses(
    rule: ClockRule, happened: Sequence[Event], now: datetime
) -> list[tuple[datetime, datetime | None]]:
    """From each pausing event to the next that resumes; None where it has not gone on."""
    found: list[tuple[datetime, datetime | None]] = []
    since: datetime | None = None
    for event in happened:
        if since is None and event.kind in rule.pause:
            since = event.happened_at
            if found and found[-1][1] == since:
                since = found.pop()[0]
        elif since is not None and event.kind in rule.resume:
            found.append((since, event.happened_at))
            since = None
    if since is not None:
        found.append((since, None))
    return found


def _state(
    rule: ClockRule,
    calendar: Calendar,
    number: int,
    stretch: _Stretch,
    pauses: Sequence[tuple[datetime, datetime | None]],
    now: datetime,
    ended_at: datetime | None,
) -> ClockState:
    began = stretch.begun.happened_at
    limit = rule.limit_of(stretch.place)
    over = stretch.ended.happened_at if stretch.ended else None
    if over is None and ended_at is not None and rule.start not in ENDINGS:
        over = max(ended_at, began)
    # What comes after a round is over changes nothing of it, so that a clock once met stays met.
    horizon = over or now
    within = [Pause(since, min(until or horizon, horizon)) for since, until in pauses if since < horizon]
    reckoned = due(began, limit, calendar, within)
    state: State
    if stretch.over == "stopped" and over is not None:
        state = "met" if over <= reckoned.at else "met_late"
    elif over is not None:
        state = "ended"
    elif _stands_still(began, limit, calendar, pauses):
        state = "paused"
    else:
        state = "running" if now <= reckoned.at else "late"
    return ClockState(rule, number, reckoned, over, state, now)


def _stands_still(
    began: datetime, limit: Limit, calendar: Calendar, pauses: Sequence[tuple[datetime, datetime | None]]
) -> bool:
    """Whether a pause goes on that began before the clock was late."""
    if not pauses or pauses[-1][1] is not None:
        return False
    over = [Pause(since, until) for since, until in pauses if until is not None]
    return pauses[-1][0] < due(began, limit, calendar, over).at


def _said(moment: datetime) -> str:
    local = moment.astimezone(LONDON)
    return f"{local:%a} {local.day} {local:%b} {local:%H:%M}"
