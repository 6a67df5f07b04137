"""Rows are kept, refused with a reason, or flagged; and children who are there twice are shown."""

from __future__ import annotations

import csv
import io
import json
import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheets.making import HEADER, TODAY, caseload_of, sheet_of, text_file
from teamaround import sheets
from teamaround.sheets import (
    Caseload,
    export_refused,
    guess_mapping,
    read_caseload,
    read_table,
    safe_cell,
    write_csv,
)

OWN_WORDS = "".join(path.read_text(encoding="utf-8") for path in Path(sheets.__file__).parent.glob("*.py"))
GOOD = ["A1", "HALL", "ANN", "02/03/2015", "Girl", "s12ab"]


def changed(**cells: str) -> list[str]:
    return [cells.get(column, cell) for column, cell in zip(HEADER, GOOD, strict=True)]


def codes(caseload: Caseload) -> list[str]:
    return [problem.code for problem in caseload.refused]


def test_a_row_is_read_into_what_it_says_of_a_child() -> None:
    row = caseload_of(GOOD).rows[0]
    assert (row.number, row.line, row.reference) == (1, 2, "A1")
    assert (row.given, row.family, row.dob, row.dob_precision) == ("Ann", "Hall", date(2015, 3, 2), "day")
    assert (row.sex, row.postcode) == ("F", "S1 2AB")


@pytest.mark.parametrize("column", ["Ref", "Surname", "Forename", "DOB", "Sex", "Postcode"])
def test_no_single_missing_cell_is_a_fault(column: str) -> None:
    assert caseload_of(changed(**{column: ""})).refused == []


def test_a_row_without_any_name_is_refused() -> None:
    assert codes(caseload_of(changed(Surname="-", Forename=""))) == ["no_name"]


def test_a_row_with_neither_birth_nor_identifier_nor_postcode_is_refused() -> None:
    assert codes(caseload_of(GOOD, changed(Ref="", DOB="", Postcode=""))) == ["cannot_be_placed"]


def test_a_number_that_was_left_out_places_nobody() -> None:
    header = ["Surname", "Forename", "NHS number", "Postcode"]
    caseload = caseload_of(["Hall", "Ann", "9434765918", ""], ["Lee", "Bo", "9434765919", ""], header=header)
    assert codes(caseload) == ["cannot_be_placed"]


@pytest.mark.parametrize(
    ("cells", "code", "field"),
    [
        ({"DOB": "31/02/2015"}, "impossible_date", "date_of_birth"),
        ({"DOB": "1/1/2030"}, "future_birth_date", "date_of_birth"),
        ({"DOB": "1/1/1890"}, "birth_date_too_old", "date_of_birth"),
        ({"Surname": "x" * 201}, "name_too_long", "family"),
        ({"Ref": "x" * 501}, "too_long", "reference"),
        ({"Postcode": '=HYPERLINK("x")'}, "formula", "postcode"),
        ({"Surname": "@SUM(A1:A9)"}, "formula", "family"),
        ({"Ref": "+cmd|' /C calc'!A0"}, "formula", "reference"),
        ({"Sex": "=1+1"}, "formula", "sex"),
        ({"Ref": "'=1+1"}, "formula", "reference"),
    ],
)
def test_a_row_that_cannot_be_true_is_refused_beside_its_field(
    cells: dict[str, str], code: str, field: str
) -> None:
    problem = caseload_of(GOOD, changed(**cells)).refused[0]
    assert (problem.row, problem.line, problem.code, problem.field) == (2, 3, code, field)
    assert problem.reason.endswith(".")


def test_a_row_with_two_faults_is_refused_once_and_says_both() -> None:
    caseload = caseload_of(changed(DOB="31/02/2015", Ref="=1"))
    assert len(caseload.refused) == 1
    assert "formula" in caseload.refused[0].reason
    assert "does not exist" in caseload.refused[0].reason


def test_a_text_that_an_exporter_wrapped_to_keep_its_zeros_is_that_text() -> None:
    assert caseload_of(changed(Ref='="00123"')).rows[0].reference == "00123"


