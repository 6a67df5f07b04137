"""What happens to the cases of somebody who leaves a team."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from harness.cases import accepted, with_procedures
from teamaround.agencies.models import Membership
from teamaround.index.models import Involvement
from teamaround.procedures import actions
from teamaround.procedures.models import Allocation, Clock, Episode


@pytest.fixture
def allocated(cast: Any) -> int:
    """A case of the young carers team, allocated to Yasmin."""
    return accepted(with_procedures(cast))[1].pk


def still_named(cast: Any, episode: int) -> tuple[bool, bool, bool]:
    """Whether the case is allocated, a running clock has an owner, and the index names the worker."""
    worker = cast.yasmin.practitioner
    with cast.as_(cast.morgan):
        return (
            Allocation.objects.filter(episode=episode, until=None).exists(),
            Clock.objects.filter(episode=episode, stopped_at=None, owner=worker).exists(),
            Involvement.objects.filter(practitioner=worker, until=None).exists(),
        )


def test_the_cases_of_somebody_who_leaves_are_unallocated_for_the_manager(cast: Any, allocated: int) -> None:
    assert still_named(cast, allocated)[0]
    answer = cast.admin.client().post(
        reverse("administration:leave", args=[cast.yasmin.practitioner.uuid]), {"reason": "Another job"}
    )
    assert answer.status_code == 302
    assert still_named(cast, allocated) == (False, False, False)
    with cast.as_(cast.morgan) as me:
        team_stays = Involvement.objects.filter(author_team=cast.yasmin.team, until=None)
        assert team_stays.exists()
        episode = Episode.objects.get(pk=allocated)
        actions.allocate(by=me, episode=episode, practitioner=cast.yusuf.practitioner.pk)


def test_the_administrator_who_ends_access_sees_no_case(cast: Any, allocated: int) -> None:
    cast.admin.client().post(
        reverse("administration:leave", args=[cast.yasmin.practitioner.uuid]), {"reason": "Another job"}
    )
    page = cast.admin.client().get(
        reverse("administration:person", args=[cast.yasmin.practitioner.uuid]), follow=True
    )
    assert "Kofi" not in page.content.decode()
    with cast.as_(cast.admin):
        assert not Episode.objects.exists()
        assert not Allocation.objects.exists()


def test_a_move_releases_only_the_cases_of_the_team_left(cast: Any, allocated: int) -> None:
    with cast.as_(cast.admin):
        held = Membership.objects.current().get(practitioner=cast.yasmin.practitioner)
    client = cast.admin.client()
    uuid = cast.yasmin.practitioner.uuid
    client.post(
        reverse("administration:add_role", args=[uuid]), {"team": cast.teams["housing"].pk, "role": "manager"}
    )
    assert still_named(cast, allocated)[0]
    client.post(
        reverse("administration:move", args=[uuid]),
        {"membership": held.pk, "team": cast.teams["moor-lane"].pk, "role": "practitioner"},
    )
    assert not still_named(cast, allocated)[0]
