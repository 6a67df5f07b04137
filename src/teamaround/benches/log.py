"""What the access log's seals cost: sealing a batch against writing it, checking the chain against reading it.

`insert`: the batch written as the application writes it, half looks and half lines. `read`: every column of
every row fetched and dropped, looks and lines as the check reads them.
"""

from __future__ import annotations

import statistics
import time

import psycopg
from django.db import connection, transaction

from teamaround.access.chain import verify
from teamaround.database.actor import Actor, acting_as

from .measure import backend_cpu_ms
from .report import Report, Row

SIZES = {"S": 100_000, "M": 1_000_000, "L": 10_000_000}
BATCH = 10_000
LOOKS = """
insert into access_look (id, account_id, principal, page, act, reason, outcome)
select gen_random_uuid(), null, app.actor(), 'desk:person', 'view', 'Family asked for help', 'shown'
from generate_series(1, %s)"""
LINES = """
insert into access_look_line (look, subject_id, categories)
select gen_random_uuid(), n, '{identity,index,plan}' from generate_series(1, %s) as n"""


def run(size: str, *, auditor: str) -> Report:
    """Fill an empty log to `size`, sealing batch by batch, then check it. Raises ValueError if it is not whole."""
    rows = SIZES[size]
    service = Actor(kind="service")
    inserted: list[float] = []
    sealed: list[float] = []
    for _ in range(rows // BATCH):
        inserted.append(_cost(service, (LOOKS, LINES)))
        sealed.append(_cost(service, ("select app.seal_log()",)))
    began = time.perf_counter()
    found = verify(auditor)
    verified = time.perf_counter() - began
    if not found.whole or found.looks + found.lines != rows:
        raise ValueError("the log that was just written is not whole")
    read = _read(auditor)
    control = statistics.median(inserted)
    return Report(
        name="log",
        size=size,
        controls={
            "insert": {"cpu_ms_median": control, "cpu_ms_p95": _p95(inserted), "rows": BATCH},
            "read": {"cpu_ms_median": read * 1000, "cpu_ms_p95": read * 1000, "rows": rows},
        },
        rows=[
            Row("seal", statistics.median(sealed), _p95(sealed), 1, 0, statistics.median(sealed) / control),
            Row("check_log", verified * 1000, verified * 1000, 6, 0, verified / read),
        ],
        figures={
            "rows": rows,
            "seals": found.seals,
            "seal_microseconds_a_row": statistics.median(sealed) * 1000 / BATCH,
            "check_seconds": verified,
        },
    )


def _p95(values: list[float]) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(len(ordered) * 0.95))]


def _cost(actor: Actor, statements: tuple[str, ...]) -> float:
    """CPU milliseconds of the database for these statements in one transaction of the application's role."""
    with acting_as(actor), transaction.atomic(), connection.cursor() as cursor:
        before = backend_cpu_ms()
        for statement in statements:
            cursor.execute(statement, [BATCH // 2] if "%s" in statement else None)
        return backend_cpu_ms() - before


def _read(auditor: str) -> float:
    """Seconds to fetch every column of every row."""
    began = time.perf_counter()
    with psycopg.connect(auditor) as reader:
        for table in ("access_look", "access_look_line"):
            with reader.cursor("rows") as rows:
                rows.itersize = 5000
                rows.execute(
                    psycopg.sql.SQL("select * from {} order by seal, at, id").format(
                        psycopg.sql.Identifier(table)
                    )
                )
                for _row in rows:
                    pass
    return time.perf_counter() - began
