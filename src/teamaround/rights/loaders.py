"""The rows of the governance lead's pages: one named query a screen."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from .models import (
    Decision,
    Disposal,
    LegalHold,
    Mark,
    PackItem,
    RetentionRule,
    RightsRequest,
    SharingAgreement,
)

PAGE = 25
WITHDRAWN_DAYS = 30


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody a request or a hold is about."""

    subject: int
    key: uuid.UUID
    name: str


def names_of(subjects: Iterable[int]) -> dict[int, Named]:
    """The names of those whom requests and holds are about. Only the governance lead may ask."""
    wanted = sorted(set(subjects))
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute("select subject, key, name from app.rights_names(%s)", [wanted])
        return {row[0]: Named(*row) for row in cursor.fetchall() if row[2]}


@dataclass(frozen=True, slots=True)
class Counts:
    """How much waits for the governance lead."""

    emergencies: int
    alerts: int
    shields: int
    shields_to_review: int


_COUNTS = """
select
 (select count(*) from sharing_basis b where b.kind = 'break_glass'
    and not exists (select 1 from sharing_break_glass_review r where r.basis_id = b.id)),
 (select count(*) from access_alert a where a.settled_at is null),
 (select count(*) from sharing_shield s where s.lifted_at is null and s.valid_from <= statement_timestamp()
    and (s.valid_until is null or s.valid_until > statement_timestamp())),
 (select count(*) from sharing_shield s where s.lifted_at is null and s.valid_from <= statement_timestamp()
    and (s.valid_until is null or s.valid_until > statement_timestamp()) and s.review_on <= %s)
"""


def counts() -> Counts:
    """What waits, in one query under the policies."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, [timezone.localdate()])
        row = cursor.fetchone()
    assert row is not None
    return Counts(*row)


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """So many consents taken back on a day: by whom in words, recorded by which agency. No name."""

    day: dt.date
    role: str
    agency: str
    n: int


def withdrawals() -> list[Withdrawal]:
    """Consents taken back in the last 30 days."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select day, role, agency, n from app.withdrawals_since(%s)",
            [timezone.now() - dt.timedelta(days=WITHDRAWN_DAYS)],
        )
        return [Withdrawal(*row) for row in cursor.fetchall()]


def requests() -> QuerySet[RightsRequest]:
    """Requests with their pauses, the oldest first."""
    return RightsRequest.objects.prefetch_related("pauses").order_by("asked_on", "pk")


def open_requests() -> QuerySet[RightsRequest]:
    """Requests that wait for an answer, and granted erasures that are not done."""
    granted = Q(kind="erasure", outcome="granted") & ~Q(disposals__done_at__isnull=False)
    return requests().filter(Q(closed_at=None) | granted).distinct()


def marked(request: RightsRequest, *, decided: bool, after: int = 0) -> list[PackItem]:
    """Marked parts of a pack from a position on, one more than a page."""
    rows = request.items.exclude(mark=Mark.NONE).filter(position__gt=after).select_related("decided_by")
    rows = rows.exclude(decision=Decision.UNDECIDED) if decided else rows.filter(decision=Decision.UNDECIDED)
    return list(rows.order_by("position")[: PAGE + 1])


def pack_counts(request: RightsRequest) -> dict[str, int]:
    """How many parts a pack has, how many are marked, how many decided which way."""
    return request.items.aggregate(
        parts=Count("pk"),
        marked=Count("pk", filter=~Q(mark=Mark.NONE)),
        undecided=Count("pk", filter=~Q(mark=Mark.NONE) & Q(decision=Decision.UNDECIDED)),
        kept=Count("pk", filter=~Q(mark=Mark.NONE) & Q(decision=Decision.KEEP)),
        redacted=Count("pk", filter=~Q(mark=Mark.NONE) & Q(decision=Decision.REDACT)),
    )


def disposals() -> QuerySet[Disposal]:
    """Disposals, the latest first."""
    return Disposal.objects.select_related("asked_by", "confirmed_by", "request").order_by("-pk")


def holds() -> QuerySet[LegalHold]:
    """Holds that stand, the latest first."""
    today = timezone.localdate()
    return (
        LegalHold.objects.filter(lifted_at=None)
        .filter(Q(until=None) | Q(until__gt=today))
        .select_related("set_by")
        .order_by("-since", "-pk")
    )


def rules_in_force() -> list[RetentionRule]:
    """The rule that holds now for each class and category."""
    rows = (
        RetentionRule.objects.filter(effective_from__lte=Now())
        .select_related("set_by")
        .order_by("retention", "category", "-effective_from", "-pk")
        .distinct("retention", "category")
    )
    return list(rows)


def agreements(*, ended: bool = False) -> QuerySet[SharingAgreement]:
    """Agreements with their agencies, the next review first."""
    rows = SharingAgreement.objects.prefetch_related("parties__agency").order_by("review_on", "pk")
    return rows.exclude(ended_on=None) if ended else rows.filter(ended_on=None)
