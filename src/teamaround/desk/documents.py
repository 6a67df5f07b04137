"""What the casework rooms hold, one query each: all of a case; and of a family its plans and meetings to come."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, TextField, Value
from django.db.models.functions import Cast, Coalesce, NullIf
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from teamaround.assessments.models import Assessment
from teamaround.assessments.models import Kind as AssessmentKind
from teamaround.assessments.models import Status as AssessmentStatus
from teamaround.meetings.kinds import MEETING_KINDS
from teamaround.meetings.models import Meeting, MeetingState
from teamaround.plans.models import Plan, PlanState
from teamaround.referrals.models import Referral
from teamaround.ui.components import Tag, TagColour

from .clocks import page

_TEXT: Any = TextField()
_CALLED = Coalesce(NullIf(F("called_as"), Value("")), F("kind"))

NAMES = {
    "referral": (gettext_noop("Referral"), "referrals:detail"),
    "assessment": (gettext_noop("Assessment"), "assessments:detail"),
    "plan": (gettext_noop("Plan"), "plans:detail"),
    "meeting": (gettext_noop("Meeting"), "meetings:detail"),
}

COLOURS: dict[str, TagColour] = {
    "draft": "yellow",
    "active": "green",
    "in-progress": "yellow",
    "completed": "green",
    "amended": "green",
    "entered-in-error": "grey",
    "booked": "blue",
    "proposed": "yellow",
    "fulfilled": "green",
    "cancelled": "grey",
}


@dataclass(frozen=True, slots=True)
class Document:
    """One thing that the case holds, and the page it is read on."""

    what: str
    title: str
    url: str
    tag: Tag | None
    at: dt.datetime
    subject: int
    category: str
    team: int


def documents_of(episode: int) -> list[Document]:
    """The referral, assessments, plans and meetings of an episode that I may read, latest first. One query."""
    rows = _rows(Referral, "referral", Value(""), Value(""), "recorded_at", episode).union(
        _rows(Assessment, "assessment", F("kind"), F("status"), "started_at", episode),
        _rows(Plan, "plan", Value(""), F("state"), "recorded_at", episode),
        _rows(Meeting, "meeting", _CALLED, F("state"), "starts_at", episode),
        all=True,
    )
    return sorted((_document(row) for row in rows), key=lambda each: each.at, reverse=True)


def plans_and_meetings(subjects: Collection[int]) -> list[Document]:
    """The plans of these persons and families, and their booked meetings from today on, as far as I may read
    them: plans first, the latest first; then meetings, the soonest first. One query.
    """
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    about = Q(subject_id__in=subjects)
    plans = Plan.objects.filter(about | Q(episode__subject_id__in=subjects))
    meetings = Meeting.objects.filter(
        about | Q(family_id__in=subjects), state=MeetingState.BOOKED, starts_at__gte=today
    )
    rows = _columns(plans, "plan", Value(""), F("state"), "recorded_at").union(
        _columns(meetings, "meeting", _CALLED, F("state"), "starts_at"), all=True
    )
    found = sorted((_document(row) for row in rows), key=lambda each: each.at)
    return [
        *(each for each in reversed(found) if each.what == "plan"),
        *(each for each in found if each.what == "meeting"),
    ]


def _rows(model: Any, what: str, kind: Any, state: Any, at: str, episode: int) -> Any:
    return _columns(model.objects.filter(episode_id=episode), what, kind, state, at)


def _columns(rows: Any, what: str, kind: Any, state: Any, at: str) -> Any:
    return rows.annotate(
        what=Value(what, output_field=_TEXT),
        coded=Cast(kind, _TEXT),
        told=Cast(state, _TEXT),
        moment=F(at),
    ).values_list("what", "coded", "told", "uuid", "moment", "subject_id", "category", "author_team_id")


def _document(row: tuple[str, str, str, uuid.UUID, dt.datetime, int, str, int]) -> Document:
    what, kind, state, key, at, subject, category, team = row
    title, name = NAMES[what]
    words = _(title)
    if what == "assessment" and kind in AssessmentKind.values:
        words = str(AssessmentKind(kind).label)
    elif what == "meeting":
        words = MEETING_KINDS[kind].title if kind in MEETING_KINDS else kind
    said = _state(what, state)
    tag = Tag(said, COLOURS.get(state, "grey")) if said else None
    return Document(what, words, page(name, key), tag, at, subject, category, team)


def _state(what: str, state: str) -> str:
    choices: Any = {"assessment": AssessmentStatus, "plan": PlanState, "meeting": MeetingState}.get(what)
    return str(choices(state).label) if choices is not None and state in choices.values else ""
