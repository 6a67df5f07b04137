"""The drill: a backup restored into a throw-away server and compared with what it was made from.

Compared are every row of every table, every definition (columns, constraints, policies, rights, functions,
triggers), and what the application's role sees as each of a number of people. The throw-away server holds
everybody's record for as long as the drill runs: in a folder closed to others, removed at the end.
"""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import asdict, dataclass, field

import psycopg

from teamaround.database import backup
from teamaround.database.actor import ANONYMOUS, Actor
from teamaround.database.fingerprint import READING, Table, name_of, rows_of, tables_of
from teamaround.database.sealed import SealedReader
from teamaround.database.server import temporary_server
from teamaround.database.stamp import sign
from teamaround.site.commands.installation import Addresses, CommandError
from teamaround.site.commands.progress import progress, step

ACTORS = 12
GRANTS = "public.access_grant"
# Practitioners of today with their teams and panels, one of each team before a second of any.
WHO = """
with people as (
  select p.id, p.account_id, array_agg(distinct m.team_id) as teams, min(m.team_id) as first
  from practitioner p join membership m on m.practitioner_id = p.id
  where p.left_at is null and m.since <= statement_timestamp()
    and (m.until is null or m.until > statement_timestamp())
  group by p.id, p.account_id)
select id, account_id, teams, array(select s.panel_id from panel_seat s where s.practitioner_id = people.id
    and s.since <= statement_timestamp() and (s.until is null or s.until > statement_timestamp()))
from people order by row_number() over (partition by first order by id), id limit %s
"""


@dataclass
class Outcome:
    """What a drill found. Seconds are those of the clock on the wall, bytes those of the sealed file."""

    tables: int
    rows: int
    grants: int
    definitions: int
    actors: int
    differences: list[str] = field(default_factory=list)
    backup_seconds: float | None = None
    restore_seconds: float = 0.0
    bytes: int = 0


class Drill:
    """One drill. `look` notes, in the backup's own snapshot, what people see; `compare` restores and compares.

    Without addresses the source is not there any more: then only what the file itself says is compared.
    """

    def __init__(self, addresses: Addresses | None) -> None:
        self.addresses = addresses
        self.actors: list[Actor] = []
        self._source: psycopg.Connection | None = None

    def look(self, connection: psycopg.Connection, snapshot: str) -> None:
        """Choose whom to look as, and keep the application's session in the backup's snapshot."""
        assert self.addresses is not None
        connection.execute("set local search_path = public")
        for principal, account, teams, panels in connection.execute(WHO, [ACTORS]):
            principals = (principal, *teams, *panels)
            self.actors.append(Actor("practitioner", principal, principals, account or 0))
        self.actors.append(ANONYMOUS)
        source = psycopg.connect(self.addresses.app, autocommit=True)
        source.execute("begin isolation level repeatable read read only")
        # The name of a snapshot comes from the server itself; SET takes no parameters.
        source.execute(f"set transaction snapshot '{snapshot}'".encode("ascii"))
        self._source = source

    def compare(self, reader: SealedReader, *, backup_seconds: float | None = None) -> Outcome:
        """Restore the backup into a throw-away server and compare. Raises CommandError without room for it."""
        reader.verify()
        manifest = backup.manifest_of(reader)
        held = manifest.fingerprint
        outcome = Outcome(
            tables=len(held.rows),
            rows=held.total,
            grants=held.rows.get(GRANTS, (0, ""))[0],
            definitions=len(held.definitions),
            actors=len(self.actors),
            backup_seconds=backup_seconds,
            bytes=reader.size,
        )
        needed = int(reader.header.get("database_bytes", 0)) * 2 + 200 * 2**20
        if shutil.disk_usage("/tmp").free < needed:  # noqa: S108 - where temporary_server puts its folder
            raise CommandError(
                f"The drill needs {needed / 2**20:,.0f} MB free in /tmp. Free some space and start again."
            )
        with temporary_server() as server:
            secrets = manifest.secrets_for(server.secrets)
            step("Restoring into a throw-away server")
            try:
                with progress("Megabytes restored") as reading, progress("Tables compared") as comparing:
                    done = backup.restore(
                        server.dsn("postgres", "postgres"),
                        "teamaround",
                        reader,
                        secrets=secrets,
                        replace=False,
                        reading=reading,
                        comparing=comparing,
                    )
            except backup.DifferentError as error:
                outcome.differences = error.differences
                return outcome
            outcome.restore_seconds = done.seconds
            if self._source is not None:
                step(f"Looking as {len(self.actors)} people")
                with psycopg.connect(server.dsn("app_rw", "teamaround"), autocommit=True) as restored:
                    key = bytes.fromhex(secrets.stamp_key)
                    outcome.differences += self._as_people(self._source, restored, key)
        return outcome

    def _as_people(self, source: psycopg.Connection, restored: psycopg.Connection, key: bytes) -> list[str]:
        found = []
        restored.execute("begin isolation level repeatable read read only")
        for connection in (source, restored):
            for statement in READING:
                connection.execute(statement.replace("set ", "set local ", 1))
        tables = _readable(source)
        if tables != _readable(restored):
            found.append("the application's role may read other tables than before")
        with progress("People looked as", len(self.actors)) as advance:
            for actor in self.actors:
                # Time alone changes what is seen: where it may have just done so, both are asked again.
                for _ in range(2):
                    one, other = (_seen(each, actor, key, tables) for each in (source, restored))
                    differing = sorted(name for name in one if one[name] != other.get(name))
                    if not differing:
                        break
                found += [f"table {name}: principal {actor.principal} sees other rows" for name in differing]
                advance()
        source.close()
        return found


def _readable(connection: psycopg.Connection) -> list[Table]:
    """Tables under row-level security that this session may read."""
    return [
        table
        for table in tables_of(connection)
        if (
            row := connection.execute(
                "select relrowsecurity and has_table_privilege(oid, 'select') from pg_class where oid = %s::regclass",
                [".".join(f'"{part}"' for part in table)],
            ).fetchone()
        )
        and row[0]
    ]


def _seen(
    connection: psycopg.Connection, actor: Actor, key: bytes, tables: list[Table]
) -> dict[str, tuple[int, str]]:
    stamp = sign(actor, backend_pid=connection.info.backend_pid, key=key)
    connection.execute("select set_config('app.stamp', %s, true)", [stamp])
    return {name_of(table): rows_of(connection, [table])[name_of(table)] for table in tables}


def report(outcome: Outcome, *, as_json: bool) -> int:
    """Print the outcome; 1 where anything differs."""
    if as_json:
        kept = asdict(outcome)
        for name in ("backup_seconds", "restore_seconds"):
            kept[name] = None if kept[name] is None else round(kept[name], 2)
        kept["differences"] = len(outcome.differences)
        print(json.dumps({**kept, "different": outcome.differences}))
    else:
        took = f"backup {outcome.backup_seconds:.1f} s, " if outcome.backup_seconds is not None else ""
        print(
            f"{outcome.tables} tables, {outcome.rows:,} rows, {outcome.grants:,} grants, "
            f"{outcome.definitions:,} definitions, {outcome.actors} people: "
            f"{len(outcome.differences)} differences; {took}restore {outcome.restore_seconds:.1f} s, "
            f"{outcome.bytes:,} bytes"
        )
    for line in outcome.differences[:50]:
        print(line, file=sys.stderr)
    return 1 if outcome.differences else 0
