"""Worlds into the database by its owner, with the product's own triggers at work, and their rows back out."""

from __future__ import annotations

import bisect
import contextlib
import datetime as dt
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from teamaround.checks import schema
from teamaround.checks.schema import Table
from teamaround.checks.worlds import Ids, Maker, World
from teamaround.database.actor import Actor
from teamaround.database.stamp import sign

SCOPE = {
    "access_purpose": "team_id",
    "draft": "practitioner_id",
    "duty_shift": "practitioner_id",
    "feed": "team_id",
    "family_message": "sent_by_id",
    "portal_account": "id",
    "team": "id",
    "panel": "id",
    "practitioner": "id",
    "membership": "practitioner_id",
    "panel_seat": "practitioner_id",
}
"""For tables without an author team: the column whose principal says to which world a row belongs."""

BY_SUBJECT = frozenset({"recognition_asked_again", "recognition_opinion", "recognition_pair"})
"""Tables of which no principal says it, but the subject."""

FACTS = frozenset(
    {
        "team",
        "panel",
        "practitioner",
        "membership",
        "panel_seat",
        "duty_shift",
        "person",
        "person_merge",
        "family_member",
        "involvement",
        "feed",
        "feed_call",
        "recognition_asked_again",
        "recognition_opinion",
        "recognition_pair",
        "episode",
        "access_purpose",
        "portal_account",
        "family_message",
        "sharing_access_request",
        "sharing_basis",
        "sharing_line",
        "sharing_settlement",
        "sharing_shield",
        "sharing_shield_holder",
        "appointment",
        "meeting_invitation",
    }
)
"""Tables that the oracle reads in full; of others it needs the numbers and the category."""

# Break-glass starts when it is written and is its writer's own, a merge stands from when it is written, a pair begins
# by waiting and an opinion moves it on, a panel sets its sittings: a world writes them as others did, hours and years
# ago.
SET_ASIDE = (
    ("sharing_basis", "b_starts_now"),
    ("sharing_line", "b_own_basis"),
    ("person_merge", "b_guard"),
    ("recognition_pair", "a_guard"),
    ("recognition_pair", "b_offered"),
    ("recognition_opinion", "a_state"),
    ("recognition_opinion", "b_weigh"),
    ("panel_sitting", "a_guard"),
    ("duty_shift", "a_guard"),
)
OFTEN = 100
"""Worlds that are deleted before their room is freed."""
EMPTIED = """
with recursive reached (number) as (
    select unnest(array['subject', 'principal', 'agency', 'account']::regclass[])::oid
    union select c.conrelid from pg_constraint c join reached r on c.confrelid = r.number where c.contype = 'f')
select relname::text from pg_class join reached on oid = number
"""
"""What `truncate ... cascade` of these four empties: each table that points at one, and at those."""
SEARCH = "recognising"
"""The service that finds pairs, as the database knows it."""


def scope_of(table: Table) -> str | None:
    """The column by which a row of the table belongs to a world; None where there is none."""
    if table.name in BY_SUBJECT:
        return "subject_id"
    return SCOPE.get(table.name) or ("author_team_id" if table.authored else None)


