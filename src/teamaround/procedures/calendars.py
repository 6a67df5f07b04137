"""The calendar of an episode: its procedure's, as its team keeps it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace

from teamaround.rota.calendars import Local, local
from teamaround.workingtime import Calendar

from .format import Procedure
from .models import ProcedureVersion
from .versions import current_version, procedure_of


class _Book:
    """The procedures as teams keep them, for one state of the area's calendars."""

    stamp: uuid.UUID | None = None
    found: dict[tuple[int, int], tuple[Procedure, Procedure]] = {}


def procedure_for(version: int, team: int, *, hold: bool = False) -> Procedure:
    """A version of a procedure with the calendar that the team keeps: the opening hours of its site, the closures of
    the area, of the site and of the team, and the area's school terms.

    Worked out once a process until calendars change; a page may be a minute behind. With `hold` it is what stands now,
    until the transaction ends: for whoever writes down what is reckoned from it.
    """
    facts = local(hold=hold)
    if _Book.stamp != facts.stamp:
        _Book.found, _Book.stamp = {}, facts.stamp
    book = _Book.found
    plain = procedure_of(version)
    kept = book.get((version, team))
    if kept is None or kept[0] is not plain:
        kept = book[version, team] = plain, _kept_by(plain, team, facts)
    return kept[1]


def keeper() -> Callable[[Procedure, int], Procedure]:
    """Gives a procedure, which need not be a version yet, the calendar that a team keeps now. One reading serves
    all teams."""
    facts = local()
    return lambda plain, team: _kept_by(plain, team, facts)


def calendar_of(version: int, team: int) -> Calendar:
    """The calendar by which the clocks of a team's episodes run, under this version of a procedure."""
    return procedure_for(version, team).calendar


def team_calendar(slug: str, team: int) -> Calendar | None:
    """The calendar of the procedure of that name now in force, as the team keeps it; None where there is none."""
    try:
        return calendar_of(current_version(slug).pk, team)
    except ProcedureVersion.DoesNotExist:
        return None


def _kept_by(plain: Procedure, team: int, facts: Local) -> Procedure:
    closures = facts.closures_of(team)
    calendar = plain.calendar.locally(opening=facts.hours_of(team), closures=closures, terms=facts.terms)
    if calendar is plain.calendar:
        return plain
    # A further calendar has hours of its own for a purpose: the site's hours do not replace them.
    further = {
        key: each.locally(closures=closures, terms=facts.terms) for key, each in plain.calendars.items()
    }
    return replace(plain, calendar=calendar, calendars=further)
