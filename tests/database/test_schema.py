"""Rules over the whole schema, read from the database's own catalogue."""

from __future__ import annotations

import psycopg
import pytest

TABLES = """
select c.relname, c.relrowsecurity and c.relforcerowsecurity,
       array(select distinct p.polcmd::text from pg_policy p where p.polrelid = c.oid
             and p.polroles @> array['app_rw'::regrole::oid]),
       coalesce(obj_description(c.oid, 'pg_class'), '')
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname in ('public', 'app') and c.relkind in ('r', 'p') and not c.relispartition
order by 1
"""


@pytest.fixture
def catalogue(server_report: dict[str, str], worker_database: str) -> psycopg.Connection:
    with psycopg.connect(server_report["postgres"].replace("DATABASE", worker_database)) as connection:
        yield connection


def test_every_table_has_policies_or_a_written_reason(catalogue: psycopg.Connection) -> None:
    bare = [
        name
        for name, forced, commands, comment in catalogue.execute(TABLES)
        if not (forced and commands) and not comment.startswith("open: ")
    ]
    assert bare == []


def test_every_table_that_names_a_subject_is_under_forced_row_security(catalogue: psycopg.Connection) -> None:
    naming = {
        row[0]
        for row in catalogue.execute(
            "select table_name from information_schema.columns where column_name = 'subject_id' and table_schema = 'public'"
        )
    }
    allowed_without_rights = {"search_feature"}
    forced = {row[0] for row in catalogue.execute(TABLES) if row[1]}
    partitions = {
        row[0]
        for row in catalogue.execute("select relname from pg_class where relispartition and relkind = 'r'")
    }
    assert naming - forced - partitions - allowed_without_rights == set()


def test_the_application_has_no_right_to_partitions_and_search_tables(catalogue: psycopg.Connection) -> None:
    found = catalogue.execute(
        "select c.relname from pg_class c where (c.relispartition or c.relname in ('search_feature', 'search_area', 'name_reading')) "
        "and c.relkind = 'r' and has_table_privilege('app_rw', c.oid, 'select, insert, update, delete')"
    ).fetchall()
    assert found == []


def test_the_application_role_owns_nothing_and_bypasses_nothing(catalogue: psycopg.Connection) -> None:
    row = catalogue.execute(
        "select rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolinherit from pg_roles where rolname = 'app_rw'"
    ).fetchone()
    assert row == (False, False, False, False, False)
    assert catalogue.execute(
        "select count(*) from pg_class where relowner = 'app_rw'::regrole"
    ).fetchone() == (0,)
    assert catalogue.execute(
        "select has_database_privilege('app_rw', current_database(), 'temp'), "
        "has_schema_privilege('app_rw', 'public', 'create')"
    ).fetchone() == (False, False)
