"""A caseload: what an agency's rows say about children, what was refused and why, and who is there twice."""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Mapping as AnyMapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from teamaround.sheets.dates import MAX_AGE_YEARS, Precision, read_birth_date, read_date
from teamaround.sheets.duplicates import find_duplicates
from teamaround.sheets.headings import FIELDS, FULL_NAME_FIELDS
from teamaround.sheets.identifiers import (
    Sex,
    read_nhs_number,
    read_postcode,
    read_sex,
    read_upn,
    read_young_carer,
)
from teamaround.sheets.mapping import MappingError, check_mapping
from teamaround.sheets.names import clean_text, is_title, name, split_full_name
from teamaround.sheets.refusal import FORMULA, Reason, RefusedError
from teamaround.sheets.table import Cell, Sheet, SheetRow, as_text

NO_NAME = Reason("no_name", "The row has no name at all. Add a forename or a surname.")
ONLY_A_TITLE = Reason("only_a_title", "The name is a title and nothing else. Add a forename or a surname.")
CUT_OFF = Reason(
    "cut_off",
    "The file ends inside this row: it seems to have been cut off. Export it again and send it whole.",
)
CANNOT_BE_PLACED = Reason(
    "cannot_be_placed",
    "The row has no date of birth, no identifier and no postcode, so the child cannot be told from others."
    " Add one of them.",
)

REGISTERED_LATER = Reason("registered_later", "The date lies years ahead. Check the year.")
REGISTERED_TOO_EARLY = Reason(
    "registered_too_early", f"The date is over {MAX_AGE_YEARS} years ago. Check the year."
)

# A phone number may begin with a sign and hold brackets: only a function, a pipe or a sheet makes it live.
_SIGNS_OF_FORMULA = re.compile(r"[=＝]|[+\-@＋－＠].*(?:[A-Za-z]\w*\(|[|!])", re.DOTALL)
#: Exporters write ="00123" to keep the zeros: a formula that is only a text in quotes is that text.
_QUOTED = re.compile(r'="([^"]*)"$')
#: Fields whose fault costs the value and not the row.
_SPARED = frozenset({"postcode", "sex", "nhs_number", "registered_on", "phone"})


@dataclass(frozen=True, slots=True)
class CaseloadRow:
    """One child as one row says. Text is "" and dates are None where the row says nothing.

    `number` counts data rows from 1, `line` is the line in the file. `postcode` may be outward only ("S1").
    `extra` holds the filled cells of the columns that were left out, by column name.
    """

    number: int
    line: int
    reference: str = ""
    given: str = ""
    middle: str = ""
    family: str = ""
    dob: date | None = None
    dob_precision: Precision | None = None
    sex: Sex = "U"
    postcode: str = ""
    address: tuple[str, ...] = ()
    nhs: str = ""
    upn: str = ""
    school: str = ""
    young_carer: str = ""
    cares_for: str = ""
    reason_for_care: str = ""
    registered_on: date | None = None
    plan_type: str = ""
    worker: str = ""
    phone: str = ""
    extra: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a row, where, and what to do; never the row's own data.

    A refused row has one problem: `field`, `column` and `code` are its first fault's, `reason` says them all.
    """

    row: int
    line: int
    field: str
    column: str
    code: str
    reason: str


@dataclass(slots=True)
class Caseload:
    """Rows to import, rows refused (one problem each), values left out of kept rows, and the numbers of rows
    that seem to be the same child. `total` counts all data rows: kept and refused."""

    rows: list[CaseloadRow]
    refused: list[Problem]
    flagged: list[Problem]
    duplicates_in_file: list[list[int]]

    @property
    def total(self) -> int:
        """All data rows of the file."""
        return len(self.rows) + len(self.refused)

    def summary(self) -> dict[str, object]:
        """The counts and problems as plain data for JSON; no row's own data is in it."""
        return {
            "rows": self.total,
            "refused": [asdict(problem) for problem in self.refused],
            "flagged": [asdict(problem) for problem in self.flagged],
            "duplicates_in_file": self.duplicates_in_file,
        }


#: A fault found in a cell: its field, its column, and why.
Fault = tuple[str, str, Reason]


def read_caseload(
    sheet: Sheet, mapping: AnyMapping[str, str], today: date, *, month_first: bool = False
) -> Caseload:
    """Reads every row under a mapping. MappingError when the mapping does not fit the sheet. `month_first` says
    that dates in figures are written month, day, year.

    Refused: a last row in which the file ends, a formula, a date of birth that does not exist or cannot be, a UPN whose check letter fails, a
    name over 200 characters, no name at all or a title alone, nothing to place the child by (no date of birth, identifier or
    postcode). Flagged and kept without the value: NHS number, postcode, sex and date registered.
    A UPN is refused where an NHS number is spared, because the school's own row is keyed by it: a wrong one
    would tie everything that follows to another pupil.
    """
    faults = check_mapping(mapping, sheet)
    if faults:
        raise MappingError(faults)
    columns = [(place, column, mapping.get(column, "ignore")) for place, column in enumerate(sheet.header)]
    rows: list[CaseloadRow] = []
    refused: list[Problem] = []
    flagged: list[Problem] = []
    for sheet_row in sheet.rows:
        if sheet_row.line == sheet.cut_line:
            refused.append(_as_one(sheet_row, [("family", "", CUT_OFF)]))
            continue
        reader = _RowReader(columns, today, month_first=month_first)
        row = reader.read(sheet_row)
        if reader.refused:
            refused.append(_as_one(sheet_row, reader.refused))
            continue
        flagged.extend(
            Problem(sheet_row.number, sheet_row.line, fault[0], fault[1], fault[2].code, fault[2].text)
            for fault in reader.flagged
        )
        rows.append(row)
    return Caseload(rows, refused, flagged, find_duplicates(rows))


