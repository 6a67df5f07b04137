"""`teamaround check crash`: the database killed again and again under writes, and what was left of them.

A server of its own, with the same settings as in service. Threads write through the product's own actions,
as the application's role, over the pool that the web processes use. Each write is one transaction of several
tables and carries a name of its own. What the database acknowledged is noted in this process, which is not
killed. After each recovery every acknowledged write has to be there, whole; and no write may be there in part.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import secrets as randomness
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from teamaround.database.keeper import Keeper
from teamaround.database.secrets import Secrets
from teamaround.database.server import EmbeddedServer
from teamaround.database.setup import install_stamp_key, prepare
from teamaround.site.commands.installation import CommandError
from teamaround.site.commands.progress import note, progress, step

WRITERS = 4
LONGEST_RECOVERY_SECONDS = 10.0
GIVE_UP_SECONDS = 120.0
WRITES_BEFORE_A_KILL = 12
# Where the parts of one write are. All, or none.
PARTS = {
    "person": "select family_name from person",
    "name": "select family_name from person_name",
    "involvement": "select p.family_name from involvement i join person p on p.subject_id = i.subject_id",
    "event": "select p.family_name from event e join person p on p.subject_id = e.subject_id",
    "note": "select text from event_note",
    "task": "select title from task",
}


@dataclass
class Outcome:
    """What was found. `slowest_recovery_s`: from a kill to the first write acknowledged after it."""

    kills: int = 0
    acknowledged: int = 0
    lost: int = 0
    half_done: int = 0
    slowest_recovery_s: float = 0.0
    unanswered: int = 0
    """Kills after which a page of the running application did not come."""
    named_in_log: int = 0
    """Writes whose names stand in the server's log."""

    @property
    def good(self) -> bool:
        return not (self.lost or self.half_done or self.unanswered or self.named_in_log) and (
            self.slowest_recovery_s < LONGEST_RECOVERY_SECONDS
        )


@dataclass
class Writers:
    """Threads that write, each its own connection of the pool, until they are told to end."""

    area: Any
    ending: threading.Event = field(default_factory=threading.Event)
    acknowledged: dict[str, float] = field(default_factory=dict)
    failures: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Writers:
        for number in range(WRITERS):
            thread = threading.Thread(
                target=self._write, args=(("dana", "mel", "tom", "beth")[number],), daemon=True
            )
            thread.start()
            self.threads.append(thread)
        return self

    def __exit__(self, *_: object) -> None:
        self.ending.set()
        for thread in self.threads:
            thread.join(30)

    def _write(self, key: str) -> None:
        from django.db import InterfaceError, OperationalError, close_old_connections

        while not self.ending.is_set():
            name = f"Crash{randomness.token_hex(8)}"
            close_old_connections()
            try:
                write(self.area, key, name)
            except (OperationalError, InterfaceError):
                self.failures.append(time.monotonic())
                time.sleep(0.02)
            except Exception as error:  # told at the end: a writer that stopped would hide what is lost
                self.faults.append(type(error).__name__)
                time.sleep(0.2)
            else:
                self.acknowledged[name] = time.monotonic()
        close_old_connections()

    def wrote(self, number: int) -> bool:
        """Whether so many writes were acknowledged."""
        return len(self.acknowledged) >= number

    def wrote_since(self, moment: float) -> float | None:
        """When the first write after a moment was acknowledged; None when there is none yet."""
        return min((when for when in list(self.acknowledged.values()) if when > moment), default=None)

    def failed_since(self, moment: float) -> float | None:
        """When the first write after a moment failed for want of a database; None when there is none yet."""
        return min((when for when in list(self.failures) if when > moment), default=None)


def write(area: Any, key: str, name: str) -> None:
    """One transaction: a person, their name, an involvement, an event with its note, an action. And their history."""
    from teamaround.events.actions import record
    from teamaround.index.actions import involve
    from teamaround.people.actions import add_person
    from teamaround.tasks.actions import Owner, add_task

    with area.as_(key) as me:
        team = me.team.team
        person = add_person(by=me, team=team, given="Made-up", family_name=name)
        involve(by=me, team=team, subject=person.pk)
        record(by=me, team=team, kind="contact.recorded", subjects=[person.pk], text=name)
        add_task(by=me, team=team, subject=person.pk, title=name, owner=Owner(words="somebody"))


def run(args: argparse.Namespace) -> int:
    """Kill the server `--kills` times. 1 where anything was lost, half done, unanswered or too slow."""
    with made_server() as server, application(server) as area:
        outcome = crash(server, area, args.kills)
    if args.json:
        print(json.dumps(asdict(outcome)))
    else:
        print(
            f"{outcome.kills} kills, {outcome.acknowledged:,} acknowledged writes, {outcome.lost} lost, "
            f"{outcome.half_done} half done, slowest recovery {outcome.slowest_recovery_s:.2f} seconds"
        )
    return 0 if outcome.good else 1


