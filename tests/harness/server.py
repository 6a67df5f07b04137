"""One embedded server a run, migrated once; each worker gets a copy of the migrated database."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psycopg
from psycopg import sql

from teamaround.database.dumping import address_of, client_programs
from teamaround.database.secrets import Secrets
from teamaround.database.server import temporary_server
from teamaround.database.serversettings import machine_memory
from teamaround.database.setup import install_stamp_key, prepare

TEMPLATE = "teamaround_template"
#: GB that a run's databases, and what the tests beside them need, fit into.
ROOM = 6


def swift_folder() -> Path:
    """A folder in memory, where there is one and enough of both: each file of tests has a copy of the database, some two
    thousand files, which take a disk two seconds and memory none. Else where temporary files go."""
    memory = Path("/dev/shm")
    try:
        free = shutil.disk_usage(memory).free
        told = re.search(r"^MemAvailable:\s+(\d+) kB$", Path("/proc/meminfo").read_text(), re.MULTILINE)
        roomy = min(free, int(told[1]) * 1024 if told else 0, machine_memory() * 1024**2) > ROOM * 1024**3
    except OSError:
        return Path("/tmp")
    return memory if roomy and os.access(memory, os.W_OK) else Path("/tmp")


class ServerThread(threading.Thread):
    """Starts the server when a worker first asks for it (a file in the run's folder), ends it with the run."""

    def __init__(self, folder: Path) -> None:
        super().__init__(daemon=True)
        self.folder = folder
        self.ending = threading.Event()

    def run(self) -> None:
        while not (self.folder / "wanted").exists():
            if self.ending.wait(0.05):
                return
        try:
            with temporary_server(within=swift_folder()) as server:
                report = migrated(server.dsn("postgres", "postgres"), server.secrets)
                report["app"] = server.dsn("app_rw", "DATABASE")
                report["postgres"] = server.dsn("postgres", "DATABASE")
                report["auditor"] = server.dsn("auditor", "DATABASE")
                publish(self.folder, report)
                self.ending.wait()
        except Exception as error:
            publish(self.folder, {"error": f"{type(error).__name__}: {error}"})
            raise


def publish(folder: Path, report: dict[str, str]) -> None:
    """Write the report so that no worker reads half of it."""
    (folder / "ready.part").write_text(json.dumps(report))
    (folder / "ready.part").rename(folder / "ready")


def migrated(superuser: str, secrets: Secrets) -> dict[str, str]:
    """Prepare roles and a template database, migrate it, and say how it went."""
    prepare(superuser, secrets, database=TEMPLATE)
    owner = superuser.replace("/postgres?", f"/{TEMPLATE}?")
    done = subprocess.run(
        [sys.executable, "-m", "django", "migrate", "--database", "owner", "--no-input", "-v", "0"],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "teamaround.site.settings",
            "TEAMAROUND_OWNER_URL": owner,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"migrating the test database failed:\n{done.stderr[-4000:]}")
    install_stamp_key(owner, bytes.fromhex(secrets.stamp_key))
    return {"stamp_key": secrets.stamp_key}


def carried_over(report: dict[str, str], superuser: str, secrets: Secrets) -> None:
    """The run's migrated database onto another server, by PostgreSQL's own programs: migrating takes far longer."""
    prepare(superuser, secrets, database="spare")
    with tempfile.TemporaryDirectory() as folder:
        archive = f"{folder}/archive"
        template = report["postgres"].replace("DATABASE", TEMPLATE)
        for program, words, dsn in (
            ("pg_dump", ["--format=custom", "--compress=none", f"--file={archive}"], template),
            ("pg_restore", ["--create", "--exit-on-error", archive], superuser),
        ):
            with psycopg.connect(dsn) as connection:
                path = client_programs(connection.info.server_version // 10_000).folder / program
            address, environment = address_of(dsn)
            done = subprocess.run(
                [str(path), f"--dbname={address}", *words],
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                raise RuntimeError(f"{program} failed:\n{done.stderr[-4000:]}")
    install_stamp_key(superuser.replace("/postgres?", f"/{TEMPLATE}?"), bytes.fromhex(secrets.stamp_key))


def ask_for_server(folder: Path) -> None:
    """Have the server made ready, which takes its time, while other tests run."""
    (folder / "wanted").touch()


def wait_for_server(folder: Path) -> dict[str, str]:
    """Ask for the server and wait until it is migrated. Raises RuntimeError with its complaint."""
    ask_for_server(folder)
    for _ in range(4800):
        if (folder / "ready").exists():
            report: dict[str, str] = json.loads((folder / "ready").read_text())
            if "error" in report:
                raise RuntimeError(report["error"])
            return report
        time.sleep(0.05)
    raise RuntimeError("the test server did not start within four minutes")


def copy_database(report: dict[str, str], name: str, folder: Path, *, template: str = TEMPLATE) -> None:
    """A fresh copy of the migrated database. One at a time: a template allows no other session."""
    with (
        (folder / "copying").open("w") as lock,
        psycopg.connect(report["postgres"].replace("DATABASE", "postgres"), autocommit=True) as server,
    ):
        fcntl.flock(lock, fcntl.LOCK_EX)
        server.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
        server.execute(
            sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(template))
        )
        server.execute(sql.SQL("revoke all on database {} from public").format(sql.Identifier(name)))
        server.execute(
            sql.SQL("grant connect on database {} to app_rw, app_report, auditor").format(
                sql.Identifier(name)
            )
        )


def drop_database(report: dict[str, str], name: str) -> None:
    """Take a copy away, with whoever is still connected: many copies would fill the folder."""
    with psycopg.connect(report["postgres"].replace("DATABASE", "postgres"), autocommit=True) as server:
        server.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def manage(address: str, *words: str) -> subprocess.CompletedProcess[str]:
    """A command of Django's as the owner of the database at this address. The system checks were made by `migrated`."""
    return subprocess.run(
        [sys.executable, "-m", "django", *words, "--database", "owner", "-v", "1", "--skip-checks"],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "teamaround.site.settings",
            "TEAMAROUND_OWNER_URL": address,
        },
        capture_output=True,
        text=True,
        check=False,
    )
