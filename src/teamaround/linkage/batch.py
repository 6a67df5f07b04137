"""Linking files: Splink blocks and scores all pairs by the stored model, then children are formed.

Splink runs on an engine: DuckDB inside this process, or Spark (`spark.py`) for what outgrows one machine.

The score is the model's own, the same as `Model.score` gives live: Splink sums prior and comparisons, and the
third explanation is one expression over the levels that Splink found.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import duckdb

from teamaround.linkage.blocking import RULES
from teamaround.linkage.clustering import Edge, Formed, form
from teamaround.linkage.comparisons import COMPARISONS
from teamaround.linkage.conditions import Dialect, table_sides
from teamaround.linkage.features import Features
from teamaround.linkage.model import FREQUENCIES, Model, combined_sql, family_chance
from teamaround.linkage.tables import connect, fetch, put

logging.getLogger("splink").setLevel(logging.ERROR)

LinkType = Literal["dedupe_only", "link_only", "link_and_dedupe"]
#: Pairs under this two-class weight are not even kept: nobody would look at one chance in a thousand.
LEAST = -10.0


class Engine(Protocol):
    """Where the records of one run are held and Splink works. The names of tables are ours, never a user's."""

    @property
    def dialect(self) -> Dialect:
        """The SQL that it speaks."""

    def put(self, name: str, rows: Sequence[Features], model: Model, *, first: int) -> None:
        """The records as a table, with the columns of `tables.table`; `unique_id` is counted from `first`."""

    def keep(self, name: str, query: str) -> None:
        """What a query finds, as a table or view of this name, in place of an earlier one."""

    def shown(self, name: str) -> str:
        """The table or view that Splink is to read for a table that `put` made."""

    def fetch(self, query: str) -> Iterable[tuple[object, ...]]:
        """The rows of a query."""

    def splink(self) -> Any:
        """Splink's own door to the engine."""


@dataclass(frozen=True)
class DuckDB:
    """The engine inside this process."""

    connection: duckdb.DuckDBPyConnection = field(default_factory=connect)
    dialect: Dialect = "duckdb"

    def put(self, name: str, rows: Sequence[Features], model: Model, *, first: int) -> None:
        """See `Engine`."""
        put(self.connection, name, rows, model, first=first)

    def keep(self, name: str, query: str) -> None:
        """See `Engine`."""
        self.connection.execute(f"create or replace table {name} as {query}")

    def shown(self, name: str) -> str:
        """See `Engine`."""
        return name

    def fetch(self, query: str) -> Iterable[tuple[object, ...]]:
        """See `Engine`."""
        return fetch(self.connection, query)

    def splink(self) -> Any:
        """See `Engine`."""
        from splink import DuckDBAPI

        return DuckDBAPI(connection=self.connection)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records, by their places counted over all files in order, the earlier left; and their weight."""

    left: int
    right: int
    weight: float
    two_class: float
    apart: float

    @property
    def family(self) -> float:
        """The probability of two children of one family, among the three explanations."""
        return family_chance(self.two_class, self.apart)


def settings(
    model: Model, link_type: LinkType, population: int | None, dialect: Dialect = "duckdb"
) -> dict[str, Any]:
    """The model as Splink's settings."""
    sides = table_sides(dialect)
    prior = model.prior(population)
    return {
        "link_type": link_type,
        "unique_id_column_name": "unique_id",
        "probability_two_random_records_match": 2.0**prior / (1.0 + 2.0**prior),
        "comparisons": [model.splink_levels(comparison, dialect) for comparison in COMPARISONS],
        "blocking_rules_to_generate_predictions": [
            {"blocking_rule": rule.sql(sides), "sql_dialect": dialect} for rule in RULES
        ],
        "retain_matching_columns": True,
        "retain_intermediate_calculation_columns": False,
    }


def score(
    files: Sequence[Sequence[Features]],
    model: Model,
    *,
    population: int | None = None,
    within: bool = True,
    least: float = LEAST,
    engine: Engine | None = None,
) -> list[Pair]:
    """All pairs that some rule finds and whose two-class weight is `least` or more, heaviest first.

    `within` also compares records of one file. `population` is as in `Model.score`; the default is the model's.
    The default engine is DuckDB.
    """
    if sum(len(rows) for rows in files) < 2 or (len(files) < 2 and not within):
        return []
    engine = engine or DuckDB()
    names, first = [], 0
    for place, rows in enumerate(files):
        names.append(f"file_{place:03d}")
        engine.put(names[-1], rows, model, first=first)
        first += len(rows)
    return _scored(engine, names, model, population=population, within=within, least=least)


