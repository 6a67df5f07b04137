"""Pages of panels: a panel's agenda, putting a case on it, closing or taking off an item."""

from __future__ import annotations

import uuid as uuids

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from teamaround.access.log import shown
from teamaround.access.requests import StaffRequest, load, staff
from teamaround.agencies.models import Panel
from teamaround.agencies.roles import Permission
from teamaround.people.models import Person
from teamaround.ui.presentation import uk_date

from . import cards
from .agendas import agenda_of, close_item, put_on_agenda
from .ground_forms import AgendaForm, CloseItemForm
from .links import page
from .models import AgendaItem
from .pages import acted, form_page, person_and_team


@staff(Permission.CALL_MEETINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def put_on(request: StaffRequest, person: uuids.UUID) -> HttpResponse:
    """Put a case on a panel's agenda: the panel sees what I choose, until it closes the item."""
    child, _records, team = person_and_team(request, person)
    panels = {panel.slug: panel for panel in Panel.objects.filter(ended_at=None)}
    form = AgendaForm(request.POST or None, panels=[(slug, panel.name) for slug, panel in panels.items()])

    def act() -> None:
        typed = form.cleaned_data
        put_on_agenda(
            by=request.me,
            team=team,
            panel=panels[typed["panel"]].pk,
            subject=child.pk,
            agenda_on=typed["agenda_on"],
            question=typed["question"],
            categories=typed["categories"],
            token=typed["token"],
        )

    status = acted(form, act)
    if status == 302:
        messages.success(request, _("On the agenda. The panel sees what you chose from this moment."))
        return redirect("sharing:agenda", form.cleaned_data["panel"])
    return form_page(
        request,
        form if panels else None,
        child=child,
        heading=_("Put on a panel’s agenda"),
        template="sharing/act.html",
        nothing=_("No panel is set up here yet."),
        submit=_("Put on the agenda"),
        status=status,
    )


@staff(Permission.CALL_MEETINGS)
def agenda(request: StaffRequest, panel: str) -> HttpResponse:
    """A panel's agenda: for its members whole, for others what their teams put on it."""
    found = Panel.objects.filter(slug=panel).first()
    if found is None:
        raise Http404
    items = list(agenda_of(found.pk))
    if not items and found.pk not in request.me.panels:
        raise Http404
    children = {person.pk: person for person in Person.objects.filter(pk__in={i.subject_id for i in items})}
    shown(request, children, "plan", act="list")
    context = {
        "heading": _("Agenda: %(panel)s") % {"panel": found.name},
        "above": [_card(item, children.get(item.subject_id)) for item in items],
        "nothing": "" if items else _("Nothing is on the agenda."),
        "form": None,
        "back_url": page("desk:my_day"),
    }
    return render(request, "sharing/act.html", context)


def _card(item: AgendaItem, child: Person | None) -> cards.Card:
    name = child.name if child is not None else _("Somebody")
    lines = [
        _("On %(day)s, asked by %(team)s") % {"day": uk_date(item.agenda_on), "team": item.author_team.name},
        item.question,
    ]
    return cards.Card(
        title=name,
        lines=lines,
        url=reverse("sharing:close_item", args=[item.uuid]),
        action=_("Close or take off"),
    )


@staff(Permission.CALL_MEETINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def close(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """Close an item with what came of it: what the panel saw is hidden from it at once."""
    item = load(
        request, AgendaItem.objects.filter(closed_at=None).select_related("author_team", "panel"), uuid=uuid
    )
    if item.author_team_id not in request.me.teams and item.panel_id not in request.me.panels:
        raise PermissionDenied
    child = Person.objects.filter(pk=item.subject_id).first()
    form = CloseItemForm(request.POST or None, version=item.version)
    status = acted(
        form,
        lambda: close_item(
            by=request.me,
            item=item,
            version=form.cleaned_data["version"],
            outcome=form.cleaned_data["outcome"],
        ),
        current=lambda: AgendaItem.objects.values_list("version", flat=True).get(pk=item.pk),
    )
    if status == 302:
        messages.success(request, _("Closed. The panel sees no more of this case."))
        return (
            redirect("sharing:agenda", item.panel.slug)
            if item.panel_id in request.me.panels
            else redirect("desk:my_day")
        )
    return form_page(
        request,
        form,
        child=child,
        heading=_("Close this item"),
        template="sharing/act.html",
        above=[_card(item, child)],
        submit=_("Close the item"),
        status=status,
        back_url=reverse("sharing:agenda", args=[item.panel.slug]),
    )