def _as_one(row: SheetRow, faults: list[Fault]) -> Problem:
    first_field, first_column, first = faults[0]
    reasons = [
        reason.text if len(faults) == 1 else f"{FIELDS[about]}: {reason.text}" for about, _, reason in faults
    ]
    return Problem(row.number, row.line, first_field, first_column, first.code, " ".join(reasons))


class _RowReader:
    """Reads one row cell by cell, collecting every fault before anything is decided."""

    __slots__ = ("columns", "flagged", "month_first", "refused", "today", "values")

    def __init__(self, columns: list[tuple[int, str, str]], today: date, *, month_first: bool) -> None:
        self.columns = columns
        self.today = today
        self.month_first = month_first
        self.refused: list[Fault] = []
        self.flagged: list[Fault] = []
        self.values: dict[str, Any] = {}

    def read(self, row: SheetRow) -> CaseloadRow:
        extra: dict[str, str] = {}
        address: list[str] = []
        values = self.values
        for place, column, field_code in self.columns:
            cell = row.cells[place]
            if cell == "":
                continue
            if field_code == "ignore":
                extra[column] = as_text(cell)
                continue
            try:
                if isinstance(cell, str):
                    cell = _literal(cell)
                if field_code == "address":
                    address.append(clean_text(as_text(cell)))
                else:
                    self._read_cell(field_code, cell)
            except RefusedError as refusal:
                spared = field_code in _SPARED and refusal.reason.code not in {"formula", "too_long"}
                (self.flagged if spared else self.refused).append((field_code, column, refusal.reason))
        self._judge()
        return CaseloadRow(row.number, row.line, address=tuple(filter(None, address)), extra=extra, **values)

    def _read_cell(self, field_code: str, cell: Cell) -> None:
        values = self.values
        if field_code == "date_of_birth":
            reading = read_birth_date(cell, self.today, month_first=self.month_first)
            if reading:
                values["dob"], values["dob_precision"] = reading
        elif field_code == "registered_on":
            registered = read_date(cell, self.today, month_first=self.month_first)
            if registered:
                if registered[0].year > self.today.year + 1:
                    raise RefusedError(REGISTERED_LATER)
                if registered[0].year < self.today.year - MAX_AGE_YEARS:
                    raise RefusedError(REGISTERED_TOO_EARLY)
                values["registered_on"] = registered[0]
        elif field_code in FULL_NAME_FIELDS:
            given, middle, family = split_full_name(as_text(cell), field_code)
            values["given"], values["family"] = given, family
            if middle:
                values["middle"] = middle
        elif field_code == "family":
            values["family"] = name(as_text(cell), family=True)
        else:
            key, reader = _READERS[field_code]
            values[key] = reader(as_text(cell))

    def _judge(self) -> None:
        values = self.values
        failed = {about for about, _column, _reason in self.refused}
        names = {"given", "middle", "family", *FULL_NAME_FIELDS}
        if not failed & names and not (values.get("given") or values.get("family") or values.get("middle")):
            self.refused.append((self._chosen(names), self._column(names), NO_NAME))
        said = [values[part] for part in ("given", "middle", "family") if values.get(part)]
        if said and all(map(is_title, said)):
            self.refused.append((self._chosen(names), self._column(names), ONLY_A_TITLE))
        placing = {"dob", "nhs", "upn", "postcode", "reference"}
        if not failed & {"date_of_birth", "upn", "reference", "postcode", "nhs_number"} and not any(
            values.get(key) for key in placing
        ):
            self.refused.append(("date_of_birth", self._column({"date_of_birth"}), CANNOT_BE_PLACED))

    def _chosen(self, fields: set[str]) -> str:
        return next((code for _place, _column, code in self.columns if code in fields), "family")

    def _column(self, fields: set[str]) -> str:
        return next((column for _place, column, code in self.columns if code in fields), "")


_READERS: dict[str, tuple[str, Callable[[str], object]]] = {
    "given": ("given", name),
    "middle": ("middle", name),
    "sex": ("sex", read_sex),
    "postcode": ("postcode", read_postcode),
    "nhs_number": ("nhs", read_nhs_number),
    "upn": ("upn", read_upn),
    "young_carer": ("young_carer", read_young_carer),
    "reference": ("reference", clean_text),
    "school": ("school", clean_text),
    "cares_for": ("cares_for", clean_text),
    "reason_for_care": ("reason_for_care", clean_text),
    "plan_type": ("plan_type", clean_text),
    "worker": ("worker", clean_text),
    "phone": ("phone", clean_text),
}


def _literal(text: str) -> str:
    """The text of a cell that is not a formula; RefusedError for one that is or would be taken for one."""
    if text[0] not in "=+-@＝＋－＠'\t\r\n ":
        return text
    quoted = _QUOTED.match(text)
    if quoted:
        text = quoted[1]
    # An apostrophe before a formula only disarmed it: the cell still has to be put right by a person.
    if _SIGNS_OF_FORMULA.match(text.lstrip(" \t\r\n'")):
        raise RefusedError(FORMULA)
    return text
