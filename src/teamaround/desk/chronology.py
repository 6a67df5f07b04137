"""What has happened, latest first, a page at a time: one queryset for a person, a family or a case."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.core import signing
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.events.models import Event
from teamaround.procedures.models import EpisodeLink
from teamaround.ui.components import Tag, TimelineItem
from teamaround.ui.presentation import uk_date, uk_datetime

PAGE = 20
_SALT = "desk.chronology"


@dataclass(frozen=True, slots=True)
class Chronology:
    """One page of it. `before` asks for the next page; `categories` and `subjects` are what it shows; `until` is where
    an earlier page left off."""

    items: tuple[TimelineItem, ...]
    before: str
    categories: tuple[str, ...]
    subjects: tuple[int, ...]
    own: bool
    first: bool
    until: dt.datetime | None = None


def chronology_of(
    subjects: Collection[int],
    *,
    teams: Collection[int],
    names: Mapping[int, str] | None = None,
    episode: int | None = None,
    before: str = "",
    page: int = PAGE,
) -> Chronology:
    """What I may see of what happened to these subjects (or in this episode), one row an occurrence. One query.

    `names` are told where an occurrence concerned only some of several subjects. Without subjects an episode
    must be named; raises ValueError otherwise.
    """
    if not subjects and episode is None:
        raise ValueError("say whose chronology")
    rows = _rows(subjects, episode)
    cursor = _read(before)
    if cursor is not None:
        moment, last = cursor
        rows = rows.filter(Q(happened_at__lt=moment) | Q(happened_at=moment, pk__lt=last))
    found = list(rows[: page + 1])
    shown, more = found[:page], len(found) > page
    return Chronology(
        items=tuple(_item(row, names or {}) for row in shown),
        before=_write(shown[-1]) if more else "",
        categories=tuple(sorted({row.category for row in shown})),
        subjects=tuple(sorted({subject for row in shown for subject in row.about})),  # type: ignore[attr-defined]
        own=any(row.author_team_id in teams for row in shown),
        first=cursor is None,
        until=cursor[0] if cursor is not None else None,
    )


def _rows(subjects: Collection[int], episode: int | None) -> QuerySet[Event]:
    mine = Event.objects.all()
    # An occurrence is one row a subject: the one with the lowest number stands for all.
    same = Event.objects.filter(occurrence=OuterRef("occurrence"), corrects=None)
    if subjects:
        mine, same = mine.filter(subject_id__in=subjects), same.filter(subject_id__in=subjects)
    if episode is not None:
        mine, same = mine.filter(episode=episode), same.filter(episode=episode)
    links = EpisodeLink.objects.filter(occurrence=OuterRef("occurrence"))
    return (
        mine.annotate(
            about=ArraySubquery(same.order_by("id").values("subject_id")),
            corrected=Exists(Event.objects.filter(corrects=OuterRef("pk"), voids=False)),
            struck=Exists(Event.objects.filter(corrects=OuterRef("pk"), voids=True)),
            # Only who sees both cases sees where the one goes on.
            goes_to=Subquery(links.values("episode__author_team__name")[:1]),
        )
        .filter(Q(corrects__isnull=False) | ~Exists(same.filter(pk__lt=OuterRef("pk"))))
        .select_related("author_team__agency", "recorded_by__practitioner", "note")
        .order_by("-happened_at", "-id")
    )


def _item(row: Event, names: Mapping[int, str]) -> TimelineItem:
    writer = getattr(row.recorded_by, "practitioner", None)
    note = getattr(row, "note", None)
    told = list(dict.fromkeys(names[each] for each in row.about if each in names))  # type: ignore[attr-defined]
    words = row.words
    if row.corrects_id is not None:
        words = _("Entry struck out: %(words)s") if row.voids else _("Correction: %(words)s")
        words %= {"words": row.words.lower()}
    elif told and len(told) < len(set(names.values())):
        words = f"{row.words}: {_(' and ').join(told) if len(told) < 3 else ', '.join(told)}"
    return TimelineItem(
        title=words,
        when=row.happened_at,
        by=_by(row, writer.name if writer is not None else ""),
        text=note.text if note is not None else "",
        note=_note(row),
        tag=_tag(row),
    )


def _by(row: Event, writer: str) -> str:
    # The receipt of a referral is the receiving team's event, written by the hand of the referrer.
    if writer and row.kind == "referral.received":
        return writer
    return ", ".join(part for part in (writer, row.author_team.name) if part)


def _note(row: Event) -> str:
    if row.goes_to and row.corrects_id is None:  # type: ignore[attr-defined]
        return _("To %(team)s") % {"team": row.goes_to}  # type: ignore[attr-defined]
    if row.corrects_id is not None:
        return _("Written on %(when)s") % {"when": uk_datetime(row.recorded_at)}
    if timezone.localdate(row.recorded_at) > timezone.localdate(row.happened_at):
        return _("Recorded on %(day)s") % {"day": uk_date(row.recorded_at)}
    return ""


def _tag(row: Event) -> Tag | None:
    if row.struck:  # type: ignore[attr-defined]
        return Tag(_("Struck out"), "grey")
    if row.corrected:  # type: ignore[attr-defined]
        return Tag(_("Corrected by a later entry"), "grey")
    return None


def _write(row: Event) -> str:
    return signing.dumps([row.happened_at.isoformat(), row.pk], salt=_SALT, compress=True)


def _read(token: str) -> tuple[dt.datetime, int] | None:
    if not token:
        return None
    try:
        moment, last = signing.loads(token, salt=_SALT)
        return dt.datetime.fromisoformat(moment), int(last)
    except (signing.BadSignature, ValueError, TypeError):
        return None
