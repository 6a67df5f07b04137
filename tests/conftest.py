"""Fixtures for the whole suite.

`db` gives a test a rolled-back world under the application's own role and the real policies: nothing here
connects as the owner of a table. `live` gives real commits in a database of its own, for what crosses
connections. Pure rooms ask for neither, and then no server is started.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.server import ServerThread, ask_for_server, copy_database, wait_for_server

RUN_FOLDER = "TEAMAROUND_TEST_RUN"
#: Files whose tests are few and long. Two workers take whole files in turn: a long one that came last would be
#: waited for by the other. Before them stands what needs no server, while that is made ready.
LONGEST_FIRST = (
    "linkage/test_training.py",
    "procedures/test_reference.py",
    "workingtime/",
    "sheets/",
    "checks/test_access.py",
    "database/test_backup.py",
    "site/test_sweep.py",
    "site/test_sweep_hidden.py",
    "site/test_database_away.py",
    "database/test_migrations.py",
    "site/test_lockout.py",
    "journeys/",
    "portal/test_journey.py",
    "rights/test_journey.py",
    "site/test_quiet_logs.py",
    "site/test_crash.py",
)
_thread: ServerThread | None = None


def pytest_configure(config: pytest.Config) -> None:
    global _thread
    from django.conf import settings

    # The cast signs in by a short cut; tests of the rule itself switch it on.
    settings.TEAMAROUND_REQUIRE_SECOND_FACTOR = False
    # A guess is a third of a second's work in service, as it should be; that it is, a test of the settings says.
    settings.PASSWORD_HASHERS = ["harness.hashing.FewTurns"]
    if not hasattr(config, "workerinput"):
        folder = Path(tempfile.mkdtemp(prefix="teamaround-tests-"))
        os.environ[RUN_FOLDER] = str(folder)
        os.environ.setdefault("TEAMAROUND_SECRETS", str(folder / "secrets"))
        os.environ["TEAMAROUND_PLAIN_HTTP"] = "1"
        _thread = ServerThread(folder)
        _thread.start()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.option.collectonly and any("server_report" in names_of(item) for item in items):
        ask_for_server(Path(os.environ[RUN_FOLDER]))

    def turn(item: pytest.Item) -> int:
        path = item.nodeid.removeprefix("tests/")
        return next((at for at, start in enumerate(LONGEST_FIRST) if path.startswith(start)), 99)

    items.sort(key=turn)


def names_of(item: pytest.Item) -> list[str]:
    """The fixtures that a test needs."""
    return getattr(item, "fixturenames", [])


def pytest_unconfigure(config: pytest.Config) -> None:
    if _thread is not None and not hasattr(config, "workerinput"):
        _thread.ending.set()
        _thread.join(timeout=20)
        shutil.rmtree(os.environ[RUN_FOLDER], ignore_errors=True)


@pytest.fixture(scope="session")
def server_report() -> dict[str, str]:
    """Addresses of the run's server; DATABASE stands for the name of a database."""
    return wait_for_server(Path(os.environ[RUN_FOLDER]))


def point_at(report: dict[str, str], database: str, *, pool: bool = False) -> None:
    """Let Django's aliases reach `database` of the run's server."""
    import dj_database_url
    from django.conf import settings

    from harness.aliases import lead_to

    address = dict(dj_database_url.parse(report["app"].replace("DATABASE", database)))
    engine = "teamaround.database.backend" if pool else "harness.backend"
    for alias in ("default", "log"):
        options = {**address["OPTIONS"], **({"pool": {"max_size": 8}} if pool and alias == "default" else {})}
        lead_to(alias, {**address, "ENGINE": engine, "OPTIONS": options})
    settings.STAMP_KEY = bytes.fromhex(report["stamp_key"])


@pytest.fixture(scope="session")
def worker_database(server_report: dict[str, str]) -> str:
    """A migrated database of this worker's own."""
    name = f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    copy_database(server_report, name, Path(os.environ[RUN_FOLDER]))
    return name


@pytest.fixture
def db(server_report: dict[str, str], worker_database: str, django_db_blocker: Any) -> Iterator[None]:
    """A world that is rolled back at the end. Say who acts: `with acting_as(...), transaction.atomic()`."""
    from django.conf import settings as django_settings
    from django.db import connections

    if connections.settings["default"].get("NAME") != worker_database or "harness" not in str(
        connections.settings["default"].get("ENGINE")
    ):
        point_at(server_report, worker_database)
    # Each time: a test that overrides settings takes with it, at its end, what was set meanwhile.
    django_settings.STAMP_KEY = bytes.fromhex(server_report["stamp_key"])
    held: list[Any] = [connections["default"], connections["log"]]
    with django_db_blocker.unblock():
        for connection in held:
            connection.enclose()
        try:
            yield
        finally:
            for connection in held:
                connection.release()


@pytest.fixture
def cast(db: None) -> Any:
    """The named cast, in a world that is rolled back."""
    from harness.cast import make_cast

    return make_cast()


@pytest.fixture(scope="module")
def live(
    server_report: dict[str, str], django_db_blocker: Any, request: pytest.FixtureRequest
) -> Iterator[Any]:
    """A site on a database of this module's own, with the cast in it and real commits."""
    from harness.cast import make_cast
    from harness.live import Site, live_database, served
    from teamaround.procedures.versions import install_shipped, reset_cache

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    name = f"live_{worker}_{request.module.__name__.rsplit('.', 1)[-1]}"[:60]
    with django_db_blocker.unblock(), live_database(server_report, name):
        reset_cache()
        install_shipped()
        cast = make_cast()
        with served() as url:
            yield Site(url=url, cast=cast)
        reset_cache()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Debian's Chromium."""
    from django.db import connections
    from playwright.sync_api import sync_playwright

    from harness.live import ARGUMENTS, CHROMIUM

    if not Path(CHROMIUM).exists():
        pytest.fail("Chromium is missing. Run: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()
        # While the browser's driver runs its event loop, Django keeps connections of their own for it: left
        # open, the next module's tests would go on talking to this module's database.
        connections.close_all()
