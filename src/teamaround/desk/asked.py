"""What somebody else asked of me, as My day lists it: cases allocated to me, invitations to a meeting,
and what families wrote."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.me import Me
from teamaround.agencies.models import Practitioner
from teamaround.events.models import Event
from teamaround.meetings.models import InvitationAnswer, Meeting, MeetingInvitation
from teamaround.procedures.models import Allocation, EpisodeStatus
from teamaround.tasks.waiting import FromFamilies
from teamaround.ui.presentation import near_day, uk_day, uk_time

from .clocks import child_at, child_in_words, page

MOST_CASES = 10
FIRST = ("contact.recorded", "visit.made")


@dataclass(frozen=True, slots=True)
class Asked:
    """One line: what is asked, where it is done, and why it stands here."""

    title: str
    url: str
    reason: str
    action: str


def new_to(me: Me) -> QuerySet[Allocation]:
    """Cases that somebody else allocated to me and nobody has begun.

    One is begun by a contact or visit since, whoever made it, and by whatever I record on it myself.
    """
    begun = Event.objects.filter(
        Q(kind__in=FIRST) | Q(recorded_by=me.principal),
        episode=OuterRef("episode_id"),
        recorded_at__gt=OuterRef("recorded_at"),
    )
    return Allocation.objects.filter(
        ~Exists(begun),
        practitioner=me.principal,
        until=None,
        episode__status__in=(EpisodeStatus.WAITING, EpisodeStatus.OPEN),
    ).exclude(recorded_by=me.principal)


def new_cases(me: Me) -> QuerySet[Allocation, dict[str, Any]]:
    """What the lines of my new cases tell, the last one allocated first: for `given_case`. One column of JSON,
    so that another query can carry it along."""
    by = Practitioner.objects.filter(pk=OuterRef("recorded_by_id"))
    told = JSONObject(
        case="episode__uuid",
        subject="episode__subject_id",
        child=child_at("episode__subject_id"),
        at="since",
        by=Subquery(by.values("name")[:1]),
    )
    return new_to(me).order_by("-since", "-id").values_list(told, flat=True)[:MOST_CASES]


def given_case(told: dict[str, Any]) -> Asked:
    """The line for a case that was allocated to me."""
    at = dt.datetime.fromisoformat(told["at"])
    near = abs((timezone.localdate() - timezone.localdate(at)).days) < 2
    when = near_day(at).lower() if near else _("on %(day)s") % {"day": near_day(at)}
    return Asked(
        title=_("New case: %(child)s")
        % {"child": child_in_words(told["child"], _("a child not on record yet"))},
        url=page("desk:case", told["case"]),
        reason=_("%(name)s allocated this case to you %(when)s. No contact or visit is recorded since.")
        % {"name": told["by"] or _("Your team"), "when": when},
        action=_("Open the case"),
    )


def from_families(me: Me) -> list[Asked]:
    """The lines for what families wrote on their own pages and nobody has answered."""
    return [Asked(each.title, each.url, each.reason, each.action) for each in FromFamilies.find(me)]


def unanswered(me: Me) -> QuerySet[MeetingInvitation]:
    """Invitations of a meeting (the outer query's row) that wait for me: in my name, or to my team as a whole."""
    return MeetingInvitation.objects.filter(
        Q(practitioner=me.principal) | Q(practitioner=None),
        meeting=OuterRef("pk"),
        invited_team__in=me.teams,
        withdrawn_at=None,
        answer=InvitationAnswer.NEEDS_ACTION,
    ).order_by("practitioner_id", "id")


def invitation(row: Meeting, key: uuid.UUID, *, by_name: bool) -> Asked:
    """The line for an invitation to this meeting."""
    team: Any = row.author_team
    words = (
        _("%(team)s invited you and waits for your answer. It is on %(day)s at %(time)s, %(place)s.")
        if by_name
        else _(
            "%(team)s invited your team, and nobody has answered. It is on %(day)s at %(time)s, %(place)s."
        )
    )
    starts: dt.datetime = row.starts_at
    told = {"team": team.name, "day": uk_day(starts), "time": uk_time(starts), "place": row.place}
    return Asked(
        title=f"{row.title}: {row.about}",
        url=page("meetings:answer", key),
        reason=words % told,
        action=_("Answer"),
    )
