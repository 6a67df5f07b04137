"""Fields that several of the front door's forms ask: a postcode, a number of a register, a telephone."""

from __future__ import annotations

import re
from typing import Any

from django import forms as django_forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from teamaround.people.actions import FactRefused, clean_identifier
from teamaround.ui import forms

POSTCODE = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?( [0-9][A-Z]{2})?")


def read_postcode(text: str) -> str:
    """A postcode, or its outward part alone, in its written form. Raises ValidationError for anything else."""
    compact = "".join(text.upper().split())
    if not compact:
        return ""
    spaced = f"{compact[:-3]} {compact[-3:]}" if len(compact) > 4 else compact
    if not POSTCODE.fullmatch(spaced):
        raise django_forms.ValidationError(_("Enter a postcode, like SK3 2DU"))
    return spaced


def read_number(scheme: str, text: str) -> str:
    """An NHS or pupil number without spaces. Raises ValidationError where its check digit does not fit."""
    if not text.strip():
        return ""
    try:
        return clean_identifier(scheme, text)
    except FactRefused as refused:
        raise django_forms.ValidationError(str(refused)) from refused


class PostcodeField(django_forms.CharField):
    """A postcode or its outward part, which may be left empty."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.TextInput(width=10))
        super().__init__(label=gettext_lazy("Postcode"), max_length=12, required=False, **options)

    def clean(self, value: Any) -> str:
        """The postcode in its written form; "" for none."""
        return read_postcode(super().clean(value))


def phone_field() -> django_forms.CharField:
    """A telephone number, which may be left empty."""
    return django_forms.CharField(
        label=gettext_lazy("Phone"),
        max_length=30,
        required=False,
        widget=forms.TextInput({"type": "tel"}, width=20),
    )
