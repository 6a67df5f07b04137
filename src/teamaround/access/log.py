"""The access log: one row a request that shows a subject's data, with a line for each subject shown.

A view says what it shows with `shown(request, ...)`; the middleware writes the row and its lines in the
view's own transaction, so that nothing is shown whose record could not be kept. Refusals are written on a
connection of their own, so that the rollback of the request does not take them along.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, connections
from django.http import HttpRequest

from teamaround.database.actor import Actor


@dataclass(slots=True)
class Looks:
    """What one request has shown so far."""

    lines: dict[int, set[str]] = field(default_factory=dict)
    act: str = "view"
    reason: str = ""

    @property
    def told(self) -> bool:
        """Whether there is anything to write: a subject shown, or a search even where it found nobody."""
        return bool(self.lines) or self.act == "search"


def looks_of(request: HttpRequest) -> Looks:
    """The collector of this request."""
    found: Looks | None = getattr(request, "looks", None)
    if found is None:
        found = Looks()
        request.looks = found  # type: ignore[attr-defined]
    return found


def shown(
    request: HttpRequest, subjects: Iterable[int], category: str, *, act: str = "", reason: str = ""
) -> None:
    """Say that this request shows rows of `category` about these subjects.

    `act` is one of view, list, search, export, print, change; `reason` is the reason the person stated.
    """
    looks = looks_of(request)
    for subject in subjects:
        looks.lines.setdefault(subject, set()).add(category)
    if act:
        looks.act = act
    if reason:
        looks.reason = reason


def failed_guess(request: HttpRequest, *, account: int | None = None) -> None:
    """Say that somebody tried to sign in and could not; `account` where the guess was at a known one.

    The middleware writes it after the request. What was typed is never kept.
    """
    request.failed_guess = account or 0  # type: ignore[attr-defined]


_LOOK = "insert into access_look (id, account_id, principal, page, act, reason, outcome) values (%s,%s,%s,%s,%s,%s,%s)"
_LINES = (
    "insert into access_look_line (look, subject_id, categories) "
    "select %s, s, string_to_array(c, ',') from unnest(%s::bigint[], %s::text[]) as x(s, c)"
)


def write_look(
    *, actor: Actor, page: str, looks: Looks, outcome: str = "shown", alias: str = "default"
) -> None:
    """Write one access and its lines. Inside the caller's transaction on `default`, or on `log` at once."""
    look = uuid.uuid4()
    target = connection if alias == "default" else connections[alias]
    row: list[Any] = [
        look,
        actor.account or None,
        actor.principal,
        page,
        looks.act,
        looks.reason[:200],
        outcome,
    ]
    with target.cursor() as cursor:
        if not looks.lines:
            cursor.execute(_LOOK, row)
            return
        subjects = sorted(looks.lines)
        lines: list[Any] = [look, subjects, [",".join(sorted(looks.lines[s])) for s in subjects]]
        cursor.execute(f"with look as ({_LOOK}) {_LINES}", [*row, *lines])
