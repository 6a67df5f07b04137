"""Dates as they are written in the United Kingdom: the day comes first, and the year may stand alone."""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import lru_cache
from typing import Literal

from teamaround.sheets.names import clean, is_nothing
from teamaround.sheets.refusal import FORMULA, Reason, RefusedError

Precision = Literal["day", "month", "year"]
Reading = tuple[date, Precision]

MAX_AGE_YEARS = 120

_MONTHS = {
    word: number
    for number, words in enumerate(
        (
            *("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july"),
            *("aug august", "sep sept september", "oct october", "nov november", "dec december"),
        ),
        start=1,
    )
    for word in words.split()
}
_TIME = r"(?:[T ]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[ap]m)?(?:Z|[+-]\d\d:?\d\d)?)?"
_DAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,? +)?"
_SEP = r" *[/.\-\\ ,] *"
_FORMS = tuple(
    (order, re.compile(form + "$", re.IGNORECASE))
    for order, form in (
        ("ymd", r"(\d{4}) *[/.\-] *(\d{1,2}) *[/.\-] *(\d{1,2})" + _TIME),
        ("dmy", r"(\d{1,2})" + _SEP + r"(\d{1,2})" + _SEP + r"(\d{4}|\d{2})" + _TIME),
        (
            "dMy",
            _DAY + r"(\d{1,2})(?:st|nd|rd|th)?(?: of)?(?:" + _SEP + ")?"
            r"([a-z]{3,9})\.?(?:" + _SEP + r")?(\d{4}|\d{2})" + _TIME,
        ),
        ("Mdy", _DAY + r"([a-z]{3,9})\.?" + _SEP + r"(\d{1,2})(?:st|nd|rd|th)?" + _SEP + r"(\d{4})" + _TIME),
        ("yMd", r"(\d{4})" + _SEP + r"([a-z]{3,9})" + _SEP + r"(\d{1,2})"),
        ("ymd", r"((?:19|20)\d{2})(\d{2})(\d{2})"),
        ("My", r"([a-z]{3,9})\.?" + _SEP + r"(\d{4}|\d{2})"),
        ("my", r"(\d{1,2}) *[/.\-] *(\d{4})"),
        ("ym", r"(\d{4}) *[/\-] *(\d{1,2})"),
        ("y", r"(?:c\.? ?|circa |about )?(\d{4})"),
    )
)  # fmt: skip

UNREADABLE = Reason("unreadable_date", "The date cannot be read. Write it as day, month, year: 21/08/2019.")
IMPOSSIBLE = Reason("impossible_date", "The date does not exist. Check the day, the month and the year.")
NOT_MONTH_FIRST = Reason(
    "impossible_date",
    "The month is over 12. Check whether the day and the month changed places; the month was said to come first.",
)
AMERICAN = Reason(
    "impossible_date",
    "The month is over 12. Check whether the day and the month changed places; the day comes first.",
)
BARE_NUMBER = Reason(
    "unreadable_date", "The date is a bare number. Format the column as dates in your spreadsheet program."
)
FUTURE_BIRTH = Reason("future_birth_date", "The date of birth is in the future. Check the year.")
TOO_OLD = Reason(
    "birth_date_too_old", f"The date of birth is over {MAX_AGE_YEARS} years ago. Check the year."
)


def read_date(value: str | date, today: date, *, month_first: bool = False) -> Reading | None:
    """A date and how much of it is known; a month stands as its first day, a year as 1 January.

    None where the cell says nothing. Two figures for a year mean the latest such year that is not after
    `today`'s. `month_first` reads 08/21/2019 for the 21st of August. RefusedError with a reason where the date does not exist or cannot be read.
    """
    if isinstance(value, datetime):
        return value.date(), "day"
    if isinstance(value, date):
        return value, "day"
    return _read_text(value, today.year, month_first=month_first)


def read_birth_date(value: str | date, today: date, *, month_first: bool = False) -> Reading | None:
    """As `read_date`, and refuses a birth after `today` or more than 120 years before it."""
    reading = read_date(value, today, month_first=month_first)
    if reading is None:
        return None
    born = reading[0]
    if born > today:
        raise RefusedError(FUTURE_BIRTH)
    if (today.year - born.year, (today.month, today.day)) > (MAX_AGE_YEARS, (born.month, born.day)):
        raise RefusedError(TOO_OLD)
    return reading


@lru_cache(maxsize=65_536)
def _read_text(value: str, this_year: int, *, month_first: bool = False) -> Reading | None:
    text = clean(value)
    if is_nothing(text):
        return None
    if text.startswith("="):
        raise RefusedError(FORMULA)
    if not text.isascii():
        text = "".join(str(int(letter)) if letter.isdecimal() else letter for letter in text)
    for order, form in _FORMS:
        found = form.match(text)
        if found:
            turned = month_first and order == "dmy"
            return _build("mdy" if turned else order, found.groups(), this_year)
    if text.replace(".", "", 1).isdecimal():
        raise RefusedError(BARE_NUMBER)
    raise RefusedError(UNREADABLE)


def _build(order: str, parts: tuple[str, ...], this_year: int) -> Reading:
    year, month, day = 0, 1, 1
    for kind, part in zip(order, parts, strict=True):
        if kind == "y":
            year = int(part)
            if len(part) == 2:
                year += this_year // 100 * 100
                year -= 100 if year > this_year else 0
        elif kind == "m":
            month = int(part)
        elif kind == "M":
            found = _MONTHS.get(part.lower())
            if found is None:
                raise RefusedError(UNREADABLE)
            month = found
        else:
            day = int(part)
    precision: Precision = "day" if "d" in order else "month" if len(order) > 1 else "year"
    if month > 12 and day <= 12 and order == "dmy":
        raise RefusedError(AMERICAN)
    if month > 12 and day <= 12 and order == "mdy":
        raise RefusedError(NOT_MONTH_FIRST)
    try:
        return date(year, month, day), precision
    except ValueError:
        raise RefusedError(IMPOSSIBLE) from None
