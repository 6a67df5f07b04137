"""On duty now, notes for whoever is on duty, and how to reach a family."""

from __future__ import annotations

import datetime as dt
import uuid

from django import forms as django_forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from teamaround.access.categories import Category
from teamaround.access.log import shown
from teamaround.access.requests import StaffRequest, load, staff
from teamaround.agencies.roles import Permission
from teamaround.people.models import Person
from teamaround.procedures.actions import EpisodeRefused
from teamaround.procedures.handing_over import hand_over as leave_note
from teamaround.procedures.handing_over import settle as settle_note
from teamaround.procedures.models import Episode
from teamaround.rota.models import HandoverNote
from teamaround.sharing.links import identity_of
from teamaround.ui import forms

from ..clocks import page
from ..on_duty import load_duty, phones_of


class HandoverForm(forms.Form):
    """What whoever is on duty needs to know, and until when."""

    text = django_forms.CharField(
        label=gettext_lazy("What does whoever is on duty need to know?"),
        max_length=2000,
        widget=django_forms.Textarea({"rows": 5}),
        help_text=gettext_lazy("It is on the child’s file. The family may ask to read it."),
    )
    until_on = forms.DateField(label=gettext_lazy("Until which day?"), not_past=True)
    until_at = forms.TimeField(label=gettext_lazy("Until what time?"), widget=forms.TextInput(width=10))


@staff(Permission.WORK_CASES)
def on_duty(request: StaffRequest) -> HttpResponse:
    """What falls to me while I am on duty; otherwise who is, and when I am."""
    found = load_duty(request.me, after=request.GET.get("after", ""))
    for subjects, category in (
        (found.clock_subjects | found.note_subjects, Category.INDEX),
        (found.clock_subjects, Category.REFERRAL),
        (found.note_subjects, Category.NOTES),
        (found.risk_subjects, Category.ASSESSMENT),
    ):
        shown(request, subjects, category, act="list")
    heading = _("On duty now") if found.on else _("Duty")
    return render(request, "desk/on_duty.html", {"page": found, "heading": heading})


def _case(request: StaffRequest, key: uuid.UUID) -> Episode:
    return load(request, Episode.objects.select_related("author_team"), uuid=key, writable=True)


@staff(Permission.WORK_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: StaffRequest, key: uuid.UUID) -> HttpResponse:
    """Leave a note for whoever is on duty."""
    case = _case(request, key)
    if case.subject_id is None:
        raise Http404
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    form = HandoverForm(request.POST or None, initial={"until_on": tomorrow, "until_at": dt.time(9)})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        until = timezone.make_aware(dt.datetime.combine(given["until_on"], given["until_at"]))
        try:
            leave_note(by=request.me, episode=case, text=given["text"], until=until)
        except EpisodeRefused as refused:
            form.add_error("until_on" if refused.field == "until" else refused.field or None, str(refused))
        else:
            messages.success(request, _("Whoever is on duty reads it."))
            return redirect("desk:case", key=case.uuid)
    shown(request, [case.subject_id], Category.INDEX)
    context = {
        "form": form,
        "heading": _("Note for whoever is on duty"),
        "identity": identity_of(Person.objects.filter(pk=case.subject_id).first()),
        "submit": _("Leave the note"),
        "back_url": page("desk:case", case.uuid),
        "back_text": _("The case"),
        "cancel_url": page("desk:case", case.uuid),
    }
    return render(request, "ui/form_page.html", context)


@require_POST
@staff(Permission.WORK_CASES)
def settle(request: StaffRequest, key: uuid.UUID) -> HttpResponse:
    """Nobody on duty needs to know it any more."""
    note = load(request, HandoverNote.objects.all(), uuid=key, writable=True, act="change")
    settle_note(by=request.me, note=note)
    messages.success(request, _("The note is settled. It stays on the file."))
    return redirect("desk:on_duty")


@staff(Permission.WORK_CASES)
def phones(request: StaffRequest, key: uuid.UUID) -> HttpResponse:
    """How to reach the child and the family. The look stands in the access log under this page's name."""
    case = _case(request, key)
    found, told = phones_of(case)
    for subject, category in told:
        shown(request, [subject], category)
    child = Person.objects.filter(pk=case.subject_id).first() if case.subject_id else None
    context = {
        "heading": _("How to reach the family"),
        "identity": identity_of(child),
        "phones": found,
        "back_url": page("desk:on_duty"),
        "back_text": _("On duty now"),
    }
    return render(request, "desk/duty_phones.html", context)
