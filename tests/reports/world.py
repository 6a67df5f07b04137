"""Words for planning numbers and counts that the tests share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db import connection

from teamaround.reports.actions import Planned

SOURCE = "School census, January 2026"
NewChild = Callable[..., int]


def area(name: str, *codes: str, children: int = 3000) -> Planned:
    return Planned("area", name, children, dt.date(2026, 1, 15), SOURCE, postcodes=codes)


def school(name: str, *, roll: int = 500, ages: tuple[int, int] = (11, 17)) -> Planned:
    return Planned("school", name, roll, dt.date(2026, 1, 15), SOURCE, *ages)


def shown_counts(cast: Any, kind: str, way: str = "registered") -> dict[str, int | None]:
    """What is shown of each place of a kind; None for fewer than five."""
    with cast.as_(cast.morgan), connection.cursor() as cursor:
        cursor.execute(
            "select p.name, c.known from app.coverage(%s, %s) c join planning_place p on p.id = c.place_id",
            [way, kind],
        )
        return dict(cursor.fetchall())
