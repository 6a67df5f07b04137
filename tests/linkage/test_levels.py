"""The levels against definitions written a second time, by other means: no code of the room but the features."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given

from linkage.making import any_features, features
from teamaround.linkage import COMPARISONS, Features, gammas
from teamaround.linkage.comparisons import level_codes
from teamaround.linkage.conditions import within


@cache
def distance(a: str, b: str) -> int:
    if not a or not b:
        return len(a) + len(b)
    return min(distance(a[1:], b) + 1, distance(a, b[1:]) + 1, distance(a[1:], b[1:]) + (a[0] != b[0]))


def near(a: str, b: str, most: int, least: int) -> bool:
    return min(len(a), len(b)) >= least and distance(a, b) <= most


def given_level(a: Features, b: Features) -> str:
    x, y = a.given, b.given
    if not x or not y:
        return "unknown"
    if x == y:
        return "same"
    crossed_words = a.family and b.family and (x, a.family) == (b.family, y)
    crossed_sounds = (
        a.family and b.family and (a.given_sound, a.family_sound) == (b.family_sound, b.given_sound)
    )
    if crossed_words or crossed_sounds:
        return "crossed"
    if set(a.given_forms) & set(b.given_forms):
        return "form"
    if near(x, y, 1, 4) or sorted(x) == sorted(y):
        return "letter"
    if min(len(x), len(y)) >= 3 and (x[: len(y)] == y or y[: len(x)] == x):
        return "short"
    if x == b.middle or y == a.middle:
        return "second"
    if 1 in (len(x), len(y)) and x[0] == y[0]:
        return "initial"
    if near(x, y, 2, 6) or near(x, y, 1, 3) or a.given_sound == b.given_sound:
        return "alike"
    if x == b.family or y == a.family:
        return "half"
    return "start" if x[:3] == y[:3] else "other"


def family_level(a: Features, b: Features) -> str:
    x, y = a.family, b.family
    if not x or not y:
        return "unknown"
    if x == y:
        return "same"
    if x == b.given or y == a.given:
        return "unknown"
    if a.given and b.given and (a.given_sound, a.family_sound) == (b.family_sound, b.given_sound):
        return "unknown"
    if set(a.family_parts) & set(b.family_parts):
        return "part"
    if set(a.family_forms) & set(b.family_forms):
        return "form"
    if near(x, y, 1, 4) or sorted(x) == sorted(y):
        return "letter"
    if 1 in (len(x), len(y)) and x[0] == y[0]:
        return "initial"
    sounds = a.family_sound == b.family_sound or set(a.family_sounds) & set(b.family_sounds)
    return "alike" if near(x, y, 2, 6) or near(x, y, 1, 3) or sounds else "other"


def born_level(a: Features, b: Features) -> str:
    x, y = a.born, b.born
    if not x or not y:
        return "unknown"
    (y1, m1, d1), (y2, m2, d2) = ((value[:4], value[4:6], value[6:]) for value in (x, y))
    if x == y:
        return "new_year" if m1 == d1 == "01" else "same"
    if y1 == y2 and (m1, d1) == (d2, m2):
        return "swapped"
    if y1 == y2 and "0101" in (m1 + d1, m2 + d2):
        return "filled_in"
    if distance(x, y) <= 1:
        return "figure"
    if (y1 == y2) + (m1 == m2) + (d1 == d2) == 2:
        return "two_parts"
    return "figures" if distance(x, y) <= 2 else "other"


def place_level(a: Features, b: Features) -> str:
    if not a.outward or not b.outward:
        return "unknown"
    if set(a.postcodes) & set(b.postcodes):
        return "same"
    if near(a.postcode, b.postcode, 1, 5):
        return "letter"
    if a.outward == b.outward:
        if not a.postcode or not b.postcode:
            return "part"
        return "sector" if a.postcode[:-2] == b.postcode[:-2] else "outward"
    return "area" if a.area == b.area else "other"


def middle_level(a: Features, b: Features) -> str:
    x, y = a.middle, b.middle
    if not x or not y or x == b.given or y == a.given:
        return "unknown"
    if x == y:
        return "same"
    return "initial" if 1 in (len(x), len(y)) and x[0] == y[0] else "other"


def plain(a: str, b: str) -> str:
    return "unknown" if not a or not b else "same" if a == b else "other"


@given(any_features, any_features)
def test_each_level_is_what_its_definition_says(a: Features, b: Features) -> None:
    assert level_codes(gammas(a, b)) == {
        "given": given_level(a, b),
        "family": family_level(a, b),
        "middle": middle_level(a, b),
        "born": born_level(a, b),
        "place": place_level(a, b),
        "sex": plain(a.sex, b.sex),
        "nhs": plain(a.nhs, b.nhs),
        "upn": plain(a.upn, b.upn),
    }


@given(any_features, any_features)
def test_the_levels_do_not_depend_on_the_order_of_the_two(a: Features, b: Features) -> None:
    assert gammas(a, b) == gammas(b, a)


def test_every_level_of_a_name_a_date_and_a_place_can_be_reached() -> None:
    assert [len(comparison.levels) for comparison in COMPARISONS] == [11, 7, 3, 8, 7, 2, 2, 2]


@pytest.mark.parametrize(
    ("parts", "comparison", "level"),
    [
        ({"given": "Mary"}, "given", "form"),
        ({"given": "Mraia"}, "given", "letter"),
        ({"given": "Zofia", "middle": "Maria"}, "given", "second"),
        ({"given": "M"}, "given", "initial"),
        ({"given": "Twyworth", "family": "Maria"}, "given", "crossed"),
        ({"given": "Twyworth", "family": "Maria"}, "family", "unknown"),
        ({"family": "Twyworth-Jones"}, "family", "part"),
        ({"family": "Twyworht"}, "family", "letter"),
        ({"postcodes": ("S1",)}, "place", "part"),
        ({"postcodes": ("LS1 1AA", "S1 2AB")}, "place", "same"),
        ({"postcodes": ("S1 2AD",)}, "place", "letter"),
    ],
)
def test_what_agencies_do_to_a_record_has_a_level(parts: dict[str, str], comparison: str, level: str) -> None:
    assert level_codes(gammas(features(), features(**parts)))[comparison] == level


def test_distance_is_counted_up_to_its_bound() -> None:
    assert within("kitten", "sitting", 3)
    assert not within("kitten", "sitting", 2)
    assert within("", "ab", 2)
    assert not within("", "abc", 2)
