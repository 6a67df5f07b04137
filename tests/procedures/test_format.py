"""Reading procedures: what is taken, and what is refused with its line and what to write instead."""

import ast
from datetime import date, datetime, time
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teamaround.procedures.engine import Event, run
from teamaround.procedures.format import ProcedureError, load, load_shipped, shipped_slugs
from teamaround.procedures.kinds import EVENT_KINDS
from teamaround.workingtime import LONDON, Limit

SMALL = """\
name: A small procedure
slug: small
summary: Two steps.
source: Made up.
calendar:
  opening:
    monday to friday: 09:00-17:00
  working_days: [Monday, Tuesday, Wednesday, Thursday, Friday]
stages:
  - key: first
    title: First
    must_happen: The referral is received.
    opens_on: referral.received
    requires: [contact.recorded]
  - key: last
    title: Last
    must_happen: The episode is closed.
    opens_on: outcome.recorded
    requires: [episode.closed]
clocks:
  - key: contact
    title: Contact the family
    start: referral.received
    stop: [contact.recorded]
    limit: 2 working days
    reason: It arrived {started}; {limit} are allowed.
    who: manager
    link: contact
closure:
  - event: outcome.recorded
    label: Outcomes are recorded
capacity:
  families: 30
  per_worker: 10
"""


def line_of(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if part in line)


def test_a_procedure_is_read_into_frozen_facts() -> None:
    procedure = load(SMALL)
    assert [stage.key for stage in procedure.stages] == ["first", "last"]
    assert procedure.clock("contact").limit == Limit(2, "working day")
    assert procedure.calendar.opening[0] == ((time(9), time(17)),)
    assert procedure.calendar.opening[6] == ()
    assert procedure.capacity.families == 30
    assert procedure == load(SMALL)


@pytest.mark.parametrize(
    ("old", "new", "where", "said"),
    [
        ("start: referral.received", "start: referal.received", "referal", "Write 'referral.received'"),
        ("requires: [contact.recorded]", "requires: [phone.call]", "phone.call", "Use referral.received"),
        ("    stop: [contact.recorded]\n", "", "key: contact", "Nothing stops"),
        ("stop: [contact.recorded]", "stop: []", "stop: []", "Nothing stops"),
        ("stop: [contact.recorded]", "stop: [referral.received]", "stop:", "repeats: yes"),
        ("limit: 2 working days", "limit: 0 working days", "limit:", "same day"),
        ("limit: 2 working days", "limit: 100 years", "limit:", "6 months"),
        ("limit: 2 working days", "limit: 2 days", "limit:", "2 working days"),
        ("limit: 2 working days", "limit: soon", "limit:", "30 minutes"),
        ("key: last", "key: first", "xx", "key of its own"),
        ("slug: small", "slug: Small One", "slug:", "small letters"),
        ("who: manager", "who: boss", "who:", "lead_practitioner"),
        ("link: contact", "link: https://example.org", "link:", "allocate"),
        ("title: Contact the family", "titel: Contact", "titel", "Write 'title'"),
        ("title: Contact the family", "title: ''", "title: ''", "is empty"),
        ("title: Contact the family", "title: [a, b]", "title: [a", "plain text"),
        ("{started}", "{client_name}", "client_name", "{started}, {due} or {limit}"),
        ("{started}", "{started.__class__}", "__class__", "{started}, {due} or {limit}"),
        ("{started}", "{", "arrived", "curly brackets"),
        ("09:00-17:00", "17:00-09:00", "opening:", "over midnight"),
        ("09:00-17:00", "nine to five", "nine", "08:00-22:00"),
        ("09:00-17:00", "09:00-25:00", "25:00", "08:00-22:00"),
        ("[Monday, ", "[Mondy, ", "Mondy", "monday"),
        ("families: 30", "families: 0", "families:", "from 1 to"),
        ("families: 30", "families: many", "families:", "from 1 to"),
        ("opens_on: outcome.recorded", "opens_on: referral.declined", "xx", ""),
        ("name: A small procedure\n", "", "slug:", "name: ..."),
        ("name: A small procedure\n", "name: x\nname: y\n", "name: y", "Keep one"),
        ("name: A small procedure", "name: &n x", "&n", "Write the value out"),
        ("name: A small procedure", "name: !!python/object:os.system x", "xx", ""),
        ("summary: Two steps.", "summary: Two steps.\n  bad: [", "bad", "indent"),
        ("- event: outcome.recorded", "- event: outcome.forgotten", "forgotten", "outcome.recorded"),
    ],
)
def test_what_is_wrong_is_refused_with_its_line_and_what_to_write(
    old: str, new: str, where: str, said: str
) -> None:
    assert old in SMALL
    text = SMALL.replace(old, new, 1)
    if not said:
        load(text)
        return
    with pytest.raises(ProcedureError) as refused:
        load(text)
    problem = next(each for each in refused.value.problems if said in str(each))
    if where != "xx":
        assert abs(problem.line - line_of(text, where)) <= (1 if where in ("opening:", "slug:") else 0)
    assert f"line {problem.line}: " in str(refused.value)


