"""What a database holds, in a form that two databases can be compared by: a count and a digest of the rows of
each table, and each definition (columns, constraints, policies, rights, functions, triggers) by its name.

Nothing of a row's content is kept or shown: a difference names the table alone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import psycopg
from psycopg import sql

# The text of a value depends on these: both sides are read with the same.
READING = (
    "set timezone = 'UTC'",
    "set datestyle = 'ISO, YMD'",
    "set intervalstyle = 'postgres'",
    "set bytea_output = 'hex'",
    "set extra_float_digits = 1",
    "set search_path = pg_catalog",
    "set jit = off",
)
# Parts that several of the queries below share; a word in capitals stands for each.
OURS = r"""n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
  and n.nspname not like 'pg\_temp\_%' and n.nspname not like 'pg\_toast\_temp\_%'"""
OWN = "not exists (select from pg_depend x where x.classid = 'CATALOGUE'::regclass and x.objid = OBJECT and x.deptype = 'e')"
# Names of roles in a fixed order; without a grantor, who depends on whom the set-up was run by.
RIGHTS = """(select coalesce(string_agg(g, ', ' order by g), '') from (
  select (case when a.grantee = 0 then 'public' else a.grantee::regrole::text end) || ':' || a.privilege_type
    || (case when a.is_grantable then '*' else '' end) as g
  from aclexplode(coalesce(ACL, acldefault(KIND, OWNER))) a) s)"""


def _own(query: str, catalogue: str, column: str) -> str:
    """Leave out what belongs to an extension, and the system's own schemas."""
    condition = OWN.replace("CATALOGUE", catalogue).replace("OBJECT", column)
    return query.replace("OURS", f"{OURS} and {condition}")


def _rights(query: str, kind: str, acl: str, owner: str) -> str:
    return query.replace("RIGHTS", RIGHTS.replace("KIND", kind).replace("ACL", acl).replace("OWNER", owner))


TABLES = _own(
    """
    select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and c.relpersistence <> 't' and OURS order by 1, 2""",
    "pg_class",
    "c.oid",
)
SEQUENCES = _own(
    """
    select c.oid::regclass::text, coalesce(pg_sequence_last_value(c.oid), 0)
    from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind = 'S' and OURS""",
    "pg_class",
    "c.oid",
)
_RELATION_KIND = "case when c.relkind = 'S' then 's'::\"char\" else 'r'::\"char\" end"
# Each gives two columns: a name that is unique among its kind, and the definition.
DEFINITIONS: dict[str, str] = {
    "relation": _rights(
        _own(
            """
        select c.oid::regclass::text, concat_ws(' | ', c.relkind, c.relowner::regrole, c.relrowsecurity,
          c.relforcerowsecurity, c.reloptions, pg_get_expr(c.relpartbound, c.oid), pg_get_partkeydef(c.oid),
          RIGHTS, obj_description(c.oid, 'pg_class'), case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid) end)
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p', 'v', 'm', 'S') and c.relpersistence <> 't' and OURS""",
            "pg_class",
            "c.oid",
        ),
        _RELATION_KIND,
        "c.relacl",
        "c.relowner",
    ),
    "column": _rights(
        _own(
            """
        select c.oid::regclass::text || '.' || a.attname, concat_ws(' | ', format_type(a.atttypid, a.atttypmod),
          a.attnotnull, a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid), a.attcollation::regcollation,
          case when a.attacl is not null then RIGHTS end)
        from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
        left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
        where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p', 'v', 'm') and c.relpersistence <> 't'
          and OURS""",
            "pg_class",
            "c.oid",
        ),
        "'c'",
        "a.attacl",
        "c.relowner",
    ),
    "constraint": _own(
        """
        select c.oid::regclass::text || '.' || k.conname, concat_ws(' | ', pg_get_constraintdef(k.oid), k.convalidated)
        from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
        where k.contype <> 'n' and OURS""",
        "pg_class",
        "c.oid",
    ),
    "index": _own(
        """
        select i.indexrelid::regclass::text, concat_ws(' | ', pg_get_indexdef(i.indexrelid), i.indisvalid)
        from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
        where OURS""",
        "pg_class",
        "c.oid",
    ),
    "policy": _own(
        """
        select c.oid::regclass::text || '.' || p.polname, concat_ws(' | ', p.polcmd, p.polpermissive,
          (select string_agg(case when r = 0 then 'public' else r::regrole::text end, ', ' order by r::regrole::text)
           from unnest(p.polroles) r), pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
        from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace
        where OURS""",
        "pg_class",
        "c.oid",
    ),
    "trigger": _own(
        """
        select c.oid::regclass::text || '.' || t.tgname, concat_ws(' | ', pg_get_triggerdef(t.oid), t.tgenabled)
        from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
        where not t.tgisinternal and OURS""",
        "pg_class",
        "c.oid",
    ),
    "function": _rights(
        _own(
            """
        select f.oid::regprocedure::text, concat_ws(' | ', f.proowner::regrole,
          case when f.prokind <> 'a' then pg_get_functiondef(f.oid) end, RIGHTS)
        from pg_proc f join pg_namespace n on n.oid = f.pronamespace where OURS""",
            "pg_proc",
            "f.oid",
        ),
        "'f'",
        "f.proacl",
        "f.proowner",
    ),
    "type": _own(
        """
        select t.oid::regtype::text, concat_ws(' | ', t.typtype, t.typowner::regrole,
          format_type(t.typbasetype, t.typtypmod),
          (select string_agg(e.enumlabel, ', ' order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid))
        from pg_type t join pg_namespace n on n.oid = t.typnamespace
        where t.typtype in ('e', 'd', 'r') and OURS""",
        "pg_type",
        "t.oid",
    ),
    "schema": _rights(
        _own("select n.nspname, RIGHTS from pg_namespace n where OURS", "pg_namespace", "n.oid"),
        "'n'",
        "n.nspacl",
        "n.nspowner",
    ),
    "extension": "select extname, '' from pg_extension where extname <> 'plpgsql'",
}

