"""What the templates show: versions, counts of past cases, what a move changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.disclosure import Shown, show
from teamaround.procedures.engine import ClockState
from teamaround.procedures.models import ProcedureVersion
from teamaround.procedures.moving import Changes
from teamaround.procedures.whatif import Cell
from teamaround.ui.components import Tag
from teamaround.ui.presentation import uk_date, uk_time

from .words import who_words


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version in a list."""

    number: int
    tag: Tag
    since: str
    by: str
    note: str
    withdraw_url: str = ""


def version_lines(
    versions: Sequence[ProcedureVersion], current: ProcedureVersion | None, *, may_change: bool = False
) -> list[VersionLine]:
    """Versions, the one that takes effect last first; who may, can withdraw one that has not begun."""
    now = timezone.now()
    found = []
    for each in versions:
        coming = each.effective_from > now and each.withdrawn_at is None
        if each.withdrawn_at is not None:
            tag = Tag(_("Withdrawn"), "grey")
        elif current is not None and each.pk == current.pk:
            tag = Tag(_("In force"), "green")
        else:
            tag = Tag(_("To come"), "blue") if coming else Tag(_("Earlier"), "grey")
        since = uk_date(timezone.localtime(each.effective_from).date())
        by = each.published_by.name if each.published_by else _("Came with the product")
        note = each.note
        if each.withdrawn_at is not None:
            said = {"who": each.withdrawn_by.name if each.withdrawn_by else "", "why": each.withdrawn_why}
            note = f"{note} " + _("Withdrawn by %(who)s: %(why)s") % said
        withdraw = (
            reverse("practice:withdraw", args=[each.slug, each.number]) if coming and may_change else ""
        )
        found.append(
            VersionLine(each.number, tag, since if each.published_by else "", by, note.strip(), withdraw)
        )
    return found


@dataclass(frozen=True, slots=True)
class CellLine:
    """One stage and team of the comparison, as it may be shown."""

    stage: str
    team: str
    began: str
    today: str
    changed: str
    tag: Tag | None


@dataclass(frozen=True, slots=True)
class Tried:
    """The comparison: stages and teams where something differs, then the others; and all of it together."""

    cases: str
    differing: tuple[CellLine, ...]
    alike: tuple[CellLine, ...]
    today: str
    changed: str


def count_words(shown: Shown) -> str:
    """A count as it may be told."""
    return _("Fewer than %(most)d") % {"most": shown.high + 1} if shown.known is None else f"{shown.known:,}"


def tried(cells: Iterable[Cell], *, cases: int, stages: Mapping[str, str], teams: Mapping[int, str]) -> Tried:
    """Counts as the room `disclosure` says: under five not told apart, others rounded; sums from what is shown
    alone, since an exact sum would give a small count back."""
    differing: list[CellLine] = []
    alike: list[CellLine] = []
    today: list[Shown] = []
    changed: list[Shown] = []
    for cell in cells:
        before, after = show(cell.today.late, zero_tells=False), show(cell.changed.late, zero_tells=False)
        today.append(before)
        changed.append(after)
        line = CellLine(
            stage=stages.get(cell.stage) or _("Outside the stages"),
            team=teams.get(cell.team, ""),
            began=count_words(show(max(cell.today.began, cell.changed.began), zero_tells=False)),
            today=count_words(before),
            changed=count_words(after),
            tag=_difference(before, after),
        )
        (alike if before == after else differing).append(line)
    return Tried(
        cases=count_words(show(cases, zero_tells=False)),
        differing=tuple(differing),
        alike=tuple(alike),
        today=_range(today),
        changed=_range(changed),
    )


def _difference(before: Shown, after: Shown) -> Tag | None:
    if before == after:
        return None
    return Tag(_("Fewer late"), "green") if after.low < before.low else Tag(_("More late"), "red")


def _range(counts: Sequence[Shown]) -> str:
    low, high = sum(each.low for each in counts), sum(each.high for each in counts)
    if low == high:
        return f"{low:,}"
    return _("from %(low)s to %(high)s") % {"low": f"{low:,}", "high": f"{high:,}"}


@dataclass(frozen=True, slots=True)
class MoveLine:
    """One clock that a move changes."""

    title: str
    what: Tag
    before: str
    after: str


def move_lines(told: Changes) -> list[MoveLine]:
    """The clocks that begin, move or end, in words."""
    lines = [MoveLine(each.title, Tag(_("Begins"), "blue"), "", _owed(each)) for each in told.begins]
    lines += [
        MoveLine(each.after.title, Tag(_("Changes"), "yellow"), _owed(each.before), _owed(each.after))
        for each in told.moved
    ]
    return lines + [MoveLine(each.title, Tag(_("Ends"), "grey"), _owed(each), "") for each in told.ends]


def _owed(clock: ClockState) -> str:
    said = _("Due %(when)s, by %(who)s") % {"when": _moment(clock.due_at), "who": who_words(clock.who)}
    return f"{said} ({_('late')})" if clock.state == "late" else said


def _moment(at: dt.datetime) -> str:
    local = timezone.localtime(at)
    return f"{uk_date(local.date())}, {uk_time(local)}"
