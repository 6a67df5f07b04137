"""The answers in plain data. A row is told by its number and state: its own words never leave again."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from teamaround.feeds.callers import FeedMe
from teamaround.feeds.models import CallState, Feed, FeedCall
from teamaround.importing import runs
from teamaround.importing.models import Decision, ImportRow, ImportRun, Outcome, RunState
from teamaround.sheets import FIELDS

#: Where a caseload stands, by where its run stands.
RUN_STATES: dict[str, str] = {
    RunState.UPLOADED: "waits_for_a_person",
    RunState.MAPPED: "checking",
    RunState.CHECKED: "waits_for_a_person",
    RunState.QUEUED: "bringing_in",
    RunState.RUNNING: "bringing_in",
    RunState.DONE: "done",
    RunState.FAILED: "failed",
    RunState.WITHDRAWING: "withdrawing",
    RunState.WITHDRAWN: "withdrawn",
}
WAITS_FOR = ["", "columns", "confirmation", "ending", "decisions", "another try"]
COUNTS = ("added", "recognised", "same", "refused", "waits", "left_out", "ended")
#: What became of a row, as the run says it: before it is brought in, after it, and after a withdrawal.
ROW_STATES = (
    *("refused", "waits", "left_out", "add", "added", "recognised", "same"),
    *("gone", "stays", "kept", "untouched"),
)
#: The states by which rows can be asked for: those that somebody has to do something about.
ASKED_STATES = ("refused", "waits")


def received_answer(call: FeedCall, *, feed: str) -> dict[str, Any]:
    """The answer to a caseload that was kept: the same however often the call is repeated. `feed` as the call named
    it: the addresses name it too."""
    about = f"?feed={feed}" if feed else ""
    return {
        "run": str(call.run.uuid),
        "received_at": call.received_at.isoformat(),
        "caseload": "whole" if call.whole else "part",
        "as_of": call.as_of.isoformat(),
        "sequence": call.sequence,
        "rows": call.rows,
        "status_url": reverse("api:run", args=[call.run.uuid]) + about,
        "rows_url": reverse("api:rows", args=[call.run.uuid]) + about,
    }


def feed_answer(feed: Feed) -> dict[str, Any]:
    """A feed that the key opens."""
    return {"feed": str(feed.uuid), "name": feed.name, "team": feed.team.name}


def state_of(call: FeedCall) -> str:
    """Where a caseload stands, in one word."""
    if call.state == CallState.STOPPED:
        return "stopped"
    if call.state == CallState.WAITING:
        return "waiting"
    return RUN_STATES[call.run.state]


def run_answer(call: FeedCall, *, by: FeedMe, feed: str) -> dict[str, Any]:
    """Where a caseload stands, with its counts. Counts say what will be until the state is `done`."""
    run, status = call.run, runs.status_of(by=by, run=call.run)
    counts = status.counts
    told = {
        "added": counts["added"],
        "recognised": counts["updated"] + counts["matched"],
        "same": counts["same"],
        "refused": counts["refused"],
        "waits": counts["undecided"],
        # Rows that still wait were left out for now; here each row counts once.
        "left_out": max(0, counts["left_out"] - counts["undecided"])
        if run.unattended
        else counts["left_out"],
        "ended": counts["ended"],
    }
    under_way = call.state == CallState.BEGUN
    return {
        **received_answer(call, feed=feed),
        "state": state_of(call),
        "waits_for": status.waits_for if under_way else "",
        "failure": status.failure,
        "counts": told,
        "progress": {"done": run.progress.done, "total": run.progress.total},
        "finished_at": run.finished_at.isoformat() if run.finished_at else None,
    }


def rows_in(rows: QuerySet[ImportRow], run: ImportRun, state: str) -> QuerySet[ImportRow]:
    """The rows in one of ASKED_STATES; all for ""."""
    if state == "refused":
        return rows.filter(outcome=Outcome.REFUSE)
    if state == "waits":
        withdrawn = run.state == RunState.WITHDRAWN
        return rows.none() if withdrawn else rows.filter(outcome=Outcome.DECIDE, decision=Decision.NONE)
    return rows


def row_answer(row: ImportRow, run: ImportRun) -> dict[str, Any]:
    """One row: its number, its state, and what is wrong with it where something is."""
    status = runs.row_status(row, run)
    told: dict[str, Any] = {"row": status.number, "state": status.state}
    if status.same_as is not None:
        told["same_as"] = status.same_as
    if status.state == "refused" or row.flagged:
        told["field"] = status.field if status.field in FIELDS else ""
        told["reasons"] = _faults(row)
    return told


def _faults(row: ImportRow) -> list[str]:
    """What is wrong with the row itself. In what it agrees with a child of the records, and who else works with that
    child, is for the people of the team: a machine that guesses would learn it a row at a time."""
    if row.outcome == Outcome.REFUSE:
        return [row.reason]
    _why, begins, fault = row.reason.partition(f"{FIELDS.get(row.field, row.field)}: ")
    return [begins + fault] if fault else []
