"""What other rooms read of the index."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q
from django.utils import timezone

from teamaround.access.categories import Category
from teamaround.sharing.before import AtWork

from .models import Involvement, InvolvementRole


def teams_involved(subjects: Sequence[int]) -> set[int]:
    """The teams that work with any of the subjects now, as far as I may see; no sensitive service among them, since
    even those who may know that one is involved are not told which."""
    rows = Involvement.objects.filter(subject_id__in=subjects, until=None, category=Category.INDEX)
    return set(rows.values_list("author_team_id", flat=True))


def teams_at_work(subjects: Sequence[int]) -> list[AtWork]:
    """Who works with any of the subjects today, as far as I may see, leads first. One query."""
    rows = (
        Involvement.objects.filter(Q(until=None) | Q(until__gt=timezone.localdate()), subject_id__in=subjects)
        .select_related("author_team__agency", "practitioner")
        .order_by("since", "id")
    )
    found = []
    for row in rows:
        team, worker = row.author_team, row.practitioner
        here = worker is not None and worker.left_at is None
        found.append(
            AtWork(
                subject=row.subject_id,
                team=team.pk,
                lead=row.role == InvolvementRole.LEAD and row.category == Category.INDEX,
                worker=worker.name if worker is not None and here else "",
                team_name=team.name,
                phone=(worker.phone if worker is not None and here else "")
                or team.phone
                or team.agency.phone,
            )
        )
    return sorted(found, key=lambda each: not each.lead)
