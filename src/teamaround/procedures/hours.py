"""The calendar of a procedure file: opening hours, working days, closures."""

from datetime import date, time

from teamaround.procedures.marks import Mark, Section, once, suggest
from teamaround.workingtime import MONDAY_TO_FRIDAY, WEEKDAYS, Calendar, Closure
from teamaround.workingtime.calendar import Hours

_DAYS = tuple(day.lower() for day in WEEKDAYS)


def read_calendar(section: Section) -> Calendar:
    """The calendar that a section describes; the plain office calendar, and problems, where it is none."""
    working = frozenset(
        _DAYS.index(day.text.lower())
        for day in section.texts("working_days", required=False)
        if _is_weekday(section, day)
    )
    closures = []
    for each in once(section.sections("closures", ("date", "reason"), required=False), "date"):
        written = each.text("date")
        try:
            closures.append(Closure(date.fromisoformat(written), each.text("reason", most=100)))
        except ValueError:
            instead = "Write year-month-day, such as 2026-12-24."
            each.wrong(each.line_of("date"), f"'{written}' is not a date.", instead)
    try:
        return Calendar(
            opening=_opening(section.section("opening", ("every day", "monday to friday", *_DAYS))),
            working=working or MONDAY_TO_FRIDAY,
            closures=tuple(closures),
            bank_holidays=section.choice("bank_holidays", ("england", "none"), default="england")
            == "england",
            open_on_bank_holidays=section.truth("open_on_bank_holidays", default=False),
        )
    except ValueError as refused:
        what, _, instead = str(refused).partition(" Write ")
        if not section.problems:
            section.wrong(section.line_of("opening"), what, f"Write {instead}")
        return Calendar()


def _is_weekday(section: Section, mark: Mark) -> bool:
    if mark.text.lower() in _DAYS:
        return True
    section.wrong(mark.line, f"'{mark.text}' is not a weekday.", suggest(mark.text.lower(), _DAYS))
    return False


def _opening(section: Section) -> Hours:
    days: list[tuple[tuple[time, time], ...]] = [()] * 7
    for key in section.values:
        reach = {"every day": range(7), "monday to friday": range(5)}.get(key) or [_DAYS.index(key)]
        spans = tuple(span for mark in section.texts(key) if (span := _span(section, mark)))
        for day in reach:
            days[day] = spans
    return tuple(days)


def _span(section: Section, mark: Mark) -> tuple[time, time] | None:
    opens, dash, closes = mark.text.partition("-")
    try:
        if not dash:
            raise ValueError(mark.text)
        return _clock_time(opens), _clock_time(closes)
    except ValueError:
        what = f"'{mark.text}' is not a span of opening hours."
        section.wrong(mark.line, what, "Write for example 08:00-22:00, or 08:00-24:00 up to midnight.")
        return None


def _clock_time(text: str) -> time:
    return time(0) if text.strip() == "24:00" else time.fromisoformat(text.strip())
