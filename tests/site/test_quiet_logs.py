"""Logs, e-mails and error pages hold nothing that people typed."""

from __future__ import annotations

import http.client
import io
import logging
import os
import re
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from teamaround.desk.views import people, search
from teamaround.notices.models import Message
from teamaround.people.models import Person
from teamaround.procedures.models import Episode
from teamaround.procedures.versions import install_shipped, reset_cache
from teamaround.referrals.models import Referral
from teamaround.site.logs import QuietFormatter
from teamaround.site.weblog import QuietLogger

GIVEN, FAMILY, POSTCODE, NHS = "Quillon", "Featherstonehaugh", "ZE2 9XX", "943 476 5919"
EMAIL = "quillon.f@family.example"
TYPED = (
    GIVEN,
    FAMILY,
    POSTCODE,
    "ZE29XX",
    NHS,
    "9434765919",
    EMAIL,
    "2013-04-17",
    "17/04/2013",
    "17 April 2013",
)
PERSON = {
    "given": GIVEN,
    "family_name": FAMILY,
    "date_of_birth_day": "17",
    "date_of_birth_month": "4",
    "date_of_birth_year": "2013",
    "sex": "M",
    "postcode": POSTCODE,
    "nhs_number": NHS,
}


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Everything that any logger says, in the form in which the service writes it."""
    words = io.StringIO()
    handler = logging.StreamHandler(words)
    handler.setFormatter(QuietFormatter("%(levelname)s %(name)s %(message)s"))
    handler.setLevel(logging.INFO)
    root = logging.getLogger()
    root.addHandler(handler)
    yield words
    root.removeHandler(handler)


@pytest.fixture
def client(cast: Any) -> Iterator[Client]:
    reset_cache()
    install_shipped()
    found: Client = cast.yasmin.client()
    found.raise_request_exception = False
    yield found
    reset_cache()


def holds_nothing_typed(text: str) -> None:
    assert [typed for typed in TYPED if typed.lower() in text.lower()] == []


def breaks(*_args: Any, **_more: Any) -> None:
    raise ValueError(f"{GIVEN} {FAMILY}, born 17/04/2013, {NHS}, {POSTCODE}, {EMAIL}")


def test_a_view_that_breaks_tells_neither_the_log_nor_the_page_what_it_had_in_hand(
    client: Client, written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "add_person", breaks)
    answer = client.post("/people/add/", PERSON)
    assert answer.status_code == 500
    page = answer.content.decode()
    assert "something went wrong" in page
    holds_nothing_typed(page)
    assert "ValueError" not in page
    assert "Traceback" not in page
    assert "builtins.ValueError" in written.getvalue()
    assert "search.py" in written.getvalue()
    holds_nothing_typed(written.getvalue())


def test_a_statement_that_the_database_refuses_is_not_quoted_in_the_log(
    cast: Any, client: Client, written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def twice(**given: Any) -> Any:
        return Person.objects.create(
            subject_id=-1, author_team_id=given["team"], given=GIVEN, family_name=FAMILY
        )

    monkeypatch.setattr(search, "add_person", twice)
    answer = client.post("/people/add/", PERSON)
    assert answer.status_code == 500
    holds_nothing_typed(answer.content.decode())
    holds_nothing_typed(written.getvalue())


def test_forms_searches_files_and_missing_pages_leave_no_name_in_the_log(
    cast: Any, client: Client, written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [
        client.post("/people/add/", {**PERSON, "nhs_number": "943 476 5918"}),
        client.post("/people/add/", PERSON),
        client.post("/search/", {"name": f"{GIVEN} {FAMILY}", "postcode": POSTCODE, "reason": GIVEN}),
        client.post("/search/live/", {"q": f"{GIVEN} {FAMILY} {POSTCODE}", "reason": GIVEN}),
        client.get("/search/"),
        client.get(f"/cases/?before={GIVEN}"),
        client.get(f"/nowhere/?name={GIVEN}"),
        client.post(f"/people/{uuid.uuid4()}/involve/", {"name": GIVEN}),
        client.post("/account/login/", {"login": EMAIL, "password": GIVEN}),
        Client().post("/account/login/", {"login": EMAIL, "password": GIVEN}),
        Client().post("/account/password/reset/", {"email": EMAIL}),
        client.post("/drafts/plan/new/", {"words": f"{GIVEN} {NHS}"}),
        client.post("/referrals/new/", {"given": GIVEN, "worries": NHS}),
        client.get("/people/add/", {"name": GIVEN}, headers={"host": "elsewhere.example"}),
    ]
    for name, content in (
        ("list.csv", f"Name,DoB\n{GIVEN} {FAMILY},31/02/2013\n".encode()),
        ("list.xlsx", f"{GIVEN} {FAMILY}".encode()),
        (f"{GIVEN} {FAMILY}.pdf", b"%PDF-1.4"),
        ("empty.csv", b""),
    ):
        upload = {"team": cast.yasmin.team.pk, "file": SimpleUploadedFile(name, content)}
        answers.append(client.post("/caseload/", upload))
    monkeypatch.setattr(people, "load_person_page", breaks)
    with cast.as_(cast.yasmin):
        key = Person.objects.get(given=GIVEN).uuid
    answers.append(client.get(f"/people/{key}/"))
    assert answers[-1].status_code == 500
    assert [answer.status_code for answer in answers[:-1] if answer.status_code >= 500] == []
    holds_nothing_typed(written.getvalue())
    for answer in answers:
        holds_nothing_typed(answer.headers.get("Location", ""))


def test_the_e_mails_of_a_referral_name_nobody_it_is_about(cast: Any, client: Client) -> None:
    typed = {
        **PERSON,
        "form_token": str(uuid.uuid4()),
        "receiving_team": "young-carers",
        "arrival": "written",
        "priority": "standard",
        "cares": "yes",
        "cares_for": f"{FAMILY}",
        "worries": f"{GIVEN} is late most days.",
        "agreement": "agree",
    }
    answer = cast.tom.client().post("/referrals/new/", typed)
    assert answer.status_code == 302, re.findall(r'href="#[^"]*">([^<]+)', answer.content.decode())
    here = answer.url
    with cast.as_(cast.morgan):
        referral = Referral.objects.get()
        version = Episode.objects.get(pk=referral.episode_id).version
    cast.morgan.client().post(
        f"{here}decide/", {"decision": "decline", "version": version, "reason": f"{GIVEN} is known to us"}
    )
    messages = list(Message.objects.all())
    assert messages
    for message in messages:
        holds_nothing_typed(f"{message.subject_line} {message.body}")


class Outlet(logging.Handler):
    """Keeps what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