def test_a_phone_number_with_its_country_and_brackets_is_no_formula() -> None:
    caseload = caseload_of(["Ann Hall", "1/1/2015", "+44 (0)1632 960123"], header=["Name", "DOB", "Phone"])
    assert caseload.rows[0].phone == "+44 (0)1632 960123"


def test_a_upn_whose_letter_fails_refuses_the_row_and_an_nhs_number_only_itself() -> None:
    header = ["UPN", "Surname", "DOB", "NHS number"]
    caseload = caseload_of(
        ["B801200005002", "Hall", "1/1/2015", ""], ["", "Lee", "1/1/2015", "9434765918"], header=header
    )
    assert codes(caseload) == ["upn_check_letter"]
    assert [(flag.row, flag.code) for flag in caseload.flagged] == [(2, "nhs_check_digit")]
    assert caseload.rows[0].nhs == ""


def test_a_postcode_a_sex_or_a_registration_that_cannot_be_read_is_left_out_and_flagged() -> None:
    caseload = caseload_of(["Hall", "1/1/2015", "Leeds", "blue", "31/2/2020"],
                           header=["Surname", "DOB", "Postcode", "Sex", "Registered"])  # fmt: skip
    assert {flag.field for flag in caseload.flagged} == {"postcode", "sex", "registered_on"}
    assert (caseload.rows[0].postcode, caseload.rows[0].sex, caseload.rows[0].registered_on) == (
        "",
        "U",
        None,
    )


@pytest.mark.parametrize(
    ("registered", "kept"),
    [
        ("1/1/1900", False),
        ("1/1/2020", True),
        ("22/11/2026", True),
        ("23/12/2026", True),
        ("1/1/2028", False),
        ("1066", False),
    ],
)
def test_a_registration_that_cannot_be_is_left_out_and_flagged(registered: str, kept: bool) -> None:
    caseload = caseload_of(["Hall", "3/5/2015", registered], header=["Surname", "DOB", "Registered"])
    assert (caseload.rows[0].registered_on is not None) is kept
    assert [flag.field for flag in caseload.flagged] == ([] if kept else ["registered_on"])


def test_columns_that_are_left_out_are_kept_beside_the_row() -> None:
    header = ["Surname", "DOB", "Favourite colour"]
    assert caseload_of(["Hall", "1/1/2015", "blue"], header=header).rows[0].extra == {
        "Favourite colour": "blue"
    }


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.lists(
            st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=15), min_size=5, max_size=5
        ),
        min_size=1,
        max_size=5,
    )
)
def test_every_row_is_kept_or_refused_and_no_reason_repeats_its_data(rows: list[list[str]]) -> None:
    sheet = sheet_of(*(["R1", *row] for row in rows))
    caseload = read_caseload(sheet, guess_mapping(sheet), TODAY)
    numbers = [row.number for row in caseload.rows] + [problem.row for problem in caseload.refused]
    assert sorted(numbers) == [row.number for row in sheet.rows]
    said = json.dumps(caseload.summary())
    # What the room's own code says, such as a part of the name of a reason, is no data, though it may be drawn.
    data = [cell for row in rows for cell in row if len(cell) > 8 and cell not in OWN_WORDS]
    assert not any(json.dumps(cell)[1:-1] in said for cell in data)


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ({}, True),
        ({"Ref": "A2"}, True),
        ({"Ref": "A2", "Postcode": "S1"}, True),
        ({"Ref": "A2", "Postcode": ""}, True),
        ({"Ref": "A2", "Surname": "O'Hall"}, True),
        ({"Ref": "A2", "Forename": "Annie"}, True),
        ({"Ref": "A2", "Forename": "A"}, True),
        ({"Ref": "A2", "DOB": "03/02/2015"}, True),
        ({"Ref": "A2", "DOB": "01/01/2015"}, True),
        ({"Ref": "A2", "DOB": "2015"}, True),
        ({"Ref": "A2", "DOB": ""}, True),
        ({"Ref": "A2", "Surname": ""}, True),
        ({"Ref": "A2", "Forename": "Bo"}, False),
        ({"Ref": "A2", "DOB": "19/11/2012"}, False),
        ({"Ref": "A2", "Surname": "Lee"}, False),
        ({"Ref": "A2", "Sex": "Boy"}, False),
        ({"Ref": "A2", "Surname": "", "Postcode": ""}, False),
    ],
)
def test_two_rows_are_shown_as_one_child_when_all_they_say_agrees(other: dict[str, str], same: bool) -> None:
    far = ["A9", "Okafor", "Kymani", "15/03/2010", "Boy", "L1 8HD"]
    assert caseload_of(GOOD, far, changed(**other)).duplicates_in_file == ([[1, 3]] if same else [])


