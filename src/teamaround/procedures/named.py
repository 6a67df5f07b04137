"""Whom the words of a procedure name: the manager, the lead practitioner, the chair, the one on duty, the senior manager."""

from __future__ import annotations

from collections.abc import Callable

from teamaround.agencies.models import Team
from teamaround.rota.duty import on_duty

from .late import managers_of

SENIOR = "senior_manager"
DUTY = "duty_worker"


def named(who: str, *, team: int, worker: int | None) -> set[int]:
    """The practitioners that a word names for a case of `team` which `worker` has, None where nobody does.

    The lead practitioner, and the chair of a meeting, is whoever has the case. The senior manager is whoever the team
    named for it. The duty worker is whoever is on duty now. Where a word names nobody, a manager of the team is told, so that something is never told to no one.
    """
    return _NAMES.get(who, _nobody)(team, worker) or managers_of([team])


def senior_of(team: int) -> int | None:
    """Whom the team named as its senior manager, while they work in the area; None where it named nobody."""
    return (
        Team.objects.filter(pk=team, senior_manager__left_at=None)
        .values_list("senior_manager_id", flat=True)
        .first()
    )


def _nobody(team: int, worker: int | None) -> set[int]:
    return set()


def _worker(team: int, worker: int | None) -> set[int]:
    return {worker} if worker is not None else set()


def _senior(team: int, worker: int | None) -> set[int]:
    found = senior_of(team)
    return {found} if found is not None else set()


def _on_duty(team: int, worker: int | None) -> set[int]:
    return on_duty([team]).get(team, set())


_NAMES: dict[str, Callable[[int, int | None], set[int]]] = {
    "lead_practitioner": _worker,
    "chair": _worker,
    DUTY: _on_duty,
    SENIOR: _senior,
}
