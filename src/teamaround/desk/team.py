"""The manager's day: a team's capacity, what is late and with whom, what stands still, and the cases by urgency."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from teamaround.access.me import Me
from teamaround.agencies.roles import Permission
from teamaround.database.asking import Question, ask
from teamaround.procedures.calendars import procedure_for
from teamaround.procedures.format import Procedure
from teamaround.procedures.models import ProcedureVersion
from teamaround.procedures.versions import current_version, procedure_of
from teamaround.ui.addresses import around_key
from teamaround.ui.components import Tag, TagColour
from teamaround.ui.presentation import near_day
from teamaround.workingtime import bucket, remaining

from .clocks import told_child

A_PAGE = 50
A_COLUMN = 12
STILL_DAYS = 28
"""After how many days without an event a case is still, where the team has not said so itself."""
NEAR_SIX_MONTHS = 183 - 28
"""After how many days a case is near six months."""
RENEWAL_DAYS = 28
"""How long before a consent runs out it waits to be renewed."""
COLOURS: dict[str, TagColour] = {"late": "red", "today": "orange", "this_week": "grey", "later": "grey"}
KINDS = ("late", "unallocated", "waiting", "still", "six_months", "renewal")


@dataclass(frozen=True, slots=True)
class Asked:
    """Which cases are asked for: of a worker, of a kind, in a stage. Empty asks for all; `after` pages on."""

    worker: str = ""
    kind: str = ""
    stage: str = ""
    after: int = 0

    def query(self, **other: str) -> str:
        """These filters as the part of an address that follows the question mark, with `other` in their place."""
        given = {"worker": self.worker, "kind": self.kind, "stage": self.stage} | other
        return urlencode({key: value for key, value in given.items() if value})


@dataclass(frozen=True, slots=True)
class Tile:
    """One count, and the address that shows the cases behind it."""

    text: str
    count: int
    url: str
    current: bool
    colour: str


@dataclass(frozen=True, slots=True)
class Load:
    """One worker's cases."""

    name: str
    url: str
    current: bool
    cells: tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Line:
    """One case of the list, or one card of the board."""

    name: str
    url: str
    left: Tag | None
    due: str
    urgent: bool
    cells: tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Column:
    """One stage of the board. `more` counts the cards that are left out, `url` shows them all."""

    title: str
    count: int
    lines: tuple[Line, ...]
    more: int
    url: str


@dataclass(frozen=True, slots=True)
class Saved:
    """A view that was kept under a name."""

    name: str
    url: str
    key: str


@dataclass(frozen=True, slots=True)
class TeamDay:
    """Everything the page shows. `lines` are filled for the list, `columns` for the board."""

    team: str
    capacity: str
    room: str
    still_days: int
    tiles: tuple[Tile, ...]
    loads: tuple[Load, ...]
    lines: tuple[Line, ...]
    columns: tuple[Column, ...]
    filtered: str
    query: str
    older: str
    newest: str
    saved: tuple[Saved, ...]
    subjects: tuple[int, ...]

    @property
    def headings(self) -> tuple[str, str, str]:
        """What the last columns of the list are called."""
        return _("Worker"), _("Stage"), _("Last event")

    @property
    def load_headings(self) -> tuple[str, str, str]:
        """What the columns of the workers' table are called."""
        return _("Families"), _("Late"), _("Still")


def managed(me: Me) -> tuple[int, ...]:
    """The teams that I manage."""
    return tuple(team for team in me.teams if me.may_for(Permission.DECIDE_REFERRALS, team))


def load_team(me: Me, asked: Asked, *, board: bool = False, now: dt.datetime | None = None) -> TeamDay:
    """Read the list, or the board. One query, however large the team."""
    now = now or timezone.now()
    told = ask(_questions(me, asked, board, now))
    cases, views = told["cases"], told["views"]
    days, counts, chosen = cases["days"], cases["counts"], cases["chosen"]
    here = reverse("desk:board" if board else "desk:team")
    words = _Words(now, around_key("desk:case")[0])
    seat = next(seat for seat in me.seats if seat.team in managed(me))
    families = counts["open"]
    of = _capacity(cases["versions"], seat.procedure_slug)
    more = not board and chosen > asked.after + A_PAGE
    return TeamDay(
        team=seat.team_name,
        capacity=_("%(taken)s of %(of)s families") % {"taken": families, "of": of}
        if of
        else ngettext("%(n)d family", "%(n)d families", families) % {"n": families},
        room=_room(families, of),
        still_days=days,
        tiles=tuple(_tiles(counts, asked, here, days)),
        loads=tuple(_loads(cases, asked, here)),
        lines=() if board else tuple(words.line(row) for row in cases["lines"]),
        columns=tuple(_columns(cases, words, asked)) if board else (),
        filtered=_filtered(asked, cases["loads"], days),
        query=asked.query(),
        older=_paged(asked, asked.after + A_PAGE) if more else "",
        newest=f"?{asked.query()}" if asked.after else "",
        saved=tuple(Saved(name, f"{reverse('desk:team')}?{query}", key) for name, query, key in views),
        subjects=tuple(sorted({row[SUBJECT] for row in cases["lines"] if row[SUBJECT] is not None})),
    )


