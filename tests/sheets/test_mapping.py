"""Columns are recognised by their headings and contents, and a person's correction is checked."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheets.making import TODAY, sheet_of
from teamaround.sheets import FIELDS, MappingError, check_mapping, guess_mapping, read_caseload
from teamaround.sheets.headings import meaning_of


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Ref", "reference"),
        ("Person ID", "reference"),
        ("PupilID", "reference"),
        ("Case No.", "reference"),
        ("Legal Surname", "family"),
        ("last_name", "family"),
        ("LastName", "family"),
        ("Preferred Forename", "given"),
        ("First name(s)", "given"),
        ("Middle Name(s)", "middle"),
        ("Young carer (SURNAME, first)", "full_name"),
        ("Patient", "full_name"),
        ("Child's name", "full_name"),
        ("D.O.B.", "date_of_birth"),
        ("Birth date", "date_of_birth"),
        ("Boy/Girl", "sex"),
        ("Gender", "sex"),
        ("Post code", "postcode"),
        ("Home Postcode", "postcode"),
        ("NHS No", "nhs_number"),
        ("UPN", "upn"),
        ("YC ind.", "young_carer"),
        ("On carers register", "young_carer"),
        ("Cares for", "cares_for"),
        ("Who do they care for?", "cares_for"),
        ("Because of", "reason_for_care"),
        ("Registered", "registered_on"),
        ("Plan", "plan_type"),
        ("Worker", "worker"),
        ("Worker name", "worker"),
        ("Mobile", "phone"),
        ("Address line 1", "address"),
        ("School name", "school"),
        ("Mother's DOB", "ignore"),
        ("Parent/guardian phone", "ignore"),
        ("GP practice", "ignore"),
        ("Emergency contact name", "ignore"),
        ("E-mail", "ignore"),
        ("Year group", "ignore"),
        ("Why refused", "ignore"),
        ("Favourite colour", None),
        ("", None),
    ],
)
def test_a_heading_says_what_its_column_holds(heading: str, field: str | None) -> None:
    assert meaning_of(heading) == field


@pytest.mark.parametrize(
    ("cell", "style"),
    [
        ("HALL, Ann", "full_name_comma"),
        ("Hall; Ann Mary", "full_name_semicolon"),
        ("Ann Hall", "full_name_plain"),
    ],
)
def test_the_style_of_a_full_name_is_read_from_the_cells(cell: str, style: str) -> None:
    sheet = sheet_of([cell, "1/1/2015"], header=["Child", "DOB"])
    assert guess_mapping(sheet) == {"Child": style, "DOB": "date_of_birth"}


def test_contents_speak_where_headings_do_not() -> None:
    rows = [["HALL, Ann", "9434765919", "S1 2AB", "1/2/2015", "F"], ["LEE, Bo", "", "M9", "3/2/2015", "M"]]
    guess = guess_mapping(sheet_of(*rows, header=["Alpha", "Beta", "Gamma", "Delta", "Epsilon"]))
    assert list(guess.values()) == ["full_name_comma", "nhs_number", "postcode", "date_of_birth", "sex"]


def test_a_plain_number_column_that_holds_upns_is_the_upn() -> None:
    sheet = sheet_of(["B801200005001", "Ann Hall"], header=["Pupil number", "Name"])
    assert guess_mapping(sheet)["Pupil number"] == "upn"


def test_the_legal_surname_is_taken_before_the_preferred_one_and_the_other_is_left_out() -> None:
    sheet = sheet_of(
        ["Lee", "Hall", "Ann", "1/1/2015"], header=["Preferred Surname", "Legal Surname", "Forename", "DOB"]
    )
    guess = guess_mapping(sheet)
    assert guess["Legal Surname"] == "family"
    assert guess["Preferred Surname"] == "ignore"


def test_a_mapping_is_plain_text_both_ways() -> None:
    guess = guess_mapping(sheet_of(["A1", "Hall", "Ann", "1/1/2015", "F", "S1 2AB"]))
    assert json.loads(json.dumps(guess)) == guess
    assert set(guess.values()) <= set(FIELDS)


@pytest.mark.parametrize(
    ("correction", "words"),
    [
        ({"Ref": "family"}, "two columns"),
        ({"Ref": "shoe_size"}, "no such field"),
        ({"Nowhere": "upn"}, "no such column"),
        ({"Ref": "full_name_comma"}, "both chosen"),
        ({"Surname": "ignore", "Forename": "ignore"}, "No column is chosen for the name"),
        ({"Ref": "ignore", "DOB": "ignore", "Postcode": "ignore"}, "tells the children apart"),
        (
            {"Surname": "full_name_comma", "Forename": "full_name_plain"},
            "Two columns are chosen for the full name",
        ),
    ],
)
def test_a_correction_that_cannot_be_used_is_refused_with_its_column(
    correction: dict[str, str], words: str
) -> None:
    sheet = sheet_of(["A1", "Hall", "Ann", "1/1/2015", "F", "S1 2AB"])
    mapping = guess_mapping(sheet) | correction
    assert any(words in fault.reason for fault in check_mapping(mapping, sheet))
    with pytest.raises(MappingError):
        read_caseload(sheet, mapping, TODAY)


def test_several_columns_may_be_lines_of_the_address() -> None:
    sheet = sheet_of(
        ["Ann Hall", "1 High St", "Leeds", "M9"], header=["Name", "Address 1", "Town", "Postcode"]
    )
    mapping = guess_mapping(sheet)
    assert check_mapping(mapping, sheet) == []
    assert read_caseload(sheet, mapping, TODAY).rows[0].address == ("1 High St", "Leeds")


WORDS = st.sampled_from(
    ["Name", "Surname", "DOB", "NHS", "UPN", "Ref", "Address", "Postcode", "Sex", "Oddity", "Child"]
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(WORDS, min_size=3, max_size=9),
    st.lists(st.text("abcS12 ,;/", max_size=9), min_size=9, max_size=9),
)
def test_no_guess_has_a_field_twice(header: list[str], cells: list[str]) -> None:
    sheet = sheet_of(["x1", *cells[: len(header)]], header=["Ref", *header])
    guess = guess_mapping(sheet)
    assert list(guess) == sheet.header
    assert not [fault for fault in check_mapping(guess, sheet) if "two columns" in fault.reason]
