"""The system check finds a table outside the policies, and nothing in the product's own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from harness.live import live_database
from teamaround.access.checks import tables_under_policies


@pytest.fixture
def superuser(server_report: dict[str, str], django_db_blocker: Any) -> Iterator[psycopg.Connection]:
    name = f"checked_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    address = server_report["postgres"].replace("DATABASE", name)
    with (
        django_db_blocker.unblock(),
        live_database(server_report, name),
        psycopg.connect(address, autocommit=True) as made,
    ):
        yield made


def test_everything_stands_under_its_policies(superuser: psycopg.Connection) -> None:
    assert tables_under_policies(databases=["default"]) == []
    assert tables_under_policies(databases=None) == []


def test_a_model_with_a_subject_and_no_policy_is_found(superuser: psycopg.Connection) -> None:
    superuser.execute("alter table person_need disable row level security")
    found = tables_under_policies(databases=["default"])
    assert {message.id for message in found} == {"access.E001", "access.E002"}
    assert getattr(found[0].obj, "__name__", "") == "Need"


def test_a_new_table_with_neither_policy_nor_reason_is_found(superuser: psycopg.Connection) -> None:
    superuser.execute("create table forgotten (id int)")
    (found,) = tables_under_policies(databases=["default"])
    assert found.id == "access.E002"
    assert "forgotten" in found.msg
