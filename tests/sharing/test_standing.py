"""Who may decide for whom about sharing."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest

from teamaround.sharing.actions import WORDING_VERSION
from teamaround.sharing.forms import SHARED
from teamaround.sharing.standing import Party, months_after, refusal, rules_on
from teamaround.sharing.wording import wording

TODAY = dt.date(2026, 11, 22)


def party(number: int, name: str, age: int | None, role: str = "", **more: Any) -> Party:
    return Party(
        subject=number,
        uuid=uuid.UUID(int=number),
        name=name,
        youngest=age,
        oldest=age,
        places={1: role} if role else {},
        **more,
    )


KOFI = party(1, "Kofi", 12, "child")
AMA = party(2, "Ama", 10, "child")
ABENA = party(3, "Abena", 16, "child")
EFUA = party(4, "Efua", 41, "parent")
NAN = party(5, "Nan Osei", 70, "grandparent")
FRIEND = party(6, "Pat", None, "friend")


def field_of(giver: Party, subjects: list[Party], capacity: str, note: str = "") -> str:
    found = refusal(giver=giver, subjects=subjects, capacity=capacity, note=note, on=TODAY)
    return found.field if found else ""


@pytest.mark.parametrize(
    ("giver", "subjects", "capacity", "note", "field"),
    [
        (EFUA, [KOFI, AMA], "parent", "", ""),
        (EFUA, [EFUA], "self", "", ""),
        (EFUA, [EFUA], "parent", "", "subjects"),
        (EFUA, [KOFI, EFUA], "parent", "", "subjects"),
        (EFUA, [KOFI], "self", "", "subjects"),
        (EFUA, [ABENA], "parent", "", "subjects"),
        (EFUA, [NAN], "parent", "", "subjects"),
        (ABENA, [ABENA], "self", "", ""),
        (ABENA, [KOFI], "parent", "", "given_by"),
        (KOFI, [KOFI], "self", "", "understanding"),
        (KOFI, [KOFI], "self", "Told it back to me in his own words", ""),
        (AMA, [AMA], "self", "", "understanding"),
        (AMA, [AMA], "self", "Drew who may know what", ""),
        (KOFI, [AMA], "parent", "", "given_by"),
        (NAN, [KOFI], "parent", "", "understanding"),
        (NAN, [KOFI], "parent", "Special guardianship order of 2024", ""),
        (FRIEND, [KOFI], "parent", "Knows him well", "given_by"),
    ],
)
def test_a_giver_decides_only_where_they_have_standing(
    giver: Party, subjects: list[Party], capacity: str, note: str, field: str
) -> None:
    assert field_of(giver, subjects, capacity, note) == field


def test_recorded_parental_responsibility_is_enough_whatever_the_place_in_the_family() -> None:
    uncle = party(7, "Kwame", 38, "kin", answers_for=frozenset({KOFI.subject}))
    assert field_of(uncle, [KOFI], "parent") == ""
    assert field_of(uncle, [AMA], "parent") == "understanding"


def test_a_parent_of_another_family_does_not_decide() -> None:
    stranger = Party(subject=9, uuid=uuid.uuid4(), name="Lee", youngest=30, oldest=30, places={2: "parent"})
    assert field_of(stranger, [KOFI], "parent") == "given_by"


def test_an_age_that_is_not_certain_counts_as_the_lower_one() -> None:
    perhaps = Party(subject=8, uuid=uuid.uuid4(), name="Sol", youngest=15, oldest=16, places={1: "child"})
    assert field_of(perhaps, [perhaps], "self") == "understanding"
    unknown = party(10, "Bo", None, "child")
    assert field_of(unknown, [unknown], "self") == "understanding"
    assert field_of(EFUA, [unknown], "parent") == ""


def test_months_are_counted_to_the_corresponding_day() -> None:
    assert months_after(dt.date(2026, 11, 22), 6) == dt.date(2027, 5, 22)
    assert months_after(dt.date(2026, 8, 31), 6) == dt.date(2027, 2, 28)
    with pytest.raises(LookupError):
        rules_on(dt.date(1900, 1, 1))


def test_every_category_has_plain_words_in_the_wording_in_use() -> None:
    assert set(wording(WORDING_VERSION).categories) == set(SHARED)
    with pytest.raises(LookupError):
        wording("never")
