"""Links upward, by name: the pages of rooms above, which this room does not import."""

from __future__ import annotations

from typing import Any

from django.urls import NoReverseMatch, reverse

from teamaround.people.models import Person
from teamaround.people.presenters import life_line
from teamaround.ui.components import Identity


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
    return Identity(name=person.name, line=life_line(person), url=page("desk:person", person.uuid))
