"""Finds out by its secret whose calendar is asked for, before anything else does; everybody else gets one 404."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from django.db import InterfaceError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from teamaround.access.log import Looks, write_look
from teamaround.access.me import FamilyMember, Me, actor_of, family_member_of
from teamaround.access.rates import counted, place_of
from teamaround.database.actor import ANONYMOUS, Actor, acting_as

from .calendars import account_of, digest_of, no_such_feed

logger = logging.getLogger("teamaround.calendars")

PATH = "/calendar/"
CALLS = 60
CALLS_WITHIN = 3600
"""How often one link is answered in so many seconds."""
FAILURES = 60
FAILURES_WITHIN = 600
"""How often one address may try links that open nothing before it is told to wait; links that stand go on opening."""


@dataclass(frozen=True, slots=True)
class Acting:
    """Who acts in a call, as the middleware of the request's transaction asks for it."""

    stamp: Actor

    def actor(self) -> Actor:
        """The owner's own actor, with the rights of now."""
        return self.stamp


@dataclass(frozen=True, slots=True)
class Reader:
    """A calendar program that holds a link: whose it is."""

    me: Acting
    worker: Me | None
    person: FamilyMember | None


class CalendarMiddleware:
    """Sets `request.caller` for a call with a link that stands; stands outside the request's transaction.

    Cookies count for nothing. A link that is wrong, ended, or whose owner left, is answered here.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(PATH):
            return self.get_response(request)
        try:
            answered = _found(request)
        except (OperationalError, InterfaceError) as error:
            logger.error("database unavailable: %s", type(error).__name__)
            response = HttpResponse("Try again later\n", status=503, content_type="text/plain")
            response["Retry-After"] = "60"
            return response
        if isinstance(answered, HttpResponse):
            return answered
        request.caller = answered  # type: ignore[attr-defined]
        return self.get_response(request)


def _found(request: HttpRequest) -> Reader | HttpResponse:
    secret = request.path_info.rpartition("/")[2].partition(".")[0]
    failures = f"calendar-failures:{place_of(request)}"
    with acting_as(ANONYMOUS), transaction.atomic():
        account = account_of(secret)
        actor, me = actor_of(account)
    if account is None or actor == ANONYMOUS:
        if counted(failures, FAILURES_WITHIN) > FAILURES:
            return _too_many()
        _failed()
        return no_such_feed()
    if counted(f"calendar-calls:{digest_of(secret)}", CALLS_WITHIN) > CALLS:
        return _too_many()
    person = None
    if me is None:
        with acting_as(actor), transaction.atomic():
            person = family_member_of(actor)
    return Reader(Acting(actor), me, person)


def _too_many() -> HttpResponse:
    response = HttpResponse("Too many calls\n", status=429, content_type="text/plain; charset=utf-8")
    response["Retry-After"] = str(FAILURES_WITHIN)
    return response


def _failed() -> None:
    """One line in the access log: that a link opened nothing; nothing of the link."""
    logger.warning("a calendar link opened nothing")
    with acting_as(ANONYMOUS), transaction.atomic(using="log"):
        write_look(
            actor=ANONYMOUS, page="calendar:link", looks=Looks(act="sign_in"), outcome="failed", alias="log"
        )
