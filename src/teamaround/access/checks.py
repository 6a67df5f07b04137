"""A system check over the live database: nothing that names a subject stands outside the policies.

Asked by `teamaround check database`, at each start of `teamaround up`, and by Django's own `check --database`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

TABLES = """
select c.relname, c.relrowsecurity and c.relforcerowsecurity and exists (
        select 1 from pg_policy p where p.polrelid = c.oid and p.polroles @> array['app_rw'::regrole::oid]),
    coalesce(obj_description(c.oid, 'pg_class'), '') like 'open: %'
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition
"""


def tables_under_policies(
    app_configs: Any = None, databases: Sequence[str] | None = None, **more: Any
) -> list[CheckMessage]:
    """E001 for a model with a subject whose table has no forced policy; E002 for a table without policy or reason.

    Silent for a database that has not every migration, and where no database is asked for.
    """
    found: list[CheckMessage] = []
    for alias in databases or ():
        if not _up_to_date(alias):
            continue
        with connections[alias].cursor() as cursor:
            cursor.execute(TABLES)
            tables = {name: (protected, explained) for name, protected, explained in cursor.fetchall()}
        for model in apps.get_models(include_auto_created=True):
            if model._meta.db_table not in tables:
                continue
            protected, explained = tables[model._meta.db_table]
            names_subject = any(field.column == "subject_id" for field in model._meta.local_concrete_fields)
            # What is searched is read inside the search function alone: the application has no right to it.
            unreachable = explained and not _reachable(alias, model._meta.db_table)
            if names_subject and not protected and not unreachable:
                hint = "Add Protect(...) to a migration of its room."
                found.append(
                    Error("Names a subject and is under no policy.", hint=hint, obj=model, id="access.E001")
                )
        found += [
            Error(
                f"The table {name} has neither a policy nor a written reason.",
                hint="Add Protect(...) or Open(..., reason=...) to a migration.",
                id="access.E002",
            )
            for name, (protected, explained) in sorted(tables.items())
            if not protected and not explained
        ]
    return found


def _up_to_date(alias: str) -> bool:
    executor = MigrationExecutor(connections[alias])
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _reachable(alias: str, table: str) -> bool:
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "select has_table_privilege('app_rw', %s::regclass, 'select, insert, update, delete')",
            [f'public."{table}"'],
        )
        row = cursor.fetchone()
    return bool(row and row[0])
