"""Finds out by its key which feed calls, before anything else does; every error below /api/ is a problem+json."""

from __future__ import annotations

import logging
from collections.abc import Callable
from urllib.parse import parse_qs
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from teamaround.access.log import Looks, write_look
from teamaround.access.rates import counted, place_of
from teamaround.database.actor import ANONYMOUS, Actor, acting_as
from teamaround.feeds.callers import Caller, NoCaller, caller_of, note_use

from .problems import BY_STATUS, CONTENT_TYPE, Fault, Problem

logger = logging.getLogger("teamaround.api")

PATH = "/api/"
CALLS_A_MINUTE = 120
FAILURES = 20
FAILURES_WITHIN = 300


class KeyMiddleware:
    """Sets `request.caller` for a call with a key that holds; stands outside the request's transaction.

    A call without a key goes on and is refused by the view: some addresses need none. Cookies count for nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(PATH):
            return self.get_response(request)
        # Parameters are read as UTF-8 whatever a call says of its letters: it may name what are no letters at all.
        request.encoding = "utf-8"
        try:
            request.caller = _caller(request)  # type: ignore[attr-defined]
        except Problem as problem:
            return problem.response()
        except (OperationalError, InterfaceError) as error:
            logger.error("database unavailable: %s", type(error).__name__)
            return Problem("unavailable", headers={"Retry-After": "10"}).response()
        return as_problem(self.get_response(request))


def as_problem(response: HttpResponseBase) -> HttpResponseBase:
    """The answer, a page of the framework's own replaced by a problem."""
    if response.status_code < 400 or response.headers.get("Content-Type", "").startswith(CONTENT_TYPE):
        return response
    kind = BY_STATUS.get(response.status_code, "failed" if response.status_code >= 500 else "unreadable")
    kept = {name: response.headers[name] for name in ("Allow", "Retry-After") if name in response.headers}
    return Problem(kind, headers=kept).response()


def _caller(request: HttpRequest) -> Caller | None:
    authorization = request.headers.get("Authorization", "")
    if not authorization:
        return None
    if not (request.is_secure() or settings.DEMONSTRATION):
        raise Problem(
            "https-only",
            "This call came by plain http, so its key may have been read on the way: have it revoked.",
        )
    place = f"api-failures:{place_of(request)}"
    if counted(place, FAILURES_WITHIN, add=0) >= FAILURES:
        raise Problem(
            "too-many",
            "Too many calls with keys that open nothing came from this address.",
            headers={"Retry-After": str(FAILURES_WITHIN)},
        )
    scheme, _, written = authorization.partition(" ")
    try:
        if scheme.lower() != "bearer":
            raise NoCaller("written wrongly")
        said = _said_feeds(request)
        with acting_as(ANONYMOUS), transaction.atomic():
            caller = caller_of(written.strip(), said[0] if said else None)
    except NoCaller as refused:
        counted(place, FAILURES_WITHIN)
        _failed(request, refused)
        raise Problem(
            "no-key",
            "The key opens nothing. It may be mistyped, revoked or past its last day: ask your partnership’s "
            "administrator.",
            headers={"WWW-Authenticate": 'Bearer realm="Team Around", error="invalid_token"'},
        ) from None
    if counted(f"api-calls:{caller.key}", 60) > CALLS_A_MINUTE:
        raise Problem(
            "too-many", f"A key may call {CALLS_A_MINUTE} times a minute.", headers={"Retry-After": "60"}
        )
    if said is None or len(said) > 1:
        fault = Fault(0, "feed", "It is no number of a feed.", "One that /api/v1/feeds lists, given once")
        raise Problem("not-valid", "Correct the parameters.", [fault])
    request.said_feed = str(said[0]) if said else ""  # type: ignore[attr-defined]
    with acting_as(caller.me.actor()), transaction.atomic():
        note_use(caller)
    return caller


def _said_feeds(request: HttpRequest) -> list[UUID] | None:
    """The feeds that the call names, one at best; None where what it names is no number of a feed. Read past
    `request.GET`, which takes what a call says of its letters at its word."""
    try:
        query = parse_qs(request.META.get("QUERY_STRING", ""), keep_blank_values=True, max_num_fields=100)
        return [UUID(each) for each in query.get("feed", [])]
    except ValueError:
        return None


def _failed(request: HttpRequest, refused: NoCaller) -> None:
    """One line in the log and one in the access log: that a key opened nothing, and why; nothing of the key."""
    logger.warning("a key opened nothing: %s", refused.why)
    actor = Actor(kind="anonymous", principal=refused.principal)
    with acting_as(actor), transaction.atomic(using="log"):
        write_look(actor=actor, page="api:key", looks=Looks(act="sign_in"), outcome="failed", alias="log")
