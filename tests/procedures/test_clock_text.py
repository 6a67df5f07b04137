"""One clock is changed in the text, and nothing else of what somebody wrote."""

import difflib

import pytest

from teamaround.procedures.clock_text import change_clock, line_of_clock, spoken_limit
from teamaround.procedures.format import load, shipped_text
from teamaround.procedures.marks import ProcedureError

STOCKPORT = shipped_text("stockport-families-first")


def differing(before: str, after: str) -> list[str]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return [line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---")]


def test_the_limit_changes_on_its_own_line_alone() -> None:
    after = change_clock(STOCKPORT, "review", {"limit": "10 working days"})
    assert differing(STOCKPORT, after) == ["-    limit: 1 week", "+    limit: 10 working days"]
    assert str(load(after).clock("review").limit) == "10 working days"


def test_a_comment_beside_a_value_stays() -> None:
    after = change_clock(STOCKPORT, "check", {"limit": "3 working days", "who": "manager"})
    assert differing(STOCKPORT, after) == [
        "-    limit: 5 working days",
        "+    limit: 3 working days",
        "-    who: lead_practitioner",
        "+    who: manager",
    ]
    assert "local: yes  # the source says before the eligibility meeting" in after


def test_stops_written_in_brackets_or_in_lines_are_replaced_whole() -> None:
    in_lines = STOCKPORT.replace(
        "stop: [contact.recorded, visit.made]\n    limit: same day",
        "stop:\n      - contact.recorded  # by telephone\n      - visit.made\n    limit: same day",
    )
    for text in (STOCKPORT, in_lines):
        after = change_clock(text, "contact", {"stop": ["visit.made"], "start": "referral.accepted"})
        clock = load(after).clock("contact")
        assert (clock.start, clock.stop, str(clock.limit)) == (
            "referral.accepted",
            ("visit.made",),
            "same day",
        )
        assert load(after).clock("contact-immediate") == load(text).clock("contact-immediate")


def test_what_stays_the_same_is_not_touched() -> None:
    clock = load(STOCKPORT).clock("contact")
    same = {"limit": "same day", "stop": list(clock.stop), "who": clock.who, "reason": clock.reason}
    assert change_clock(STOCKPORT, "contact", same) == STOCKPORT


def test_a_reason_with_signs_of_its_own_is_put_in_quotes() -> None:
    words = "Reviewed: every {limit}, from {started} # at least"
    after = change_clock(STOCKPORT, "review", {"reason": words})
    assert load(after).clock("review").reason == words


def test_a_line_that_is_missing_is_added_below_the_key() -> None:
    without = STOCKPORT.replace("    stop: [plan.reviewed]\n", "")
    after = change_clock(without, "review", {"stop": ["plan.reviewed", "meeting.held"]})
    assert load(after).clock("review").stop == ("plan.reviewed", "meeting.held")


def test_a_value_over_several_lines_is_left_to_its_author() -> None:
    folded = STOCKPORT.replace(
        "    reason: A request arrived {started}; the social worker is contacted the same day.",
        "    reason: >-\n      A request arrived.\n      It is answered.",
    )
    with pytest.raises(ProcedureError, match="over several lines"):
        change_clock(folded, "contact", {"reason": "Another"})


def test_an_unknown_clock_is_refused() -> None:
    with pytest.raises(KeyError):
        change_clock(STOCKPORT, "no-such", {"limit": "1 week"})
    assert STOCKPORT.splitlines()[line_of_clock(STOCKPORT, "review") - 1] == "  - key: review"


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("weekly", "1 week"),
        ("every 10 working days", "10 working days"),
        ("Within 2 hours", "2 hours"),
        (" same  day ", "same day"),
        ("soon", "soon"),
    ],
)
def test_a_limit_is_taken_as_people_say_it(said: str, written: str) -> None:
    assert spoken_limit(said) == written
