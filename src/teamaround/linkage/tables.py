"""Features as tables of DuckDB, with the frequencies of names beside them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from teamaround.linkage.features import COLUMNS, Features

if TYPE_CHECKING:
    from teamaround.linkage.model import Model

_TYPES = {"text": pa.string(), "text[]": pa.list_(pa.string()), "boolean": pa.bool_()}


def connect() -> duckdb.DuckDBPyConnection:
    """A database in memory. What outgrows the memory goes to the system's folder for such things, not where the
    command happens to run, and is bounded: a mistaken rule must not fill the disk."""
    return duckdb.connect(
        ":memory:",
        config={
            "threads": min(8, os.cpu_count() or 1),
            "temp_directory": os.path.join(tempfile.gettempdir(), f"teamaround-linkage-{os.getpid()}"),
            "max_temp_directory_size": "20GB",
        },
    )


def table(rows: Sequence[Features], model: Model | None, *, first: int = 0) -> pa.Table:
    """One row a record: `unique_id` counted from `first`, the features, and the frequencies of its names."""
    columns: dict[str, pa.Array] = {"unique_id": pa.array(range(first, first + len(rows)), pa.int64())}
    for name, kind in COLUMNS.items():
        columns[name] = pa.array([getattr(row, name) for row in rows], _TYPES[kind])
    if model is not None:
        for name in ("given", "family"):
            columns[f"tf_{name}"] = pa.array(
                [model.frequency(name, getattr(row, name)) for row in rows], pa.float64()
            )
    return pa.table(columns)


def put(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    rows: Sequence[Features],
    model: Model | None,
    *,
    first: int = 0,
) -> None:
    """A table of the database; in parts, so that the memory of Python and of DuckDB is not held at once."""
    step = 200_000
    for start in range(0, max(1, len(rows)), step):
        part = table(rows[start : start + step], model, first=first + start)
        connection.register("part", part)
        if start == 0:
            connection.execute(f"create or replace table {name} as select * from part")
        else:
            connection.execute(f"insert into {name} select * from part")
        connection.unregister("part")


def fetch(connection: duckdb.DuckDBPyConnection, sql: str) -> Iterable[tuple[object, ...]]:
    """All rows of a query. `fetchone` would leave some versions' connection busy for the next statement."""
    return connection.execute(sql).fetchall()
