"""The one form of every bench's answer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """One operation. Times are CPU milliseconds a request, server plus database.

    `ratio` is its median over the median of the control that it is judged by.
    """

    op: str
    cpu_ms_median: float
    cpu_ms_p95: float
    queries: int
    bytes: int
    ratio: float


@dataclass(frozen=True, slots=True)
class Report:
    """What one bench measured at one size. `figures` are those that are no request's, each named with its unit."""

    name: str
    size: str
    controls: Mapping[str, Mapping[str, float]]
    rows: Sequence[Row]
    figures: Mapping[str, float] = field(default_factory=dict)

    def as_json(self) -> str:
        """The report as one JSON object."""
        found: dict[str, Any] = {
            "name": self.name,
            "size": self.size,
            "controls": {name: dict(values) for name, values in self.controls.items()},
            "rows": [asdict(row) for row in self.rows],
            **({"figures": dict(self.figures)} if self.figures else {}),
        }
        return json.dumps(found, indent=2)

    def as_table(self) -> str:
        """The report for people."""
        lines = [f"{self.name}, size {self.size}"]
        lines += [
            f"  control {name}: {values['cpu_ms_median']:.2f} ms" for name, values in self.controls.items()
        ]
        lines.append(f"  {'operation':<20}{'median':>9}{'p95':>9}{'queries':>9}{'bytes':>10}{'ratio':>8}")
        lines += [
            f"  {row.op:<20}{row.cpu_ms_median:>9.2f}{row.cpu_ms_p95:>9.2f}{row.queries:>9}{row.bytes:>10}{row.ratio:>8.2f}"
            for row in self.rows
        ]
        lines += [f"  {name}: {value:,.2f}" for name, value in self.figures.items()]
        return "\n".join(lines)
