"""`teamaround bench NAME`: figures with ratios, from a database of its own."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from typing import TYPE_CHECKING

from teamaround.site.commands.progress import step

if TYPE_CHECKING:
    from teamaround.benches.report import Report
    from teamaround.database.server import EmbeddedServer

NAMES = ("pages", "log", "access")


def run(args: argparse.Namespace) -> int:
    """Build a throw-away world, measure, print. Returns 2 for an unknown name."""
    if args.name not in NAMES:
        print(f"There is no bench {args.name!r}. There are: {', '.join(NAMES)}.", file=sys.stderr)
        return 2
    from teamaround.database.server import temporary_server
    from teamaround.database.setup import install_stamp_key, prepare

    with temporary_server() as server:
        step("Preparing a throw-away database")
        superuser = server.dsn("postgres", "postgres")
        prepare(superuser, server.secrets)
        owner = server.dsn("postgres", "teamaround")
        os.environ.update(
            DJANGO_SETTINGS_MODULE="teamaround.site.settings",
            TEAMAROUND_OWNER_URL=owner,
            DATABASE_URL=server.dsn("app_rw", "teamaround"),
            TEAMAROUND_PLAIN_HTTP="1",
        )
        subprocess.run(
            [sys.executable, "-m", "django", "migrate", "--database", "owner", "--no-input", "-v", "0"],
            check=True,
        )
        install_stamp_key(owner, bytes.fromhex(server.secrets.stamp_key))
        import django
        from django.conf import settings

        django.setup()
        settings.STAMP_KEY = bytes.fromhex(server.secrets.stamp_key)
        measure = {
            "pages": lambda: _pages(owner, args.size),
            "log": lambda: _log(server, args.size),
            "access": lambda: _access(owner, server, args.size),
        }
        report = measure[args.name]()
        print(report.as_json() if args.json else report.as_table())
        from django.db import connections

        for alias in ("default", "log"):
            connections[alias].close()
        connections["default"].close_pool()  # type: ignore[attr-defined]
    return 0


def _pages(owner: str, size: str) -> Report:
    from teamaround.benches import pages, world
    from teamaround.procedures.versions import install_shipped

    install_shipped()
    step(f"Filling it: {world.SIZES[size]:,} children")
    world.build(owner, size)
    step("Measuring")
    return pages.run(size)


def _log(server: EmbeddedServer, size: str) -> Report:
    from teamaround.benches import log

    step(f"Writing, sealing and checking {log.SIZES[size]:,} rows")
    return log.run(size, auditor=server.dsn("auditor", "teamaround"))


def _access(owner: str, server: EmbeddedServer, size: str) -> Report:
    from teamaround.benches import access

    step(f"Filling it: {access.SIZES[size]:,} children")
    access.build(owner, size)
    step("Measuring")
    return access.run(
        owner, server.dsn("app_rw", "teamaround"), size, bytes.fromhex(server.secrets.stamp_key)
    )
