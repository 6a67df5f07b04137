"""A worker's own calendar feed: what they are to do and where they are to be. Initials alone, neutral titles."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.categories import Category
from teamaround.access.me import Me
from teamaround.meetings.loaders import mine
from teamaround.meetings.models import MeetingState
from teamaround.meetings.times import LASTS
from teamaround.notices.calendars import AHEAD, BACK, Item, initials
from teamaround.procedures.models import Clock
from teamaround.tasks.loaders import due_for
from teamaround.tasks.models import Appointment

from .clocks import child_at

MOST = 500
"""Rows read of each kind."""
DUE = dt.timedelta(minutes=15)
"""How long before its moment a clock stands in the calendar."""
Absolute = Callable[[str], str]


def items_of(me: Me, *, absolute: Absolute) -> list[Item]:
    """What the worker's calendar shows, the soonest first. Four queries. `absolute` makes whole addresses."""
    now = timezone.now()
    found = [
        *_appointments(me, now, absolute),
        *_meetings(me, now, absolute),
        *_actions(me, absolute),
        *_clocks(me, now, absolute),
    ]
    return sorted(found, key=lambda item: (_at(item), item.title, str(item.key)))


def _at(item: Item) -> str:
    if isinstance(item.starts_at, dt.datetime):
        return item.starts_at.astimezone(dt.UTC).isoformat()
    return item.starts_at.isoformat()


def _titled(what: str, marks: Iterable[str]) -> str:
    told = ", ".join(mark for mark in marks if mark)
    return f"{what}: {told}" if told else what


def _appointments(me: Me, now: dt.datetime, absolute: Absolute) -> Iterable[Item]:
    rows = (
        Appointment.objects.standing()
        .within(now - BACK, now + AHEAD)
        .filter(
            Q(practitioner=me.principal)
            | Q(with_team__in=me.teams, practitioner=None)
            | Q(author_team__in=me.teams, recorded_by=me.principal)
        )
        .annotate(child=child_at("subject_id"))
        .order_by("starts_at", "id")[:MOST]
    )
    together: dict[tuple[uuid.UUID, int], list[Appointment]] = {}
    for row in rows:
        together.setdefault((row.occurrence, row.author_team_id), []).append(row)
    for same in together.values():
        first = same[0]
        yield Item(
            key=first.uuid,
            kind="appointment",
            title=_titled(first.title, (_initials(row) for row in same)),
            starts_at=first.starts_at,
            ends_at=first.ends_at,
            changed_at=max(row.changed_at for row in same),
            url=absolute(reverse("desk:appointment", args=[first.uuid])),
            whose=tuple((row.subject_id, row.category) for row in same),
        )


def _initials(row: object) -> str:
    child = getattr(row, "child", None)
    return initials(f"{child['given']} {child['family_name']}") if child else ""


def _meetings(me: Me, now: dt.datetime, absolute: Absolute) -> Iterable[Item]:
    rows = mine(me).filter(
        state__in=[MeetingState.BOOKED, MeetingState.FULFILLED],
        starts_at__gte=now - BACK,
        starts_at__lt=now + AHEAD,
    )
    for row in rows.order_by("starts_at", "id")[:MOST]:
        yield Item(
            key=row.uuid,
            kind="meeting",
            title=_titled(_("Meeting"), [initials(row.about)]),
            starts_at=row.starts_at,
            ends_at=row.starts_at + LASTS,
            changed_at=row.changed_at,
            url=absolute(reverse("meetings:detail", args=[row.uuid])),
            whose=((row.subject_id, row.category),),
        )


def _actions(me: Me, absolute: Absolute) -> Iterable[Item]:
    rows = due_for(me).exclude(due_on=None).annotate(child=child_at("subject_id"))[:MOST]
    for row in rows:
        assert row.due_on is not None  # those without a day were left out
        yield Item(
            key=row.uuid,
            kind="action",
            title=_titled(_("Action due"), [_initials(row)]),
            starts_at=row.due_on,
            ends_at=None,
            changed_at=row.changed_at,
            url=absolute(reverse("desk:my_day")),
            whose=((row.subject_id, row.category),),
        )


def _clocks(me: Me, now: dt.datetime, absolute: Absolute) -> Iterable[Item]:
    rows = (
        Clock.objects.annotate(child=child_at("subject_id"))
        .filter(Q(owner_id=me.principal) | Q(author_team_id__in=me.teams, owner=None))
        .filter(stopped_at=None, due_at__lt=now + AHEAD)
        .select_related("episode")
        .order_by("due_at", "id")[:MOST]
    )
    for clock in rows:
        yield Item(
            key=uuid.uuid5(clock.episode.uuid, clock.key),
            kind="clock",
            title=_titled(_("Due"), [_initials(clock)]),
            starts_at=clock.due_at - DUE,
            ends_at=clock.due_at,
            changed_at=clock.started_at,
            url=absolute(reverse("desk:case", args=[clock.episode.uuid])),
            whose=((clock.subject_id, Category.INDEX),) if clock.subject_id is not None else (),
        )
