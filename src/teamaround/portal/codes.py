"""One-time codes: six digits, kept as a keyed digest, good for ten minutes, five tries and one use."""

from __future__ import annotations

import datetime as dt
import secrets
import uuid

from django.core.mail import send_mail
from django.db.models import F
from django.db.models.functions import Now
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from teamaround.agencies.models import Account

from .models import PortalCode

DIGITS = 6
MINUTES = 10
TRIES = 5


def send_code(*, email: str, account: Account | None = None, invitation: int | None = None) -> uuid.UUID:
    """Make a code and send it; without account and invitation make one that nobody is sent.

    Returns the key by which the browser's session knows the code.
    """
    key = uuid.uuid4()
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    PortalCode.objects.create(
        id=key,
        account=account,
        invitation_id=invitation,
        digest=_digest(key, code),
        expires_at=timezone.now() + dt.timedelta(minutes=MINUTES),
    )
    if account is not None or invitation is not None:
        text = render_to_string("portal/mail/code.txt", {"code": code, "minutes": MINUTES})
        send_mail(_("Your code for Team Around"), text.strip() + "\n", None, [email])
    return key


def try_code(key: str, typed: str) -> PortalCode | None:
    """The code's row where `typed` is right; None where it is wrong, too old, used, or tried too often.

    Each try counts before it is compared: tries at the same moment wait for one another at the row.
    """
    counted = PortalCode.objects.filter(pk=key, tries__lt=TRIES, used_at=None, expires_at__gt=Now()).update(
        tries=F("tries") + 1
    )
    if not counted:
        return None
    row = PortalCode.objects.get(pk=key)
    right = constant_time_compare(row.digest, _digest(row.pk, "".join(typed.split())))
    if not right or (row.account_id is None and row.invitation_id is None):
        return None
    PortalCode.objects.filter(pk=key).update(used_at=Now())
    return row


def is_open(key: str) -> bool:
    """Whether this code can still be typed."""
    return PortalCode.objects.filter(pk=key, tries__lt=TRIES, used_at=None, expires_at__gt=Now()).exists()


def _digest(key: uuid.UUID, code: str) -> str:
    return salted_hmac("teamaround.portal.code", f"{key}:{code}", algorithm="sha256").hexdigest()
