"""Calendar feeds: the secret links that open them, and how what stands in one is written.

A link holds 256 random bits; a SHA-256 digest of it is kept. A feed names nobody: initials at most, neutral titles,
no place, nothing of a case.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import http_date, quote_etag
from icalendar import Calendar, Event

from teamaround.agencies.models import Account

from .models import CalendarLink

_WRITTEN = re.compile(r"[A-Za-z0-9_-]{43}")
BACK = dt.timedelta(days=30)
AHEAD = dt.timedelta(days=366)
"""How far back and ahead a feed reaches."""
AGAIN = dt.timedelta(hours=1)
"""How often a calendar program is asked to look again."""


@transaction.atomic
def renew_link(*, owner: int) -> str:
    """Make the link of whoever acts, and end the one before. Returns the secret: it is shown once and never again."""
    secret = secrets.token_urlsafe(32)
    end_link(owner=owner)
    CalendarLink.objects.create(owner_id=owner, digest=digest_of(secret))
    return secret


@transaction.atomic
def end_link(*, owner: int) -> bool:
    """End the link of whoever acts; from the next request on it opens nothing. Whether there was one."""
    with connection.cursor() as cursor:
        # One at a time: who renews or ends at the same moment as another also ends what that one has just made.
        cursor.execute("select pg_advisory_xact_lock(hashtextextended('calendar link', %s))", [owner])
    return bool(CalendarLink.objects.filter(owner_id=owner, ended_at=None).update(ended_at=timezone.now()))


def standing_link(*, owner: int) -> CalendarLink | None:
    """The link of whoever acts that stands, if there is one."""
    return CalendarLink.objects.filter(owner_id=owner, ended_at=None).first()


def digest_of(secret: str) -> str:
    """What is kept of a link: SHA-256, in hexadecimal."""
    return hashlib.sha256(secret.encode("utf-8")).hexdigest()


def account_of(secret: str) -> Account | None:
    """The account of whoever owns the link that stands under this secret; None where it opens nothing."""
    digest = digest_of(secret if _WRITTEN.fullmatch(secret) else "")
    with connection.cursor() as cursor:
        cursor.execute("select account from app.calendar_owner(%s)", [digest])
        row = cursor.fetchone()
    return Account.objects.filter(pk=row[0], is_active=True).first() if row is not None else None


@dataclass(frozen=True, slots=True)
class Item:
    """One thing in a feed. A whole day where `ends_at` is None; `changed_at` is when it last changed."""

    key: uuid.UUID
    kind: str
    title: str
    starts_at: dt.datetime | dt.date
    ends_at: dt.datetime | None
    changed_at: dt.datetime
    url: str = ""
    whose: tuple[tuple[int, str], ...] = ()


def initials(name: str) -> str:
    """'K.O.' for Kofi Osei; "" for nobody."""
    return "".join(f"{part[0].upper()}." for part in re.findall(r"\w[\w’'-]*", name))[:12]


def written(items: Iterable[Item], *, title: str) -> bytes:
    """The feed as an iCalendar file (RFC 5545). The same items give the same bytes."""
    calendar = Calendar()
    calendar.add("prodid", "-//Team Around//Calendar feed//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", title)
    calendar.add("refresh-interval", AGAIN, parameters={"VALUE": "DURATION"})
    for item in items:
        event = Event()
        event.add("uid", f"{item.kind}-{item.key}@teamaround")
        event.add("dtstamp", item.changed_at.astimezone(dt.UTC).replace(microsecond=0))
        event.add("summary", item.title)
        event.add("class", "PRIVATE")
        if item.ends_at is None:
            event.add("dtstart", item.starts_at)
            event.add("transp", "TRANSPARENT")
        else:
            assert isinstance(item.starts_at, dt.datetime)
            event.add("dtstart", item.starts_at.astimezone(dt.UTC))
            event.add("dtend", item.ends_at.astimezone(dt.UTC))
        if item.url:
            event.add("url", item.url)
        calendar.add_component(event)
    return calendar.to_ical()


def answer(request: HttpRequest, body: bytes, items: Iterable[Item]) -> HttpResponseBase:
    """The feed as an answer: 304 where the program holds these very bytes. Nothing on the way may keep a copy."""
    # Only the bytes themselves say whether something changed: what was cancelled leaves no later time behind.
    etag = quote_etag(hashlib.sha256(body).hexdigest()[:32])
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="calendar.ics"'
    changed = max((item.changed_at for item in items), default=None)
    if changed is not None:
        response["Last-Modified"] = http_date(changed.timestamp())
    found = get_conditional_response(request, etag=etag, response=response)
    assert found is not None
    found["ETag"] = etag
    found["Cache-Control"] = "private, no-cache, max-age=0"
    return found


def no_such_feed() -> HttpResponse:
    """The one answer for a link that opens nothing, whatever the reason."""
    response = HttpResponse("Not found\n", status=404, content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "no-store"
    return response
