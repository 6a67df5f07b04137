"""The arguments of commands that have many, apart from what runs them: help stays instant."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

Run = Callable[[argparse.Namespace], int]
LONDON = ZoneInfo("Europe/London")


def add_linking(link: argparse.ArgumentParser, train: argparse.ArgumentParser) -> None:
    """The arguments of `link` and `link-train`."""
    link.add_argument("files", type=Path, nargs="*", metavar="FILE", help="a .csv or .xlsx file of children")
    link.add_argument("--truth", type=Path, metavar="FILE", help="which child each row is, to judge by")
    link.add_argument(
        "--model", type=Path, metavar="FILE", help="weights that link-train wrote, in place of the product's"
    )
    link.add_argument(
        "--made-up", type=_count, metavar="N", help="link to an index of so many made-up children instead"
    )
    link.add_argument(
        "--records", type=_count, default=10_000, metavar="N", help="so many made-up records (%(default)s)"
    )
    link.add_argument(
        "--harsher",
        type=_times,
        default=1.0,
        metavar="X",
        help="so many times the usual faults (%(default)s)",
    )
    link.add_argument(
        "--engine",
        choices=("duckdb", "spark"),
        default="duckdb",
        help="what Splink runs on; spark is for what outgrows one machine and needs Java (%(default)s)",
    )
    link.add_argument(
        "--spark-master", metavar="URL", help="with --engine spark: a cluster, in place of this machine alone"
    )
    train.add_argument("files", type=Path, nargs="*", metavar="FILE", help="files to learn from")
    train.add_argument(
        "--children", type=_count, default=30_000, metavar="N", help="without files: made-up (%(default)s)"
    )
    train.add_argument("--version", required=True, metavar="NAME", help="what to call this version")
    train.add_argument("--out", type=Path, required=True, metavar="FILE", help="where to write the weights")
    for each, seed in ((link, 7), (train, 101)):
        each.add_argument(
            "--seed", type=int, default=seed, metavar="N", help="which made-up children (%(default)s)"
        )
        each.add_argument("--json", action="store_true", help="print the outcome as JSON")


def add_recognising(command: argparse.ArgumentParser) -> None:
    """The arguments of `recognise`."""
    what = command.add_mutually_exclusive_group()
    what.add_argument("--all", action="store_true", help="look at every entry, not at what changed alone")
    what.add_argument("--evaluate", action="store_true", help="compare the model with what people decided")
    command.add_argument("--model", type=Path, metavar="FILE", help="weights that link-train wrote")
    command.add_argument("--json", action="store_true", help="print the outcome as JSON")


def _count(text: str) -> int:
    if not text.isdigit() or not 100 <= int(text) <= 11_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 100 to 11,000,000")
    return int(text)


def _times(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not 0.1 <= found <= 10:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0.1 to 10")
    return found


def add_watching(watch: argparse.ArgumentParser, whole: Callable[[str], int]) -> None:
    """The arguments of `watch-folder`; `whole` reads a whole number from 1."""
    watch.add_argument("folder", metavar="FOLDER", help="the folder that holds one for each team")
    watch.add_argument("--once", action="store_true", help="take in what is quiet now, and end")
    watch.add_argument(
        "--every", type=whole, default=10, metavar="SECONDS", help="how often to look (%(default)s)"
    )
    watch.add_argument(
        "--quiet",
        type=whole,
        default=15,
        metavar="SECONDS",
        help="for how long a file must not have changed (%(default)s)",
    )


def add_clocks(clocks: argparse.ArgumentParser, run: Run) -> None:
    """The arguments of `clocks explain`."""
    explain = _below(clocks, "explain", "each clock with its start, due moment, stop, state and why", run)
    explain.add_argument("procedure", metavar="PROCEDURE", help="a file, or the name of a shipped procedure")
    explain.add_argument("events", type=Path, metavar="EVENTS.csv", help="episode,event,when[,priority]")
    explain.add_argument("--json", action="store_true", help="print the clocks as JSON")
    explain.add_argument(
        "--at", type=_moment, metavar="WHEN", help="reckon for this moment, such as 2026-05-01T10:00 (now)"
    )


def add_procedure(procedure: argparse.ArgumentParser, check: Run, schema: Run) -> None:
    """The arguments of `procedure check` and `procedure schema`."""
    checked = _below(procedure, "check", "say what is wrong with a file, by line", check)
    checked.add_argument("procedure", metavar="FILE", help="a procedure file")
    _below(procedure, "schema", "print the JSON Schema of procedure files", schema)


def _below(parser: argparse.ArgumentParser, name: str, summary: str, run: Run) -> argparse.ArgumentParser:
    parts = next((each for each in parser._actions if isinstance(each, argparse._SubParsersAction)), None)
    if parts is None:
        parts = parser.add_subparsers(dest="part", metavar="COMMAND", required=True)
    made: argparse.ArgumentParser = parts.add_parser(name, help=summary, description=summary)
    made.set_defaults(run=run)
    return made


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no moment; write such as 2026-05-01T10:00") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=LONDON)
