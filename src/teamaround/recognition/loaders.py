"""What the review desk reads: its lists, a pair with its two persons, and the figures of agreement."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from teamaround.access.me import Me
from teamaround.people.models import Person
from teamaround.people.one_person import Records, root_record, with_records

from .agreement import Counted
from .models import OPEN_STATES, AskedAgain, Opinion, Pair, PairState, Run

A_PAGE = 25
SHOWS = ("open", "others", "decided")
ORDERS: dict[str, tuple[str, ...]] = {"hardest": ("doubt", "pk"), "oldest": ("pk",)}


def pairs_for(me: Me) -> QuerySet[Pair]:
    """Pairs of which I may read both records, neither of them voided; `answered` says whether I gave my opinion on
    the question as it stands."""
    mine = Opinion.objects.filter(pair=OuterRef("pk"), asked=OuterRef("asked"), recorded_by=me.principal)
    first = Person.objects.filter(pk=OuterRef("subject_id"), voided_at=None)
    second = Person.objects.filter(pk=OuterRef("other_id"), voided_at=None)
    return Pair.objects.filter(Exists(first), Exists(second)).annotate(answered=Exists(mine))


def on_list(me: Me, show: str) -> QuerySet[Pair]:
    """The pairs of one list: those that ask for my opinion, those that wait for another's, those decided."""
    rows = pairs_for(me)
    if show == "decided":
        return rows.exclude(state__in=OPEN_STATES)
    return rows.filter(Q(answered=show == "others"), state__in=OPEN_STATES)


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of a list: the pairs, their persons by number, and whether more follow."""

    pairs: tuple[Pair, ...]
    people: dict[int, Person]
    more: bool


def load_list(me: Me, *, show: str, order: str, after: uuid.UUID | None) -> Listed:
    """The page of the list that comes after the pair `after`. Two queries, three with a place to go on from."""
    rows = in_order(on_list(me, show), show=show, order=order, after=after)
    found = list(rows[: A_PAGE + 1])
    wanted = {number for row in found[:A_PAGE] for number in (row.subject_id, row.other_id)}
    people = Person.objects.filter(pk__in=wanted).select_related("author_team__agency")
    return Listed(tuple(found[:A_PAGE]), {row.pk: row for row in people}, len(found) > A_PAGE)


def in_order(rows: QuerySet[Pair], *, show: str, order: str, after: uuid.UUID | None) -> QuerySet[Pair]:
    """The pairs in the order asked for, those behind `after` alone; decided ones the latest first."""
    place = None if after is None else Pair.objects.filter(uuid=after).values_list("doubt", "pk").first()
    if show == "decided":
        if place is not None and after is not None:
            when = Pair.objects.filter(uuid=after).values("settled_at")[:1]
            rows = rows.filter(Q(settled_at__lt=when) | Q(settled_at=when, pk__lt=place[1]))
        return rows.order_by(F("settled_at").desc(nulls_last=True), "-pk")
    if place is not None and order == "hardest":
        rows = rows.filter(Q(doubt__gt=place[0]) | Q(doubt=place[0], pk__gt=place[1]))
    elif place is not None:
        rows = rows.filter(pk__gt=place[1])
    return rows.order_by(*ORDERS[order])


def next_pair(me: Me, *, order: str, after: uuid.UUID | None) -> Pair | None:
    """The next pair that asks for my opinion; from the top again where none is behind. Three queries at most."""
    rows = on_list(me, "open")
    found = in_order(rows, show="open", order=order, after=after).first()
    if found is None and after is not None:
        found = rows.exclude(uuid=after).order_by(*ORDERS[order]).first()
    return found


def counts(me: Me) -> dict[str, int]:
    """How many pairs are on each list. One query."""
    waits = Q(state__in=OPEN_STATES)
    return pairs_for(me).aggregate(
        open=Coalesce(Count("pk", filter=waits & Q(answered=False)), 0),
        others=Coalesce(Count("pk", filter=waits & Q(answered=True)), 0),
        decided=Coalesce(Count("pk", filter=~waits), 0),
    )


def waiting_for(me: Me) -> int:
    """How many pairs ask for my opinion. One query."""
    return on_list(me, "open").count()


@dataclass(frozen=True, slots=True)
class Both:
    """The two persons of a pair, each by the record that stands for them, with all their records."""

    first: tuple[Person, Records]
    second: tuple[Person, Records]

    @property
    def subjects(self) -> tuple[int, ...]:
        """All records of both."""
        return tuple(dict.fromkeys((*self.first[1], *self.second[1])))


def both_of(pair: Pair) -> Both:
    """The two persons; where the records were joined, the two records of the pair as each stands. One query, one
    more for each that has several records."""
    rows = {row.pk: row for row in with_records().filter(pk__in=(pair.subject_id, pair.other_id))}
    first, second = rows[pair.subject_id], rows[pair.other_id]
    (one, mine), (other, theirs) = root_record(first), root_record(second)
    if one.pk == other.pk:
        return Both((first, (first.pk,)), (second, (second.pk,)))
    return Both((one, mine), (other, theirs))


def opinions_of(pair: Pair) -> list[Opinion]:
    """What was said of the pair, as far as I may hear it, the first first. One query."""
    rows = Opinion.objects.filter(pair=pair).select_related("recorded_by__practitioner", "team")
    return list(rows.order_by("pk"))


def asked_again_of(pair: Pair) -> list[AskedAgain]:
    """How often the pair was put again, and why. One query; none for a pair that was put once."""
    if pair.asked == 1:
        return []
    rows = AskedAgain.objects.filter(pair=pair).select_related("recorded_by__practitioner", "team")
    return list(rows.order_by("asked"))


def agreement_counts() -> list[Counted]:
    """Pairs of the whole area by band, state and the first two answers. One query."""
    with connection.cursor() as cursor:
        cursor.execute("select band, state, first, second, n from app.recognition_agreement()")
        rows: Sequence[Any] = cursor.fetchall()
    return [Counted(*row) for row in rows]


def last_run() -> Run | None:
    """The last search. One query."""
    return Run.objects.order_by("-started_at").first()


def is_settled(pair: Pair) -> bool:
    """Whether the pair was decided."""
    return pair.state not in (PairState.WAITING, PairState.SECOND)
