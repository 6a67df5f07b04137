"""Supervision in the words of its pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from teamaround.access.me import Me
from teamaround.agencies.models import Practitioner, Team
from teamaround.sharing.links import page
from teamaround.ui.components import Tag, TagColour
from teamaround.ui.presentation import uk_date, week_day

from .auditing import place_by_seed
from .load import Load
from .loaders import Dates, Measures, Unseen
from .models import AuditState, Feels, FileAudit, Finding, Supervision, SupervisionDecision, SupervisionKind

FEELS: dict[str, Tag] = {
    Feels.FINE: Tag("Fine", "green"),
    Feels.STRETCHED: Tag("Stretched", "orange"),
    Feels.TOO_MUCH: Tag("Too much", "red"),
}
FOUND: dict[str, Tag] = {
    Finding.YES: Tag("Yes", "green"),
    Finding.PARTLY: Tag("Partly", "orange"),
    Finding.NO: Tag("No", "red"),
    Finding.NOT_APPLICABLE: Tag("Does not apply", "grey"),
}
STATES: dict[str, TagColour] = {
    AuditState.DRAWN: "yellow",
    AuditState.FINISHED: "green",
    AuditState.SET_ASIDE: "grey",
}


@dataclass(frozen=True, slots=True)
class Told:
    """One supervision in a list."""

    title: str
    url: str
    line: str
    words: bool


def told(row: Supervision) -> Told:
    """A supervision as its worker's list shows it; of support there is nothing to open."""
    with_whom = _("with %s") % row.supervisor.name if row.supervisor else ""
    more = _("next on %s") % week_day(row.next_on) if row.next_on else ""
    return Told(
        title=row.get_kind_display(),
        url=reverse("supervision:detail", args=[row.uuid]) if row.kind == SupervisionKind.MANAGEMENT else "",
        line=", ".join(part for part in (uk_date(row.held_on), with_whom, more) if part),
        words=bool(row.worker_words),
    )


def read_by(lead: Practitioner | None, me: Me, other: str = "") -> str:
    """Who reads the notes, in a sentence: shown wherever they are written or read."""
    two = _("You and %s read these notes") % other if other else _("You and your supervisor read these notes")
    if lead is None:
        return _("%s, and nobody else.") % two
    if lead.pk == me.principal:
        return _("The two who met read these notes, and you, who manage supervision.")
    return _("%(two)s, and %(lead)s, who manages supervision.") % {"two": two, "lead": lead.name}


@dataclass(frozen=True, slots=True)
class Row:
    """One worker of the team's table. Without figures where the reader does not manage the team."""

    name: str
    url: str
    cells: tuple[str, ...]
    feels: Tag | None
    words: str
    last: str
    next: str
    overdue: bool
    supported: str


def team_rows(
    workers: Sequence[Practitioner],
    dates: Mapping[int, Dates],
    loads: Mapping[int, Load],
    measures: Measures,
    me: Me,
    team: Team,
) -> list[Row]:
    """The workers of a team, by name."""
    today = timezone.localdate()
    found = []
    for worker in workers:
        known = dates.get(worker.pk, Dates(None, None, None))
        load = loads.get(worker.pk)
        found.append(
            Row(
                name=worker.name,
                url=""
                if worker.pk == me.principal
                else reverse("supervision:record", args=[team.slug, worker.uuid]),
                cells=(str(load.families), str(load.late), str(load.appointments)) if load else (),
                feels=FEELS.get(load.feels) if load else None,
                words=load.words if load else "",
                last=_day(known.last_on, _("Never")),
                next=week_day(known.next_on) if known.next_on and known.next_on >= today else "–",
                overdue=known.overdue(measures.supervision_weeks, today),
                supported=_day(known.supported_on, "–"),
            )
        )
    return found


def _day(day: dt.date | None, otherwise: str) -> str:
    return uk_date(day) if day else otherwise


@dataclass(frozen=True, slots=True)
class UnseenRow:
    """A case that no manager decided on for long."""

    name: str
    url: str
    decide_url: str
    worker: str
    last: str


def unseen_rows(cases: Sequence[Unseen]) -> list[UnseenRow]:
    """The cases, the longest without a decision first."""
    return [
        UnseenRow(
            name=case.name or _("A child who is not named yet"),
            url=page("desk:case", case.uuid),
            decide_url=reverse("supervision:decide", args=[case.uuid]),
            worker=case.worker or _("Nobody yet"),
            last=uk_date(case.last_on)
            if case.last_on
            else _("Never, open since %s") % uk_date(case.opened_on),
        )
        for case in cases
    ]


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision that stands on the file."""

    words: str
    why: str
    line: str


def decisions_told(rows: Sequence[SupervisionDecision], names: Mapping[int, str]) -> list[Decided]:
    """Decisions on a case, the latest first."""
    found = []
    for row in rows:
        by = names.get(row.recorded_by_id, "")
        over = _("talked over with %s") % row.with_worker.name if row.with_worker else ""
        line = ", ".join(part for part in (uk_date(row.decided_on), by, over) if part)
        found.append(Decided(row.decision, row.why, line))
    return found


@dataclass(frozen=True, slots=True)
class Draw:
    """One draw in the list: none is left out."""

    number: int
    url: str
    tag: Tag
    drawn: str
    line: str


def draws_told(rows: Sequence[FileAudit]) -> list[Draw]:
    """The draws of a team, the latest first."""
    return [
        Draw(
            number=row.number,
            url=reverse("supervision:audit", args=[row.uuid]),
            tag=Tag(row.get_state_display(), STATES[row.state]),
            drawn=uk_date(row.recorded_at),
            line=row.reason or row.summary,
        )
        for row in rows
    ]


def draw_in_words(row: FileAudit) -> str:
    """How the file was drawn, so that anybody can do it over."""
    n = len(row.pool)
    words = ngettext(
        "Draw %(number)d: from %(n)d open case.", "Draw %(number)d: one of %(n)d open cases.", n
    ) % {"number": row.number, "n": n}
    same = n and place_by_seed(row.seed, row.pool) == row.place and row.pool[row.place] == row.episode_id
    check = _("Drawn again from its recorded number, it gives the same file: nobody chose it.")
    return f"{words} {check if same else _('Drawn again from its recorded number, it gives another file.')}"


def answers_told(row: FileAudit) -> list[dict[str, Any]]:
    """What was found, question by question, and what became of each action."""
    found = []
    for answer in row.answers.select_related("question", "task", "task__owner", "task__owner_team").order_by(
        "question__position", "question_id"
    ):
        task = answer.task
        found.append(
            {
                "question": answer.question.text,
                "tag": FOUND[answer.found],
                "note": answer.note,
                "action": task.title if task else "",
                "state": _("%(state)s: %(who)s, by %(day)s")
                % {"state": task.get_state_display(), "who": task.owner_name, "day": uk_date(task.due_on)}
                if task and task.due_on
                else "",
            }
        )
    return found
