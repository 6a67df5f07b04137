"""Every line that a procedure file may hold: its shape, its bounds and what it means.

The reader takes its allowed lines and bounds from these tables, and the published JSON Schema is made of
them, so that the two cannot drift apart.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from teamaround.procedures.kinds import (
    ACTS,
    CATEGORIES,
    FORMS,
    LINKS,
    OUT_OF_AREA,
    TOLD,
    WHEN,
    WHO,
)
from teamaround.procedures.marks import LONGEST_KEY
from teamaround.workingtime import WEEKDAYS

Shape = Literal[
    "text",
    "key",
    "choice",
    "choices",
    "truth",
    "number",
    "limit",
    "limits",
    "event",
    "events",
    "keys",
    "spans",
    "days",
    "date",
    "section",
    "sections",
]


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its shape, whether it must stand, the most characters (of a text), the largest number or the
    most entries (of a list), the words to choose from, and the table of what is below it."""

    shape: Shape
    about: str
    required: bool = False
    most: int = 600
    choices: tuple[str, ...] = ()
    table: str = ""


Table = Mapping[str, Line]

_TITLE = 120
_KEY = Line("key", "A short name of its own: small letters, numbers, '-' and '_'.", True, LONGEST_KEY)


def _title(about: str) -> Line:
    return Line("text", about, True, _TITLE)


CALENDAR: Table = {
    "opening": Line("section", "When the service is open, in London time.", True, table="opening"),
    "working_days": Line("days", "The weekdays that count as working days; Monday to Friday without it."),
    "bank_holidays": Line("choice", "Whose bank holidays are no working days.", choices=("england", "none")),
    "open_on_bank_holidays": Line("truth", "Whether the service opens on bank holidays."),
    "closures": Line("sections", "Days on which the service is closed.", table="closures"),
}

_CLOCK_LATER: Table = {
    "key": _KEY,
    "title": _title("What the one who owes it reads in a list of things to do."),
    "stop": Line("events", "The first of these stops it.", True),
    "limit": Line("limit", "How long it may take.", True, 60),
    "of": Line(
        "choice",
        "Whether hours and minutes are all time, or time in opening hours.",
        choices=("elapsed", "opening"),
    ),
    "if_closed": Line(
        "choice",
        "Where a limit in days, weeks or months ends that ends on a closed day.",
        choices=("next open day", "last open day"),
    ),
    "calendar": Line(
        "text", "The key of one of the calendars; the procedure's calendar without it.", most=LONGEST_KEY
    ),
    "local": Line("truth", "Whether an area sets the limit itself; the one written is the default."),
    "reason": Line("text", "Why, in a sentence; {started}, {due} and {limit} are filled in.", True, 160),
    "who": Line("choice", "Who owes it.", True, choices=WHO),
    "link": Line("choice", "The action that does it.", True, choices=LINKS),
    "repeats": Line("truth", "Whether it starts again at each stop."),
    "then": Line("limits", "The limits of the later rounds of one that repeats; the last stays.", most=10),
    "times": Line("number", "The most rounds of one that repeats.", most=100),
    "until": Line("events", "The first of these ends it; nobody owes it any more."),
    "pause": Line("events", "From one of these on it stands still."),
    "resume": Line("events", "From one of these on it runs again."),
    "remind": Line("sections", "Who is told before it is due.", most=5, table="remind"),
    "escalate": Line(
        "sections", "Who is told when it is late, and how long after.", most=5, table="escalate"
    ),
}

