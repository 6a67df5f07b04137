"""Who may call an address: a key with a scope, and nobody else."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec, cast

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from teamaround.access.log import Looks
from teamaround.database.actor import Actor
from teamaround.feeds.callers import Caller, Choice
from teamaround.feeds.models import Scope

from .problems import Fault, Problem

P = ParamSpec("P")


class KeyedRequest(HttpRequest):
    """A call with a key that holds. `said_feed` is the feed as the call named it; "" where it named none."""

    caller: Caller
    said_feed: str
    actor: Actor
    looks: Looks


KeyedView = Callable[Concatenate[KeyedRequest, P], HttpResponseBase]
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def keyed(scope: Scope | None) -> Callable[[KeyedView[P]], View[P]]:
    """Let callers in whose key has this scope, each as the feed that the call is about; for None, any key that holds,
    about no feed. No key: 401; without the scope, or about a feed that the key does not open: 403.

    A Problem that the view raises becomes the answer. The view carries `key_scope`, which the permissions page
    and the URL sweep read.
    """

    def decorate(view: KeyedView[P]) -> View[P]:
        @csrf_exempt
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            caller: Caller | None = getattr(request, "caller", None)
            try:
                if caller is None:
                    raise Problem(
                        "no-key",
                        "Send the key as “Authorization: Bearer …”.",
                        headers={"WWW-Authenticate": 'Bearer realm="Team Around"'},
                    )
                if scope is not None:
                    _in_scope(caller, scope)
                return view(cast(KeyedRequest, request), *args, **kwargs)
            except Problem as problem:
                # For the access log.
                request.refused = problem.kind == "out-of-scope" or getattr(request, "refused", False)  # type: ignore[attr-defined]
                return problem.response()

        guarded.key_scope = scope.value if scope else ""  # type: ignore[attr-defined]
        return guarded

    return decorate


def _in_scope(caller: Caller, scope: Scope) -> None:
    """Raises Problem where the key does not open this. A feed that is not the key's and one that is nowhere are told
    alike."""
    if scope not in caller.scopes:
        raise Problem("out-of-scope", f"This needs a key with the scope {scope.value}.")
    if caller.choice is Choice.OUTSIDE:
        raise Problem(
            "out-of-scope", "The key opens no feed of this number. /api/v1/feeds lists those it opens."
        )
    if caller.choice is Choice.UNSAID:
        fault = Fault(
            0, "feed", "The key may open several feeds.", "The number of one that /api/v1/feeds lists"
        )
        raise Problem("not-valid", "Say which feed the call is about.", [fault])
