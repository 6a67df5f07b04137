"""Pages of sharing: ask for consent, record a safeguarding reason, read a decision, withdraw it."""

from __future__ import annotations

import uuid as uuids
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from teamaround.access.edits import StaleEdit
from teamaround.access.log import shown
from teamaround.access.requests import StaffRequest, load, staff
from teamaround.agencies.models import Team
from teamaround.agencies.roles import Permission
from teamaround.people.models import Person

from . import presenters
from .actions import WORDING_VERSION, BasisRefused, record_safeguarding, withdraw_consent
from .circle import Circle, circle_of, offers_for, recording_team, standing_bases
from .consent import take_consent
from .forms import SHARED, ConsentForm, SafeguardingForm, WithdrawForm, cell_name
from .links import identity_of, page
from .models import Basis, Kind
from .wording import wording


def _circle(request: StaffRequest, person: uuids.UUID) -> tuple[Circle, int]:
    """The child's circle, and the team of mine that works with the child. 404 unseen, 403 without such a team."""
    child = load(request, Person.objects.all(), uuid=person)
    team = recording_team(request.me, child)
    if team is None:
        raise PermissionDenied
    circle = circle_of(child)
    shown(request, [party.subject for party in circle.parties], "index")
    return circle, team


@staff(Permission.RECORD_CONSENT)
@require_http_methods(["GET", "HEAD", "POST"])
def consent(request: StaffRequest, person: uuids.UUID) -> HttpResponse:
    """Record who agreed that which team may see what, about whom, until when."""
    circle, team = _circle(request, person)
    offers = offers_for(request.me, [party.subject for party in circle.parties], own=True)
    form = ConsentForm(request.POST or None, circle=circle, offers=offers)
    if "add" in request.POST:
        form.keep_without_judging()
    elif request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            basis = take_consent(
                by=request.me,
                team=team,
                child=circle.child.pk,
                giver=circle.party(typed["given_by"]),
                capacity=typed["capacity"],
                subjects=form.chosen("subjects"),
                answers=form.answers(),
                since=typed["since"],
                until=typed["until"],
                how=typed["how"],
                witness=typed["witness"],
                understanding=typed["understanding"],
                token=typed["token"],
            )
        except BasisRefused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("Recorded. It counts from this moment."))
            return redirect("sharing:detail", uuid=basis.uuid)
    bases = list(standing_bases(circle.child.pk))
    shown(request, [circle.child.pk] if bases else [], "identity")
    context = {
        "heading": _("What may be shared, and with whom"),
        "title": _("Consent to sharing"),
        "identity": identity_of(circle.child),
        "form": form,
        "teams": presenters.team_rows(
            form, {o.slug: [cell_name(o.slug, c) for c in SHARED] for o in form.teams}
        ),
        "statements": wording(WORDING_VERSION).statements,
        "in_force": presenters.in_force(bases),
        "safeguarding_url": page("sharing:safeguarding", circle.child.uuid),
        "back_url": page("desk:person", circle.child.uuid),
    }
    return render(request, "sharing/consent.html", context)


@staff(Permission.RECORD_SAFEGUARDING)
@require_http_methods(["GET", "HEAD", "POST"])
def safeguarding(request: StaffRequest, person: uuids.UUID) -> HttpResponse:
    """Record why something must be shared without consent, with whom, and when that is reviewed."""
    circle, team = _circle(request, person)
    offers = offers_for(request.me, [party.subject for party in circle.parties], own=False)
    form = SafeguardingForm(request.POST or None, circle=circle, offers=offers)
    if "add" in request.POST:
        form.keep_without_judging()
    elif request.method == "POST" and form.is_valid():
        try:
            basis = record_safeguarding(
                by=request.me,
                team=team,
                subject=circle.child.pk,
                reason=form.cleaned_data["reason"],
                review_on=form.cleaned_data["review_on"],
                cells=form.cells(),
                token=form.cleaned_data["token"],
            )
        except BasisRefused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("Recorded. The teams you chose can see it from this moment."))
            return redirect("sharing:detail", uuid=basis.uuid)
    context = {
        "heading": _("Share to keep somebody safe"),
        "identity": identity_of(circle.child),
        "form": form,
        "teams": presenters.team_rows(form, {o.slug: [o.slug] for o in form.teams}),
        "back_url": page("desk:person", circle.child.uuid),
    }
    return render(request, "sharing/safeguarding.html", context)


def _detail(request: StaffRequest, basis: Basis, form: WithdrawForm) -> dict[str, Any]:
    lines = list(basis.lines.all())
    subjects = {line.subject_id for line in lines} | {basis.subject_id}
    people = {person.pk: person for person in Person.objects.filter(pk__in=subjects)}
    holders = {line.holder_id for line in lines}
    teams = Team.objects.select_related("agency").filter(pk__in=holders)
    shown(request, subjects, basis.category)
    if basis.given_by is not None:
        shown(request, [basis.given_by.pk], "index")
    child = people.get(basis.subject_id)
    consented = basis.kind == Kind.CONSENT
    return {
        "heading": _("Consent to sharing") if consented else _("Sharing to keep somebody safe"),
        "identity": identity_of(child),
        "basis": basis,
        "state": presenters.state_tag(basis),
        "facts": presenters.facts(basis, {pk: person.name for pk, person in people.items()}, lines),
        "shares": presenters.shares(lines, {team.pk: f"{team.agency.name}: {team.name}" for team in teams}),
        "form": form,
        "may_withdraw": basis.author_team_id in request.me.teams and presenters.holds(basis),
        "own": basis.author_team_id in request.me.teams,
        "statements": wording(basis.wording_version).statements
        if consented and basis.wording_version
        else (),
        "back_url": page("desk:person", child.uuid) if child else "",
        "again_url": page("sharing:consent", child.uuid) if child and consented else "",
    }


@staff(Permission.WORK_CASES)
def detail(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """One decision about sharing, for the team that recorded it and for those it names."""
    rows = Basis.objects.select_related("given_by", "author_team__agency").prefetch_related("lines")
    basis = load(request, rows, uuid=uuid)
    return render(request, "sharing/detail.html", _detail(request, basis, WithdrawForm()))


@staff(Permission.RECORD_CONSENT)
@require_http_methods(["POST"])
def withdraw(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """End a decision now. A second click finds it ended."""
    rows = Basis.objects.select_related("given_by", "author_team__agency").prefetch_related("lines")
    basis = load(request, rows, uuid=uuid, writable=True)
    form = WithdrawForm(request.POST)
    if not form.is_valid():
        return render(request, "sharing/detail.html", _detail(request, basis, form))
    try:
        withdraw_consent(by=request.me, basis=basis, reason=form.cleaned_data["reason"])
    except BasisRefused as refused:
        messages.info(request, str(refused))
    except StaleEdit:
        messages.info(request, _("Somebody changed this a moment ago. Look at it again."))
    else:
        messages.success(request, _("Withdrawn. What it showed is hidden from now on."))
    return redirect("sharing:detail", uuid=uuid)