def _questions(me: Me, asked: Asked, board: bool, now: dt.datetime) -> dict[str, Question]:
    values = (list(managed(me)), now, STILL_DAYS, NEAR_SIX_MONTHS, RENEWAL_DAYS)
    filters = (asked.worker, asked.kind, asked.stage, asked.after, A_PAGE, A_COLUMN if board else 0)
    return {
        "cases": Question(
            "app.team_cases(%s::int[], %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)", (*values, *filters)
        ),
        "views": Question("app.my_views(%s)", (me.principal,)),
    }


def kind_words(days: int) -> dict[str, str]:
    """What each kind of case is called."""
    return {
        "late": _("Something late"),
        "unallocated": _("Without a worker"),
        "waiting": _("Waiting for an answer"),
        "still": ngettext("Nothing for %(n)d day", "Nothing for %(n)d days", days) % {"n": days},
        "six_months": _("Near or past six months"),
        "renewal": _("Consent to renew"),
    }


SUBJECT = 1
STAGE = 3
"""Where the row of a case, as `app.team_cases` tells it, says whom it is about, and in which stage it is."""


class _Words:
    """A case in the words of the page."""

    def __init__(self, now: dt.datetime, case: str) -> None:
        self.now, self.case, self.today = now, case, timezone.localdate()
        self.procedure = functools.cache(procedure_for)
        self.stages = functools.cache(self._stages)
        self.nobody, self.unnamed = _("Nobody yet"), _("A child who is not named yet")

    def _stages(self, version: int, team: int) -> dict[str, str]:
        return {stage.key: stage.title for stage in self.procedure(version, team).stages}

    def line(self, row: Sequence[Any]) -> Line:
        """One case of the list, or one card of the board."""
        key, _subject, priority, stage, version, team, opened, last, due, title, worker, *child = row
        left = None
        if due is not None:
            due_at = dt.datetime.fromisoformat(due)
            procedure: Procedure = self.procedure(version, team)
            words = remaining(self.now, due_at, procedure.calendar).partition(", ")[0]
            left = Tag(words, COLOURS[bucket(self.now, due_at)])
        return Line(
            name=told_child(child, self.today) or self.unnamed,
            url=f"{self.case}{key}/",
            left=left,
            due=title or "",
            urgent=priority == "immediate",
            cells=(
                worker or self.nobody,
                self.stages(version, team).get(stage) or "–",
                near_day(dt.datetime.fromisoformat(last or opened), self.today),
            ),
        )


def _capacity(versions: Sequence[int], slug: str) -> int:
    """How many families the team holds, by the newest version that a case follows; before the first case, by the
    version in force. 0 where none says so."""
    if not versions and slug:
        with suppress(ProcedureVersion.DoesNotExist):
            versions = [current_version(slug).pk]
    return procedure_of(max(versions)).capacity.families if versions else 0


def _room(taken: int, of: int) -> str:
    if not of:
        return ""
    free = of - taken
    if free > 0:
        return ngettext("Room for %(n)d more.", "Room for %(n)d more.", free) % {"n": free}
    return _("No room for more.") if free == 0 else _("%(n)d more than agreed.") % {"n": -free}


def _tiles(counts: Mapping[str, int], asked: Asked, here: str, days: int) -> list[Tile]:
    words = kind_words(days)
    tiles = [Tile(_("All cases"), counts[""], f"{here}?{asked.query(kind='')}", not asked.kind, "quiet")]
    for kind in KINDS:
        count = counts[kind]
        colour = "quiet" if not count else "late" if kind == "late" else "today"
        tiles.append(Tile(words[kind], count, f"{here}?{asked.query(kind=kind)}", asked.kind == kind, colour))
    return tiles


def _loads(cases: Mapping[str, Any], asked: Asked, here: str) -> list[Load]:
    versions = cases["versions"]
    each = procedure_of(max(versions)).capacity.per_worker if versions else 0
    found = []
    of = _("%(taken)s of %(of)s")
    for key, name, taken, late, still in cases["loads"]:
        words = of % {"taken": taken, "of": each} if each else str(taken)
        url = f"{here}?{asked.query(worker=key)}"
        found.append(Load(name, url, asked.worker == key, (words, str(late), str(still))))
    return found


def _stages(versions: Sequence[int]) -> list[tuple[str, str]]:
    """The stages of the procedures in use, in their order; before them the cases that no stage has begun."""
    found: dict[str, str] = {}
    for version in sorted(versions):
        for stage in procedure_of(version).stages:
            found[stage.key] = stage.title
    return [("", _("Not begun")), *found.items()]


def _columns(cases: Mapping[str, Any], words: _Words, asked: Asked) -> list[Column]:
    columns = []
    for key, title in _stages(cases["chosen_versions"]):
        count = cases["stages"].get(key, 0)
        if not count and not key:
            continue
        lines = tuple(words.line(row) for row in cases["lines"] if row[STAGE] == key)
        url = f"{reverse('desk:team')}?{asked.query(stage=key)}"
        columns.append(Column(title, count, lines, max(0, count - A_COLUMN), url))
    return columns


def _filtered(asked: Asked, loads: Sequence[Sequence[Any]], days: int) -> str:
    said = [kind_words(days).get(asked.kind, "")]
    said += [name for key, name, *_counts in loads if key == asked.worker]
    return ", ".join(part for part in said if part)


def _paged(asked: Asked, after: int) -> str:
    return f"?{asked.query(after=str(after))}"
