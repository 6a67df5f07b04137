"""Which pairs join without anybody: the rules, over features alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest

from teamaround.linkage.features import Features, Record, features_of
from teamaround.linkage.model import shipped
from teamaround.recognition.agreement import Counted, agreement_of, band_of, by_band, kappa, limits
from teamaround.recognition.comparing import pieces
from teamaround.recognition.deciding import Both, Found, decide

MODEL = shipped()
BORN = dt.date(2013, 5, 17)


def kofi(**said: object) -> Features:
    given: dict[str, object] = {
        "given": "Kofi",
        "family": "Osei-Mensah",
        "born": BORN,
        "sex": "M",
        "postcodes": ("NM4 2AB",),
    }
    return features_of(Record(**{**given, **said}))  # type: ignore[arg-type]  # a record's own fields


def sorted_out(people: dict[int, Sequence[Features]], **more: set[Both]) -> tuple[set[Both], set[Both]]:
    pairs: dict[Both, Found] = {}
    for one in people:
        for other in people:
            if one < other:
                best = max(
                    (
                        (MODEL.score(left, right, population=1000), (mine, theirs))
                        for mine, left in enumerate(people[one])
                        for theirs, right in enumerate(people[other])
                    ),
                    key=lambda each: each[0].weight,
                )
                pairs[one, other] = Found(best[0].weight, best[0].family, best[1])
    found = decide(people, pairs, MODEL, 1000, **more)
    return set(found.joins), set(found.review)


def test_what_is_certain_joins_and_what_is_not_waits() -> None:
    people = {1: [kofi()], 2: [kofi(given="Kofie")], 3: [kofi(given="Kwame", nhs="9434765919")]}
    joins, review = sorted_out(people)
    assert joins == {(1, 2)}
    assert len(review) == 1


def test_two_whom_somebody_told_apart_neither_join_nor_wait() -> None:
    people = {1: [kofi()], 2: [kofi(given="Kofie")]}
    assert sorted_out(people, apart={(1, 2)}) == (set(), set())


def test_whom_people_alone_decide_about_waits_however_certain() -> None:
    people = {1: [kofi()], 2: [kofi(given="Kofie")]}
    assert sorted_out(people, by_people={(1, 2)}) == (set(), {(1, 2)})


@pytest.mark.parametrize("traced", [True, False])
def test_numbers_that_differ_are_for_a_person_to_see(traced: bool) -> None:
    people = {
        1: [kofi(nhs="9434765919", nhs_traced=traced)],
        2: [kofi(nhs="9434765870", nhs_traced=traced)],
    }
    assert sorted_out(people) == (set(), {(1, 2)})


def test_nobody_joins_by_way_of_a_third_whom_they_were_told_apart_from() -> None:
    people = {1: [kofi()], 2: [kofi()], 3: [kofi()]}
    joins, _review = sorted_out(people, apart={(1, 2)})
    assert len(joins) <= 1


def test_a_former_name_is_enough_to_be_recognised_by() -> None:
    people = {1: [kofi(family="Boateng"), kofi()], 2: [kofi(given="Kofie")]}
    assert sorted_out(people)[0] == {(1, 2)}


def test_those_who_join_have_one_question_with_a_third() -> None:
    people = {1: [kofi()], 2: [kofi()], 3: [kofi(given="Kwame")]}
    joins, review = sorted_out(people)
    assert (1, 2) in joins
    assert len(review) == 1


def test_kappa_is_one_where_people_always_agree_and_none_where_that_says_nothing() -> None:
    assert kappa({("same", "same"): 3, ("different", "different"): 2}) == pytest.approx(1.0)
    assert kappa({("same", "same"): 5}) is None
    assert kappa({("same", "different"): 1}) is None


def test_kappa_agrees_with_the_worked_example_of_its_literature() -> None:
    # 50 cases: both yes 20, both no 15, one alone 5 and 10. Chance would give 0.5.
    table = {
        ("same", "same"): 20,
        ("different", "different"): 15,
        ("same", "different"): 5,
        ("different", "same"): 10,
    }
    assert kappa(table) == pytest.approx(0.4)


def test_agreement_counts_pairs_opinions_and_those_seen_by_two() -> None:
    rows = [
        Counted(0, "same", "same", "same", 3),
        Counted(0, "different", "same", "different", 1),
        Counted(-1, "different", "different", "", 2),
        Counted(2, "joined", "", "", 5),
        Counted(-1, "second", "", "", 1),
    ]
    found = agreement_of(rows)
    assert (found.pairs, found.opinions, found.twice, found.agreeing) == (12, 10, 4, 3)
    assert (found.same, found.different, found.joined, found.open) == (3, 3, 5, 1)
    assert found.share == pytest.approx(0.75)
    assert [band for band, _found in by_band(rows)] == [2, 0, -1]


@pytest.mark.parametrize(
    ("weight", "band"), [(-99.0, -4), (-0.1, -1), (0.0, 0), (1.99, 0), (7.9, 3), (80.0, 4)]
)
def test_a_weight_falls_in_a_band_of_two_bits(weight: float, band: int) -> None:
    assert band_of(weight) == band
    low, high = limits(band)
    assert low is None or low <= weight
    assert high is None or weight < high


@pytest.mark.parametrize(
    ("one", "other", "marked"),
    [
        ("Maja Kowalska", "Maya Kowalski", ["j", "a"]),
        ("20 August 2017", "20 September 2017", ["August"]),
        ("Ezra Adeyemi", "Esther Adeyemi", ["Ezra"]),
        ("Kofi Osei", "Kofi Osei", []),
        ("Kofi", "", ["Kofi"]),
    ],
)
def test_what_the_other_record_has_not_is_marked(one: str, other: str, marked: list[str]) -> None:
    found = pieces(one, other)
    assert "".join(text for text, _differs in found) == one
    assert [text for text, differs in found if differs] == marked
