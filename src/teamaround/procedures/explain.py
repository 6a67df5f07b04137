"""What the engine makes of a list of events, in words: the clocks of each episode, with why."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from teamaround.procedures.engine import ClockState, Event, Priority, run
from teamaround.procedures.kinds import EVENT_KINDS
from teamaround.procedures.marks import suggest
from teamaround.procedures.parts import Procedure
from teamaround.workingtime import FIRST_YEAR, LAST_YEAR, LONDON

COLUMNS = ("episode", "event", "when")
PRIORITY = "priority"
PRIORITIES: tuple[Priority, ...] = ("immediate", "standard")
MOST_PROBLEMS = 20
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*")


class Explained(TypedDict):
    """One round of one clock of one episode. Times are ISO 8601 with the offset of London; `stop` is when it
    was over, null while somebody owes it."""

    episode: str
    clock: str
    start: str
    due: str
    stop: str | None
    state: str
    why: str


class EventsRefused(ValueError):
    """A list of events cannot be used; `problems` name the rows, counted as a spreadsheet does."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a list of events. `number` counts the line of headings as 1."""

    number: int
    episode: str
    kind: str
    when: datetime
    priority: Priority | None


def read_events(text: str, procedure: Procedure) -> list[Row]:
    """The rows of a list of events: CSV with the headings episode, event, when and, if wanted, priority.

    A time without an offset is London's. Raises EventsRefused that names each bad row and says what to write.
    """
    lines = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        table = [(lines.line_num, cells) for cells in lines]
    except csv.Error as error:
        raise EventsRefused([f"row {lines.line_num}: This is no CSV ({error}). Check the quotes."]) from None
    if not table:
        raise EventsRefused(["row 1: The file is empty. Write the headings episode,event,when."])
    headings = [cell.strip().lower() for cell in table[0][1]]
    _check_headings(headings)
    known = (*EVENT_KINDS, *(event.key for event in procedure.events))
    rows: list[Row] = []
    problems: list[str] = []
    for number, cells in table[1:]:
        if not any(cell.strip() for cell in cells):
            continue
        try:
            rows.append(_row(number, headings, cells, known))
        except ValueError as wrong:
            problems.append(f"row {number}: {wrong}")
    if len(problems) > MOST_PROBLEMS:
        problems = [*problems[:MOST_PROBLEMS], f"and {len(problems) - MOST_PROBLEMS} more rows"]
    if problems:
        raise EventsRefused(problems)
    return rows


def explain(procedure: Procedure, rows: Sequence[Row], now: datetime) -> list[Explained]:
    """The clocks of each episode, in the order in which the file first names the episodes; those of one
    episode by when they began. Reckoned for `now`, or for the last event of an episode where that is later.
    """
    episodes: dict[str, list[Row]] = {}
    for row in rows:
        episodes.setdefault(row.episode, []).append(row)
    found: list[Explained] = []
    for episode, its in episodes.items():
        moment = max(now, *(row.when for row in its))
        events = [Event(row.number, row.kind, row.when, row.when, priority=row.priority) for row in its]
        order = [clock.key for clock in procedure.clocks]
        clocks = sorted(
            run(procedure, events, moment).clocks,
            key=lambda each: (each.started_at, order.index(each.key), each.round),
        )
        found += [_explained(episode, clock) for clock in clocks]
    return found


def _explained(episode: str, clock: ClockState) -> Explained:
    return Explained(
        episode=episode,
        clock=clock.key,
        start=_iso(clock.started_at),
        due=_iso(clock.due_at),
        stop=_iso(clock.stopped_at) if clock.stopped_at else None,
        state=clock.state,
        why=clock.due.why,
    )


def _iso(moment: datetime) -> str:
    return moment.astimezone(LONDON).isoformat()


def _check_headings(headings: Sequence[str]) -> None:
    allowed = (*COLUMNS, PRIORITY)
    problems = [
        f"row 1: There is no column '{name}'. Write the headings {','.join(COLUMNS)}."
        for name in COLUMNS
        if name not in headings
    ]
    problems += [
        f"row 1: '{name}' is not a heading. {suggest(name, allowed)}"
        for name in headings
        if name not in allowed
    ]
    problems += [
        f"row 1: The heading '{name}' stands twice. Keep one of the two."
        for name in allowed
        if headings.count(name) > 1
    ]
    if problems:
        raise EventsRefused(problems)


def _row(number: int, headings: Sequence[str], cells: Sequence[str], known: Sequence[str]) -> Row:
    if len(cells) != len(headings):
        raise ValueError(
            f"It has {len(cells)} columns; the headings are {len(headings)}. Put words with a comma in quotes."
        )
    named = dict(zip(headings, (cell.strip() for cell in cells), strict=True))
    if not named["episode"]:
        raise ValueError("It names no episode. Write a number or a word of your own.")
    if named["event"] not in known:
        raise ValueError(f"'{named['event']}' is not a kind of event. {suggest(named['event'], known)}")
    return Row(
        number, named["episode"], named["event"], _when(named["when"]), _priority(named.get(PRIORITY, ""))
    )


def _priority(word: str) -> Priority | None:
    for priority in PRIORITIES:
        if word.lower() == priority:
            return priority
    if word:
        raise ValueError(f"'{word}' is not a priority. {suggest(word.lower(), PRIORITIES)}")
    return None


def _when(text: str) -> datetime:
    instead = "Write year-month-day and the time, such as 2026-05-01T10:00."
    try:
        if not _MOMENT.fullmatch(text):
            raise ValueError(text)
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"'{text}' is not a date with a time. {instead}") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=LONDON)
        if moment.utcoffset() != moment.replace(fold=1).utcoffset() and not _stands(moment):
            raise ValueError(
                f"'{text}' is a time that the clocks leave out that night. Write it with its offset, such as "
                f"{moment.date()}T02:00+01:00."
            )
    if not FIRST_YEAR < moment.year < LAST_YEAR - 25:
        raise ValueError(f"'{text}' lies outside the years {FIRST_YEAR + 1} to {LAST_YEAR - 26}. {instead}")
    return moment


def _stands(moment: datetime) -> bool:
    """Whether a London time occurs at all: in spring one hour does not."""
    found = datetime.fromtimestamp(moment.timestamp(), LONDON)
    return found.replace(tzinfo=None) == moment.replace(tzinfo=None)
