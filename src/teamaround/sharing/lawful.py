"""On which ground of the UK GDPR a team uses somebody's data: neither consent nor agreement to a service."""

from __future__ import annotations

from django.db import transaction

from teamaround.access.edits import update_checked
from teamaround.access.me import Me

from .models import LawfulBasis


def lawful_basis_of(subject: int, team: int) -> LawfulBasis | None:
    """What a team of mine stated; None where it has not."""
    return LawfulBasis.objects.filter(subject_id=subject, author_team_id=team).first()


@transaction.atomic
def state_lawful_basis(
    *, by: Me, team: int, subject: int, article6: str, article9: str = "", note: str = ""
) -> LawfulBasis:
    """State the ground, anew or for the first time; what stood before is kept in the history."""
    known = lawful_basis_of(subject, team)
    if known is None:
        return LawfulBasis.objects.create(
            subject_id=subject, author_team_id=team, article6=article6, article9=article9, note=note.strip()
        )
    update_checked(known, version=known.version, article6=article6, article9=article9, note=note.strip())
    return known
