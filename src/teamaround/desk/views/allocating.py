"""Naming a worker: who fits the case and why, the manager's choice, and what each worker can do."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from teamaround.access.categories import Category
from teamaround.access.edits import StaleEdit
from teamaround.access.log import shown
from teamaround.access.requests import StaffRequest, load, staff
from teamaround.agencies.models import Membership, Practitioner, Site, ToldSex
from teamaround.agencies.profiles import ProfileRefused, StaleProfile, keep_profile, profile_of
from teamaround.agencies.roles import Permission
from teamaround.people.merging import records_of
from teamaround.procedures import actions as procedures
from teamaround.procedures.actions import EpisodeRefused
from teamaround.procedures.allocating import keep_wish, suggest
from teamaround.procedures.models import AllocationWish, Episode, EpisodeStatus
from teamaround.referrals import actions as referrals
from teamaround.referrals.actions import ReferralRefused
from teamaround.referrals.models import Referral
from teamaround.ui.forms import StaleForm

from ..allocating_forms import NameForm, ProfileForm, WishForm
from ..team import managed
from .moving_on import context_of


@staff(Permission.WORK_CASES, Permission.DECIDE_REFERRALS)
@require_http_methods(["GET", "HEAD", "POST"])
def allocate(request: StaffRequest, key: uuid.UUID) -> HttpResponse:
    """Who fits the case, best first, each with the reasons; what it asks for; and naming one."""
    rows = Episode.objects.select_related("author_team__agency", "author_team__site").defer("procedure")
    act = "change" if request.method == "POST" else ""
    episode = load(request, rows, uuid=key, writable=True, act=act)
    if not request.me.may_for(Permission.DECIDE_REFERRALS, episode.author_team_id):
        raise PermissionDenied
    context = context_of(request, episode)
    if episode.status != EpisodeStatus.OPEN or episode.subject_id is None:
        messages.info(request, _("Accept the referral first. Only an open case gets a worker."))
        return redirect(context["back_url"])
    referral = Referral.objects.filter(episode=episode).select_related("whereabouts").first()
    told = suggest(
        by=request.me,
        episode=episode,
        records=records_of(episode.subject_id),
        told_home=referral.lives.postcode if referral is not None else "",
    )
    shown(request, [episode.subject_id], Category.IDENTITY)
    if referral is not None:
        shown(request, [episode.subject_id], Category.REFERRAL)
    part = request.POST.get("part", "")
    wish = WishForm(request.POST if part == "wish" else None, wish=told.wish)
    name = NameForm(request.POST if part == "name" else None, found=told.found, version=episode.version)
    status = 200
    if part == "wish":
        status = _send(wish, lambda: _wished(request, episode, wish), told.wish)
        if status == 302:
            messages.success(request, _("The order below follows what the case asks for."))
            return redirect("desk:allocate", episode.uuid)
    elif part == "name":
        status = _send(name, lambda: _named(request, episode, name), episode)
        if status == 302:
            messages.success(request, _("The worker was named."))
            return redirect(context["back_url"])
    context |= {
        "heading": _("Who fits this case?"),
        "told": told,
        "wish": wish,
        "name": name,
        "asked": wish.is_bound or told.wish is None,
        "form": wish if part == "wish" else name,
    }
    return render(request, "desk/allocate.html", context, status=409 if status == 409 else 200)


def _send(form: Any, act: Any, row: AllocationWish | Episode | None) -> int:
    """302 where it was done, 200 where it was refused, 409 where somebody was first."""
    if not form.is_valid():
        return 200
    try:
        act()
    except StaleEdit:
        now = (
            type(row)._default_manager.filter(pk=row.pk).values_list("version", flat=True).first()
            if row
            else 0
        )
        form.refuse_stale(StaleForm(now or 0, ""))
        return 409
    except (EpisodeRefused, ReferralRefused) as refused:
        form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        return 200
    return 302


def _wished(request: StaffRequest, episode: Episode, form: WishForm) -> None:
    said = form.cleaned_data
    keep_wish(
        by=request.me,
        episode=episode,
        version=said["version"],
        prefers=said["prefers"],
        languages=said["languages"],
        skills=said["skills"],
    )


def _named(request: StaffRequest, episode: Episode, form: NameForm) -> None:
    said = form.cleaned_data
    referral = Referral.objects.filter(episode=episode).first()
    if referral is not None:
        referrals.allocate(
            by=request.me,
            referral=referral,
            version=said["version"],
            practitioner=form.worker,
            words=said["words"],
        )
        return
    if said["version"] != episode.version:
        raise StaleEdit
    procedures.allocate(by=request.me, episode=episode, practitioner=form.worker, text=said["words"])


@staff(Permission.WORK_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def my_profile(request: StaffRequest) -> HttpResponse:
    """What I can do, for whoever names a worker."""
    me = Practitioner.objects.get(pk=request.me.principal)
    return _profile(request, me, own=True, back=reverse("desk:my_day"), back_text=_("My day"))


@staff(Permission.DECIDE_REFERRALS)
@require_http_methods(["GET", "HEAD", "POST"])
def worker_profile(request: StaffRequest, worker: uuid.UUID) -> HttpResponse:
    """What a worker of a team that I manage can do. Somebody else's worker is not there."""
    works = Membership.objects.current().filter(team_id__in=managed(request.me))
    row = Practitioner.objects.filter(
        uuid=worker, left_at=None, pk__in=works.values("practitioner_id")
    ).first()
    if row is None:
        raise Http404
    return _profile(
        request, row, own=row.pk == request.me.principal, back=reverse("desk:team"), back_text=_("The team")
    )


def _profile(
    request: StaffRequest, worker: Practitioner, *, own: bool, back: str, back_text: str
) -> HttpResponse:
    profile = profile_of(worker.pk)
    agencies = Membership.objects.current().filter(practitioner=worker).values("team__agency")
    form = ProfileForm(
        request.POST if request.method == "POST" else None,
        profile=profile,
        sites=list(Site.objects.filter(agency__in=agencies).order_by("name")),
        own=own,
    )
    status = 200
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        try:
            keep_profile(
                practitioner=worker,
                version=said["version"],
                skills=said["skills"],
                languages=said["languages"],
                based_at=form.site,
                sex=said["sex"] if own else None,
            )
        except StaleProfile:
            now = profile_of(worker.pk)
            form.refuse_stale(StaleForm(now.version if now else 0, ""))
            status = 409
        except ProfileRefused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            messages.success(request, _("It was saved."))
            return redirect(back)
    context = {
        "form": form,
        "heading": _("What I can do") if own else _("What %(name)s can do") % {"name": worker.name},
        "lead": _(
            "It helps to find who fits a child. You and the managers of your teams see it, and nobody else."
        ),
        "told_sex": "" if own or profile is None or not profile.sex else str(ToldSex(profile.sex).label),
        "submit": _("Save"),
        "cancel_url": back,
        "back_url": back,
        "back_text": back_text,
    }
    return render(request, "desk/profile.html", context, status=status)
