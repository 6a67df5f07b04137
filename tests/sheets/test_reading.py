"""Any file an agency exports is read whole, or refused with what, where and what to do."""

from __future__ import annotations

import contextlib
import csv
import io
import zipfile
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheets.making import HEADER, archive, text_file, workbook
from teamaround.sheets import MAX_BYTES, MAX_ROWS, Sheet, SheetError, read_table
from teamaround.sheets import workbook as workbook_room

ROWS = [
    ["A1", "Ó Briain", "Zoë", "21/08/2019", "F", "S1 2AB"],
    ["A2", "D'Souza-Hall", "Noël", "03/02/2016", "M", ""],
]


def refusal(data: bytes, filename: str = "caseload.csv") -> SheetError:
    with pytest.raises(SheetError) as caught:
        read_table(data, filename)
    assert caught.value.what
    assert caught.value.do
    return caught.value


@pytest.mark.parametrize("newline", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_every_usual_text_form_reads_alike(encoding: str, delimiter: str, newline: str) -> None:
    sheet = read_table(text_file([HEADER, *ROWS], delimiter=delimiter, encoding=encoding, newline=newline))
    assert sheet.header == HEADER
    assert [list(row.cells) for row in sheet.rows] == ROWS
    assert (sheet.kind, sheet.delimiter) == ("csv", delimiter)
    assert sheet.encoding in {"UTF-8", "UTF-16", "Windows-1252"}


def test_titles_blank_lines_repeated_headers_and_totals_are_not_counted_and_lines_are_kept() -> None:
    lines = [["Young carers, as at 1 June"], [], HEADER, ROWS[0], ["", "", "", "", "", ""], HEADER, ROWS[1]]
    sheet = read_table(text_file([*lines, [], ["Grand total:", "2", "", "", "", ""]]))
    assert sheet.header_row_number == 3
    assert [(row.number, row.line) for row in sheet.rows] == [(1, 4), (2, 7)]
    assert len(sheet.notes) == 3


@pytest.mark.parametrize(
    "words", ["TOTAL", "Total:", "Total records: 2", "Subtotal", "End of report", "Count"]
)
def test_a_closing_line_is_known_by_its_words(words: str) -> None:
    assert len(read_table(text_file([HEADER, *ROWS, [words]])).rows) == 2


def test_a_child_whose_surname_is_total_is_a_child() -> None:
    assert len(read_table(text_file([HEADER, *ROWS, ["A3", "Total", "Amy", "", "", ""]])).rows) == 3
    assert len(read_table(text_file([HEADER, *ROWS, ["A3", "Total", "", "", "", ""]])).rows) == 3


def test_no_cell_is_lost_when_rows_are_longer_than_the_header_or_headings_repeat() -> None:
    sheet = read_table(text_file([["Name", "Name", "", "DOB"], ["a", "b", "c", "1/1/2015", "left over"]]))
    assert sheet.header == ["Name", "Name (2)", "Column 3", "DOB", "Column 5"]
    assert sheet.rows[0].cells == ("a", "b", "c", "1/1/2015", "left over")


def test_the_line_of_a_row_counts_the_lines_inside_quoted_cells() -> None:
    sheet = read_table(text_file([HEADER, ["A1", "Hall\nknown as Hal", *ROWS[0][2:]], ROWS[1]]))
    assert [row.line for row in sheet.rows] == [2, 4]


@pytest.mark.parametrize("quoting", [csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
def test_marks_inside_quoted_addresses_divide_no_columns(quoting: int) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=quoting)
    writer.writerow(["Ref", "Forename", "Address"])
    for number in range(60):
        writer.writerow([f"YC{number}", "Kofi", "Flat 1, Mill House; High Street; Northmoor; NM; UK"])
    sheet = read_table(out.getvalue().encode(), "made.csv")
    assert sheet.delimiter == ","
    assert sheet.header == ["Ref", "Forename", "Address"]
    assert len(sheet.rows) == 60


def test_the_delimiter_that_a_file_announces_is_believed() -> None:
    sheet = read_table(b"sep=;\r\n" + text_file([HEADER, *ROWS], delimiter=";"))
    assert sheet.delimiter == ";"
    assert sheet.rows[0].line == 3


def test_years_among_the_column_names_do_not_make_them_data() -> None:
    sheet = read_table(
        text_file([["Name", "2023", "2024", "2025", "DOB"], ["Ann Hall", "1", "2", "3", "1/1/2015"]])
    )
    assert sheet.header_row_number == 1


def test_column_names_nobody_knows_still_make_a_header() -> None:
    assert read_table(text_file([["Alpha", "Beta"], ["x", "12/03/2014"]])).header == ["Alpha", "Beta"]


def test_a_file_without_column_names_is_refused_rather_than_lose_its_first_child() -> None:
    assert "column names" in refusal(text_file(ROWS)).what


def test_the_row_after_fifty_thousand_is_refused_with_its_line() -> None:
    lines = ["Ref,Name,DOB", *(f"R{at},Ann Hall,1/1/2015" for at in range(MAX_ROWS))]
    assert len(read_table("\n".join(lines).encode()).rows) == MAX_ROWS
    error = refusal("\n".join([*lines, "last,Ann Hall,1/1/2015"]).encode())
    assert "50,001" in error.what
    assert "50,002" in error.where


@pytest.mark.parametrize("data", [b"", b"\r\n\r\n", b"\xef\xbb\xbf", b",,,\r\n,,,", "  \n".encode("utf-16")])
def test_an_empty_file_is_refused(data: bytes) -> None:
    assert "empty" in refusal(data).what


def test_column_names_alone_are_refused() -> None:
    assert "no rows" in refusal(text_file([HEADER])).what


def test_a_file_over_twenty_megabytes_is_refused() -> None:
    assert "20 MB" in refusal(b"a,b\n" * (MAX_BYTES // 4 + 1)).what


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"%PDF-1.7\n...", "PDF"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "picture"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "picture"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, ".xls"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"<html><table><tr><td>Name</td></tr></table></html>", "web page"),
        (bytes(range(256)) * 8, "not a table"),
        (archive({"word/document.xml": b"<x/>"}), "Word"),
        (archive({"content.xml": b"<x/>", "mimetype": b"x"}), "OpenDocument"),
        (archive({"holiday.jpg": b"x"}), "archive"),
        (b"PK\x03\x04 broken", "damaged"),
        (archive({"xl/workbook.xml": b"<not closed", "[Content_Types].xml": b"<Types/>"}), "damaged"),
    ],
)
def test_a_file_of_the_wrong_kind_is_named_and_refused(data: bytes, words: str) -> None:
    assert words in refusal(data).what


def test_a_quotation_mark_that_is_not_closed_is_refused_with_its_line() -> None:
    error = refusal(
        b'Ref,Name,DOB\r\nA1,Ann Hall,1/1/2015\r\nA2,"Bo Hall,1/1/2015\r\nA3,Cy Hall,1/1/2015\r\n'
    )
    assert "quotation mark" in error.what
    assert "line 3" in error.where


def test_a_workbook_gives_real_dates_whole_numbers_and_text() -> None:
    data = workbook(
        [["Ref", "Name", "DOB", "NHS number"], [17, "Hall, Ann", datetime(2015, 3, 2), 9434765919.0]]
    )
    sheet = read_table(data, "x.xlsx")
    assert sheet.rows[0].cells == ("17", "Hall, Ann", datetime(2015, 3, 2), "9434765919")
    assert sheet.kind == "xlsx"


def test_a_formula_in_a_workbook_is_given_as_its_text() -> None:
    rows = [["Ref", "Name", "DOB", "Postcode"], ["A1", "Hall, Ann", datetime(2015, 3, 2), '=HYPERLINK("x")']]
    assert read_table(workbook(rows)).rows[0].cells[3] == '=HYPERLINK("x")'


def test_lines_of_formulas_alone_and_the_total_under_them_are_not_children() -> None:
    rows: list[list[object]] = [["Ref", "Name", "DOB", "Age"], ["A1", "Hall, Ann", "2/3/2015", "=1"]]
    sheet = read_table(workbook([*rows, ["", "", "", "=2"], ["TOTAL", "=COUNTA(B2:B3)", "", ""]]))
    assert len(sheet.rows) == 1


def test_the_sheet_that_holds_the_table_is_found_behind_a_cover_sheet() -> None:
    sheet = read_table(workbook([HEADER, *ROWS], before=[["About this export"], ["Made in June"]]))
    assert sheet.header == HEADER
    assert "2 sheets" in sheet.notes[0]


def test_a_workbook_that_unpacks_to_too_much_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = archive({"xl/workbook.xml": b"<x/>", "xl/worksheets/sheet1.xml": b" " * 2_000_000})
    monkeypatch.setattr(workbook_room, "MAX_UNPACKED_BYTES", 1_000_000)
    assert "unpacks" in refusal(bomb).what


def test_a_style_part_too_large_to_parse_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_room, "MAX_PART_BYTES", 1_000)
    assert "unpacks" in refusal(archive({"xl/workbook.xml": b"<x/>", "xl/styles.xml": b" " * 2_000})).what


