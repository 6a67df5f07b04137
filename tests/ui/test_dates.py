"""What people type for dates and times, and what they are told when it cannot be read."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django import forms as django_forms
from django.utils import timezone

from teamaround.ui import forms
from teamaround.ui.dates import month_number, split_pasted


class Visit(forms.Form):
    visited = forms.DateField(label="Date of the visit", not_future=True)


class Child(forms.Form):
    born = forms.ApproximateDateField(label="Date of birth", not_future=True)


class Meeting(forms.Form):
    at = forms.TimeField(label="Time")
    by = forms.DateField(label="Do it by", not_past=True, required=False)


def typed(day: str, month: str, year: str, name: str = "visited") -> dict[str, str]:
    return {f"{name}_day": day, f"{name}_month": month, f"{name}_year": year}


@pytest.mark.parametrize(
    ("day", "month", "year"),
    [
        ("4", "11", "2025"),
        ("04", "Nov", "2025"),
        ("4th", "november", "2025"),
        (" 4 ", " 11 ", " 2025 "),
        ("4/11/2025", "", ""),
        ("", "", "4 November 2025"),
        ("2025-11-04", "", ""),
        ("November 4, 2025", "", ""),
    ],
)
def test_a_date_is_read_however_it_is_typed(day: str, month: str, year: str) -> None:
    form = Visit(typed(day, month, year))
    assert form.is_valid(), form.errors
    assert form.cleaned_data["visited"] == datetime.date(2025, 11, 4)


def test_a_whole_date_under_the_plain_name_is_read() -> None:
    form = Visit({"visited": "2025-11-04"})
    assert form.is_valid()
    assert form.cleaned_data["visited"] == datetime.date(2025, 11, 4)


@pytest.mark.parametrize(
    ("day", "month", "year", "message", "parts"),
    [
        ("", "", "", "Enter date of the visit", ("day", "month", "year")),
        ("4", "", "2025", "Date of the visit must include a month", ("month",)),
        ("", "", "2025", "Date of the visit must include a day and month", ("day", "month")),
        ("31", "2", "2025", "Date of the visit must be a real date", ("day", "month", "year")),
        ("29", "2", "2025", "Date of the visit must be a real date", ("day", "month", "year")),
        ("40", "2", "2025", "Date of the visit must have a day from 1 to 31", ("day",)),
        (
            "4",
            "Juno",
            "2025",
            "Date of the visit must have a month from 1 to 12, or a month’s name",
            ("month",),
        ),
        (
            "4",
            "13",
            "2025",
            "Date of the visit must have a month from 1 to 12, or a month’s name",
            ("month",),
        ),
        ("4", "11", "25", "Date of the visit must have a year of 4 numbers", ("year",)),
        ("4", "11", "0025", "Date of the visit must be on or after 1 January 1900", ("day", "month", "year")),
    ],
)
def test_a_refused_date_says_which_part_is_wrong(
    day: str, month: str, year: str, message: str, parts: tuple[str, ...]
) -> None:
    form = Visit(typed(day, month, year))
    assert form.errors["visited"] == [message]
    if any((day, month, year)):
        params = form.errors["visited"].as_data()[0].params
        assert params is not None
        assert params["parts"] == parts


def test_a_day_that_has_not_come_is_refused_where_the_past_is_asked() -> None:
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    form = Visit({"visited": tomorrow.isoformat()})
    assert form.errors["visited"] == ["Date of the visit must be today or in the past"]
    assert Visit({"visited": timezone.localdate().isoformat()}).is_valid()


def test_a_day_that_has_gone_is_refused_where_the_future_is_asked() -> None:
    form = Meeting({"at": "2pm", "by": "2020-01-01"})
    assert form.errors["by"] == ["Do it by must be today or in the future"]


def test_an_optional_date_may_be_left_empty() -> None:
    form = Meeting({"at": "2pm"})
    assert form.is_valid()
    assert form.cleaned_data["by"] is None


@pytest.mark.parametrize(
    ("day", "month", "year", "value", "precision"),
    [
        ("14", "3", "2012", datetime.date(2012, 3, 14), "day"),
        ("", "March", "2012", datetime.date(2012, 3, 1), "month"),
        ("", "", "2012", datetime.date(2012, 1, 1), "year"),
        ("March 2012", "", "", datetime.date(2012, 3, 1), "month"),
    ],
)
def test_an_approximate_date_keeps_what_is_known(
    day: str, month: str, year: str, value: datetime.date, precision: str
) -> None:
    form = Child(typed(day, month, year, "born"))
    assert form.is_valid(), form.errors
    assert form.cleaned_data["born"] == forms.ApproximateDate(value, forms.Precision(precision))


def test_an_approximate_date_needs_its_year_and_the_month_of_a_day() -> None:
    assert Child(typed("14", "", "2012", "born")).errors["born"] == ["Date of birth must include a month"]
    assert Child(typed("", "3", "", "born")).errors["born"] == ["Date of birth must include a year"]


def test_a_birth_in_this_year_is_not_in_the_future() -> None:
    assert Child(typed("", "", str(timezone.localdate().year), "born")).is_valid()
    form = Child(typed("", "", str(timezone.localdate().year + 1), "born"))
    assert form.errors["born"] == ["Date of birth must be today or in the past"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2pm", datetime.time(14)),
        ("2:30 pm", datetime.time(14, 30)),
        ("2.30pm", datetime.time(14, 30)),
        ("14:30", datetime.time(14, 30)),
        ("12am", datetime.time(0)),
        ("12pm", datetime.time(12)),
        ("Midday", datetime.time(12)),
        ("09:00:00", datetime.time(9)),
    ],
)
def test_a_time_is_read_however_it_is_typed(text: str, expected: datetime.time) -> None:
    form = Meeting({"at": text})
    assert form.is_valid()
    assert form.cleaned_data["at"] == expected


@pytest.mark.parametrize("text", ["14", "25:00", "13pm", "0pm", "2:75pm", "soon"])
def test_a_time_that_could_mean_two_things_is_refused(text: str) -> None:
    assert Meeting({"at": text}).errors["at"] == ["Enter a time, like 9:30am or 2pm"]


def test_initial_dates_fill_the_boxes_to_their_precision() -> None:
    known = forms.ApproximateDate(datetime.date(2012, 3, 1), forms.Precision.MONTH)
    widget: django_forms.Widget = Child().fields["born"].widget
    assert isinstance(widget, forms.DateInput)
    assert widget.decompress(known) == ["", "3", "2012"]
    assert widget.decompress(datetime.date(2012, 3, 14)) == ["14", "3", "2012"]
    assert widget.decompress(None) == ["", "", ""]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("14-3-2012", ("14", "3", "2012")),
        ("14 of March 2012", ("14", "March", "2012")),
        ("mañana", None),
        ("", None),
    ],
)
def test_a_pasted_date_is_split_day_first(text: str, expected: Any) -> None:
    assert split_pasted(text) == expected


def test_a_month_is_known_by_number_or_by_three_letters() -> None:
    assert [month_number(text) for text in ("3", "03", "Mar", "SEPT", "ju", "0")] == [3, 3, 3, 9, None, None]
