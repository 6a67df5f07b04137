"""Names that the dictionary does not hold yet, or holds by older rules, are read, and searched by what was read."""

from __future__ import annotations

from django.db import connection, transaction

from teamaround.database.actor import acting_as
from teamaround.people.readings import teach_missing

from .services import service_actor

#: Records that are made ready for the search in one transaction.
STEP = 500


def read_names() -> tuple[int, int]:
    """(texts read, records made ready). Each step is its own transaction: a run that stops halfway is gone on with
    by the next one."""
    with acting_as(service_actor("reading")), transaction.atomic():
        new, renewed = teach_missing()
    # A text that was known by older rules may stand in any record; one that was new, only in those marked unread.
    return new + renewed, _again(everyone=renewed > 0)


def forget_names() -> int:
    """Drop readings of texts that nobody bears any more. How many."""
    with acting_as(service_actor("reading")), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select app.forget_readings()")
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _again(*, everyone: bool) -> int:
    done, after = 0, 0
    while True:
        with acting_as(service_actor("reading")), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select last, many from app.read_again(%s, %s, %s)", [after, STEP, everyone])
            row = cursor.fetchone()
        if row is None or row[0] is None:
            return done
        after, done = int(row[0]), done + int(row[1])
