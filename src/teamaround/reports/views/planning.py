"""Planning numbers: rolls, children by area, rates, and which teams are young carers' services."""

from __future__ import annotations

import uuid as uuids
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from teamaround.access.requests import StaffRequest, staff
from teamaround.agencies.roles import Permission
from teamaround.sheets import SheetError, write_csv

from .. import actions, files, loaders, presenters
from ..forms import ChoiceForm, FileForm, PlaceForm, RateForm, ServicesForm
from ..models import Place, PlaceKind

SET = Permission.SET_PLANNING


def acted(form: BaseForm, act: Callable[[], Any]) -> bool:
    """Whether the form is right and the act went through; a refusal stands beside its field."""
    if not form.is_bound or not form.is_valid():
        return False
    try:
        act()
    except actions.PlanningRefused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        return False
    return True


def _back(request: StaffRequest) -> dict[str, str]:
    url = reverse("reports:planning")
    return {"back_url": url, "back_text": _("Planning numbers"), "cancel_url": url}


@staff(SET)
def planning(request: StaffRequest) -> HttpResponse:
    """All numbers in force, with where they come from."""
    kind = request.GET.get("kind", PlaceKind.AREA)
    kind = kind if kind in PlaceKind.values else PlaceKind.AREA
    places, following = loaders.planned_places(kind, after=request.GET.get("after", ""))
    context = {
        "heading": _("Planning numbers"),
        "kind": kind,
        "they": presenters.THEY[PlaceKind(kind)],
        "kinds": [(each, text, each == kind) for each, text in presenters.KINDS.items()],
        "places": presenters.planned_lines(places),
        "next": f"?{urlencode({'kind': kind, 'after': following})}" if following else "",
        "rates": presenters.rate_lines(loaders.rates(), loaders.chosen()),
        "services": list(loaders.services()),
        "may_see": request.me.may(Permission.SEE_REPORTS),
    }
    return render(request, "reports/planning.html", context)


@staff(SET)
def add(request: StaffRequest) -> HttpResponse:
    """A place and its number."""
    form = PlaceForm(request.POST or None, initial={"kind": request.GET.get("kind", "")})
    if acted(form, lambda: actions.plan(by=request.me, planned=_planned(form))):
        messages.success(request, _("The number is set. It is counted against tonight."))
        return redirect(f"{reverse('reports:planning')}?kind={form.cleaned_data['kind']}")
    context = {"form": form, "heading": _("Add a number"), **_back(request)}
    return render(request, "ui/form_page.html", context)


def _planned(form: PlaceForm) -> actions.Planned:
    typed = form.cleaned_data
    area = typed["kind"] == PlaceKind.AREA
    agency = typed.get("agency")
    return actions.Planned(
        kind=typed["kind"],
        name=" ".join(typed["name"].split()),
        children=typed["children"],
        as_of=typed["as_of"],
        source=typed["source"].strip(),
        from_age=typed["from_age"],
        to_age=typed["to_age"],
        postcodes=actions.parse_postcodes(typed.get("postcodes") or "") if area else (),
        agency=agency.pk if agency and not area else None,
    )


