"""The words beside a clock."""

from datetime import datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teamaround.workingtime import (
    LONDON,
    Calendar,
    Limit,
    Pause,
    Skipped,
    bucket,
    due,
    remaining,
    say_instant,
    say_time,
)

CRISIS = Calendar.every_day(time(8), time(22))
OFFICE = Calendar()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


@pytest.mark.parametrize(
    ("start", "limit", "calendar", "why"),
    [
        (
            "2026-05-01 10:00",
            "1 working day",
            CRISIS,
            "due Tue 5 May 10:00: 1 working day from Fri 1 May 10:00; "
            "weekends and Monday 4 May (bank holiday) do not count",
        ),
        (
            "2026-05-02 10:00",
            "1 working day",
            CRISIS,
            "due Wed 6 May 08:00: 1 working day from Sat 2 May 10:00; counted from Tue 5 May 08:00 "
            "because Sat is not a working day; weekends and Monday 4 May (bank holiday) do not count",
        ),
        (
            "2026-06-09 18:00",
            "1 working day",
            OFFICE,
            "due Thu 11 Jun 09:00: 1 working day from Tue 9 Jun 18:00; "
            "counted from Wed 10 Jun 09:00 because the service closes at 5pm",
        ),
        (
            "2026-06-09 07:00",
            "1 working day",
            OFFICE,
            "due Wed 10 Jun 09:00: 1 working day from Tue 9 Jun 07:00; "
            "counted from Tue 9 Jun 09:00 because the service opens at 9am",
        ),
        (
            "2026-06-09 21:55",
            "2 hours",
            CRISIS,
            "due Tue 9 Jun 23:55: 2 hours from Tue 9 Jun 21:55, day or night",
        ),
        ("2026-06-09 10:00", "same day", CRISIS, "due Tue 9 Jun 22:00: same day as Tue 9 Jun 10:00"),
        (
            "2026-06-09 22:30",
            "same day",
            CRISIS,
            "due Wed 10 Jun 22:00: same day as Tue 9 Jun 22:30; "
            "the service closes at 10pm, so the end of the next open day",
        ),
        (
            "2026-03-27 10:00",
            "1 week",
            OFFICE,
            "due Tue 7 Apr 17:00: 1 week from Fri 27 Mar 10:00, to the end of the day; "
            "the service is closed on Fri (Good Friday) 3 Apr, so the next open day",
        ),
        (
            "2026-12-21 10:00",
            "10 working days",
            OFFICE,
            "due Thu 7 Jan 2027 10:00: 10 working days from Mon 21 Dec 2026 10:00; weekends, "
            "Christmas Day, Boxing Day, substitute for Boxing Day and New Year's Day do not count",
        ),
    ],
)
def test_the_reason_says_when_from_when_and_what_does_not_count(
    start: str, limit: str, calendar: Calendar, why: str
) -> None:
    assert due(at(start), Limit.parse(limit), calendar).why == why


def test_weekends_are_said_once_and_a_single_day_by_its_name() -> None:
    why = due(at("2026-06-05 10:00"), Limit(10, "working day"), OFFICE).why
    assert why.endswith("; weekends do not count")
    with_saturdays = Calendar(opening=(((time(9), time(17)),),) * 7, working=frozenset(range(6)))
    one = due(at("2026-06-06 10:00"), Limit(1, "working day"), with_saturdays).why
    assert one.endswith("; Sunday does not count")
    several = due(at("2026-06-06 10:00"), Limit(9, "working day"), with_saturdays).why
    assert several.endswith("; Sundays do not count")
    holiday = due(at("2026-05-22 16:59"), Limit(2, "working day"), with_saturdays).why
    assert holiday.endswith("; Sunday and Monday 25 May (bank holiday) do not count")


def test_the_skipped_days_are_listed_each_with_its_reason() -> None:
    skipped = due(at("2026-05-01 10:00"), Limit(1, "working day"), CRISIS).skipped
    assert [each.reason for each in skipped] == ["Saturday", "Sunday", "Early May bank holiday"]
    assert skipped[0] == Skipped(at("2026-05-02 00:00").date(), "Saturday")


