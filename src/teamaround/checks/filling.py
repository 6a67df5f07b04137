"""Rows for any table: what a world does not say is filled in from the schema."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections import defaultdict
from typing import Any

from teamaround.checks.schema import Column, Table

CATEGORIES = (
    "index",
    "identity",
    "referral",
    "assessment",
    "plan",
    "notes",
    "health",
    "education",
    "safeguarding",
    "substance",
    "justice",
    "money",
)
TEXTS = ("character", "text")

# Values that checks of the tables ask for, where an "x" would not do.
WORDS: dict[str, dict[str, Any]] = {
    "appointment": {"cancelled_at": None, "cancelled_reason": "", "practitioner_id": None},
    "event": {"kind": "contact.recorded", "voids": False, "corrects_id": None},
    "assessment": {"status": "in-progress", "completed_at": None},
    "assessment_answer": {"going": "well"},
    "audit_question": {"team_id": None, "withdrawn_at": None},
    "closing": {"outcomes_at": None, "stepdown_at": None, "feedback_at": None},
    "family_message": {"state": "sent", "answer": "", "answered_by_id": None, "answered_at": None},
    "file_audit": {"state": "drawn", "done_at": None, "reason": ""},
    "file_audit_answer": {"found": "yes"},
    "meeting": {"state": "booked", "cancelled_reason": "", "kind": "team_around_family"},
    "panel_item": {
        "reason": "asked",
        "outcome": "",
        "decided_at": None,
        "gap_need": "",
        "gap_area": "",
        "gap_note": "",
    },
    "panel_sitting": {"lasts": 60},
    "meeting_invitation": {"answer": "needs-action", "answered_at": None, "person_id": None, "words": ""},
    "person_merge": {"category": "index", "undone_at": None, "undo_reason": ""},
    "plan": {"state": "draft"},
    "plan_review": {"is_final": True},
    "portal_account": {"ended_at": None},
    "referral": {"agreement": "agree", "arrival": "written"},
    "sharing_access_request": {
        "categories": ["plan"],
        "state": "asked",
        "answer": "",
        "answered_by_id": None,
        "answered_at": None,
    },
    "sharing_agenda_item": {"closed_at": None},
    "sharing_decision": {
        "decided": "not_shared",
        "relied_on": "none",
        "recipient_id": None,
        "told_family": True,
    },
    "sharing_paper": {"media_type": "application/pdf"},
    "sharing_review": {"outcome": "ended", "review_on": None},
    "task": {"state": "requested", "completed_at": None},
    "import_run": {"state": "withdrawn"},
    "person_caring": {"cared_for_id": None},
    "allocation": {"until": None},
}
CATEGORIES_OF = {"person_care_reason": ("health", "substance")}
SELDOM_EMPTY = 0.3
AGAIN = frozenset({"person_merge"})
"""Tables whose unique keys hold among some of their rows only: the story keeps them."""


class Filler:
    """Makes rows of one world; `pools` hold the keys that its rows may point to, by table."""

    def __init__(self, rng: random.Random, tables: dict[str, Table], ids: Any, now: dt.datetime) -> None:
        self.rng = rng
        self.tables = tables
        self.ids = ids
        self.now = now
        self.pools: dict[str, list[Any]] = defaultdict(list)
        self.rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._taken: dict[tuple[str, tuple[str, ...]], set[tuple[Any, ...]]] = defaultdict(set)

    def add(self, name: str, /, **given: Any) -> dict[str, Any] | None:
        """One row of the table, in full; None where it would break a unique key or has nothing to point to."""
        table = self.tables[name]
        row: dict[str, Any] = {}
        said = {**WORDS.get(name, {}), **given}
        for column in table.columns:
            if column.name in said:
                row[column.name] = said[column.name]
            elif column.default and column.name != table.key:
                continue
            else:
                value = self._value(table, column)
                if value is None and column.required:
                    return None
                row[column.name] = value
        unique = table.unique if name not in AGAIN else ()
        for columns in unique:
            key = tuple(row.get(column) for column in columns)
            if None in key:
                continue
            if key in self._taken[name, columns]:
                return None
        for columns in unique:
            key = tuple(row.get(column) for column in columns)
            if None not in key:
                self._taken[name, columns].add(key)
        self.rows[name].append(row)
        self.pools[name].append(row[table.key])
        return row

    def _value(self, table: Table, column: Column) -> Any:
        rng = self.rng
        if column.target is not None:
            if column.name == table.key:
                taken = set(self.pools[table.name])
                free = [key for key in self.pools[column.target] if key not in taken]
                return rng.choice(free) if free else None
            pool = self.pools[column.target]
            if not pool or (not column.required and rng.random() < SELDOM_EMPTY):
                return None
            return rng.choice(pool)
        if column.type == "uuid":
            # Never by the seed: the same world may stand in one database twice.
            return uuid.uuid4()
        if column.name == table.key:
            return self.ids.next(table.name)
        if column.name == "category":
            return rng.choice(CATEGORIES_OF.get(table.name, CATEGORIES))
        if not column.required:
            return None
        return self._plain(column)

    def _plain(self, column: Column) -> Any:
        if column.type.endswith("[]"):
            return []
        if column.type.startswith(TEXTS):
            length = column.type.partition("(")[2].rstrip(")")
            return uuid.uuid4().hex[: int(length or 32)]
        if column.type in ("integer", "bigint", "smallint"):
            return self.rng.randrange(1, 10_000)
        values: dict[str, Any] = {
            "boolean": self.rng.random() < 0.5,
            "double precision": self.rng.random(),
            "date": self.now.date(),
            "timestamp with time zone": self.now + dt.timedelta(days=1),
            "jsonb": "{}",
            "bytea": b"x",
        }
        return values[column.type]
