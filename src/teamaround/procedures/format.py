"""The form in which a partnership writes a procedure, and what a written procedure means.

A file in YAML. `load` reads it, gathers everything that is wrong with the line and what to write instead,
and gives a frozen `Procedure`. The shipped files are examples of every part of the form.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Literal, cast

from teamaround.procedures.hours import CALENDAR_LINES, read_calendar
from teamaround.procedures.kinds import ENDINGS, EVENT_KINDS
from teamaround.procedures.marks import (
    LONGEST_KEY,
    Mark,
    Problem,
    ProcedureError,
    Section,
    once,
    read,
    suggest,
)
from teamaround.workingtime import Calendar, Limit

__all__ = [
    "LINKS",
    "WHO",
    "Capacity",
    "ClockRule",
    "Gate",
    "Problem",
    "Procedure",
    "ProcedureError",
    "Stage",
    "load",
    "load_shipped",
    "shipped_slugs",
]

When = Literal["immediate", "standard", "any"]
Who = Literal["manager", "lead_practitioner", "chair"]

WHEN = ("immediate", "standard", "any")
WHO = ("manager", "lead_practitioner", "chair")
LINKS = (
    *("contact", "check", "decide", "allocate", "risk", "assess", "visit", "meeting"),
    *("plan", "review", "outcome", "step_down", "feedback", "close", "share"),
)
PLACEHOLDERS = ("started", "due", "limit")

_TOP = ("name", "slug", "summary", "source", "calendar", "stages", "clocks", "closure", "capacity")
_STAGE = ("key", "title", "must_happen", "opens_on", "requires", "when")
_CLOCK = (
    *("key", "title", "start", "stop", "limit", "of", "if_closed"),
    *("local", "when", "reason", "who", "link", "repeats"),
)
_LONGEST_TITLE = 120
_LONGEST_REASON = 160


@dataclass(frozen=True, slots=True)
class Stage:
    """One step. It opens when `opens_on` is recorded and ends when all of `requires` are; `when` says for
    which priority it is needed."""

    key: str
    title: str
    must_happen: str
    opens_on: str
    requires: tuple[str, ...] = ()
    when: When = "any"


@dataclass(frozen=True, slots=True)
class ClockRule:
    """From `start` to the first of `stop`, within `limit`. `title` is what `who` reads in a list of things
    to do; `link` names the action that does it. `local` marks a limit that an area sets itself: the one
    written is the default. A clock that `repeats` starts again at each stop."""

    key: str
    title: str
    start: str
    stop: tuple[str, ...]
    limit: Limit
    reason: str
    who: Who
    link: str
    when: When = "any"
    local: bool = False
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class Gate:
    """An event that must be recorded before an episode closes, in plain words."""

    event: str
    label: str


@dataclass(frozen=True, slots=True)
class Capacity:
    """How many families the team holds at once, and how many one worker does."""

    families: int
    per_worker: int


@dataclass(frozen=True, slots=True)
class Procedure:
    """A procedure as a partnership wrote it: stages in order, clocks, closing gates, calendar and
    capacity."""

    name: str
    slug: str
    summary: str
    source: str
    calendar: Calendar
    stages: tuple[Stage, ...]
    clocks: tuple[ClockRule, ...]
    closure: tuple[Gate, ...]
    capacity: Capacity

    def clock(self, key: str) -> ClockRule:
        """The clock of that key; raises KeyError when there is none."""
        for clock in self.clocks:
            if clock.key == key:
                return clock
        raise KeyError(key)

    def with_local_limits(self, limits: Mapping[str, Limit]) -> "Procedure":
        """The procedure with an area's own limits, by clock key. Raises ValueError for a clock that the
        procedure does not leave to the area, or does not have."""
        open_to_areas = {clock.key for clock in self.clocks if clock.local}
        for key in limits:
            if key not in open_to_areas:
                raise ValueError(
                    f"The limit of '{key}' is not set locally. {suggest(key, open_to_areas or {''})}"
                )
        clocks = tuple(replace(clock, limit=limits.get(clock.key, clock.limit)) for clock in self.clocks)
        return replace(self, clocks=clocks)


def load(text: str) -> Procedure:
    """Read a procedure. Raises ProcedureError with every problem found, by line."""
    top = read(text, "the procedure", _TOP)
    slug = top.text("slug", most=60)
    _well_formed(top, "slug", slug)
    procedure = Procedure(
        name=top.text("name", most=_LONGEST_TITLE),
        slug=slug,
        summary=top.text("summary", most=2000),
        source=top.text("source", most=2000),
        calendar=read_calendar(top.section("calendar", CALENDAR_LINES)),
        stages=_stages(top),
        clocks=_clocks(top),
        closure=tuple(
            Gate(_kind(each, "event"), each.text("label", most=200))
            for each in once(top.sections("closure", ("event", "label")), "event")
        ),
        capacity=_capacity(top.section("capacity", ("families", "per_worker"))),
    )
    if top.problems:
        raise ProcedureError(top.problems)
    return procedure


@cache
def load_shipped(slug: str) -> Procedure:
    """One of the procedures that come with the product. Raises KeyError when there is none of that name."""
    return load(shipped_text(slug))


def shipped_text(slug: str) -> str:
    """The document of a procedure that comes with the product. Raises KeyError for an unknown name."""
    if slug not in shipped_slugs():
        raise KeyError(slug)
    return (files("teamaround.procedures") / "shipped" / f"{slug}.yaml").read_text("utf-8")


def shipped_slugs() -> tuple[str, ...]:
    """The names of the procedures that come with the product."""
    folder = files("teamaround.procedures") / "shipped"
    return tuple(sorted(each.name[:-5] for each in folder.iterdir() if each.name.endswith(".yaml")))


def _well_formed(section: Section, field: str, key: str) -> None:
    plain = key.replace("-", "").replace("_", "")
    if key and not (plain.isascii() and plain.isalnum() and plain == plain.lower()):
        section.wrong(
            section.line_of(field),
            f"'{key}' is not a usable {field}.",
            "Use small letters, numbers, '-' and '_', such as 'first-contact'.",
        )


def _kind(section: Section, field: str) -> str:
    return _known(section, Mark(section.text(field), section.line_of(field)))


def _kinds(section: Section, field: str, *, required: bool) -> tuple[str, ...]:
    return tuple(_known(section, mark) for mark in section.texts(field, required=required))


def _known(section: Section, mark: Mark) -> str:
    if mark.text and mark.text not in EVENT_KINDS:
        section.wrong(mark.line, f"'{mark.text}' is not a kind of event.", suggest(mark.text, EVENT_KINDS))
    return mark.text


def _stages(top: Section) -> tuple[Stage, ...]:
    stages: list[Stage] = []
    for each in once(top.sections("stages", _STAGE), "key"):
        key = each.text("key", most=LONGEST_KEY)
        _well_formed(each, "key", key)
        stage = Stage(
            key=key,
            title=each.text("title", most=_LONGEST_TITLE),
            must_happen=each.text("must_happen", most=1000),
            opens_on=_kind(each, "opens_on"),
            requires=_kinds(each, "requires", required=False),
            when=cast(When, each.choice("when", WHEN, default="any")),
        )
        _reachable(each, stage, stages)
        stages.append(stage)
    return tuple(stages)


def _reachable(section: Section, stage: Stage, before: list[Stage]) -> None:
    """A stage after one that lasts until the episode has ended would never be entered, nor one that is over
    the moment the next begins."""
    line = section.line_of("opens_on")
    for earlier in before:
        if earlier.opens_on in ENDINGS or any(kind in ENDINGS for kind in earlier.requires):
            section.wrong(
                line,
                f"'{stage.key}' can never be reached: '{earlier.key}' lasts until the episode has ended.",
                f"Move it before '{earlier.key}', or take the ending out of '{earlier.key}'.",
            )
            return
    if before and before[-1].opens_on == stage.opens_on and not before[-1].requires:
        last, both = before[-1].key, f"'{stage.key}' opens at the same event"
        section.wrong(
            line,
            f"'{last}' can never be reached: {both} and nothing holds it back.",
            f"Write what '{last}' requires, or let '{stage.key}' open on a later event.",
        )
    if not before and stage.when != "any":
        section.wrong(
            section.line_of("when"), "The first stage must serve every family.", "Write 'when: any'."
        )


def _clocks(top: Section) -> tuple[ClockRule, ...]:
    clocks: list[ClockRule] = []
    for each in once(top.sections("clocks", _CLOCK), "key"):
        key = each.text("key", most=LONGEST_KEY)
        _well_formed(each, "key", key)
        clock = ClockRule(
            key=key,
            title=each.text("title", most=_LONGEST_TITLE),
            start=_kind(each, "start"),
            stop=_kinds(each, "stop", required=False),
            limit=_limit(each),
            reason=_reason(each),
            who=cast(Who, each.choice("who", WHO)),
            link=each.choice("link", LINKS),
            when=cast(When, each.choice("when", WHEN, default="any")),
            local=each.truth("local", default=False),
            repeats=each.truth("repeats", default=False),
        )
        if not clock.stop:
            instead = "Write 'stop: [...]' with the event that shows it was done."
            each.wrong(each.line_of("stop"), f"Nothing stops the clock {each.name}.", instead)
        elif clock.start in clock.stop and not clock.repeats:
            what = f"The clock {each.name} would stop at the event that starts it."
            each.wrong(each.line_of("stop"), what, "Name another event, or write 'repeats: yes'.")
        elif clock.repeats and clock.start in ENDINGS:
            what = f"Nothing stops the clock {each.name}: it repeats after the episode has ended."
            each.wrong(each.line_of("start"), what, "Start it at an event before the ending.")
        clocks.append(clock)
    return tuple(clocks)


def _limit(section: Section) -> Limit:
    of = section.choice("of", ("elapsed", "opening"), default="elapsed")
    closed = section.choice("if_closed", ("next open day", "last open day"), default="next open day")
    written = section.text("limit", most=60)
    try:
        return Limit.parse(
            written or "same day",
            of="opening" if of == "opening" else "elapsed",
            if_closed="last open day" if closed == "last open day" else "next open day",
        )
    except ValueError as refused:
        what, _, instead = str(refused).partition(" Write ")
        section.wrong(section.line_of("limit"), what, f"Write {instead}")
        return Limit(1, "same day")


def _reason(section: Section) -> str:
    reason = section.text("reason", most=_LONGEST_REASON)
    try:
        names = [(name, spec, turn) for _, name, spec, turn in Formatter().parse(reason) if name is not None]
    except ValueError:
        names = [("", "", None)]
    for name, spec, turn in names:
        if name not in PLACEHOLDERS or spec or turn:
            section.wrong(
                section.line_of("reason"),
                f"The reason holds '{{{name}}}', which nothing fills in."
                if name
                else "A bracket stands alone.",
                "Use {started}, {due} or {limit}, or no curly brackets.",
            )
    return reason


def _capacity(section: Section) -> Capacity:
    return Capacity(section.number("families", 10_000), section.number("per_worker", 1_000))
