"""The addresses of version 1: which feeds a key opens, send a caseload, ask how it stands, ask about its rows."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from teamaround.access.log import shown
from teamaround.feeds.callers import opened_by
from teamaround.feeds.jobs import take_in
from teamaround.feeds.models import FeedCall, Scope
from teamaround.feeds.receiving import Arrival, KeyReused, OlderCaseload, TooManyWaiting, receive
from teamaround.importing.models import ImportRow
from teamaround.sheets import SheetError

from .answers import ASKED_STATES, feed_answer, received_answer, row_answer, rows_in, run_answer
from .asked import nothing_asked, page_wanted, what_is_said
from .bodies import kind_of, read_body, rows_of
from .keyed import KeyedRequest, keyed
from .openapi import document
from .problems import Problem


@csrf_exempt
@require_safe
def openapi(request: HttpRequest) -> JsonResponse:
    """What can be called, as an OpenAPI document. It names nobody, and anybody may read it."""
    return JsonResponse(document())


@require_safe
@keyed(None)
def feeds(request: KeyedRequest) -> JsonResponse:
    """The feeds that the key opens now."""
    nothing_asked(request)
    return JsonResponse({"feeds": [feed_answer(feed) for feed in opened_by(request.caller)]})


@require_POST
@keyed(Scope.WRITE)
def caseloads(request: KeyedRequest) -> JsonResponse:
    """Keep a caseload and queue it: 202 with the address at which its state is told."""
    kind_of(request)
    said = what_is_said(request)
    body = read_body(request)
    arrival = Arrival(
        filename=f"{'Whole caseload' if said.whole else 'Part of a caseload'}, {said.as_of:%Y-%m-%d %H.%M}.csv",
        count=said.rows,
        rows=rows_of(body, declared=said.rows),
        digest=body.digest,
        key=said.key,
        whole=said.whole,
        as_of=said.as_of,
        sequence=said.sequence,
    )
    try:
        kept = receive(by=request.caller, arrival=arrival)
    except KeyReused:
        raise Problem(
            "key-reused",
            "This Idempotency-Key came before with another caseload. Nothing was kept: send a key of its own "
            "with each caseload.",
        ) from None
    except OlderCaseload as older:
        raise Problem(
            "older-caseload",
            "A caseload of a later moment, or with a sequence that is as high, came before. Nothing was kept, so "
            "that what is known now is not overwritten.",
            more={"latest": {"as_of": older.latest.as_of.isoformat(), "sequence": older.latest.sequence}},
        ) from None
    except TooManyWaiting:
        raise Problem(
            "too-many",
            "Many caseloads of this feed still wait for their turn.",
            headers={"Retry-After": "300"},
        ) from None
    except SheetError:
        raise Problem("too-large", "These rows are more than one upload holds. Send them in parts.") from None
    if kept.has_turn:
        take_in.defer(feed=request.caller.feed)
    answer = received_answer(kept.call, feed=request.said_feed)
    headers = {"Location": answer["status_url"]}
    if kept.before:
        headers["Idempotent-Replayed"] = "true"
    return JsonResponse(answer, status=202, headers=headers)


@require_safe
@keyed(Scope.READ)
def run(request: KeyedRequest, uuid: UUID) -> JsonResponse:
    """Where a caseload stands, with counts."""
    nothing_asked(request, "feed")
    return JsonResponse(run_answer(_call(request, uuid), by=request.caller.me, feed=request.said_feed))


@require_safe
@keyed(Scope.READ)
def rows(request: KeyedRequest, uuid: UUID) -> JsonResponse:
    """What became of each row, by its number; a page at a time."""
    wanted = page_wanted(request, ASKED_STATES)
    call = _call(request, uuid)
    found = list(
        rows_in(
            ImportRow.objects.filter(run=call.run, number__gt=wanted.after), call.run, wanted.state
        ).order_by("number")[: wanted.limit + 1]
    )
    more, found = len(found) > wanted.limit, found[: wanted.limit]
    shown(request, [row.subject_id for row in found if row.subject_id], "index", act="list")
    answer = {
        "run": str(uuid),
        "rows": [row_answer(row, call.run) for row in found],
        "next_after": found[-1].number if more else None,
    }
    return JsonResponse(answer)


def _call(request: KeyedRequest, uuid: UUID) -> FeedCall:
    """The caseload that came by the caller's feed. Another's, or one that came by hand, does not exist."""
    call = FeedCall.objects.select_related("run__progress").filter(
        run__uuid=uuid, feed_id=request.caller.feed, author_team_id=request.caller.team
    )
    found = call.first()
    if found is None:
        request.refused = True  # type: ignore[attr-defined]  # for the access log
        raise Problem("not-found")
    return found
