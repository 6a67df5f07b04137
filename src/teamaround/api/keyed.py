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
from teamaround.feeds.callers import Caller
from teamaround.feeds.models import Scope

from .problems import Problem

P = ParamSpec("P")


class KeyedRequest(HttpRequest):
    """A call with a key that holds."""

    caller: Caller
    actor: Actor
    looks: Looks


KeyedView = Callable[Concatenate[KeyedRequest, P], HttpResponseBase]
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def keyed(scope: Scope) -> Callable[[KeyedView[P]], View[P]]:
    """Let callers in whose key has this scope, each as its feed. No key: 401; without the scope: 403.

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
                if scope not in caller.scopes:
                    request.refused = True  # type: ignore[attr-defined]  # for the access log
                    raise Problem("out-of-scope", f"This needs a key with the scope {scope.value}.")
                return view(cast(KeyedRequest, request), *args, **kwargs)
            except Problem as problem:
                return problem.response()

        guarded.key_scope = scope  # type: ignore[attr-defined]
        return guarded

    return decorate
