"""A large file crosses connections: queued with the request, brought in by a job, its progress seen meanwhile."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction

from teamaround.database.actor import acting_as
from teamaround.importing import jobs
from teamaround.importing.models import ImportProgress, ImportRun, RunState
from teamaround.people.models import Person

ROWS = 1_200
SYLLABLES = ("ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu")


def large_file() -> bytes:
    lines = ["Surname,Forename,DOB"]
    for place in range(ROWS):
        name = "".join(SYLLABLES[int(digit)] for digit in f"{place:04d}").title()
        born = dt.date(2009, 1, 1) + dt.timedelta(days=place * 1_117 % 5_000)
        lines.append(f"{name},Kofi,{born:%d/%m/%Y}")
    return "\n".join(lines).encode()


def queued_jobs() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select (args->>'run')::int from procrastinate_jobs where task_name = 'importing.go_on' order by id"
        )
        return [row[0] for row in cursor.fetchall()]


def test_a_large_file_is_checked_and_brought_in_by_jobs(live: Any) -> None:
    yasmin = live.cast.yasmin
    client = yasmin.client()
    file = SimpleUploadedFile("large.csv", large_file())
    here = client.post("/caseload/", {"team": yasmin.team.pk, "file": file}).url
    me = yasmin.me
    with acting_as(me.actor()), transaction.atomic():
        run = ImportRun.objects.get()
        typed = {f"column-{column.position}": column.field for column in run.columns.all()}
    page = client.post(here, {**typed, "role": "registered", "version": run.version}, follow=True)
    assert "Being checked" in page.text
    with acting_as(me.actor()), transaction.atomic():
        assert queued_jobs() == [run.pk]
    jobs.go_on(run=run.pk)
    assert client.post(f"/caseload/{run.uuid}/confirm/", follow=True).status_code == 200
    assert client.post(f"/caseload/{run.uuid}/confirm/", follow=True).status_code == 200
    with acting_as(me.actor()), transaction.atomic():
        run.refresh_from_db()
        assert (run.state, len(queued_jobs())) == (RunState.QUEUED, 2)
    jobs.go_on(run=run.pk)
    with acting_as(me.actor()), transaction.atomic():
        run.refresh_from_db()
        assert (run.state, run.added) == (RunState.DONE, ROWS)
        assert Person.objects.count() == ROWS
        assert ImportProgress.objects.get(run=run).total
    assert "The caseload is brought in" in client.get(f"/caseload/{run.uuid}/").text
