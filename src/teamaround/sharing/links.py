"""Links upward, by name: the pages of rooms above, which this room does not import."""

from __future__ import annotations

from typing import Any

from django.urls import NoReverseMatch, reverse

from teamaround.people.models import Person
from teamaround.ui.components import Identity
from teamaround.ui.presentation import age, uk_date


def page(name: str, *args: Any) -> str:
    """The address of a named page; empty where the room that has it is not mounted here."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def identity_of(person: Person | None) -> Identity | None:
    """The bar that names the person a page is about."""
    if person is None:
        return None
    line = ""
    if person.date_of_birth:
        precision = person.born_precision
        line = f"Born {uk_date(person.date_of_birth, precision)}, aged {age(person.date_of_birth, precision=precision)}"
    return Identity(name=person.name, line=line, url=page("desk:person", person.uuid))
