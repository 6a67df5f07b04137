"""The page on which the sender of a referral takes it back."""

from __future__ import annotations

import uuid as uuids

from django import forms as django_forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from teamaround.access.requests import StaffRequest, load, staff
from teamaround.agencies.roles import Permission
from teamaround.procedures.actions import EpisodeRefused
from teamaround.procedures.models import EpisodeStatus
from teamaround.ui import forms

from . import loaders, moving_on
from .actions import address


class TakeBackForm(forms.Form):
    """Why a referral is taken back."""

    reason = django_forms.CharField(
        label=gettext_lazy("Why do you take it back?"),
        max_length=500,
        help_text=gettext_lazy("The other team reads this."),
        widget=django_forms.Textarea({"rows": 3}),
    )


@staff(Permission.REFER)
@require_http_methods(["GET", "HEAD", "POST"])
def take_back(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """Take back a referral that my team sent by mistake and that nobody has answered."""
    act = "change" if request.method == "POST" else ""
    referral = load(request, loaders.whole(), act=act, uuid=uuid)
    if referral.author_team_id not in request.me.teams:
        raise PermissionDenied
    here = address(referral)
    if referral.episode.status != EpisodeStatus.WAITING:
        messages.info(request, _("This referral was answered already. Talk to the team that has it."))
        return redirect(here)
    form = TakeBackForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            moving_on.withdraw(by=request.me, referral=referral, reason=form.cleaned_data["reason"])
        except EpisodeRefused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            messages.success(request, _("The referral was taken back. Both teams read why."))
            return redirect(here)
    context = {
        "form": form,
        "heading": _("Take this referral back"),
        "caption": referral.child,
        "lead": _("%(team)s no longer answers it, and its clocks end. That it was sent stays on the record.")
        % {"team": referral.receiving_team.name},
        "submit": _("Take it back"),
        "submit_class": "warning",
        "cancel_url": here,
        "back_url": here,
        "back_text": _("The referral"),
    }
    return render(request, "ui/form_page.html", context)
