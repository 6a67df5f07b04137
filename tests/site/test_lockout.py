"""Guessing: ten in five minutes for an account and for an address, counted where every process sees it."""

from __future__ import annotations

import re
import time
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.core.internal import ratelimit
from django.conf import global_settings
from django.db import connection
from django.test import Client
from django.utils.module_loading import import_string

from harness.cast import PASSWORD
from harness.sign_in import code_of, set_up_second_factor
from teamaround.site import settings as shipped

LOGIN = "/account/login/"
TOM = "tom@northmoor.example"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Moves the time that guesses are counted by: `clock.ahead = 301`."""
    moved = SimpleNamespace(ahead=0.0)
    monkeypatch.setattr(
        ratelimit,
        "time",
        SimpleNamespace(time=lambda: time.time() + moved.ahead, monotonic=time.monotonic, sleep=time.sleep),
    )
    return moved


def types(email: str, password: str, address: str = "192.0.2.1") -> Any:
    return Client().post(LOGIN, {"login": email, "password": password}, REMOTE_ADDR=address)


def guesses(email: str, times: int = 10, *, spread: bool = True) -> None:
    for number in range(times):
        address = f"192.0.2.{number + 10}" if spread else "192.0.2.1"
        assert types(email, "a wrong phrase", address).status_code == 200


def test_after_ten_guesses_the_right_password_is_refused_and_after_five_minutes_it_works(
    cast: Any, clock: Any
) -> None:
    guesses(TOM)
    refused = types(TOM, PASSWORD, "192.0.2.99")
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "300"
    clock.ahead = 290
    assert types(TOM, PASSWORD, "192.0.2.99").status_code == 429
    clock.ahead = 301
    assert types(TOM, PASSWORD, "192.0.2.99").status_code == 302


def test_in_service_each_guess_is_the_work_that_django_holds_right() -> None:
    """These tests hash with fewer turns; the product has no settings of its own for it, which could be weaker."""
    assert not hasattr(shipped, "PASSWORD_HASHERS")
    first = import_string(global_settings.PASSWORD_HASHERS[0])
    assert (first.algorithm, first.iterations >= 600_000) == ("pbkdf2_sha256", True)


def test_nine_guesses_lock_nobody_out(cast: Any) -> None:
    guesses(TOM, 9)
    assert types(TOM, PASSWORD).status_code == 302


def test_ten_guesses_from_one_address_close_it_for_every_account_and_no_other_address(
    cast: Any, clock: Any
) -> None:
    for number in range(10):
        assert types(f"somebody{number}@northmoor.example", "a wrong phrase").status_code == 200
    assert types(TOM, PASSWORD).status_code == 429
    assert types(TOM, PASSWORD, "198.51.100.7").status_code == 302
    clock.ahead = 301
    assert types(TOM, PASSWORD).status_code == 302


def test_signing_in_properly_uses_up_no_guesses(cast: Any) -> None:
    for _ in range(12):
        assert types(TOM, PASSWORD).status_code == 302


def test_a_right_password_in_between_does_not_begin_the_count_again(cast: Any) -> None:
    guesses(TOM, 9)
    assert types(TOM, PASSWORD).status_code == 302
    guesses(TOM, 1)
    assert types(TOM, PASSWORD).status_code == 429


def test_the_page_of_a_lockout_is_the_same_for_an_address_nobody_has(cast: Any) -> None:
    pages = []
    for email in (TOM, "nobody@northmoor.example"):
        guesses(email)
        answer = types(email, PASSWORD, "192.0.2.99")
        assert answer.status_code == 429
        pages.append(re.sub(rb"[A-Za-z0-9]{64}", b"", answer.content))
    assert pages[0] == pages[1]


def test_guesses_are_counted_in_the_database_that_all_processes_share(cast: Any) -> None:
    guesses(TOM, 1)
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from shared_cache where cache_key like %s", ["%login_failed%"])
        assert cursor.fetchone()[0] >= 2


def test_codes_of_the_second_factor_are_guessed_no_more_often_than_passwords(
    cast: Any, settings: Any
) -> None:
    from django.core.cache import cache

    first = Client()
    first.post(LOGIN, {"login": TOM, "password": PASSWORD})
    secret = set_up_second_factor(first)
    cache.clear()  # a code is good for one use; this stands for the next half minute
    client = Client()
    client.post(LOGIN, {"login": TOM, "password": PASSWORD})
    for _ in range(10):
        assert client.post("/account/2fa/authenticate/", {"code": "000000"}).status_code == 200
    assert client.post("/account/2fa/authenticate/", {"code": code_of(secret)}).status_code == 429


def test_an_address_that_a_visitor_makes_up_does_not_count_as_another(cast: Any, settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for number in range(10):
        made_up = f"203.0.113.{number}, 198.51.100.20"
        Client().post(
            LOGIN,
            {"login": f"somebody{number}@northmoor.example", "password": "a wrong phrase"},
            headers={"x-forwarded-for": made_up},
        )
    answer = Client().post(
        LOGIN,
        {"login": TOM, "password": PASSWORD},
        headers={"x-forwarded-for": "203.0.113.99, 198.51.100.20"},
    )
    assert answer.status_code == 429
