"""On which ground of the UK GDPR a team uses somebody's data: neither consent nor agreement to a service."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from teamaround.access.edits import update_checked
from teamaround.access.me import Me

from .models import LawfulBasis


def lawful_basis_of(records: Sequence[int], team: int) -> LawfulBasis | None:
    """What a team of mine stated about the subject of these records, the latest; None where it has not."""
    return LawfulBasis.objects.filter(subject_id__in=records, author_team_id=team).order_by("-pk").first()


@transaction.atomic
def state_lawful_basis(
    *, by: Me, team: int, records: Sequence[int], article6: str, article9: str = "", note: str = ""
) -> LawfulBasis:
    """State the ground, anew or for the first time (under the first of the records); what stood before is kept in
    the history."""
    known = lawful_basis_of(records, team)
    if known is None:
        return LawfulBasis.objects.create(
            subject_id=records[0],
            author_team_id=team,
            article6=article6,
            article9=article9,
            note=note.strip(),
        )
    update_checked(known, version=known.version, article6=article6, article9=article9, note=note.strip())
    return known
