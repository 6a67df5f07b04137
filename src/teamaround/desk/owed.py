"""What somebody owes, as My day lists it: the clocks of their cases, and the actions that were asked of them."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from teamaround.access.me import Me
from teamaround.database.asking import Question
from teamaround.procedures.calendars import calendar_of
from teamaround.procedures.follow_ups import KEY as FOLLOW_UP
from teamaround.procedures.one_click import by_one_click
from teamaround.ui.addresses import around_key
from teamaround.ui.components import Clock as ClockView
from teamaround.ui.components import ClockState
from teamaround.ui.presentation import uk_day

from .clocks import clock_view, told_child

PARTS: tuple[ClockState, ...] = ("late", "today", "week")
SHOWN = {"late": 25, "today": 25, "week": 10}
"""How many lines of each part a page begins with; all are counted, and the rest is one click away."""
WHOLE = 300
"""How many lines of a part there are where the whole of it was asked for."""
AHEAD = 7


@dataclass(frozen=True, slots=True)
class Owed:
    """One line of the list. `done_url` says that it is done, where one click is enough for that; `began` tells which
    round of a clock is meant; `subject` is whom it names, for the log, and `task` whether it is an action."""

    view: ClockView
    due_at: dt.datetime
    subject: int | None = None
    done_url: str = ""
    began: str = ""
    task: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """One part of the list: late, due today, in the next seven days. Clocks and actions, the soonest first, as far as
    they are shown; `count` counts all of it."""

    title: str
    key: str
    colour: str
    owed: tuple[Owed, ...]
    count: int
    whole: bool = False

    @property
    def clocks(self) -> tuple[ClockView, ...]:
        """What is owed as the page shows it."""
        return tuple(each.view for each in self.owed)

    @property
    def hidden(self) -> int:
        """How many lines are left out."""
        return self.count - len(self.owed)


def asking_owed(me: Me, *, manages: Sequence[int], now: dt.datetime, whole: str = "") -> dict[str, Question]:
    """Clocks of mine, and of the teams that I manage with no owner; actions of mine, or of my teams with nobody named:
    late or due within seven days. For `due_parts`; `whole` names the part that is asked for to its end."""
    most = [WHOLE if part == whole else SHOWN[part] for part in PARTS]
    today = timezone.localdate(now)
    midnight, horizon = (_midnight(today + dt.timedelta(days=days)) for days in (1, AHEAD + 1))
    return {
        "clocks": Question(
            "app.day_clocks(%s, %s::int[], %s, %s, %s, %s::int[])",
            (me.principal, list(manages), now, midnight, horizon, most),
        ),
        "tasks": Question(
            "app.day_tasks(%s, %s::int[], %s, %s, %s::int[])",
            (me.principal, list(me.teams), today, today + dt.timedelta(days=AHEAD), most),
        ),
    }


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


def due_parts(
    clocks: Mapping[str, Any],
    tasks: Mapping[str, Any],
    *,
    manages: Sequence[int],
    now: dt.datetime,
    whole: str = "",
) -> tuple[Due, ...]:
    """The three parts of the list, of what `asking_owed` was answered."""
    owed = sorted(
        [*_clocks(clocks["rows"], manages, now), *_tasks(tasks["rows"], timezone.localdate(now))],
        key=lambda each: each.due_at,
    )
    titles = {"late": _("Late"), "today": _("Due today"), "week": _("In the next 7 days")}
    colours = {"late": "late", "today": "today", "week": "quiet"}
    found = []
    for number, part in enumerate(PARTS):
        most = WHOLE if part == whole else SHOWN[part]
        lines = tuple(each for each in owed if each.view.state == part)[:most]
        count = clocks["counts"][number] + tasks["counts"][number]
        found.append(Due(titles[part], part, colours[part], lines, count, whole=part == whole))
    return tuple(found)


def _clocks(rows: Sequence[Sequence[Any]], manages: Sequence[int], now: dt.datetime) -> list[Owed]:
    case, _after = around_key("desk:case")
    clicked, calendar, today = (
        functools.cache(by_one_click),
        functools.cache(calendar_of),
        timezone.localdate(),
    )
    nobody, no_longer = _("a child not on record yet"), _("a child you no longer work with")
    found = []
    for key, version, team, subject, clock, title, why, began, due, *child in rows:
        due_at, url = dt.datetime.fromisoformat(due), f"{case}{key}/"
        view = clock_view(
            title=title,
            why=why,
            due_at=due_at,
            calendar=calendar(version, team),
            # A day agreed for asking after a family has a page of its own: more is to be written than that it was done.
            url=f"{url}follow-up/" if clock == FOLLOW_UP else url,
            subject=told_child(child, today) or (nobody if subject is None else no_longer),
            now=now,
        )
        who = clicked(version).get(clock, "")
        if not who or subject is None or (who == "manager" and team not in manages):
            found.append(Owed(view, due_at, subject))
        else:
            found.append(Owed(view, due_at, subject, f"{url}done/{clock}/", began))
    return found


def _tasks(rows: Sequence[Sequence[Any]], today: dt.date) -> list[Owed]:
    if not rows:
        return []
    before, after = around_key("tasks:complete")
    around = functools.cache(around_key)
    found = []
    for key, title, subject, due, anyone, team, *names in rows:
        day = dt.date.fromisoformat(due)
        state, left, by = _left(day, today)
        *child, person, family_name, family, plan, meeting = names
        view = ClockView(
            title=title,
            url=_where(around, plan, meeting, person, family),
            state=state,
            left=left,
            by=by,
            reason=_reason(team, anyone),
            subject=family_name or told_child(child, today),
        )
        end_of_day = timezone.make_aware(dt.datetime.combine(day, dt.time(23, 59)))
        found.append(Owed(view, end_of_day, subject, f"{before}{key}{after}", task=True))
    return found


def _where(around: Callable[[str], tuple[str, str]], *keys: str | None) -> str:
    """The plan or meeting that an action comes from, else whom it is about, as far as I may see them."""
    for name, key in zip(
        ("plans:detail", "meetings:detail", "desk:person", "desk:family"), keys, strict=True
    ):
        if key is not None:
            before, after = around(name)
            return f"{before}{key}{after}"
    return ""


def _left(due: dt.date, today: dt.date) -> tuple[ClockState, str, str]:
    days = (due - today).days
    if days < 0:
        return "late", ngettext("%(n)d day late", "%(n)d days late", -days) % {"n": -days}, ""
    if days == 0:
        return "today", _("Due today"), ""
    if days == 1:
        return "week", _("Due tomorrow"), ""
    return "week", _("Due in %(n)d days") % {"n": days}, uk_day(due)


def _reason(team: str, anyone: bool) -> str:
    if anyone:
        return _("%(team)s asked your team for this. Nobody is named yet.") % {"team": team}
    return _("%(team)s asked you for this.") % {"team": team}
