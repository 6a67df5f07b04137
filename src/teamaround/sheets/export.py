"""Writes tables that no spreadsheet program will take for instructions."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from teamaround.sheets.table import Cell, Sheet, as_text

if TYPE_CHECKING:
    from teamaround.sheets.caseload import Caseload

#: What begins a formula, and the full-width forms that some programs fold into them.
_LIVE = tuple("=+-@\t\r\n＝＋－＠")

WHY_REFUSED = "Why refused"


def safe_cell(value: object) -> str:
    """A value as text that stays text: what would begin a formula gets an apostrophe before it.

    Numbers are no text and stay as they are; dates come day first; None is "". For every export.
    """
    if value is None:
        return ""
    if isinstance(value, (int, float)):
        return str(value)
    text = as_text(value) if isinstance(value, (str, date)) else str(value)
    # Programs that trim a cell on opening would bring a hidden sign to the front.
    if text.startswith(_LIVE) or text.lstrip().startswith(_LIVE):
        return "'" + text
    return text


def write_csv(header: Iterable[object], rows: Iterable[Iterable[object]]) -> bytes:
    """A CSV file in UTF-8 with its mark, every cell quoted and safe: quotes keep another delimiter from
    cutting a cell in two and bringing its second half to life."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([safe_cell(cell) for cell in header])
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig", errors="replace")


def export_refused(caseload: Caseload, sheet: Sheet) -> bytes:
    """The refused rows as they came, each with why, to be corrected and uploaded again."""
    cells_of: dict[int, tuple[Cell, ...]] = {row.number: row.cells for row in sheet.rows}
    keep = [place for place, name in enumerate(sheet.header) if name != WHY_REFUSED]
    return write_csv(
        [sheet.header[place] for place in keep] + [WHY_REFUSED],
        ([cells_of[problem.row][place] for place in keep] + [problem.reason] for problem in caseload.refused),
    )
