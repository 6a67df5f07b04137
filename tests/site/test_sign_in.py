"""Sign-in, second factor, lock-out, plain pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.db import OperationalError
from django.test import Client, RequestFactory
from django.urls import NoReverseMatch, reverse

from harness.cast import PASSWORD
from harness.sign_in import ACTIVATE, code_of, set_up_second_factor
from teamaround.access.middleware import database_down
from teamaround.agencies.accounts import reset_second_factor
from teamaround.site import demonstration_people, sign_in

LOGIN = "/account/login/"


@pytest.fixture(autouse=True)
def _mail(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def sign_in_with_password(client: Client, email: str = "tom@northmoor.example", **more: str) -> Any:
    return client.post(LOGIN, {"login": email, "password": PASSWORD, **more})


def test_a_practitioner_sets_up_a_second_factor_before_anything_else(cast: Any, settings: Any) -> None:
    settings.TEAMAROUND_REQUIRE_SECOND_FACTOR = True
    client = Client()
    assert sign_in_with_password(client, next="/account/password/change/").status_code == 302
    answer = client.get("/account/password/change/")
    assert answer.headers["Location"] == ACTIVATE
    set_up_second_factor(client)
    codes = client.get("/account/2fa/recovery-codes/").content.decode()
    assert 'href="/account/password/change/"' in codes
    assert client.get("/account/password/change/").status_code == 200


def test_later_sign_ins_ask_for_the_code(cast: Any, settings: Any) -> None:
    settings.TEAMAROUND_REQUIRE_SECOND_FACTOR = True
    first = Client()
    sign_in_with_password(first)
    secret = set_up_second_factor(first)
    client = Client()
    answer = sign_in_with_password(client, next="/account/password/change/")
    assert answer.headers["Location"].startswith("/account/2fa/authenticate/")
    assert client.get("/account/password/change/").status_code == 302
    wrong = client.post("/account/2fa/authenticate/", {"code": "000000"})
    assert "This code does not fit" in wrong.content.decode()
    from django.core.cache import cache

    cache.clear()  # a code is good for one use; this stands for the next half minute
    answer = client.post("/account/2fa/authenticate/", {"code": code_of(secret)})
    assert answer.headers["Location"] == "/account/password/change/"
    assert client.get("/account/password/change/").status_code == 200


def test_the_key_of_the_second_factor_is_not_kept_readable(cast: Any) -> None:
    from allauth.mfa.models import Authenticator

    client = Client()
    sign_in_with_password(client)
    secret = set_up_second_factor(client)
    kept = Authenticator.objects.filter(user=cast.tom.account).values_list("data", flat=True)
    assert secret not in str(list(kept))


def test_the_session_changes_its_name_at_sign_in(cast: Any) -> None:
    client = Client()
    client.get("/account/invitation/x/")
    before = client.cookies["sessionid"].value
    sign_in_with_password(client)
    assert client.cookies["sessionid"].value != before


def test_an_unknown_address_and_a_wrong_password_read_the_same(cast: Any) -> None:
    pages = []
    for email in ("tom@northmoor.example", "nobody@northmoor.example"):
        answer = Client().post(LOGIN, {"login": email, "password": "wrong wrong wrong"})
        pages.append(answer.context["form"].non_field_errors())
        assert answer.status_code == 200
    assert pages[0] == pages[1]


def test_a_reset_answers_the_same_for_an_unknown_address(cast: Any) -> None:
    answers = [
        Client().post("/account/password/reset/", {"email": email})
        for email in ("tom@northmoor.example", "nobody@northmoor.example")
    ]
    assert [a.headers["Location"] for a in answers] == ["/account/password/reset/done/"] * 2
    assert [m.to for m in mail.outbox] == [["tom@northmoor.example"]]


def test_a_forgotten_password_is_chosen_again_by_the_link(cast: Any) -> None:
    Client().post("/account/password/reset/", {"email": "tom@northmoor.example"})
    link = next(part for part in mail.outbox[-1].body.split() if part.startswith("http"))
    client = Client()
    page = client.get(link.removeprefix("http://testserver"), follow=True)
    assert page.status_code == 200
    phrase = "seven quiet harbours 9"
    answer = client.post(page.request["PATH_INFO"], {"password1": phrase, "password2": phrase})
    assert answer.headers["Location"] == "/account/password/reset/key/done/"
    again = Client().get(link.removeprefix("http://testserver"))
    assert "does not work any more" in again.content.decode()


def test_the_eleventh_guess_gets_a_plain_page(cast: Any) -> None:
    for _ in range(10):
        answer = Client().post(LOGIN, {"login": "tom@northmoor.example", "password": "wrong"})
        assert answer.status_code == 200
    locked = sign_in_with_password(Client())
    assert locked.status_code == 429
    assert locked.headers["Retry-After"] == "300"
    assert "Wait five minutes" in locked.content.decode()


def test_sign_in_returns_to_the_page_that_was_asked_for_and_to_no_other_site(cast: Any) -> None:
    answer = sign_in_with_password(Client(), next="/help/")
    assert answer.headers["Location"] == "/help/"
    answer = sign_in_with_password(Client(), next="https://elsewhere.example/")
    assert answer.headers["Location"] == "/"


def test_an_idle_session_ends_after_half_an_hour(settings: Any) -> None:
    assert settings.SESSION_COOKIE_AGE == 1800
    assert "teamaround.site.idle.IdleEndMiddleware" in settings.MIDDLEWARE


UNUSED = (
    "signup/",
    "email/",
    "confirm-email/",
    "confirm-email/abc/",
    "login/code/confirm/",
    "2fa/webauthn/signup/",
    "2fa/recovery-codes/download/",
    "3rdparty/",
    "social/connections/",
    "sessions/",
)


@pytest.mark.parametrize("unused", UNUSED)
def test_pages_of_the_library_that_are_not_used_do_not_exist(cast: Any, unused: str) -> None:
    assert Client().get(f"/account/{unused}").status_code == 404
    assert cast.tom.client().get(f"/account/{unused}").status_code == 404


def test_there_is_no_name_for_registration() -> None:
    for name in ("account_signup", "account_email", "account_confirm_login_code"):
        with pytest.raises(NoReverseMatch):
            reverse(name)


@pytest.mark.parametrize(
    "path", ["/help/", "/privacy/", "/accessibility/", LOGIN, "/account/password/reset/"]
)
def test_public_pages_open_without_signing_in(db: None, path: str) -> None:
    answer = Client().get(path)
    assert answer.status_code == 200
    assert "– Team Around</title>" in answer.content.decode()


def test_plain_pages_name_nobody(cast: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("Maya Brook was here")

    monkeypatch.setattr("teamaround.site.pages.render", fail)
    client = cast.tom.client()
    client.raise_request_exception = False
    answer = client.get("/help/")
    page = answer.content.decode()
    assert answer.status_code == 500
    assert "Sorry, something went wrong" in page
    assert "Maya" not in page
    assert "Tom Reyes" not in page


def test_the_page_of_a_database_that_is_away_needs_no_database(rf: RequestFactory) -> None:
    answer = database_down(rf.get("/"))
    assert answer.status_code == 503
    assert "away for a moment" in answer.content.decode()


def test_a_forged_form_gets_a_plain_page(db: None) -> None:
    answer = Client(enforce_csrf_checks=True).post(LOGIN, {"login": "a", "password": "b"})
    assert answer.status_code == 403
    assert "open for too long" in answer.content.decode()


def test_a_page_that_is_not_there_says_so(cast: Any) -> None:
    answer = cast.tom.client().get("/nowhere/")
    assert answer.status_code == 404
    assert "Page not found" in answer.content.decode()


@pytest.fixture
def demonstration(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DEMONSTRATION = True
    person = demonstration_people.DemonstrationPerson(
        "Tom Reyes", "Pastoral lead", "Pastoral team", "tom@northmoor.example"
    )
    monkeypatch.setattr(sign_in, "people_to_sign_in_as", lambda: (person,))


def test_the_demonstration_signs_in_by_one_press(cast: Any, demonstration: None) -> None:
    client = Client()
    assert "Tom Reyes" in client.get(LOGIN).content.decode()
    answer = client.post(
        "/account/demonstration/sign-in/", {"email": "tom@northmoor.example", "next": "/help/"}
    )
    assert answer.headers["Location"] == "/help/"
    assert client.get("/account/password/change/").status_code == 200


@pytest.mark.parametrize(
    "asked", [{"REMOTE_ADDR": "203.0.113.9"}, {"HTTP_X_FORWARDED_FOR": "203.0.113.9"}, {"REMOTE_ADDR": ""}]
)
def test_the_demonstration_signs_in_nobody_from_elsewhere(
    cast: Any, demonstration: None, asked: dict[str, Any]
) -> None:
    client = Client()
    answer = client.post("/account/demonstration/sign-in/", {"email": "tom@northmoor.example"}, **asked)
    assert answer.status_code == 404
    assert "_auth_user_id" not in client.session


def test_the_demonstration_signs_in_only_its_own_people(cast: Any, demonstration: None) -> None:
    answer = Client().post("/account/demonstration/sign-in/", {"email": "olive@northmoor.example"})
    assert answer.status_code == 404


def test_outside_the_demonstration_there_is_no_sign_in_by_name(cast: Any) -> None:
    answer = Client().post("/account/demonstration/sign-in/", {"email": "tom@northmoor.example"})
    assert answer.status_code == 404
    assert "made up" not in Client().get(LOGIN).content.decode()


def test_a_database_that_stops_gives_a_plain_page_and_a_retry_works(
    cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise OperationalError("connection refused")

    client = Client()
    with monkeypatch.context() as broken:
        broken.setattr("teamaround.site.pages.render", away)
        assert client.get("/help/").status_code == 503
    assert client.get("/help/").status_code == 200


def test_every_page_of_ones_own_account_opens_in_the_house_style(cast: Any) -> None:
    client = Client()
    sign_in_with_password(client)
    assert "Not set up" in client.get("/account/2fa/").content.decode()
    set_up_second_factor(client)
    for page in (
        "2fa/",
        "2fa/recovery-codes/",
        "2fa/recovery-codes/generate/",
        "2fa/totp/deactivate/",
        "2fa/reauthenticate/",
        "reauthenticate/",
        "password/change/",
        "logout/",
        "inactive/",
    ):
        answer = client.get(f"/account/{page}")
        assert answer.status_code == 200, page
        assert 'class="ta-auth"' in answer.content.decode(), page
    client.post("/account/2fa/recovery-codes/generate/")
    assert client.post("/account/2fa/totp/deactivate/").status_code == 302
    assert "Not set up" in client.get("/account/2fa/").content.decode()


def test_a_changed_password_signs_out_everywhere_else(cast: Any) -> None:
    here, elsewhere = Client(), Client()
    for client in (here, elsewhere):
        sign_in_with_password(client)
    phrase = "seven quiet harbours 9"
    answer = here.post(
        "/account/password/change/", {"oldpassword": PASSWORD, "password1": phrase, "password2": phrase}
    )
    assert answer.status_code == 302
    assert here.get("/account/password/change/").status_code == 200
    assert elsewhere.get("/account/password/change/").status_code == 302


def test_a_second_factor_reset_by_an_administrator_is_set_up_again(cast: Any, settings: Any) -> None:
    settings.TEAMAROUND_REQUIRE_SECOND_FACTOR = True
    client = Client()
    sign_in_with_password(client)
    set_up_second_factor(client)
    with cast.as_(cast.admin):
        reset_second_factor(by=cast.admin.practitioner.pk, practitioner=cast.tom.practitioner)
    assert LOGIN in client.get("/account/password/change/").headers["Location"]
    sign_in_with_password(client)
    assert client.get("/account/password/change/").headers["Location"] == ACTIVATE
