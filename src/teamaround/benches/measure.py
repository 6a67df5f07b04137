"""CPU time of one request: this thread's own, plus that of the database's backend that served it."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.db import connection
from django.http.response import HttpResponseBase
from django.test.utils import CaptureQueriesContext

Request = Callable[[], HttpResponseBase]


class BenchFailed(RuntimeError):
    """A request did not answer as it must; the figures would mean nothing."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one operation over many requests."""

    median: float
    p95: float
    queries: int
    bytes: int


def backend_cpu_ms() -> float:
    """CPU milliseconds that the database's backend of this thread has used so far (Linux; 0 elsewhere)."""
    connection.ensure_connection()
    path = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    if not path.exists():
        return 0.0
    return int(path.read_text().split()[0]) / 1e6


def once(request: Request) -> float:
    """CPU milliseconds of one request, server plus database. Raises BenchFailed for a refusal or fault."""
    database = backend_cpu_ms()
    server = time.thread_time()
    response = request()
    taken = (time.thread_time() - server) * 1000
    if response.status_code >= 400:
        raise BenchFailed(f"answered {response.status_code}")
    return taken + backend_cpu_ms() - database


def interleaved(requests: dict[str, Request], *, rounds: int, warm: int = 8) -> dict[str, Cost]:
    """Measure all requests in turn, round by round, so that a noisy moment touches them alike."""
    for _ in range(warm):
        for request in requests.values():
            once(request)
    taken: dict[str, list[float]] = {name: [] for name in requests}
    for _ in range(rounds):
        for name, request in requests.items():
            taken[name].append(once(request))
    return {name: _cost(requests[name], values) for name, values in taken.items()}


def _cost(request: Request, values: list[float]) -> Cost:
    with CaptureQueriesContext(connection) as captured:
        response = request()
    content = getattr(response, "content", b"")
    ordered = sorted(values)
    return Cost(
        median=statistics.median(ordered),
        p95=ordered[min(len(ordered) - 1, round(len(ordered) * 0.95))],
        queries=len(captured),
        bytes=len(content),
    )
