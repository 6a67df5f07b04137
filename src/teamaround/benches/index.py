"""The Child Index at the size of England: live search and a caseload against it, beside Splink used directly.

Search is the product's own function, called as the application calls it, by somebody who works where the child lives in
ninety of a hundred queries. Times are wall clock milliseconds of the
statement, on a connection that has searched before; a query is a made-up record with its faults, of somebody who is in
the index or, one in ten, of somebody who is not.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection, transaction

from teamaround.access.me import Me
from teamaround.database.actor import Actor, acting_as
from teamaround.index.actions import Answers, Query, search
from teamaround.index.searching import match_rows
from teamaround.linkage.clustering import MARGIN
from teamaround.linkage.features import features_of
from teamaround.linkage.made_up import Written
from teamaround.linkage.made_up.families import ENGLAND
from teamaround.linkage.model import shipped

from . import index_world, splink
from .index_world import Sought
from .measure import backend_cpu_ms

#: What is typed of a record, by turns: what somebody with it in hand would type.
TYPED = ("name, birthday, postcode", "name, birthday", "name, birthday, postcode", "name, postcode",
         "name, birthday, postcode", "name, birthday", "name, birthday, postcode", "name, birthday, postcode, number")  # fmt: skip
EVERYTHING = TYPED[-1]
#: Whose team has no site: a search from nowhere.
NOWHERE = Actor("practitioner", 2, (2, 1), 1)
SEARCHER_ME = Me(account=1, principal=2, name="", seats=())
#: Searches and rows of a caseload that each size is asked for; before them some that warm the connection up.
ASKED = {"S": (1_000, 500), "M": (4_000, 4_000), "L": (5_000, 10_000)}
WARM = 300


@dataclass(frozen=True, slots=True)
class Tried:
    """One search: what was typed, whether it was name, birthday and postcode whole, or a name and nothing else since
    the record holds no more, milliseconds, the place of the right child among the answers (0 for none), whether there
    is one, and the probability of the first answer. `afar` is the place for somebody whose team has no site; `again` is the place where everything that the record holds was
    typed, since the child was not among the first five: what the page asks for then."""

    typed: str
    whole: bool
    bare: bool
    wall: float
    cpu: float
    place: int
    afar: int
    again: int
    present: bool
    first: float
    too_many: bool


def searcher_in(area: str) -> Actor:
    """Somebody whose team has its site in this postcode area."""
    return Actor("practitioner", 2, (2, index_world.FIRST_TEAM + ENGLAND.index(area)), 1)


def query_of(written: Written, typed: str) -> Query:
    """What somebody with this record in hand types; what the record does not hold is left out."""
    record = written.record
    return Query(
        name=" ".join(part for part in (record.given, record.family) if part),
        born=record.born if "birthday" in typed else None,
        postcode=record.postcodes[0] if record.postcodes and "postcode" in typed else "",
        identifier=(record.nhs or record.upn) if "number" in typed else "",
    )


def is_whole(written: Written) -> bool:
    """Whether a record holds forename, surname, date of birth and a whole postcode, right or wrong."""
    record = written.record
    place = record.postcodes[0] if record.postcodes else ""
    return bool(record.given and record.family and record.born and len(place.replace(" ", "")) > 4)


def live(sought: Sequence[Sought]) -> list[Tried]:
    """Search for each record in turn."""
    found = []
    for turn, one in enumerate(sought):
        typed = TYPED[turn % len(TYPED)]
        query = query_of(one.written, typed)
        if query.empty:
            continue
        with acting_as(searcher_in(one.works)), transaction.atomic():
            connection.ensure_connection()
            with connection.cursor() as cursor:
                cursor.execute("select 1")
            cpu, started = backend_cpu_ms(), time.perf_counter()
            answers = _searched(query)
            wall, cpu = (time.perf_counter() - started) * 1000, backend_cpu_ms() - cpu
            place = again = _place(answers, one.subject)
            if not 0 < place <= 5:
                again = _place(_searched(query_of(one.written, EVERYTHING)), one.subject)
        with acting_as(NOWHERE), transaction.atomic():
            afar = _place(_searched(query), one.subject)
        found.append(
            Tried(typed, "birthday" in typed and "postcode" in typed and is_whole(one.written),
                  not (query.born or query.postcode or query.identifier), wall, cpu, place, afar, again,
                  one.subject > 0, answers[0].chance if len(answers) else 0.0, answers.too_many)
        )  # fmt: skip
    return found


def _searched(query: Query) -> Answers:
    return search(by=SEARCHER_ME, query=query, reason="Measuring", most=10)


def _place(answers: Answers, subject: int) -> int:
    return next((place for place, each in enumerate(answers, start=1) if each.subject == subject), 0)


def told(tried: Sequence[Tried]) -> dict[str, Any]:
    """The figures of a run of searches."""
    wall = sorted(each.wall for each in tried)
    present = [each for each in tried if each.present]
    whole = [each for each in present if each.whole]
    absent = [each for each in tried if not each.present]
    return {
        "queries": len(tried),
        "median_ms": round(statistics.median(wall), 2),
        "p95_ms": round(_at(wall, 0.95), 2),
        "p99_ms": round(_at(wall, 0.99), 2),
        "database_cpu_median_ms": round(statistics.median(each.cpu for each in tried), 2),
        "recall_at_5": _share([0 < each.place <= 5 for each in present]),
        "recall_at_1": _share([each.place == 1 for each in present]),
        "recall_at_5_after_typing_all_that_the_record_holds": _share(
            [0 < each.again <= 5 for each in present]
        ),
        "recall_at_5_for_a_team_without_a_site": _share([0 < each.afar <= 5 for each in present]),
        "recall_at_5_with_more_than_a_name": _share(
            [0 < each.place <= 5 for each in present if not each.bare]
        ),
        "recall_at_5_with_name_birthday_and_postcode": _share([0 < each.place <= 5 for each in whole]),
        "recall_at_5_by_what_was_typed": {
            typed: _share([0 < each.place <= 5 for each in present if each.typed == typed])
            for typed in sorted(set(TYPED))
        },
        "asked_for_one_more_fact": _share([each.too_many for each in tried]),
        "absent_shown_at_95": _share([each.first >= 0.95 for each in absent]),
    }


def run(superuser: str, size: str, note: Callable[[str], None]) -> dict[str, Any]:
    """Build an index of the size in the migrated database at `superuser`, search it, match a caseload against it, and
    do both with Splink alone."""
    queries, rows = ASKED[size]
    with tempfile.TemporaryDirectory(prefix="teamaround-index-") as name:
        folder = Path(name)
        started = time.perf_counter()
        sought = index_world.build(superuser, size, folder, note, wanted=WARM + queries + rows, parquet=True)
        built = time.perf_counter() - started
        note("Warming up")
        live(sought[:WARM])
        note(f"Searching {queries:,} times")
        searched = told(live(sought[WARM : WARM + queries]))
        note(f"Matching a caseload of {rows:,}")
        caseload = sought[WARM + queries :]
        matched = batch(caseload)
        connection.close()
        note("The same with Splink alone")
        return {
            "name": "index",
            "size": size,
            "entries": index_world.SIZES[size],
            "built": {"seconds": round(built), **_bytes(superuser)},
            "live": searched,
            "caseload": matched,
            "splink": splink.alone(
                folder, [features_of(one.written.record) for one in caseload], index_world.SIZES[size]
            ),
        }


def batch(caseload: Sequence[Sought]) -> dict[str, Any]:
    """Match the rows of a caseload, as an upload does: seconds, peak memory, and how well the best candidate fits."""
    started = time.perf_counter()
    features = {place: features_of(one.written.record) for place, one in enumerate(caseload)}
    with acting_as(NOWHERE), transaction.atomic():
        found = match_rows(features)
        backend = Path(f"/proc/{connection.connection.info.backend_pid}/status")
    seconds = time.perf_counter() - started
    model = shipped()
    joins = {
        place: likely[0].subject
        for place, likely in found.items()
        if likely[0].weight >= model.join
        and likely[0].family <= model.family_most
        and (len(likely) < 2 or likely[1].weight < likely[0].weight - MARGIN)
    }
    right = sum(caseload[place].subject == subject for place, subject in joins.items())
    present = sum(one.subject > 0 for one in caseload)
    best = sum(likely[0].subject == caseload[place].subject for place, likely in found.items())
    return {
        "rows": len(caseload),
        "seconds": round(seconds, 1),
        "peak_mb": round(splink.peak_mb(Path("/proc/self/status")) + splink.peak_mb(backend)),
        "best_is_right": round(best / max(1, present), 4),
        "joined_precision": round(right / max(1, len(joins)), 5),
        "joined_recall": round(right / max(1, present), 4),
    }


def _bytes(superuser: str) -> dict[str, float]:
    with psycopg.connect(superuser) as free:
        row = free.execute(
            "select pg_table_size('search_feature') / 1e9, pg_indexes_size('search_feature') / 1e9"
        ).fetchone()
    assert row is not None
    return {"features_gb": round(float(row[0]), 2), "indexes_gb": round(float(row[1]), 2)}


def _share(values: Sequence[bool]) -> float:
    return round(sum(values) / max(1, len(values)), 4)


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, round(len(ordered) * share))]
