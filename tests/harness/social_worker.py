"""Dina, a social worker of children's services: she refers, and takes part."""

from __future__ import annotations

from django.db import transaction

from harness.cast import Cast, Member, _member
from teamaround.agencies.models import Account, Agency, Principal, Team
from teamaround.database.actor import SET_UP, acting_as


def social_worker(cast: Cast) -> Member:
    """Dina, in a team of the council's; the same one where she is there already."""
    known = Account.objects.filter(email="dina@northmoor.example").first()
    if known is not None:
        with acting_as(SET_UP), transaction.atomic():
            return Member(known, known.practitioner, Team.objects.get(slug="social-work"))
    with acting_as(SET_UP), transaction.atomic():
        team = Team.objects.create(
            principal=Principal.objects.create(kind="team"),
            agency=Agency.objects.get(slug="agency-partnership-office"),
            slug="social-work",
            name="Social work team",
            phone="01632 960170",
            email="social-work@northmoor.example",
        )
        return _member("dina", "Dina Rowe", "Social worker", team, "practitioner")
