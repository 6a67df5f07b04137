"""Reading procedures: what is taken, and what is refused with its line and what to write instead."""

from datetime import date, datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teamaround.access.categories import Category
from teamaround.events.kinds import KINDS
from teamaround.procedures.engine import Event, run
from teamaround.procedures.format import ProcedureError, load, load_shipped, shipped_slugs
from teamaround.procedures.kinds import CATEGORIES, EVENT_KINDS, LONGEST_KIND
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


CLOCK = "    who: manager\n    link: contact\n"
STAGE = "    requires: [contact.recorded]\n"


@pytest.mark.parametrize(
    ("old", "new", "where", "said"),
    [
        (CLOCK, CLOCK + "    then: 3 months\n", "then:", "repeats: yes"),
        (CLOCK, CLOCK + "    times: 3\n", "times:", "repeats: yes"),
        (CLOCK, CLOCK + "    repeats: yes\n    then: 0 months\n", "then:", "leaves no time"),
        (CLOCK, CLOCK + "    pause: [work.paused]\n", "pause:", "resume: [...]"),
        (CLOCK, CLOCK + "    resume: [work.resumed]\n", "resume:", "pause: [...]"),
        (CLOCK, CLOCK + "    until: [contact.recorded]\n", "until:", "stands under stop and under until"),
        (CLOCK, CLOCK + "    pause: [work.pausd]\n    resume: [work.resumed]\n", "pausd", "'work.paused'"),
        (
            CLOCK,
            CLOCK + "    remind:\n      - {before: 3 working days, who: chair}\n",
            "before:",
            "less than 2",
        ),
        (CLOCK, CLOCK + "    remind:\n      - {before: 2 opening hours, who: chair}\n", "before:", "2 hours"),
        (CLOCK, CLOCK + "    remind:\n      - {before: soon, who: chair}\n", "before:", "30 minutes"),
        (CLOCK, CLOCK + "    escalate:\n      - {after: 0 hours, who: manager}\n", "after:", "same day"),
        (CLOCK, CLOCK + "    escalate:\n      - {after: 1 hour, who: mayor}\n", "mayor", "senior_manager"),
        (CLOCK, CLOCK + "    calendar: evenings\n", "evenings", "Leave the line out"),
        (CLOCK, CLOCK + "    when: any\n    priority: any\n", "priority:", "Keep one"),
        ("limit: 2 working days", "limit: 90 years", "limit:", "longer than a childhood"),
        (STAGE, STAGE + "    after: [last]\n", "after:", "stands below it"),
        (STAGE, STAGE + "    after: [nowhere]\n", "after:", "Use first or last"),
        (STAGE, STAGE + "    forms: [assesment]\n", "assesment", "'assessment'"),
        (STAGE, STAGE + "    who: [mayor]\n", "mayor", "social_worker"),
        (
            "stages:",
            "events:\n  - {key: asked, title: A, category: notes}\nstages:",
            "asked",
            "'local.asked'",
        ),
        ("stages:", "events:\n  - {key: local.a, title: A, category: gossip}\nstages:", "gossip", "notes"),
        ("start: referral.received", "start: local.asked", "local.asked", "under 'events:'"),
        ("stages:", "out_of_area: perhaps\nstages:", "perhaps", "not taken"),
        ("stages:", "step_up:\n  - {}\nstages:", "{}", "'procedure:' or 'words:'"),
        ("stages:", "menu:\n  - {key: a, title: b, c d: e}\nstages:", "c d", "in quotes"),
        (
            "stages:",
            "for:\n  criteria:\n    - {key: a, label: A}\n  accept_at: 5\nstages:",
            "accept_at",
            "from 1 to 1",
        ),
        (
            "stages:",
            "for:\n  criteria:\n    - {key: a, label: A}\n  immediate_when: [b]\nstages:",
            "immediate_when",
            "Use a",
        ),
        (
            "closure:",
            "follow_up:\n  - {key: contact, title: T, stop: [visit.made], limit: 1 week, reason: R., "
            "who: manager, link: contact}\nclosure:",
            "key: contact, title",
            "key of its own",
        ),
        (
            "closure:",
            "follow_up:\n  - {key: after, title: T, stop: [visit.made], limit: 1 week, reason: R., "
            "who: manager, link: contact, repeats: yes}\nclosure:",
            "key: after",
            "Write 'times:'",
        ),
    ],
)
def test_what_is_wrong_in_the_later_lines_is_refused_with_its_line(
    old: str, new: str, where: str, said: str
) -> None:
    assert old in SMALL
    text = SMALL.replace(old, new, 1)
    with pytest.raises(ProcedureError) as refused:
        load(text)
    assert any(said in str(each) and each.line == line_of(text, where) for each in refused.value.problems), (
        str(refused.value)
    )


