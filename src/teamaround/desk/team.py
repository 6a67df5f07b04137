"""The manager's day: a team's capacity, what is late and with whom, what stands still, and the cases by urgency."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from teamaround.access.me import Me
from teamaround.agencies.roles import Permission
from teamaround.people.models import Person
from teamaround.procedures.calendars import procedure_for
from teamaround.procedures.models import ProcedureVersion
from teamaround.procedures.versions import current_version, procedure_of
from teamaround.ui.components import Tag, TagColour
from teamaround.ui.presentation import near_day
from teamaround.workingtime import bucket, remaining

from .clocks import child_in_words
from .models import SavedView, TeamPace
from .team_rows import Case, Worker, cases_of_teams, workers_of

A_PAGE = 50
A_COLUMN = 12
STILL_DAYS = 28
"""After how many days without an event a case is still, where the team has not said so itself."""
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
    """Read the list, or the board. Five queries, however large the team."""
    now = now or timezone.now()
    teams = managed(me)
    cases, workers = cases_of_teams(teams, now=now), workers_of(teams)
    days = _still_days(teams)
    is_kind = _kinds(now, days)
    chosen = _chosen(cases, workers, asked, is_kind)
    here = reverse("desk:board" if board else "desk:team")
    shown = _shown_on_board(chosen) if board else chosen[asked.after : asked.after + A_PAGE]
    names = _names(shown)
    words = _Words(now, {worker.pk: worker.name for worker in workers}, names, _case_address())
    seat = next(seat for seat in me.seats if seat.team in teams)
    families = sum(1 for case in cases if case.status == "open")
    of = _capacity(cases, seat.procedure_slug)
    return TeamDay(
        team=seat.team_name,
        capacity=_("%(taken)s of %(of)s families") % {"taken": families, "of": of}
        if of
        else ngettext("%(n)d family", "%(n)d families", families) % {"n": families},
        room=_room(families, of),
        still_days=days,
        tiles=tuple(_tiles(cases, asked, is_kind, here, days)),
        loads=tuple(_loads(cases, workers, asked, now, days, here)),
        lines=() if board else tuple(words.line(case) for case in shown),
        columns=tuple(_columns(chosen, words, asked)) if board else (),
        filtered=_filtered(asked, workers, days),
        query=asked.query(),
        older=_paged(asked, asked.after + A_PAGE) if not board and len(chosen) > asked.after + A_PAGE else "",
        newest=f"?{asked.query()}" if asked.after else "",
        saved=tuple(_saved(me)),
        subjects=tuple(sorted({case.subject for case in shown if case.subject is not None})),
    )


def _kinds(now: dt.datetime, days: int) -> dict[str, Callable[[Case], bool]]:
    return {
        "late": lambda case: case.late > 0,
        "unallocated": lambda case: case.status == "open" and case.worker is None,
        "waiting": lambda case: case.status == "waiting",
        "still": lambda case: case.still(now, days),
        "six_months": lambda case: case.near_six_months(now),
        "renewal": lambda case: case.renewal,
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


def _chosen(
    cases: Sequence[Case], workers: Sequence[Worker], asked: Asked, is_kind: dict[str, Callable[[Case], bool]]
) -> list[Case]:
    found = list(cases)
    if asked.worker:
        pk = next((worker.pk for worker in workers if str(worker.uuid) == asked.worker), None)
        found = [case for case in found if pk is not None and case.worker == pk]
    if asked.kind in is_kind:
        found = [case for case in found if is_kind[asked.kind](case)]
    if asked.stage:
        found = [case for case in found if case.stage == asked.stage]
    return found


def _still_days(teams: Sequence[int]) -> int:
    set_ = TeamPace.objects.filter(team_id__in=teams).values_list("still_days", flat=True).first()
    return set_ or STILL_DAYS


def _names(shown: Sequence[Case]) -> dict[int, str]:
    subjects = {case.subject for case in shown if case.subject is not None}
    rows: QuerySet[Person] = Person.objects.filter(pk__in=subjects)
    told = rows.values_list("pk", "given", "family_name", "date_of_birth", "born_precision")
    return {
        pk: child_in_words(
            {
                "given": given,
                "family_name": family,
                "born": str(born) if born else None,
                "precision": precision,
            },
            "",
        )
        for pk, given, family, born, precision in told
    }


@dataclass(frozen=True, slots=True)
class _Words:
    """A case in the words of the page."""

    now: dt.datetime
    workers: dict[int, str]
    names: dict[int, str]
    case: str

    def line(self, case: Case) -> Line:
        procedure = procedure_for(case.procedure, case.team)
        left = None
        if case.due_at is not None:
            words = remaining(self.now, case.due_at, procedure.calendar).partition(", ")[0]
            left = Tag(words, COLOURS[bucket(self.now, case.due_at)])
        stage = next((each.title for each in procedure.stages if each.key == case.stage), "")
        return Line(
            name=self.names.get(case.subject or 0) or _("A child who is not named yet"),
            url=f"{self.case}{case.uuid}/",
            left=left,
            due=case.title or "",
            urgent=case.priority == "immediate",
            cells=(
                self.workers.get(case.worker or 0) or _("Nobody yet"),
                stage or "–",
                near_day(case.last or case.opened_at),
            ),
        )


def _case_address() -> str:
    """How the address of a case begins: its pattern is resolved once a page."""
    nowhere = UUID(int=0)
    return reverse("desk:case", args=[nowhere]).partition(str(nowhere))[0]


def _capacity(cases: Sequence[Case], slug: str) -> int:
    """How many families the team holds, by the newest version that a case follows; before the first case, by the
    version in force. 0 where none says so."""
    versions = {case.procedure for case in cases}
    if not versions and slug:
        with suppress(ProcedureVersion.DoesNotExist):
            versions = {current_version(slug).pk}
    return procedure_of(max(versions)).capacity.families if versions else 0


def _room(taken: int, of: int) -> str:
    if not of:
        return ""
    free = of - taken
    if free > 0:
        return ngettext("Room for %(n)d more.", "Room for %(n)d more.", free) % {"n": free}
    return _("No room for more.") if free == 0 else _("%(n)d more than agreed.") % {"n": -free}


def _tiles(
    cases: Sequence[Case], asked: Asked, is_kind: dict[str, Callable[[Case], bool]], here: str, days: int
) -> list[Tile]:
    words = kind_words(days)
    tiles = [Tile(_("All cases"), len(cases), f"{here}?{asked.query(kind='')}", not asked.kind, "quiet")]
    for kind in KINDS:
        count = sum(1 for case in cases if is_kind[kind](case))
        colour = "quiet" if not count else "late" if kind == "late" else "today"
        tiles.append(Tile(words[kind], count, f"{here}?{asked.query(kind=kind)}", asked.kind == kind, colour))
    return tiles


def _loads(
    cases: Sequence[Case], workers: Sequence[Worker], asked: Asked, now: dt.datetime, days: int, here: str
) -> list[Load]:
    open_: Counter[int] = Counter()
    late: defaultdict[int, int] = defaultdict(int)
    still: Counter[int] = Counter()
    for case in cases:
        if case.worker is not None and case.status == "open":
            open_[case.worker] += 1
            late[case.worker] += case.late
            still[case.worker] += case.still(now, days)
    each = procedure_of(max(case.procedure for case in cases)).capacity.per_worker if cases else 0
    found = []
    for worker in workers:
        taken = (
            _("%(taken)s of %(of)s") % {"taken": open_[worker.pk], "of": each}
            if each
            else str(open_[worker.pk])
        )
        key = str(worker.uuid)
        url = f"{here}?{asked.query(worker=key)}"
        cells = (taken, str(late[worker.pk]), str(still[worker.pk]))
        found.append(Load(worker.name, url, asked.worker == key, cells))
    return found


def _stages(cases: Sequence[Case]) -> list[tuple[str, str]]:
    """The stages of the procedures in use, in their order; before them the cases that no stage has begun."""
    found: dict[str, str] = {}
    for version in sorted({case.procedure for case in cases}):
        for stage in procedure_of(version).stages:
            found[stage.key] = stage.title
    return [("", _("Not begun")), *found.items()]


def _shown_on_board(chosen: Sequence[Case]) -> list[Case]:
    counted: Counter[str] = Counter()
    shown = []
    for case in chosen:
        counted[case.stage] += 1
        if counted[case.stage] <= A_COLUMN:
            shown.append(case)
    return shown


def _columns(chosen: Sequence[Case], words: _Words, asked: Asked) -> list[Column]:
    by_stage: defaultdict[str, list[Case]] = defaultdict(list)
    for case in chosen:
        by_stage[case.stage].append(case)
    columns = []
    for key, title in _stages(chosen):
        cases = by_stage[key]
        if not cases and not key:
            continue
        lines = tuple(words.line(case) for case in cases[:A_COLUMN])
        url = f"{reverse('desk:team')}?{asked.query(stage=key)}"
        columns.append(Column(title, len(cases), lines, max(0, len(cases) - A_COLUMN), url))
    return columns


def _filtered(asked: Asked, workers: Sequence[Worker], days: int) -> str:
    said = [kind_words(days).get(asked.kind, "")]
    said += [worker.name for worker in workers if str(worker.uuid) == asked.worker]
    return ", ".join(part for part in said if part)


def _paged(asked: Asked, after: int) -> str:
    return f"?{asked.query(after=str(after))}"


def _saved(me: Me) -> list[Saved]:
    rows = SavedView.objects.filter(practitioner_id=me.principal).order_by("name")
    return [Saved(row.name, f"{reverse('desk:team')}?{row.query}", str(row.uuid)) for row in rows]
