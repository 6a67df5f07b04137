"""How many pairs wait, told on the day of a manager who may decide."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from recognition.conftest import HARD, LIKELY, Finds
from teamaround.desk import kept
from teamaround.desk.day import load_day
from teamaround.recognition.actions import give_opinion
from teamaround.recognition.loaders import waiting_for

DESK = reverse("recognition:desk")


def lines(cast: Any, member: Any) -> list[str]:
    with cast.as_(member) as me:
        return [each.title for each in load_day(me).asked if each.url == DESK]


def test_a_manager_is_told_how_many_pairs_wait_for_a_look(cast: Any, found: Finds) -> None:
    assert lines(cast, cast.morgan) == []
    found(LIKELY)
    assert lines(cast, cast.morgan) == ["1 pair of records waits for a look"]
    page = cast.morgan.client().get("/").content.decode()
    assert f'href="{DESK}"' in page
    assert "Open the review desk" in page


def test_my_day_counts_pairs_as_the_review_desk_does(cast: Any, found: Finds) -> None:
    pair = found(HARD)
    for told in (1, 0):
        with cast.as_(cast.morgan) as me:
            assert waiting_for(me) == told
        assert len(lines(cast, cast.morgan)) == told
        if told:
            with cast.as_(cast.morgan) as me:
                give_opinion(
                    by=me, team=cast.morgan.team.pk, pair=pair, answer="unsure", reason="No way to tell."
                )


def test_nobody_else_is_told_of_pairs(cast: Any, found: Finds) -> None:
    found(LIKELY)
    for member in (cast.yasmin, cast.tom, cast.admin, cast.second_manager):
        assert lines(cast, member) == []


def test_a_pair_of_which_a_manager_reads_one_record_alone_is_not_counted(cast: Any, found: Finds) -> None:
    pair = found(LIKELY)
    cast.let_second_manager_in(pair)
    assert lines(cast, cast.second_manager) == ["1 pair of records waits for a look"]


def test_very_many_pairs_are_told_as_many(cast: Any, found: Finds, monkeypatch: Any) -> None:
    monkeypatch.setattr(kept, "MOST_PAIRS", 1)
    found(LIKELY)
    (told,) = lines(cast, cast.morgan)
    assert "or more wait" in told


def test_my_day_with_pairs_takes_at_most_fifteen_queries(cast: Any, found: Finds) -> None:
    found(LIKELY)
    client = cast.morgan.client()
    client.get("/")
    with CaptureQueriesContext(connection) as queries:
        client.get("/")
    assert len(queries) <= 15, "\n".join(each["sql"][:150] for each in queries)
