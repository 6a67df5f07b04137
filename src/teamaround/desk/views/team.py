"""The manager's day: the team as a list and as a board, views that are kept, and the team's measure of a still case."""

from __future__ import annotations

import uuid

from django import forms as django_forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from teamaround.access.categories import Category
from teamaround.access.log import shown
from teamaround.access.requests import StaffRequest, staff
from teamaround.agencies.roles import Permission
from teamaround.ui import forms

from ..models import SavedView, TeamPace
from ..team import KINDS, Asked, load_team, managed

MOST_VIEWS = 20


class ViewForm(forms.Form):
    """The name of a view that is kept."""

    name = django_forms.CharField(
        label=gettext_lazy("Keep this view as"),
        max_length=60,
        help_text=gettext_lazy("For example: Late with Dana. Do not name a child."),
        widget=forms.TextInput(width=20),
    )


class PaceForm(forms.Form):
    """After how many days without an event a case is still."""

    days = django_forms.IntegerField(
        label=gettext_lazy("A case is still after how many days without any event?"),
        min_value=3,
        max_value=365,
        widget=forms.TextInput(width=3, attrs={"inputmode": "numeric"}),
    )


def asked_of(given: QueryDict) -> Asked:
    """The filters of an address; what is none is passed over."""
    try:
        worker = str(uuid.UUID(given.get("worker", "")))
    except ValueError:
        worker = ""
    kind = given.get("kind", "")
    stage = given.get("stage", "")
    after = given.get("after", "")
    return Asked(
        worker=worker,
        kind=kind if kind in KINDS else "",
        stage=stage if len(stage) <= 40 and stage.replace("-", "").isalnum() else "",
        after=int(after) if after.isascii() and after.isdigit() and len(after) < 6 else 0,
    )


@staff(Permission.DECIDE_REFERRALS)
def team(request: StaffRequest) -> HttpResponse:
    """The team's cases by urgency, with what is late by worker."""
    return _page(request, board=False)


@staff(Permission.DECIDE_REFERRALS)
def board(request: StaffRequest) -> HttpResponse:
    """The team's cases as cards, a column for each stage."""
    return _page(request, board=True)


def _page(request: StaffRequest, *, board: bool) -> HttpResponse:
    page = load_team(request.me, asked_of(request.GET), board=board)
    for category in (Category.INDEX, Category.REFERRAL):
        shown(request, page.subjects, category, act="list")
    context = {
        "page": page,
        "board": board,
        "heading": page.team,
        "view_form": ViewForm(),
        "pace_form": PaceForm(initial={"days": page.still_days}),
    }
    return render(request, "desk/board.html" if board else "desk/team.html", context)


@require_POST
@staff(Permission.DECIDE_REFERRALS)
def keep_view(request: StaffRequest) -> HttpResponse:
    """Keep the filters in `query` under a name; the same name again takes the new filters."""
    form = ViewForm(request.POST)
    query = asked_of(QueryDict(request.POST.get("query", "")[:200])).query()
    mine = SavedView.objects.filter(practitioner_id=request.me.principal)
    if not form.is_valid():
        messages.error(request, _("Give the view a name of at most 60 letters."))
    elif mine.filter(name=form.cleaned_data["name"]).update(query=query):
        messages.success(request, _("The view was changed."))
    elif mine.count() >= MOST_VIEWS:
        messages.error(request, _("You keep twenty views already. Drop one first."))
    else:
        SavedView.objects.create(
            practitioner_id=request.me.principal, name=form.cleaned_data["name"], query=query
        )
        messages.success(request, _("The view was kept. Only you see it."))
    return redirect(f"{reverse('desk:team')}?{query}")


@require_POST
@staff(Permission.DECIDE_REFERRALS)
def drop_view(request: StaffRequest, view: uuid.UUID) -> HttpResponse:
    """Drop a view of mine; another's is not there."""
    SavedView.objects.filter(practitioner_id=request.me.principal, uuid=view).delete()
    messages.success(request, _("The view was dropped."))
    return redirect("desk:team")


@require_POST
@staff(Permission.DECIDE_REFERRALS)
def set_pace(request: StaffRequest) -> HttpResponse:
    """Say after how many days without an event a case of the teams that I manage is still."""
    form = PaceForm(request.POST)
    teams = managed(request.me)
    if not teams:
        raise PermissionDenied
    if form.is_valid():
        for each in teams:
            TeamPace.objects.update_or_create(
                team_id=each, defaults={"still_days": form.cleaned_data["days"]}
            )
        messages.success(request, _("A case is still after %(n)s days.") % {"n": form.cleaned_data["days"]})
    else:
        messages.error(request, _("Give a number of days from 3 to 365."))
    return redirect("desk:team")
