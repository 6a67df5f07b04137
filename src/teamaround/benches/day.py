"""Who opens My day in the bench: a worker who has a hundred families, and a manager over thirty workers."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

import psycopg

from .world import GIVEN, SURNAMES, number_on

FAMILIES = 100
ALLOCATED = 300
UNALLOCATED = 10
WAITING = 15


@dataclass(frozen=True, slots=True)
class Accounts:
    """Whose page it is."""

    worker: int
    manager: int


def build(superuser: str) -> Accounts:
    """Add the two teams to an area of `world.build`: the same at every size. Triggers are set aside, as there.

    The manager's thirty workers have ten families each; ten open cases have no worker, fifteen wait for an answer.
    """
    with psycopg.connect(superuser) as connection:
        accounts = fill(connection)
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute("vacuum analyze")
    return accounts


def fill(connection: psycopg.Connection) -> Accounts:
    """The two teams themselves, in the connection's transaction."""
    connection.execute("set session_replication_role = replica")
    found = connection.execute(
        "select (select max(id) from principal), (select max(id) from account), (select max(id) from subject),"
        " (select count(*) from team)"
    ).fetchone()
    assert found is not None
    principal, account, subject, teams = found
    numbers = {
        "team": principal + 1,
        "worker": principal + 3,
        "account": account + 1,
        "subject": subject + 1,
        "teams": teams,
        "hundred": FAMILIES,
        "allocated": FAMILIES + ALLOCATED,
        "waiting": FAMILIES + ALLOCATED + UNALLOCATED,
        "cases": FAMILIES + ALLOCATED + UNALLOCATED + WAITING,
        "given": ",".join(f"'{name}'" for name in GIVEN),
        "given_count": len(GIVEN),
        "surnames": ",".join(f"'{name}'" for name in SURNAMES),
        "surname_count": len(SURNAMES),
    }
    statements = (files("teamaround.benches") / "day.sql").read_text("utf-8")
    for statement in statements.split(";\n"):
        connection.execute(statement.format(**numbers).encode())
    number_on(connection)
    return Accounts(worker=account + 1, manager=account + 2)
