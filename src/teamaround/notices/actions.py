"""Telling practitioners that something happened, without saying what."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.db import transaction

from teamaround.agencies.models import Membership, Practitioner

from .kinds import NOTICE_KINDS
from .models import Message
from .outbox import keep


@transaction.atomic
def notify(*, practitioners: Iterable[int], kind: str, link: str) -> list[Message]:
    """Tell each practitioner, once, in the caller's transaction; the e-mails leave after it stands.

    `link` is a path of this site ("/referrals/…/"). Those who left, or whose account is closed, are passed
    over. Raises KeyError for an unknown kind, ValueError for a link to anywhere else.
    """
    notice = NOTICE_KINDS[kind]
    if not link.startswith("/") or link.startswith("//"):
        raise ValueError("a notice links to a page of this site")
    wanted = sorted(set(practitioners))
    if not wanted:
        return []
    addresses = Practitioner.objects.filter(pk__in=wanted, left_at=None, account__is_active=True)
    site = settings.TEAMAROUND_ADDRESS.rstrip("/")
    body = f"{notice.sentence} Sign in to read it:\n{site}{link}\n"
    return keep(
        list(addresses.order_by("pk").values_list("account__email", flat=True)), notice.subject_line, body
    )


def members_of(teams: Iterable[int]) -> list[int]:
    """The practitioners who belong to these teams now."""
    return list(
        Membership.objects.current()
        .filter(team_id__in=list(teams), practitioner__left_at=None)
        .order_by("practitioner_id")
        .values_list("practitioner_id", flat=True)
        .distinct()
    )
