"""Noor, the partnership officer: keeps the area's procedures and sees no case."""

from __future__ import annotations

from django.db import transaction

from harness.cast import Cast, Member, _member
from teamaround.database.actor import SET_UP, acting_as


def officer(cast: Cast) -> Member:
    """Noor, in the partnership office."""
    with acting_as(SET_UP), transaction.atomic():
        return _member(
            "noor", "Noor Haddad", "Partnership officer", cast.teams["partnership-office"], "partnership"
        )
