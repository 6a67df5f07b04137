"""Where postcodes lie: both open files are read, what is not as they have it is named by its line, nothing is half kept."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.db.utils import Error

from teamaround.agencies.models import PostcodePoint
from teamaround.agencies.points import Point, UnreadablePoints, canonical, keep_points, points_of, read_points
from teamaround.database.actor import SET_UP, acting_as
from teamaround.site.commands import postcodes
from teamaround.site.commands.installation import CommandError

CODE_POINT = ['"SK1 1AA",10,389500,390300,"E92000001"', '"SK11AB",10,389600,390400,""', '"JE2 3AB",90,0,0,""']
DIRECTORY = [
    "\ufeffpcd,pcds,oseast1m,osnrth1m,ctry",
    "SK1 1AA,SK1 1AA,389500,0390300,E92",
    "GY1 1AA,GY1 1AA,,,L9",
]


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (CODE_POINT, {"SK1 1AA": Point(389_500, 390_300), "SK1 1AB": Point(389_600, 390_400)}),
        (DIRECTORY, {"SK1 1AA": Point(389_500, 390_300)}),
        (["pcds,oseast1m,osnrth1m", "BT1 5GS,333800,374000"], {}),
        (['"SK1 1AA",10,389500,390300,"two\r\n', 'lines"\r\n'], {"SK1 1AA": Point(389_500, 390_300)}),
        ([], {}),
    ],
)
def test_both_open_files_are_read_and_what_has_no_point_is_left_out(
    lines: list[str], found: dict[str, Point]
) -> None:
    assert dict(read_points(lines, "points.csv")) == found


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["name,age", "Ann,3"], "line 1: this is neither Code-Point Open"),
        (["SK1 1AA,10,389500"], "line 1: it has 3 columns, 4 are needed"),
        ([*CODE_POINT, "nowhere,10,389500,390300"], "line 4: 'nowhere' is no postcode"),
        (["SK1 1AA,10,-2.16,53.4"], "line 1: -2.16, 53.4 is no place on the national grid"),
        (["SK1 1AA,10,9389500,390300"], "is no place on the national grid"),
        ([f"SK1 1AA,10,{'9' * 5000},390300"], "is no place on the national grid"),
        (["SK1 1AA,10,389\0500,390300"], "is no place on the national grid"),
        ([CODE_POINT[0] + "\n", f'"SK1 1AB{"x" * 140_000}'], "line 2: it cannot be read as CSV"),
    ],
)
def test_a_line_that_no_such_file_has_is_named_with_what_is_expected(lines: list[str], said: str) -> None:
    with pytest.raises(UnreadablePoints, match=said):
        list(read_points(lines, "points.csv"))


@pytest.mark.parametrize(
    ("written", "kept"), [("sk1 3xe", "SK1 3XE"), ("EC1A1BB", "EC1A 1BB"), ("SK1", ""), ("", ""), ("?", "")]
)
def test_a_postcode_is_kept_in_one_way_of_writing(written: str, kept: str) -> None:
    assert canonical(written) == kept


def test_three_miles_are_three_miles_in_any_direction() -> None:
    assert Point(0, 0).miles_to(Point(4828, 0)) == pytest.approx(3, abs=0.001)
    assert Point(3414, 3414).miles_to(Point(0, 0)) == pytest.approx(3, abs=0.001)


def test_of_files_with_a_wrong_line_nothing_is_kept(cast: Any, tmp_path: Path) -> None:
    good, bad = tmp_path / "sk.csv", tmp_path / "m.csv"
    good.write_text("\n".join(CODE_POINT), encoding="utf-8")
    bad.write_text("M1 1AA,10,x,y\n", encoding="utf-8")
    with pytest.raises(CommandError, match=r"m\.csv, line 1: .* Nothing was changed"):
        postcodes.run(argparse.Namespace(files=[good, bad]))
    with acting_as(SET_UP), transaction.atomic():
        assert not PostcodePoint.objects.exists()
    assert postcodes.run(argparse.Namespace(files=[good])) == 0
    with cast.as_(cast.yasmin):
        assert points_of(["sk1 1aa", "SK1 9ZZ", ""]) == {"sk1 1aa": Point(389_500, 390_300)}


def test_a_newer_file_puts_right_what_moved_and_only_the_set_up_loads_it(cast: Any) -> None:
    with acting_as(SET_UP), transaction.atomic():
        keep_points([("SK1 1AA", Point(1, 1))])
        assert keep_points([("SK1 1AA", Point(2, 2)), ("SK1 1AA", Point(3, 3))]) == 1
        assert points_of(["SK1 1AA"]) == {"SK1 1AA": Point(3, 3)}
    for member in (cast.yasmin, cast.admin):
        with cast.as_(member), pytest.raises(Error, match="set-up alone"), transaction.atomic():
            keep_points([("SK1 1AA", Point(4, 4))])
