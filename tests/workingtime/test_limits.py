"""Limits as people write them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teamaround.workingtime import Limit


@pytest.mark.parametrize(
    ("written", "limit"),
    [
        ("2 hours", Limit(2, "hour")),
        ("30 minutes", Limit(30, "minute")),
        ("2 opening hours", Limit(2, "hour", "opening")),
        ("same day", Limit(1, "same day")),
        ("Same  Day", Limit(1, "same day")),
        (" 1 working day ", Limit(1, "working day")),
        ("45 Working Days", Limit(45, "working day")),
        ("1 week", Limit(1, "week")),
        ("3 months", Limit(3, "month")),
        ("1 year", Limit(12, "month")),
        ("30 calendar days", Limit(30, "calendar day")),
    ],
)
def test_a_limit_is_read_as_people_write_it(written: str, limit: Limit) -> None:
    assert Limit.parse(written) == limit


def test_a_limit_in_hours_can_be_counted_in_opening_hours() -> None:
    assert Limit.parse("2 hours", of="opening") == Limit(2, "hour", "opening")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("0 hours", "at least 1"),
        ("-2 hours", "at least 1"),
        ("0 working days", "leaves no time"),
        ("100 years", "6 months"),
        ("1200 months", "6 months"),
        ("876600 hours", "6 months"),
        ("99999999999999999999 hours", "6 months"),
        ("1.5 hours", "90 minutes"),
        ("3 days", "3 working days"),
        ("soon", "same day"),
        ("", "same day"),
        ("2hours", "2 hours"),
        ("a week", "1 week"),
        ("2 fortnights", "1 week"),
        ("٢ hours", "whole number"),
        ("2 opening weeks", "leave out"),
        ("5000 opening hours", "working days"),
    ],
)
def test_what_is_no_limit_is_refused_with_what_to_write_instead(written: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Limit.parse(written)


def test_same_day_takes_no_number() -> None:
    with pytest.raises(ValueError, match="without a number"):
        Limit(2, "same day")


@given(
    st.integers(1, 900),
    st.sampled_from(["minute", "hour", "working day", "calendar day", "week", "month"]),
    st.booleans(),
)
def test_a_limit_in_words_is_read_back_as_itself(amount: int, unit: str, opening: bool) -> None:
    limit = Limit(amount, unit, "opening" if opening and unit in ("minute", "hour") else "elapsed")
    assert Limit.parse(str(limit)) == limit


@given(st.text(max_size=40))
def test_any_text_is_either_a_limit_or_refused_plainly(text: str) -> None:
    try:
        said = str(Limit.parse(text).amount >= 1)
    except ValueError as refused:
        said = str(refused)
    assert said == "True" or "rite " in said


@given(st.dates(date(2000, 1, 1), date(2040, 1, 1)), st.integers(1, 100))
def test_a_month_ends_on_the_same_day_or_on_the_last_of_its_month(start: date, months: int) -> None:
    end = Limit(months, "month").corresponding_day(start)
    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == months
    assert end.day == start.day or (end.day < start.day and end.fromordinal(end.toordinal() + 1).day == 1)
