"""What the components read. Rooms' presenters build these; templates only lay them out."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

TagColour = Literal["grey", "green", "teal", "blue", "purple", "magenta", "red", "orange", "yellow"]
ClockState = Literal["late", "today", "week", "later"]
BannerKind = Literal["information", "success", "warning", "error"]


@dataclass(frozen=True)
class NavigationItem:
    """One entry of the main navigation. `count` shows as a badge when it is above zero."""

    text: str
    url: str
    current: bool = False
    count: int = 0


@dataclass(frozen=True)
class SignedIn:
    """Who the header names."""

    name: str
    team: str = ""


@dataclass(frozen=True)
class Tag:
    """A short state. The words carry the meaning; the colour only helps."""

    text: str
    colour: TagColour = "grey"


@dataclass(frozen=True)
class Part:
    """A part of a long page: the `id` of its heading, and its words."""

    id: str
    text: str


@dataclass(frozen=True)
class Clock:
    """Something owed by a time. `reason` is the rule in words, `left` what remains, `by` the time itself."""

    title: str
    url: str
    state: ClockState
    left: str
    reason: str
    by: str = ""
    subject: str = ""
    urgent: bool = False


@dataclass(frozen=True)
class TimelineItem:
    """One event of a chronology. `when` it happened; `note` says anything beside it (late, corrected)."""

    title: str
    when: datetime.date | datetime.datetime
    by: str = ""
    text: str = ""
    url: str = ""
    note: str = ""
    tag: Tag | None = None


@dataclass(frozen=True)
class SummaryRow:
    """A fact: its name, its value (one line each), where it came from, and what may be done with it."""

    key: str
    value: str | Sequence[str]
    source: str = ""
    action_text: str = ""
    action_url: str = ""

    @property
    def lines(self) -> Sequence[str]:
        return (self.value,) if isinstance(self.value, str) else self.value


@dataclass(frozen=True)
class Task:
    """One line of a task list. Without `url` it cannot be started yet, and `hint` says why."""

    text: str
    status: str
    url: str = ""
    hint: str = ""
    colour: TagColour | None = None


@dataclass(frozen=True)
class Identity:
    """The bar that names the person or family a page is about."""

    name: str
    line: str = ""
    url: str = ""
    tags: Sequence[Tag] = field(default_factory=tuple)
