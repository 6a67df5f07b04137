"""How each field is classified, and which fields a pack may hold. The classes stand with the site, a floor above."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from django.apps import apps
from django.db import models

from teamaround.access.categories import FamilyView, Privacy, Retention


class Classes(Protocol):
    """The classes of one field."""

    @property
    def privacy(self) -> Privacy: ...
    @property
    def retention(self) -> Retention: ...
    @property
    def family(self) -> FamilyView: ...


class Classification:
    """Table, field, classes. The site says where they are read from when it starts."""

    read: Callable[[], Mapping[str, Mapping[str, Classes]]]


@dataclass(frozen=True, slots=True)
class HeldTable:
    """A table with rows about subjects: its class of retention and its columns of free text."""

    name: str
    retention: Retention
    texts: tuple[str, ...]


@functools.cache
def model_of(table: str) -> type[models.Model] | None:
    """The model of a table; None where it has none."""
    return next((model for model in apps.get_models() if model._meta.db_table == table), None)


def classes_of(table: str) -> Mapping[str, Classes]:
    """Column, classes."""
    model = model_of(table)
    known = Classification.read().get(table, {})
    if model is None:
        return known
    return {
        field.column: known[field.attname]
        for field in model._meta.concrete_fields
        if field.attname in known and field.column
    }


@functools.cache
def held_tables() -> tuple[HeldTable, ...]:
    """Each table whose rows name a subject, with the class that the subject's column has."""
    found = []
    for model in apps.get_models():
        table = model._meta.db_table
        columns = {field.column: field for field in model._meta.concrete_fields}
        if "subject_id" not in columns or table.endswith("_history"):
            continue
        classes = classes_of(table)
        texts = tuple(
            name
            for name, field in columns.items()
            if name and is_words(field) and classes[name].privacy in (Privacy.PERSONAL, Privacy.SPECIAL)
        )
        found.append(HeldTable(table, classes["subject_id"].retention, texts))
    return tuple(sorted(found, key=lambda each: each.name))


def is_words(field: models.Field[object, object]) -> bool:
    """Whether people write what they like in it."""
    return (
        isinstance(field, models.CharField | models.TextField)
        and not field.choices
        and field.attname != "category"
    )
