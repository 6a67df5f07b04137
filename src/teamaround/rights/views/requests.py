"""Requests about one's own data: recorded, their clock, the pack gathered, looked through, released."""

from __future__ import annotations

import uuid as uuids
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from teamaround.access.categories import Category
from teamaround.access.log import shown
from teamaround.access.requests import StaffRequest, staff
from teamaround.plans.views.document import PdfUnavailable, make_pdf

from .. import loaders, presenters
from ..actions import RightsRefused
from ..actions import requests as actions
from ..forms import AnswerForm, CloseForm, DecideForm, PauseForm, ReasonForm, RequestForm
from ..models import Mark, RequestKind, RightsRequest
from ..pack import Section, as_json, released, section_name
from . import HANDLE, REASON, acted, named

MOST_LISTED = 200
DOES: dict[str, Callable[..., object]] = {
    "pause": actions.ask_what_is_meant,
    "answer": actions.note_answer,
    "extend": actions.extend,
    "close": actions.close,
}


def _load(uuid: uuids.UUID) -> RightsRequest:
    return get_object_or_404(RightsRequest.objects.select_related("released_by"), uuid=uuid)


def _identity(request: StaffRequest, row: RightsRequest, *, act: str = "view") -> str:
    found = named(request, [row.subject_id], act=act)
    return found[row.subject_id].name if row.subject_id in found else _("Erased")


@staff(HANDLE)
def every(request: StaffRequest) -> HttpResponse:
    """Open requests, or closed ones."""
    closed = request.GET.get("closed") == "yes"
    rows = list(
        loaders.requests().exclude(closed_at=None).order_by("-closed_at")[:MOST_LISTED]
        if closed
        else loaders.open_requests()
    )
    names = named(request, [row.subject_id for row in rows])
    today = presenters.today()
    context = {
        "heading": _("Closed requests") if closed else _("Requests"),
        "requests": [presenters.request_line(row, names, today) for row in rows],
        "closed": closed,
        "back_url": reverse("rights:overview"),
        "back_text": _("Governance"),
    }
    return render(request, "rights/requests.html", context)


@staff(HANDLE)
def new(request: StaffRequest) -> HttpResponse:
    """Record that somebody asked."""
    form = RequestForm(request.POST or None)
    made: list[RightsRequest] = []

    def act() -> None:
        typed = dict(form.cleaned_data)
        found = actions.find_person(
            given=typed.pop("given"),
            family_name=typed.pop("family_name"),
            born=typed.pop("born"),
            postcode=typed.pop("postcode"),
        )
        shown(request, [found.subject], Category.INDEX, act="change", reason=REASON)
        made.append(actions.record_request(by=request.me, subject=found.subject, **typed))

    if acted(form, act):
        return redirect("rights:request", made[0].uuid)
    back = reverse("rights:overview")
    context = {
        "form": form,
        "heading": _("Record a request"),
        "submit": _("Record the request"),
        "back_url": back,
        "cancel_url": back,
    }
    return render(request, "ui/form_page.html", context)


