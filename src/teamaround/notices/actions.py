"""Telling practitioners that something happened, without saying what."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.db import connection, transaction

from teamaround.agencies.models import Membership

from .hours import in_hours
from .kinds import NOTICE_KINDS
from .models import Message
from .outbox import keep, sends
from .texts import send_text


@transaction.atomic
def notify(
    *, practitioners: Iterable[int], kind: str, link: str, on_duty: Iterable[int] = ()
) -> list[Message]:
    """Tell each practitioner, once, in the caller's transaction; the e-mails leave after it stands. Outside the hours of
    their team, or where they chose one e-mail a day, it waits for a digest; who chose none is told by My day alone.
    Those `on_duty` are told as well, and for them it is never too late in the day.

    `link` is a path of this site ("/referrals/…/"). Those who left, or whose account is closed, are passed
    over. Returns the e-mails that were written now. Raises KeyError for an unknown kind, ValueError for a link to anywhere else.
    """
    notice = NOTICE_KINDS[kind]
    if not link.startswith("/") or link.startswith("//"):
        raise ValueError("a notice links to a page of this site")
    woken = set(on_duty)
    wanted = sorted({*practitioners, *woken})
    if not wanted:
        return []
    site = settings.TEAMAROUND_ADDRESS.rstrip("/")
    body = f"{notice.sentence} Sign in to read it:\n{site}{link}\n"
    # Where nothing leaves this machine nobody is woken: the outbox shows at once what was written.
    awake = in_hours(wanted) | woken if sends() else set(wanted)
    with connection.cursor() as cursor:
        cursor.execute(
            "select practitioner, address, text_to from app.tell_or_wait(%s, %s, %s, %s)",
            [wanted, sorted(awake), kind, link],
        )
        now = cursor.fetchall()
    for _practitioner, _address, number in now:
        send_text(number, notice.subject_line)
    return keep([address for _practitioner, address, _number in now], notice.subject_line, body)


def members_of(teams: Iterable[int]) -> list[int]:
    """The practitioners who belong to these teams now."""
    return list(
        Membership.objects.current()
        .filter(team_id__in=list(teams), practitioner__left_at=None)
        .order_by("practitioner_id")
        .values_list("practitioner_id", flat=True)
        .distinct()
    )
