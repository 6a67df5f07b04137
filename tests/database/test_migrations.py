"""Every migration of the product can be undone and done again."""

from __future__ import annotations

import os
from pathlib import Path

import psycopg
import pytest

from harness.server import copy_database, manage

# What the application's role can do, and what guards it: the same before and after.
SHAPE = """
select 'table ' || c.relname || ' ' || c.relrowsecurity || ' ' || c.relforcerowsecurity || ' '
    || (select string_agg(r, ',' order by r) from unnest(array['select', 'insert', 'update', 'delete']) r
        where has_table_privilege('app_rw', c.oid, r))
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname in ('public', 'app') and c.relkind in ('r', 'p')
union all select 'policy ' || p.polname || ' ' || p.polrelid::regclass || ' '
    || coalesce(pg_get_expr(p.polqual, p.polrelid), '') || coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '') from pg_policy p
union all select 'trigger ' || t.tgname || ' ' || t.tgrelid::regclass from pg_trigger t where not t.tgisinternal
union all select 'function ' || f.oid::regprocedure || ' ' || f.prosecdef || ' ' || f.proowner::regrole || ' '
    || has_function_privilege('app_rw', f.oid, 'execute') || ' ' || f.prosrc
from pg_proc f join pg_namespace n on n.oid = f.pronamespace where n.nspname = 'app'
union all select 'constraint ' || conname || ' ' || conrelid::regclass || ' ' || pg_get_constraintdef(oid)
    from pg_constraint where connamespace = 'public'::regnamespace
union all select 'index ' || indexname || ' ' || indexdef from pg_indexes where schemaname = 'public'
union all select 'column ' || c.relname || ' ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' '
    || a.attnotnull || ' ' || a.attidentity::text || ' ' || coalesce(pg_get_expr(d.adbin, d.adrelid), '')
from pg_attribute a join pg_class c on c.oid = a.attrelid
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped
order by 1
"""


@pytest.fixture
def own(server_report: dict[str, str]) -> str:
    """The superuser's address of a migrated database of this test's own."""
    name = f"reversed_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    copy_database(server_report, name, Path(os.environ["TEAMAROUND_TEST_RUN"]))
    return server_report["postgres"].replace("DATABASE", name)


def shape(address: str) -> list[str]:
    with psycopg.connect(address) as connection:
        return [row[0] for row in connection.execute(SHAPE) if row[0]]


def undone_and_done_again(address: str, way: str) -> None:
    before = shape(address)
    for room in ("agencies", "database"):
        down = manage(address, "migrate", room, "zero", "--no-input", "--way", way)
        assert down.returncode == 0, down.stderr[-3000:]
    left = [line for line in shape(address) if line.startswith(("policy", "function"))]
    assert left == []
    up = manage(address, "migrate", "--no-input", "--way", way)
    assert up.returncode == 0, up.stderr[-3000:]
    assert shape(address) == before


def test_every_migration_of_the_product_is_undone_and_done_again(own: str) -> None:
    undone_and_done_again(own, "short")


@pytest.mark.long
def test_the_short_way_and_the_ordinary_one_make_the_same_database(own: str) -> None:
    undone_and_done_again(own, "ordinary")
