"""Audits of files: one is drawn by chance, questions are answered, findings become actions."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid as uuids
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import DatabaseError, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.edits import StaleEdit, update_checked
from teamaround.access.me import Me
from teamaround.access.refusals import NotAllowed
from teamaround.agencies.refusals import Refused
from teamaround.agencies.roles import Permission
from teamaround.tasks.actions import Owner, TaskRefused, add_task

from .models import AuditQuestion, AuditState, FileAudit, FileAuditAnswer, Finding

_WHY = {
    "TA021": "One file is drawn already. Finish it, or set it aside and say why.",
    "TA022": "The team has no open case to draw from.",
}


class AuditRefused(Refused):
    """It cannot be kept like this; `field` names the form field, the message says what to do."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found for one question; `action` is what follows from it, by whom and when."""

    question: int
    found: str
    note: str = ""
    action: str = ""
    owner: int | None = None
    due_on: dt.date | None = None


def draw(*, by: Me, team: int) -> FileAudit:
    """Draw one open case of the team by chance. The database draws, numbers the draw and keeps what it drew from.

    Raises AuditRefused while an earlier one is neither finished nor set aside, and where there is no open case;
    NotAllowed for whoever does not manage the team.
    """
    if not by.may_for(Permission.DECIDE_REFERRALS, team):
        raise NotAllowed(_("You cannot draw a file of this team."), _("Its manager may."))
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select app.draw_file(%s)", [team])
            made = cursor.fetchone()[0]
    except DatabaseError as refused:
        why = _WHY.get(getattr(refused.__cause__, "sqlstate", ""))
        if why is None:
            raise
        raise AuditRefused(_(why)) from refused
    return FileAudit.objects.get(uuid=made)


def place_by_seed(seed: uuids.UUID, pool: Sequence[int]) -> int:
    """Which of the pool a seed takes: the first 15 hexadecimal digits of its SHA-256, modulo the number of cases."""
    return int(hashlib.sha256(str(seed).encode()).hexdigest()[:15], 16) % len(pool)


def questions_of(team: int) -> list[AuditQuestion]:
    """What an audit in this team asks: the area's questions and the team's own."""
    standing = AuditQuestion.objects.filter(withdrawn_at=None)
    return list((standing.filter(team=None) | standing.filter(team_id=team)).order_by("position", "id"))


@transaction.atomic
def finish(*, by: Me, audit: FileAudit, version: int, answers: Sequence[Found], summary: str) -> FileAudit:
    """Keep what was found; each action becomes one that somebody owes, about the child of the case.

    Raises AuditRefused where a question has no answer, or an action no owner or date, StaleEdit, NotAllowed.
    """
    team = audit.author_team_id
    _must_manage(by, audit)
    _lock(audit, version)
    asked = {question.pk: question for question in questions_of(team)}
    given = {each.question: each for each in answers if each.found in Finding.values}
    for number in asked:
        if number not in given:
            raise AuditRefused(_("Answer every question."), f"found_{number}")
    for number, each in given.items():
        if number not in asked:
            raise AuditRefused(_("This question is no longer asked."))
        task = None
        if not each.action.strip() and (each.owner is not None or each.due_on is not None):
            raise AuditRefused(_("Say what is to be done."), f"action_{number}")
        if each.action.strip():
            if each.due_on is None or each.due_on < timezone.localdate():
                raise AuditRefused(_("Say by which day, from today on."), f"due_{number}")
            try:
                task = add_task(
                    by=by,
                    team=team,
                    subject=audit.subject_id,
                    title=each.action,
                    owner=Owner(practitioner=each.owner, team=team),
                    due_on=each.due_on,
                    episode=audit.episode_id,
                )
            except TaskRefused as refused:
                raise AuditRefused(str(refused), f"owner_{number}") from refused
        FileAuditAnswer.objects.create(
            subject_id=audit.subject_id,
            category=audit.category,
            author_team_id=team,
            audit=audit,
            question_id=number,
            found=each.found,
            note=each.note.strip()[:1000],
            task=task,
        )
    update_checked(
        audit,
        version=version,
        state=AuditState.FINISHED,
        done_at=timezone.now(),
        summary=summary.strip()[:2000],
    )
    return audit


@transaction.atomic
def set_aside(*, by: Me, audit: FileAudit, version: int, reason: str) -> FileAudit:
    """Leave a drawn file unaudited. It stays in the list, with the reason."""
    _must_manage(by, audit)
    _lock(audit, version)
    if not reason.strip():
        raise AuditRefused(_("Say why: it stays in the list of draws."), "reason")
    update_checked(
        audit,
        version=version,
        state=AuditState.SET_ASIDE,
        done_at=timezone.now(),
        reason=reason.strip()[:500],
    )
    return audit


def _lock(audit: FileAudit, version: int) -> None:
    """Of two who finish it at once, the second waits here and is told."""
    rows = FileAudit.objects.select_for_update(no_key=True).filter(pk=audit.pk)
    if rows.values_list("version", flat=True).first() != version:
        raise StaleEdit


def _must_manage(by: Me, audit: FileAudit) -> None:
    if not by.may_for(Permission.DECIDE_REFERRALS, audit.author_team_id):
        raise NotAllowed(_("You cannot audit a file of this team."), _("Its manager may."))
    if audit.state != AuditState.DRAWN:
        raise AuditRefused(_("This audit is done. Draw another file."))


@transaction.atomic
def add_question(*, by: Me, team: int, text: str) -> AuditQuestion:
    """A further question that this team's audits ask."""
    if not by.may_for(Permission.DECIDE_REFERRALS, team):
        raise NotAllowed(_("You cannot add a question to this team’s audits."), _("Its manager may."))
    if not text.strip():
        raise AuditRefused(_("Write the question."), "text")
    if any(each.text.casefold() == text.strip().casefold() for each in questions_of(team)):
        raise AuditRefused(_("This is asked already."), "text")
    return AuditQuestion.objects.create(team_id=team, text=text.strip()[:200])


@transaction.atomic
def withdraw_question(*, by: Me, question: AuditQuestion) -> None:
    """Ask it no more; what was answered to it stays."""
    if question.team_id is None or not by.may_for(Permission.DECIDE_REFERRALS, question.team_id):
        raise NotAllowed(
            _("You cannot take this question out of the audits."),
            _("The manager of the team that added it may. Questions of the whole area stay."),
        )
    AuditQuestion.objects.filter(pk=question.pk, withdrawn_at=None).update(withdrawn_at=Now())
