"""What a parent decides for a child under 16 on their own phone. The database checks anew that they may."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, ProgrammingError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.me import FamilyMember
from teamaround.agencies.refusals import Refused
from teamaround.notices.actions import notify
from teamaround.sharing.actions import BasisRefused
from teamaround.sharing.consent import start_of
from teamaround.sharing.models import Answer, How
from teamaround.sharing.standing import months_after, rules_on
from teamaround.sharing.withdrawals import withdraw_cells
from teamaround.sharing.wording import PARENTS_PHONE

from .own import Holder, Shared, rows_of


@dataclass(frozen=True, slots=True)
class Child:
    """A child for whom the person who is signed in may answer now."""

    subject: int
    given: str
    family_name: str

    @property
    def name(self) -> str:
        """What one calls them."""
        return self.given or self.family_name

    @property
    def full_name(self) -> str:
        """Given and family name as one reads them."""
        return f"{self.given} {self.family_name}".strip()


@dataclass(frozen=True, slots=True)
class CellNow:
    """One team and kind: what the parent said last, and whether it stands.

    `answer`: share, ask, refuse, ended where a yes ran out, or empty. `stands`: own where the child's own word
    counts, apart where a yes does not stand since not everybody agrees, settled where a no was settled over.
    """

    holder: int
    team: str
    agency: str
    category: str
    answer: str
    said_at: dt.datetime | None
    until: dt.datetime | None
    stands: str

    @property
    def own(self) -> bool:
        """Whether the child has answered this."""
        return self.stands == "own"


class AnswerRefused(Refused):
    """A parent's answer cannot stand; `field` names the form field, the message says what to do."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message, field)


def my_children() -> list[Child]:
    """The children for whom I may answer now, the eldest first. Nothing tells of any other."""
    return [Child(*row) for row in rows_of("select * from app.my_children()")]


def child_sharing(child: Child) -> list[Shared]:
    """Who may see what of the child now, as far as I may know: on what I said, or without anybody's yes."""
    rows = rows_of(
        "select * from app.child_sharing(%s) order by agency, team, category, since", [child.subject]
    )
    return [Shared(*row) for row in rows]


def child_cells(child: Child) -> list[CellNow]:
    """Each team that may be answered, with what I said last; a team without any answer comes once, with no
    category."""
    rows = rows_of("select * from app.child_cells(%s) order by agency, team, category", [child.subject])
    return [CellNow(*row) for row in rows]


def teams_of(cells: Iterable[CellNow]) -> list[Holder]:
    """The teams, each once, by agency and name."""
    found = {cell.holder: Holder(cell.holder, cell.team, cell.agency) for cell in cells}
    return sorted(found.values(), key=lambda holder: (holder.agency, holder.name))


def mark_of(cells: Sequence[CellNow]) -> str:
    """A mark that changes whenever what these cells say changes."""
    said = [(c.holder, c.category, c.answer, c.said_at, c.until, c.stands) for c in cells]
    return hashlib.sha256(repr(said).encode()).hexdigest()[:32]


@transaction.atomic
def give_child_consent(
    *,
    by: FamilyMember,
    child: Child,
    answers: Sequence[tuple[int, str, str]],
    until: dt.date,
    token: uuid.UUID,
) -> bool:
    """Record what a parent decides for a child: (team, category, answer) for each, from now to the end of `until`.

    It counts at the next request of anybody; what is left out stays as it was. The same token again records
    nothing, and False is returned. Raises AnswerRefused where nothing was answered, where `until` is past or
    more than the longest time ahead, and where the database says that it is not theirs to decide (any more).
    """
    if not answers:
        raise AnswerRefused("", _("Choose an answer for at least one of them."))
    today = timezone.localdate()
    longest = rules_on(today).longest_months
    if until < today:
        raise AnswerRefused("until", _("That day is past. It starts today, so choose a later day."))
    if until > months_after(today, longest):
        words = _("That is too far away. Choose a day in the next %(months)d months.")
        raise AnswerRefused("until", words % {"months": longest})
    cells = [
        {"holder": team, "category": category, "answer": Answer(answer).value}
        for team, category, answer in answers
    ]
    ends = start_of(until + dt.timedelta(days=1))
    values = [child.subject, json.dumps(cells), ends, PARENTS_PHONE, token]
    try:
        with transaction.atomic():
            ((new,),) = rows_of("select app.give_for_child(%s, %s::jsonb, %s, %s, %s)", values)
    except (IntegrityError, ProgrammingError) as refused:
        if not isinstance(refused, IntegrityError) and getattr(refused.__cause__, "sqlstate", "") != "42501":
            raise
        words = _("This could not be saved. Open the page again, or ask somebody who works with you.")
        raise AnswerRefused("", words) from refused
    if new:
        _tell(child)
    return bool(new)


def given_before(child: Child, token: uuid.UUID) -> bool:
    """Whether a form with this token was recorded before: a second click."""
    ((given,),) = rows_of("select app.given_for_child(%s, %s)", [child.subject, token])
    return bool(given)


@transaction.atomic
def take_back_for_child(
    *, by: FamilyMember, child: Child, holder: int | None = None, category: str | None = None
) -> int:
    """Take back what a parent agreed for a child: all of it, one team, one kind, or one kind for one team.

    Returns how many permissions ended. Raises AnswerRefused where it is not theirs (any more).
    """
    try:
        ended = withdraw_cells(
            by=by,
            subject=child.subject,
            giver=by.subject,
            holders=[holder] if holder is not None else None,
            categories=[category] if category is not None else None,
            how=How.SIGNED,
        )
    except BasisRefused as refused:
        raise AnswerRefused("", str(refused)) from refused
    if ended:
        _tell(child)
    return ended


def _tell(child: Child) -> None:
    rows = rows_of("select * from app.told_of_child(%s)", [child.subject])
    notify(practitioners=[row[0] for row in rows], kind="family.decided", link=reverse("desk:my_day"))
