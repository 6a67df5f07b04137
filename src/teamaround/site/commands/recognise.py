"""`teamaround recognise`: who of the index may be one child; and how the model compares with what people decided.

What changed since the last search is looked at, as each night; with `--all` everything. What is printed are counts,
never a child. Exit codes: 0 done; 2 a model cannot be used.
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from teamaround.linkage.model import Model, load, shipped
from teamaround.site.commands.progress import note, step


def run(args: argparse.Namespace) -> int:
    """Search, or evaluate, and tell."""
    try:
        model = load(args.model) if args.model else shipped()
        told = evaluated(model) if args.evaluate else searched(model, everything=args.all)
    except (ValueError, KeyError, OSError) as error:
        print(f"teamaround recognise: the model cannot be used: {error}", file=sys.stderr)
        return 2
    if args.json:
        print(json.dumps(told, indent=2))
        return 0
    for name, value in told.items():
        if name != "bands":
            print(f"{name.replace('_', ' ')}: {'–' if value is None else value}")
    for band in told.get("bands", ()):
        print(
            f"  {_band(band)}: {band['pairs']} decided, {band['same']} the same child, {band['would_join']} would join"
        )
    return 0


def searched(model: Model, *, everything: bool) -> dict[str, Any]:
    """Look for records that are one child."""
    from teamaround.recognition.nightly import recognise

    step("Looking at every entry" if everything else "Looking at what changed since the last search")
    found = recognise(everything=everything, model=model, note=_told)
    return {
        "model": found.model,
        "since": found.since.isoformat() if found.since else None,
        "entries_read": found.entries,
        "pairs_scored": found.pairs,
        "joined": found.joined,
        "put_to_review": found.review,
    }


def _told(done: int, total: int) -> None:
    note(f"{done:,} of {total:,} entries")


def evaluated(model: Model) -> dict[str, Any]:
    """Compare the model with what was decided."""
    from teamaround.recognition.evaluation import decisions, evaluate

    return evaluate(decisions(model), model)


def _band(band: dict[str, Any]) -> str:
    low, high = band["from"], band["to"]
    if low is None:
        return f"under {high} bits"
    return f"{low} bits and more" if high is None else f"{low} to {high} bits"
