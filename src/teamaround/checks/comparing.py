"""One world, every actor of it: what the database shows and lets be written, beside what the oracle says."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import Error, connection, transaction
from psycopg import sql
from psycopg.types.json import Jsonb

from teamaround.access.me import actor_of
from teamaround.agencies.models import Account
from teamaround.checks import changes
from teamaround.checks import rows as rules
from teamaround.checks.oracle import Oracle
from teamaround.checks.rows import Asking
from teamaround.checks.schema import Table
from teamaround.checks.tables import MOVES
from teamaround.checks.worlds import World
from teamaround.checks.writing import BY_SUBJECT, Owner, scope_of
from teamaround.database.actor import ANONYMOUS, SET_UP, Actor, acting_as
from teamaround.feeds.callers import KIND, closed, me_of_feed
from teamaround.feeds.models import Feed

Facts = dict[str, list[dict[str, Any]]]
LOOK = "look_at_a_world"
ROW_BY_ROW = frozenset({"feed_call", "recognition_pair"})
"""Tables of which the database refuses a change aloud by the state of one row: each is asked about alone."""
NOT_COMPARED = {
    "access_alert": "for the governance lead alone; holds no category",
    "access_alert_rule": "for the governance lead alone; names no subject",
    "access_family_link": "a practitioner's own declaration; holds no category",
    "access_famous_name": "for the governance lead alone; names no subject",
    "access_grant": "derived; its effect is what is compared",
    "access_look": "the application adds to it and reads nothing of it",
    "access_look_line": "the application adds to it and reads nothing of it",
    "access_withheld": "the application reads nothing of it",
    "calendar_link": "its owner's own; names no subject",
    "audit_question": "what an audit of a file asks; names no subject",
    "closure": "days on which an area, a site or a team is shut; names no subject",
    "disposal": "for the governance lead alone; names no subject",
    "disposal_count": "for the governance lead alone; names no subject",
    "disposal_item": "for the governance lead alone; holds no category of its own",
    "duty_swap": "between two of a team; names no subject",
    "legal_hold": "for the governance lead alone; holds no category",
    "load_word": "a worker's own word of the week; names no subject",
    "notice_choice": "a practitioner's own; names no subject",
    "notice_waiting": "a practitioner's own; names no subject",
    "retention_rule": "for the governance lead alone; names no subject",
    "rights_item": "for the governance lead alone; holds no category",
    "rights_pause": "for the governance lead alone; names no subject",
    "rights_request": "for the governance lead alone; holds no category",
    "rota_exception": "a worker's own days; tests of the rota say who reads why",
    "saved_view": "a practitioner's own; holds no category",
    "school_term": "the terms of the area's schools; names no subject",
    "sharing_agreement": "for the governance lead alone; names no subject",
    "sharing_agreement_act": "for the governance lead alone; names no subject",
    "sharing_agreement_party": "for the governance lead alone; names no subject",
    "site_opening": "the opening hours of a site; names no subject",
    "supervision": "about a worker; tests of supervision say who reads it",
    "supervision_setting": "a team's own measure; names no subject",
    "team_pace": "a team's own measure; names no subject",
    "working_pattern": "when somebody works; names no subject",
    "worker_profile": "a worker's own, and their managers'; names no subject",
}
"""Protected tables that name no author, and why they are left to other checks."""


@dataclass(frozen=True)
class Difference:
    """A row that the database shows, or lets be written, and should not (leaked); or the reverse (missing)."""

    seed: int
    world: int
    act: str
    table: str
    key: int
    kind: str
    actor: int
    leaked: bool

    def words(self) -> str:
        """One line that says what differs and how to have it again."""
        expected = "must not" if self.leaked else "must"
        return (
            f"world {self.world} of seed {self.seed}: {self.kind} {self.actor} {expected} {self.act} "
            f"{self.table} {self.key}"
        )


@dataclass
class Tally:
    """How many answers were compared."""

    decisions: int = 0


class Application:
    """The database as the application's role sees it, one stamped transaction a question."""

    def __init__(self, owner: Owner) -> None:
        self.tables = {
            name: table
            for name, table in owner.tables.items()
            if table.protected and scope_of(table) is not None
        }
        self.changeable = _changeable(owner, self.tables)
        parts = [
            sql.SQL("select {}, array_agg({}::bigint) from {} where {} between {}").format(
                sql.Literal(name),
                sql.Identifier(table.key),
                sql.Identifier(name),
                sql.Identifier(scope_of(table) or ""),
                sql.SQL("$3 and $4" if name in BY_SUBJECT else "$1 and $2"),
            )
            for name, table in self.tables.items()
        ]
        with connection.cursor() as cursor:
            cursor.execute("set plan_cache_mode = force_generic_plan")
            cursor.execute(
                sql.SQL("prepare {} (int, int, bigint, bigint) as {}").format(
                    sql.Identifier(LOOK), sql.SQL(" union all ").join(parts)
                )
            )

    def close(self) -> None:
        """Forget what was prepared."""
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("deallocate {}").format(sql.Identifier(LOOK)))
            cursor.execute("reset plan_cache_mode")

    def visible(self, actor: Actor, world: World) -> dict[str, set[int]]:
        """The keys of the world's rows that the actor sees, by table."""
        with acting_as(actor), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"execute {LOOK}(%s, %s, %s, %s)", [*world.principals, *world.subjects])
            return {name: set(keys or ()) for name, keys in cursor.fetchall()}

    def changed(self, actor: Actor, world: World, table: Table, keys: Sequence[int]) -> set[int]:
        """The keys of the rows that the actor could change, `keys` being those of the table; the change is undone."""
        column = self.changeable[table.name]
        if column is None:
            return set()
        statement = sql.SQL("update {} set {} = {} where {} between %s and %s returning {}").format(
            sql.Identifier(table.name),
            sql.Identifier(column),
            sql.Identifier(column),
            sql.Identifier(scope_of(table) or ""),
            sql.Identifier(table.key),
        )
        with acting_as(actor), transaction.atomic():
            rows = attempt(statement, world.subjects if table.name in BY_SUBJECT else world.principals)
            transaction.set_rollback(True)
        if rows is None and table.name in ROW_BY_ROW:
            return {key for key in keys if self.moved(actor, table, key, column, sql.Identifier(column))}
        return {row[0] for row in rows} if rows is not None else set()

    def added(self, actor: Actor, table: Table, row: dict[str, Any]) -> bool:
        """Whether the actor may add this row; it is taken away again."""
        statement = sql.SQL(
            "insert into {0} ({1}) select {1} from jsonb_populate_record(null::{0}, %s)"
        ).format(sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, row)))
        return self._alone(actor, statement, [Jsonb(row)])

    def moved(self, actor: Actor, table: Table, key: int, column: str, value: int | sql.Identifier) -> bool:
        """Whether the actor may move the row to another author or subject; it is moved back."""
        statement = sql.SQL("update {} set {} = {} where {} = %s returning 1").format(
            sql.Identifier(table.name),
            sql.Identifier(column),
            value if isinstance(value, sql.Identifier) else sql.Literal(value),
            sql.Identifier(table.key),
        )
        return self._alone(actor, statement, [key])

    def undone(self, actor: Actor, merge: int) -> bool:
        """Whether the actor may undo this merge; it is put back."""
        statement = sql.SQL(
            "update person_merge set undone_at = statement_timestamp(), undo_reason = 'Two persons' "
            "where id = %s returning 1"
        )
        return self._alone(actor, statement, [merge])

    def deleted(self, actor: Actor, table: Table, key: int) -> bool:
        """Whether the actor may delete the row; it is put back."""
        statement = sql.SQL("delete from {} where {} = %s returning 1").format(
            sql.Identifier(table.name), sql.Identifier(table.key)
        )
        return self._alone(actor, statement, [key])

    @staticmethod
    def _alone(actor: Actor, statement: sql.Composable, values: list[Any]) -> bool:
        with acting_as(actor), transaction.atomic():
            rows = attempt(statement, values)
            transaction.set_rollback(True)
        return bool(rows)


