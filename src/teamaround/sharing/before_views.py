"""“Before you share”: what a recipient may be told, and the decision recorded in the same step."""

from __future__ import annotations

import uuid as uuids
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from teamaround.access.log import shown
from teamaround.access.requests import StaffRequest, staff
from teamaround.agencies.models import Sector
from teamaround.agencies.roles import Permission

from .about import About, about_of
from .actions import WORDING_VERSION, BasisRefused
from .bases import duty_in_force
from .before import (
    AtWork,
    Recipient,
    TeamsAtWork,
    before_sharing,
    of_kind,
    recipients_for,
    team_at_work,
    whom_to_ask,
)
from .before_forms import KIND, OUTSIDE, DecisionForm, RecipientForm
from .before_presenters import Asking, answer_rows, counts, decision_view, in_order
from .decisions import SharedWith, decisions_about, record_decision
from .golden_rules import golden_rules
from .links import page
from .wording import wording

MOST_DECISIONS = 50


@dataclass(frozen=True, slots=True)
class Chosen:
    """Whom the page answers for: one team, somebody outside, or nobody yet (then perhaps several to choose from)."""

    name: str = ""
    team: int | None = None
    slug: str = ""
    outside: bool = False
    note: str = ""
    among: tuple[Recipient, ...] = ()

    @property
    def somebody(self) -> bool:
        return self.team is not None or self.outside


@staff(Permission.WORK_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def before(request: StaffRequest, key: uuids.UUID) -> HttpResponse:
    """Choose a recipient, read what they may be told and why, and record what was decided."""
    about = about_of(request, key)
    me = request.me
    at_work = TeamsAtWork.find(about.records)
    recipients = recipients_for(me, about.records, at_work)
    chosen = _chosen(request.GET.get("to", ""), recipients, about)
    chooser = RecipientForm(initial={"to": request.GET.get("to") or chosen.slug}, recipients=recipients)
    context = {
        "heading": _("Before you share"),
        "identity": about.identity,
        "back_url": about.url,
        "about": about,
        "chooser": chooser,
        "chosen": chosen,
        "involved": [each for each in recipients if each.involved],
        "rules": golden_rules(timezone.localdate()),
        "danger_url": about.page_of("sharing:safeguarding") if me.may(Permission.RECORD_SAFEGUARDING) else "",
        "decisions_url": reverse("sharing:decisions", args=[key]),
    }
    if not chosen.somebody:
        return render(request, "sharing/before.html", context)
    status, answers = _answers(request, about, chosen, at_work)
    if status == 302:
        messages.success(request, _("Recorded. Nothing was sent: that is yours to do."))
        return redirect("sharing:decisions", key)
    return render(request, "sharing/before.html", {**context, **answers}, status=status)


def _chosen(to: str, recipients: list[Recipient], about: About) -> Chosen:
    involved = [each for each in recipients if each.involved]
    if not to and len(involved) == 1:
        return _team(involved[0])
    if to == OUTSIDE:
        return Chosen(_("somebody outside the partnership"), outside=True)
    if to.startswith(KIND) and to.removeprefix(KIND) in Sector.values:
        sector = Sector(to.removeprefix(KIND))
        found = of_kind(recipients, sector)
        if len(found) == 1 and found[0].involved:
            words = _("%(team)s is the one of that kind that works with %(name)s.")
            return _team(found[0], note=words % {"team": found[0].name, "name": about.short})
        return Chosen(str(sector.label), among=tuple(found))
    return next((_team(each) for each in recipients if each.slug == to), Chosen())


def _team(each: Recipient, *, note: str = "") -> Chosen:
    return Chosen(each.name, each.team, each.slug, note=note)


def _answers(
    request: StaffRequest, about: About, chosen: Chosen, at_work: list[AtWork]
) -> tuple[int, dict[str, Any]]:
    """The table and the form under it; 302 where a decision was recorded, 200 or 422 else."""
    me, subject = request.me, about.row.pk
    said = in_order(before_sharing(subject=subject, recipient=chosen.team))
    shown(request, about.records, "identity", act="change" if request.method == "POST" else "")
    team = team_at_work(me, about.row, about.records)
    asks = team is not None and me.may(Permission.RECORD_CONSENT)
    consent = about.page_of("sharing:consent") if asks else ""
    asking = Asking(
        deciders=about.deciders if team is not None else "",
        contact=whom_to_ask(me, at_work),
        consent_url=f"{consent}?with={chosen.slug}" if consent and chosen.slug else consent,
    )
    form = None
    status = 200
    ticked: list[str] = []
    if team is not None:
        form = DecisionForm(
            request.POST or None,
            order=[each.category for each in said],
            duty=duty_in_force() is not None,
            outside=chosen.outside,
        )
        status = _recorded(request, form, about=about, chosen=chosen, team=team, said=said)
        ticked = form.data.getlist("categories") if form.is_bound else []  # type: ignore[attr-defined]
    ids = {str(each.category): f"id_categories_{number}" for number, each in enumerate(said)}
    return status, {
        "form": form,
        "rows": answer_rows(said, asking, hints=wording(WORDING_VERSION).categories, ticked=ticked, ids=ids),
        "counts": counts(said),
    }


def _recorded(
    request: StaffRequest, form: DecisionForm, *, about: About, chosen: Chosen, team: int, said: list[Any]
) -> int:
    if request.method != "POST":
        return 200
    if not form.is_valid():
        return 422
    typed = form.cleaned_data
    try:
        record_decision(
            by=request.me,
            team=team,
            subject=about.row.pk,
            decided="shared" if request.POST.get("decided") == "shared" else "not_shared",
            recipient=SharedWith(chosen.team, typed["recipient_words"]),
            categories=typed["categories"],
            said=said,
            reason=typed["reason"],
            relied_on=typed["relied_on"],
            advice_from=typed["advice_from"],
            told_family=typed["told_family"] == "yes",
            why_not_told=typed["why_not_told"],
            decided_on=typed["decided_on"],
            token=typed["token"],
        )
    except BasisRefused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        return 422
    return 302


@staff(Permission.WORK_CASES)
def decisions(request: StaffRequest, key: uuids.UUID) -> HttpResponse:
    """What my team decided to share and not to share about somebody, the latest first."""
    about = about_of(request, key)
    shown(request, about.records, "identity")
    rows = decisions_about(about.records, me=request.me)[:MOST_DECISIONS]
    context = {
        "heading": _("Decisions about sharing"),
        "identity": about.identity,
        "back_url": about.url,
        "decisions": [decision_view(row) for row in rows],
        "before_url": page("sharing:before", key),
    }
    return render(request, "sharing/decisions.html", context)
