"""Roles, database and rights that migrations stand on. Run by the set-up role; safe to run again."""

from __future__ import annotations

import psycopg
from psycopg import sql

from .secrets import Secrets
from .stamp import padded_keys

LOGIN_ROLES = ("app_rw", "app_report", "auditor")
SILENT_ROLES = ("app_owner", "app_engine", "app_disposal")
MINIMUM_SERVER = 150000


class SetupError(RuntimeError):
    """The server or the set-up role lacks something; the message says what and how to give it."""


def prepare(owner_dsn: str, secrets: Secrets, *, database: str = "teamaround") -> None:
    """Create what is missing: six roles, the database, the schema of the policy functions.

    `owner_dsn` connects as a role with CREATEROLE and CREATEDB (or a superuser) to any database of the
    server. Raises SetupError with the statement to run where a right is missing.
    """
    with psycopg.connect(owner_dsn, autocommit=True) as server:
        check_server(server)
        for role in SILENT_ROLES:
            _role(server, role, login=False, password=None)
        for role in LOGIN_ROLES:
            _role(server, role, login=True, password=secrets.password_of(role))
        _hide_statements(server)
        server.execute("grant app_engine, app_disposal to app_owner")
        server.execute("grant app_owner to current_user")
        if not server.execute("select 1 from pg_database where datname = %s", [database]).fetchone():
            server.execute(
                sql.SQL("create database {} owner app_owner encoding 'UTF8' template template0").format(
                    sql.Identifier(database)
                )
            )
    with psycopg.connect(owner_dsn, autocommit=True, dbname=database) as inside:
        name = sql.Identifier(database)
        inside.execute(sql.SQL("revoke all on database {} from public").format(name))
        inside.execute(sql.SQL("grant connect on database {} to app_rw, app_report, auditor").format(name))
        inside.execute("revoke all on schema public from public")
        inside.execute("grant all on schema public to app_owner")
        inside.execute(
            "grant usage on schema public to app_rw, app_report, auditor, app_engine, app_disposal"
        )
        inside.execute("create schema if not exists app authorization app_owner")
        inside.execute("grant usage on schema app to app_rw, app_report, auditor")
        inside.execute("grant usage, create on schema app to app_engine, app_disposal")
        for extension in ("btree_gist", "pg_trgm", "unaccent", "fuzzystrmatch"):
            inside.execute(
                sql.SQL("create extension if not exists {} schema public").format(sql.Identifier(extension))
            )


def install_stamp_key(owner_dsn: str, key: bytes) -> None:
    """Give the engine role the key that stamps are verified with. Run after migrations."""
    inner, outer = padded_keys(key)
    with psycopg.connect(owner_dsn, autocommit=True) as connection, connection.transaction():
        connection.execute("set local role app_owner")
        connection.execute("set local role app_engine")
        connection.execute("delete from app.stamp_key")
        connection.execute("insert into app.stamp_key (inner_key, outer_key) values (%s, %s)", [inner, outer])


def check_server(server: psycopg.Connection) -> None:
    """Raise SetupError unless the server is new enough and the set-up role has the rights it needs."""
    if server.info.server_version < MINIMUM_SERVER:
        raise SetupError(
            f"PostgreSQL 15 or later is needed; this server is {server.info.server_version // 10000}. "
            "Point the address at a newer server."
        )
    row = server.execute(
        "select rolsuper, rolcreaterole, rolcreatedb, rolname from pg_roles where rolname = current_user"
    ).fetchone()
    assert row is not None
    superuser, createrole, createdb, name = row
    lacking = [
        word
        for word, has in (("CREATEROLE", createrole), ("CREATEDB", createdb))
        if not has and not superuser
    ]
    if lacking:
        raise SetupError(
            f"The set-up role {name} lacks {' and '.join(lacking)}. "
            f"Run as a superuser: ALTER ROLE {name} {' '.join(lacking)};"
        )


def _hide_statements(server: psycopg.Connection) -> None:
    """Keep the text of a session's statements from the other sessions: it holds what people typed.

    Sessions of one role read each other's statements in pg_stat_activity. Needs a superuser, or
    `GRANT SET ON PARAMETER track_activities TO` the set-up role; without either it is left as it is.
    """
    try:
        server.execute("alter role app_rw set track_activities = off")
    except psycopg.errors.InsufficientPrivilege:
        return


def _role(server: psycopg.Connection, role: str, *, login: bool, password: str | None) -> None:
    known = server.execute(
        "select rolsuper or rolbypassrls from pg_roles where rolname = %s", [role]
    ).fetchone()
    if known and known[0]:
        raise SetupError(
            f"The role {role} passes by row-level security, which would open every record. "
            f"Run as a superuser: ALTER ROLE {role} NOSUPERUSER NOBYPASSRLS;"
        )
    if not known:
        server.execute(sql.SQL("create role {} nologin").format(sql.Identifier(role)))
        # The owner inherits the engine's rights, so that migrations can change what the engine owns.
        if role != "app_owner":
            server.execute(sql.SQL("alter role {} noinherit").format(sql.Identifier(role)))
    if login:
        server.execute(
            # Only a superuser may even mention the attributes that were checked above.
            sql.SQL("alter role {} login nocreatedb nocreaterole password {}").format(
                sql.Identifier(role), sql.Literal(password)
            )
        )
