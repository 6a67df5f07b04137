"""What reaches My day from the casework rooms: news of referrals, and today's meetings."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from teamaround.access.me import Me
from teamaround.meetings.loaders import mine
from teamaround.meetings.models import Meeting, MeetingState
from teamaround.referrals.loaders import News, news_for

from .clocks import page

MOST_NEWS = 5
MOST_MEETINGS = 8


@dataclass(frozen=True, slots=True)
class Appointment:
    """A meeting of today; `next` marks the first that has not begun."""

    subject: int
    title: str
    about: str
    url: str
    place: str
    at: dt.datetime
    done: bool
    next: bool


def referral_news(me: Me) -> list[News]:
    """What happened lately to referrals that my teams sent or received, latest first. Two queries."""
    return news_for(me, limit=MOST_NEWS)


def appointments(me: Me, *, now: dt.datetime | None = None) -> list[Appointment]:
    """Today's meetings that my teams call or are invited to, in order. One query."""
    now = now or timezone.now()
    morning = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = list(
        mine(me)
        .filter(starts_at__gte=morning, starts_at__lt=morning + dt.timedelta(days=1))
        .exclude(state=MeetingState.CANCELLED)
        .order_by("starts_at", "id")[:MOST_MEETINGS]
    )
    coming = next((row.pk for row in rows if row.starts_at >= now), None)
    return [_appointment(row, coming) for row in rows]


def _appointment(row: Meeting, coming: int | None) -> Appointment:
    return Appointment(
        subject=row.subject_id,
        title=row.title,
        about=row.about,
        url=page("meetings:detail", row.uuid),
        place=row.place,
        at=row.starts_at,
        done=row.state == MeetingState.FULFILLED,
        next=row.pk == coming,
    )
