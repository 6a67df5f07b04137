"""Where postcodes lie, to measure how far apart two places are: points of the national grid, loaded from open files.

The files are Code-Point Open of Ordnance Survey (a CSV for each postcode area, without a line of titles) or the ONS
Postcode Directory (one CSV with titles). Both are published under the Open Government Licence and change each quarter.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from django.db import connection, transaction

from .models import PostcodePoint

METRES_A_MILE = 1609.344
_POSTCODE = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?)([0-9][A-Z]{2})")
#: The columns of Code-Point Open that are read: the postcode, the grid reference in metres.
_CODE_POINT = (0, 2, 3)
#: What the directory of the ONS calls them, the first that is there.
_DIRECTORY = (("pcds", "pcd2", "pcd"), ("oseast1m", "east1m"), ("osnrth1m", "north1m"))
EASTMOST, NORTHMOST = 700_000, 1_300_000
_METRES = re.compile(r"[0-9]{1,9}")
#: Northern Ireland: the directory gives its points on the Irish grid, whose origin lies elsewhere.
ANOTHER_GRID = "BT"
AT_ONCE = 10_000


class UnreadablePoints(ValueError):
    """A file of points cannot be read; the message says in which line, and what is expected there."""


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the national grid, in metres east and north of its origin."""

    east: int
    north: int

    def miles_to(self, other: Point) -> float:
        """How far it is in a straight line, in miles."""
        return math.hypot(self.east - other.east, self.north - other.north) / METRES_A_MILE


def canonical(postcode: str) -> str:
    """A whole postcode as it is kept, such as SK1 3XE; empty where it is none."""
    found = _POSTCODE.fullmatch("".join(postcode.upper().split()))
    return f"{found[1]} {found[2]}" if found else ""


def read_points(lines: Iterable[str], name: str) -> Iterator[tuple[str, Point]]:
    """Each postcode of a file with its point. Those that have no point, such as those of the Channel Islands, are left
    out, and those of Northern Ireland, which has a grid of its own. Raises UnreadablePoints at the first line that is not as such a file has it."""
    columns: tuple[int, ...] | None = None
    for number, row in _read(lines, name):
        if columns is None:
            columns = _columns(row, name)
            if columns != _CODE_POINT:
                continue
        if not row:
            continue
        yield from _point(row, columns, f"{name}, line {number}")


def _read(lines: Iterable[str], name: str) -> Iterator[tuple[int, list[str]]]:
    """Each row with the number of its last line."""
    rows = csv.reader(lines)
    try:
        for row in rows:
            yield rows.line_num, row
    except csv.Error as error:
        raise UnreadablePoints(
            f"{name}, line {rows.line_num}: it cannot be read as CSV. A quotation mark may not be closed."
        ) from error


def _columns(first: list[str], name: str) -> tuple[int, ...]:
    titles = [title.strip().lower().lstrip("\ufeff") for title in first]
    found = tuple(
        next((titles.index(each) for each in called if each in titles), -1) for called in _DIRECTORY
    )
    if -1 not in found:
        return found
    if titles and canonical(titles[0]):
        return _CODE_POINT
    raise UnreadablePoints(
        f"{name}, line 1: this is neither Code-Point Open, whose lines begin with a postcode, nor the ONS Postcode "
        "Directory, whose first line names the columns pcds, oseast1m and osnrth1m."
    )


def _point(row: list[str], columns: tuple[int, ...], where: str) -> Iterator[tuple[str, Point]]:
    if len(row) <= max(columns):
        raise UnreadablePoints(f"{where}: it has {len(row)} columns, {max(columns) + 1} are needed.")
    written, *grid = (row[column].strip() for column in columns)
    postcode = canonical(written)
    if not postcode:
        raise UnreadablePoints(f"{where}: {written[:12]!r} is no postcode.")
    if postcode.startswith(ANOTHER_GRID) or not any(part.strip("0") for part in grid):
        return
    east, north = (int(part) if _METRES.fullmatch(part) else -1 for part in grid)
    if not (0 < east <= EASTMOST and 0 < north <= NORTHMOST):
        raise UnreadablePoints(
            f"{where}: {', '.join(grid)[:40]} is no place on the national grid. Metres east and north are expected."
        )
    yield postcode, Point(east, north)


@transaction.atomic
def keep_points(points: Iterable[tuple[str, Point]]) -> int:
    """Keep where postcodes lie, in place of what was known of them; how many there were. By the set-up alone."""
    kept = 0
    every = iter(points)
    while part := dict(islice(every, AT_ONCE)):
        with connection.cursor() as cursor:
            cursor.execute(
                "insert into postcode_point (postcode, east, north) "
                "select * from unnest(%s::text[], %s::int[], %s::int[]) "
                "on conflict (postcode) do update set east = excluded.east, north = excluded.north",
                [list(part), [each.east for each in part.values()], [each.north for each in part.values()]],
            )
        kept += len(part)
    return kept


def points_of(postcodes: Collection[str]) -> dict[str, Point]:
    """Where those of these postcodes lie that are known, each as it was written. One query."""
    wanted = {postcode: canonical(postcode) for postcode in postcodes}
    rows = PostcodePoint.objects.filter(pk__in={each for each in wanted.values() if each})
    known = {row.postcode: Point(row.east, row.north) for row in rows}
    return {written: known[kept] for written, kept in wanted.items() if kept in known}
