"""The sign-in pages that exist: the library's views by the library's names, and no others.

There is no registration, no page to change an e-mail address and no sign-in by code: those URLs do not
exist. Guessing is counted in the shared cache; the eleventh guess in five minutes gets a plain page.
"""

from __future__ import annotations

from typing import Any

from allauth.account import views as account
from allauth.mfa.base import views as second_factor
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, re_path
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from teamaround.access.log import failed_guess
from teamaround.access.me import portal_actor
from teamaround.administration import invitations
from teamaround.agencies.models import Account
from teamaround.agencies.passkeys import passkeys_possible

from . import own_family, passkeys, sign_on
from .demonstration_people import may_sign_in_by_name, people_to_sign_in_as

LIMITED = ("too_many_login_attempts", "rate_limited")


def too_many(request: HttpRequest) -> HttpResponse:
    """The plain page for somebody who guessed too often."""
    response = render(request, "429.html", status=429)
    response["Retry-After"] = "300"
    return response


def _limited(form: BaseForm) -> bool:
    return any(form.has_error(name, code) for name in ("__all__", *form.fields) for code in LIMITED)


class SignIn(account.LoginView):
    """E-mail address and password; in the demonstration also its people, one button each."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        people = people_to_sign_in_as() if may_sign_in_by_name(self.request) else ()
        possible = passkeys_possible(self.request)
        more = {"people": people, "passkeys": possible, "agencies": sign_on.agencies_with_sign_on()}
        return {**super().get_context_data(**kwargs), **more}

    def form_invalid(self, form: BaseForm) -> HttpResponse:
        typed = self.request.POST.get("login", "").replace("\0", "").strip().lower()
        if typed:
            known = Account.objects.filter(email=typed).values_list("pk", flat=True).first()
            failed_guess(self.request, account=known)
        if _limited(form):
            return too_many(self.request)
        response: HttpResponse = super().form_invalid(form)
        return response


class SecondFactor(second_factor.AuthenticateView):
    """The code of the authenticator app, or a recovery code."""

    def form_invalid(self, form: BaseForm) -> HttpResponse:
        failed_guess(self.request, account=self.stage.login.user.pk)
        if _limited(form):
            return too_many(self.request)
        response: HttpResponse = super().form_invalid(form)
        return response


@login_not_required
@require_POST
def sign_in_as(request: HttpRequest) -> HttpResponse:
    """Sign in as one of the demonstration's people: in demonstration mode, from this machine, nowhere else."""
    if not may_sign_in_by_name(request):
        raise Http404
    wanted = request.POST.get("email", "")
    if wanted not in {person.email for person in people_to_sign_in_as()}:
        raise Http404
    person = get_object_or_404(Account, email=wanted, is_active=True)
    login(request, person, backend=settings.AUTHENTICATION_BACKENDS[0])
    onward = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(onward, None):
        return redirect(onward)
    return redirect("portal:home" if portal_actor(person) else settings.LOGIN_REDIRECT_URL)


urlpatterns = [
    path("login/", SignIn.as_view(), name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/set/", account.password_set, name="account_set_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("2fa/", second_factor.index, name="mfa_index"),
    path("2fa/authenticate/", SecondFactor.as_view(), name="mfa_authenticate"),
    path("2fa/reauthenticate/", second_factor.reauthenticate, name="mfa_reauthenticate"),
    path("2fa/totp/activate/", totp.activate_totp, name="mfa_activate_totp"),
    path("2fa/totp/deactivate/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("2fa/recovery-codes/", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "2fa/recovery-codes/generate/",
        recovery_codes.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
    path("2fa/webauthn/", passkeys.Passkeys.as_view(), name="mfa_list_webauthn"),
    path("2fa/webauthn/add/", passkeys.AddPasskey.as_view(), name="mfa_add_webauthn"),
    path("2fa/webauthn/login/", passkeys.SignInByPasskey.as_view(), name="mfa_login_webauthn"),
    path(
        "2fa/webauthn/reauthenticate/",
        passkeys.ShowPasskeyAgain.as_view(),
        name="mfa_reauthenticate_webauthn",
    ),
    path("2fa/webauthn/keys/<int:pk>/remove/", passkeys.RemovePasskey.as_view(), name="mfa_remove_webauthn"),
    # The library asks for these two by these names.
    path("agency/<slug:provider_id>/", sign_on.begin, name="openid_connect_login"),
    path("agency/<slug:provider_id>/back/", sign_on.arrive, name="openid_connect_callback"),
    path("family/", own_family.own_family, name="own_family"),
    path("family/end/", own_family.end, name="own_family_end"),
    path("invitation/", invitations.accept, name="invitation_accept"),
    path("invitation/<str:secret>/", invitations.arrive, name="invitation"),
    path("demonstration/sign-in/", sign_in_as, name="demonstration_sign_in"),
]
