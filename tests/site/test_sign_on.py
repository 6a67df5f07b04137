"""An agency's own sign-on: for whoever was invited to that agency, and for nobody else."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from harness.issuer import CLIENT, SECRET, Issuer, issuing
from teamaround.access import middleware
from teamaround.agencies.accounts import add_membership, invite, leave
from teamaround.agencies.models import Account, Practitioner
from teamaround.database.actor import SET_UP, acting_as
from teamaround.site.sign_on_file import SignOn, SignOnError, providers, read_sign_on

SCHOOL = "agency-moor-lane"
HEALTH = "agency-school-nursing"
BEGIN = f"/account/agency/{SCHOOL}/"
ACTIVATE = "/account/2fa/totp/activate/"
TOM = {"email": "tom@northmoor.example", "email_verified": True}
NEW = {"email": "rosa@moor-lane.example", "email_verified": True}


@pytest.fixture(scope="module")
def school_issuer() -> Iterator[Issuer]:
    with issuing() as issuer:
        yield issuer


@pytest.fixture
def issuer(school_issuer: Issuer, settings: Any) -> Issuer:
    school_issuer.forge, school_issuer.names_itself = "", school_issuer.url
    switch_on(settings, school_issuer)
    return school_issuer


def switch_on(settings: Any, issuer: Issuer, **more: Any) -> None:
    entry = SignOn(SCHOOL, issuer.url, CLIENT, SECRET, **more)
    settings.TEAMAROUND_SIGN_ON = {SCHOOL: entry}
    settings.SOCIALACCOUNT_PROVIDERS = providers(settings.TEAMAROUND_SIGN_ON)


def arrive(issuer: Issuer, client: Client, begin: str = BEGIN, **claims: Any) -> Any:
    location = client.get(begin).headers["Location"]
    return client.get(f"{BEGIN}back/", issuer.signs_in(location, **claims))


def signed_in_as(client: Client) -> str:
    key = client.session.get("_auth_user_id")
    return Account.objects.get(pk=key).email if key else ""


def refused(answer: Any, client: Client) -> bool:
    return (
        answer.status_code == 403
        and "We could not sign you in" in answer.content.decode()
        and signed_in_as(client) == ""
    )


def test_somebody_of_the_agency_signs_in_and_returns_to_the_page_asked_for(cast: Any, issuer: Issuer) -> None:
    client = Client()
    page = client.get("/account/login/?next=/help/").content.decode()
    assert f'href="{BEGIN}?next=/help/"' in page
    assert "Moor Lane School" in page
    answer = arrive(issuer, client, f"{BEGIN}?next=/help/", **TOM)
    assert answer.headers["Location"] == "/help/"
    assert signed_in_as(client) == "tom@northmoor.example"


def test_the_agencys_issuer_signs_in_nobody_of_another_agency(cast: Any, issuer: Issuer) -> None:
    client = Client()
    assert refused(arrive(issuer, client, email="nina@northmoor.example", email_verified=True), client)


def test_whoever_works_for_two_agencies_is_left_to_their_password(cast: Any, issuer: Issuer) -> None:
    with cast.as_(cast.admin):
        add_membership(
            by=cast.admin.practitioner.pk,
            practitioner=cast.tom.practitioner,
            team=cast.teams["school-nursing"],
            role="practitioner",
        )
    client = Client()
    assert refused(arrive(issuer, client, **TOM), client)


def test_a_refused_sign_on_is_kept_as_a_failed_attempt_at_the_account_that_is_known(
    cast: Any, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[int] = []
    monkeypatch.setattr(
        middleware, "record_failed_guess", lambda _request, account, _status: kept.append(account)
    )
    arrive(issuer, Client(), email="nina@northmoor.example", email_verified=True)
    arrive(issuer, Client(), **NEW)
    arrive(issuer, Client(), email="nina@northmoor.example", email_verified=False)
    assert kept == [cast.nina.account.pk, 0, 0]
    arrive(issuer, Client(), **TOM)
    assert len(kept) == 3


def test_who_was_not_invited_gets_no_account(cast: Any, issuer: Issuer) -> None:
    client = Client()
    assert refused(arrive(issuer, client, **NEW), client)
    assert not Account.objects.filter(email=NEW["email"]).exists()


def test_an_address_that_the_issuer_does_not_answer_for_opens_nothing(
    cast: Any, issuer: Issuer, settings: Any
) -> None:
    for claims in (
        {"email": TOM["email"]},
        {**TOM, "email_verified": False},
        {**TOM, "email_verified": "true"},
    ):
        client = Client()
        assert refused(arrive(issuer, client, **claims), client)
    assert refused(arrive(issuer, client := Client()), client)
    switch_on(settings, issuer, email_domains=("northmoor.example",))
    client = Client()
    assert arrive(issuer, client, email=TOM["email"]).status_code == 302


def test_somebody_invited_to_the_agency_joins_by_its_sign_on(cast: Any, issuer: Issuer) -> None:
    with cast.as_(cast.admin):
        invite(
            by=cast.admin.practitioner.pk,
            email=str(NEW["email"]),
            name="Rosa Lind",
            team=cast.teams["moor-lane"],
            role="practitioner",
        )
    client = Client()
    assert arrive(issuer, client, **NEW).status_code == 302
    rosa = Account.objects.get(email=NEW["email"])
    assert signed_in_as(client) == rosa.email
    assert not rosa.has_usable_password()
    assert Practitioner.objects.get(account=rosa).memberships.get().team == cast.teams["moor-lane"]


def test_somebody_invited_to_another_agency_does_not_join(cast: Any, issuer: Issuer) -> None:
    with cast.as_(cast.admin):
        invite(
            by=cast.admin.practitioner.pk,
            email=str(NEW["email"]),
            name="Rosa Lind",
            team=cast.teams["housing"],
            role="practitioner",
        )
    client = Client()
    assert refused(arrive(issuer, client, **NEW), client)


def test_somebody_who_left_is_refused(cast: Any, issuer: Issuer) -> None:
    with cast.as_(cast.admin):
        leave(by=cast.admin.practitioner.pk, practitioner=cast.tom.practitioner)
    client = Client()
    assert refused(arrive(issuer, client, **TOM), client)


def test_the_agencys_second_factor_counts_only_where_its_setting_says_so(
    cast: Any, issuer: Issuer, settings: Any
) -> None:
    settings.TEAMAROUND_REQUIRE_SECOND_FACTOR = True
    client = Client()
    arrive(issuer, client, amr=["pwd", "mfa"], **TOM)
    assert client.get("/account/password/change/").headers["Location"] == ACTIVATE
    switch_on(settings, issuer, amr=frozenset({"mfa"}), acr=frozenset({"urn:two"}))
    for said in ({"amr": ["pwd", "mfa"]}, {"acr": "urn:two"}, {"amr": "mfa"}):
        client = Client()
        arrive(issuer, client, **said, **TOM)
        assert "/2fa/" not in client.get("/referrals/").headers.get("Location", ""), said
    for said in ({"amr": ["pwd"]}, {"acr": "urn:one"}, {}, {"amr": [{"mfa": 1}]}):
        client = Client()
        arrive(issuer, client, **said, **TOM)
        assert client.get("/referrals/").headers["Location"] == ACTIVATE, said


@pytest.mark.parametrize("forge", ["unsigned", "secret", "stranger"])
def test_a_token_that_the_issuer_did_not_sign_opens_nothing(cast: Any, issuer: Issuer, forge: str) -> None:
    issuer.forge = forge
    client = Client()
    assert refused(arrive(issuer, client, **TOM), client)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://elsewhere.example"},
        {"aud": "another-product"},
        {"aud": [CLIENT, "another-product"]},
        {"exp": int(time.time()) - 3600},
        {"iat": int(time.time()) + 3600},
        {"sub": None},
    ],
)
def test_a_token_for_somebody_else_or_another_time_opens_nothing(
    cast: Any, issuer: Issuer, claims: dict[str, Any]
) -> None:
    client = Client()
    assert refused(arrive(issuer, client, **{**TOM, **claims}), client)


def test_a_configuration_of_another_issuer_is_not_believed(cast: Any, issuer: Issuer) -> None:
    issuer.names_itself = "https://elsewhere.example"
    client = Client()
    assert refused(client.get(BEGIN), client)


def test_what_comes_back_must_belong_to_this_browser_and_works_once(cast: Any, issuer: Issuer) -> None:
    mine, other = Client(), Client()
    back = issuer.signs_in(mine.get(BEGIN).headers["Location"], **TOM)
    assert refused(other.get(f"{BEGIN}back/", back), other)
    assert mine.get(f"{BEGIN}back/", back).status_code == 302
    again = Client()
    assert refused(again.get(f"{BEGIN}back/", back), again)


def test_an_issuer_that_is_away_gives_the_plain_page(cast: Any, settings: Any) -> None:
    with issuing() as gone:
        switch_on(settings, gone)
    client = Client()
    assert refused(client.get(BEGIN), client)


def test_an_agency_without_sign_on_has_no_such_page(cast: Any, issuer: Issuer) -> None:
    assert Client().get(f"/account/agency/{HEALTH}/").status_code == 404
    assert Client().get(f"/account/agency/{HEALTH}/back/?code=1&state=2").status_code == 404


def test_the_session_changes_its_name_at_the_agencys_sign_on(cast: Any, issuer: Issuer) -> None:
    client = Client()
    location = client.get(BEGIN).headers["Location"]
    before = client.cookies["sessionid"].value
    client.get(f"{BEGIN}back/", issuer.signs_in(location, **TOM))
    assert client.cookies["sessionid"].value != before


def test_nothing_of_the_sign_on_is_kept_in_the_database(cast: Any, issuer: Issuer) -> None:
    from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
    from django.db import DatabaseError

    arrive(issuer, Client(), **TOM)
    assert [model.objects.count() for model in (SocialApp, SocialAccount, SocialToken)] == [0, 0, 0]
    with pytest.raises(DatabaseError), acting_as(SET_UP), transaction.atomic():
        SocialApp.objects.create(provider="openid_connect", name="forged", client_id="x", secret="y")


ENTRY = """
- agency: northmoor-council
  issuer: https://login.northmoor.example
  client_id: team-around
  client_secret: quite-secret
  email_domains: [Northmoor.example]
  second_factor: {amr: [mfa], acr: [urn:two]}
