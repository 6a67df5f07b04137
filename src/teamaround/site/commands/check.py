"""`teamaround check NAME`: questions about the code and the database that a machine can answer.

A new check is one line in `CHECKS`: what it asks, where its function is, and the options it takes. The
function gets the parsed arguments and returns the exit code: 0 when all is well, 1 when not.
"""

import argparse
import importlib
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from teamaround.site.commands.installation import Installation, application
from teamaround.site.commands.progress import note, step


@dataclass(frozen=True)
class Option:
    """One option of a check. A `number` is a whole number from 0; without it the option is a switch."""

    flag: str
    help: str
    number: int | None = None


@dataclass(frozen=True)
class Check:
    """One question: what it asks, and `module:function` that answers it, imported only when it is asked."""

    summary: str
    function: str
    options: tuple[Option, ...] = ()


JSON = Option("--json", "print the outcome as JSON")
HERE = "teamaround.site.commands."
CHECKS: dict[str, Check] = {
    "migrations": Check(
        "every change of a model has its migration (needs no database)", HERE + "check:migrations"
    ),
    "database": Check("the database answers and has every migration", HERE + "check:database"),
    "log": Check(
        "nobody changed, removed or back-dated a row of the access log", HERE + "check_log:run", (JSON,)
    ),
    "access": Check(
        "in random worlds everybody sees and writes what the sharing rules say, and planted faults are caught",
        "teamaround.checks.access:run",
        (
            Option("--worlds", "how many worlds", 100),
            Option("--seed", "which worlds: the same number makes the same worlds", 1),
            JSON,
        ),
    ),
    "mixing": Check(
        "no request over threads and a pool sees a row of another's",
        "teamaround.checks.mixing:run",
        (Option("--requests", "how many", 100_000), Option("--seed", "which ones", 1), JSON),
    ),
    "leaks": Check(
        "no way around row-level security is open: each is tried on a throw-away database",
        "teamaround.checks.leaks:run",
        (JSON,),
    ),
    "crash": Check(
        "nothing acknowledged is lost when the database is killed under writes",
        HERE + "crash:run",
        (Option("--kills", "how often to kill it", 20), JSON),
    ),
}


def add_checks(check: argparse.ArgumentParser, data: argparse.ArgumentParser) -> None:
    """A sub-command for each check, with its options and those of `data`."""
    names = check.add_subparsers(dest="name", metavar="NAME", required=True)
    for name, each in CHECKS.items():
        made = names.add_parser(name, help=each.summary, description=each.summary, parents=[data])
        for option in each.options:
            if option.number is None:
                made.add_argument(option.flag, action="store_true", help=option.help)
            else:
                made.add_argument(
                    option.flag,
                    type=_whole,
                    default=option.number,
                    metavar="N",
                    help=f"{option.help} (%(default)s)",
                )


def _whole(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number")
    return int(text)


def run(args: argparse.Namespace) -> int:
    """0 when all is well; 1, with what to do, when not."""
    module, _, function = CHECKS[args.name].function.partition(":")
    answer: Callable[[argparse.Namespace], int] = getattr(importlib.import_module(module), function)
    return answer(args)


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
        from django.core.checks import Tags, run_checks

        wrong = run_checks(tags=[Tags.database], databases=["default"])
        for message in wrong:
            print(message, file=sys.stderr)
        if wrong:
            return 1
        from teamaround.notices.loaders import unsent

        failed = unsent()
    step("The database answers, is up to date, and everything in it stands under its policies")
    if failed.number and failed.since is not None:
        note(
            f"{failed.number} e-mails could not be sent, the first of {failed.since:%d %B %Y}. "
            "Check TEAMAROUND_MAIL_URL and the mail server."
        )
    return 0
