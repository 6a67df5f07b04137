"""The duty rota of a team: who is on call when, what is not covered, and shifts that change hands."""

from __future__ import annotations

import datetime as dt
import uuid as uuids
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from teamaround.access.requests import StaffRequest, staff
from teamaround.agencies.models import Team
from teamaround.agencies.roles import Permission
from teamaround.ui.presentation import stretch, week_moment

from . import duty
from .duty import DutyRefused
from .forms import ShiftForm, SwapForm
from .models import DutyShift, DutySwap

AHEAD = dt.timedelta(weeks=6)


@staff()
def own_duty(request: StaffRequest) -> HttpResponse:
    """The duty rota of my own team."""
    return redirect("rota:duty", team=request.me.team.team_slug)


@staff()
def team_duty(request: StaffRequest, team: str) -> HttpResponse:
    """A team's duty rota for six weeks; its managers put people on it."""
    return _page(request, get_object_or_404(Team, slug=team, ended_at=None), None)


@require_POST
@staff(Permission.DECIDE_REFERRALS)
def add(request: StaffRequest, team: str) -> HttpResponse:
    """Put somebody on duty for a team that I manage."""
    chosen = get_object_or_404(Team, slug=team, ended_at=None)
    if not request.me.may_for(Permission.DECIDE_REFERRALS, chosen.pk):
        raise PermissionDenied
    form = ShiftForm(request.POST, people=_choices(chosen))
    if form.is_valid():
        starts_at, ends_at = form.moments()
        try:
            duty.add_shift(
                by=request.me,
                team=chosen.pk,
                practitioner=int(form.cleaned_data["practitioner"]),
                starts_at=starts_at,
                ends_at=ends_at,
            )
        except DutyRefused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            messages.success(request, _("The shift is on the rota."))
            return redirect("rota:duty", team=chosen.slug)
    return _page(request, chosen, form)


def _choices(team: Team) -> list[tuple[str, str]]:
    return [(str(each.pk), each.name) for each in duty.possible(team.pk)]


def _page(request: StaffRequest, chosen: Team, form: ShiftForm | None) -> HttpResponse:
    now = timezone.now()
    shifts = duty.shifts_of(chosen.pk, now, now + AHEAD)
    manages = request.me.may_for(Permission.DECIDE_REFERRALS, chosen.pk)
    if manages and form is None:
        # The next shift begins where the last one ends.
        last = timezone.localtime(shifts[-1].ends_at) if shifts else None
        form = ShiftForm(
            people=_choices(chosen),
            initial={"starts_on": last.date(), "starts_at": last.time()} if last else None,
        )
    context = {
        "heading": _("Duty rota"),
        "caption": chosen.name,
        "team": chosen,
        "form": form,
        "add_url": reverse("rota:add_shift", args=[chosen.slug]),
        "manages": manages,
        "lines": [_line(shift, request, now) for shift in shifts],
        "warnings": [_warning(fault) for fault in duty.faults_in(shifts)],
        "asked": [_asked(swap) for swap in _waiting(request)],
        "own": [_own(swap) for swap in _asking(request)],
        "back_url": reverse("rota:week"),
        "back_text": _("Rota"),
    }
    return render(request, "rota/duty.html", context)


def _line(shift: DutyShift, request: StaffRequest, now: dt.datetime) -> dict[str, Any]:
    own = shift.practitioner_id == request.me.principal
    return {
        "who": shift.practitioner.name,
        "phone": shift.practitioner.phone,
        "now": shift.starts_at <= now,
        "starts": week_moment(shift.starts_at),
        "ends": week_moment(shift.ends_at),
        "uuid": shift.uuid,
        "swap": own and shift.starts_at > now,
    }


def _warning(fault: duty.Fault) -> str:
    words = (
        _("Nobody is on duty from %(when)s.") if fault.gap else _("More than one is on duty from %(when)s.")
    )
    return words % {"when": stretch(fault.starts_at, fault.ends_at)}


def _waiting(request: StaffRequest) -> list[DutySwap]:
    """Questions that wait for my answer."""
    rows = DutySwap.objects.filter(asked_id=request.me.principal, answer="", shift__withdrawn_at=None)
    return list(
        rows.filter(shift__starts_at__gt=timezone.now()).select_related("shift__practitioner", "shift__team")[
            :20
        ]
    )


