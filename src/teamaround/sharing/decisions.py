"""Deciding to share or not to share, with the reason: recorded in one step, never changed."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.me import Me
from teamaround.events.actions import record

from .actions import BasisRefused
from .bases import duty_in_force
from .before import Outcome, Said, Verdict
from .decision_models import Decided, DecisionLine, ReliedOn, SharingDecision
from .models import Basis

AS_RECORDED = "recorded"
"""The choice of those who share what the page shows as allowed: the basis follows from it."""
WITHOUT_ASKING = (ReliedOn.SAFEGUARDING, ReliedOn.DUTY, ReliedOn.VITAL)


@dataclass(frozen=True, slots=True)
class SharedWith:
    """Whom it is shared with, or not: a team, or an organisation outside the partnership in words."""

    team: int | None = None
    words: str = ""


@transaction.atomic
def record_decision(
    *,
    by: Me,
    team: int,
    subject: int,
    decided: str,
    recipient: SharedWith,
    categories: Collection[str],
    said: Sequence[Said],
    reason: str,
    told_family: bool,
    why_not_told: str = "",
    relied_on: str = AS_RECORDED,
    advice_from: str = "",
    decided_on: dt.date | None = None,
    episode: int | None = None,
    token: uuid.UUID | None = None,
) -> SharingDecision:
    """Record that something was shared, or was not. `said` are the answers of `before.before_sharing` now.

    It sends nothing and opens nothing. The same `token` again gives the decision recorded first. Raises
    BasisRefused without a reason, with nothing or nobody chosen, where the family was not told and no reason is
    given, for a day to come, and where something is shared as recorded that nothing recorded allows.
    """
    recorded = SharingDecision.objects.filter(uuid=token).first() if token else None
    if recorded is not None:
        return recorded
    words = recipient.words.strip() if recipient.team is None else ""
    day = decided_on or timezone.localdate()
    chosen = [each for each in said if each.category in categories]
    _check(recipient, words, chosen, reason, day)
    if not told_family and not why_not_told.strip():
        raise BasisRefused("why_not_told", _("Say why the family was not told."))
    basis = ReliedOn.NONE if decided == Decided.NOT_SHARED else _basis_of(chosen, relied_on)
    row = SharingDecision.objects.create(
        uuid=token or uuid.uuid4(),
        subject_id=subject,
        author_team_id=team,
        decided=decided,
        recipient_id=recipient.team,
        recipient_words=words[:120],
        reason=reason.strip(),
        relied_on=basis,
        advice_from=advice_from.strip(),
        told_family=told_family,
        why_not_told="" if told_family else why_not_told.strip(),
        decided_on=day,
    )
    bases = dict(
        Basis.objects.filter(uuid__in=[each.basis for each in chosen if each.basis]).values_list("uuid", "pk")
    )
    DecisionLine.objects.bulk_create(
        DecisionLine(
            decision=row,
            subject_id=subject,
            author_team_id=team,
            shared_category=each.category,
            basis_id=bases.get(each.basis) if each.basis and each.outcome == Outcome.OPEN else None,
        )
        for each in chosen
    )
    record(by=by, team=team, kind="sharing.decided", subjects=[subject], episode=episode)
    return row


def _check(recipient: SharedWith, words: str, chosen: Sequence[Said], reason: str, day: dt.date) -> None:
    if recipient.team is None and not words:
        raise BasisRefused("recipient_words", _("Name the organisation."))
    if not chosen:
        raise BasisRefused("categories", _("Choose what it is about."))
    if not reason.strip():
        raise BasisRefused("reason", _("Say why."))
    if day > timezone.localdate():
        raise BasisRefused("decided_on", _("Choose today or a day before it."))


def _basis_of(chosen: Sequence[Said], relied_on: str) -> ReliedOn:
    """What a decision to share rests on. A risk of harm outranks a refusal; nothing else does."""
    if relied_on == ReliedOn.DUTY and duty_in_force() is None:
        raise BasisRefused("relied_on", _("The duty to share is not in force here. Choose another reason."))
    if relied_on in WITHOUT_ASKING:
        return ReliedOn(relied_on)
    held_back = [str(each.category.label) for each in chosen if each.verdict != Verdict.ALLOWED]
    if held_back:
        words = _(
            "Nothing recorded lets you share this: %(what)s. Ask first, leave it out, or say below which "
            "other reason you rely on."
        )
        raise BasisRefused("categories", words % {"what": "; ".join(held_back)})
    grounds = {each.ground for each in chosen if each.ground}
    if not grounds or ReliedOn.CONSENT in grounds:
        return ReliedOn.CONSENT
    return ReliedOn(sorted(grounds)[0])


def decisions_about(subjects: Sequence[int], *, me: Me) -> QuerySet[SharingDecision]:
    """My teams' decisions about these subjects, the latest first, with their lines."""
    return (
        SharingDecision.objects.filter(subject_id__in=subjects, author_team_id__in=me.teams)
        .select_related("recipient__agency", "author_team__agency", "recorded_by__practitioner")
        .prefetch_related("lines")
        .order_by("-decided_on", "-id")
    )
