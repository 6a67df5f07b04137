"""The nightly search: what it joins, what it leaves to people, and what it never does."""

from __future__ import annotations

import datetime as dt
from typing import Any

from recognition.conftest import Adds
from teamaround.people.models import Merge
from teamaround.recognition.models import Pair, Run
from teamaround.recognition.nightly import recognise


def test_two_records_that_certainly_are_one_child_are_joined(cast: Any, add: Adds) -> None:
    first = add("yasmin", nhs_number="943 476 5919")
    second = add("tom", given="Kofie", nhs_number="943 476 5919")
    outcome = recognise()
    assert (outcome.entries, outcome.joined, outcome.review) == (2, 1, 0)
    with cast.as_(cast.morgan):
        merge = Merge.objects.get(undone_at=None)
        assert (merge.subject_id, merge.into_id) == (second.pk, first.pk)
        assert "model 1, weight" in merge.reason
        pair = Pair.objects.get()
        assert (pair.state, pair.merge_id) == ("joined", merge.pk)
        assert Run.objects.get().joined == 1


def test_doing_it_again_finds_nothing_twice(cast: Any, add: Adds) -> None:
    add("yasmin", nhs_number="943 476 5919")
    add("tom", given="Kofie", nhs_number="943 476 5919")
    add("nina", given="Kofi", family_name="Osey", date_of_birth=dt.date(2013, 5, 11), postcode="NM9 9ZZ")
    recognise()
    with cast.as_(cast.morgan):
        before = list(Pair.objects.order_by("id").values())
    for everything in (False, True):
        again = recognise(everything=everything)
        assert (again.joined, again.review) == (0, 0)
    with cast.as_(cast.morgan):
        assert Merge.objects.count() == 1
        assert list(Pair.objects.order_by("id").values()) == before
