"""A practitioner without a second factor, a passkey or an authenticator app, sets one up before anything else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from .passkeys import has_second_factor

SEEN = "second_factor_seen"
ONWARD = "second_factor_onward"
THEIRS = "second_factor_shown_to_agency"
"""Set at sign-in where the person's own agency answers for the second factor."""
# Pages that stay open until then: they hold nothing about anybody.
ALWAYS_OPEN = {"account_logout", "account_reauthenticate", "help", "privacy", "accessibility"}
CHANGES_IT = {"mfa_index", "mfa_activate_totp", "mfa_deactivate_totp", "mfa_reauthenticate"}
CHANGES_IT |= {"mfa_view_recovery_codes", "mfa_generate_recovery_codes"}
CHANGES_IT |= {"mfa_list_webauthn", "mfa_add_webauthn", "mfa_remove_webauthn", "mfa_reauthenticate_webauthn"}


class SecondFactorMiddleware:
    """Leads to the set-up page, and back to the page that was asked for.

    A session that has shown its second factor is not asked again, which saves a query on each page; an
    administrator who resets somebody's second factor ends their sessions.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        """A redirect to the set-up page, or None where the request may go on."""
        if not settings.TEAMAROUND_REQUIRE_SECOND_FACTOR or getattr(request, "me", None) is None:
            return None
        if request.session.get(THEIRS):
            return None
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name in CHANGES_IT:
            request.session.pop(SEEN, None)
            return None
        if name in ALWAYS_OPEN or request.session.get(SEEN):
            return None
        if has_second_factor(request.user.pk or 0):
            request.session[SEEN] = True
            return None
        request.session[ONWARD] = request.get_full_path() if request.method == "GET" else "/"
        return redirect("mfa_activate_totp")
