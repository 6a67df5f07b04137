"""Panels: sittings, agendas, decisions; the cases that a panel may need to see; what is missing in the area."""

from __future__ import annotations

import datetime as dt
import uuid as uuids
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from teamaround.access.edits import StaleEdit
from teamaround.access.log import shown
from teamaround.access.requests import StaffRequest, load, staff
from teamaround.agencies.models import Panel
from teamaround.agencies.roles import Permission
from teamaround.people.models import Person
from teamaround.ui import forms
from teamaround.ui.components import SummaryRow, Tag
from teamaround.ui.forms import StaleForm
from teamaround.ui.presentation import uk_date

from . import panels
from .actions import MeetingRefused
from .forms import moment
from .kinds import Need, PanelOutcome, PanelReason
from .models import PanelItem, PanelSitting
from .presenters import page, when


class SittingForm(forms.Form):
    """When a panel sits."""

    panel = django_forms.ChoiceField(label=gettext_lazy("Which panel?"))
    starts_on = forms.DateField(label=gettext_lazy("Date"), not_past=True)
    starts_at = forms.TimeField(label=gettext_lazy("Time"), widget=forms.TextInput(width=10))
    place = django_forms.CharField(label=gettext_lazy("Place"), max_length=200)
    lasts = django_forms.IntegerField(
        label=gettext_lazy("How many minutes does it last?"), initial=120, widget=forms.TextInput(width=3)
    )

    def __init__(self, *args: Any, panels: list[Panel], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["panel"]
        chosen.choices = [(each.slug, each.name) for each in panels]


class DecideForm(forms.VersionedForm):
    """What came of a case. A decision is asked for unless the case is put off."""

    mark_optional = False

    outcome = django_forms.ChoiceField(
        label=gettext_lazy("What came of it?"), choices=PanelOutcome.choices, widget=forms.RadioSelect
    )
    decision = django_forms.CharField(
        label=gettext_lazy("What was decided, and why?"),
        required=False,
        max_length=1000,
        widget=django_forms.Textarea({"rows": 4}),
        help_text=gettext_lazy("The team that brought the case reads it."),
    )
    escalate = django_forms.BooleanField(
        label=gettext_lazy("Ask the managers of the case’s team to look at it"), required=False
    )
    gap_need = django_forms.ChoiceField(
        label=gettext_lazy("Is anything needed that is not there?"),
        required=False,
        choices=[("", gettext_lazy("Nothing is missing")), *Need.choices],
        help_text=gettext_lazy("Counted by need and area for those who plan services. Nobody is named."),
    )
    gap_area = django_forms.CharField(
        label=gettext_lazy("In which area?"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("A ward or a town. Leave it empty for the whole area."),
    )
    gap_note = django_forms.CharField(
        label=gettext_lazy("What exactly is missing?"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("For example: nothing in the evenings; a wait of five months."),
    )


def _reason(item: PanelItem) -> Tag:
    colours: Any = {PanelReason.STAGNATED: "red", PanelReason.SIX_MONTHS: "orange"}
    return Tag(str(PanelReason(item.reason).label), colours.get(item.reason, "blue"))


def _child(subject: Any) -> str:
    person: Person | None = getattr(subject, "person", None)
    return person.name if person is not None else _("A case that is no longer before you")


def _ask_url(subject: Any) -> str:
    person: Person | None = getattr(subject, "person", None)
    return page("sharing:put_on_agenda", person.uuid) if person is not None else ""


def _case_words(case: panels.Standing) -> str:
    if case.reason == PanelReason.STAGNATED:
        return _("Nothing recorded for %(days)s days") % {"days": case.quiet_days}
    return _("Open for %(days)s days") % {"days": case.open_days}


@staff(Permission.CALL_MEETINGS)
def overview(request: StaffRequest) -> HttpResponse:
    """Sittings of my panels, and my teams' cases that a panel may need to see."""
    me = request.me
    mine = [
        each
        for each in Panel.objects.filter(ended_at=None)
        if each.pk in me.panels or each.chair_team_id in me.teams
    ]
    sittings = PanelSitting.objects.filter(panel__in=mine).select_related("panel").order_by("-starts_at")[:20]
    cases = panels.due_cases(me)
    shown(request, {case.subject_id for case in cases if case.subject_id}, "plan", act="list")
    context = {
        "heading": _("Panels"),
        "may_plan": bool(mine),
        "sittings": [
            {
                "when": when(row.starts_at),
                "panel": row.panel.name,
                "place": row.place,
                "url": reverse("meetings:sitting", args=[row.uuid]),
                "tag": Tag(_("Over"), "grey") if row.closed_at else Tag(_("To come"), "blue"),
            }
            for row in sittings
        ],
        "cases": [
            {
                "child": _child(case.subject),
                "team": case.author_team.name,
                "why": _case_words(panels.standing_of(case)),
                "url": page("desk:case", case.uuid),
                "ask_url": _ask_url(case.subject),
            }
            for case in cases
        ],
        "quiet_days": panels.QUIET_DAYS,
    }
    return render(request, "meetings/panels.html", context)


@staff(Permission.CALL_MEETINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: StaffRequest) -> HttpResponse:
    """Say when a panel sits."""
    me = request.me
    mine = [
        each
        for each in Panel.objects.filter(ended_at=None)
        if each.pk in me.panels or each.chair_team_id in me.teams
    ]
    if not mine:
        raise PermissionDenied
    form = SittingForm(request.POST or None, panels=mine)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            made = panels.plan_sitting(
                by=me,
                panel=next(each for each in mine if each.slug == typed["panel"]),
                starts_at=moment(typed["starts_on"], typed["starts_at"]),
                place=typed["place"],
                lasts=typed["lasts"],
            )
        except MeetingRefused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            return redirect("meetings:sitting", uuid=made.uuid)
    context = {
        "form": form,
        "heading": _("Plan a sitting"),
        "submit": _("Save"),
        "back_url": reverse("meetings:panels"),
        "back_text": _("Panels"),
    }
    return render(request, "ui/form_page.html", context)


def _sitting(request: StaffRequest, uuid: uuids.UUID) -> PanelSitting:
    row = PanelSitting.objects.select_related("panel").filter(uuid=uuid).first()
    if row is None or not (row.panel_id in request.me.panels or row.panel.chair_team_id in request.me.teams):
        raise Http404
    return row


@staff(Permission.CALL_MEETINGS)
def sitting(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """A sitting and its agenda, the most urgent case first."""
    row = _sitting(request, uuid)
    items = panels.items_of(row)
    shown(request, {item.subject_id for item in items}, "plan", act="list")
    member = row.panel_id in request.me.panels
    context = {
        "heading": row.panel.name,
        "sitting": row,
        "facts": [
            SummaryRow(_("When"), when(row.starts_at)),
            SummaryRow(_("Where"), row.place),
            SummaryRow(_("Lasts"), _("%(minutes)s minutes") % {"minutes": row.lasts}),
        ],
        "items": [
            {
                "rank": item.rank,
                "child": _child(item.subject),
                "question": item.agenda_item.question,
                "team": item.author_team.name,
                "reason": _reason(item),
                "minutes": item.minutes,
                "outcome": item.get_outcome_display() if item.outcome else "",
                "url": reverse("meetings:panel_item", args=[item.uuid]),
            }
            for item in items
        ],
        "open": member and row.closed_at is None,
        "back_url": reverse("meetings:panels"),
        "back_text": _("Panels"),
    }
    return render(request, "meetings/sitting.html", context)


@require_POST
@staff(Permission.CALL_MEETINGS)
def build(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """Build a sitting's agenda from what was put before the panel."""
    row = _sitting(request, uuid)
    try:
        items = panels.build_agenda(by=request.me, sitting=row)
    except MeetingRefused as refused:
        messages.error(request, str(refused))
    else:
        if not items:
            messages.warning(request, _("Nothing is on this panel’s agenda."))
    return redirect("meetings:sitting", uuid=row.uuid)


@require_POST
@staff(Permission.CALL_MEETINGS)
def close(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """Close a sitting."""
    row = _sitting(request, uuid)
    version = request.POST.get("version", "")
    try:
        panels.close_sitting(by=request.me, sitting=row, version=int(version) if version.isdecimal() else 0)
    except MeetingRefused as refused:
        messages.error(request, str(refused))
    except StaleEdit:
        messages.error(request, _("Somebody changed this sitting meanwhile. Look at it, then try again."))
    else:
        messages.success(request, _("The sitting is over. What was not reached is put off to the next."))
    return redirect("meetings:sitting", uuid=row.uuid)


@staff(Permission.CALL_MEETINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def item(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """A case before a panel: what is asked; the panel decides."""
    rows = PanelItem.objects.select_related(
        "sitting", "panel", "agenda_item", "author_team", "author_team__agency", "subject__person"
    )
    row = load(request, rows, uuid=uuid)
    member = row.panel_id in request.me.panels
    deciding = member and row.decided_at is None and row.sitting.closed_at is None
    form = None
    status = 200
    if deciding:
        initial = {"escalate": row.reason == PanelReason.STAGNATED}
        form = DecideForm(request.POST or None, version=row.version, initial=initial)
    elif request.method == "POST" and not member:
        raise PermissionDenied
    if form is not None and request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        decided = panels.Decided(**{name: typed[name] for name in panels.Decided.__dataclass_fields__})
        try:
            panels.decide(by=request.me, item=row, version=typed["version"], decided=decided)
        except MeetingRefused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        except StaleEdit:
            current = PanelItem.objects.values_list("version", flat=True).get(pk=row.pk)
            form.refuse_stale(StaleForm(current))
            status = 409
        else:
            messages.success(request, _("Recorded. The team that brought the case reads it."))
            return redirect("meetings:sitting", uuid=row.sitting.uuid)
    person: Person | None = getattr(row.subject, "person", None)
    context = {
        "heading": _child(row.subject),
        "caption": row.panel.name,
        "form": form,
        "facts": _item_facts(row),
        "person_url": page("desk:person", person.uuid) if person is not None else "",
        "back_url": reverse("meetings:sitting", args=[row.sitting.uuid])
        if member
        else reverse("meetings:panels"),
        "back_text": _("The sitting") if member else _("Panels"),
    }
    return render(request, "meetings/panel_item.html", context, status=status)


def _item_facts(row: PanelItem) -> list[SummaryRow]:
    found = [
        SummaryRow(_("Sitting"), when(row.sitting.starts_at)),
        SummaryRow(_("Asked by"), f"{row.author_team.name}, {row.author_team.agency.name}"),
        SummaryRow(_("The question"), row.agenda_item.question),
        SummaryRow(_("Why now"), str(PanelReason(row.reason).label)),
        SummaryRow(_("Time"), _("%(minutes)s minutes") % {"minutes": row.minutes}),
    ]
    if row.outcome:
        found.append(SummaryRow(_("What came of it"), row.get_outcome_display()))
    if row.decision:
        found.append(SummaryRow(_("Decision"), row.decision))
    if row.escalated_at:
        found.append(SummaryRow(_("Managers asked to look"), uk_date(row.escalated_at)))
    if row.gap_need:
        words = [each for each in (row.get_gap_need_display(), row.gap_area, row.gap_note) if each]
        found.append(SummaryRow(_("Missing here"), words))
    return found


@staff(Permission.SEE_REPORTS)
def gaps(request: StaffRequest) -> HttpResponse:
    """Gaps in provision that panels found in the last twelve months, by need and area."""
    today = timezone.localdate()
    rows = panels.gaps(today - dt.timedelta(days=365), today + dt.timedelta(days=1))
    context = {
        "heading": _("Gaps in provision"),
        "rows": [
            {
                "need": row.need,
                "area": row.area or _("Elsewhere, or not said"),
                "children": str(row.children.known)
                if row.children.known is not None
                else _("fewer than %(few)s") % {"few": row.children.high + 1},
            }
            for row in rows
        ],
    }
    return render(request, "meetings/gaps.html", context)
