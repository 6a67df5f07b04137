"""What if: a changed procedure run over cases that have been, beside the procedure as it is.

The pure part: it knows streams of events without names, and counts. Reading them is `past.py`; what may be
shown of a count is the room `disclosure`'s to say.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from . import engine
from .format import ClockRule, Procedure, Stage

LATE = ("late", "met_late")


@dataclass(frozen=True, slots=True)
class Stream:
    """What happened in one case, which nothing names. `team` is the team whose case it was."""

    number: int
    team: int
    events: tuple[engine.Event, ...]


@dataclass(slots=True)
class Count:
    """Rounds of clocks that began, and how many of them were or are late."""

    began: int = 0
    late: int = 0


@dataclass(frozen=True, slots=True)
class Cell:
    """One stage and team: as it is, and as it would have been."""

    stage: str
    team: int
    today: Count
    changed: Count


@dataclass(slots=True)
class Tally:
    """Counts by stage (its key; empty for none) and team, while streams are run."""

    counts: dict[tuple[str, int], Count] = field(default_factory=dict)

    def at(self, stage: str, team: int) -> Count:
        """The count of a stage and team, made where there is none yet."""
        return self.counts.setdefault((stage, team), Count())


def stage_of(procedure: Procedure, clock: ClockRule) -> str:
    """The key of the stage that a clock belongs to: the first that requires an event which stops it, else the
    first that such an event opens, else the one which opens as it starts. Empty where there is none."""
    # What follows the closing belongs to the stage that ends with it, whatever stops it.
    stops = {clock.start} if clock.follow_up else set(clock.stop)

    def first(of: Sequence[Stage]) -> str:
        return of[0].key if of else ""

    return (
        first([stage for stage in procedure.stages if stops.intersection(stage.requires)])
        or first([stage for stage in procedure.stages if stage.opens_on in stops])
        or first([stage for stage in procedure.stages if stage.opens_on == clock.start])
    )


def tally(procedure: Procedure, streams: Iterable[Stream], now: dt.datetime, found: Tally) -> None:
    """Add the clocks of these cases to `found`, at `now` (aware), as the product itself reckons them."""
    stages = {clock.key: stage_of(procedure, clock) for clock in procedure.clocks}
    for stream in streams:
        for clock in engine.run(procedure, stream.events, now).clocks:
            count = found.at(stages[clock.key], stream.team)
            count.began += 1
            count.late += clock.state in LATE


def compare(
    today: Procedure,
    changed: Procedure,
    streams: Sequence[Stream],
    now: dt.datetime,
    *,
    kept_by: Callable[[Procedure, int], Procedure] = lambda procedure, team: procedure,
) -> tuple[Cell, ...]:
    """Both procedures over the same cases, by stage in the order of the changed one, then by team.

    `kept_by` gives a procedure with the calendar of a team. Stages that are there only in one of the two have
    counts of 0 in the other. A clock that says the same in both, on the same calendar, is run once.
    """
    alike = _alike(today, changed)
    both, before, after = Tally(), Tally(), Tally()
    for team in {stream.team for stream in streams}:
        own = [stream for stream in streams if stream.team == team]
        old, new = kept_by(today, team), kept_by(changed, team)
        same = tuple(clock for clock in old.clocks if clock.key in alike)
        tally(replace(old, clocks=same), own, now, both)
        tally(replace(old, clocks=tuple(c for c in old.clocks if c.key not in alike)), own, now, before)
        tally(replace(new, clocks=tuple(c for c in new.clocks if c.key not in alike)), own, now, after)
    order = {key: place for place, key in enumerate(stages_in(today, changed))}
    keys = sorted(
        {*both.counts, *before.counts, *after.counts}, key=lambda key: (order.get(key[0], len(order)), key)
    )
    return tuple(
        Cell(
            *key,
            today=_sum(both.counts.get(key), before.counts.get(key)),
            changed=_sum(both.counts.get(key), after.counts.get(key)),
        )
        for key in keys
    )


def stages_in(today: Procedure, changed: Procedure) -> Mapping[str, str]:
    """Titles by key: the changed procedure's stages in their order, then those that it no longer has."""
    return {stage.key: stage.title for stage in changed.stages} | {
        stage.key: stage.title for stage in today.stages if stage.key not in {s.key for s in changed.stages}
    }


def _alike(today: Procedure, changed: Procedure) -> frozenset[str]:
    if (today.calendar, today.calendars) != (changed.calendar, changed.calendars):
        return frozenset()
    rules = {clock.key: clock for clock in today.clocks}
    return frozenset(
        clock.key
        for clock in changed.clocks
        if rules.get(clock.key) == clock and stage_of(today, clock) == stage_of(changed, clock)
    )


def _sum(one: Count | None, other: Count | None) -> Count:
    counts = [each for each in (one, other) if each is not None]
    return Count(sum(each.began for each in counts), sum(each.late for each in counts))
