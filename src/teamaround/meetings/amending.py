"""Amending minutes: what was forgotten or written down wrongly is put right, with the reason.

The earlier text stays in the history; the chronology gains a correction of the meeting, which carries the reason.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from teamaround.access.edits import StaleEdit, update_checked
from teamaround.access.me import Me
from teamaround.events.models import Event
from teamaround.procedures.actions import put_right
from teamaround.ui.presentation import uk_date, uk_datetime

from .actions import MeetingRefused
from .minutes import MinutesTyped, ViewTyped, check_minutes
from .models import Meeting, MeetingAttendance, MeetingDecision, MeetingMinutes, MeetingView
from .types import HELD, event_of


@dataclass(frozen=True, slots=True)
class Amended:
    """The minutes as they are to read.

    `decisions` holds every decision recorded so far, in order and perhaps in other words, then further ones.
    `views` are everybody's whose views are asked. `also_came` names those who came and were forgotten.
    """

    held_at: dt.datetime
    views: Sequence[ViewTyped] = ()
    views_missing: str = ""
    decisions: Sequence[str] = ()
    also_came: Sequence[str] = ()
    dissent: str = ""
    notes: str = ""
    next_on: dt.date | None = None


@transaction.atomic
def amend_minutes(
    *, by: Me, minutes: MeetingMinutes, version: int, typed: Amended, reason: str
) -> MeetingMinutes:
    """Amend the minutes of a meeting of my team, with the reason.

    Views and decisions are put in other words, and added to; none is taken out. Where the time it was held
    changes, the clocks of the case follow. Raises MeetingRefused without a reason, for another team's minutes,
    for minutes that would say nothing else than before, and as recording does; StaleEdit where somebody
    amended them meanwhile.
    """
    meeting = minutes.meeting
    if minutes.author_team_id not in by.teams:
        raise MeetingRefused(_("Only the team that held the meeting amends its minutes."))
    if not reason.strip():
        raise MeetingRefused(_("Say why the minutes are amended."), "reason")
    family = [view.whose for view in typed.views]
    check_minutes(
        meeting,
        MinutesTyped(
            typed.held_at,
            views=typed.views,
            views_missing=typed.views_missing,
            family=family,
            next_on=typed.next_on,
        ),
    )
    row = MeetingMinutes.objects.select_for_update(no_key=True).get(pk=minutes.pk)
    if row.version != version:
        raise StaleEdit
    words = {
        "held_at": typed.held_at,
        "views_missing": typed.views_missing.strip()[:1000],
        "notes": typed.notes.strip()[:8000],
        "dissent": typed.dissent.strip()[:2000],
        "next_on": typed.next_on,
    }
    other = any(getattr(row, name) != value for name, value in words.items())
    other |= _amend_views(row, typed.views)
    other |= _amend_decisions(row, typed.decisions)
    other |= _add_attendance(row, typed.also_came)
    if not other:
        raise MeetingRefused(_("Nothing is different from what the minutes say. Change what is wrong."))
    earlier = row.held_at
    update_checked(row, version=version, **words)
    for kind in filter(None, (HELD, event_of(meeting.kind))):
        occurrence = _held(row, kind).values_list("occurrence", flat=True).first()
        if occurrence is None:
            continue
        put_right(
            by=by,
            episode=meeting.episode,
            occurrence=occurrence,
            happened_at=typed.held_at if typed.held_at != earlier else None,
            text=_("Minutes amended: %(why)s") % {"why": reason.strip()[:500]},
        )
    return row


def _common(minutes: MeetingMinutes) -> dict[str, Any]:
    return {
        "subject_id": minutes.subject_id,
        "category": minutes.category,
        "author_team_id": minutes.author_team_id,
        "meeting_id": minutes.meeting_id,
    }


def _amend_views(minutes: MeetingMinutes, typed: Sequence[ViewTyped]) -> bool:
    known = {row.whose: row for row in MeetingView.objects.filter(meeting_id=minutes.meeting_id)}
    other = False
    for view in typed:
        row, text = known.get(view.whose[:410]), view.text.strip()[:4000]
        if row is not None and not text:
            raise MeetingRefused(
                _("What %(name)s said was recorded. Correct the words; they cannot be taken out.")
                % {"name": view.whose},
                f"view_{typed.index(view)}",
            )
        if row is None and text:
            MeetingView.objects.create(
                **_common(minutes), whose=view.whose[:410], text=text, person_id=view.person
            )
        elif row is not None and row.text != text:
            update_checked(row, version=row.version, text=text)
        else:
            continue
        other = True
    return other


def _amend_decisions(minutes: MeetingMinutes, typed: Sequence[str]) -> bool:
    known = list(MeetingDecision.objects.filter(meeting_id=minutes.meeting_id).order_by("position"))
    texts = [text.strip()[:1000] for text in typed]
    other = False
    for number, row in enumerate(known):
        text = texts[number] if number < len(texts) else ""
        if not text:
            raise MeetingRefused(
                _("This decision was recorded. Correct the words; it cannot be taken out."),
                f"decision_{number}",
            )
        if row.text != text:
            update_checked(row, version=row.version, text=text)
            other = True
    last = known[-1].position if known else 0
    for position, text in enumerate((text for text in texts[len(known) :] if text), last + 1):
        MeetingDecision.objects.create(**_common(minutes), position=position, text=text)
        other = True
    return other


def _add_attendance(minutes: MeetingMinutes, names: Sequence[str]) -> bool:
    rows = [
        MeetingAttendance(**_common(minutes), words=name.strip()[:410], came=True)
        for name in names
        if name.strip()
    ]
    MeetingAttendance.objects.bulk_create(rows)
    return bool(rows)


def _held(minutes: MeetingMinutes, kind: str) -> Any:
    """The first entry that the meeting was held: written in the same moment as its minutes."""
    return Event.objects.filter(
        kind=kind,
        episode=minutes.meeting.episode_id,
        author_team=minutes.author_team_id,
        subject=minutes.subject_id,
        corrects=None,
        recorded_at__gte=minutes.recorded_at,
    ).order_by("recorded_at", "id")


@dataclass(frozen=True, slots=True)
class Amendment:
    """When the minutes were amended, by whom and why."""

    at: dt.datetime
    by: str
    why: str


def amendments_of(minutes: MeetingMinutes) -> list[Amendment]:
    """What was amended, the first one first. One query."""
    rows = (
        Event.objects.filter(
            occurrence__in=_held(minutes, HELD).values("occurrence")[:1],
            subject=minutes.subject_id,
            corrects__isnull=False,
        )
        .select_related("note", "recorded_by__practitioner", "author_team")
        .order_by("id")
    )
    found = []
    for row in rows:
        writer: Any = getattr(row.recorded_by, "practitioner", None)
        note: Any = getattr(row, "note", None)
        why = note.text.partition(": ")[2] or note.text if note else ""
        found.append(Amendment(row.recorded_at, writer.name if writer else row.author_team.name, why))
    return found


@dataclass(frozen=True, slots=True)
class Earlier:
    """What stood in the minutes before: in which part, the words, and until when."""

    part: str
    words: str
    until: dt.datetime


def earlier_texts(meeting: Meeting) -> list[Earlier]:
    """Whatever the minutes said before they were amended, the last change first. Three queries."""
    found = [
        *_earlier(
            MeetingMinutes,
            meeting,
            {
                "held_at": _("When it was held"),
                "views_missing": _("Why views are missing"),
                "dissent": _("Who disagreed"),
                "notes": _("Other minutes"),
                "next_on": _("Next meeting"),
            },
        ),
        *_earlier(MeetingView, meeting, {"text": _("What the family said")}),
        *_earlier(MeetingDecision, meeting, {"text": _("Decision")}),
    ]
    return sorted(found, key=lambda each: each.until, reverse=True)


def _earlier(model: type[Model], meeting: Meeting, parts: dict[str, str]) -> Iterator[Earlier]:
    kept: Any = model._meta.get_field("history").related_model
    before: Any = None
    for row in kept.objects.filter(meeting_id=meeting.pk).order_by("pgh_obj_id", "version", "pgh_id"):
        if before is not None and before.pgh_obj_id == row.pgh_obj_id:
            for name, part in parts.items():
                if getattr(before, name) != getattr(row, name):
                    whose = getattr(row, "whose", "")
                    yield Earlier(
                        f"{part}: {whose}" if whose else part, _words(getattr(before, name)), row.changed_at
                    )
        before = row


def _words(value: object) -> str:
    if isinstance(value, dt.datetime):
        return uk_datetime(value)
    if isinstance(value, dt.date):
        return uk_date(value)
    return str(value) if value else _("Nothing was written.")
