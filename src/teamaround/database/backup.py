"""The whole database into a sealed file, and back: PostgreSQL's own pg_dump and pg_restore do the work.

Content of the file: the length (8 bytes, big endian) and text of the manifest (JSON: the installation's
secrets and purpose, a fingerprint of everything, the roles that objects name), then pg_dump's archive.
Fingerprint and archive are read in one snapshot. Whatever was restored is compared with the fingerprint
before it takes the place of anything.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import re
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from .dumping import Advance, BackupError, address_of, client_programs, dump, feed, nothing
from .fingerprint import Fingerprint, fingerprint, tables_of
from .sealed import SealedReader, SealedWriter
from .secrets import Secrets
from .setup import LOGIN_ROLES, SILENT_ROLES, install_stamp_key, prepare

SECONDS_TO_LEAVE = 3.0
SERVERS_OWN = ("postgres", *LOGIN_ROLES)
"""Secrets that belong to a server and its roles; the others belong to the data and travel with it."""


class DifferentError(BackupError):
    """What was restored is not what was backed up."""

    def __init__(self, differences: list[str]) -> None:
        self.differences = differences
        super().__init__(
            f"What was restored is not what was backed up ({len(differences)} differences: "
            f"{'; '.join(differences[:3])}). Nothing was replaced."
        )


@dataclass(frozen=True)
class Manifest:
    """What a backup holds beside the rows."""

    made_at: str
    server: int
    """Major version of the server it was read from."""
    purpose: str
    secrets: dict[str, str]
    roles: tuple[str, ...]
    fingerprint: Fingerprint

    def as_bytes(self) -> bytes:
        return json.dumps({**asdict(self), "fingerprint": self.fingerprint.as_dict()}).encode("utf-8")

    @classmethod
    def from_bytes(cls, text: bytes) -> Manifest:
        kept = json.loads(text)
        return cls(
            made_at=str(kept["made_at"]),
            server=int(kept["server"]),
            purpose=str(kept["purpose"]),
            secrets={str(name): str(value) for name, value in kept["secrets"].items()},
            roles=tuple(kept["roles"]),
            fingerprint=Fingerprint.from_dict(kept["fingerprint"]),
        )

    def secrets_for(self, present: Secrets | None) -> Secrets:
        """The secrets to run the restored data with: its own keys, and the passwords of a server that is there."""
        made = asdict(Secrets.generate()) | {k: v for k, v in self.secrets.items() if k in KNOWN_SECRETS}
        if present is not None:
            made |= {name: value for name, value in asdict(present).items() if name in SERVERS_OWN}
        return Secrets(**made)


KNOWN_SECRETS = frozenset(item.name for item in fields(Secrets))


@dataclass(frozen=True)
class Done:
    """One backup made, or one restored."""

    manifest: Manifest
    bytes: int
    seconds: float


@contextlib.contextmanager
def read_whole(
    owner_dsn: str, say: Callable[[str], None] = lambda text: None
) -> Iterator[psycopg.Connection]:
    """A session of the set-up role, in one read-only snapshot, that is sure to see every row of every table.

    A superuser passes by row-level security. Any other set-up role acts as the owner of the tables, whom
    forced row-level security blinds unless a policy opens the table to the engine role, whose rights the
    owner has: each protected table is checked for that. Raises BackupError, naming the table, without it.
    """
    with psycopg.connect(owner_dsn, autocommit=True) as connection:
        if not _passes_by(connection):
            connection.execute("set role app_owner")
        connection.execute("begin isolation level repeatable read read only")
        connection.execute(
            "set local row_security = " + ("off" if _passes_by(connection, session=True) else "on")
        )
        hidden = _hidden(connection)
        if hidden:
            raise BackupError(
                f"The set-up role cannot read every row of {', '.join(hidden[:5])}: the backup would not be whole. "
                "Give the table a policy for app_engine (see docs/running.md), or use a superuser."
            )
        yield connection
        connection.execute("rollback")


def _passes_by(connection: psycopg.Connection, *, session: bool = False) -> bool:
    who = "session_user" if session else "current_user"
    row = connection.execute(
        f"select rolsuper or rolbypassrls from pg_roles where rolname = {who}"  # noqa: S608 - one of two words
    ).fetchone()
    return bool(row and row[0])


def _hidden(connection: psycopg.Connection) -> list[str]:
    """Tables of which this session's role may not read every row."""
    rows = connection.execute(
        """
        select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
          and c.relpersistence <> 't' and not (select rolsuper or rolbypassrls from pg_roles where rolname = current_user)
          and (not has_table_privilege(c.oid, 'select') or (
            c.relrowsecurity and (c.relforcerowsecurity or not pg_has_role(c.relowner, 'usage')) and (
              not exists (select from pg_policy p where p.polrelid = c.oid and p.polpermissive
                and p.polcmd in ('r', '*') and pg_get_expr(p.polqual, p.polrelid) = 'true'
                and exists (select from unnest(p.polroles) r where r = 0 or pg_has_role(r, 'usage')))
              or exists (select from pg_policy p where p.polrelid = c.oid and not p.polpermissive
                and p.polcmd in ('r', '*') and pg_get_expr(p.polqual, p.polrelid) <> 'true'
                and exists (select from unnest(p.polroles) r where r = 0 or pg_has_role(r, 'usage'))))))
        order by 1
        """
    ).fetchall()
    return [name for (name,) in rows]


