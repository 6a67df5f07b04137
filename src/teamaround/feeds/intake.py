"""A feed's caseload as a run of its team: begun, and taken on as far as it goes without a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db.models import F, Q

from teamaround.importing import actions, runs
from teamaround.importing.models import UNDER_WAY, ImportRun, RunState
from teamaround.sheets import FIELDS

from .callers import FeedMe

#: The fields of a row that a sender may fill. A name comes in its parts.
SENT = tuple(name for name in FIELDS if name != "ignore" and not name.startswith("full_name"))


#: Caseloads whose upload failed before anything of it was written.
FAILED = Q(run__state=RunState.FAILED, run__finished_at=None)


def failed(run: ImportRun) -> bool:
    """Whether the upload failed before anything of it was written."""
    return run.state == RunState.FAILED and run.finished_at is None


def again(*, by: FeedMe, run: ImportRun) -> None:
    """Let a failed upload be checked once more."""
    actions.again(by=by, run=run)


def give_up(run: ImportRun, why: str) -> bool:
    """Take an upload that is under way for one that failed. False where it stands meanwhile: another job was at it."""
    under_way = ImportRun.objects.filter(pk=run.pk, state__in=UNDER_WAY, finished_at=None)
    return bool(under_way.update(state=RunState.FAILED, failure=why, version=F("version") + 1))


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
