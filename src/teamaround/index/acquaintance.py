"""Who knows of whom: written where services meet, so that a page can say who did not know of each other."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection, transaction

from teamaround.access.me import Me

from .models import How


@transaction.atomic
def acquaint(*, by: Me, subject: int, teams: Iterable[int | None], how: How) -> int:
    """Note that these teams know of each other about somebody, since they met or shared a plan. How many ways were new.

    `by` is of one of the teams, which works with the person; from anybody else nothing is noted. Of a sensitive service
    nothing is noted about it. Raises ValueError for any other way of getting to know each other: the database sees those
    itself.
    """
    if how not in (How.MET, How.PLAN):
        raise ValueError("services meet, or share a plan")
    wanted = sorted({team for team in teams if team is not None})
    if len(wanted) < 2:
        return 0
    with connection.cursor() as cursor:
        cursor.execute("select app.acquaint(%s, %s::int[], %s)", [subject, wanted, how.value])
        (written,) = cursor.fetchone() or (0,)
    return int(written)


def look(*, by: Me, subjects: Iterable[int]) -> int:
    """Note that I saw who is involved with these people: my teams know of them from now on, as far as I may see them.
    How many were new to us. One query. The person's page notes it by itself."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(sum(app.look_at_involved(s)), 0) from unnest(%s::bigint[]) s",
            [sorted(set(subjects))],
        )
        (written,) = cursor.fetchone() or (0,)
    return int(written)
