"""`teamaround bench NAME`: figures with ratios, from a database of its own."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from teamaround.site.commands.progress import step

if TYPE_CHECKING:
    from teamaround.benches.report import Report
    from teamaround.database.throwaway import ThrowAway


def run(args: argparse.Namespace) -> int:
    """Build a throw-away world, measure, print. Returns 2 for an unknown name."""
    if args.name not in BENCHES:
        print(f"There is no bench {args.name!r}. There are: {', '.join(BENCHES)}.", file=sys.stderr)
        return 2
    from teamaround.database.throwaway import throw_away

    step("Preparing a throw-away database")
    with throw_away() as database:
        report = BENCHES[args.name](database, args.size)
    print(report.as_json() if args.json else report.as_table())
    return 0


def _pages(database: ThrowAway, size: str) -> Report:
    from teamaround.benches import pages, world
    from teamaround.procedures.versions import install_shipped

    install_shipped()
    step(f"Filling it: {world.SIZES[size]:,} children")
    world.build(database.superuser, size)
    step("Measuring")
    return pages.run(size)


def _log(database: ThrowAway, size: str) -> Report:
    from teamaround.benches import log

    step(f"Writing, sealing and checking {log.SIZES[size]:,} rows")
    return log.run(size, auditor=database.auditor)


def _access(database: ThrowAway, size: str) -> Report:
    from teamaround.benches import access

    step(f"Filling it: {access.SIZES[size]:,} children")
    access.build(database.superuser, size)
    step("Measuring")
    return access.run(database.superuser, database.application, size, database.key)


BENCHES: dict[str, Callable[[ThrowAway, str], Report]] = {"pages": _pages, "log": _log, "access": _access}
