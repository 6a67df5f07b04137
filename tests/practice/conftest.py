"""An area with the shipped procedures, its partnership officer, and a running case."""

from __future__ import annotations

from typing import Any

import pytest

from harness.cast import Member
from harness.officer import officer
from teamaround.people.actions import add_person
from teamaround.procedures import actions
from teamaround.procedures.models import Episode
from teamaround.procedures.versions import install_shipped, reset_cache


@pytest.fixture
def noor(cast: Any) -> Member:
    reset_cache()
    install_shipped()
    return officer(cast)


@pytest.fixture
def case(cast: Any, noor: Member) -> str:
    """The address part of a running case whose plan is agreed."""
    return str(running_case(cast).uuid)


def running_case(cast: Any, name: str = "Kofi") -> Episode:
    """Tom refers a child, Morgan accepts, a plan is agreed."""
    with cast.as_(cast.tom) as me:
        child = add_person(by=me, team=cast.tom.team.pk, given=name, family_name="Osei")
        sent = actions.receive(by=me, team=cast.tom.team.pk, receiving_team=cast.yasmin.team, child=child.pk)
    with cast.as_(cast.morgan) as me:
        episode = Episode.objects.get(pk=sent.pk)
        actions.accept(by=me, episode=episode, version=episode.version)
        actions.happened(by=me, episode=episode, kind="plan.agreed", subjects=[child.pk])
    return episode
