"""Minutes written by several people at once: one paragraph a row, each with its own version.

Nothing that anybody typed is lost. Paragraphs are merged by position; who changes one that somebody changed meanwhile
keeps their text beside it, until somebody settles which stands, or that both do.
"""

from __future__ import annotations

import uuid as uuids

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.categories import Category
from teamaround.access.edits import StaleEdit, update_checked
from teamaround.access.me import Me

from .actions import MeetingRefused
from .models import Meeting, MeetingState, MinuteLine

APART = 1000
LONGEST = 4000
MOST = 400

NARROWER = (
    Category.HEALTH,
    Category.EDUCATION,
    Category.MONEY,
    Category.SAFEGUARDING,
    Category.SUBSTANCE,
    Category.JUSTICE,
)
"""What a paragraph may be kept for. Whoever may not read that category does not get the paragraph."""


@transaction.atomic
def write_line(
    *,
    by: Me,
    meeting: Meeting,
    text: str,
    category: str = "",
    uuid: uuids.UUID | None = None,
) -> MinuteLine:
    """Add a paragraph at the end. Written again under the same `uuid`, it is the same paragraph.

    `category` keeps it for those who may read that; "" for all who read the minutes. Raises MeetingRefused for
    no text, a category that is none, or a meeting whose minutes are recorded.
    """
    if uuid is not None and (existing := MinuteLine.objects.filter(uuid=uuid).first()) is not None:
        return existing
    _must_be_open(by, meeting)
    words = _words(text)
    last = MinuteLine.objects.filter(meeting=meeting).aggregate(last=Max("position"))["last"] or 0
    if MinuteLine.objects.filter(meeting=meeting).count() >= MOST:
        raise MeetingRefused(_("The minutes have %(most)s paragraphs already.") % {"most": MOST}, "text")
    return _add(meeting, last + APART, words, _category(meeting, category), uuid=uuid)


@transaction.atomic
def change_line(*, by: Me, line: MinuteLine, version: int, text: str) -> MinuteLine | None:
    """Change a paragraph. None where that was done; where somebody changed it meanwhile, the row that keeps
    `text` beside it.

    Raises MeetingRefused for no text, or a meeting whose minutes are recorded.
    """
    _must_be_open(by, line.meeting)
    words = _words(text)
    now = MinuteLine.objects.select_for_update(no_key=True).get(pk=line.pk)
    if now.text == words and now.removed_at is None:
        return None
    if now.version == version and now.removed_at is None:
        update_checked(now, version=version, text=words)
        return None
    return _add(line.meeting, now.position, words, now.category, beside=now)


@transaction.atomic
def remove_line(*, by: Me, line: MinuteLine, version: int) -> None:
    """Take a paragraph out; its words are kept in the record. Raises StaleEdit where somebody changed it."""
    _must_be_open(by, line.meeting)
    if MinuteLine.objects.filter(beside=line, removed_at=None).exists():
        raise MeetingRefused(_("There are two texts of this paragraph. Say first which stands."))
    if line.removed_at is None:
        update_checked(line, version=version, removed_at=timezone.now())


@transaction.atomic
def settle(*, by: Me, other: MinuteLine, keep: str) -> None:
    """Say which of two texts side by side stands: `first`, `second` or `both`. What does not stand is taken out.

    Raises MeetingRefused for another answer, StaleEdit where it was settled already.
    """
    _must_be_open(by, other.meeting)
    other = MinuteLine.objects.select_for_update(no_key=True).get(pk=other.pk)
    if other.beside_id is None or other.removed_at is not None:
        raise StaleEdit
    first = MinuteLine.objects.select_for_update(no_key=True).get(pk=other.beside_id)
    now = timezone.now()
    if keep == "first":
        update_checked(other, version=other.version, removed_at=now)
    elif keep == "second":
        if first.removed_at is None:
            update_checked(first, version=first.version, removed_at=now)
        update_checked(other, version=other.version, beside=None)
        MinuteLine.objects.filter(beside=first, removed_at=None).update(beside=other)
    elif keep == "both":
        update_checked(other, version=other.version, beside=None)
    else:
        raise MeetingRefused(_("Choose which text stands."), "keep")


def unsettled(meeting: Meeting) -> bool:
    """Whether two texts of one paragraph still stand side by side."""
    return MinuteLine.objects.filter(meeting=meeting, removed_at=None, beside__isnull=False).exists()


def lines_of(meeting: Meeting) -> list[MinuteLine]:
    """The paragraphs that stand and that I may read, in order; a second text follows the first."""
    rows = MinuteLine.objects.filter(meeting=meeting, removed_at=None).order_by("position", "id")
    return list(rows)


def _add(
    meeting: Meeting,
    position: int,
    text: str,
    category: str,
    *,
    beside: MinuteLine | None = None,
    uuid: uuids.UUID | None = None,
) -> MinuteLine:
    return MinuteLine.objects.create(
        uuid=uuid or uuids.uuid4(),
        subject_id=meeting.subject_id,
        category=category,
        author_team_id=meeting.author_team_id,
        meeting=meeting,
        position=position,
        text=text,
        beside=beside,
    )


def _category(meeting: Meeting, wanted: str) -> str:
    if not wanted or meeting.category != Category.PLAN:
        return str(meeting.category)
    if wanted not in NARROWER:
        raise MeetingRefused(_("Choose who reads this paragraph."), "category")
    return wanted


def _words(text: str) -> str:
    words = text.strip()
    if not words:
        raise MeetingRefused(_("Write something first."), "text")
    if len(words) > LONGEST:
        raise MeetingRefused(
            _("This is too long: %(most)s letters at most. Make it two paragraphs.") % {"most": LONGEST},
            "text",
        )
    return words


def _must_be_open(by: Me, meeting: Meeting) -> None:
    if meeting.author_team_id not in by.teams:
        raise MeetingRefused(_("Only the team that calls a meeting writes its minutes."))
    if meeting.state == MeetingState.CANCELLED:
        raise MeetingRefused(_("This meeting is cancelled."))
    if meeting.state == MeetingState.FULFILLED:
        raise MeetingRefused(_("The minutes are recorded. Amend them instead."))
