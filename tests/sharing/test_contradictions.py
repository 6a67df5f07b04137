"""Two equals who contradict each other, and a worker who settles it."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from teamaround.access.models import Grant
from teamaround.sharing.actions import BasisRefused
from teamaround.sharing.models import Settlement
from teamaround.sharing.settlements import disagreements_of, end_settlement, settle


def reads_health(cast: Any, subject: Any) -> bool:
    with cast.as_(cast.tom):
        rows = Grant.objects.filter(subject_id=subject.pk, valid_during__contains=timezone.now())
        return rows.filter(category="health").exists()


def test_the_page_learns_who_said_what_and_a_worker_settles_and_unsettles_it(cast: Any, house: Any) -> None:
    yes = house.agree(house.efua, (cast.tom, "health", "share"), (cast.tom, "education", "share"))
    house.agree(house.kwame, (cast.tom, "health", "refuse"))
    with cast.as_(cast.yasmin) as me:
        (apart,) = disagreements_of([house.kofi.pk], youngest=12)
        assert (apart.category, apart.yes[0].name, apart.no[0].name) == ("health", "Efua Osei", "Kwame Osei")
        assert apart.settled is None
        with pytest.raises(BasisRefused):
            settle(by=me, team=me.team.team, subject=house.kofi.pk, basis=yes, reason=" ")
    assert not reads_health(cast, house.kofi)
    with cast.as_(cast.yasmin) as me:
        settle(by=me, team=me.team.team, subject=house.kofi.pk, basis=yes, reason="Talked to both")
        assert disagreements_of([house.kofi.pk], youngest=12)[0].settled is not None
    assert reads_health(cast, house.kofi)
    with cast.as_(cast.yasmin) as me:
        end_settlement(by=me, settlement=Settlement.objects.get())
    assert not reads_health(cast, house.kofi)


def test_a_later_no_unsettles_it_and_the_childs_own_word_is_no_disagreement(cast: Any, house: Any) -> None:
    yes = house.agree(house.efua, (cast.tom, "health", "share"))
    house.agree(house.kwame, (cast.tom, "health", "refuse"))
    with cast.as_(cast.yasmin) as me:
        settle(by=me, team=me.team.team, subject=house.kofi.pk, basis=yes, reason="Talked to both")
    house.agree(house.kwame, (cast.tom, "health", "refuse"))
    with cast.as_(cast.yasmin):
        assert disagreements_of([house.kofi.pk], youngest=12)[0].settled is None
        assert disagreements_of([house.kofi.pk], youngest=16) == []
    house.agree(house.kofi, (cast.tom, "health", "share"))
    with cast.as_(cast.yasmin):
        assert disagreements_of([house.kofi.pk], youngest=12) == []
