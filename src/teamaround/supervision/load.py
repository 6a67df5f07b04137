"""How much somebody has to do, in figures that the worker sees first and the manager beside the worker's own word."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

from .actions import monday

# Read under the reader's own policies. An appointment counts for whom it is with; a meeting counts for whoever has the case, and for whoever is invited by name.
_LOADS = """
select p.id,
    (select count(*) from allocation a join episode e on e.id = a.episode_id
     where a.practitioner_id = p.id and a.until is null and e.status = 'open' and e.author_team_id = any (%(teams)s)),
    (select count(*) from clock c where c.owner_id = p.id and c.stopped_at is null and c.due_at < statement_timestamp()
        and c.author_team_id = any (%(teams)s)),
    (select count(*) from task t where t.owner_id = p.id and t.state in ('requested', 'accepted') and t.due_on < %(today)s
        and t.owner_team_id = any (%(teams)s)),
    (select count(*) from meeting m where m.starts_at >= %(from)s and m.starts_at < %(to)s and m.state <> 'cancelled'
        and (exists (select from allocation a where a.episode_id = m.episode_id and a.practitioner_id = p.id and a.until is null)
             or exists (select from meeting_invitation i where i.meeting_id = m.id and i.practitioner_id = p.id
                        and i.withdrawn_at is null)))
    + (select count(distinct o.occurrence) from appointment o where o.practitioner_id = p.id and o.cancelled_at is null
        and o.starts_at >= %(from)s and o.starts_at < %(to)s),
    w.feels, w.words
from practitioner p
left join lateral (select feels, words from load_word l where l.practitioner_id = p.id and l.week = %(week)s
                   and l.team_id = any (%(teams)s) order by l.said_at desc limit 1) w on true
where p.id = any (%(workers)s)
"""


@dataclass(frozen=True, slots=True)
class Load:
    """Families, things late (clocks and actions), appointments from Monday to Sunday; what the worker says of it."""

    worker: int
    families: int
    late: int
    appointments: int
    feels: str
    words: str


def loads_of(
    workers: Sequence[int], teams: Sequence[int], *, now: dt.datetime | None = None
) -> dict[int, Load]:
    """The load of each worker in these teams this week. One query."""
    today = timezone.localdate(now)
    week = monday(today)
    start = timezone.make_aware(dt.datetime.combine(week, dt.time()))
    end = timezone.make_aware(dt.datetime.combine(week + dt.timedelta(days=7), dt.time()))
    with connection.cursor() as cursor:
        cursor.execute(
            _LOADS,
            {
                "workers": list(workers),
                "teams": list(teams),
                "today": today,
                "week": week,
                "from": start,
                "to": end,
            },
        )
        return {
            row[0]: Load(row[0], row[1], row[2] + row[3], row[4], row[5] or "", row[6] or "")
            for row in cursor.fetchall()
        }