def back_up(
    owner_dsn: str,
    path: Path,
    passphrase: str,
    *,
    secrets: Secrets,
    purpose: str,
    product: str,
    within: Callable[[psycopg.Connection, str], None] = lambda connection, snapshot: None,
    reading: Advance = nothing,
    writing: Advance = nothing,
) -> Done:
    """Write everything in the database of `owner_dsn` into the sealed file `path`, in one snapshot.

    The service goes on meanwhile. `within` is called with the session and the name of its snapshot, for
    whoever compares. `reading` is told of each table read, `writing` of each mebibyte written.
    Raises BackupError or SealedFileError; nothing is left behind then.
    """
    began = time.monotonic()
    with read_whole(owner_dsn) as connection:
        server = connection.info.server_version // 10000
        programs = client_programs(server)
        row = connection.execute(
            "select pg_export_snapshot(), pg_database_size(current_database())"
        ).fetchone()
        assert row is not None
        snapshot, size = row
        held = fingerprint(connection, reading)
        made_at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        manifest = Manifest(made_at, server, purpose, asdict(secrets), _roles(connection), held)
        header = {
            "product": product,
            "made_at": made_at,
            "server": server,
            "client": programs.major,
            "purpose": purpose,
            "tables": len(held.rows),
            "rows": held.total,
            "database_bytes": size,
        }
        as_owner = [] if _passes_by(connection) else ["--role=app_owner", "--enable-row-security"]
        command = [
            str(programs.folder / "pg_dump"), "--format=custom", "--compress=gzip:3" if programs.major >= 16
            else "--compress=3", f"--snapshot={snapshot}", "--no-password", "--encoding=UTF8", *as_owner,
        ]  # fmt: skip
        with SealedWriter(path, passphrase, header) as file:
            text = manifest.as_bytes()
            file.write(len(text).to_bytes(8, "big") + text)
            dump(command, owner_dsn, file, writing)
            within(connection, snapshot)
    return Done(manifest, path.stat().st_size, time.monotonic() - began)


def _roles(connection: psycopg.Connection) -> tuple[str, ...]:
    """Roles that an object or a right of this database names, beside the product's own."""
    rows = connection.execute(
        "select distinct r.rolname from pg_shdepend d join pg_roles r on r.oid = d.refobjid "
        "where d.refclassid = 'pg_authid'::regclass and d.dbid = "
        "(select oid from pg_database where datname = current_database()) and not r.rolsuper order by 1"
    )
    return tuple(name for (name,) in rows if name not in (*LOGIN_ROLES, *SILENT_ROLES))


def manifest_of(reader: SealedReader) -> Manifest:
    """The manifest at the beginning of a sealed backup. Raises BackupError for one that cannot be understood."""
    held = b""
    chunks = reader.chunks()
    with contextlib.suppress(StopIteration):
        while len(held) < 8 or len(held) < 8 + int.from_bytes(held[:8], "big"):
            held += next(chunks)
    length = int.from_bytes(held[:8], "big")
    try:
        return Manifest.from_bytes(held[8 : 8 + length])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BackupError(
            f"{reader.path} holds no manifest that this release understands. Restore it with the release that "
            f"made it ({reader.header.get('product', 'unknown')})."
        ) from error


def _archive(reader: SealedReader) -> Iterator[bytes]:
    """pg_dump's archive, after the manifest."""
    left: int | None = None
    held = b""
    for chunk in reader.chunks():
        if left is None:
            held += chunk
            if len(held) < 8:
                continue
            left, chunk = 8 + int.from_bytes(held[:8], "big"), held
        skip = min(left, len(chunk))
        left -= skip
        if skip < len(chunk):
            yield chunk[skip:]


def user_tables(dsn: str) -> int | None:
    """How many tables the database of an address holds; None where there is no such database."""
    try:
        with psycopg.connect(dsn, autocommit=True, connect_timeout=10) as connection:
            return len(tables_of(connection))
    except psycopg.OperationalError as error:
        if re.search(r'database "[^"]*" does not exist', str(error)):
            return None
        raise


