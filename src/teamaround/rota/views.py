"""The week's board by site, a worker's hours, and the days on which they are away. No page shows a child."""

from __future__ import annotations

import datetime as dt
import uuid as uuids
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from teamaround.access.requests import StaffRequest, staff
from teamaround.agencies.models import Agency, Membership, Practitioner, Site
from teamaround.agencies.roles import Permission
from teamaround.ui.components import SummaryRow
from teamaround.ui.presentation import week_in_words

from . import working
from .actions import FURTHEST, CalendarRefused
from .forms import AwayForm, PatternForm
from .models import RotaException
from .presenters import boards, headings


@staff()
def week(request: StaffRequest) -> HttpResponse:
    """Who sits at which site in a week: of the own agency, of another, or of all."""
    monday = _monday(request.GET.get("week", ""))
    agencies = list(Agency.objects.filter(ended_at=None, sites__isnull=False).distinct())
    asked = request.GET.get("agency", "")
    own = next((each for each in agencies if each.pk == request.me.team.agency), None)
    chosen = next((each for each in agencies if each.slug == asked), None if asked == "all" else own)
    sites = working.week_of(monday, chosen.pk if chosen else None)
    query = f"agency={chosen.slug if chosen else 'all'}"
    context = {
        "heading": _("Rota"),
        "caption": week_in_words(monday),
        "days": headings(monday),
        "boards": boards(sites if chosen else [each for each in sites if each.people], monday),
        "agencies": agencies,
        "chosen": chosen,
        "monday": monday.isoformat(),
        "earlier": f"?{query}&week={(monday - dt.timedelta(days=7)).isoformat()}",
        "now": "" if monday == _monday("") else f"?{query}",
        "later": f"?{query}&week={(monday + dt.timedelta(days=7)).isoformat()}",
        "closes": request.me.may(Permission.KEEP_CALENDARS),
    }
    return render(request, "rota/week.html", context)


def _monday(typed: str) -> dt.date:
    """The Monday of the week asked for; of this week where it is none, or too far away."""
    today = timezone.localdate()
    try:
        day = dt.date.fromisoformat(typed)
    except ValueError:
        day = today
    if abs((day - today).days) > FURTHEST:
        day = today
    return day - dt.timedelta(days=day.weekday())


@staff()
def mine(request: StaffRequest) -> HttpResponse:
    """My own hours."""
    me = get_object_or_404(Practitioner, pk=request.me.principal)
    return redirect("rota:person", worker=me.uuid)


def _somebody(worker: uuids.UUID) -> Practitioner:
    return get_object_or_404(Practitioner, uuid=worker, left_at=None)


@staff()
def person(request: StaffRequest, worker: uuids.UUID) -> HttpResponse:
    """When and where somebody works. Why they are away is for themselves and their managers."""
    somebody = _somebody(worker)
    today = timezone.localdate()
    keeps = working.keeps_rota_of(somebody.pk)
    own = somebody.pk == request.me.principal
    context = {
        "heading": _("My hours") if own else somebody.name,
        "caption": somebody.job_title,
        "worker": somebody,
        "teams": _teams(somebody.pk),
        "days": [
            SummaryRow(day, lines)
            for day, lines in working.pattern_in_words(working.pattern_of(somebody.pk, today))
        ],
        "keeps": keeps,
        "exceptions": [_line(row) for row in working.exceptions_of(somebody.pk, today)] if keeps else [],
        "away": [] if keeps else working.away_in_words(somebody.pk, today),
        "back_url": reverse("rota:week"),
        "back_text": _("Rota"),
    }
    return render(request, "rota/person.html", context)


def _teams(who: int) -> list[str]:
    """The names of the teams in which somebody works now."""
    current = Membership.objects.current().filter(practitioner_id=who, team__ended_at=None)
    return sorted(set(current.values_list("team__name", flat=True)))


def _line(row: RotaException) -> dict[str, Any]:
    words = row.get_kind_display()
    return {
        "words": _("At %s") % row.site.name if row.site else words,
        "days": working.days_in_words(row.day, row.until),
        "uuid": row.uuid,
    }


def _sites() -> list[Site]:
    return list(Site.objects.select_related("agency").order_by("agency__name", "name"))


@staff()
@require_http_methods(["GET", "HEAD", "POST"])
def hours(request: StaffRequest, worker: uuids.UUID) -> HttpResponse:
    """When somebody works, from a day on."""
    somebody = _kept(worker)
    today = timezone.localdate()
    rows = working.pattern_of(somebody.pk, today)
    form = PatternForm(request.POST or None, sites=_sites(), rows=rows, initial={"from_day": today})
    if request.method == "POST" and form.is_valid():
        try:
            working.set_pattern(
                by=request.me, who=somebody, from_day=form.cleaned_data["from_day"], spans=form.spans()
            )
        except CalendarRefused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            messages.success(request, _("The hours are set."))
            return redirect("rota:person", worker=somebody.uuid)
    return _form(
        request,
        somebody,
        form,
        _("Working hours"),
        _("Set the hours"),
        _("What falls due outside these hours goes to whoever is on duty."),
    )


@staff()
@require_http_methods(["GET", "HEAD", "POST"])
def away(request: StaffRequest, worker: uuids.UUID) -> HttpResponse:
    """Days on which somebody is away, or at another site."""
    somebody = _kept(worker)
    sites = _sites()
    form = AwayForm(request.POST or None, sites=sites)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            working.add_exception(
                by=request.me,
                who=somebody,
                kind=given["kind"],
                day=given["day"],
                until=given["until"],
                site=next((site for site in sites if str(site.pk) == given.get("site")), None),
            )
        except CalendarRefused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            messages.success(request, _("It is on the rota."))
            return redirect("rota:person", worker=somebody.uuid)
    return _form(request, somebody, form, _("Away, or at another site"), _("Put it on the rota"), "")


def _kept(worker: uuids.UUID) -> Practitioner:
    """Somebody whose rota is mine to keep: 403 for anybody else's."""
    somebody = _somebody(worker)
    if not working.keeps_rota_of(somebody.pk):
        raise PermissionDenied
    return somebody


def _form(
    request: StaffRequest, somebody: Practitioner, form: Any, heading: str, submit: str, lead: str
) -> HttpResponse:
    url = reverse("rota:person", args=[somebody.uuid])
    context = {
        "form": form,
        "heading": heading,
        "caption": somebody.name,
        "lead": lead,
        "submit": submit,
        "cancel_url": url,
        "back_url": url,
        "back_text": _("My hours") if somebody.pk == request.me.principal else somebody.name,
    }
    return render(request, "ui/form_page.html", context)


@require_POST
@staff()
def back(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """They are there after all. What I may not read does not exist for me."""
    row = RotaException.objects.select_related("practitioner").filter(uuid=uuid).first()
    if row is None:
        raise Http404
    working.withdraw_exception(by=request.me, exception=row)
    messages.success(request, _("Taken off the rota."))
    return redirect("rota:person", worker=row.practitioner.uuid)
