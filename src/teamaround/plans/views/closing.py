"""Closing: what the procedure asks for before, each part beside the other, then closing itself."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from teamaround.access.categories import Category
from teamaround.access.log import shown
from teamaround.access.requests import StaffRequest, load, staff
from teamaround.agencies.roles import Permission
from teamaround.procedures.models import Episode, EpisodeStatus

from .. import actions
from ..closing_forms import CloseForm, FeedbackForm, OutcomesForm, StepdownForm
from ..closing_page import PARTS, gate_tasks, part_rows
from ..links import url
from ..loaders import (
    OwnerChoices,
    Owners,
    child_of,
    closable,
    closing_of,
    names_of,
    of_the_team,
    workers_around,
)
from ..models import Closing
from ..presenters import episode_identity
from .support import act_of, attempt, forget_draft, with_drafts

FORM_OF = {"outcomes": OutcomesForm, "stepdown": StepdownForm, "feedback": FeedbackForm}
SAID = {
    "outcomes": gettext_lazy("The outcomes were recorded."),
    "stepdown": gettext_lazy("The step-down lead was recorded."),
    "feedback": gettext_lazy("The views were recorded."),
}


@staff(Permission.WORK_CASES, Permission.CLOSE_CASES)
def close(request: StaffRequest, episode: uuid.UUID) -> HttpResponse:
    """The gates of the procedure, what is missing, and closing."""
    case = load(request, closable(), uuid=episode, writable=True, act=act_of(request))
    subjects = [s for s in (case.subject_id, case.family_id) if s is not None]
    shown(request, subjects, Category.PLAN)
    names = names_of(subjects)
    if case.status != EpisodeStatus.OPEN:
        return _not_open(request, case, names)
    closing = closing_of(case)
    workers = workers_around(subjects)
    sent = request.POST.get("part", "") if request.method == "POST" else ""
    forms = {part: _form(request, case, part, sent, closing, workers) for part in FORM_OF}
    ending = CloseForm(request.POST if sent == "close" else None, version=case.version, auto_id="close_%s")
    status = 200
    if sent in forms:
        status = attempt(
            forms[sent], lambda typed: _record(request, case, sent, forms[sent], typed), row=closing
        )
        if status == 302:
            forget_draft(request, f"close-{sent}", case.uuid)
            messages.success(request, str(SAID[sent]))
            return redirect("plans:close", case.uuid)
    elif sent == "close":
        status = attempt(
            ending,
            lambda typed: actions.close_case(
                by=request.me,
                episode=case,
                version=typed["version"],
                text=typed["text"],
                outcome=typed["outcome"],
            ),
            row=case,
        )
        if status == 302:
            messages.success(request, _("The case is closed."))
            return redirect("/")
    return _page(request, case, names, closing, forms, ending, sent, status)


def _form(
    request: StaffRequest,
    case: Episode,
    part: str,
    sent: str,
    closing: Closing | None,
    workers: tuple[OwnerChoices, Owners],
) -> Any:
    extra: dict[str, Any] = {}
    begins: dict[str, Any] = {}
    if part == "stepdown":
        team = of_the_team(workers, case.author_team_id)
        extra = {"workers": workers[0], "owners": workers[1], "team": team}
        # Whoever closes asks how they are, unless it is said otherwise.
        begins = {"follow_up_by": next((key for pk, key, _name in team if pk == request.me.principal), "")}
    return FORM_OF[part](
        request.POST if sent == part else None,
        version=closing.version if closing else 0,
        initial=PARTS[part].initial(closing) if closing and PARTS[part].is_done(closing) else begins,
        auto_id=f"{part}_%s",
        **extra,
    )


def _record(request: StaffRequest, case: Episode, part: str, form: Any, typed: dict[str, Any]) -> None:
    if part == "outcomes":
        actions.record_outcomes(
            by=request.me,
            episode=case,
            version=typed["version"],
            areas=form.areas(),
            achieved=typed["achieved"],
            why=typed["why"],
        )
    elif part == "stepdown":
        names = ("agreed_on", "who_stays", "ongoing", "no_follow_up", "exit_strategy", "future_contact")
        actions.record_stepdown(
            by=request.me,
            episode=case,
            version=typed["version"],
            lead=form.chosen(),
            follow_ups=form.follow_ups(),
            **{name: typed[name] for name in names},
        )
    else:
        actions.record_feedback(
            by=request.me,
            episode=case,
            version=typed["version"],
            asked_on=typed["asked_on"],
            child_views=typed["child_views"],
            family_views=typed["family_views"],
        )


def _not_open(request: StaffRequest, case: Episode, names: dict[int, str]) -> HttpResponse:
    context = {
        "heading": _("Close the case"),
        "identity": episode_identity(case, names, child_of(case)),
        "back_url": url("desk:case", case.uuid),
        "back_text": _("The case"),
        "case_url": url("desk:case", case.uuid),
        "closed_at": case.closed_at,
    }
    return render(request, "plans/not_open.html", context)


def _page(
    request: StaffRequest,
    case: Episode,
    names: dict[int, str],
    closing: Closing | None,
    forms: dict[str, Any],
    ending: CloseForm,
    sent: str,
    status: int,
) -> HttpResponse:
    gates, missing = gate_tasks(case, case.live_plan, closing)  # type: ignore[attr-defined]  # `closable` puts it there
    wanted = request.GET.get("change", "")
    open_parts = [key for key, part in PARTS.items() if not part.is_done(closing) or key in (sent, wanted)]
    draft_urls = with_drafts(request, {f"close-{key}": forms[key] for key in open_parts}, case.uuid)
    parts = []
    for key, part in PARTS.items():
        is_open = key in open_parts
        parts.append(
            {
                "key": key,
                "title": part.title,
                "form": forms[key],
                "open": is_open,
                "rows": [] if is_open else part_rows(key, closing),
                "draft_url": draft_urls.get(f"close-{key}", ""),
            }
        )
    context = {
        "heading": _("Close the case"),
        "identity": episode_identity(case, names, child_of(case)),
        "gates": gates,
        "missing": missing,
        "parts": parts,
        "form": forms.get(sent, ending),
        "ending": ending,
        "still_open": case.still_open,  # type: ignore[attr-defined]  # likewise
        "back_url": url("desk:case", case.uuid),
        "back_text": _("The case"),
        "case_url": url("desk:case", case.uuid),
    }
    return render(request, "plans/close.html", context, status=409 if status == 409 else 200)
