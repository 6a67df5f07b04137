"""`teamaround check NAME`: questions about the code and the database that a machine can answer."""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from teamaround.site.commands.installation import Installation, application
from teamaround.site.commands.progress import step

NAMES = ("migrations", "database")


def run(args: argparse.Namespace) -> int:
    """0 when all is well; 1, with what to do, when not."""
    return {"migrations": migrations, "database": database}[args.name](args)


def migrations(args: argparse.Namespace) -> int:
    """Whether every model's change has its migration. Needs no database."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TEAMAROUND_SECRETS"] = str(Path(folder) / "secrets")
        os.environ["DJANGO_SETTINGS_MODULE"] = "teamaround.site.settings"
        os.environ.pop("TEAMAROUND_OWNER_URL", None)
        import django
        from django.conf import settings
        from django.core.management import call_command

        django.setup()
        # Only the models and the migration files are compared: no server is asked.
        for address in settings.DATABASES.values():
            address["ENGINE"] = "django.db.backends.dummy"
        try:
            call_command("makemigrations", check_changes=True, dry_run=True, verbosity=1, interactive=False)
        except SystemExit:
            print(
                "A model changed without a migration. Run: python -m django makemigrations "
                "--settings teamaround.site.settings",
                file=sys.stderr,
            )
            return 1
    return 0


def database(args: argparse.Namespace) -> int:
    """Whether the database answers, has every migration, and lets the application in."""
    with application(Installation(args.data)):
        from django.db import connection
        from django.db.migrations.executor import MigrationExecutor

        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if missing:
            names = ", ".join(f"{migration.app_label}.{migration.name}" for migration, _ in missing[:5])
            print(f"{len(missing)} migrations have not run ({names}). Run: teamaround up", file=sys.stderr)
            return 1
    step("The database answers and is up to date")
    return 0
