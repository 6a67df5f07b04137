"""How dates, times and ages read."""

from __future__ import annotations

import datetime

import pytest

from teamaround.ui.presentation import (
    ApproximateDate,
    Precision,
    age,
    near_day,
    stretch,
    uk_date,
    uk_datetime,
    uk_day,
    uk_time,
    week_day,
    week_in_words,
    week_moment,
)

UTC = datetime.UTC
TODAY = datetime.date(2026, 11, 18)


def test_a_moment_is_shown_in_the_time_of_the_place() -> None:
    assert uk_datetime(datetime.datetime(2026, 7, 1, 23, 15, tzinfo=UTC)) == "2 July 2026, 12:15am"
    assert uk_datetime(datetime.datetime(2026, 11, 18, 10, 15, tzinfo=UTC)) == "18 November 2026, 10:15am"


@pytest.mark.parametrize(
    ("hour", "minute", "expected"),
    [
        (9, 0, "9am"),
        (12, 30, "12:30pm"),
        (12, 0, "midday"),
        (0, 0, "midnight"),
        (0, 5, "12:05am"),
        (17, 0, "5pm"),
    ],
)
def test_times_read_as_people_say_them(hour: int, minute: int, expected: str) -> None:
    assert uk_time(datetime.time(hour, minute)) == expected


def test_a_date_reads_to_its_precision() -> None:
    born = datetime.date(2012, 3, 1)
    assert [uk_date(born, precision) for precision in Precision] == ["1 March 2012", "March 2012", "2012"]
    assert uk_day(TODAY) == "Wednesday 18 November 2026"
    assert uk_date(None) == ""


@pytest.mark.parametrize(
    ("days", "expected"),
    [(0, "Today"), (-1, "Yesterday"), (1, "Tomorrow"), (5, "23 November"), (60, "17 January 2027")],
)
def test_near_days_are_named(days: int, expected: str) -> None:
    assert near_day(TODAY + datetime.timedelta(days=days), TODAY) == expected


@pytest.mark.parametrize(
    ("born", "expected"),
    [
        (datetime.date(2012, 3, 14), "14"),
        (datetime.date(2012, 11, 18), "14"),
        (datetime.date(2012, 11, 19), "13"),
        (datetime.date(2026, 3, 14), "8 months"),
        (datetime.date(2026, 11, 1), "2 weeks"),
        (datetime.date(2027, 1, 1), ""),
        (None, ""),
    ],
)
def test_age_is_in_words_that_fit_it(born: datetime.date | None, expected: str) -> None:
    assert age(born, TODAY) == expected


def test_an_approximate_birth_gives_two_ages_where_both_are_possible() -> None:
    assert age(ApproximateDate(datetime.date(2012, 1, 1), Precision.YEAR), TODAY) == "13 or 14"
    assert age(ApproximateDate(datetime.date(2012, 3, 1), Precision.MONTH), TODAY) == "14"
    assert age(datetime.date(2012, 11, 1), TODAY, "month") == "13 or 14"


def test_a_birthday_on_the_29th_of_february_falls_on_the_1st_of_march() -> None:
    assert age(datetime.date(2012, 2, 29), datetime.date(2026, 2, 28)) == "13"
    assert age(datetime.date(2012, 2, 29), datetime.date(2026, 3, 1)) == "14"


def test_the_last_possible_day_ends_the_known_period() -> None:
    assert ApproximateDate(datetime.date(2012, 2, 1), Precision.MONTH).last == datetime.date(2012, 2, 29)
    assert ApproximateDate(datetime.date(2012, 12, 1), Precision.MONTH).last == datetime.date(2012, 12, 31)


def test_a_rota_says_the_day_of_the_week_and_the_year_only_where_it_is_another() -> None:
    moment = datetime.datetime(2026, 11, 25, 17, tzinfo=UTC)
    assert week_moment(moment, TODAY) == "Wednesday 25 November, 5pm"
    assert week_day(datetime.date(2027, 1, 1), TODAY) == "Friday 1 January 2027"
    assert (week_moment(None), week_day(None)) == ("", "")
    hour = datetime.timedelta(hours=1)
    assert stretch(moment, moment + hour, TODAY) == "Wednesday 25 November, 5pm to 6pm"
    # Midnight in London, in summer too, begins another day.
    late = datetime.datetime(2026, 7, 1, 22, tzinfo=UTC)
    assert stretch(late, late + hour, TODAY) == "Wednesday 1 July, 11pm to Thursday 2 July, midnight"


@pytest.mark.parametrize(
    ("monday", "words"),
    [
        (datetime.date(2026, 11, 23), "Monday 23 to Sunday 29 November 2026"),
        (datetime.date(2026, 11, 30), "Monday 30 November to Sunday 6 December 2026"),
        (datetime.date(2026, 12, 28), "Monday 28 December 2026 to Sunday 3 January 2027"),
    ],
)
def test_a_week_says_its_month_and_year_once_where_it_has_one(monday: datetime.date, words: str) -> None:
    assert week_in_words(monday) == words
