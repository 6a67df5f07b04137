"""What the portal's pages show of their rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.ui.components import Tag
from teamaround.ui.presentation import uk_datetime

from .models import PortalInvitation


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """One invitation as the team that sent it sees it."""

    email: str
    sent: str
    by: str
    tag: Tag
    end_url: str
    end_text: str


def invitation_rows(invitations: Iterable[PortalInvitation]) -> list[InvitationRow]:
    """Each invitation with its state; one that gives or may give access can be ended."""
    return [_row(each) for each in invitations]


def _row(invitation: PortalInvitation) -> InvitationRow:
    end_url = reverse("portal:end_access", args=[invitation.uuid])
    if invitation.withdrawn_at is not None:
        tag, end_url, end_text = Tag(_("Ended"), "grey"), "", ""
    elif invitation.accepted_at is not None:
        tag, end_text = Tag(_("In use"), "green"), _("End their access")
    elif invitation.expires_at <= timezone.now():
        tag, end_url, end_text = Tag(_("Too old"), "grey"), "", ""
    else:
        tag, end_text = Tag(_("Sent"), "blue"), _("Withdraw")
    return InvitationRow(
        email=invitation.email,
        sent=uk_datetime(invitation.invited_at),
        by=invitation.invited_by.name,
        tag=tag,
        end_url=end_url,
        end_text=end_text,
    )
