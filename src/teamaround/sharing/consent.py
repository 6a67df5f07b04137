"""Taking consent from a family: the rules of standing around the plain recording in `actions`."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.me import Me

from .actions import BasisRefused, Cell, record_consent
from .circle import own_refusals
from .models import Answer, Basis, Capacity
from .standing import Party, months_after, refusal, rules_on


class CellRefused(BasisRefused):
    """One cell cannot stand: `holder` and `category` say which."""

    def __init__(self, holder: int, category: str, message: str) -> None:
        super().__init__("cells", message)
        self.holder = holder
        self.category = category


def start_of(day: dt.date) -> dt.datetime:
    """The first moment of a day in this area."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))


@transaction.atomic
def take_consent(
    *,
    by: Me,
    team: int,
    child: int,
    giver: Party,
    capacity: str,
    subjects: Sequence[Party],
    answers: Sequence[tuple[int, str, str]],
    since: dt.date,
    until: dt.date,
    how: str,
    witness: str = "",
    understanding: str = "",
    token: uuid.UUID | None = None,
) -> Basis:
    """Record what somebody agreed for themselves or a child: `answers` are (holder, category, answer) for
    every subject. It holds from `since` (from now, where that is today) to the end of `until`.

    Raises BasisRefused where the giver has no standing, the days are wrong, or nothing was answered; and
    CellRefused where the child has decided otherwise: a competent child's own decision stands.
    """
    today = timezone.localdate()
    if until < since:
        raise BasisRefused("until", _("The last day must not be before the first."))
    if until < today:
        raise BasisRefused("until", _("The last day is past. Choose one that is still to come."))
    longest = rules_on(today).longest_months
    if until > months_after(since, longest):
        words = _("Consent is asked again after %(months)d months at most. Choose an earlier day.")
        raise BasisRefused("until", words % {"months": longest})
    if since > today:
        raise BasisRefused("since", _("Choose today or a day before it: the day they said it."))
    if how == "verbal" and not witness.strip():
        raise BasisRefused("witness", _("Name the person who heard it."))
    refused = refusal(giver=giver, subjects=subjects, capacity=capacity, note=understanding, on=today)
    if refused is not None:
        raise BasisRefused(refused.field, refused.words)
    if capacity == Capacity.PARENT:
        _own_decisions_stand(subjects, answers)
    cells = [
        Cell(subject.subject, holder, category, answer)
        for subject in subjects
        for holder, category, answer in answers
    ]
    try:
        with transaction.atomic():
            return record_consent(
                by=by,
                team=team,
                subject=child,
                given_by=giver.subject,
                capacity=capacity,
                how=how,
                witness=witness,
                understanding=understanding,
                valid_from=None if since == today else start_of(since),
                valid_until=start_of(until + dt.timedelta(days=1)),
                cells=cells,
                token=token,
            )
    except IntegrityError as twice:
        found = Basis.objects.filter(uuid=token).first() if token else None
        if found is None:
            raise BasisRefused("", _("Open this page again, then send it once more.")) from twice
        return found


def _own_decisions_stand(subjects: Sequence[Party], answers: Sequence[tuple[int, str, str]]) -> None:
    refusals = own_refusals([subject.subject for subject in subjects])
    for subject in subjects:
        for holder, category, answer in answers:
            if answer == Answer.SHARE and (subject.subject, holder, category) in refusals:
                words = _("%(name)s decided not to share this with them. That decision stands: ask %(name)s.")
                raise CellRefused(holder, category, words % {"name": subject.name})