"""


def kept(folder: Path, text: str, mode: int = 0o600) -> str:
    place = folder / "sign-on"
    place.write_text(text)
    place.chmod(mode)
    return str(place)


def test_the_file_gives_each_agencys_sign_on_and_never_prints_a_secret(tmp_path: Path) -> None:
    found = read_sign_on(kept(tmp_path, ENTRY))["northmoor-council"]
    assert found.client_secret == "quite-secret"
    assert found.email_domains == ("northmoor.example",)
    assert found.amr == {"mfa"}
    assert "quite-secret" not in repr(found)
    assert read_sign_on("") == {}


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        (ENTRY, 0o644),
        (ENTRY + ENTRY, 0o600),
        (ENTRY.replace("https://", "http://"), 0o600),
        (ENTRY.replace("client_secret: quite-secret", "client_secret:"), 0o600),
        (ENTRY + "  colour: red\n", 0o600),
        (ENTRY.replace("[mfa]", "mfa"), 0o600),
        ("agency: x", 0o600),
        ("{quite-secret", 0o600),
    ],
)
def test_a_file_that_cannot_be_relied_on_is_refused_without_its_secrets(
    tmp_path: Path, text: str, mode: int
) -> None:
    with pytest.raises(SignOnError) as refused:
        read_sign_on(kept(tmp_path, text, mode))
    assert "quite-secret" not in str(refused.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SignOnError):
        read_sign_on(str(tmp_path / "nowhere"))
