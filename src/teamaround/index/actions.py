"""Business events of the index: somebody begins or ends working with a child; somebody searches."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q
from django.http import HttpRequest
from django.utils import timezone

from teamaround.access.edits import update_checked
from teamaround.access.log import shown
from teamaround.access.me import Me
from teamaround.linkage.model import probability
from teamaround.people.merging import records_of

from .finding import BESIDE
from .models import Involvement
from .searching import ROW, TOLERATED, Query, Wanted, reasons

#: The most people that a search can be asked to tell of: the database weighs fifty, and one more tells of too many.
MOST_SHOWN = 49


@transaction.atomic
def involve(
    *,
    by: Me,
    team: int,
    subject: int,
    role: str = "worker",
    practitioner: int | None = None,
    since: dt.date | None = None,
) -> Involvement:
    """Say that a team works with a subject. An involvement that runs already, under any record of the person, is kept
    and brought up to date."""
    records = records_of(subject)
    # Two clicks at once wait for each other, so that the second finds what the first one wrote.
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended(%s, %s))", [f"involve {team}", records[0]]
        )
    existing = Involvement.objects.filter(subject_id__in=records, author_team_id=team, until=None).first()
    if existing is not None:
        if (existing.role, existing.practitioner_id) != (role, practitioner or existing.practitioner_id):
            update_checked(
                existing,
                version=existing.version,
                role=role,
                practitioner_id=practitioner or existing.practitioner_id,
            )
        return existing
    return Involvement.objects.create(
        subject_id=subject,
        author_team_id=team,
        category="index",
        role=role,
        practitioner_id=practitioner,
        since=since or timezone.localdate(),
    )


@transaction.atomic
def end_involvement(*, by: Me, involvement: Involvement, on: dt.date | None = None) -> Involvement:
    """Say that a team no longer works with a subject. What the involvement opened closes at once."""
    update_checked(
        involvement, version=involvement.version, until=max(on or timezone.localdate(), involvement.since)
    )
    return involvement


@transaction.atomic
def touch_contact(*, by: Me, team: int, subject: int, on: dt.date) -> bool:
    """Say when a team last was in contact with a subject. A late entry moves nothing back.

    False where the team's involvement does not run, or a contact as late is known; nothing is written then.
    """
    earlier = Q(last_contact_on=None) | Q(last_contact_on__lt=on)
    running = Involvement.objects.filter(subject_id__in=records_of(subject), author_team_id=team, until=None)
    # The later of two dates wins whoever writes first, so there is no version to compare.
    # Whoever was in contact works with them still: what was asked about it is answered.
    answered: dict[str, Any] = {"asked_on": None, "reminded_on": None}
    return bool(running.filter(earlier).update(last_contact_on=on, version=F("version") + 1, **answered))


__all__ = ["Answers", "Found", "Query", "end_involvement", "involve", "search", "touch_contact"]

NOBODY = uuid.UUID(int=0)
"""Stands for the identifier of a protected entry, which is not told."""


@dataclass(frozen=True, slots=True)
class Found:
    """One answer: no more than is needed to pick the right child. `why` says what fits, in plain words.

    `weight` is log2 of the odds that it is who was meant, among all in the index; `chance` the probability.
    """

    subject: int
    uuid: uuid.UUID
    given: str
    family_name: str
    date_of_birth: dt.date | None
    born_precision: str
    sex: str
    area: str
    weight: float
    why: tuple[str, ...]

    @property
    def protected(self) -> bool:
        """An entry exists that a shield hides from me: there is no more to tell."""
        return self.subject == 0

    @property
    def name(self) -> str:
        """Given and family name as one reads them."""
        return f"{self.given} {self.family_name}".strip()

    @property
    def chance(self) -> float:
        """The probability that it is who was meant, 0 to 1."""
        return probability(self.weight)


@dataclass(frozen=True, slots=True)
class Answers:
    """What a search found, best first. `too_many`: more fit equally well than anybody could choose from, so none is
    shown and one more fact is needed. `unread`: nothing that was typed could be read as a name, date or number."""

    found: tuple[Found, ...] = ()
    too_many: bool = False
    unread: bool = False

    def __iter__(self) -> Iterator[Found]:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)

    def __getitem__(self, place: int) -> Found:
        return self.found[place]


def search(
    *, by: Me, query: Query, reason: str, request: HttpRequest | None = None, most: int = 10
) -> Answers:
    """The people who best fit the query, best first: at most `most`, from 1 to `MOST_SHOWN`. Where more than so many
    fit equally well none is told, and the answer says that they are too many.

    The search and every result go into the access log of `request`; without one the caller has to log them.
    Raises ValueError without a reason, without anything to search by, or for another `most`.
    """
    if not 1 <= most <= MOST_SHOWN:
        raise ValueError(f"A search tells of 1 to {MOST_SHOWN} people.")
    if query.empty:
        raise ValueError("Enter a name, a date of birth, a postcode or a number.")
    if not reason.strip():
        raise ValueError("Say why you are searching.")
    answers = _answers(Wanted.of(query), most)
    if request is not None:
        told = [row.subject for row in answers if not row.protected]
        shown(request, told, "index", act="search", reason=reason)
    return answers


def _answers(wanted: Wanted, most: int) -> Answers:
    if wanted.empty:
        return Answers(unread=True)
    if wanted.says_too_little:
        return Answers(too_many=True)
    readings = [wanted] if wanted.as_forename is None else [wanted, wanted.as_forename]
    found: dict[int, Found] = {}
    for reading in readings:
        with connection.cursor() as cursor:
            cursor.execute(
                f"select * from app.search_index({ROW}, %s, %s, %s)",  # noqa: S608  # placeholders alone
                [*reading.values, reading.last_sound, reading.whole - TOLERATED, most],
            )
            rows = cursor.fetchall()
        if rows and rows[-1][-1]:
            return Answers(too_many=True)
        for row in rows:
            one = _found(row)
            if one.subject not in found or found[one.subject].weight < one.weight:
                found[one.subject] = one
    best = sorted(found.values(), key=lambda one: -one.weight)[: max(1, most)]
    # Whoever is likely in their own right stays, even beside a better answer: a number may be a sister's.
    beside = min(best[0].weight - BESIDE, 0.0) if best else 0.0
    return Answers(tuple(each for each in best if each.weight >= beside))


def _found(row: Sequence[Any]) -> Found:
    subject, key, given, family_name, born, precision, sex, area, weight, _, _, levels, other, near, _ = row
    why = reasons(levels, other, near) if levels else ("protected",)
    return Found(subject, key or NOBODY, given, family_name, born, precision, sex, area, weight, why)
