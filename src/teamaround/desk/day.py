"""My day: what is late, due today and due this week, with its reason; news; and how many families I have."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from teamaround.access.me import Me
from teamaround.agencies.roles import Permission
from teamaround.people.models import Person
from teamaround.procedures.models import Allocation, Clock, Episode, ProcedureVersion
from teamaround.procedures.versions import current_version, procedure_of
from teamaround.ui.components import Clock as ClockView
from teamaround.ui.presentation import age, near_day, uk_day, uk_time

from .clocks import clock_view, page, running_clocks
from .drafts import DraftLine, my_drafts
from .forms import without_title
from .news import Appointment, NewsItem, appointments, referral_news

MOST_CLOCKS = 100
MOST_WAITING = 10


@dataclass(frozen=True, slots=True)
class Due:
    """One part of the list: late, due today, this week."""

    title: str
    colour: str
    clocks: tuple[ClockView, ...]

    @property
    def count(self) -> int:
        return len(self.clocks)


@dataclass(frozen=True, slots=True)
class Places:
    """How many families somebody has, of how many. `squares` are filled and free places for the picture."""

    title: str
    taken: int
    of: int
    words: str

    @property
    def squares(self) -> list[tuple[int, bool]]:
        """Up to twenty places: where each stands in the picture, and whether it is taken."""
        return [(number * 25, number < self.taken) for number in range(min(self.of, 20))]

    @property
    def width(self) -> int:
        return min(self.of, 20) * 25


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
    news: tuple[NewsItem, ...]
    places: tuple[Places, ...]
    waiting: tuple[Waiting, ...]
    unallocated: tuple[Waiting, ...]
    manages: bool
    drafts: tuple[DraftLine, ...]
    subjects: tuple[int, ...]
    works: bool

    @property
    def nothing_due(self) -> bool:
        """Whether all three parts of the list are empty."""
        return not any(part.clocks for part in self.due)


def load_day(me: Me, *, now: dt.datetime | None = None) -> Day:
    """Read the page. At most eight queries, however much is due."""
    now = now or timezone.now()
    works = me.may(Permission.WORK_CASES)
    manages = tuple(team for team in me.teams if me.may_for(Permission.DECIDE_REFERRALS, team))
    clocks = running_clocks(me.principal, manages, _end_of_week(now), MOST_CLOCKS) if works else []
    waiting = _waiting(manages) if manages else []
    names = _names([*(clock.subject_id for clock in clocks), *(row.subject_id for row in waiting)])
    due = _due(clocks, names, now)
    news = tuple(referral_news(me)) if works else ()
    called = tuple(appointments(me)) if works else ()
    listed = [row.subject_id for row in clocks] + [row.subject_id for row in waiting]
    told = [each.subject for each in news] + [each.subject for each in called]
    return Day(
        greeting=_greeting(me, now),
        moment=f"{uk_day(now)}, {uk_time(now)}",
        summary=_summary(due) if works else "",
        due=due,
        appointments=called,
        news=news,
        places=tuple(_places(me, manages)) if works else (),
        waiting=tuple(_line(row, names) for row in waiting if row.status == "waiting"),
        unallocated=tuple(_line(row, names) for row in waiting if row.status == "open"),
        manages=bool(manages),
        drafts=tuple(my_drafts(me)),
        subjects=tuple(sorted({subject for subject in [*listed, *told] if subject is not None})),
        works=works,
    )


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


def _end_of_week(now: dt.datetime) -> dt.datetime:
    today = timezone.localdate(now)
    monday = today + dt.timedelta(days=7 - today.weekday())
    return timezone.make_aware(dt.datetime.combine(monday, dt.time()))


def _names(subjects: Iterable[int | None]) -> dict[int, str]:
    wanted = {subject for subject in subjects if subject is not None}
    if not wanted:
        return {}
    rows = Person.objects.filter(pk__in=wanted).only(
        "given", "family_name", "date_of_birth", "born_precision"
    )
    return {row.pk: _named(row) for row in rows}


def _named(person: Person) -> str:
    years = age(person.date_of_birth, precision=person.born_precision)
    return f"{person.name}, {years}" if years else person.name


def _due(clocks: Iterable[Clock], names: dict[int, str], now: dt.datetime) -> tuple[Due, ...]:
    views = [_clock(clock, names, now) for clock in clocks]
    parts = (
        (_("Late"), "late", "late"),
        (_("Due today"), "today", "today"),
        (_("This week"), "quiet", "week"),
    )
    return tuple(
        Due(title, colour, tuple(view for view in views if view.state == state))
        for title, colour, state in parts
    )


def _clock(clock: Clock, names: dict[int, str], now: dt.datetime) -> ClockView:
    return clock_view(
        title=clock.title,
        why=clock.why,
        due_at=clock.due_at,
        calendar=procedure_of(clock.episode.procedure_id).calendar,
        url=page("desk:case", clock.episode.uuid),
        subject=names.get(clock.subject_id or 0, _("a child not on record yet")),
        now=now,
    )


def _summary(due: tuple[Due, ...]) -> str:
    late, today, week = (part.count for part in due)
    said = []
    if late:
        said.append(ngettext("%(n)d thing is late", "%(n)d things are late", late) % {"n": late})
    if today:
        said.append(ngettext("%(n)d is due today", "%(n)d are due today", today) % {"n": today})
    if said:
        return f"{_(' and ').join(said)}."
    if week:
        return _("Nothing is late or due today.")
    return _("Nothing is late, due today or due this week.")


def _waiting(manages: tuple[int, ...]) -> list[Episode]:
    running = Allocation.objects.filter(episode=OuterRef("pk"), until=None)
    return list(
        Episode.objects.filter(author_team_id__in=manages)
        .annotate(allocated=Exists(running))
        .filter(Q(status="waiting") | Q(status="open", allocated=False))
        .order_by("opened_at", "id")[: MOST_WAITING * 2]
    )


def _line(row: Episode, names: dict[int, str]) -> Waiting:
    return Waiting(
        name=names.get(row.subject_id or 0, _("A child not on record yet")),
        url=page("desk:case", row.uuid),
        since=_("Since %(day)s")
        % {"day": near_day(row.opened_at).lower() if _near(row) else near_day(row.opened_at)},
        urgent=row.priority == "immediate",
    )


def _near(row: Episode) -> bool:
    return (timezone.localdate() - timezone.localdate(row.opened_at)).days < 2


def _places(me: Me, manages: tuple[int, ...]) -> Iterable[Places]:
    seat = next((seat for seat in me.seats if seat.procedure_slug), None)
    if seat is None:
        return
    try:
        capacity = procedure_of(current_version(seat.procedure_slug).pk).capacity
    except ProcedureVersion.DoesNotExist:
        return
    counts = Episode.objects.filter(author_team_id=seat.team, status="open").aggregate(
        team=Count("pk"),
        mine=Count("pk", filter=Exists(_mine(me))),
    )
    if seat.team not in manages or counts["mine"]:
        yield _room(_("Your families"), counts["mine"], capacity.per_worker)
    if seat.team in manages:
        yield _room(_("The team’s families"), counts["team"], capacity.families)


def _mine(me: Me) -> QuerySet[Allocation]:
    return Allocation.objects.filter(episode=OuterRef("pk"), until=None, practitioner_id=me.principal)


def _room(title: str, taken: int, of: int) -> Places:
    free = of - taken
    if free > 0:
        words = ngettext("Room for %(n)d more.", "Room for %(n)d more.", free) % {"n": free}
    elif free == 0:
        words = _("No room for more.")
    else:
        words = ngettext("%(n)d more than agreed.", "%(n)d more than agreed.", -free) % {"n": -free}
    return Places(title, taken, of, words)
