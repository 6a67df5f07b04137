"""Telling further what is still late: the rungs of a procedure's ladder, each once for a round of a clock."""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from teamaround.database.actor import acting_as
from teamaround.notices.actions import notify
from teamaround.notices.services import service_actor
from teamaround.rota.duty import on_duty
from teamaround.workingtime import due

from .calendars import procedure_for
from .late import SERVICE
from .named import DUTY, named
from .parts import ClockRule, Escalation


def climb(now: dt.datetime | None = None) -> int:
    """Tell those whom the procedure names of everything that is still late so long after its moment. How many people
    were told. Each rung is told once; where several have passed since the last run, whoever they name is told."""
    now = now or timezone.now()
    told: set[int] = set()
    woken: set[int] = set()
    with acting_as(service_actor(SERVICE)), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select report, team, owner, version, key, due_at, step from app.still_late()")
            rows = cursor.fetchall()
        for report, team, owner, version, key, due_at, step in rows:
            passed = _passed(version, team, key, due_at, now)
            for number, rung in list(enumerate(passed, 1))[step:]:
                with connection.cursor() as cursor:
                    cursor.execute("select app.tell_further(%s, %s)", [report, number])
                told |= named(rung.who, team=team, worker=owner)
                if rung.who == DUTY:
                    woken |= on_duty([team]).get(team, set())
        notify(practitioners=told, on_duty=woken, kind="clock.still_late", link=reverse("desk:my_day"))
    return len(told)


def _passed(version: int, team: int, key: str, due_at: dt.datetime, now: dt.datetime) -> list[Escalation]:
    """The rungs whose moment has come, the first one first."""
    procedure = procedure_for(version, team)
    rule: ClockRule | None = next((each for each in procedure.clocks if each.key == key), None)
    if rule is None:
        return []
    moments = [(due(due_at, each.after, procedure.calendar).at, each) for each in rule.escalate]
    return [each for at, each in sorted(moments, key=lambda pair: pair[0]) if at <= now]
