"""The team around a child as a whole: who did not know of each other, and how much there is across agencies."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import TextField
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from teamaround.access.me import Me

from .involved import Involved, in_order, rows_of

MOST_TO_INTRODUCE = 8


@dataclass(frozen=True, slots=True)
class Introduction:
    """A service, and those whom it has still to be introduced to."""

    service: str
    others: str


@dataclass(frozen=True, slots=True)
class Around:
    """What is told of the services together; empty for a reader who does not work with the child.

    `counts` are words such as '2 assessments': what this reader may be told is there, not what they may read.
    `strangers` says how many services had not known of each other; `introduce` names those who still do not.
    """

    counts: tuple[str, ...] = ()
    assessed: bool = False
    strangers: str = ""
    introduce: tuple[Introduction, ...] = ()
    more: str = ""


# Asked once, beside the rows of the list: it depends on none of them.
_TOLD = """(select json_build_array(
    (select json_object_agg(kind, n) from app.counted(%s)),
    (select json_agg(json_build_array(team, other, apart) order by team, other) from app.strangers(%s)),
    app.look_at_involved(%s))::text)"""


def involved_and_around(
    subject: int, records: Collection[int], *, me: Me
) -> tuple[list[Involved], list[Involved], Around]:
    """Who is involved with a person under any of their records, who was, and what is told of them together; and note
    that I looked. What is told is what was so before I looked. One query, two where I may see nobody involved."""
    told = RawSQL(_TOLD, [subject] * 3, output_field=TextField())  # noqa: S611 - the statement is fixed
    rows = list(rows_of(records).annotate(told=told))
    listed = in_order(rows, me=me, today=timezone.localdate())
    running = [row for row in listed if not row.ended]
    said = rows[0].told if rows else _told_of_nobody(subject)
    return running, [row for row in listed if row.ended], _around(said, running)


def _told_of_nobody(subject: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"select {_TOLD}", [subject] * 3)
        row = cursor.fetchone()
    return str(row[0]) if row else "[]"


def _around(said: str, running: Sequence[Involved]) -> Around:
    counted, pairs, _looked = json.loads(said)
    numbers: Mapping[str, int] = counted or {}
    services = {row.team: row.service for row in running if not row.sensitive}
    apart = [each for each in pairs or () if each[0] in services and each[1] in services]
    introduce, more = _introductions(apart, services)
    return Around(
        counts=tuple(_counts(numbers)),
        assessed=numbers.get("assessment", 0) > 0,
        strangers=_strangers(apart, len(services)),
        introduce=introduce,
        more=more,
    )


def _counts(numbers: Mapping[str, int]) -> Iterable[str]:
    if not numbers:
        return
    assessments, plans, meetings = (numbers.get(kind, 0) for kind in ("assessment", "plan", "meeting"))
    if not assessments + plans + meetings:
        yield _("no assessment, agreed plan or meeting to come")
        return
    yield ngettext("%(n)d assessment", "%(n)d assessments", assessments) % {"n": assessments}
    yield ngettext("%(n)d agreed plan", "%(n)d agreed plans", plans) % {"n": plans}
    yield ngettext("%(n)d meeting to come", "%(n)d meetings to come", meetings) % {"n": meetings}


def _strangers(apart: Iterable[tuple[int, int, bool]], of: int) -> str:
    strangers = {team for one, other, _still in apart for team in (one, other)}
    if not strangers:
        return ""
    return _("%(n)d of %(of)d services had not known of each other when they began") % {
        "n": len(strangers),
        "of": of,
    }


def _introductions(
    apart: Iterable[tuple[int, int, bool]], services: Mapping[int, str]
) -> tuple[tuple[Introduction, ...], str]:
    """The later service of each pair, with those whom it did not know."""
    by_service: dict[int, list[str]] = {}
    for team, other, still in apart:
        if still:
            by_service.setdefault(team, []).append(services[other])
    found = [
        Introduction(services[team], _(" and ").join(sorted(others))) for team, others in by_service.items()
    ]
    left = len(found) - MOST_TO_INTRODUCE
    more = ngettext("%(n)d service more", "%(n)d services more", left) % {"n": left} if left > 0 else ""
    return tuple(sorted(found, key=lambda each: each.service)[:MOST_TO_INTRODUCE]), more