class Owner:
    """The database as its superuser: writes worlds and reads every row, past all policies."""

    def __init__(self, address: str, stamp_key: bytes) -> None:
        self.connection = psycopg.connect(address, autocommit=True)
        self._key = stamp_key
        self.tables = schema.read_with(self.connection)
        self.ids = Ids()
        self._left_behind = 0

    def close(self) -> None:
        """Leave the server."""
        self.connection.close()

    @contextlib.contextmanager
    def stamped(self, actor: Actor) -> Iterator[None]:
        """A transaction that carries the actor's stamp, as the triggers that name who wrote ask for."""
        with self.connection.transaction():
            value = sign(actor, backend_pid=self.connection.info.backend_pid, key=self._key)
            self.connection.execute("select set_config('app.stamp', %s, true)", [value])
            yield

    def now(self) -> dt.datetime:
        """The server's clock."""
        row = self.connection.execute("select statement_timestamp()").fetchone()
        assert row is not None
        return row[0].astimezone(dt.UTC)

    def build(self, seed: int, numbers: Sequence[int]) -> list[World]:
        """Empty the database, make the worlds of these numbers and write them; then what changes afterwards."""
        # Earlier worlds would only slow the later ones: each switch of the duty derives every duty anew.
        self._empty(len(numbers))
        now = self.now()
        writer = self._service("worlds")
        procedures = [row[0] for row in self.connection.execute("select id from procedure_version")]
        if not procedures:
            # Who publishes is asked of the stamp. Two: an episode moves from one to another.
            with self.stamped(writer):
                made = self.connection.execute(
                    "insert into procedure_version (slug, number, text) "
                    "values ('worlds', 1, ''), ('other-worlds', 1, '') returning id"
                )
                procedures = [row[0] for row in made]
        self.search = self._service(SEARCH)
        worlds = [Maker(seed, n, self.tables, self.ids, now, procedures).make() for n in numbers]
        rng = random.Random(f"{seed}:duty:{numbers[0]}")  # noqa: S311 - a test's chance, to be had again
        with self.stamped(writer):
            for table, trigger in SET_ASIDE:
                self._switch(table, trigger, on=False)
            self._duty(writer.principal, now, rng)
            self._copy([world.rows for world in worlds])
            self._copy([world.late for world in worlds])
            self.connection.execute("set constraints all immediate")
            for table, trigger in SET_ASIDE:
                self._switch(table, trigger, on=True)
        with self.stamped(writer):
            self._duty(writer.principal, now, rng)
            self._apply(worlds)
        return worlds

    def _empty(self, coming: int) -> None:
        """Take every world away. Deleting a few is quick and leaves their room behind; now and then that is freed."""
        self._left_behind += coming
        if self._left_behind > OFTEN:
            self.connection.execute("truncate subject, principal, agency, account cascade")
            self._left_behind = coming
            return
        with self.connection.transaction():
            # Without triggers, as TRUNCATE would: keys are not asked, and no history is written.
            self.connection.execute("set local session_replication_role = replica")
            for (table,) in self.connection.execute(EMPTIED).fetchall():
                self.connection.execute(sql.SQL("delete from {}").format(sql.Identifier(table)))

    def _service(self, name: str) -> Actor:
        row = self.connection.execute(
            "with made as (insert into principal (kind) values ('service') returning id) "
            "insert into service (id, name, purpose) select id, %s, '' from made returning id",
            [name],
        ).fetchone()
        assert row is not None
        return Actor("service", row[0], (row[0],))

    def _switch(self, table: str, trigger: str, *, on: bool) -> None:
        self.connection.execute(
            sql.SQL("alter table {} {} trigger {}").format(
                sql.Identifier(table), sql.SQL("enable" if on else "disable"), sql.Identifier(trigger)
            )
        )

    def _duty(self, by: int, now: dt.datetime, rng: random.Random) -> None:
        """A period of the duty, before now, around it or after it; an earlier one is moved far away."""
        hour = dt.timedelta(hours=1)
        since = now + rng.choice((-9000, -500, -2, 3, 900)) * hour
        until = rng.choice((None, since + hour * rng.choice((1, 300, 9600))))
        self.connection.execute(
            "update sharing_duty_period set effective_from = %s, effective_until = %s",
            [now + hour * 90_000, now + hour * 90_001],
        )
        self.connection.execute(
            "insert into sharing_duty_period (effective_from, effective_until, authority, set_by_id) "
            "values (%s, %s, 'An Act', %s)",
            [since, until, by],
        )

    def _copy(self, rows_of_worlds: list[dict[str, list[dict[str, Any]]]]) -> None:
        for name, table in self.tables.items():
            groups: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
            for rows in rows_of_worlds:
                for row in rows.get(name, ()):
                    groups[tuple(row)].append(row)
            for columns, group in groups.items():
                command = sql.SQL("copy {} ({}) from stdin").format(
                    sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, columns))
                )
                with self.connection.cursor() as cursor, cursor.copy(command) as copy:
                    for row in group:
                        copy.write_row([row[column] for column in columns])

    def _apply(self, worlds: list[World]) -> None:
        with self.connection.pipeline():
            for world in worlds:
                for change in world.changes:
                    self.connection.execute(
                        sql.SQL("update {} set {} where {} = %s").format(
                            sql.Identifier(change.table),
                            sql.SQL(", ").join(
                                sql.SQL("{} = %s").format(sql.Identifier(column)) for column in change.columns
                            ),
                            sql.Identifier(change.key),
                        ),
                        [*change.columns.values(), change.value],
                    )

    def facts(self, worlds: Sequence[World]) -> list[dict[str, list[dict[str, Any]]]]:
        """Every row of each world as it stands now, by table."""
        ranges = {
            False: ([world.principals[0] for world in worlds], worlds[-1].principals[1]),
            True: ([world.subjects[0] for world in worlds], worlds[-1].subjects[1]),
        }
        found: list[dict[str, list[dict[str, Any]]]] = [{} for _ in worlds]
        with self.connection.cursor(row_factory=dict_row) as cursor:
            for name, table in self.tables.items():
                scope = scope_of(table)
                if scope is None or not (table.protected or name in FACTS):
                    continue
                columns = [
                    column.name
                    for column in table.columns
                    if name in FACTS
                    or column.name in ("category", "id", table.key)
                    or (column.name.endswith("_id") and column.type in ("integer", "bigint"))
                ]
                statement = sql.SQL("select {} from {} where {} between %s and %s").format(
                    sql.SQL(", ").join(map(sql.Identifier, columns)),
                    sql.Identifier(name),
                    sql.Identifier(scope),
                )
                starts, last = ranges[name in BY_SUBJECT]
                for row in cursor.execute(statement, [starts[0], last]):
                    place = bisect.bisect_right(starts, row[scope]) - 1
                    found[place].setdefault(name, []).append(row)
            duty = cursor.execute("select * from sharing_duty_period").fetchall()
        for world in found:
            world["sharing_duty_period"] = duty
        return found
