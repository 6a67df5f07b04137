"""What the front door remembers for one sign-in: the search in hand and the reasons stated today.

All of it lies in the server's session, so that no address ever carries a name, a birthday or a number.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from teamaround.index.actions import Found, Query

_SEARCH = "desk_search"
_FOUND = "desk_found"
_REASONS = "desk_reasons"
_JOINING = "desk_joining"
_SAME_AS = "desk_same_as"
REASONS_KEPT = 5
ANSWERS_KEPT = 60


def keep_search(
    request: HttpRequest, *, query: Query, reason: str, typed: dict[str, str], typing: bool = False
) -> None:
    """Remember the search in hand, and its reason for the rest of the day.

    While somebody is `typing`, what they were shown a moment ago for the same reason can still be opened.
    """
    before = request.session.get(_SEARCH) or {}
    request.session[_SEARCH] = {
        "name": query.name,
        "born": query.born.isoformat() if query.born else "",
        "postcode": query.postcode,
        "identifier": query.identifier,
        "upn": query.upn,
        "precision": query.precision,
        "reason": reason,
        "typed": typed,
    }
    if not typing or before.get("reason") != reason:
        request.session.pop(_FOUND, None)
    kept = [reason, *(each for each in reasons(request) if each != reason)][:REASONS_KEPT]
    request.session[_REASONS] = {"day": timezone.localdate().isoformat(), "texts": kept}


def search_in_hand(request: HttpRequest) -> tuple[Query, str, dict[str, str]] | None:
    """The search in hand: what is looked for, the reason, and what was typed; None where there is none."""
    kept: dict[str, Any] | None = request.session.get(_SEARCH)
    if not kept:
        return None
    born = dt.date.fromisoformat(kept["born"]) if kept["born"] else None
    query = Query(
        name=kept["name"],
        born=born,
        postcode=kept["postcode"],
        identifier=kept["identifier"],
        upn=kept.get("upn", ""),
        precision=kept.get("precision", "day"),
    )
    return query, kept["reason"], kept["typed"]


def forget_search(request: HttpRequest) -> None:
    """Begin afresh: the search and its answers are forgotten, the reasons stay for the day."""
    request.session.pop(_SEARCH, None)
    request.session.pop(_FOUND, None)


def reasons(request: HttpRequest) -> list[str]:
    """The reasons stated today, the last one first."""
    kept = request.session.get(_REASONS) or {}
    return list(kept.get("texts", ())) if kept.get("day") == timezone.localdate().isoformat() else []


def keep_found(request: HttpRequest, found: Iterable[Found]) -> None:
    """Remember what the search answered, beside what its beginnings answered: only that may be opened by stating the
    reason."""
    answered = {str(each.uuid): each.subject for each in found if not each.protected}
    before = request.session.get(_FOUND) or {}
    kept = {key: subject for key, subject in before.items() if key not in answered} | answered
    request.session[_FOUND] = dict(list(kept.items())[-ANSWERS_KEPT:])


def found_subject(request: HttpRequest, key: uuid.UUID) -> int | None:
    """The subject of one of the answers of the search in hand; None for anything else."""
    subject: int | None = (request.session.get(_FOUND) or {}).get(str(key))
    return subject


def begin_joining(request: HttpRequest, family: uuid.UUID) -> None:
    """The next person found or added is to join this family."""
    end_same_as(request)
    request.session[_JOINING] = str(family)
    forget_search(request)


def joining(request: HttpRequest) -> str:
    """The family that the next person found or added is to join; empty where there is none."""
    return str(request.session.get(_JOINING, ""))


def end_joining(request: HttpRequest) -> None:
    """The person joined, or nobody is to."""
    request.session.pop(_JOINING, None)


def begin_same_as(request: HttpRequest, person: uuid.UUID) -> None:
    """The next person found may be the same as this one."""
    end_joining(request)
    request.session[_SAME_AS] = str(person)
    forget_search(request)


def same_as(request: HttpRequest) -> str:
    """The person of whom another record is looked for; empty where there is none."""
    return str(request.session.get(_SAME_AS, ""))


def end_same_as(request: HttpRequest) -> None:
    """The records were joined, or no other record is looked for."""
    request.session.pop(_SAME_AS, None)
