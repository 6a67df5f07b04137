"""The report that lies beside a file: plain words, row numbers, and nobody's data."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from teamaround.importing import runs
from teamaround.importing.models import ImportRow, ImportRun, Outcome, RunState
from teamaround.sheets import FIELDS
from teamaround.ui.presentation import uk_datetime

from .callers import FeedMe
from .models import CallState, FeedCall

MOST_ROWS = 500


def refused(why: str) -> str:
    """A file that was not taken in."""
    return f"This file was not taken in. Nothing was changed.\n\n{why}\n"


def older(latest: FeedCall) -> str:
    """Why an older caseload is refused."""
    return (
        f"It was written before the caseload that came already, which is of {uk_datetime(latest.as_of)}. "
        "What is known now would be overwritten. If the file is right, save it again and put it here again."
    )


def of_call(call: FeedCall, *, by: FeedMe, before: bool) -> tuple[bool, str]:
    """Whether the file was taken in, and its report. `before` says that the same bytes came earlier."""
    run, lines = call.run, []
    if before:
        lines.append(
            f"This file came before, on {uk_datetime(call.received_at)}. It is not brought in twice."
        )
    if call.state == CallState.STOPPED:
        return False, refused(
            "The feed had ended before its turn came. Ask your partnership’s administrator."
        )
    status = runs.status_of(by=by, run=run)
    if run.state == RunState.FAILED:
        return False, refused(status.failure or "Something went wrong. Put the file here again.")
    if run.state == RunState.UPLOADED:
        lines += [
            "This file waits for somebody of the team.",
            "",
            "Its columns are not those of a file that the team brought in before. Somebody has to say once what each "
            f"column is; the next file of this shape is then brought in by itself. Here: {_address(run)}",
        ]
        return True, _text(lines)
    if run.rows == run.refused:
        return False, refused("Every row was refused.\n\n" + "\n".join(_refused(run)))
    counts = status.counts
    lines += [
        f"This file holds {_rows(run.rows)}.",
        "",
        f"  added                      {counts['added']:>7,}",
        f"  recognised                 {counts['updated'] + counts['matched']:>7,}",
        f"  the same as another row    {counts['same']:>7,}",
        f"  refused                    {counts['refused']:>7,}",
        f"  waiting for a decision     {counts['undecided']:>7,}",
    ]
    if run.state != RunState.DONE or status.waits_for:
        lines += ["", f"{_WAITS.get(status.waits_for, _WAITS['confirmation'])} Here: {_address(run)}"]
    if counts["refused"]:
        lines += ["", "Refused rows, each to be corrected and sent again:", "", *_refused(run)]
    return True, _text(lines)


_WAITS = {
    "decisions": "Some rows may be children who are known already: somebody of the team has to decide.",
    "ending": "Some children are no longer listed: somebody of the team has to say whose work with them ends.",
    "confirmation": "Somebody of the team has to confirm.",
}


def _rows(number: int) -> str:
    return "1 row" if number == 1 else f"{number:,} rows"


def _address(run: ImportRun) -> str:
    return settings.TEAMAROUND_ADDRESS.rstrip("/") + reverse("importing:run", args=[run.uuid])


def _refused(run: ImportRun) -> list[str]:
    rows = list(ImportRow.objects.filter(run=run, outcome=Outcome.REFUSE).order_by("number")[: MOST_ROWS + 1])
    told = [
        f"  row {row.number} (line {row.line}), {FIELDS.get(row.field, 'the row')}: {row.reason}"
        for row in rows[:MOST_ROWS]
    ]
    return [*told, "  and more: the team’s page has them all."] if len(rows) > MOST_ROWS else told


def _text(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"
