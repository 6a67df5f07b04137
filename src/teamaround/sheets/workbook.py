"""Reads an XLSX workbook as untrusted input: bounded when unpacked, formulas as text, nothing followed."""

from __future__ import annotations

import io
import itertools
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import openpyxl

from teamaround.sheets.layout import LOOK_FOR_HEADER, NO_DATA_DO, SPLIT_IT, RawRow, header_strength
from teamaround.sheets.table import MAX_COLUMNS, MAX_ROWS, Cell, SheetError

#: The most a workbook may hold once unpacked, all parts together; and any part that is parsed whole.
MAX_UNPACKED_BYTES = 150 * 1024 * 1024
MAX_PART_BYTES = 20 * 1024 * 1024
MAX_PARTS = 2_000
#: A sheet has at most this many lines, and reading stops when so many cells were unpacked.
MAX_LINES = 1_048_576
MAX_CELLS = 20_000_000

_SAVE_AGAIN = "Open it in your spreadsheet program, save it as XLSX again, and upload that."


def read_workbook(data: bytes) -> tuple[list[RawRow], list[str], str]:
    """The rows of the sheet that holds the table, notes, and the sheet's name. A formula is given as its text, "=...": the
    value that the program last worked out is never trusted. SheetError for another kind of archive, a
    damaged workbook, or one that unpacks to more than 150 MB."""
    _check_archive(data)
    notes: list[str] = []
    # Whatever a damaged or hostile workbook makes the parser raise, the user is told the same true thing.
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
            try:
                sheet, others = _choose(book)
                rows, sheet_name = list(_rows(sheet)), str(sheet.title or "")
            finally:
                book.close()
    except SheetError:
        raise
    except Exception:
        raise SheetError("The workbook is damaged and cannot be read.", do=_SAVE_AGAIN) from None
    if others:
        notes.append(f"The workbook has {others + 1} sheets with something in them; one was read.")
    kept = [row for row in rows if not _only_formulas(row[1])]
    if len(kept) < len(rows):
        notes.append(f"{len(rows) - len(kept)} lines hold formulas and nothing else; they were not counted.")
    return kept, notes, sheet_name


def _check_archive(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    # The last but one is how the standard library refuses a compression that it does not know.
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise SheetError("The workbook is damaged and cannot be read.", do=_SAVE_AGAIN) from None
    names = {part.filename for part in parts}
    if "xl/workbook.xml" not in names:
        kind = "an archive"
        if "xl/workbook.bin" in names:
            kind = "a binary workbook (.xlsb)"
        elif "word/document.xml" in names:
            kind = "a Word document"
        elif "ppt/presentation.xml" in names:
            kind = "a presentation"
        elif "content.xml" in names:
            kind = "an OpenDocument file"
        raise SheetError(
            f"The file is {kind}, not an XLSX workbook.",
            do="Save the table as XLSX or as CSV (UTF-8) and upload that.",
        )
    # The reader stops at the size each part declares, so a part that lies about it unpacks no further.
    large = any(_parsed_whole(part.filename) and part.file_size > MAX_PART_BYTES for part in parts)
    if large or len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
        raise SheetError(
            f"The workbook unpacks to over {MAX_UNPACKED_BYTES // 1024 // 1024} MB, so it was not opened.",
            do="Copy the table alone into an empty workbook, without pictures and formats, and upload that.",
        )
    if any(part.flag_bits & 1 for part in parts):
        raise SheetError(
            "The workbook is protected by a password, so it cannot be read.",
            do="Remove the password in your spreadsheet program, save it, and upload it again.",
        )


def _parsed_whole(name: str) -> bool:
    streamed = name.startswith("xl/worksheets/") or name.endswith("sharedStrings.xml")
    return name.endswith((".xml", ".rels")) and not streamed


def _choose(book: Any) -> tuple[Any, int]:
    """The visible sheet whose top names the most fields, the first of equals; how many others hold data."""
    best, best_rank, filled = None, (-1, False), 0
    for sheet in book.worksheets:
        # The size that a sheet declares may be wrong or a trap: it is read for what it holds.
        sheet.reset_dimensions()
        top = [cells for _line, cells in itertools.islice(_rows(sheet), LOOK_FOR_HEADER)]
        if not top:
            continue
        filled += 1
        rank = (max(header_strength(cells) for cells in top), sheet.sheet_state == "visible")
        if rank > best_rank:
            best, best_rank = sheet, rank
    if best is None:
        raise SheetError(
            "The workbook is empty.",
            do=NO_DATA_DO,
        )
    return best, filled - 1


def _rows(sheet: Any) -> Iterator[RawRow]:
    budget, filled = MAX_CELLS, 0
    for line, values in enumerate(sheet.iter_rows(values_only=True), start=1):
        if line > MAX_LINES:
            raise SheetError("The workbook has more lines than a sheet can have.", do=_SAVE_AGAIN)
        if not values:
            continue
        width = len(values)
        budget -= width
        while width and values[width - 1] is None:
            width -= 1
        if width > MAX_COLUMNS or budget < 0:
            raise SheetError(
                f"The sheet is wider than the {MAX_COLUMNS} columns that can be read.",
                where=f"Line {line:,}.",
                do="Remove the columns that are not needed and upload it again.",
            )
        cells = tuple([value.strip() if type(value) is str else _cell(value) for value in values[:width]])
        if any(cell != "" for cell in cells):
            filled += 1
            # Titles and totals are few: far past the limit there is no need to read on.
            if filled > MAX_ROWS + 1_000:
                raise SheetError(
                    f"The sheet has more than {MAX_ROWS:,} rows, the most that can be read at once.",
                    where=f"Line {line:,}.",
                    do=SPLIT_IT,
                )
            yield line, cells


def _cell(value: Any) -> Cell:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, date):
        return value
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, (int, float)):
        return str(value)
    # An array formula or a data table: an object that knows its text, or only its kind.
    formula = getattr(value, "text", None)
    if hasattr(value, "t") and hasattr(value, "ref"):
        return str(formula or "=TABLE()")
    return str(value).strip()


def _only_formulas(cells: tuple[Cell, ...]) -> bool:
    return all(isinstance(cell, str) and (cell == "" or cell.startswith("=")) for cell in cells)
