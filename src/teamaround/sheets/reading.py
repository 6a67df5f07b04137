"""Reads the files that agencies export: comma, semicolon and tab text in four encodings, and workbooks."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from pathlib import Path

from teamaround.sheets.layout import NO_DATA_DO, RawRow, lay_out
from teamaround.sheets.table import MAX_BYTES, MAX_ROWS, Sheet, SheetError, SheetRow
from teamaround.sheets.workbook import read_workbook

SAVE_AS = "Open it in your spreadsheet program, save it as CSV (UTF-8) or as XLSX, and upload that."
#: A quoted cell over more lines than this is a quotation mark that nobody closed.
MAX_LINES_IN_A_CELL = 50

_WRONG_KINDS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"BM", "a picture"),
    (b"II*\x00", "a picture"),
    (b"MM\x00*", "a picture"),
    (b"{\\rtf", "a Word document"),
    (b"\x1f\x8b", "a compressed file"),
    (b"7z\xbc\xaf", "a compressed file"),
    (b"Rar!", "a compressed file"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WEB_PAGE = re.compile(rb"^\s*(<!doctype html|<html|<table|<\?xml|<style|<head)", re.IGNORECASE)
_QUOTED = re.compile(r'(?<![^,;\t|\r\n])"(?:[^"]|"")*"')
_DELIMITERS = (",", ";", "\t", "|")


def read_table(path_or_bytes: str | Path | bytes, filename: str = "") -> Sheet:
    """Reads a CSV or XLSX file whole. The contents decide the kind; the file's name is only for a note.

    SheetError, with what, where and what to do, for an empty file, one over 20 MB or 50,000 rows, one of
    another kind, and one that is damaged. No formula is worked out, no link followed.
    """
    data = _bytes_of(path_or_bytes)
    if not data.strip(b"\x00\r\n\t ,;\xef\xbb\xbf\xff\xfe"):
        raise SheetError("The file is empty.", do=NO_DATA_DO)
    notes: list[str] = []
    named = Path(filename or (path_or_bytes if not isinstance(path_or_bytes, bytes) else "")).suffix.lower()
    if data.startswith(b"PK"):
        if named in {".csv", ".txt", ".tsv"}:
            notes.append("The file's name says text but it is a workbook; it was read as a workbook.")
        raw, more, sheet_name = read_workbook(data)
        return lay_out(raw, encoding="", delimiter="", kind="xlsx", notes=notes + more, sheet_name=sheet_name)
    _refuse_wrong_kinds(data)
    if named in {".xls", ".xlsx", ".xlsm"}:
        notes.append("The file's name says workbook but it is text; it was read as text.")
    text, encoding = _decode(data)
    raw, delimiter = _read_text(text)
    sheet = lay_out(raw, encoding=encoding, delimiter=delimiter, kind="csv", notes=notes)
    sheet.cut_line = _cut_line(text, raw)
    return sheet


def read_rows(data: bytes) -> Sheet:
    """Reads what a system sent row by row: CSV in UTF-8 with commas, its first line the column names. Nothing is guessed
    and no row is taken for a title, a total or another header.

    SheetError for more than 50,000 rows, and for anything that is no such text.
    """
    try:
        raw = list(csv.reader(io.StringIO(data.decode("utf-8"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error):
        raise SheetError("These are no rows as a system sends them.", do="Send them again.") from None
    if len(raw) < 2 or any(len(cells) != len(raw[0]) for cells in raw):
        raise SheetError("These rows have not all the same columns.", do="Send them again.")
    if len(raw) - 1 > MAX_ROWS:
        raise SheetError(f"More than {MAX_ROWS:,} rows were sent.", do="Send them in parts.")
    return Sheet(
        rows=[
            SheetRow(number, number + 1, tuple(map(str.strip, cells)))
            for number, cells in enumerate(raw[1:], start=1)
        ],
        header=raw[0],
        header_row_number=1,
        encoding="UTF-8",
        delimiter=",",
        kind="csv",
    )


def _bytes_of(source: str | Path | bytes) -> bytes:
    if isinstance(source, bytes):
        size, data = len(source), source
    else:
        path = Path(source)
        if not path.is_file():
            raise SheetError("There is no such file.", do="Check the file's name and folder.")
        size = path.stat().st_size
        data = path.read_bytes() if size <= MAX_BYTES else b""
    if size > MAX_BYTES:
        raise SheetError(
            f"The file is over the {MAX_BYTES // 1024 // 1024} MB that can be read at once.",
            do="Remove columns that are not needed, or split it into smaller files.",
        )
    return data


def _refuse_wrong_kinds(data: bytes) -> None:
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise SheetError(
                "The workbook is protected by a password, so it cannot be read.",
                do="Remove the password in your spreadsheet program, save it, and upload it again.",
            )
        raise SheetError("The file is an old Excel workbook (.xls), which cannot be read.", do=SAVE_AS)
    for start, kind in _WRONG_KINDS:
        # Two letters alone may begin an honest text file: a picture or a program holds zero bytes as well.
        if data.startswith(start) and (len(start) > 2 or b"\x00" in data[:512]):
            raise SheetError(f"The file is {kind}, not a table.", do=SAVE_AS)
    if _WEB_PAGE.match(data[:512]):
        raise SheetError("The file is a web page, whatever its name says.", do=SAVE_AS)


def _decode(data: bytes) -> tuple[str, str]:
    if data.startswith(codecs.BOM_UTF8):
        order = [("utf-8-sig", "UTF-8")]
    elif data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        order = [("utf-16", "UTF-16")]
    elif data[:4096].count(0) * 5 > len(data[:4096]):
        # Text in UTF-16 without its mark: the zero byte of Latin letters is always on the same side.
        even, odd = data[:4096:2].count(0), data[1:4096:2].count(0)
        order = [("utf-16-le" if odd > even else "utf-16-be", "UTF-16")]
    else:
        order = [("utf-8", "UTF-8"), ("cp1252", "Windows-1252")]
    for codec, name in order:
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        odd_marks = sum(mark < " " and mark not in "\t\r\n" for mark in text[:4096])
        # A stray control mark is left for the cells to be cleaned of; a file full of them is no text.
        if odd_marks <= 16 + min(len(text), 4096) // 20:
            return text, name
    raise SheetError(
        "The file is not a table of text.", where="It holds bytes that are no letters.", do=SAVE_AS
    )


def _read_text(text: str) -> tuple[list[RawRow], str]:
    skipped = 0
    said = re.match(r"sep=(.)\r?\n", text, re.IGNORECASE)
    if said:
        text, skipped = text[said.end() :], 1
    delimiter = said.group(1) if said else _sniff(text)
    rows: list[RawRow] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    before = 0
    try:
        for cells in reader:
            if reader.line_num - before > MAX_LINES_IN_A_CELL:
                raise csv.Error
            if cells:
                rows.append((before + 1 + skipped, tuple(map(str.strip, cells))))
            before = reader.line_num
    except csv.Error:
        raise SheetError(
            "A quotation mark is not closed or stands inside a cell, or a cell is far too long.",
            where=f"In the row that begins on line {before + 1 + skipped:,}.",
            do='Remove the mark, or write it twice ("") inside a cell that begins and ends with one.',
        ) from None
    return rows, delimiter


def _cut_line(text: str, raw: list[RawRow]) -> int | None:
    """The last row's line where the text ends inside it: no line end, and fewer cells than all rows before have.

    Without a line end alone nothing is said: many programs leave out the last one.
    """
    if len(raw) < 3 or text.endswith(("\n", "\r")):
        return None
    *before, (line, last) = raw
    widths = {len(cells) for _line, cells in before}
    return line if len(widths) == 1 and len(last) < widths.pop() else None


def _sniff(text: str) -> str:
    """The character that cuts the first hundred lines into the steadiest table of two columns or more."""
    # What stands in quotes divides nothing, however many semicolons an address holds.
    sample = _QUOTED.sub("", text[:100_000]).splitlines()[:100]
    best, best_score = ",", 0.0
    for delimiter in _DELIMITERS:
        widths = [line.count(delimiter) + 1 for line in sample if line]
        usual = Counter(width for width in widths if width > 1).most_common(1)
        if not usual:
            continue
        width, times = usual[0]
        score = times / len(widths) + min(width, 20) / 100
        if score > best_score:
            best, best_score = delimiter, score
    return best
