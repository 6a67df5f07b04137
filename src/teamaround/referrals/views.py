"""Screens of referrals: the lists, one referral for either team, and its steps."""

from __future__ import annotations

import uuid as uuids
from collections.abc import Callable
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from teamaround.access.edits import StaleEdit
from teamaround.access.log import shown
from teamaround.access.requests import StaffRequest, load, staff
from teamaround.agencies.roles import Permission
from teamaround.index.acquaintance import look
from teamaround.index.actions import Query, search
from teamaround.people.models import Person
from teamaround.procedures.models import Episode, EpisodeStatus
from teamaround.procedures.versions import procedure_of
from teamaround.ui.forms import StaleForm, VersionedForm

from . import actions, loaders, presenters, receipt, written
from .codes import StepKind
from .forms import refuse
from .models import ReceiptCheck, Referral
from .step_forms import AllocationForm, AnswerForm, ChildForm, DecisionForm, MessageForm, ReceiptCheckForm

LATELY = 5
SENT_AT_FIRST = 10


def _inbox() -> str:
    return reverse("referrals:inbox")


@staff(Permission.REFER)
@require_GET
def inbox(request: StaffRequest) -> HttpResponse:
    """Referrals to my teams and from my teams; `?show=` opens one list in full, 50 a page."""
    me, now = request.me, timezone.now()
    show = request.GET.get("show", "")
    show = show if show in ("waiting", "answered", "sent") else ""
    after = request.GET.get("after", "")
    page = loaders.PAGE
    context: dict[str, Any] = {"show": show, "new_url": reverse("referrals:new")}
    if show:
        context |= {"back_url": _inbox(), "back_text": _("All referrals")}
    seen: list[Referral] = []
    if show in ("", "waiting"):
        rows = list(loaders.after_waiting(loaders.waiting_rows(me), after)[: page + 1])
        more = len(rows) > page
        context["waiting"] = [presenters.waiting_row(each, now) for each in rows[:page]]
        context["waiting_next"] = _next("waiting", loaders.waiting_cursor(rows[page - 1])) if more else ""
        seen += rows[:page]
    for name, queryset, at_first in (
        ("answered", loaders.answered_rows(me), LATELY),
        ("sent", loaders.sent_rows(me), SENT_AT_FIRST),
    ):
        if show not in ("", name):
            continue
        most = page if show else at_first
        rows = list(loaders.before(queryset, after if show else "")[: most + 1])
        present = presenters.received_row if name == "answered" else _sent_row(now)
        context[name] = [present(each) for each in rows[:most]]
        context[f"{name}_next"] = _next(name, str(rows[most - 1].pk)) if len(rows) > most and show else ""
        context[f"{name}_all"] = f"{_inbox()}?show={name}" if len(rows) > most and not show else ""
        seen += rows[:most]
    context["receives"] = (
        bool(context.get("waiting") or context.get("answered"))
        or loaders.receiving_teams().filter(pk__in=me.teams).exists()
    )
    shown(request, {row.subject_id for row in seen if row.subject_id is not None}, "referral", act="list")
    return render(request, "referrals/inbox.html", context)


def _sent_row(now: Any) -> Callable[[Referral], presenters.Row]:
    return lambda referral: presenters.sent_row(referral, now)


def _next(show: str, cursor: str) -> str:
    return f"{_inbox()}?show={show}&after={cursor}"


