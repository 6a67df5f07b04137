"""Actions that anyone owes: who reads them, who says they are done."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db.utils import Error
from django.urls import reverse
from django.utils import timezone

from teamaround.access.edits import StaleEdit
from teamaround.index.actions import involve
from teamaround.people.actions import add_person
from teamaround.tasks import actions
from teamaround.tasks.actions import Owner, TaskRefused
from teamaround.tasks.loaders import due_for
from teamaround.tasks.models import Task


def today(days: int = 0) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=days)


@pytest.fixture
def child(cast: Any) -> int:
    with cast.as_(cast.yasmin) as me:
        person = add_person(by=me, team=cast.yasmin.team.pk, given="Kofi", family_name="Osei")
        involve(by=me, team=cast.yasmin.team.pk, subject=person.pk)
    return int(person.pk)


def ask(cast: Any, child: int, title: str, owner: Owner, due: dt.date | None = None) -> Task:
    with cast.as_(cast.yasmin) as me:
        return actions.add_task(
            by=me, team=cast.yasmin.team.pk, subject=child, title=title, owner=owner, due_on=due
        )


def to_tom(cast: Any) -> Owner:
    return Owner(practitioner=cast.tom.practitioner.pk, team=cast.tom.team.pk)


def test_what_i_owe_comes_by_due_date_and_with_what_my_team_owes(cast: Any, child: int) -> None:
    ask(cast, child, "Someday", to_tom(cast))
    ask(cast, child, "Second", Owner(team=cast.tom.team.pk), today(9))
    ask(cast, child, "First", to_tom(cast), today(2))
    ask(cast, child, "Hers", Owner(practitioner=cast.yasmin.practitioner.pk, team=cast.yasmin.team.pk))
    ask(cast, child, "Mum's", Owner(words="Mum"))
    with cast.as_(cast.tom) as me:
        assert [task.title for task in due_for(me)] == ["First", "Second", "Someday"]


def test_a_team_that_owes_nothing_sees_nothing(cast: Any, child: int) -> None:
    ask(cast, child, "First", to_tom(cast))
    for member in (cast.olive, cast.nina, cast.sam, cast.admin):
        with cast.as_(member):
            assert not Task.objects.exists()


def test_the_team_that_owes_it_says_it_is_done_and_undoes_it(cast: Any, child: int) -> None:
    task = ask(cast, child, "First", to_tom(cast))
    with cast.as_(cast.tom) as me:
        done = actions.complete_task(by=me, task=task)
        again = actions.complete_task(by=me, task=task)
        assert done.state == again.state == "completed"
        assert done.completed_at == again.completed_at
        assert actions.reopen_task(by=me, task=task).completed_at is None
        with pytest.raises(TaskRefused, match="Only the team that asked"):
            actions.change_task(by=me, task=task, version=1, title="Else", owner=to_tom(cast), due_on=None)


def test_an_action_that_is_done_is_not_cancelled(cast: Any, child: int) -> None:
    task = ask(cast, child, "First", to_tom(cast))
    with cast.as_(cast.tom) as me:
        done = actions.complete_task(by=me, task=task)
    with cast.as_(cast.yasmin) as me:
        with pytest.raises(TaskRefused, match="is done, so it cannot be cancelled"):
            actions.cancel_task(by=me, task=task, version=done.version)
        kept = Task.objects.get(pk=task.pk)
        assert (kept.state, kept.completed_at) == ("completed", done.completed_at)
        opened = actions.reopen_task(by=me, task=task)
        assert actions.cancel_task(by=me, task=task, version=opened.version).state == "cancelled"


def test_nobody_asks_in_the_name_of_another_team(cast: Any, child: int) -> None:
    with pytest.raises(Error), cast.as_(cast.tom) as me:
        actions.add_task(by=me, team=cast.yasmin.team.pk, subject=child, title="Planted", owner=to_tom(cast))


@pytest.mark.parametrize(
    ("title", "owner", "days", "field"),
    [
        (" ", Owner(words="Mum"), 1, "title"),
        ("Ring", Owner(), 1, "owner"),
        ("Ring", Owner(words="Mum"), 4000, "due_on"),
    ],
)
def test_an_action_without_what_or_who_or_with_a_wild_date_is_refused(
    cast: Any, child: int, title: str, owner: Owner, days: int, field: str
) -> None:
    with cast.as_(cast.yasmin) as me, pytest.raises(TaskRefused) as refused:
        actions.add_task(
            by=me, team=cast.yasmin.team.pk, subject=child, title=title, owner=owner, due_on=today(days)
        )
    assert refused.value.field == field


def test_somebody_who_does_not_work_in_the_team_cannot_owe_it(cast: Any, child: int) -> None:
    with pytest.raises(TaskRefused, match="works in that team"):
        ask(cast, child, "Ring", Owner(practitioner=cast.olive.practitioner.pk, team=cast.tom.team.pk))


def test_a_stale_change_is_refused(cast: Any, child: int) -> None:
    task = ask(cast, child, "Ring", to_tom(cast))
    with cast.as_(cast.yasmin) as me:
        owner = to_tom(cast)
        actions.change_task(by=me, task=task, version=1, title="Ring Nan", owner=owner, due_on=None)
        with pytest.raises(StaleEdit):
            actions.change_task(by=me, task=task, version=1, title="Write", owner=owner, due_on=None)


def test_the_button_completes_once_and_leads_back_only_within_the_site(cast: Any, child: int) -> None:
    task = ask(cast, child, "Ring", to_tom(cast))
    address = reverse("tasks:complete", args=[task.uuid])
    client = cast.tom.client()
    assert client.get(address).status_code == 405
    first = client.post(address, {"next": "/plans/"})
    second = client.post(address, {"next": "https://elsewhere.example/"})
    assert (first.status_code, first["Location"], second["Location"]) == (302, "/plans/", "/")
    with cast.as_(cast.tom):
        assert Task.objects.get(pk=task.pk).state == "completed"
    client.post(address, {"undo": "yes"})
    with cast.as_(cast.tom):
        assert Task.objects.get(pk=task.pk).state == "accepted"
    assert cast.olive.client().post(address).status_code == 404
    assert cast.admin.client().post(address).status_code == 403
