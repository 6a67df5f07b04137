"""What the pages read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from django.db.models import F
from django.utils import timezone

from teamaround.agencies.models import Team
from teamaround.procedures.models import ProcedureDraft, ProcedureVersion
from teamaround.procedures.versions import procedure_of


@dataclass(frozen=True, slots=True)
class ProcedureLine:
    """One procedure of the area; `coming` are versions that are published and not in force yet."""

    slug: str
    name: str
    summary: str
    current: ProcedureVersion | None
    coming: tuple[ProcedureVersion, ...]
    teams: tuple[str, ...]
    draft: bool


def in_force(versions: Sequence[ProcedureVersion]) -> ProcedureVersion | None:
    """The version in force now, of versions that come with the last to take effect first."""
    now = timezone.now()
    return next((each for each in versions if each.effective_from <= now), None)


def lines() -> list[ProcedureLine]:
    """All procedures, by name. Three queries, and one for each text that this process has not read yet."""
    rows = ProcedureVersion.objects.defer("text").order_by("slug", "-effective_from", "-number")
    drafts = set(ProcedureDraft.objects.exclude(text=F("based_on__text")).values_list("slug", flat=True))
    teams: dict[str, list[str]] = {}
    followers = Team.objects.filter(ended_at=None).exclude(procedure_slug="").select_related("agency")
    for team in followers.order_by("agency__name", "name"):
        teams.setdefault(team.procedure_slug, []).append(f"{team.agency.name}, {team.name}")
    found = []
    for slug, group in groupby(rows, key=lambda row: row.slug):
        versions = list(group)
        current = in_force(versions)
        words = procedure_of((current or versions[-1]).pk)
        coming = tuple(
            each for each in versions if current is None or each.effective_from > current.effective_from
        )
        found.append(
            ProcedureLine(
                slug, words.name, words.summary, current, coming, tuple(teams.get(slug, ())), slug in drafts
            )
        )
    return sorted(found, key=lambda line: line.name)


def team_names(keys: set[int]) -> dict[int, str]:
    """Names of teams by key."""
    rows = Team.objects.filter(pk__in=keys).select_related("agency")
    return {team.pk: f"{team.agency.name}, {team.name}" for team in rows}
