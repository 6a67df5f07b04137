"""What the search asks: one box for everything, each fact by itself, and why."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms as django_forms
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from teamaround.index.actions import Query
from teamaround.index.typed import MOST_SIGNS, Typed, read
from teamaround.people import codes
from teamaround.ui import forms

from .fields import PostcodeField, read_number
from .forms import without_title


class SearchForm(forms.Form):
    """One box for finding somebody, each fact by itself for who would rather, and why.

    A fact given by itself counts before the same one in the box.
    """

    mark_optional = False
    q = django_forms.CharField(
        label=gettext_lazy("Who are you looking for?"),
        max_length=MOST_SIGNS,
        required=False,
        help_text=gettext_lazy(
            "Name, date of birth, postcode, NHS or pupil number, in any order. Names need not be spelt right."
        ),
        widget=forms.TextInput(
            {
                "autocomplete": "off",
                "autocapitalize": "off",
                "spellcheck": "false",
                "enterkeyhint": "search",
                "data-finder": "found",
                "hx-post": reverse_lazy("desk:search_live"),
                "hx-trigger": "input changed delay:250ms, change from:#id_reason",
                "hx-include": "closest form",
                "hx-target": "#found",
                "hx-select": "#found-now",
                "hx-swap": "innerHTML",
            }
        ),
    )
    name = django_forms.CharField(
        label=gettext_lazy("Name"),
        max_length=200,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    born = forms.DateField(
        label=gettext_lazy("Date of birth"),
        required=False,
        not_future=True,
        help_text=gettext_lazy("For example, 14 3 2012"),
    )
    postcode = PostcodeField(widget=forms.TextInput({"autocomplete": "off"}, width=10))
    number = django_forms.CharField(
        label=gettext_lazy("NHS or pupil number"),
        max_length=40,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}, width=20),
    )
    reason = django_forms.CharField(
        label=gettext_lazy("Why are you searching?"),
        max_length=200,
        help_text=gettext_lazy("One short sentence. It is kept with the search, and the family may read it."),
        widget=forms.TextInput({"list": "reasons", "autocomplete": "off"}),
    )

    one_by_one = ("name", "born", "postcode", "number")
    """The facts that can be given each by itself."""

    def clean_name(self) -> str:
        text: str = self.cleaned_data["name"]
        name = without_title(text)
        if text.strip() and not name:
            raise django_forms.ValidationError(_("That is a title. Enter a first name or a last name."))
        if name and not any(letter.isalnum() for letter in name):
            raise django_forms.ValidationError(_("Enter a name written with letters."))
        return name

    def clean_number(self) -> str:
        text: str = self.cleaned_data["number"]
        compact = "".join(text.upper().split()).replace("-", "")
        if not compact:
            return ""
        scheme = codes.IdentifierScheme.NHS if compact.isdigit() else codes.IdentifierScheme.UPN
        return read_number(scheme, compact)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if any(name in self.errors for name in ("q", *self.one_by_one)):
            return cleaned
        query = self.query()
        unread = self.read.unread
        if query.empty and unread:
            for each in unread:
                self.add_error("q", f"“{each.typed}”: {each.why}")
        elif query.empty:
            self.add_error("q", _("Enter at least one: a name, a date of birth, a postcode or a number."))
        elif query.precision != "day" and query == Query(born=query.born, precision=query.precision):
            self.add_error("q", _("A month or a year alone fits too many people. Add a name."))
        return cleaned

    @property
    def read(self) -> Typed:
        """What the box was understood to say."""
        return read(self.cleaned_data.get("q", ""), timezone.localdate())

    def query(self) -> Query:
        """What is looked for."""
        given = self.cleaned_data
        said = self.read.query
        number, born = given.get("number", ""), given.get("born")
        return Query(
            name=given.get("name", "") or said.name,
            born=born or said.born,
            postcode=given.get("postcode", "") or said.postcode,
            identifier=number or said.identifier,
            upn="" if number else said.upn,
            precision="day" if born else said.precision,
        )

    @property
    def one_by_one_used(self) -> bool:
        """Whether something stands in the boxes for one fact each, or is wrong there."""
        boxes = (self[name].value() for name in self.one_by_one)
        given = (any(box) if isinstance(box, (list, tuple)) else bool(box) for box in boxes)
        return any(given) or any(name in self.errors for name in self.one_by_one)

    def as_typed(self) -> dict[str, str]:
        """What was typed, to be put back into the boxes by `boxes`."""
        given = self.cleaned_data
        born = given.get("born")
        return {
            "q": given.get("q", ""),
            "name": given.get("name", ""),
            "born": born.isoformat() if born else "",
            "postcode": given.get("postcode", ""),
            "number": given.get("number", ""),
        }


def boxes(typed: dict[str, str]) -> dict[str, Any]:
    """What was typed, as a form's initial values."""
    born = typed.get("born", "")
    return {**typed, "born": dt.date.fromisoformat(born) if born else None}
