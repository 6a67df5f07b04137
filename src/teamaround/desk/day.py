"""My day: what is late, due today and due in the next seven days, with its reason; what others ask of me; news;
how many families I have."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from teamaround.access.me import Me, Seat
from teamaround.agencies.roles import Permission
from teamaround.database.asking import Question, ask
from teamaround.procedures.versions import procedure_of
from teamaround.referrals.loaders import News, asking_news, told_news
from teamaround.sharing.due import DueSharing
from teamaround.sharing.due import asking as asking_sharing
from teamaround.sharing.due import told as told_sharing
from teamaround.tasks.waiting import FromFamilies
from teamaround.ui.addresses import around_key
from teamaround.ui.presentation import near_day, uk_day, uk_time

from .asked import Asked, asking_new_cases, from_families, given_case
from .clocks import told_child
from .drafts import DraftLine, asking_drafts, my_drafts
from .forms import without_title
from .kept import asking_feeds, asking_kept, feed_lines, kept
from .news import MOST_NEWS, Appointment, Meetings, asking_meetings, called_meetings
from .on_duty import asking_duty, asking_swaps, duty_line, swap_lines
from .oversight import asking_oversight, overdue_cases, oversight_lines
from .owed import Due, asking_owed, due_parts
from .quiet import Began, around_mine, asking_around

MOST_WAITING = 10
MOST_SQUARES = 50


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
class Queue:
    """What waits, the longest first, as far as it is shown; `count` counts all of it, and `url` shows the rest."""

    lines: tuple[Waiting, ...]
    count: int
    url: str

    @property
    def hidden(self) -> int:
        """How many are left out."""
        return self.count - len(self.lines)


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
    waiting: Queue
    unallocated: Queue
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


def load_day(me: Me, *, now: dt.datetime | None = None, whole: str = "") -> Day:
    """Read the page, with the part of the list that `whole` names to its end. One query, however much is due."""
    now = now or timezone.now()
    works = me.may(Permission.WORK_CASES)
    manages = tuple(team for team in me.teams if me.may_for(Permission.DECIDE_REFERRALS, team))
    seat = next((seat for seat in me.seats if seat.procedure_slug), None)
    told = ask(_questions(me, works, manages, seat, now, whole))
    due: tuple[Due, ...] = ()
    called, news, given = Meetings((), (), frozenset()), tuple[News, ...](), []
    if works:
        due = due_parts(told["clocks"], told["tasks"], manages=manages, now=now, whole=whole)
        called, news, given = (
            called_meetings(told["meetings"], now=now),
            tuple(told_news(told["news"])),
            told["new_cases"],
        )
    owed = [each for part in due for each in part.owed]
    waiting = told.get("waiting") or {"counts": (0, 0), "rows": ()}
    around, sharing = around_mine(told["around"]), told_sharing(told["sharing"])
    listed = [each.subject for each in owed if not each.task]
    listed += [row[1] for row in waiting["rows"]] + [row[1] for row in given]
    listed += [each.subject for each in news] + [each.subject for each in around.news]
    listed += [each.subject for each in sharing]
    return Day(
        greeting=_greeting(me, now),
        moment=f"{uk_day(now)}, {uk_time(now)}",
        summary=_summary(due, overdue_cases(told.get("oversight") or ())) if works else "",
        due=due,
        appointments=called.today,
        asked=(
            *oversight_lines(told.get("oversight") or (), today=timezone.localdate(now)),
            *(given_case(row) for row in given),
            *called.invitations,
            *around.asked,
            *from_families(told.get("families") or ()),
            *(_sharing(each) for each in sharing),
            *duty_line(told.get("duty")),
            *swap_lines(told.get("swaps") or ()),
            *feed_lines(told.get("feeds") or ()),
            *kept(me, told["kept"]),
        ),
        news=news,
        began=around.news,
        places=_places(told.get("places"), seat, manages),
        waiting=_queue(waiting, "waiting", "waiting", 0),
        unallocated=_queue(waiting, "open", "unallocated", 1),
        manages=bool(manages),
        drafts=tuple(my_drafts(told["drafts"])),
        subjects=tuple(sorted({subject for subject in listed if subject is not None})),
        task_subjects=tuple(
            sorted({each.subject for each in owed if each.task and each.subject is not None})
        ),
        meeting_subjects=tuple(sorted(called.subjects)),
        works=works,
    )


def _questions(
    me: Me, works: bool, manages: Sequence[int], seat: Seat | None, now: dt.datetime, whole: str
) -> dict[str, Question]:
    """What the page asks for somebody: nobody's page asks what their role could not show."""
    asked = {
        "around": asking_around(me),
        "sharing": asking_sharing(me),
        "kept": asking_kept(me),
        "drafts": asking_drafts(me),
    }
    feeds = asking_feeds(me)
    if feeds is not None:
        asked["feeds"] = feeds
    families = FromFamilies.asking(me)
    if families is not None:
        asked["families"] = families
    if manages:
        asked["oversight"] = asking_oversight(manages, today=timezone.localdate(now))
        asked["waiting"] = Question("app.day_waiting(%s::int[], %s)", (list(manages), MOST_WAITING))
    if works:
        asked |= asking_owed(me, manages=manages, now=now, whole=whole)
        asked["news"] = asking_news(me, limit=MOST_NEWS)
        asked["meetings"] = asking_meetings(me, now=now)
        asked["duty"] = asking_duty(me, now=now)
        asked["swaps"] = asking_swaps(me)
        asked["new_cases"] = asking_new_cases(me)
        if seat is not None:
            asked["places"] = Question(
                "app.day_places(%s, %s, %s)", (me.principal, seat.team, seat.procedure_slug)
            )
    return asked


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


