"""A database that stops under the application: a plain page, nothing half-done, and a retry works."""

from __future__ import annotations

import logging
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import OperationalError, close_old_connections, connection, connections
from django.test import Client

from harness.aliases import lead_nowhere, lead_to
from harness.cast import make_cast
from harness.server import TEMPLATE, carried_over, swift_folder
from teamaround.database.server import EmbeddedServer, temporary_server
from teamaround.importing import actions as imports
from teamaround.importing import jobs, withdrawing
from teamaround.importing.models import ImportRun, RunState
from teamaround.site import settings as shipped

ADD = "/people/add/"
SOONER = {"timeout": 2, "reconnect_timeout": 1.2}
"""Seconds that a request waits for a connection: in service it is patient for longer, and fails no other way."""
SAM = {"given": "Quillon", "family_name": "Featherstonehaugh", "sex": "U"}


@dataclass
class Fragile:
    """A site whose database may be stopped, killed and started again."""

    server: EmbeddedServer
    cast: Any

    def kill(self) -> None:
        """Kill the server's main process; its others end as soon as they notice."""
        assert self.server.pid is not None
        os.kill(self.server.pid, signal.SIGKILL)
        time.sleep(0.3)

    def again(self) -> None:
        self.server.stop()
        self.server.start()

    def count(self, table: str) -> int:
        with psycopg.connect(self.server.dsn("postgres", TEMPLATE)) as owner:
            row = owner.execute(f"select count(*) from {table}").fetchone()
        assert row is not None
        return int(row[0])


@pytest.fixture(scope="module")
def fragile(server_report: dict[str, str], django_db_blocker: Any) -> Iterator[Fragile]:
    import dj_database_url

    with django_db_blocker.unblock(), temporary_server(within=swift_folder()) as server:
        carried_over(server_report, server.dsn("postgres", "postgres"), server.secrets)
        address = dict(dj_database_url.parse(server.dsn("app_rw", TEMPLATE)))
        key = settings.STAMP_KEY
        for alias in ("default", "log"):
            pool = {"pool": {**shipped._pool, **SOONER}} if alias == "default" else {}
            lead_to(
                alias,
                {
                    **address,
                    "ENGINE": "teamaround.database.backend",
                    "OPTIONS": {**address["OPTIONS"], **pool},
                    "CONN_HEALTH_CHECKS": True,
                },
            )
        settings.STAMP_KEY = bytes.fromhex(server.secrets.stamp_key)
        try:
            yield Fragile(server, make_cast())
        finally:
            for alias in ("default", "log"):
                lead_nowhere(alias)
            settings.STAMP_KEY = key


@pytest.fixture(autouse=True)
def _running(fragile: Fragile) -> Iterator[None]:
    """Whatever a test does to the server, the next one finds it running."""
    yield
    fragile.again()


class ServedClient(Client):
    """A client whose requests let go of their connections at the end, as they do in service."""

    def request(self, **request: Any) -> Any:
        close_old_connections()
        try:
            return super().request(**request)
        finally:
            close_old_connections()


def signed_in(fragile: Fragile) -> Client:
    client = ServedClient(raise_request_exception=False)
    account = fragile.cast.yasmin.account
    client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    # This server answers before it has written; what was there before a kill must be there after it.
    with psycopg.connect(fragile.server.dsn("postgres", TEMPLATE), autocommit=True) as owner:
        owner.execute("checkpoint")
    return client


def is_the_plain_page(answer: Any) -> None:
    text = answer.content.decode()
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "Team Around is away for a moment" in text
    for word in ("Traceback", "psycopg", "OperationalError", "/tmp/", "Quillon", "Okoro"):
        assert word not in text


def test_a_stopped_database_gives_the_plain_page_and_the_next_request_after_it_works(
    fragile: Fragile, caplog: pytest.LogCaptureFixture
) -> None:
    client = signed_in(fragile)
    assert client.get("/").status_code == 200
    fragile.server.stop()
    with caplog.at_level(logging.INFO):
        is_the_plain_page(client.get("/"))
        is_the_plain_page(client.post(ADD, SAM))
    assert "Quillon" not in caplog.text
    assert client.cookies["sessionid"].value
    fragile.again()
    assert client.get("/").status_code == 200


def test_a_restart_between_two_requests_is_not_noticed(fragile: Fragile) -> None:
    client = signed_in(fragile)
    assert client.get("/").status_code == 200
    fragile.again()
    assert client.get("/").status_code == 200


def test_a_visitor_meets_the_plain_page_too(fragile: Fragile) -> None:
    fragile.server.stop()
    client = ServedClient(raise_request_exception=False)
    answer = client.post("/account/login/", {"login": "yasmin@northmoor.example", "password": "wrong one"})
    is_the_plain_page(answer)
    fragile.again()
    assert client.get("/account/login/").status_code == 200


def killed_after(fragile: Fragile, real: Callable[..., Any]) -> Callable[..., Any]:
    def act(*args: Any, **kwargs: Any) -> Any:
        made = real(*args, **kwargs)
        fragile.kill()
        return made

    return act


def test_a_database_killed_in_the_middle_of_a_request_leaves_nothing_half_done(
    fragile: Fragile, monkeypatch: pytest.MonkeyPatch
) -> None:
    from teamaround.desk.views import search

    client = signed_in(fragile)
    looks = fragile.count("access_look")
    with monkeypatch.context() as patched:
        patched.setattr(search, "add_person", killed_after(fragile, search.add_person))
        is_the_plain_page(client.post(ADD, SAM))
    fragile.again()
    assert (fragile.count("person"), fragile.count("person_name"), fragile.count("subject")) == (0, 0, 0)
    assert fragile.count("access_look") == looks
    answer = client.post(ADD, SAM)
    assert answer.url.startswith("/people/")
    assert client.get(answer.url).status_code == 200
    assert fragile.count("person") == 1


