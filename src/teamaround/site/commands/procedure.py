"""`teamaround clocks explain` and `teamaround procedure`: procedures tried and checked, without a service.

Exit codes: 0 done; 1 a file is refused, with the rows or lines.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from teamaround.procedures.explain import Explained, explain, read_events
from teamaround.procedures.format import Procedure, ProcedureError, load, load_shipped, shipped_slugs
from teamaround.procedures.schema import schema_text
from teamaround.site.commands.installation import CommandError
from teamaround.workingtime import LONDON


def explain_clocks(args: argparse.Namespace) -> int:
    """Each clock of each episode: start, due, stop, state and why."""
    procedure = procedure_named(args.procedure)
    now = args.at or datetime.now(UTC)
    try:
        rows = read_events(_text(args.events), procedure)
        found = explain(procedure, rows, now)
    except ValueError as refused:
        raise CommandError(f"{args.events}:\n{refused}") from None
    to_come = [row.number for row in rows if row.when > now]
    if to_come:
        said = ", ".join(str(number) for number in to_come[:10]) + (" and more" if len(to_come) > 10 else "")
        print(
            f"Still to come (row {said}): their episodes are reckoned as after the last event.",
            file=sys.stderr,
        )
    if args.json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        _tell(found)
    return 0


def check(args: argparse.Namespace) -> int:
    """Whether a procedure file can be used; else its problems, by line."""
    procedure = procedure_named(args.procedure)
    print(
        f"{procedure.name}: {len(procedure.stages)} stages, {len(procedure.clocks)} clocks, "
        f"{len(procedure.closure)} gates. It can be used."
    )
    return 0


def schema(args: argparse.Namespace) -> int:
    """The JSON Schema of procedure files."""
    print(schema_text(), end="")
    return 0


def procedure_named(name: str) -> Procedure:
    """The procedure of a file, or one that comes with the product. Raises CommandError, with the lines that
    are wrong."""
    if name in shipped_slugs() and not Path(name).is_file():
        return load_shipped(name)
    try:
        return load(_text(Path(name)))
    except ProcedureError as refused:
        raise CommandError(
            "\n".join(f"{name}:{each.line}: {each.what} {each.instead}" for each in refused.problems)
        ) from None


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        shipped = ", ".join(shipped_slugs())
        raise CommandError(f"{path} is not there. Name a file, or one of {shipped}.") from None
    except UnicodeDecodeError:
        raise CommandError(f"{path} is not text in UTF-8. Save it as CSV UTF-8 or plain text.") from None
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from None


def _tell(found: list[Explained]) -> None:
    episode = ""
    for each in found:
        if each["episode"] != episode:
            episode = each["episode"]
            print(f"Episode {episode}")
        over = f", stopped {_said(each['stop'])}" if each["stop"] else ""
        state = each["state"].replace("_", " ")
        print(f"  {each['clock']}: {state}; began {_said(each['start'])}, due {_said(each['due'])}{over}")
        print(f"    {each['why']}")
    if not found:
        print("No clock runs.")


def _said(moment: str) -> str:
    local = datetime.fromisoformat(moment).astimezone(LONDON)
    return f"{local:%a} {local.day} {local:%b} {local.year} {local:%H:%M}"
