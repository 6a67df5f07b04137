"""Business events of an action: asked for, changed, done, done after all not, no longer needed."""

from __future__ import annotations

import datetime as dt
import uuid as uuids
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from teamaround.access.categories import Category
from teamaround.access.edits import update_checked
from teamaround.access.me import Me
from teamaround.agencies.models import Membership
from teamaround.agencies.refusals import Refused

from .models import Task, TaskState


class TaskRefused(Refused):
    """The action cannot be kept as asked; `field` names the form field, the message says what to do."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Who owes an action: a practitioner in a team, a whole team, or somebody named in words."""

    practitioner: int | None = None
    team: int | None = None
    words: str = ""


def check_owner(owner: Owner) -> None:
    """Raise TaskRefused where nobody is named, or the practitioner does not work in that team now."""
    if owner.team is None and not owner.words.strip():
        raise TaskRefused("Say who does this.", "owner")
    if owner.team is not None and owner.words.strip():
        raise TaskRefused("Name one owner: a worker, or somebody in the family.", "owner")
    if owner.practitioner is not None and not (
        Membership.objects.current()
        .filter(practitioner_id=owner.practitioner, team_id=owner.team, practitioner__left_at=None)
        .exists()
    ):
        raise TaskRefused("Choose somebody who works in that team now.", "owner")


@transaction.atomic
def add_task(
    *,
    by: Me,
    team: int,
    subject: int,
    title: str,
    owner: Owner,
    due_on: dt.date | None = None,
    episode: int | None = None,
    uuid: uuids.UUID | None = None,
) -> Task:
    """Ask for an action about a subject. Asked again under the same `uuid`, it is the same action.

    Raises TaskRefused for an empty title, no owner, or a date more than five years away.
    """
    if uuid is not None and (existing := Task.objects.filter(uuid=uuid).first()) is not None:
        return existing
    if not title.strip():
        raise TaskRefused("Say what is to be done.", "title")
    check_owner(owner)
    _check_due(due_on)
    return Task.objects.create(
        uuid=uuid or uuids.uuid4(),
        subject_id=subject,
        category=Category.PLAN,
        author_team_id=team,
        title=title.strip()[:300],
        owner_id=owner.practitioner,
        owner_team_id=owner.team,
        owner_words=owner.words.strip()[:120],
        due_on=due_on,
        episode=episode,
        state=TaskState.ACCEPTED if owner.practitioner == by.principal else TaskState.REQUESTED,
    )


def _check_due(due_on: dt.date | None) -> None:
    today = timezone.localdate()
    if due_on is not None and abs((due_on - today).days) > 5 * 366:
        raise TaskRefused("This date is more than five years away. Check the year.", "due_on")


@transaction.atomic
def change_task(
    *, by: Me, task: Task, version: int, title: str, owner: Owner, due_on: dt.date | None
) -> Task:
    """Change what is asked, of whom, or by when. Raises StaleEdit, or TaskRefused as `add_task` does."""
    if task.author_team_id not in by.teams:
        raise TaskRefused("Only the team that asked for this can change it.")
    if not title.strip():
        raise TaskRefused("Say what is to be done.", "title")
    check_owner(owner)
    _check_due(due_on)
    update_checked(
        task,
        version=version,
        title=title.strip()[:300],
        owner_id=owner.practitioner,
        owner_team_id=owner.team,
        owner_words=owner.words.strip()[:120],
        due_on=due_on,
    )
    return task


def may_answer(me: Me, task: Task) -> bool:
    """Whether I may say that it is done: my team asked for it, or owes it."""
    return task.author_team_id in me.teams or task.owner_team_id in me.teams


@transaction.atomic
def complete_task(*, by: Me, task: Task) -> Task:
    """Say that it is done. Said twice, it is done once."""
    _must_answer(by, task)
    task = Task.objects.select_for_update().get(pk=task.pk)
    if task.state == TaskState.CANCELLED:
        raise TaskRefused("This action is no longer needed, so it cannot be done.")
    if task.state != TaskState.COMPLETED:
        update_checked(task, version=task.version, state=TaskState.COMPLETED, completed_at=timezone.now())
    return task


@transaction.atomic
def reopen_task(*, by: Me, task: Task) -> Task:
    """Undo: it is not done, or needed after all."""
    _must_answer(by, task)
    task = Task.objects.select_for_update().get(pk=task.pk)
    if not task.is_open:
        update_checked(task, version=task.version, state=TaskState.ACCEPTED, completed_at=None)
    return task


@transaction.atomic
def cancel_task(*, by: Me, task: Task, version: int) -> Task:
    """Say that it is no longer needed. Only the team that asked for it does so, and not once it is done.

    Raises TaskRefused, or StaleEdit where it was changed meanwhile.
    """
    if task.author_team_id not in by.teams:
        raise TaskRefused("Only the team that asked for this can cancel it.")
    task = Task.objects.select_for_update().get(pk=task.pk)
    if task.state == TaskState.COMPLETED:
        raise TaskRefused("This action is done, so it cannot be cancelled. Say first that it is not done.")
    update_checked(task, version=version, state=TaskState.CANCELLED, completed_at=None)
    return task


def _must_answer(by: Me, task: Task) -> None:
    if not may_answer(by, task):
        raise TaskRefused("Only the team that asked for this, or that owes it, can say that it is done.")
