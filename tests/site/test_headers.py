"""Headers of what the sweep does not reach: error pages, files, and the settings of a service behind TLS."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from harness.headers import policy_of, unsafe

SERVICE = """
import os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "teamaround.site.settings"
from django.conf import settings as s
print(s.SECURE_HSTS_SECONDS, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY,
      s.SESSION_COOKIE_SAMESITE, s.ALLAUTH_TRUSTED_PROXY_COUNT)
"""


@pytest.mark.parametrize("path", ["/nowhere/", "/people/not-a-uuid/", "/help/", "/account/login/"])
def test_pages_for_everybody_have_the_headers(cast: Any, path: str) -> None:
    assert unsafe(Client().get(path)) == []


def test_a_failure_has_the_headers(cast: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("teamaround.site.pages.render", fail)
    answer = Client(raise_request_exception=False).get("/help/")
    assert answer.status_code == 500
    assert unsafe(answer) == []


def test_a_forged_form_is_answered_with_the_headers(db: None) -> None:
    assert unsafe(Client(enforce_csrf_checks=True).post("/account/login/", {})) == []


def test_the_policy_names_no_other_site(cast: Any) -> None:
    policy = policy_of(Client().get("/help/"))
    sources = {source for each in policy.values() for source in each}
    assert sources <= {"'none'", "'self'", "data:"}
    assert [name for name, each in policy.items() if "data:" in each] == ["img-src"]


def test_over_https_the_browser_is_told_to_stay_with_it(cast: Any, settings: Any) -> None:
    settings.SECURE_HSTS_SECONDS = 31_536_000
    assert Client().get("/help/", secure=True).headers["Strict-Transport-Security"] == "max-age=31536000"


def test_a_service_sends_its_cookies_over_https_alone(tmp_path: Path) -> None:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("TEAMAROUND_", "DJANGO_"))
    }
    environment["TEAMAROUND_SECRETS"] = str(tmp_path / "secrets")
    said = subprocess.run(
        [sys.executable, "-c", SERVICE],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert said.stdout.split() == ["31536000", "True", "True", "True", "Lax", "1"]
