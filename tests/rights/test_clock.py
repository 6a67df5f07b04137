"""The month in which a request about one's own data is answered."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from teamaround.rights.clock import WORKING, Pause, corresponding, days_stopped, due_on

DAYS = st.dates(dt.date(2020, 1, 1), dt.date(2090, 1, 1))


def test_a_month_after_the_31st_of_january_is_the_last_of_february() -> None:
    assert corresponding(dt.date(2026, 1, 31), 1) == dt.date(2026, 2, 28)
    assert corresponding(dt.date(2028, 1, 31), 1) == dt.date(2028, 2, 29)
    assert corresponding(dt.date(2026, 12, 31), 1) == dt.date(2027, 1, 31)
    assert corresponding(dt.date(2026, 11, 30), 3) == dt.date(2027, 2, 28)


def test_an_answer_due_on_christmas_day_is_due_on_the_next_working_day() -> None:
    # 25 December 2026 is a Friday; the 26th's bank holiday moves to Monday the 28th.
    assert due_on(dt.date(2026, 11, 25), today=dt.date(2026, 11, 25)) == dt.date(2026, 12, 29)


def test_the_clock_stands_still_from_the_question_until_the_answer() -> None:
    asked = dt.date(2026, 9, 1)
    pause = [Pause(dt.date(2026, 9, 7), dt.date(2026, 9, 10))]
    assert due_on(asked, today=asked) == dt.date(2026, 10, 1)
    assert due_on(asked, pause, today=asked) == dt.date(2026, 10, 5)


def test_a_question_that_is_not_answered_goes_on_moving_the_day() -> None:
    waits = [Pause(dt.date(2026, 9, 7))]
    first = due_on(dt.date(2026, 9, 1), waits, today=dt.date(2026, 9, 8))
    later = due_on(dt.date(2026, 9, 1), waits, today=dt.date(2026, 9, 28))
    assert first < later


def test_an_extension_gives_two_months_more() -> None:
    assert due_on(dt.date(2026, 1, 31), extended=True, today=dt.date(2026, 2, 1)) == dt.date(2026, 4, 30)


@given(asked=DAYS, extended=st.booleans())
def test_the_day_is_a_working_day_and_never_before_the_month_is_over(asked: dt.date, extended: bool) -> None:
    months = 3 if extended else 1
    due = due_on(asked, extended=extended, today=asked)
    assert WORKING.is_working_day(due)
    whole = corresponding(asked, months)
    assert whole <= due <= whole + dt.timedelta(days=5)
    assert (whole.year * 12 + whole.month) - (asked.year * 12 + asked.month) == months
    assert whole.day == asked.day or (whole + dt.timedelta(days=1)).day == 1


@given(one=DAYS, later=st.integers(0, 400))
def test_who_asks_later_is_never_answered_earlier(one: dt.date, later: int) -> None:
    two = one + dt.timedelta(days=later)
    assert due_on(one, today=one) <= due_on(two, today=one)


@given(asked=DAYS, spans=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=4))
def test_pauses_move_the_day_by_each_stopped_day_once(asked: dt.date, spans: list[tuple[int, int]]) -> None:
    day = dt.timedelta(days=1)
    pauses = [Pause(asked + since * day, asked + (since + length) * day) for since, length in spans]
    stopped = {asked + (since + n) * day for since, length in spans for n in range(length)}
    assert days_stopped(pauses, asked) == len(stopped)
    assert due_on(asked, pauses, today=asked) >= corresponding(asked, 1) + len(stopped) * day
