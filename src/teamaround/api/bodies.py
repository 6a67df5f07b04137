"""What came in the body of a call: its bytes, complete and of a kind that is taken; then its rows."""

from __future__ import annotations

import base64
import binascii
import csv
import hashlib
import hmac
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.http import HttpRequest, UnreadablePostError

from teamaround.feeds.intake import SENT
from teamaround.sheets import MAX_ROWS

from .problems import Fault, Problem

MAX_BYTES = 32 * 1024 * 1024
LONGEST_VALUE = 500
MOST_ADDRESS_LINES = 6
#: Bounds on what a body may hold, each some times what the most rows need.
MOST_LINES = 2 * MAX_ROWS
MOST_BRACKETS = 4 * MAX_ROWS
MOST_QUOTES = 4 * MAX_ROWS * (len(SENT) + MOST_ADDRESS_LINES)
JSON, NDJSON, CSV = "application/json", "application/x-ndjson", "text/csv"
_DIGEST = re.compile(r"\bsha-256=:([A-Za-z0-9+/=]{44}):")

#: Without any of these in any row there is nothing to bring in.
NEEDED = (
    ("a name", ("given", "family")),
    ("anything to tell a child by", ("reference", "date_of_birth", "postcode", "nhs_number", "upn")),
)

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Body:
    """A body that came whole: its bytes, their SHA-256, and the kind that it says it is."""

    data: bytes
    digest: str
    kind: str


def kind_of(request: HttpRequest) -> str:
    """The kind of body that is said to come. Raises Problem for one that is not taken. Asked first: what is said of
    letters here would count for the parameters too."""
    kind = (request.content_type or "").lower()
    if kind not in _READERS:
        raise Problem("wrong-type", f"Send {JSON}, {NDJSON} or {CSV}, in UTF-8.")
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Problem("wrong-type", "Send the body as it is, not compressed.")
    if (request.content_params or {}).get("charset", "utf-8").lower() not in ("utf-8", "utf8", "us-ascii"):
        raise Problem("wrong-type", "Send the body in UTF-8.")
    return kind


def read_body(request: HttpRequest) -> Body:
    """The body of the request. Raises Problem for one of another kind, too large, cut short, or other than its
    digest says."""
    kind = kind_of(request)
    length = str(request.META.get("CONTENT_LENGTH") or "")
    if not length.isascii() or not length.isdigit():
        raise Problem("length-required", "Say the length of the body in Content-Length.")
    if int(length[:12]) > MAX_BYTES:
        raise Problem(
            "too-large", f"A body has {MAX_BYTES // 1024 // 1024} MB at most. Send the caseload in parts."
        )
    try:
        data = request.read(MAX_BYTES + 1)
    except UnreadablePostError:
        data = b""
    if len(data) != int(length):
        raise Problem(
            "truncated", "Fewer bytes came than Content-Length says. Nothing was kept: send it again."
        )
    digest = hashlib.sha256(data)
    _check_digest(request.headers.get("Content-Digest", ""), digest.digest())
    return Body(data, digest.hexdigest(), kind)


def _check_digest(said: str, real: bytes) -> None:
    if not said:
        return
    found = _DIGEST.search(said)
    try:
        wanted = base64.b64decode(found[1], validate=True) if found else b""
    except binascii.Error:
        wanted = b""
    if not hmac.compare_digest(wanted, real):
        raise Problem(
            "digest-mismatch",
            "Content-Digest must be sha-256=:…: with the base64 of the body’s SHA-256. Nothing was kept.",
        )


def rows_of(body: Body, *, declared: int) -> list[Row]:
    """The rows of the body, each with the fields it fills. Raises Problem where the body cannot be read, does not
    hold as many rows as were declared, or any row is not as it must be: nothing is taken then."""
    try:
        found = _READERS[body.kind](body.data)
    except UnicodeDecodeError:
        raise Problem("unreadable", "The body is not UTF-8.") from None
    if len(found) != declared:
        raise Problem(
            "truncated",
            f"The call declares {declared} rows and the body holds {len(found)}. Nothing was kept: send it again.",
        )
    faults: list[Fault] = []
    rows = [_row(number, row, faults) for number, row in enumerate(found, start=1)]
    used = {name for row in rows for name in row}
    if not faults:
        faults += [
            Fault(0, "", f"No row has {what}.", f"Fill at least one of: {', '.join(names)}.")
            for what, names in NEEDED
            if not used & set(names)
        ]
    if faults:
        raise Problem("not-valid", "Nothing was kept. Correct these rows and send the whole again.", faults)
    return rows


class _Uneven:
    """A line of CSV with more or fewer cells than the first line names."""


