"""A log of a million rows is checked as a whole, and one changed byte in it is found."""

from __future__ import annotations

import random
from typing import Any

import psycopg
import pytest
from django.db import connections

from teamaround.access.chain import verify
from teamaround.benches import log

pytestmark = pytest.mark.long


def test_one_changed_byte_among_a_million_rows_is_found(
    live: Any, server_report: dict[str, str], record_property: Any
) -> None:
    name = connections.settings["default"]["NAME"]
    auditor = server_report["auditor"].replace("DATABASE", name)
    report = log.run("M", auditor=auditor)
    record_property("check_seconds", report.figures["check_seconds"])
    seed = random.randrange(10**6)
    chosen = random.Random(seed)
    with psycopg.connect(server_report["postgres"].replace("DATABASE", name), autocommit=True) as superuser:
        for table, column in (("access_look", "page"), ("access_look_line", "categories[2]")):
            seal = chosen.randint(1, int(report.figures["seals"]))
            (row,) = superuser.execute(
                psycopg.sql.SQL("select id from {} where seal = %s order by id limit 1 offset %s").format(
                    psycopg.sql.Identifier(table)
                ),
                [seal, chosen.randrange(log.BATCH // 2)],
            ).fetchone() or (None,)
            for change in (
                "overlay({0} placing 'X' from 3 for 1)",
                "overlay({0} placing '{1}' from 3 for 1)",
            ):
                letter = "s" if table == "access_look" else "d"
                superuser.execute(
                    f"update {table} set {column} = {change.format(column, letter)} where id = %s", [row]
                )
                found = verify(auditor)
                if "'X'" in change:
                    assert [(each.kind, each.seal) for each in found.breaks] == [("changed_row", seal)], seed
                else:
                    assert found.whole, seed
