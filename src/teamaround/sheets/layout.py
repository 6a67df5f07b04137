"""Where the table is inside a file: titles above it, blank lines in it, totals under it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from teamaround.sheets.headings import meaning_of
from teamaround.sheets.table import MAX_COLUMNS, MAX_ROWS, Cell, Sheet, SheetError, SheetRow, unique_headings

#: A row of the file before anyone knows what it is: the line it begins on, and its cells.
RawRow = tuple[int, tuple[Cell, ...]]

#: How many filled lines at the top may be titles before the row of column names.
LOOK_FOR_HEADER = 30
#: A row that names so many different fields is a header wherever it stands.
SURE_HEADER = 3

_TOTAL = re.compile(
    r"^\W*(grand\s+|sub[\s-]?)?(totals?|count|number of (records|rows|children|pupils|patients))\b[\W\d]*"
    r"(records|rows|children|pupils|patients|cases)?[\W\d]*$"
    r"|^\W*(total|number)\s+(number\s+)?(of\s+)?(records|rows|children|pupils|patients|cases)\b[\W\d]*$"
    r"|^\W*(end of (report|file|list|data)|no more records)\W*$",
    re.IGNORECASE,
)
_SHORT_NUMBER = re.compile(r"^\d{1,4}$")
_FIGURE = re.compile(r"^[\d.,%\s£-]*$")
_DATA_LIKE = re.compile(
    r"^\W*\d+\W*$"  # a number
    r"|^\d{1,4}[/.\- ]\w{1,9}[/.\- ]\d{1,4}( .*)?$"  # a date
    r"|^[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}$"  # a postcode
    r"|^[A-Z]{0,4}\d{4,}\w?$"  # a reference or an identifier
    r"|^=",
    re.IGNORECASE,
)
NO_DATA_DO = (
    "Check that you chose the right file, and that it holds a row of column names with rows under it."
)
SPLIT_IT = "Split it into smaller files, each with the row of column names, and upload them one by one."


def lay_out(
    raw: Sequence[RawRow],
    *,
    encoding: str,
    delimiter: str,
    kind: str,
    notes: list[str],
    sheet_name: str = "",
) -> Sheet:
    """Turns raw rows into a sheet. Data rows are numbered from 1: blank lines, titles, repeated column names
    and a totals line at the end are not counted. SheetError where there is no table, or too much of it."""
    filled = [(line, cells) for line, cells in raw if any(cell != "" for cell in cells)]
    if not filled:
        raise SheetError("The file is empty.", do=NO_DATA_DO)
    place = find_header([cells for _line, cells in filled[: LOOK_FOR_HEADER + 20]])
    header_line, header_cells = filled[place]
    body = filled[place + 1 :]
    body, dropped = _without_totals(body)
    notes = notes + [
        f"Line {line} looks like a total or a closing line and was not counted." for line in dropped
    ]
    if place:
        notes.insert(
            0, f"Column names were found on line {header_line}; the lines above were taken as titles."
        )
    repeated = [line for line, cells in body if cells == header_cells]
    if repeated:
        notes.append(
            f"The column names are repeated {len(repeated)} more times; those lines were not counted."
        )
        body = [(line, cells) for line, cells in body if cells != header_cells]
    if not body:
        raise SheetError(
            "The file has column names but no rows.", where=f"Line {header_line}.", do=NO_DATA_DO
        )
    if len(body) > MAX_ROWS:
        raise SheetError(
            f"The file has {len(body):,} rows. The most that can be read at once is {MAX_ROWS:,}.",
            where=f"Row {MAX_ROWS + 1:,} begins on line {body[MAX_ROWS][0]:,}.",
            do=SPLIT_IT,
        )
    width = max(_width(header_cells), max(_width(cells) for _line, cells in body))
    if width > MAX_COLUMNS:
        raise SheetError(
            f"The file has {width:,} columns. The most that can be read is {MAX_COLUMNS}.",
            do="Remove the columns that are not needed and upload it again.",
        )
    rows = [SheetRow(number, line, _fit(cells, width)) for number, (line, cells) in enumerate(body, start=1)]
    header = unique_headings(header_cells[:width], width)
    return Sheet(rows, header, header_line, encoding, delimiter, kind, notes, sheet_name)


def find_header(rows: Sequence[tuple[Cell, ...]]) -> int:
    """The place of the row of column names among the filled rows at the top of a file.

    The row that names the most different fields wins. Where no word is known, the first row as wide as the
    table that holds nothing like data. SheetError where every row looks like data.
    """
    widths = Counter(_width(cells) for cells in rows)
    usual = widths.most_common(1)[0][0]
    best, best_hits = None, 0
    under_data = False
    for place, cells in enumerate(rows[:LOOK_FOR_HEADER]):
        hits = header_strength(cells)
        # Under a row of data only an unmistakable header may follow: rows above a header are lost as titles.
        if under_data and hits < SURE_HEADER:
            continue
        under_data = under_data or (_wide(cells, usual) and any(map(_looks_like_data, cells)))
        if hits > best_hits and (hits >= 2 or (usual == 1 and _count(cells) == 1) or _wide(cells, usual)):
            best, best_hits = place, hits
    if best is not None:
        return best
    for place, cells in enumerate(rows[:LOOK_FOR_HEADER]):
        if _wide(cells, usual):
            if any(map(_looks_like_data, cells)):
                break
            return place
    raise SheetError(
        "No row of column names was found.",
        where="Every row at the top of the file looks like data.",
        do="Put a row with the name of each column above the first child and upload it again.",
    )


def header_strength(cells: Sequence[Cell]) -> int:
    """How many different fields a row names, less one for each cell that looks like data; a short number is
    none, because years and terms stand in headers too."""
    named = {found for cell in cells if isinstance(cell, str) and (found := meaning_of(cell))}
    return len(named - {"ignore"}) - sum(
        _looks_like_data(cell) and not (isinstance(cell, str) and _SHORT_NUMBER.match(cell)) for cell in cells
    )


def _looks_like_data(cell: Cell) -> bool:
    return not isinstance(cell, str) or (cell != "" and bool(_DATA_LIKE.match(cell)))


def _wide(cells: Sequence[Cell], usual: int) -> bool:
    return _count(cells) * 2 > usual


def _count(cells: Sequence[Cell]) -> int:
    return sum(cell != "" for cell in cells)


def _width(cells: Sequence[Cell]) -> int:
    width = len(cells)
    while width and cells[width - 1] == "":
        width -= 1
    return width


def _fit(cells: tuple[Cell, ...], width: int) -> tuple[Cell, ...]:
    if len(cells) < width:
        return cells + ("",) * (width - len(cells))
    return cells[:width]


def _without_totals(body: list[RawRow]) -> tuple[list[RawRow], list[int]]:
    # Only at the end: a line in the middle that says "total" is kept, so that no child is lost to a word.
    dropped = []
    while body and _is_total(body[-1][1]):
        dropped.append(body[-1][0])
        body = body[:-1]
    return body, dropped[::-1]


def _is_total(cells: Sequence[Cell]) -> bool:
    said = [cell for cell in cells if cell != ""]
    words = [cell for cell in said if isinstance(cell, str) and not _FIGURE.match(cell) and cell[:1] != "="]
    return (
        words == said[:1]
        and len(said) == sum(isinstance(c, str) for c in said)
        and bool(_TOTAL.match(words[0]))
    )
