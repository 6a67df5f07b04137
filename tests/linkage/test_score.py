from dataclasses import replace
from datetime import date
from math import isclose

import pytest
from hypothesis import given

from linkage.making import any_features, features
from teamaround.linkage import Features, Record, explain, features_of, shipped, waterfall
from teamaround.linkage.model import dump, parse, probability, weight_of

MODEL = shipped()


@given(any_features, any_features)
def test_the_score_does_not_depend_on_the_order_of_the_two(a: Features, b: Features) -> None:
    assert MODEL.score(a, b) == MODEL.score(b, a)


@given(any_features, any_features)
def test_the_waterfall_sums_to_the_score(a: Features, b: Features) -> None:
    found = MODEL.score(a, b)
    assert isclose(sum(term.weight for term in found.terms), found.weight, abs_tol=1e-9)
    assert isclose(sum(weight for _, _, weight in waterfall(found)), found.weight, abs_tol=1e-9)
    assert isclose(probability(found.weight), found.probability)


@given(any_features, any_features)
def test_thinking_of_siblings_only_ever_takes_away(a: Features, b: Features) -> None:
    found = MODEL.score(a, b)
    assert found.weight <= found.two_class
    assert 0.0 <= found.family <= 1.0


def test_the_same_record_twice_joins() -> None:
    assert MODEL.joins(MODEL.score(features(), features()))


def test_twins_stay_apart_and_are_called_so() -> None:
    found = MODEL.score(features(given="Zofia"), features(given="Hannah"))
    assert not MODEL.joins(found)
    assert found.family > 0.5
    assert "may be a brother, sister or twin" in explain(found)


def test_a_brother_with_the_same_number_written_down_does_not_join() -> None:
    brother = features(given="Daniel", sex="M", born=date(2015, 8, 2), nhs="9434765919")
    assert not MODEL.joins(MODEL.score(features(nhs="9434765919"), brother))


def test_a_rare_surname_says_more_than_a_common_one() -> None:
    rare = MODEL.score(features(family="Twyworth"), features(family="Twyworth"))
    common = MODEL.score(features(family="Smith"), features(family="Smith"))
    assert rare.two_class > common.two_class + 3


def test_the_more_children_there_are_the_less_an_agreement_says() -> None:
    few = MODEL.score(features(), features(), population=1_000)
    many = MODEL.score(features(), features(), population=11_000_000)
    assert isclose(few.two_class - many.two_class, 13.42, abs_tol=0.01)


def test_the_reasons_are_plain_words_without_the_values() -> None:
    found = MODEL.score(features(family="Smith"), features(family="Smyth", postcodes=("S1 2XY",)))
    assert explain(found) == "same forename; another spelling of the surname; same birthday; lives nearby"
    assert explain(MODEL.score(features(), features())).startswith("same name; same birthday; same postcode")


def test_nothing_known_is_no_evidence() -> None:
    nothing = features_of(Record())
    found = MODEL.score(nothing, nothing)
    assert found.two_class == MODEL.prior()
    assert explain(found) == "a birthday is missing"


def test_a_model_survives_being_written_down() -> None:
    again = parse(dump(MODEL))
    assert again.shares == MODEL.shares
    assert again.score(features(), features()) == MODEL.score(features(), features())


def test_a_model_that_lacks_a_level_or_holds_no_probability_is_refused() -> None:
    text = dump(MODEL)
    with pytest.raises(ValueError, match="says nothing of given same"):
        parse(text.replace('"same":', '"sane":', 1))
    with pytest.raises(ValueError, match="says nothing of population"):
        parse(text.replace('"population":', '"people":', 1))
    shares = {name: dict(levels) for name, levels in MODEL.shares.items()}
    shares["sex"]["same"] = replace(shares["sex"]["same"], m=0.0)
    with pytest.raises(ValueError, match="no probabilities"):
        parse(dump(replace(MODEL, shares=shares)))


def test_the_shipped_model_says_when_from_what_and_with_which_figures_it_was_made() -> None:
    assert MODEL.version
    assert date.fromisoformat(MODEL.trained_on)
    assert MODEL.figures["records"] >= 30_000
    assert "made-up" in MODEL.figures["about"]


def test_the_parts_of_each_question_make_a_whole() -> None:
    for levels in MODEL.shares.values():
        for kind in ("m", "u", "s"):
            assert isclose(sum(getattr(share, kind) for share in levels.values()), 1.0, abs_tol=0.01)


def test_what_was_set_by_hand_gives_its_reason() -> None:
    assert all(share.fixed for share in (MODEL.shares["nhs"]["other"], MODEL.shares["place"]["same"]))


def test_a_weight_and_its_probability_are_two_ways_to_say_it() -> None:
    assert isclose(probability(weight_of(0.92)), 0.92)
    assert probability(-5_000) >= 0.0
    assert probability(5_000) == 1.0
