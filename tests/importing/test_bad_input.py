"""Files that nobody wishes for: strange names, strange dates, sent twice, reordered, cut off. Each row says its state."""

from __future__ import annotations

from typing import Any

import pytest

from importing.caseloads import HEADER, brought_in, checked, uploaded
from teamaround.importing import runs
from teamaround.importing.models import ImportRun, RunState
from teamaround.index.models import Involvement
from teamaround.people.models import Person
from teamaround.sheets import SheetError

ROWS = [
    "YC1,Osei,Kofi,02/03/2014,SK3 2DU,,\n",
    "YC2,Adjei,Ama,04/05/2013,SK4 1AA,,\n",
    "YC3,Boyd,Ben,06/07/2012,SK5 1AA,,\n",
]
FILE = (HEADER + "".join(ROWS)).encode()


def of_name(given: str, family: str = "Osei", born: str = "02/03/2014") -> bytes:
    return f'{HEADER}YC1,"{family}","{given}",{born},SK3 2DU,,\n'.encode()


def states(cast: Any, run: ImportRun) -> list[runs.RowStatus]:
    with cast.as_(cast.yasmin):
        run.refresh_from_db()
        return runs.rows_of(run=run)


def names(cast: Any) -> list[tuple[str, str]]:
    with cast.as_(cast.yasmin):
        return list(Person.objects.order_by("pk").values_list("given", "family_name"))


@pytest.mark.parametrize(
    ("given", "family"),
    [
        ("K", "Osei"),
        ("Kofi 😀", "Osei"),
        ("Robert'); drop table person;--", "Osei"),
        ("K%", "Os_i%"),
        ("Kofi", "Osei*"),
        ("A" + "b" * 199, "Osei"),
        ("Ọláyínká", "Ó"),
    ],
)
def test_a_strange_name_is_brought_in_as_written_and_recognised_again(
    cast: Any, given: str, family: str
) -> None:
    content = of_name(given, family)
    run = brought_in(cast, cast.yasmin, checked(cast, cast.yasmin, content))
    assert [row.state for row in states(cast, run)] == ["added"]
    assert names(cast) == [(given, family)]
    again = checked(cast, cast.yasmin, content)
    assert (again.added, again.matched) == (0, 1)
    assert cast.yasmin.client().get(f"/caseload/{run.uuid}/").status_code == 200


@pytest.mark.parametrize(
    ("given", "family", "why"),
    [
        ("Mr", "", "a title and nothing else"),
        ("", "Miss", "a title and nothing else"),
        ("Dr.", "Mrs", "a title and nothing else"),
        ("😀", "🙂🙂", "no letters"),
        ("a" * 500, "Osei", "longer than 200"),
        ("", "", "no name at all"),
        ("1234", "", "no letters"),
        ("%", "", "no letters"),
    ],
)
def test_a_name_that_tells_nobody_apart_is_refused_with_why(
    cast: Any, given: str, family: str, why: str
) -> None:
    run = checked(cast, cast.yasmin, of_name(given, family))
    (row,) = states(cast, run)
    assert row.state == "refused"
    assert why in row.reasons[0]
    assert row.line == 2


def test_a_wildcard_matches_nobody_but_itself(cast: Any) -> None:
    brought_in(cast, cast.tom, checked(cast, cast.tom, FILE))
    for given, family in (("%", "%"), ("K_fi", "Os_i"), ("*", "Osei")):
        run = checked(cast, cast.yasmin, of_name(given, family, born="09/09/2011"))
        assert (run.matched, run.updated, run.undecided) == (0, 0, 0)


def test_marks_that_turn_or_hide_the_writing_are_taken_off(cast: Any) -> None:
    hidden = of_name("\u202eKo\u200bfi\u2066", "\u200fOsei\u00ad")
    brought_in(cast, cast.yasmin, checked(cast, cast.yasmin, hidden))
    assert names(cast) == [("Kofi", "Osei")]
    assert checked(cast, cast.yasmin, FILE).matched == 1


