"""What the database tells a family member of their own record. Every function answers to the person alone."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import ProgrammingError, connection, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from teamaround.access.me import FamilyMember
from teamaround.notices.actions import notify
from teamaround.people.models import Person
from teamaround.sharing.consent import start_of
from teamaround.sharing.models import Answer, Capacity
from teamaround.sharing.standing import Party, months_after, refusal, rules_on
from teamaround.sharing.wording import OWN_PHONE
from teamaround.ui.presentation import ApproximateDate, Precision, whole_years


@dataclass(frozen=True, slots=True)
class Shared:
    """One kind of information that one team or panel may see now, and why. `until` None: no end is set."""

    holder: int
    team: str
    agency: str
    category: str
    since: dt.datetime
    until: dt.datetime | None
    why: str
    by_whom: str
    said_at: dt.datetime | None

    @property
    def agreed(self) -> bool:
        """Whether it stands on somebody's yes, and so ends with a no."""
        return self.why == "consent"


@dataclass(frozen=True, slots=True)
class Said:
    """The person's own latest answer for one team and kind: share, ask, refuse; ended where a yes ran out."""

    holder: int
    team: str
    agency: str
    category: str
    answer: str
    said_at: dt.datetime
    until: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Holder:
    """A team that the person knows of."""

    team: int
    name: str
    agency: str


class NotTheirs(ValueError):
    """The decision is not theirs to take on their own; the message says what to do."""


def own_sharing() -> list[Shared]:
    """Who may see what of me now, by agency and team, as far as I may know."""
    return [
        Shared(*row)
        for row in rows_of("select * from app.own_sharing() order by agency, team, category, since")
    ]


def own_answers() -> list[Said]:
    """What I said last for each team and kind."""
    return [Said(*row) for row in rows_of("select * from app.own_answers() order by agency, team, category")]


def own_languages() -> list[str]:
    """The languages recorded of me."""
    return [row[0] for row in rows_of("select * from app.own_languages()")]


def holders(shared: Iterable[Shared], said: Iterable[Said] = ()) -> list[Holder]:
    """The teams that either names, each once. A panel is none: nobody says yes to it."""
    found: dict[int, Holder] = {}
    named = [(each.holder, each.team, each.agency) for each in shared if each.agency]
    named += [(each.holder, each.team, each.agency) for each in said]
    for row in named:
        found.setdefault(row[0], Holder(*row))
    return sorted(found.values(), key=lambda holder: (holder.agency, holder.name))


def key_of(person: int, what: str) -> uuid.UUID:
    """What stands in a URL for a team or kind: it tells whoever reads the address nothing."""
    digest = salted_hmac("teamaround.portal.key", f"{person}:{what}", algorithm="sha256").digest()
    return uuid.UUID(bytes=digest[:16])


def may_decide(person: Person) -> bool:
    """Whether they decide for themselves: 16 or over, or with the worker's note that came with the invitation."""
    ((noted,),) = rows_of("select app.own_noted()")
    today = timezone.localdate()
    youngest, oldest = _ages(person, today)
    me = Party(person.pk, person.uuid, person.name, youngest, oldest)
    note = "noted" if noted else ""
    return refusal(giver=me, subjects=[me], capacity=Capacity.SELF, note=note, on=today) is None


def may_be_of_age(person: Person) -> bool:
    """Whether they are, or may be, 16 or over, as far as their date of birth tells."""
    today = timezone.localdate()
    _youngest, oldest = _ages(person, today)
    return oldest is None or oldest >= rules_on(today).presumed_able


def _ages(person: Person, today: dt.date) -> tuple[int | None, int | None]:
    if person.date_of_birth is None:
        return None, None
    span = ApproximateDate(person.date_of_birth, Precision(person.born_precision))
    return max(whole_years(span.last, today), 0), whole_years(span.value, today)


def last_day(today: dt.date) -> dt.date:
    """The last day of an answer that is given today."""
    return months_after(today, rules_on(today).usual_months)


@transaction.atomic
def give_own_consent(
    *, by: FamilyMember, person: Person, answers: Sequence[tuple[int, str, str]], token: uuid.UUID
) -> None:
    """Record what somebody decides about their own information: (team, category, answer) for each.

    It counts at the next request of anybody and holds for the usual length; what is left out stays as it was.
    The same token again records nothing. Raises NotTheirs where a worker has to talk with them first, or where
    nothing was answered.
    """
    if not answers:
        raise NotTheirs(_("Choose an answer for at least one of them."))
    if not may_decide(person):
        raise NotTheirs(_("Somebody who works with you needs to talk with you first."))
    cells = [
        {"holder": team, "category": category, "answer": Answer(answer).value}
        for team, category, answer in answers
    ]
    ends = start_of(last_day(timezone.localdate()) + dt.timedelta(days=1))
    try:
        with transaction.atomic():
            ((new,),) = rows_of(
                "select app.give_own_consent(%s::jsonb, %s, %s, %s)",
                [json.dumps(cells), ends, OWN_PHONE, token],
            )
    except ProgrammingError as refused:
        if getattr(refused.__cause__, "sqlstate", "") != "42501":
            raise
        raise NotTheirs(_("This could not be saved. Ask somebody who works with you.")) from refused
    if new:
        tell("family.decided", link="/")


def tell(kind: str, *, link: str, complaint: bool = False) -> None:
    """Tell who leads for the person who acts (of a complaint: who governs) that something came from them."""
    rows = rows_of("select * from app.told_of_message(%s)", [complaint])
    notify(practitioners=[row[0] for row in rows], kind=kind, link=link)


def rows_of(sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """What one of the functions of the database answers to whoever is signed in."""
    with connection.cursor() as cursor:
        cursor.execute(sql, list(values))
        return list(cursor.fetchall())
