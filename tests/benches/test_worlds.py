"""The made-up areas of the benches fit the tables as they are now: a new column that needs a value is missed here first."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from harness.server import copy_database
from teamaround.benches import access, clocks, coverage, day, world

VERSION = "insert into procedure_version (slug, number, text) values ('bench', 1, '') returning id"


@pytest.fixture(scope="module")
def own(server_report: dict[str, str]) -> str:
    """The superuser's address of a migrated database of these tests' own: the numbers of its rows begin anew."""
    name = f"benches_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    copy_database(server_report, name, Path(os.environ["TEAMAROUND_TEST_RUN"]))
    return server_report["postgres"].replace("DATABASE", name)


@pytest.fixture
def area(own: str) -> Iterator[psycopg.Connection]:
    """A transaction that comes to nothing."""
    with psycopg.connect(own) as connection:
        connection.execute("set session_replication_role = replica")
        yield connection
        connection.rollback()


def count(area: psycopg.Connection, rows: str) -> int:
    found = area.execute(f"select count(*) from {rows}".encode()).fetchone()
    assert found is not None
    return int(found[0])


def test_the_area_my_days_teams_and_the_planning_numbers_are_filled(area: psycopg.Connection) -> None:
    area.execute(VERSION)
    world.fill(area, 2 * world.CHILDREN_A_TEAM)
    assert (count(area, "team"), count(area, "person")) == (2, 200)
    assert count(area, "search_feature") == 200
    accounts = day.fill(area)
    assert count(area, f"account where id in ({accounts.worker}, {accounts.manager})") == 2
    cases = day.FAMILIES + day.ALLOCATED + day.UNALLOCATED + day.WAITING
    assert count(area, "episode e join team t on t.id = e.author_team_id where t.slug like 'day-%'") == cases
    coverage.fill(area)
    assert count(area, "planning_figure") == count(area, "planning_place")


def test_the_area_whose_cost_is_its_grants_is_filled(area: psycopg.Connection) -> None:
    access.fill(area, access.TEAMS)
    assert count(area, "person") == access.TEAMS
    assert count(area, "access_grant where basis_kind = 'consent'") == 6 * access.TEAMS


def test_the_cases_of_the_running_clocks_are_filled(area: psycopg.Connection) -> None:
    (version,) = area.execute(VERSION).fetchone() or (0,)
    clocks.fill(area, version, 4)
    assert count(area, "episode") == 4
