"""`teamaround postcodes`: where postcodes lie, from the open files of Ordnance Survey or the ONS."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from teamaround.site.commands.installation import CommandError
from teamaround.site.commands.progress import step

if TYPE_CHECKING:
    from teamaround.agencies.points import Point


def run(args: argparse.Namespace) -> int:
    """Read the files, each line as it comes, and keep their points: of all of them or, where one cannot be read, none."""
    from django.db import transaction

    from teamaround.agencies.points import UnreadablePoints, keep_points
    from teamaround.database.actor import SET_UP, acting_as

    try:
        with acting_as(SET_UP), transaction.atomic():
            kept = keep_points(_points(args.files))
    except UnreadablePoints as error:
        raise CommandError(f"{error} Nothing was changed.") from error
    print(f"{kept:,} postcodes are known by their place.")
    return 0


def _points(files: list[Path]) -> Iterator[tuple[str, Point]]:
    from teamaround.agencies.points import UnreadablePoints, read_points

    for path in files:
        step(f"Reading {path.name}")
        try:
            with path.open(encoding="utf-8-sig", newline="") as lines:
                yield from read_points(lines, path.name)
        except UnicodeDecodeError as error:
            raise UnreadablePoints(f"{path.name} is not a CSV file in UTF-8.") from error
        except OSError as error:
            raise UnreadablePoints(f"{path} cannot be read: {error.strerror}.") from error
