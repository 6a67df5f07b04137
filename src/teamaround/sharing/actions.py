"""Recording why something may be shared, and ending it. Grants follow by trigger, at once."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from teamaround.access.edits import update_checked
from teamaround.access.me import Me
from teamaround.agencies.refusals import Refused
from teamaround.events.actions import record

from .models import Basis, BasisLine, Capacity, Kind

WORDING_VERSION = "2026-1"


class BasisRefused(Refused):
    """The basis cannot stand as asked; `field` names the form field, the message says what to do."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message, field)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the grid: may this holder see this category of this subject."""

    subject: int
    holder: int
    category: str
    answer: str


@transaction.atomic
def record_consent(
    *,
    by: Me,
    team: int,
    subject: int,
    given_by: int,
    capacity: str,
    how: str,
    valid_until: dt.datetime,
    cells: Sequence[Cell],
    valid_from: dt.datetime | None = None,
    witness: str = "",
    understanding: str = "",
    episode: int | None = None,
    token: uuid.UUID | None = None,
) -> Basis:
    """Record a confidentiality consent. It replaces what the same giver said before about these subjects.

    The same `token` (an identifier that the form carries) again gives the consent recorded first. Raises
    BasisRefused where the end is not after the start, nothing was answered, or who gave it cannot stand: a
    person who decides for themselves must be among the subjects. `consent.take_consent` holds the further
    rules of standing.
    """
    recorded = recorded_before(token, Kind.CONSENT)
    if recorded is not None:
        return recorded
    start = valid_from or timezone.now()
    if valid_until <= start:
        raise BasisRefused("valid_until", "The end must be after the start.")
    if not cells:
        raise BasisRefused("cells", "Answer at least one question about who may see what.")
    subjects = {cell.subject for cell in cells}
    if capacity == Capacity.SELF and given_by not in subjects:
        raise BasisRefused("given_by", "Somebody who decides for themselves must be the person it is about.")
    _wait_for_the_giver(given_by)
    _replace(by=by, given_by=given_by, subjects=subjects, at=start)
    basis = Basis.objects.create(
        uuid=token or uuid.uuid4(),
        subject_id=subject,
        author_team_id=team,
        kind=Kind.CONSENT,
        given_by_id=given_by,
        capacity=capacity,
        understanding=understanding.strip(),
        how=how,
        witness=witness.strip(),
        wording_version=WORDING_VERSION,
        valid_from=start,
        valid_until=valid_until,
        review_on=timezone.localdate(valid_until),
    )
    write_lines(basis, team, cells)
    record(
        by=by,
        team=team,
        kind="consent.given",
        subjects=sorted(subjects),
        episode=episode,
        happened_at=min(start, timezone.now()),
    )
    return basis


def already_recorded(token: uuid.UUID | None) -> bool:
    """Whether a form with this token was recorded before: a second click."""
    return token is not None and Basis.objects.filter(uuid=token).exists()


def recorded_before(token: uuid.UUID | None, kind: str) -> Basis | None:
    """What the same form recorded at its first click."""
    return Basis.objects.filter(uuid=token, kind=kind).first() if token else None


def _wait_for_the_giver(given_by: int) -> None:
    """Two who record one person's answers at once come one after the other, so that the later one stands."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended('consent', %s))", [given_by])


def _replace(*, by: Me, given_by: int, subjects: set[int], at: dt.datetime) -> None:
    earlier = (
        Basis.objects.filter(kind=Kind.CONSENT, given_by_id=given_by, withdrawn_at=None)
        .filter(Q(valid_until=None) | Q(valid_until__gt=at), author_team_id__in=by.teams)
        .filter(lines__subject_id__in=subjects)
        .distinct()
    )
    for basis in list(earlier):
        ends = max(at, basis.valid_from)
        update_checked(
            basis, version=basis.version, withdrawn_at=ends, withdrawn_reason="Replaced by a later answer"
        )
        others = [line for line in basis.lines.all() if line.subject_id not in subjects]
        if others and basis.valid_until is not None and basis.valid_until > ends:
            _carry_on(basis, others, ends)


def _carry_on(basis: Basis, lines: Sequence[BasisLine], since: dt.datetime) -> None:
    """What was said about the others, whom the later answer does not touch, goes on as it stood."""
    same = ("subject_id", "author_team_id", "kind", "given_by_id", "capacity", "understanding", "how")
    further = ("witness", "wording_version", "valid_until", "review_on")
    kept = {name: getattr(basis, name) for name in (*same, *further)}
    team = basis.author_team_id
    cells = [Cell(line.subject_id, line.holder_id, line.shared_category, line.answer) for line in lines]
    write_lines(Basis.objects.create(**kept, valid_from=since), team, cells)


def write_lines(basis: Basis, team: int, cells: Sequence[Cell]) -> None:
    """The cells of a basis that the same team has just recorded."""
    BasisLine.objects.bulk_create(
        BasisLine(
            basis=basis,
            subject_id=cell.subject,
            shared_category=cell.category,
            holder_id=cell.holder,
            answer=cell.answer,
            author_team_id=team,
        )
        for cell in cells
    )


def _nobody(*, subject: int, team: int | None) -> None:
    return None


class LeadPractitioner:
    """Is asked to find out what lies behind a withdrawal. Tasks, a floor above, say how: (subject, team)."""

    ask_why: Callable[..., None] = staticmethod(_nobody)


@transaction.atomic
def withdraw_consent(*, by: Me, basis: Basis, reason: str = "", episode: int | None = None) -> Basis:
    """End a basis now. What it showed is hidden from the next request on, and of a consent the lead practitioner
    is asked to find out what lies behind it."""
    if basis.withdrawn_at is not None:
        raise BasisRefused("basis", "This was withdrawn already.")
    update_checked(
        basis,
        version=basis.version,
        withdrawn_at=max(timezone.now(), basis.valid_from),
        withdrawn_reason=reason.strip(),
    )
    subjects = sorted(set(basis.lines.values_list("subject_id", flat=True)))
    consented = basis.kind == Kind.CONSENT
    kind = "consent.withdrawn" if consented else "basis.ended"
    record(by=by, team=basis.author_team_id, kind=kind, subjects=subjects, episode=episode)
    if consented:
        for subject in subjects:
            LeadPractitioner.ask_why(subject=subject, team=basis.author_team_id)
    return basis
