"""Rules of the clock, tried on made-up starts, limits, calendars and pauses."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teamaround.workingtime import (
    EVERY_DAY,
    LONDON,
    Calendar,
    Closure,
    Limit,
    Pause,
    Reckoner,
    Term,
    due,
    elapsed,
    left,
)

from .minutes import as_moment, minute_of, service

CRISIS = Calendar.every_day(time(8), time(22))
OFFICE = Calendar()
LUNCH = Calendar(
    opening=((((time(9), time(12, 30)), (time(13, 30), time(17))),) * 2)
    + (((time(9), time(12, 30)),),)
    + ((((time(10), time(18)),),) * 2)
    + (((time(0), time(3)), (time(22), time(0))), ()),
    closures=(Closure(date(2026, 6, 18), "the move"), Closure(date(2026, 4, 2), "training")),
)
SCHOOL = Calendar(
    terms=(
        Term(date(2026, 1, 5), date(2026, 2, 13), "Spring 1"),
        Term(date(2026, 2, 23), date(2026, 3, 27), "Spring 2"),
        Term(date(2026, 4, 13), date(2026, 5, 22), "Summer 1"),
    )
)
ALWAYS = Calendar(opening=(((time(0), time(0)),),) * 7, working=EVERY_DAY, bank_holidays=False)

calendars = st.sampled_from([CRISIS, OFFICE, LUNCH, ALWAYS])
around_clock_changes = st.sampled_from(
    [datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)]
).flatmap(lambda change: st.integers(-180, 180).map(lambda minutes: change + timedelta(minutes=minutes)))
starts = st.one_of(
    st.datetimes(datetime(2024, 1, 1), datetime(2029, 1, 1), timezones=st.just(UTC)), around_clock_changes
)
limits = st.one_of(
    st.just(Limit(1, "same day")),
    st.builds(Limit, st.integers(1, 5000), st.just("minute"), st.sampled_from(["elapsed", "opening"])),
    st.builds(Limit, st.integers(1, 200), st.just("hour"), st.sampled_from(["elapsed", "opening"])),
    st.builds(Limit, st.integers(1, 300), st.just("working day")),
    st.builds(
        Limit,
        st.integers(1, 40),
        st.sampled_from(["calendar day", "week", "month"]),
        st.just("elapsed"),
        st.sampled_from(["next open day", "last open day"]),
    ),
)
pauses = st.lists(
    st.builds(
        lambda begins, minutes: Pause(begins, begins + timedelta(minutes=minutes)),
        st.datetimes(datetime(2026, 3, 1), datetime(2026, 4, 30), timezones=st.just(UTC)),
        st.integers(0, 20_000),
    ),
    max_size=3,
)
spring = st.datetimes(datetime(2026, 3, 1), datetime(2026, 4, 30), timezones=st.just(UTC))


@settings(max_examples=400, deadline=None)
@given(starts, st.timedeltas(timedelta(0), timedelta(days=5)), limits, calendars)
def test_a_later_start_is_never_due_earlier(
    start: datetime, later: timedelta, limit: Limit, calendar: Calendar
) -> None:
    assert due(start, limit, calendar).at <= due(start + later, limit, calendar).at


@settings(max_examples=400, deadline=None)
@given(spring, st.timedeltas(timedelta(0), timedelta(days=20)), limits, calendars, pauses)
def test_a_later_start_is_never_due_earlier_whatever_the_pauses(
    start: datetime, later: timedelta, limit: Limit, calendar: Calendar, stops: list[Pause]
) -> None:
    assert due(start, limit, calendar, stops).at <= due(start + later, limit, calendar, stops).at


@settings(max_examples=300, deadline=None)
@given(starts, limits, st.integers(1, 50), calendars)
def test_a_longer_limit_is_never_due_earlier(
    start: datetime, limit: Limit, more: int, calendar: Calendar
) -> None:
    if limit.unit == "same day":
        longer = Limit(more, "calendar day")
    else:
        longer = Limit(limit.amount + more, limit.unit, limit.of, limit.if_closed)
    assert due(start, limit, calendar).at <= due(start, longer, calendar).at


@settings(max_examples=300, deadline=None)
@given(starts, limits, calendars)
def test_nothing_is_due_before_it_began_and_only_after_it_is_counted(
    start: datetime, limit: Limit, calendar: Calendar
) -> None:
    found = due(start, limit, calendar)
    assert start <= found.counted_from < found.at


@settings(max_examples=300, deadline=None)
@given(starts, limits, calendars)
def test_what_is_not_elapsed_time_falls_due_while_the_service_is_open(
    start: datetime, limit: Limit, calendar: Calendar
) -> None:
    found = due(start, limit, calendar)
    if limit.unit in ("minute", "hour") and limit.of == "elapsed":
        assert found.at - start == timedelta(**{f"{limit.unit}s": limit.amount})
        return
    assert calendar.is_open(found.at) or calendar.is_open(found.at - timedelta(microseconds=1))
    if limit.unit == "working day":
        assert calendar.is_working_day(found.local.date())


@settings(max_examples=300, deadline=None)
@given(starts, st.integers(1, 60), calendars)
def test_exactly_the_limit_in_working_days_lies_between_start_and_due(
    start: datetime, number: int, calendar: Calendar
) -> None:
    found = due(start, Limit(number, "working day"), calendar)
    day, counted = found.counted_from.astimezone(LONDON).date(), 0
    while day < found.local.date():
        day += timedelta(days=1)
        counted += calendar.is_working_day(day)
    assert counted == number


@settings(max_examples=300, deadline=None)
@given(spring, limits, calendars, pauses)
def test_a_pause_never_brings_anything_forward_and_nothing_falls_due_inside_one(
    start: datetime, limit: Limit, calendar: Calendar, stops: list[Pause]
) -> None:
    found = due(start, limit, calendar, stops)
    assert found.at >= due(start, limit, calendar).at
    assert not any(pause.begins < found.at < pause.ends for pause in stops)
    assert found == due(start, limit, calendar, list(reversed(stops)))
    assert "due " in found.why


@settings(max_examples=200, deadline=None)
@given(spring, st.integers(1, 300), st.integers(1, 300), st.integers(0, 5000))
def test_a_pause_in_the_middle_moves_an_elapsed_limit_by_its_own_length(
    start: datetime, before: int, after: int, length: int
) -> None:
    begins = start + timedelta(minutes=before)
    limit = Limit(before + after, "minute")
    found = due(start, limit, CRISIS, [Pause(begins, begins + timedelta(minutes=length))])
    assert found.at == due(start, limit, CRISIS).at + timedelta(minutes=length)


@settings(max_examples=200, deadline=None)
@given(spring, st.integers(1, 20), st.integers(0, 20))
def test_a_pause_of_whole_working_days_moves_a_limit_in_working_days_by_as_many(
    start: datetime, number: int, paused: int
) -> None:
    first = due(start, Limit(number, "working day"), OFFICE).counted_from
    until = due(first, Limit(paused, "working day"), OFFICE).at if paused else first
    found = due(start, Limit(number, "working day"), OFFICE, [Pause(first, until)])
    assert found.at == due(start, Limit(number + paused, "working day"), OFFICE).at


@settings(max_examples=60, deadline=None)
@given(starts, st.integers(1, 3000), calendars)
def test_an_opening_limit_holds_exactly_its_length_of_open_minutes(
    start: datetime, number: int, calendar: Calendar
) -> None:
    start = start.replace(second=0, microsecond=0)
    found = due(start, Limit(number, "minute", "opening"), calendar)
    minutes = int((found.at - start) / timedelta(minutes=1))
    if minutes > 20_000:
        return
    assert sum(calendar.is_open(start + timedelta(minutes=each)) for each in range(minutes)) == number


def test_in_the_hour_that_autumn_repeats_a_later_start_is_not_due_earlier() -> None:
    first_passage = datetime(2026, 10, 25, 0, 50, tzinfo=UTC)  # 1.50am, summer time
    second_passage = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)  # 1.10am, winter time
    limit = Limit(1, "working day")
    assert due(first_passage, limit, ALWAYS).local == datetime(2026, 10, 26, 1, 50, tzinfo=LONDON)
    assert due(second_passage, limit, ALWAYS).local == datetime(2026, 10, 26, 2, 0, tzinfo=LONDON)


def test_a_start_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        due(datetime(2026, 1, 1), Limit(1, "hour"), CRISIS)


def test_a_pause_that_ends_before_it_begins_is_refused() -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    with pytest.raises(ValueError, match="ends before it begins"):
        due(moment, Limit(1, "hour"), CRISIS, [Pause(moment, moment - timedelta(hours=1))])


@pytest.mark.parametrize("limit", ["99 years", "876599 hours", "24999 working days", "5000 weeks"])
@pytest.mark.parametrize("calendar", [CRISIS, OFFICE])
def test_a_due_date_beyond_the_known_bank_holidays_is_refused_rather_than_guessed(
    limit: str, calendar: Calendar
) -> None:
    with pytest.raises(ValueError, match="1972 to 2100"):
        due(datetime(2026, 1, 1, tzinfo=UTC), Limit.parse(limit), calendar)


def test_a_start_before_the_known_bank_holidays_is_refused() -> None:
    with pytest.raises(ValueError, match="1972 to 2100"):
        due(datetime(1971, 1, 1, tzinfo=UTC), Limit(1, "hour"), CRISIS)


def test_the_reckoning_is_quick_enough_to_be_asked_a_million_times() -> None:
    start, limit = datetime(2026, 1, 5, 12, tzinfo=UTC), Limit(45, "working day")
    due(start, limit, OFFICE)
    looked_at = dict(OFFICE._years)
    for minute in range(2000):
        due(start + timedelta(minutes=minute), limit, OFFICE)
    assert dict(OFFICE._years) == looked_at, "the working days of a year are worked out once"


@settings(max_examples=150, deadline=None)
@given(spring, limits, st.integers(0, 5000), st.integers(1, 3000), calendars, st.booleans())
def test_a_pause_before_the_start_or_after_the_due_moment_changes_nothing(
    start: datetime, limit: Limit, apart: int, length: int, calendar: Calendar, before: bool
) -> None:
    plain = due(start, limit, calendar).at
    if before:
        ends = start - timedelta(minutes=apart)
        pause = Pause(ends - timedelta(minutes=length), ends)
    else:
        begins = plain + timedelta(minutes=apart)
        pause = Pause(begins, begins + timedelta(minutes=length))
    assert due(start, limit, calendar, [pause]).at == plain


@settings(max_examples=150, deadline=None)
@given(spring, st.integers(2, 2000), st.data(), calendars)
def test_a_pause_of_so_many_open_minutes_moves_a_limit_in_opening_hours_by_as_many(
    start: datetime, number: int, data: st.DataObject, calendar: Calendar
) -> None:
    def after(minutes: int) -> datetime:
        return due(start, Limit(minutes, "minute", "opening"), calendar).at

    begun, paused = data.draw(st.integers(1, number - 1)), data.draw(st.integers(1, 2000))
    pause = Pause(after(begun), after(begun + paused))
    found = due(start, Limit(number, "minute", "opening"), calendar, [pause])
    assert found.at == after(number + paused)


@settings(max_examples=60, deadline=None)
@given(spring, limits, st.timedeltas(timedelta(0), timedelta(days=90)), calendars, pauses)
def test_what_has_passed_and_when_it_is_due_are_each_others_inverse(
    start: datetime, limit: Limit, later: timedelta, calendar: Calendar, stops: list[Pause]
) -> None:
    moment = start + later
    passed = elapsed(start, moment, limit, calendar, stops)
    assert 0 <= passed <= limit.amount
    for amount in {passed, passed + 1, limit.amount} & set(range(1, limit.amount + 1)):
        part = Limit(amount, limit.unit, limit.of, limit.if_closed)
        assert (due(start, part, calendar, stops).at <= moment) == (amount <= passed)
    assert left(start, moment, limit, calendar, stops) == limit.amount - passed
    assert left(start, due(start, limit, calendar, stops).at, limit, calendar, stops) == 0


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.one_of(starts, spring), min_size=1, max_size=30),
    limits,
    st.sampled_from([CRISIS, OFFICE, LUNCH, ALWAYS, SCHOOL]),
    st.booleans(),
)
def test_many_at_once_are_due_when_each_alone_is(
    begun: list[datetime], limit: Limit, calendar: Calendar, in_term: bool
) -> None:
    if in_term and not (limit.unit in ("minute", "hour") and limit.of == "elapsed"):
        limit = Limit(limit.amount, limit.unit, limit.of, limit.if_closed, in_term=True)
    reckon = Reckoner(limit, calendar)
    assert [reckon(start) for start in begun] == [due(start, limit, calendar).at for start in begun]


@settings(max_examples=100, deadline=None)
@given(spring, st.timedeltas(timedelta(0), timedelta(days=20)), limits)
def test_in_term_time_too_a_later_start_is_never_due_earlier_and_never_earlier_than_without(
    start: datetime, later: timedelta, limit: Limit
) -> None:
    if limit.unit in ("minute", "hour") and limit.of == "elapsed":
        return
    term = Limit(limit.amount, limit.unit, limit.of, limit.if_closed, in_term=True)
    assert due(start, term, SCHOOL).at <= due(start + later, term, SCHOOL).at
    if limit.if_closed == "next open day":
        assert due(start, term, SCHOOL).at >= due(start, limit, SCHOOL).at


@pytest.mark.long
@settings(max_examples=300, deadline=None)
@given(spring, limits, pauses)
def test_walking_every_minute_comes_to_the_same_for_made_up_starts_and_pauses(
    start: datetime, limit: Limit, stops: list[Pause]
) -> None:
    whole = start.replace(second=0, microsecond=0)
    stops = [Pause(*(each.replace(second=0, microsecond=0) for each in pause)) for pause in stops]
    for calendar, described in ((OFFICE, "office"), (CRISIS, "crisis")):
        data: dict[str, Any] = (
            {"every_day": ["08:00", "22:00"]} if described == "crisis" else {"office": ["09:00", "17:00"]}
        )
        walked = service(data).due(
            minute_of(whole),
            str(limit),
            last_open=limit.if_closed == "last open day",
            pauses=[(minute_of(pause.begins), minute_of(pause.ends)) for pause in stops],
        )
        assert as_moment(walked) == due(whole, limit, calendar, stops).at
