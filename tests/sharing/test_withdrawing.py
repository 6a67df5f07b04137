"""What is taken back is hidden at once, whoever recorded it, and nobody learns more by taking it back."""

from __future__ import annotations

from typing import Any

import pytest

from teamaround.access.actions import state_purpose
from teamaround.access.models import Grant
from teamaround.events.models import Event
from teamaround.index.actions import end_involvement, involve
from teamaround.index.models import Involvement
from teamaround.sharing.actions import BasisRefused, withdraw_consent
from teamaround.sharing.models import Basis, BasisLine
from teamaround.sharing.withdrawals import withdraw_cells
from teamaround.tasks.models import Task


def open_to(cast: Any, member: Any, subject: Any) -> set[str]:
    from django.utils import timezone

    with cast.as_(member):
        found = Grant.objects.filter(
            subject_id=subject.pk, basis_kind="consent", valid_during__contains=timezone.now()
        )
        return set(found.values_list("category", flat=True))


def test_a_cell_taken_back_closes_and_the_others_stay_open(cast: Any, house: Any) -> None:
    house.agree(house.efua, (cast.tom, "health", "share"), (cast.tom, "education", "share"))
    assert open_to(cast, cast.tom, house.kofi) == {"health", "education", "index"}
    with cast.as_(cast.yasmin) as me:
        ended = withdraw_cells(
            by=me,
            team=me.team.team,
            subject=house.kofi.pk,
            giver=house.efua.pk,
            holders=[cast.tom.team.pk],
            categories=["health"],
        )
    assert ended == 1
    assert open_to(cast, cast.tom, house.kofi) == {"education", "index"}


def test_a_team_that_did_not_record_it_takes_it_back_and_reads_nothing_of_it(cast: Any, house: Any) -> None:
    house.agree(house.efua, (cast.nina, "health", "share"), (cast.olive, "money", "share"))
    with cast.as_(cast.tom) as me:
        ended = withdraw_cells(
            by=me,
            team=me.team.team,
            subject=house.kofi.pk,
            giver=house.efua.pk,
            reason="She rang the school",
        )
        assert not BasisLine.objects.exists()
        assert Event.objects.filter(kind="consent.withdrawn", author_team=me.team.team).count() == 1
    assert ended == 2
    assert open_to(cast, cast.nina, house.kofi) == set()
    with cast.as_(cast.yasmin):
        refusing = Basis.objects.latest("pk")
        assert refusing.reason == "She rang the school"
        assert refusing.recorded_by_id == cast.tom.practitioner.pk
        assert set(refusing.lines.values_list("holder_id", flat=True)) == {
            cast.nina.team.pk,
            cast.olive.team.pk,
        }
        assert Event.objects.filter(kind="consent.withdrawn", author_team=cast.yasmin.team.pk).count() == 1


def test_what_a_sensitive_service_was_told_ends_too_and_the_number_does_not_tell(
    cast: Any, house: Any
) -> None:
    with cast.as_(cast.sam) as me:
        involve(by=me, team=me.team.team, subject=house.kofi.pk)
    house.agree(house.efua, (cast.sam, "substance", "share"), member=cast.sam)
    with cast.as_(cast.tom) as me:
        ended = withdraw_cells(by=me, team=me.team.team, subject=house.kofi.pk, giver=house.efua.pk)
    assert ended == 0
    assert open_to(cast, cast.sam, house.kofi) == set()


def test_naming_a_cell_answers_the_same_whether_or_not_it_was_shared(cast: Any, house: Any) -> None:
    house.agree(house.efua, (cast.nina, "health", "share"))
    counts = []
    for category in ("health", "money"):
        with cast.as_(cast.tom) as me:
            counts.append(
                withdraw_cells(
                    by=me,
                    team=me.team.team,
                    subject=house.kofi.pk,
                    giver=house.efua.pk,
                    holders=[cast.nina.team.pk],
                    categories=[category],
                )
            )
    assert counts == [1, 1]
    assert open_to(cast, cast.nina, house.kofi) == set()


def test_a_child_takes_back_what_both_parents_shared(cast: Any, house: Any) -> None:
    house.agree(house.efua, (cast.tom, "health", "share"))
    house.agree(house.kwame, (cast.tom, "health", "share"), (cast.nina, "health", "share"))
    with cast.as_(cast.yasmin) as me:
        assert (
            withdraw_cells(by=me, team=me.team.team, subject=house.kofi.pk, giver=house.kofi.pk, how="signed")
            == 2
        )
    assert open_to(cast, cast.tom, house.kofi) == open_to(cast, cast.nina, house.kofi) == set()


def test_a_giver_who_decides_again_shares_again(cast: Any, house: Any) -> None:
    house.agree(house.efua, (cast.tom, "health", "share"))
    with cast.as_(cast.tom) as me:
        withdraw_cells(by=me, team=me.team.team, subject=house.kofi.pk, giver=house.efua.pk)
    house.agree(house.efua, (cast.tom, "health", "share"))
    assert open_to(cast, cast.tom, house.kofi) == {"health", "index"}


def test_a_purpose_or_no_link_at_all_is_not_enough_to_take_anything_back(cast: Any, house: Any) -> None:
    house.agree(house.efua, (cast.tom, "health", "share"))
    with cast.as_(cast.nina) as me:
        state_purpose(by=me, subject=house.kofi.pk, reason="Health check")
    for member in (cast.nina, cast.olive):
        with cast.as_(member) as me, pytest.raises(BasisRefused):
            withdraw_cells(by=me, team=me.team.team, subject=house.kofi.pk, giver=house.efua.pk)
    with cast.as_(cast.tom) as me, pytest.raises(BasisRefused):
        withdraw_cells(by=me, team=cast.yasmin.team.pk, subject=house.kofi.pk, giver=house.efua.pk)
    with cast.as_(cast.tom) as me, pytest.raises(BasisRefused) as refused:
        withdraw_cells(
            by=me, team=me.team.team, subject=house.kofi.pk, giver=house.efua.pk, holders=[], categories=[]
        )
    assert refused.value.field == "cells"
    assert open_to(cast, cast.tom, house.kofi) == {"health", "index"}


def test_the_lead_practitioner_is_asked_once_what_lies_behind_it(cast: Any, house: Any) -> None:
    house.agree(house.efua, (cast.nina, "health", "share"))
    for _twice in range(2):
        with cast.as_(cast.tom) as me:
            withdraw_cells(by=me, team=me.team.team, subject=house.kofi.pk, giver=house.efua.pk)
            assert not Task.objects.exists()
    with cast.as_(cast.yasmin):
        asked = Task.objects.get()
        assert asked.owner_id == cast.yasmin.practitioner.pk
        assert asked.title.startswith("Ask what lies behind the withdrawal of consent")


def test_a_whole_withdrawal_asks_whoever_leads_and_a_team_that_left_withdraws_without_asking(
    cast: Any, house: Any
) -> None:
    theirs = house.agree(house.efua, (cast.nina, "health", "share"), member=cast.tom)
    ours = house.agree(house.kwame, (cast.nina, "health", "share"))
    with cast.as_(cast.tom) as me:
        end_involvement(by=me, involvement=Involvement.objects.get(author_team=me.team.team))
        withdraw_consent(by=me, basis=theirs, reason="Left the school")
    with cast.as_(cast.yasmin) as me:
        assert not Task.objects.exists()
        withdraw_consent(by=me, basis=ours)
        assert Task.objects.count() == 1
    assert open_to(cast, cast.nina, house.kofi) == set()