def test_a_birth_in_1900_is_refused_and_the_rows_around_it_are_not(cast: Any) -> None:
    content = (HEADER + ROWS[0] + "YC9,Eze,Eve,01/01/1900,SK6 1AA,,\n" + ROWS[1]).encode()
    run = checked(cast, cast.yasmin, content)
    told = states(cast, run)
    assert [row.state for row in told] == ["add", "refused", "add"]
    assert "120 years" in told[1].reasons[0]


def test_the_same_file_twice_doubles_nothing_and_says_so(cast: Any) -> None:
    brought_in(cast, cast.yasmin, checked(cast, cast.yasmin, FILE))
    run = uploaded(cast, cast.yasmin, FILE)
    assert (
        "This very file was brought in already"
        in cast.yasmin.client().get(f"/caseload/{run.uuid}/columns/").text
    )
    run = brought_in(cast, cast.yasmin, checked(cast, cast.yasmin, FILE))
    assert (run.added, run.matched) == (0, 3)
    with cast.as_(cast.yasmin):
        assert Person.objects.count() == 3
        assert Involvement.objects.count() == 3


def test_the_same_file_checked_before_the_other_was_brought_in_doubles_nothing(cast: Any) -> None:
    first, second = checked(cast, cast.yasmin, FILE), checked(cast, cast.yasmin, FILE)
    brought_in(cast, cast.yasmin, first)
    second = brought_in(cast, cast.yasmin, second)
    assert second.state == RunState.FAILED
    assert "Check it again" in second.failure
    with cast.as_(cast.yasmin):
        assert Person.objects.count() == 3


def test_rows_in_another_order_are_the_same_children(cast: Any) -> None:
    brought_in(cast, cast.yasmin, checked(cast, cast.yasmin, FILE))
    turned = (HEADER + "".join(ROWS[::-1])).encode()
    run = brought_in(cast, cast.yasmin, checked(cast, cast.yasmin, turned))
    assert [row.state for row in states(cast, run)] == ["recognised"] * 3
    assert run.matched == 3


def test_a_row_that_is_there_twice_is_one_child(cast: Any) -> None:
    run = brought_in(cast, cast.yasmin, checked(cast, cast.yasmin, FILE + ROWS[0].encode()))
    told = states(cast, run)
    assert [row.state for row in told] == ["added", "added", "added", "same"]
    assert told[3].same_as == 1
    assert len(names(cast)) == 3


@pytest.mark.parametrize("lost", [8, 12, 16, 21])
def test_a_row_in_which_the_file_ends_is_refused_and_never_read_in_part(cast: Any, lost: int) -> None:
    content = FILE.rstrip(b"\n")[:-lost]
    run = checked(cast, cast.yasmin, content)
    told = states(cast, run)
    assert [row.state for row in told] == ["add", "add", "refused"]
    assert "cut off" in told[2].reasons[0]
    assert told[2].line == 4


def test_a_file_without_a_last_line_end_is_whole(cast: Any) -> None:
    run = checked(cast, cast.yasmin, FILE.rstrip(b"\n"))
    assert (run.added, run.refused) == (3, 0)


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00\x00", HEADER.encode(), b'Ref,Surname\n1,"Osei', b"PK\x03\x04half a workbook"],
)
def test_a_file_that_cannot_be_read_is_not_kept(cast: Any, content: bytes) -> None:
    with pytest.raises(SheetError):
        uploaded(cast, cast.yasmin, content)
    with cast.as_(cast.yasmin):
        assert not ImportRun.objects.exists()


def test_nobody_is_recognised_by_a_letter_and_a_birthday_alone(cast: Any) -> None:
    brought_in(cast, cast.tom, checked(cast, cast.tom, FILE))
    run = checked(cast, cast.yasmin, of_name("K", "O"))
    assert (run.matched, run.updated) == (0, 0)
