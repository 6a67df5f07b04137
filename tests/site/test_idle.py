"""A session ends after half an hour without use, and goes on while it is used."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext

from teamaround.site import idle


def end_of(client: Any) -> Any:
    return Session.objects.get(session_key=client.session.session_key).expire_date


def test_use_moves_the_end_of_a_session_on(cast: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client = cast.yasmin.client()
    monkeypatch.setattr(idle.time, "time", lambda: 60_000.0)
    client.get("/cases/")
    Session.objects.filter(session_key=client.session.session_key).update(expire_date="2030-01-01T00:00:00Z")
    before = end_of(client)
    client.get("/cases/")
    assert end_of(client) == before
    monkeypatch.setattr(idle.time, "time", lambda: 60_061.0)
    client.get("/cases/")
    assert end_of(client) < before


def test_within_one_minute_the_session_is_not_written_again(
    cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = cast.yasmin.client()
    monkeypatch.setattr(idle.time, "time", lambda: 60_000.0)
    client.get("/cases/")
    with CaptureQueriesContext(connection) as queries:
        client.get("/cases/")
    assert not any("UPDATE" in query["sql"] for query in queries.captured_queries)


def test_an_ended_session_leads_to_sign_in(cast: Any) -> None:
    client = cast.yasmin.client()
    Session.objects.filter(session_key=client.session.session_key).update(expire_date="2020-01-01T00:00:00Z")
    assert client.get("/cases/").status_code == 302
