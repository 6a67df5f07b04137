"""Which user runs the embedded server, and where its files can live so that this user reaches them.

PostgreSQL refuses to run as root. Started by root, the server runs as an unprivileged user who may be
unable to enter the checkout (a home of mode 700); its data then moves to `/var/lib/teamaround/`, and a
link is left behind.
"""

import hashlib
import os
import pwd
import re
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from teamaround.database.binaries import Binaries, choose

SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 100  # the system's own limit is 104 bytes on macOS, 108 on Linux
UNPRIVILEGED = ("postgres", "nobody")


class ServerError(Exception):
    """The embedded server cannot run; the message says what, where and what to do."""


@dataclass(frozen=True)
class ServerUser:
    """The user whom the server runs as: another one than ours only when we are root."""

    uid: int
    gid: int
    name: str
    dropped: bool

    def popen_options(self) -> dict[str, Any]:
        """Arguments for subprocess that give up user, group and every supplementary group."""
        if not self.dropped:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can(self, test: str, path: Path) -> bool:
        """Whether this user passes `test` (-r, -w, -x of the shell) on `path`, asked of the system itself."""
        asked = subprocess.run(  # noqa: S603 - fixed program, arguments are not interpreted
            ["/bin/sh", "-c", f'test {test} "$1"', "sh", str(path)],
            cwd="/",
            check=False,
            stderr=subprocess.DEVNULL,
            **self.popen_options(),
        )
        return asked.returncode == 0

    def own(self, path: Path, mode: int) -> Path:
        """Make the folder `path` belong to this user with `mode`."""
        path.mkdir(parents=True, exist_ok=True)
        if self.dropped:
            os.chown(path, self.uid, self.gid)
        if path.stat().st_uid == os.geteuid() or os.geteuid() == 0:
            path.chmod(mode)
        return path


def server_user(data_dir: Path) -> ServerUser:
    """The user to run the server as; an existing data folder keeps its owner. Raises ServerError."""
    if os.geteuid() != 0:
        entry = pwd.getpwuid(os.geteuid())
        if data_dir.exists() and data_dir.stat().st_uid != entry.pw_uid:
            raise ServerError(
                f"The database folder {data_dir} belongs to another user. "
                "Start as the user who made it, or use another checkout."
            )
        return ServerUser(entry.pw_uid, entry.pw_gid, entry.pw_name, dropped=False)
    owner = data_dir.stat().st_uid if data_dir.exists() else 0
    if owner:
        try:
            entry = pwd.getpwuid(owner)
        except KeyError as error:
            raise ServerError(
                f"The database folder {data_dir} belongs to user number {owner}, unknown to this machine. "
                f"Run: chown -R postgres '{data_dir}'"
            ) from error
        return ServerUser(entry.pw_uid, entry.pw_gid, entry.pw_name, dropped=True)
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return ServerUser(entry.pw_uid, entry.pw_gid, entry.pw_name, dropped=True)
    raise ServerError(
        "PostgreSQL refuses to run as root, and this machine has neither a user `postgres` nor `nobody`. "
        "Start as an ordinary user."
    )


@dataclass(frozen=True)
class Folders:
    """Where the server's files really are."""

    user: ServerUser
    data: Path
    run: Path
    log: Path
    binaries: Binaries

    @property
    def socket(self) -> Path:
        return self.run / SOCKET_NAME


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def _nearest_existing(path: Path) -> Path:
    while not path.exists():
        path = path.parent
    return path


def _relocated(data_dir: Path) -> Path:
    """The real place of `data_dir` under /var/lib/teamaround, with a link left behind."""
    base = Path("/var/lib/teamaround") / _digest(data_dir)
    real = base / data_dir.name
    if real.exists():
        # The link was deleted with its folder: its owner starts afresh. Data is set aside, never erased.
        real.rename(real.with_name(f"{real.name}.set-aside-{time.strftime('%Y%m%d-%H%M%S')}"))
    for folder in (base.parent, base):
        folder.mkdir(mode=0o755, exist_ok=True)
        folder.chmod(0o755)
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    data_dir.symlink_to(real)
    return real


