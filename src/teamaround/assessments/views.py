"""Pages of assessments: start, fill in page by page, finish, read; and the short risk assessment."""

from __future__ import annotations

import uuid as uuids
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from teamaround.access.drafts import draft_of, drop_draft
from teamaround.access.edits import StaleEdit
from teamaround.access.log import shown
from teamaround.access.requests import StaffRequest, load, staff
from teamaround.agencies.models import Practitioner
from teamaround.agencies.roles import Permission
from teamaround.people.merging import records_of
from teamaround.people.models import Person
from teamaround.procedures.acting import WrongRole
from teamaround.procedures.models import Episode
from teamaround.sharing.links import identity_of
from teamaround.sharing.links import page as page_url
from teamaround.sharing.why import why
from teamaround.ui.forms import StaleForm

from . import actions, presenters
from .forms import AboutForm, DomainsForm, ErrorForm, RiskForm, SummaryForm, TextsForm, ViewsForm
from .forms_data import form_of
from .missing import ABOUT, SUMMARY, VIEWS, missing_from
from .models import Assessment, Kind, Status

DRAFT = "assessment"
TEXT_FORMS: dict[str, type[TextsForm]] = {ABOUT: AboutForm, VIEWS: ViewsForm, SUMMARY: SummaryForm}


def assessments_for_page() -> QuerySet[Assessment]:
    """Assessments with what every page of one shows. The episode is the writing team's alone: not joined."""
    return Assessment.objects.select_related("author_team__agency").prefetch_related("answers")


def _child(subject: int) -> Person | None:
    return Person.objects.filter(pk=subject).first()


def _episode(request: StaffRequest, episode: uuids.UUID) -> Episode:
    return load(request, Episode.objects.all(), uuid=episode, writable=True)


@staff(Permission.WORK_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: StaffRequest, episode: uuids.UUID) -> HttpResponse:
    """Start the early help assessment of a case, or go on with the one in progress."""
    case = _episode(request, episode)
    rows = Assessment.objects.select_related("author_team__agency").order_by("-started_at")
    records = records_of(case.subject_id) if case.subject_id else ()
    found = list(rows.filter(subject_id__in=records)[:20]) if records else []
    running = [row for row in found if row.episode_id == case.pk and row.status == Status.IN_PROGRESS]
    refused = ""
    if request.method == "POST":
        try:
            return redirect(
                "assessments:tasks", uuid=actions.start_assessment(by=request.me, episode=case).uuid
            )
        except (actions.AssessmentRefused, WrongRole) as refusal:
            refused = str(refusal)
    elif running:
        return redirect("assessments:tasks", uuid=running[0].uuid)
    shown(request, {row.subject_id for row in found}, "assessment")
    context = {
        "heading": _("Early help assessment"),
        "identity": identity_of(_child(case.subject_id)) if case.subject_id else None,
        "case": case,
        "earlier": presenters.earlier(found),
        "refused": refused,
        "back_url": page_url("desk:case", case.uuid),
    }
    return render(request, "assessments/start.html", context, status=409 if refused else 200)


