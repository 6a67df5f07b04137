"""The kinds of meeting that a partnership holds: its own words, who is usually invited, what holding one records."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from teamaround.access.edits import update_checked
from teamaround.access.me import Me
from teamaround.events.kinds import KINDS
from teamaround.events.own import EventKind

from .actions import MeetingRefused
from .models import MeetingType

HELD = "meeting.held"
MOST = 60


def offered() -> list[MeetingType]:
    """The types under which a meeting may be called now, in the partnership's order."""
    return list(MeetingType.objects.filter(ended_at=None))


HELD_KINDS = (
    HELD,
    "eligibility.decided",
    "strategy.discussed",
    "conference.held",
    "conference.reviewed",
    "coregroup.met",
    "care.reviewed",
)
"""What of the product's vocabulary happens at a meeting."""


def event_choices() -> list[tuple[str, str]]:
    """The kinds of event that holding a meeting may record, the area's own last, with their words."""
    own = EventKind.objects.order_by("title").values_list("key", "title")
    return [*((key, KINDS[key].words) for key in HELD_KINDS), *own]


def event_of(kind: str) -> str:
    """The kind of event that holding a meeting of this type records beside `meeting.held`; "" where none."""
    found = MeetingType.objects.filter(pk=kind).values_list("event", flat=True).first()
    return found if found and found != HELD else ""


@transaction.atomic
def add_type(*, by: Me, title: str, usually: str, event: str = HELD) -> MeetingType:
    """Add a kind of meeting. Raises MeetingRefused for words that are missing or a title that is taken."""
    title, usually = _words(title, usually, event)
    if MeetingType.objects.filter(title__iexact=title, ended_at=None).exists():
        raise MeetingRefused(_("There is a meeting of this name already."), "title")
    if MeetingType.objects.count() >= MOST:
        raise MeetingRefused(_("There are %(most)s kinds already. Change one of them.") % {"most": MOST})
    base = slugify(title)[:26] or "meeting"
    # The page on which one is added has an address beside theirs.
    taken = {"add", *MeetingType.objects.filter(key__startswith=base).values_list("key", flat=True)}
    key = next(each for each in (base, *(f"{base}-{n}" for n in range(2, MOST + 3))) if each not in taken)
    return MeetingType.objects.create(key=key, title=title, usually=usually, event=event)


@transaction.atomic
def change_type(
    *, by: Me, kind: MeetingType, version: int, title: str, usually: str, event: str, ended: bool
) -> MeetingType:
    """Say a kind of meeting in other words, end it, or offer it again. Meetings called before keep its words.

    Raises MeetingRefused, or StaleEdit where somebody changed it meanwhile.
    """
    title, usually = _words(title, usually, event)
    if MeetingType.objects.filter(title__iexact=title, ended_at=None).exclude(pk=kind.pk).exists():
        raise MeetingRefused(_("There is a meeting of this name already."), "title")
    at = (kind.ended_at or timezone.now()) if ended else None
    update_checked(kind, version=version, title=title, usually=usually, event=event, ended_at=at)
    return kind


def _words(title: str, usually: str, event: str) -> tuple[str, str]:
    if not title.strip():
        raise MeetingRefused(_("Say what the meeting is called."), "title")
    if not usually.strip():
        raise MeetingRefused(_("Say who is usually invited."), "usually")
    if event not in dict(event_choices()):
        raise MeetingRefused(_("Choose what holding the meeting records."), "event")
    return title.strip()[:120], usually.strip()[:500]
