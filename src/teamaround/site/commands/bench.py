"""`teamaround bench NAME`: figures with ratios, from a database of its own."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from teamaround.site.commands.progress import note, step

if TYPE_CHECKING:
    from teamaround.benches.report import Report
    from teamaround.database.throwaway import ThrowAway


def run(args: argparse.Namespace) -> int:
    """Build a throw-away world, measure, print. Returns 2 for an unknown name."""
    if args.name == "linkage":
        return _linkage(args)
    if args.name == "index":
        return _index(args)
    if args.name not in BENCHES:
        known = ", ".join([*BENCHES, "index", "linkage"])
        print(f"There is no bench {args.name!r}. There are: {known}.", file=sys.stderr)
        return 2
    from teamaround.database.throwaway import throw_away

    step("Preparing a throw-away database")
    # As much memory for pages as the embedded server takes in service.
    with throw_away(share=8) as database:
        report = BENCHES[args.name](database, args.size)
    print(report.as_json() if args.json else report.as_table())
    return 0


def _pages(database: ThrowAway, size: str) -> Report:
    from teamaround.benches import day, pages, world
    from teamaround.procedures.versions import install_shipped

    install_shipped()
    step(f"Filling it: {world.SIZES[size]:,} children")
    world.build(database.superuser, size)
    days = day.build(database.superuser)
    step("Measuring")
    return pages.run(size, days)


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


def _coverage(database: ThrowAway, size: str) -> Report:
    from teamaround.benches import coverage, world
    from teamaround.procedures.versions import install_shipped

    install_shipped()
    step(f"Filling it: {world.SIZES[size]:,} children")
    world.build(database.superuser, size)
    coverage.build(database.superuser)
    step("Counting and measuring")
    return coverage.run(size)


def _import(database: ThrowAway, size: str) -> Report:
    from teamaround.benches import importing

    step(f"Bringing in {importing.SIZES[size]:,} rows")
    return importing.run(database.superuser, size, note)


def _clocks(database: ThrowAway, size: str) -> Report:
    from teamaround.benches import clocks

    step("Filling it, closing the area, and reckoning anew")
    return clocks.run(database.superuser, size, note)


def _linkage(args: argparse.Namespace) -> int:
    """Recognition on made-up areas and on FEBRL: needs no database."""
    from teamaround.benches import linkage

    print(json.dumps(linkage.run(args.size, note), indent=2))
    return 0


def _index(args: argparse.Namespace) -> int:
    """The Child Index at a size: live search, a caseload, and Splink alone on the same rows."""
    from teamaround.database.throwaway import throw_away

    step("Preparing a throw-away database")
    # An index of that size has a machine of its own (docs/running.md).
    with throw_away(share=4) as database:
        from teamaround.benches import index

        print(json.dumps(index.run(database.superuser, args.size, note), indent=2))
    return 0


BENCHES: dict[str, Callable[[ThrowAway, str], Report]] = {
    "pages": _pages,
    "log": _log,
    "access": _access,
    "coverage": _coverage,
    "import": _import,
    "clocks": _clocks,
}