def test_a_pause_is_mentioned_in_the_reason() -> None:
    pause = Pause(at("2026-06-10 10:00"), at("2026-06-11 10:00"))
    assert (
        "paused does not count" in due(at("2026-06-09 10:00"), Limit(3, "working day"), OFFICE, [pause]).why
    )


@pytest.mark.parametrize(
    ("now", "moment", "said"),
    [
        ("2026-03-18 10:15", "2026-03-18 11:20", "1 hour 5 minutes left, by 11:20am"),
        ("2026-03-18 10:15", "2026-03-18 22:00", "11 hours 45 minutes left, by 10pm"),
        ("2026-03-18 11:20", "2026-03-18 11:20", "less than a minute left, by 11:20am"),
        ("2026-03-18 11:00", "2026-03-18 12:00", "1 hour left, by midday"),
        ("2026-03-18 23:30", "2026-03-19 00:55", "1 hour 25 minutes left, by 12:55am"),
        ("2026-03-18 10:15", "2026-03-19 22:00", "Tomorrow, Thursday 19"),
        ("2026-03-18 10:15", "2026-03-20 22:00", "Friday 20, in 2 working days"),
        ("2026-03-20 10:15", "2026-03-22 22:00", "Sunday 22, in 2 days"),
        ("2026-03-18 10:15", "2026-03-27 22:00", "27 March, in 7 working days"),
        ("2026-03-18 10:15", "2026-09-18 22:00", "18 September 2026"),
        ("2026-03-18 10:50", "2026-03-18 10:15", "35 minutes late"),
        ("2026-03-18 08:30", "2026-03-17 23:55", "8 hours 35 minutes late"),
        ("2026-03-18 10:15", "2026-03-16 10:15", "2 working days late"),
        ("2026-03-18 09:15", "2026-03-16 10:15", "1 working day late"),
        ("2026-03-22 12:00", "2026-03-20 22:30", "1 day late"),
        ("2026-05-05 10:00", "2026-05-01 10:00", "1 working day late"),
    ],
)
def test_what_remains_is_said_in_a_few_words(now: str, moment: str, said: str) -> None:
    assert remaining(at(now), at(moment), CRISIS) == said


@pytest.mark.parametrize(
    ("now", "moment", "found"),
    [
        ("2026-03-18 10:15", "2026-03-18 10:14", "late"),
        ("2026-03-18 10:15", "2026-03-18 10:15", "today"),
        ("2026-03-18 10:15", "2026-03-18 23:59", "today"),
        ("2026-03-18 23:59", "2026-03-19 00:01", "this_week"),
        ("2026-03-18 10:15", "2026-03-25 23:59", "this_week"),
        ("2026-03-18 10:15", "2026-03-26 00:00", "later"),
        ("2026-06-14 23:30", "2026-06-16 00:10", "this_week"),
        ("2026-03-22 18:00", "2026-03-29 23:59", "this_week"),
    ],
)
def test_a_list_is_parted_into_late_today_the_next_seven_days_and_later(
    now: str, moment: str, found: str
) -> None:
    assert bucket(at(now), at(moment)) == found


def test_a_due_is_taken_as_well_as_a_moment() -> None:
    found = due(at("2026-06-09 10:00"), Limit(2, "hour"), CRISIS)
    assert bucket(at("2026-06-09 10:30"), found) == "today"
    assert remaining(at("2026-06-09 10:30"), found, CRISIS) == "1 hour 30 minutes left, by midday"


def test_times_are_said_as_people_say_them() -> None:
    said = [say_time(time(*clock)) for clock in [(0, 0), (12, 0), (9, 0), (21, 55), (0, 5), (12, 30)]]
    assert said == ["midnight", "midday", "9am", "9:55pm", "12:05am", "12:30pm"]
    assert say_instant(at("2026-05-01 21:55")) == "Friday 1 May 2026 at 9:55pm"


@given(st.integers(0, 10**7), st.integers(-(10**6), 10**6))
def test_there_is_always_something_short_to_say(second: int, minutes: int) -> None:
    now = at("2026-01-01 00:00") + timedelta(seconds=second)
    said = remaining(now, now + timedelta(minutes=minutes), OFFICE)
    assert 0 < len(said) < 60
    assert said.endswith("late") == (minutes < 0)
