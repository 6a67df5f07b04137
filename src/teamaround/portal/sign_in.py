"""How a family member signs in: the link of an invitation once, and a one-time code each time.

An address that nobody has gets the same pages as one that somebody has; only the mailbox knows the difference.
"""

from __future__ import annotations

from collections.abc import Callable

from allauth.account.internal.flows.login import record_authentication
from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from teamaround.access.log import failed_guess
from teamaround.access.me import portal_actor
from teamaround.agencies.models import Account
from teamaround.agencies.passkeys import passkeys_possible

from .actions import InvitationClosed, accept_portal_invitation, open_invitation
from .codes import MINUTES, is_open, send_code, try_code
from .forms import AddressForm, CodeForm
from .models import PortalCode

HELD = "portal_invitation_secret"
CODE = "portal_code"
ONWARD = "portal_onward"

CLOSED: dict[str, Callable[[], tuple[str, str]]] = {
    "used": lambda: (
        _("This link has been used"),
        _("Sign in with the e-mail address that the link was sent to. You get a code each time."),
    ),
    "withdrawn": lambda: (
        _("This link was withdrawn"),
        _("A newer link may be in your e-mail. If not, ask your worker for another one."),
    ),
    "expired": lambda: (
        _("This link is too old"),
        _("A link works for 14 days. Ask your worker for another one."),
    ),
    "unknown": lambda: (
        _("This link does not work"),
        _("Copy the whole link from the e-mail. If it still does not work, ask your worker for another one."),
    ),
    "taken": lambda: (
        _("This e-mail address is in use here already"),
        _("Ask your worker to send the link to another e-mail address of your own."),
    ),
}


@never_cache
def arrive(request: HttpRequest, secret: str) -> HttpResponse:
    """Take the secret out of the address, so that neither history nor a referrer keeps it."""
    request.session[HELD] = secret
    return redirect("portal:start")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """The first time: say what this is, and send the code. Reading mail programs open links; nothing is used up."""
    try:
        invitation = open_invitation(request.session.get(HELD, ""))
    except InvitationClosed as closed:
        return closed_page(request, closed)
    if request.method == "POST":
        if not _may_send(request, invitation.email):
            return too_many(request)
        request.session[CODE] = str(send_code(email=invitation.email, invitation=invitation.id))
        return redirect("portal:code")
    return render(request, "portal/start.html")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Later times: an e-mail address, to which the code goes."""
    form = AddressForm(request.POST or None)
    if onward := request.GET.get("next", ""):
        request.session[ONWARD] = onward
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"].strip().lower()
        if not _may_send(request, email):
            return too_many(request)
        account = Account.objects.filter(email=email, is_active=True).first()
        if account is not None and portal_actor(account) is None:
            account = None
        request.session.pop(HELD, None)
        request.session[CODE] = str(send_code(email=email, account=account))
        return redirect("portal:code")
    context = {"form": form, "passkeys": passkeys_possible(request)}
    return render(request, "portal/sign_in.html", context)


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Type the code. A right one signs in, under a new session."""
    key = request.session.get(CODE, "")
    if not key:
        return redirect("portal:sign_in")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        counted = ratelimit.consume(request, app="allauth.account", action="family_code", key=key)
        if not counted:
            failed_guess(request)
            return too_many(request)
        row = try_code(key, form.cleaned_data["code"])
        if row is not None:
            counted.rollback()
            try:
                return _signed_in(request, row)
            except InvitationClosed as closed:
                return closed_page(request, closed)
        failed_guess(request)
        form.add_error("code", _wrong(key))
    context = {"form": form, "minutes": MINUTES, "again": "portal:start" if HELD in request.session else ""}
    return render(request, "portal/code.html", context)


def closed_page(request: HttpRequest, closed: InvitationClosed) -> HttpResponse:
    """The plain page of a link that opens nothing."""
    heading, what_to_do = CLOSED[closed.why]()
    context = {"heading": heading, "what_to_do": what_to_do}
    return render(request, "portal/invitation_closed.html", context, status=410)


def too_many(request: HttpRequest) -> HttpResponse:
    """The plain page for somebody who tried too often."""
    response = render(request, "429.html", status=429)
    response["Retry-After"] = "300"
    return response


def _signed_in(request: HttpRequest, row: PortalCode) -> HttpResponse:
    account = row.account or accept_portal_invitation(secret=request.session.get(HELD, ""))
    onward = request.session.get(ONWARD, "")
    for held in (HELD, CODE, ONWARD):
        request.session.pop(held, None)
    login(request, account, backend=settings.AUTHENTICATION_BACKENDS[0])
    record_authentication(request, account, method="code")
    if onward and url_has_allowed_host_and_scheme(onward, None):
        return redirect(onward)
    return redirect("portal:home")


def _wrong(key: str) -> str:
    if is_open(key):
        return _("This is not the code. Check the e-mail and type the six numbers again.")
    return _("This code does not work any more. Ask for another one.")


def _may_send(request: HttpRequest, email: str) -> bool:
    return bool(ratelimit.consume(request, app="allauth.account", action="family_code_sent", key=email))