def restore(
    admin_dsn: str,
    database: str,
    reader: SealedReader,
    *,
    secrets: Secrets,
    replace: bool,
    reading: Advance = nothing,
    comparing: Advance = nothing,
) -> Done:
    """Restore a verified backup as `database` on the server of `admin_dsn`, which reaches another database there.

    It is restored beside its place, compared with what the backup says it holds, and only then put there;
    until then the database that is there stays as it is. Raises BackupError: the place is taken and
    `replace` was not said, somebody is connected, the server is older, a difference was found.
    """
    began = time.monotonic()
    manifest = manifest_of(reader)
    target = make_conninfo(admin_dsn, dbname=database)
    staging = f"{database}_restoring"
    beside = make_conninfo(admin_dsn, dbname=staging)
    with psycopg.connect(admin_dsn, autocommit=True) as server:
        if server.info.server_version // 10000 < manifest.server:
            raise BackupError(
                f"The backup comes from PostgreSQL {manifest.server}; this server is older. Use one of that version."
            )
        present = user_tables(target)
        if present and not replace:
            raise BackupError(
                f"The database {database} holds {present} tables already. To put the backup in their place, add "
                "--replace: what is there now is then deleted."
            )
        _nobody_else(server, database)
        _drop(server, staging)
        _missing_roles(server, manifest.roles)
    prepare(admin_dsn, secrets, database=staging)
    try:
        _load(beside, reader, reading)
        differences = manifest.fingerprint.differences(
            _restored(beside, comparing), definitions=_major(beside) == manifest.server
        )
        if differences:
            raise DifferentError(differences)
        install_stamp_key(beside, bytes.fromhex(secrets.stamp_key))
        with psycopg.connect(admin_dsn, autocommit=True) as server:
            _nobody_else(server, database)
            _swap(server, database, staging, present is not None)
    except BaseException:
        with psycopg.connect(admin_dsn, autocommit=True) as server:
            _drop(server, staging)
        raise
    return Done(manifest, reader.size, time.monotonic() - began)


def _restored(dsn: str, comparing: Advance) -> Fingerprint:
    with psycopg.connect(dsn, autocommit=True) as connection:
        if not _passes_by(connection):
            connection.execute("set role app_owner")
        connection.execute("analyze")
    with read_whole(dsn) as connection:
        return fingerprint(connection, comparing)


def _major(dsn: str) -> int:
    with psycopg.connect(dsn) as connection:
        return connection.info.server_version // 10000


def _nobody_else(server: psycopg.Connection, database: str) -> None:
    """Raise BackupError where somebody is connected. A session that just ended takes a moment to go."""
    until = time.monotonic() + SECONDS_TO_LEAVE
    while True:
        row = server.execute(
            # The server's own processes, such as those that vacuum, have no user and leave when they are asked.
            "select count(*) from pg_stat_activity "
            "where datname = %s and usesysid is not null and pid <> pg_backend_pid()",
            [database],
        ).fetchone()
        if row is None or not row[0]:
            return
        if time.monotonic() > until:
            raise BackupError(
                f"{row[0]} sessions use the database {database}. Stop the service (every machine's), then restore."
            )
        time.sleep(0.1)


def _missing_roles(server: psycopg.Connection, roles: Iterable[str]) -> None:
    """Rights may name roles of people's own: made again without sign-in, so that the rights can be restored."""
    for role in roles:
        if not server.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone():
            server.execute(sql.SQL("create role {} nologin").format(sql.Identifier(role)))


def _drop(server: psycopg.Connection, database: str) -> None:
    server.execute(sql.SQL("drop database if exists {}").format(sql.Identifier(database)))


def _swap(server: psycopg.Connection, database: str, staging: str, there: bool) -> None:
    """Put the restored database in the other's place: two renames, then the old one goes."""
    before = f"{database}_before_restore"
    rename = sql.SQL("alter database {} rename to {}")
    _drop(server, before)
    if there:
        server.execute(rename.format(sql.Identifier(database), sql.Identifier(before)))
    try:
        server.execute(rename.format(sql.Identifier(staging), sql.Identifier(database)))
    except BaseException:
        if there:
            server.execute(rename.format(sql.Identifier(before), sql.Identifier(database)))
        raise
    _drop(server, before)


def _load(dsn: str, reader: SealedReader, reading: Advance) -> None:
    """Run pg_restore into a prepared, empty database, which has schemas and extensions already."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        as_owner = [] if _passes_by(connection) else ["--role=app_owner"]
        server = connection.info.server_version // 10000
    program = str(client_programs(server, archive=int(reader.header.get("client", 1))).folder / "pg_restore")
    code, contents, complaint = feed([program, "--list"], {}, _archive(reader), nothing)
    if code != 0:
        raise BackupError(f"pg_restore cannot read the archive: {complaint}. Nothing was restored.")
    kept = [line for line in contents.splitlines() if " EXTENSION " not in line and " SCHEMA - " not in line]
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as contents_file:
        contents_file.write("\n".join(kept) + "\n")
        contents_file.flush()
        address, environment = address_of(dsn)
        command = [
            program, f"--use-list={contents_file.name}", "--exit-on-error", "--no-password", *as_owner,
            f"--dbname={address}",
        ]  # fmt: skip
        code, _, complaint = feed(command, environment, _archive(reader), reading)
    if code != 0:
        raise BackupError(f"The restore stopped {complaint}. Nothing was replaced.")
