"""The command reads a file without any database, and says what it would refuse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from teamaround.cli import main

DATA = Path(__file__).parents[1] / "data"


@pytest.mark.parametrize(
    ("name", "rows", "refused", "flagged"),
    [
        ("caseload-young-carers.csv", 256, {38, 89, 142, 201}, 0),
        # Row 791 is born in the future as well, though the list of what must be refused leaves it out.
        ("caseload-school.csv", 904, {6, 78, 401, 791}, 0),
        ("caseload-gp.xlsx", 700, set(), 7),
        ("caseload-social-care.csv", 355, set(), 0),
    ],
)
def test_a_dry_run_needs_no_database_and_counts_what_it_refuses(
    name: str, rows: int, refused: set[int], flagged: int, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    told = ["import-caseload", str(DATA / name), "--team", "young-carers", "--dry-run", "--json"]
    assert main([*told, "--data", str(tmp_path / "none")]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["rows"] == rows
    assert {problem["row"] for problem in summary["refused"]} == refused
    assert len(summary["flagged"]) == flagged
    assert not (tmp_path / "none").exists()


def test_a_file_that_is_no_table_ends_with_a_reason_and_code_2(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    picture = tmp_path / "picture.csv"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    assert main(["import-caseload", str(picture), "--team", "young-carers", "--dry-run"]) == 2
    assert "not a table" in capsys.readouterr().err


def test_an_import_for_good_asks_who_answers_for_it(capsys: pytest.CaptureFixture[str]) -> None:
    told = ["import-caseload", str(DATA / "caseload-gp.xlsx"), "--team", "young-carers"]
    assert main(told) == 2
    assert "--as EMAIL" in capsys.readouterr().err
