"""How My day is read: in one statement of functions that know the asker by their policies alone; long parts are cut."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from harness.cases import accepted, with_procedures
from teamaround.access.drafts import keep_draft
from teamaround.access.me import Me
from teamaround.database.asking import ask
from teamaround.desk import day as day_
from teamaround.desk import owed as owed_
from teamaround.desk.day import load_day
from teamaround.desk.news import asking_meetings
from teamaround.desk.oversight import asking_oversight
from teamaround.meetings.actions import InvitedTeam, call_meeting
from teamaround.procedures.actions import receive
from teamaround.procedures.models import Clock, Episode
from teamaround.supervision.actions import decide_on_case, set_measures
from teamaround.tasks.actions import Owner, add_task

LATER = dt.timedelta(days=60)


def words(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def with_work(cast: Any, world: Any) -> None:
    """A waiting referral, an action and a draft beside Kofi's case."""
    with cast.as_(cast.tom) as me:
        receive(
            by=me, team=cast.tom.team.pk, receiving_team=cast.yasmin.team, child=None, priority="standard"
        )
    with cast.as_(cast.yasmin) as me:
        owner = Owner(team=cast.yasmin.team.pk)
        today = timezone.localdate()
        add_task(by=me, team=owner.team, subject=world.kofi.pk, title="Ring", owner=owner, due_on=today)
        keep_draft(by=me, form="goal", about="new", typed={})


def told(me: Me, cast: Any) -> dict[str, Any]:
    """What the page of a manager of Yasmin's team is told about `me`, whoever acts."""
    seat = cast.morgan.me.seats[0]
    return ask(day_._questions(me, True, (seat.team,), seat, timezone.now() + LATER, ""))


def test_who_asks_in_anothers_name_is_told_nothing_of_theirs(cast: Any, world: Any) -> None:
    """The functions are called with numbers; what they tell rests on who acts."""
    with_work(cast, world)
    names = {"clocks", "tasks", "waiting", "places", "around", "drafts", "new_cases"}
    empty: dict[str, Any] = {
        **{name: {"counts": [0, 0, 0], "rows": []} for name in ("clocks", "tasks")},
        "waiting": {"counts": [0, 0], "rows": []},
        **{name: [] for name in ("around", "drafts", "new_cases")},
    }
    # One session: a plan that was kept from one asker serves the next.
    for _again in range(2):
        with cast.as_(cast.yasmin) as yasmin:
            mine = told(yasmin, cast)
        assert all(mine[name] != empty[name] for name in names - {"places"}), mine
        assert mine["places"][1:] == [1, 1]
        for other in (cast.olive, cast.nina, cast.admin):
            with cast.as_(other):
                theirs = told(yasmin, cast)
            assert {name: theirs[name] for name in empty} == empty
            assert theirs["places"][1:] == [0, 0]


def test_the_list_is_every_running_clock_of_mine_and_of_nobody_in_teams_i_manage(
    cast: Any, world: Any
) -> None:
    far = timezone.now() + dt.timedelta(days=400)
    for member, manages in ((cast.yasmin, ()), (cast.morgan, (cast.morgan.team.pk,))):
        with cast.as_(member) as me:
            running = Clock.objects.filter(stopped_at=None)
            mine = [*running.filter(owner=me.principal), *running.filter(owner=None, author_team__in=manages)]
            parts = load_day(me, now=far).due
            told = sorted(line.view.title for part in parts for line in part.owed if not line.task)
            assert told == sorted(clock.title for clock in mine)
            assert sum(part.count for part in parts) == len(mine)
            assert mine


