"""Requests of many kinds at once over threads and a pool; and the check finds a row that is another's."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from harness.live import live_database
from teamaround.agencies.models import Account
from teamaround.checks.mixing import MANNERS, ask, build
from teamaround.database.actor import Actor
from teamaround.database.backend import base


@pytest.fixture(scope="module", autouse=True)
def six_teams(server_report: dict[str, str], django_db_blocker: Any) -> Iterator[None]:
    name = f"mixing_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    with django_db_blocker.unblock(), live_database(server_report, name):
        build(server_report["postgres"].replace("DATABASE", name))
        yield


def test_nobody_sees_a_row_of_another_team_in_any_manner_of_request() -> None:
    outcome = ask(420, seed=1)
    assert outcome.wrong == []
    assert outcome.requests == 420
    assert set(outcome.manners) == set(MANNERS)


def test_a_stamp_that_names_somebody_else_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    first = Actor("practitioner", 7, (7, 1), 1)
    monkeypatch.setattr(base, "current_actor", lambda: first)
    outcome = ask(40, seed=2)
    assert outcome.foreign_rows > 0


@pytest.mark.long
def test_nobody_sees_a_row_of_another_team_in_a_hundred_thousand_requests() -> None:
    assert Account.objects.count() == 6
    outcome = ask(100_000, seed=3)
    assert outcome.wrong == []
