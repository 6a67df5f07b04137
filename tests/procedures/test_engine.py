"""Clocks, stages and gates worked out from events."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teamaround.procedures.engine import ClockState, Event, Run, run, standing
from teamaround.procedures.format import load, load_shipped
from teamaround.procedures.kinds import EVENT_KINDS
from teamaround.workingtime import LONDON, Limit

PROCEDURE = load_shipped("stockport-families-first")


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=LONDON).astimezone(UTC)


def event(number: int, kind: str, happened: str, **more: object) -> Event:
    recorded = more.pop("recorded", happened)
    return Event(number, kind, at(happened), at(str(recorded)), **more)  # type: ignore[arg-type]


def clock(found: Run, key: str) -> ClockState:
    return next(each for each in found.clocks if each.key == key)


REFERRAL = event(1, "referral.received", "05-01 10:00")


def test_a_request_starts_the_clocks_for_contact_and_allocation() -> None:
    found = run(PROCEDURE, [REFERRAL], at("05-01 10:30"))
    assert clock(found, "contact").due_at == at("05-01 22:00")
    assert clock(found, "allocate").due_at == at("05-05 10:00")
    assert clock(found, "allocate").state == "running"
    assert found.open_clocks[0].key == "contact"
    assert found.stage == "request"


def test_the_reason_holds_the_procedures_words_and_the_reckoning() -> None:
    why = clock(run(PROCEDURE, [REFERRAL], at("05-01 10:30")), "allocate").why
    assert why == (
        "A request arrived Fri 1 May 10:00; a worker is named the same day where possible, else within "
        "1 working day. Due Tue 5 May 10:00: 1 working day from Fri 1 May 10:00; "
        "weekends and Monday 4 May (bank holiday) do not count."
    )


def test_an_immediate_request_at_five_to_ten_in_the_evening_is_due_two_hours_later() -> None:
    request = event(1, "referral.received", "06-09 21:55", priority="immediate")
    found = run(PROCEDURE, [request], at("06-09 21:56"))
    assert clock(found, "contact-immediate").due_at == at("06-09 23:55")
    assert clock(found, "first-visit").due_at == at("06-09 22:00")
    assert "contact" not in {each.key for each in found.clocks}


def test_a_check_that_finds_an_emergency_changes_the_priority() -> None:
    check = event(2, "referral.checked", "05-01 11:00", priority="immediate")
    found = run(PROCEDURE, [REFERRAL, check], at("05-01 11:30"))
    assert found.priority == "immediate"
    assert clock(found, "contact-immediate").due_at == at("05-01 12:00")


def test_a_clock_is_met_late_and_never_met_again() -> None:
    now = at("05-06 12:00")
    assert clock(run(PROCEDURE, [REFERRAL], now), "allocate").state == "late"
    late = run(PROCEDURE, [REFERRAL, event(2, "allocation.made", "05-06 11:00")], now)
    assert clock(late, "allocate").state == "met_late"
    in_time = run(PROCEDURE, [REFERRAL, event(2, "allocation.made", "05-05 10:00")], now)
    assert clock(in_time, "allocate").state == "met"


def test_a_contact_at_the_very_moment_of_the_request_counts_and_one_before_it_does_not() -> None:
    now = at("05-01 12:00")
    same = run(PROCEDURE, [REFERRAL, event(2, "contact.recorded", "05-01 10:00")], now)
    assert clock(same, "contact").state == "met"
    before = run(PROCEDURE, [REFERRAL, event(2, "contact.recorded", "05-01 09:59")], now)
    assert clock(before, "contact").state == "running"


def test_a_contact_recorded_late_counts_from_when_it_happened() -> None:
    call = event(2, "contact.recorded", "05-01 12:00", recorded="05-03 09:00")
    assert clock(run(PROCEDURE, [REFERRAL, call], at("05-04 09:00")), "contact").state == "met"


def test_a_corrected_time_moves_the_clock() -> None:
    right = event(2, "referral.received", "04-30 10:00", recorded="05-01 11:00", corrects=1)
    found = run(PROCEDURE, [REFERRAL, right], at("05-01 12:00"))
    assert clock(found, "allocate").due_at == at("05-01 10:00")
    assert clock(found, "allocate").state == "late"


def test_a_struck_allocation_sets_the_clock_running_again_and_undoing_that_stops_it() -> None:
    made = event(2, "allocation.made", "05-01 11:00")
    struck = event(3, "allocation.made", "05-01 12:00", corrects=2, voids=True)
    undone = event(4, "allocation.made", "05-01 13:00", corrects=3, voids=True)
    now = at("05-01 14:00")
    assert clock(run(PROCEDURE, [REFERRAL, made, struck], now), "allocate").state == "running"
    assert clock(run(PROCEDURE, [REFERRAL, made, struck, undone], now), "allocate").state == "met"


def test_undoing_a_correction_brings_the_first_entry_back() -> None:
    right = event(2, "referral.received", "04-30 10:00", recorded="05-01 11:00", corrects=1)
    undo = event(3, "referral.received", "05-01 12:00", corrects=2, voids=True)
    assert standing([REFERRAL, right, undo], at("05-02 10:00")) == (REFERRAL,)


def test_a_pointer_to_nothing_or_to_a_later_entry_has_no_effect() -> None:
    lost = event(2, "contact.recorded", "05-01 11:00", corrects=99)
    backwards = event(3, "contact.recorded", "05-01 09:00", corrects=2)
    assert len(standing([lost, backwards], at("05-02 10:00"))) == 2


def test_two_different_events_of_one_id_are_refused() -> None:
    with pytest.raises(ValueError, match="have the id 1"):
        run(PROCEDURE, [REFERRAL, event(1, "plan.agreed", "05-01 10:00")], at("05-02 10:00"))


def test_what_lies_in_the_future_has_not_happened() -> None:
    assert run(PROCEDURE, [REFERRAL], at("05-01 09:59")).clocks == ()


def test_a_recurring_clock_starts_again_at_each_review() -> None:
    events = [
        event(1, "plan.agreed", "06-01 10:00"),
        event(2, "plan.reviewed", "06-05 10:00"),
        event(3, "plan.reviewed", "06-15 10:00"),
    ]
    rounds = [each for each in run(PROCEDURE, events, at("06-16 10:00")).clocks if each.key == "review"]
    rounds.sort(key=lambda each: each.round)
    assert [each.state for each in rounds] == ["met", "met_late", "running"]
    assert [each.due_at for each in rounds] == [at("06-08 22:00"), at("06-12 22:00"), at("06-22 22:00")]


def test_a_second_request_while_the_first_waits_wins_no_time() -> None:
    again = event(2, "referral.received", "05-05 10:00")
    found = run(PROCEDURE, [REFERRAL, again], at("05-05 11:00"))
    assert clock(found, "allocate").due_at == at("05-05 10:00")


def test_nothing_is_owed_once_the_request_was_declined() -> None:
    found = run(PROCEDURE, [REFERRAL, event(2, "referral.declined", "05-01 15:00")], at("05-10 10:00"))
    assert found.open_clocks == ()
    assert found.ended_at == at("05-01 15:00")
    assert clock(found, "contact").state == "ended"
    assert clock(found, "allocate").state == "met"


def test_a_request_accepted_after_all_sets_the_clocks_running_again() -> None:
    events = [
        REFERRAL,
        event(2, "referral.declined", "05-01 15:00"),
        event(3, "referral.accepted", "05-01 16:00"),
    ]
    found = run(PROCEDURE, events, at("05-01 17:00"))
    assert found.ended_at is None
    assert clock(found, "contact").state == "running"


def test_a_stage_ends_only_when_all_that_it_requires_is_recorded() -> None:
    events = [REFERRAL, event(2, "allocation.made", "05-01 11:00")]
    found = run(PROCEDURE, events, at("05-01 12:00"))
    assert (found.stage, found.missing) == ("request", ("contact.recorded",))
    events.append(event(3, "contact.recorded", "05-01 11:30"))
    found = run(PROCEDURE, events, at("05-01 12:00"))
    assert found.stage == "received"
    assert found.missing == ("referral.checked", "risk.assessed", "referral.accepted")


def test_the_crisis_stage_exists_only_for_immediate_families() -> None:
    visit = event(2, "visit.made", "05-01 12:00")
    standard = run(PROCEDURE, [REFERRAL, visit], at("05-01 13:00"))
    assert next(each for each in standard.stages if each.key == "crisis").progress == "not_needed"
    urgent = event(1, "referral.received", "05-01 10:00", priority="immediate")
    immediate = run(PROCEDURE, [urgent, visit], at("05-01 13:00"))
    assert next(each for each in immediate.stages if each.key == "crisis").progress == "open"


def test_the_whole_story_reaches_the_last_stage_and_leaves_no_gate() -> None:
    story = [
        "referral.received",
        "referral.checked",
        "contact.recorded",
        "referral.accepted",
        "allocation.made",
        "risk.assessed",
        "assessment.started",
        "assessment.finished",
        "meeting.called",
        "meeting.held",
        "plan.agreed",
        "plan.reviewed",
        "outcome.recorded",
        "stepdown.agreed",
        "feedback.asked",
    ]
    events = [event(number, kind, f"06-{number + 1:02} 10:00") for number, kind in enumerate(story)]
    before = run(PROCEDURE, events, at("06-20 10:00"))
    assert before.stage == "closure"
    assert before.missing == ("episode.closed",)
    assert before.missing_gates == ()
    after = run(PROCEDURE, [*events, event(99, "episode.closed", "06-21 10:00")], at("06-30 10:00"))
    assert after.missing == ()
    assert [each.key for each in after.open_clocks] == ["follow-up"]
    assert after.open_clocks[0].due_at == at("09-21 22:00")


def test_closing_too_soon_names_the_gates_in_plain_words() -> None:
    labels = [gate.label for gate in run(PROCEDURE, [REFERRAL], at("05-01 11:00")).missing_gates]
    assert "The young person and the family were asked for their own views" in labels


def test_an_area_with_its_own_limit_gets_its_own_due_date() -> None:
    procedure = PROCEDURE.with_local_limits({"assess": Limit(20, "working day")})
    accepted = event(2, "referral.accepted", "06-01 10:00")
    assert clock(run(procedure, [accepted], at("06-02 10:00")), "assess").due_at == at("06-29 10:00")


PAUSING = load(
    """\
