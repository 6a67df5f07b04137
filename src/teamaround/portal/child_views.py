"""A parent's pages about a child under 16: yes, no or ask me first for each team and kind; and stopping it."""

from __future__ import annotations

import uuid as uuids

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.categories import Category
from teamaround.access.log import shown
from teamaround.access.requests import FamilyRequest, family
from teamaround.people.models import Person
from teamaround.sharing.wording import PARENTS_PHONE, wording

from . import child_pages as pages
from .children import (
    AnswerRefused,
    Child,
    child_cells,
    child_sharing,
    give_child_consent,
    given_before,
    mark_of,
    my_children,
    take_back_for_child,
    teams_of,
)
from .forms import ChildForm
from .own import key_of, last_day
from .pages import Choice
from .views import own_entry, own_page


@family
def children(request: FamilyRequest) -> HttpResponse:
    """The children that somebody may answer for. Of any other nothing is told."""
    person = own_entry(request, act="list")
    mine = my_children()
    shown(request, [child.subject for child in mine], Category.INDEX)
    choices = [Choice("", child.full_name, _child_url(person, child)) for child in mine]
    return own_page(request, person, "portal/children.html", _("Your children"), children=choices)


@family
def child(request: FamilyRequest, key: uuids.UUID) -> HttpResponse:
    """Who may see what about a child: each team by each kind of information."""
    person, about = _child_of(request, key)
    cells = child_cells(about)
    form = ChildForm(
        request.POST or None,
        teams={team.team: key_of(person.pk, f"child-team:{team.team}") for team in teams_of(cells)},
        own=frozenset((cell.holder, cell.category) for cell in cells if cell.own),
        now=pages.says_now(about, cells, child_sharing(about)),
        said=pages.said_before(cells),
        initial={"seen": mark_of(cells), "until": last_day(timezone.localdate())},
    )
    status = 200
    if request.method == "POST":
        status = _send(request, about, form, mark_of(cells))
        if status == 302:
            messages.success(request, _("Saved. It counts from now."))
            return redirect(_child_url(person, about))
    return own_page(
        request,
        person,
        "portal/child.html",
        _("Who may see what about %(name)s?") % {"name": about.name},
        title=_("Yes or no for your child"),
        form=form,
        child=about,
        teams=pages.team_parts(form, cells),
        told=pages.told_of_others(about, cells),
        statements=wording(PARENTS_PHONE).statements,
        version=PARENTS_PHONE,
        change_url=reverse("portal:child_change", args=[key]) if pages.said_before(cells) else "",
        back_url=reverse("portal:children"),
        status=status,
    )


def _send(request: FamilyRequest, about: Child, form: ChildForm, now: str) -> int:
    """302 where it was recorded, 422 where it was refused beside its field, 409 where something changed."""
    valid = form.is_valid()
    if valid and given_before(about, form.cleaned_data["token"]):
        return 302
    if form.data.get("seen") != now:
        form.refuse_stale(now)
        return 409
    if not valid:
        return 422
    typed = form.cleaned_data
    try:
        give_child_consent(
            by=request.person,
            child=about,
            answers=form.answers(),
            until=typed["until"],
            token=typed["token"],
        )
    except AnswerRefused as refused:
        form.add_error(refused.field or None, str(refused))
        return 422
    return 302


@family
def child_change(request: FamilyRequest, key: uuids.UUID) -> HttpResponse:
    """What can be stopped for a child: everything, one team, one kind, or one kind for one team."""
    person, about = _child_of(request, key)
    cells = child_cells(about)
    return own_page(
        request,
        person,
        "portal/child_change.html",
        _("Change your mind about %(name)s") % {"name": about.name},
        title=_("Change your mind"),
        teams=pages.stop_teams(person.pk, about, cells),
        kinds=pages.stop_kinds(person.pk, about, cells),
        everything=reverse("portal:child_stop", args=[key, pages.child_key(person.pk, about, "all")]),
        told=pages.told_of_others(about, cells),
        back_url=_child_url(person, about),
    )


@family
def child_stop(request: FamilyRequest, key: uuids.UUID, what: uuids.UUID) -> HttpResponse:
    """What stops and what goes on, and why; then it stops, at once."""
    person, about = _child_of(request, key)
    cells = child_cells(about)
    stopping = pages.stoppable(person.pk, about, cells).get(what)
    if stopping is None:
        raise Http404
    if request.method == "POST":
        try:
            take_back_for_child(
                by=request.person, child=about, holder=stopping.holder, category=stopping.category
            )
        except AnswerRefused:
            messages.info(request, _("There was nothing to stop."))
        else:
            messages.success(request, _("Done. It has stopped."))
        return redirect(_child_url(person, about))
    ends, stays = pages.stops_and_goes_on(about, cells, child_sharing(about), stopping)
    team, kind = pages.what_words(stopping, cells)
    return own_page(
        request,
        person,
        "portal/child_stop.html",
        _("Stop sharing about %(name)s?") % {"name": about.name},
        title=_("Stop sharing?"),
        child=about,
        team=team,
        kind=kind,
        ends=ends,
        stays=stays,
        own=any(cell.own for cell in cells),
        no_url=reverse("portal:child_change", args=[key]),
        back_url=reverse("portal:child_change", args=[key]),
    )


def _child_of(request: FamilyRequest, key: uuids.UUID) -> tuple[Person, Child]:
    """Who is signed in, and the child of that key, with the line in the access log. 404 for any other child."""
    person = own_entry(request, act="change" if request.method == "POST" else "")
    found = next((each for each in my_children() if pages.child_key(person.pk, each) == key), None)
    if found is None:
        raise Http404
    shown(request, [found.subject], Category.INDEX)
    return person, found


def _child_url(person: Person, about: Child) -> str:
    return reverse("portal:child", args=[pages.child_key(person.pk, about)])
