"""Errors as RFC 9457 says them: `application/problem+json`, one type a kind of fault, nobody's data repeated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.http import JsonResponse

CONTENT_TYPE = "application/problem+json"
PREFIX = "urn:problem-type:teamaround:"
#: So many single faults are told at once; a sender that repairs them asks again.
MOST_FAULTS = 100

#: Each type: its status, and its title, which is always the same.
TYPES: dict[str, tuple[int, str]] = {
    "unreadable": (400, "The body cannot be read"),
    "truncated": (400, "The body is not complete"),
    "digest-mismatch": (400, "The body is not what its digest says"),
    "no-idempotency-key": (400, "The call has no name"),
    "no-key": (401, "A key is needed"),
    "https-only": (403, "Only https is answered"),
    "out-of-scope": (403, "The key does not open this"),
    "not-found": (404, "There is no such thing"),
    "wrong-method": (405, "This address does not take that method"),
    "older-caseload": (409, "A later caseload came before"),
    "length-required": (411, "The length must be said"),
    "too-large": (413, "The body is too large"),
    "wrong-type": (415, "This kind of body is not taken"),
    "key-reused": (422, "The name of the call was used before"),
    "not-valid": (422, "Something in the call is wrong"),
    "too-many": (429, "Too many calls"),
    "failed": (500, "Something went wrong here"),
    "unavailable": (503, "The service cannot be reached"),
}
#: What stands for an answer that the framework made.
BY_STATUS = {
    400: "unreadable",
    401: "no-key",
    403: "out-of-scope",
    404: "not-found",
    405: "wrong-method",
    413: "too-large",
    429: "too-many",
    500: "failed",
    503: "unavailable",
}
DETAILS = {
    "not-found": "No such address, or nothing of this number that came by this feed.",
    "wrong-method": "Look into /api/openapi.json for the methods of each address.",
    "failed": "Nothing was kept. Try again later with the same Idempotency-Key.",
    "unavailable": "Try again in a moment with the same Idempotency-Key.",
    "unreadable": "The call cannot be read. Nothing was kept.",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong: where (`row` counts from 1, 0 for none; `field` a field's or a parameter's name), what,
    and what to write instead. Never the value itself."""

    row: int
    field: str
    what: str
    instead: str


@dataclass
class Problem(Exception):
    """A refusal that the caller sees."""

    kind: str
    detail: str = ""
    faults: Sequence[Fault] = ()
    headers: dict[str, str] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)

    def response(self) -> JsonResponse:
        """The answer."""
        status, title = TYPES[self.kind]
        body: dict[str, Any] = {
            "type": PREFIX + self.kind,
            "title": title,
            "status": status,
            "detail": self.detail or DETAILS.get(self.kind, title + "."),
            **self.more,
        }
        if self.faults:
            body["errors"] = [_told(fault) for fault in self.faults[:MOST_FAULTS]]
            body["error_count"] = len(self.faults)
        return JsonResponse(body, status=status, content_type=CONTENT_TYPE, headers=self.headers)


def _told(fault: Fault) -> dict[str, Any]:
    told = asdict(fault)
    if not fault.row:
        del told["row"]
    return told
