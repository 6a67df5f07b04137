"""Saying what one thinks of a pair, and asking again about one that was decided."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _

from teamaround.access.me import Me
from teamaround.agencies.refusals import Refused
from teamaround.agencies.roles import Permission
from teamaround.people.merges import merge_records
from teamaround.people.merging import root_of
from teamaround.people.models import Merge

from .models import OPEN_STATES, Answer, AskedAgain, Opinion, Pair, PairState

#: What the database answers where a rule of the desk is broken.
_DECIDED = ("TA012", "TA013", "23505")


class OpinionRefused(Refused):
    """The opinion cannot be kept as given; `field` names the form field, the message says what to do."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message, field)


@dataclass(frozen=True, slots=True)
class Said:
    """What followed from an opinion: the pair as it stands now, and the merge where it joined the records."""

    pair: Pair
    merge: Merge | None = None


@transaction.atomic
def give_opinion(*, by: Me, team: int, pair: Pair, answer: str, reason: str, into: int | None = None) -> Said:
    """Say whether two records are one child. Where that settles it as the same child, the records are joined, with
    `into`, one of the two persons, standing for the child from now on (the first recorded where nobody chose).

    A pair whose weight is near the middle asks for two people who agree, and so does one of which people differ; who
    cannot tell leaves it to another. Raises OpinionRefused without a reason or the permission, for a pair that was
    decided meanwhile and for a second opinion by the same person; MergeRefused where the records cannot be joined:
    then nothing is kept.
    """
    if not by.may_for(Permission.MERGE_RECORDS, team):
        raise OpinionRefused("", _("Your team’s manager decides this."))
    if answer not in Answer.values:
        raise OpinionRefused("answer", _("Choose an answer."))
    if not reason.strip():
        raise OpinionRefused("reason", _("Say why."))
    try:
        with transaction.atomic():
            Opinion.objects.create(
                pair=pair,
                subject_id=pair.subject_id,
                other_id=pair.other_id,
                asked=pair.asked,
                answer=answer,
                reason=reason.strip()[:300],
                team_id=team,
            )
    except DatabaseError as refused:
        if getattr(refused.__cause__, "sqlstate", "") not in _DECIDED:
            raise
        words = _("This pair was decided a moment ago, or you have answered already. Nothing was changed.")
        raise OpinionRefused("", words) from refused
    pair.refresh_from_db()
    if pair.state != PairState.SAME or pair.merge_id is not None:
        return Said(pair)
    one, other = root_of(pair.subject_id), root_of(pair.other_id)
    stands = into if into in (one, other) else min(one, other)
    merge = merge_records(
        by=by, team=team, person=other if stands == one else one, into=stands, reason=reason
    )
    pair.refresh_from_db()
    return Said(pair, merge)


@transaction.atomic
def ask_again(*, by: Me, team: int, pair: Pair, reason: str) -> Pair:
    """Put a pair that was decided as different children before people once more. It is never joined without them.

    Raises OpinionRefused without a reason or the permission, and for any other pair: where two records were joined,
    undoing the merge decides anew.
    """
    if not by.may_for(Permission.MERGE_RECORDS, team):
        raise OpinionRefused("", _("Your team’s manager decides this."))
    if not reason.strip():
        raise OpinionRefused("reason", _("Say what is known now that was not known then."))
    try:
        with transaction.atomic():
            AskedAgain.objects.create(
                pair=pair,
                subject_id=pair.subject_id,
                other_id=pair.other_id,
                asked=pair.asked + 1,
                reason=reason.strip()[:300],
                team_id=team,
            )
    except DatabaseError as refused:
        if getattr(refused.__cause__, "sqlstate", "") not in _DECIDED:
            raise
        raise OpinionRefused("", _("This pair is open already.")) from refused
    pair.refresh_from_db()
    return pair


def is_open(pair: Pair) -> bool:
    """Whether the pair waits for somebody's answer."""
    return pair.state in OPEN_STATES
