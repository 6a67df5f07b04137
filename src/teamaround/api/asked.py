"""What a call says beside its body: parameters and headers, each with what to write instead."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from teamaround.sheets import MAX_ROWS

from .problems import Fault, Problem

MOST_SEQUENCE = 2**63 - 1
CLOCKS_DIFFER = dt.timedelta(minutes=5)
PAGE, LARGEST_PAGE = 500, 5_000
_KEY = re.compile(r"[!-~]{8,200}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")


@dataclass(frozen=True, slots=True)
class Said:
    """What a sender says of a caseload: the whole of it or a part, of which moment, its number, and its rows."""

    key: str
    whole: bool
    as_of: dt.datetime
    sequence: int | None
    rows: int


def what_is_said(request: HttpRequest) -> Said:
    """Parameters and headers of a caseload that is sent. Raises Problem with every fault."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if not _KEY.fullmatch(key.strip('"')):
        raise Problem(
            "no-idempotency-key",
            "Send an Idempotency-Key of 8 to 200 letters, digits and marks, without spaces: another for each "
            "caseload, the same when you repeat a call. A random UUID does well.",
        )
    faults = _unknown(request, ("feed", "caseload", "as_of", "sequence", "rows"))
    kind = _one(request, "caseload", faults)
    if kind not in ("whole", "part"):
        faults.append(
            Fault(0, "caseload", "Say whether these are all children of the caseload.", "whole or part")
        )
    as_of = _moment(_one(request, "as_of", faults), faults)
    sequence = _number(request, "sequence", 0, MOST_SEQUENCE, faults, needed=False)
    rows = _number(request, "rows", 1, MAX_ROWS, faults, needed=True)
    if faults or as_of is None or rows is None:
        raise Problem("not-valid", "Nothing was kept. Correct the parameters.", faults)
    return Said(key.strip('"'), kind == "whole", as_of, sequence, rows)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A page of rows: those after a number, so many, of one state or all ("")."""

    after: int
    limit: int
    state: str


def page_wanted(request: HttpRequest, states: Collection[str]) -> Wanted:
    """Which rows are asked for. Raises Problem with every fault."""
    faults = _unknown(request, ("feed", "after", "limit", "state"))
    after = _number(request, "after", 0, MAX_ROWS, faults, needed=False)
    limit = _number(request, "limit", 1, LARGEST_PAGE, faults, needed=False)
    state = _one(request, "state", faults)
    if "state" in request.GET and state not in states:
        faults.append(Fault(0, "state", "There is no such state.", "One of: " + ", ".join(states)))
    if faults:
        raise Problem("not-valid", "Correct the parameters.", faults)
    return Wanted(after or 0, limit or PAGE, state)


def nothing_asked(request: HttpRequest, *but: str) -> None:
    """For an address that takes no parameters but these. Raises Problem where there are others."""
    if faults := _unknown(request, but):
        raise Problem("not-valid", "Correct the parameters.", faults)


def _unknown(request: HttpRequest, known: Collection[str]) -> list[Fault]:
    if set(request.GET) <= set(known):
        return []
    words = "Only: " + ", ".join(known) if known else "No parameter at all"
    return [Fault(0, "", "A parameter has a name that is not known.", words)]


def _one(request: HttpRequest, name: str, faults: list[Fault]) -> str:
    given = request.GET.getlist(name)
    if len(given) > 1:
        faults.append(Fault(0, name, "It is given more than once.", "Give it once."))
    return given[0] if len(given) == 1 else ""


def _moment(text: str, faults: list[Fault]) -> dt.datetime | None:
    wanted = "A moment with its zone, such as 2026-11-22T02:00:00Z"
    found = None
    if _MOMENT.fullmatch(text):
        try:
            found = parse_datetime(text.upper().replace(" ", "T"))
            if found is not None:
                found.astimezone(dt.UTC)
        except (ValueError, OverflowError):
            found = None
    if found is None or found.year < 2000:
        faults.append(Fault(0, "as_of", "Say of which moment the rows are true.", wanted))
        return None
    if found > timezone.now() + CLOCKS_DIFFER:
        faults.append(Fault(0, "as_of", "It lies in the future.", "The moment at which the rows were read."))
        return None
    return found


def _number(
    request: HttpRequest, name: str, least: int, most: int, faults: list[Fault], *, needed: bool
) -> int | None:
    if name not in request.GET and not needed:
        return None
    text = _one(request, name, faults)
    if text.isascii() and text.isdigit() and len(text) <= 19 and least <= int(text) <= most:
        return int(text)
    faults.append(Fault(0, name, "It is no number in the range.", f"A whole number from {least} to {most}."))
    return None
