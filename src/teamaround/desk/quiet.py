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


# Every line rests on rows that I may read: on an involvement of mine, and for news on the other's, as it is now. Who
# began is told until somebody of my team has opened the list; who ended by itself, to the worker who leads.
AROUND_MINE = """
with quiet as materialized (
    select count(*) filter (where until is null)::int as asked, count(*) filter (where until is not null)::int as over,
        min(asked_on) filter (where until is null) as first
    from involvement
    where author_team_id = any (%(teams)s)
        and (until is null and asked_on is not null or end_reason = 'unconfirmed' and until > %(lately)s)
)
select json_agg(told) from (
    select 'asked' as what, asked as n, first as day, null::bigint as subject, null::uuid as key, null as given, null as family_name,
        null::date as born, null as precision, null as team from quiet where asked > 0
    union all
    select 'over', over, null, null, null, null, null, null, null, null from quiet where over > 0
    union all
    (select 'begun', 0, (max(a.at) at time zone 'Europe/London')::date, a.subject_id, p.uuid, p.given, p.family_name,
        p.date_of_birth, p.born_precision, null
     from acquainted a join person p on p.subject_id = a.subject_id
     where a.author_team_id = any (%(teams)s) and a.how = 'told' and a.at > %(lately)s and not a.other_team_id = any (%(teams)s)
        and exists (select from involvement i where i.subject_id = a.subject_id and i.author_team_id = a.author_team_id
                    and i.until is null)
        and exists (select from involvement i where i.subject_id = any (app.records_of(a.subject_id))
                    and i.author_team_id = a.other_team_id and i.category = 'index' and i.until is null)
        and not exists (select from acquainted l where l.subject_id = any (app.records_of(a.subject_id)) and l.how = 'looked'
                        and l.author_team_id = a.author_team_id and l.other_team_id = a.other_team_id and l.at >= a.at)
     group by a.subject_id, p.uuid, p.given, p.family_name, p.date_of_birth, p.born_precision
     order by max(a.at) desc, a.subject_id limit %(most)s)
    union all
    (select 'ended', 0, i.until, i.subject_id, p.uuid, p.given, p.family_name, p.date_of_birth, p.born_precision, t.name
     from involvement i join person p on p.subject_id = i.subject_id join team t on t.id = i.author_team_id
     where i.subject_id in (select unnest(app.records_of(l.subject_id)) from involvement l
                            where l.practitioner_id = %(me)s and l.role = 'lead' and l.until is null)
        and i.end_reason = 'unconfirmed' and i.until > %(lately)s and i.category = 'index'
        and not i.author_team_id = any (%(teams)s)
     order by i.until desc, i.id desc limit %(most)s)
) told
"""


def around_params(me: Me) -> dict[str, Any]:
    """What `AROUND_MINE` asks by."""
    lately = timezone.localdate() - dt.timedelta(days=NEWS_DAYS)
    return {"teams": list(me.teams), "lately": lately, "me": me.principal, "most": MOST_NEWS}


def around_mine(told: Iterable[Mapping[str, Any]]) -> AroundMine:
    """What `AROUND_MINE` told: my teams' quiet involvements, those that ended by themselves, and news of others, the
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
