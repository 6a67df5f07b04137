"""Reading dates and times that people type: three boxes, month names, a pasted date, parts not known."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .presentation import MONTHS, ApproximateDate, Precision, local_date, uk_date, uk_time

Bound = datetime.date | Callable[[], datetime.date]
Parts = tuple[str, str, str]
PART_NAMES = ("day", "month", "year")
PART_LABELS = {"day": _("day"), "month": _("month"), "year": _("year")}

_SEPARATOR = r"[\s/.,\-]+"
_YEAR_FIRST = re.compile(rf"(\d{{4}}){_SEPARATOR}(\d{{1,2}}){_SEPARATOR}(\d{{1,2}})(?:[T\s].*)?")
_DAY_FIRST = re.compile(
    rf"(\d{{1,2}})(?:st|nd|rd|th)?{_SEPARATOR}(?:of )?(\d{{1,2}}|[^\W\d]+){_SEPARATOR}(\d+)"
)
_MONTH_FIRST = re.compile(rf"([^\W\d]+){_SEPARATOR}(\d{{1,2}})(?:st|nd|rd|th)?{_SEPARATOR}(\d+)")
_MONTH_YEAR = re.compile(rf"(\d{{1,2}}|[^\W\d]+){_SEPARATOR}(\d{{4}})")
_YEAR = re.compile(r"(\d{4})")
_TIME = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?(?::\d{2})?\s*([ap])?\.?(?:m\.?)?")


def month_number(text: str) -> int | None:
    """1 to 12 from '3', '03', 'March' or 'mar'; None when it is no month."""
    text = text.strip().rstrip(".").lower()
    if text.isdecimal():
        return int(text) if 1 <= int(text) <= 12 else None
    if len(text) < 3:
        return None
    named = [number for number, name in enumerate(MONTHS, 1) if name.lower().startswith(text)]
    if text == "sept":
        return 9
    return named[0] if len(named) == 1 else None


def split_pasted(text: str) -> Parts | None:
    """Day, month and year out of one typed date, day before month as in Britain; '' for a part not given.

    None when the text has no such shape. The parts are not checked for being a real date.
    """
    text = text.strip()
    if match := _YEAR_FIRST.fullmatch(text):
        return match[3], match[2], match[1]
    if match := _DAY_FIRST.fullmatch(text):
        return match[1], match[2], match[3]
    if match := _MONTH_FIRST.fullmatch(text):
        return match[2], match[1], match[3]
    if match := _MONTH_YEAR.fullmatch(text):
        return "", match[1], match[2]
    if match := _YEAR.fullmatch(text):
        return "", "", match[1]
    return None


class DateInput(forms.MultiWidget):
    """Day, month and year boxes. A whole date in any one box, or sent under the plain name, is split."""

    def __init__(self, attrs: dict[str, Any] | None = None, autocomplete: str = "") -> None:
        boxes: dict[str, forms.Widget | type[forms.Widget]] = {}
        for part in PART_NAMES:
            box: dict[str, Any] = {"inputmode": "text" if part == "month" else "numeric"}
            if autocomplete:
                box["autocomplete"] = f"{autocomplete}-{part}"
            boxes[part] = forms.TextInput(attrs=box)
        super().__init__(boxes, attrs)

    def decompress(self, value: Any) -> list[str]:
        if isinstance(value, str):
            return list(split_pasted(value) or (value, "", ""))
        if isinstance(value, datetime.date):
            value = ApproximateDate(local_date(value))
        if not isinstance(value, ApproximateDate):
            return ["", "", ""]
        day = str(value.value.day) if value.precision == Precision.DAY else ""
        month = str(value.value.month) if value.precision != Precision.YEAR else ""
        return [day, month, str(value.value.year)]

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[str]:
        parts = [str(part or "").strip() for part in super().value_from_datadict(data, files, name)]
        given = [part for part in parts if part]
        if not given and data.get(name):
            given = [str(data[name]).strip()]
        if len(given) == 1 and (pasted := split_pasted(given[0])) and (pasted[1] or not any(parts)):
            return list(pasted)
        return parts if any(parts) else [*given, "", "", ""][:3]


class DateField(forms.Field):
    """A civil date from three boxes.

    `not_future`, `not_past`: refuse days after or before today. `earliest`, `latest`: inclusive bounds,
    dates or functions of none. Cleans to `datetime.date`, or None when empty and not required. Errors name
    the part that is wrong in `params["parts"]`, so that the renderer marks that box alone.
    """

    widget = DateInput
    default_error_messages = {
        "required": _("Enter %(what)s"),
        "incomplete": _("%(label)s must include a %(missing)s"),
        "unreal": _("%(label)s must be a real date"),
        "day": _("%(label)s must have a day from 1 to 31"),
        "month": _("%(label)s must have a month from 1 to 12, or a month’s name"),
        "year": _("%(label)s must have a year of 4 numbers"),
        "future": _("%(label)s must be today or in the past"),
        "past": _("%(label)s must be today or in the future"),
        "earliest": _("%(label)s must be on or after %(bound)s"),
        "latest": _("%(label)s must be on or before %(bound)s"),
    }

    def __init__(
        self,
        *,
        not_future: bool = False,
        not_past: bool = False,
        earliest: Bound = datetime.date(1900, 1, 1),
        latest: Bound = datetime.date(2100, 12, 31),
        **kwargs: Any,
    ) -> None:
        self.not_future = not_future
        self.not_past = not_past
        self.earliest = earliest
        self.latest = latest
        super().__init__(**kwargs)

    def _error(self, code: str, parts: Sequence[str] = PART_NAMES, **params: object) -> ValidationError:
        named = self.label or _("Date")
        values = {"label": named, "parts": tuple(parts), **params}
        return ValidationError(self.error_messages[code], code=code, params=values)

    def to_python(self, value: Any) -> Any:
        if value is None or isinstance(value, datetime.date):
            return value
        day, month, year = (str(part or "").strip() for part in value)
        if not (day or month or year):
            return None
        return self.read(day, month, year)

    def read(self, day: str, month: str, year: str) -> Any:
        """The date in three typed parts; ValidationError says which part is missing or wrong."""
        missing = [name for name, part in zip(PART_NAMES, (day, month, year), strict=True) if not part]
        if missing:
            raise self._missing(missing)
        return self._real(day, month, year)

    def _missing(self, missing: Sequence[str]) -> ValidationError:
        words = _(" and ").join(str(PART_LABELS[name]) for name in missing)
        return self._error("incomplete", missing, missing=words)

    def _real(self, day: str, month: str, year: str) -> datetime.date:
        bare_day = re.sub(r"(?<=\d)(st|nd|rd|th)$", "", day.lower())
        if not bare_day.isdecimal() or not 1 <= int(bare_day) <= 31:
            raise self._error("day", ["day"])
        number = month_number(month)
        if number is None:
            raise self._error("month", ["month"])
        if not (year.isdecimal() and len(year) == 4):
            raise self._error("year", ["year"])
        try:
            return datetime.date(int(year), number, int(bare_day))
        except ValueError as problem:
            raise self._error("unreal") from problem

    def validate(self, value: Any) -> None:
        if value is None:
            if self.required:
                label = str(self.label or _("Date"))
                raise self._error("required", what=label[:1].lower() + label[1:])
            return
        self.check_bounds(value, value)

    def check_bounds(self, first: datetime.date, last: datetime.date) -> None:
        """Refuses a period that lies wholly outside what is allowed."""
        today = timezone.localdate()
        earliest = self.earliest() if callable(self.earliest) else self.earliest
        latest = self.latest() if callable(self.latest) else self.latest
        if self.not_future and first > today:
            raise self._error("future")
        if self.not_past and last < today:
            raise self._error("past")
        if last < earliest:
            raise self._error("earliest", bound=uk_date(earliest))
        if first > latest:
            raise self._error("latest", bound=uk_date(latest))

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != (initial or None))
        except ValidationError:
            return True


class ApproximateDateField(DateField):
    """A date of which the day, or the day and month, may be unknown. Cleans to `ApproximateDate` or None."""

    def read(self, day: str, month: str, year: str) -> ApproximateDate:
        missing = [name for name, part in (("month", month if day else "-"), ("year", year)) if not part]
        if missing:
            raise self._missing(missing)
        known = self._real(day or "1", month or "1", year)
        precision = Precision.DAY if day else Precision.MONTH if month else Precision.YEAR
        return ApproximateDate(known, precision)

    def validate(self, value: Any) -> None:
        if value is None:
            super().validate(value)
        else:
            self.check_bounds(value.value, value.last)

    def to_python(self, value: Any) -> Any:
        return value if isinstance(value, ApproximateDate) else super().to_python(value)


class TimeField(forms.TimeField):
    """A time as people write it: '2pm', '2:30 pm', '14:30', 'midday'. Cleans to `datetime.time` or None."""

    default_error_messages = {"invalid": _("Enter a time, like 9:30am or 2pm")}

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, datetime.datetime):
            value = timezone.localtime(value).time() if timezone.is_aware(value) else value.time()
        return uk_time(value) if isinstance(value, datetime.time) else value

    def to_python(self, value: Any) -> datetime.time | None:
        if value in self.empty_values:
            return None
        if isinstance(value, datetime.time):
            return value
        text = str(value).strip().lower()
        named = {"midday": datetime.time(12), "noon": datetime.time(12), "midnight": datetime.time(0)}
        if text in named:
            return named[text]
        match = _TIME.fullmatch(text)
        if match is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        hour, minute = int(match[1]), int(match[2] or 0)
        if match[3] and not 1 <= hour <= 12:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        if match[3]:
            hour = hour % 12 + (12 if match[3] == "p" else 0)
        elif not match[2]:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        if hour > 23 or minute > 59:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return datetime.time(hour, minute)
