"""What happened, and which entries of it count.

- An event that has not happened yet at `now`, or is marked `voided`, does not count.
- An event may point by `corrects` to one recorded before it. If it `voids`, the other is struck and itself
  counts for nothing; otherwise it takes the other's place. Voiding a voiding, or a correction, brings back
  what stood before. A pointer to something unknown, or recorded later, has no effect.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Priority = Literal["immediate", "standard"]


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


def _recorded(event: Event) -> tuple[datetime, int]:
    return event.recorded_at, event.id


def _happened(event: Event) -> tuple[datetime, datetime, int]:
    return event.happened_at, event.recorded_at, event.id
