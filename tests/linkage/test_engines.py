"""One model, four engines: Python, the SQL on DuckDB, Splink on DuckDB and the SQL on PostgreSQL score alike."""

from __future__ import annotations

import random
from collections.abc import Iterator
from math import isclose

import psycopg
import pytest
from psycopg import sql

from linkage.making import DATES, FAMILIES, GIVENS, NUMBERS, POSTCODES, PUPILS
from teamaround.linkage import COLUMNS, COMPARISONS, Features, Record, features_of, gammas, shipped
from teamaround.linkage.batch import score
from teamaround.linkage.conditions import table_sides
from teamaround.linkage.made_up import area
from teamaround.linkage.sql import columns_sql, gammas_sql, scored_sql
from teamaround.linkage.tables import connect, put

MODEL = shipped()
#: Engines may differ by so much in a weight.
WITHIN = 1e-6


def some_records() -> list[Features]:
    """Sixty of a made-up area, twins and siblings among them, and sixty odd ones."""
    draw = random.Random(3)
    made = area(index=60, caseload=40, seed=5, harsher=3.0)
    odd = [
        Record(
            given=draw.choice(GIVENS),
            middle=draw.choice(("", "M", "Marie", "Robert")),
            family=draw.choice(FAMILIES),
            born=draw.choice(DATES),
            precision=draw.choice(("day", "month", "year")),
            sex=draw.choice(("F", "M", "")),
            postcodes=draw.choice(POSTCODES),
            nhs=draw.choice(NUMBERS),
            upn=draw.choice(PUPILS),
        )
        for _ in range(60)
    ]
    records = [one.record for one in (*made.index, *made.caseload)]
    return [features_of(record) for record in (*records, *odd)]


RECORDS = some_records()
PAIRS = [(left, right) for left in range(len(RECORDS)) for right in range(left + 1, len(RECORDS))]


@pytest.fixture(scope="module")
def postgres(server_report: dict[str, str]) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A scratch database on the run's server, with the features of the records in it."""
    name = "linkage_engines"
    address = server_report["postgres"]
    with psycopg.connect(address.replace("DATABASE", "postgres"), autocommit=True) as server:
        server.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
        server.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        with psycopg.connect(address.replace("DATABASE", name), autocommit=True) as connection:
            connection.execute("create extension fuzzystrmatch")
            connection.execute(f"create table records (unique_id bigint, {columns_sql()})")
            with connection.cursor().copy("copy records from stdin") as copy:
                for place, row in enumerate(RECORDS):
                    values = [getattr(row, column) for column in COLUMNS]
                    copy.write_row(
                        [
                            place,
                            *(list(value) if isinstance(value, tuple) else value for value in values),
                            MODEL.frequency("given", row.given),
                            MODEL.frequency("family", row.family),
                        ]
                    )
            yield connection
        server.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


ALL_PAIRS = "records l join records r on l.unique_id < r.unique_id"
QUERY = scored_sql(
    MODEL, "postgres", ALL_PAIRS, keys=("l.unique_id as one", "r.unique_id as other"), population=50_000
)


def test_postgresql_finds_the_levels_that_python_finds(
    postgres: psycopg.Connection[tuple[object, ...]],
) -> None:
    query = f"select l.unique_id, r.unique_id, {gammas_sql(table_sides('postgres'))} from {ALL_PAIRS}"
    found = {(row[0], row[1]): tuple(row[2:]) for row in postgres.execute(query).fetchall()}
    assert found == {pair: gammas(RECORDS[pair[0]], RECORDS[pair[1]]) for pair in PAIRS}


def test_postgresql_gives_the_weight_that_python_gives(
    postgres: psycopg.Connection[tuple[object, ...]],
) -> None:
    rows = postgres.execute(QUERY).fetchall()
    assert len(rows) == len(PAIRS)
    for one, other, two_class, _, _, weight in rows:
        found = MODEL.score(RECORDS[int(str(one))], RECORDS[int(str(other))], population=50_000)
        assert isclose(float(str(two_class)), found.two_class, abs_tol=WITHIN)
        assert isclose(float(str(weight)), found.weight, abs_tol=WITHIN)


def test_duckdb_gives_the_levels_and_the_weight_that_python_gives() -> None:
    connection = connect()
    put(connection, "records", RECORDS, MODEL)
    query = f"select l.unique_id, r.unique_id, {gammas_sql(table_sides('duckdb'))} from {ALL_PAIRS}"
    found = {(row[0], row[1]): tuple(row[2:]) for row in connection.execute(query).fetchall()}
    assert found == {pair: gammas(RECORDS[pair[0]], RECORDS[pair[1]]) for pair in PAIRS}
    query = scored_sql(
        MODEL, "duckdb", ALL_PAIRS, keys=("l.unique_id as one", "r.unique_id as other"), population=50_000
    )
    for one, other, *_, weight in connection.execute(query).fetchall():
        assert isclose(
            weight, MODEL.score(RECORDS[one], RECORDS[other], population=50_000).weight, abs_tol=WITHIN
        )


@pytest.mark.parametrize("files", [1, 2])
def test_splink_gives_the_weight_that_python_gives_whether_files_are_one_or_two(files: int) -> None:
    halves = [RECORDS] if files == 1 else [RECORDS[:80], RECORDS[80:]]
    pairs = score(halves, MODEL, population=50_000, least=-1_000.0)
    assert len(pairs) > 200
    for pair in pairs:
        found = MODEL.score(RECORDS[pair.left], RECORDS[pair.right], population=50_000)
        assert isclose(pair.two_class, found.two_class, abs_tol=WITHIN)
        assert isclose(pair.weight, found.weight, abs_tol=WITHIN)
        assert isclose(pair.family, found.family, abs_tol=WITHIN)


def test_the_levels_met_here_are_nearly_all_there_are() -> None:
    met = {
        (comparison.name, number)
        for one, other in PAIRS
        for comparison, number in zip(COMPARISONS, gammas(RECORDS[one], RECORDS[other]), strict=True)
    }
    assert len(met) >= 0.95 * sum(len(comparison.levels) + 1 for comparison in COMPARISONS)