@staff(SET)
def place(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """A newer number for a place."""
    found = get_object_or_404(Place.objects.select_related("agency"), uuid=uuid, ended_at=None)
    latest = found.figures.order_by("-as_of", "-pk").first()
    initial = {
        "kind": found.kind,
        "name": found.name,
        "postcodes": ", ".join(found.postcodes),
        "agency": found.agency,
        "from_age": latest.from_age if latest else 5,
        "to_age": latest.to_age if latest else 17,
    }
    data = (
        {**request.POST.dict(), "kind": found.kind, "name": found.name} if request.method == "POST" else None
    )
    form = PlaceForm(data, initial=initial)
    for fixed in ("kind", "name"):
        form.fields[fixed].widget = form.fields[fixed].hidden_widget()
    if found.kind == PlaceKind.AREA:
        form.reveals = {}
        del form.fields["agency"]
    else:
        form.reveals = {}
        del form.fields["postcodes"]
    if acted(form, lambda: actions.plan(by=request.me, planned=_planned(form))):
        messages.success(request, _("The number is set. It is counted against tonight."))
        return redirect(f"{reverse('reports:planning')}?kind={found.kind}")
    context = {
        "form": form,
        "heading": found.name,
        "caption": _("A newer number"),
        "lead": _("Earlier numbers are kept with their dates.")
        if latest is None
        else _("Now: %(children)s children. Earlier numbers are kept with their dates.")
        % {"children": presenters.number(latest.children)},
        "place": found,
        **_back(request),
    }
    return render(request, "reports/place.html", context)


@require_POST
@staff(SET)
def end(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """Plan for a place no longer."""
    found = get_object_or_404(Place, uuid=uuid, ended_at=None)
    actions.end_place(by=request.me, place=found)
    messages.success(request, _("The place is taken off the list. Its numbers are kept."))
    return redirect(f"{reverse('reports:planning')}?kind={found.kind}")


@staff(SET)
def load(request: StaffRequest) -> HttpResponse:
    """Numbers from a file: all of them, or none and what is wrong with each line."""
    form = FileForm(request.POST or None, request.FILES or None)
    faults: tuple[files.Fault, ...] = ()
    status = 200
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            loaded = files.read(
                upload.read(), upload.name, agencies=actions.partners(), taken=actions.taken_postcodes()
            )
            faults = loaded.faults
            if not faults:
                actions.plan_all(by=request.me, rows=loaded.rows)
                n = len(loaded.rows)
                messages.success(
                    request, ngettext("%(n)d number is set.", "%(n)d numbers are set.", n) % {"n": n}
                )
                return redirect("reports:planning")
        except (SheetError, actions.PlanningRefused) as refused:
            form.add_error("file", str(refused))
        status = 422
    context = {"form": form, "faults": faults, "heading": _("Load numbers from a file"), **_back(request)}
    return render(request, "reports/load.html", context, status=status)


@staff(SET)
def example(request: StaffRequest) -> HttpResponse:
    """A file to begin with: every column, one line a kind."""
    response = HttpResponse(write_csv(files.HEADINGS, files.EXAMPLE), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="planning-numbers-example.csv"'
    return response


@staff(SET)
def choose(request: StaffRequest) -> HttpResponse:
    """The low and the high rate."""
    choice = loaders.chosen()
    initial = {"low": choice.low_id, "high": choice.high_id} if choice else {}
    form = ChoiceForm(request.POST or None, initial=initial)
    if acted(form, lambda: actions.choose_rates(by=request.me, **form.cleaned_data)):
        messages.success(request, _("The rates hold from today."))
        return redirect("reports:planning")
    context = {"form": form, "heading": _("Which rates to expect by"), **_back(request)}
    return render(request, "ui/form_page.html", context)


@staff(SET)
def add_rate(request: StaffRequest) -> HttpResponse:
    """A rate of the partnership's own."""
    form = RateForm(request.POST or None)
    if acted(form, lambda: actions.add_rate(by=request.me, **form.cleaned_data)):
        messages.success(request, _("The rate is added. Choose it to expect by it."))
        return redirect("reports:choose")
    context = {"form": form, "heading": _("Add a rate"), **_back(request)}
    return render(request, "ui/form_page.html", context)


@staff(SET)
def services(request: StaffRequest) -> HttpResponse:
    """Which teams are young carers' services."""
    form = ServicesForm(
        request.POST if request.method == "POST" else None,
        initial={"teams": [service.team_id for service in loaders.services()]},
    )
    if acted(form, lambda: actions.set_services(by=request.me, teams=form.cleaned_data["teams"])):
        messages.success(request, _("Their children are counted as registered from tonight."))
        return redirect("reports:planning")
    context = {"form": form, "heading": _("Young carers’ services"), **_back(request)}
    return render(request, "ui/form_page.html", context)
