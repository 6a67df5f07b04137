"""What a procedure asks of one family now, worked out from the events alone.

`run` is a pure function of the set of events that stand: the order in which they are given or were recorded
does not matter, so an entry made late or put right leads to the same answer as one made in time.

Which events count:

- An event that has not happened yet at `now`, or is marked `voided`, does not count.
- An event may point by `corrects` to one recorded before it. If it `voids`, the other is struck and itself
  counts for nothing; otherwise it takes the other's place. Voiding a voiding, or a correction, brings back
  what stood before. A pointer to something unknown, or recorded later, has no effect.

Clocks:

- A clock starts at the first event of its `start` kind and stops at the first of its `stop` kinds that
  happened at that moment or after. The next start after a stop begins a further round; a start while it
  runs is passed over, so that repeating a request never wins time.
- A clock that repeats starts once, and again at each stop.
- The priority of the family is that of the latest event which states one, otherwise `standard`. A clock or
  stage for another priority does not exist for the family.
- When the episode has ended, a clock still running is `ended`: no one owes it any more.

Stages: a stage is open once its `opens_on` is recorded and done once all that it requires is recorded as
well. The family's stage is the last one opened up to the first that is not done, in the order of the
procedure.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from teamaround.procedures.format import ClockRule, Gate, Procedure, Who
from teamaround.procedures.kinds import BEGINNINGS, ENDINGS
from teamaround.workingtime import LONDON, Due, due

State = Literal["running", "late", "met", "met_late", "ended"]
StageProgress = Literal["coming", "open", "done", "not_needed"]
Priority = Literal["immediate", "standard"]

LONGEST_WHY = 400
"""Characters; a longer sentence is cut, so that it fits where it is kept."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. Times are aware. `corrects` is the id of an event that this one puts right;
    with `voids` it strikes that one out instead of taking its place. `priority` is set where a referral, or
    a check on it, states one."""

    id: int
    kind: str
    happened_at: datetime
    recorded_at: datetime
    corrects: int | None = None
    voids: bool = False
    voided: bool = False
    priority: Priority | None = None


@dataclass(frozen=True, slots=True)
class ClockState:
    """One round of one clock. `state`: running, late (running past its due moment), met, met_late, or ended
    (the episode ended first). Times are in UTC; `round` counts from 1."""

    rule: ClockRule
    round: int
    due: Due
    stopped_at: datetime | None
    state: State

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
        return self.rule.link

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
        return self.state in ("running", "late")

    @property
    def why(self) -> str:
        """The procedure's reason and the reckoning, at most LONGEST_WHY characters."""
        reason = self.rule.reason.format(
            started=_said(self.started_at), due=_said(self.due_at), limit=self.rule.limit
        )
        said = f"{reason} {self.due.why[:1].upper()}{self.due.why[1:]}."
        return said if len(said) <= LONGEST_WHY else f"{said[: LONGEST_WHY - 1].rsplit(' ', 1)[0]}…"


@dataclass(frozen=True, slots=True)
class StageState:
    """How far one stage is, and which required events are not recorded yet."""

    key: str
    title: str
    progress: StageProgress
    opened_at: datetime | None
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """What a procedure asks of one family. `stage` is the key of the family's stage, None before the first
    opens; `stages` holds all of them in order; `missing` are the event kinds that the family's stage still
    requires; `missing_gates` what stands between the family and closing. `clocks` come by due moment, open
    ones first."""

    clocks: tuple[ClockState, ...]
    stage: str | None
    stages: tuple[StageState, ...]
    missing: tuple[str, ...]
    missing_gates: tuple[Gate, ...]
    priority: Priority
    ended_at: datetime | None

    @property
    def open_clocks(self) -> tuple[ClockState, ...]:
        """The clocks that someone still owes, the most pressing first."""
        return tuple(clock for clock in self.clocks if clock.is_open)


def standing(events: Iterable[Event], now: datetime) -> tuple[Event, ...]:
    """The events that count at `now`, in the order in which they happened.

    Raises ValueError when two different events share an id.
    """
    by_id: dict[int, Event] = {}
    for event in events:
        if by_id.setdefault(event.id, event) != event:
            raise ValueError(f"Two different events have the id {event.id}. Give each event once.")
    latest_first = sorted(by_id.values(), key=_recorded, reverse=True)
    struck: set[int] = set()
    replaced: set[int] = set()
    # A later entry is settled before what it points to, since only an earlier one can be corrected.
    for event in latest_first:
        target = by_id.get(event.corrects) if event.corrects is not None else None
        if event.voided or event.id in struck or target is None or _recorded(target) >= _recorded(event):
            continue
        (struck if event.voids else replaced).add(target.id)
    counted = [
        event
        for event in by_id.values()
        if not (event.voided or event.voids or event.id in struck or event.id in replaced)
        and event.happened_at <= now
    ]
    return tuple(sorted(counted, key=_happened))


