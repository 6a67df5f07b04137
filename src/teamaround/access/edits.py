"""Edits that notice somebody else's: an integer version, checked in the UPDATE itself."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F


class StaleEdit(Exception):
    """The row changed after it was read. Nothing was written; keep what was typed and show both."""


def update_checked(row: models.Model, *, version: int, **changes: Any) -> None:
    """Write `changes` to the row if its version is still `version`, and count the version up.

    Raises StaleEdit where it is not, or where the row may not be written. `row` carries the changes after.
    """
    manager = type(row)._default_manager
    done = manager.filter(pk=row.pk, version=version).update(version=F("version") + 1, **changes)
    if not done:
        raise StaleEdit
    for name, value in changes.items():
        setattr(row, name, value)
    row.version = version + 1  # type: ignore[attr-defined]