@staff(Permission.WORK_CASES)
def tasks(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """The pages of an assessment: which are done, and what the others lack."""
    assessment = load(request, assessments_for_page(), uuid=uuid, writable=True)
    if assessment.status != Status.IN_PROGRESS:
        return redirect("assessments:detail", uuid=uuid)
    return render(request, "assessments/tasks.html", _tasks_context(assessment))


def _tasks_context(assessment: Assessment, *, refused: bool = False) -> dict[str, Any]:
    form = form_of(assessment.kind, assessment.form_version)
    missing = missing_from(form, assessment, list(assessment.answers.all()))
    return {
        "heading": _("Early help assessment"),
        "identity": identity_of(_child(assessment.subject_id)),
        "assessment": assessment,
        "tasks": presenters.task_rows(form, assessment, missing),
        "missing": presenters.missing_lines(assessment, missing) if refused else [],
        "ready": not missing,
        "left": len(missing),
        "case_url": page_url("desk:case", _episode_uuid(assessment)),
    }


def _episode_uuid(assessment: Assessment) -> uuids.UUID | None:
    return Episode.objects.filter(pk=assessment.episode_id).values_list("uuid", flat=True).first()


@staff(Permission.WORK_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: StaffRequest, uuid: uuids.UUID, page: str) -> HttpResponse:
    """One page of an assessment: save and go on to the next, or back to the list."""
    assessment = load(request, assessments_for_page(), uuid=uuid, writable=True)
    if assessment.status != Status.IN_PROGRESS:
        return redirect("assessments:detail", uuid=uuid)
    pages = presenters.pages_of(form_of(assessment.kind, assessment.form_version))
    keys = [key for key, _heading in pages]
    if page not in keys:
        raise Http404
    about = f"{uuid}-{page}"
    draft = None if request.method == "POST" else draft_of(by=request.me, form=DRAFT, about=about)
    form = _page_form(request, assessment, page, draft.typed if draft else {})
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            _save(request, assessment, page, form)
        except StaleEdit:
            status = 409
            form.refuse_stale(_stale(assessment, page))
        else:
            drop_draft(by=request.me, form=DRAFT, about=about)
            following = keys[keys.index(page) + 1 :]
            if following and "list" not in request.POST:
                return redirect("assessments:edit", uuid=uuid, page=following[0])
            return redirect("assessments:tasks", uuid=uuid)
    position = keys.index(page)
    context = {
        "heading": pages[position][1],
        "caption": _("Early help assessment: page %(n)d of %(of)d") % {"n": position + 1, "of": len(pages)},
        "identity": identity_of(_child(assessment.subject_id)),
        "assessment": assessment,
        "form": form,
        "domains": presenters.domain_fields(form) if isinstance(form, DomainsForm) else [],
        "intro": form.group.intro if isinstance(form, DomainsForm) else "",
        "about": about,
        "draft": draft,
        "back_url": page_url("assessments:tasks", uuid),
        "back_text": _("All pages of the assessment"),
    }
    return render(request, "assessments/edit.html", context, status=status)


def _page_form(
    request: StaffRequest, assessment: Assessment, page: str, typed: dict[str, Any]
) -> DomainsForm | TextsForm:
    data = request.POST if request.method == "POST" else None
    kept = {name: value[-1] if isinstance(value, list) and value else value for name, value in typed.items()}
    text_form = TEXT_FORMS.get(page)
    if text_form is not None:
        initial = {name: getattr(assessment, name) for name in text_form.base_fields if name != "version"}
        return text_form(data, version=assessment.version, initial={**initial, **kept})
    group = form_of(assessment.kind, assessment.form_version).group(page)
    assert group is not None
    initial = {
        f"{answer.domain}_{part}": getattr(answer, part)
        for answer in assessment.answers.all()
        for part in ("going", "strengths", "needs")
    }
    version = actions.group_version(assessment, group)
    return DomainsForm(data, group=group, version=version, initial={**initial, **kept})


def _save(request: StaffRequest, assessment: Assessment, page: str, form: DomainsForm | TextsForm) -> None:
    version = form.cleaned_data["version"]
    if isinstance(form, DomainsForm):
        actions.save_answers(
            by=request.me, assessment=assessment, group=form.group, version=version, answers=form.answers()
        )
    else:
        actions.save_texts(by=request.me, assessment=assessment, version=version, **form.texts())


def _stale(assessment: Assessment, page: str) -> StaleForm:
    """The version of now, and who made it."""
    group = form_of(assessment.kind, assessment.form_version).group(page)
    if group is None:
        row = Assessment.objects.get(pk=assessment.pk)
        return StaleForm(row.version, _name_of(row.changed_by_id))
    keys = [domain.key for domain in group.domains]
    latest = assessment.answers.filter(domain__in=keys).order_by("-changed_at").first()
    return StaleForm(
        actions.group_version(assessment, group), _name_of(latest.changed_by_id) if latest else ""
    )


def _name_of(principal: int) -> str:
    return Practitioner.objects.filter(pk=principal).values_list("name", flat=True).first() or ""


@staff(Permission.WORK_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def finish(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """Finish an assessment; where something is missing, say exactly what, and leave it open."""
    assessment = load(request, assessments_for_page(), uuid=uuid, writable=True)
    if request.method == "POST":
        try:
            actions.finish_assessment(by=request.me, assessment=assessment)
        except actions.NotFinished:
            return render(
                request, "assessments/tasks.html", _tasks_context(assessment, refused=True), status=422
            )
        except (actions.AssessmentRefused, WrongRole) as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("The assessment is finished."))
        return redirect("assessments:detail", uuid=uuid)
    if assessment.status != Status.IN_PROGRESS:
        return redirect("assessments:detail", uuid=uuid)
    return render(request, "assessments/tasks.html", _tasks_context(assessment, refused=True))


@staff(Permission.WORK_CASES)
def detail(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """An assessment to read and to print, by whoever may see it."""
    assessment = load(request, assessments_for_page().select_related("risk"), uuid=uuid)
    form = form_of(assessment.kind, assessment.form_version)
    person = _child(assessment.subject_id)
    own = assessment.author_team_id in request.me.teams
    episode = _episode_uuid(assessment) if own else None
    context = {
        "heading": str(assessment.get_kind_display()),
        "identity": identity_of(person),
        "assessment": assessment,
        "status": presenters.status_tag(assessment),
        "why": why(
            by=request.me,
            subject=assessment.subject_id,
            category=assessment.category,
            author_team=assessment.author_team_id,
        ),
        "facts": presenters.facts(assessment),
        "groups": presenters.findings(form, list(assessment.answers.all())),
        "passages": presenters.passages(assessment),
        "risk": presenters.risk_passages(assessment.risk) if assessment.kind == Kind.RISK else [],
        "own": own,
        "open": assessment.status == Status.IN_PROGRESS,
        "mistaken": assessment.status == Status.ENTERED_IN_ERROR,
        "plan_url": page_url("plans:start", episode) if episode else "",
        "back_url": page_url("desk:case", episode)
        if episode
        else page_url("desk:person", person.uuid)
        if person
        else "",
    }
    return render(request, "assessments/detail.html", context)


@staff(Permission.WORK_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def mistake(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """Mark an assessment as recorded by mistake."""
    assessment = load(request, assessments_for_page(), uuid=uuid, writable=True)
    form = ErrorForm(request.POST or None, version=assessment.version)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            actions.enter_in_error(by=request.me, assessment=assessment, **form.cleaned_data)
            return redirect("assessments:detail", uuid=uuid)
        except StaleEdit:
            status = 409
            form.refuse_stale(_stale(assessment, ABOUT))
        except actions.AssessmentRefused as refusal:
            form.add_error(refusal.field or None, str(refusal))
    context = {
        "heading": _("Recorded by mistake"),
        "lead": _("The assessment stays on the record, marked as a mistake. It counts for nothing any more."),
        "identity": identity_of(_child(assessment.subject_id)),
        "form": form,
        "submit": _("Mark as a mistake"),
        "submit_class": "warning",
        "cancel_url": page_url("assessments:detail", assessment.uuid),
    }
    return render(request, "ui/form_page.html", context, status=status)


@staff(Permission.WORK_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def risk(request: StaffRequest, episode: uuids.UUID) -> HttpResponse:
    """Record a risk assessment."""
    case = _episode(request, episode)
    about = f"{case.uuid}-risk"
    draft = None if request.method == "POST" else draft_of(by=request.me, form=DRAFT, about=about)
    kept = {k: v for k, v in (draft.typed if draft else {}).items() if k != "token"}
    form = RiskForm(request.POST or None, initial=kept)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.assess_risk(by=request.me, episode=case, **form.cleaned_data)
        except (actions.AssessmentRefused, WrongRole) as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            drop_draft(by=request.me, form=DRAFT, about=about)
            messages.success(request, _("The risk assessment is recorded."))
            return redirect("assessments:detail", uuid=made.uuid)
    context = {
        "heading": _("Risk assessment"),
        "lead": _("If a child is in danger now, ring 999 before you write. Then keep it short and clear."),
        "identity": identity_of(_child(case.subject_id)) if case.subject_id else None,
        "form": form,
        "submit": _("Record"),
        "back_url": page_url("desk:case", case.uuid),
        "draft_url": page_url("drafts:save", DRAFT, about),
    }
    return render(request, "ui/form_page.html", context)
