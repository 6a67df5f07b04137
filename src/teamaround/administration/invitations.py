"""The page on which an invited person, not signed in yet, chooses a password."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from teamaround.agencies.accounts import InvitationClosed, accept_invitation, open_invitation
from teamaround.agencies.actions import SetUpRefused

from .forms import AcceptForm

HELD = "invitation_secret"

CLOSED = {
    "used": lambda: (
        _("This invitation has been used"),
        _("Your account is there already. Sign in with your e-mail address and the password you chose."),
    ),
    "withdrawn": lambda: (
        _("This invitation was withdrawn"),
        _("A newer invitation may be in your e-mail. If there is none, ask the person who invited you."),
    ),
    "expired": lambda: (
        _("This invitation has expired"),
        _("An invitation works for seven days. Ask the person who invited you to send it again."),
    ),
    "unknown": lambda: (
        _("This link does not work"),
        _("Copy the whole link from the e-mail. If it still does not work, ask for another invitation."),
    ),
}


@never_cache
def arrive(request: HttpRequest, secret: str) -> HttpResponse:
    """Take the secret out of the address, so that neither history nor a referrer keeps it."""
    request.session[HELD] = secret
    return redirect("invitation_accept")


@never_cache
@sensitive_post_parameters("password", "again")
def accept(request: HttpRequest) -> HttpResponse:
    """Choose a password, once."""
    secret = request.session.get(HELD, "")
    try:
        invitation = open_invitation(secret)
        form = AcceptForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                accept_invitation(secret=secret, password=form.cleaned_data["password"])
            except SetUpRefused as refused:
                form.add_error(refused.field, str(refused))
            else:
                request.session.pop(HELD, None)
                messages.success(request, _("Your account is ready. Sign in with your e-mail address."))
                return redirect("account_login")
    except InvitationClosed as closed:
        heading, what_to_do = CLOSED[closed.why]()
        context = {"heading": heading, "what_to_do": what_to_do, "used": closed.why == "used"}
        return render(request, "administration/invitation_closed.html", context, status=410)
    context = {"invitation": invitation, "form": form}
    return render(request, "administration/invitation.html", context)
