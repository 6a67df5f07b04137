"""Pages of the information-governance lead: who looked at what, and what somebody should ask about.

Reading the log is itself an access: whoever is named on a page gets a line.
"""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import BaseForm
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from teamaround.access import alerts as actions
from teamaround.access.categories import Category
from teamaround.access.log import shown
from teamaround.access.models import Alert, AlertKind, FamousName
from teamaround.access.reading import Cursor, access_log, alert_names
from teamaround.access.requests import StaffRequest, staff
from teamaround.agencies.models import Agency
from teamaround.agencies.roles import Permission

from . import loaders, presenters
from .forms import FilterForm, HoursForm, ManyForm, NameForm, SettleForm, SwitchForm

OVERSEE = Permission.OVERSEE_ACCESS
DAYS = 7


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))


@staff(OVERSEE)
def log(request: StaffRequest) -> HttpResponse:
    """The access log of some days, of one agency or all."""
    form = FilterForm(request.GET)
    form.is_valid()
    asked = form.cleaned_data
    until: dt.date = asked.get("until") or timezone.localdate()
    since: dt.date = asked.get("since") or until - dt.timedelta(days=DAYS - 1)
    agency: Agency | None = asked.get("agency")
    rows = access_log(
        since=_midnight(since),
        until=_midnight(until + dt.timedelta(days=1)),
        agency=agency.pk if agency else None,
        before=loaders.unpacked(request.GET.get("before", "")),
        most=loaders.PAGE + 1,
    )
    page = rows[: loaders.PAGE]
    shown(request, {each for row in page for each in row.subjects}, Category.INDEX, act="list")
    query = {"since": since.isoformat(), "until": until.isoformat(), "agency": agency.slug if agency else ""}
    more = len(rows) > loaders.PAGE
    context = {
        "heading": _("Access log"),
        "looks": [presenters.look_line(row) for row in page],
        "since": since.isoformat(),
        "until": until.isoformat(),
        "agency": agency.slug if agency else "",
        "agencies": Agency.objects.all(),
        "next": f"?{urlencode({**query, 'before': loaders.packed(Cursor(page[-1].at, page[-1].look))})}"
        if more
        else "",
    }
    return render(request, "oversight/log.html", context)


@staff(OVERSEE)
def alerts(request: StaffRequest) -> HttpResponse:
    """Alerts to settle, or those that were."""
    settled = request.GET.get("settled") == "yes"
    rows, following = loaders.alerts_page(settled=settled, before=request.GET.get("before", ""))
    names = _named(request, rows)
    query = {**({"settled": "yes"} if settled else {}), "before": following}
    context = {
        "heading": _("Settled alerts") if settled else _("Alerts"),
        "alerts": [presenters.alert_line(row, names) for row in rows],
        "settled": settled,
        "next": f"?{urlencode(query)}" if following else "",
    }
    return render(request, "oversight/alerts.html", context)


def _named(request: StaffRequest, rows: list[Alert]) -> dict[int, str]:
    subjects = sorted({row.subject_id for row in rows if row.subject_id is not None})
    shown(request, subjects, Category.INDEX, act="list")
    return alert_names(subjects) if subjects else {}


@staff(OVERSEE)
def alert(request: StaffRequest, alert: UUID) -> HttpResponse:
    """One alert with the look it was raised for; settling it."""
    row = get_object_or_404(Alert.objects.select_related("practitioner", "settled_by"), uuid=alert)
    back = reverse("oversight:alerts")
    form = SettleForm(request.POST or None)
    if _acted(form, lambda: actions.settle(by=request.me, alert=row, **form.cleaned_data)):
        messages.success(request, _("The alert is settled."))
        return redirect(back)
    names = _named(request, [row])
    look = loaders.look_of(row)
    shown(request, look.subjects if look else [], Category.INDEX)
    context = {
        "heading": str(AlertKind(row.kind).label),
        "rows": presenters.alert_facts(row, look, names),
        "form": None if row.settled_at else form,
        "back_url": back,
        "back_text": _("Alerts"),
        "cancel_url": back,
        "submit": _("Settle the alert"),
    }
    return render(request, "oversight/alert.html", context)


@staff(OVERSEE)
def rules(request: StaffRequest) -> HttpResponse:
    """When alerts are raised."""
    context = {
        "heading": _("When alerts are raised"),
        "rules": [presenters.rule_line(rule) for rule in loaders.rules_now()],
        "back_url": reverse("oversight:alerts"),
        "back_text": _("Alerts"),
    }
    return render(request, "oversight/rules.html", context)


FORMS: dict[str, type[SwitchForm | ManyForm | HoursForm]] = {"many": ManyForm, "out_of_hours": HoursForm}


@staff(OVERSEE)
def change_rule(request: StaffRequest, kind: str) -> HttpResponse:
    """A rule from now on; those before it stay as they were."""
    if kind not in AlertKind.values:
        raise Http404
    of_all = next((rule for rule in loaders.rules_now() if rule.kind == kind and rule.agency is None), None)
    initial: dict[str, Any] = {"active": "yes"}
    if of_all is not None:
        initial = {
            "active": "yes" if of_all.active else "no",
            "limit": of_all.limit,
            "opens": of_all.opens,
            "closes": of_all.closes,
        }
    form = FORMS.get(kind, SwitchForm)(request.POST or None, initial=initial)

    def act() -> None:
        typed = dict(form.cleaned_data)
        agency = typed.pop("agency", None)
        active = typed.pop("active") == "yes"
        actions.set_rule(
            by=request.me, kind=kind, active=active, agency=agency.pk if agency else None, **typed
        )

    back = reverse("oversight:rules")
    if _acted(form, act):
        messages.success(request, _("The rule holds from now on."))
        return redirect(back)
    context = {"form": form, "heading": str(AlertKind(kind).label), "back_url": back, "cancel_url": back}
    return render(request, "ui/form_page.html", context)


@staff(OVERSEE)
def names(request: StaffRequest) -> HttpResponse:
    """The list of well-known names."""
    form = NameForm(request.POST or None)
    if _acted(form, lambda: actions.add_famous_name(by=request.me, **form.cleaned_data)):
        messages.success(request, _("The name is on the list."))
        return redirect("oversight:names")
    context = {
        "heading": _("Well-known names"),
        "names": [presenters.name_line(name) for name in loaders.famous_names()],
        "form": form,
        "back_url": reverse("oversight:alerts"),
        "back_text": _("Alerts"),
    }
    return render(request, "oversight/names.html", context)


@require_POST
@staff(OVERSEE)
def end_name(request: StaffRequest) -> HttpResponse:
    """Take a name off the list."""
    number = request.POST.get("name", "")
    if not number.isascii() or not number.isdigit() or len(number) > 18:
        raise Http404
    name = get_object_or_404(FamousName, pk=int(number), ended_at=None)
    actions.end_famous_name(name=name)
    messages.success(request, _("The name is off the list."))
    return redirect("oversight:names")


def _acted(form: BaseForm, act: Any) -> bool:
    """Whether the form is right and the act went through; a refusal stands beside its field."""
    if not form.is_bound or not form.is_valid():
        return False
    try:
        act()
    except actions.AlertRefused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        return False
    return True
