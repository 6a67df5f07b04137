"""Forms of the rota: when somebody works, and on which days they do not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms as django_forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from teamaround.agencies.models import Site
from teamaround.ui import forms
from teamaround.workingtime import WEEKDAYS

from .hours import read_hours
from .models import ExceptionKind, WorkingPattern
from .working import Span, pattern_in_words


def site_choices(sites: Sequence[Site]) -> list[tuple[str, str]]:
    """Sites as choices, each with its agency."""
    return [(str(site.pk), f"{site.name} ({site.agency.name})") for site in sites]


class PatternForm(forms.Form):
    """Hours and site, a line a weekday, from a day on."""

    mark_optional = False

    from_day = forms.DateField(label=gettext_lazy("From which day on?"), not_past=True)

    def __init__(
        self, *args: Any, sites: Sequence[Site], rows: Sequence[WorkingPattern] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {**self.as_typed(rows), **self.initial}
        self.parted = _parted(rows)
        for number, name in enumerate(WEEKDAYS):
            self.fields[name.lower()] = django_forms.CharField(
                label=_("%(day)s: hours") % {"day": _(name)},
                max_length=60,
                required=False,
                widget=forms.TextInput(width=20),
                help_text=_("For example 9:00-12:30, 13:30-17:00. Empty: does not work.")
                if number == 0
                else "",
            )
            self.fields[f"site_{name.lower()}"] = django_forms.ChoiceField(
                label=_("%(day)s: where") % {"day": _(name)},
                required=False,
                choices=[("", _("Elsewhere: at home, on visits")), *site_choices(sites)],
                help_text=_("Now %(where)s. It stays so unless you change the hours or the place.")
                % {"where": "; ".join(pattern_in_words(self.parted[number])[0][1])}
                if number in self.parted
                else "",
            )

    def spans(self) -> list[Span]:
        """What was typed; a day at several places that was left as it stood keeps them. Raises CalendarRefused naming
        the weekday that cannot be read."""
        given = self.cleaned_data
        found = []
        for number, hours in enumerate(read_hours(given)):
            field = f"site_{WEEKDAYS[number].lower()}"
            rows = self.parted.get(number, [])
            if rows and given[field] == self.initial[field] and hours == tuple(_times(row) for row in rows):
                found += [Span(number, _times(row), row.site_id) for row in rows]
            else:
                found += [Span(number, each, int(given[field]) if given[field] else None) for each in hours]
        return found

    @staticmethod
    def as_typed(rows: Sequence[WorkingPattern]) -> dict[str, str]:
        """What stands in the fields: the hours by weekday, and the site of the first of them."""
        typed: dict[str, str] = {}
        for row in sorted(rows, key=_times):
            name = WEEKDAYS[row.weekday].lower()
            words = f"{row.opens.hour}:{row.opens:%M}-{row.closes.hour}:{row.closes:%M}"
            typed[name] = f"{typed[name]}, {words}" if name in typed else words
            typed.setdefault(f"site_{name}", str(row.site_id or ""))
        return typed


def _times(row: WorkingPattern) -> tuple[dt.time, dt.time]:
    return row.opens, row.closes


def _parted(rows: Sequence[WorkingPattern]) -> dict[int, list[WorkingPattern]]:
    """The weekdays at several places, each with its hours in order."""
    days: dict[int, list[WorkingPattern]] = {}
    for row in sorted(rows, key=_times):
        days.setdefault(row.weekday, []).append(row)
    return {number: each for number, each in days.items() if len({row.site_id for row in each}) > 1}


class AwayForm(forms.Form):
    """Days on which somebody is away, or at another site."""

    kind = django_forms.ChoiceField(
        label=gettext_lazy("What is it?"),
        choices=ExceptionKind.choices,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("Others read that you are away, never why."),
    )
    site = django_forms.ChoiceField(label=gettext_lazy("At which site?"))
    day = forms.DateField(label=gettext_lazy("First day"))
    until = forms.DateField(
        label=gettext_lazy("Last day"), required=False, help_text=gettext_lazy("Leave empty for one day.")
    )
    reveals = {"kind": {ExceptionKind.ELSEWHERE.value: ["site"]}}

    def __init__(self, *args: Any, sites: Sequence[Site], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["site"]
        field.choices = [("", _("Choose a site")), *site_choices(sites)]


class ShiftForm(forms.Form):
    """Somebody on duty from when until when."""

    practitioner = django_forms.ChoiceField(label=gettext_lazy("Who is on duty?"))
    starts_on = forms.DateField(label=gettext_lazy("From"), not_past=True)
    starts_at = forms.TimeField(label=gettext_lazy("From what time?"), widget=forms.TextInput(width=10))
    ends_on = forms.DateField(label=gettext_lazy("Until"), not_past=True)
    ends_at = forms.TimeField(label=gettext_lazy("Until what time?"), widget=forms.TextInput(width=10))

    def __init__(self, *args: Any, people: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["practitioner"]
        field.choices = [("", _("Choose somebody")), *people]

    def moments(self) -> tuple[dt.datetime, dt.datetime]:
        """When the shift begins and ends, from a valid form."""
        given = self.cleaned_data
        return (
            timezone.make_aware(dt.datetime.combine(given["starts_on"], given["starts_at"])),
            timezone.make_aware(dt.datetime.combine(given["ends_on"], given["ends_at"])),
        )


class SwapForm(forms.Form):
    """Whom somebody asks to take a shift over."""

    asked = django_forms.ChoiceField(label=gettext_lazy("Who do you ask?"))

    def __init__(self, *args: Any, people: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["asked"]
        field.choices = [("", _("Choose somebody")), *people]
