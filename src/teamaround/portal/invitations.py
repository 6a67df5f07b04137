"""The worker's side: invite somebody to see their own information, see how that stands, end it."""

from __future__ import annotations

import uuid as uuids

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.mail import send_mail
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from teamaround.access.requests import StaffRequest, load, staff
from teamaround.agencies.roles import Permission
from teamaround.people.models import Person
from teamaround.people.one_person import load_person
from teamaround.sharing.circle import recording_team
from teamaround.sharing.links import identity_of

from .actions import (
    INVITATION_DAYS,
    InvitationRefused,
    Invited,
    end_portal_access,
    invitations_of,
    invite_family_member,
    may_have_note,
    needs_note,
)
from .forms import InviteForm
from .models import PortalInvitation
from .presenters import invitation_rows


@staff(Permission.WORK_CASES)
def invite(request: StaffRequest, person: uuids.UUID) -> HttpResponse:
    """Send somebody the link to their own information; below, what was sent before."""
    row, records = load_person(request, person, act="change" if request.method == "POST" else "")
    team = recording_team(request.me, row, records)
    if team is None:
        raise PermissionDenied
    form = InviteForm(request.POST or None, with_note=needs_note(row), may_note=may_have_note(row))
    if request.method == "POST" and form.is_valid():
        try:
            invited = invite_family_member(
                by=request.me,
                team=team,
                person=row,
                email=form.cleaned_data["email"],
                understanding=form.cleaned_data.get("understanding", ""),
            )
        except InvitationRefused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            send_invitation(request, invited)
            messages.success(request, _("Sent. The link works once, for 14 days."))
            return redirect("portal:invite", row.uuid)
    context = {
        "heading": _("Invite %(name)s to see their own information") % {"name": row.given or row.name},
        "title": _("Invite to see their own information"),
        "identity": identity_of(row),
        "form": form,
        "back_url": reverse("desk:person", args=[row.uuid]),
        "invitations": invitation_rows(invitations_of(row, team)),
    }
    return render(request, "portal/invite.html", context, status=422 if form.errors else 200)


@require_POST
@staff(Permission.WORK_CASES)
def end(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """Withdraw an invitation, or end the access it gave."""
    rows = PortalInvitation.objects.all()
    invitation = load(request, rows, uuid=uuid, writable=True, show=False)
    person = load(request, Person.objects.all(), pk=invitation.person_id, act="change")
    end_portal_access(by=request.me, invitation=invitation)
    messages.success(request, _("Ended. The link and the sign-in do not work any more."))
    return redirect("portal:invite", person.uuid)


def send_invitation(request: HttpRequest, invited: Invited) -> None:
    """The e-mail with the link. It names nobody: an inbox may be read by others."""
    link = request.build_absolute_uri(reverse("portal:invitation", args=[invited.secret]))
    text = render_to_string("portal/mail/invitation.txt", {"link": link, "days": INVITATION_DAYS})
    send_mail(_("See your own information"), text.strip() + "\n", None, [invited.invitation.email])
