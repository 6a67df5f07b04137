"""A case in hand: Kofi, known to the young carers team, his school and a sensitive service."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.utils import timezone

from teamaround.index.actions import involve
from teamaround.meetings.actions import InvitedPerson, InvitedTeam, call_meeting
from teamaround.meetings.models import Meeting
from teamaround.people.actions import add_person
from teamaround.people.models import Person
from teamaround.procedures import actions as procedures
from teamaround.procedures.models import Episode
from teamaround.procedures.versions import install_shipped, reset_cache


@dataclass
class Case:
    child: Person
    episode: Episode

    def reload(self) -> Episode:
        return Episode.objects.get(pk=self.episode.pk)


@pytest.fixture
def case(cast: Any) -> Case:
    reset_cache()
    with cast.as_(cast.tom) as me:
        install_shipped()
        child = add_person(
            by=me, team=cast.tom.team.pk, given="Kofi", family_name="Osei", date_of_birth=dt.date(2014, 3, 2)
        )
        involve(by=me, team=cast.tom.team.pk, subject=child.pk, role="school", practitioner=me.principal)
        episode = procedures.receive(
            by=me, team=cast.tom.team.pk, receiving_team=cast.yasmin.team, child=child.pk
        )
    with cast.as_(cast.morgan) as me:
        episode = Episode.objects.get(pk=episode.pk)
        procedures.accept(by=me, episode=episode, version=episode.version)
    return Case(child, episode)


@pytest.fixture
def called(cast: Any, case: Case) -> Callable[..., Meeting]:
    """Yasmin calls a meeting: the school and Kofi are invited."""

    def call(*, teams: tuple[str, ...] = ("moor-lane",), days: float = 3, **changes: Any) -> Meeting:
        with cast.as_(cast.yasmin) as me:
            return call_meeting(
                by=me,
                team=cast.yasmin.team.pk,
                episode=case.reload(),
                **{
                    "kind": "team-around",
                    "starts_at": timezone.now() + dt.timedelta(days=days),
                    "place": "Moor Lane School, library",
                    "purpose": "Agree who helps with what",
                    "teams": [InvitedTeam(cast.teams[slug].pk) for slug in teams],
                    "people": [InvitedPerson("Kofi Osei", case.child.pk)],
                    **changes,
                },
            )

    return call
