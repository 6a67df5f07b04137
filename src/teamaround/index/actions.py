"""Business events of the index: somebody begins or ends working with a child; somebody searches."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import F, Q
from django.http import HttpRequest
from django.utils import timezone

from teamaround.access.edits import update_checked
from teamaround.access.log import shown
from teamaround.access.me import Me
from teamaround.people.merging import records_of

from .models import Involvement


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
    existing = Involvement.objects.filter(
        subject_id__in=records_of(subject), author_team_id=team, until=None
    ).first()
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
    return bool(running.filter(earlier).update(last_contact_on=on, version=F("version") + 1))


@dataclass(frozen=True, slots=True)
class Query:
    """What somebody typed to find a person. `born` may be missing; `identifier` is an NHS or pupil number."""

    name: str = ""
    born: dt.date | None = None
    postcode: str = ""
    identifier: str = ""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to search by."""
        return not (self.name.strip() or self.born or self.postcode.strip() or self.identifier.strip())


NOBODY = uuid.UUID(int=0)
"""Stands for the identifier of a protected entry, which is not told."""


@dataclass(frozen=True, slots=True)
class Found:
    """One answer: no more than is needed to pick the right child. `why` says what fits, in plain words."""

    subject: int
    uuid: uuid.UUID
    given: str
    family_name: str
    date_of_birth: dt.date | None
    born_precision: str
    sex: str
    area: str
    score: float
    why: tuple[str, ...]

    @property
    def protected(self) -> bool:
        """An entry exists that a shield hides from me: there is no more to tell."""
        return self.subject == 0

    @property
    def name(self) -> str:
        """Given and family name as one reads them."""
        return f"{self.given} {self.family_name}".strip()


def search(
    *, by: Me, query: Query, reason: str, request: HttpRequest | None = None, most: int = 10
) -> Sequence[Found]:
    """The people who best fit the query, best first: at most `most`, and never more than 50.

    The search and every result go into the access log of `request`; without one the caller has to log them.
    Raises ValueError without a reason or without anything to search by.
    """
    if query.empty:
        raise ValueError("Enter a name, a date of birth, a postcode or a number.")
    if not reason.strip():
        raise ValueError("Say why you are searching.")
    with connection.cursor() as cursor:
        cursor.execute(
            "select * from app.search_people(%s, %s, %s, %s, %s)",
            [query.name[:400], query.born, query.postcode[:12], query.identifier[:40], most],
        )
        found = [
            Found(subject, key or NOBODY, given, family_name, born, precision, sex, area, score, tuple(why))
            for subject, key, given, family_name, born, precision, sex, area, score, why in cursor.fetchall()
        ]
    if request is not None:
        told = [row.subject for row in found if not row.protected]
        shown(request, told, "index", act="search", reason=reason)
    return found
