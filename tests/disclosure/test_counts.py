"""Small numbers cannot be worked out from what is shown, whoever knows how it is made."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teamaround.disclosure import BASES, Shown, classes_of, publish, rounded, safe_base, show

COUNTS = st.lists(st.one_of(st.integers(0, 6), st.integers(0, 60)), max_size=8)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[int, list[int], list[int]]:
    areas, schools = draw(COUNTS), draw(COUNTS)
    rest = draw(st.one_of(st.just(0), st.integers(0, 30)))
    return max(sum(areas), sum(schools)) + rest, areas, schools


@pytest.mark.parametrize(
    ("count", "figure"), [(5, 5), (7, 5), (8, 10), (12, 10), (13, 15), (97, 95), (98, 100)]
)
def test_a_count_from_five_is_rounded_to_the_nearest_five(count: int, figure: int) -> None:
    assert show(count, zero_tells=True).known == rounded(count) == figure


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_a_count_under_five_is_not_told_from_another(count: int) -> None:
    assert show(count, zero_tells=True) == Shown(1, 4, None)


def test_a_school_with_none_is_told_and_an_area_with_none_is_not() -> None:
    assert show(0, zero_tells=True).known == 0
    assert show(0, zero_tells=False) == show(4, zero_tells=False)


def test_a_count_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="below zero"):
        show(-1, zero_tells=True)


def test_parts_that_are_more_than_the_total_are_refused() -> None:
    with pytest.raises(ValueError, match="more than the total"):
        publish(3, [4], [])


@given(st.integers(0, 5000), st.sampled_from(BASES))
def test_the_true_count_lies_where_the_shown_one_says(count: int, base: int) -> None:
    told = classes_of(count, base)
    assert told.low <= count <= told.high
    assert all(classes_of(other, base) == told for other in range(told.low, told.high + 1))


@settings(max_examples=500, deadline=None)
@given(worlds())
def test_suppression_cannot_be_undone_by_subtraction(world: tuple[int, list[int], list[int]]) -> None:
    """For each small count and each of its values there is another world with that value and the same pages."""
    total, areas, schools = world
    shown = publish(total, areas, schools)
    for number, table in enumerate(shown[:2]):
        for place, part in enumerate(table):
            if not part.small:
                continue
            for value in range(part.low, part.high + 1):
                assert publish(*another(world, shown, number, place, value)) == shown


def another(
    world: tuple[int, list[int], list[int]], shown: tuple, number: int, place: int, value: int
) -> tuple[int, list[int], list[int]]:
    """A world in which one small count is `value`: the others as low as they may be, the unseen rest takes up the
    difference."""
    tables = [[part.low for part in table] for table in shown[:2]]
    tables[number][place] = value
    total = max(world[0], *(sum(table) for table in tables))
    return total, tables[0], tables[1]


@settings(max_examples=300, deadline=None)
@given(worlds(), worlds())
def test_how_coarsely_a_total_is_rounded_depends_on_what_is_shown_alone(
    one: tuple[int, list[int], list[int]], other: tuple[int, list[int], list[int]]
) -> None:
    first, second = publish(*one), publish(*other)
    if first[:2] == second[:2]:
        assert safe_base(first[:2]) == safe_base(second[:2])
    total = max(one[0], 1000)
    assert publish(total, one[1], one[2])[:2] == first[:2]


def test_a_total_is_rounded_more_coarsely_where_five_would_give_a_part_away() -> None:
    # A school with 5 (so 5 to 7) and one with one to four: a total of 5, which is 5 to 7, would leave at most 2.
    parts = [show(5, zero_tells=True), show(1, zero_tells=True)]
    assert safe_base([parts]) == 10
    assert publish(6, [], [5, 1])[2] == Shown(5, 14, 10)


def test_without_small_counts_a_total_is_rounded_to_five() -> None:
    assert safe_base([[show(20, zero_tells=True)], []]) == 5