def score_tables(
    connection: duckdb.DuckDBPyConnection,
    names: Sequence[str],
    model: Model,
    *,
    population: int | None = None,
    within: bool = True,
    least: float = LEAST,
) -> list[Pair]:
    """`score` over tables that the connection holds already, as `tables.put` makes them; `unique_id` counts on."""
    return _scored(DuckDB(connection), names, model, population=population, within=within, least=least)


def _scored(
    engine: Engine,
    names: Sequence[str],
    model: Model,
    *,
    population: int | None,
    within: bool,
    least: float,
) -> list[Pair]:
    from splink import Linker

    api = engine.splink()
    link_type: LinkType = "dedupe_only" if len(names) == 1 else "link_and_dedupe" if within else "link_only"
    tables = [api.register(engine.shown(name), dataset_display_name=f"d{name}") for name in names]
    linker = Linker(
        tables[0] if len(tables) == 1 else tables,
        settings(model, link_type, population, engine.dialect),
        log_level=None,
    )
    for column in FREQUENCIES:
        union = " union ".join(f"select distinct {column}, tf_{column} from {name}" for name in names)
        engine.keep(f"tf_of_{column}", union)
        linker.table_management.register_term_frequency_lookup(api.register(f"tf_of_{column}"), column)
    predicted = linker.inference.predict(threshold_match_weight=least, warning_mode="never")
    gamma = {comparison.name: f"gamma_{comparison.name}" for comparison in COMPARISONS}
    sides = table_sides(engine.dialect)
    apart = model.apart_sql(gamma, engine.dialect)
    scored = engine.fetch(
        f"""
        select l, r, {combined_sql("two_class", "apart", sides)} as weight, two_class, apart
        from (select unique_id_l as l, unique_id_r as r, match_weight as two_class, {apart} as apart
              from {predicted.physical_name}) as scored
        order by weight desc, l, r
        """,
    )
    return [
        # Splink puts the two in the order of their numbers as text, in which 1000 comes before 999.
        Pair(*sorted((int(str(row[0])), int(str(row[1])))), *(float(str(value)) for value in row[2:]))
        for row in scored
    ]


@dataclass(frozen=True, slots=True)
class Linked:
    """What a run found. Records are places counted over all files in order.

    `children` are groups of records held for one child, singles too. `review` pairs wait for a person: uncertain
    ones, and certain ones that something forbade to join.
    """

    records: int
    children: list[list[int]]
    joined: list[Pair]
    review: list[Pair]
    scored: int


def link(
    files: Sequence[Sequence[Features]],
    model: Model,
    *,
    population: int | None = None,
    within: bool = True,
    engine: Engine | None = None,
) -> Linked:
    """Link files many to many, and each within itself. The default population is the number of records, but no
    fewer than a thousand: how likely a chance agreement is depends on how many children there are to agree."""
    everyone = [row for rows in files for row in rows]
    population = population or max(1_000, len(everyone))
    pairs = score(files, model, population=population, within=within, engine=engine)
    return decide(everyone, pairs, model, population)


def decide(
    everyone: Sequence[Features],
    pairs: Sequence[Pair],
    model: Model,
    population: int,
    distinct: range = range(0),
) -> Linked:
    """Join what is certain, leave what is not to a person. `distinct` are records known to be different children."""
    certain = [pair for pair in pairs if pair.weight >= model.join and pair.family <= model.family_most]
    edges = [Edge(pair.left, pair.right, pair.weight) for pair in certain]
    formed: Formed = form(everyone, edges, model, population, distinct)
    group = formed.group
    joined = [pair for pair in certain if group[pair.left] == group[pair.right]]
    review = [
        pair
        for pair in pairs
        if pair.weight >= model.review
        and group[pair.left] != group[pair.right]
        and not (pair.left in distinct and pair.right in distinct)
    ]
    return Linked(len(everyone), formed.children, joined, review, len(pairs))
