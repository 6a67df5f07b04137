"""Policy operations for migrations: a table is protected by row-level security, or open for a written reason.

A table that is neither stays unreachable for the application, and a test over the whole schema names it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from django.db.migrations.operations.base import Operation

PRINCIPALS = "(select app.principals())::int[]"


def mine(table: str, column: str) -> str:
    """The row's `column` is one of my principals."""
    return f"{table}.{column} = any ({PRINCIPALS})"


def granted(table: str, *, subject: str = "subject_id", category: str = "category") -> str:
    """A grant that holds now covers the row's subject and category.

    The outer columns are qualified: unqualified they would bind to the grant's own and open everything.
    `category` is a column, or a quoted literal such as "'plan'".
    """
    wanted = category if category.startswith("'") else f"{table}.{category}"
    return (
        f"(select true from access_grant g where g.subject_id = {table}.{subject} and g.category = {wanted} "
        f"and g.principal_id = any ({PRINCIPALS}) and g.valid_during @> statement_timestamp() limit 1)"
    )


class _TableOperation(Operation, ABC):
    reversible = True
    reduces_to_sql = True

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Policies are no part of Django's model state."""

    @abstractmethod
    def statements(self) -> list[str]:
        """The SQL that goes forward, a statement each."""

    @abstractmethod
    def reverse_statements(self) -> list[str]:
        """The SQL that goes back."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        for statement in self.statements():
            schema_editor.execute(statement, None)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        for statement in self.reverse_statements():
            schema_editor.execute(statement, None)


class Protect(_TableOperation):
    """Put a table under row-level security, forced, for every command.

    Reading: the author team is one of mine, or a grant covers (subject, category), or one of the
    `readers` columns (integer principals) is mine. Writing: the author team is mine, or one of the
    `writers` columns is. Nothing is deleted unless `delete` says so. `read`, `insert`, `update` replace
    the rule with an SQL expression of their own. `append_only` gives no UPDATE at all.
    `update_columns` narrows UPDATE to these columns. `touched` lets the database write who recorded and
    who changed the row, and when, and refuses to move it to another author or subject.
    """

    def __init__(
        self,
        table: str,
        *,
        readers: Sequence[str] = (),
        writers: Sequence[str] = (),
        author: str | None = "author_team_id",
        grants: bool = True,
        subject: str = "subject_id",
        category: str = "category",
        read: str | None = None,
        insert: str | None = None,
        update: str | None = None,
        delete: str | None = None,
        append_only: bool = False,
        update_columns: Sequence[str] = (),
        touched: bool = False,
    ) -> None:
        self.table = table
        self.touched = touched
        self.update_columns = tuple(update_columns)
        own = [mine(table, author)] if author else []
        reading = own + [mine(table, column) for column in readers]
        if grants:
            reading.append(granted(table, subject=subject, category=category))
        writing = own + [mine(table, column) for column in writers]
        self.read = read or " or ".join(reading)
        self.insert = insert or " or ".join(writing)
        self.update = None if append_only else (update or " or ".join(writing))
        self.delete = delete

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (type(self).__name__, [self.table], {"read": self.read, "insert": self.insert})

    def describe(self) -> str:
        return f"Put {self.table} under row-level security"

    def statements(self) -> list[str]:
        t = self.table
        lines = [f"alter table {t} enable row level security", f"alter table {t} force row level security"]
        rights = ["select", "insert"]
        rules = [("select", "using", self.read), ("insert", "with check", self.insert)]
        if self.update is not None:
            columns = f" ({', '.join(self.update_columns)})" if self.update_columns else ""
            rights.append(f"update{columns}")
        if self.delete is not None:
            rights.append("delete")
            rules.append(("delete", "using", self.delete))
        lines.append(f"revoke all on {t} from app_rw, app_report, auditor")
        lines += [f"grant {right} on {t} to app_rw" for right in rights]
        lines.append(f"grant all on {t} to app_engine")
        for command, clause, rule in rules:
            lines.append(
                f"create policy {t}_{command} on {t} as restrictive for {command} to app_rw {clause} ({rule})"
            )
            lines.append(f"create policy {t}_{command}_allow on {t} for {command} to app_rw {clause} (true)")
        if self.update is not None:
            lines.append(
                f"create policy {t}_update on {t} as restrictive for update to app_rw "
                f"using ({self.update}) with check ({self.update})"
            )
            lines.append(
                f"create policy {t}_update_allow on {t} for update to app_rw using (true) with check (true)"
            )
        lines.append(f"create policy {t}_engine on {t} to app_engine using (true) with check (true)")
        lines += disposal_rights(t)
        if self.touched:
            lines.append(
                f"create trigger a_touch before insert or update on {t} "
                "for each row execute function app.touch()"
            )
        if self.update is None:
            lines.append(
                f"create trigger a_append_only before update or delete on {t} "
                "for each row execute function app.refuse_change()"
            )
        return [*lines, *sequence_rights(t)]

    def reverse_statements(self) -> list[str]:
        t = self.table
        names = [
            f"{t}_{command}{suffix}"
            for command in ("select", "insert", "update", "delete")
            for suffix in ("", "_allow")
        ]
        drops = [f"drop policy if exists {name} on {t}" for name in [*names, f"{t}_engine", f"{t}_disposal"]]
        return [
            *drops,
            f"drop trigger if exists a_touch on {t}",
            f"drop trigger if exists a_append_only on {t}",
            f"alter table {t} no force row level security",
            f"alter table {t} disable row level security",
            f"revoke all on {t} from app_rw, app_engine, app_disposal",
        ]


def disposal_rights(table: str) -> list[str]:
    """Let the role that erases reach a table: it signs in nowhere, and acts inside one function alone."""
    history = table.endswith("_history")
    rights = "select, insert, update, delete" if history else "select, update, delete"
    lines = [
        f"grant {rights} on {table} to app_disposal",
        f"create policy {table}_disposal on {table} to app_disposal using (true) with check (true)",
    ]
    return [*lines, *sequence_rights(table, "app_disposal")] if history else lines


# pgtrigger lets a session switch its triggers off by a setting; history is no convenience, so it may not.
# Every trigger that pgtrigger installs brings the function back: this must run after the last of them.
KEEP_HISTORY_ON = """
create or replace function public._pgtrigger_should_ignore(trigger_name name) returns boolean
language sql immutable parallel safe as 'select false'
"""


class ProtectHistory(_TableOperation):
    """Row history (django-pghistory) under the same reading rule; only triggers add to it."""

    def __init__(self, table: str, **rules: Any) -> None:
        self.inner = Protect(table, append_only=True, insert="pg_trigger_depth() > 0", **rules)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (type(self).__name__, [self.inner.table], {"read": self.inner.read})

    def describe(self) -> str:
        return f"Put the history {self.inner.table} under the same policies"

    def statements(self) -> list[str]:
        return [*self.inner.statements(), KEEP_HISTORY_ON]

    def reverse_statements(self) -> list[str]:
        return self.inner.reverse_statements()


class Open(_TableOperation):
    """A table with no row policy, and why. `rights` are what the application may do with it."""

    def __init__(self, table: str, *, reason: str, rights: str = "select, insert, update") -> None:
        self.table = table
        self.reason = reason
        self.rights = rights

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (type(self).__name__, [self.table], {"reason": self.reason, "rights": self.rights})

    def describe(self) -> str:
        return f"Leave {self.table} open: {self.reason}"

    def statements(self) -> list[str]:
        reason = self.reason.replace("'", "''")
        grant = [f"grant {self.rights} on {self.table} to app_rw"] if self.rights else []
        return [
            f"revoke all on {self.table} from app_rw, app_report, auditor",
            *grant,
            f"grant select on {self.table} to app_engine",
            f"comment on table {self.table} is 'open: {reason}'",
            *sequence_rights(self.table),
        ]

    def reverse_statements(self) -> list[str]:
        return [
            f"revoke all on {self.table} from app_rw, app_engine",
            f"comment on table {self.table} is null",
        ]


def sequence_rights(table: str, roles: str = "app_rw, app_engine") -> list[str]:
    """Let the application draw numbers from the sequences that the table's columns own."""
    return [
        f"""do $$ declare s regclass; begin
            for s in select d.objid::regclass from pg_depend d join pg_class c on c.oid = d.objid
                where d.refobjid = '{table}'::regclass and c.relkind = 'S' loop
                execute format('grant usage on sequence %s to {roles}', s);
            end loop; end $$"""
    ]


