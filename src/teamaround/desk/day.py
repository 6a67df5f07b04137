"""My day: what is late, due today and due in the next seven days, with its reason; what others ask of me; news;
how many families I have."""

from __future__ import annotations

import datetime as dt
import functools
import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from teamaround.access.me import Me, Seat
from teamaround.agencies.roles import Permission
from teamaround.procedures.calendars import calendar_of
from teamaround.procedures.models import Allocation, Clock, Episode, ProcedureVersion
from teamaround.procedures.one_click import by_one_click
from teamaround.procedures.versions import procedure_of
from teamaround.referrals.loaders import News
from teamaround.sharing.due import DueSharing
from teamaround.sharing.due import due_for as sharing_due
from teamaround.ui.components import Clock as ClockView
from teamaround.ui.presentation import near_day, uk_day, uk_time

from .asked import Asked, from_families, given_case, new_cases
from .clocks import MOST_CLOCKS, child_at, child_in_words, clock_view, page, running_clocks
from .drafts import MY_DRAFTS, DraftLine, my_drafts
from .forms import without_title
from .kept import KEPT, kept, kept_params
from .news import Appointment, Meetings, meetings_for, referral_news
from .owed import Owed, owed_tasks
from .prepared import prepared, stand_in
from .quiet import AROUND_MINE, AroundMine, Began, around_mine, around_params

MOST_WAITING = 10
MOST_SQUARES = 50
NO_CASE = uuid.UUID(int=0)
"""Stands in an address for the key of a case: the pattern is resolved once a page."""


@dataclass(frozen=True, slots=True)
class Due:
    """One part of the list: late, due today, in the next seven days. Clocks and actions, the soonest first."""

    title: str
    colour: str
    owed: tuple[Owed, ...]

    @property
    def clocks(self) -> tuple[ClockView, ...]:
        """What is owed as the page shows it."""
        return tuple(each.view for each in self.owed)

    @property
    def count(self) -> int:
        return len(self.owed)


