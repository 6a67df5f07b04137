"""What the pages of supervision read: a worker's own, a team's, the cases that no manager has looked at for long."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

from teamaround.access.me import Me, Seat
from teamaround.agencies.models import Practitioner, Team
from teamaround.agencies.roles import Permission

from .models import Supervision, SupervisionSetting

OVERSIGHT_WEEKS = 6
SUPERVISION_WEEKS = 6
"""Where a team has not said so itself."""
MOST_CASES = 50
MOST_MEETINGS = 30


@dataclass(frozen=True, slots=True)
class Measures:
    """A team's measures, its own or the usual ones; `lead` is who manages supervision."""

    oversight_weeks: int
    supervision_weeks: int
    lead: Practitioner | None


@dataclass(frozen=True, slots=True)
class Dates:
    """When a worker was last supervised, is to be next, and last had clinical or peer support."""

    last_on: dt.date | None
    next_on: dt.date | None
    supported_on: dt.date | None

    def overdue(self, weeks: int, today: dt.date) -> bool:
        """Whether the next supervision is past its day, or the last one longer ago than the team's measure."""
        if self.next_on is not None and self.last_on is not None and self.next_on > self.last_on:
            return self.next_on < today
        return self.last_on is None or self.last_on < today - dt.timedelta(weeks=weeks)


@dataclass(frozen=True, slots=True)
class Unseen:
    """An open case without a manager's decision for longer than the team's measure. `last_on` is None where there never
    was one."""

    uuid: uuid.UUID
    subject: int
    name: str
    worker: str
    opened_on: dt.date
    last_on: dt.date | None


def managed(me: Me) -> tuple[Seat, ...]:
    """The teams that I manage, as seats."""
    return tuple(seat for seat in me.seats if me.may_for(Permission.DECIDE_REFERRALS, seat.team))


def supervised_teams(me: Me) -> list[Team]:
    """The teams that I manage, or whose supervision I manage. One query."""
    return list(
        Team.objects.raw(
            "select t.* from team t where t.ended_at is null and (t.id = any (%s) or "
            "(t.id in (select team_id from supervision_setting where lead_id = app.actor()) and app.leads_supervision(t.id))) "
            "order by t.name",
            [[seat.team for seat in managed(me)]],
        )
    )


def measures_of(team: int) -> Measures:
    """A team's measures."""
    kept = SupervisionSetting.objects.select_related("lead").filter(team_id=team).first()
    if kept is None:
        return Measures(OVERSIGHT_WEEKS, SUPERVISION_WEEKS, None)
    return Measures(kept.oversight_weeks, kept.supervision_weeks, kept.lead)


def own_supervisions(me: Me) -> list[Supervision]:
    """Mine, the latest first."""
    rows = Supervision.objects.filter(worker_id=me.principal).select_related("supervisor", "team")
    return list(rows.order_by("-held_on", "-id")[:MOST_MEETINGS])


def workers_in(team: int) -> list[Practitioner]:
    """Who works in a team now, by name."""
    return list(
        Practitioner.objects.raw(
            "select distinct p.* from practitioner p join membership m on m.practitioner_id = p.id "
            "where m.team_id = %s and p.left_at is null and m.since <= statement_timestamp() "
            "and (m.until is null or m.until > statement_timestamp()) order by p.name, p.id",
            [team],
        )
    )


def dates_of(team: int) -> dict[int, Dates]:
    """The days of supervision of everybody in a team that I supervise."""
    with connection.cursor() as cursor:
        cursor.execute("select worker, last_on, next_on, supported_on from app.supervision_dates(%s)", [team])
        return {row[0]: Dates(*row[1:]) for row in cursor.fetchall()}


# Read under the reader's own policies. The day a case was opened counts as the first look at it.
UNSEEN = """
select e.uuid, e.subject_id, p.given, p.family_name, w.name, (e.opened_at at time zone 'Europe/London')::date, d.last_on,
    count(*) over ()
from episode e
left join lateral (select max(s.decided_on) as last_on from supervision_decision s where s.episode_id = e.id) d on true
left join person p on p.subject_id = e.subject_id
left join allocation a on a.episode_id = e.id and a.until is null
left join practitioner w on w.id = a.practitioner_id
where e.author_team_id = %(team)s and e.status = 'open'
    and coalesce(d.last_on, (e.opened_at at time zone 'Europe/London')::date) < %(before)s
order by coalesce(d.last_on, (e.opened_at at time zone 'Europe/London')::date), e.id
limit %(most)s
"""


def without_oversight(team: int, weeks: int, *, today: dt.date | None = None) -> tuple[list[Unseen], int]:
    """The cases of a team that no manager decided on for so many weeks, the longest first; and how many there are."""
    day = today or timezone.localdate()
    with connection.cursor() as cursor:
        cursor.execute(UNSEEN, {"team": team, "before": day - dt.timedelta(weeks=weeks), "most": MOST_CASES})
        rows = cursor.fetchall()
    found = [
        Unseen(row[0], row[1], " ".join(part for part in row[2:4] if part), row[4] or "", row[5], row[6])
        for row in rows
    ]
    return found, rows[0][7] if rows else 0


def in_choices(people: Sequence[Practitioner]) -> list[tuple[str, str]]:
    """People as the choices of a form."""
    return [(str(each.pk), each.name) for each in people]
