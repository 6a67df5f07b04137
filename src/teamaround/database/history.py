"""Row history: every version of a row, kept by the database, under the policies of the row itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import pghistory
import pghistory.models
from django.db import models
from django.db.models.expressions import Func

M = TypeVar("M", bound=type[models.Model])


class CurrentActor(Func):
    """The principal who acts in this transaction, from the verified stamp."""

    function = "app.actor"
    arity = 0
    output_field = models.IntegerField()


def keep_history(*, fields: list[str] | None = None) -> Callable[[M], M]:
    """Class decorator: keep each inserted and changed version of the model's rows.

    The history table is named `<table>_history` and has the same columns, so that the same reading
    rule covers it; protect it with `ProtectHistory` in the same migration.
    """

    def decorate(model: M) -> M:
        options: dict[str, Any] = {
            "model_name": f"{model.__name__}History",
            "append_only": False,
            "obj_field": pghistory.ObjForeignKey(
                related_name="history", db_constraint=False, on_delete=models.DO_NOTHING
            ),
            "context_field": None,
            "meta": {"db_table": f"{model._meta.db_table}_history"},
        }
        if fields is not None:
            options["fields"] = fields
        return pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), **options)(model)

    return decorate
