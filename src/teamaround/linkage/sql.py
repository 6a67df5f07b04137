"""The model as SQL over two rows of features: for the live search inside PostgreSQL, and to check the engines.

The tables have the columns of `features.COLUMNS` and, beside them, `tf_given` and `tf_family` (float8). PostgreSQL
needs its extension fuzzystrmatch, for levenshtein.
"""

from __future__ import annotations

from teamaround.linkage.comparisons import COMPARISONS
from teamaround.linkage.conditions import Dialect, Sides, table_sides
from teamaround.linkage.features import COLUMNS
from teamaround.linkage.model import FREQUENCIES, Model, combined_sql


def columns_sql() -> str:
    """The columns of a features table, as in CREATE TABLE, for PostgreSQL and DuckDB alike."""
    kinds = [f"{name} {kind} not null" for name, kind in COLUMNS.items()]
    return ", ".join(kinds + [f"tf_{name} float8 not null" for name in FREQUENCIES])


def gammas_sql(sides: Sides) -> str:
    """A select list: the level of each comparison, as gamma_given and so on."""
    return ", ".join(
        f"{comparison.gamma_sql(sides)} as gamma_{comparison.name}" for comparison in COMPARISONS
    )


def scored_sql(
    model: Model,
    dialect: Dialect,
    pairs: str,
    *,
    keys: tuple[str, ...],
    left: str = "l",
    right: str = "r",
    population: int | None = None,
    prior: str = "",
) -> str:
    """A query of `keys`, two_class, apart, levels (an array, in the order of COMPARISONS) and weight for each pair
    of `pairs`, a FROM clause in which `left` and `right` are rows of features (and a WHERE, if it ends with one).
    Keys are written as a select list has them, "l.id as found", and return under their last word. `prior` is an
    expression that stands for the prior of `population`."""
    sides = table_sides(dialect, left, right)
    gamma = {comparison.name: f"gamma_{comparison.name}" for comparison in COMPARISONS}
    held = Sides(lambda column: f"{column}_l", lambda column: f"{column}_r", dialect)
    common = ", ".join(
        f"{left}.tf_{name} as tf_{name}_l, {right}.tf_{name} as tf_{name}_r" for name in FREQUENCIES
    )
    names = ", ".join(key.split()[-1].split(".")[-1] for key in keys)
    array = (
        f"array[{', '.join(gamma.values())}]" if dialect != "spark" else f"array({', '.join(gamma.values())})"
    )
    # PostgreSQL would put each level's conditions wherever the level is named, and work them out as often.
    once = " offset 0" if dialect == "postgres" else ""
    return (
        f"select {names}, two_class, apart, levels, {combined_sql('two_class', 'apart', sides)} as weight from ("
        f"select {names}, {model.two_class_sql(gamma, held, population, prior)} as two_class,"
        f" {model.apart_sql(gamma, dialect)} as apart, {array} as levels from ("
        f"select {', '.join(keys)}, {common}, {gammas_sql(sides)} from {pairs}{once}"
        f") as compared{once}) as weighed"
    )  # fmt: skip
