"""Agencies' own sign-on by OpenID Connect: for people who were invited, each by their own agency alone.

What the issuer says is believed only in a signed token, checked here against the issuer's published keys; the
library's own way would take the token unchecked because it came over TLS.
"""

from __future__ import annotations

import logging
from typing import Any

import jwt
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from requests import RequestException

from teamaround.access.log import failed_guess
from teamaround.agencies.accounts import account_by_sign_on
from teamaround.agencies.models import Account, Agency

from .second_factor import THEIRS
from .sign_on_file import SignOn, reached_safely

logger = logging.getLogger("teamaround.sign_on")
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
LEEWAY_SECONDS = 60
NOT_UNDERSTOOD = (OAuth2Error, RequestException, jwt.PyJWTError, KeyError, TypeError, ValueError)


def agencies_with_sign_on() -> list[Agency]:
    """The agencies that sign their people in themselves, by name."""
    slugs = list(settings.TEAMAROUND_SIGN_ON)
    return list(Agency.objects.filter(slug__in=slugs, ended_at=None)) if slugs else []


class Issuer(OpenIDConnectOAuth2Adapter):
    """Speaks with one agency's issuer, and believes nothing that it did not sign."""

    @property
    def openid_config(self) -> dict[str, Any]:
        config: dict[str, Any] = super().openid_config
        expected = sign_on_of(self.provider_id).issuer
        # A configuration that speaks for another issuer would make its keys good for this one.
        if str(config.get("issuer", "")).rstrip("/") != expected.rstrip("/"):
            raise OAuth2Error("the configuration belongs to another issuer")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not reached_safely(str(config.get(name, ""))):
                raise OAuth2Error(f"{name} is not reached safely")
        return config

    def _decode_id_token(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
            keys = jwt.PyJWKSet.from_dict(answer.json())
        kid = jwt.get_unverified_header(id_token).get("kid")
        signing = [key for key in keys.keys if key.public_key_use in (None, "sig")]
        fitting = [key for key in signing if key.key_id == kid] if kid else signing[: len(signing) == 1]
        if not fitting:
            raise OAuth2Error("signed with a key that the issuer does not publish")
        claims: dict[str, Any] = jwt.decode(
            id_token,
            fitting[0],
            algorithms=list(ALGORITHMS),
            audience=app.client_id,
            issuer=self.openid_config["issuer"],
            leeway=LEEWAY_SECONDS,
            options={"require": ["exp", "iat", "iss", "aud", "sub"]},
        )
        if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and claims.get("azp") != app.client_id:
            raise OAuth2Error("made out to somebody else")
        return claims

    def complete_login(self, request: HttpRequest, app: SocialApp, token: Any, **kwargs: Any) -> Any:
        if not kwargs["response"].get("id_token"):
            raise OAuth2Error("no signed token")
        return super().complete_login(request, app, token, **kwargs)


class SignOnAdapter(DefaultSocialAccountAdapter):
    """Where the library would make an account or tie one, this signs in who was invited, or refuses."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Never: there is no registration."""
        return False

    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Any:
        found = super().get_provider(request, provider, client_id)
        found.oauth2_adapter_class = Issuer
        return found

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        raise ImmediateHttpResponse(_enter(request, sociallogin))

    def on_authentication_error(self, request: HttpRequest, provider: Any, **kwargs: Any) -> None:
        logger.warning("sign-on of an agency failed: %s", type(kwargs.get("exception")).__name__)
        raise ImmediateHttpResponse(refusal(request))


def sign_on_of(agency: str) -> SignOn:
    """The agency's sign-on. Raises Http404 for an agency that has none."""
    found: SignOn | None = settings.TEAMAROUND_SIGN_ON.get(agency)
    if found is None:
        raise Http404
    return found


def refusal(request: HttpRequest, *, account: int | None = None) -> HttpResponse:
    """One plain page whatever the cause: it tells nobody who has an account here. The attempt is kept, with
    the account whose address the issuer answered for."""
    failed_guess(request, account=account)
    return render(request, "account/sign_on_refused.html", status=403)


@never_cache
def begin(request: HttpRequest, provider_id: str) -> HttpResponse:
    """To the agency's own sign-in page."""
    return _spoken(request, provider_id, OAuth2LoginView)


@never_cache
def arrive(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Back from the agency's own sign-in page."""
    return _spoken(request, provider_id, OAuth2CallbackView)


def verified_email(claims: dict[str, Any], sign_on: SignOn) -> str:
    """The address in the token, in lower case, if the issuer answers for it; else the empty string.

    It does so by saying `email_verified`, or for the domains that only this issuer gives out.
    """
    email = str(claims.get("email") or "").strip().lower()
    domain = email.rpartition("@")[2]
    return email if claims.get("email_verified") is True or domain in sign_on.email_domains else ""


def shows_second_factor(claims: dict[str, Any], sign_on: SignOn) -> bool:
    """Whether the token says that a second factor was shown, in a way that the agency's setting counts."""
    said = claims.get("amr") or []
    methods = {said} if isinstance(said, str) else {each for each in said if isinstance(each, str)}
    return bool(methods & sign_on.amr) or claims.get("acr") in sign_on.acr


def _spoken(request: HttpRequest, agency: str, view: Any) -> HttpResponse:
    sign_on_of(agency)
    try:
        answer: HttpResponse = view.adapter_view(Issuer(request, agency))(request)
    except NOT_UNDERSTOOD as error:
        logger.warning("sign-on of an agency failed: %s", type(error).__name__)
        return refusal(request)
    return answer


def _enter(request: HttpRequest, sociallogin: Any) -> HttpResponse:
    agency = str(sociallogin.account.provider)
    sign_on = sign_on_of(agency)
    claims = sociallogin.account.extra_data["id_token"]
    email = verified_email(claims, sign_on)
    account = account_by_sign_on(email=email, agency=agency) if email else None
    if account is None:
        logger.warning("sign-on of an agency brought somebody who is not invited")
        known = Account.objects.filter(email=email).values_list("pk", flat=True).first() if email else None
        return refusal(request, account=known)
    onward = sociallogin.get_redirect_url(request) or ""
    if not url_has_allowed_host_and_scheme(onward, None):
        onward = settings.LOGIN_REDIRECT_URL
    record_authentication(request, account, method="socialaccount", provider=agency)
    if not shows_second_factor(claims, sign_on):
        answer: HttpResponse = perform_login(request, Login(user=account, redirect_url=onward))
        return answer
    login(request, account, backend=settings.AUTHENTICATION_BACKENDS[0])
    record_authentication(request, account, method="socialaccount", provider=agency)
    request.session[THEIRS] = True
    return redirect(onward)
