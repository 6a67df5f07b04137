"""Audits of files: the draws of a team, one audit, the questions."""

from __future__ import annotations

import uuid as uuids

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from teamaround.access.categories import Category
from teamaround.access.edits import StaleEdit
from teamaround.access.log import shown
from teamaround.access.me import Seat
from teamaround.access.requests import StaffRequest, load, staff
from teamaround.agencies.roles import Permission
from teamaround.people.models import Person
from teamaround.sharing.links import identity_of, page
from teamaround.ui.forms import StaleForm

from .. import auditing, loaders
from ..forms import AuditForm, QuestionForm, SetAsideForm
from ..models import AuditQuestion, AuditState, FileAudit
from ..presenters import answers_told, draw_in_words, draws_told

MOST_DRAWS = 50
MANAGES = (Permission.WORK_CASES, Permission.DECIDE_REFERRALS)


def _seat(request: StaffRequest, team: str) -> Seat:
    seat = next((seat for seat in loaders.managed(request.me) if seat.team_slug == team), None)
    if seat is None:
        raise Http404
    return seat


@staff(*MANAGES)
def audits(request: StaffRequest, team: str) -> HttpResponse:
    """Every draw of the team, and what an audit asks."""
    return _audits(request, _seat(request, team), QuestionForm())


def _audits(request: StaffRequest, seat: Seat, form: QuestionForm) -> HttpResponse:
    every = FileAudit.objects.filter(author_team_id=seat.team).order_by("-number")
    before = request.GET.get("before", "")
    asked = every.filter(number__lt=int(before)) if before.isdecimal() and len(before) < 10 else every
    rows = list(asked[: MOST_DRAWS + 1])
    more = len(rows) > MOST_DRAWS
    rows = rows[:MOST_DRAWS]
    shown(request, {row.subject_id for row in rows}, Category.PLAN, act="list")
    context = {
        "heading": _("Audits of files"),
        "caption": seat.team_name,
        "team": seat.team_slug,
        "draws": draws_told(rows),
        "open": every.filter(state=AuditState.DRAWN).first(),
        "earlier": f"?before={rows[-1].number}" if more else "",
        "questions": auditing.questions_of(seat.team),
        "form": form,
        "back_url": reverse("supervision:of_team", args=[seat.team_slug]),
        "back_text": _("Supervision and oversight"),
    }
    return render(request, "supervision/audits.html", context)


@require_POST
@staff(*MANAGES)
def draw_one(request: StaffRequest, team: str) -> HttpResponse:
    """Draw a file by chance."""
    seat = _seat(request, team)
    try:
        made = auditing.draw(by=request.me, team=seat.team)
    except auditing.AuditRefused as refused:
        messages.error(request, str(refused))
        return redirect("supervision:audits", team=seat.team_slug)
    return redirect("supervision:audit", uuid=made.uuid)


@require_POST
@staff(*MANAGES)
def new_question(request: StaffRequest, team: str) -> HttpResponse:
    """A question of the team's own."""
    seat = _seat(request, team)
    form = QuestionForm(request.POST)
    if form.is_valid():
        try:
            auditing.add_question(by=request.me, team=seat.team, text=form.cleaned_data["text"])
        except auditing.AuditRefused as refused:
            form.add_error("text", str(refused))
        else:
            messages.success(request, _("It is asked from the next audit on."))
            return redirect("supervision:audits", team=seat.team_slug)
    return _audits(request, seat, form)


@require_POST
@staff(*MANAGES)
def drop_question(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """Ask a question of the team's own no more."""
    question = get_object_or_404(AuditQuestion.objects.select_related("team"), uuid=uuid)
    if question.team is None or not request.me.may_for(Permission.DECIDE_REFERRALS, question.team.pk):
        raise PermissionDenied
    auditing.withdraw_question(by=request.me, question=question)
    messages.success(request, _("It is asked no more."))
    return redirect("supervision:audits", team=question.team.slug)


def _audit(request: StaffRequest, uuid: uuids.UUID) -> FileAudit:
    rows = FileAudit.objects.select_related("author_team", "episode")
    row = load(request, rows, uuid=uuid, writable=True)
    if not request.me.may_for(Permission.DECIDE_REFERRALS, row.author_team_id):
        raise PermissionDenied
    return row


@staff(*MANAGES)
@require_http_methods(["GET", "HEAD", "POST"])
def audit(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """The questions of a drawn file, or what was found."""
    row = _audit(request, uuid)
    form = None
    status = 200
    if row.state == AuditState.DRAWN:
        form = AuditForm(
            request.POST or None,
            version=row.version,
            questions=auditing.questions_of(row.author_team_id),
            workers=loaders.in_choices(loaders.workers_in(row.author_team_id)),
        )
        if request.method == "POST" and form.is_valid():
            try:
                auditing.finish(
                    by=request.me,
                    audit=row,
                    version=form.cleaned_data["version"],
                    answers=form.answers(),
                    summary=form.cleaned_data["summary"],
                )
            except auditing.AuditRefused as refused:
                form.add_error(refused.field if refused.field in form.fields else None, str(refused))
            except StaleEdit:
                row.refresh_from_db()
                form.refuse_stale(StaleForm(row.version, row.author_team.name))
                status = 409
            else:
                messages.success(
                    request, _("The audit is finished. Its actions are with those who owe them.")
                )
                return redirect("supervision:audit", uuid=row.uuid)
    elif request.method == "POST":
        messages.error(
            request, _("This audit was finished or set aside meanwhile. What you wrote is not kept.")
        )
    return _page(request, row, form, SetAsideForm(version=row.version), status=status)


def _page(
    request: StaffRequest, row: FileAudit, form: AuditForm | None, aside_form: SetAsideForm, *, status: int
) -> HttpResponse:
    child = Person.objects.filter(pk=row.subject_id).first()
    for category in (Category.INDEX, Category.PLAN):
        shown(request, [row.subject_id], category)
    context = {
        "heading": _("Audit of a file"),
        "identity": identity_of(child),
        "audit": row,
        "draw": draw_in_words(row),
        "case_url": page("desk:case", row.episode.uuid),
        "form": form,
        "aside_form": aside_form,
        "answers": answers_told(row) if row.state == AuditState.FINISHED else [],
        "back_url": reverse("supervision:audits", args=[row.author_team.slug]),
        "back_text": _("Audits of files"),
    }
    return render(request, "supervision/audit.html", context, status=status)


@require_POST
@staff(*MANAGES)
def aside(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """Leave a drawn file unaudited, for a reason."""
    row = _audit(request, uuid)
    form = SetAsideForm(request.POST, version=row.version)
    if form.is_valid():
        try:
            auditing.set_aside(
                by=request.me,
                audit=row,
                version=form.cleaned_data["version"],
                reason=form.cleaned_data["reason"],
            )
        except auditing.AuditRefused as refused:
            messages.error(request, str(refused))
        except StaleEdit:
            messages.error(request, _("Somebody changed this audit meanwhile. Look at it again."))
        else:
            messages.success(request, _("Set aside. The draw stays in the list."))
        return redirect("supervision:audits", team=row.author_team.slug)
    questions = auditing.questions_of(row.author_team_id)
    workers = loaders.in_choices(loaders.workers_in(row.author_team_id))
    empty = AuditForm(None, version=row.version, questions=questions, workers=workers)
    return _page(request, row, empty if row.state == AuditState.DRAWN else None, form, status=200)
