"""Recording what happened. Other rooms call this inside their own actions."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from teamaround.access.me import Me

from .models import Event, EventNote
from .own import kind_of

TOLERANCE = dt.timedelta(minutes=5)


class EventRefused(ValueError):
    """The event cannot be recorded as asked; the message says why, in words for the page."""


@transaction.atomic
def record(
    *,
    by: Me,
    team: int,
    kind: str,
    subjects: Iterable[int],
    episode: int | None = None,
    happened_at: dt.datetime | None = None,
    text: str = "",
    category: str = "",
) -> uuid.UUID:
    """Record one occurrence, a row for each subject, and its free text beside it. Returns the occurrence.

    `category` says a narrower one than the kind's, where what happened stands under that of a sensitive service.

    `happened_at` may lie in the past (a late entry: `recorded_at` tells); not in the future. Raises
    EventRefused for an unknown kind, no subject, or a time to come.
    """
    try:
        category = category or kind_of(kind).category
    except KeyError:
        raise EventRefused(f"there is no kind of event {kind!r}") from None
    when = happened_at or timezone.now()
    if when > timezone.now() + TOLERANCE:
        raise EventRefused("This lies in the future. Give the time at which it happened.")
    wanted = list(dict.fromkeys(subjects))
    if not wanted:
        raise EventRefused("an event is about somebody")
    occurrence = uuid.uuid4()
    rows = Event.objects.bulk_create(
        Event(
            occurrence=occurrence,
            kind=kind,
            subject_id=subject,
            category=category,
            author_team_id=team,
            episode=episode,
            happened_at=when,
        )
        for subject in wanted
    )
    if text.strip():
        EventNote.objects.bulk_create(
            EventNote(
                event=row,
                subject_id=row.subject_id,
                category=row.category,
                author_team_id=team,
                text=text.strip()[:4000],
            )
            for row in rows
        )
    return occurrence


@transaction.atomic
def correct(
    *, by: Me, event: Event, happened_at: dt.datetime | None = None, void: bool = False, text: str
) -> Event:
    """Correct an event by a later one: another time, or void it. The first one stays as it was written.

    Raises EventRefused for an event of another team, a reason left out, or a time to come.
    """
    if event.author_team_id not in by.teams:
        raise EventRefused("Only the team that recorded this can correct it.")
    if not text.strip():
        raise EventRefused("Say why it is corrected.")
    when = happened_at or event.happened_at
    if when > timezone.now() + TOLERANCE:
        raise EventRefused("This lies in the future. Give the time at which it happened.")
    later = Event.objects.create(
        occurrence=event.occurrence,
        kind=event.kind,
        subject_id=event.subject_id,
        category=event.category,
        author_team_id=event.author_team_id,
        episode=event.episode,
        happened_at=when,
        corrects=event,
        voids=void,
    )
    EventNote.objects.create(
        event=later,
        subject_id=later.subject_id,
        category=later.category,
        author_team_id=later.author_team_id,
        text=text.strip()[:4000],
    )
    return later
