"""A name that is sent everywhere and met by every kind of failure stands in no log and on no standard error."""

from __future__ import annotations

import http.client
import io
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from django.db import DataError, IntegrityError, connection
from django.test import Client

from harness.cast import Cast
from harness.server import TEMPLATE, copy_database
from teamaround.agencies.models import Account
from teamaround.site.logs import QuietFormatter, page_of, quiet
from teamaround.site.weblog import QuietLogger

MARK = "Zzyxquillon"
PROGRAM = f"""
import logging, sys, threading, warnings
import django
django.setup()
from teamaround.site.logs import install
install()
name = {MARK!r}
threading.Thread(target=lambda: int(name)).start()
warnings.warn("about " + name)
class Last:
    def __del__(self):
        raise ValueError(name)
Last()
logging.getLogger("anything").error("it broke: %s", ValueError(name))
logging.getLogger("anything").error(ValueError(name))
try:
    raise KeyError(name)
except KeyError as error:
    logging.getLogger("anything").exception(f"it broke: {{error}}")
    logging.getLogger("anything").error(f"again: {{error!r}}", exc_info=error)
raise RuntimeError(name)
"""


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Everything that any logger says, as the service writes it."""
    words = io.StringIO()
    handler = logging.StreamHandler(words)
    handler.setFormatter(QuietFormatter("%(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    yield words
    root.removeHandler(handler)


def test_what_nobody_caught_is_told_without_its_words(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "teamaround.site.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert MARK not in done.stderr + done.stdout
    for kind in (
        "RuntimeError",
        "ValueError in a thread",
        "ValueError at the end",
        "UserWarning",
        "KeyError",
    ):
        words = kind.replace("ValueError in a thread", "uncaught in a thread: builtins.ValueError")
        words = words.replace(
            "ValueError at the end", "uncaught at the end of an object: builtins.ValueError"
        )
        assert words in done.stderr, (kind, done.stderr)


def test_a_command_that_fails_says_where_and_not_what_about() -> None:
    program = (
        "import sys\n"
        "from teamaround import cli\n"
        "from teamaround.site.commands import backup\n"
        f"def breaks(args): raise ValueError('about {MARK}')\n"
        "backup.run = breaks\n"
        "sys.argv = ['teamaround', 'backup', '/tmp/none', '--data', '/tmp/none']\n"
        "cli.main()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "builtins.ValueError" in done.stderr
    assert MARK not in done.stderr


def test_an_error_of_the_database_tells_its_code_and_the_constraint_and_no_value(cast: Cast) -> None:
    with pytest.raises(DataError) as wrong, cast.as_(cast.yasmin), connection.cursor() as cursor:
        cursor.execute("select %s::text::int", [MARK])
    assert MARK in str(wrong.value)
    assert quiet(wrong.value) == "django.db.utils.DataError (SQLSTATE 22P02)"
    with pytest.raises(IntegrityError) as null, cast.as_(cast.yasmin), connection.cursor() as cursor:
        cursor.execute(f"insert into {Account._meta.db_table} (email) values (%s)", [MARK])
    assert MARK in str(null.value)
    assert "SQLSTATE 23502" in quiet(null.value)
    assert MARK not in quiet(null.value)


def test_the_log_names_the_page_and_never_the_address() -> None:
    assert page_of(f"/search/?name={MARK}") == "/search/"
    assert page_of("/people/6f0f4cf6-8b0f-4b7f-9d3c-0d8f3f6f2d11/") == "/people/<uuid:key>/"
    assert page_of(f"/people/{MARK}/") == "(no such page)"
    assert page_of(f"/static/{MARK}.css") == "/static/…"


def test_every_way_in_leaves_no_name_in_the_applications_log(cast: Cast, written: io.StringIO) -> None:
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    client.get(f"/{MARK}/")
    client.get(f"/people/{MARK}/?q={MARK}")
    client.post(f"/account/login/?next=/{MARK}", {"login": MARK, "password": MARK})
    client.get("/account/login/", headers={"host": f"{MARK}.example"})
    client.get("/account/login/", headers={"cookie": f"sessionid={MARK}", "referer": f"http://{MARK}/"})
    client.generic("PUT", f"/account/login/?{MARK}", MARK)
    client.post("/account/login/", MARK * 2_000_000, content_type="application/x-www-form-urlencoded")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn(f"a naive time for {MARK}", stacklevel=1)
        logging.captureWarnings(False)
    told = written.getvalue()
    assert "(no such page)" in told
    assert "refused: DisallowedHost" in told
    assert "UserWarning at " in told
    assert MARK not in told


def test_the_arguments_of_a_job_that_fails_stay_out_of_the_log(written: io.StringIO) -> None:
    logger = logging.getLogger("procrastinate.worker.worker")
    try:
        raise ValueError(MARK)
    except ValueError as error:
        logger.error(
            f"Job teamaround.importing.jobs.run[12](name='{MARK} (the elder)', row=3) ended with status: Error",
            exc_info=error,
        )
        logger.error(f"Side task x failed with exception: {error}, stopping worker", exc_info=error)
    assert "Job teamaround.importing.jobs.run[12] ended with status: Error" in written.getvalue()
    assert "builtins.ValueError" in written.getvalue()
    assert MARK not in written.getvalue()


def test_a_request_that_cannot_be_read_is_not_quoted(caplog: pytest.LogCaptureFixture) -> None:
    from gunicorn.config import Config

    logger = QuietLogger(Config())
    words = io.StringIO()
    handler = logging.StreamHandler(words)
    logger.error_log.addHandler(handler)
    logger.warning(f"Invalid request from ip=192.0.2.1: Invalid HTTP request line: 'GET /?{MARK}'")
    logger.warning("another warning: %s", "told")
    logger.error_log.removeHandler(handler)
    assert "a request was refused before it was read" in words.getvalue()
    assert "another warning: told" in words.getvalue()
    assert MARK not in words.getvalue()
    assert "192.0.2.1" not in words.getvalue()


@contextmanager
def serving(command: list[str], database: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "teamaround.site.settings",
                "DATABASE_URL": database,
            },
            stdout=out,
            stderr=out,
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def test_the_running_service_its_worker_and_the_database_log_no_name(
    server_report: dict[str, str], tmp_path: Path
) -> None:
    """Real processes on a real database: names in addresses, forms, broken requests, statements and jobs."""
    name = f"marked_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    copy_database(server_report, name, Path(os.environ["TEAMAROUND_TEST_RUN"]), template=TEMPLATE)
    app = server_report["app"].replace("DATABASE", name)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    web, jobs = tmp_path / "web", tmp_path / "jobs"
    gunicorn = ["gunicorn", "-c", "python:teamaround.site.gunicorn_conf", "--bind", f"127.0.0.1:{port}",
                "teamaround.site.wsgi:application"]  # fmt: skip
    with psycopg.connect(server_report["postgres"].replace("DATABASE", name), autocommit=True) as owner:
        for task in ("teamaround.notices.jobs.purge_drafts", "no.such.task"):
            owner.execute(
                "insert into procrastinate_jobs (queue_name, task_name, args, status) "
                "values ('default', %s, %s, 'todo')",
                [task, psycopg.types.json.Json({"timestamp": MARK, "name": MARK})],
            )
        for statement in (
            f"select '{MARK}'::int",
            f"select {MARK}",
            f"do $$ begin raise warning '{MARK}'; end $$",
        ):
            try:
                owner.execute(statement.encode())
            except psycopg.Error:
                continue
    with serving(gunicorn, app, web), serving(["teamaround.cli", "worker"], app, jobs):
        for method, path in (
            ("GET", f"/{MARK}/"),
            ("GET", f"/search/?name={MARK}"),
            ("POST", f"/account/login/?next=/{MARK}/"),
            ("GET", f"/static/{MARK}.js"),
            ("GET", f"/people/{quote(MARK + ' Ö')}/"),
        ):
            ask(port, method, path)
        with socket.create_connection(("127.0.0.1", port)) as raw:
            raw.sendall(f"GET /?{MARK} {MARK}\r\n\r\n".encode())
            raw.recv(1000)
        with socket.create_connection(("127.0.0.1", port)) as raw:
            raw.sendall(f"GET /{MARK * 900} HTTP/1.1\r\nHost: {MARK}\r\n\r\n".encode())
            raw.recv(1000)
        until = time.monotonic() + 60
        with psycopg.connect(server_report["postgres"].replace("DATABASE", name), autocommit=True) as owner:
            while time.monotonic() < until:
                row = owner.execute(
                    "select count(*) from procrastinate_jobs where args->>'name' = %s and (attempts > 0 "
                    "or status = 'failed')",
                    [MARK],
                ).fetchone()
                if row and row[0] == 2:
                    break
                time.sleep(0.2)
            else:
                pytest.fail(jobs.read_text())
        time.sleep(0.5)
    assert "(no such page)" in web.read_text()
    assert re.search(r"GET /search/ \d+", web.read_text())
    assert "refused before it was read" in web.read_text()
    assert "purge_drafts[" in jobs.read_text(), jobs.read_text()
    database_log = Path(str(psycopg.conninfo.conninfo_to_dict(server_report["postgres"])["host"])).with_name(
        "data.log"
    )
    assert database_log.is_file()
    for log in (web, jobs, database_log):
        assert MARK.lower() not in log.read_text().lower(), log


def ask(port: int, method: str, path: str) -> None:
    """One request, its form and cookie holding the name; waits until the server listens."""
    until = time.monotonic() + 60
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": f"sessionid={MARK}",
        "User-Agent": MARK,
    }
    while True:
        with_server = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            with_server.request(
                method, path, f"login={MARK}&password={MARK}" if method == "POST" else None, headers
            )
            with_server.getresponse().read()
        except ConnectionRefusedError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
        else:
            return
        finally:
            with_server.close()
