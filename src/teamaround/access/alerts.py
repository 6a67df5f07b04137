"""Alerts about looks: settling one, changing when they are raised, the list of well-known names."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from teamaround.agencies.refusals import Refused

from .me import Me
from .models import Alert, AlertKind, AlertOutcome, AlertRule, FamilyLink, FamousName


class AlertRefused(Refused):
    """It cannot be done as asked; the message says what to do, `field` names the part of the form."""


@transaction.atomic
def settle(*, by: Me, alert: Alert, outcome: str, reason: str) -> None:
    """Settle an alert once, with what was found and why. Raises AlertRefused where it is settled already."""
    reason = reason.strip()
    if not reason:
        raise AlertRefused("Say what you found out, and from whom.", "reason")
    if outcome not in AlertOutcome.values:
        raise AlertRefused("Choose what you found.", "outcome")
    settled = Alert.objects.filter(pk=alert.pk, settled_at=None).update(
        settled_at=timezone.now(), settled_by_id=by.principal, outcome=outcome, reason=reason[:500]
    )
    if not settled:
        raise AlertRefused("Somebody settled this alert just now. Open it again to read what they found.")


@transaction.atomic
def set_rule(
    *,
    by: Me,
    kind: str,
    active: bool = True,
    limit: int | None = None,
    opens: dt.time | None = None,
    closes: dt.time | None = None,
    agency: int | None = None,
    effective_from: dt.datetime | None = None,
) -> AlertRule:
    """From now, or a later moment, raise alerts of a kind by this rule. Raises AlertRefused for one that cannot be."""
    if active and kind == AlertKind.MANY and not limit:
        raise AlertRefused("Enter a number of people from 1.", "limit")
    if active and kind == AlertKind.OUT_OF_HOURS and (opens is None or closes is None or closes <= opens):
        raise AlertRefused("The closing time must be after the opening time.", "closes")
    return AlertRule.objects.create(
        kind=kind,
        active=active,
        limit=limit if kind == AlertKind.MANY else None,
        opens=opens,
        closes=closes,
        agency_id=agency,
        effective_from=effective_from or timezone.now(),
        set_by_id=by.principal,
    )


@transaction.atomic
def add_famous_name(*, by: Me, given: str, family_name: str) -> FamousName:
    """Put a name on the list. Raises AlertRefused where half of it is missing."""
    given, family_name = given.strip(), family_name.strip()
    if not given or not family_name:
        raise AlertRefused("Enter both names.", "given" if not given else "family_name")
    return FamousName.objects.create(given=given, family_name=family_name, added_by_id=by.principal)


@transaction.atomic
def end_famous_name(*, name: FamousName) -> None:
    """Take a name off the list; the row stays."""
    FamousName.objects.filter(pk=name.pk, ended_at=None).update(ended_at=timezone.now())


@transaction.atomic
def declare_family(*, by: Me, family_name: str, given: str = "", postcode: str = "") -> FamilyLink:
    """A practitioner says who of their own family may be in the records. Raises AlertRefused without a name."""
    if not family_name.strip():
        raise AlertRefused("Enter the family name.", "family_name")
    return FamilyLink.objects.create(
        practitioner_id=by.principal,
        family_name=family_name.strip(),
        given=given.strip(),
        postcode=postcode.strip().upper(),
    )


@transaction.atomic
def end_family_link(*, by: Me, link: int) -> None:
    """Take back what one declared of one's own family; the row stays. Another's is left as it is."""
    FamilyLink.objects.filter(pk=link, practitioner_id=by.principal, ended_at=None).update(
        ended_at=timezone.now()
    )
