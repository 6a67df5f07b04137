"""Lists of actions, each one query."""

from __future__ import annotations

from django.db.models import Q

from teamaround.access.me import Me

from .models import Task, TaskQuerySet


def due_for(me: Me) -> TaskQuerySet:
    """What I owe: open actions in my name, or of one of my teams with nobody named. The soonest first.

    A page that lists them says so: `shown(request, {task.subject_id for task in tasks}, "plan", act="list")`.
    """
    return (
        Task.objects.open()
        .filter(Q(owner=me.principal) | Q(owner=None, owner_team__in=me.teams))
        .with_owner()
        .by_due_date()
    )
