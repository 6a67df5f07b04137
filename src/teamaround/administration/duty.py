"""The legal duty to share: an administrator says from when until when it is in force, and by what authority."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from teamaround.access.requests import StaffRequest, staff
from teamaround.agencies.roles import Permission
from teamaround.sharing.actions import BasisRefused
from teamaround.sharing.bases import switch_duty_off, switch_duty_on
from teamaround.sharing.models import DutyPeriod
from teamaround.ui.presentation import uk_date

from .forms import DutyForm


@staff(Permission.SET_UP_AREA)
@require_http_methods(["GET", "HEAD", "POST"])
def duty(request: StaffRequest) -> HttpResponse:
    """The periods in which the duty was, is or will be in force, and switching it on."""
    form = DutyForm(request.POST or None, initial={"effective_from": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            switch_duty_on(by=request.me.principal, **form.cleaned_data)
        except BasisRefused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            messages.success(request, _("The duty to share is switched on for these days."))
            return redirect("administration:duty")
    now = timezone.now()
    periods = [
        {
            "pk": period.pk,
            "words": _("From %(since)s until %(until)s")
            % {
                "since": uk_date(period.effective_from),
                "until": uk_date(period.effective_until) if period.effective_until else _("further notice"),
            },
            "authority": period.authority,
            "running": period.effective_until is None or period.effective_until > now,
        }
        for period in DutyPeriod.objects.order_by("-effective_from")
    ]
    context = {
        "form": form,
        "heading": _("Legal duty to share"),
        "periods": periods,
        "back_url": reverse("administration:overview"),
        "back_text": _("Administration"),
    }
    return render(request, "administration/duty.html", context)


@require_POST
@staff(Permission.SET_UP_AREA)
def end_duty(request: StaffRequest) -> HttpResponse:
    """End a period now: what was opened under the duty closes at once."""
    wanted = request.POST.get("period", "")
    period = DutyPeriod.objects.filter(pk=wanted).first() if wanted.isdecimal() else None
    if period is None:
        messages.info(request, _("Choose the period to end from the list."))
    else:
        switch_duty_off(by=request.me.principal, period=period)
        messages.success(request, _("Switched off. What it opened is closed."))
    return redirect("administration:duty")
