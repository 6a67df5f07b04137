"""Writes `docs/permissions.md` from the code: roles, pages, tables. `python -m teamaround.site.permissions_page`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import django
from django.urls import URLPattern, URLResolver, get_resolver

PAGE = Path(__file__).parents[3] / "docs" / "permissions.md"
INTRODUCTION = """# Who may do what

Made from the code by `python -m teamaround.site.permissions_page`; a test fails when it is out of date.

A role is held in a team, for a period. It says which *acts* are open. Which *rows* somebody sees is decided apart from roles, by the
policies of the database: what one's own team wrote, and what a grant covers. There is no role that sees everything.
"""


def pages() -> Iterator[tuple[str, str, str]]:
    """Each page: its name, its path, and who may open it in words."""
    yield from sorted(_walk(get_resolver().url_patterns, "/", ""))


def _walk(
    patterns: list[URLPattern | URLResolver], prefix: str, namespace: str
) -> Iterator[tuple[str, str, str]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, prefix + str(pattern.pattern), inner)
        else:
            yield f"{namespace}{pattern.name}", prefix + str(pattern.pattern), _who(pattern)


def _who(pattern: URLPattern) -> str:
    if getattr(pattern.callback, "for_family", False):
        return "family members, each as themselves"
    scope = getattr(pattern.callback, "key_scope", None)
    if scope == "":
        return "an agency’s own system with any key that holds"
    if scope is not None:
        return f"an agency’s own system whose key has the scope `{scope}`"
    required = getattr(pattern.callback, "required_permissions", None)
    if required is None:
        return "anybody; the page itself decides"
    if not required:
        return "practitioners"
    return "practitioners who may: " + "; ".join(permission.value.lower() for permission in required)


def tables() -> Iterator[tuple[str, str, str]]:
    """Each table of the present: its name, whether it is protected or open, and the rule or the reason in words."""
    from django.db.migrations.loader import MigrationLoader
    from django.db.migrations.operations import CreateModel, DeleteModel

    from teamaround.database.operations import Open, Protect, ProtectHistory

    migrations = MigrationLoader(None).disk_migrations.values()
    steps = [(migration.app_label, step) for migration in migrations for step in migration.operations]
    deleted = {(room, step.name_lower) for room, step in steps if isinstance(step, DeleteModel)}
    gone = {
        step.options.get("db_table")
        for room, step in steps
        if isinstance(step, CreateModel) and (room, step.name_lower) in deleted
    }
    for _, operation in steps:
        if isinstance(operation, Protect):
            yield operation.table, "protected", _rule(operation)
        elif isinstance(operation, ProtectHistory):
            yield operation.inner.table, "protected", "as the row itself; only triggers add"
        elif isinstance(operation, Open) and operation.table not in gone:
            yield operation.table, "open", operation.reason


def _rule(operation: object) -> str:
    read = str(getattr(operation, "read", ""))
    words = []
    if "author_team_id = any" in read:
        words.append("the team that wrote it")
    if "access_grant" in read:
        words.append("whoever holds a grant for its subject and category")
    named = {
        "receiving_team_id": "the receiving team",
        "referring_team_id": "the referring team",
        "invited_team_id": "the invited team",
        "owner_team_id": "the team that owes it",
        "holder_id": "the team it names",
        "practitioner_id = any": "the practitioner it names",
    }
    words += [label for column, label in named.items() if column in read]
    return ", ".join(words) or "see the migration"


def page() -> str:
    """The whole page."""
    from teamaround.agencies.roles import ROLES, Permission

    lines = [INTRODUCTION, "## Roles", ""]
    lines.append("| act | " + " | ".join(role.display_name for role in ROLES.values()) + " |")
    lines.append("|---|" + "---|" * len(ROLES))
    for permission in Permission:
        marks = ["yes" if permission in role.permissions else "" for role in ROLES.values()]
        lines.append(f"| {permission.value} | " + " | ".join(marks) + " |")
    lines += ["", *[f"**{role.display_name}.** {role.description}" + "\n" for role in ROLES.values()]]
    lines += ["## Pages", "", "| page | path | open to |", "|---|---|---|"]
    lines += [f"| `{name}` | `{path}` | {who} |" for name, path, who in pages()]
    lines += ["", "## Tables", "", "| table | | who reads a row, or why it is open |", "|---|---|---|"]
    lines += [f"| `{name}` | {state} | {words} |" for name, state, words in sorted(tables())]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "teamaround.site.settings")
    django.setup()
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{PAGE} written\n")
