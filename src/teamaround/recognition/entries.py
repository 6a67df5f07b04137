"""The index as the nightly search reads it: through functions of the database that answer this one service."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from teamaround.agencies.models import PrincipalKind
from teamaround.database.actor import Actor
from teamaround.linkage.features import Features, Record, features_of

SERVICE = "recognising"


def searching() -> Actor:
    """The actor of the nightly search. It holds its own principal alone: no team, no grant.

    Raises LookupError where the database has no such service.
    """
    rows = _rows("select id from service where name = %s", [SERVICE])
    if not rows:
        raise LookupError(f"there is no service named {SERVICE!r}")
    return Actor(kind=PrincipalKind.SERVICE, principal=rows[0][0], principals=(rows[0][0],))


@dataclass(slots=True)
class Entry:
    """A person of the index, by the record that stands for them. `rows` are their names, each with its record's
    other facts; `spared` is whom the search never joins: under a full shield, or a sensitive service's."""

    root: int
    rows: list[tuple[int, Features]] = field(default_factory=list)
    spared: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a pair of persons: told apart by somebody, or before people."""

    pair: str | None
    apart: bool
    in_hand: bool


def changed(since: dt.datetime | None) -> list[int]:
    """The persons of whom something was written since; all of them without a moment."""
    return [row[0] for row in _rows("select * from app.entries_changed(%s)", [since])]


def counted() -> int:
    """How many records the index holds."""
    return int(_rows("select app.entries_counted()", [])[0][0])


def count_areas() -> None:
    """Count how many records live where, for searches in the days to come."""
    _rows("select app.count_search_areas()", [])


def near(roots: Collection[int]) -> set[int]:
    """Who might be one child with any of these persons, themselves among them."""
    found = {row[0] for row in _rows("select * from app.entries_near(%s::bigint[])", [sorted(roots)])}
    return found | set(roots)


def read(roots: Collection[int]) -> dict[int, Entry]:
    """What recognising needs of these persons. Those whom the search leaves out are missing."""
    found: dict[int, Entry] = {}
    for row in _rows("select * from app.entries_to_recognise(%s::bigint[])", [sorted(roots)]):
        root, record, given, middle, family, born, precise, sex, postcodes, nhs, traced, upn, spared = row
        entry = found.setdefault(root, Entry(root, spared=spared))
        features = features_of(
            Record(given, middle, family, born, precise, sex, postcodes, nhs, upn, nhs_traced=traced)
        )
        entry.rows.append((record, features))
    return found


def known(roots: Collection[int]) -> dict[tuple[int, int], Known]:
    """What is known of pairs among these persons, by the two roots in order."""
    rows = _rows("select * from app.pairs_known(%s::bigint[])", [sorted(roots)])
    by_pair: dict[tuple[int, int], list[Any]] = defaultdict(list)
    for one, other, pair, apart, in_hand in rows:
        by_pair[min(one, other), max(one, other)].append((pair, apart, in_hand))
    return {
        key: Known(
            next((str(pair) for pair, _apart, in_hand in told if pair and not in_hand), None),
            any(apart for _pair, apart, _in_hand in told),
            any(in_hand for _pair, _apart, in_hand in told),
        )
        for key, told in by_pair.items()
    }


def _rows(sql: str, given: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return list(cursor.fetchall())
