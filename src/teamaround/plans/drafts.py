"""Putting a draft back into a form, as each of its fields reads what was typed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict

NOT_PUT_BACK = {"once", "version", "part"}


def put_back(form: forms.BaseForm, typed: dict[str, Any]) -> bool:
    """Set what was typed as the form's initial values. Says whether there was anything to put back."""
    data: MultiValueDict[str, str] = MultiValueDict(
        {name: value if isinstance(value, list) else [value] for name, value in typed.items()}
    )
    found = False
    for name, field in form.fields.items():
        if name in NOT_PUT_BACK or not any(key == name or key.startswith(f"{name}_") for key in data):
            continue
        value = field.widget.value_from_datadict(data, MultiValueDict(), form.add_prefix(name))
        if value not in (None, "", [], ["", "", ""]):
            form.initial[name] = value
            found = True
    return found
