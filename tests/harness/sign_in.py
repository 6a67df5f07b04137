"""Steps of sign-in that several tests take."""

from __future__ import annotations

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.test import Client

ACTIVATE = "/account/2fa/totp/activate/"


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def set_up_second_factor(client: Client) -> str:
    page = client.get(ACTIVATE)
    secret = page.context["form"].secret
    assert "data:image/svg+xml;base64," in page.content.decode()
    answer = client.post(ACTIVATE, {"code": code_of(secret)})
    assert answer.headers["Location"] == "/account/2fa/recovery-codes/"
    return str(secret)
