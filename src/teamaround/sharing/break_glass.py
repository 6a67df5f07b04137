"""Opening a record in an emergency: in person, for a day, told at once, and reviewed afterwards."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Sequence

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.categories import Category
from teamaround.access.me import Me
from teamaround.events.actions import record

from .actions import BasisRefused, Cell, recorded_before, write_lines
from .models import Answer, Basis, BreakGlassReview, Kind

HOURS = 24
SHORTEST_REASON = 10


def _nobody(*, by: Me, basis: Basis) -> None:
    return None


class Emergency:
    """Whoever governs access, and whoever leads for the subject, is told at once. A floor above says how."""

    tell: Callable[..., None] = staticmethod(_nobody)


@transaction.atomic
def open_in_emergency(
    *,
    by: Me,
    team: int,
    subject: int,
    reason: str,
    categories: Sequence[str],
    token: uuid.UUID | None = None,
) -> Basis:
    """Open categories of a subject to me alone, for 24 hours from now. `team` is the team I act for.

    The information-governance lead and whoever leads for the subject are told in the same transaction, and
    it has to be reviewed. Raises BasisRefused without a reason of some words or without a category.
    """
    recorded = recorded_before(token, Kind.BREAK_GLASS)
    if recorded is not None:
        return recorded
    if len(reason.strip()) < SHORTEST_REASON:
        raise BasisRefused("reason", _("Say what has happened and why you cannot wait."))
    wanted = [category for category in Category if category in categories and category != Category.INDEX]
    if not wanted:
        raise BasisRefused("categories", _("Choose what you need to see."))
    now = timezone.now()
    basis = Basis.objects.create(
        uuid=token or uuid.uuid4(),
        subject_id=subject,
        author_team_id=team,
        kind=Kind.BREAK_GLASS,
        reason=reason.strip(),
        valid_from=now,
        valid_until=now + dt.timedelta(hours=HOURS),
    )
    write_lines(basis, team, [Cell(subject, by.principal, category, Answer.SHARE) for category in wanted])
    record(by=by, team=team, kind="emergency.opened", subjects=[subject])
    Emergency.tell(by=by, basis=basis)
    return basis


def openings() -> QuerySet[Basis]:
    """Openings in an emergency that I may see, those that wait for a review first, the latest first."""
    rows = Basis.objects.filter(kind=Kind.BREAK_GLASS).select_related(
        "author_team__agency", "emergency_review", "recorded_by__practitioner"
    )
    return rows.order_by("emergency_review__id", "-valid_from")


@transaction.atomic
def review_opening(*, by: Me, team: int, basis: Basis, justified: bool, note: str) -> BreakGlassReview:
    """Say whether an opening in an emergency was justified, and why. Only whoever governs access does so, and
    not of what they opened themselves: the database refuses it.

    Reviewed twice, the first review stands. Raises BasisRefused without a note.
    """
    if not note.strip():
        raise BasisRefused("note", _("Say how you came to this view, and what follows from it."))
    review, _made = BreakGlassReview.objects.get_or_create(
        basis=basis,
        defaults={
            "subject_id": basis.subject_id,
            "author_team_id": team,
            "opened_by_id": basis.recorded_by_id,
            "justified": justified,
            "note": note.strip(),
        },
    )
    return review
