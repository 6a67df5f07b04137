"""Actions on My day, beside the clocks."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from teamaround.desk.day import load_day
from teamaround.plans.actions import add_action, add_goal, start_plan
from teamaround.tasks.actions import Owner, add_task
from teamaround.tasks.models import Task


def words(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def today(days: int = 0) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=days)


def ask(cast: Any, subject: int, title: str, owner: Owner, days: int | None) -> None:
    due = None if days is None else today(days)
    with cast.as_(cast.yasmin) as me:
        add_task(by=me, team=cast.yasmin.team.pk, subject=subject, title=title, owner=owner, due_on=due)


def test_actions_stand_among_the_clocks_by_how_near_they_are(cast: Any, world: Any) -> None:
    mine = Owner(practitioner=cast.yasmin.practitioner.pk, team=cast.yasmin.team.pk)
    anyone = Owner(team=cast.yasmin.team.pk)
    for title, owner, days in (
        ("Ring the dentist", mine, -2),
        ("Find a swimming class", anyone, 0),
        ("Write to the landlord", mine, 7),
        ("Much later", mine, 8),
        ("Without a date", mine, None),
        ("Somebody else's", Owner(practitioner=cast.morgan.practitioner.pk, team=cast.yasmin.team.pk), 0),
    ):
        ask(cast, world.kofi.pk, title, owner, days)
    ask(cast, world.family.pk, "Book the hall", mine, 1)
    with cast.as_(cast.yasmin) as me:
        late, now, week = load_day(me).due
    found = {each.view.title: each.view for part in (late, now, week) for each in part.owed if each.done_url}
    assert set(found) == {
        "Ring the dentist",
        "Find a swimming class",
        "Write to the landlord",
        "Book the hall",
    }
    assert "Ring the dentist" in {each.view.title for each in late.owed}
    assert found["Ring the dentist"].left == "2 days late"
    assert found["Find a swimming class"].left == "Due today"
    assert "Nobody is named yet" in found["Find a swimming class"].reason
    assert found["Book the hall"].subject == "Osei family"
    assert found["Book the hall"].url == f"/families/{world.family.uuid}/"
    assert found["Ring the dentist"].subject.startswith("Kofi Osei")
    assert week.title == "In the next 7 days"


def test_an_action_leads_to_its_plan_and_is_done_from_my_day(cast: Any, world: Any) -> None:
    with cast.as_(cast.yasmin) as me:
        plan = start_plan(by=me, episode=world.episode)
        goal = add_goal(by=me, plan=plan, subject=world.kofi.pk, words="Sleep")
        owner = Owner(practitioner=cast.yasmin.practitioner.pk, team=cast.yasmin.team.pk)
        add_action(by=me, goal=goal, title="Buy a lamp", owner=owner, due_on=today())
        task = Task.objects.get(title="Buy a lamp")
    client = cast.yasmin.client()
    with CaptureQueriesContext(connection) as queries:
        page = client.get("/")
    assert len(queries) <= 15, "\n".join(each["sql"][:150] for each in queries)
    assert f'href="/plans/{plan.uuid}/"' in page.content.decode()
    assert f'action="/tasks/{task.uuid}/complete/"' in page.content.decode()
    (log,) = (each["sql"] for each in queries if "into access_look_line" in each["sql"])
    assert "plan" in log
    assert client.post(f"/tasks/{task.uuid}/complete/")["Location"] == "/"
    assert "Buy a lamp" not in words(client.get("/"))


def test_an_action_about_somebody_whom_one_may_not_see_names_nobody(cast: Any, world: Any) -> None:
    ask(cast, world.mum.pk, "Send the form", Owner(team=cast.nina.team.pk), 0)
    with cast.as_(cast.nina) as me:
        (owed,) = load_day(me).due[1].owed
        assert (owed.view.subject, owed.view.url) == ("", "")
        assert world.mum.pk in load_day(me).task_subjects
    said = words(cast.nina.client().get("/"))
    assert "Send the form" in said
    assert "Efua" not in said


def test_the_button_that_says_an_action_is_done_stands_in_its_card(cast: Any, world: Any) -> None:
    ask(cast, world.kofi.pk, "Ring the dentist", Owner(team=cast.yasmin.team.pk), 0)
    content = cast.yasmin.client().get("/").content.decode()
    cards = re.findall(r'<article class="ta-clock .*?</article>', content, re.S)
    (card,) = [each for each in cards if "Ring the dentist" in each]
    assert 'name="csrfmiddlewaretoken"' in card
    assert re.search(r'action="/tasks/[^"]+/complete/"', card)
    assert all("/complete/" not in each for each in cards if each != card)
    assert content.count("/complete/") == card.count("/complete/")