class Engine(_TableOperation):
    """A trigger function or definer function of the engine role, from plain SQL.

    `create` must define the function `signature`; `rights` names who may call it ("" for triggers).
    """

    def __init__(self, signature: str, *, create: str, drop_first: str = "", callers: str = "") -> None:
        self.signature = signature
        self.create = create
        self.drop_first = drop_first
        self.callers = callers

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (type(self).__name__, [self.signature], {"create": self.create})

    def describe(self) -> str:
        return f"Engine function {self.signature}"

    def statements(self) -> list[str]:
        lines = [
            self.create,
            # Temporary tables come last: unnamed, they would be looked up before all others.
            f"alter function {self.signature} set search_path = public, pg_catalog, pg_temp",
            f"alter function {self.signature} owner to app_engine",
            f"revoke all on function {self.signature} from public",
            f"grant execute on function {self.signature} to app_owner",
        ]
        if self.callers:
            lines.append(f"grant execute on function {self.signature} to {self.callers}")
        return lines

    def reverse_statements(self) -> list[str]:
        return [*([self.drop_first] if self.drop_first else []), f"drop function {self.signature}"]


class Invoker(_TableOperation):
    """A function that reads with its caller's own rights, under the caller's policies; from plain SQL.

    `create` must define the function `signature`, in plpgsql: a session works its statements out once and keeps the
    plans, whoever asks next. The plans serve any values: nothing of one caller's is kept.
    """

    def __init__(self, signature: str, *, create: str, callers: str = "app_rw") -> None:
        self.signature = signature
        self.create = create
        self.callers = callers

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (type(self).__name__, [self.signature], {"create": self.create})

    def describe(self) -> str:
        return f"Reading function {self.signature}"

    def statements(self) -> list[str]:
        return [
            self.create,
            f"alter function {self.signature} set search_path = public, pg_catalog, pg_temp",
            f"alter function {self.signature} set plan_cache_mode = force_generic_plan",
            f"revoke all on function {self.signature} from public",
            f"grant execute on function {self.signature} to {self.callers}",
        ]

    def reverse_statements(self) -> list[str]:
        return [f"drop function {self.signature}"]
