"""When services are closed, the hours of sites, and the schools' terms: one page, for administrators and managers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.contrib import messages
from django.db.models import Max, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from teamaround.access.me import Me
from teamaround.access.requests import StaffRequest, staff
from teamaround.agencies.models import Site, Team
from teamaround.agencies.roles import Permission
from teamaround.procedures.following import follow_soon
from teamaround.rota.actions import (
    CalendarRefused,
    add_term,
    close_for,
    hours_in_words,
    set_site_hours,
    withdraw_closure,
    withdraw_term,
)
from teamaround.rota.hours import hours_as_typed, read_hours
from teamaround.rota.models import Closure, SchoolTerm, SiteOpening
from teamaround.ui import forms
from teamaround.ui.presentation import uk_date
from teamaround.workingtime import WEEKDAYS
from teamaround.workingtime.calendar import Hours

KEEP = Permission.KEEP_CALENDARS
MOST = 100
FOLLOW = gettext_lazy("Clocks that are running are being reckoned anew.")


class ClosureForm(forms.Form):
    """Who is closed, from which day to which, and why. A manager is asked about the own teams alone."""

    of = django_forms.ChoiceField(label=gettext_lazy("Who is closed?"))
    day = forms.DateField(label=gettext_lazy("First day"))
    until = forms.DateField(
        label=gettext_lazy("Last day"), required=False, help_text=gettext_lazy("Leave empty for one day.")
    )
    reason = django_forms.CharField(
        label=gettext_lazy("Why?"),
        max_length=100,
        help_text=gettext_lazy(
            "People read it beside their clocks, for example: training of the whole team."
        ),
    )

    def __init__(self, *args: Any, me: Me, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["of"].choices = _choices(me)  # type: ignore[attr-defined]  # a field of choices


class TermForm(forms.Form):
    """A term of the area's schools, or half of one."""

    name = django_forms.CharField(
        label=gettext_lazy("Name"),
        max_length=60,
        help_text=gettext_lazy("For example: Autumn 2026, first half"),
    )
    first_day = forms.DateField(label=gettext_lazy("First day of school"))
    last_day = forms.DateField(label=gettext_lazy("Last day of school"))


class HoursForm(forms.Form):
    """A site's hours, a line a weekday."""

    mark_optional = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number, name in enumerate(WEEKDAYS):
            self.fields[name.lower()] = django_forms.CharField(
                label=_(name),
                max_length=60,
                required=False,
                widget=forms.TextInput(width=20),
                help_text=_("For example 9:00-12:30, 13:30-17:00. Empty: closed.") if number == 0 else "",
            )


@dataclass(frozen=True, slots=True)
class Line:
    """One closure or term: what, when, by whom, and where it is withdrawn."""

    words: str
    days: str
    kept: str
    uuid: UUID | None


@dataclass(frozen=True, slots=True)
class SiteLine:
    """A site and its hours in words."""

    name: str
    hours: str
    url: str


def _administers(me: Me) -> bool:
    return me.may(Permission.SET_UP_AREA)


def _choices(me: Me) -> list[tuple[str, str]]:
    teams = Team.objects.filter(ended_at=None).select_related("agency").order_by("agency__name", "name")
    if not _administers(me):
        managed = [seat.team for seat in me.seats if me.may_for(KEEP, seat.team)]
        return [(f"team-{team.pk}", team.name) for team in teams.filter(pk__in=managed)]
    sites = Site.objects.select_related("agency").order_by("agency__name", "name")
    return [
        ("", _("Choose who is closed")),
        ("area", _("The whole area")),
        *((f"site-{site.pk}", _("Site: %(site)s") % {"site": site.name}) for site in sites),
        *((f"team-{team.pk}", f"{team.agency.name}: {team.name}") for team in teams),
    ]


@staff(KEEP)
@require_http_methods(["GET", "HEAD", "POST"])
def closures(request: StaffRequest) -> HttpResponse:
    """The closures to come, the terms and the hours of sites; and closing for days."""
    form = ClosureForm(request.POST or None, me=request.me)
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data
        kind, _dash, number = wanted["of"].partition("-")
        try:
            close_for(
                by=request.me,
                day=wanted["day"],
                until=wanted["until"],
                reason=wanted["reason"],
                team=Team.objects.get(pk=number) if kind == "team" else None,
                site=Site.objects.get(pk=number) if kind == "site" else None,
            )
        except CalendarRefused as refused:
            form.add_error(refused.field if refused.field in form.fields else "of", str(refused))
        else:
            follow_soon()
            messages.success(request, _("Closed for these days.") + f" {FOLLOW}")
            return redirect("administration:closures")
    administers = _administers(request.me)
    context = {
        "form": form,
        "heading": _("Closures, terms and opening hours"),
        "closures": [_closure(each, request.me) for each in _standing(request.me)],
        "terms": [_term(each, administers) for each in _terms()],
        "sites": _sites() if administers else [],
        "administers": administers,
        "back_url": reverse("administration:overview") if administers else "",
        "back_text": _("Administration"),
    }
    return render(request, "administration/closures.html", context)


def _standing(me: Me) -> list[Closure]:
    """The closures that are not over; for a manager, those that close the own teams."""
    found = Closure.objects.filter(withdrawn_at=None, until__gte=timezone.localdate())
    if not _administers(me):
        sites = Team.objects.filter(pk__in=me.teams).values("site_id")
        found = found.filter(Q(team=None, site=None) | Q(team__in=me.teams) | Q(site__in=sites))
    return list(found.select_related("team", "site", "recorded_by").order_by("day", "pk")[:MOST])


