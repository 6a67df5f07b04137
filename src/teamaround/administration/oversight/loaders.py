"""The rows of the oversight pages: one named query a screen."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from django.core import signing
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import Http404

from teamaround.access.models import Alert, AlertRule, FamousName
from teamaround.access.reading import Cursor, LoggedLook, access_log

PAGE = 50
SALT = "oversight"


def packed(cursor: Cursor) -> str:
    """A cursor for a URL, signed: it cannot be made up."""
    return signing.dumps([cursor.at.isoformat(), str(cursor.look)], salt=SALT)


def unpacked(text: str) -> Cursor | None:
    """The cursor of a URL; None for none. Raises Http404 for one that was made up."""
    if not text:
        return None
    return Cursor(dt.datetime.fromisoformat(_signed(text)[0]), UUID(_signed(text)[1]))


def _signed(text: str) -> Any:
    try:
        return signing.loads(text, salt=SALT)
    except signing.BadSignature as forged:
        raise Http404 from forged


def look_of(alert: Alert) -> LoggedLook | None:
    """The look that an alert was raised for."""
    found = access_log(since=alert.at, until=alert.at + dt.timedelta(microseconds=1), most=200)
    return next((each for each in found if each.look == alert.look), None)


def alerts_page(*, settled: bool, before: str) -> tuple[list[Alert], str]:
    """Alerts, the latest first, and the cursor of the next page."""
    rows = Alert.objects.filter(settled_at__isnull=not settled).select_related("practitioner").order_by("-pk")
    if before:
        rows = rows.filter(pk__lt=_signed(before))
    found = list(rows[: PAGE + 1])
    more = len(found) > PAGE
    return found[:PAGE], signing.dumps(found[PAGE - 1].pk, salt=SALT) if more else ""


def rules_now() -> list[AlertRule]:
    """The rule that holds now for each kind, and for each agency that has its own."""
    rows = (
        AlertRule.objects.filter(effective_from__lte=Now())
        .select_related("agency")
        .order_by("kind", "agency_id", "-effective_from", "-pk")
        .distinct("kind", "agency_id")
    )
    return list(rows)


def famous_names() -> QuerySet[FamousName]:
    """The names that are watched now."""
    return (
        FamousName.objects.filter(ended_at=None).select_related("added_by").order_by("family_name", "given")
    )
