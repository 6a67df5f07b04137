"""The rows of each page. Counts come from the database rounded and suppressed; all else is reckoned from those.

The cost of a page depends on how many schools and areas there are, never on how many children.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.db import connection
from django.db.models import Prefetch, Q, QuerySet
from django.db.models.functions import Lower
from django.http import Http404
from django.utils import timezone

from teamaround.agencies.models import Team

from .models import CarersService, Choice, Figure, Place, Rate

PAGE = 20
CURSOR = "reports.coverage"
PLANNED_PAGE = 50
PLANNED = "reports.planned"
SORTS = ("found", "name", "known", "expected", "gap")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader asked for: counted by what, known in which way, in which order, which of them."""

    by: str
    way: str
    sort: str = "found"
    name: str = ""
    only_none: bool = False
    after: str = ""


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """One area, school or surgery. `known` is None for fewer than five; `counted` is false until the next count."""

    id: int
    name: str
    children: int
    as_of: dt.date
    source: str
    counted: bool
    known: int | None
    low: int
    high: int
    first: float
    second: float


@dataclass(frozen=True, slots=True)
class Whole:
    """All places of one kind together: how many there are, how many have none, and what is expected of all."""

    places: int
    none: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Total:
    """What is shown of the whole area; neither figure where nothing may be shown."""

    known: int | None
    fewer_than: int | None
    made_at: dt.datetime


# A rate says something of the ages it asked: other ages are expected by the low rate. The years of a school or
# an area are taken as equally full.
_PLACES = """
with chosen as (
    select l.percent as low, l.from_age as low_from, l.to_age as low_to, h.percent as high, h.from_age as high_from, h.to_age as high_to
    from planning_choice c join planning_rate l on l.id = c.low_id join planning_rate h on h.id = c.high_id
    where c.effective_from <= %(today)s order by c.effective_from desc, c.id desc limit 1),
aged as (
    select p.id, p.name, f.children, f.as_of, f.source, c.place_id is not null as counted, c.known, r.low, r.high,
           greatest(0, least(f.to_age, r.low_to) - greatest(f.from_age, r.low_from) + 1)::numeric / (f.to_age - f.from_age + 1) as in_low,
           greatest(0, least(f.to_age, r.high_to) - greatest(f.from_age, r.high_from) + 1)::numeric / (f.to_age - f.from_age + 1) as in_high
    from planning_place p
    join lateral (select * from planning_figure x where x.place_id = p.id and x.as_of <= %(today)s
                  order by x.as_of desc, x.id desc limit 1) f on true
    left join app.coverage(%(way)s, %(by)s) c on c.place_id = p.id
    cross join chosen r
    where p.kind = %(by)s and p.ended_at is null),
expected as (
    select a.*, round(children * in_low * low / 100)::int as few, round(children * (in_high * high + (1 - in_high) * low) / 100)::int as many
    from aged a),
place as (
    select e.id, e.name, e.children, e.as_of, e.source, e.counted, e.known, least(few, many) as low, greatest(few, many) as high,
           case when counted then coalesce(known, 2) end as about
    from expected e),
ordered as (
    select p.*,
        (case %(sort)s when 'found' then coalesce(about::numeric / greatest(low + high, 1), 1000000)
                       when 'known' then -coalesce(about, -1) when 'expected' then -high
                       when 'gap' then coalesce(about, high) - high else 0 end)::float8 as first,
        (case %(sort)s when 'found' then coalesce(about, high) - high else 0 end)::float8 as second
    from place p)
"""


