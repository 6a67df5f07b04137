"""Which records are one person. Rows of merged records keep their subject: a page gathers them all."""

from __future__ import annotations

from django.db import connection


def records_of(subject: int) -> tuple[int, ...]:
    """The records of one person that I may open, the root of the merges first; `(subject,)` without a merge."""
    with connection.cursor() as cursor:
        cursor.execute("select app.records_of(%s)", [subject])
        (records,) = cursor.fetchone() or ([subject],)
    return tuple(records)


def root_of(subject: int) -> int:
    """The record under which the person is shown to me."""
    return records_of(subject)[0]
