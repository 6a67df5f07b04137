"""Who is recognised, who is asked about, and who never is."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from teamaround.importing.matching import Child, Verdict, as_candidate, bears_reference, judge, reason

BORN = dt.date(2014, 3, 2)
KOFI = Child("Kofi", "Osei", BORN, "day", "M", "SK3 2DU", "9434765919", "")
OTHER_NUMBER = "9990548609"


def judged(sought: Child, *known: Child) -> Verdict:
    return judge([as_candidate(str(place), child, sought) for place, child in enumerate(known)])


def test_an_equal_number_recognises_a_child_whose_surname_changed() -> None:
    assert judged(KOFI, replace(KOFI, family_name="Mensah")).kind == "recognised"


def test_an_equal_number_on_another_forename_is_not_recognised() -> None:
    assert judged(KOFI, replace(KOFI, given="Ama")).kind != "recognised"


def test_the_same_name_and_birthday_recognise_a_child() -> None:
    assert judged(KOFI, replace(KOFI, postcode="", nhs="")).kind == "recognised"


def test_the_same_name_and_birthday_with_different_numbers_are_not_recognised() -> None:
    elsewhere = replace(KOFI, postcode="", nhs=OTHER_NUMBER)
    assert judged(KOFI, elsewhere).kind != "recognised"


def test_a_name_spelt_nearly_so_is_recognised_with_birthday_and_postcode() -> None:
    sought = Child("Katherine", "McGrath", BORN, sex="F", postcode="S1 2AB")
    assert judged(sought, replace(sought, given="Kathorine")).kind == "recognised"


@pytest.mark.parametrize("twin", ["Ama", "Kwame", "Yaw"])
def test_a_twin_is_neither_recognised_nor_offered(twin: str) -> None:
    assert judged(replace(KOFI, nhs=""), replace(KOFI, given=twin, nhs="")).kind == "new"


@pytest.mark.parametrize(("one", "other"), [("Maria", "Maya"), ("Ella", "Emma"), ("Leon", "Liam")])
def test_forenames_that_twins_may_bear_are_never_taken_for_one(one: str, other: str) -> None:
    sought = Child(one, "Brook", BORN, "day", "F", "S1 2AB")
    assert judged(sought, replace(sought, given=other)).kind != "recognised"


@pytest.mark.parametrize("born", [dt.date(2013, 8, 21), None])
def test_a_birthday_that_says_otherwise_is_never_taken_without_asking(born: dt.date | None) -> None:
    found = judged(replace(KOFI, nhs=""), replace(KOFI, nhs="", born=born, postcode=""))
    assert found.kind != "recognised"


def test_a_slip_in_both_surname_and_birthday_is_asked_about() -> None:
    sought = Child("Kofi", "Osei", BORN, "day", "M", "SK3 2DU")
    assert judged(sought, replace(sought, family_name="Osai", born=dt.date(2014, 3, 12))).kind == "unsure"


def test_two_children_who_would_each_be_recognised_are_put_before_a_person() -> None:
    verdict = judged(KOFI, replace(KOFI, nhs=""), replace(KOFI, nhs=""))
    assert verdict.kind == "unsure"
    assert set(verdict.keys) == {"0", "1"}
    assert verdict.why == "more than one child fits"


def test_a_child_who_fits_better_by_far_is_recognised_beside_another() -> None:
    cousin = Child("Kofi", "Osei", dt.date(2014, 3, 12), "day", "M", "SK9 1AA")
    assert judged(KOFI, cousin, KOFI) == Verdict("recognised", ("1",), reason(as_candidate("", KOFI, KOFI)))


def test_names_are_compared_without_accents_marks_and_capitals() -> None:
    sought = Child("Zoë", "O'Brien-Núñez", BORN)
    assert judged(sought, Child("ZOE", "obrien nunez", BORN)).kind == "recognised"


def test_a_short_form_is_the_same_forename() -> None:
    assert (
        judged(
            Child("Bob", "Twyworth", BORN, postcode="OL8 1AA"),
            Child("Robert", "Twyworth", BORN, postcode="OL8 1AA"),
        ).kind
        == "recognised"
    )


def test_nothing_known_means_a_new_child() -> None:
    assert judged(KOFI).kind == "new"


def test_a_reference_is_borne_by_nobody_whose_name_birthday_or_number_is_another() -> None:
    assert bears_reference(as_candidate("", replace(KOFI, postcode="", nhs=""), KOFI))
    for contrary in (
        replace(KOFI, given="Ama"),
        replace(KOFI, family_name="Blackwood"),
        replace(KOFI, born=dt.date(2010, 11, 27)),
        replace(KOFI, nhs=OTHER_NUMBER),
    ):
        assert not bears_reference(as_candidate("", contrary, KOFI))


def test_the_reason_says_what_fits_and_what_does_not_without_a_value() -> None:
    said = reason(as_candidate("", replace(KOFI, given="Kofie", postcode="SK3 2DZ"), KOFI))
    assert "same surname" in said
    assert "same birthday" in said
    assert "Kofi" not in said
    assert "SK3" not in said
