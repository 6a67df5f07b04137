"""What each screen reads, as far as the reader may see it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from teamaround.access.me import Me
from teamaround.agencies.models import Membership, Practitioner, Team
from teamaround.index.models import Involvement
from teamaround.people.models import FamilyMember, Person
from teamaround.people.one_person import all_records
from teamaround.procedures.models import Episode
from teamaround.tasks.models import Task

from .lines import lines_of
from .models import (
    Meeting,
    MeetingAttendance,
    MeetingDecision,
    MeetingInvitation,
    MeetingMinutes,
    MeetingReply,
    MeetingState,
    MeetingView,
    MinuteLine,
)

A_PAGE = 25


def mine(me: Me) -> QuerySet[Meeting]:
    """Meetings that my teams call or are invited to."""
    invited = MeetingInvitation.objects.filter(
        meeting=OuterRef("pk"), invited_team__in=me.teams, withdrawn_at=None
    )
    return Meeting.objects.filter(Q(author_team__in=me.teams) | Exists(invited)).select_related("author_team")


def coming(me: Me, *, after: uuid.UUID | None = None) -> list[Meeting]:
    """Booked meetings from today on, the soonest first: a page and one more."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    rows = mine(me).filter(state=MeetingState.BOOKED, starts_at__gte=today).order_by("starts_at", "id")
    at = _place(after)
    if at is not None:
        rows = rows.filter(Q(starts_at__gt=at[0]) | Q(starts_at=at[0], id__gt=at[1]))
    return list(rows[: A_PAGE + 1])


def past(me: Me, *, before: uuid.UUID | None = None) -> list[Meeting]:
    """Meetings of days gone by, held or cancelled ones too, the last first: a page and one more."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    rows = mine(me).exclude(state=MeetingState.BOOKED, starts_at__gte=today).order_by("-starts_at", "-id")
    at = _place(before)
    if at is not None:
        rows = rows.filter(Q(starts_at__lt=at[0]) | Q(starts_at=at[0], id__lt=at[1]))
    return list(rows[: A_PAGE + 1])


def _place(key: uuid.UUID | None) -> tuple[dt.datetime, int] | None:
    return Meeting.objects.filter(uuid=key).values_list("starts_at", "id").first() if key else None


def involved(episode: Episode, *, but: int) -> list[Involvement]:
    """Teams that work with the child or family now, the calling team left out, one entry a team."""
    rows = (
        Involvement.objects.filter(subject_id__in=all_records(_subjects(episode)), until=None)
        .exclude(author_team_id=but)
        .select_related("author_team", "author_team__agency", "practitioner")
        .order_by("author_team__agency__name", "author_team__name", "id")
    )
    return list({row.author_team_id: row for row in rows}.values())


def _subjects(episode: Episode) -> list[int]:
    return [each for each in (episode.subject_id, episode.family_id) if each is not None]


def family_of(episode: Episode) -> list[Person]:
    """The child first, then the members of the episode's family."""
    wanted = Q(pk=episode.subject_id)
    if episode.family_id is not None:
        members = FamilyMember.objects.filter(subject_id=episode.family_id, until=None, voided_at=None)
        wanted |= Q(pk__in=members.values("person"))
    people = Person.objects.filter(wanted, died_on=None).order_by("date_of_birth", "pk")
    return sorted(people, key=lambda person: person.pk != episode.subject_id)


def other_teams(*, but: Sequence[int]) -> list[Team]:
    """Every team of the partnership that works, these left out."""
    return list(
        Team.objects.filter(ended_at=None, agency__ended_at=None)
        .exclude(pk__in=but)
        .select_related("agency")
        .order_by("agency__name", "name")
    )


def colleagues(team: int) -> list[Practitioner]:
    """Who works in the team now."""
    current = Membership.objects.current().filter(team_id=team).values("practitioner")
    return list(Practitioner.objects.filter(pk__in=current, left_at=None).order_by("name"))


@dataclass(frozen=True, slots=True)
class Said:
    """What was said and decided at a meeting."""

    minutes: MeetingMinutes
    views: list[MeetingView]
    attendances: list[MeetingAttendance]
    decisions: list[MeetingDecision]
    tasks: list[Task]
    lines: list[MinuteLine]


def read_whole() -> QuerySet[Meeting]:
    """Meetings with who calls, the child and the minutes; what I may not read of these is missing."""
    return Meeting.objects.select_related("author_team", "author_team__agency", "subject__person", "minutes")


def said_at(meeting: Meeting) -> Said | None:
    """The minutes of a meeting from `read_whole`, where they are written and I may read them."""
    minutes: MeetingMinutes | None = getattr(meeting, "minutes", None)
    if minutes is None:
        return None
    return Said(
        minutes,
        list(MeetingView.objects.filter(meeting=meeting).order_by("id")),
        list(MeetingAttendance.objects.filter(meeting=meeting).order_by("id")),
        list(MeetingDecision.objects.filter(meeting=meeting).order_by("position")),
        tasks_of(meeting),
        lines_of(meeting),
    )


def tasks_of(meeting: Meeting) -> list[Task]:
    """The actions taken on at the meeting."""
    return list(Task.objects.filter(pk__in=meeting.actions.values("task")).with_owner().by_due_date())


def replies_to(meeting: Meeting) -> dict[int, MeetingReply]:
    """The last thing written with each invitation's answer, by invitation."""
    return {row.invitation_id: row for row in MeetingReply.objects.filter(meeting=meeting).order_by("id")}


def withheld_from(me: Me, meeting: Meeting) -> bool:
    """Whether a part of these minutes is not for me, where that may be told. See `app.minutes_withheld`."""
    if meeting.author_team_id in me.teams:
        return False
    with connection.cursor() as cursor:
        cursor.execute("select app.minutes_withheld(%s)", [meeting.pk])
        found: bool = cursor.fetchone()[0]
    return found
