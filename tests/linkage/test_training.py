import pytest

from teamaround.linkage import Model, features_of, gammas
from teamaround.linkage.made_up import caseloads
from teamaround.linkage.training import FIXED_M, SESSIONS, train


@pytest.fixture(scope="module")
def trained() -> Model:
    records = [features_of(one.record) for one in caseloads(children=5_000, seed=55)]
    return train(records, version="test", about="made-up children: 5,000", pairs=1e6)


def test_no_learning_is_blocked_on_where_a_child_lives() -> None:
    assert not {"postcode", "sector", "outward", "area"} & {
        column for rule in SESSIONS for column in rule.same
    }


def test_agreement_is_learnt_to_speak_for_one_child_and_difference_against(trained: Model) -> None:
    for name in ("given", "family", "born", "place", "sex", "nhs", "upn"):
        levels = trained.shares[name]
        same, other = levels["same"], levels["other"]
        assert same.m > 10 * same.u or name == "sex"
        assert same.m > same.u
        assert other.m < other.u


def test_twins_and_siblings_are_learnt_without_labels(trained: Model) -> None:
    born, given = trained.shares["born"], trained.shares["given"]
    assert 0.005 < born["same"].s < 0.08
    assert given["same"].s < 0.01
    assert given["other"].s > 0.9


def test_rare_levels_keep_what_was_set_by_hand(trained: Model) -> None:
    for (name, code), (m, why) in FIXED_M.items():
        assert trained.shares[name][code].m == m
        assert why in trained.shares[name][code].fixed


def test_names_of_few_bearers_are_not_kept(trained: Model) -> None:
    assert min(trained.names["family"].values()) * trained.figures["records"] >= 4
    assert trained.rare["family"] < min(trained.names["family"].values())


def test_a_fresh_model_tells_children_apart(trained: Model) -> None:
    written = caseloads(children=200, seed=56)
    records = [features_of(one.record) for one in written]
    right = wrong = 0
    for place, one in enumerate(records):
        for other_place in range(place + 1, len(records)):
            if trained.joins(trained.score(one, records[other_place], population=1_000)):
                same = written[place].child == written[other_place].child
                right, wrong = right + same, wrong + (not same)
    assert right > 130
    assert wrong <= 1
    assert len(gammas(records[0], records[1])) == 8
