"""Makes the files that agencies might export, in every style the reader should know."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date

import openpyxl

from teamaround.sheets import Caseload, Sheet, guess_mapping, read_caseload, read_table

TODAY = date(2026, 11, 22)
HEADER = ["Ref", "Surname", "Forename", "DOB", "Sex", "Postcode"]


def text_file(
    rows: Iterable[Sequence[str]], *, delimiter: str = ",", encoding: str = "utf-8", newline: str = "\r\n"
) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=newline).writerows(rows)
    return out.getvalue().encode(encoding)


def workbook(rows: Iterable[Sequence[object]], *, before: Sequence[Sequence[object]] | None = None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    if before is not None:
        for row in before:
            sheet.append(list(row))
        sheet = book.create_sheet("Children")
    for row in rows:
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def archive(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return out.getvalue()


def sheet_of(*rows: Sequence[str], header: Sequence[str] = HEADER) -> Sheet:
    return read_table(text_file([header, *rows]), "made.csv")


def caseload_of(*rows: Sequence[str], header: Sequence[str] = HEADER) -> Caseload:
    sheet = sheet_of(*rows, header=header)
    return read_caseload(sheet, guess_mapping(sheet), TODAY)
