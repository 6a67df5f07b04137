"""What is answered when something breaks outside a view: in the session, in sign-in, on the way out.

Django turns what one middleware raises into an answer before the next one outside it can catch it; the
one place that meets all of it is the handler of failures.
"""

from __future__ import annotations

import logging
import sys

from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.defaults import server_error

from teamaround.access.middleware import database_down

logger = logging.getLogger("teamaround.requests")


def failed(request: HttpRequest) -> HttpResponseBase:
    """503 where the database is away or its pool is exhausted, 500 for everything else; both plain pages."""
    error = sys.exc_info()[1]
    if isinstance(error, OperationalError | InterfaceError):
        logger.error("database unavailable: %s", type(error).__name__)
        return database_down(request)
    return server_error(request)


class KeptSessionMiddleware(SessionMiddleware):
    """Sessions, left as they were by an answer that says the database is away: saving would wait for it again."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if response.status_code == 503:
            return response
        try:
            return super().process_response(request, response)
        except SessionInterrupted as error:
            # Django takes every failure to save for a session that was ended meanwhile.
            if not _is_outage(error):
                raise
            logger.error("database unavailable: %s", type(error).__name__)
            return database_down(request)


def _is_outage(error: BaseException | None) -> bool:
    """Whether an unreachable database stands behind an error."""
    while error is not None:
        if isinstance(error, OperationalError | InterfaceError):
            return True
        error = error.__cause__ or error.__context__
    return False
