"""A backup holds everything, the restore puts it back, and a drill would notice if it did not."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from harness.server import swift_folder
from harness.told import told_database
from teamaround import cli
from teamaround.database import backup
from teamaround.database.backup import BackupError, back_up, manifest_of, read_whole
from teamaround.database.fingerprint import Fingerprint, fingerprint
from teamaround.database.sealed import SealedReader
from teamaround.database.secrets import Secrets
from teamaround.database.server import EmbeddedServer, temporary_server
from teamaround.site.commands.drill import Drill, report
from teamaround.site.commands.installation import Addresses, with_role

WORDS = "five random words in here"


@dataclass(frozen=True)
class World:
    """The demonstration in a database of its own, and a backup of it that a plain set-up role made."""

    owner: str
    setup: str
    app: str
    secrets: Secrets
    file: Path
    done: backup.Done


@pytest.fixture(scope="module")
def world(
    server_report: dict[str, str], django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    from teamaround.demonstration.load import tell_the_rest

    name = f"backup_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    owner = server_report["postgres"].replace("DATABASE", name)
    app = server_report["app"].replace("DATABASE", name)
    given = {
        role: str(psycopg.conninfo.conninfo_to_dict(server_report[key])["password"])
        for role, key in (("postgres", "postgres"), ("app_rw", "app"), ("auditor", "auditor"))
    }
    secrets = Secrets(**{**vars(Secrets.generate()), **given, "stamp_key": server_report["stamp_key"]})
    role = f"setup_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    with (
        django_db_blocker.unblock(),
        told_database(server_report, name) as (area, past),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("TEAMAROUND_OWNER_URL", owner)
        tell_the_rest(area, past)
        past.close()
        with psycopg.connect(owner, autocommit=True) as server:
            server.execute(f"drop role if exists {role}")
            server.execute(f"create role {role} login createrole createdb password 'plain'")
            server.execute(f"grant app_owner to {role}")
            # The copies that tests are given belong to the superuser; in service the owner role has the database.
            server.execute(f"alter database {name} owner to app_owner")
        setup = with_role(owner, role, "plain")
        file = tmp_path_factory.mktemp("backups") / "area.backup"
        done = back_up(setup, file, WORDS, secrets=secrets, purpose="service", product="1")
        yield World(owner, setup, app, secrets, file, done)
        with psycopg.connect(owner, autocommit=True) as server:
            server.execute(f"drop owned by {role}")
            server.execute(f"drop role {role}")


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[EmbeddedServer]:
    """Another server, with nothing on it."""
    with temporary_server(within=swift_folder()) as server:
        yield server


def restored(
    world: World, server: EmbeddedServer, *, replace: bool = False, file: Path | None = None
) -> backup.Done:
    with SealedReader(file or world.file, WORDS) as reader:
        reader.verify()
        secrets = manifest_of(reader).secrets_for(server.secrets)
        return backup.restore(
            server.dsn("postgres", "postgres"), "teamaround", reader, secrets=secrets, replace=replace
        )


def seen_by_a_superuser(dsn: str) -> Fingerprint:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("begin isolation level repeatable read read only")
        return fingerprint(connection)


def test_a_set_up_role_that_is_no_superuser_backs_up_every_row_of_every_protected_table(world: World) -> None:
    whole = seen_by_a_superuser(world.owner)
    assert whole.rows == world.done.manifest.fingerprint.rows
    assert whole.rows["public.person"][0] > 0
    assert whole.rows["public.access_grant"][0] > 0
    with psycopg.connect(world.owner) as connection:
        forced = connection.execute(
            "select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace "
            "where relforcerowsecurity and relkind = 'r'"
        ).fetchall()
    assert len(forced) > 40
    for (table,) in forced:
        assert whole.rows[table] == world.done.manifest.fingerprint.rows[table]


def test_a_table_that_hides_rows_from_the_set_up_role_stops_the_backup(world: World, tmp_path: Path) -> None:
    with psycopg.connect(world.owner, autocommit=True) as owner:
        owner.execute("alter policy person_engine on person using (author_team_id > 0)")
        owner.execute("alter policy person_disposal on person using (author_team_id > 0)")
        try:
            with pytest.raises(BackupError, match=r"every row of person\b"):
                back_up(
                    world.setup, tmp_path / "a", WORDS, secrets=world.secrets, purpose="service", product="1"
                )
        finally:
            owner.execute("alter policy person_engine on person using (true)")
            owner.execute("alter policy person_disposal on person using (true)")
    assert list(tmp_path.iterdir()) == []


def test_the_applications_own_role_cannot_make_a_backup(world: World, tmp_path: Path) -> None:
    with pytest.raises((BackupError, psycopg.errors.InsufficientPrivilege)):
        back_up(world.app, tmp_path / "a", WORDS, secrets=world.secrets, purpose="service", product="1")
    assert list(tmp_path.iterdir()) == []


def test_the_drill_finds_every_row_and_grant_and_everybody_sees_what_they_saw(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drill = Drill(Addresses(world.app, world.setup))
    done = back_up(
        world.setup,
        tmp_path / "a",
        WORDS,
        secrets=world.secrets,
        purpose="service",
        product="1",
        within=drill.look,
    )
    with SealedReader(tmp_path / "a", WORDS) as reader:
        outcome = drill.compare(reader, backup_seconds=done.seconds)
    assert outcome.differences == []
    assert outcome.actors >= 10
    assert outcome.grants > 0
    capsys.readouterr()
    assert report(outcome, as_json=True) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["tables"] > 100
    assert told["rows"] > 1000
    assert (told["grants"], told["differences"]) == (outcome.grants, 0)
    assert told["restore_seconds"] > 0
    assert told["bytes"] == (tmp_path / "a").stat().st_size


PLANTED = {
    "a row gone": ("delete from event_note where event_id = (select min(event_id) from event_note)", "event_note"),
    "a row changed": ("update person set given = given || 'x' where subject_id = (select min(subject_id) from person)", "person"),
    "a grant gone": ("delete from access_grant where ctid = (select min(ctid) from access_grant)", "access_grant"),
    "a policy gone": ("drop policy person_select on person", "policy public.person.person_select"),
    "a policy weaker": ("alter policy person_select on person using (true)", "policy public.person.person_select"),
    "a table no longer forced": ("alter table person no force row level security", "relation public.person"),
    "a right more": ("grant delete on person to app_rw", "relation public.person"),
    "a function of another owner": ("alter function app.principals() owner to app_engine", "function app.principals()"),
    "a trigger off": ("alter table person disable trigger a_touch", "trigger public.person.a_touch"),
    "a column's right": ("grant update (text) on event_note to app_rw", "column public.event_note.text"),
    "a sequence set back": ("select setval('event_id_seq', 1)", "sequence public.event_id_seq was set back"),
    "the stamp's key": ("update app.stamp_key set inner_key = outer_key", "table app.stamp_key"),
}  # fmt: skip


@pytest.mark.parametrize("fault", PLANTED)
def test_a_difference_is_found(world: World, fault: str) -> None:
    statement, words = PLANTED[fault]
    before = world.done.manifest.fingerprint
    with psycopg.connect(world.owner) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute(statement)
        after = fingerprint(connection)
        connection.rollback()
    differences = before.differences(after)
    if fault == "a sequence set back":
        # A sequence is not rolled back.
        with psycopg.connect(world.owner, autocommit=True) as connection:
            connection.execute("select setval('event_id_seq', (select max(id) from event))")
    assert any(words in line for line in differences), differences


def test_a_drill_with_a_difference_ends_with_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    from teamaround.site.commands.drill import Outcome

    outcome = Outcome(tables=1, rows=1, grants=1, definitions=1, actors=1, differences=["table person"])
    assert report(outcome, as_json=True) == 1
    assert json.loads(capsys.readouterr().out)["differences"] == 1


def test_a_backup_is_restored_whole_refused_over_data_and_replaces_it_only_when_told_to(
    world: World, elsewhere: EmbeddedServer, tmp_path: Path
) -> None:
    restored(world, elsewhere)
    dsn = elsewhere.dsn("postgres", "teamaround")
    with read_whole(dsn) as connection:
        assert world.done.manifest.fingerprint.differences(fingerprint(connection)) == []
    with psycopg.connect(dsn, autocommit=True) as there:
        there.execute("create table mark (one int)")
        with pytest.raises(BackupError, match="add --replace"):
            restored(world, elsewhere)
        with pytest.raises(BackupError, match="1 sessions use the database"):
            restored(world, elsewhere, replace=True)
        assert there.execute("select count(*) from mark").fetchone() == (0,)
    restored(world, elsewhere, replace=True)
    with psycopg.connect(dsn, autocommit=True) as there:
        assert there.execute("select to_regclass('mark')").fetchone() == (None,)
        kept = there.execute("select datname from pg_database where datname like 'teamaround%'").fetchall()
    assert kept == [("teamaround",)]


def test_what_cannot_be_restored_leaves_the_database_as_it_was(
    world: World, elsewhere: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    restored(world, elsewhere, replace=True)
    before = seen_by_a_superuser(elsewhere.dsn("postgres", "teamaround"))

    def different(self: Fingerprint, other: Fingerprint, *, definitions: bool = True) -> list[str]:
        return ["table person"]

    monkeypatch.setattr(Fingerprint, "differences", different)
    with pytest.raises(BackupError, match="not what was backed up"):
        restored(world, elsewhere, replace=True)
    monkeypatch.undo()
    assert before.differences(seen_by_a_superuser(elsewhere.dsn("postgres", "teamaround"))) == []
    with psycopg.connect(elsewhere.dsn("postgres", "postgres")) as server:
        assert server.execute(
            "select count(*) from pg_database where datname like '%_restoring'"
        ).fetchone() == (0,)


def test_rights_of_a_persons_own_role_are_restored_with_the_role(
    world: World, elsewhere: EmbeddedServer, tmp_path: Path
) -> None:
    role = sql.Identifier(f"kim_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}")
    with psycopg.connect(world.owner, autocommit=True) as owner:
        owner.execute(sql.SQL("create role {}").format(role))
        owner.execute(sql.SQL("grant select on procedure_version to {}").format(role))
        try:
            back_up(world.owner, tmp_path / "a", WORDS, secrets=world.secrets, purpose="service", product="1")
        finally:
            owner.execute(sql.SQL("drop owned by {}").format(role))
            owner.execute(sql.SQL("drop role {}").format(role))
    restored(world, elsewhere, replace=True, file=tmp_path / "a")


@pytest.fixture
def passphrase_file(tmp_path: Path) -> Path:
    path = tmp_path / "passphrase"
    path.write_text(WORDS + "\n")
    path.chmod(0o600)
    return path


def test_the_commands_move_an_installation_with_its_keys_to_another_machine(
    world: World,
    tmp_path: Path,
    passphrase_file: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("DATABASE_URL", "TEAMAROUND_OWNER_URL", "TEAMAROUND_SECRETS"):
        monkeypatch.delenv(name, raising=False)
    data = tmp_path / "data"
    more = ["--data", str(data), "--passphrase-file", str(passphrase_file)]
    assert cli.main(["restore", str(world.file), "--json", *more]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["rows"] == world.done.manifest.fingerprint.total
    assert told["seconds"] > 0
    kept = Secrets.load_or_create(data / "secrets")
    assert (kept.field_key, kept.stamp_key) == (world.secrets.field_key, world.secrets.stamp_key)
    assert stat.S_IMODE((data / "secrets").stat().st_mode) == 0o600
    assert cli.main(["restore", str(world.file), *more]) == 1
    assert "--replace" in capsys.readouterr().err
    assert cli.main(["backup", str(tmp_path / "again"), "--json", *more]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == told["rows"]
    cut = tmp_path / "cut"
    cut.write_bytes((tmp_path / "again").read_bytes()[:-1])
    assert cli.main(["restore", str(cut), "--replace", *more]) == 1
    assert "damaged or cut off" in capsys.readouterr().err
    assert cli.main(["restore", str(tmp_path / "again"), "--replace", *more]) == 0


def test_a_passphrase_is_never_an_argument_and_a_weak_or_open_one_is_refused(
    tmp_path: Path, passphrase_file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = ["backup", str(tmp_path / "a"), "--data", str(tmp_path / "none")]
    monkeypatch.delenv("TEAMAROUND_BACKUP_PASSPHRASE", raising=False)
    assert cli.main(place) == 1
    assert "--passphrase-file" in capsys.readouterr().err
    monkeypatch.setenv("TEAMAROUND_BACKUP_PASSPHRASE", "short")
    assert cli.main(place) == 1
    assert "at least 12" in capsys.readouterr().err
    assert "TEAMAROUND_BACKUP_PASSPHRASE" not in os.environ
    passphrase_file.chmod(0o644)
    assert cli.main([*place, "--passphrase-file", str(passphrase_file)]) == 1
    assert "read by other users" in capsys.readouterr().err


def test_no_password_and_no_passphrase_stand_in_the_arguments_of_a_program() -> None:
    from teamaround.database.dumping import address_of

    address, environment = address_of("postgresql://setup:secret@db.example:5432/area")
    assert "secret" not in address
    assert environment["PGPASSWORD"] == "secret"
    assert "TEAMAROUND_BACKUP_PASSPHRASE" not in environment


def test_every_table_belongs_to_the_owner_or_the_engine_whoever_runs_the_migrations(world: World) -> None:
    with psycopg.connect(world.owner) as connection:
        strangers = connection.execute(
            "select oid::regclass::text, relowner::regrole::text from pg_class where relkind in ('r', 'p', 'S', 'v') "
            "and relnamespace in ('public'::regnamespace, 'app'::regnamespace) "
            "and relowner not in ('app_owner'::regrole, 'app_engine'::regrole)"
        ).fetchall()
    assert strangers == []