def test_one_identifier_is_one_child_and_two_valid_ones_are_two() -> None:
    header = ["NHS number", "Surname", "Forename", "DOB", "Postcode"]
    ann = ["Hall", "Ann", "1/2/2015", "S1 2AB"]
    one = caseload_of(["9434765919", *ann], ["943 476 5919", "Lee", "Bo", "5/6/2011", ""], header=header)
    assert one.duplicates_in_file == [[1, 2]]
    two = caseload_of(["9434765919", *ann], ["9069514354", *ann], header=header)
    assert two.duplicates_in_file == []


def test_refused_rows_come_back_as_they_were_with_the_reason_and_nothing_live() -> None:
    sheet = sheet_of(GOOD, changed(Ref="=1+1"), changed(Ref="A3", DOB="31/02/2015"))
    caseload = read_caseload(sheet, guess_mapping(sheet), TODAY)
    data = export_refused(caseload, sheet)
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert rows[0] == [*HEADER, "Why refused"]
    assert rows[1][0] == "'=1+1"
    assert rows[2][:6] == changed(Ref="A3", DOB="31/02/2015")
    assert [row[-1] for row in rows[1:]] == [problem.reason for problem in caseload.refused]
    again = read_table(data, "refused.csv")
    assert len(read_caseload(again, guess_mapping(again), TODAY).refused) == 2
    assert export_refused(read_caseload(again, guess_mapping(again), TODAY), again).count(b"Why refused") == 1


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "＝"])
def test_a_cell_that_would_begin_a_formula_is_disarmed(start: str) -> None:
    assert safe_cell(f"{start}1+1") == f"'{start}1+1"


def test_numbers_dates_and_nothing_are_written_plainly() -> None:
    assert [safe_cell(value) for value in (-5, 1.5, None, date(2015, 3, 2), "O'Brien")] == [
        "-5", "1.5", "", "02/03/2015", "O'Brien",
    ]  # fmt: skip


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), min_size=1, max_size=5))
def test_no_exported_cell_begins_like_a_formula(cells: list[str]) -> None:
    made = list(csv.reader(io.StringIO(write_csv(["a"], [cells]).decode("utf-8-sig"), newline="")))[1]
    assert all(not cell.lstrip().startswith(("=", "+", "-", "@")) for cell in made)
    assert [cell.removeprefix("'") for cell in made] == [cell.removeprefix("'") for cell in cells]


def test_fifty_thousand_rows_are_read_in_seconds() -> None:
    letters = "abcdefghij"

    def word(at: int) -> str:
        return "".join(letters[int(figure)] for figure in str(at)).title()

    rows = [
        [
            *(f"R{at}", word(at * 7919 % 99991), word(at % 997)),
            *(f"{at % 28 + 1}/{at % 12 + 1}/{2008 + at % 18}", "F", f"S{at % 20 + 1} {at % 9}AB"),
        ]
        for at in range(50_000)
    ]
    data = text_file([HEADER, *rows])
    begun = time.process_time()
    sheet = read_table(data)
    caseload = read_caseload(sheet, guess_mapping(sheet), TODAY)
    assert caseload.total == 50_000
    assert time.process_time() - begun < 12, "the everyday figure is about two seconds"
