"""What a parent's pages about a child show. Of what others answered they tell no more than that it counts."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.forms import BoundField
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from teamaround.ui.presentation import uk_date

from .children import CellNow, Child, teams_of
from .forms import ChildForm
from .own import Holder, Shared, key_of
from .pages import Line, team_name
from .words import ASKED, CHILDS_KINDS, CHILDS_WHY

ORDER = list(CHILDS_KINDS)


def child_key(parent: int, child: Child, what: str = "") -> uuid.UUID:
    """What stands in a URL for a child, or for something about the child: good for this parent alone."""
    return key_of(parent, f"child:{child.subject}:{what}")


def says_now(child: Child, cells: Iterable[CellNow], shared: Iterable[Shared]) -> dict[tuple[int, str], str]:
    """What stands in each cell, in words."""
    words: dict[tuple[int, str], list[str]] = {}
    for each in shared:
        if not each.agreed:
            why = str(CHILDS_WHY[each.why]) % {"name": child.name}
            words.setdefault((each.holder, each.category), []).append(_("Now: yes. %(why)s") % {"why": why})
    for cell in cells:
        if cell.answer and (line := _said(cell)):
            words.setdefault((cell.holder, cell.category), []).append(line)
    return {key: " ".join(dict.fromkeys(lines)) for key, lines in words.items()}


def _said(cell: CellNow) -> str:
    if cell.said_at is None or cell.until is None:
        return ""
    last = timezone.localdate(cell.until - dt.timedelta(microseconds=1))
    day = {"day": uk_date(timezone.localdate(cell.said_at)), "until": uk_date(last)}
    if cell.answer == "ended":
        return _("You said yes on %(day)s. That has run out. Do you still say yes?") % day
    if cell.answer == "share":
        if cell.stands == "apart":
            line = _(
                "You said yes on %(day)s. Not everybody who may answer agrees, so it is not shared for now."
            )
            return line % day
        return _("Now: yes. You said yes on %(day)s. It runs until %(until)s.") % day
    said = (
        _("You said no on %(day)s.") if cell.answer == "refuse" else _("You said “ask me first” on %(day)s.")
    )
    if cell.stands == "settled":
        return (
            f"{said % day} {_('Not everybody agreed. Somebody who works with you settled it: it is shared.')}"
        )
    return said % day


def said_before(cells: Iterable[CellNow]) -> dict[tuple[int, str], str]:
    """What the form starts with: the parent's own answers, less those that ran out."""
    return {
        (cell.holder, cell.category): cell.answer for cell in cells if cell.answer and cell.answer != "ended"
    }


@dataclass(frozen=True, slots=True)
class TeamPart:
    """One team of the grid: its questions, and what the child has answered."""

    name: str
    team: str
    line: str
    unfolded: bool
    fields: Sequence[BoundField]
    own: Sequence[str]


def team_parts(form: ChildForm, cells: Sequence[CellNow]) -> list[TeamPart]:
    """The teams of the grid, each with what was said so far; one alone is unfolded, and where something is wrong."""
    teams = teams_of(cells)
    return [
        TeamPart(
            name=team.agency,
            team=team.name,
            line=_progress(team, cells),
            unfolded=len(teams) == 1 or form.touched(team.team),
            fields=[form[name] for name in form.asked_of(team.team)],
            own=[
                str(CHILDS_KINDS[kind])
                for kind in ASKED
                if any(cell.own and cell.holder == team.team and cell.category == kind for cell in cells)
            ],
        )
        for team in teams
    ]


def _progress(team: Holder, cells: Iterable[CellNow]) -> str:
    answers = [cell.answer for cell in cells if cell.holder == team.team and cell.answer and not cell.own]
    parts = []
    for answer, one, many in (
        ("share", "%(n)d yes", "%(n)d yes"),
        ("refuse", "%(n)d no", "%(n)d no"),
        ("ask", "%(n)d “ask me first”", "%(n)d “ask me first”"),
    ):
        if count := answers.count(answer):
            parts.append(ngettext(one, many, count) % {"n": count})
    return _("You said: %(answers)s.") % {"answers": ", ".join(parts)} if parts else _("No answer yet.")


@dataclass(frozen=True, slots=True)
class StopChoice:
    """Something that a parent can stop, and the way to its page."""

    what: str
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class StopTeam:
    """A team that a parent said yes to: all of it, or kind by kind."""

    name: str
    everything: StopChoice
    kinds: Sequence[StopChoice]


def stop_teams(parent: int, child: Child, cells: Sequence[CellNow]) -> list[StopTeam]:
    """What the parent said yes to, team by team and kind by kind; not where the child's own word counts."""
    yes = [cell for cell in cells if cell.answer == "share" and not cell.own]
    return [
        StopTeam(
            name=team_name(team),
            everything=_stop(parent, child, f"team:{team.team}", team_name(team)),
            kinds=[
                _stop(parent, child, f"cell:{team.team}:{kind}", str(CHILDS_KINDS[kind]))
                for kind in ASKED
                if any(cell.holder == team.team and cell.category == kind for cell in yes)
            ],
        )
        for team in teams_of(yes)
    ]


