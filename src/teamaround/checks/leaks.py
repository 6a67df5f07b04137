"""`teamaround check leaks`: the ways around row-level security, each one tried.

A throw-away database holds one child whose every text is a marker. Everything is tried as an outsider would who can
run any SQL on the application's own connection: a practitioner of another team, with a genuine stamp of their own.
A channel is open when the marker, or what only its presence could cause, comes back.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass

from teamaround.database.throwaway import throw_away

from .attack import Attack, build
from .channels import CHANNELS


@dataclass(frozen=True, slots=True)
class Finding:
    """One channel: closed, or open with what came through."""

    channel: str
    closed: bool
    detail: str


def try_all(application: str, superuser: str, key: bytes) -> list[Finding]:
    """Every channel in turn, on a database that `build` filled."""
    attack = Attack(application, superuser, key)
    found = []
    for name, attempt in CHANNELS.items():
        detail = attempt(attack)
        found.append(Finding(name, not detail, detail))
    return found


def run(args: argparse.Namespace) -> int:
    """Make the database, try everything, print. 1 where a channel is open."""
    with throw_away(django=False) as database:
        build(database.superuser)
        found = try_all(database.application, database.superuser, database.key)
    still_open = [finding for finding in found if not finding.closed]
    if args.json:
        print(
            json.dumps(
                {
                    "channels": [
                        {"channel": f.channel, "closed": f.closed, "detail": f.detail} for f in found
                    ],
                    "open": len(still_open),
                },
                indent=2,
            )
        )
    else:
        for finding in found:
            print(
                f"{'closed' if finding.closed else 'OPEN  '}  {finding.channel}{': ' * bool(finding.detail)}{finding.detail}"
            )
    return 1 if still_open else 0