def _row(number: int, row: Any, faults: list[Fault]) -> Row:
    if isinstance(row, _Uneven):
        faults.append(
            Fault(
                number,
                "",
                "The row has more or fewer cells than the first line names.",
                "One cell for each name, in quotes where it holds a comma.",
            )
        )
        return {}
    if not isinstance(row, dict):
        faults.append(Fault(number, "", "The row is not an object.", 'An object, such as {"given": "…"}.'))
        return {}
    kept: Row = {}
    for name, value in row.items():
        if name not in SENT:
            # The name itself may be a value in the wrong place: it is not repeated.
            faults.append(
                Fault(
                    number,
                    "",
                    "A field of the row has a name that is not known.",
                    f"One of: {', '.join(SENT)}.",
                )
            )
        elif value is not None and (taken := _value(number, name, value, faults)):
            kept[name] = taken
    if not kept and not any(fault.row == number for fault in faults[-len(row) - 1 :]):
        faults.append(Fault(number, "", "The row is empty.", "Leave the row out, and count it out too."))
    return kept


def _value(number: int, name: str, value: Any, faults: list[Fault]) -> str:
    if name == "address" and isinstance(value, list):
        if len(value) > MOST_ADDRESS_LINES:
            faults.append(Fault(number, name, "Too many lines.", f"At most {MOST_ADDRESS_LINES} lines."))
            return ""
        return ", ".join(text for line in value if (text := _text(number, name, line, faults)))
    return _text(number, name, value, faults)


def _text(number: int, name: str, value: Any, faults: list[Fault]) -> str:
    if not isinstance(value, str):
        wanted = "Text in quotes, or a list of texts." if name == "address" else "Text in quotes."
        faults.append(Fault(number, name, "The value is not text.", wanted))
        return ""
    if len(value) > LONGEST_VALUE:
        faults.append(Fault(number, name, "The value is too long.", f"At most {LONGEST_VALUE} characters."))
        return ""
    if "\0" in value or not _encodes(value):
        faults.append(
            Fault(number, name, "The value holds a character that no text can hold.", "Text in Unicode.")
        )
        return ""
    return " ".join(value.split())


def _encodes(value: str) -> bool:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _constant(name: str) -> Any:
    raise ValueError(name)


def _load(text: str) -> Any:
    return json.loads(text, parse_constant=_constant)


def _from_json(data: bytes) -> list[Any]:
    # Far more things than rows could hold are refused before each of them becomes an object in memory.
    if data.count(b"{") + data.count(b"[") > MOST_BRACKETS or data.count(b'"') > MOST_QUOTES:
        raise _too_many()
    try:
        found = _load(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        if isinstance(error, UnicodeDecodeError):
            raise
        where = (
            f" It stops making sense at line {error.lineno}."
            if isinstance(error, json.JSONDecodeError)
            else ""
        )
        raise Problem("unreadable", f"The body is not JSON.{where}") from None
    if not isinstance(found, dict) or set(found) != {"rows"} or not isinstance(found["rows"], list):
        raise Problem("unreadable", 'The body must be an object with one member, "rows": a list of rows.')
    return _not_too_many(found["rows"])


def _from_lines(data: bytes) -> list[Any]:
    if data.count(b"\n") > MOST_LINES:
        raise _too_many()
    found: list[Any] = []
    for number, line in enumerate(data.decode("utf-8-sig").split("\n"), start=1):
        if not line.strip():
            continue
        if len(found) == MAX_ROWS:
            raise _too_many()
        try:
            found.append(_load(line))
        except (ValueError, RecursionError):
            raise Problem("unreadable", f"Line {number} is not JSON.") from None
    return _not_too_many(found)


def _from_csv(data: bytes) -> list[Any]:
    if data.count(b"\n") > MOST_LINES * MOST_ADDRESS_LINES:
        raise _too_many()
    reader = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
    try:
        headings = [heading.strip() for heading in next(reader, [])]
        if not headings or any(heading not in SENT for heading in headings) or _twice(headings):
            raise Problem(
                "unreadable",
                "The first line must name the fields, each once but address, out of: "
                + ", ".join(SENT)
                + ".",
            )
        return _not_too_many(list(islice(_cells(reader, headings), MAX_ROWS + 1)))
    except csv.Error:
        raise Problem("unreadable", f"The body is not CSV: look at line {reader.line_num}.") from None


def _twice(headings: list[str]) -> bool:
    single = [heading for heading in headings if heading != "address"]
    return len(single) != len(set(single)) or len(headings) - len(single) > MOST_ADDRESS_LINES


def _cells(reader: Iterator[list[str]], headings: list[str]) -> Iterator[Any]:
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(headings):
            yield _Uneven()
            continue
        row: dict[str, Any] = {}
        for heading, cell in zip(headings, cells, strict=True):
            if heading == "address":
                row.setdefault("address", []).append(cell)
            else:
                row[heading] = cell
        yield row


def _not_too_many(rows: list[Any]) -> list[Any]:
    if len(rows) > MAX_ROWS:
        raise _too_many()
    return rows


def _too_many() -> Problem:
    return Problem("too-large", f"A call takes {MAX_ROWS:,} rows at most. Send the caseload in parts.")


_READERS: dict[str, Callable[[bytes], list[Any]]] = {JSON: _from_json, NDJSON: _from_lines, CSV: _from_csv}
