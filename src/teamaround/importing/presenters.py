"""What the pages of an upload read."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from teamaround.sheets import FIELDS
from teamaround.ui.components import Tag, TagColour
from teamaround.ui.presentation import uk_date

from .deciding import Option
from .models import (
    UNDER_WAY,
    After,
    Decision,
    ImportColumn,
    ImportRow,
    ImportRun,
    Origin,
    Outcome,
    RunState,
)

STATES: dict[str, TagColour] = {
    RunState.UPLOADED: "yellow",
    RunState.CHECKED: "yellow",
    RunState.DONE: "green",
    RunState.FAILED: "red",
    RunState.WITHDRAWN: "grey",
}
OUTCOMES: dict[str, tuple[str, str, TagColour]] = {
    Outcome.ADD: ("To be added", "Added", "green"),
    Outcome.UPDATE: ("Recognised, something is added", "Recognised, something was added", "teal"),
    Outcome.MATCH: ("Recognised, nothing changes", "Recognised, nothing changed", "grey"),
    Outcome.DECIDE: ("For you to decide", "Decided by you", "yellow"),
    Outcome.SAME: ("Same child as another row", "Same child as another row", "blue"),
    Outcome.REFUSE: ("Refused", "Refused", "red"),
}
FLAGGED = "flagged"
AFTER: dict[str, tuple[str, TagColour]] = {
    After.GONE: ("No longer in the index", "grey"),
    After.STAYS: ("Stays, without what this file said", "blue"),
    After.KEPT: ("Stays: a later file says the same", "teal"),
    After.UNTOUCHED: ("Nothing to withdraw", "grey"),
}
ORIGINS: dict[str, Tag] = {
    Origin.REMEMBERED: Tag("Remembered", "teal"),
    Origin.NEW: Tag("New in this file", "yellow"),
}


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows have one outcome, and the list of them."""

    words: str
    number: int
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class RowLine:
    """One row of the table."""

    number: int
    line: int
    name: str
    born: str
    postcode: str
    tag: Tag
    notes: tuple[str, ...]
    person: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class RunLine:
    """One earlier upload in the list."""

    url: str
    filename: str
    uploaded_at: dt.datetime
    by: str
    rows: int
    tag: Tag


@dataclass(frozen=True, slots=True)
class ColumnLine:
    """One column on the mapping step: its select, its samples, and what becomes of it."""

    heading: str
    samples: tuple[str, ...]
    bound: Any
    note: str
    tag: Tag | None


def state_tag(run: ImportRun) -> Tag:
    """The run's state in words."""
    colour: TagColour = "blue" if run.state in UNDER_WAY else STATES[run.state]
    return Tag(run.get_state_display(), colour)


def run_line(run: ImportRun, names: Mapping[int, str]) -> RunLine:
    """One earlier upload; `names` are the practitioners' by principal."""
    step = "importing:columns" if run.state == RunState.UPLOADED else "importing:run"
    return RunLine(
        url=reverse(step, args=[run.uuid]),
        filename=run.filename,
        uploaded_at=run.uploaded_at,
        by=names.get(run.uploaded_by_id or 0, "") or (_("A feed") if run.unattended else ""),
        rows=run.rows,
        tag=state_tag(run),
    )


def counts_of(run: ImportRun, chosen: str) -> list[Count]:
    """The counts that also filter the table, in the order in which they matter."""
    over = bool(run.finished_at)
    numbers = {
        Outcome.DECIDE: run.undecided,
        Outcome.REFUSE: run.refused,
        FLAGGED: run.flagged,
        Outcome.ADD: run.added,
        Outcome.UPDATE: run.updated,
        Outcome.MATCH: run.matched,
        Outcome.SAME: run.same,
    }
    base = reverse("importing:run", args=[run.uuid])
    words = {key: words[over] for key, words in OUTCOMES.items()} | {
        FLAGGED: _("Kept, with a value left out"),
        Outcome.DECIDE: _("Waiting for your decision"),
    }
    found = [Count(_("All rows"), run.rows, base, chosen == "")]
    return found + [
        Count(words[key], number, f"{base}?outcome={key}", chosen == key)
        for key, number in numbers.items()
        if number or chosen == key
    ]


def row_line(row: ImportRow, run: ImportRun, people: Mapping[int, uuid.UUID]) -> RowLine:
    """One row in words; `people` are the addresses of children by subject, once they are on the records."""
    planned, past, colour = OUTCOMES[row.outcome]
    words = past if run.finished_at else planned
    notes = [_with_column(row)] if row.reason else []
    if row.outcome == Outcome.DECIDE and row.decision:
        words = _("Decided: %(answer)s") % {"answer": row.get_decision_display().lower()}
        colour = "grey" if row.decision == Decision.SKIP else "teal"
    elif row.outcome == Outcome.DECIDE and run.finished_at:
        words, colour = _("Left out: it may be a child who is already known"), "yellow"
    if run.state == RunState.WITHDRAWN and row.after:
        words, colour = AFTER[row.after]
        notes = [row.after_why] if row.after_why else []
    if row.same_as:
        notes.append(_("Taken together with row %(row)s.") % {"row": row.same_as})
    return RowLine(
        number=row.number,
        line=row.line,
        name=row.name or (_("Not read") if row.outcome == Outcome.REFUSE else ""),
        born=born_words(row.date_of_birth, row.born_precision),
        postcode=row.postcode,
        tag=Tag(words, colour),
        notes=tuple(notes),
        person=people.get(row.subject_id or 0),
    )


def _with_column(row: ImportRow) -> str:
    """Why, with the column it concerns: named once, by the reason itself where it does so already."""
    column = FIELDS.get(row.field, row.field) if row.outcome == Outcome.REFUSE else ""
    if column.lower() in row.reason.lower() or (row.field == "upn" and "UPN" in row.reason):
        return row.reason
    return f"{column}: {row.reason}"


def born_words(born: dt.date | None, precision: str) -> str:
    """A date of birth as far as it is known; "" where it is not."""
    return uk_date(born, precision) if born else ""


def option_words(option: Option) -> str:
    """A child that a row may be, in one line."""
    parts = [option.name, born_words(option.born, option.precision) or _("no date of birth"), option.area]
    who = ", ".join(part for part in parts if part)
    return (
        _("The same child as row %(row)s: %(who)s") % {"row": option.row, "who": who}
        if option.row
        else (_("The same child: %(who)s") % {"who": who})
    )


NOTES = {
    "reason_for_care": (
        "This column is left out. Why somebody needs care is that adult’s own information and never goes on "
        "the child’s record. Where you may record it, do so on the adult’s own page."
    ),
    "plan_type": "This column is left out: plans and their kinds are recorded with the plan itself.",
    "worker": "Kept where the name is that of a member of your team; otherwise left out.",
    "young_carer": "Kept with the child’s school place, as P, S, N or Y; left out where there is no school.",
}


def column_lines(columns: Sequence[ImportColumn], form: Any) -> list[ColumnLine]:
    """The columns in the order of the file, each with its select and what becomes of what is chosen."""
    return [
        ColumnLine(
            column.heading,
            tuple(column.samples),
            form[f"column-{column.position}"],
            NOTES.get(str(form[f"column-{column.position}"].value()), ""),
            ORIGINS.get(column.origin),
        )
        for column in columns
    ]
