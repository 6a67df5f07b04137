"""PostgreSQL's own pg_dump and pg_restore: found, run, and what they complain of told without a row's values."""

from __future__ import annotations

import contextlib
import re
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from typing import Any

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from .binaries import Binaries, candidates
from .sealed import SealedWriter

NEW_SETTING = 17
PIECE = 256 * 1024
Advance = Callable[[int], None]


def nothing(number: int) -> None:
    """Tell nobody of the progress."""


class BackupError(Exception):
    """A backup or a restore cannot go on; the message says why and what to do. It quotes no row."""


def client_programs(server: int, *, archive: int = 0) -> Binaries:
    """pg_dump and pg_restore for a server of a major version: of that version, else the next later one.

    `archive` is the version of the pg_dump whose archive is to be read. Raises BackupError where none fits.
    """
    wanted = max(server, archive)
    fitting = [
        found
        for found in candidates()
        if found.major >= wanted
        and (found.folder / "pg_dump").exists()
        # From 17 on pg_restore begins with a setting that earlier servers refuse.
        and not (archive and server < NEW_SETTING <= found.major)
    ]
    if fitting:
        return min(fitting, key=lambda found: found.major)
    if archive and server < NEW_SETTING <= wanted:
        raise BackupError(
            f"The archive was written by pg_dump {archive}, whose archives a server of version {server} cannot take. "
            f"Restore into a server of version {NEW_SETTING} or later."
        )
    raise BackupError(
        f"This machine has no pg_dump and pg_restore that fit a server of version {server}. On Debian run: "
        f"apt-get install postgresql-client-{wanted}, and name their folder in TEAMAROUND_PG_BIN if it is not found."
    )


def address_of(dsn: str) -> tuple[str, dict[str, str]]:
    """The address without its password, which travels in the environment: arguments are for all to read."""
    parts: dict[str, Any] = dict(conninfo_to_dict(dsn))
    password = str(parts.pop("password", "") or "")
    environment = {"PATH": "/usr/bin:/bin", "LANG": "C", "LC_ALL": "C", "PGAPPNAME": "teamaround-backup"}
    return make_conninfo(**parts), {**environment, **({"PGPASSWORD": password} if password else {})}


def dump(command: list[str], dsn: str, file: SealedWriter, writing: Advance) -> None:
    address, environment = address_of(dsn)
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(  # noqa: S603 - our own argument list, no shell
            [*command, f"--dbname={address}"], env=environment, cwd="/", stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=complaints,
        )  # fmt: skip
        try:
            assert process.stdout is not None
            written = 0
            while piece := process.stdout.read(PIECE):
                file.write(piece)
                whole = (written + len(piece)) // 2**20 - written // 2**20
                written += len(piece)
                if whole:
                    writing(whole)
            if process.wait() != 0:
                raise BackupError(
                    f"pg_dump ended without finishing: {_told(complaints)}. Nothing was written."
                )
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


def _told(complaints: Any) -> str:
    """What the program complained of, without values: a message of PostgreSQL may quote a row."""
    complaints.seek(0)
    text = complaints.read(200_000).decode("utf-8", "replace")
    for pattern in (
        r"No space left on device",
        r"server version mismatch",
        r"permission denied for [\w ]+",
        r"connection to server[^\n]*",
        r"role \"?[\w-]+\"? does not exist",
        r"must be [\w ]+",
    ):
        found = re.search(pattern, text)
        if found:
            return found[0]
    found = re.search(
        r"TOC entry \d+; \d+ \d+ ([A-Z][A-Z ]+) (\w+)( \w+)?|COPY failed for table \"(\w+)\"", text
    )
    return (
        f"at {' '.join(part for part in found.groups() if part).strip()}" if found else "no reason was given"
    )


def feed(
    command: list[str], environment: dict[str, str], pieces: Iterator[bytes], reading: Advance
) -> tuple[int, str, str]:
    """Run a program that reads `pieces`: its exit code, what it printed, what it complained of."""
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(  # noqa: S603 - our own argument list, no shell
            command, env={"PATH": "/usr/bin:/bin", "LANG": "C", "LC_ALL": "C", **environment}, cwd="/",
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints,
        )  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        printed: list[bytes] = []
        source = process.stdout
        listener = threading.Thread(target=lambda: printed.append(source.read()), daemon=True)
        listener.start()
        try:
            # A program that has read enough, or failed, closes its end; its exit code tells which.
            with contextlib.suppress(BrokenPipeError):
                for piece in pieces:
                    process.stdin.write(piece)
                    reading(1)
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()
            code = process.wait()
            listener.join()
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            process.stdout.close()
        return code, b"".join(printed).decode("utf-8", "replace"), _told(complaints) if code else ""
