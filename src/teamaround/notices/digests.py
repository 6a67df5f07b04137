"""Digests: what waited for working hours, or for the one e-mail of the day. They say how many of what kind, and no more."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import ngettext

from teamaround.database.actor import acting_as

from .hours import in_hours
from .kinds import NOTICE_KINDS
from .outbox import keep
from .services import service_actor
from .texts import send_text

SERVICE = "digests"


def send_digests(now: dt.datetime | None = None) -> int:
    """Send each worker in working hours what waits for them, in one e-mail. How many e-mails were written.

    Who chose one e-mail a day has it the first time that they are in working hours on that day.
    """
    now = now or timezone.now()
    with acting_as(service_actor(SERVICE)), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select practitioner from app.digests_wanted(%s)", [timezone.localdate(now)])
            wanted = [row[0] for row in cursor.fetchall()]
        ready = sorted(in_hours(wanted, now)) if wanted else []
        if not ready:
            return 0
        with connection.cursor() as cursor:
            cursor.execute(
                "select practitioner, address, text_to, kind, link from app.take_notices(%s, %s)",
                [ready, timezone.localdate(now)],
            )
            rows = cursor.fetchall()
        waiting: defaultdict[tuple[int, str, str], list[tuple[str, str]]] = defaultdict(list)
        for practitioner, address, number, kind, link in rows:
            waiting[practitioner, address, number].append((kind, link))
        for (_practitioner, address, number), found in waiting.items():
            subject_line = digest_subject(len(found))
            keep([address], subject_line, digest_body(found))
            send_text(number, subject_line)
    return len(waiting)


def digest_subject(count: int) -> str:
    """The subject line of a digest."""
    return ngettext("%(n)d notice for you", "%(n)d notices for you", count) % {"n": count}


def digest_body(found: Sequence[tuple[str, str]]) -> str:
    """What waited, each kind once with its number and the page it is read on. Kinds no longer known are counted only."""
    site = settings.TEAMAROUND_ADDRESS.rstrip("/")
    kinds: defaultdict[str, list[str]] = defaultdict(list)
    for kind, link in found:
        kinds[kind].append(link)
    lines = []
    for kind, links in kinds.items():
        notice = NOTICE_KINDS.get(kind)
        if notice is None:
            continue
        times = "" if len(links) == 1 else f" ({len(links)})"
        lines += [f"{notice.subject_line}{times}", *(f"{site}{link}" for link in dict.fromkeys(links)), ""]
    return "\n".join([*lines, "Sign in to read more:", f"{site}/", ""])
