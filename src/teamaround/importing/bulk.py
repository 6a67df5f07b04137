"""Many rows in one statement, from arrays.

The object layer writes a thousand rows as one statement of many thousand parameters, seven times slower; a
caseload has fifty thousand rows in seven tables. Policies, triggers and constraints hold here as anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, models
from django.db.models.fields import NOT_PROVIDED


def insert_many(
    model: type[models.Model],
    *,
    same: Mapping[str, Any],
    columns: Mapping[str, Sequence[Any]],
    replacing: tuple[Sequence[str], Sequence[str]] | None = None,
) -> list[int]:
    """Insert a row for each place of `columns`, with the values of `same` in every row; the keys, in order.

    Names are the fields' attribute names. Fields named in neither take their default, one value for all.
    `replacing` names the fields of a unique constraint and those to be replaced where a row stands already.
    """
    fields = {field.attname: field for field in model._meta.concrete_fields}
    for values in columns.values():
        if not values:
            return []
    constant = dict(same)
    for name, field in fields.items():
        if name not in constant and name not in columns and _needs_value(field):
            constant[name] = field.get_default()
    quote = connection.ops.quote_name
    names = [quote(str(fields[name].column)) for name in (*constant, *columns)]
    values = [f"%s::{fields[name].db_type(connection)}" for name in constant]
    arrays = [f"%s::{_plain_type(fields[name])}[]" for name in columns]
    parts = [f"u.c{place}" for place in range(len(arrays))]
    aliases = ", ".join(part.removeprefix("u.") for part in parts)
    clash = ""
    if replacing is not None:
        unique, replaced = (
            [quote(str(fields[name].column)) for name in one] for one in (replacing[0], replacing[1])
        )
        updates = ", ".join(f"{column} = excluded.{column}" for column in replaced)
        clash = f"on conflict ({', '.join(unique)}) do update set {updates}"
    key = model._meta.pk
    assert key is not None
    # Names come from the models alone; every value travels as a parameter.
    statement = (
        f"insert into {quote(model._meta.db_table)} ({', '.join(names)}) "  # noqa: S608  # see above
        f"select {', '.join([*values, *parts])} from unnest({', '.join(arrays)}) as u({aliases}) "
        f"{clash} returning {quote(str(key.column))}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*constant.values(), *(list(each) for each in columns.values())])
        return [row[0] for row in cursor.fetchall()]


def _needs_value(field: models.Field[Any, Any]) -> bool:
    return field.db_default is NOT_PROVIDED and not isinstance(field, models.AutoField)


def _plain_type(field: models.Field[Any, Any]) -> str:
    """The column's type without its length: the column itself still refuses what is too long."""
    return str(field.rel_db_type(connection) if field.is_relation else field.db_type(connection)).split("(")[
        0
    ]
