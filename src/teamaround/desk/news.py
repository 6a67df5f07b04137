"""What reaches My day from the casework rooms: news of referrals, today's meetings, and invitations."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, Subquery
from django.utils import timezone

from teamaround.access.me import Me
from teamaround.meetings.loaders import mine
from teamaround.meetings.models import Meeting, MeetingState
from teamaround.referrals.loaders import News, news_for

from .asked import Asked, invitation, unanswered
from .clocks import page

MOST_NEWS = 5
MOST_MEETINGS = 8
MOST_INVITATIONS = 10


@dataclass(frozen=True, slots=True)
class Appointment:
    """A meeting of today; `next` marks the first that has not begun."""

    title: str
    about: str
    url: str
    place: str
    at: dt.datetime
    done: bool
    next: bool


@dataclass(frozen=True, slots=True)
class Meetings:
    """Today's meetings, the invitations that wait for an answer, and whom these are about."""

    today: tuple[Appointment, ...]
    invitations: tuple[Asked, ...]
    subjects: frozenset[int]


def referral_news(me: Me) -> list[News]:
    """What happened lately to referrals that my teams sent or received, latest first. One query."""
    return news_for(me, limit=MOST_NEWS)


def meetings_for(me: Me, *, now: dt.datetime | None = None) -> Meetings:
    """Today's meetings that my teams call or are invited to; and those to come that wait for my answer.

    Each in the order in which they begin. One query.
    """
    now = now or timezone.now()
    morning = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    tomorrow = morning + dt.timedelta(days=1)
    waiting = unanswered(me)
    rows: list[Any] = list(
        mine(me)
        .annotate(
            key=Subquery(waiting.values("uuid")[:1]), invited=Subquery(waiting.values("practitioner_id")[:1])
        )
        .filter(Q(starts_at__lt=tomorrow) | Q(state=MeetingState.BOOKED, key__isnull=False))
        .filter(starts_at__gte=morning)
        .exclude(state=MeetingState.CANCELLED)
        .order_by("starts_at", "id")[: MOST_MEETINGS + MOST_INVITATIONS]
    )
    today = [row for row in rows if row.starts_at < tomorrow][:MOST_MEETINGS]
    ask = [row for row in rows if row.key and row.state == MeetingState.BOOKED and row.starts_at >= now]
    ask = ask[:MOST_INVITATIONS]
    coming = next((row.pk for row in today if row.starts_at >= now), None)
    return Meetings(
        tuple(_appointment(row, coming) for row in today),
        tuple(invitation(row, row.key, by_name=row.invited is not None) for row in ask),
        frozenset(row.subject_id for row in [*today, *ask]),
    )


def _appointment(row: Meeting, coming: int | None) -> Appointment:
    return Appointment(
        title=row.title,
        about=row.about,
        url=page("meetings:detail", row.uuid),
        place=row.place,
        at=row.starts_at,
        done=row.state == MeetingState.FULFILLED,
        next=row.pk == coming,
    )