@dataclass(frozen=True, slots=True)
class Places:
    """How many families somebody has, of how many."""

    title: str
    taken: int
    of: int
    words: str

    @property
    def squares(self) -> list[tuple[int, int, bool]]:
        """The places, ten a row: where each stands in the picture, and whether it is taken."""
        return [
            (number % 10 * 25 + 1, number // 10 * 27 + 1, number < self.taken)
            for number in range(min(self.of, MOST_SQUARES))
        ]

    @property
    def height(self) -> int:
        return -(-min(self.of, MOST_SQUARES) // 10) * 27


@dataclass(frozen=True, slots=True)
class Waiting:
    """A referral that waits for an answer, or a case that waits for a worker."""

    name: str
    url: str
    since: str
    urgent: bool


@dataclass(frozen=True, slots=True)
class Day:
    """Everything the page shows."""

    greeting: str
    moment: str
    summary: str
    due: tuple[Due, ...]
    appointments: tuple[Appointment, ...]
    asked: tuple[Asked, ...]
    news: tuple[News, ...]
    began: tuple[Began, ...]
    places: tuple[Places, ...]
    waiting: tuple[Waiting, ...]
    unallocated: tuple[Waiting, ...]
    manages: bool
    drafts: tuple[DraftLine, ...]
    subjects: tuple[int, ...]
    task_subjects: tuple[int, ...]
    meeting_subjects: tuple[int, ...]
    works: bool

    @property
    def nothing_due(self) -> bool:
        """Whether all three parts of the list are empty."""
        return not any(part.owed for part in self.due)


def load_day(me: Me, *, now: dt.datetime | None = None) -> Day:
    """Read the page. Ten queries, however much is due."""
    now = now or timezone.now()
    works = me.may(Permission.WORK_CASES)
    manages = tuple(team for team in me.teams if me.may_for(Permission.DECIDE_REFERRALS, team))
    clocks = running_clocks(me.principal, manages, _end_of_list(now), MOST_CLOCKS) if works else []
    tasks = owed_tasks(me, now=now) if works else []
    waiting = _waiting(manages) if manages else []
    case = reverse("desk:case", args=[NO_CASE]).partition(str(NO_CASE))[0]
    clicked = functools.cache(by_one_click)
    due = _due(
        [*(_clock(each, now, manages, case, clicked(each.episode.procedure_id)) for each in clocks), *tasks]
    )
    news = tuple(referral_news(me)) if works else ()
    called = meetings_for(me, now=now) if works else Meetings((), (), frozenset())
    places, given = _caseload(me, manages) if works else ((), [])
    listed = [row.subject_id for row in clocks] + [row.subject_id for row in waiting]
    listed += [each["subject"] for each in given]
    around, drafts, keeping = _mine(me)
    told: list[int | None] = [*(each.subject for each in news), *(each.subject for each in around.news)]
    sharing = sharing_due(me)
    told += [each.subject for each in sharing if each.subject is not None]
    return Day(
        greeting=_greeting(me, now),
        moment=f"{uk_day(now)}, {uk_time(now)}",
        summary=_summary(due) if works else "",
        due=due,
        appointments=called.today,
        asked=(
            *(given_case(told) for told in given),
            *called.invitations,
            *around.asked,
            *from_families(me),
            *(_sharing(each) for each in sharing),
            *keeping,
        ),
        news=news,
        began=around.news,
        places=places,
        waiting=tuple(_line(row) for row in waiting if row.status == "waiting"),
        unallocated=tuple(_line(row) for row in waiting if row.status == "open"),
        manages=bool(manages),
        drafts=tuple(drafts),
        subjects=tuple(sorted({subject for subject in [*listed, *told] if subject is not None})),
        task_subjects=tuple(sorted({task.subject for task in tasks if task.subject is not None})),
        meeting_subjects=tuple(sorted(called.subjects)),
        works=works,
    )


def _mine(me: Me) -> tuple[AroundMine, list[DraftLine], tuple[Asked, ...]]:
    """What waits of my own involvements, my drafts, and what I keep in order. One query for all."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select ({AROUND_MINE})::text, ({MY_DRAFTS})::text, ({KEPT})::text",
            around_params(me) | kept_params(me),
        )
        told, drafts, keeping = cursor.fetchone() or (None, None, None)
    return (
        around_mine(json.loads(told or "[]")),
        my_drafts(json.loads(drafts or "[]")),
        kept(me, json.loads(keeping or "{}")),
    )


def _sharing(each: DueSharing) -> Asked:
    return Asked(each.title, each.url, each.reason, each.action)


def _greeting(me: Me, now: dt.datetime) -> str:
    hour = timezone.localtime(now).hour
    first = (without_title(me.name) or me.name).split(" ")[0]
    words = (
        _("Good morning, %s")
        if hour < 12
        else _("Good afternoon, %s")
        if hour < 18
        else _("Good evening, %s")
    )
    return words % first


def _end_of_list(now: dt.datetime) -> dt.datetime:
    after = timezone.localdate(now) + dt.timedelta(days=8)
    return timezone.make_aware(dt.datetime.combine(after, dt.time()))


def _due(owed: Iterable[Owed]) -> tuple[Due, ...]:
    listed = sorted(owed, key=lambda each: each.due_at)
    parts = (
        (_("Late"), "late", "late"),
        (_("Due today"), "today", "today"),
        (_("In the next 7 days"), "quiet", "week"),
    )
    return tuple(
        Due(title, colour, tuple(each for each in listed if each.view.state == state))
        for title, colour, state in parts
    )


def _clock(
    clock: Clock, now: dt.datetime, manages: tuple[int, ...], case: str, clicked: dict[str, str]
) -> Owed:
    url = f"{case}{clock.episode.uuid}/"
    view = clock_view(
        title=clock.title,
        why=clock.why,
        due_at=clock.due_at,
        calendar=calendar_of(clock.episode.procedure_id, clock.author_team_id),
        url=url,
        subject=child_in_words(getattr(clock, "child", None), _("a child not on record yet")),
        now=now,
    )
    who = clicked.get(clock.key, "")
    if not who or clock.subject_id is None or (who == "manager" and clock.author_team_id not in manages):
        return Owed(view, clock.due_at)
    return Owed(view, clock.due_at, done_url=f"{url}done/{clock.key}/", began=clock.started_at.isoformat())


def _summary(due: tuple[Due, ...]) -> str:
    late, today, week = (part.count for part in due)
    said = []
    if late:
        said.append(ngettext("%(n)d thing is late", "%(n)d things are late", late) % {"n": late})
    if today and not late:
        said.append(ngettext("%(n)d thing is due today", "%(n)d things are due today", today) % {"n": today})
    elif today:
        said.append(ngettext("%(n)d is due today", "%(n)d are due today", today) % {"n": today})
    if said:
        return f"{_(' and ').join(said)}."
    if week:
        return _("Nothing is late or due today.")
    return _("Nothing is late, due today or due in the next 7 days.")


def _waiting(manages: tuple[int, ...]) -> list[Episode]:
    running = Allocation.objects.filter(episode=OuterRef("pk"), until=None)
    return list(
        Episode.objects.filter(author_team_id__in=manages)
        .annotate(allocated=Exists(running), child=child_at("subject_id"))
        .filter(Q(status="waiting") | Q(status="open", allocated=False))
        .order_by("opened_at", "id")[: MOST_WAITING * 2]
    )


def _line(row: Episode) -> Waiting:
    return Waiting(
        name=child_in_words(getattr(row, "child", None), _("A child not on record yet")),
        url=page("desk:case", row.uuid),
        since=_("Since %(day)s")
        % {"day": near_day(row.opened_at).lower() if _near(row) else near_day(row.opened_at)},
        urgent=row.priority == "immediate",
    )


def _near(row: Episode) -> bool:
    return (timezone.localdate() - timezone.localdate(row.opened_at)).days < 2


def _caseload(me: Me, manages: tuple[int, ...]) -> tuple[tuple[Places, ...], list[dict[str, Any]]]:
    """The places of my team and mine, and what there is to tell of my new cases. One query for both."""
    seat = next((seat for seat in me.seats if seat.procedure_slug), None)
    found = _counted(me, seat) if seat else None
    if seat is None or found is None:
        return (), list(new_cases(me))
    version, team, own, given = found
    capacity = procedure_of(version).capacity
    places = []
    if seat.team not in manages or own:
        places.append(_room(_("Your families"), own or 0, capacity.per_worker))
    if seat.team in manages:
        places.append(_room(_("The team’s families"), team or 0, capacity.families))
    return tuple(places), given


def _counted(me: Me, seat: Seat) -> tuple[int, int | None, int | None, list[dict[str, Any]]] | None:
    found = prepared(_counts, me.principal, seat.team, seat.procedure_slug)
    return found[0] if found else None


def _counts(principal: int, team: int, slug: str) -> QuerySet[Any, Any]:
    taken = Episode.objects.filter(author_team_id=team, status="open").order_by().values("author_team_id")
    mine = Allocation.objects.filter(episode=OuterRef("pk"), until=None, practitioner_id=principal)
    return (
        ProcedureVersion.objects.filter(slug=slug, effective_from__lte=Now())
        .order_by("-effective_from", "-number")
        .values_list(
            "pk",
            Subquery(taken.annotate(n=Count("pk")).values("n")),
            Subquery(taken.filter(Exists(mine)).annotate(n=Count("pk")).values("n")),
            ArraySubquery(new_cases(stand_in(principal, ()))),
        )[:1]
    )


def _room(title: str, taken: int, of: int) -> Places:
    free = of - taken
    if free > 0:
        words = ngettext("Room for %(n)d more.", "Room for %(n)d more.", free) % {"n": free}
    elif free == 0:
        words = _("No room for more.")
    else:
        words = ngettext("%(n)d more than agreed.", "%(n)d more than agreed.", -free) % {"n": -free}
    return Places(title, taken, of, words)
