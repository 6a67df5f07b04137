"""An outsider who can run any SQL on the application's own connection, and the one child whom they may not see."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from teamaround.database.actor import Actor
from teamaround.database.stamp import sign

MARKER = "Zzmarker"
#: Protected for who writes them, and read by everybody at work: calendars, rotas and questions, which name no subject.
READ_BY_ALL = ("audit_question", "closure", "duty_shift", "school_term", "site_opening", "working_pattern")
OWNER_TEAM, OTHER_TEAM, OWN_WORKER, OTHER_WORKER, CHILD = 1, 2, 3, 4, 1
OUTSIDER = Actor("practitioner", OTHER_WORKER, (OTHER_WORKER, OTHER_TEAM), 2)
INSIDER = Actor("practitioner", OWN_WORKER, (OWN_WORKER, OWNER_TEAM), 1)

WORLD = """
delete from service; delete from principal;
insert into principal (id, kind) values (1, 'team'), (2, 'team'), (3, 'practitioner'), (4, 'practitioner');
insert into agency (id, slug, name, sector, phone) values (1, 'one', 'One', 'council', ''), (2, 'two', 'Two', 'council', '');
insert into team (id, agency_id, slug, name, sensitivity, phone, email, takes_referrals, procedure_slug)
  values (1, 1, 'one', 'One', '', '', '', false, ''), (2, 2, 'two', 'Two', '', '', '', false, '');
insert into account (id, password, email, is_active) values (1, '!', 'one@leaks.example', true), (2, '!', 'two@leaks.example', true);
insert into practitioner (id, account_id, uuid, name, job_title, phone)
  values (3, 1, gen_random_uuid(), 'One', '', ''), (4, 2, gen_random_uuid(), 'Two', '', '');
insert into membership (practitioner_id, team_id, role, since)
  values (3, 1, 'practitioner', now() - interval '1 day'), (4, 2, 'practitioner', now() - interval '1 day');
insert into subject (id, kind) values (1, 'person'), (2, 'person');
"""


class Attack:
    """What an attempt works with: SQL as the outsider, and the catalogue for what there is to try."""

    def __init__(self, application: str, superuser: str, key: bytes) -> None:
        self.application, self.superuser, self.key = application, superuser, key
        with psycopg.connect(superuser) as connection:
            self.protected = self._column(
                connection,
                "select c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' "
                "and c.relkind in ('r', 'p') and c.relforcerowsecurity and not c.relispartition order by 1",
            )
            self.protected = [table for table in self.protected if table not in READ_BY_ALL]
            self.texts = connection.execute(
                "select table_name::text, column_name::text from information_schema.columns where table_schema = 'public' "
                "and table_name::text = any (%s) and data_type in ('text', 'character varying') order by 1, 2",
                [self.protected],
            ).fetchall()

    @staticmethod
    def _column(connection: psycopg.Connection, query: str) -> list[str]:
        return [row[0] for row in connection.execute(query.encode()).fetchall()]

    @contextmanager
    def session(self, actor: Actor | None = OUTSIDER) -> Iterator[psycopg.Connection]:
        """A transaction on the application's connection, stamped for `actor` (None: not stamped)."""
        with psycopg.connect(self.application) as connection:
            if actor is not None:
                connection.execute(
                    "select set_config('app.stamp', %s, true)", [self.stamp(actor, connection)]
                )
            yield connection
            connection.rollback()

    def stamp(self, actor: Actor, connection: psycopg.Connection, key: bytes | None = None) -> str:
        return sign(actor, backend_pid=connection.info.backend_pid, key=key or self.key)

    def told(self, query: str, *, actor: Actor | None = OUTSIDER) -> str:
        """What the server answers, rows or message, as text; "" where it answers nothing at all."""
        with self.session(actor) as connection:
            return _answer(connection, query)

    def refused(self, *statements: str, actor: Actor | None = OUTSIDER) -> str:
        """ "" where every statement is refused; else the first that was not."""
        with self.session(actor) as connection:
            for statement in statements:
                answer = _answer(connection, statement)
                if not answer.startswith("refused:"):
                    return f"accepted: {statement}"
                if MARKER.lower() in answer.lower():
                    return f"the refusal tells: {answer}"
        return ""

    def silent(self, *queries: str, actor: Actor | None = OUTSIDER, before: str = "") -> str:
        """ "" where no answer holds the marker; else the first that does."""
        with self.session(actor) as connection:
            if before:
                connection.execute(before.encode())
            for query in queries:
                if MARKER.lower() in (answer := _answer(connection, query)).lower():
                    return f"{query}: {answer[:120]}"
        return ""


def _answer(connection: psycopg.Connection, query: str) -> str:
    try:
        with connection.transaction():
            found = connection.execute(query.encode())
            return repr(found.fetchall()) if found.description else ""
    except psycopg.Error as refused:
        return f"refused: {refused}"


VALUES = {
    "integer": "1",
    "bigint": "1",
    "smallint": "1",
    "boolean": "true",
    "uuid": "gen_random_uuid()",
    "date": "current_date",
    "timestamp with time zone": "now()",
    "time without time zone": "localtime",
    "tstzrange": "tstzrange(now(), null)",
    "jsonb": f"'\"{MARKER}\"'",
    "bytea": f"'{MARKER}'",
    "xid8": "pg_current_xact_id()",
    "real": "1",
    "double precision": "1",
    "numeric": "1",
}


def build(superuser: str) -> None:
    """The one child: a row in every protected table, the marker in each of its texts.

    Checks of values are taken off first: what matters here is who reads a row, not whether it makes sense.
    """
    with psycopg.connect(superuser) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute(WORLD.encode())
        tables = connection.execute(
            "select c.relname::text, c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace "
            "where n.nspname = 'public' and c.relkind in ('r', 'p') and c.relforcerowsecurity and not c.relispartition"
        ).fetchall()
        for table, number in tables:
            for (check,) in connection.execute(
                "select conname::text from pg_constraint where conrelid = %s and contype = 'c'", [number]
            ).fetchall():
                connection.execute(
                    sql.SQL("alter table {} drop constraint {}").format(
                        sql.Identifier(table), sql.Identifier(check)
                    )
                )
            connection.execute(_row(connection, table, number))
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute("vacuum analyze")


def _row(connection: psycopg.Connection, table: str, number: int) -> sql.Composed:
    columns = connection.execute(
        "select a.attname::text, format_type(a.atttypid, null)::text, format_type(a.atttypid, a.atttypmod)::text "
        "from pg_attribute a where a.attrelid = %s and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' "
        "and a.attidentity = '' and not (a.attname = 'id' and a.atthasdef)",
        [number],
    ).fetchall()
    return sql.SQL("insert into {} ({}) values ({})").format(
        sql.Identifier(table),
        sql.SQL(", ").join(sql.Identifier(name) for name, _, _ in columns),
        sql.SQL(", ").join(sql.SQL(_value(kind, exact)) for _, kind, exact in columns),
    )


def _value(kind: str, exact: str) -> str:
    if kind.endswith("[]"):
        return f"array[{_value(kind[:-2], exact[:-2])}]::{exact}"
    if kind in ("text", "character varying", "character"):
        return f"'{MARKER}'::{exact}"  # a cast cuts to the length
    return VALUES[kind]
