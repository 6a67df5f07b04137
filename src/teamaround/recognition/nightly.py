"""The nightly search: who of the index may be one child. Doing it again finds nothing twice."""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from teamaround.database.actor import ANONYMOUS, acting_as
from teamaround.linkage.batch import score
from teamaround.linkage.clustering import MARGIN
from teamaround.linkage.model import Model, shipped

from . import entries
from .deciding import Both, Found, both, decide
from .entries import Entry, Known
from .models import Pair, PairState, Run
from .scores import columns_of

logger = logging.getLogger("teamaround.recognition")

#: Persons of whom something changed, looked at in one transaction.
A_STEP = 5_000
#: What began before the last search and was committed after it is read once more.
OVERLAP = dt.timedelta(hours=1)
#: How likely a chance agreement is depends on how many children there are to agree; never fewer than this.
LEAST_POPULATION = 1_000

Note = Callable[[int, int], None]


@dataclass(slots=True)
class Outcome:
    """What a search did."""

    model: str
    since: dt.datetime | None
    entries: int = 0
    pairs: int = 0
    joined: int = 0
    review: int = 0


def recognise(*, everything: bool = False, model: Model | None = None, note: Note | None = None) -> Outcome:
    """Look at the entries that changed since the last search, or at all: join the certain, put the uncertain to the
    desk. Each step is a transaction of its own; a search that broke off is made up by the next.

    To be called outside a transaction. `note` hears how many entries are done, of how many.
    """
    model = model or shipped()
    with acting_as(ANONYMOUS), transaction.atomic():
        actor = entries.searching()
    with acting_as(actor):
        with transaction.atomic():
            started = _now()
            since = None if everything else _last()
            wanted = entries.changed(since)
            population = max(LEAST_POPULATION, entries.counted())
        outcome = Outcome(model.version, since, entries=len(wanted))
        for done, step in _steps(wanted):
            with transaction.atomic():
                certain = _step(step, model, population, outcome)
            # Each by itself: while one is made, managers who join records wait.
            for key in certain:
                with transaction.atomic():
                    outcome.joined += _join(key)
            if note is not None:
                note(done, len(wanted))
        with transaction.atomic():
            _keep(started, outcome)
        with transaction.atomic():
            entries.count_areas()
    return outcome


def _steps(wanted: Sequence[int]) -> Iterator[tuple[int, Sequence[int]]]:
    for start in range(0, len(wanted), A_STEP):
        step = wanted[start : start + A_STEP]
        yield start + len(step), step


def _now() -> dt.datetime:
    with connection.cursor() as cursor:
        cursor.execute("select statement_timestamp()")
        row = cursor.fetchone()
    return row[0] if row else timezone.now()


def _last() -> dt.datetime | None:
    """The moment since which entries are read: the start of the last search, less what it may have missed."""
    last = Run.objects.order_by("-started_at").values_list("started_at", flat=True).first()
    return last - OVERLAP if last is not None else None


def _step(wanted: Sequence[int], model: Model, population: int, outcome: Outcome) -> list[str]:
    """Some of the persons against all. Rivals count: whoever may join one of them is compared with all who are near
    that one. The pairs to join, in order."""
    _one_at_a_time()
    first = entries.read(entries.near(wanted) | _waiting_with(wanted))
    asked = set(wanted) & first.keys()
    pairs = _scored(first, model, population)
    close = [
        pair for pair, found in pairs.items() if found.weight >= model.join - MARGIN and asked & set(pair)
    ]
    fitting = {person for pair in close for person in pair} - asked
    more = (entries.near(fitting) if fitting else set()) - first.keys()
    if more:
        first |= entries.read(more)
        pairs = _scored(first, model, population)
    about = {pair: found for pair, found in pairs.items() if asked & set(pair)}
    outcome.pairs += len(about)
    known = entries.known(first.keys())
    _weigh_anew(
        [pair for pair in known if asked & set(pair) and pair not in about], first, known, model, population
    )
    if not about:
        return []
    spared = {pair for pair in pairs if any(first[person].spared for person in pair)}
    decided = decide(
        {root: [features for _record, features in entry.rows] for root, entry in first.items()},
        pairs,
        model,
        population,
        apart={pair for pair, told in known.items() if told.apart},
        by_people=spared | {pair for pair, told in known.items() if told.in_hand},
    )
    return _write(first, about, known, decided.joins, decided.review, model, population, outcome)


