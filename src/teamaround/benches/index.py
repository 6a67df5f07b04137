"""The Child Index at the size of England: live search and a caseload against it, beside Splink used directly.

Search is the product's own function, called as the application calls it. Times are wall clock milliseconds of the
statement, on a connection that has searched before; a query is a made-up record with its faults, of somebody who is in
the index or, one in ten, of somebody who is not.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from teamaround.access.me import Me
from teamaround.database.actor import Actor, acting_as
from teamaround.index.actions import Query, search
from teamaround.linkage.made_up import Written

from .index_world import Sought
from .measure import backend_cpu_ms

#: What is typed of a record, by turns.
TYPED = ("all", "name and birthday", "all", "name and postcode", "all", "name and birthday", "all", "name and number")
SEARCHER = Actor("practitioner", 2, (2, 1), 1)


@dataclass(frozen=True, slots=True)
class Tried:
    """One search: what was typed, milliseconds, the place of the right child among the answers (0 for none), whether
    there is one, and the probability of the first answer."""

    typed: str
    wall: float
    cpu: float
    place: int
    present: bool
    first: float
    too_many: bool


def query_of(written: Written, typed: str) -> tuple[Query, str]:
    """What somebody with this record in hand types, and what kind of query it came to be."""
    record = written.record
    name = " ".join(part for part in (record.given, record.family) if part)
    born = None if typed in ("name and postcode", "name and number") else record.born
    postcode = record.postcodes[0] if record.postcodes and typed in ("all", "name and postcode") else ""
    number = (record.nhs or record.upn) if typed == "name and number" else ""
    if typed == "name and number" and not number:
        born, postcode = record.born, ""
    whole = bool(record.given and record.family and born and len(postcode.replace(" ", "")) > 4)
    return Query(name=name, born=born, postcode=postcode, identifier=number), (
        "name, birthday and postcode" if whole else "less"
    )


def live(sought: Sequence[Sought], me: Me) -> list[Tried]:
    """Search for each record in turn."""
    found = []
    for turn, one in enumerate(sought):
        query, typed = query_of(one.written, TYPED[turn % len(TYPED)])
        if query.empty:
            continue
        with acting_as(SEARCHER), transaction.atomic():
            connection.ensure_connection()
            with connection.cursor() as cursor:
                cursor.execute("select 1")
            cpu, started = backend_cpu_ms(), time.perf_counter()
            answers = search(by=me, query=query, reason="Measuring", most=10)
            wall, cpu = (time.perf_counter() - started) * 1000, backend_cpu_ms() - cpu
        places = [place for place, each in enumerate(answers, start=1) if each.subject == one.subject]
        found.append(
            Tried(typed, wall, cpu, places[0] if places else 0, one.subject > 0,
                  answers[0].chance if len(answers) else 0.0, answers.too_many)
        )  # fmt: skip
    return found


def told(tried: Sequence[Tried]) -> dict[str, Any]:
    """The figures of a run of searches."""
    wall = sorted(each.wall for each in tried)
    present = [each for each in tried if each.present]
    whole = [each for each in present if each.typed != "less"]
    absent = [each for each in tried if not each.present]
    return {
        "queries": len(tried),
        "median_ms": round(statistics.median(wall), 2),
        "p95_ms": round(_at(wall, 0.95), 2),
        "p99_ms": round(_at(wall, 0.99), 2),
        "database_cpu_median_ms": round(statistics.median(each.cpu for each in tried), 2),
        "recall_at_5": _share([0 < each.place <= 5 for each in present]),
        "recall_at_1": _share([each.place == 1 for each in present]),
        "recall_at_5_with_name_birthday_and_postcode": _share([0 < each.place <= 5 for each in whole]),
        "asked_for_one_more_fact": _share([each.too_many for each in tried]),
        "absent_shown_at_95": _share([each.first >= 0.95 for each in absent]),
    }


def run(sought: Sequence[Sought], note: Callable[[str], None], *, warm: int = 300) -> dict[str, Any]:
    """Search for all; the first ones warm the connection up and are told apart."""
    me = Me.__new__(Me)
    note("Warming up")
    live(sought[:warm], me)
    note(f"Searching {len(sought) - warm:,} times")
    return told(live(sought[warm:], me))


def _share(values: Sequence[bool]) -> float:
    return round(sum(values) / max(1, len(values)), 4)


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, round(len(ordered) * share))]
