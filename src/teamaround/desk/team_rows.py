"""The cases of a team in one query: where each stands, who has it, what is late and next, when something last happened."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

SIX_MONTHS = 183
NEAR = 28
"""Days before six months from which a case is near them."""
RENEWAL = 28
"""Days before a consent runs out from which it waits to be renewed."""

# Read under the reader's own policies. What a procedure's clock is about is the case's own: no other room is asked.
_CASES = """
select e.id, e.uuid, e.subject_id, e.status, e.priority, e.stage, e.procedure_id, e.author_team_id, e.opened_at, a.practitioner_id,
    coalesce(c.late, 0), c.due_at, c.title,
    (select max(v.happened_at) from event v where v.episode = e.id and v.author_team_id = e.author_team_id),
    exists (select from sharing_basis b where b.subject_id = e.subject_id and b.author_team_id = any (%(teams)s)
        and b.kind = 'consent' and b.withdrawn_at is null
        and b.valid_until between %(now)s - interval '28 days' and %(now)s + %(renewal)s * interval '1 day'
        and not exists (select from sharing_basis n where n.subject_id = b.subject_id and n.given_by_id = b.given_by_id
            and n.kind = 'consent' and n.id > b.id))
from episode e
left join allocation a on a.episode_id = e.id and a.until is null
left join (
    select k.episode_id, count(*) filter (where k.due_at < %(now)s) as late, min(k.due_at) as due_at,
        (array_agg(k.title order by k.due_at, k.id))[1] as title
    from clock k where k.author_team_id = any (%(teams)s) and k.stopped_at is null group by k.episode_id
) c on c.episode_id = e.id
where e.author_team_id = any (%(teams)s) and e.status in ('waiting', 'open')
"""

_WORKERS = """
select p.id, p.uuid, p.name from practitioner p
where p.left_at is null and exists (select from membership m where m.practitioner_id = p.id and m.team_id = any (%(teams)s)
    and m.since <= statement_timestamp() and (m.until is null or m.until > statement_timestamp()))
order by p.name, p.id
"""


@dataclass(frozen=True, slots=True)
class Case:
    """One case that waits or is open. `last` is when something last happened; `renewal`: a consent runs out soon."""

    pk: int
    uuid: uuid.UUID
    subject: int | None
    status: str
    priority: str
    stage: str
    procedure: int
    team: int
    opened_at: dt.datetime
    worker: int | None
    late: int
    due_at: dt.datetime | None
    title: str | None
    last: dt.datetime | None
    renewal: bool

    def still(self, now: dt.datetime, days: int) -> bool:
        """Whether nothing happened for more than so many days in an open case."""
        return self.status == "open" and now - (self.last or self.opened_at) > dt.timedelta(days=days)

    def near_six_months(self, now: dt.datetime) -> bool:
        """Whether an open case is near six months, or past them."""
        return self.status == "open" and (now - self.opened_at).days >= SIX_MONTHS - NEAR

    def urgency(self, now: dt.datetime) -> tuple[bool, bool, dt.datetime, int]:
        """Sorts the most urgent first: immediate ones, then by what is due the soonest."""
        far = now + dt.timedelta(days=3660)
        return self.priority != "immediate", self.worker is not None, self.due_at or far, self.pk


@dataclass(frozen=True, slots=True)
class Worker:
    """Somebody who works in the team now."""

    pk: int
    uuid: uuid.UUID
    name: str


def cases_of_teams(teams: Sequence[int], *, now: dt.datetime) -> list[Case]:
    """Every case of these teams that waits or is open, the most urgent first. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_CASES, {"teams": list(teams), "now": now, "renewal": RENEWAL})
        found = [Case(*row) for row in cursor.fetchall()]
    return sorted(found, key=lambda case: case.urgency(now))


def workers_of(teams: Sequence[int]) -> list[Worker]:
    """Who works in these teams now, by name. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_WORKERS, {"teams": list(teams)})
        return [Worker(*row) for row in cursor.fetchall()]