def crash(server: EmbeddedServer, area: Any, kills: int, seed: int = 3) -> Outcome:
    """Kill, recover, look; `kills` times."""
    chance = random.Random(seed)  # noqa: S311 - when to kill, no secret
    outcome = Outcome()
    keeper = Keeper(server)
    with Writers(area) as writers, progress("Kills", kills) as advance:
        for number in range(kills):
            _until(partial(writers.wrote, (number + 1) * WRITES_BEFORE_A_KILL), keeper)
            time.sleep(chance.uniform(0.05, 0.6))
            restarts, killed = keeper.restarts, time.monotonic()
            if kill(server, number):
                # A main process that is gone leaves sessions that go on for a moment: those are no recovery.
                _until(partial(keeper.restarted, restarts), keeper)
                gone = keeper.restarted_at
            else:
                gone = _until(partial(writers.failed_since, killed), keeper)
            back = _until(partial(writers.wrote_since, gone), keeper)
            outcome.slowest_recovery_s = max(outcome.slowest_recovery_s, round(back - killed, 2))
            outcome.unanswered += not answers()
            look(server, writers, outcome)
            outcome.kills += 1
            advance()
    look(server, writers, outcome)
    log = server.folders.log.read_text("utf-8", "replace")
    outcome.named_in_log = sum(name in log for name in writers.acknowledged)
    if writers.faults:
        raise CommandError(f"Writers met faults of the program: {', '.join(sorted(set(writers.faults)))}")
    return outcome


def _until(condition: Callable[[], Any], keeper: Keeper) -> Any:
    """Wait for a condition, keeping the server running meanwhile. Raises CommandError after two minutes."""
    until = time.monotonic() + GIVE_UP_SECONDS
    while not (found := condition()):
        if time.monotonic() > until:
            raise CommandError(f"Nothing was written for {GIVE_UP_SECONDS:.0f} seconds after a kill.")
        keeper.tend()
        time.sleep(0.01)
    return found


def kill(server: EmbeddedServer, number: int) -> bool:
    """Kill, by turns: the main process; it and all its processes at once; one session's process alone.

    Whether the main process was killed. After a session's death it recovers by itself.
    """
    assert server.pid is not None
    others = _children(server.pid)
    sessions = others[-1:]
    chosen = ([server.pid], [server.pid, *others], sessions or [server.pid])[number % 3]
    for pid in chosen:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return server.pid in chosen


def _children(parent: int) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(entry.read_text(errors="replace").rpartition(")")[2].split()[1]) == parent:
                found.append(int(entry.parent.name))
    return sorted(found)


def look(server: EmbeddedServer, writers: Writers, outcome: Outcome) -> None:
    """Count what was acknowledged and is not there, and what is there in part."""
    acknowledged = set(writers.acknowledged)
    with _connected(server) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        parts = {
            part: {name for (name,) in connection.execute(query) if name.startswith("Crash")}
            for part, query in PARTS.items()
        }
    whole = set.intersection(*parts.values())
    some = set.union(*parts.values())
    outcome.acknowledged = len(acknowledged)
    outcome.lost = max(outcome.lost, len(acknowledged - some))
    outcome.half_done = max(outcome.half_done, len(some - whole))


def _connected(server: EmbeddedServer) -> psycopg.Connection:
    """A connection; a session's death may send the others home a moment after the first write succeeded again."""
    until = time.monotonic() + LONGEST_RECOVERY_SECONDS
    while True:
        try:
            return psycopg.connect(server.dsn("postgres", "teamaround"))
        except psycopg.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def answers() -> bool:
    """Whether the running application shows a page to a visitor, over its pool as it is."""
    from django.db import close_old_connections
    from django.test import Client

    close_old_connections()
    try:
        return Client(raise_request_exception=False).get("/account/login/").status_code == 200
    finally:
        close_old_connections()


@contextlib.contextmanager
def made_server() -> Iterator[EmbeddedServer]:
    """A server with the settings of service, set up and migrated, in a folder that is removed at the end."""
    base = Path(tempfile.mkdtemp(prefix="ta-", dir="/tmp"))
    base.chmod(0o711)
    secrets = Secrets.generate()
    secrets.write(base / "secrets")
    try:
        step("Preparing a database")
        with EmbeddedServer(base / "data", base / "run", fsync=False, secrets=secrets) as quick:
            prepare(quick.dsn("postgres", "postgres"), secrets)
            environment = {
                "DJANGO_SETTINGS_MODULE": "teamaround.site.settings",
                "TEAMAROUND_SECRETS": str(base / "secrets"),
                "TEAMAROUND_OWNER_URL": quick.dsn("postgres", "teamaround"),
                "DATABASE_URL": quick.dsn("app_rw", "teamaround"),
                "TEAMAROUND_PLAIN_HTTP": "1",
            }
            subprocess.run(
                [sys.executable, "-m", "django", "migrate", "--database", "owner", "--no-input", "-v", "0"],
                env={**os.environ, **environment},
                check=True,
            )
            install_stamp_key(quick.dsn("postgres", "teamaround"), bytes.fromhex(secrets.stamp_key))
        with EmbeddedServer(base / "data", base / "run", secrets=secrets) as server:
            with psycopg.connect(server.dsn("postgres", "teamaround")) as connection:
                for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                    row = connection.execute("select current_setting(%s)", [setting]).fetchone()
                    if row != ("on",):
                        raise CommandError(
                            f"The server runs with {setting} off: what it acknowledges may be lost."
                        )
            os.environ.update(environment)
            os.environ.pop("TEAMAROUND_OWNER_URL")
            yield server
    finally:
        shutil.rmtree(base, ignore_errors=True)


@contextlib.contextmanager
def application(server: EmbeddedServer) -> Iterator[Any]:
    """Django in this process, as a web process has it, and an area to write in."""
    import logging

    import django

    django.setup()
    # Each kill is told in hundreds of lines by the pool and by every request that fails.
    logging.disable(logging.CRITICAL)
    from django.db import connections

    from teamaround.demonstration.area import make_area
    from teamaround.procedures.versions import install_shipped

    install_shipped()
    try:
        yield make_area()
    finally:
        for alias in ("default", "log"):
            connections[alias].close()
        connections["default"].close_pool()  # type: ignore[attr-defined]  # unknown to the stubs
        note("Removing the database")
