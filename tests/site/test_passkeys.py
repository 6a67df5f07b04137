"""Passkeys, in Chromium with its virtual authenticator: added once, then the second factor or the whole sign-in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.test import Client
from django.urls import reverse

from harness.cast import PASSWORD
from teamaround.access import middleware
from teamaround.agencies.models import Account, Principal
from teamaround.database.actor import ANONYMOUS, acting_as
from teamaround.people.actions import add_person
from teamaround.people.models import PortalAccount

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Phone:
    """A browser with a device that keeps passkeys; cookies can be dropped while the device stays."""

    def __init__(self, chromium: Any, url: str) -> None:
        self.context = chromium.new_context(base_url=url.replace("127.0.0.1", "localhost"))
        self.page = self.context.new_page()
        self.devtools = self.context.new_cdp_session(self.page)
        self.devtools.send("WebAuthn.enable")
        made = self.devtools.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
        self.device = made["authenticatorId"]
        self.page.set_default_timeout(15_000)
        self.wrong: list[str] = []
        self.page.on("console", lambda said: self.wrong.append(said.text) if said.type == "error" else None)

    def goes(self, name: str) -> None:
        self.page.goto(reverse(name))

    def signs_out(self) -> None:
        self.context.clear_cookies()

    def types_password(self, email: str) -> None:
        self.goes("account_login")
        self.page.get_by_label("E-mail address").fill(email)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in", exact=True).click()

    def adds_a_passkey(self, name: str) -> None:
        self.page.get_by_label("A name for it").fill(name)
        self.page.get_by_role("button", name="Add a passkey").click()
        self.page.wait_for_url(lambda url: "/add/" not in url)

    def credentials(self) -> int:
        kept = self.devtools.send("WebAuthn.getCredentials", {"authenticatorId": self.device})
        return len(kept["credentials"])


@pytest.fixture
def phone(live: Any, chromium: Any) -> Iterator[Phone]:
    phone = Phone(chromium, live.url)
    yield phone
    phone.context.close()


@pytest.mark.browser
def test_a_practitioner_adds_a_passkey_and_signs_in_with_it_alone(
    live: Any, phone: Phone, settings: Any
) -> None:
    settings.TEAMAROUND_REQUIRE_SECOND_FACTOR = True
    phone.types_password("tom@northmoor.example")
    phone.page.wait_for_url("**/2fa/totp/activate/**")
    phone.page.get_by_role("link", name="Use a passkey instead").click()
    phone.adds_a_passkey("my phone")
    assert phone.credentials() == 1
    phone.page.wait_for_url("**/2fa/recovery-codes/**")
    phone.page.get_by_role("link", name="I have kept them: go on").click()
    phone.page.get_by_role("heading", level=1).wait_for()
    assert phone.page.url.endswith("/")
    phone.signs_out()
    phone.goes("account_login")
    phone.page.get_by_role("button", name="Sign in with a passkey").click()
    phone.page.get_by_text("Tom Reyes").first.wait_for()
    assert phone.page.url.endswith("/")
    assert phone.wrong == []


@pytest.mark.browser
def test_a_passkey_serves_as_the_second_factor_after_a_password(
    live: Any, phone: Phone, settings: Any
) -> None:
    settings.TEAMAROUND_REQUIRE_SECOND_FACTOR = True
    phone.types_password("nina@northmoor.example")
    phone.page.get_by_role("link", name="Use a passkey instead").click()
    phone.adds_a_passkey("security key")
    phone.signs_out()
    phone.types_password("nina@northmoor.example")
    phone.page.wait_for_url("**/2fa/authenticate/**")
    phone.page.get_by_role("button", name="Use a passkey instead").click()
    phone.page.get_by_text("Nina Patel").first.wait_for()
    assert phone.page.url.endswith("/")


@pytest.mark.browser
def test_a_family_member_signs_in_with_a_passkey(live: Any, phone: Phone) -> None:
    from django.conf import settings as site

    with live.cast.as_(live.cast.yasmin) as me:
        person = add_person(by=me, team=me.team.team, given="Esi", family_name="Boateng")
        account = Account.objects.create_user("esi@family.example", None)
        PortalAccount.objects.create(
            principal=Principal.objects.create(kind="family"),
            account=account,
            person=person,
            opened_by_id=me.principal,
        )
    client = Client()
    with acting_as(ANONYMOUS), transaction.atomic():
        client.force_login(account, backend=site.AUTHENTICATION_BACKENDS[0])
    phone.context.add_cookies(
        [
            {
                "name": "sessionid",
                "value": client.cookies["sessionid"].value,
                "domain": "localhost",
                "path": "/",
            }
        ]
    )
    phone.goes("mfa_add_webauthn")
    phone.adds_a_passkey("my phone")
    phone.signs_out()
    phone.goes("portal:sign_in")
    phone.page.get_by_role("button", name="Sign in with a passkey").click()
    phone.page.get_by_text("You are signed in as Esi Boateng").wait_for()
    assert phone.page.url.endswith(reverse("portal:home"))


@pytest.mark.browser
def test_a_passkey_that_was_removed_opens_nothing(live: Any, phone: Phone) -> None:
    phone.types_password("olive@northmoor.example")
    phone.page.get_by_text("Olive Marsh").first.wait_for()
    phone.goes("mfa_add_webauthn")
    phone.adds_a_passkey("old phone")
    phone.goes("mfa_list_webauthn")
    phone.page.get_by_role("link", name="Remove old phone").click()
    phone.page.get_by_role("button", name="Remove it").click()
    phone.page.get_by_text("You have no passkey yet").wait_for()
    assert not Authenticator.objects.filter(
        user=live.cast.olive.account, type=Authenticator.Type.WEBAUTHN
    ).exists()
    phone.signs_out()
    phone.goes("account_login")
    phone.page.get_by_role("button", name="Sign in with a passkey").click()
    phone.page.get_by_text("does not open anything here").wait_for()


def test_on_a_bare_number_no_passkey_is_offered_and_sign_in_still_works(cast: Any) -> None:
    for host, offered in (("127.0.0.1", False), ("localhost", True), ("testserver", False)):
        page = Client().get("/account/login/", headers={"host": host}).content.decode()
        assert ("passkey_login" in page) == offered, host
    client = Client(headers={"host": "127.0.0.1"})
    answer = client.post("/account/login/", {"login": "tom@northmoor.example", "password": PASSWORD})
    assert answer.status_code == 302
    page = client.get("/account/2fa/webauthn/add/").content.decode()
    assert "use the name localhost" in page


def test_somebody_elses_passkey_cannot_be_removed(cast: Any) -> None:
    key = Authenticator.objects.create(
        user=cast.nina.account, type=Authenticator.Type.WEBAUTHN, data={"name": "hers", "credential": {}}
    )
    answer = cast.tom.client().post(f"/account/2fa/webauthn/keys/{key.pk}/remove/")
    assert answer.status_code in (302, 404)
    assert Authenticator.objects.filter(pk=key.pk).exists()


@pytest.mark.parametrize(
    "credential", ["", "{}", "[]", "null", '{"response": {"userHandle": "AAAA"}}', "not json"]
)
def test_a_made_up_passkey_signs_nobody_in(cast: Any, credential: str) -> None:
    client = Client(raise_request_exception=False)
    client.get("/account/2fa/webauthn/login/", headers={"accept": "application/json"})
    answer = client.post("/account/2fa/webauthn/login/", {"credential": credential})
    assert answer.status_code in (302, 400)
    assert "_auth_user_id" not in client.session


def test_a_passkey_that_opens_nothing_is_kept_as_a_failed_attempt(
    cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[tuple[str, int]] = []
    monkeypatch.setattr(
        middleware,
        "record_failed_guess",
        lambda request, account, status: kept.append((middleware.page_of(request), account)),
    )
    client = Client()
    client.get("/account/2fa/webauthn/login/", headers={"accept": "application/json"})
    assert kept == []
    client.post("/account/2fa/webauthn/login/", {"credential": "not json"})
    assert kept == [("mfa_login_webauthn", 0)]
