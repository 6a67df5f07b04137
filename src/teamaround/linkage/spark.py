"""Splink on Spark: the same model and rules as on DuckDB, for files that outgrow one machine.

Spark is no part of the usual installation: it needs the extra `spark` and a Java. It is slow to start, and slower
than DuckDB for whatever fits one machine.
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from teamaround.linkage.conditions import Dialect
from teamaround.linkage.features import COLUMNS, Features
from teamaround.linkage.model import Model
from teamaround.linkage.tables import table

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

#: All cores of this machine.
LOCAL = "local[*]"
#: Of the memory of this machine, Spark gets this part; the records are in Python's as well.
MEMORY_PART = 0.5
#: The oldest Java that Spark 4 runs on.
JAVA = 17
INSTALL = "pip install --no-build-isolation --require-hashes -r requirements/spark.txt"
_QUIET = """\
rootLogger.level = error
rootLogger.appenderRef.stderr.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %p %c{1}: %m%n
"""


class NoSpark(Exception):
    """Spark cannot run or cannot be reached; the message says what is missing and what to do."""


@dataclass(frozen=True)
class Spark:
    """An engine of `batch.score`. Views and what Splink keeps live as long as the session."""

    session: SparkSession
    dialect: Dialect = "spark"

    def put(self, name: str, rows: Sequence[Features], model: Model, *, first: int) -> None:
        """See `batch.Engine`. The driver hands the records out, so that no folder need be shared."""
        self.session.createDataFrame(table(rows, model, first=first)).createOrReplaceTempView(name)

    def keep(self, name: str, query: str) -> None:
        """See `batch.Engine`. A view."""
        self.session.sql(query).createOrReplaceTempView(name)

    def shown(self, name: str) -> str:
        """See `batch.Engine`. Without the frequencies: Splink joins its own, and Spark takes no column twice."""
        self.keep(f"{name}_shown", f"select unique_id, {', '.join(COLUMNS)} from {name}")
        return f"{name}_shown"

    def fetch(self, query: str) -> Iterable[tuple[object, ...]]:
        """See `batch.Engine`. A part at a time."""
        for part in self.session.sql(query).toArrow().to_batches():
            yield from zip(*(column.to_pylist() for column in part.columns), strict=True)

    def splink(self) -> Any:
        """See `batch.Engine`."""
        from splink.backends.spark import SparkAPI

        # Kept where it was made, not in a folder that all machines would have to share. Splink's own functions
        # are left out: what we ask is in Spark itself.
        return SparkAPI(
            spark_session=self.session, break_lineage_method="persist", register_udfs_automatically=False
        )


@contextmanager
def spark(master: str = LOCAL) -> Iterator[Spark]:
    """Spark, started for one run and stopped after it. `master` is Spark's address of a cluster; the default runs
    on this machine alone, opens no port to others and takes its files away at its end. Anything else about a cluster is said
    in spark-defaults.conf, where SPARK_CONF_DIR tells. NoSpark where it cannot run."""
    try:
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise NoSpark(f"Spark is not installed. Install it with:  {INSTALL}") from error
    if java() is None:
        raise NoSpark(
            f"Spark needs Java {JAVA} or later, and there is none: no `java` on the path and no JAVA_HOME."
            " On Debian install default-jre-headless."
        )
    logging.getLogger("py4j").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="teamaround-spark-") as folder:
        builder = SparkSession.builder.master(master).appName("teamaround link")
        for name, value in _settings(master, Path(folder)).items():
            builder = builder.config(name, value)
        try:
            session = builder.getOrCreate()
        except (Py4JError, PySparkException) as error:
            raise NoSpark(
                f"Spark did not start on {master}: {_reason(error)}. It needs Java {JAVA} or later"
                " (`java -version` tells), and a cluster must answer at its address."
            ) from error
        try:
            yield Spark(session)
        finally:
            session.stop()


def java() -> str | None:
    """The Java that Spark would run, None where there is none."""
    home = os.environ.get("JAVA_HOME")
    return shutil.which("java", path=os.path.join(home, "bin")) if home else shutil.which("java")


def _settings(master: str, folder: Path) -> dict[str, str]:
    quiet = folder / "log4j2.properties"
    quiet.write_text(_QUIET, encoding="utf-8")
    settings = {
        "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={quiet.as_uri()}",
        # Its pages would show the statements to whoever reaches the port.
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        # Spark would write the whole score as one function, each level in it as often as its weight is named:
        # too long for Java, after minutes of trying.
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.optimizer.excludedRules": "org.apache.spark.sql.catalyst.optimizer.CollapseProject",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
    }
    if master.startswith("local"):
        cores = os.cpu_count() or 1
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        settings |= {
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.memory": f"{max(1024, int(memory * MEMORY_PART) >> 20)}m",
            "spark.local.dir": str(folder),
            # The usual 200 parts are for a cluster: nearly all of the time would go into handing them out.
            "spark.sql.shuffle.partitions": str(4 * cores),
        }
    return settings


def _reason(error: Exception) -> str:
    """The first line that says something."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    told = next(
        (line for line in lines if "Exception: " in line), lines[0] if lines else type(error).__name__
    )
    return told.rpartition("Exception: ")[2].rstrip(".")
