"""Passkeys: kept by a phone, a computer or a key, and opened there by a finger, a face or a number.

One is both factors at once: the thing that holds it, and what opens it. It serves as the second factor
after a password, and alone.
"""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import forms as webauthn
from allauth.mfa.webauthn import views
from allauth.mfa.webauthn.internal import auth
from django import forms as django_forms
from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from teamaround.access.log import failed_guess
from teamaround.agencies.passkeys import passkeys_possible
from teamaround.ui import forms

KINDS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
"""What counts as a second factor."""


def has_second_factor(account: int) -> bool:
    """Whether the account has an authenticator app or a passkey."""
    return Authenticator.objects.filter(user_id=account, type__in=KINDS).exists()


class AddPasskeyForm(forms.Form, webauthn._BaseAddWebAuthnForm):
    """A name for the passkey; the browser fills in the rest."""

    name = django_forms.CharField(
        label=gettext_lazy("A name for it"),
        help_text=gettext_lazy("For example “my phone”, so that you can tell two apart."),
        required=False,
        max_length=60,
        widget=forms.TextInput(width=20, attrs={"autocomplete": "off"}),
    )
    mark_optional = False

    def clean(self) -> dict[str, Any]:
        """As a passkey that signs in alone: refused where the device did not check who used it."""
        self.cleaned_data["passwordless"] = True
        return super().clean() or {}


class PasskeyForm(forms.Form, webauthn.AuthenticateWebAuthnForm):
    """A passkey as the second factor."""


class PasskeyAgainForm(forms.Form, webauthn.ReauthenticateWebAuthnForm):
    """A passkey that shows again that it is you."""


class AddPasskey(views.AddWebAuthnView):
    """Add a passkey. It is kept on the device itself, so that it can sign in alone."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_context_data(**kwargs)
        found["js_data"] = {"creation_options": auth.begin_registration(self.request.user, True)}
        found["possible"] = passkeys_possible(self.request)
        return found

    def get_success_url(self) -> str:
        if getattr(self.request, "me", None) is None:
            return reverse("mfa_list_webauthn")
        url: str = super().get_success_url()
        return url


class Passkeys(views.ListWebAuthnView):
    """One's own passkeys."""


class RemovePasskey(views.RemoveWebAuthnView):
    """Take a passkey away; the device keeps a key that opens nothing."""


class SignInByPasskey(views.LoginWebAuthnView):
    """Sign in with a passkey alone. A passkey that opens nothing tells of nobody's account."""

    def form_invalid(self, form: BaseForm) -> HttpResponse:
        failed_guess(self.request)
        messages.error(self.request, _("This passkey does not open anything here. Sign in another way."))
        response = HttpResponse(status=302)
        response["Location"] = reverse("account_login")
        return response


class ShowPasskeyAgain(views.ReauthenticateWebAuthnView):
    """Show again that it is you, before something of the sign-in changes."""

    def form_invalid(self, form: BaseForm) -> HttpResponse:
        failed_guess(self.request, account=self.request.user.pk)
        return self.render_to_response(self.get_context_data(form=form))
