"""The model as Spark is asked for it; what is said where Spark cannot run; and, in the long run, Spark itself."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import isclose
from pathlib import Path
from typing import Any

import pytest

from linkage.test_engines import MODEL, RECORDS, WITHIN
from teamaround import cli
from teamaround.linkage import COMPARISONS, Features
from teamaround.linkage.batch import link, score, settings
from teamaround.linkage.blocking import RULES
from teamaround.linkage.conditions import Dialect, splink_sides, table_sides
from teamaround.linkage.model import Model, combined_sql
from teamaround.linkage.spark import NoSpark, spark
from teamaround.linkage.sql import gammas_sql, scored_sql

#: Functions of Spark SQL that mean the same as in DuckDB and PostgreSQL, and words that stand before brackets.
KNOWN = {
    "arrays_overlap",
    "cast",
    "greatest",
    "least",
    "length",
    "levenshtein",
    "log2",
    "power",
    "startswith",
}
KNOWN |= {"and", "array", "from", "or", "then", "when"}
SIDES = table_sides("spark")
GAMMA = {comparison.name: f"gamma_{comparison.name}" for comparison in COMPARISONS}
EXPRESSIONS = {
    "levels": gammas_sql(SIDES),
    "levels as Splink has them": ", ".join(
        comparison.gamma_sql(splink_sides("spark")) for comparison in COMPARISONS
    ),
    "rules": " or ".join(rule.sql(SIDES) for rule in RULES),
    "two classes": MODEL.two_class_sql(GAMMA, SIDES),
    "third class": MODEL.apart_sql(GAMMA, "spark"),
    "both": combined_sql("two_class", "apart", SIDES),
    "whole query": scored_sql(MODEL, "spark", "records l join records r", keys=("l.unique_id as one",)),
}


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_spark_is_asked_for_nothing_that_it_lacks(name: str) -> None:
    sql = EXPRESSIONS[name]
    assert set(re.findall(r"(\w+)\(", sql)) | set(re.findall(r"(\w+) \(", sql)) <= KNOWN
    # Older Sparks know no `::`, none knows float8, and double quotes would make a text of a column.
    assert not re.search(r'::|float8|"', sql)


def test_splink_gets_for_spark_what_it_gets_for_duckdb_but_for_the_words_of_the_engine() -> None:
    def bare(dialect: Dialect) -> str:
        text = json.dumps(settings(MODEL, "dedupe_only", 50_000, dialect)).replace('\\"', "`")
        for spark_word, word in (("arrays_overlap", "list_has_any"), ("startswith", "starts_with")):
            text = text.replace(spark_word, word)
        return text.replace('"spark"', '"duckdb"')

    assert bare("spark") == bare("duckdb")
    assert "list_has_any" not in json.dumps(settings(MODEL, "dedupe_only", 50_000, "spark"))


@dataclass
class Asked(Exception):
    """An engine that notes what it is asked to hold, and stops where Splink would begin."""

    dialect: Dialect = "spark"
    held: list[tuple[str, int, int]] = field(default_factory=list)

    def put(self, name: str, rows: Sequence[Features], model: Model, *, first: int) -> None:
        self.held.append((name, len(rows), first))

    def keep(self, name: str, query: str) -> None:
        raise AssertionError

    def shown(self, name: str) -> str:
        raise AssertionError

    def fetch(self, query: str) -> Iterable[tuple[object, ...]]:
        raise AssertionError

    def splink(self) -> Any:
        raise self


def test_linking_works_on_the_engine_that_it_is_given() -> None:
    engine = Asked()
    with pytest.raises(Asked):
        link([RECORDS[:3], RECORDS[3:5]], MODEL, engine=engine)
    assert engine.held == [("file_000", 3, 0), ("file_001", 2, 3)]


@pytest.fixture
def school(tmp_path: Path) -> Path:
    """A file of two children."""
    path = tmp_path / "school.csv"
    path.write_text(
        "Forename,Surname,Date of birth,Postcode\nMaria,Twyworth,14/03/2012,S1 2AB\nAli,Khan,04/03/2012,S1 2AD\n"
    )
    return path


def test_where_spark_is_not_installed_the_command_says_how_to_install_it(
    school: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.setitem(sys.modules, "pyspark.errors", None)
    assert cli.main(["link", str(school), "--engine", "spark"]) == 2
    told = capsys.readouterr().err
    assert "Spark is not installed" in told
    assert "requirements/spark.txt" in told


def test_a_cluster_without_spark_is_refused(school: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["link", str(school), "--spark-master", "spark://head:7077"]) == 2
    assert "--spark-master needs --engine spark" in capsys.readouterr().err


@pytest.mark.long
def test_without_java_spark_says_that_it_needs_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(NoSpark, match="Spark needs Java 17 or later"), spark():
        pass


@pytest.mark.long
def test_splink_on_spark_gives_the_weights_that_splink_on_duckdb_gives() -> None:
    """Where Spark or Java is missing this fails, with the words that say what to install."""
    files = [RECORDS[:80], RECORDS[80:]]
    on_duckdb = score(files, MODEL, population=50_000, least=-1_000.0)
    with spark() as engine:
        on_spark = score(files, MODEL, population=50_000, least=-1_000.0, engine=engine)
    assert len(on_spark) == len(on_duckdb) > 200
    found = {(pair.left, pair.right): pair for pair in on_spark}
    for pair in on_duckdb:
        other = found[pair.left, pair.right]
        assert isclose(pair.two_class, other.two_class, abs_tol=WITHIN)
        assert isclose(pair.apart, other.apart, abs_tol=WITHIN)
        assert isclose(pair.weight, other.weight, abs_tol=WITHIN)
