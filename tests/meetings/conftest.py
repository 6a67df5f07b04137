"""A case in hand: Kofi, known to the young carers team, his school and a sensitive service."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.utils import timezone

from harness.cases import accepted, with_procedures
from teamaround.meetings.actions import InvitedPerson, InvitedTeam, call_meeting
from teamaround.meetings.models import Meeting
from teamaround.people.models import Person
from teamaround.procedures.models import Episode


@dataclass
class Case:
    child: Person
    episode: Episode

    def reload(self) -> Episode:
        return Episode.objects.get(pk=self.episode.pk)


@pytest.fixture
def case(cast: Any) -> Case:
    child, episode = accepted(with_procedures(cast), allocated=False)
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