name: Pauses
slug: pauses
summary: One clock.
source: Made up.
calendar:
  opening:
    monday to friday: 09:00-17:00
stages:
  - {key: only, title: Only, must_happen: All., opens_on: referral.received, requires: [plan.agreed]}
  - {key: next, title: Next, must_happen: More., opens_on: visit.made, after: [only]}
clocks:
  - key: plan
    title: Agree the plan
    start: referral.received
    stop: [plan.agreed]
    limit: 5 working days
    pause: [work.paused]
    resume: [work.resumed]
    until: [support.ended]
    reason: It is so.
    who: lead_practitioner
    link: plan
    remind:
      - {before: 1 working day, who: lead_practitioner}
      - {before: 4 working days, who: chair}
    escalate:
      - {after: 1 working day, who: manager}
      - {after: 1 week, who: senior_manager}
closure:
  - {event: outcome.recorded, label: Outcomes}
capacity: {families: 30, per_worker: 10}
"""
)
BEGUN = event(1, "referral.received", "06-01 10:00")


def test_a_paused_clock_stands_still_and_is_never_late() -> None:
    away = event(2, "work.paused", "06-03 10:00")
    found = clock(run(PAUSING, [BEGUN, away], at("06-29 10:00")), "plan")
    assert (found.state, found.is_open, found.next_told) == ("paused", True, None)


def test_a_clock_goes_on_with_what_was_left_when_it_is_resumed() -> None:
    events = [BEGUN, event(2, "work.paused", "06-03 10:00"), event(3, "work.resumed", "06-10 10:00")]
    found = clock(run(PAUSING, events, at("06-11 10:00")), "plan")
    assert (found.state, found.due_at) == ("running", at("06-15 10:00"))


def test_a_pause_after_the_moment_due_excuses_nothing() -> None:
    late = event(2, "work.paused", "06-09 10:00")
    found = clock(run(PAUSING, [BEGUN, late], at("06-10 10:00")), "plan")
    assert (found.state, found.due_at) == ("late", at("06-08 10:00"))


def test_what_comes_after_a_stop_does_not_change_how_it_was_met() -> None:
    events = [BEGUN, event(2, "work.paused", "06-03 10:00"), event(3, "plan.agreed", "06-20 10:00")]
    met = clock(run(PAUSING, events, at("06-20 11:00")), "plan")
    later = clock(run(PAUSING, [*events, event(4, "work.resumed", "07-20 10:00")], at("08-01 10:00")), "plan")
    assert (met.state, met.due_at) == ("met", later.due_at)


def test_an_event_of_until_ends_a_clock_without_its_being_met() -> None:
    found = clock(run(PAUSING, [BEGUN, event(2, "support.ended", "06-02 10:00")], at("06-30 10:00")), "plan")
    assert (found.state, found.stopped_at) == ("ended", at("06-02 10:00"))


def test_the_next_to_be_told_is_named_with_the_moment() -> None:
    told = run(PAUSING, [BEGUN], at("06-01 10:00")).next_told
    assert [(each.key, soon.at, soon.who, soon.what) for each, soon in told] == [
        ("plan", at("06-02 10:00"), "chair", "due soon")
    ]
    found = clock(run(PAUSING, [BEGUN], at("06-08 11:00")), "plan")
    assert [(each.at, each.who, each.what, each.step) for each in found.tellings] == [
        (at("06-02 10:00"), "chair", "due soon", 0),
        (at("06-05 10:00"), "lead_practitioner", "due soon", 0),
        (at("06-08 10:00"), "lead_practitioner", "late", 0),
        (at("06-09 10:00"), "manager", "still late", 1),
        (at("06-15 17:00"), "senior_manager", "still late", 2),
    ]
    assert found.next_told == found.tellings[3]


def test_a_reminder_that_would_come_before_the_start_is_left_out() -> None:
    request = event(1, "referral.received", "05-01 21:00")
    contact = clock(run(PROCEDURE, [request], at("05-01 21:10")), "contact")
    assert [each.what for each in contact.tellings] == ["late", "still late"]


def test_a_stage_waits_for_the_stages_it_comes_after() -> None:
    visit = event(2, "visit.made", "06-02 10:00")
    before = run(PAUSING, [BEGUN, visit], at("06-03 10:00"))
    assert [each.progress for each in before.stages] == ["open", "coming"]
    after = run(PAUSING, [BEGUN, visit, event(3, "plan.agreed", "06-03 10:00")], at("06-03 11:00"))
    assert [each.progress for each in after.stages] == ["done", "done"]


CARE = load_shipped("child-protection-and-looked-after")


def test_looked_after_reviews_come_after_20_working_days_then_3_then_every_6_months() -> None:
    events = [
        event(1, "care.entered", "01-05 10:00"),
        event(2, "care.reviewed", "01-30 10:00"),
        event(3, "care.reviewed", "04-29 10:00"),
        event(4, "care.reviewed", "10-28 10:00"),
    ]
    rounds = sorted(run(CARE, events, at("11-01 10:00")).clocks, key=lambda each: each.round)
    due = [each.due_at.astimezone(LONDON).isoformat()[:10] for each in rounds if each.key == "care-review"]
    assert due == ["2026-02-02", "2026-04-30", "2026-10-29", "2027-04-28"]


def test_reviews_end_with_the_care_they_are_about() -> None:
    events = [event(1, "care.entered", "01-05 10:00"), event(2, "care.ended", "01-20 10:00")]
    assert run(CARE, events, at("11-01 10:00")).open_clocks == ()


def test_child_protection_reviews_come_after_3_months_then_every_6_at_most() -> None:
    events = [
        event(1, "strategy.discussed", "01-05 10:00"),
        event(2, "conference.held", "01-26 10:00"),
        event(3, "conference.reviewed", "04-24 10:00"),
    ]
    found = run(CARE, events, at("05-01 10:00"))
    assert clock(found, "conference").due_at == at("01-26 10:00")
    assert clock(found, "core-group").due_at == at("02-09 10:00")
    # 26 April and 24 October are days of a weekend: at most means the Friday before.
    rounds = [each for each in found.clocks if each.key == "protection-review"]
    assert {each.round: each.due_at for each in rounds} == {1: at("04-24 17:00"), 2: at("10-23 17:00")}


def test_the_statutory_cycle_takes_the_place_of_the_weekly_review() -> None:
    events = [event(1, "plan.agreed", "06-01 10:00"), event(2, "conference.held", "06-03 10:00")]
    found = run(PROCEDURE, events, at("07-01 10:00"))
    assert clock(found, "review").state == "paused"
    assert clock(found, "protection-review").due_at == at("09-03 22:00")


def test_a_follow_up_runs_after_the_closing_and_is_not_owed_once_the_family_is_taken_on_again() -> None:
    events = [REFERRAL, event(2, "episode.closed", "05-20 10:00")]
    assert [each.key for each in run(PROCEDURE, events, at("06-01 10:00")).open_clocks] == ["follow-up"]
    again = [*events, event(3, "referral.accepted", "06-02 10:00")]
    assert clock(run(PROCEDURE, again, at("06-03 10:00")), "follow-up").state == "ended"


def test_croydons_intensive_support_is_reviewed_at_three_months_and_ends_by_six() -> None:
    found = run(
        load_shipped("croydon-young-carers"), [event(1, "support.offered", "03-02 10:00")], at("03-03 10:00")
    )
    assert clock(found, "intensive-review").due_at == at("06-02 18:00")
    assert clock(found, "intensive").due_at == at("09-02 18:00")


START = datetime(2026, 3, 20, tzinfo=UTC)
# Few moments in some streams, so that events often fall on the same one.
moments = (st.integers(0, 8) | st.integers(0, 400)).map(
    lambda number: START + timedelta(hours=3 * number + number % 5)
)
plain = st.builds(
    lambda kind, happened, delay, corrects, voids, voided, priority: (
        kind,
        happened,
        happened + timedelta(hours=delay),
        corrects,
        voids and corrects is not None,
        voided,
        priority,
    ),
    st.sampled_from([*EVENT_KINDS, "referral.received", "plan.agreed", "plan.reviewed", "contact.recorded"]),
    moments,
    st.integers(0, 200),
    st.none() | st.integers(0, 14),
    st.booleans(),
    st.sampled_from([False, False, False, True]),
    st.sampled_from([None, None, "immediate", "standard"]),
)
streams = st.lists(plain, max_size=14).map(
    lambda rows: [Event(number, *row) for number, row in enumerate(rows)]
)


@settings(max_examples=100, deadline=None)
@given(streams, moments, st.randoms(use_true_random=False))
def test_the_order_in_which_events_are_given_does_not_matter(
    events: list[Event], now: datetime, chance: random.Random
) -> None:
    shuffled = [*events, *events[:3]]
    chance.shuffle(shuffled)
    assert run(PROCEDURE, shuffled, now) == run(PROCEDURE, events, now)


@settings(max_examples=100, deadline=None)
@given(streams, moments)
def test_only_the_events_that_stand_decide(events: list[Event], now: datetime) -> None:
    plain_copies = [
        Event(each.id, each.kind, each.happened_at, each.recorded_at, priority=each.priority)
        for each in standing(events, now)
    ]
    assert run(PROCEDURE, plain_copies, now) == run(PROCEDURE, events, now)


@settings(max_examples=100, deadline=None)
@given(streams, moments)
def test_an_open_clock_is_late_exactly_when_its_moment_has_passed(events: list[Event], now: datetime) -> None:
    for each in run(PROCEDURE, events, now).clocks:
        assert each.is_open == (each.stopped_at is None)
        assert len(each.why) <= 400
        if each.is_open:
            assert (each.state == "late") == (now > each.due_at)
