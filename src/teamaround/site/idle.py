"""A session ends half an hour after it was last used, written down at most once a minute."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

USED = "used_in_minute"


class IdleEndMiddleware:
    """Moves the end of a signed-in session on with its use.

    Saving the session with each request would cost three statements a page; to the minute is enough.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if getattr(request, "actor", None) is not None and request.session.session_key:
            minute = int(time.time() // 60)
            if request.session.get(USED) != minute:
                request.session[USED] = minute
        return self.get_response(request)
