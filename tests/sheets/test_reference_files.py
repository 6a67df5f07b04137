"""The four reference caseloads: their rows, and what must be refused and flagged in them.

`truth.json` lists which rows an importer must refuse. Its list lacks one row of the school's file: row 791
gives a birth in 2029, where two other agencies write 2026 for the same child. By the rule that a birth in the
future is refused, it is refused here too.
"""

from __future__ import annotations

import json
from collections import defaultdict
from functools import lru_cache
from pathlib import Path

import pytest

from sheets.making import TODAY
from teamaround.sheets import Caseload, check_mapping, guess_mapping, read_caseload, read_table

DATA = Path(__file__).parent.parent / "data"
TRUTH = json.loads((DATA / "truth.json").read_text())
YOUNG_CARERS, SCHOOL, GP, SOCIAL_CARE = TRUTH
NOT_LISTED = {SCHOOL: {"791": "future_birth_date"}}


@lru_cache
def caseload(name: str) -> Caseload:
    sheet = read_table(DATA / name)
    mapping = guess_mapping(sheet)
    assert check_mapping(mapping, sheet) == []
    assert "ignore" not in mapping.values()
    return read_caseload(sheet, mapping, TODAY)


@pytest.mark.parametrize(
    ("name", "rows"), [(YOUNG_CARERS, 256), (SCHOOL, 904), (GP, 700), (SOCIAL_CARE, 355)]
)
def test_every_data_row_is_counted(name: str, rows: int) -> None:
    assert caseload(name).total == rows == TRUTH[name]["rows"]


@pytest.mark.parametrize("name", TRUTH)
def test_the_rows_that_must_be_refused_are_refused_for_their_reason(name: str) -> None:
    found = {str(problem.row): problem.code for problem in caseload(name).refused}
    assert found == TRUTH[name].get("refused", {}) | NOT_LISTED.get(name, {})


def test_seven_nhs_numbers_are_left_out_and_their_rows_kept() -> None:
    flagged = caseload(GP).flagged
    assert [flag.row for flag in flagged] == TRUTH[GP]["nhs_check_digit_fails"]
    assert {flag.code for flag in flagged} == {"nhs_check_digit"}
    assert all(not row.nhs for row in caseload(GP).rows if row.number in TRUTH[GP]["nhs_check_digit_fails"])


@pytest.mark.parametrize("name", [YOUNG_CARERS, SCHOOL, SOCIAL_CARE])
def test_nothing_is_flagged_where_nothing_is_wrong(name: str) -> None:
    assert caseload(name).flagged == []


def same_child(name: str) -> list[list[int]]:
    rows: dict[int, list[int]] = defaultdict(list)
    for number, person in enumerate(TRUTH[name]["person"], start=1):
        rows[person].append(number)
    return [numbers for numbers in rows.values() if len(numbers) > 1]


@pytest.mark.parametrize("name", TRUTH)
def test_no_two_different_children_are_shown_as_one(name: str) -> None:
    assert [group for group in caseload(name).duplicates_in_file if group not in same_child(name)] == []


@pytest.mark.parametrize(("name", "found"), [(YOUNG_CARERS, 3), (SCHOOL, 4), (GP, 0), (SOCIAL_CARE, 4)])
def test_the_children_who_are_there_twice_are_found_where_their_rows_agree(name: str, found: int) -> None:
    assert len([group for group in same_child(name) if group in caseload(name).duplicates_in_file]) >= found
