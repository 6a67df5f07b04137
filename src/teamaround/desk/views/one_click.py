"""One click says that what a clock waits for is done; the page after it takes that back, or moves it."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from teamaround.access.log import shown
from teamaround.access.requests import StaffRequest, load, staff
from teamaround.agencies.roles import Permission
from teamaround.procedures.actions import EpisodeRefused
from teamaround.procedures.models import Episode
from teamaround.procedures.one_click import DoneAlready, NeedsForm, move_stop, stop_clock, undo_stop

from ..clocks import doing
from ..recorded import AnotherTimeForm, load_recorded


@require_POST
@staff(Permission.WORK_CASES)
def done(request: StaffRequest, key: uuid.UUID, clock: str) -> HttpResponse:
    """What the clock waits for is done, now. A refusal says why, on the page where it can be done."""
    episode = load(request, Episode.objects.all(), uuid=key, writable=True, act="change")
    try:
        began = parse_datetime(request.POST.get("began", ""))
    except ValueError:
        began = None
    try:
        if began is None or timezone.is_naive(began):
            raise EpisodeRefused(_("This has changed since you opened the page. Look at it again."))
        stopped = stop_clock(by=request.me, episode=episode, clock=clock, began=began)
    except NeedsForm as needs:
        messages.warning(request, str(needs))
        return redirect(doing(needs.link, episode.uuid))
    except DoneAlready as already:
        messages.info(request, str(already))
        return redirect("desk:my_day")
    except EpisodeRefused as refused:
        messages.error(request, str(refused))
        return redirect("desk:my_day")
    return redirect("desk:recorded", episode.uuid, stopped.occurrence)


@staff(Permission.WORK_CASES)
def recorded(request: StaffRequest, key: uuid.UUID, occurrence: uuid.UUID) -> HttpResponse:
    """What one click recorded. Posting undoes it, or says at what other time it happened."""
    act = "change" if request.method == "POST" else ""
    episode = load(request, Episode.objects.all(), uuid=key, writable=True, act=act)
    form = AnotherTimeForm(request.POST if request.method == "POST" and "undo" not in request.POST else None)
    try:
        if "undo" in request.POST:
            undo_stop(by=request.me, episode=episode, occurrence=occurrence)
            messages.success(request, _("Undone. It is owed again, as before."))
            return redirect("desk:my_day")
        if form.is_bound and form.is_valid():
            move_stop(by=request.me, episode=episode, occurrence=occurrence, happened_at=form.moment())
            messages.success(request, _("The time was put right."))
            return redirect("desk:recorded", episode.uuid, occurrence)
    except DoneAlready as already:
        messages.info(request, str(already))
        return redirect("desk:my_day")
    except EpisodeRefused as refused:
        if not form.is_bound:
            messages.error(request, str(refused))
            return redirect("desk:my_day")
        form.add_error("at", str(refused))
    page = load_recorded(episode, occurrence, request.me)
    if page is None:
        raise Http404
    for category in ("index", page.category):
        shown(request, page.subjects, category)
    context = {
        "page": page,
        "form": form,
        "identity": page.identity,
        "case": episode.uuid,
        "heading": _("That is recorded") if page.occurrence else _("That was undone"),
    }
    return render(request, "desk/recorded.html", context, status=422 if form.errors else 200)
