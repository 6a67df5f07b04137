"""The worklist: a team's cases, or mine, fifty a page, with what is due next in each."""

from __future__ import annotations

import datetime as dt
import functools
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import JSONField, OuterRef, Subquery, Value
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.me import Me
from teamaround.procedures.calendars import procedure_for
from teamaround.procedures.models import Allocation, Clock, Episode, EpisodeStatus
from teamaround.referrals.models import Referral
from teamaround.ui.components import Tag, TagColour
from teamaround.ui.presentation import local_date, uk_date
from teamaround.workingtime import bucket, remaining

from .clocks import STATUS_TAGS, child_at, child_in_words

A_PAGE = 50
SHOWS = {
    "team": (EpisodeStatus.OPEN, EpisodeStatus.WAITING),
    "mine": (EpisodeStatus.OPEN,),
    "closed": (EpisodeStatus.CLOSED,),
}
COLOURS: dict[str, TagColour] = {"late": "red", "today": "orange", "this_week": "grey", "later": "grey"}


@dataclass(frozen=True, slots=True)
class Line:
    """One case of the list. `due` says what is owed next and how long is left; empty where nothing is.

    `cells` are the worker, the stage and since when, under the page's `headings`.
    """

    name: str
    url: str
    subject: int | None
    status: Tag | None
    due: str
    left: Tag | None
    cells: tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Worklist:
    """One page of the list. `older` and `newest` are addresses; empty where there is no such page."""

    lines: tuple[Line, ...]
    older: str
    newest: str
    show: str

    @property
    def subjects(self) -> list[int]:
        return [line.subject for line in self.lines if line.subject is not None]

    @property
    def headings(self) -> tuple[str, str, str]:
        """What the last columns are called."""
        return _("Worker"), _("Stage"), _("Since")

    @property
    def choices(self) -> list[tuple[str, str, bool]]:
        """The lists one may choose among: text, address, whether it is this one."""
        words = {"team": _("My team’s open cases"), "mine": _("Mine"), "closed": _("Closed")}
        return [(text, f"?show={key}", key == self.show) for key, text in words.items()]


def load_worklist(me: Me, *, show: str, before: uuid.UUID | None) -> Worklist:
    """The page of the list that comes after the case `before`. One query."""
    rows = Episode.objects.filter(author_team_id__in=me.teams, status__in=SHOWS[show])
    if show == "mine":
        rows = rows.filter(allocations__practitioner_id=me.principal, allocations__until=None)
    if before is not None:
        rows = rows.filter(pk__lt=Subquery(Episode.objects.filter(uuid=before).values("pk")[:1]))
    worker = Allocation.objects.filter(episode=OuterRef("pk"), until=None).values("practitioner__name")[:1]
    clock = (
        Clock.objects.filter(episode=OuterRef("pk"), stopped_at=None)
        .order_by("due_at")
        .values(told=JSONObject(title="title", due_at="due_at"))[:1]
    )
    if show == "closed":
        # The entry of a child may be closed to the team by now; its own referral still names them.
        told = JSONObject(
            given="given", family_name="family_name", born="date_of_birth", precision="born_precision"
        )
        referred = Referral.objects.filter(episode=OuterRef("pk")).values(told=told)[:1]
        rows = rows.annotate(referred=Subquery(referred))
    else:
        rows = rows.annotate(referred=Value(None, output_field=JSONField()))
    found = list(
        rows.annotate(child=child_at("subject_id"), worker=Subquery(worker), clock=Subquery(clock))
        .order_by("-pk")
        .values_list(
            "uuid",
            "subject_id",
            "status",
            "stage",
            "opened_at",
            "procedure_id",
            "author_team_id",
            "child",
            "worker",
            "clock",
            "referred",
        )[: A_PAGE + 1]
    )
    now = timezone.now()
    unnamed, nobody = _("A child who is not named yet"), _("Nobody yet")
    # Fifty addresses of one shape: resolving the pattern once is a twentieth of the page.
    first = reverse("desk:case", args=[found[0][0]]).removesuffix(f"{found[0][0]}/") if found else ""
    day = functools.lru_cache(maxsize=None)(uk_date)
    lines = tuple(_line(row, now, unnamed, nobody, first, day) for row in found[:A_PAGE])
    older = f"?show={show}&before={found[A_PAGE - 1][0]}" if len(found) > A_PAGE else ""
    return Worklist(lines, older, f"?show={show}" if before is not None else "", show)


def _line(
    row: tuple[Any, ...],
    now: dt.datetime,
    unnamed: str,
    nobody: str,
    first: str,
    day: Callable[[dt.date], str],
) -> Line:
    key, subject, status, stage, opened_at, version, team, child, worker, clock, referred = row
    procedure = procedure_for(version, team)
    due, left = "", None
    if clock is not None:
        due_at = dt.datetime.fromisoformat(clock["due_at"])
        words = remaining(now, due_at, procedure.calendar).partition(", ")[0]
        due, left = clock["title"], Tag(words, COLOURS[bucket(now, due_at)])
    return Line(
        name=child_in_words(child or referred, unnamed),
        url=f"{first}{key}/",
        subject=subject,
        status=STATUS_TAGS[EpisodeStatus(status)] if status != EpisodeStatus.OPEN else None,
        due=due,
        left=left,
        cells=(
            worker or nobody,
            next((each.title for each in procedure.stages if each.key == stage), "") or "–",
            day(local_date(opened_at)),
        ),
    )