def _waiting_with(wanted: Sequence[int]) -> set[int]:
    """Who waits in a pair with one of these, whether or not anything brings the two together still."""
    waiting = Pair.objects.filter(state=PairState.WAITING).values_list("subject_id", "other_id")
    found = waiting.filter(Q(subject_id__in=wanted) | Q(other_id__in=wanted))
    return {person for pair in found for person in pair}


def _weigh_anew(
    pairs: Sequence[Both], people: dict[int, Entry], known: dict[Both, Known], model: Model, population: int
) -> None:
    """Pairs that wait, and that nothing brings together any more since somebody put a record right: what the desk
    shows of them is how they fit now."""
    for pair in pairs:
        told = known[pair]
        if told.pair is None or told.apart or told.in_hand or not people.keys() >= set(pair):
            continue
        ways = [(left, right) for _, left in people[pair[0]].rows for _, right in people[pair[1]].rows]
        left, right = max(ways, key=lambda way: model.score(*way, population=population).weight)
        Pair.objects.filter(uuid=told.pair).update(**columns_of(left, right, model, population))


def _one_at_a_time() -> None:
    """A search that somebody began by hand and the night's wait for each other, step by step."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended('recognise', 0))")


def _scored(people: dict[int, Entry], model: Model, population: int) -> dict[Both, Found]:
    """The best pair of names of any two persons, of those that some rule of blocking finds."""
    rows = [(root, place) for root, entry in people.items() for place in range(len(entry.rows))]
    features = [people[root].rows[place][1] for root, place in rows]
    found: dict[Both, Found] = {}
    # The heaviest come first.
    for pair in score([features], model, population=population, least=model.review):
        (one, mine), (other, theirs) = rows[pair.left], rows[pair.right]
        if one == other or pair.weight < model.review:
            continue
        names = (mine, theirs) if one < other else (theirs, mine)
        found.setdefault(both(one, other), Found(pair.weight, pair.family, names))
    return found


def _write(
    people: dict[int, Entry],
    about: dict[Both, Found],
    known: dict[Both, Known],
    joins: Sequence[Both],
    review: Sequence[Both],
    model: Model,
    population: int,
    outcome: Outcome,
) -> list[str]:
    certain = []
    for pair in [*joins, *review]:
        told = known.get(pair)
        if pair not in about or (told is not None and (told.apart or told.in_hand)):
            continue
        (one, left), (other, right) = (
            people[root].rows[place] for root, place in zip(pair, about[pair].rows, strict=True)
        )
        columns = columns_of(left, right, model, population)
        if told is not None and told.pair is not None:
            Pair.objects.filter(uuid=told.pair).update(**columns)
            key = told.pair
        else:
            first, second = both(one, other)
            row = Pair.objects.create(subject_id=first, other_id=second, **columns)
            key = str(row.uuid)
            outcome.review += pair in review
        if pair in joins:
            certain.append(key)
    return certain


def _join(key: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select app.join_recognised(%s)", [key])
        row = cursor.fetchone()
    return bool(row and row[0])


def _keep(started: dt.datetime, outcome: Outcome) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select app.keep_run(%s, %s, %s, %s, %s, %s, %s, %s)",
            [
                uuid.uuid4(),
                started,
                outcome.since,
                outcome.model,
                outcome.entries,
                outcome.pairs,
                outcome.joined,
                outcome.review,
            ],
        )
    logger.info(
        "search for one child: %s entries, %s pairs, %s joined, %s to review",
        outcome.entries,
        outcome.pairs,
        outcome.joined,
        outcome.review,
    )