def test_the_web_server_keeps_an_exceptions_type_and_not_its_words() -> None:
    from gunicorn.config import Config

    logger = QuietLogger(Config())
    outlet = Outlet()
    logger.error_log.addHandler(outlet)
    try:
        breaks()
    except ValueError:
        logger.exception("Error handling request %s", f"/search/?name={GIVEN}")
    logger.error_log.removeHandler(outlet)
    assert "builtins.ValueError" in outlet.lines[0]
    assert "/search/" in outlet.lines[0]
    holds_nothing_typed(outlet.lines[0])


def test_the_access_log_of_the_web_server_has_no_query_string_and_nothing_posted(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", "python:teamaround.site.gunicorn_conf",
             "--bind", f"127.0.0.1:{port}", "teamaround.site.wsgi:application"],
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "teamaround.site.settings",
                 "DATABASE_URL": "postgresql://app_rw:x@/nothing?host=/nowhere"},
            stdout=log,
            stderr=log,
        )  # fmt: skip
    try:
        body = f"login={EMAIL}&password={GIVEN}"
        header = {"Content-Type": "application/x-www-form-urlencoded", "Referer": f"http://x/?name={GIVEN}"}
        asked(port, "GET", f"/static/nothing.css?name={GIVEN}&nhs=9434765919", None, {})
        # At once: each waits its five seconds for a database that is not there.
        with ThreadPoolExecutor() as both:
            sent = (
                ("POST", f"/account/login/?next=/{FAMILY}", body, {**header, "User-Agent": GIVEN}),
                ("GET", f"/help/?email={EMAIL}", None, {"Cookie": f"sessionid={GIVEN}"}),
            )
            statuses = list(both.map(lambda each: asked(port, *each), sent))
    finally:
        server.terminate()
        server.wait(30)
    text = (tmp_path / "log").read_text()
    assert statuses[1] == 503
    assert re.search(r"GET /help/ 503", text), text
    holds_nothing_typed(text)


def asked(port: int, method: str, path: str, body: str | None, headers: dict[str, str]) -> int:
    """The status of one request; waits until the server listens."""
    until = time.monotonic() + 60
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.request(method, path, body, headers)
            return connection.getresponse().status
        except ConnectionRefusedError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
        finally:
            connection.close()
