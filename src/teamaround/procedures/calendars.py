"""The calendar of an episode: its procedure's, as its team keeps it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace

from teamaround.rota.calendars import local
from teamaround.workingtime import Calendar, Closure, Term
from teamaround.workingtime.calendar import Hours

from .format import Procedure
from .models import ProcedureVersion
from .versions import current_version, procedure_of


class _Book:
    """The procedures as teams keep them, for one state of the area's calendars."""

    stamp: uuid.UUID | None = None
    found: dict[tuple[int, int], tuple[Procedure, Procedure]] = {}
    shared: dict[tuple[int, Hours | None, tuple[Closure, ...]], tuple[Procedure, Procedure]] = {}
    """Teams that keep the same hours and closures share one calendar, and what was worked out on it."""


def procedure_for(version: int, team: int, *, hold: bool = False) -> Procedure:
    """A version of a procedure with the calendar that the team keeps: the opening hours of its site, the closures of
    the area, of the site and of the team, and the area's school terms.

    Worked out once a process until calendars change; a page may be a minute behind. With `hold` it is what stands now,
    until the transaction ends: for whoever writes down what is reckoned from it.
    """
    facts = local(hold=hold)
    if _Book.stamp != facts.stamp:
        _Book.found, _Book.shared, _Book.stamp = {}, {}, facts.stamp
    book = _Book.found
    plain = procedure_of(version)
    kept = book.get((version, team))
    if kept is None or kept[0] is not plain:
        hours, closures = facts.hours_of(team), facts.closures_of(team)
        kept = _Book.shared.get((version, hours, closures))
        if kept is None or kept[0] is not plain:
            kept = plain, _kept_by(plain, hours, closures, facts.terms)
            _Book.shared[version, hours, closures] = kept
        book[version, team] = kept
    return kept[1]


def keeper() -> Callable[[Procedure, int], Procedure]:
    """Gives a procedure, which need not be a version yet, the calendar that a team keeps now. One reading serves
    all teams."""
    facts = local()
    return lambda plain, team: _kept_by(plain, facts.hours_of(team), facts.closures_of(team), facts.terms)


def calendar_of(version: int, team: int) -> Calendar:
    """The calendar by which the clocks of a team's episodes run, under this version of a procedure."""
    return procedure_for(version, team).calendar


def team_calendar(slug: str, team: int) -> Calendar | None:
    """The calendar of the procedure of that name now in force, as the team keeps it; None where there is none."""
    try:
        return calendar_of(current_version(slug).pk, team)
    except ProcedureVersion.DoesNotExist:
        return None


def _kept_by(
    plain: Procedure, hours: Hours | None, closures: tuple[Closure, ...], terms: tuple[Term, ...]
) -> Procedure:
    calendar = plain.calendar.locally(opening=hours, closures=closures, terms=terms)
    if calendar is plain.calendar:
        return plain
    # A further calendar has hours of its own for a purpose: the site's hours do not replace them.
    further = {key: each.locally(closures=closures, terms=terms) for key, each in plain.calendars.items()}
    return replace(plain, calendar=calendar, calendars=further)
