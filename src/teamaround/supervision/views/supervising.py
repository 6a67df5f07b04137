"""My supervision, the team's, one supervision, and a decision on a case."""

from __future__ import annotations

import uuid as uuids
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from teamaround.access.categories import Category
from teamaround.access.edits import StaleEdit
from teamaround.access.log import shown
from teamaround.access.requests import StaffRequest, load, staff
from teamaround.agencies.models import Practitioner, Team
from teamaround.agencies.roles import Permission
from teamaround.people.models import Person
from teamaround.procedures.models import Episode
from teamaround.sharing.links import identity_of, page
from teamaround.ui.forms import StaleForm
from teamaround.ui.presentation import uk_date

from .. import actions, loaders
from ..forms import DecideForm, LoadForm, MeasuresForm, NotesForm, RecordForm, SupportForm, WordsForm
from ..load import loads_of
from ..models import Supervision, SupervisionDecision, SupervisionKind
from ..presenters import decisions_told, read_by, team_rows, told, unseen_rows

MOST_DECISIONS = 20


@staff(Permission.WORK_CASES)
def mine(request: StaffRequest) -> HttpResponse:
    """My load this week, and my supervision: for myself, whoever else may read it is named."""
    return _mine(request, LoadForm())


def _mine(request: StaffRequest, form: LoadForm, *, status: int = 200) -> HttpResponse:
    me = request.me
    own = loads_of([me.principal], me.teams)[me.principal]
    if not form.is_bound:
        form = LoadForm(initial={"feels": own.feels, "words": own.words})
    measures = loaders.measures_of(me.team.team)
    found = loaders.own_supervisions(me)
    context = {
        "heading": _("My supervision"),
        "load": own,
        "form": form,
        "lines": [told(row) for row in found],
        "next_on": next(
            (row.next_on for row in found if row.next_on and row.next_on >= timezone.localdate()), None
        ),
        "read_by": read_by(measures.lead, me),
        "supervises": bool(loaders.supervised_teams(me)),
    }
    return render(request, "supervision/mine.html", context, status=status)


@require_POST
@staff(Permission.WORK_CASES)
def say_load(request: StaffRequest) -> HttpResponse:
    """Say how the week is."""
    form = LoadForm(request.POST)
    if not form.is_valid():
        return _mine(request, form)
    actions.say_of_load(by=request.me, team=request.me.team.team, **form.cleaned_data)
    messages.success(request, _("Your manager reads it beside the figures."))
    return redirect("supervision:mine")


