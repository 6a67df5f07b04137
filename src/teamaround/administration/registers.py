"""Authorisations to load every child of an area: recorded with the assessment they rest on, and revoked."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from teamaround.access.requests import StaffRequest, load, staff
from teamaround.agencies.models import Agency, Practitioner
from teamaround.agencies.roles import Permission
from teamaround.importing.disposal import revoke
from teamaround.importing.models import Authorisation
from teamaround.importing.register import AuthorisationRefused, authorise
from teamaround.ui import forms
from teamaround.ui.components import Tag
from teamaround.ui.presentation import uk_date

MOST = 100


class AuthorisationForm(forms.Form):
    """Which agency, for which area, on what assessment, by whose decision, from when until when."""

    agency = django_forms.ModelChoiceField(
        label=gettext_lazy("Agency that may load it"),
        queryset=Agency.objects.filter(ended_at=None).order_by("name"),
        empty_label=gettext_lazy("Choose an agency"),
    )
    area = django_forms.CharField(
        label=gettext_lazy("Area, and which children of it"),
        max_length=120,
        help_text=gettext_lazy("For example: Northmoor, children of school age"),
    )
    assessment_reference = django_forms.CharField(
        label=gettext_lazy("Reference of the data protection impact assessment"), max_length=80
    )
    assessed_on = forms.DateField(label=gettext_lazy("Date of the assessment"), not_future=True)
    decided_by = django_forms.CharField(
        label=gettext_lazy("Who decided"),
        max_length=120,
        help_text=gettext_lazy("Name and office, for example the data protection officer"),
    )
    effective_from = forms.DateField(label=gettext_lazy("From"))
    effective_until = forms.DateField(label=gettext_lazy("Last day"))


class RevokeForm(forms.Form):
    """Why an authorisation is revoked."""

    reason = django_forms.CharField(
        label=gettext_lazy("Why is it revoked?"), max_length=180, widget=django_forms.Textarea({"rows": 3})
    )


@staff(Permission.SET_UP_AREA)
@require_http_methods(["GET", "HEAD", "POST"])
def registers(request: StaffRequest) -> HttpResponse:
    """The authorisations that stand, stood or will stand; and recording one."""
    form = AuthorisationForm(request.POST or None, initial={"effective_from": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            authorise(by=request.me, **form.cleaned_data)
        except AuthorisationRefused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            messages.success(request, _("The authorisation is recorded."))
            return redirect("administration:registers")
    found = list(Authorisation.objects.select_related("agency")[:MOST])
    names = Practitioner.objects.filter(
        Q(pk__in={one.recorded_by_id for one in found}) | Q(pk__in={one.revoked_by_id for one in found})
    )
    who = dict(names.values_list("pk", "name"))
    context = {
        "form": form,
        "heading": _("Registers of every child of an area"),
        "authorisations": [_line(one, who) for one in found],
        "back_url": reverse("administration:overview"),
        "back_text": _("Administration"),
    }
    return render(request, "administration/registers.html", context)


def _line(one: Authorisation, who: dict[int, str]) -> dict[str, Any]:
    today = timezone.localdate()
    if one.revoked_at is not None:
        tag = Tag(_("Revoked"), "grey")
    elif today > one.effective_until:
        tag = Tag(_("Over"), "grey")
    else:
        tag = Tag(_("In force"), "green") if today >= one.effective_from else Tag(_("Not yet"), "yellow")
    words = _("%(agency)s: %(area)s") % {"agency": one.agency.name, "area": one.area}
    revoked = ""
    if one.revoked_at is not None:
        revoked = _("Revoked by %(who)s on %(day)s: %(why)s") % {
            "who": who.get(one.revoked_by_id or 0, ""),
            "day": uk_date(timezone.localtime(one.revoked_at).date()),
            "why": one.revoke_reason,
        }
    return {
        "uuid": one.uuid,
        "words": words,
        "tag": tag,
        "assessment": _("Assessment %(reference)s of %(day)s, decided by %(who)s")
        % {
            "reference": one.assessment_reference,
            "day": uk_date(one.assessed_on),
            "who": one.decided_by,
        },
        "days": _("From %(since)s until %(until)s")
        % {"since": uk_date(one.effective_from), "until": uk_date(one.effective_until)},
        "recorded": _("Recorded by %(who)s") % {"who": who.get(one.recorded_by_id or 0, "")},
        "revoked": revoked,
        "standing": one.revoked_at is None,
    }


@staff(Permission.SET_UP_AREA)
@require_http_methods(["GET", "HEAD", "POST"])
def revoke_register(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Revoke one: what was loaded under it is taken out of the index."""
    found = load(request, Authorisation.objects.select_related("agency"), show=False, uuid=uuid)
    if found.revoked_at is not None:
        return redirect("administration:registers")
    form = RevokeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            runs = revoke(by=request.me, authorisation=found, reason=form.cleaned_data["reason"])
        except AuthorisationRefused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            told = ngettext(
                "Revoked. What %(number)s upload loaded is being taken out of the index.",
                "Revoked. What %(number)s uploads loaded is being taken out of the index.",
                runs,
            )
            messages.success(request, told % {"number": runs})
            return redirect("administration:registers")
    context = {
        "form": form,
        "heading": _("Revoke an authorisation"),
        "caption": _("%(agency)s: %(area)s") % {"agency": found.agency.name, "area": found.area},
        "lead": _(
            "No register can be loaded under it any more. Whom it loaded is found no longer, save children with "
            "whom anybody works or about whom anything else was recorded. Nothing is deleted: the history keeps it."
        ),
        "submit": _("Revoke"),
        "submit_class": "warning",
        "cancel_url": reverse("administration:registers"),
        "back_url": reverse("administration:registers"),
    }
    return render(request, "administration/revoke_register.html", context)