RING = """\
  - key: {key}
    title: T
    must_happen: M.
    opens_on: {opens}
    requires: [{requires}]
{more}"""


def _with_stages(*stages: str) -> str:
    return SMALL.replace("  - key: last\n", "".join(stages) + "  - key: last\n")


def test_a_stage_that_waits_for_itself_through_others_is_refused() -> None:
    ring = _with_stages(
        RING.format(key="one", opens="plan.agreed", requires="meeting.held", more=""),
        RING.format(key="two", opens="meeting.held", requires="plan.agreed", more=""),
    )
    with pytest.raises(ProcedureError, match="'one' waits for itself: one waits for two waits for one"):
        load(ring)
    named = _with_stages(
        RING.format(key="one", opens="plan.agreed", requires="plan.agreed", more="    after: [two]\n"),
        RING.format(key="two", opens="meeting.held", requires="meeting.held", more="    after: [one]\n"),
    )
    with pytest.raises(ProcedureError, match="waits for itself") as refused:
        load(named)
    assert refused.value.problems[0].line == line_of(named, "after: [two]")


def test_a_stage_may_open_on_what_the_one_before_requires() -> None:
    row = _with_stages(
        RING.format(key="one", opens="contact.recorded", requires="meeting.held", more=""),
        RING.format(key="two", opens="meeting.held", requires="plan.agreed", more="    after: [one]\n"),
    )
    assert load(row).stages[2].after == ("one",)


def test_forms_stand_for_the_events_that_show_they_were_finished() -> None:
    stage = load(SMALL.replace(STAGE, STAGE + "    forms: [assessment, consent]\n")).stages[0]
    assert stage.requires == ("contact.recorded", "assessment.finished", "consent.given")
    assert stage.forms == ("assessment", "consent")


def test_criteria_are_scored_and_a_must_outweighs_points() -> None:
    admission = load_shipped("child-protection-and-looked-after").admission
    assert not admission.score({"harm", "care"}).accepted
    score = admission.score({"child", "harm", "now"})
    assert (score.accepted, score.immediate, score.points) == (True, True, 7)
    with pytest.raises(ValueError, match="not a criterion"):
        admission.score({"nothing"})


def test_a_clock_may_run_on_a_calendar_of_its_own() -> None:
    text = SMALL.replace(
        "stages:", "calendars:\n  - {key: late, opening: {every day: 14:00-19:00}}\nstages:", 1
    )
    text = text.replace("limit: 2 working days", "limit: same day\n    calendar: late")
    procedure = load(text)
    saturday = datetime(2026, 6, 6, 10, tzinfo=LONDON)
    found = run(procedure, [Event(1, "referral.received", saturday, saturday)], saturday).clocks[0]
    assert found.due_at == datetime(2026, 6, 6, 19, tzinfo=LONDON)


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
    local = {clock.key for clock in procedure.clocks if clock.local}
    assert local == {"check", "assess", "family-meeting", "follow-up"}
    assert procedure.clock("review").limit == Limit(1, "week")
    assert procedure.clock("first-visit").limit == Limit(1, "same day")
    assert procedure.clock("ending").limit == Limit(6, "month")
    assert procedure.clock("protection-review").then == (Limit(6, "month", if_closed="last open day"),)
    assert procedure.out_of_area == "manager approves"
    assert len(procedure.outcomes) == 9
    assert procedure.calendars["delivery"].opening[6] == ((time(14), time(19)),)
    assert {"feedback.asked", "stepdown.agreed", "outcome.recorded"} <= {
        gate.event for gate in procedure.closure
    }
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


@pytest.mark.parametrize("slug", shipped_slugs())
def test_every_shipped_procedure_steps_to_others_that_are_shipped_or_named_in_words(slug: str) -> None:
    procedure = load_shipped(slug)
    for target in (*procedure.step_up, *procedure.step_down):
        assert target.words or target.procedure in shipped_slugs()
        assert not target.procedure or target.procedure in shipped_slugs()
        assert target.procedure != slug


def test_a_procedure_that_is_not_shipped_is_not_found() -> None:
    for slug in ("nowhere", "../format", ""):
        with pytest.raises(KeyError):
            load_shipped(slug)


def test_the_kinds_and_categories_are_those_that_events_can_be_recorded_with() -> None:
    assert set(EVENT_KINDS) <= set(KINDS)
    assert set(CATEGORIES) == set(Category.values)
    assert all(len(kind) <= LONGEST_KIND for kind in EVENT_KINDS)