TABLES: Mapping[str, Table] = {
    "procedure": {
        "name": _title("What people call it."),
        "slug": Line("key", "Its name in addresses: small letters, numbers, '-' and '_'.", True, 60),
        "summary": Line("text", "What it is, in a few sentences.", True, 2000),
        "source": Line("text", "Where its rules come from.", True, 2000),
        "for": Line("section", "Who it is for.", table="for"),
        "events": Line("sections", "Kinds of event that it names itself.", most=50, table="events"),
        "calendar": Line("section", "Opening hours, working days and closures.", True, table="calendar"),
        "calendars": Line(
            "sections", "Further calendars, which a clock may name.", most=10, table="calendars"
        ),
        "stages": Line("sections", "The steps, in order.", True, 50, table="stages"),
        "clocks": Line("sections", "What must be done within a limit.", True, 200, table="clocks"),
        "follow_up": Line(
            "sections", "Clocks that begin when the episode is closed.", most=20, table="follow_up"
        ),
        "menu": Line("sections", "The support that can be offered.", most=100, table="menu"),
        "outcomes": Line("sections", "What the work is meant to change.", most=50, table="outcomes"),
        "closure": Line(
            "sections", "What must be recorded before an episode closes.", True, 50, table="closure"
        ),
        "step_up": Line("sections", "Where a family goes that needs more.", most=20, table="step_up"),
        "step_down": Line("sections", "Where a family goes that needs less.", most=20, table="step_down"),
        "out_of_area": Line(
            "choice", "Families from outside the area; taken without it.", choices=OUT_OF_AREA
        ),
        "capacity": Line("section", "How many families at once.", True, table="capacity"),
    },
    "for": {
        "criteria": Line("sections", "Reasons to be taken on.", True, 50, table="criteria"),
        "accept_at": Line(
            "number", "The points from which a family is taken on; none without it.", most=5000
        ),
        "immediate_when": Line("keys", "Criteria any of which makes a request immediate."),
    },
    "criteria": {
        "key": _KEY,
        "label": Line("text", "The reason in words.", True, 200),
        "points": Line("number", "What it counts towards accept_at; 1 without it.", most=100),
        "must": Line("truth", "Whether it is needed whatever the points."),
    },
    "events": {
        "key": Line("key", "'local.' and a word of its own.", True, 30),
        "title": Line("text", "What the chronology shows.", True, 80),
        "category": Line("choice", "The kind of information that it is.", True, choices=CATEGORIES),
    },
    "calendar": CALENDAR,
    "calendars": {"key": _KEY, **CALENDAR},
    "opening": {
        day: Line("spans", "Spans of opening hours, such as 08:00-22:00.")
        for day in ("every day", "monday to friday", *(day.lower() for day in WEEKDAYS))
    },
    "closures": {
        "date": Line("date", "The day, as year-month-day.", True),
        "reason": Line("text", "Why, in words that people are told.", True, 100),
    },
    "stages": {
        "key": _KEY,
        "title": _title("The name of the step."),
        "must_happen": Line("text", "What must happen in it, in sentences.", True, 1000),
        "opens_on": Line("event", "The event that opens it.", True),
        "after": Line("keys", "Earlier stages that must be done before it opens."),
        "requires": Line("events", "What must be recorded before it ends."),
        "forms": Line("choices", "Forms that must be finished before it ends.", choices=tuple(FORMS)),
        "who": Line("choices", "Who must act in it.", choices=ACTS),
        "when": Line("choice", "For which priority it is needed; any without it.", choices=WHEN),
    },
    "clocks": {
        **{key: _CLOCK_LATER[key] for key in ("key", "title")},
        "start": Line("event", "The event that starts it.", True),
        **_CLOCK_LATER,
        "when": Line("choice", "For which priority it runs; any without it.", choices=WHEN),
        "priority": Line("choice", "Another word for 'when'.", choices=WHEN),
    },
    "follow_up": {
        **_CLOCK_LATER,
        "must": Line(
            "truth",
            "Whether it is asked after every closing; without it a closing may agree that nobody asks.",
        ),
    },
    "remind": {
        "before": Line("limit", "How long before it is due.", True, 60),
        "who": Line("choice", "Who is told.", True, choices=TOLD),
    },
    "escalate": {
        "after": Line("limit", "How long after it was due.", True, 60),
        "who": Line("choice", "Who is told.", True, choices=TOLD),
    },
    "menu": {
        "key": _KEY,
        "title": _title("What it is called."),
        "about": Line("text", "What it is, in a sentence or two.", most=400),
    },
    "outcomes": {"key": _KEY, "title": _title("What changes.")},
    "closure": {
        "event": Line("event", "What must be recorded.", True),
        "label": Line("text", "The same in plain words.", True, 200),
    },
    "step_up": {
        "procedure": Line("key", "The slug of another procedure.", most=60),
        "words": Line("text", "What it is, where it is no procedure here.", most=200),
    },
    "step_down": {
        "procedure": Line("key", "The slug of another procedure.", most=60),
        "words": Line("text", "What it is, where it is no procedure here.", most=200),
    },
    "capacity": {
        "families": Line("number", "Families at once.", True, 10_000),
        "per_worker": Line("number", "Families that one worker has.", True, 1_000),
    },
}