@staff(Permission.WORK_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def support(request: StaffRequest) -> HttpResponse:
    """Note that clinical or peer support took place."""
    form = SupportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.note_support(by=request.me, team=request.me.team.team, **form.cleaned_data)
        except actions.SupervisionRefused as refused:
            form.add_error(refused.field or None, str(refused))
        else:
            messages.success(request, _("It is noted."))
            return redirect("supervision:mine")
    context = {
        "form": form,
        "heading": _("Clinical or peer support"),
        "lead": _("Only that it took place is kept, and when. What you talked about stays between you."),
        "submit": _("Note it"),
        "cancel_url": reverse("supervision:mine"),
        "back_url": reverse("supervision:mine"),
        "back_text": _("My supervision"),
    }
    return render(request, "ui/form_page.html", context)


def _team(request: StaffRequest, slug: str) -> Team:
    """A team that I supervise: 403 where I supervise none, 404 for any other."""
    teams = loaders.supervised_teams(request.me)
    if not teams:
        raise PermissionDenied
    found = next((team for team in teams if not slug or team.slug == slug), None)
    if found is None:
        raise Http404
    return found


@staff(Permission.WORK_CASES)
def of_team(request: StaffRequest, team: str = "") -> HttpResponse:
    """Who was supervised when, how much each has to do, and the cases that no manager decided on for long."""
    teams = loaders.supervised_teams(request.me)
    if not teams:
        raise PermissionDenied
    chosen = next((each for each in teams if not team or each.slug == team), None)
    if chosen is None:
        raise Http404
    measures = loaders.measures_of(chosen.pk)
    workers = loaders.workers_in(chosen.pk)
    manages = request.me.may_for(Permission.DECIDE_REFERRALS, chosen.pk)
    loads = loads_of([each.pk for each in workers], [chosen.pk]) if manages else {}
    unseen, number = loaders.without_oversight(chosen.pk, measures.oversight_weeks) if manages else ([], 0)
    for category in (Category.INDEX, Category.PLAN):
        shown(request, {case.subject for case in unseen}, category, act="list")
    context = {
        "heading": _("Supervision and oversight"),
        "caption": chosen.name,
        "team": chosen,
        "others": [each for each in teams if each.pk != chosen.pk],
        "manages": manages,
        "measures": measures,
        "rows": team_rows(workers, loaders.dates_of(chosen.pk), loads, measures, request.me, chosen),
        "unseen": unseen_rows(unseen),
        "number": number,
        "more": max(0, number - len(unseen)),
        "oversight": ngettext(
            "A case needs a manager’s decision every week.",
            "A case needs a manager’s decision every %(n)d weeks.",
            measures.oversight_weeks,
        )
        % {"n": measures.oversight_weeks},
    }
    return render(request, "supervision/team.html", context)


@staff(Permission.WORK_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def record(request: StaffRequest, team: str, worker: uuids.UUID) -> HttpResponse:
    """Record a supervision of somebody in a team that I supervise."""
    chosen = _team(request, team)
    somebody = get_object_or_404(Practitioner, uuid=worker)
    if somebody.pk == request.me.principal or not actions.works_in(somebody.pk, chosen.pk):
        raise Http404
    form = RecordForm(request.POST or None, version=1, initial={"held_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = actions.record_supervision(
                by=request.me,
                team=chosen.pk,
                worker=somebody.pk,
                held_on=given["held_on"],
                next_on=given["next_on"],
                reflection=given["reflection"],
            )
        except actions.SupervisionRefused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            messages.success(request, _("The supervision is recorded. %s reads it.") % somebody.name)
            return redirect("supervision:detail", uuid=made.uuid)
    context = {
        "form": form,
        "heading": _("Record a supervision"),
        "caption": f"{somebody.name}, {chosen.name}",
        "lead": read_by(loaders.measures_of(chosen.pk).lead, request.me, somebody.name),
        "submit": _("Record the supervision"),
        "cancel_url": reverse("supervision:of_team", args=[chosen.slug]),
        "back_url": reverse("supervision:of_team", args=[chosen.slug]),
        "back_text": chosen.name,
    }
    return render(request, "ui/form_page.html", context)


def _row(request: StaffRequest, uuid: uuids.UUID) -> Supervision:
    rows = Supervision.objects.select_related("worker", "supervisor", "team")
    return load(request, rows, show=False, uuid=uuid)


@staff(Permission.WORK_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """One supervision. The supervisor puts the notes right, the worker adds words of their own."""
    row = _row(request, uuid)
    own = row.worker_id == request.me.principal
    form: Any = None
    if row.supervisor_id == request.me.principal:
        form = NotesForm(
            request.POST or None,
            version=row.version,
            initial={"reflection": row.reflection, "next_on": row.next_on},
        )
    elif request.method == "POST":
        raise PermissionDenied
    if form is not None and request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            actions.change_notes(
                by=request.me,
                supervision=row,
                version=given["version"],
                next_on=given["next_on"],
                reflection=given["reflection"],
            )
        except actions.SupervisionRefused as refused:
            form.add_error(refused.field, str(refused))
        except StaleEdit:
            row.refresh_from_db()
            form.refuse_stale(StaleForm(row.version, row.worker.name))
            return _detail(request, row, form, None, status=409)
        else:
            messages.success(request, _("The notes are kept."))
            return redirect("supervision:detail", uuid=row.uuid)
    words_form = WordsForm(version=row.version, initial={"words": row.worker_words}) if own else None
    return _detail(request, row, form, words_form)


def _detail(
    request: StaffRequest, row: Supervision, form: Any, words_form: Any, *, status: int = 200
) -> HttpResponse:
    own = row.worker_id == request.me.principal
    context = {
        "heading": row.get_kind_display(),
        "caption": f"{row.worker.name}, {uk_date(row.held_on)}",
        "row": row,
        "management": row.kind == SupervisionKind.MANAGEMENT,
        "form": form,
        "words_form": words_form if row.kind == SupervisionKind.MANAGEMENT else None,
        "read_by": read_by(
            loaders.measures_of(row.team_id).lead,
            request.me,
            row.supervisor.name if own and row.supervisor else row.worker.name,
        ),
        "back_url": reverse("supervision:mine")
        if own
        else reverse("supervision:of_team", args=[row.team.slug]),
        "back_text": _("My supervision") if own else row.team.name,
    }
    return render(request, "supervision/detail.html", context, status=status)


@require_POST
@staff(Permission.WORK_CASES)
def words(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """The worker's own words beside the notes."""
    row = _row(request, uuid)
    if row.worker_id != request.me.principal or row.kind != SupervisionKind.MANAGEMENT:
        raise PermissionDenied
    form = WordsForm(request.POST, version=row.version)
    if form.is_valid():
        try:
            actions.say_own_words(
                by=request.me,
                supervision=row,
                version=form.cleaned_data["version"],
                words=form.cleaned_data["words"],
            )
        except StaleEdit:
            row.refresh_from_db()
            form.refuse_stale(StaleForm(row.version, row.supervisor.name if row.supervisor else ""))
            return _detail(request, row, None, form, status=409)
        messages.success(request, _("Your words are kept."))
        return redirect("supervision:detail", uuid=row.uuid)
    return _detail(request, row, None, form)


@staff(Permission.WORK_CASES, Permission.DECIDE_REFERRALS)
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: StaffRequest, episode: uuids.UUID) -> HttpResponse:
    """A manager's decision on a case, under those that were made before."""
    case = load(request, Episode.objects.select_related("author_team"), uuid=episode, writable=True)
    if not request.me.may_for(Permission.DECIDE_REFERRALS, case.author_team_id):
        raise PermissionDenied
    if case.subject_id is None:
        raise Http404
    child = Person.objects.filter(pk=case.subject_id).first()
    workers = loaders.workers_in(case.author_team_id)
    form = DecideForm(
        request.POST or None,
        workers=loaders.in_choices(workers),
        initial={"with_worker": actions.worker_of(case) or "", "decided_on": timezone.localdate()},
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            actions.decide_on_case(
                by=request.me,
                episode=case,
                decision=given["decision"],
                why=given["why"],
                with_worker=int(given["with_worker"]) if given["with_worker"] else None,
                decided_on=given["decided_on"],
            )
        except actions.SupervisionRefused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            messages.success(request, _("The decision is on the child’s file."))
            return redirect("desk:case", key=case.uuid)
    before = SupervisionDecision.objects.filter(episode=case).select_related("with_worker")
    rows = list(before.order_by("-decided_on", "-id")[:MOST_DECISIONS])
    for category in (Category.PLAN, Category.INDEX):
        shown(request, [case.subject_id], category)
    names = dict(
        Practitioner.objects.filter(pk__in={row.recorded_by_id for row in rows}).values_list("pk", "name")
    )
    context = {
        "form": form,
        "heading": _("Decision of a manager on the case"),
        "identity": identity_of(child),
        "before": decisions_told(rows, names),
        "why": _("Your own team wrote this."),
        "submit": _("Put it on the file"),
        "back_url": page("desk:case", case.uuid),
        "back_text": _("The case"),
        "cancel_url": page("desk:case", case.uuid),
    }
    return render(request, "supervision/decide.html", context)


@staff(Permission.WORK_CASES, Permission.DECIDE_REFERRALS)
@require_http_methods(["GET", "HEAD", "POST"])
def measures(request: StaffRequest, team: str) -> HttpResponse:
    """A team's measures, and who manages its supervision."""
    seat = next((seat for seat in loaders.managed(request.me) if seat.team_slug == team), None)
    if seat is None:
        raise Http404
    kept = loaders.measures_of(seat.team)
    leads = [each for each in actions.possible_leads(seat.team) if each.pk != request.me.principal]
    if kept.lead is not None and kept.lead not in leads:
        leads.append(kept.lead)
    form = MeasuresForm(
        request.POST or None,
        leads=leads,
        initial={
            "oversight_weeks": kept.oversight_weeks,
            "supervision_weeks": kept.supervision_weeks,
            "lead": str(kept.lead.pk) if kept.lead else "",
        },
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            actions.set_measures(
                by=request.me,
                team=seat.team,
                oversight_weeks=given["oversight_weeks"],
                supervision_weeks=given["supervision_weeks"],
                lead=next((each for each in leads if str(each.pk) == given["lead"]), None),
            )
        except actions.SupervisionRefused as refused:
            form.add_error(refused.field, str(refused))
        else:
            messages.success(request, _("The measures are set."))
            return redirect("supervision:of_team", team=seat.team_slug)
    context = {
        "form": form,
        "heading": _("Measures of supervision"),
        "caption": seat.team_name,
        "submit": _("Set the measures"),
        "cancel_url": reverse("supervision:of_team", args=[seat.team_slug]),
        "back_url": reverse("supervision:of_team", args=[seat.team_slug]),
        "back_text": seat.team_name,
    }
    return render(request, "ui/form_page.html", context)
