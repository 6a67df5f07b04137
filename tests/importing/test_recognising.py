"""Who is recognised, who is asked about, and who never is."""

from __future__ import annotations

import datetime as dt

import pytest

from teamaround.importing.matching import Candidate, Child, birth_fit, judge, name_fit, slips, surname_fit

BORN = dt.date(2014, 3, 2)
KOFI = Child("Kofi", "Osei", BORN, "day", "M", "SK3 2DU", "9434765919", "")


def candidate(
    given: str = "Kofi",
    family_name: str = "Osei",
    born: dt.date | None = BORN,
    *,
    precision: str = "day",
    sex: str = "M",
    same_postcode: bool = False,
    same_number: bool = False,
    other_number: bool = False,
    key: str = "a",
) -> Candidate:
    return Candidate(key, given, family_name, born, precision, sex, same_postcode, same_number, other_number)


def test_an_equal_number_recognises_a_child_whose_surname_changed() -> None:
    assert judge(KOFI, [candidate(family_name="Mensah", same_number=True)]).kind == "recognised"


def test_an_equal_number_on_another_forename_is_put_before_a_person() -> None:
    assert judge(KOFI, [candidate("Ama", same_number=True)]).kind == "unsure"


def test_the_same_name_and_birthday_recognise_a_child() -> None:
    assert judge(KOFI, [candidate()]).kind == "recognised"


def test_the_same_name_and_birthday_with_different_numbers_are_put_before_a_person() -> None:
    assert judge(KOFI, [candidate(other_number=True)]).kind == "unsure"


def test_a_name_spelt_nearly_so_needs_birthday_and_postcode() -> None:
    sought = Child("Katherine", "McGrath", BORN)
    near = {"given": "Kathorine", "family_name": "McGrath", "sex": "F"}
    assert judge(sought, [candidate(**near, same_postcode=True)]).kind == "recognised"  # type: ignore[arg-type]
    assert judge(sought, [candidate(**near)]).kind == "unsure"  # type: ignore[arg-type]


@pytest.mark.parametrize("twin", ["Ama", "Kwame", "Yaw"])
def test_a_twin_is_neither_recognised_nor_offered(twin: str) -> None:
    assert judge(KOFI, [candidate(twin, same_postcode=True)]).kind == "new"


@pytest.mark.parametrize(
    ("one", "other"), [("Maria", "Marie"), ("Ella", "Emma"), ("Leon", "Leo"), ("Hanna", "Hannah")]
)
def test_forenames_that_twins_may_bear_are_never_taken_for_one(one: str, other: str) -> None:
    sought = Child(one, "Brook", BORN, "day", "F", "S1 2AB")
    assert judge(sought, [candidate(other, "Brook", sex="F", same_postcode=True)]).kind != "recognised"


@pytest.mark.parametrize("born", [dt.date(2014, 2, 3), dt.date(2014, 3, 12), dt.date(2013, 3, 2), None])
def test_a_birthday_that_differs_in_part_is_put_before_a_person(born: dt.date | None) -> None:
    assert judge(KOFI, [candidate(born=born, same_postcode=True)]).kind == "unsure"


def test_a_birthday_known_by_its_month_alone_never_recognises_by_name() -> None:
    assert judge(KOFI, [candidate(born=dt.date(2014, 3, 1), precision="month")]).kind == "unsure"


def test_two_children_who_would_each_be_recognised_are_put_before_a_person() -> None:
    verdict = judge(KOFI, [candidate(key="a"), candidate(key="b")])
    assert verdict.kind == "unsure"
    assert set(verdict.keys) == {"a", "b"}


def test_forename_and_surname_in_each_others_place_are_put_before_a_person() -> None:
    assert judge(KOFI, [candidate("Osei", "Kofi")]).kind == "unsure"


def test_a_different_sex_is_put_before_a_person() -> None:
    assert judge(KOFI, [candidate(sex="F")]).kind == "unsure"


def test_names_are_compared_without_accents_marks_and_capitals() -> None:
    sought = Child("Zoë", "O'Brien-Núñez", BORN)
    assert judge(sought, [candidate("ZOE", "obrien nunez", sex="F")]).kind == "recognised"


def test_nothing_known_means_a_new_child() -> None:
    assert judge(KOFI, []).kind == "new"


def test_a_part_of_a_double_surname_is_near_to_the_whole() -> None:
    assert surname_fit("Smith-Jones", "Jones") == "near"
    assert surname_fit("Smith", "Jones") == "other"


def test_a_missing_forename_is_unknown_and_not_another() -> None:
    assert name_fit("", "kofi") == "unknown"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("abcd", "abcd", 0), ("abcd", "abd", 1), ("abcd", "acbd", 1), ("abcd", "badc", 2)],
)
def test_slips_are_counted_up_to_two(one: str, other: str, expected: int) -> None:
    assert slips(one, other) == slips(other, one) == expected


def test_day_and_month_swapped_are_told_from_one_wrong_part() -> None:
    assert birth_fit(dt.date(2014, 3, 2), "day", dt.date(2014, 2, 3), "day") == "swapped"
    assert birth_fit(dt.date(2014, 3, 2), "day", dt.date(2014, 3, 5), "day") == "one part"
    assert birth_fit(dt.date(2014, 3, 2), "day", dt.date(2010, 3, 5), "day") == "other"
