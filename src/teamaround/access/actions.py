"""Business events of access: stating a purpose."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from .me import Me
from .models import Purpose


@transaction.atomic
def state_purpose(*, by: Me, subject: int, reason: str) -> Purpose:
    """State why I look at this subject's index entry; it opens for the rest of the working day (8 hours).

    Stating the same reason again while it holds changes nothing. Raises ValueError for an empty reason.
    """
    reason = reason.strip()
    if not reason:
        raise ValueError("say why you need to look")
    now = timezone.now()
    stated = Purpose.objects.filter(
        subject_id=subject,
        practitioner_id=by.principal,
        team_id=by.team.team,
        reason=reason[:200],
        until__gt=now,
    ).first()
    if stated is not None:
        return stated
    return Purpose.objects.create(
        subject_id=subject,
        practitioner_id=by.principal,
        team_id=by.team.team,
        reason=reason[:200],
        stated_at=now,
        until=now + dt.timedelta(hours=8),
    )
