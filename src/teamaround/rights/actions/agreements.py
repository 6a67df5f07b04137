"""Sharing agreements between agencies: added, renewed, ended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.edits import update_checked
from teamaround.access.me import Me

from ..models import AgreementAct, AgreementParty, SharingAgreement
from . import RightsRefused


@transaction.atomic
def add_agreement(
    *, by: Me, agencies: Sequence[int], purpose: str, reference: str, since: dt.date, review_on: dt.date
) -> SharingAgreement:
    """Add an agreement of two agencies or more. Raises RightsRefused for fewer, or a review before its start."""
    if len(set(agencies)) < 2:
        raise RightsRefused(_("Choose two agencies or more."), "agencies")
    if review_on <= since:
        raise RightsRefused(_("The review must be after the beginning."), "review_on")
    agreement = SharingAgreement.objects.create(
        purpose=purpose.strip(), reference=reference.strip(), since=since, review_on=review_on
    )
    AgreementParty.objects.bulk_create(
        AgreementParty(agreement=agreement, agency_id=agency) for agency in sorted(set(agencies))
    )
    AgreementAct.objects.create(agreement=agreement, act="added", review_on=review_on, by_id=by.principal)
    return agreement


@transaction.atomic
def renew_agreement(*, by: Me, agreement: SharingAgreement, review_on: dt.date, version: int) -> None:
    """It goes on until a new review. Raises RightsRefused for a day that is not to come; StaleEdit."""
    if review_on <= timezone.localdate():
        raise RightsRefused(_("The next review must be a day to come."), "review_on")
    update_checked(agreement, version=version, review_on=review_on)
    AgreementAct.objects.create(agreement=agreement, act="renewed", review_on=review_on, by_id=by.principal)


@transaction.atomic
def end_agreement(*, by: Me, agreement: SharingAgreement, reason: str, version: int) -> None:
    """It ends today, and why. Raises RightsRefused without a reason; StaleEdit."""
    if not reason.strip():
        raise RightsRefused(_("Say why it ends."), "reason")
    update_checked(agreement, version=version, ended_on=timezone.localdate(), ended_reason=reason.strip())
    AgreementAct.objects.create(agreement=agreement, act="ended", by_id=by.principal)
