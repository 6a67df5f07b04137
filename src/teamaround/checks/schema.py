"""The tables as the database describes them, so that a new protected table is compared without being named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg

HISTORY = "_history"


@dataclass(frozen=True)
class Column:
    """One column: its type, whether it may be empty, whether it has a default, and the table it points to."""

    name: str
    type: str
    required: bool
    default: bool
    target: str | None


@dataclass(frozen=True)
class Table:
    """One table of the application's schema."""

    name: str
    protected: bool
    key: str
    columns: tuple[Column, ...]
    unique: tuple[tuple[str, ...], ...]

    def __contains__(self, column: object) -> bool:
        return any(each.name == column for each in self.columns)

    @property
    def authored(self) -> bool:
        """Whether its rows name the team that wrote them."""
        return "author_team_id" in self

    @property
    def history(self) -> bool:
        """Whether the database itself writes it, as the history of another table."""
        return self.name.endswith(HISTORY)


_TABLES = """
select c.relname, c.relrowsecurity,
  coalesce((select a.attname from pg_constraint k join pg_attribute a on a.attrelid = c.oid and a.attnum = k.conkey[1]
    where k.conrelid = c.oid and k.contype = 'p'), ''),
  (select json_agg(json_build_array(a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
      a.atthasdef or a.attidentity <> '',
      (select f.confrelid::regclass::text from pg_constraint f where f.conrelid = c.oid and f.contype = 'f'
        and f.conkey = array[a.attnum] limit 1)) order by a.attnum)
    from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
  coalesce((select json_agg((select json_agg(a.attname order by a.attnum) from pg_attribute a
      where a.attrelid = c.oid and a.attnum = any (i.indkey::int2[])))
    from pg_index i where i.indrelid = c.oid and i.indisunique), '[]')
from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
order by 1
"""


def read_with(connection: psycopg.Connection[Any]) -> dict[str, Table]:
    """Every table, each after the tables that it points to."""
    found = {
        name: Table(
            name,
            protected,
            key,
            tuple(Column(*column) for column in columns),
            tuple(tuple(each) for each in unique),
        )
        for name, protected, key, columns, unique in connection.execute(_TABLES)
    }
    ordered: dict[str, Table] = {}

    def place(table: Table, above: tuple[str, ...]) -> None:
        for column in table.columns:
            if column.target and column.target not in (*above, table.name) and column.target in found:
                place(found[column.target], (*above, table.name))
        ordered.setdefault(table.name, table)

    for table in found.values():
        place(table, ())
    return ordered
