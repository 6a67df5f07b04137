"""“Are you still working with them?”: the involvements that nobody was in contact about for long, and what ended."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from teamaround.access.me import Me
from teamaround.access.models import SubjectKind
from teamaround.database.asking import Question
from teamaround.index.freshness import BEGIN_AGAIN_DAYS, asked_about, ended_unconfirmed
from teamaround.index.models import FreshnessRule, Involvement, InvolvementRole
from teamaround.people.models import Family, Person
from teamaround.ui.components import Tag
from teamaround.ui.presentation import near_day, uk_date

from .asked import Asked
from .clocks import child_in_words, page
from .involved import ROLE_TAGS

A_PAGE = 50
MOST_NEWS = 5
NEWS_DAYS = 14
DAYS_TO_END = 30


@dataclass(frozen=True, slots=True)
class Quiet:
    """One involvement that is asked about."""

    uuid: uuid.UUID
    subject: int
    name: str
    url: str
    worker: str
    tag: Tag
    since: str
    last_contact: str
    ends: str
    end_url: str


@dataclass(frozen=True, slots=True)
class Over:
    """One involvement that ended because nobody confirmed it."""

    uuid: uuid.UUID
    name: str
    born: str
    since: str
    until: str


@dataclass(frozen=True, slots=True)
class QuietPage:
    """Everything the page shows. `total` counts what the first page leaves for the next as well."""

    rows: tuple[Quiet, ...]
    total: int
    over: tuple[Over, ...]
    again_until: str
    subjects: tuple[int, ...]


def load_quiet_page(me: Me) -> QuietPage:
    """Read the page: the longest asked first, at most `A_PAGE`. Six queries."""
    rows = list(asked_about(me).select_related("practitioner", "subject").order_by("asked_on", "id")[:A_PAGE])
    total = len(rows) if len(rows) < A_PAGE else asked_about(me).count()
    days = dict(FreshnessRule.objects.values_list("role", "end_after_days")) if rows else {}
    people = {row.pk: row for row in Person.objects.filter(pk__in=[row.subject_id for row in rows])}
    families = {
        row.pk: row
        for row in Family.objects.filter(
            pk__in=[row.subject_id for row in rows if row.subject.kind == SubjectKind.FAMILY]
        )
    }
    over = ended_unconfirmed()
    return QuietPage(
        rows=tuple(
            _quiet(row, people.get(row.subject_id), families.get(row.subject_id), days) for row in rows
        ),
        total=total,
        over=tuple(
            Over(
                each.uuid,
                each.name or _("A family"),
                uk_date(each.born, each.born_precision) if each.born else "",
                uk_date(each.since),
                uk_date(each.until),
            )
            for each in over
        ),
        again_until=uk_date(max((each.until for each in over), default=None)),
        subjects=tuple({*(row.subject_id for row in rows), *(each.subject for each in over)}),
    )


def _quiet(row: Involvement, person: Person | None, family: Family | None, days: Mapping[str, int]) -> Quiet:
    worker = row.practitioner
    asked = row.asked_on or timezone.localdate()
    name, url, end_url = _("A child whose entry is not open to you"), "", ""
    if person is not None:
        name, url = person.name, page("desk:person", person.uuid)
        end_url = page("desk:end_involvement", row.uuid)
    elif family is not None:
        name, url = _("The %(name)s family") % {"name": family.name}, page("desk:family", family.uuid)
    return Quiet(
        uuid=row.uuid,
        subject=row.subject_id,
        name=name,
        url=url,
        worker=worker.name if worker is not None and worker.left_at is None else "",
        tag=ROLE_TAGS[InvolvementRole(row.role)],
        since=near_day(row.since),
        last_contact=near_day(row.last_contact_on) or _("Not recorded"),
        ends=uk_date(asked + dt.timedelta(days=days.get(row.role, DAYS_TO_END))),
        end_url=f"{end_url}?from=quiet" if end_url else "",
    )


@dataclass(frozen=True, slots=True)
class Began:
    """News of those who work with a child my team works with: somebody began, or one ended by itself."""

    name: str
    url: str
    text: str
    when: str
    subject: int


@dataclass(frozen=True, slots=True)
class AroundMine:
    """What My day tells of my teams' involvements: the lines that wait for an answer, and the news of others."""

    asked: tuple[Asked, ...] = ()
    news: tuple[Began, ...] = ()


def asking_around(me: Me) -> Question:
    """What waits of my teams' involvements and the news of others', as a question among others: for `around_mine`."""
    lately = timezone.localdate() - dt.timedelta(days=NEWS_DAYS)
    return Question(
        "app.day_around(%s, %s::int[], %s, %s)", (me.principal, list(me.teams), lately, MOST_NEWS)
    )


def around_mine(told: Iterable[Mapping[str, Any]]) -> AroundMine:
    """What `asking_around` was answered: my teams' quiet involvements, those that ended by themselves, and news of others, the
    latest first, at most `MOST_NEWS` of each kind."""
    asked: list[Asked] = []
    news: list[Began] = []
    for row in told:
        if row["what"] == "asked":
            asked.append(_ask(row["n"], dt.date.fromisoformat(row["day"])))
        elif row["what"] == "over":
            asked.append(_over(row["n"]))
        else:
            news.append(_news(row))
    return AroundMine(tuple(asked), tuple(news))


def _news(row: Mapping[str, Any]) -> Began:
    text = (
        _("%(team)s no longer shows as working with them: nobody confirmed it") % {"team": row["team"]}
        if row["team"]
        else _("Another service began to work with a child you work with")
    )
    return Began(
        name=child_in_words(dict(row), ""),
        url=f"{page('desk:person', row['key'])}#involved",
        text=text,
        when=near_day(dt.date.fromisoformat(row["day"])),
        subject=row["subject"],
    )


def _ask(number: int, first: dt.date) -> Asked:
    title = ngettext(
        "Are you still working with %(n)d child?",
        "Are you still working with %(n)d children and families?",
        number,
    ) % {"n": number}
    reason = _(
        "Nobody recorded a contact for a long time. Asked first on %(day)s. What nobody confirms ends by itself."
    ) % {"day": uk_date(first)}
    return Asked(title, page("desk:quiet"), reason, _("Answer"))


def _over(number: int) -> Asked:
    title = ngettext(
        "Your team no longer shows with %(n)d child", "Your team no longer shows with %(n)d children", number
    ) % {"n": number}
    reason = _("It ended because nobody confirmed it. Within %(n)d days it can begin again.") % {
        "n": BEGIN_AGAIN_DAYS
    }
    return Asked(title, f"{page('desk:quiet')}#ended", reason, _("See which"))
