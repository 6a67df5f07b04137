"""Clocks and cases as pages show them: what is owed, by when, why, and where it is done."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, FilteredRelation, OuterRef, Q, Subquery
from django.db.models.functions import JSONObject
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from teamaround.people.models import Person
from teamaround.procedures.calendars import calendar_of
from teamaround.procedures.models import Episode, EpisodeStatus
from teamaround.procedures.versions import procedure_of
from teamaround.ui.components import Clock as ClockView
from teamaround.ui.components import ClockState, Tag
from teamaround.ui.presentation import age
from teamaround.workingtime import Calendar, bucket, remaining

URGENT = dt.timedelta(hours=2)
STATES: dict[str, ClockState] = {"late": "late", "today": "today", "this_week": "week", "later": "later"}

DOES = {
    "contact": "plans:contact",
    "visit": "plans:contact",
    "assess": "assessments:start",
    "risk": "assessments:risk",
    "meeting": "meetings:call",
    "plan": "plans:start",
    "review": "plans:start",
    "outcome": "plans:close",
    "step_down": "plans:close",
    "feedback": "plans:close",
    "close": "plans:close",
    "follow_up": "desk:follow_up",
    "record": "desk:record_event",
}
"""Where the action that a clock waits for is done; what is not here is done from the case's own page."""

STATUS_TAGS = {
    EpisodeStatus.WAITING: Tag("Waiting to be accepted", "yellow"),
    EpisodeStatus.OPEN: Tag("Open", "teal"),
    EpisodeStatus.CLOSED: Tag("Closed", "grey"),
    EpisodeStatus.DECLINED: Tag("Not accepted", "orange"),
    EpisodeStatus.REVERSED: Tag("Taken back", "grey"),
}


def page(name: str, *args: Any) -> str:
    """The address of a page; empty where it is not there."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def clock_view(
    *,
    title: str,
    why: str,
    due_at: dt.datetime,
    calendar: Calendar,
    url: str,
    subject: str = "",
    now: dt.datetime | None = None,
    reckoning: bool = False,
) -> ClockView:
    """A clock with what is left of it in words. `reckoning` tells also how its moment was worked out."""
    now = now or timezone.now()
    left, _comma, by = remaining(now, due_at, calendar).partition(", ")
    return ClockView(
        title=title,
        url=url,
        state=STATES[bucket(now, due_at)],
        left=left,
        by=by,
        reason=why if reckoning else rule_of(why),
        subject=subject,
        urgent=now <= due_at < now + URGENT,
    )


def rule_of(why: str) -> str:
    """The rule alone of a clock's reason, without the reckoning that follows it."""
    rule, due, _reckoning = why.partition(". Due ")
    return f"{rule}." if due else why


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A referral or case in one line; `url` is empty for those who may know its state and no more."""

    uuid: uuid.UUID
    subject: int | None
    team: int
    team_name: str
    agency: str
    tag: Tag
    stage: str
    opened_at: dt.datetime
    closed_at: dt.datetime | None
    url: str
    open: bool
    mine: bool
    category: str


@dataclass(frozen=True, slots=True)
class CasesView:
    """The cases about somebody, latest first, and the clocks that run in them."""

    cases: tuple[CaseLine, ...]
    clocks: tuple[ClockView, ...]


def cases_of(
    subjects: Collection[int], *, teams: Collection[int], names: dict[int, str] | None = None
) -> CasesView:
    """The episodes with these subjects that I may see, with their running clocks. One query."""
    rows: Iterable[Any] = (
        Episode.objects.filter(Q(subject_id__in=subjects) | Q(family_id__in=subjects))
        .annotate(
            running=FilteredRelation("clocks", condition=Q(clocks__stopped_at__isnull=True)),
            team_name=F("author_team__name"),
            agency=F("author_team__agency__name"),
            clock=F("running__title"),
            clock_due=F("running__due_at"),
            clock_why=F("running__why"),
            clock_link=F("running__link"),
        )
        .order_by("-opened_at", "-id", "clock_due")
        .values()
    )
    cases: dict[uuid.UUID, CaseLine] = {}
    clocks: list[tuple[dt.datetime, ClockView]] = []
    for row in rows:
        case = _case_line(row, teams)
        cases.setdefault(case.uuid, case)
        if row["clock"] is None or not case.mine:
            continue
        view = clock_view(
            title=row["clock"],
            why=row["clock_why"],
            due_at=row["clock_due"],
            calendar=calendar_of(row["procedure_id"], row["author_team_id"]),
            url=doing(row["clock_link"], case.uuid),
            subject=(names or {}).get(row["subject_id"], ""),
        )
        clocks.append((row["clock_due"], view))
    return CasesView(
        tuple(cases.values()), tuple(view for _due, view in sorted(clocks, key=lambda each: each[0]))
    )


def doing(link: str, case: uuid.UUID) -> str:
    """Where what a clock waits for is done: the room's own page, else the case."""
    return page(DOES.get(link, ""), case) or page("desk:case", case)


def _case_line(row: dict[str, Any], teams: Collection[int]) -> CaseLine:
    mine = row["author_team_id"] in teams
    stage = ""
    if row["stage"] and mine:
        stages = {stage.key: stage.title for stage in procedure_of(row["procedure_id"]).stages}
        stage = stages.get(row["stage"], "")
    return CaseLine(
        uuid=row["uuid"],
        subject=row["subject_id"],
        team=row["author_team_id"],
        team_name=row["team_name"],
        agency=row["agency"],
        tag=STATUS_TAGS[EpisodeStatus(row["status"])],
        stage=stage,
        opened_at=row["opened_at"],
        closed_at=row["closed_at"],
        url=page("desk:case", row["uuid"]) if mine else "",
        open=row["status"] in ("waiting", "open"),
        mine=mine,
        category=row["category"],
    )


def told_child(told: Sequence[str | None], today: dt.date | None = None) -> str:
    """'Kofi Osei, 11' from given name, family name, birth and its precision as a reading function tells them; the empty
    string for a child whose entry is not there or not to be seen."""
    given, family_name, born, precision = told
    if given is None:
        return ""
    name = f"{given} {family_name}".strip()
    years = age(dt.date.fromisoformat(born), today, precision or "day") if born else ""
    return f"{name}, {years}" if years else name


def child_at(column: str) -> Subquery:
    """What a list tells of a child: names and birth, where I may see the entry."""
    told = JSONObject(
        given="given", family_name="family_name", born="date_of_birth", precision="born_precision"
    )
    return Subquery(Person.objects.filter(pk=OuterRef(column)).values_list(told)[:1])


def child_in_words(child: dict[str, str | None] | None, otherwise: str) -> str:
    """'Kofi Osei, 11'; `otherwise` for a child whose entry is not there or not to be seen."""
    if child is None:
        return otherwise
    return told_child((child["given"], child["family_name"], child["born"], child["precision"]))
