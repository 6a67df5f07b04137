"""The manager's day: what is late and with whom, what waits, what stands still; filters, views, the board."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from harness.cases import with_procedures
from teamaround.database.asking import ask
from teamaround.desk import team as team_
from teamaround.desk.models import SavedView
from teamaround.desk.team import Asked, TeamDay, load_team
from teamaround.procedures.actions import receive


def words(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def team(cast: Any, *, days: int = 0, board: bool = False, **asked: Any) -> TeamDay:
    with cast.as_(cast.morgan) as me:
        return load_team(me, Asked(**asked), board=board, now=timezone.now() + dt.timedelta(days=days))


def count(page: TeamDay, text: str) -> int:
    return next(tile.count for tile in page.tiles if tile.text.startswith(text))


def test_the_team_is_counted_against_its_limit_and_each_worker_against_theirs(cast: Any, world: Any) -> None:
    page = team(cast)
    assert page.capacity == "1 of 30 families"
    assert page.room == "Room for 29 more."
    assert {load.name: load.cells[0] for load in page.loads} == {
        "Morgan Hale": "0 of 10",
        "Yasmin Okoro": "1 of 10",
        "Yusuf Brand": "0 of 10",
    }


def test_what_is_late_is_counted_by_worker_and_can_be_listed(cast: Any, world: Any) -> None:
    page = team(cast, days=20, kind="late")
    assert count(page, "Something late") == 1
    assert int(next(load.cells[1] for load in page.loads if load.name == "Yasmin Okoro")) >= 2
    assert [line.name.partition(",")[0] for line in page.lines] == ["Kofi Osei"]
    assert team(cast, kind="late").lines == ()


def test_a_case_in_which_nothing_happens_stands_still_after_the_teams_own_number_of_days(
    cast: Any, world: Any
) -> None:
    assert count(team(cast, days=10), "Nothing for") == 0
    cast.morgan.client().post(reverse("desk:set_pace"), {"days": "7"})
    page = team(cast, days=10)
    assert page.still_days == 7
    assert count(page, "Nothing for 7 days") == 1


def test_a_case_near_six_months_is_shown_before_they_are_over(cast: Any, world: Any) -> None:
    assert count(team(cast, days=150), "Near or past six months") == 0
    assert count(team(cast, days=156), "Near or past six months") == 1


def test_filters_by_worker_stand_in_the_address(cast: Any, world: Any) -> None:
    client = cast.morgan.client()
    for member, seen in ((cast.yasmin, True), (cast.yusuf, False)):
        answer = client.get(reverse("desk:team"), {"worker": str(member.practitioner.uuid)})
        assert ("Kofi Osei" in words(answer)) is seen
    for nonsense in ({"worker": "x"}, {"kind": "x"}, {"stage": "'"}, {"after": "-1"}):
        assert client.get(reverse("desk:team"), nonsense).status_code == 200


def test_the_board_has_a_column_for_each_stage_and_the_case_in_its_own(cast: Any, world: Any) -> None:
    page = team(cast, board=True)
    with_cards = [column.title for column in page.columns if column.lines]
    assert len(with_cards) == 1
    assert len(page.columns) >= 7
    assert "Kofi Osei" in words(cast.morgan.client().get(reverse("desk:board")))


def test_a_view_is_kept_for_whoever_keeps_it_and_names_filters_alone(cast: Any, world: Any) -> None:
    client = cast.morgan.client()
    client.post(reverse("desk:keep_view"), {"name": "Late ones", "query": "kind=late&child=Kofi"})
    with cast.as_(cast.morgan):
        view = SavedView.objects.get()
        assert view.query == "kind=late"
    with cast.as_(cast.yasmin):
        assert not SavedView.objects.exists()
    assert "Late ones" in words(client.get(reverse("desk:team")))
    client.post(reverse("desk:drop_view", args=[view.uuid]))
    with cast.as_(cast.morgan):
        assert not SavedView.objects.exists()


def test_only_who_manages_a_team_sees_its_day(cast: Any, world: Any) -> None:
    for name in ("desk:team", "desk:board"):
        assert cast.yasmin.client().get(reverse(name)).status_code == 403
        assert cast.tom.client().get(reverse(name)).status_code == 403


def test_who_asks_for_another_team_is_told_of_no_case_and_no_view(cast: Any, world: Any) -> None:
    """The function is called with numbers of teams; what it tells rests on who acts."""
    cast.morgan.client().post(reverse("desk:keep_view"), {"name": "Late ones", "query": "kind=late"})
    with cast.as_(cast.morgan) as morgan:
        questions = team_._questions(morgan, Asked(), False, timezone.now())
        mine = ask(questions)
    assert (mine["cases"]["chosen"], len(mine["cases"]["lines"]), len(mine["views"])) == (1, 1, 1)
    # The session keeps the plan of whoever asked before.
    for other in (cast.olive, cast.admin, cast.nina):
        with cast.as_(other):
            theirs = ask(questions)
        assert (theirs["cases"]["chosen"], theirs["cases"]["lines"], theirs["views"]) == (0, [], [])
        assert not any(theirs["cases"]["counts"].values())
        assert not any(load[2] for load in theirs["cases"]["loads"])


def test_a_long_list_comes_by_pages_and_a_long_column_says_how_many_it_leaves_out(
    cast: Any, world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(team_, "A_PAGE", 1)
    monkeypatch.setattr(team_, "A_COLUMN", 1)
    for _twice in range(2):
        with cast.as_(cast.tom) as me:
            receive(
                by=me, team=cast.tom.team.pk, receiving_team=cast.yasmin.team, child=None, priority="standard"
            )
    pages = [team(cast, after=after) for after in range(3)]
    assert len({page.lines[0].url for page in pages}) == 3
    assert [page.older for page in pages] == ["?after=1", "?after=2", ""]
    assert [page.newest for page in pages] == ["", "?", "?"]
    columns = {column.title: column for column in team(cast, board=True).columns}
    waiting = next(column for column in columns.values() if column.count == 2)
    assert (len(waiting.lines), waiting.more) == (1, 1)


def test_the_page_takes_at_most_eight_queries(cast: Any, world: Any) -> None:
    client = cast.morgan.client()
    for name in ("desk:team", "desk:board"):
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse(name))
        assert len(queries) <= 8


def test_a_team_before_its_first_case_has_all_its_places(cast: Any) -> None:
    page = team(with_procedures(cast))
    assert (page.capacity, page.room) == ("0 of 30 families", "Room for 30 more.")
