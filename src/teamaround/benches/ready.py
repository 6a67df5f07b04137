"""What a bench's world needs before it can be searched."""

from __future__ import annotations

import psycopg

from teamaround.people.readings import read, version

READY_AT_ONCE = 20_000


def ready_for_search(connection: psycopg.Connection, children: int) -> None:
    """Read the names and fill what the search compares, as the triggers would have."""
    rows = connection.execute(
        "select distinct 'given', given from person union all select distinct 'family', family_name from person"
    ).fetchall()
    with (
        connection.cursor() as cursor,
        cursor.copy(
            "copy name_reading (kind, written, version, words, parts, sound, sounds, forms, letters, share) from stdin"
        ) as copy,
    ):
        for kind, written in rows:
            one = read(kind, written)
            copy.write_row(
                (kind, written, version(), list(one.words), list(one.parts), one.sound, list(one.sounds), list(one.forms),
                 one.letters, one.share)
            )  # fmt: skip
    for first in range(1, children + 1, READY_AT_ONCE):
        connection.execute(
            "select app.rebuild_search(array(select n from generate_series(%s::bigint, %s) n))",
            [first, min(children, first + READY_AT_ONCE - 1)],
        )