@staff(Permission.REFER)
@require_GET
def detail(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """One referral: all of it for the receiving team, its status for the referrer."""
    return _page(request, load(request, loaders.whole(), uuid=uuid))


def _page(request: StaffRequest, referral: Referral, *, status: int = 200, **bound: Any) -> HttpResponse:
    """The page of a referral; `bound` are forms sent and refused, shown as they were typed."""
    receives = referral.receiving_team_id in request.me.teams
    context = _receivers_context(request, referral) if receives else _referrers_context(request, referral)
    context |= {"referral": referral, "form": next(iter(bound.values()), None), **bound}
    template = "referrals/received.html" if receives else "referrals/sent.html"
    return render(request, template, context, status=status)


def _shared_context(referral: Referral) -> dict[str, Any]:
    steps = loaders.steps_of(referral)
    return {
        "steps": steps,
        "timeline": presenters.timeline_of(steps),
        "question": presenters.open_question(steps),
        "referrer": written.referrer_rows(referral),
        "reasons": written.reason_rows(referral),
        "agreement": written.agreement_rows(referral),
        "about_child": written.child_rows(referral),
        "state": presenters.state_tag(referral),
        "moved": written.moved_words(referral),
        "sent": presenters.moment(referral.recorded_at),
        "back_url": _inbox(),
        "back_text": _("Referrals"),
    }


def _referrers_context(request: StaffRequest, referral: Referral) -> dict[str, Any]:
    context = _shared_context(referral)
    return context | {
        "status": presenters.status_of(referral, context["steps"], timezone.now()),
        "withdraw_url": reverse("referrals:take_back", args=[referral.uuid])
        if referral.author_team_id in request.me.teams and referral.episode.status == EpisodeStatus.WAITING
        else "",
        "answer": AnswerForm() if referral.author_team_id in request.me.teams else None,
        "identity": presenters.identity_of(referral, _person_url(referral), receives=False),
    }


def _receivers_context(request: StaffRequest, referral: Referral) -> dict[str, Any]:
    me, episode = request.me, referral.episode
    check = _check_of(referral)
    decides = me.may_for(Permission.DECIDE_REFERRALS, referral.receiving_team_id)
    open_now = episode.status == EpisodeStatus.OPEN
    waiting = episode.status == EpisodeStatus.WAITING
    workers = loaders.workers_of(referral.receiving_team_id) if decides and (open_now or waiting) else []
    others: list[Any] = []
    if referral.subject_id is not None and (waiting or open_now):
        others = loaders.involved_with(referral.subject_id, but=referral.receiving_team_id)
        look(by=me, subjects=[referral.subject_id])
        shown(request, [referral.subject_id], "index")
    worker = loaders.worker_now(referral) if open_now else None
    procedure = procedure_of(episode.procedure_id)
    # Once a worker is named, the clocks are theirs: the case page shows them.
    clocks = loaders.running_clocks(referral) if waiting or (open_now and worker is None) else []
    return _shared_context(referral) | {
        "identity": presenters.identity_of(referral, _person_url(referral), receives=True),
        "clocks": presenters.clock_cards(referral, clocks, timezone.now()),
        "waiting": waiting,
        "check": ReceiptCheckForm.showing(check, procedure.admission),
        "checks": receipt.check_rows(check, procedure.admission),
        "reckoned": receipt.reckoned_words(check, procedure.admission),
        "checked": check is not None and check.complete,
        "decides": decides,
        "known": referral.subject_id is not None,
        "decision": DecisionForm(
            version=episode.version,
            workers=workers,
            out_of_area=procedure_of(episode.procedure_id).out_of_area,
        )
        if decides and waiting and referral.subject_id is not None
        else None,
        "allocation": AllocationForm(version=episode.version, workers=workers)
        if decides and open_now
        else None,
        "worker": worker,
        "message": MessageForm() if waiting or open_now else None,
        "others": presenters.involved_rows(others) if waiting or open_now else None,
        "case_url": presenters.address("desk:case", episode.uuid) if open_now else "",
        "own": referral.author_team_id in me.teams,
    }


def _person_url(referral: Referral) -> str:
    """The child's own page, where I may see the child."""
    if referral.subject_id is None:
        return ""
    found = Person.objects.filter(pk=referral.subject_id).values_list("uuid", flat=True).first()
    return presenters.address("desk:person", found) if found else ""


def _check_of(referral: Referral) -> ReceiptCheck | None:
    return getattr(referral, "check_on_receipt", None)


def _receiving(request: StaffRequest, uuid: uuids.UUID) -> Referral:
    """A referral to one of my teams, to be written to: 404 where I do not see it, 403 where I only read it."""
    referral = load(request, loaders.whole(), act="change", uuid=uuid)
    if referral.receiving_team_id not in request.me.teams:
        raise PermissionDenied
    return referral


def _take(
    request: StaffRequest,
    referral: Referral,
    name: str,
    form: django_forms.Form,
    step: Callable[[], object],
    done: str,
) -> HttpResponseBase:
    """Take a step with a form; back to the page, or the page again with what was typed and why it is refused."""
    status = _try(referral, form, step)
    if status == 302:
        messages.success(request, done)
        return redirect(actions.address(referral))
    return _page(request, loaders.whole().get(pk=referral.pk), status=status, **{name: form})


def _try(referral: Referral, form: django_forms.Form, step: Callable[[], object]) -> int:
    """302 where the step was taken, 200 where it was not sent or refused, 409 where the page was stale."""
    if not form.is_valid():
        return 200
    try:
        step()
    except StaleEdit:
        _refuse_stale(referral, form)
        return 409
    except ValueError as refused:
        refuse(form, refused)
        return 200
    return 302


def _refuse_stale(referral: Referral, form: django_forms.Form) -> None:
    row: Episode | ReceiptCheck | None
    if isinstance(form, ReceiptCheckForm):
        row = (
            ReceiptCheck.objects.filter(referral=referral).select_related("changed_by__practitioner").first()
        )
    else:
        row = Episode.objects.select_related("changed_by__practitioner").get(pk=referral.episode_id)
    who = getattr(row.changed_by, "practitioner", None) if row else None
    if isinstance(row, Episode) and isinstance(form, DecisionForm) and row.status != EpisodeStatus.WAITING:
        name = who.name if who else _("Somebody else")
        text = _("%(who)s answered this referral while you had it open. What you typed was not sent.")
        form.add_error(None, text % {"who": name})
    elif isinstance(form, VersionedForm) and row is not None:
        form.refuse_stale(StaleForm(row.version, who.name if who else ""), changed_at=row.changed_at)


@staff(Permission.WORK_CASES)
@require_POST
def check(request: StaffRequest, uuid: uuids.UUID) -> HttpResponseBase:
    """Note the checks on receipt."""
    referral = _receiving(request, uuid)
    form = ReceiptCheckForm(request.POST, admission=procedure_of(referral.episode.procedure_id).admission)

    def step() -> object:
        version = form.cleaned_data["version"]
        return actions.check_receipt(
            by=request.me, referral=referral, version=version, answers=form.answers()
        )

    return _take(request, referral, "check", form, step, _("The checks were saved."))


@staff(Permission.DECIDE_REFERRALS)
@require_POST
def decide(request: StaffRequest, uuid: uuids.UUID) -> HttpResponseBase:
    """Accept, perhaps with a named worker; or decline."""
    referral = _receiving(request, uuid)
    form = DecisionForm(
        request.POST,
        workers=loaders.workers_of(referral.receiving_team_id),
        out_of_area=procedure_of(referral.episode.procedure_id).out_of_area,
    )

    def step() -> object:
        said = form.cleaned_data
        if said["decision"] == "decline":
            return actions.decline(
                by=request.me, referral=referral, version=said["version"], reason=said["reason"]
            )
        return actions.accept(
            by=request.me,
            referral=referral,
            version=said["version"],
            words=said["words"],
            practitioner=form.worker,
            out_of_area=said.get("out_of_area", False),
            approval=said.get("approval", ""),
        )

    return _take(request, referral, "decision", form, step, _("Your answer was sent to the referrer."))


@staff(Permission.DECIDE_REFERRALS)
@require_POST
def allocate(request: StaffRequest, uuid: uuids.UUID) -> HttpResponseBase:
    """Name the worker."""
    referral = _receiving(request, uuid)
    form = AllocationForm(request.POST, workers=loaders.workers_of(referral.receiving_team_id))

    def step() -> object:
        assert form.worker is not None
        version = form.cleaned_data["version"]
        return actions.allocate(by=request.me, referral=referral, version=version, practitioner=form.worker)

    return _take(
        request, referral, "allocation", form, step, _("The worker was named, and the referrer told.")
    )


@staff(Permission.WORK_CASES)
@require_POST
def write(request: StaffRequest, uuid: uuids.UUID) -> HttpResponseBase:
    """Write to the referrer: a question, or how long the child will wait."""
    referral = _receiving(request, uuid)
    form = MessageForm(request.POST)

    def step() -> object:
        said = form.cleaned_data
        return actions.write_to_referrer(
            by=request.me, referral=referral, kind=StepKind(said["kind"]), words=said["words"]
        )

    return _take(request, referral, "message", form, step, _("Sent to the referrer."))


@staff(Permission.REFER)
@require_POST
def answer(request: StaffRequest, uuid: uuids.UUID) -> HttpResponseBase:
    """The referrer answers."""
    referral = load(request, loaders.whole(), writable=True, act="change", uuid=uuid)
    form = AnswerForm(request.POST)

    def step() -> object:
        return actions.answer(by=request.me, referral=referral, words=form.cleaned_data["words"])

    return _take(request, referral, "answer", form, step, _("Your answer was sent."))


@staff(Permission.WORK_CASES, Permission.SEARCH_INDEX)
@require_http_methods(["GET", "POST"])
def child(request: StaffRequest, uuid: uuids.UUID) -> HttpResponseBase:
    """Say which child it is: those who fit what was typed, best first, or somebody who is not in the index."""
    referral = _receiving(request, uuid)
    if referral.subject_id is not None and request.method == "GET":
        return redirect(actions.address(referral))
    whole_day = referral.date_of_birth if referral.born_precision == "day" else None
    query = Query(name=referral.child, born=whole_day, postcode=referral.lives.postcode)
    answers = search(by=request.me, query=query, reason="A referral to our team", request=request)
    found = [each for each in answers if not each.protected]
    choices = presenters.candidates(found)
    form = ChildForm(
        request.POST if request.method == "POST" else None, found=choices, version=referral.episode.version
    )
    subjects = {str(each.uuid): each.subject for each in found}
    status = _try(referral, form, lambda: _name(request, referral, form, subjects))
    if status == 302:
        messages.success(request, _("The child was named."))
        return redirect(actions.address(referral))
    context = {
        "form": form,
        "referral": referral,
        "found": choices,
        "about_child": written.identity_rows(referral),
        "back_url": actions.address(referral),
        "back_text": _("The referral"),
    }
    return render(request, "referrals/child.html", context, status=status)


def _name(request: StaffRequest, referral: Referral, form: ChildForm, subjects: dict[str, int]) -> None:
    chosen, version = form.cleaned_data["child"], form.cleaned_data["version"]
    if chosen == ChildForm.NEW:
        actions.add_child(by=request.me, referral=referral, version=version)
    else:
        actions.name_child(by=request.me, referral=referral, version=version, child=subjects[chosen])
