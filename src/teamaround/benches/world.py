"""An area of any size, made by set-based SQL in seconds. Everybody in it is made up.

A team's caseload is the same at every size (100 children, 60 open cases, 5 workers): more children mean more
teams. That is how a county is larger than a borough.
"""

from __future__ import annotations

from importlib.resources import files

import psycopg
from psycopg import sql

from .ready import ready_for_search

SIZES = {"S": 2_000, "M": 100_000}
CHILDREN_A_TEAM = 100

GIVEN = [
    "Amara",
    "Ben",
    "Chidi",
    "Dana",
    "Esme",
    "Farid",
    "Grace",
    "Hana",
    "Idris",
    "Jaya",
    "Kofi",
    "Leila",
    "Mina",
    "Noor",
    "Omar",
    "Poppy",
    "Quinn",
    "Ravi",
    "Sana",
    "Tariq",
    "Una",
    "Viktor",
    "Wren",
    "Xenia",
    "Yusuf",
    "Zofia",
]
SURNAMES = [
    "Abara",
    "Brook",
    "Castell",
    "Dunmore",
    "Eastham",
    "Farrow",
    "Gill",
    "Haddon",
    "Ives",
    "Jarrow",
    "Kestle",
    "Lomax",
    "Marsh",
    "Nairn",
    "Orme",
    "Pell",
    "Quayle",
    "Rowan",
    "Selby",
    "Tarrant",
    "Upton",
    "Vane",
    "Wexley",
    "Yardley",
    "Zeller",
]


def build(superuser: str, size: str) -> int:
    """Fill the migrated database at `superuser`; returns the number of children. Triggers are set aside.

    What triggers would derive is written by the same statements, so that the world is as in service.
    """
    children = SIZES[size]
    with psycopg.connect(superuser) as connection:
        fill(connection, children)
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute("vacuum analyze")
    return children


def fill(connection: psycopg.Connection, children: int) -> None:
    """The area itself, in the connection's transaction: at least two teams' children."""
    teams = children // CHILDREN_A_TEAM
    numbers = {
        "children": children,
        "teams": teams,
        "workers": teams * 5,
        "caseload": CHILDREN_A_TEAM,
        "given": ",".join(f"'{name}'" for name in GIVEN),
        "given_count": len(GIVEN),
        "surnames": ",".join(f"'{name}'" for name in SURNAMES),
        "surname_count": len(SURNAMES),
    }
    connection.execute("set session_replication_role = replica")
    statements = (files("teamaround.benches") / "world.sql").read_text("utf-8")
    for statement in statements.split(";\n"):
        connection.execute(statement.format(**numbers).encode())
    ready_for_search(connection, children)
    number_on(connection)


def number_on(connection: psycopg.Connection) -> None:
    """Let the tables that were filled with numbers of one's own go on after them."""
    for table in ("principal", "account", "agency", "subject", "episode"):
        connection.execute(
            sql.SQL(
                "select setval(pg_get_serial_sequence({name}, 'id'), (select max(id) from {table}))"
            ).format(name=sql.Literal(table), table=sql.Identifier(table))
        )