def test_entities_in_a_workbook_are_never_expanded() -> None:
    made = workbook([HEADER, *ROWS])
    with zipfile.ZipFile(io.BytesIO(made)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    laugh = b'<!DOCTYPE x [<!ENTITY a "haha"><!ENTITY b "&a;&a;&a;">]>'
    name = "xl/worksheets/sheet1.xml"
    head, mark, rest = parts[name].partition(b"<worksheet")
    parts[name] = head + laugh + mark + rest
    assert "damaged" in refusal(archive(parts)).what


def test_a_sheet_wider_than_can_be_read_is_refused() -> None:
    assert "columns" in refusal(text_file([[f"Column {at}" for at in range(300)], ["x"] * 300])).what
    assert "columns" in refusal(workbook([["Name"] * 300, ["x"] * 300])).what


CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp", "Cf"]), max_size=12)


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(st.lists(CELLS, min_size=5, max_size=5), min_size=1, max_size=8),
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_every_cell_that_was_written_is_read(rows: list[list[str]], delimiter: str, encoding: str) -> None:
    body = [["R1", *row] for row in rows]
    sheet = read_table(text_file([HEADER, *body], delimiter=delimiter, encoding=encoding))
    assert [list(row.cells) for row in sheet.rows] == [[cell.strip() for cell in row] for row in body]


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=400), st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))
    )
)
def test_no_bytes_whatever_break_the_reader(data: bytes) -> None:
    sheet: Sheet | None = None
    with contextlib.suppress(SheetError):
        sheet = read_table(data, "any.csv")
    if sheet:
        assert all(len(row.cells) == len(sheet.header) for row in sheet.rows)
        assert [row.number for row in sheet.rows] == list(range(1, len(sheet.rows) + 1))
