"""Sharing agreements with their dates."""

from __future__ import annotations

import uuid as uuids
from collections.abc import Callable

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from teamaround.access.edits import StaleEdit
from teamaround.access.requests import StaffRequest, staff
from teamaround.ui.forms import StaleForm, VersionedForm

from .. import loaders, presenters
from ..actions import agreements as actions
from ..forms import AgreementForm, EndForm, RenewForm
from ..models import SharingAgreement
from . import HANDLE, acted


@staff(HANDLE)
def every(request: StaffRequest) -> HttpResponse:
    """Agreements in force, or those that ended."""
    ended = request.GET.get("ended") == "yes"
    today = presenters.today()
    context = {
        "heading": _("Ended agreements") if ended else _("Sharing agreements"),
        "agreements": [presenters.agreement_line(row, today) for row in loaders.agreements(ended=ended)],
        "ended": ended,
        "back_url": reverse("rights:overview"),
        "back_text": _("Governance"),
    }
    return render(request, "rights/agreements.html", context)


@staff(HANDLE)
def new(request: StaffRequest) -> HttpResponse:
    """Add an agreement."""
    form = AgreementForm(request.POST or None)

    def act() -> None:
        typed = dict(form.cleaned_data)
        agencies = [agency.pk for agency in typed.pop("agencies")]
        actions.add_agreement(by=request.me, agencies=agencies, **typed)

    back = reverse("rights:agreements")
    if acted(form, act):
        return redirect(back)
    return render(
        request,
        "ui/form_page.html",
        {"form": form, "heading": _("Add a sharing agreement"), "back_url": back, "cancel_url": back},
    )


def _change(
    request: StaffRequest, row: SharingAgreement, form: VersionedForm, heading: str, act: Callable[..., None]
) -> HttpResponse:
    back = reverse("rights:agreements")
    status = 200
    try:
        if acted(form, lambda: act(by=request.me, agreement=row, **form.cleaned_data)):
            return redirect(back)
    except StaleEdit:
        row.refresh_from_db()
        form.refuse_stale(StaleForm(row.version))
        status = 409
    context = {"form": form, "heading": heading, "lead": row.purpose, "back_url": back, "cancel_url": back}
    return render(request, "ui/form_page.html", context, status=status)


def _load(uuid: uuids.UUID) -> SharingAgreement:
    return get_object_or_404(SharingAgreement, uuid=uuid, ended_on=None)


@staff(HANDLE)
def renew(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """It goes on until a new review."""
    row = _load(uuid)
    form = RenewForm(request.POST or None, version=row.version)
    return _change(request, row, form, _("Renew the agreement"), actions.renew_agreement)


@staff(HANDLE)
def end(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """It ends today."""
    row = _load(uuid)
    form = EndForm(request.POST or None, version=row.version)
    return _change(request, row, form, _("End the agreement"), actions.end_agreement)
