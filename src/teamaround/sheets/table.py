"""What a file looks like once it has been read: a header, numbered rows, and what was noticed on the way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

#: A cell is text, or a real date where a workbook holds one. Empty is "". A formula is its own text, "=...".
Cell = str | date

MAX_ROWS = 50_000
MAX_BYTES = 20 * 1024 * 1024
MAX_COLUMNS = 200


class SheetError(ValueError):
    """A file that cannot be read at all.

    `what` went wrong, `where` in the file, and what to `do` about it: each a plain sentence that repeats
    nothing from inside the file.
    """

    def __init__(self, what: str, *, do: str, where: str = "") -> None:
        self.what = what
        self.where = where
        self.do = do
        super().__init__(" ".join(part for part in (what, where, do) if part))


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One data row. `number` counts data rows from 1; `line` is where the row begins in the file."""

    number: int
    line: int
    cells: tuple[Cell, ...]


@dataclass(slots=True)
class Sheet:
    """A table as read. Every row has exactly as many cells as `header`, whose names are all different.

    `sheet_name` is the name of the workbook's sheet that was read; "" for text. `cut_line` is the line of a last row
    in which a text ends before the row does; None where it ends as it should.
    """

    rows: list[SheetRow]
    header: list[str]
    header_row_number: int
    encoding: str
    delimiter: str
    kind: str
    notes: list[str] = field(default_factory=list)
    sheet_name: str = ""
    cut_line: int | None = None

    def column(self, name: str) -> list[Cell]:
        """All cells under one heading, in order; KeyError where there is no such heading."""
        try:
            place = self.header.index(name)
        except ValueError:
            raise KeyError(name) from None
        return [row.cells[place] for row in self.rows]


def as_text(cell: Cell) -> str:
    """A cell as a person would have typed it: dates day first, and the time only where there is one."""
    if isinstance(cell, datetime) and (cell.hour or cell.minute or cell.second):
        return cell.strftime("%d/%m/%Y %H:%M")
    if isinstance(cell, date):
        return f"{cell.day:02d}/{cell.month:02d}/{cell.year:04d}"
    return cell


def unique_headings(cells: Iterable[Cell], width: int) -> list[str]:
    """Heading texts made different from each other, one for every column up to `width`."""
    given = [" ".join(as_text(cell).split()) for cell in cells]
    given += [""] * (width - len(given))
    used: set[str] = set()
    headings = []
    for place, text in enumerate(given, start=1):
        base = text or f"Column {place}"
        name, again = base, 2
        while name in used:
            name, again = f"{base} ({again})", again + 1
        used.add(name)
        headings.append(name)
    return headings
