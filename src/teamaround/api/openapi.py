"""What can be called, as an OpenAPI 3.1 document, kept by hand beside the views; tests hold the two together."""

from __future__ import annotations

import functools
from typing import Any

from teamaround.feeds.intake import SENT
from teamaround.feeds.models import Scope
from teamaround.sheets import FIELDS, MAX_ROWS

from .answers import ASKED_STATES, COUNTS, ROW_STATES, RUN_STATES, WAITS_FOR
from .asked import LARGEST_PAGE, MOST_SEQUENCE, PAGE
from .bodies import CSV, JSON, LONGEST_VALUE, MAX_BYTES, MOST_ADDRESS_LINES, NDJSON
from .problems import CONTENT_TYPE, PREFIX, TYPES

Shape = dict[str, Any]
_ABOUT = """\
An agency's own system keeps its team's caseload current: it sends the caseload, and asks what became of each row.
A key is an agency's, and opens all its feeds or some of them; each feed is one team's. Errors are RFC 9457 problems and repeat nobody's data. Everything else is in
`docs/feeds.md`."""


@functools.cache
def document() -> Shape:
    """The whole document. The same for everybody."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Team Around, for an agency's own system",
            "version": "1.1.0",
            "description": _ABOUT,
            "license": {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
        },
        "servers": [{"url": "/", "description": "This installation"}],
        "security": [{"key": []}],
        "paths": {
            "/api/v1/feeds": {"get": _feeds()},
            "/api/v1/caseloads": {"post": _send()},
            "/api/v1/runs/{run}": {"get": _status()},
            "/api/v1/runs/{run}/rows": {"get": _rows()},
        },
        "components": {
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A key with scopes: "
                    + "; ".join(f"`{scope.value}` ({scope.label})" for scope in Scope),
                }
            },
            "schemas": _schemas(),
        },
    }


def _feeds() -> Shape:
    return {
        "operationId": "openFeeds",
        "summary": "The feeds that the key opens",
        "description": "Any key may ask. Where it opens several, each other call names one of them in `feed`.",
        "responses": {
            "200": {
                "description": "In the order in which they were added",
                "content": {JSON: {"schema": _ref("Feeds")}},
            },
            **_problems("no-key", "not-valid", "too-many", "failed", "unavailable"),
        },
    }


def _feed() -> Shape:
    return _query(
        "feed",
        {"type": "string", "format": "uuid"},
        "The feed, as `/api/v1/feeds` lists it. It may be left out with a key that names one feed alone. A feed "
        "that the key does not open answers 403, whether or not there is one.",
    )


def _send() -> Shape:
    return {
        "operationId": "sendCaseload",
        "summary": "Send the whole caseload, or a part of it",
        "description": f"Needs the scope `{Scope.WRITE.value}`. At most {MAX_ROWS:,} rows and "
        f"{MAX_BYTES // 1024 // 1024} MB. Nothing is kept unless everything is as it must be. Repeat a call with the "
        "same Idempotency-Key as often as needed: it is kept once and answered alike.",
        "parameters": [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": True,
                "description": "The sender's name for this caseload. Another for each, the same for a repetition.",
                "schema": {"type": "string", "minLength": 8, "maxLength": 200, "pattern": "^[!-~]+$"},
            },
            {
                "name": "Content-Digest",
                "in": "header",
                "required": False,
                "description": "RFC 9530: `sha-256=:…:` over the body.",
                "schema": {"type": "string", "pattern": "^sha-256=:[A-Za-z0-9+/]{43}=:$"},
            },
            _feed(),
            _query("caseload", {"enum": ["whole", "part"]}, "All children of the team, or some.", required=True),
            _query(
                "as_of",
                {"type": "string", "format": "date-time"},
                "The moment at which the rows were read, with its zone. A caseload of an earlier moment than one "
                "that came before is refused.",
                required=True,
            ),
            _query(
                "sequence",
                {"type": "integer", "minimum": 0, "maximum": MOST_SEQUENCE},
                "Counts the sender's caseloads upwards; decides over `as_of` where it is sent each time.",
            ),
            _query(
                "rows",
                {"type": "integer", "minimum": 1, "maximum": MAX_ROWS},
                "How many rows the body holds: one that was cut short is refused.",
                required=True,
            ),
        ],
        "requestBody": {
            "required": True,
            "content": {
                JSON: {"schema": _ref("Caseload")},
                NDJSON: {"schema": {"type": "string", "description": "One row, a JSON object, on each line."}},
                CSV: {
                    "schema": {
                        "type": "string",
                        "description": "UTF-8, comma separated. The first line names fields as in `Row`; `address` "
                        "may stand several times.",
                    }
                },
            },
        },
        "responses": {
            "202": {
                "description": "Kept, and queued",
                "headers": {
                    "Location": {"description": "Where its state is told", "schema": {"type": "string"}},
                    "Idempotent-Replayed": {
                        "description": "`true` where an earlier call is answered again",
                        "schema": {"type": "string"},
                    },
                },
                "content": {JSON: {"schema": _ref("Received")}},
            },
            **_problems(
                "unreadable", "no-key", "out-of-scope", "older-caseload", "length-required", "too-large",
                "wrong-type", "not-valid", "too-many", "failed", "unavailable",
            ),
        },
    }  # fmt: skip


def _status() -> Shape:
    return {
        "operationId": "caseloadStatus",
        "summary": "Where a caseload stands",
        "description": f"Needs the scope `{Scope.READ.value}`.",
        "parameters": [_run(), _feed()],
        "responses": {
            "200": {"description": "Its state and counts", "content": {JSON: {"schema": _ref("Run")}}},
            **_problems(
                "no-key", "out-of-scope", "not-found", "not-valid", "too-many", "failed", "unavailable"
            ),
        },
    }


def _rows() -> Shape:
    return {
        "operationId": "caseloadRows",
        "summary": "What became of each row",
        "description": f"Needs the scope `{Scope.READ.value}`. In the order of the rows; ask again with `after` "
        "set to `next_after` until it is null.",
        "parameters": [
            _run(),
            _feed(),
            _query(
                "after", {"type": "integer", "minimum": 0, "maximum": MAX_ROWS}, "Rows behind this number."
            ),
            _query(
                "limit",
                {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": PAGE},
                "So many at most.",
            ),
            _query("state", {"enum": list(ASKED_STATES)}, "Only rows in this state."),
        ],
        "responses": {
            "200": {"description": "A page of rows", "content": {JSON: {"schema": _ref("Rows")}}},
            **_problems(
                "no-key", "out-of-scope", "not-found", "not-valid", "too-many", "failed", "unavailable"
            ),
        },
    }


def _run() -> Shape:
    return {
        "name": "run",
        "in": "path",
        "required": True,
        "description": "`run` of the answer to the call that sent it",
        "schema": {"type": "string", "format": "uuid"},
    }


def _query(name: str, schema: Shape, description: str, *, required: bool = False) -> Shape:
    return {"name": name, "in": "query", "required": required, "description": description, "schema": schema}


def _ref(name: str) -> Shape:
    return {"$ref": f"#/components/schemas/{name}"}


def _problems(*kinds: str) -> Shape:
    found: dict[str, list[str]] = {}
    for kind in kinds:
        found.setdefault(str(TYPES[kind][0]), []).append(TYPES[kind][1])
    return {
        status: {"description": "; ".join(titles), "content": {CONTENT_TYPE: {"schema": _ref("Problem")}}}
        for status, titles in found.items()
    }


def _object(properties: Shape, *, optional: tuple[str, ...] = (), more: bool = False) -> Shape:
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": more,
    }


def _schemas() -> Shape:
    text = {"type": "string", "maxLength": LONGEST_VALUE}
    count = {"type": "integer", "minimum": 0}
    moment = {"type": "string", "format": "date-time"}
    row_fields = {
        name: {**text, "type": ["string", "null"], "description": FIELDS[name]}
        for name in SENT
        if name != "address"
    }
    row_fields["address"] = {
        "description": "The address without its postcode: one text, or its lines",
        "oneOf": [
            {**text, "type": ["string", "null"]},
            {"type": "array", "items": text, "maxItems": MOST_ADDRESS_LINES},
        ],
    }
    received = {
        "run": {"type": "string", "format": "uuid"},
        "received_at": moment,
        "caseload": {"enum": ["whole", "part"]},
        "as_of": moment,
        "sequence": {"type": ["integer", "null"]},
        "rows": count,
        "status_url": {"type": "string"},
        "rows_url": {"type": "string"},
    }
    return {
        "Row": {
            "type": "object",
            "description": "One child. A row needs a name, and something to tell the child by: a date of birth "
            "(2012-08-21), a postcode, an NHS number or a UPN.",
            "properties": row_fields,
            "additionalProperties": False,
            "minProperties": 1,
        },
        "Feeds": _object({"feeds": {"type": "array", "items": _ref("Feed")}}),
        "Feed": _object(
            {
                "feed": {"type": "string", "format": "uuid"},
                "name": {"type": "string"},
                "team": {"type": "string"},
            }
        ),
        "Caseload": _object(
            {"rows": {"type": "array", "items": _ref("Row"), "minItems": 1, "maxItems": MAX_ROWS}}
        ),
        "Received": _object(received),
        "Run": _object(
            {
                **received,
                "state": {"enum": sorted({*RUN_STATES.values(), "waiting", "stopped"})},
                "waits_for": {"enum": WAITS_FOR, "description": "What somebody of the team has to do"},
                "failure": {"type": "string", "description": "Why it stopped; empty where it did not"},
                "counts": _object(dict.fromkeys(COUNTS, count)),
                "progress": _object({"done": count, "total": count}),
                "finished_at": {"type": ["string", "null"], "format": "date-time"},
            }
        ),
        "Rows": _object(
            {
                "run": {"type": "string", "format": "uuid"},
                "rows": {"type": "array", "items": _ref("RowState")},
                "next_after": {"type": ["integer", "null"]},
            }
        ),
        "RowState": _object(
            {
                "row": {"type": "integer", "minimum": 1, "description": "Counted from 1, as it was sent"},
                "state": {"enum": list(ROW_STATES)},
                "same_as": {"type": "integer", "description": "The earlier row that is the same child"},
                "field": {"type": "string", "description": "Where something is wrong"},
                "reasons": {
                    "type": "array",
                    "items": {"type": "string"},
                    "description": "What is wrong, and what to write instead",
                },
            },
            optional=("same_as", "field", "reasons"),
        ),
        "Problem": _object(
            {
                "type": {"enum": [PREFIX + kind for kind in TYPES]},
                "title": {"type": "string"},
                "status": {"type": "integer"},
                "detail": {"type": "string"},
                "errors": {"type": "array", "items": _ref("Fault")},
                "error_count": {
                    "type": "integer",
                    "description": "All of them; `errors` tells the first hundred",
                },
                "latest": _object({"as_of": moment, "sequence": {"type": ["integer", "null"]}}),
            },
            optional=("errors", "error_count", "latest"),
        ),
        "Fault": _object(
            {
                "row": {"type": "integer", "minimum": 1},
                "field": {"type": "string"},
                "what": {"type": "string"},
                "instead": {"type": "string", "description": "What to write instead"},
            },
            optional=("row",),
        ),
    }