def stop_kinds(parent: int, child: Child, cells: Sequence[CellNow]) -> list[StopChoice]:
    """The kinds that the parent said yes to for more than one team."""
    yes = [cell.category for cell in cells if cell.answer == "share" and not cell.own]
    return [
        _stop(parent, child, f"kind:{kind}", str(CHILDS_KINDS[kind])) for kind in ASKED if yes.count(kind) > 1
    ]


def _stop(parent: int, child: Child, what: str, text: str) -> StopChoice:
    mine = child_key(parent, child)
    url = reverse("portal:child_stop", args=[mine, child_key(parent, child, what)])
    return StopChoice(what, text, url)


@dataclass(frozen=True, slots=True)
class Stopping:
    """What of it is to be stopped: everything, or one team, one kind, or both."""

    holder: int | None = None
    category: str | None = None

    def covers(self, holder: int, category: str) -> bool:
        """Whether this cell is meant."""
        return self.holder in (None, holder) and self.category in (None, category)


def stoppable(parent: int, child: Child, cells: Iterable[CellNow]) -> Mapping[uuid.UUID, Stopping]:
    """By the key of its page, all that the parent has answered: sent twice, it has stopped."""
    found = {"all": Stopping()}
    for cell in cells:
        if cell.answer:
            found[f"team:{cell.holder}"] = Stopping(cell.holder)
            found[f"kind:{cell.category}"] = Stopping(None, cell.category)
            found[f"cell:{cell.holder}:{cell.category}"] = Stopping(cell.holder, cell.category)
    return {child_key(parent, child, what): stopping for what, stopping in found.items()}


def stops_and_goes_on(
    child: Child, cells: Sequence[CellNow], shared: Sequence[Shared], stopping: Stopping
) -> tuple[list[Line], list[Line]]:
    """What ends, and what the same teams go on seeing, and why."""
    own = {(cell.holder, cell.category) for cell in cells if cell.own}
    yes = {(cell.holder, cell.category) for cell in cells if cell.answer == "share" and not cell.stands}
    ending = [cell for cell in yes if stopping.covers(*cell)]
    going = {cell for cell in yes if not stopping.covers(*cell)}
    meant = {holder for holder, _kind in ending}
    stays: list[tuple[int, str, str]] = []
    for each in shared:
        key = (each.holder, each.category)
        if key in own or (stopping != Stopping() and each.holder not in meant):
            continue
        if not each.agreed:
            stays.append((*key, str(CHILDS_WHY[each.why]) % {"name": child.name}))
        elif key in going:
            stays.append((*key, _("You said yes.")))
    kept = {(holder, category) for holder, category, _why in stays}
    names = {each.holder: team_name(each) for each in shared} | {
        team.team: team_name(team) for team in teams_of(cells)
    }
    ends = [(*cell, "") for cell in ending if cell not in kept]
    return _lines(ends, names), _lines(stays, names)


def _lines(rows: Iterable[tuple[int, str, str]], names: Mapping[int, str]) -> list[Line]:
    found: dict[tuple[str, str], list[str]] = {}
    for holder, category, why in sorted(rows, key=lambda row: (names[row[0]], ORDER.index(row[1]))):
        kinds = found.setdefault((names[holder], why), [])
        if category not in kinds:
            kinds.append(category)
    return [
        Line(who, [str(CHILDS_KINDS[kind]) for kind in kinds if kind in CHILDS_KINDS], why)
        for (who, why), kinds in found.items()
    ]


def what_words(stopping: Stopping, cells: Iterable[CellNow]) -> tuple[str, str]:
    """The team and the kind that are to be stopped, each empty where all are."""
    team = next((team_name(each) for each in teams_of(cells) if each.team == stopping.holder), "")
    kind = str(CHILDS_KINDS[stopping.category]) if stopping.category else ""
    return team, kind


def told_of_others(child: Child, cells: Sequence[CellNow]) -> list[str]:
    """What is said first where the child has answered, or where not everybody agrees."""
    lines = []
    if any(cell.own for cell in cells):
        words = _(
            "%(name)s has answered some of this. That is good. There %(name)s’s own answer counts, "
            "so we do not ask you."
        )
        lines.append(words % {"name": child.name})
    if any(cell.stands == "apart" for cell in cells):
        words = _(
            "Not everybody who may answer for %(name)s agrees about some of this. Until somebody who works with you "
            "has settled it, it is not shared."
        )
        lines.append(words % {"name": child.name})
    return lines
