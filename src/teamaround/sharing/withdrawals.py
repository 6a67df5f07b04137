"""Taking back what was agreed: at once, in whole or cell by cell, whoever recorded it."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import ProgrammingError, connection, transaction
from django.utils.translation import gettext as _

from teamaround.access.categories import Category
from teamaround.access.me import FamilyMember, Me

from .actions import BasisRefused, LeadPractitioner
from .models import How

_REFUSE = "select app.refuse_cells(%s::bigint, %s::bigint, %s::int[], %s::text[], %s::int, %s, %s)"


@transaction.atomic
def withdraw_cells(
    *,
    by: Me | FamilyMember,
    subject: int,
    giver: int,
    team: int | None = None,
    holders: Sequence[int] | None = None,
    categories: Sequence[str] | None = None,
    how: str = How.VERBAL,
    reason: str = "",
) -> int:
    """Take back what `giver` agreed about `subject`, from now on: for these holders and categories, or for all
    of them (None). It counts at the next request of anybody, and stands until the giver decides again.

    A practitioner names the acting `team`, which must work with the subject; a family member (`team` None) is
    the giver themselves. The subject, as giver, takes back what anybody agreed for them. Where both holders and
    categories are named the refusal is recorded whether or not anything was shared. Records the event, and asks
    the lead practitioner to find out what lies behind it.

    Returns how many permissions were ended, less those whose number would tell of a sensitive service. Raises
    BasisRefused where nothing was chosen, or where this is not theirs to take back.
    """
    if holders is not None and not holders:
        raise BasisRefused("cells", _("Choose what is no longer shared, and with whom."))
    if categories is not None and (not categories or not set(categories) <= set(Category.values)):
        raise BasisRefused("cells", _("Choose what is no longer shared, and with whom."))
    told = [subject, giver, list(holders) if holders else None, list(categories) if categories else None]
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_REFUSE, [*told, team, how, reason.strip()[:1000]])
            (ended,) = cursor.fetchone()
    except ProgrammingError as refused:
        if getattr(refused.__cause__, "sqlstate", "") != "42501":
            raise
        words = _("Only they themselves, or a team that works with them, can take this back.")
        raise BasisRefused("given_by", words) from refused
    LeadPractitioner.ask_why(subject=subject, team=team)
    return int(ended)
