"""Business events of what a family writes: sent, received, answered."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.me import FamilyMember, Me
from teamaround.agencies.refusals import Refused
from teamaround.agencies.roles import Permission
from teamaround.database.asking import Question
from teamaround.events.actions import record
from teamaround.tasks.waiting import WaitingLine
from teamaround.ui.presentation import uk_date

from .models import FamilyMessage, MessageKind, MessageState
from .own import tell

MOST = 50
MOST_WAITING = 10


class MessageRefused(Refused):
    """The answer cannot stand; `field` names the form field, the message says what to do."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message, field)


@transaction.atomic
def send_message(*, by: FamilyMember, kind: str, words: str, token: uuid.UUID, should_be: str = "") -> None:
    """Send what somebody asks, puts right or complains of about their own information.

    The same token again sends nothing. Whoever is to answer is told by a notice that says nothing of it.
    Raises MessageRefused where nothing is said.
    """
    if not words.strip():
        raise MessageRefused("words", _("Write something first."))
    told = not FamilyMessage.objects.filter(uuid=token).exists()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "select app.send_family_message(%s, %s, %s, %s)",
                [MessageKind(kind).value, words.strip(), should_be.strip(), token],
            )
    except IntegrityError as taken:
        raise MessageRefused("words", _("Open this page again, then send it once more.")) from taken
    if told:
        link = reverse("portal:answer", args=[token])
        tell("family.wrote", link=link, complaint=kind == MessageKind.COMPLAINT)


@transaction.atomic
def receive_message(*, by: Me, message: FamilyMessage) -> None:
    """Say that it arrived; the sender sees it at once. Saying so again changes nothing."""
    FamilyMessage.objects.filter(pk=message.pk, state=MessageState.SENT).update(
        state=MessageState.RECEIVED, received_at=Now()
    )


@transaction.atomic
def answer_message(*, by: Me, message: FamilyMessage, answer: str) -> None:
    """Answer, once and for good. Recorded as an event, save for a complaint, which the teams it may be about
    do not learn of from the chronology. Raises MessageRefused for an empty answer or one that came second.
    """
    if not answer.strip():
        raise MessageRefused("answer", _("Write the answer."))
    done = (
        FamilyMessage.objects.filter(pk=message.pk)
        .exclude(state=MessageState.ANSWERED)
        .update(
            state=MessageState.ANSWERED,
            answer=answer.strip(),
            answered_by_id=by.principal,
            answered_at=Now(),
        )
    )
    if not done:
        raise MessageRefused("answer", _("Somebody has answered already. Open the page again to read it."))
    if message.receiving_team_id is not None:
        record(by=by, team=message.receiving_team_id, kind="family.answered", subjects=[message.subject_id])


def messages_for(me: Me) -> QuerySet[FamilyMessage]:
    """What families wrote to my teams, and complaints where I govern; those that wait come first."""
    readable = Q(receiving_team__in=me.teams if me.may(Permission.WORK_CASES) else ())
    if me.may(Permission.OVERSEE_ACCESS):
        readable |= Q(kind=MessageKind.COMPLAINT)
    return FamilyMessage.objects.filter(readable).select_related("answered_by", "receiving_team")


def asking_what_waits(me: Me) -> Question | None:
    """What families wrote to my teams and nobody has answered, complaints where I govern: for `told_what_waits`.
    None for somebody who reads neither."""
    works, governs = me.may(Permission.WORK_CASES), me.may(Permission.OVERSEE_ACCESS)
    if not (works or governs):
        return None
    return Question(
        "app.family_messages_waiting(%s::int[], %s, %s)",
        (list(me.teams) if works else [], governs, MOST_WAITING),
    )


def told_what_waits(answer: Iterable[Sequence[Any]]) -> list[WaitingLine]:
    """The lines of My day, the oldest first. They name nobody: the page behind them does."""
    return [
        _line(
            key,
            kind,
            state,
            dt.datetime.fromisoformat(sent_at),
            dt.date.fromisoformat(acknowledge_by) if acknowledge_by else None,
        )
        for key, kind, state, sent_at, acknowledge_by in answer
    ]


def _line(
    key: str, kind: str, state: str, sent_at: dt.datetime, acknowledge_by: dt.date | None
) -> WaitingLine:
    day = uk_date(timezone.localdate(sent_at))
    if acknowledge_by is not None and state == MessageState.SENT:
        words = _("It came on %(day)s. Say by %(by)s that you have it.")
        reason = words % {"day": day, "by": uk_date(acknowledge_by)}
    else:
        reason = _("It came on %(day)s and waits for an answer.") % {"day": day}
    return WaitingLine(
        title=title_of(kind), url=reverse("portal:answer", args=[key]), reason=reason, action=_("Answer")
    )


def title_of(kind: str) -> str:
    """What a message is, in words for whoever answers it."""
    if kind == MessageKind.COMPLAINT:
        return _("A complaint about how information was used")
    if kind == MessageKind.CORRECTION:
        return _("Something is wrong in their record")
    return _("A question from a family")
