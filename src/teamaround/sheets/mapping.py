"""Which column is what: guessed from headings and contents, corrected by a person, checked before use."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass
from datetime import date

from teamaround.sheets.dates import read_date
from teamaround.sheets.headings import FIELDS, FULL_NAME, FULL_NAME_FIELDS, meaning_of
from teamaround.sheets.identifiers import read_nhs_number, read_postcode, read_upn
from teamaround.sheets.names import is_nothing
from teamaround.sheets.refusal import RefusedError
from teamaround.sheets.table import Cell, Sheet, as_text

#: Column name to field code: plain text both, so that it can be stored, shown in a form and sent back.
Mapping = dict[str, str]

#: Fields that several columns may share.
_SHARED = frozenset({"address", "ignore"})
_NAME_FIELDS = frozenset({*FULL_NAME_FIELDS, "given", "middle", "family"})
_PLACING_FIELDS = frozenset({"reference", "date_of_birth", "postcode", "nhs_number", "upn"})
#: So many filled cells of a column are looked at, spread over the whole file.
_SAMPLE = 200
#: This share of the filled cells must fit before contents alone decide.
_ENOUGH = 0.6
_SEX_WORDS = {"f", "m", "u", "male", "female", "boy", "girl"}


@dataclass(frozen=True, slots=True)
class MappingFault:
    """One thing wrong with a mapping: the column and field it is about ("" for the whole), and what to do."""

    column: str
    field: str
    reason: str


class MappingError(ValueError):
    """A mapping that cannot be used; `faults` says why."""

    def __init__(self, faults: list[MappingFault]) -> None:
        self.faults = faults
        super().__init__(" ".join(fault.reason for fault in faults))


def guess_mapping(sheet: Sheet) -> Mapping:
    """A field for every column of the sheet, "ignore" where nothing fits. The guess has no field twice.

    Headings decide first. Contents then correct them ("Number" over NHS numbers), give a full name its style,
    and speak for columns whose headings are unknown.
    """
    samples = {column: _sample(sheet, place) for place, column in enumerate(sheet.header)}
    guess: Mapping = {}
    taken: set[str] = set()

    def settle(column: str, meaning: str) -> None:
        if meaning in _SHARED or (meaning not in taken and not (taken & _rivals(meaning))):
            guess[column] = meaning
            taken.add(meaning)
        else:
            guess[column] = "ignore"

    said = {column: meaning_of(column) for column in sheet.header}
    # A heading that says "legal" is settled before one that says "preferred": the first keeps the field.
    for column in sorted(sheet.header, key=_standing):
        meaning = said[column]
        if meaning is None or meaning == FULL_NAME:
            continue
        if meaning == "reference":
            meaning = _identifier(samples[column]) or meaning
        elif meaning == "young_carer" and _mostly(samples[column], _is_name):
            said[column] = FULL_NAME
            continue
        settle(column, meaning)
    for column in sheet.header:
        if said[column] == FULL_NAME:
            settle(column, _name_style(samples[column]) if not taken & {"given", "family"} else "ignore")
    for column in sheet.header:
        if said[column] is None:
            settle(column, _from_contents(samples[column], taken))
    return {column: guess[column] for column in sheet.header}


def check_mapping(mapping: AnyMapping[str, str], sheet: Sheet) -> list[MappingFault]:
    """Everything that is wrong with a mapping for this sheet; empty when it can be used. A column that is not
    named is left out of the import."""
    faults = []
    seen: dict[str, str] = {}
    for column, field in mapping.items():
        if column not in sheet.header:
            faults.append(
                MappingFault(column, field, "The file has no such column. Choose one of its columns.")
            )
        elif field not in FIELDS:
            faults.append(MappingFault(column, field, "There is no such field. Choose one from the list."))
        elif field in seen:
            reason = f"{FIELDS[field]} is chosen for two columns. Keep one and leave the other out."
            faults.append(MappingFault(column, field, reason))
        elif field not in _SHARED:
            seen[field] = column
    whole = [field for field in FULL_NAME_FIELDS if field in seen]
    if len(whole) > 1:
        reason = "Two columns are chosen for the full name. Keep one and leave the other out."
        faults.append(MappingFault(seen[whole[1]], whole[1], reason))
    elif whole and seen.keys() & {"given", "family"}:
        reason = "The full name and its parts are both chosen. Keep one column for all, or one for each part."
        faults.append(MappingFault(seen[whole[0]], whole[0], reason))
    if not seen.keys() & _NAME_FIELDS:
        faults.append(MappingFault("", "family", "No column is chosen for the name. Choose at least one."))
    if not seen.keys() & _PLACING_FIELDS:
        reason = "Nothing tells the children apart. Choose the date of birth, an identifier or the postcode."
        faults.append(MappingFault("", "date_of_birth", reason))
    return faults


def _rivals(meaning: str) -> set[str]:
    return set(FULL_NAME_FIELDS) if meaning in FULL_NAME_FIELDS else set()


def _standing(column: str) -> int:
    words = column.lower()
    if "legal" in words or "home" in words or "current" in words:
        return 0
    return 2 if re.search(r"prefer|former|previous|known|alias|old|other", words) else 1


def _sample(sheet: Sheet, place: int) -> list[Cell]:
    step = max(1, len(sheet.rows) // (_SAMPLE * 2))
    cells = (row.cells[place] for row in sheet.rows[::step])
    filled = [cell for cell in cells if not (isinstance(cell, str) and is_nothing(cell))]
    if not filled and step > 1:
        filled = [cell for row in sheet.rows if not is_nothing(as_text(cell := row.cells[place]))]
    return filled[:_SAMPLE]


def _mostly(cells: Sequence[Cell], test: Callable[[str], object]) -> bool:
    return bool(cells) and sum(_holds(test, as_text(cell)) for cell in cells) >= _ENOUGH * len(cells)


def _holds(test: Callable[[str], object], text: str) -> bool:
    try:
        return bool(test(text))
    except RefusedError:
        return False


def _identifier(cells: Sequence[Cell]) -> str | None:
    if _mostly(cells, read_upn):
        return "upn"
    return "nhs_number" if _mostly(cells, read_nhs_number) else None


def _is_name(text: str) -> bool:
    return len(text) > 3 and any(letter.isalpha() for letter in text) and not any(map(str.isdigit, text))


def _name_style(cells: Sequence[Cell]) -> str:
    if _mostly(cells, lambda text: re.search("[;؛]", text)):
        return "full_name_semicolon"
    return "full_name_comma" if _mostly(cells, lambda text: re.search("[,،]", text)) else "full_name_plain"


def _from_contents(cells: Sequence[Cell], taken: set[str]) -> str:
    found = _identifier(cells)
    if found:
        return found
    if _mostly(cells, read_postcode):
        return "postcode"
    if len(cells) > 1 and {as_text(cell).lower() for cell in cells} <= _SEX_WORDS:
        return "sex"
    if "date_of_birth" not in taken and _mostly(cells, _is_date):
        return "date_of_birth"
    named = taken & _NAME_FIELDS
    if not named and _mostly(cells, lambda text: _is_name(text) and re.search(r"\S[,;،؛]\s*\S", text)):
        return _name_style(cells)
    return "ignore"


def _is_date(text: str) -> bool:
    # Any day serves to read by: only whether it is a whole date matters here.
    reading = read_date(text, date.today())
    return reading is not None and reading[1] == "day"