def test_a_database_killed_as_the_session_is_saved_gives_the_plain_page(
    fragile: Fragile, monkeypatch: pytest.MonkeyPatch
) -> None:
    from teamaround.access import middleware

    client = signed_in(fragile)
    real = middleware.ActorMiddleware.__call__
    with monkeypatch.context() as patched:
        patched.setattr(middleware.ActorMiddleware, "__call__", killed_after(fragile, real))
        is_the_plain_page(client.get("/"))
    fragile.again()
    assert client.get("/").status_code == 200


def test_an_exhausted_pool_gives_the_plain_page(fragile: Fragile, monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in(fragile)
    connection.close()
    pool = connection.pool  # type: ignore[attr-defined]
    held = [pool.getconn() for _ in range(pool.max_size)]
    monkeypatch.setattr(pool, "timeout", 0.2)
    try:
        is_the_plain_page(client.get("/"))
    finally:
        for each in held:
            pool.putconn(each)
    monkeypatch.undo()
    assert client.get("/").status_code == 200


def caseload(children: int) -> bytes:
    """A file of children of whom no two are alike."""
    dice = random.Random(7)

    def name(letters: int) -> str:
        return "".join(dice.choice("abdefghjlnpqrstuwxyz") for _ in range(letters)).title()

    lines = [
        f"YC{number},{name(12)},{name(9)},{number % 28 + 1:02}/{number % 12 + 1:02}/{2008 + number % 9},"
        f"SK{number % 9 + 1} {number % 8 + 1}{name(2).upper()}"
        for number in range(children)
    ]
    return "\n".join(["Ref,Surname,Forename,DOB,Postcode", *lines]).encode()


TABLES = ("person", "person_name", "person_address", "involvement", "import_made", "search_feature")


@pytest.mark.long
@pytest.mark.parametrize("killed", ["the check", "the bringing in", "the withdrawal"])
def test_a_database_killed_in_the_middle_of_an_import_leaves_nothing_half_done_and_nothing_doubled(
    fragile: Fragile, monkeypatch: pytest.MonkeyPatch, killed: str
) -> None:
    cast, yasmin = fragile.cast, fragile.cast.yasmin

    def job(run: int) -> None:
        close_old_connections()
        try:
            jobs.go_on(run=run)
        finally:
            close_old_connections()

    def state(run: int) -> str:
        close_old_connections()
        with cast.as_(yasmin):
            return ImportRun.objects.get(pk=run).state

    def confirm(run: int) -> None:
        with cast.as_(yasmin) as me:
            assert imports.confirm(by=me, run=ImportRun.objects.get(pk=run))

    def withdraw(run: int) -> None:
        with cast.as_(yasmin) as me:
            found = ImportRun.objects.get(pk=run)
            plan = withdrawing.plan_of(found).digest
            assert imports.withdraw(by=me, run=found, reason="The wrong file", plan=plan)

    def killed_now(*_told: Any) -> None:
        fragile.kill()

    # A worker is a process of its own: it begins with no connection that an earlier restart broke.
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]
    empty = [fragile.count(table) for table in TABLES]
    with cast.as_(yasmin) as me:
        run = imports.upload(by=me, team=yasmin.team.pk, filename="c.csv", content=caseload(40)).pk
        row = ImportRun.objects.get(pk=run)
        fields = {column.position: column.field for column in row.columns.all()}
        imports.set_columns(by=me, run=row, version=row.version, fields=fields, role="registered")
    steps = {"the check": lambda _run: None, "the bringing in": confirm, "the withdrawal": withdraw}
    for name, ask in steps.items():
        ask(run)
        if name == killed:
            break
        job(run)
    with psycopg.connect(fragile.server.dsn("postgres", TEMPLATE), autocommit=True) as owner:
        owner.execute("checkpoint")
    before = [fragile.count(table) for table in TABLES]
    waited = state(run)

    with monkeypatch.context() as patched, pytest.raises(OperationalError):
        patched.setattr(jobs._Told, "__call__", killed_now)
        job(run)
    connections.close_all()
    fragile.again()
    assert [fragile.count(table) for table in TABLES] == before
    # Whether the last thing written before the kill was kept is the disk's matter; either leads on.
    assert state(run) in {waited, RunState.RUNNING}

    # The queue hands the job out once more, or nobody does and its owner asks again after three minutes.
    job(run)
    if state(run) == RunState.RUNNING:
        with psycopg.connect(fragile.server.dsn("postgres", TEMPLATE), autocommit=True) as owner:
            owner.execute(
                "update import_progress set at = at - interval '4 minutes' where run_id = %s", [run]
            )
        client = signed_in(fragile)
        with cast.as_(yasmin):
            address = f"/caseload/{ImportRun.objects.get(pk=run).uuid}"
        assert "Nothing was changed" in client.get(f"{address}/").content.decode()
        assert client.post(f"{address}/again/").status_code == 302
        job(run)
    if state(run) == RunState.CHECKED:
        confirm(run)
        job(run)
    assert state(run) == (RunState.WITHDRAWN if killed == "the withdrawal" else RunState.DONE)
    job(run)
    added = [now - then for now, then in zip(map(fragile.count, TABLES), empty, strict=True)]
    assert added[:4] == [40, 40, 40, 40]
    assert added[5] == 40

    if killed != "the withdrawal":
        withdraw(run)
        job(run)
    with psycopg.connect(fragile.server.dsn("postgres", TEMPLATE)) as owner:
        voided = owner.execute(
            "select count(*) from person p join import_made m on m.row = p.subject_id and m.kind = 'person' "
            "where m.run_id = %s and p.voided_at is not null",
            [run],
        ).fetchone()
    assert voided == (40,)
