"""Recording a meeting."""

from __future__ import annotations

import uuid as uuids
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from teamaround.access.drafts import draft_of, drop_draft
from teamaround.access.edits import StaleEdit
from teamaround.access.log import shown
from teamaround.access.me import Me
from teamaround.access.requests import StaffRequest, load, staff
from teamaround.agencies.roles import Permission
from teamaround.procedures.acting import WrongRole
from teamaround.ui.forms import StaleForm

from . import actions, loaders
from .lines import lines_of
from .minutes import record_minutes
from .models import Meeting, MeetingMinutes, MeetingState
from .presenters import identity_of, page
from .record_form import RecordForm, held_initial, owner_choices, rows_in, taken_back, voices

DRAFT = "minutes"


@staff(Permission.CALL_MEETINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def record(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """Record a meeting of my team. Without JavaScript too, more rows can be asked for."""
    rows = loaders.read_whole().select_related("episode")
    meeting = load(request, rows, uuid=uuid, writable=True)
    if meeting.state == MeetingState.CANCELLED:
        messages.error(request, _("This meeting is cancelled, so there is nothing to record."))
        return redirect("meetings:detail", uuid=meeting.uuid)
    if request.method != "POST" and meeting.state == MeetingState.FULFILLED:
        return redirect("meetings:detail", uuid=meeting.uuid)
    form = _form(request, meeting)
    paragraphs = lines_of(meeting)
    for category in sorted({each.category for each in paragraphs} - {meeting.category}):
        shown(request, [meeting.subject_id], category)
    status = 200
    if form.judged and form.is_bound and form.is_valid():
        try:
            record_minutes(
                by=request.me,
                meeting=meeting,
                version=form.cleaned_data["version"],
                typed=form.typed(),
                uuid=form.cleaned_data["token"],
            )
        except (actions.MeetingRefused, WrongRole) as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        except StaleEdit:
            status = 409
            _refuse(request.me, meeting, form)
        else:
            drop_draft(by=request.me, form=DRAFT, about=str(meeting.uuid))
            messages.success(request, _("The minutes are recorded. Those with an action have been told."))
            return redirect("meetings:detail", uuid=meeting.uuid)
    context = {
        "form": form,
        "heading": _("Record the meeting"),
        "caption": meeting.title,
        "identity": identity_of(meeting),
        "paragraphs": paragraphs,
        "live_url": reverse("meetings:live", args=[meeting.uuid]),
        "draft_url": page("drafts:save", DRAFT, str(meeting.uuid)),
        "back_url": reverse("meetings:detail", args=[meeting.uuid]),
        "back_text": _("The meeting"),
    }
    return render(request, "meetings/record.html", context, status=status)


def _form(request: StaffRequest, meeting: Meeting) -> RecordForm:
    invitations = actions.standing_invitations(meeting)
    heard = voices(meeting, invitations)
    common: dict[str, Any] = {
        "version": meeting.version,
        "voices": heard,
        "invitations": invitations,
        "owners": owner_choices(meeting, invitations, loaders.colleagues(meeting.author_team_id), heard),
    }
    if request.method == "POST":
        rows = rows_in(request.POST)
        more = request.POST.get("more", "")
        if not more:
            return RecordForm(request.POST, rows=rows, **common)
        added = f"decision_{rows.decisions}" if more == "decision" else f"action_what_{rows.actions}"
        return RecordForm(request.POST, rows=rows.one_more(more), added=added, judged=False, **common)
    fresh = {"token": str(uuids.uuid4()), "version": str(meeting.version)}
    if draft := draft_of(by=request.me, form=DRAFT, about=str(meeting.uuid)):
        typed = {**draft.typed, **fresh}
        return RecordForm(taken_back(typed), rows=rows_in(typed), judged=False, **common)
    coming = [str(each.uuid) for each in invitations if each.answer in ("accepted", "deputy")]
    return RecordForm(initial={**fresh, **held_initial(meeting), "came": coming}, **common)


def _refuse(me: Me, meeting: Meeting, form: RecordForm) -> None:
    """Say that the meeting moved on. Minutes that somebody else recorded are not written over."""
    if not MeetingMinutes.objects.filter(meeting=meeting).exists():
        form.refuse_stale(StaleForm(Meeting.objects.values_list("version", flat=True).get(pk=meeting.pk)))
        return
    form.add_error(
        None,
        _(
            "The minutes of this meeting were recorded meanwhile. What you typed is still here: "
            "open the meeting in another window, and copy what is missing."
        ),
    )
