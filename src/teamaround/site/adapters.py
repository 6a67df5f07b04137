"""How sign-in fits this product: no open registration, plain words, second-factor secrets encrypted."""

from __future__ import annotations

import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from teamaround.access.me import me_of, portal_actor

PASSWORD_IS_FRESH_SECONDS = 300

_WORDS = {
    "account_inactive": _("This account has ended. Ask your area’s administrator."),
    "email_password_mismatch": _(
        "The e-mail address and password do not belong together. Check both and try again."
    ),
    "enter_current_password": _("This is not your password of now. Type it again."),
    "incorrect_password": _("This is not your password. Type it again."),
    "incorrect_code": _("This code does not fit. Codes change every 30 seconds: type the one shown now."),
    "invalid_password_reset": _("This link does not work any more. Ask for another one."),
    "too_many_login_attempts": _("Too many attempts. Wait five minutes, then try again."),
    "rate_limited": _("Too many attempts. Wait five minutes, then try again."),
}


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by invitation alone."""

    error_messages = {**DefaultAccountAdapter.error_messages, **_WORDS}

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: there is no registration."""
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """My day; a family member's own page where the account is one of theirs."""
        account = request.user
        if account.is_authenticated and me_of(account) is None and portal_actor(account) is not None:
            return reverse("portal:home")
        url: str = super().get_login_redirect_url(request)
        return url

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Ask for the password again before the second factor changes, unless it was typed just now."""
        records = get_authentication_records(self.request, self.request.user)
        if records and time.time() - records[-1]["at"] < PASSWORD_IS_FRESH_SECONDS:
            return False
        return bool(super().is_reauthentication_required(app=app, **kwargs))


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets of the second factor are encrypted before they reach the database."""

    error_messages = {**DefaultMFAAdapter.error_messages, "incorrect_code": _WORDS["incorrect_code"]}

    def encrypt(self, text: str) -> str:
        return Fernet(settings.FIELD_KEY).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return Fernet(settings.FIELD_KEY).decrypt(encrypted_text.encode()).decode()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """The name that passkeys belong to: this service's own."""
        return {**super().get_public_key_credential_rp_entity(), "name": settings.MFA_TOTP_ISSUER}

    def get_totp_label(self, user: Any) -> str:
        return f"account {user.pk}"
