"""Reasons for sharing that stand without consent: recorded with why and until when they are looked at again."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.edits import update_checked
from teamaround.access.me import Me
from teamaround.events.actions import record

from .actions import BasisRefused, Cell, recorded_before, write_lines
from .models import Answer, Basis, BasisReview, DutyPeriod, Kind, ReviewOutcome


@dataclass(frozen=True, slots=True)
class Ground:
    """One kind of reason: how long it may stand before a review, in days, and the event that records it."""

    effective_from: dt.date
    longest: int
    event: str


GROUNDS: dict[str, tuple[Ground, ...]] = {
    Kind.SAFEGUARDING: (Ground(dt.date(1989, 11, 16), 184, "safeguarding.noted"),),
    Kind.DUTY: (Ground(dt.date(2026, 1, 1), 184, "duty.noted"),),
    Kind.VITAL: (Ground(dt.date(1989, 11, 16), 7, "vital.noted"),),
}
"""From a day on; the latest that has begun rules."""


def ground_of(kind: str, on: dt.date) -> Ground:
    """The rules for a kind on a day. Raises LookupError for a kind that needs consent, a panel or an emergency."""
    found = [ground for ground in GROUNDS.get(kind, ()) if ground.effective_from <= on]
    if not found:
        raise LookupError(f"no ground {kind!r}")
    return found[-1]


def duty_in_force() -> DutyPeriod | None:
    """The period of the law's duty to share that is in force now; None while it is switched off."""
    begun = DutyPeriod.objects.filter(effective_from__lte=Now())
    return (
        begun.filter(Q(effective_until=None) | Q(effective_until__gt=Now()))
        .order_by("-effective_from")
        .first()
    )


@transaction.atomic
def record_basis(
    *,
    by: Me,
    team: int,
    kind: str,
    subject: int,
    reason: str,
    review_on: dt.date,
    cells: Sequence[Cell],
    told_family: bool = True,
    episode: int | None = None,
    token: uuid.UUID | None = None,
) -> Basis:
    """Record a safeguarding reason, the legal duty to share, or vital interests. It opens what its cells share
    at once, and ends with the day of its review unless somebody reviews it.

    `told_family` false keeps it from the family's own pages. The same `token` again gives the basis recorded
    first. Raises BasisRefused without a reason, without a review soon enough, with no cell, or for the duty
    while it is not in force.
    """
    recorded = recorded_before(token, kind)
    if recorded is not None:
        return recorded
    today = timezone.localdate()
    ground = ground_of(kind, today)
    if kind == Kind.DUTY and duty_in_force() is None:
        raise BasisRefused("", _("The duty to share is not in force here. Choose another reason."))
    if not reason.strip():
        raise BasisRefused("reason", _("Say what the risk is and why sharing is needed."))
    _check_review(review_on, ground)
    wanted = [cell for cell in cells if cell.answer == Answer.SHARE]
    if not wanted:
        raise BasisRefused("cells", _("Choose what to share and with whom."))
    basis = Basis.objects.create(
        uuid=token or uuid.uuid4(),
        subject_id=subject,
        author_team_id=team,
        kind=kind,
        reason=reason.strip(),
        valid_from=timezone.now(),
        review_on=review_on,
        told_family=told_family,
    )
    write_lines(basis, team, wanted)
    record(
        by=by,
        team=team,
        kind=ground.event,
        subjects=sorted({cell.subject for cell in wanted}),
        episode=episode,
    )
    return basis


def _check_review(review_on: dt.date, ground: Ground) -> None:
    today = timezone.localdate()
    if not today < review_on <= today + dt.timedelta(days=ground.longest):
        if ground.longest <= 7:
            raise BasisRefused("review_on", _("Choose a review date within the next seven days."))
        raise BasisRefused("review_on", _("Choose a review date within the next six months."))


@transaction.atomic
def review_basis(
    *,
    by: Me,
    basis: Basis,
    version: int,
    outcome: str,
    reason: str,
    review_on: dt.date | None = None,
    episode: int | None = None,
) -> BasisReview:
    """Look again at a basis that stands without consent: it goes on to a new review date, or ends now.

    Reviewed after its date it opens again what it opened. Raises BasisRefused without a reason, without the
    next date where it goes on, or where it has ended; StaleEdit where somebody changed it.
    """
    ground = ground_of(basis.kind, timezone.localdate())
    if basis.withdrawn_at is not None:
        raise BasisRefused("", _("This has ended already."))
    if not reason.strip():
        raise BasisRefused("reason", _("Say what you looked at, and why it goes on or ends."))
    goes_on = outcome == ReviewOutcome.GOES_ON
    if goes_on:
        if review_on is None:
            raise BasisRefused("review_on", _("Choose when it is looked at again."))
        _check_review(review_on, ground)
        update_checked(basis, version=version, review_on=review_on)
    else:
        update_checked(
            basis,
            version=version,
            withdrawn_at=max(timezone.now(), basis.valid_from),
            withdrawn_reason=reason.strip()[:500],
        )
    review = BasisReview.objects.create(
        basis=basis,
        subject_id=basis.subject_id,
        author_team_id=basis.author_team_id,
        outcome=outcome,
        reason=reason.strip(),
        review_on=review_on if goes_on else None,
    )
    subjects = sorted(set(basis.lines.values_list("subject_id", flat=True)))
    kind = "basis.reviewed" if goes_on else "basis.ended"
    record(by=by, team=basis.author_team_id, kind=kind, subjects=subjects, episode=episode)
    return review


@transaction.atomic
def switch_duty_on(
    *, by: int, authority: str, effective_from: dt.date, effective_until: dt.date | None = None
) -> DutyPeriod:
    """Say that the law's duty to share is in force from a day on, and by what authority. `by` is the
    administrator's principal: the database refuses anybody else. `effective_until` is the last day.

    Raises BasisRefused without an authority, where the end is before the start, or where another period
    covers some of these days.
    """
    start = _start_of(effective_from)
    end = _start_of(effective_until + dt.timedelta(days=1)) if effective_until is not None else None
    if not authority.strip():
        raise BasisRefused("authority", _("Name the law and the order that brought it into force."))
    if end is not None and end <= start:
        raise BasisRefused("effective_until", _("The last day must not be before the first."))
    later = Q() if end is None else Q(effective_from__lt=end)
    if DutyPeriod.objects.filter(later, Q(effective_until=None) | Q(effective_until__gt=start)).exists():
        raise BasisRefused("effective_from", _("The duty is in force on some of these days already."))
    return DutyPeriod.objects.create(
        effective_from=start, effective_until=end, authority=authority.strip(), set_by_id=by
    )


@transaction.atomic
def switch_duty_off(*, by: int, period: DutyPeriod) -> DutyPeriod:
    """End a period now. What was opened under the duty closes at once. Ended twice, it ended once."""
    now = timezone.now()
    if period.effective_until is None or period.effective_until > now:
        ends = max(now, period.effective_from + dt.timedelta(microseconds=1))
        DutyPeriod.objects.filter(pk=period.pk).update(effective_until=ends, set_by_id=by)
        period.effective_until = ends
    return period


def _start_of(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))
