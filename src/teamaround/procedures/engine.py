"""What a procedure asks of one family now, worked out from the events alone.

`run` is a pure function of the set of events that stand: the order in which they are given or were recorded
does not matter, so an entry made late or put right leads to the same answer as one made in time. Which
entries count is in `happenings`.

Clocks:

- A clock starts at the first event of its `start` kind and stops at the first of its `stop` kinds that
  happened at that moment or after. The next start after a stop begins a further round; a start while it
  runs is passed over, so that repeating a request never wins time.
- A clock that repeats starts once, and again at each stop, until it has run `times` times; the next start
  after that begins a series anew. The first round of a series has the limit, the later ones those of `then`.
- An event of `until` at or after the start, and before any stop, ends the round: nobody owes it any more.
- Between an event of `pause` and the next of `resume` the clock stands still, until the round is over.
- The priority of the family is that of the latest event which states one, otherwise `standard`. A clock or
  stage for another priority does not exist for the family.
- When the episode has ended, a clock still running is `ended`: no one owes it any more. One that starts at
  the ending runs on.

Stages: a stage is open once its `opens_on` is recorded and the stages of `after` are done, and done once all
that it requires is recorded as well. The family's stage is the last one opened up to the first that is not
done, in the order of the procedure.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from teamaround.procedures.happenings import Event, Priority, standing
from teamaround.procedures.kinds import BEGINNINGS, ENDINGS
from teamaround.procedures.parts import Gate, Procedure
from teamaround.procedures.rounds import LONGEST_WHY, ClockState, State, rounds_of
from teamaround.procedures.telling import Telling

__all__ = [
    "LONGEST_WHY",
    "ClockState",
    "Event",
    "Priority",
    "Run",
    "StageProgress",
    "StageState",
    "State",
    "Telling",
    "run",
    "standing",
]

StageProgress = Literal["coming", "open", "done", "not_needed"]


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

    @property
    def next_told(self) -> tuple[tuple[ClockState, Telling], ...]:
        """For each clock that someone owes, the next moment at which somebody is told, and who, the soonest
        first; a clock of which nobody will be told any more is left out."""
        found = [(clock, told) for clock in self.open_clocks if (told := clock.next_told)]
        return tuple(sorted(found, key=lambda each: each[1].at))


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
        for state in rounds_of(rule, procedure.calendar_for(rule), happened, now, ended_at)
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


def _ended_at(happened: Sequence[Event]) -> datetime | None:
    for event in reversed(happened):
        if event.kind in ENDINGS:
            return event.happened_at
        if event.kind in BEGINNINGS:
            return None
    return None


def _stages(procedure: Procedure, happened: Sequence[Event], priority: Priority) -> tuple[StageState, ...]:
    first: dict[str, datetime] = {}
    for event in happened:
        first.setdefault(event.kind, event.happened_at)
    states: list[StageState] = []
    over: set[str] = set()
    for stage in procedure.stages:
        missing = tuple(kind for kind in stage.requires if kind not in first)
        opened = first.get(stage.opens_on)
        progress: StageProgress
        if stage.when not in ("any", priority):
            progress, missing, opened = "not_needed", (), None
        elif opened is None or not over.issuperset(stage.after):
            progress, opened = "coming", None
        else:
            progress = "open" if missing else "done"
        if progress in ("done", "not_needed"):
            over.add(stage.key)
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
