"""Limits as people write them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teamaround.workingtime import Cycle, Limit


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
        ("1 month to the corresponding date", Limit(1, "month")),
        ("10 working days in term time", Limit(10, "working day", in_term=True)),
        ("Same day in term", Limit(1, "same day", in_term=True)),
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
        ("2 hours in term time", "2 opening hours in term time"),
        ("3 weeks to the corresponding date", "3 weeks"),
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


@pytest.mark.parametrize(
    ("written", "first", "then", "said"),
    [
        ("3 months then every 6", "3 months", "6 months", "3 months then every 6 months"),
        ("3 months, then 6 months", "3 months", "6 months", "3 months then every 6 months"),
        ("20 working days then every 3 months", "20 working days", "3 months", None),
        ("every 10 working days", "10 working days", "10 working days", None),
        ("weekly", "1 week", "1 week", "every 1 week"),
        ("every week", "1 week", "1 week", "every 1 week"),
        ("weekly in term time", "1 week in term time", "1 week in term time", None),
    ],
)
def test_a_cycle_is_read_as_people_write_it_and_said_so_that_it_reads_back(
    written: str, first: str, then: str, said: str | None
) -> None:
    cycle = Cycle.parse(written)
    assert [str(cycle.limit(number)) for number in (1, 2, 7)] == [first, then, then]
    assert said is None or str(cycle) == said
    assert Cycle.parse(str(cycle)) == cycle


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("now and then", "not a cycle"),
        ("3 months then", "Write one"),
        ("3 months then 6 then 9", "Write one"),
        ("same day then every 6", "every 6 of what"),
        ("every 0 weeks", "at least 1"),
    ],
)
def test_what_is_no_cycle_is_refused_with_what_to_write_instead(written: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Cycle.parse(written)


def test_rounds_count_from_one() -> None:
    with pytest.raises(ValueError, match="from 1"):
        Cycle.parse("weekly").limit(0)
