"""The meetings of My day: today's, and those to come that wait for an answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from teamaround.access.me import Me
from teamaround.database.asking import Question
from teamaround.meetings.models import MeetingState, title_of

from .asked import Asked, invitation
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


@dataclass(frozen=True, slots=True)
class _Row:
    uuid: str
    subject: int
    kind: str
    called_as: str
    state: str
    about: str
    at: dt.datetime
    place: str
    team: str
    key: str | None
    by_name: bool

    @property
    def title(self) -> str:
        return title_of(self.kind, self.called_as)


def asking_meetings(me: Me, *, now: dt.datetime) -> Question:
    """Today's meetings that my teams call or are invited to, and those to come that wait for my answer: for
    `called_meetings`."""
    morning = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    values = (
        me.principal,
        list(me.teams),
        morning,
        morning + dt.timedelta(days=1),
        MOST_MEETINGS + MOST_INVITATIONS,
    )
    return Question("app.day_meetings(%s, %s::int[], %s, %s, %s)", values)


def called_meetings(answer: Sequence[Sequence[Any]], *, now: dt.datetime) -> Meetings:
    """What `asking_meetings` was answered; each in the order in which they begin."""
    morning = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    tomorrow = morning + dt.timedelta(days=1)
    rows = [_row(row) for row in answer]
    today = [row for row in rows if row.at < tomorrow][:MOST_MEETINGS]
    ask = [row for row in rows if row.key and row.state == MeetingState.BOOKED and row.at >= now]
    ask = ask[:MOST_INVITATIONS]
    coming = next((row for row in today if row.at >= now), None)
    return Meetings(
        tuple(_appointment(row, row is coming) for row in today),
        tuple(
            invitation(row.title, row.about, row.key or "", row.team, row.at, row.place, by_name=row.by_name)
            for row in ask
        ),
        frozenset(row.subject for row in [*today, *ask]),
    )


def _row(told: Sequence[Any]) -> _Row:
    key, subject, kind, called_as, state, about, at, *rest = told
    return _Row(key, subject, kind, called_as, state, about, dt.datetime.fromisoformat(at), *rest)


def _appointment(row: _Row, coming: bool) -> Appointment:
    return Appointment(
        title=row.title,
        about=row.about,
        url=page("meetings:detail", row.uuid),
        place=row.place,
        at=row.at,
        done=row.state == MeetingState.FULFILLED,
        next=coming,
    )