def attempt(statement: sql.Composable, values: Any) -> list[Any] | None:
    """The rows that a statement returns, or one empty row where it returns none; None where it was refused.

    A key or a check that stands in the way comes after the policies: they had let it pass.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)
            return list(cursor.fetchall()) if cursor.description else [()]
    except Error as error:
        state = getattr(error.__cause__, "sqlstate", "") or ""
        return [()] if state.startswith("23") else None


def _changeable(owner: Owner, tables: dict[str, Table]) -> dict[str, str | None]:
    """A column of each table that the application may write at all; None where it may write none."""
    found: dict[str, str | None] = {}
    for name, table in tables.items():
        fixed = {table.key, scope_of(table), "subject_id", "author_team_id", "category"}
        columns = [column.name for column in table.columns if column.name not in fixed]
        allowed = [
            row[0]
            for row in owner.connection.execute(
                "select c from unnest(%s::text[]) c where has_column_privilege('app_rw', %s, c, 'update')",
                [columns, name],
            )
        ]
        found[name] = "version" if "version" in allowed else (allowed[0] if allowed else None)
    return found


@dataclass
class Comparison:
    """Compares one world. `facts` are its rows as the database holds them."""

    application: Application
    owner: Owner
    world: World
    facts: Facts
    tally: Tally

    def differences(self, *, focus: Sequence[str] = ()) -> Iterator[Difference]:
        """Every difference of the world: reading in full; writing by a sample, or for all in the tables of `focus`."""
        rng = random.Random(f"{self.world.seed}:{self.world.number}:writes")  # noqa: S311 - to be had again
        actors = list(self.actors())
        if not focus:
            for actor, asking in actors:
                yield from self._reads(actor, asking)
        names = [name for name in sorted(self.application.tables) if self.facts.get(name)]
        for actor, asking in actors if focus else rng.sample(actors, 2):
            yield from self._changes(actor, asking, focus or rng.sample(names, 6))
            yield from self._single_rows(actor, asking, focus or rng.sample(names, 3), rng)
            yield from self._undoings(actor, asking)

    def actors(self) -> Iterator[tuple[Actor, Asking]]:
        """Everybody of the world: as the product stamps them, and as the rules say what they hold."""
        oracle = self._oracle()
        for principal, account in self.world.practitioners:
            actor, _ = actor_of(Account(pk=account, is_active=True))
            held = oracle.principals_of(principal)
            yield (
                actor,
                Asking("practitioner", principal, held, oracle.governs(held), oracle.manages(held)),
            )
        for principal, account in self.world.relatives:
            actor, _ = actor_of(Account(pk=account, is_active=True))
            yield actor, Asking("family", principal, oracle.relative(principal))
        for principal, number in self.world.feeds:
            yield self._feed(number), Asking("feed", principal, oracle.feed(number))
        for actor in (SET_UP, ANONYMOUS):
            yield actor, Asking(actor.kind, 0, frozenset())
        search = self.owner.search
        yield search, Asking("service", search.principal, frozenset(search.principals), searches=True)

    @staticmethod
    def _feed(number: int) -> Actor:
        """A feed as it is stamped when it calls; one that ended, or whose team did, calls no more."""
        with acting_as(ANONYMOUS), transaction.atomic():
            feed = Feed.objects.select_related("team__agency").get(pk=number)
            return Actor(KIND, feed.principal_id) if closed(feed) else me_of_feed(feed).actor()

    def _oracle(self, now: dt.datetime | None = None) -> Oracle:
        return Oracle(self.facts, now or self.owner.now())

    def _reads(self, actor: Actor, asking: Asking) -> Iterator[Difference]:
        # A moment may pass between the question and the oracle's clock: what differs is asked once more.
        for last in (False, True):
            oracle = self._oracle()
            seen = self.application.visible(actor, self.world)
            found = []
            for name, table in self.application.tables.items():
                rows = self.facts.get(name, [])
                wanted = {row[table.key] for row in rows if rules.may_read(oracle, asking, name, row)}
                found += self._compared("read", name, asking, wanted, seen[name])
                self.tally.decisions += len(rows)
            if last or not found:
                yield from found
                return

    def _compared(
        self, act: str, table: str, asking: Asking, wanted: set[int], seen: set[int]
    ) -> list[Difference]:
        return [
            self._difference(act, table, key, asking, leaked=key in seen) for key in sorted(wanted ^ seen)
        ]

    def _difference(self, act: str, table: str, key: int, asking: Asking, *, leaked: bool) -> Difference:
        return Difference(
            self.world.seed, self.world.number, act, table, key, asking.kind, asking.principal, leaked
        )

    def _changes(self, actor: Actor, asking: Asking, names: Sequence[str]) -> Iterator[Difference]:
        oracle = self._oracle()
        for name in names:
            table = self.application.tables[name]
            rows = self.facts.get(name, [])
            wanted = {row[table.key] for row in rows if changes.may_change(oracle, asking, name, row)}
            seen = self.application.changed(actor, self.world, table, [row[table.key] for row in rows])
            self.tally.decisions += len(rows)
            yield from self._compared("change", name, asking, wanted, seen)

    def _single_rows(
        self, actor: Actor, asking: Asking, names: Sequence[str], rng: random.Random
    ) -> Iterator[Difference]:
        """Adding a row like one that stands, moving one to another author or subject, deleting one."""
        oracle = self._oracle()
        for name in names:
            if not self.facts.get(name):
                continue
            table = self.application.tables[name]
            row = rng.choice(self.facts[name])
            key = row[table.key]
            copy = self._copy(table, key)
            added = self.application.added(actor, table, copy)
            wanted = changes.may_add(oracle, asking, name, row)
            if wanted is not None and added != wanted:
                yield self._difference("add a row like", name, key, asking, leaked=added)
            if self.application.deleted(actor, table, key) != changes.may_delete(oracle, asking, name, row):
                yield self._difference("delete", name, key, asking, leaked=True)
            self.tally.decisions += 2
            for column in ("author_team_id", "subject_id"):
                if row.get(column) is None or table.history or column == table.key or (name, column) in MOVES:
                    continue  # a row whose subject nobody knew yet may get one
                others = {"author_team_id": "team", "subject_id": "person"}[column]
                value = rng.choice([each[self.owner.tables[others].key] for each in self.facts[others]])
                self.tally.decisions += 1
                if value != row[column] and self.application.moved(actor, table, key, column, value):
                    yield self._difference(f"move by {column}", name, key, asking, leaked=True)

    def _undoings(self, actor: Actor, asking: Asking) -> Iterator[Difference]:
        """Taking away the one link that a merge is."""
        oracle = self._oracle()
        for row in self.facts.get("person_merge", []):
            self.tally.decisions += 1
            undone = self.application.undone(actor, row["id"])
            if undone != changes.may_undo(oracle, asking, row):
                yield self._difference("undo", "person_merge", row["id"], asking, leaked=undone)

    def _copy(self, table: Table, key: int) -> dict[str, Any]:
        """A row as it stands, with a number of its own."""
        row = self.owner.connection.execute(
            sql.SQL("select to_jsonb(t) from {} t where {} = %s").format(
                sql.Identifier(table.name), sql.Identifier(table.key)
            ),
            [key],
        ).fetchone()
        assert row is not None
        copy: dict[str, Any] = row[0]
        if not any(column.name == table.key and column.target for column in table.columns):
            copy[table.key] = self.owner.ids.next(table.name) + self.owner.ids.first * 2
        for column in table.columns:
            if column.type == "uuid":
                copy[column.name] = str(uuid.uuid4())
        return copy
