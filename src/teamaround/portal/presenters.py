"""What the worker's pages of the portal show of their rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.ui.components import SummaryRow, Tag
from teamaround.ui.presentation import uk_date, uk_datetime

from .messages import title_of
from .models import FamilyMessage, MessageState, PortalInvitation


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


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One message as the list shows it."""

    title: str
    sender: str
    sent: str
    tag: Tag
    url: str


def inbox_rows(messages: Iterable[FamilyMessage]) -> list[InboxRow]:
    """The messages with their state and, of a complaint, the day by which to say that it arrived."""
    return [
        InboxRow(
            title=title_of(each.kind),
            sender=each.sender_name,
            sent=uk_datetime(each.sent_at),
            tag=_state(each),
            url=reverse("portal:answer", args=[each.uuid]),
        )
        for each in messages
    ]


def _state(message: FamilyMessage) -> Tag:
    if message.state == MessageState.ANSWERED:
        return Tag(_("Answered"), "green")
    if message.state == MessageState.SENT and message.acknowledge_by is not None:
        return Tag(_("Acknowledge by %(day)s") % {"day": uk_date(message.acknowledge_by)}, "orange")
    return Tag(_("Waits for an answer"), "yellow")


def message_rows(message: FamilyMessage) -> list[SummaryRow]:
    """The message, and the answer where there is one."""
    rows = [
        SummaryRow(_("From"), message.sender_name),
        SummaryRow(_("Sent"), uk_datetime(message.sent_at)),
        SummaryRow(_("What they wrote"), message.words.splitlines()),
    ]
    if message.should_be:
        rows.append(SummaryRow(_("What is right, they say"), message.should_be.splitlines()))
    if message.received_at is not None:
        rows.append(SummaryRow(_("Acknowledged"), uk_datetime(message.received_at)))
    elif message.acknowledge_by is not None and message.answered_at is None:
        rows.append(SummaryRow(_("Acknowledge by"), uk_date(message.acknowledge_by)))
    if message.answered_at is not None and message.answered_by is not None:
        rows.append(SummaryRow(_("Answer"), message.answer.splitlines()))
        said = _("%(name)s, on %(when)s")
        rows.append(
            SummaryRow(
                _("Answered by"),
                said % {"name": message.answered_by.name, "when": uk_datetime(message.answered_at)},
            )
        )
    return rows