def _short_run_dir(run_dir: Path, user: ServerUser) -> Path:
    """A run folder whose socket path is short enough and that the server's user can enter."""
    if os.geteuid() == 0:
        base = Path("/run") if Path("/run").is_dir() else Path("/var/run")
        return base / f"teamaround-{_digest(run_dir)}"
    given = os.environ.get("XDG_RUNTIME_DIR")
    base = Path(given) if given and Path(given).is_dir() else Path(tempfile.gettempdir())
    if len(os.fsencode(base)) > 40:
        base = Path("/tmp")  # noqa: S108 - a long TMPDIR leaves no room for a socket; ownership is checked below
    return base / f"teamaround-{user.uid}-{_digest(run_dir)}"


def _own_private(folder: Path, user: ServerUser) -> Path:
    """Make `folder` private to the server's user; refuse one that somebody else put there first."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        known = folder.lstat()
        if folder.is_symlink() or not folder.is_dir() or known.st_uid not in (user.uid, os.geteuid()):
            raise ServerError(
                f"The folder {folder} for the database's socket is another user's. Remove it and retry."
            ) from None
    return user.own(folder, 0o700)


def settle(data_dir: Path, run_dir: Path) -> Folders:
    """Decide and prepare every folder of a server. Raises ServerError, saying what, where and what to do."""
    try:
        return _settle(Path(os.path.abspath(data_dir)), Path(os.path.abspath(run_dir)))
    except PermissionError as error:
        raise ServerError(
            f"No permission to prepare the database's folders: {error.filename or data_dir}. "
            "Start as the user who owns the checkout, or make the folder writable."
        ) from error
    except OSError as error:
        raise ServerError(
            f"The database's folders cannot be prepared: {error.filename or data_dir}: {error.strerror}."
        ) from error


def _settle(data_dir: Path, run_dir: Path) -> Folders:
    data = data_dir.resolve() if data_dir.is_symlink() else data_dir
    user = server_user(data)
    existing = _nearest_existing(data_dir.parent)
    if user.dropped and not data_dir.is_symlink() and not user.can("-x", existing):
        if data.exists():
            raise ServerError(
                f"The user {user.name}, who has to run the server, cannot enter the database folder {data}. "
                "Let others pass through its parent folders (chmod o+x), or start as an ordinary user."
            )
        data = _relocated(data_dir)
    if not data.parent.exists():
        data.parent.mkdir(parents=True)
        data.parent.chmod(0o711 if user.dropped else 0o755)
    if user.dropped and not user.can("-x", data.parent):
        raise ServerError(
            f"The user {user.name}, who runs the database, cannot enter {data.parent}. "
            f"Run: chmod o+x '{data.parent}'"
        )
    if data != data_dir:
        run_dir = data.parent / "run"
    # A comma parts addresses for every client, a quote for the server: neither may stand in the path.
    unfit = len(os.fsencode(run_dir / SOCKET_NAME)) > LONGEST_SOCKET_PATH or not re.fullmatch(
        r"[\w./ +@=:-]+", str(run_dir)
    )
    if unfit or (user.dropped and not user.can("-x", _nearest_existing(run_dir))):
        run_dir = _short_run_dir(run_dir, user)
    _own_private(run_dir, user)
    version_file = data / "PG_VERSION"
    needed = int(version_file.read_text().split(".")[0]) if version_file.is_file() else None
    binaries = choose(needed)
    if binaries is None:
        raise ServerError(_no_binaries(data, needed))
    if user.dropped and not user.can("-x", binaries.folder / "postgres"):
        binaries = binaries.copy_to(data.parent / "pgbin")
    return Folders(user, data, run_dir, data.parent / f"{data.name}.log", binaries)


def _no_binaries(data: Path, needed: int | None) -> str:
    if needed is not None:
        return (
            f"The database folder {data} was made by PostgreSQL {needed}, which this machine no longer has. "
            f"Install it (apt-get install postgresql-{needed}), or move the folder away to start afresh."
        )
    return (
        "No PostgreSQL was found for the embedded server. On Debian run: apt-get install postgresql. "
        "Or set DATABASE_URL to a server of version 15 or later."
    )
