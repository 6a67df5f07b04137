"""What of uploads somebody may open: those of the teams for which they bring in caseloads."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet

from teamaround.access.me import Me
from teamaround.access.requests import StaffRequest, load
from teamaround.agencies.roles import Permission

from .models import ImportRun, Shape

M = TypeVar("M", ImportRun, Shape)


def importing_teams(me: Me) -> list[int]:
    """The teams of mine whose caseload I may bring in. One that I am only on duty for, or keep, is none."""
    return [team for team in me.teams if me.may_for(Permission.IMPORT_CASELOAD, team)]


def load_own(request: StaffRequest, rows: QuerySet[M], uuid: UUID) -> M:
    """The upload, or the remembered shape, of a team whose caseload I may bring in. 404 for another team's, 403 where
    the team is mine by another role: a right in one team opens nothing of the next."""
    found = load(request, rows, uuid=uuid)
    if found.author_team_id not in importing_teams(request.me):
        raise PermissionDenied
    return found
