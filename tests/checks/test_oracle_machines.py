"""The rules of feeds and of pairs of records, a sentence each, as the oracle answers them."""

from __future__ import annotations

from typing import Any

import pytest

from checks.telling import CHILD, CLINIC, DAY, MOTHER, NOW, OTHER_WORKER, SCHOOL, WORKER, World, asking, reads
from teamaround.checks.changes import may_add, may_change
from teamaround.checks.oracle import Oracle
from teamaround.checks.rows import Asking


@pytest.fixture
def world() -> World:
    return World()


def pair(world: World, state: str = "waiting", asked: int = 1) -> dict[str, Any]:
    """A pair of the mother's two records, of whom the school keeps both."""
    for subject in (CHILD, MOTHER):
        next(row for row in world.rows["person"] if row["subject_id"] == subject).update(
            author_team_id=SCHOOL, category="index"
        )
    number = world.add("recognition_pair", subject_id=CHILD, other_id=MOTHER, state=state, asked=asked)
    return next(row for row in world.rows["recognition_pair"] if row["id"] == number)


MANAGER = Asking("practitioner", WORKER, frozenset({WORKER, SCHOOL}), manages=True)


def test_a_pair_is_for_managers_who_read_both_persons_and_for_the_search(world: World) -> None:
    one = pair(world)
    assert reads(world, MANAGER, "recognition_pair", one)
    assert reads(world, Asking("service", 7, frozenset({7}), searches=True), "recognition_pair", one)
    assert not reads(world, asking(WORKER, SCHOOL), "recognition_pair", one)
    clinic = Asking("practitioner", WORKER, frozenset({WORKER, CLINIC}), manages=True)
    assert not reads(world, clinic, "recognition_pair", one)


def test_a_shield_of_either_level_on_either_person_hides_the_pair(world: World) -> None:
    one = pair(world)
    world.shield("whereabouts")
    assert not reads(world, MANAGER, "recognition_pair", one)


def test_what_another_said_of_a_pair_is_read_once_one_said_it_oneself_or_it_is_settled(world: World) -> None:
    one = pair(world)
    about = {"pair_id": one["id"], "subject_id": CHILD, "other_id": MOTHER, "asked": 1, "team_id": SCHOOL}
    others = {"id": 90, **about, "recorded_by": OTHER_WORKER}
    assert not reads(world, MANAGER, "recognition_opinion", others)
    world.add("recognition_opinion", **about, recorded_by=WORKER)
    assert reads(world, MANAGER, "recognition_opinion", others)
    world.rows["recognition_opinion"] = []
    one["state"] = "different"
    assert reads(world, MANAGER, "recognition_opinion", others)


def test_the_search_scores_a_pair_again_while_it_waits_and_was_put_once(world: World) -> None:
    search = Asking("service", 7, frozenset({7}), searches=True)
    for state, asked, may in (("waiting", 1, True), ("second", 1, False), ("waiting", 2, False)):
        row = {"id": 1, "subject_id": CHILD, "other_id": MOTHER, "state": state, "asked": asked}
        assert may_change(Oracle(world.rows, NOW), search, "recognition_pair", row) is may
        assert not may_change(Oracle(world.rows, NOW), MANAGER, "recognition_pair", row)


def test_what_a_feed_sent_is_added_by_itself_alone_until_it_ends(world: World) -> None:
    number = world.add("feed", principal_id=55, team_id=SCHOOL, ended_at=None)
    row = {"id": 1, "feed_id": number, "author_team_id": SCHOOL, "state": "waiting"}
    oracle = Oracle(world.rows, NOW)
    feed = Asking("feed", 55, oracle.feed(number))
    assert feed.principals == {55, SCHOOL}
    assert may_add(oracle, feed, "feed_call", row)
    assert not may_add(oracle, asking(WORKER, SCHOOL), "feed_call", row)
    assert reads(world, asking(WORKER, SCHOOL), "feed_call", row)
    world.rows["feed"][0]["ended_at"] = NOW - DAY
    assert not may_add(Oracle(world.rows, NOW), feed, "feed_call", row)
    assert Oracle(world.rows, NOW).feed(number) == frozenset()