def _asked(swap: DutySwap) -> dict[str, Any]:
    return {
        "uuid": swap.uuid,
        "words": _("%(who)s asks you to be on duty for %(team)s from %(when)s.")
        % {
            "who": swap.shift.practitioner.name,
            "team": swap.shift.team.name,
            "when": stretch(swap.shift.starts_at, swap.shift.ends_at),
        },
    }


def _asking(request: StaffRequest) -> list[DutySwap]:
    """Questions of mine that nobody has answered."""
    rows = DutySwap.objects.filter(shift__practitioner_id=request.me.principal, answer="")
    rows = rows.filter(shift__withdrawn_at=None, shift__starts_at__gt=timezone.now())
    return list(rows.select_related("asked", "shift__team").order_by("shift__starts_at")[:20])


def _own(swap: DutySwap) -> dict[str, Any]:
    return {
        "uuid": swap.uuid,
        "words": _(
            "You asked %(who)s to be on duty for %(team)s from %(starts)s. The shift is yours until they take it."
        )
        % {"who": swap.asked.name, "team": swap.shift.team.name, "starts": week_moment(swap.shift.starts_at)},
    }


def _shift(uuid: uuids.UUID) -> DutyShift:
    return get_object_or_404(DutyShift.objects.select_related("team"), uuid=uuid, withdrawn_at=None)


@require_POST
@staff()
def off_duty(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """Take a shift off the rota; where it has begun, it ends now."""
    # One that changed hands meanwhile is looked for too: the manager is told who has it.
    shift = get_object_or_404(DutyShift.objects.select_related("team"), uuid=uuid)
    if not request.me.may_for(Permission.DECIDE_REFERRALS, shift.team_id):
        raise PermissionDenied
    try:
        duty.withdraw_shift(by=request.me, shift=shift)
    except DutyRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Off the rota. What the shift opened is closed."))
    return redirect("rota:duty", team=shift.team.slug)


@staff()
@require_http_methods(["GET", "HEAD", "POST"])
def swap(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """Ask somebody of the team to take my shift over."""
    shift = _shift(uuid)
    if shift.practitioner_id != request.me.principal:
        raise Http404
    people = duty.colleagues(shift.team_id, request.me.principal)
    form = SwapForm(request.POST or None, people=[(str(each.pk), each.name) for each in people])
    if request.method == "POST" and form.is_valid():
        try:
            duty.ask_to_swap(by=request.me, shift=shift, asked=int(form.cleaned_data["asked"]))
        except DutyRefused as refused:
            form.add_error("asked", str(refused))
        else:
            messages.success(request, _("Asked. The shift is yours until they take it."))
            return redirect("rota:duty", team=shift.team.slug)
    url = reverse("rota:duty", args=[shift.team.slug])
    context = {
        "form": form,
        "heading": _("Ask somebody to take your shift"),
        "caption": f"{shift.team.name}, {stretch(shift.starts_at, shift.ends_at)}",
        "lead": _("They find the question in My day. The shift is yours until they take it."),
        "submit": _("Ask them"),
        "cancel_url": url,
        "back_url": url,
        "back_text": _("Duty rota"),
    }
    return render(request, "ui/form_page.html", context)


@require_POST
@staff()
def answer(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """Take a shift over, or say that it is not possible. A question to somebody else does not exist for me."""
    asked = get_object_or_404(
        DutySwap.objects.select_related("shift__team"), uuid=uuid, asked_id=request.me.principal
    )
    said = request.POST.get("answer")
    if said not in ("take", "refuse"):
        messages.error(request, _("Say whether you take the shift."))
        return redirect("rota:duty", team=asked.shift.team.slug)
    takes = said == "take"
    try:
        duty.answer_swap(by=request.me, swap=asked, takes=takes)
    except DutyRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The shift is yours.") if takes else _("They are told."))
    return redirect("rota:duty", team=asked.shift.team.slug)


@require_POST
@staff()
def unask(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """Ask no more, so that somebody else can be asked. A question of somebody else's does not exist for me."""
    asked = get_object_or_404(
        DutySwap.objects.select_related("shift__team"), uuid=uuid, shift__practitioner_id=request.me.principal
    )
    try:
        duty.take_question_back(by=request.me, swap=asked)
    except DutyRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The question is taken back. The shift is yours."))
    return redirect("rota:duty", team=asked.shift.team.slug)
