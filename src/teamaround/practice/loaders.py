"""What the pages read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from django.db.models import F, Q
from django.utils import timezone

from teamaround.agencies.models import Team
from teamaround.procedures.drafts import read_draft
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
    known: bool = True
    """Whether a version stands, in force or to come; a new procedure is a draft alone."""


def in_force(versions: Sequence[ProcedureVersion]) -> ProcedureVersion | None:
    """The version in force now, of versions that come with the last to take effect first."""
    now = timezone.now()
    return next((each for each in versions if each.effective_from <= now and each.withdrawn_at is None), None)


def lines() -> list[ProcedureLine]:
    """All procedures, by name. Three queries, and one for each text that this process has not read yet."""
    rows = ProcedureVersion.objects.filter(withdrawn_at=None).defer("text")
    changed = Q(based_on=None) & ~Q(text="") | Q(based_on__isnull=False) & ~Q(text=F("based_on__text"))
    drafts = {draft.slug: draft for draft in ProcedureDraft.objects.filter(changed)}
    teams: dict[str, list[str]] = {}
    followers = Team.objects.filter(ended_at=None).select_related("agency")
    for team in followers.order_by("agency__name", "name"):
        for slug in dict.fromkeys([team.procedure_slug, *team.further_procedures]):
            teams.setdefault(slug, []).append(f"{team.agency.name}, {team.name}")
    found = []
    for slug, group in groupby(rows.order_by("slug", "-effective_from", "-number"), key=lambda row: row.slug):
        versions = list(group)
        current = in_force(versions)
        words = procedure_of((current or versions[-1]).pk)
        coming = tuple(
            each for each in versions if current is None or each.effective_from > current.effective_from
        )
        draft = drafts.pop(slug, None) is not None
        followed = tuple(teams.get(slug, ()))
        found.append(ProcedureLine(slug, words.name, words.summary, current, coming, followed, draft))
    for slug, new in drafts.items():
        read, _problems = read_draft(slug, new.text)
        name, summary = (read.name, read.summary) if read is not None else (slug, "")
        found.append(ProcedureLine(slug, name, summary, None, (), (), draft=True, known=False))
    return sorted(found, key=lambda line: line.name)


def team_names(keys: set[int]) -> dict[int, str]:
    """Names of teams by key."""
    rows = Team.objects.filter(pk__in=keys).select_related("agency")
    return {team.pk: f"{team.agency.name}, {team.name}" for team in rows}
