"""Days agreed at closing on which the family is asked how they are: each drives a round of the follow-up clock.

Pure but for what is said of the database. A case that was closed with days of its own has no other clock that a
follow-up stops: the days take the place of the procedure's limit.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from teamaround.workingtime import LONDON, Due, Limit, say_instant

from .engine import Run
from .happenings import Event, standing
from .kinds import ASKED, BEGINNINGS, WAIVED
from .parts import ClockRule, Procedure
from .rounds import ClockState, State

KEY = "agreed-follow-up"
"""The clock's key: no procedure has one of that name, so that a change of calendars leaves its moment alone."""
MADE = ASKED
PLAIN = ClockRule(
    key=KEY,
    title="Ask how the family is after closing",
    start="episode.closed",
    stop=(MADE, "contact.recorded", "visit.made"),
    limit=Limit.parse("3 months"),
    reason="",
    who="manager",
    link="contact",
    until=BEGINNINGS,
    follow_up=True,
)
"""The clock of a procedure that has no follow-up of its own."""
REASON = "Support ended {started}; a follow-up was agreed for that day."


@dataclass(frozen=True, slots=True)
class Agreed:
    """A day, and who asks; without a practitioner the managers of the team."""

    on: dt.date
    practitioner: int | None = None


@dataclass(frozen=True, slots=True)
class AgreedDay(Due):
    """Due by the end of a day that was agreed, whatever the calendar says."""

    @property
    def why(self) -> str:
        """The reckoning in words."""
        return f"due {say_instant(self.at)}: the day agreed with the family"


def moment_of(day: dt.date) -> dt.datetime:
    """The last minute of a day in London: a follow-up is due by then."""
    return dt.datetime.combine(day, dt.time(23, 59), LONDON).astimezone(dt.UTC)


def with_agreed(
    run: Run, procedure: Procedure, agreed: Sequence[Agreed], events: Iterable[Event], now: dt.datetime
) -> Run:
    """The run with the follow-up clock going by the days agreed; unchanged where none is, or the case goes on.

    The first round begins at the closing, each further one at the follow-up before it. A follow-up that is made on a
    later day than the next ones agreed stands for them as well.
    """
    if run.ended_at is None or not agreed:
        return run
    happened = standing(events, now)
    closed = next((each for each in reversed(happened) if each.kind == "episode.closed"), None)
    if closed is None:
        return run
    theirs = [rule for rule in procedure.clocks if rule.follow_up and MADE in rule.stop]
    first = theirs[0] if theirs else PLAIN
    named = {each.on: each.practitioner for each in agreed}
    rounds = list(_rounds(replace(first, key=KEY, reason=REASON), procedure, named, closed, happened, now))
    gone = {rule.key for rule in theirs}
    clocks = [*(each for each in run.clocks if each.key not in gone), *rounds]
    return replace(
        run,
        clocks=tuple(sorted(clocks, key=lambda each: (not each.is_open, each.due_at, each.key, each.round))),
    )


def _rounds(
    rule: ClockRule,
    procedure: Procedure,
    named: dict[dt.date, int | None],
    closed: Event,
    happened: Sequence[Event],
    now: dt.datetime,
) -> Iterable[ClockState]:
    stops = [each for each in happened if each.kind in rule.stop and each.happened_at >= closed.happened_at]
    # A day that is agreed after all stands, though none was agreed before.
    ends = {kind for kind in rule.until if kind != WAIVED}
    cut = next(
        (each for each in happened if each.kind in ends and each.happened_at > closed.happened_at), None
    )
    begun, number = closed.happened_at, 0
    for day, practitioner in sorted(named.items()):
        if number and day <= begun.astimezone(LONDON).date():
            continue
        number += 1
        owed = replace(rule, who="lead_practitioner") if practitioner is not None else rule
        limit = AgreedDay(
            at=max(moment_of(day), begun),
            counted_from=begun,
            start=begun,
            limit=rule.limit,
            calendar=procedure.calendar_for(replace(rule, calendar="")),
        )
        stop = stops.pop(0) if stops else None
        state: State
        if stop is not None and (cut is None or stop.happened_at <= cut.happened_at):
            state = "met" if stop.happened_at <= limit.at else "met_late"
            yield ClockState(owed, number, limit, stop.happened_at, state, now)
            begun = stop.happened_at
        elif cut is not None:
            yield ClockState(owed, number, limit, cut.happened_at, "ended", now)
            return
        else:
            yield ClockState(owed, number, limit, None, "running" if now <= limit.at else "late", now)
            return


def must_ask(procedure: Procedure) -> bool:
    """Whether a procedure has a family asked after every closing: then days are agreed, or those of the file hold."""
    return any(rule.follow_up and rule.must for rule in procedure.clocks)


def owner_of(clock: ClockState, agreed: Iterable[Agreed]) -> int | None:
    """Who asks on the day that a round of the follow-up clock goes by; None for the managers."""
    if clock.key != KEY:
        return None
    return next((each.practitioner for each in agreed if moment_of(each.on) == clock.due_at), None)