def run(procedure: Procedure, events: Iterable[Event], now: datetime) -> Run:
    """Work out clocks, stage and closing gates at `now` (aware)."""
    happened = standing(events, now)
    kinds = {event.kind for event in happened}
    priority: Priority = "standard"
    for event in happened:
        priority = event.priority or priority
    ended_at = _ended_at(happened)
    clocks = [
        state
        for rule in procedure.clocks
        if rule.when in ("any", priority)
        for state in _rounds(rule, procedure, happened, now, ended_at)
    ]
    stages = _stages(procedure, happened, priority)
    current = _current(stages)
    return Run(
        clocks=tuple(sorted(clocks, key=lambda each: (not each.is_open, each.due_at, each.key, each.round))),
        stage=current.key if current else None,
        stages=stages,
        missing=current.missing if current else (),
        missing_gates=tuple(gate for gate in procedure.closure if gate.event not in kinds),
        priority=priority,
        ended_at=ended_at,
    )


def _recorded(event: Event) -> tuple[datetime, int]:
    return event.recorded_at, event.id


def _happened(event: Event) -> tuple[datetime, datetime, int]:
    return event.happened_at, event.recorded_at, event.id


def _ended_at(happened: Sequence[Event]) -> datetime | None:
    for event in reversed(happened):
        if event.kind in ENDINGS:
            return event.happened_at
        if event.kind in BEGINNINGS:
            return None
    return None


def _rounds(
    rule: ClockRule, procedure: Procedure, happened: Sequence[Event], now: datetime, ended_at: datetime | None
) -> list[ClockState]:
    starts = [event for event in happened if event.kind == rule.start]
    stops = [event for event in happened if event.kind in rule.stop]
    found: list[ClockState] = []
    started = starts[0] if starts else None
    while started:
        begun = started
        stop = next((each for each in stops if each.happened_at >= begun.happened_at and each != begun), None)
        found.append(_state(rule, procedure, len(found) + 1, begun, stop, now, ended_at))
        if stop is None:
            break
        finished = stop
        # Each stop is used once, so that two at one moment are two rounds and the search comes to an end.
        stops = stops[stops.index(finished) + 1 :]
        if rule.repeats:
            started = finished
        else:
            started = next((each for each in starts if each.happened_at > finished.happened_at), None)
    return found


def _state(
    rule: ClockRule,
    procedure: Procedure,
    number: int,
    begun: Event,
    stop: Event | None,
    now: datetime,
    ended_at: datetime | None,
) -> ClockState:
    reckoned = due(begun.happened_at, rule.limit, procedure.calendar)
    stopped_at = stop.happened_at if stop else None
    state: State
    if stopped_at is not None:
        state = "met" if stopped_at <= reckoned.at else "met_late"
    elif ended_at is not None and rule.start not in ENDINGS:
        state, stopped_at = "ended", max(ended_at, begun.happened_at)
    else:
        state = "running" if now <= reckoned.at else "late"
    return ClockState(rule, number, reckoned, stopped_at, state)


def _stages(procedure: Procedure, happened: Sequence[Event], priority: Priority) -> tuple[StageState, ...]:
    first: dict[str, datetime] = {}
    for event in happened:
        first.setdefault(event.kind, event.happened_at)
    states = []
    for stage in procedure.stages:
        missing = tuple(kind for kind in stage.requires if kind not in first)
        opened = first.get(stage.opens_on)
        progress: StageProgress
        if stage.when not in ("any", priority):
            progress, missing, opened = "not_needed", (), None
        elif opened is None:
            progress = "coming"
        else:
            progress = "open" if missing else "done"
        states.append(StageState(stage.key, stage.title, progress, opened, missing))
    return tuple(states)


def _current(stages: Sequence[StageState]) -> StageState | None:
    current = None
    for stage in stages:
        if stage.progress == "not_needed":
            continue
        if stage.progress == "coming":
            break
        current = stage
        if stage.progress == "open":
            break
    return current


def _said(moment: datetime) -> str:
    local = moment.astimezone(LONDON)
    return f"{local:%a} {local.day} {local:%b} {local:%H:%M}"
