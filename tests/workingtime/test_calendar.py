"""A service's calendar."""

from datetime import UTC, date, datetime, time

import pytest

from teamaround.workingtime import EVERY_DAY, MONDAY_TO_FRIDAY, Calendar, Closure, bank_holidays

NINE_TO_FIVE = ((time(9), time(17)),)


def test_a_bank_holiday_is_no_working_day_and_says_its_name() -> None:
    assert Calendar().why_not_working(date(2026, 5, 4)) == "Early May bank holiday"
    assert Calendar().why_not_working(date(2026, 12, 28)) == "substitute for Boxing Day"
    assert Calendar().why_not_working(date(2026, 5, 5)) is None
    assert Calendar().why_not_working(date(2026, 5, 3)) == "Sunday"


def test_a_bank_holiday_shuts_a_service_unless_it_says_that_it_opens() -> None:
    noon = datetime(2026, 12, 25, 12, tzinfo=UTC)
    assert not Calendar().is_open(noon)
    assert Calendar.every_day(time(8), time(22)).is_open(noon)


def test_a_closure_shuts_the_service_and_gives_its_reason() -> None:
    calendar = Calendar.every_day(time(8), time(22), [Closure(date(2026, 6, 18), "the move")])
    assert not calendar.is_open(datetime(2026, 6, 18, 12, tzinfo=UTC))
    assert calendar.why_not_working(date(2026, 6, 18)) == "the move"
    assert calendar.hours_on(date(2026, 6, 18)) == ()


def test_a_service_is_open_at_its_opening_and_closed_at_its_closing_in_summer_time_too() -> None:
    calendar = Calendar()
    assert calendar.is_open(datetime(2026, 6, 9, 8, tzinfo=UTC))
    assert not calendar.is_open(datetime(2026, 6, 9, 16, tzinfo=UTC))
    assert not calendar.is_open(datetime(2026, 1, 6, 8, tzinfo=UTC))


def test_every_year_has_eight_bank_holidays_or_more() -> None:
    for year in range(1978, 2101):
        weekdays = [day for day in bank_holidays(year) if date.fromordinal(day).weekday() < 5]
        assert len(weekdays) in (7, 8, 9, 10), year  # 7 where a New Year's Saturday has its substitute


def test_years_without_known_bank_holidays_are_refused() -> None:
    with pytest.raises(ValueError, match="1972 to 2100"):
        bank_holidays(2101)


def test_working_days_between_counts_the_last_day_and_not_the_first() -> None:
    calendar = Calendar()
    assert calendar.working_days_between(date(2026, 5, 1), date(2026, 5, 5)) == 1
    assert calendar.working_days_between(date(2026, 12, 21), date(2027, 1, 7)) == 10
    assert calendar.working_days_between(date(2026, 5, 5), date(2026, 5, 1)) == 0


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"opening": (NINE_TO_FIVE,) * 5}, "seven days"),
        ({"working": frozenset()}, "at least one working day"),
        ({"working": frozenset({7})}, "0 for Monday"),
        ({"working": EVERY_DAY}, "Saturday is a working day but has no opening hours"),
        ({"opening": (((time(17), time(9)),),) * 7}, "over midnight as two"),
        ({"opening": (((time(9), time(9)),),) * 7}, "over midnight as two"),
        ({"opening": ((*NINE_TO_FIVE, (time(16), time(18))),) * 7}, "overlap"),
        ({"closures": (Closure(date(2026, 6, 18), " "),)}, "no reason"),
    ],
)
def test_a_calendar_that_cannot_be_is_refused_with_what_to_write(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Calendar(**wrong)  # type: ignore[arg-type]


def test_two_calendars_of_the_same_facts_are_equal() -> None:
    first, second = Calendar(working=MONDAY_TO_FRIDAY), Calendar()
    first.working_year(2026)
    assert first == second
    assert hash(first) == hash(second)
