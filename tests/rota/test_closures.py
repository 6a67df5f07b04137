"""Closures, hours of sites and school terms: who keeps them, and what the clocks make of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from harness.cases import accepted, with_procedures
from teamaround.agencies.models import AdministrationLog, Site, Team
from teamaround.database.actor import SET_UP, acting_as
from teamaround.procedures import following
from teamaround.procedures.actions import standing
from teamaround.procedures.calendars import calendar_of
from teamaround.procedures.following import follow
from teamaround.procedures.models import Clock, Episode, Reckoning
from teamaround.procedures.versions import current_version
from teamaround.rota import actions, calendars
from teamaround.rota.models import Closure
from teamaround.workingtime import LONDON

MONDAY = dt.date(2027, 6, 14)
NINE_TO_FIVE = ((dt.time(9), dt.time(17)),)


@pytest.fixture
def area(cast: Any) -> Iterator[Any]:
    calendars.forget()
    yield with_procedures(cast)
    calendars.forget()


def calendar(area: Any, member: Any = None) -> Any:
    with area.as_(member or area.yasmin):
        version = current_version("stockport-families-first")
        return calendar_of(version.pk, area.teams["young-carers"].pk)


def close(area: Any, who: Any, **more: Any) -> Closure:
    with area.as_(who) as me:
        return actions.close_for(by=me, **{"day": MONDAY, "reason": "The move", **more})


def site(area: Any, *, of: str = "young-carers") -> Site:
    with acting_as(SET_UP), transaction.atomic():
        made = Site.objects.create(agency=area.teams[of].agency, name="Hope House")
        Team.objects.filter(pk=area.teams[of].pk).update(site=made)
    calendars.forget()
    return made


def test_a_closure_of_the_area_closes_every_team_on_each_of_its_days(area: Any) -> None:
    close(area, area.admin, until=MONDAY + dt.timedelta(days=1))
    kept = calendar(area)
    assert kept.why_not_working(MONDAY) == "The move"
    assert kept.why_not_working(MONDAY + dt.timedelta(days=1)) == "The move"
    assert kept.is_working_day(MONDAY + dt.timedelta(days=2))


def test_a_closure_of_one_team_leaves_the_others_open(area: Any) -> None:
    close(area, area.admin, team=area.teams["housing"])
    assert calendar(area).is_working_day(MONDAY)
    close(area, area.morgan, team=area.teams["young-carers"])
    assert calendar(area).why_not_working(MONDAY) == "The move"


def test_a_closure_of_a_site_closes_the_teams_that_work_there(area: Any) -> None:
    close(area, area.admin, site=site(area, of="housing"))
    assert calendar(area).is_working_day(MONDAY)
    close(area, area.admin, site=site(area), reason="No heating")
    assert calendar(area).why_not_working(MONDAY) == "No heating"


def test_a_closure_that_is_withdrawn_opens_the_day_again_and_stays_on_record(area: Any) -> None:
    made = close(area, area.morgan, team=area.teams["young-carers"])
    with area.as_(area.morgan) as me:
        actions.withdraw_closure(by=me, closure=made)
        actions.withdraw_closure(by=me, closure=made)
        made.refresh_from_db()
        assert made.withdrawn_by_id == me.principal
        acts = AdministrationLog.objects.values_list("act", flat=True)
        assert list(acts).count("opened_after_all") == 1
    assert calendar(area).is_working_day(MONDAY)


@pytest.mark.parametrize("who", ["yasmin", "greta", "tom"])
def test_nobody_closes_but_administrators_and_managers(area: Any, who: str) -> None:
    member = getattr(area, who)
    with pytest.raises(PermissionError):
        close(area, member, team=member.team)
    with (
        pytest.raises(DatabaseError, match="row-level security"),
        area.as_(member) as me,
        transaction.atomic(),
    ):
        Closure.objects.create(
            day=MONDAY, until=MONDAY, reason="By hand", team=None, recorded_by_id=me.principal
        )


def test_a_manager_closes_no_other_team_and_not_the_area(area: Any) -> None:
    for team in (area.teams["housing"], None):
        with pytest.raises(actions.CalendarRefused) as refused:
            close(area, area.morgan, team=team)
        assert refused.value.field == "team"
    made = close(area, area.admin)
    with area.as_(area.morgan):
        assert Closure.objects.filter(pk=made.pk).update(withdrawn_at=dt.datetime.now(dt.UTC)) == 0


def test_everybody_at_work_reads_closures_and_a_family_does_not(area: Any) -> None:
    close(area, area.admin)
    for who in (area.yasmin, area.olive, area.greta):
        with area.as_(who):
            assert Closure.objects.count() == 1
    from teamaround.database.actor import Actor

    with acting_as(Actor(kind="family", principal=1, principals=(1,))), transaction.atomic():
        assert Closure.objects.count() == 0


def test_what_a_process_keeps_is_the_same_whoever_asked_first(area: Any) -> None:
    close(area, area.admin)
    from teamaround.database.actor import ANONYMOUS

    calendars._Known.local = None  # a process that has just begun
    with acting_as(ANONYMOUS), transaction.atomic():
        assert len(calendars.local().closures) == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"until": MONDAY - dt.timedelta(days=1)}, "until"),
        ({"until": MONDAY + dt.timedelta(days=60)}, "until"),
        ({"reason": "  "}, "reason"),
        ({"day": dt.date(2099, 1, 1)}, "day"),
    ],
)
def test_what_cannot_be_meant_is_refused_beside_its_field(
    area: Any, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(actions.CalendarRefused) as refused:
        close(area, area.admin, **wrong)
    assert refused.value.field == field


def test_a_day_is_closed_once(area: Any) -> None:
    close(area, area.admin, until=MONDAY + dt.timedelta(days=4))
    with pytest.raises(actions.CalendarRefused, match="closed then already: The move"):
        close(area, area.admin, day=MONDAY + dt.timedelta(days=2), reason="Again")


def test_a_team_keeps_the_hours_of_its_site(area: Any) -> None:
    where = site(area)
    hours = (NINE_TO_FIVE,) * 4 + ((), (), ((dt.time(10), dt.time(0)),))
    with area.as_(area.admin) as me:
        actions.set_site_hours(by=me, site=where, hours=hours)
    kept = calendar(area)
    assert kept.hours_on(MONDAY) == NINE_TO_FIVE
    assert not kept.is_working_day(MONDAY + dt.timedelta(days=4)), "the site does not open on Fridays"
    assert kept.hours_on(MONDAY + dt.timedelta(days=6)) == ((dt.time(10), dt.time(0)),)
    with area.as_(area.admin) as me:
        actions.set_site_hours(by=me, site=where, hours=((),) * 7)
    assert calendar(area).hours_on(MONDAY) == ((dt.time(8), dt.time(22)),)


def test_hours_that_run_backwards_are_refused_beside_their_day(area: Any) -> None:
    hours = ((), (), ((dt.time(17), dt.time(9)),), (), (), (), ())
    where = site(area)
    with pytest.raises(actions.CalendarRefused) as refused, area.as_(area.admin) as me:
        actions.set_site_hours(by=me, site=where, hours=hours)
    assert refused.value.field == "wednesday"


def test_hours_in_words_put_days_of_the_same_hours_together() -> None:
    hours = (NINE_TO_FIVE,) * 4 + ((), (), ((dt.time(10), dt.time(12)), (dt.time(13), dt.time(0))))
    assert actions.hours_in_words(hours) == "Mon-Thu 09:00-17:00; Sun 10:00-12:00, 13:00-00:00"


def test_school_terms_reach_the_calendar_and_do_not_overlap(area: Any) -> None:
    with area.as_(area.admin) as me:
        first = actions.add_term(
            by=me, name="Summer 1", first_day=dt.date(2027, 4, 12), last_day=dt.date(2027, 5, 28)
        )
        actions.add_term(by=me, name="Summer 2", first_day=dt.date(2027, 6, 7), last_day=dt.date(2027, 7, 23))
        with pytest.raises(actions.CalendarRefused, match="part of Summer 1"):
            actions.add_term(by=me, name="Again", first_day=dt.date(2027, 5, 1), last_day=dt.date(2027, 6, 1))
    assert calendar(area).term_time().why_not_working(dt.date(2027, 6, 2)) == "school holidays"
    with area.as_(area.admin) as me:
        actions.withdraw_term(by=me, term=first)
    assert calendar(area).term_time().is_working_day(dt.date(2027, 6, 2))


# Clocks follow


def clocks(area: Any, episode: Episode) -> dict[str, tuple[dt.datetime, str]]:
    with area.as_(area.yasmin):
        rows = Clock.objects.filter(episode=episode, stopped_at=None)
        return {row.key: (row.due_at, row.why) for row in rows}


def reckoned(area: Any, episode: Episode) -> dict[str, tuple[dt.datetime, str]]:
    with area.as_(area.yasmin):
        run = standing(Episode.objects.get(pk=episode.pk))
        return {clock.key: (clock.due_at, clock.why) for clock in run.open_clocks}


def close_where_something_is_due(area: Any, episode: Episode) -> tuple[str, dt.date]:
    """Close the team on the day on which the first of its clocks in whole or working days is due."""
    due = min((at, key) for key, (at, _why) in clocks(area, episode).items())
    day = due[0].astimezone(LONDON).date()
    close(area, area.morgan, team=area.teams["young-carers"], day=day)
    return due[1], day


def test_running_clocks_follow_a_closure_and_go_back_when_it_is_withdrawn(area: Any) -> None:
    _child, episode = accepted(area)
    before = clocks(area, episode)
    key, day = close_where_something_is_due(area, episode)
    done = follow()
    assert done.finished
    assert done.moved > 0
    after = clocks(area, episode)
    assert after[key][0].astimezone(LONDON).date() > day
    assert {each: due for each, (due, _why) in after.items()} == {
        each: due for each, (due, _why) in reckoned(area, episode).items()
    }
    assert after[key] == reckoned(area, episode)[key]
    with area.as_(area.morgan) as me:
        actions.withdraw_closure(by=me, closure=Closure.objects.get())
    assert follow().moved == done.moved
    assert clocks(area, episode) == before


def test_a_clock_that_may_pause_follows_by_its_episodes_events(area: Any) -> None:
    with acting_as(SET_UP), transaction.atomic():
        Team.objects.filter(slug="young-carers").update(procedure_slug="young-carers-needs-assessment")
    area.teams["young-carers"].refresh_from_db()
    area.yasmin.team.refresh_from_db()
    _child, episode = accepted(area)
    before = clocks(area, episode)["assess"]
    day = before[0].astimezone(LONDON).date()
    close(area, area.morgan, team=area.teams["young-carers"], day=day)
    assert follow().moved > 0
    after = clocks(area, episode)["assess"]
    assert after[0] > before[0]
    assert after == reckoned(area, episode)["assess"]


def test_following_twice_does_nothing_the_second_time(area: Any) -> None:
    _child, episode = accepted(area)
    close_where_something_is_due(area, episode)
    assert follow().seen > 0
    assert follow() == following.Followed(0, 0, finished=True)


def test_following_goes_on_where_it_was_interrupted_and_begins_anew_after_another_change(area: Any) -> None:
    _child, episode = accepted(area)
    key, _day = close_where_something_is_due(area, episode)
    assert follow(batch=1, batches=1) == following.Followed(1, following_moved(), finished=False)
    with area.as_(area.yasmin):
        reached = Reckoning.objects.order_by("-begun_at").first()
        assert reached is not None
        assert reached.seen == 1
    close(area, area.admin, day=MONDAY)
    rest = follow(batch=1)
    with area.as_(area.yasmin):
        assert rest.seen == Clock.objects.filter(episode=episode).count()
    assert clocks(area, episode)[key] == reckoned(area, episode)[key]


def following_moved() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select moved from clock_reckoning order by id desc limit 1")
        return int(cursor.fetchone()[0])


def test_an_event_recorded_after_a_closure_reckons_with_it_before_the_job_has_run(area: Any) -> None:
    close(
        area,
        area.admin,
        day=dt.date.today() + dt.timedelta(days=1),
        until=dt.date.today() + dt.timedelta(days=5),
    )
    _child, episode = accepted(area)
    assert clocks(area, episode) == reckoned(area, episode)
    assert follow().moved == 0


def test_only_the_service_reads_and_moves_the_clocks_of_the_area(area: Any) -> None:
    for statement in (
        "select * from app.clocks_to_reckon(0, 10)",
        "select * from app.events_to_reckon('{1}')",
        "select * from app.take_up_reckoning(gen_random_uuid())",
        "select app.move_clocks(gen_random_uuid(), 0, 0, true, '{}', '{}', '{}')",
    ):
        with (
            pytest.raises(DatabaseError, match="only the service that reckons clocks"),
            area.as_(area.admin),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
