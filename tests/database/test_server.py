import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import dj_database_url
import psycopg
import pytest

from teamaround.database import serversettings
from teamaround.database.folders import server_user, settle
from teamaround.database.processes import is_postgres
from teamaround.database.secrets import Secrets
from teamaround.database.server import (
    AlreadyRunningError,
    EmbeddedServer,
    ServerError,
    temporary_server,
)
from teamaround.database.serverlog import explain
from teamaround.database.serversettings import buffers_of, machine_memory

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="dropping to another user needs root")


@pytest.fixture
def base() -> Iterator[Path]:
    """A folder that the server's user can enter; pytest's own are closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="ta-", dir="/tmp"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


def server_in(base: Path) -> EmbeddedServer:
    return EmbeddedServer(base / "data", base / "run", fsync=False)


def ask(server: EmbeddedServer, query: str) -> object:
    with psycopg.connect(server.dsn(dbname="postgres"), autocommit=True) as connection:
        cursor = connection.execute(query)
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def wait_until_gone(pid: int, patience: float = 30) -> bool:
    until = time.monotonic() + patience
    while time.monotonic() < until:
        if not is_postgres(pid):
            return True
        time.sleep(0.05)
    return False


def test_data_survives_a_stop_and_a_start(base: Path) -> None:
    with server_in(base) as server:
        ask(server, "create table kept as select 7 as number")
    with server_in(base) as server:
        assert ask(server, "select number from kept") == 7


def test_a_stopped_server_leaves_neither_process_nor_socket(base: Path) -> None:
    server = server_in(base).start()
    pid = server.pid
    assert pid is not None
    socket = server.folders.socket
    assert socket.exists()
    server.stop()
    assert not is_postgres(pid)
    assert not socket.exists()


def test_a_start_after_kill_9_recovers_what_was_committed(base: Path) -> None:
    server = EmbeddedServer(base / "data", base / "run").start()
    ask(server, "create table kept as select 7 as number")
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    server.stop()
    assert (server.folders.data / "postmaster.pid").exists()
    with server_in(base) as again:
        assert ask(again, "select number from kept") == 7


def test_a_start_waits_until_a_killed_servers_children_have_gone(base: Path) -> None:
    server = server_in(base).start()
    with psycopg.connect(server.dsn(dbname="postgres"), autocommit=True) as connection:
        backend = connection.info.backend_pid
        os.kill(backend, signal.SIGSTOP)
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        server.stop()
        waker = threading.Timer(1.5, os.kill, (backend, signal.SIGCONT))
        waker.start()
        with server_in(base) as again:
            assert ask(again, "select 1") == 1
        waker.join()


def test_a_stale_process_id_of_another_program_does_not_block_the_start(base: Path) -> None:
    with server_in(base) as server:
        data = server.folders.data
    (data / "postmaster.pid").write_text(f"{os.getpid()}\n{data}\n")
    with server_in(base) as server:
        assert ask(server, "select 1") == 1


def test_a_second_start_is_refused_and_names_the_holder(base: Path) -> None:
    with server_in(base), pytest.raises(AlreadyRunningError, match=f"held by process {os.getpid()}"):
        server_in(base).start()


def test_an_attached_client_uses_the_server_and_leaves_it_running(base: Path) -> None:
    with server_in(base) as holder:
        guest = server_in(base).start(attach=True)
        assert not guest.owned
        assert ask(guest, "select 1") == 1
        guest.stop()
        assert ask(holder, "select 1") == 1


def test_the_server_ends_with_the_process_that_started_it(base: Path) -> None:
    script = textwrap.dedent(
        """
        import os, sys
        from pathlib import Path
        from teamaround.database.server import EmbeddedServer
        base = Path(sys.argv[1])
        server = EmbeddedServer(base / "data", base / "run", fsync=False).start()
        print(server.pid, flush=True)
        sys.stdin.read()
        """
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", script, str(base)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    pid = int(holder.stdout.readline())
    holder.kill()
    holder.communicate()
    assert wait_until_gone(pid)
    with server_in(base) as again:
        assert ask(again, "select 1") == 1


def test_nothing_listens_on_the_network_and_a_wrong_password_is_refused(base: Path) -> None:
    with server_in(base) as server:
        assert ask(server, "show listen_addresses") == ""
        assert ask(server, "select count(*) from pg_hba_file_rules where auth_method <> 'scram-sha-256'") == 0
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(server.dsn(dbname="postgres"), password="wrong")


def test_another_secrets_file_is_named_as_the_cause(base: Path) -> None:
    with server_in(base):
        pass
    (base / "secrets").unlink()
    with pytest.raises(ServerError, match=r"secrets file .* is not the one"):
        server_in(base).start()


def test_the_log_holds_no_statement_and_no_value(base: Path) -> None:
    with server_in(base) as server:
        ask(server, "create table child (name text unique)")
        ask(server, "insert into child values ('Secretname')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            ask(server, "insert into child values ('Secretname')")
        with pytest.raises(psycopg.errors.InvalidTextRepresentation):
            ask(server, "select 'Secretname'::int")
        log = server.folders.log
    assert "Secretname" not in log.read_text()
    assert "database system is ready" in log.read_text()


def test_socket_and_password_file_stay_outside_the_data_folder(base: Path) -> None:
    with server_in(base) as server:
        assert not server.folders.run.is_relative_to(server.folders.data)
        assert not list(server.folders.run.glob("superuser"))
        assert list(server.folders.data.rglob("secrets")) == []


def test_a_long_path_moves_the_socket_to_a_short_one(base: Path) -> None:
    deep = base / ("d" * 60) / ("e" * 60)
    with EmbeddedServer(deep / "data", deep / "run", fsync=False, secrets=Secrets.generate()) as server:
        assert len(str(server.folders.socket)) <= 100
        assert ask(server, "select 1") == 1
        run = server.folders.run
    shutil.rmtree(run)


def test_a_path_with_spaces_commas_quotes_and_capitals_is_reached_through_django_addresses(
    base: Path,
) -> None:
    odd = base / 'My, "Docs" 100%+'
    odd.mkdir()
    with EmbeddedServer(odd / "data", odd / "run", fsync=False, secrets=Secrets.generate()) as server:
        parsed = dj_database_url.parse(server.dsn(dbname="postgres"))
        assert parsed["USER"] == "postgres"
        assert parsed["NAME"] == "postgres"
        assert parsed["OPTIONS"] == {"host": str(server.folders.run), "port": 5432}
        assert ask(server, "select 1") == 1
        run = server.folders.run
    shutil.rmtree(run)


def test_a_folder_that_holds_other_files_is_refused_and_kept(base: Path) -> None:
    (base / "data").mkdir()
    (base / "data" / "letter.txt").write_text("mine")
    if os.geteuid() == 0:
        user = server_user(base / "absent")
        os.chown(base / "data", user.uid, user.gid)
    with pytest.raises(ServerError, match="holds files but no database"):
        server_in(base).start()
    assert (base / "data" / "letter.txt").read_text() == "mine"


def test_an_interrupted_first_start_is_begun_again(base: Path) -> None:
    (base / "data.making").mkdir()
    (base / "data.making" / "PG_VERSION").write_text("18")
    with server_in(base) as server:
        assert ask(server, "select 1") == 1
    assert not (base / "data.making").exists()


def test_data_of_a_version_that_is_not_installed_names_the_remedy(base: Path) -> None:
    with server_in(base) as server:
        data = server.folders.data
    (data / "PG_VERSION").write_text("9\n")
    with pytest.raises(ServerError, match="made by PostgreSQL 9"):
        server_in(base).start()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("FATAL: could not write file: No space left on device", "is full"),
        ("could not bind Unix address: Address already in use", "uses the socket"),
        ("FATAL: data directory: Permission denied", "may not use"),
        ("something nobody has seen", "ends with"),
    ],
)
def test_a_failed_start_is_explained_plainly(base: Path, words: str, sentence: str) -> None:
    assert sentence in explain(words, settle(base / "data", base / "run"))


def test_a_full_disk_is_refused_before_anything_is_made(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(100, 100, 0))
    with pytest.raises(ServerError, match="nearly full"):
        server_in(base).start()
    assert not (base / "data").exists()


def test_a_temporary_server_leaves_nothing_behind() -> None:
    with temporary_server() as server:
        assert ask(server, "show fsync") == "off"
        folder = server.data_dir.parent
    assert not folder.exists()


@as_root
def test_started_by_root_the_server_gives_up_user_and_every_group(base: Path) -> None:
    with server_in(base) as server:
        status = Path(f"/proc/{server.pid}/status").read_text()
        lines = {line.split(":")[0]: line.split(":")[1].split() for line in status.splitlines()}
        assert "0" not in lines["Uid"] + lines["Gid"] + lines["Groups"]
        assert lines["Groups"] == []


@as_root
def test_a_folder_closed_to_others_moves_the_data_and_leaves_a_link(base: Path) -> None:
    closed = base / "closed"
    closed.mkdir(mode=0o700)
    server = EmbeddedServer(closed / "data", closed / "run", fsync=False)
    with server:
        ask(server, "create table kept as select 7 as number")
        real = server.folders.data
    try:
        assert (closed / "data").is_symlink()
        assert (closed / "data").resolve() == real
        assert str(real).startswith("/var/lib/teamaround/")
        with EmbeddedServer(closed / "data", closed / "run", fsync=False) as again:
            assert ask(again, "select number from kept") == 7
        (closed / "data").unlink()
        (closed / "secrets").unlink()
        with EmbeddedServer(closed / "data", closed / "run", fsync=False) as afresh:
            assert ask(afresh, "select to_regclass('kept') is null") is True
        assert [path for path in real.parent.iterdir() if "set-aside" in path.name]
    finally:
        shutil.rmtree(real.parent)


@as_root
def test_programs_in_a_closed_environment_are_copied_to_an_open_place(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from teamaround.database import binaries, folders

    original = next(binaries.candidates())
    if original.wheel_base is None:
        pytest.fail("this rule is about the packaged programs, which are not installed here")
    closed = base / "closed"
    copied = original.copy_to(closed)
    closed.chmod(0o700)
    inside = binaries.Binaries(copied.folder, original.version, closed)
    monkeypatch.setattr(folders, "choose", lambda wanted: inside)
    with server_in(base) as server:
        assert server.folders.binaries.folder.is_relative_to(base / "pgbin")
        assert ask(server, "select 1") == 1


@as_root
def test_an_ordinary_user_starts_the_server_as_himself(base: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    reader = subprocess.run(
        ["/bin/sh", "-c", 'test -r "$1"', "sh", sys.executable],
        user=nobody.pw_uid,
        group=nobody.pw_gid,
        extra_groups=[],
        check=False,
    )
    if reader.returncode != 0:
        # The interpreter sits in a folder closed to others: fork instead of starting it afresh.
        child = os.fork()
        if child == 0:
            code = 1
            try:
                os.setgroups([])
                os.setgid(nobody.pw_gid)
                os.setuid(nobody.pw_uid)
                code = _start_and_report(base)
            finally:
                os._exit(code)
        os.chown(base, nobody.pw_uid, nobody.pw_gid)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        return
    os.chown(base, nobody.pw_uid, nobody.pw_gid)
    script = (
        "import sys; from pathlib import Path; from teamaround.database.server import EmbeddedServer;"
        "base = Path(sys.argv[1]); server = EmbeddedServer(base / 'data', base / 'run', fsync=False).start();"
        "assert not server.folders.user.dropped; server.stop()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(base)],
        user=nobody.pw_uid,
        group=nobody.pw_gid,
        extra_groups=[],
        cwd="/",
        check=False,
    )
    assert done.returncode == 0
    assert (base / "data").stat().st_uid == nobody.pw_uid


def _start_and_report(base: Path) -> int:
    for _ in range(100):
        if os.access(base, os.W_OK):
            break
        time.sleep(0.05)
    with server_in(base) as server:
        return 0 if not server.folders.user.dropped and ask(server, "select 1") == 1 else 2


@as_root
def test_a_database_of_another_user_is_refused_to_an_ordinary_one(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (base / "data").mkdir()
    monkeypatch.setattr(os, "geteuid", lambda: pwd.getpwnam("nobody").pw_uid)
    with pytest.raises(ServerError, match="belongs to another user"):
        settle(base / "data", base / "run")


@pytest.mark.parametrize(
    ("memory", "buffers"), [(512, 128), (2_048, 256), (24_576, 3_072), (1_048_576, 8_192)]
)
def test_the_server_holds_an_eighth_of_the_machines_memory_within_bounds(memory: int, buffers: int) -> None:
    assert buffers_of(memory) == buffers


def test_a_container_with_less_memory_than_its_machine_counts_for_what_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(serversettings, "CONTAINER_LIMITS", (limit,))
    limit.write_text("max\n")
    whole = machine_memory()
    limit.write_text(f"{64 * 1024**2}\n")
    assert machine_memory() == 64 < whole
