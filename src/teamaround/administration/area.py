"""Pages that set up the area: agencies, sites, teams, panels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from teamaround.access.requests import StaffRequest, staff
from teamaround.agencies import actions
from teamaround.agencies.models import Agency, Panel, PanelSeat, Practitioner, Team
from teamaround.agencies.roles import Permission
from teamaround.feeds.loaders import late
from teamaround.notices.loaders import unsent
from teamaround.ui.forms import StaleForm

from . import loaders, presenters
from .forms import AgencyForm, ChangeTeamForm, PanelForm, SeatForm, SiteForm, TeamForm

SET_UP = Permission.SET_UP_AREA


def acted(form: BaseForm, act: Callable[[], Any]) -> bool:
    """Whether the form is right and the act went through; a refusal stands beside its field."""
    if not form.is_bound or not form.is_valid():
        return False
    try:
        act()
    except actions.SetUpRefused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        return False
    return True


def form_page(
    request: StaffRequest, form: BaseForm, heading: str, back: str, *, status: int = 200, **more: Any
) -> HttpResponse:
    """The page of one form."""
    context = {"form": form, "heading": heading, "back_url": back, "cancel_url": back, **more}
    return render(request, "ui/form_page.html", context, status=status)


def form_step(
    request: StaffRequest,
    form: BaseForm,
    act: Callable[[], Any],
    *,
    said: str,
    heading: str,
    back: str,
    **more: Any,
) -> HttpResponse:
    """A form that leads back once its act went through, and says so; else its page, with what was refused."""
    if acted(form, act):
        messages.success(request, said)
        return redirect(back)
    return form_page(request, form, heading, back, **more)


@staff(SET_UP)
def overview(request: StaffRequest) -> HttpResponse:
    agencies = list(loaders.agencies_for_overview())
    panels = list(loaders.panels_for_overview())
    people = Practitioner.objects.filter(left_at=None).count()
    context = {
        "heading": _("Administration"),
        "agencies": presenters.by_sector(agencies),
        "panels": panels,
        "people": people,
        "waiting": len(loaders.open_invitations()),
        "steps": presenters.first_steps(agencies, panels, people),
        "late_feeds": presenters.late_warning(len(late())),
        "post": presenters.post_warning(unsent()),
    }
    return render(request, "administration/overview.html", context)


@staff(SET_UP)
def new_agency(request: StaffRequest) -> HttpResponse:
    form = AgencyForm(request.POST or None)
    if acted(form, lambda: actions.add_agency(by=request.me.principal, **form.cleaned_data)):
        made = Agency.objects.get(name=form.cleaned_data["name"])
        messages.success(request, _("The agency was added. Add its teams next."))
        return redirect("administration:agency", made.slug)
    return form_page(request, form, _("Add an agency"), reverse("administration:overview"))


@staff(SET_UP)
def agency(request: StaffRequest, agency: str) -> HttpResponse:
    found = get_object_or_404(loaders.agencies_for_overview(), slug=agency)
    context = {
        "heading": found.name,
        "caption": found.get_sector_display(),
        "agency": found,
        "teams": presenters.agency_line(found).teams,
        "sites": list(found.sites.all()),
        "back_url": reverse("administration:overview"),
    }
    return render(request, "administration/agency.html", context)


@staff(SET_UP)
def change_agency(request: StaffRequest, agency: str) -> HttpResponse:
    found = get_object_or_404(Agency, slug=agency)
    back = reverse("administration:agency", args=[agency])
    form = AgencyForm(
        request.POST or None, initial={"name": found.name, "sector": found.sector, "phone": found.phone}
    )
    return form_step(
        request,
        form,
        lambda: actions.change_agency(by=request.me.principal, agency=found, **form.cleaned_data),
        said=_("The agency was changed."),
        heading=_("Change %s") % found.name,
        back=back,
    )


@staff(SET_UP)
def new_site(request: StaffRequest, agency: str) -> HttpResponse:
    found = get_object_or_404(Agency, slug=agency)
    back = reverse("administration:agency", args=[agency])
    form = SiteForm(request.POST or None)
    return form_step(
        request,
        form,
        lambda: actions.add_site(by=request.me.principal, agency=found, **form.cleaned_data),
        said=_("The site was added."),
        heading=_("Add a site"),
        back=back,
        caption=found.name,
    )


@staff(SET_UP)
def new_team(request: StaffRequest, agency: str) -> HttpResponse:
    found = get_object_or_404(Agency, slug=agency)
    back = reverse("administration:agency", args=[agency])
    form = TeamForm(request.POST or None, agency=found)
    return form_step(
        request,
        form,
        lambda: actions.add_team(by=request.me.principal, agency=found, **form.cleaned_data),
        said=_("The team was added. Invite the people who work in it."),
        heading=_("Add a team"),
        back=back,
        caption=found.name,
    )


@staff(SET_UP)
def team(request: StaffRequest, team: str) -> HttpResponse:
    found = get_object_or_404(Team.objects.select_related("agency", "site"), slug=team)
    context = {
        "heading": found.name,
        "caption": found.agency.name,
        "team": found,
        "facts": presenters.team_facts(found),
        "members": [presenters.member_line(each) for each in loaders.members_of(found)],
        "back_url": reverse("administration:agency", args=[found.agency.slug]),
        "back_text": found.agency.name,
    }
    return render(request, "administration/team.html", context)


@staff(SET_UP)
def change_team(request: StaffRequest, team: str) -> HttpResponse:
    found = get_object_or_404(Team.objects.select_related("agency", "site"), slug=team)
    back = reverse("administration:team", args=[team])
    names = ("name", "site", "phone", "email", "sensitivity", "takes_referrals", "procedure_slug")
    initial = {name: getattr(found, name) for name in names} | {"sensitivity": found.sensitivity or "no"}
    form = ChangeTeamForm(request.POST or None, agency=found.agency, version=found.version, initial=initial)
    try:
        if acted(form, lambda: actions.change_team(by=request.me.principal, team=found, **form.cleaned_data)):
            messages.success(request, _("The team was changed."))
            return redirect(back)
        status = 200
    except actions.StaleTeam:
        found.refresh_from_db()
        form.refuse_stale(StaleForm(found.version, ""))
        status = 409
    heading = _("Change %s") % found.name
    return form_page(request, form, heading, back, status=status, caption=found.agency.name)


@staff(SET_UP)
def new_panel(request: StaffRequest) -> HttpResponse:
    form = PanelForm(request.POST or None)
    if acted(form, lambda: actions.add_panel(by=request.me.principal, **form.cleaned_data)):
        made = Panel.objects.get(name=form.cleaned_data["name"])
        messages.success(request, _("The panel was added. Add its members next."))
        return redirect("administration:panel", made.slug)
    lead = _("A panel’s members see a case while it is on the panel’s agenda, and not before or after.")
    return form_page(request, form, _("Add a panel"), reverse("administration:overview"), lead=lead)


@staff(SET_UP)
def panel(request: StaffRequest, panel: str) -> HttpResponse:
    found = get_object_or_404(loaders.panels_for_overview(), slug=panel)
    context = {
        "heading": found.name,
        "caption": _("Panel"),
        "panel": found,
        "members": [presenters.seat_line(seat) for seat in loaders.seats_of(found)],
        "back_url": reverse("administration:overview"),
    }
    return render(request, "administration/panel.html", context)


@staff(SET_UP)
def change_panel(request: StaffRequest, panel: str) -> HttpResponse:
    found = get_object_or_404(Panel, slug=panel)
    back = reverse("administration:panel", args=[panel])
    form = PanelForm(request.POST or None, initial={"name": found.name, "chair_team": found.chair_team_id})
    return form_step(
        request,
        form,
        lambda: actions.change_panel(by=request.me.principal, panel=found, **form.cleaned_data),
        said=_("The panel was changed."),
        heading=_("Change %s") % found.name,
        back=back,
    )


@staff(SET_UP)
def seat(request: StaffRequest, panel: str) -> HttpResponse:
    found = get_object_or_404(Panel, slug=panel)
    back = reverse("administration:panel", args=[panel])
    form = SeatForm(request.POST or None)
    return form_step(
        request,
        form,
        lambda: actions.seat_on_panel(by=request.me.principal, panel=found, **form.cleaned_data),
        said=_("The member was added."),
        heading=_("Add a member"),
        back=back,
        caption=found.name,
    )


@staff(SET_UP)
@require_POST
def unseat(request: StaffRequest, panel: str) -> HttpResponse:
    held = next(
        (
            each
            for each in PanelSeat.objects.filter(panel__slug=panel, until=None).select_related(
                "panel", "practitioner"
            )
            if str(each.practitioner.uuid) == request.POST.get("practitioner")
        ),
        None,
    )
    if held is None:
        raise Http404
    actions.unseat_from_panel(by=request.me.principal, seat=held)
    messages.success(request, _("The member was taken off the panel."))
    return redirect("administration:panel", panel)
