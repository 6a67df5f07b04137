"""Asking to see more: a request that reaches the lead practitioner's team, and one of three fixed replies.

What is asked and answered is the same whether or not there is anything to see.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Collection

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.categories import Category
from teamaround.access.edits import update_checked
from teamaround.access.me import Me
from teamaround.access.models import Grant
from teamaround.agencies.roles import Permission
from teamaround.people.merging import records_of

from .actions import BasisRefused
from .decision_models import AccessRequest, AskState, Reply

NEWS_FOR = dt.timedelta(days=7)


def _tell_nobody(request: AccessRequest) -> None:
    return None


class Asking:
    """Tells that a request was asked, and that it was answered. Notices, some floors above, say how."""

    tell_asked: Callable[[AccessRequest], None] = staticmethod(_tell_nobody)
    tell_answered: Callable[[AccessRequest], None] = staticmethod(_tell_nobody)


def not_granted(records: Collection[int], *, me: Me) -> list[Category]:
    """The categories of the product for which no permission of mine holds about the subject of these
    records. One query.

    They say nothing of what is recorded: the list depends on my permissions alone.
    """
    held = set(
        Grant.objects.filter(subject_id__in=records, valid_during__contains=timezone.now()).values_list(
            "category", flat=True
        )
    )
    return [category for category in Category if category != Category.INDEX and category not in held]


@transaction.atomic
def ask_for_access(
    *,
    by: Me,
    team: int,
    subject: int,
    categories: Collection[str],
    reason: str,
    token: uuid.UUID | None = None,
) -> AccessRequest:
    """Ask to see these categories of a subject whose entry I may open. The database names who answers.

    The same `token` again gives the request asked first. Raises BasisRefused without a reason or a category, and
    while an earlier request of the team about the subject waits.
    """
    asked = AccessRequest.objects.filter(uuid=token).first() if token else None
    if asked is not None:
        return asked
    wanted = [str(category) for category in Category if category in categories]
    if not wanted:
        raise BasisRefused("categories", _("Choose what you need to see."))
    if not reason.strip():
        raise BasisRefused("reason", _("Say why you need it."))
    waiting = AccessRequest.objects.filter(
        subject_id__in=records_of(subject), author_team_id=team, state=AskState.ASKED
    )
    if waiting.exists():
        raise BasisRefused("", _("Your team has asked already, and the answer is still to come."))
    row = AccessRequest.objects.create(
        uuid=token or uuid.uuid4(),
        subject_id=subject,
        author_team_id=team,
        categories=wanted,
        reason=reason.strip(),
    )
    row.refresh_from_db()
    Asking.tell_asked(row)
    return row


def may_answer(me: Me, request: AccessRequest) -> bool:
    """Whether the request waits for me: for my team, or, where nobody leads, for whoever governs access."""
    if request.answering_team_id is None:
        return me.may(Permission.OVERSEE_ACCESS)
    return request.answering_team_id in me.teams


@transaction.atomic
def answer_request(*, by: Me, request: AccessRequest, version: int, answer: str) -> AccessRequest:
    """Answer with one of the three replies. It opens nothing: a decision on sharing is recorded apart.

    Raises BasisRefused where it was answered before or is not for me, StaleEdit where it changed meanwhile.
    """
    if request.state != AskState.ASKED:
        raise BasisRefused("", _("This was answered already."))
    if not may_answer(by, request):
        raise BasisRefused("", _("Somebody else answers this."))
    if answer not in Reply.values:
        raise BasisRefused("answer", _("Choose an answer."))
    update_checked(
        request,
        version=version,
        state=AskState.REFUSED if answer == Reply.NO else AskState.ANSWERED,
        answer=answer,
        answered_by_id=by.principal,
        answered_at=timezone.now(),
    )
    Asking.tell_answered(request)
    return request


def requests_about(records: Collection[int], *, me: Me) -> QuerySet[AccessRequest]:
    """What my teams asked about the subject of these records, the latest first."""
    return (
        AccessRequest.objects.filter(subject_id__in=records, author_team_id__in=me.teams)
        .select_related("answering_team__agency", "answered_by__practitioner")
        .order_by("-recorded_at", "-id")
    )


def waiting(me: Me) -> QuerySet[AccessRequest]:
    """Requests that wait for an answer of mine; and replies of the last week to what I asked."""
    mine = Q(answering_team_id__in=me.teams)
    if me.may(Permission.OVERSEE_ACCESS):
        mine |= Q(answering_team=None)
    answered = Q(recorded_by_id=me.principal, answered_at__gt=timezone.now() - NEWS_FOR)
    return AccessRequest.objects.filter((Q(state=AskState.ASKED) & mine) | answered).order_by("recorded_at")
