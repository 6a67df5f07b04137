"""Moves what was just recorded to an earlier day, so that the demonstration has a past.

For the demonstration's own database alone, over the set-up role's connection: the product itself has no way
to write history at another time than now.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from zoneinfo import ZoneInfo

import psycopg
from psycopg import sql

LONDON = ZoneInfo("Europe/London")

# Columns that say when something was written or began, beside those every recorded row has.
TIMES: dict[str, tuple[str, ...]] = {
    "acquainted": ("at",),
    "event": ("happened_at", "recorded_at"),
    "feed": ("added_at",),
    "feed_call": ("received_at",),
    "feed_heard": ("heard_at",),
    "feed_key": ("made_at",),
    "feed_key_use": ("used_at",),
    "import_run": ("uploaded_at", "checked_at", "confirmed_at", "finished_at"),
    "episode": ("opened_at", "closed_at"),
    "allocation": ("since", "until"),
    "sharing_basis": ("valid_from",),
    "assessment": ("started_at", "completed_at"),
    "person_merge": ("merged_at",),
    "recognition_pair": ("found_at", "settled_at"),
    "recognition_run": ("started_at", "finished_at"),
}


class Past:
    """A story's own clock. `at(days, hour)` records what is done inside as if it had been then."""

    def __init__(self, owner_url: str) -> None:
        self.owner = psycopg.connect(owner_url, autocommit=True)
        self.owner.execute("set session_replication_role = replica")
        self.columns = self._columns()
        self.dated = [
            row[0]
            for row in self.owner.execute(
                "select s.table_name from information_schema.columns s join information_schema.columns r "
                "using (table_schema, table_name) where s.table_schema = 'public' and s.column_name = 'since' "
                "and s.data_type = 'date' and r.column_name = 'recorded_at' and s.table_name not like '%_history'"
            )
        ]

    def _columns(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = dict(TIMES)
        rows = self.owner.execute(
            "select table_name, array_agg(column_name::text) from information_schema.columns "
            "where table_schema = 'public' and column_name in ('recorded_at', 'changed_at') "
            "and table_name not like '%_history' group by 1"
        )
        for table, columns in rows:
            found[table] = tuple(dict.fromkeys((*found.get(table, ()), *columns)))
        return found

    @contextmanager
    def at(self, days: int, hour: int = 10, minute: int = 0) -> Iterator[dt.datetime]:
        """What is recorded inside happened `days` days ago at that time of day, London time."""
        now = dt.datetime.now(LONDON)
        then = (now - dt.timedelta(days=days)).replace(hour=hour, minute=minute, second=0, microsecond=0)
        then = min(then, now - dt.timedelta(minutes=2))
        (begun,) = self.owner.execute("select clock_timestamp()").fetchone() or (now,)
        yield then
        for table in self.dated:
            self.owner.execute(
                sql.SQL("update {t} set since = %s where recorded_at >= %s and since = current_date").format(
                    t=sql.Identifier(table)
                ),
                [then.date(), begun],
            )
        for table, columns in self.columns.items():
            for column in columns:
                self.owner.execute(
                    sql.SQL("update {t} set {c} = %s where {c} >= %s").format(
                        t=sql.Identifier(table), c=sql.Identifier(column)
                    ),
                    [then, begun],
                )
        self.owner.execute(
            "update access_grant set valid_during = tstzrange(%s, upper(valid_during)) where lower(valid_during) >= %s",
            [then, begun],
        )

    def close(self) -> None:
        """End the connection."""
        self.owner.close()
