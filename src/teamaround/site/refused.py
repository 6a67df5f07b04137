"""The page for what somebody may not do: what it was, who may, and the text that they had typed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from teamaround.access.refusals import NotAllowed

SHORTEST = 20
"""Characters; a shorter answer is typed again sooner than copied."""
MOST = 10


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403. Only an action's own refusal has words, and gives back what was typed: a right that ended while somebody
    wrote takes no page of writing with it. No other page learns what it was."""
    refusal = exception if isinstance(exception, NotAllowed) else None
    typed = typed_text(request) if refusal is not None else []
    return render(request, "403.html", {"refusal": refusal, "typed": typed}, status=403)


def typed_text(request: HttpRequest) -> list[str]:
    """The longer texts of what was sent, as typed: values of one word are tokens, keys and choices."""
    if request.method != "POST":
        return []
    values = [value.strip() for name in request.POST for value in request.POST.getlist(name)]
    return [value for value in values if len(value) >= SHORTEST and len(value.split()) > 1][:MOST]
