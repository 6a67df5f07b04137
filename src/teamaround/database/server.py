"""The embedded PostgreSQL: started, watched and stopped by the product itself.

One process holds the server (the lock in its run folder says which); it dies with that process. Others may
attach. Nothing listens on the network: clients use a socket in a private folder and sign in with scram.
"""

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Self
from urllib.parse import quote

import psycopg

from teamaround.database.folders import Folders, ServerError, settle
from teamaround.database.processes import die_with_parent, is_postgres, watch
from teamaround.database.secrets import Secrets
from teamaround.database.serverlog import STILL_ENDING, explain, rotate, since, size_of
from teamaround.database.serversettings import (
    LEAST_BUFFERS,
    SETTINGS,
    UNSAFE_BUT_FAST,
    buffers_of,
    machine_memory,
)

__all__ = ["AlreadyRunningError", "EmbeddedServer", "ServerError", "temporary_server"]

PATIENCE = 600.0  # seconds: recovery after a crash reads the write-ahead log and must not be cut short
LEAST_FREE_BYTES = 200 * 1024 * 1024


class AlreadyRunningError(ServerError):
    """Another process holds this server."""


class EmbeddedServer:
    """A PostgreSQL server for one data folder.

    `data_dir` and `run_dir` are where its data and its socket are wanted; the real places are in
    `folders` after a start (a long or unreachable path moves them). The start must come from a thread
    that lives as long as the server is needed: on Linux the server is told to end when that thread does.
    `fsync=False` is for tests: fast, and lost with the machine's power. Passwords come from `secrets`, by
    default the file `secrets` beside the data folder. `buffers` is PostgreSQL's own memory for pages, in MB, by
    default a share of the machine's.
    """

    def __init__(
        self,
        data_dir: Path,
        run_dir: Path,
        *,
        fsync: bool = True,
        secrets: Secrets | None = None,
        buffers: int | None = None,
    ) -> None:
        self.data_dir = Path(os.path.abspath(data_dir))
        self.run_dir = Path(os.path.abspath(run_dir))
        self.fsync = fsync
        self.buffers = buffers or buffers_of(machine_memory())
        self._secrets = secrets
        self._folders: Folders | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._watcher: subprocess.Popen[bytes] | None = None
        self._lock: IO[str] | None = None

    @property
    def secrets(self) -> Secrets:
        if self._secrets is None:
            self._secrets = Secrets.load_or_create(self.data_dir.parent / "secrets")
        return self._secrets

    @property
    def folders(self) -> Folders:
        if self._folders is None:
            raise ServerError("The embedded server has not been started.")
        return self._folders

    @property
    def owned(self) -> bool:
        """Whether this object started the server, and will stop it, rather than attached to a running one."""
        return self._process is not None

    @property
    def ended(self) -> bool:
        """Whether the server that this object started has ended without being asked to."""
        return self._process is not None and self._process.poll() is not None

    @property
    def pid(self) -> int | None:
        """The process id of the server's main process, when this object started it."""
        return self._process.pid if self._process else None

    def dsn(self, role: str = "postgres", dbname: str = "teamaround") -> str:
        """The address of `dbname` for `role`, with its password, as libpq and dj-database-url read it.

        The superuser `postgres` serves the set-up only. Raises KeyError for a role that does not sign in.
        """
        password = quote(self.secrets.password_of(role), safe="")
        host = quote(str(self.folders.run), safe="")
        return (
            f"postgresql://{quote(role, safe='')}:{password}@/{quote(dbname, safe='')}?host={host}&port=5432"
        )

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, *, attach: bool = False, say: Callable[[str], None] = lambda text: None) -> Self:
        """Start the server and wait until it answers, through crash recovery if need be.

        With `attach`, a server that another process holds is used; without, AlreadyRunningError is raised.
        `say` is told of steps that may take long. Raises ServerError: what, where, what to do.
        """
        if self._process is not None:
            return self
        self._folders = settle(self.data_dir, self.run_dir)
        if not self._take_lock():
            if not attach:
                raise AlreadyRunningError(
                    f"The database in {self.data_dir} is already running, held by process {self._holder()}. "
                    "Stop that one first (Ctrl-C where it was started), then start again."
                )
            self._wait(None, say)
            return self
        try:
            self._end_leftover(say)
            if not (self.folders.data / "PG_VERSION").is_file():
                say("Making the database folder")
                self._initialise()
            self._launch_and_wait(say)
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop the server at once but cleanly, rolling back what is open. An attached one is left alone."""
        process, self._process = self._process, None
        if process is not None:
            for number, patience in ((signal.SIGINT, 60), (signal.SIGQUIT, 10), (signal.SIGKILL, 10)):
                if process.poll() is not None:
                    break
                process.send_signal(number)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(patience)
        watcher, self._watcher = self._watcher, None
        if watcher is not None:
            if watcher.stdin:
                watcher.stdin.close()
            watcher.wait(10)
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _take_lock(self) -> bool:
        file = open(self.folders.run / "held-by", "a+", encoding="ascii")  # noqa: SIM115 - kept open as the lock
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return False
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        self._lock = file
        return True

    def _holder(self) -> str:
        with contextlib.suppress(OSError):
            return (self.folders.run / "held-by").read_text("ascii").strip() or "unknown"
        return "unknown"

    def _end_leftover(self, say: Callable[[str], None]) -> None:
        """End a server whose holder was killed, and a process id file that names a stranger."""
        note = self.folders.data / "postmaster.pid"
        try:
            pid = int(note.read_text("ascii").splitlines()[0])
        except (OSError, ValueError, IndexError):
            return
        if not is_postgres(pid):
            # The number was given to another program since the crash; PostgreSQL itself would refuse.
            note.unlink(missing_ok=True)
            return
        say(f"Ending the database that an interrupted run left behind (process {pid})")
        for number, patience in ((0, 5.0), (signal.SIGINT, 60.0), (signal.SIGQUIT, 10.0)):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                return
            except PermissionError as error:
                raise AlreadyRunningError(
                    f"Another user's process {pid} runs the database in {self.data_dir}."
                ) from error
            until = time.monotonic() + patience
            while time.monotonic() < until:
                if not is_postgres(pid):
                    return
                time.sleep(0.05)
        raise AlreadyRunningError(
            f"The database process {pid} in {self.data_dir} does not end. Run: kill -9 {pid}"
        )

    def _environment(self) -> dict[str, str]:
        return {"PATH": "/usr/bin:/bin", "LANG": "C", "LC_ALL": "C", "HOME": "/", "TZ": "UTC"}

    def _initialise(self) -> None:
        """Make the data folder beside its place and move it there whole: a break leaves nothing half-made."""
        folders = self.folders
        making = folders.data.with_name(f"{folders.data.name}.making")
        if shutil.disk_usage(folders.data.parent).free < LEAST_FREE_BYTES:
            raise ServerError(
                f"The disk that holds {folders.data.parent} is nearly full. The database needs 200 MB to "
                "begin with: free some space and start again."
            )
        if folders.data.exists() and any(folders.data.iterdir()):
            raise ServerError(
                f"The folder {folders.data} holds files but no database. Move it away and start again."
            )
        shutil.rmtree(making, ignore_errors=True)
        folders.user.own(making, 0o700)
        password = folders.run / "superuser"
        password.unlink(missing_ok=True)
        descriptor = os.open(password, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(self.secrets.postgres + "\n")
        if folders.user.dropped:
            os.chown(password, folders.user.uid, folders.user.gid)
        locale = (
            ["--locale-provider=builtin", "--locale=C.UTF-8", "--lc-collate=C", "--lc-ctype=C"]
            if folders.binaries.major >= 17
            else ["--locale=C.UTF-8"]
        )
        command = [
            str(folders.binaries.folder / "initdb"),
            f"--pgdata={making}",
            "--username=postgres",
            f"--pwfile={password}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--data-checksums",
            "--no-instructions",
            "--lc-messages=C",
            *locale,
            *([] if self.fsync else ["--no-sync"]),
        ]
        try:
            done = subprocess.run(  # noqa: S603 - our own argument list, no shell
                command,
                cwd="/",
                env=self._environment(),
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                **folders.user.popen_options(),
            )
            if done.returncode != 0:
                raise ServerError(explain(done.stderr or done.stdout, folders))
            if folders.data.exists():
                folders.data.rmdir()
            making.rename(folders.data)
        finally:
            password.unlink(missing_ok=True)
            shutil.rmtree(making, ignore_errors=True)

    def _command(self) -> list[str]:
        folders = self.folders
        settings = SETTINGS | ({} if self.fsync else UNSAFE_BUT_FAST)
        settings["shared_buffers"] = f"{self.buffers}MB"
        settings["unix_socket_directories"] = f'"{folders.run}"'
        command = [str(folders.binaries.folder / "postgres"), "-D", str(folders.data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        return command

    def _launch_and_wait(self, say: Callable[[str], None]) -> None:
        rotate(self.folders.log)
        until = time.monotonic() + 30
        while True:
            offset = size_of(self.folders.log)
            self._launch()
            try:
                self._wait(self._process, say)
            except ServerError:
                said = since(self.folders.log, offset)
                if self._process is None or self._process.poll() is None:
                    raise
                # A killed server's children take a moment to notice; only that is worth another try.
                if STILL_ENDING not in said or time.monotonic() > until:
                    raise ServerError(explain(said, self.folders)) from None
                time.sleep(0.5)
            else:
                return

    def _launch(self) -> None:
        folders = self.folders
        try:
            log = open(folders.log, "ab")  # noqa: SIM115 - handed to the server, closed below
        except OSError as error:
            raise ServerError(
                f"The database's log {folders.log} cannot be written: {error.strerror}."
            ) from error
        with log:
            try:
                self._process = subprocess.Popen(  # noqa: S603 - our own argument list, no shell
                    self._command(),
                    cwd="/",
                    env=self._environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,  # Ctrl-C reaches the application first, which stops the server
                    preexec_fn=die_with_parent(),
                    **folders.user.popen_options(),
                )
            except (PermissionError, subprocess.SubprocessError) as error:
                raise ServerError(
                    f"The database could not be started as the user {folders.user.name}: {error}. "
                    "Start as an ordinary user instead."
                ) from error
        if not sys.platform.startswith("linux"):
            self._watcher = watch(self._process.pid)

    def _wait(self, process: subprocess.Popen[bytes] | None, say: Callable[[str], None]) -> None:
        """Wait until the server lets the superuser in."""
        started = time.monotonic()
        told = False
        while True:
            try:
                with psycopg.connect(self.dsn(dbname="postgres"), connect_timeout=10):
                    return
            except psycopg.OperationalError as error:
                reason = str(error)
            if "password authentication failed" in reason:
                raise ServerError(
                    f"The secrets file beside {self.data_dir} is not the one this database was made with. "
                    "Put the right file back, or move the database folder away to start afresh."
                )
            if process is not None and process.poll() is not None:
                raise ServerError("The database ended while starting.")
            waited = time.monotonic() - started
            recovering = "starting up" in reason or "recovery" in reason or "not yet accepting" in reason
            if waited > (PATIENCE if recovering else 60):
                raise ServerError(
                    f"The database in {self.data_dir} did not answer within {waited:.0f} seconds. "
                    f"Its log is {self.folders.log}."
                )
            if recovering and waited > 2 and not told:
                told = True
                say("The database is recovering from an interruption")
            time.sleep(0.03 if waited < 3 else 0.25)


@contextlib.contextmanager
def temporary_server(
    *,
    buffers: int = LEAST_BUFFERS,
    within: Path = Path("/tmp"),  # noqa: S108  # a short path leaves room for a socket
) -> Iterator[EmbeddedServer]:
    """A fast, throw-away server in a folder of its own, removed at the end. For tests and benches. `buffers` in MB.

    The folder is made `within` another, whose path must be short, to leave room for a socket.
    """
    base = Path(tempfile.mkdtemp(prefix="ta-", dir=within))
    base.chmod(0o711)
    try:
        secrets = Secrets.generate()
        with EmbeddedServer(
            base / "data", base / "run", fsync=False, secrets=secrets, buffers=buffers
        ) as server:
            yield server
    finally:
        shutil.rmtree(base, ignore_errors=True)