def test_a_stage_after_the_ending_is_unreachable() -> None:
    text = SMALL.replace("requires: [contact.recorded]", "requires: [episode.closed]")
    with pytest.raises(ProcedureError, match="'last' can never be reached"):
        load(text)


def test_a_stage_that_the_next_one_overtakes_at_once_is_unreachable() -> None:
    text = SMALL.replace("    requires: [contact.recorded]\n", "").replace(
        "opens_on: outcome.recorded", "opens_on: referral.received"
    )
    with pytest.raises(ProcedureError, match="'first' can never be reached"):
        load(text)


def test_a_clock_that_repeats_after_the_ending_is_refused() -> None:
    text = SMALL.replace("start: referral.received", "start: episode.closed\n    repeats: yes")
    with pytest.raises(ProcedureError, match="repeats after the episode has ended"):
        load(text)


def test_all_problems_are_told_at_once_and_in_order_of_lines() -> None:
    text = SMALL.replace("who: manager", "who: boss").replace("slug: small", "slug: S S")
    with pytest.raises(ProcedureError) as refused:
        load(text)
    lines = [problem.line for problem in refused.value.problems]
    assert len(lines) == 2
    assert lines == sorted(lines)


def test_an_empty_file_a_list_and_a_huge_file_are_refused_plainly() -> None:
    for text in ("", "- a\n- b\n", "x" * 200_001, "name: \x00", "[" * 5000, "a: {b: " * 50):
        with pytest.raises(ProcedureError, match="line 1"):
            load(text)


def test_closures_and_a_midday_break_are_read() -> None:
    text = SMALL.replace("09:00-17:00", "[09:00-12:30, 13:30-17:00]").replace(
        "stages:", "  closures:\n    - {date: 2026-06-18, reason: the move}\nstages:", 1
    )
    calendar = load(text).calendar
    assert calendar.opening[0] == ((time(9), time(12, 30)), (time(13, 30), time(17)))
    assert calendar.why_not_working(date(2026, 6, 18)) == "the move"
    with pytest.raises(ProcedureError, match="year-month-day"):
        load(text.replace("2026-06-18", "18/06/2026"))


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(SMALL)), st.integers(0, 60), st.text(max_size=20))
def test_any_damage_to_a_file_is_either_read_or_refused_by_line(at: int, cut: int, put: str) -> None:
    try:
        load(SMALL[:at] + put + SMALL[at + cut :])
    except ProcedureError as refused:
        said = refused.problems
    else:
        said = ()
    assert all(problem.line >= 1 and problem.what and problem.instead for problem in said)


def test_an_area_sets_the_limits_left_to_it_and_no_others() -> None:
    procedure = load_shipped("stockport-families-first")
    changed = procedure.with_local_limits({"assess": Limit(15, "working day")})
    assert changed.clock("assess").limit == Limit(15, "working day")
    assert procedure.clock("assess").limit == Limit(10, "working day")
    with pytest.raises(ValueError, match="not set locally"):
        procedure.with_local_limits({"allocate": Limit(2, "working day")})


def test_stockports_eight_steps_come_in_their_order() -> None:
    procedure = load_shipped("stockport-families-first")
    assert [stage.key for stage in procedure.stages] == [
        "request",
        "received",
        "assessment",
        "crisis",
        "family-meeting",
        "support",
        "review",
        "closure",
    ]
    assert procedure.capacity.families == 30
    assert procedure.clock("contact-immediate").limit == Limit(2, "hour")
    assert procedure.clock("contact").limit == Limit(1, "same day")
    assert procedure.clock("allocate").limit == Limit(1, "working day")
    assert procedure.clock("review").repeats
    assert {clock.key for clock in procedure.clocks if clock.local} == {"check", "assess", "family-meeting"}
    assert all(hours == ((time(8), time(22)),) for hours in procedure.calendar.opening)


@pytest.mark.parametrize("slug", shipped_slugs())
def test_every_shipped_procedure_is_read_and_each_clock_has_a_reason_that_fits(slug: str) -> None:
    procedure = load_shipped(slug)
    assert procedure.slug == slug
    moment = datetime(2026, 12, 23, 21, 55, tzinfo=LONDON)
    events = [
        Event(number, kind, moment, moment, priority="immediate" if number % 2 else "standard")
        for number, kind in enumerate(EVENT_KINDS)
        if kind not in ("episode.closed", "referral.declined")
    ]
    for clock in run(procedure, events, moment).clocks:
        assert len(clock.why) <= 400
        assert "{" not in clock.why


def test_a_procedure_that_is_not_shipped_is_not_found() -> None:
    for slug in ("nowhere", "../format", ""):
        with pytest.raises(KeyError):
            load_shipped(slug)


def test_the_kinds_are_those_that_events_can_be_recorded_with() -> None:
    kinds_of_events = (Path(str(files("teamaround"))) / "events" / "kinds.py").read_text("utf-8")
    recorded = {
        call.args[0].value
        for call in ast.walk(ast.parse(kinds_of_events))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "Kind"
        and isinstance(call.args[0], ast.Constant)
    }
    assert set(EVENT_KINDS) <= recorded
