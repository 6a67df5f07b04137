"""`teamaround check access`: every row of every protected table, for every holder, in random worlds."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from teamaround.database.server import temporary_server
from teamaround.database.setup import install_stamp_key, prepare

AT_ONCE = 50
"""Worlds that are written together."""
SHOWN = 10


@dataclass
class Outcome:
    """What a run found. `decisions` counts the answers compared, reading and writing."""

    worlds: int = 0
    decisions: int = 0
    differences: list[Any] = field(default_factory=list)
    planted: int = 0
    uncaught: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """No difference, and every planted fault caught."""
        return not self.differences and not self.uncaught

    def report(self) -> dict[str, Any]:
        """The figures, as they are printed."""
        leaked = sum(each.leaked for each in self.differences)
        return {
            "worlds": self.worlds,
            "decisions": self.decisions,
            "leaked": leaked,
            "missing": len(self.differences) - leaked,
            "mutants": {"planted": self.planted, "caught": self.planted - len(self.uncaught)},
        }


def compare(owner: Any, worlds: int, seed: int, *, first: int = 0, most: int = 1000) -> Outcome:
    """Build that many worlds from `seed`, numbered from `first`, and compare them.

    `owner` is a `writing.Owner` of the database that Django's default connection reaches. Stops once `most`
    differences are found.
    """
    from teamaround.checks.comparing import Application, Comparison, Tally

    outcome, tally = Outcome(), Tally()
    application = Application(owner)
    try:
        for start in range(first, first + worlds, AT_ONCE):
            numbers = range(start, min(start + AT_ONCE, first + worlds))
            made = owner.build(seed, numbers)
            for world, facts in zip(made, owner.facts(made), strict=True):
                comparison = Comparison(application, owner, world, facts, tally)
                outcome.differences += comparison.differences()
                outcome.worlds += 1
                if len(outcome.differences) >= most:
                    return outcome
    finally:
        outcome.decisions = tally.decisions
        application.close()
    return outcome


def run(args: argparse.Namespace) -> int:
    """0 where the database and the oracle agree and every planted fault is caught; else 1."""
    for owner in served():
        from teamaround.checks import mutants

        outcome = compare(owner, args.worlds, args.seed)
        if not outcome.differences:
            planted = mutants.plant_all(owner, args.seed)
            outcome.planted, outcome.uncaught = (
                len(planted),
                [m for m, caught in planted.items() if not caught],
            )
        say(outcome, as_json=args.json)
        return 0 if outcome.clean else 1
    return 1


def say(outcome: Outcome, *, as_json: bool) -> None:
    """Print the figures, and the first differences with what they need to be had again."""
    for each in outcome.differences[:SHOWN]:
        print(each.words(), file=sys.stderr)
    for name in outcome.uncaught:
        print(f"planted fault not caught: {name}", file=sys.stderr)
    report = outcome.report()
    if as_json:
        print(json.dumps(report))
        return
    planted = report["mutants"]
    print(
        f"{report['worlds']:,} worlds, {report['decisions']:,} decisions: {report['leaked']} leaked, "
        f"{report['missing']} missing; {planted['caught']} of {planted['planted']} planted faults caught"
    )


def served() -> Iterator[Any]:
    """A migrated database on a server of its own, with Django's connection as the application's role."""
    with temporary_server() as server:
        superuser = server.dsn("postgres", "postgres")
        prepare(superuser, server.secrets)
        owner_address = server.dsn("postgres", "teamaround")
        os.environ.update(
            DJANGO_SETTINGS_MODULE="teamaround.site.settings",
            TEAMAROUND_OWNER_URL=owner_address,
            DATABASE_URL=server.dsn("app_rw", "teamaround"),
            TEAMAROUND_PLAIN_HTTP="1",
        )
        subprocess.run(
            [sys.executable, "-m", "django", "migrate", "--database", "owner", "--no-input", "-v", "0"],
            check=True,
        )
        key = bytes.fromhex(server.secrets.stamp_key)
        install_stamp_key(owner_address, key)
        import django
        from django.conf import settings

        django.setup()
        settings.STAMP_KEY = key
        from django.db import connections

        from teamaround.checks.writing import Owner

        owner = Owner(owner_address, key)
        try:
            yield owner
        finally:
            owner.close()
            connections.close_all()
            close_pool = getattr(connections["default"], "close_pool", None)
            if close_pool is not None:
                close_pool()
