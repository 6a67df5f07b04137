"""One person recorded twice: the rules, a sentence each, as the oracle answers them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from checks.telling import (
    CHILD,
    CLINIC,
    DAY,
    FAMILY,
    FATHER,
    MOTHER,
    NOW,
    ROW,
    SCHOOL,
    WORKER,
    World,
    asking,
    purpose,
    reads,
)
from teamaround.checks.changes import may_add, may_change, may_undo
from teamaround.checks.oracle import Oracle
from teamaround.checks.rows import Asking

AGAIN, THIRD, MOTHER_AGAIN = 4, 5, 6
BEFORE, JOINED, SINCE = NOW - DAY * 3, NOW - DAY * 2, NOW - DAY


class Joined(World):
    """A world in which records were told as one."""

    def __init__(self) -> None:
        super().__init__()
        self.rows["person"].append({"subject_id": AGAIN, "date_of_birth": None, "born_precision": "day"})

    def merge(
        self, one: int = AGAIN, into: int = CHILD, at: dt.datetime = JOINED, undone: dt.datetime | None = None
    ) -> dict[str, Any]:
        self.add(
            "person_merge",
            subject_id=one,
            into_id=into,
            merged_at=at,
            undone_at=undone,
            category="index",
            author_team_id=CLINIC,
        )
        return self.rows["person_merge"][-1]


@pytest.fixture
def world() -> Joined:
    made = Joined()
    made.merge()
    return made


def test_a_grant_on_one_record_is_a_grant_on_each(world: Joined) -> None:
    world.add("involvement", subject_id=AGAIN, author_team_id=SCHOOL, since=BEFORE.date(), until=None)
    assert world.opens(category="index", subject=CHILD)
    assert world.opens(category="index", subject=AGAIN)
    assert not world.opens(category="index", subject=THIRD)
    world.rows["person_merge"][0]["undone_at"] = NOW
    assert not world.opens(category="index", subject=CHILD)


def test_a_merge_holds_from_its_moment_and_no_longer_when_undone() -> None:
    world = Joined()
    world.basis("safeguarding")
    for at, undone, holds in ((NOW, None, True), (NOW + DAY, None, False), (BEFORE, NOW, False)):
        world.rows["person_merge"] = []
        world.merge(at=at, undone=undone)
        assert world.opens(subject=AGAIN) is holds


def test_the_records_of_a_person_hang_together_and_undoing_takes_one_link(world: Joined) -> None:
    world.basis("safeguarding")
    link = world.merge(CHILD, THIRD)
    assert all(world.opens(subject=each) for each in (CHILD, AGAIN, THIRD))
    link["undone_at"] = NOW
    assert world.opens(subject=AGAIN)
    assert not world.opens(subject=THIRD)


def test_what_either_record_refuses_stands_in_both_until_somebody_decides_anew(world: Joined) -> None:
    world.says(MOTHER, "refuse", subject=AGAIN, start=BEFORE, end=NOW + DAY)
    world.says(MOTHER, start=BEFORE + DAY / 2)
    assert not world.opens()
    assert not world.opens(subject=AGAIN)
    world.says(MOTHER, start=SINCE)
    assert world.opens()
    assert world.opens(subject=AGAIN)


def test_what_was_agreed_before_the_merge_opens_its_own_record_alone(world: Joined) -> None:
    world.says(MOTHER, start=BEFORE)
    assert world.opens()
    assert not world.opens(subject=AGAIN)
    assert not world.opens(subject=AGAIN, category="index")
    world.says(MOTHER, start=SINCE)
    assert world.opens(subject=AGAIN)


def test_where_ones_own_answer_shares_one_record_a_parents_opens_no_further_one(world: Joined) -> None:
    world.says(AGAIN, subject=AGAIN, start=BEFORE)
    world.says(MOTHER, start=SINCE)
    assert world.opens(subject=AGAIN)
    assert not world.opens()


def test_a_decision_at_the_moment_of_the_merge_is_made_anew(world: Joined) -> None:
    world.says(MOTHER, "refuse", subject=AGAIN, start=BEFORE)
    world.says(MOTHER, start=JOINED)
    assert world.opens(subject=AGAIN)


def test_a_further_merge_brings_back_what_was_decided_before_it(world: Joined) -> None:
    world.says(MOTHER, "refuse", subject=AGAIN, start=BEFORE)
    world.says(MOTHER, start=SINCE)
    assert world.opens()
    link = world.merge(THIRD, CHILD, at=NOW - DAY / 2)
    assert not world.opens()
    link["undone_at"] = NOW
    assert world.opens()


def test_of_two_with_one_start_the_later_recorded_rules_over_either_record(world: Joined) -> None:
    world.says(MOTHER, "refuse", subject=AGAIN, start=SINCE)
    world.says(MOTHER, start=SINCE)
    assert world.opens(subject=AGAIN)
    world.says(MOTHER, "refuse", subject=AGAIN, start=SINCE)
    assert not world.opens()


def test_a_giver_recorded_twice_is_one_giver(world: Joined) -> None:
    world.says(MOTHER_AGAIN, "refuse", start=BEFORE)
    world.says(MOTHER, start=SINCE)
    assert not world.opens()
    link = world.merge(MOTHER_AGAIN, MOTHER)
    assert world.opens()
    link["merged_at"] = NOW - DAY / 2
    assert not world.opens()


def test_a_decision_under_another_record_is_ones_own(world: Joined) -> None:
    world.says(CHILD, subject=AGAIN, start=SINCE)
    world.says(MOTHER, "refuse", start=SINCE)
    assert world.opens()
    world.rows["person_merge"] = []
    assert world.opens(subject=AGAIN)
    assert not world.opens()


def test_ones_own_no_in_any_record_stands(world: Joined) -> None:
    world.says(CHILD, start=BEFORE + DAY / 2)
    world.says(AGAIN, "refuse", subject=AGAIN, start=BEFORE)
    assert not world.opens()
    world.says(CHILD, start=JOINED)
    assert world.opens()


def test_the_sixteenth_birthday_is_the_earliest_that_is_known(world: Joined) -> None:
    world.rows["person"][-1]["date_of_birth"] = dt.date(2010, 6, 15)
    world.says(MOTHER)
    assert not world.opens()
    world.rows["person"][-1]["date_of_birth"] = None
    assert world.opens()
    world.rows["person"][0]["date_of_birth"] = dt.date(2010, 6, 15)
    world.says(MOTHER, subject=AGAIN)
    assert not world.opens(subject=AGAIN)


def test_a_givers_places_in_a_family_are_those_of_all_their_records(world: Joined) -> None:
    world.says(MOTHER, subject=FAMILY)
    world.place(MOTHER, NOW.date())
    assert not world.opens(subject=FAMILY)
    world.place(MOTHER_AGAIN, None)
    assert not world.opens(subject=FAMILY)
    world.merge(MOTHER_AGAIN, MOTHER)
    assert world.opens(subject=FAMILY)


def test_a_settlement_for_either_record_lifts_what_another_refused(world: Joined) -> None:
    shared = world.says(MOTHER)
    world.says(FATHER, "refuse", subject=AGAIN)
    assert not world.opens()
    world.settles(shared, NOW - DAY / 2, subject=AGAIN)
    assert world.opens()
    assert world.opens(subject=AGAIN)


def test_a_settlement_lifts_the_same_givers_refusal_under_another_record(world: Joined) -> None:
    shared = world.says(MOTHER, start=BEFORE)
    world.says(MOTHER, "refuse", subject=AGAIN, start=BEFORE)
    assert not world.opens()
    world.settles(shared, SINCE)
    assert world.opens()


def test_a_settlement_lifts_no_refusal_of_ones_own_under_another_record(world: Joined) -> None:
    shared = world.says(MOTHER)
    world.says(AGAIN, "refuse")
    world.settles(shared, NOW)
    assert not world.opens()


def test_a_shield_on_one_record_protects_each(world: Joined) -> None:
    world.says(MOTHER)
    row = {**ROW, "author_team_id": 999, "subject_id": AGAIN}
    assert reads(world, asking(SCHOOL), "person_address", row)
    world.shield("whereabouts")
    assert not reads(world, asking(SCHOOL), "person_address", row)
    world.rows["person_merge"] = []
    assert not reads(world, asking(SCHOOL), "person_address", row)
    assert not world.opens(subject=AGAIN)


def test_a_full_shield_on_one_record_takes_purposes_stated_for_another() -> None:
    world = Joined()
    purpose(world)
    world.rows["access_purpose"][0]["subject_id"] = AGAIN
    world.shield("full")
    assert world.opens(WORKER, "index", AGAIN)
    world.merge()
    assert not world.opens(WORKER, "index", AGAIN)
    assert not world.opens(WORKER, "index", CHILD)


def sees(world: Joined, subject: int, team: int = SCHOOL) -> None:
    world.add("involvement", subject_id=subject, author_team_id=team, since=BEFORE.date(), until=None)


def test_a_merge_is_read_by_who_may_see_either_record_though_it_was_undone(world: Joined) -> None:
    link = world.rows["person_merge"][0]
    link["undone_at"] = SINCE
    assert reads(world, asking(CLINIC), "person_merge", link)
    assert not reads(world, asking(SCHOOL), "person_merge", link)
    sees(world, CHILD)
    assert reads(world, asking(SCHOOL), "person_merge", link)
    assert reads(world, asking(SCHOOL), "person_merge_history", link)
    world.rows["involvement"][0]["subject_id"] = AGAIN
    assert reads(world, asking(SCHOOL), "person_merge", link)


def manager(*principals: int) -> Asking:
    return replace(asking(*principals), manages=True)


def test_a_manager_who_may_see_both_tells_two_records_as_one(world: Joined) -> None:
    for each in world.rows["person"]:
        each.update(category="index", author_team_id=999)
    row = world.rows["person_merge"].pop()
    sees(world, CHILD, CLINIC)
    assert not may_add(Oracle(world.rows, NOW), manager(CLINIC), "person_merge", row)
    sees(world, AGAIN, CLINIC)
    oracle = Oracle(world.rows, NOW)
    assert may_add(oracle, manager(CLINIC), "person_merge", row)
    assert not may_add(oracle, asking(CLINIC), "person_merge", row)
    assert not may_add(oracle, manager(SCHOOL), "person_merge", row)


def test_a_record_that_is_merged_takes_part_in_no_other_merge(world: Joined) -> None:
    for each in world.rows["person"]:
        each.update(category="index", author_team_id=CLINIC)
    row = {**world.rows["person_merge"][0], "subject_id": MOTHER, "into_id": AGAIN}
    assert not may_add(Oracle(world.rows, NOW), manager(CLINIC), "person_merge", row)
    assert may_add(Oracle(world.rows, NOW), manager(CLINIC), "person_merge", row | {"into_id": CHILD})


def test_a_merge_is_undone_once_by_a_manager_who_may_see_either_and_never_changed(world: Joined) -> None:
    for each in world.rows["person"]:
        each.update(category="index", author_team_id=999)
    link = world.rows["person_merge"][0]
    assert not may_undo(Oracle(world.rows, NOW), manager(SCHOOL), link)
    sees(world, AGAIN)
    oracle = Oracle(world.rows, NOW)
    assert may_undo(oracle, manager(SCHOOL), link)
    assert not may_undo(oracle, asking(SCHOOL), link)
    assert not may_undo(oracle, manager(SCHOOL), link | {"undone_at": SINCE})
    assert not may_change(oracle, manager(CLINIC), "person_merge", link)
