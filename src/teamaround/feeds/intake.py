"""A feed's caseload as a run of its team: begun, and taken on as far as it goes without a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from teamaround.importing import runs
from teamaround.importing.models import ImportRun
from teamaround.sheets import FIELDS

from .callers import FeedMe

#: The fields of a row that a sender may fill. A name comes in its parts.
SENT = tuple(name for name in FIELDS if name != "ignore" and not name.startswith("full_name"))


def begin(
    *,
    by: FeedMe,
    filename: str,
    whole: bool,
    key: str,
    rows: Sequence[Mapping[str, str]] | None = None,
    content: bytes = b"",
) -> ImportRun:
    """A run of the feed's team: from rows, each by the fields' names, or from a file as the team's memory reads
    it; a file of a shape that nobody has seen waits for a person."""
    return runs.begin(
        by=by, team=by.team.team, key=key, filename=filename, rows=rows, content=content, whole=whole
    )


def go_on(*, by: FeedMe, run: int) -> str:
    """Check the run and bring in what is certain; the state in which it then stands."""
    return runs.go_on(by=by, run=run)
