"""A register of every child of an area: loaded only under an authorisation that rests on an assessment of its impact.

The index holds children with an involvement. A register's children have none; they are found as entries of the index
and are taken out of it again when the authorisation is revoked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from teamaround.access.me import Me
from teamaround.agencies.models import Agency
from teamaround.agencies.refusals import Refused

from .models import Authorisation

NOT_IN_FORCE = (
    "No authorisation for a register of every child of the area is in force for your agency. An administrator "
    "records one, with the reference and the date of the data protection impact assessment."
)


class AuthorisationRefused(Refused):
    """An authorisation cannot be recorded or revoked so; `field` names the form field."""


def in_force(agencies: Iterable[int], *, on: dt.date | None = None) -> list[Authorisation]:
    """The authorisations of these agencies that are in force on a day (today), the latest recorded first."""
    day = on or timezone.localdate()
    return list(
        Authorisation.objects.filter(
            agency_id__in=set(agencies),
            revoked_at=None,
            effective_from__lte=day,
            effective_until__gte=day,
        ).select_related("agency")
    )


def covers(authorisation: Authorisation, *, by: Me, team: int) -> bool:
    """Whether the authorisation is in force today for the agency of this team of mine. The database asks again."""
    agencies = {seat.agency for seat in by.seats if seat.team == team}
    return authorisation.pk in {one.pk for one in in_force(agencies)}


@transaction.atomic
def authorise(
    *,
    by: Me,
    agency: Agency,
    area: str,
    assessment_reference: str,
    assessed_on: dt.date,
    decided_by: str,
    effective_from: dt.date,
    effective_until: dt.date,
) -> Authorisation:
    """Record that an agency may load every child of an area in these days, both included.

    Raises AuthorisationRefused where something is not said, where the days do not follow each other (the assessment
    comes first), and where the assessment is dated later than today. Only administrators may: the database asks.
    """
    for field, said in (
        ("area", area),
        ("assessment_reference", assessment_reference),
        ("decided_by", decided_by),
    ):
        if not said.strip():
            raise AuthorisationRefused(
                "Fill this in. A register is loaded only on a written decision.", field
            )
    if assessed_on > timezone.localdate():
        raise AuthorisationRefused("The assessment must have been made already.", "assessed_on")
    if effective_from < assessed_on:
        raise AuthorisationRefused(
            "It can begin only on the day of the assessment or later.", "effective_from"
        )
    if effective_until < effective_from:
        raise AuthorisationRefused("The last day must not be before the first.", "effective_until")
    made = Authorisation.objects.create(
        agency=agency,
        area=area.strip()[:120],
        assessment_reference=assessment_reference.strip()[:80],
        assessed_on=assessed_on,
        decided_by=decided_by.strip()[:120],
        effective_from=effective_from,
        effective_until=effective_until,
    )
    made.refresh_from_db()
    return made
