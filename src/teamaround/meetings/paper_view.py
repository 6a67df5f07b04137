"""The minutes as a PDF, made anew for each reader: what policies hide from them is not in it."""

from __future__ import annotations

import uuid as uuids

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.log import shown
from teamaround.access.requests import StaffRequest, load, staff
from teamaround.agencies.roles import Permission
from teamaround.plans.views.document import PdfUnavailable, make_pdf

from . import actions, loaders
from .presenters import facts, shown_invitation, shown_minutes


@staff(Permission.WORK_CASES)
def pdf(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """The minutes as a tagged PDF for this reader. Where this machine cannot make one, a page that says so."""
    meeting = load(request, loaders.read_whole(), uuid=uuid, act="export")
    said = loaders.said_at(meeting)
    if said is None:
        return redirect("meetings:detail", uuid=meeting.uuid)
    for category in sorted({each.category for each in said.lines} - {meeting.category}):
        shown(request, [meeting.subject_id], category, act="export")
    rows = actions.standing_invitations(meeting)
    context = {
        "meeting": meeting,
        "facts": facts(meeting),
        "minutes": shown_minutes(said, withheld=loaders.withheld_from(request.me, meeting)),
        "invitations": [shown_invitation(row, meeting, request.me, None) for row in rows],
        "made_at": timezone.now(),
        "made_for": f"{request.me.name}, {request.me.team.team_name}",
    }
    try:
        made = make_pdf(render_to_string("meetings/pdf.html", context))
    except PdfUnavailable:
        nothing = {
            "heading": _("A PDF cannot be made here"),
            "explanation": [
                _("This machine lacks Pango, which lays out the letters of a PDF."),
                _("You can print the minutes from your browser instead, or save them as a PDF there."),
            ],
            "next_url": reverse("meetings:minutes", args=[meeting.uuid]),
            "next_text": _("Open the minutes for printing"),
        }
        return render(request, "plans/no_pdf.html", nothing)
    response = HttpResponse(made, content_type="application/pdf")
    response["Content-Disposition"] = 'attachment; filename="minutes.pdf"'
    response["Cache-Control"] = "no-store"
    return response