Table = tuple[str, str]
Rows = dict[str, tuple[int, str]]


_WORDS = r"'(?:[^']|'')*'::character varying"
_CAST_LIST = re.compile(rf"\(ARRAY\[({_WORDS}(?:, {_WORDS})*)\]\)::text\[\]")


def _plain(definition: str) -> str:
    """A definition as the server words it once it was written out and read back.

    A list of words that was cast as a whole (`x in ('a', 'b')` over varchar) comes back cast word by word.
    """

    def each(found: re.Match[str]) -> str:
        return f"ARRAY[{', '.join(f'({word})::text' for word in re.findall(_WORDS, found[1]))}]"

    return _CAST_LIST.sub(each, definition)


def name_of(table: Table) -> str:
    """A table's name with its schema."""
    return ".".join(table)


def tables_of(connection: psycopg.Connection) -> list[Table]:
    """Every table that holds rows, partitions included, of every schema but the system's own."""
    return [(schema, name) for schema, name in connection.execute(TABLES)]


def rows_of(
    connection: psycopg.Connection,
    tables: Iterable[Table],
    advance: Callable[[int], None] = lambda number: None,
) -> Rows:
    """The number of rows and a digest that is the same in any order, for each table, as this session sees it.

    The digest adds up two 64-bit hashes of each row's text: it finds accidents, it is no defence against
    somebody who makes rows on purpose (the sealed file is).
    """
    found: Rows = {}
    for table in tables:
        row = connection.execute(
            sql.SQL(
                "select count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text || '/' || "
                "coalesce(sum(hashtextextended(t::text, 1)::numeric), 0)::text from {} t"
            ).format(sql.Identifier(*table))
        ).fetchone()
        assert row is not None
        found[name_of(table)] = (int(row[0]), hashlib.sha256(row[1].encode("ascii")).hexdigest()[:32])
        advance(1)
    return found


@dataclass(frozen=True)
class Fingerprint:
    """Rows by table, definitions by kind and name (as digests), the last value of each sequence."""

    rows: Rows
    definitions: dict[str, str]
    sequences: dict[str, int]

    @property
    def total(self) -> int:
        """Rows of all tables."""
        return sum(count for count, _ in self.rows.values())

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Self:
        rows = {name: (int(count), str(digest)) for name, (count, digest) in kept["rows"].items()}
        return cls(rows, dict(kept["definitions"]), {k: int(v) for k, v in kept["sequences"].items()})

    def differences(self, restored: Fingerprint, *, definitions: bool = True) -> list[str]:
        """What is not in `restored` as it is here: one line each, naming tables and definitions only.

        A sequence may have run on while its database was being read, never back. Servers of different major
        versions write the same definition in different words: `definitions=False` then leaves them out.
        """
        found = []
        for name in sorted(self.rows.keys() | restored.rows.keys()):
            one, other = self.rows.get(name), restored.rows.get(name)
            if one is None or other is None:
                found.append(f"table {name} is on one side only")
            elif one != other:
                found.append(f"table {name}: {one[0]:,} rows here, {other[0]:,} restored, contents differ")
        names = self.definitions.keys() | restored.definitions.keys() if definitions else ()
        for name in sorted(names):
            if self.definitions.get(name) != restored.definitions.get(name):
                found.append(f"{name} differs")
        for name, value in self.sequences.items():
            if restored.sequences.get(name, -1) < value:
                found.append(f"sequence {name} was set back")
        return found


def fingerprint(
    connection: psycopg.Connection, advance: Callable[[int], None] = lambda number: None
) -> Fingerprint:
    """Read everything. The session must see every row: see `backup.read_whole`."""
    for statement in READING:
        connection.execute(statement)
    definitions = {}
    for kind, query in DEFINITIONS.items():
        for name, definition in connection.execute(query):
            digest = hashlib.sha256(_plain(definition or "").encode("utf-8")).hexdigest()[:32]
            definitions[f"{kind} {name}"] = digest
    sequences = {name: int(value) for name, value in connection.execute(SEQUENCES)}
    return Fingerprint(rows_of(connection, tables_of(connection), advance), definitions, sequences)
