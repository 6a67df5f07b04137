"""What became of messages: how many could not be sent, and nothing of what they say or to whom."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import connection

TASK = "teamaround.notices.jobs.send_message"
_FAILED = """
select count(*), min(m.made_at) from notice_message m
where m.sent_at is null and exists (
    select from procrastinate_jobs j
    where j.task_name = %s and j.status = 'failed' and (j.args ->> 'message')::bigint = m.id)
"""


@dataclass(frozen=True, slots=True)
class Unsent:
    """Messages that no attempt could send: how many, and when the first of them was written."""

    number: int
    since: dt.datetime | None


def unsent() -> Unsent:
    """What waits in the outbox though every attempt to send it failed."""
    with connection.cursor() as cursor:
        cursor.execute(_FAILED, [TASK])
        row = cursor.fetchone()
    return Unsent(*row) if row else Unsent(0, None)
