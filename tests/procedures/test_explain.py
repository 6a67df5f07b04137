"""`teamaround clocks explain`: what a procedure asks for a list of events, and why."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from teamaround.cli import main
from teamaround.procedures.explain import EventsRefused, explain, read_events
from teamaround.procedures.format import load_shipped, shipped_text
from teamaround.workingtime import LONDON

PROCEDURE = load_shipped("stockport-families-first")
NOW = datetime(2026, 5, 10, 12, tzinfo=LONDON)
EVENTS = """\
episode,event,when
17,referral.received,2026-05-01T10:00
17,allocation.made,2026-05-06T11:00+01:00
B,referral.received,2026-05-02 09:00
"""


def test_each_clock_comes_with_start_due_stop_state_and_why() -> None:
    found = explain(PROCEDURE, read_events(EVENTS, PROCEDURE), NOW)
    allocate = next(each for each in found if each["clock"] == "allocate")
    assert allocate == {
        "episode": "17",
        "clock": "allocate",
        "start": "2026-05-01T10:00:00+01:00",
        "due": "2026-05-05T10:00:00+01:00",
        "stop": "2026-05-06T11:00:00+01:00",
        "state": "met_late",
        "why": (
            "due Tue 5 May 10:00: 1 working day from Fri 1 May 10:00; "
            "weekends and Monday 4 May (bank holiday) do not count"
        ),
    }
    assert [each["episode"] for each in found] == sorted(each["episode"] for each in found)
    assert next(each for each in found if each["clock"] == "check")["stop"] is None


def test_the_order_of_rows_and_a_row_given_twice_change_nothing_of_the_clocks() -> None:
    head, *rows = EVENTS.splitlines()
    again = "\n".join([head, *reversed(rows), rows[0]])
    one = explain(PROCEDURE, read_events(EVENTS, PROCEDURE), NOW)
    other = explain(PROCEDURE, read_events(again, PROCEDURE), NOW)
    assert sorted(map(json.dumps, one)) == sorted(map(json.dumps, other))


def test_a_priority_chooses_the_clocks() -> None:
    text = "when,priority,event,episode\n2026-06-09T21:55,immediate,referral.received,1\n"
    found = explain(PROCEDURE, read_events(text, PROCEDURE), NOW)
    due = {each["clock"]: each["due"] for each in found}
    assert due["contact-immediate"] == "2026-06-09T23:55:00+01:00"
    assert "contact" not in due


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (
            "1,referal.received,2026-05-01T10:00",
            "row 3: 'referal.received' is not a kind of event. Write 'referral",
        ),
        (
            "1,referral.received,yesterday",
            "row 3: 'yesterday' is not a date with a time. Write year-month-day",
        ),
        ("1,referral.received,2026-02-30T10:00", "row 3: '2026-02-30T10:00' is not a date"),
        ("1,referral.received,2026-05-01", "row 3: '2026-05-01' is not a date with a time"),
        (
            "1,referral.received,2026-03-29T01:30",
            "row 3: '2026-03-29T01:30' is a time that the clocks leave out",
        ),
        ("1,referral.received,1066-03-29T01:30", "row 3: '1066-03-29T01:30' lies outside the years"),
        (",referral.received,2026-05-01T10:00", "row 3: It names no episode"),
        ("1,referral.received", "row 3: It has 2 columns; the headings are 3"),
        ('1,"referral', "is no CSV"),
    ],
)
def test_a_bad_row_is_refused_with_its_number(row: str, said: str) -> None:
    text = f"episode,event,when\n0,referral.received,2026-05-01T10:00\n{row}\n"
    with pytest.raises(EventsRefused) as refused:
        read_events(text, PROCEDURE)
    assert said in str(refused.value)


def test_a_wrong_priority_or_heading_is_refused() -> None:
    with pytest.raises(EventsRefused, match="row 2: 'urgent' is not a priority"):
        read_events("episode,event,when,priority\n1,plan.agreed,2026-05-01T10:00,urgent\n", PROCEDURE)
    with pytest.raises(EventsRefused, match="row 1: There is no column 'when'"):
        read_events("episode,event,time\n", PROCEDURE)


def test_the_command_prints_json_for_a_shipped_procedure_and_for_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events, own = tmp_path / "events.csv", tmp_path / "own.yaml"
    events.write_text(EVENTS)
    own.write_text(
        shipped_text("stockport-families-first").replace("limit: 1 working day", "limit: 2 working days")
    )
    assert main(["clocks", "explain", "stockport-families-first", str(events), "--json"]) == 0
    shipped = json.loads(capsys.readouterr().out)
    assert main(["clocks", "explain", str(own), str(events), "--json"]) == 0
    edited = json.loads(capsys.readouterr().out)
    due = [next(each["due"] for each in found if each["clock"] == "allocate") for found in (shipped, edited)]
    assert due == ["2026-05-05T10:00:00+01:00", "2026-05-06T10:00:00+01:00"]
    assert set(shipped[0]) == {"episode", "clock", "start", "due", "stop", "state", "why"}


def test_the_command_refuses_a_wrong_file_by_row_or_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events, own = tmp_path / "events.csv", tmp_path / "own.yaml"
    events.write_text(EVENTS + "1,nothing,2026-05-01T10:00\n")
    assert main(["clocks", "explain", "stockport-families-first", str(events)]) == 1
    assert "row 5: 'nothing' is not a kind of event" in capsys.readouterr().err
    own.write_text(shipped_text("stockport-families-first").replace("limit: 2 hours", "limit: 0 hours"))
    assert main(["procedure", "check", str(own)]) == 1
    assert f"{own}:" in (said := capsys.readouterr().err)
    assert "leaves no time at all" in said
    assert main(["procedure", "check", "croydon-young-carers"]) == 0
    assert "It can be used" in capsys.readouterr().out
    assert main(["clocks", "explain", "nowhere", str(events)]) == 1
    assert "croydon-young-carers" in capsys.readouterr().err
