"""A new procedure; what a team runs; which of it a waiting case follows."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from teamaround.access.edits import StaleEdit
from teamaround.access.requests import StaffRequest, load, staff
from teamaround.agencies.models import Practitioner, Team
from teamaround.agencies.roles import Permission
from teamaround.procedures import drafts
from teamaround.procedures.acting import EpisodeRefused
from teamaround.procedures.beginning import begin_procedure
from teamaround.procedures.choosing import choose_procedures, follow, runs
from teamaround.procedures.models import Episode, EpisodeStatus
from teamaround.procedures.versions import names_in_force
from teamaround.ui.forms import StaleForm

from ..forms import FollowForm, NewForm, TeamForm
from ..loaders import lines
from .moving import identity_of_case

DECIDE = Permission.DECIDE_REFERRALS


@staff(Permission.CHANGE_PROCEDURES)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: StaffRequest) -> HttpResponse:
    """A new procedure, from a blank or as a copy of one that the area has. Nothing follows it before it is published."""
    patterns = [(each.slug, each.name) for each in lines() if each.known]
    form = NewForm(request.POST or None, patterns=patterns)
    if request.method == "POST" and form.is_valid():
        try:
            draft = begin_procedure(by=request.me, **form.cleaned_data)
        except drafts.ChangeRefused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            messages.success(request, _("The draft is there. Nothing follows it before it is published."))
            return redirect("practice:change", draft.slug)
    context = {
        "form": form,
        "heading": _("A new procedure"),
        "submit": _("Begin the draft"),
        "cancel_url": reverse("practice:list"),
        "back_url": reverse("practice:list"),
        "back_text": _("Procedures"),
    }
    return render(request, "ui/form_page.html", context)


@staff(DECIDE)
@require_http_methods(["GET", "HEAD", "POST"])
def team_runs(request: StaffRequest, team: str) -> HttpResponse:
    """What my team runs, and who its senior manager is. 404 for a team that is not there, 403 for another's."""
    row = Team.objects.select_related("agency").filter(slug=team, ended_at=None).first()
    if row is None:
        raise Http404
    if not request.me.may_for(DECIDE, row.pk):
        raise PermissionDenied
    people = Practitioner.objects.filter(left_at=None).exclude(pk=request.me.principal).order_by("name")
    form = TeamForm(
        request.POST or None,
        procedures=names_in_force(),
        people=[
            (str(each.uuid), f"{each.name}, {each.job_title}" if each.job_title else each.name)
            for each in people
        ],
        takes_referrals=row.takes_referrals,
        version=row.version,
        initial={
            "first": row.procedure_slug,
            "further": row.further_procedures,
            "senior_manager": next(
                (str(each.uuid) for each in people if each.pk == row.senior_manager_id), ""
            ),
        },
    )
    status = 200
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        senior = next((each.pk for each in people if str(each.uuid) == typed["senior_manager"]), None)
        try:
            choose_procedures(
                by=request.me,
                team=row,
                version=typed["version"],
                first=typed["first"],
                further=typed["further"],
                senior_manager=senior,
            )
        except EpisodeRefused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        except StaleEdit:
            row.refresh_from_db()
            form.refuse_stale(StaleForm(row.version, ""))
            status = 409
        else:
            messages.success(
                request, _("Saved. New cases follow it; cases that wait or run keep what they have.")
            )
            return redirect("practice:list")
    context = {
        "form": form,
        "heading": _("What the team runs"),
        "caption": f"{row.agency.name}, {row.name}",
        "submit": _("Save"),
        "cancel_url": reverse("practice:list"),
        "back_url": reverse("practice:list"),
        "back_text": _("Procedures"),
    }
    return render(request, "ui/form_page.html", context, status=status)


@staff(DECIDE)
@require_http_methods(["GET", "HEAD", "POST"])
def follow_case(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Under which of the team's procedures a waiting case goes. 404 where nothing is to be chosen."""
    rows = Episode.objects.select_related("procedure", "author_team").defer("procedure__text")
    episode = load(request, rows, writable=True, uuid=uuid, act="change" if request.method == "POST" else "")
    known = names_in_force()
    offered = [(slug, known[slug]) for slug in runs(episode.author_team) if slug in known]
    if episode.status != EpisodeStatus.WAITING or len(offered) < 2:
        raise Http404
    if not request.me.may_for(DECIDE, episode.author_team_id):
        raise PermissionDenied
    form = FollowForm(
        request.POST or None,
        procedures=offered,
        version=episode.version,
        initial={"procedure": episode.procedure.slug},
    )
    case = reverse("desk:case", args=[episode.uuid])
    status = 200
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            follow(by=request.me, episode=episode, version=said["version"], slug=said["procedure"])
        except EpisodeRefused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        except StaleEdit:
            now = Episode.objects.values_list("version", flat=True).get(pk=episode.pk)
            form.refuse_stale(StaleForm(now, ""))
            status = 409
        else:
            messages.success(request, _("The case follows %(name)s.") % {"name": known[said["procedure"]]})
            return redirect(case)
    context = {
        "form": form,
        "heading": _("Choose the procedure"),
        "identity": identity_of_case(request, episode),
        "lead": _(
            "Its clocks are reckoned anew from the referral. Once the referral is answered, the case keeps it."
        ),
        "submit": _("Choose"),
        "cancel_url": case,
        "back_url": case,
        "back_text": _("The case"),
    }
    return render(request, "ui/form_page.html", context, status=status)