@staff(HANDLE)
def one(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """A request, its clock, and what can be done."""
    row = _load(uuid)
    today = presenters.today()
    is_copy = row.kind == RequestKind.ACCESS
    context = {
        "heading": _identity(request, row),
        "caption": row.get_kind_display(),
        "row": row,
        "tag": presenters.request_tag(row, today),
        "rows": presenters.request_rows(row, today),
        "acts": presenters.request_acts(row),
        "counts": loaders.pack_counts(row) if is_copy and row.gathered_at else None,
        "is_copy": is_copy,
        "back_url": reverse("rights:overview"),
        "back_text": _("Governance"),
    }
    return render(request, "rights/request.html", context)


@staff(HANDLE)
def act(request: StaffRequest, uuid: uuids.UUID, act: str) -> HttpResponse:
    """Stop the clock, start it, extend it, close the request."""
    row = _load(uuid)
    data = request.POST or None
    form: Any
    if act == "pause":
        form, heading = PauseForm(data), _("Ask what is meant")
    elif act == "answer":
        form, heading = AnswerForm(data), _("The answer came")
    elif act == "extend":
        form, heading = ReasonForm(data), _("Take two months more")
    elif act == "close":
        form, heading = CloseForm(data, kind=row.kind), _("Close the request")
    else:
        raise Http404
    does = DOES[act]
    back = reverse("rights:request", args=[row.uuid])
    if acted(form, lambda: does(request=row, **form.cleaned_data)):
        return redirect(back)
    context = {
        "form": form,
        "heading": heading,
        "caption": _identity(request, row),
        "back_url": back,
        "cancel_url": back,
    }
    return render(request, "ui/form_page.html", context)


@require_POST
@staff(HANDLE)
def gather(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """Gather what is held; the database writes its own access row for it."""
    row = _load(uuid)
    try:
        actions.gather(request=row)
    except RightsRefused as refused:
        messages.error(request, str(refused))
        return redirect("rights:request", row.uuid)
    return redirect("rights:review", row.uuid)


@staff(HANDLE)
def review(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """Look through what was marked, a page at a time; keep or redact, with a reason."""
    row = _load(uuid)
    decided = request.GET.get("decided") == "yes"
    after = request.GET.get("after", "0")
    start = int(after) if after.isascii() and after.isdigit() and len(after) < 9 else 0
    form = DecideForm(request.POST or None)
    ticked = [
        int(each)
        for each in request.POST.getlist("items")
        if each.isascii() and each.isdigit() and len(each) < 18
    ]
    if acted(form, lambda: actions.decide(by=request.me, request=row, items=ticked, **form.cleaned_data)):
        messages.success(
            request, ngettext("%(n)s part decided.", "%(n)s parts decided.", len(ticked)) % {"n": len(ticked)}
        )
        return redirect("rights:review", row.uuid)
    found = loaders.marked(row, decided=decided, after=start)
    page = found[: loaders.PAGE]
    name = _identity(request, row)
    shown(request, [row.subject_id], Category.NOTES, reason=REASON)
    query = "?decided=yes&after=" if decided else "?after="
    context = {
        "heading": _("Look through the pack"),
        "caption": name,
        "row": row,
        "form": form,
        "items": [(item, section_name(item.table_name), Mark(item.mark).label) for item in page],
        "decided": decided,
        "ticked": ticked,
        "counts": loaders.pack_counts(row),
        "next": f"{query}{page[-1].position}" if len(found) > loaders.PAGE else "",
        "back_url": reverse("rights:request", args=[row.uuid]),
        "back_text": _("The request"),
    }
    return render(request, "rights/review.html", context)


@require_POST
@staff(HANDLE)
def release(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """Release the pack."""
    row = _load(uuid)
    try:
        actions.release(by=request.me, request=row)
    except RightsRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The pack is released and can be downloaded."))
    return redirect("rights:request", row.uuid)


def _released(request: StaffRequest, uuid: uuids.UUID) -> tuple[RightsRequest, str, list[Section]]:
    row = _load(uuid)
    if row.released_at is None:
        raise Http404
    name = _identity(request, row, act="export")
    shown(request, [row.subject_id], Category.NOTES, act="export", reason=REASON)
    return row, name, released(row.items.order_by("position"))


@staff(HANDLE)
def json(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """The released pack for machines."""
    row, name, sections = _released(request, uuid)
    assert row.released_at is not None
    made = as_json(sections, name=name, released_at=row.released_at)
    return _attached(made.encode("utf-8"), "application/json", "pack.json")


@staff(HANDLE)
def pdf(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """The released pack as a tagged PDF; where this machine cannot make one, a page that says so."""
    row, name, sections = _released(request, uuid)
    try:
        made = make_pdf(pack_html(row, name, sections))
    except PdfUnavailable:
        context = {
            "heading": _("A PDF cannot be made here"),
            "explanation": [
                _("This machine lacks Pango, which lays out the letters of a PDF."),
                _("The pack is there as JSON."),
            ],
            "next_url": reverse("rights:json", args=[row.uuid]),
            "next_text": _("Download the JSON"),
        }
        return render(request, "ui/error.html", context)
    return _attached(made, "application/pdf", "pack.pdf")


def pack_html(row: RightsRequest, name: str, sections: list[Section]) -> str:
    """The pack as the page that the PDF is made of."""
    return render_to_string("rights/pack.html", {"row": row, "name": name, "sections": sections})


def _attached(content: bytes, media_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response