def _summary(due: tuple[Due, ...], unseen: int) -> str:
    """What is late and due today; `unseen` cases are overdue for the manager's decision, and are no part of the list."""
    undecided = (
        ngettext(
            "%(n)d case is overdue for a manager’s decision.",
            "%(n)d cases are overdue for a manager’s decision.",
            unseen,
        )
        % {"n": unseen}
        if unseen
        else ""
    )
    late, today, week = (part.count for part in due)
    said = []
    if late:
        said.append(ngettext("%(n)d thing is late", "%(n)d things are late", late) % {"n": late})
    if today and not late:
        said.append(ngettext("%(n)d thing is due today", "%(n)d things are due today", today) % {"n": today})
    elif today:
        said.append(ngettext("%(n)d is due today", "%(n)d are due today", today) % {"n": today})
    if said:
        return f"{_(' and ').join(said)}. {undecided}".rstrip()
    if undecided:
        return undecided
    if week:
        return _("Nothing is late or due today.")
    return _("Nothing is late, due today or due in the next 7 days.")


def _queue(answer: Mapping[str, Any], status: str, kind: str, number: int) -> Queue:
    before, after = around_key("desk:case")
    lines = tuple(_line(row, before, after) for row in answer["rows"] if row[2] == status)
    return Queue(lines, answer["counts"][number], f"{reverse('desk:team')}?kind={kind}")


def _line(row: Sequence[Any], before: str, after: str) -> Waiting:
    key, _subject, _status, priority, opened, *child = row
    opened_at = dt.datetime.fromisoformat(opened)
    day = near_day(opened_at)
    near = (timezone.localdate() - timezone.localdate(opened_at)).days < 2
    return Waiting(
        name=told_child(child) or _("A child not on record yet"),
        url=f"{before}{key}{after}",
        since=_("Since %(day)s") % {"day": day.lower() if near else day},
        urgent=priority == "immediate",
    )


def _places(answer: Sequence[int] | None, seat: Seat | None, manages: Sequence[int]) -> tuple[Places, ...]:
    """The places of my team and mine."""
    if seat is None or answer is None:
        return ()
    version, team, own = answer
    capacity = procedure_of(version).capacity
    places = []
    if seat.team not in manages or own:
        places.append(_room(_("Your families"), own, capacity.per_worker))
    if seat.team in manages:
        places.append(_room(_("The team’s families"), team, capacity.families))
    return tuple(places)


def _room(title: str, taken: int, of: int) -> Places:
    free = of - taken
    if free > 0:
        words = ngettext("Room for %(n)d more.", "Room for %(n)d more.", free) % {"n": free}
    elif free == 0:
        words = _("No room for more.")
    else:
        words = ngettext("%(n)d more than agreed.", "%(n)d more than agreed.", -free) % {"n": -free}
    return Places(title, taken, of, words)
