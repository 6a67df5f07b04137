"""A case goes on elsewhere: step up, step down, transfer, re-open; and mistakes are taken back."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from teamaround.access.categories import Category
from teamaround.access.edits import StaleEdit
from teamaround.access.log import shown
from teamaround.access.requests import StaffRequest, load, staff
from teamaround.agencies.roles import Permission
from teamaround.people.merging import records_of
from teamaround.people.models import Person
from teamaround.procedures.actions import EpisodeRefused
from teamaround.procedures.models import Episode, EpisodeStatus, LinkKind
from teamaround.procedures.moving_on import UNDO_DAYS, Mistake, why_not_taken_back
from teamaround.referrals import moving_on
from teamaround.referrals.actions import ReferralRefused
from teamaround.ui.forms import StaleForm

from ..case import as_referred
from ..moving_forms import AskingForm, MistakeForm, TeamForm, WhereForm
from ..moving_on import KINDS, MISTAKES, Choice, child_row, choices_for, leads, part_rows
from ..person import identity_of


def case_of(request: StaffRequest, key: uuid.UUID) -> Episode:
    rows = Episode.objects.select_related("author_team__agency", "procedure").defer("procedure__text")
    act = "change" if request.method == "POST" else ""
    return load(request, rows, uuid=key, writable=True, act=act)


def context_of(request: StaffRequest, episode: Episode) -> dict[str, Any]:
    """The bar that names the child, and the way back."""
    person = Person.objects.filter(pk=episode.subject_id).first()
    if person is not None:
        shown(request, [person.pk], Category.INDEX)
    case = reverse("desk:case", args=[episode.uuid])
    return {
        "identity": identity_of(person) if person is not None else as_referred(episode),
        "person": person,
        "cancel_url": case,
        "back_url": case,
        "back_text": _("The case"),
    }


@staff(Permission.WORK_CASES, Permission.REFER)
@require_http_methods(["GET", "HEAD", "POST"])
def move_on(request: StaffRequest, key: uuid.UUID) -> HttpResponse:
    """Which way, to which team, then what goes along and why; sent, the other team has a referral."""
    episode = case_of(request, key)
    context = context_of(request, episode)
    if episode.status != EpisodeStatus.OPEN or episode.subject_id is None:
        messages.info(request, _("Only an open case goes on elsewhere."))
        return redirect(context["back_url"])
    kind = request.GET.get("kind", "")
    if kind not in KINDS:
        context |= {
            "form": WhereForm(),
            "heading": _("Step up, step down or transfer"),
            "submit": _("Continue"),
        }
        return render(request, "desk/where.html", context)
    found, outside = choices_for(episode, kind)
    chosen = next((each for each in found if each.team.slug == request.GET.get("team", "")), None)
    if chosen is None:
        context |= {
            "form": TeamForm(found=found, initial={"kind": kind}),
            "found": found,
            "outside": outside,
            "heading": KINDS[LinkKind(kind)][0],
            "submit": _("Continue"),
        }
        return render(request, "desk/where.html", context)
    return _ask(request, episode, kind, chosen, context)


def _ask(
    request: StaffRequest, episode: Episode, kind: str, chosen: Choice, context: dict[str, Any]
) -> HttpResponse:
    assert episode.subject_id is not None, "the page is for a case that names its child"
    records = records_of(episode.subject_id)
    mine = leads(episode, records)
    form = AskingForm(
        request.POST if request.method == "POST" else None,
        asks_lead=mine,
        initial={"lead": "us" if kind == LinkKind.STEP_UP else "them"},
    )
    if _sent(request, form, episode, kind, chosen):
        words = _("The referral was sent to %(team)s. Your case stays open until you close it.")
        messages.success(request, words % {"team": chosen.team.name})
        return redirect(context["back_url"])
    taken = moving_on.parcel(
        episode=episode, receiving_team=chosen.team, person=context["person"], records=records
    )
    for each in taken.parts:
        if each.holds:
            shown(request, [episode.subject_id], each.category)
    context |= {
        "form": form,
        "heading": _("%(kind)s to %(team)s") % {"kind": KINDS[LinkKind(kind)][0], "team": chosen.team.name},
        "caption": chosen.team.agency.name,
        "child": child_row(taken),
        "goes": part_rows(taken.goes),
        "stays": part_rows(taken.stays),
        "submit": _("Send the referral"),
    }
    return render(request, "desk/move_on.html", context)


def _sent(request: StaffRequest, form: AskingForm, episode: Episode, kind: str, chosen: Choice) -> bool:
    return _done(
        form,
        lambda: moving_on.move_on(
            by=request.me,
            episode=episode,
            kind=kind,
            receiving_team=chosen.team,
            asking=form.asking(),
            form_token=form.cleaned_data["form_token"],
        ),
    )


def _done(form: django_forms.Form, act: Callable[[], object]) -> bool:
    """Whether the act was done; a refusal stands beside its field."""
    if not form.is_bound or not form.is_valid():
        return False
    try:
        act()
    except (ReferralRefused, EpisodeRefused) as refused:
        form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        return False
    return True


@staff(Permission.WORK_CASES, Permission.REFER)
@require_http_methods(["GET", "HEAD", "POST"])
def reopen(request: StaffRequest, key: uuid.UUID) -> HttpResponse:
    """A closed case of my team begins again with a referral to the team itself, which carries what was written."""
    episode = case_of(request, key)
    context = context_of(request, episode)
    if episode.status != EpisodeStatus.CLOSED:
        messages.info(request, _("Only a case that is closed is re-opened."))
        return redirect(context["back_url"])
    form = AskingForm(request.POST if request.method == "POST" else None, asks_lead=False)
    chosen = Choice(episode.author_team, named=True)
    if _sent(request, form, episode, LinkKind.REOPEN, chosen):
        messages.success(request, _("The referral waits for your team’s answer, with all that was written."))
        return redirect("referrals:inbox")
    context |= {
        "form": form,
        "heading": _("Re-open the case"),
        "lead": _(
            "A new referral to your own team goes on from this case. What was written comes along, so that nobody has to "
            "tell it again. This case stays closed, as it was."
        ),
        "submit": _("Send the referral"),
    }
    return render(request, "ui/form_page.html", context)


REVERSALS: dict[Mistake, tuple[Promise, Callable[..., Any]]] = {
    Mistake.CLOSURE: (
        gettext_lazy(
            "The case is open as it was, with its worker, its plan and its clocks. That it was closed, and why that was "
            "a mistake, both stay in what has happened."
        ),
        moving_on.take_back_closure,
    ),
    Mistake.ACCEPTANCE: (
        gettext_lazy(
            "The referral waits for an answer again, and nobody has the case. The referrer reads the reason. This can be "
            "done until somebody has worked in the case."
        ),
        moving_on.take_back_answer,
    ),
    Mistake.DECLINE: (
        gettext_lazy(
            "The referral waits for an answer again, and its clocks run on. The referrer reads the reason."
        ),
        moving_on.take_back_answer,
    ),
    Mistake.ALLOCATION: (
        gettext_lazy("Whoever had the case before has it again; where nobody had it, it waits for a worker."),
        moving_on.take_back_allocation,
    ),
}


@staff(Permission.WORK_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def take_back(request: StaffRequest, key: uuid.UUID, what: str) -> HttpResponse:
    """Take a closing, an answer or an allocation back as a mistake, with the reason."""
    if what not in REVERSALS:
        raise Http404
    mistake = Mistake(what)
    episode = case_of(request, key)
    lead, act = REVERSALS[mistake]
    context = context_of(request, episode)
    if why_not := why_not_taken_back(episode, mistake):
        messages.info(request, why_not)
        return redirect(context["back_url"])
    form = MistakeForm(request.POST if request.method == "POST" else None, version=episode.version)
    code = 200
    try:
        if _done(form, lambda: act(by=request.me, episode=episode, **_said(form))):
            messages.success(request, _("It was taken back. Both facts stay in what has happened."))
            return redirect(context["back_url"])
    except StaleEdit:
        form.refuse_stale(StaleForm(Episode.objects.values_list("version", flat=True).get(pk=episode.pk), ""))
        code = 409
    context |= {
        "form": form,
        "heading": MISTAKES[mistake],
        "lead": lead,
        "submit": _("Take it back"),
        "submit_class": "warning",
        "days": UNDO_DAYS,
    }
    return render(request, "ui/form_page.html", context, status=code)


def _said(form: MistakeForm) -> dict[str, Any]:
    return {"version": form.cleaned_data["version"], "reason": form.cleaned_data["reason"]}
