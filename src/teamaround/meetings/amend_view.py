"""Amending minutes: the page with its form, and the page of what they said before."""

from __future__ import annotations

import uuid as uuids
from collections.abc import Sequence
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from teamaround.access.edits import StaleEdit
from teamaround.access.requests import StaffRequest, load, staff
from teamaround.agencies.roles import Permission
from teamaround.ui import forms
from teamaround.ui.forms import StaleForm

from . import actions, amending, loaders
from .forms import moment, names_in
from .loaders import Said
from .minutes import ViewTyped
from .models import MeetingMinutes
from .presenters import identity_of
from .record_form import FamilyVoice, voices

FURTHER = 3
"""How many empty boxes for further decisions the page has."""


class AmendForm(forms.VersionedForm):
    """What the minutes are to say, and why they are amended."""

    reason = django_forms.CharField(
        label=gettext_lazy("Why do you amend the minutes?"),
        max_length=500,
        widget=django_forms.Textarea({"rows": 2}),
        help_text=gettext_lazy(
            "For example: Dad’s views were left out. Everybody who reads the minutes reads this."
        ),
    )
    held_on = forms.DateField(label=gettext_lazy("Date it was held"), not_future=True)
    held_at = forms.TimeField(label=gettext_lazy("Time"), widget=forms.TextInput(width=10))
    views_missing = django_forms.CharField(
        label=gettext_lazy("If somebody’s views are missing, why?"),
        required=False,
        max_length=1000,
        widget=django_forms.Textarea({"rows": 2}),
    )
    also_came = django_forms.CharField(
        label=gettext_lazy("Who else came and is not in the minutes?"),
        required=False,
        max_length=500,
        widget=django_forms.Textarea({"rows": 2}),
        help_text=gettext_lazy("One name on each line, with the agency."),
    )
    dissent = django_forms.CharField(
        label=gettext_lazy("Did anybody disagree? Who, and with what?"),
        required=False,
        max_length=2000,
        widget=django_forms.Textarea({"rows": 2}),
    )
    notes = django_forms.CharField(
        label=gettext_lazy("Other minutes"),
        required=False,
        max_length=8000,
        widget=django_forms.Textarea({"rows": 6}),
    )
    next_on = forms.DateField(label=gettext_lazy("Date of the next meeting"), required=False)

    def __init__(self, *args: Any, voices: Sequence[FamilyVoice], decisions: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.voices = voices
        self.decisions = decisions + FURTHER
        for number, voice in enumerate(voices):
            self.fields[f"view_{number}"] = django_forms.CharField(
                label=_("%(name)s’s views, in their own words") % {"name": voice.name},
                required=False,
                max_length=4000,
                widget=django_forms.Textarea({"rows": 3}),
            )
        for number in range(self.decisions):
            self.fields[f"decision_{number}"] = django_forms.CharField(
                label=_("Decision %(number)s") % {"number": number + 1}, required=False, max_length=1000
            )
        for field in self.fields.values():
            self._kinder_messages(field)
        self.order_fields(
            [
                "reason",
                "held_on",
                "held_at",
                *(f"view_{number}" for number in range(len(voices))),
                "views_missing",
                "also_came",
                *(f"decision_{number}" for number in range(self.decisions)),
                "dissent",
                "notes",
                "next_on",
            ]
        )

    def typed(self) -> amending.Amended:
        """What the minutes are to say."""
        data = self.cleaned_data
        return amending.Amended(
            held_at=moment(data["held_on"], data["held_at"]),
            views=[
                ViewTyped(voice.name, data[f"view_{number}"], voice.person)
                for number, voice in enumerate(self.voices)
            ],
            views_missing=data["views_missing"],
            decisions=[data[f"decision_{number}"] for number in range(self.decisions)],
            also_came=names_in(data["also_came"]),
            dissent=data["dissent"],
            notes=data["notes"],
            next_on=data["next_on"],
        )


@staff(Permission.CALL_MEETINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def amend(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """Amend the minutes of a meeting of my team."""
    meeting = load(
        request, loaders.read_whole().select_related("episode", "minutes"), uuid=uuid, writable=True
    )
    said = loaders.said_at(meeting)
    if said is None:
        return redirect("meetings:detail", uuid=meeting.uuid)
    heard = _heard(said, voices(meeting, actions.standing_invitations(meeting)))
    form = AmendForm(
        request.POST or None,
        version=said.minutes.version,
        voices=heard,
        decisions=len(said.decisions),
        initial=_initial(said, heard),
    )
    status = 200
    if form.is_bound and form.is_valid():
        try:
            amending.amend_minutes(
                by=request.me,
                minutes=said.minutes,
                version=form.cleaned_data["version"],
                typed=form.typed(),
                reason=form.cleaned_data["reason"],
            )
        except actions.MeetingRefused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        except StaleEdit:
            form.refuse_stale(
                StaleForm(MeetingMinutes.objects.values_list("version", flat=True).get(pk=said.minutes.pk))
            )
            status = 409
        else:
            messages.success(request, _("The minutes are amended. What they said before is kept."))
            return redirect("meetings:detail", uuid=meeting.uuid)
    context = {
        "form": form,
        "heading": _("Amend the minutes"),
        "caption": meeting.title,
        "identity": identity_of(meeting),
        "submit": _("Amend the minutes"),
        "back_url": reverse("meetings:detail", args=[meeting.uuid]),
        "back_text": _("The meeting"),
    }
    return render(request, "ui/form_page.html", context, status=status)


def _heard(said: Said, asked: Sequence[FamilyVoice]) -> list[FamilyVoice]:
    """Everybody whose views are asked, and whoever else's stand in the minutes."""
    names = {voice.name for voice in asked}
    others = [FamilyVoice(view.whose, view.person_id) for view in said.views if view.whose not in names]
    return [*asked, *others]


def _initial(said: Said, heard: Sequence[FamilyVoice]) -> dict[str, Any]:
    minutes = said.minutes
    held = timezone.localtime(minutes.held_at)
    views = {view.whose: view.text for view in said.views}
    return {
        "held_on": held.date(),
        "held_at": held.time(),
        "views_missing": minutes.views_missing,
        "dissent": minutes.dissent,
        "notes": minutes.notes,
        "next_on": minutes.next_on,
        **{f"view_{number}": views.get(voice.name, "") for number, voice in enumerate(heard)},
        **{f"decision_{number}": row.text for number, row in enumerate(said.decisions)},
    }


@staff(Permission.WORK_CASES)
def earlier(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """What the minutes said before they were amended, for whoever may read them."""
    meeting = load(request, loaders.read_whole(), uuid=uuid)
    if getattr(meeting, "minutes", None) is None:
        return redirect("meetings:detail", uuid=meeting.uuid)
    context = {
        "heading": _("What the minutes said before"),
        "caption": meeting.title,
        "identity": identity_of(meeting),
        "texts": amending.earlier_texts(meeting),
        "back_url": reverse("meetings:detail", args=[meeting.uuid]),
        "back_text": _("The meeting"),
    }
    return render(request, "meetings/earlier.html", context)
