"""Shields: protecting somebody who could come to harm by being found.

No event is recorded: whoever may read worries about safety would learn from it that there is a shield. The
history of its rows tells who put it up, reviewed it and lifted it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.edits import update_checked
from teamaround.access.me import Me

from .actions import BasisRefused
from .models import Shield, ShieldHolder, ShieldReview

LONGEST = 184
"""Days until a shield is looked at again, at most."""


def shields_of(records: Collection[int]) -> list[Shield]:
    """The shields in force about the person of these records that I may know of, the strictest first."""
    return list(
        Shield.objects.filter(
            Q(valid_until=None) | Q(valid_until__gt=Now()), subject_id__in=records, lifted_at=None
        )
        .select_related("author_team__agency")
        .prefetch_related("holders")
        .order_by("level", "-valid_from")
    )


@transaction.atomic
def put_up_shield(
    *,
    by: Me,
    team: int,
    subject: int,
    level: str,
    reason: str,
    review_on: dt.date,
    holders: Sequence[int] = (),
) -> Shield:
    """Protect somebody from now on. `holders` (teams) are not bound by it; nor is the acting `team`.

    Raises BasisRefused without a reason, or without a review in the next six months.
    """
    if not reason.strip():
        raise BasisRefused("reason", _("Say who could find them and what could happen."))
    _check_review(review_on)
    shield = Shield.objects.create(
        subject_id=subject,
        author_team_id=team,
        level=level,
        reason=reason.strip(),
        review_on=review_on,
        valid_from=timezone.now(),
    )
    add_holders(by=by, shield=shield, holders=holders)
    return shield


@transaction.atomic
def add_holders(*, by: Me, shield: Shield, holders: Sequence[int]) -> None:
    """Name teams whom the shield does not bind. One that is named already stays named."""
    known = {*shield.holders.values_list("holder_id", flat=True), shield.author_team_id}
    ShieldHolder.objects.bulk_create(
        ShieldHolder(
            shield=shield,
            subject_id=shield.subject_id,
            author_team_id=shield.author_team_id,
            holder_id=holder,
        )
        for holder in dict.fromkeys(holders)
        if holder not in known
    )


@transaction.atomic
def review_shield(*, by: Me, shield: Shield, version: int, reason: str, review_on: dt.date) -> ShieldReview:
    """Look again at a shield: it stays up, until a new review. A shield never ends by itself.

    Raises BasisRefused without a reason or without a review in the next six months, or where it was lifted;
    StaleEdit where somebody changed it.
    """
    if shield.lifted_at is not None:
        raise BasisRefused("", _("This shield was lifted already."))
    if not reason.strip():
        raise BasisRefused("reason", _("Say what you looked at, and why it stays."))
    _check_review(review_on)
    update_checked(shield, version=version, review_on=review_on)
    return ShieldReview.objects.create(
        shield=shield,
        subject_id=shield.subject_id,
        author_team_id=shield.author_team_id,
        reason=reason.strip(),
        review_on=review_on,
    )


@transaction.atomic
def lift_shield(*, by: Me, shield: Shield, version: int, reason: str) -> Shield:
    """Lift a shield: what it hid shows again, at once, to those whose grants open it.

    Raises BasisRefused without a reason or where it was lifted already; StaleEdit where somebody changed it.
    """
    if shield.lifted_at is not None:
        raise BasisRefused("", _("This shield was lifted already."))
    if not reason.strip():
        raise BasisRefused("reason", _("Say why they are safe without it, and who agreed."))
    update_checked(shield, version=version, lifted_at=timezone.now(), lifted_reason=reason.strip()[:500])
    return shield


def _check_review(review_on: dt.date) -> None:
    today = timezone.localdate()
    if not today < review_on <= today + dt.timedelta(days=LONGEST):
        raise BasisRefused("review_on", _("Choose a review date within the next six months."))
