"""Splink and DuckDB used directly, without the service: what the index is measured beside.

Free of the framework, since it runs in a process of its own, so that its memory can be told.
"""

from __future__ import annotations

import multiprocessing
import re
import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from teamaround.linkage.batch import score_tables
from teamaround.linkage.features import Features
from teamaround.linkage.model import shipped
from teamaround.linkage.tables import connect, put

#: Records looked up one by one.
SINGLE = 3


def alone(folder: Path, caseload: Sequence[Features], population: int) -> dict[str, Any]:
    """Link the caseload to the features in the folder's `features-N.parquet`, and look up single records."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_linked, str(folder / "features-*.parquet"), caseload, population).result()


def _linked(parts: str, features: Sequence[Features], population: int) -> dict[str, Any]:
    model = shipped()
    held = connect()
    started = time.perf_counter()
    held.execute(f"create table entries as select * from read_parquet('{parts}')")  # noqa: S608  # our own folder
    loaded = time.perf_counter()
    put(held, "caseload", features, model, first=1 << 40)
    pairs = score_tables(held, ["entries", "caseload"], model, population=population, within=False)
    linked = time.perf_counter()
    single = []
    for place in range(SINGLE):
        one = time.perf_counter()
        put(held, "caseload", features[place : place + 1], model, first=1 << 41)
        score_tables(held, ["entries", "caseload"], model, population=population, within=False)
        single.append((time.perf_counter() - one) * 1000)
    return {
        "rows": len(features),
        "loading_seconds": round(loaded - started, 1),
        "linking_seconds": round(linked - loaded, 1),
        "pairs": len(pairs),
        "peak_mb": round(peak_mb(Path("/proc/self/status"))),
        "one_record_median_ms": round(statistics.median(single)),
    }


def peak_mb(status: Path) -> float:
    """The most memory that a process has held, in MB; 0 where the system does not tell."""
    if not status.exists():
        return 0.0
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
    return int(found[1]) / 1024 if found else 0.0
