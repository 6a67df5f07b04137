"""Makes a database ready to serve: roles and rights, migrations, the stamp's key, the demonstration.

Runs as a process of its own, the only one that holds the set-up role's address. Prints the demonstration's
sign-ins as JSON on standard output.
"""

import importlib
import importlib.util
import json
import os
import sys
from pathlib import Path

import psycopg

from teamaround.database.secrets import Secrets
from teamaround.database.setup import install_stamp_key, prepare
from teamaround.site.commands.installation import database_of, with_database
from teamaround.site.commands.progress import note, step


def main() -> int:
    """Everything that has to be true before the first request. The environment says where."""
    owner = os.environ["TEAMAROUND_OWNER_URL"]
    secrets = Secrets.load_or_create(Path(os.environ["TEAMAROUND_SECRETS"]))
    name = database_of(owner)
    prepare(_reachable(owner), secrets, database=name)
    migrate()
    install_stamp_key(owner, bytes.fromhex(secrets.stamp_key))
    if not protected():
        return 1
    from teamaround.procedures.versions import install_shipped

    install_shipped()
    if os.environ.get("TEAMAROUND_DEMONSTRATION") == "1":
        demonstrate()
    return 0


def migrate() -> None:
    """Run what has not been run, and say so only then."""
    import django
    from django.core.management import call_command
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    django.setup()
    executor = MigrationExecutor(connections["owner"])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        step(f"Bringing the database up to date ({len(plan)} steps)")
        call_command("migrate", database="owner", interactive=False, verbosity=0)


def protected() -> bool:
    """Whether everything stands under its policies; says what does not. Nothing is served otherwise."""
    from django.core.checks import Tags, run_checks

    wrong = run_checks(tags=[Tags.database], databases=["owner"])
    for message in wrong:
        note(str(message))
    return not wrong


def demonstrate() -> None:
    """Load the demonstration area unless it is there, and hand its sign-ins back."""
    if importlib.util.find_spec("teamaround.demonstration") is None:
        note("This build holds no demonstration area: the database stays empty.")
        return
    load = importlib.import_module("teamaround.demonstration.load")
    load.load_demonstration()
    json.dump([[str(part) for part in row] for row in load.sign_ins()], sys.stdout)


def _reachable(owner: str) -> str:
    """The set-up role's address for a database that exists: its own, or `postgres` before its own is made."""
    try:
        psycopg.connect(owner, connect_timeout=10).close()
    except psycopg.OperationalError as error:
        if "does not exist" not in str(error) or "role" in str(error).partition("does not exist")[0]:
            raise
        return with_database(owner, "postgres")
    return owner


if __name__ == "__main__":
    sys.exit(main())
