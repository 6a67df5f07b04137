from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from linkage.making import features
from teamaround.cli import main
from teamaround.linkage import shipped
from teamaround.linkage.batch import link, score
from teamaround.linkage.clustering import Edge, contradict, form
from teamaround.linkage.figures import measure

MODEL = shipped()
DATA = Path(__file__).parent.parent / "data"
FILES = [str(DATA / name) for name in json.loads((DATA / "truth.json").read_text())]


def test_one_child_in_two_files_is_one_and_a_stranger_another() -> None:
    found = link(
        [[features(), features(given="Leo", family="Okafor", sex="M")], [features(given="Marya")]], MODEL
    )
    assert sorted(map(sorted, found.children)) == [[0, 2], [1]]


def test_a_child_twice_in_one_file_is_found_there() -> None:
    assert len(link([[features(), features()]], MODEL).children) == 1
    assert len(link([[features()], [features(family="Okafor", given="Leo", sex="M")]], MODEL).children) == 2


def test_no_file_and_no_row_are_no_error() -> None:
    assert link([], MODEL).children == []
    assert link([[]], MODEL).children == []
    assert link([[features()]], MODEL).children == [[0]]


def test_a_record_that_fits_two_twins_ties_them_not_together() -> None:
    twins = [features(given="Zofia"), features(given="Hannah")]
    between = features(given="")
    found = link([twins, [between]], MODEL)
    assert [0, 1] not in [group[:2] for group in found.children]
    assert len(found.children) == 3
    assert {(pair.left, pair.right) for pair in found.review} >= {(0, 2), (1, 2)}


@pytest.mark.parametrize(
    "other",
    [
        {"family": "Okafor", "born": date(2012, 8, 14), "postcodes": ("S1 9ZZ",)},
        {"family": "Okafor", "born": date(2013, 3, 14), "postcodes": ("S1 9ZZ",)},
        {"family": "Twywurth", "born": None, "postcodes": ()},
    ],
    ids=["another month", "another year", "a bare name"],
)
def test_a_changed_surname_with_a_slip_in_the_birthday_and_a_bare_name_are_compared(
    other: dict[str, Any],
) -> None:
    for files in ([[features()], [features(**other)]], [[features(**other)], [features()]]):
        assert len(score(files, MODEL, least=-500.0)) == 1


def test_a_forename_alone_is_compared_with_nobody() -> None:
    bare = features(family="Okafor", born=None, postcodes=())
    assert score([[features()], [bare]], MODEL, least=-500.0) == []


def test_the_two_of_a_pair_stand_in_the_order_of_their_rows() -> None:
    unknown = [features(given="", family="", born=None, postcodes=())] * 999
    (pair,) = score([[*unknown, features(), features()]], MODEL, least=10.0)
    assert (pair.left, pair.right) == (999, 1000)


def test_two_different_traced_nhs_numbers_are_two_children_whatever_else_agrees() -> None:
    from dataclasses import replace

    one = replace(features(nhs="9434765919"), nhs_traced=True)
    other = replace(features(nhs="9434765870"), nhs_traced=True)
    assert contradict(one, other)
    assert not contradict(one, replace(other, nhs_traced=False))
    between = features()
    edges = [Edge(0, 2, 20.0), Edge(1, 2, 19.0), Edge(0, 1, 18.0)]
    formed = form([one, other, between], edges, MODEL)
    assert formed.group[0] != formed.group[1]


def test_records_known_to_be_different_children_are_not_joined_by_a_third() -> None:
    records = [features(), features(born=None), features()]
    edges = [Edge(0, 2, 20.0), Edge(1, 2, 9.0)]
    assert form(records, edges, MODEL).children == [[0, 1, 2]]
    assert form(records, edges, MODEL, distinct=range(2)).children == [[0, 2], [1]]


def test_equal_weights_join_in_the_same_order_each_time() -> None:
    records = [features() for _ in range(4)]
    edges = [Edge(0, 1, 9.0), Edge(2, 3, 9.0), Edge(1, 2, 9.0)]
    assert form(records, edges, MODEL) == form(records, list(reversed(edges)), MODEL)


def test_the_four_caseloads_of_one_area_join_without_a_false_merge(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["link", *FILES, "--truth", str(DATA / "truth.json"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["false_joins"] == []
    assert found["precision"] == 1.0
    assert found["left_for_review"] <= 0.05
    assert found["records"] + found["refused"] == 2215
    assert found["children_in_truth"] + found["children_of_refused_rows_alone"] == 1667
    # Three children end as two each: their records say too little in common to be put before anybody.
    assert 0 <= found["children_after_review"] - found["children_in_truth"] <= 3


def test_what_is_printed_of_a_false_join_names_rows_and_no_child(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "two.csv"
    file.write_text(
        "Forename,Surname,DoB,Postcode\nMaria,Twyworth,14/03/2012,S1 2AB\nMaria,Twyworth,14/03/2012,S1 2AB\n"
    )
    truth = tmp_path / "truth.json"
    truth.write_text(json.dumps({"two.csv": {"person": [1, 2]}}))
    assert main(["link", str(file), "--truth", str(truth), "--json"]) == 0
    printed = capsys.readouterr().out
    assert json.loads(printed)["false_joins"][0]["rows"] == [
        {"file": "two.csv", "row": 1},
        {"file": "two.csv", "row": 2},
    ]
    assert "Twyworth" not in printed


def test_a_truth_of_fewer_rows_than_the_files_have_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "two.csv"
    file.write_text("Surname,Forename,DOB\nOsei,Kofi,02/03/2014\nKhan,Amira,30/11/2011\n")
    truth = tmp_path / "truth.json"
    truth.write_text(json.dumps({"two.csv": {"person": [1]}}))
    assert main(["link", str(file), "--truth", str(truth)]) == 2
    assert "fewer rows" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["no-such-file.csv"], [FILES[0], "--truth", FILES[0]]])
def test_what_cannot_be_linked_is_refused_with_a_reason(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["link", *arguments]) == 2
    assert "teamaround link: " in capsys.readouterr().err


def test_too_few_rows_teach_nothing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out = str(tmp_path / "weights.json")
    assert main(["link-train", *FILES, "--version", "area", "--out", out]) == 2
    assert "too few" in capsys.readouterr().err


def test_a_made_up_area_is_recognised_and_twins_stay_apart() -> None:
    found = measure(MODEL, index=10_000, caseload=3_000, seed=77)
    assert found["best_1"]["f1"] >= 0.99
    assert found["joins"]["precision"] >= 0.998
    assert found["joins"]["recall"] >= 0.965
    assert found["siblings_or_twins_falsely_joined_per_10000"] <= 4
    assert set(found["recall_by_sector"]) == {"health", "school", "social_care", "voluntary"}
    assert len(found["recall_by_origin"]) >= 6


def test_a_file_dated_in_the_future_is_no_reason_to_stop(tmp_path: Path) -> None:
    file = tmp_path / "future.csv"
    file.write_text(
        f"Forename,Surname,DoB\nMaria,Twyworth,14/03/{date.today().year + 5}\nLeo,Okafor,01/02/2012\n"
    )
    assert main(["link", str(file), "--json"]) == 0


def test_the_bench_measures_two_rates_of_error_and_public_data(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from teamaround.benches import linkage

    monkeypatch.setitem(linkage.SIZES, "S", (2_000, 500))
    assert main(["bench", "linkage", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [run["harsher"] for run in found["runs"]] == [1.0, 2.0]
    # Saturated data: well below this, something broke.
    assert found["febrl"]["febrl_3_f1"] > 0.985
    assert found["febrl"]["febrl_4_f1"] > 0.99
