"""A request about one's own data: recorded, its clock stopped and extended, the pack gathered, decided, released."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.me import Me

from ..models import ClockPause, Decision, Mark, PackItem, RequestKind, RequestOutcome, RightsRequest
from ..pack import Held, items_of
from . import RightsRefused


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody in the records, as far as is needed to record a request."""

    subject: int
    key: uuid.UUID
    name: str
    born: dt.date


def find_person(*, given: str, family_name: str, born: dt.date, postcode: str = "") -> Found:
    """The one person of that name and date of birth. The database writes that it was asked.

    Raises RightsRefused where there is none, or more than one.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select subject, key, name, date_of_birth from app.person_for_request(%s, %s, %s, %s)",
            [given, family_name, born, postcode],
        )
        rows = [Found(*row) for row in cursor.fetchall()]
    if not rows:
        raise RightsRefused(
            _(
                "Nobody of that name and date of birth is in the records. Check the spelling; else answer that nothing is held."
            ),
            "family_name",
        )
    if len(rows) > 1:
        raise RightsRefused(
            _("There are several of that name and date of birth. Enter their postcode."), "postcode"
        )
    return rows[0]


@transaction.atomic
def record_request(
    *, by: Me, kind: str, subject: int, asked_on: dt.date, asked_by: str, identity: str
) -> RightsRequest:
    """Record what somebody asked about their own data. Raises RightsRefused without who asked or how they were checked."""
    if not asked_by.strip():
        raise RightsRefused(_("Say who asked."), "asked_by")
    if not identity.strip():
        raise RightsRefused(_("Say how you made sure who they are."), "identity")
    if asked_on > timezone.localdate():
        raise RightsRefused(_("The day they asked cannot be in the future."), "asked_on")
    return RightsRequest.objects.create(
        kind=RequestKind(kind),
        subject_id=subject,
        asked_on=asked_on,
        asked_by=asked_by.strip(),
        identity=identity.strip(),
        recorded_by_id=by.principal,
    )


def _open(request: RightsRequest) -> RightsRequest:
    row = RightsRequest.objects.select_for_update().get(pk=request.pk)
    if row.closed_at is not None:
        raise RightsRefused(_("This request is closed."))
    return row


@transaction.atomic
def ask_what_is_meant(*, request: RightsRequest, question: str, asked_on: dt.date) -> ClockPause:
    """Stop the clock: we asked for a clarification. Raises RightsRefused where we wait for one already."""
    row = _open(request)
    if not question.strip():
        raise RightsRefused(_("Write what you asked."), "question")
    if not row.asked_on <= asked_on <= timezone.localdate():
        raise RightsRefused(_("The day must lie between their request and today."), "asked_on")
    if row.pauses.filter(answered_on=None).exists():
        raise RightsRefused(_("The clock is stopped already."), "question")
    return ClockPause.objects.create(request=row, question=question.strip(), asked_on=asked_on)


@transaction.atomic
def note_answer(*, request: RightsRequest, answered_on: dt.date) -> None:
    """The clarification came; the clock goes on. Raises RightsRefused where none is awaited."""
    pause = _open(request).pauses.filter(answered_on=None).first()
    if pause is None:
        raise RightsRefused(_("No clarification is awaited."), "answered_on")
    if not pause.asked_on <= answered_on <= timezone.localdate():
        raise RightsRefused(_("The day must lie between your question and today."), "answered_on")
    ClockPause.objects.filter(pk=pause.pk).update(answered_on=answered_on)


@transaction.atomic
def extend(*, request: RightsRequest, reason: str) -> None:
    """Take two months more, once, and say why: the person has to be told within the first month."""
    row = _open(request)
    if not reason.strip():
        raise RightsRefused(_("Say why it takes longer: the person is told."), "reason")
    if row.extended_on is not None:
        raise RightsRefused(_("It was extended already; it cannot be extended again."), "reason")
    today = timezone.localdate()
    if today > row.due(today):
        raise RightsRefused(_("The month is over; it can no longer be extended."), "reason")
    RightsRequest.objects.filter(pk=row.pk).update(extended_on=today, extension_reason=reason.strip())


@transaction.atomic
def gather(*, request: RightsRequest) -> int:
    """Gather everything that is held on the person into the pack, in place of an earlier gathering.

    The number of parts. Raises RightsRefused for anything but an open request for a copy not yet released.
    """
    row = _open(request)
    if row.kind != RequestKind.ACCESS or row.released_at is not None:
        raise RightsRefused(_("The pack is released; record a new request for a new one."))
    with connection.cursor() as cursor:
        cursor.execute(
            "select tbl, row_key, about, data::text from app.held_on(%s, %s)", [row.subject_id, row.pk]
        )
        held = [Held.read(*each) for each in cursor.fetchall()]
    row.items.all().delete()
    made = PackItem.objects.bulk_create(items_of(row.pk, row.subject_id, held), batch_size=500)
    RightsRequest.objects.filter(pk=row.pk).update(gathered_at=timezone.now())
    return len(made)


@transaction.atomic
def decide(*, by: Me, request: RightsRequest, items: list[int], decision: str, reason: str) -> int:
    """Keep or redact marked parts, with a reason for each; the number decided. Until the release it can be changed."""
    row = _open(request)
    if row.released_at is not None:
        raise RightsRefused(_("The pack is released."))
    if decision not in (Decision.KEEP, Decision.REDACT):
        raise RightsRefused(_("Choose to keep or to redact."), "decision")
    if not reason.strip():
        raise RightsRefused(_("Say why."), "reason")
    if not items:
        raise RightsRefused(_("Tick what you decide about."), "items")
    return (
        row.items.exclude(mark=Mark.NONE)
        .filter(pk__in=items)
        .update(
            decision=decision,
            reason=reason.strip()[:300],
            decided_by_id=by.principal,
            decided_at=timezone.now(),
        )
    )


@transaction.atomic
def release(*, by: Me, request: RightsRequest) -> None:
    """Release the pack: from now on it can be downloaded and no longer changed.

    Raises RightsRefused before it was gathered, and while a marked part is undecided.
    """
    row = _open(request)
    if row.gathered_at is None:
        raise RightsRefused(_("Gather what is held first."))
    if row.released_at is not None:
        raise RightsRefused(_("The pack is released already."))
    waiting = row.items.exclude(mark=Mark.NONE).filter(decision=Decision.UNDECIDED).count()
    if waiting:
        raise RightsRefused(_("%(n)s parts are not decided yet.") % {"n": waiting})
    RightsRequest.objects.filter(pk=row.pk).update(released_at=timezone.now(), released_by_id=by.principal)


@transaction.atomic
def close(*, request: RightsRequest, outcome: str, reason: str) -> None:
    """Close the request with its outcome: answered, refused, taken back; for erasure: granted or refused."""
    row = _open(request)
    allowed = {RequestOutcome.REFUSED, RequestOutcome.WITHDRAWN} | (
        {RequestOutcome.ANSWERED} if row.kind == RequestKind.ACCESS else {RequestOutcome.GRANTED}
    )
    if outcome not in allowed:
        raise RightsRefused(_("Choose how it ended."), "outcome")
    if outcome == RequestOutcome.ANSWERED and row.released_at is None:
        raise RightsRefused(
            _("Release the pack first, or say that the request was refused or taken back."), "outcome"
        )
    if not reason.strip():
        raise RightsRefused(_("Say what the person was told."), "reason")
    RightsRequest.objects.filter(pk=row.pk).update(
        closed_at=timezone.now(), outcome=outcome, outcome_reason=reason.strip()
    )
