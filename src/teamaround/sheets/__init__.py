"""Reads the files that agencies export, says what each column and row is, and refuses with a reason.

Pure: no database and no framework. The usual course is `read_table`, `guess_mapping` (which a person may
correct), `read_caseload`, and `export_refused` for what has to be put right.
"""

from __future__ import annotations

from teamaround.sheets.caseload import Caseload, CaseloadRow, Problem, read_caseload
from teamaround.sheets.export import export_refused, safe_cell, write_csv
from teamaround.sheets.headings import FIELDS
from teamaround.sheets.mapping import Mapping, MappingError, MappingFault, check_mapping, guess_mapping
from teamaround.sheets.reading import read_rows, read_table
from teamaround.sheets.refusal import Reason, RefusedError
from teamaround.sheets.table import MAX_BYTES, MAX_ROWS, Sheet, SheetError, SheetRow

__all__ = [
    "FIELDS",
    "MAX_BYTES",
    "MAX_ROWS",
    "Caseload",
    "CaseloadRow",
    "Mapping",
    "MappingError",
    "MappingFault",
    "Problem",
    "Reason",
    "RefusedError",
    "Sheet",
    "SheetError",
    "SheetRow",
    "check_mapping",
    "export_refused",
    "guess_mapping",
    "read_caseload",
    "read_rows",
    "read_table",
    "safe_cell",
    "write_csv",
]