def places(asked: Asked, *, most: int | None = PAGE) -> tuple[list[PlaceRow], str]:
    """A page of places in the order asked for, and the cursor of the next one ("" at the end)."""
    values = _values(asked)
    where = ["true"]
    if asked.name:
        where.append("strpos(lower(name), lower(%(name)s)) > 0")
    if asked.only_none:
        where.append("known = 0")
    if asked.after:
        values |= dict(zip(("first", "second", "last", "id"), _unpacked(asked), strict=True))
        where.append("(first, second, lower(name), id) > (%(first)s, %(second)s, %(last)s, %(id)s)")
    limit = "" if most is None else f"limit {most + 1}"
    statement = (
        f"{_PLACES} select id, name, children, as_of, source, counted, known, low, high, first, second "  # noqa: S608 - fixed parts
        f"from ordered where {' and '.join(where)} order by first, second, lower(name), id {limit}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows = [PlaceRow(*row) for row in cursor.fetchall()]
    if most is None or len(rows) <= most:
        return rows, ""
    last = rows[most - 1]
    return rows[:most], signing.dumps(
        [asked.sort, last.first, last.second, last.name.lower(), last.id], salt=CURSOR
    )


def _values(asked: Asked) -> dict[str, Any]:
    return {
        "today": timezone.localdate(),
        "by": asked.by,
        "way": asked.way,
        "sort": asked.sort,
        "name": asked.name,
    }


def _unpacked(asked: Asked) -> Sequence[Any]:
    try:
        sort, *rest = signing.loads(asked.after, salt=CURSOR)
    except (signing.BadSignature, ValueError) as forged:
        raise Http404 from forged
    if sort != asked.sort:
        raise Http404
    return list(rest)


def whole(asked: Asked) -> Whole:
    """All places of the kind, whatever the filter."""
    statement = f"{_PLACES} select count(*), count(*) filter (where known = 0), coalesce(sum(low), 0), coalesce(sum(high), 0) from ordered"  # noqa: S608 - fixed parts
    with connection.cursor() as cursor:
        cursor.execute(statement, _values(asked))
        return Whole(*(int(value) for value in cursor.fetchone()))


def total(way: str) -> Total | None:
    """The whole area's count; None where nothing was counted yet."""
    with connection.cursor() as cursor:
        cursor.execute("select known, fewer_than, made_at from app.coverage_total(%s)", [way])
        row = cursor.fetchone()
    return Total(*row) if row else None


def chosen() -> Choice | None:
    """The rates that the partnership expects by today."""
    return (
        Choice.objects.filter(effective_from__lte=timezone.localdate())
        .select_related("low", "high")
        .order_by("-effective_from", "-pk")
        .first()
    )


def rates() -> QuerySet[Rate]:
    """All rates, the lowest first."""
    return Rate.objects.order_by("percent", "pk")


def planned_places(kind: str, *, after: str = "") -> tuple[list[Place], str]:
    """A page of places that are planned for, each with its figures, the latest first; and where the next begins."""
    figures = Figure.objects.order_by("-as_of", "-pk")
    rows = (
        Place.objects.filter(kind=kind, ended_at=None)
        .select_related("agency")
        .prefetch_related(Prefetch("figures", queryset=figures, to_attr="stated"))
        .order_by(Lower("name"), "pk")
    )
    if after:
        try:
            name, key = signing.loads(after, salt=PLANNED)
        except (signing.BadSignature, ValueError) as forged:
            raise Http404 from forged
        rows = rows.annotate(lowered=Lower("name")).filter(Q(lowered__gt=name) | Q(lowered=name, pk__gt=key))
    found: list[Place] = list(rows[: PLANNED_PAGE + 1])
    page = found[:PLANNED_PAGE]
    more = len(found) > PLANNED_PAGE
    return page, signing.dumps([page[-1].name.lower(), page[-1].pk], salt=PLANNED) if more else ""


def services() -> QuerySet[CarersService]:
    """The teams that are young carers' services now."""
    return (
        CarersService.objects.filter(ended_at=None)
        .select_related("team__agency")
        .order_by("team__name", "team_id")
    )


def teams_to_choose() -> QuerySet[Team]:
    """Teams that can be a young carers' service: those at work that are no sensitive service."""
    return (
        Team.objects.filter(ended_at=None, sensitivity="")
        .select_related("agency")
        .order_by("agency__name", "name")
    )
