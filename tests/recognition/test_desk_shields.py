"""The review desk and shields: whom one binds is told nothing of a pair, since its score tells of addresses."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse

from recognition.conftest import LIKELY, Adds, Finds
from teamaround.index.actions import involve
from teamaround.people.merges import merge_records
from teamaround.recognition.actions import give_opinion
from teamaround.recognition.models import AskedAgain, Opinion, Pair
from teamaround.sharing.shields import lift_shield, put_up_shield


@pytest.fixture
def pair(found: Finds) -> Pair:
    """Two records of which nobody is sure yet."""
    return found(LIKELY)


def url(pair: Pair, name: str = "pair") -> str:
    return reverse(f"recognition:{name}", args=[pair.uuid])


def test_whom_a_shield_binds_does_not_see_the_pair(cast: Any, pair: Pair) -> None:
    with cast.as_(cast.tom) as me:
        put_up_shield(
            by=me,
            team=cast.tom.team.pk,
            subject=pair.other_id,
            level="whereabouts",
            reason="Somebody looks for him.",
            review_on=dt.date.today() + dt.timedelta(days=30),
        )
    assert cast.morgan.client().get(url(pair)).status_code == 404


@pytest.mark.parametrize("level", ["whereabouts", "full"])
@pytest.mark.parametrize("which", ["subject_id", "other_id"])
def test_whom_a_shield_binds_is_told_nothing_that_rests_on_the_address(
    cast: Any, pair: Pair, level: str, which: str
) -> None:
    with cast.as_(cast.morgan) as me:
        give_opinion(by=me, team=me.team.team, pair=pair, answer="different", reason="The school says so.")
    client = cast.morgan.client()
    client.post(url(pair, "ask_again"), {"reason": "The birth certificate came."})
    assert "ostcode" in client.get(url(pair)).content.decode()
    with cast.as_(cast.tom) as me:
        involve(by=me, team=cast.tom.team.pk, subject=pair.subject_id)
    with cast.as_(cast.tom) as me:
        shield = put_up_shield(
            by=me,
            team=cast.tom.team.pk,
            subject=getattr(pair, which),
            level=level,
            reason="Somebody looks for him.",
            review_on=dt.date.today() + dt.timedelta(days=30),
        )
    for show in ("open", "others", "decided"):
        listed = client.get(reverse("recognition:desk"), {"show": show})
        assert (listed.context["lines"], [each[2] for each in listed.context["lists"]]) == ([], [0, 0, 0])
    assert client.get(url(pair)).status_code == client.get(url(pair, "ask_again")).status_code == 404
    with cast.as_(cast.morgan):
        for model in (Pair, Opinion, AskedAgain):
            assert not model.objects.exists()
    with cast.as_(cast.tom) as me:
        lift_shield(by=me, shield=shield, version=shield.version, reason="He moved far away.")
    assert client.get(url(pair)).status_code == 200


def test_a_shield_on_another_record_of_one_of_the_two_hides_the_pair(
    cast: Any, pair: Pair, add: Adds
) -> None:
    third = add("tom", given="Kofi", family_name="Mensah")
    with cast.as_(cast.morgan) as me:
        merge_records(
            by=me, team=cast.morgan.team.pk, person=third.pk, into=pair.subject_id, reason="His aunt says so."
        )
    assert cast.morgan.client().get(url(pair)).status_code == 200
    with cast.as_(cast.tom) as me:
        put_up_shield(
            by=me,
            team=cast.tom.team.pk,
            subject=third.pk,
            level="whereabouts",
            reason="Somebody looks for him.",
            review_on=dt.date.today() + dt.timedelta(days=30),
        )
    assert cast.morgan.client().get(url(pair)).status_code == 404
