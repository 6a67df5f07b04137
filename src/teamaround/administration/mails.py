"""E-mails of the administration. They name no child, and carry a secret only inside a link."""

from __future__ import annotations

from allauth.account.forms import ResetPasswordForm
from django.core.mail import send_mail
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from teamaround.agencies.accounts import INVITATION_DAYS, Invited


def send_invitation(link: str, invited: Invited) -> None:
    """The e-mail with the link by which somebody joins."""
    text = render_to_string(
        "administration/mail/invitation.txt",
        {"invitation": invited.invitation, "link": link, "days": INVITATION_DAYS},
    )
    send_mail(_("You are invited to Team Around"), text.strip() + "\n", None, [invited.invitation.email])


def invitation_link(request: HttpRequest, invited: Invited) -> str:
    """The link, at the address by which the person who invites reached the service."""
    return request.build_absolute_uri(reverse("invitation", args=[invited.secret]))


def send_reset(request: HttpRequest, email: str) -> None:
    """The same e-mail that the sign-in page sends to somebody who forgot a password."""
    form = ResetPasswordForm({"email": email})
    if form.is_valid():
        form.save(request)
