"""What somebody owes, as My day lists it: the clocks of their cases, and the actions that were asked of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from teamaround.access.me import Me
from teamaround.meetings.models import Meeting, MeetingAction
from teamaround.people.models import Family, Person
from teamaround.plans.models import Plan, PlanAction
from teamaround.tasks.loaders import due_for
from teamaround.tasks.models import Task
from teamaround.ui.components import Clock as ClockView
from teamaround.ui.components import ClockState
from teamaround.ui.presentation import uk_day

from .clocks import child_at, child_in_words, page
from .prepared import prepared, stand_in

MOST_TASKS = 50
AHEAD = 7


@dataclass(frozen=True, slots=True)
class Owed:
    """One line of the list. `done_url` says that it is done, where one click is enough for that; `began` tells which
    round of a clock is meant."""

    view: ClockView
    due_at: dt.datetime
    subject: int | None = None
    done_url: str = ""
    began: str = ""


def owed_tasks(me: Me, *, now: dt.datetime) -> list[Owed]:
    """Open actions of mine, or of my teams with nobody named, that are late or due within seven days.

    At most 50, the soonest first. One query.
    """
    today = timezone.localdate(now)
    rows = prepared(_tasks, me.principal, me.teams, today + dt.timedelta(days=AHEAD))
    return [_owed(row, today) for row in rows]


def _tasks(principal: int, teams: tuple[int, ...], until: dt.date) -> QuerySet[Task]:
    plan, meeting = (
        Subquery(
            kept.objects.filter(pk__in=by.objects.filter(task=OuterRef(OuterRef("pk"))).values(of)).values(
                "uuid"
            )[:1]
        )
        for kept, by, of in ((Plan, PlanAction, "goal__plan"), (Meeting, MeetingAction, "meeting"))
    )
    return (
        due_for(stand_in(principal, teams))
        .filter(due_on__lte=until)
        .annotate(
            child=child_at("subject_id"),
            person_key=Subquery(Person.objects.filter(pk=OuterRef("subject_id")).values("uuid")[:1]),
            family_name=Subquery(Family.objects.filter(pk=OuterRef("subject_id")).values("name")[:1]),
            family_key=Subquery(Family.objects.filter(pk=OuterRef("subject_id")).values("uuid")[:1]),
            plan_key=plan,
            meeting_key=meeting,
        )[:MOST_TASKS]
    )


def _owed(task: Task, today: dt.date) -> Owed:
    told: Any = task  # with what `owed_tasks` puts beside it
    assert task.due_on is not None, "an action without a date is not listed"
    state, left, by = _left(task.due_on, today)
    view = ClockView(
        title=task.title,
        url=_where(told),
        state=state,
        left=left,
        by=by,
        reason=_reason(task),
        subject=told.family_name or child_in_words(told.child, ""),
    )
    end_of_day = timezone.make_aware(dt.datetime.combine(task.due_on, dt.time(23, 59)))
    return Owed(view, end_of_day, task.subject_id, reverse("tasks:complete", args=[task.uuid]))


def _where(told: Any) -> str:
    """The plan or meeting that an action comes from, else whom it is about, as far as I may see them."""
    for name, key in (
        ("plans:detail", told.plan_key),
        ("meetings:detail", told.meeting_key),
        ("desk:person", told.person_key),
        ("desk:family", told.family_key),
    ):
        if key is not None:
            return page(name, key)
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


def _reason(task: Task) -> str:
    author: Any = task.author_team
    if task.owner is None:
        return _("%(team)s asked your team for this. Nobody is named yet.") % {"team": author.name}
    return _("%(team)s asked you for this.") % {"team": author.name}