def _terms() -> list[SchoolTerm]:
    found = SchoolTerm.objects.filter(withdrawn_at=None, last_day__gte=timezone.localdate())
    return list(found.select_related("recorded_by").order_by("first_day")[:MOST])


def _closure(row: Closure, me: Me) -> Line:
    who = row.team.name if row.team else row.site.name if row.site else _("The whole area")
    mine = _administers(me) or (row.team_id is not None and me.may_for(KEEP, row.team_id))
    return Line(
        words=f"{who}: {row.reason}",
        days=_days(row.day, row.until),
        kept=_("Recorded by %(who)s") % {"who": row.recorded_by.name},
        uuid=row.uuid if mine else None,
    )


def _term(row: SchoolTerm, administers: bool) -> Line:
    return Line(
        words=row.name,
        days=_days(row.first_day, row.last_day),
        kept=_("Recorded by %(who)s") % {"who": row.recorded_by.name},
        uuid=row.uuid if administers else None,
    )


def _days(first: Any, last: Any) -> str:
    if first == last:
        return uk_date(first)
    return _("%(first)s to %(last)s, both included") % {"first": uk_date(first), "last": uk_date(last)}


def _sites() -> list[SiteLine]:
    openings: dict[int, list[SiteOpening]] = {}
    for row in SiteOpening.objects.order_by("weekday", "opens"):
        openings.setdefault(row.site_id, []).append(row)
    return [
        SiteLine(
            name=f"{site.agency.name}: {site.name}",
            hours=hours_in_words(_hours(openings.get(site.pk, []))) or _("As each team’s procedure says"),
            url=reverse("administration:site_hours", args=[site.agency.slug, slugify(site.name)]),
        )
        for site in Site.objects.select_related("agency").order_by("agency__name", "name")
    ]


def _hours(rows: list[SiteOpening]) -> Hours:
    return tuple(
        tuple((row.opens, row.closes) for row in rows if row.weekday == day) for day in range(len(WEEKDAYS))
    )


@require_POST
@staff(KEEP)
def reopen(request: StaffRequest) -> HttpResponse:
    """Withdraw a closure."""
    found = _chosen(request, Closure)
    try:
        withdraw_closure(by=request.me, closure=found)
    except CalendarRefused as refused:
        messages.error(request, str(refused))
    else:
        follow_soon()
        messages.success(request, _("Withdrawn: open on these days after all.") + f" {FOLLOW}")
    return redirect("administration:closures")


def _chosen(request: HttpRequest, model: type[Any]) -> Any:
    try:
        wanted = UUID(request.POST.get("id", ""))
    except ValueError as wrong:
        raise Http404 from wrong
    return get_object_or_404(model, uuid=wanted)


@staff(KEEP, Permission.SET_UP_AREA)
@require_http_methods(["GET", "HEAD", "POST"])
def new_term(request: StaffRequest) -> HttpResponse:
    """A further term."""
    form = TermForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            add_term(by=request.me, **form.cleaned_data)
        except CalendarRefused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            follow_soon()
            messages.success(request, _("The term is added.") + f" {FOLLOW}")
            return redirect("administration:closures")
    latest = SchoolTerm.objects.filter(withdrawn_at=None).aggregate(last=Max("last_day"))["last"]
    context = {
        "form": form,
        "heading": _("Add a school term"),
        "lead": _("Terms are known until %(day)s. After that every day counts as term time.")
        % {"day": uk_date(latest)}
        if latest
        else _("No term is known yet. Until then every day counts as term time."),
        "submit": _("Add the term"),
        "cancel_url": reverse("administration:closures"),
        "back_url": reverse("administration:closures"),
    }
    return render(request, "ui/form_page.html", context)


@require_POST
@staff(KEEP, Permission.SET_UP_AREA)
def remove_term(request: StaffRequest) -> HttpResponse:
    """Withdraw a term."""
    withdraw_term(by=request.me, term=_chosen(request, SchoolTerm))
    follow_soon()
    messages.success(request, _("The term is withdrawn.") + f" {FOLLOW}")
    return redirect("administration:closures")


@staff(KEEP, Permission.SET_UP_AREA)
@require_http_methods(["GET", "HEAD", "POST"])
def site_hours(request: StaffRequest, agency: str, site: str) -> HttpResponse:
    """The opening hours of a site."""
    places = Site.objects.select_related("agency").filter(agency__slug=agency)
    place = next((each for each in places if slugify(each.name) == site), None)
    if place is None:
        raise Http404
    kept = _hours(list(SiteOpening.objects.filter(site=place).order_by("opens")))
    form = HoursForm(request.POST or None, initial=hours_as_typed(kept))
    if request.method == "POST" and form.is_valid():
        try:
            set_site_hours(by=request.me, site=place, hours=read_hours(form.cleaned_data))
        except CalendarRefused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            follow_soon()
            messages.success(request, _("The hours are set.") + f" {FOLLOW}")
            return redirect("administration:closures")
    context = {
        "form": form,
        "heading": _("Opening hours"),
        "caption": f"{place.agency.name}: {place.name}",
        "lead": _(
            "Teams at this site are open at these hours, whatever their procedure says. Leave all days empty to go "
            "back to each procedure’s own hours."
        ),
        "submit": _("Set the hours"),
        "cancel_url": reverse("administration:closures"),
        "back_url": reverse("administration:closures"),
    }
    return render(request, "ui/form_page.html", context)
