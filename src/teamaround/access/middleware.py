"""Each request runs as one stamped transaction of one actor, and leaves its line in the access log."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError, transaction
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.functional import SimpleLazyObject

from teamaround.agencies.models import Account
from teamaround.database.actor import ANONYMOUS, Actor, acting_as

from .log import Looks, looks_of, write_look
from .me import Me, actor_of

logger = logging.getLogger("teamaround.requests")

Handler = Callable[[HttpRequest], HttpResponseBase]


class DatabaseDownMiddleware:
    """A plain page when the database is away; trying again works once it is back."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer 503 for a database that stopped under us; every other error goes on."""
        if isinstance(error, OperationalError | InterfaceError):
            logger.error("database unavailable: %s", type(error).__name__)
            request.failed = True  # type: ignore[attr-defined]
            return database_down(request)
        return None


def database_down(request: HttpRequest) -> HttpResponse:
    """The page for a database that cannot be reached."""
    response = render(None, "ui/unavailable.html", status=503)
    response["Retry-After"] = "10"
    return response


class ActorMiddleware:
    """Finds who is asking, stamps the request's transaction, and writes the access log.

    Lazy template responses are rendered inside; a streaming response is stamped again for its own time.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            return self._within(request)
        except (OperationalError, InterfaceError) as error:
            logger.error("database unavailable: %s", type(error).__name__)
            return database_down(request)

    def _within(self, request: HttpRequest) -> HttpResponseBase:
        actor, me = _who(request)
        request.actor = actor  # type: ignore[attr-defined]
        request.me = me  # type: ignore[attr-defined]
        with acting_as(actor), transaction.atomic():
            response = self.get_response(request)
            if getattr(request, "failed", False) or response.status_code >= 500:
                transaction.set_rollback(True)
            elif looks_of(request).told:
                # Whatever the status: a form shown again after a refusal (409, 422) shows the data too.
                write_look(actor=actor, page=page_of(request), looks=looks_of(request))
                request.looks = Looks()  # type: ignore[attr-defined]
        if response.status_code in (403, 404) and getattr(request, "refused", False):
            record_refusal(request, actor, response.status_code)
        if (account := getattr(request, "failed_guess", None)) is not None:
            record_failed_guess(request, account, response.status_code)
        if isinstance(response, StreamingHttpResponse) and not response.is_async:
            response.streaming_content = _stamped(request, actor, iter(response.streaming_content))  # type: ignore[arg-type]
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> None:
        """Anything a view raises undoes what it wrote; a refusal is remembered for the log."""
        request.failed = True  # type: ignore[attr-defined]
        if isinstance(error, Http404 | PermissionDenied):
            request.refused = True  # type: ignore[attr-defined]


def record_refusal(request: HttpRequest, actor: Actor, status: int) -> None:
    """One row for a refused attempt, in a transaction of its own connection."""
    with acting_as(actor), transaction.atomic(using="log"):
        write_look(
            actor=actor,
            page=page_of(request),
            looks=Looks(act="refused"),
            outcome=str(status),
            alias="log",
        )


def record_failed_guess(request: HttpRequest, account: int, status: int) -> None:
    """One row for an attempt to sign in that failed, or came after too many: whose account, and no word typed."""
    actor = Actor(kind="anonymous", account=account)
    with acting_as(actor), transaction.atomic(using="log"):
        write_look(
            actor=actor,
            page=page_of(request),
            looks=Looks(act="sign_in"),
            outcome="locked" if status == 429 else "failed",
            alias="log",
        )


def page_of(request: HttpRequest) -> str:
    """The name of the URL pattern: it holds no identifier of anybody."""
    match = request.resolver_match
    return (match.view_name if match and match.view_name else "unknown")[:80]


def _who(request: HttpRequest) -> tuple[Actor, Me | None]:
    if hasattr(request, "caller"):
        # A machine's call: a key speaks for it or nobody does, whatever cookies came along.
        return (request.caller.me.actor() if request.caller is not None else ANONYMOUS), None
    account = request.user if request.session.session_key or request.session.keys() else None
    return actor_of(_plain(account))


def _plain(account: Any) -> Account | None:
    if account is None:
        return None
    if isinstance(account, SimpleLazyObject):
        account = account if account.is_authenticated else None
    return account


def _stamped(request: HttpRequest, actor: Actor, chunks: Iterator[Any]) -> Iterator[Any]:
    """The chunks in a transaction of their own; what they said they show is written however they end."""
    try:
        with acting_as(actor), transaction.atomic():
            yield from chunks
    finally:
        if looks_of(request).told:
            with acting_as(actor), transaction.atomic(using="log"):
                write_look(actor=actor, page=page_of(request), looks=looks_of(request), alias="log")
