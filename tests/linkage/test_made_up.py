from collections import Counter
from itertools import groupby

from teamaround.linkage import features_of
from teamaround.linkage.made_up import ORIGINS, SECTORS, Population, area, caseloads
from teamaround.linkage.made_up.families import nhs_number, pupil_number
from teamaround.linkage.normalise import nhs_number as read_nhs
from teamaround.linkage.normalise import pupil_number as read_upn

CHILDREN = list(Population(4).children(20_000))


def test_the_same_seed_makes_the_same_children_and_records() -> None:
    assert list(Population(4).children(500)) == CHILDREN[: len(list(Population(4).children(500)))]
    assert area(index=200, caseload=50, seed=9) == area(index=200, caseload=50, seed=9)
    assert area(index=200, caseload=50, seed=9) != area(index=200, caseload=50, seed=10)


def test_about_three_in_a_hundred_children_are_twins_born_on_one_day() -> None:
    twins = [child for child in CHILDREN if child.twin]
    assert 0.02 < len(twins) / len(CHILDREN) < 0.045
    for _, pair in groupby(twins, key=lambda child: (child.family, child.born)):
        assert len(list(pair)) % 2 == 0


def test_brothers_and_sisters_have_forenames_of_their_own() -> None:
    for _, family in groupby(CHILDREN, key=lambda child: child.family):
        names = [child.given for child in family]
        assert len(names) == len(set(names))


def test_names_of_eight_origins_are_mixed_unevenly_by_district() -> None:
    assert len(ORIGINS) >= 6
    assert set(Counter(child.origin for child in CHILDREN)) == set(ORIGINS)
    shares = []
    by_district = Counter(child.postcode.split()[0] for child in CHILDREN)
    for district, count in by_district.most_common(30):
        british = sum(
            child.origin == "british" for child in CHILDREN if child.postcode.startswith(district + " ")
        )
        shares.append(british / count)
    assert max(shares) - min(shares) > 0.5


def test_numbers_are_valid_and_each_child_has_its_own() -> None:
    numbers = [nhs_number(number) for number in range(3_000)]
    pupils = [pupil_number(number) for number in range(3_000)]
    assert all(read_nhs(number) == number for number in numbers)
    assert all(read_upn(number) == number for number in pupils)
    assert len(set(numbers)) == len(set(pupils)) == 3_000


def test_every_sector_writes_and_harsher_rates_bring_more_faults() -> None:
    usual = area(index=2_000, caseload=1_500, seed=3)
    harsher = area(index=2_000, caseload=1_500, seed=3, harsher=2.0)
    assert {one.sector for one in usual.caseload} == set(SECTORS)
    faults = [sum(len(one.faults) for one in made.caseload) for made in (usual, harsher)]
    assert faults[1] > 1.6 * faults[0]


def test_some_of_the_records_are_about_children_who_are_not_in_the_index() -> None:
    made = area(index=2_000, caseload=1_000, seed=3)
    known = {one.child for one in made.index}
    absent = [one for one in made.caseload if one.child not in known]
    assert len(absent) == 100
    families = {one.family for one in made.index}
    assert any(one.family in families for one in absent)


def test_the_truth_is_apart_from_the_record() -> None:
    one = caseloads(children=50, seed=1)[0]
    assert not hasattr(one.record, "child")
    assert not hasattr(features_of(one.record), "child")