def test_the_page_is_one_statement_beside_those_of_every_page(cast: Any, world: Any) -> None:
    with_work(cast, world)
    client = cast.morgan.client()
    client.get("/")
    with CaptureQueriesContext(connection) as queries:
        client.get("/")
    assert sum("app.day_" in each["sql"] for each in queries) == 1
    assert len(queries) <= 8, "\n".join(each["sql"][:150] for each in queries)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two lines of each part, one of each queue."""
    monkeypatch.setattr(owed_, "SHOWN", dict.fromkeys(owed_.PARTS, 2))
    monkeypatch.setattr(day_, "MOST_WAITING", 1)


def test_a_long_part_is_counted_whole_and_shown_whole_when_it_is_asked_for(
    cast: Any, world: Any, short: None
) -> None:
    owner = Owner(practitioner=cast.nina.practitioner.pk, team=cast.nina.team.pk)
    subjects = (world.kofi.pk, world.kofi.pk, world.kofi.pk, world.mum.pk)
    with cast.as_(cast.yasmin) as me:
        for number, subject in enumerate(subjects):
            due = timezone.localdate() + dt.timedelta(days=1 + number)
            add_task(
                by=me,
                team=cast.yasmin.team.pk,
                subject=subject,
                title=f"Step {number}",
                owner=owner,
                due_on=due,
            )
    client = cast.nina.client()
    page = client.get("/")
    assert "In the next 7 days 4" in words(page)
    assert [f"Step {n}" in words(page) for n in range(4)] == [True, True, False, False]
    assert '<a class="govuk-link" href="?all=week#week">Show all 4' in page.content.decode()
    with CaptureQueriesContext(connection) as queries:
        whole = client.get("/", {"all": "week"})
    assert all(f"Step {n}" in words(whole) for n in range(4))
    assert "Show all" not in words(whole)
    assert str(world.mum.pk) in next(
        each["sql"] for each in queries if "into access_look_line" in each["sql"]
    )
    # Whom only a line beyond the first names is not looked at before the rest is shown.
    with cast.as_(cast.nina) as me:
        assert load_day(me).task_subjects == (world.kofi.pk,)
        assert load_day(me, whole="week").task_subjects == (world.kofi.pk, world.mum.pk)
    for nonsense in ("late", "x", "week'--"):
        assert "Show all 4" in words(client.get("/", {"all": nonsense}))


def test_all_that_wait_for_a_team_are_counted_and_the_rest_is_on_its_page(
    cast: Any, world: Any, short: None
) -> None:
    for _twice in range(2):
        with cast.as_(cast.tom) as me:
            receive(
                by=me, team=cast.tom.team.pk, receiving_team=cast.yasmin.team, child=None, priority="standard"
            )
    with cast.as_(cast.morgan) as me:
        waiting = load_day(me).waiting
    assert (len(waiting.lines), waiting.count, waiting.hidden) == (1, 2, 1)
    client = cast.morgan.client()
    page = client.get("/")
    assert "Waiting for an answer 2" in words(page)
    assert f'href="{waiting.url}">Show all 2' in page.content.decode()
    assert words(client.get(waiting.url)).count("A child who is not named yet") == 2


def test_who_asks_in_anothers_name_is_told_of_no_meeting_of_theirs(cast: Any, world: Any) -> None:
    with cast.as_(cast.yasmin) as me:
        call_meeting(
            by=me,
            team=cast.yasmin.team.pk,
            episode=Episode.objects.get(pk=world.episode.pk),
            kind="team-around",
            starts_at=timezone.now() + dt.timedelta(days=3),
            place="Canal Centre",
            purpose="Who does what",
            teams=[InvitedTeam(cast.tom.team.pk)],
        )
    question = {"meetings": asking_meetings(cast.tom.me, now=timezone.now())}
    for asker, number in ((cast.tom, 1), (cast.olive, 0), (cast.admin, 0), (cast.greta, 0), (cast.tom, 1)):
        with cast.as_(asker):
            assert len(ask(question)["meetings"]) == number


def test_a_manager_is_told_which_cases_wait_for_their_decision_by_the_teams_measure(cast: Any) -> None:
    with_procedures(cast)
    _child, episode = accepted(cast)
    team = cast.morgan.team

    def line(member: Any, days: int) -> list[tuple[str, str]]:
        with cast.as_(member) as me:
            day = load_day(me, now=timezone.now() + dt.timedelta(days=days))
            return [(day.summary, each.title) for each in day.asked if "manager’s decision" in each.title]

    assert line(cast.morgan, 34) == []
    for days in (35, 42):
        ((summary, title),) = line(cast.morgan, days)
        assert title == "1 case is due for a manager’s decision in the next 7 days"
        assert "overdue" not in summary
    ((summary, title),) = line(cast.morgan, 43)
    assert title == "1 case is overdue for a manager’s decision"
    assert summary.endswith("1 case is overdue for a manager’s decision.")
    # A worker of the team decides nothing; another team's manager has nothing to do with it, whatever is asked.
    assert line(cast.yasmin, 43) == line(cast.olive, 43) == []
    with cast.as_(cast.olive):
        today = timezone.localdate() + dt.timedelta(days=43)
        assert ask({"asked": asking_oversight([team.pk], today=today)}) == {"asked": []}

    address = reverse("supervision:of_team", args=[team.slug])
    with cast.as_(cast.morgan) as me:
        given: dict[str, Any] = {"oversight_weeks": 1, "supervision_weeks": 6, "lead": None}
        set_measures(by=me, team=team.pk, **given)
    page = cast.morgan.client().get("/").content.decode()
    assert f'href="{address}#oversight"' in page
    assert 'id="oversight"' in cast.morgan.client().get(address).content.decode()
    assert [title for _summary, title in line(cast.morgan, 8)] == [
        "1 case is overdue for a manager’s decision"
    ]
    with cast.as_(cast.morgan) as me:
        set_measures(by=me, team=team.pk, **given | {"oversight_weeks": 26})
        decide_on_case(by=me, episode=Episode.objects.get(pk=episode.pk), decision="We go on as planned.")
    assert line(cast.morgan, 8) == []
    with cast.as_(cast.morgan), connection.cursor() as cursor:
        cursor.execute(
            "update episode set opened_at = opened_at - interval '300 days' where id = %s", [episode.pk]
        )
    assert line(cast.morgan, 8) == []
