"""What other rooms read of the index."""

from __future__ import annotations

from collections.abc import Sequence

from .models import Involvement


def teams_involved(subjects: Sequence[int]) -> set[int]:
    """The teams that work with any of the subjects now, as far as I may see."""
    rows = Involvement.objects.filter(subject_id__in=subjects, until=None)
    return set(rows.values_list("author_team_id", flat=True))
