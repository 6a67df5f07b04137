"""Supervision: who reads what was said, what stands on the child's file, and what is overdue."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from harness.cases import accepted, with_procedures
from harness.cast import _member
from teamaround.agencies.models import AdministrationLog, Membership
from teamaround.database.actor import SET_UP, acting_as
from teamaround.events.models import Event
from teamaround.supervision import actions
from teamaround.supervision.load import loads_of
from teamaround.supervision.models import (
    Supervision,
    SupervisionDecision,
    SupervisionKind,
    SupervisionSetting,
)

REFLECTION = "The visits weigh on her. We talked about endings."


@pytest.fixture
def area(cast: Any) -> Any:
    with_procedures(cast)
    with acting_as(SET_UP), transaction.atomic():
        cast.lena = _member("lena", "Lena Fox", "Deputy manager", cast.morgan.team, "manager")
        cast.hope = _member("hope", "Hope Adeyemi", "Head of service", cast.morgan.team, "practitioner")
        cast.omar = _member("omar", "Omar Bell", "Housing manager", cast.olive.team, "manager")
    return cast


def supervise(area: Any, *, by: Any = None, worker: Any = None, **more: Any) -> Supervision:
    with area.as_(by or area.morgan) as me:
        return actions.record_supervision(
            by=me,
            team=area.morgan.team.pk,
            worker=(worker or area.yasmin).practitioner.pk,
            **{
                "held_on": timezone.localdate(),
                "next_on": timezone.localdate() + dt.timedelta(days=28),
                "reflection": REFLECTION,
                **more,
            },
        )


def sees(area: Any, member: Any) -> list[str]:
    with area.as_(member):
        return [row.reflection for row in Supervision.objects.all()]


def name_lead(area: Any, by: Any, lead: Any) -> SupervisionSetting:
    with area.as_(by) as me:
        return actions.set_measures(
            by=me,
            team=area.morgan.team.pk,
            oversight_weeks=4,
            supervision_weeks=4,
            lead=lead.practitioner if lead else None,
        )


def test_the_two_who_met_read_the_notes_and_nobody_else_of_the_team_or_any_other(area: Any) -> None:
    supervise(area)
    assert sees(area, area.yasmin) == sees(area, area.morgan) == [REFLECTION]
    for other in (area.yusuf, area.lena, area.hope, area.tom, area.omar, area.admin, area.greta):
        assert sees(area, other) == []


def test_whoever_manages_supervision_reads_the_notes_from_when_they_are_named_until_they_are_not(
    area: Any,
) -> None:
    supervise(area)
    name_lead(area, area.morgan, area.hope)
    assert sees(area, area.hope) == [REFLECTION]
    name_lead(area, area.morgan, None)
    assert sees(area, area.hope) == []
    logged = AdministrationLog.objects.filter(act="named_supervision_lead").order_by("id")
    assert [line.practitioner_id for line in logged] == [area.hope.practitioner.pk, None]


def test_a_manager_cannot_name_themselves_to_read_a_colleagues_notes(area: Any) -> None:
    supervise(area)
    with pytest.raises(actions.SupervisionRefused, match="yourself"):
        name_lead(area, area.lena, area.lena)
    with area.as_(area.lena), pytest.raises(DatabaseError, match="names themselves"), transaction.atomic():
        SupervisionSetting.objects.create(team=area.lena.team, lead=area.lena.practitioner)
    assert sees(area, area.lena) == []


def test_nobody_of_another_agency_manages_a_teams_supervision(area: Any) -> None:
    with pytest.raises(actions.SupervisionRefused, match="agency"):
        name_lead(area, area.morgan, area.omar)
    with area.as_(area.morgan), pytest.raises(DatabaseError, match="same agency"), transaction.atomic():
        SupervisionSetting.objects.create(team=area.morgan.team, lead=area.omar.practitioner)


def test_a_manager_of_another_team_records_nothing_and_learns_no_dates(area: Any) -> None:
    supervise(area)
    with pytest.raises(PermissionError):
        supervise(area, by=area.omar)
    team = area.morgan.team.pk
    with area.as_(area.omar):
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            Supervision.objects.create(
                team_id=team,
                worker=area.yasmin.practitioner,
                supervisor=area.omar.practitioner,
                kind="management",
                held_on=timezone.localdate(),
            )
        with (
            pytest.raises(DatabaseError, match="supervises"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("select * from app.supervision_dates(%s)", [team])


def test_a_supervisor_who_moved_to_another_team_reads_the_notes_no_longer(area: Any) -> None:
    supervise(area)
    with acting_as(SET_UP), transaction.atomic():
        Membership.objects.filter(practitioner=area.morgan.practitioner).update(
            since=timezone.now() - dt.timedelta(days=9), until=timezone.now() - dt.timedelta(minutes=1)
        )
        Membership.objects.create(
            practitioner=area.morgan.practitioner, team=area.teams["housing"], role="manager"
        )
    assert sees(area, area.morgan) == []
    assert sees(area, area.yasmin) == [REFLECTION]


def test_nobody_supervises_themselves_or_somebody_who_does_not_work_in_the_team(area: Any) -> None:
    with pytest.raises(actions.SupervisionRefused, match="themselves"):
        supervise(area, worker=area.morgan)
    with pytest.raises(actions.SupervisionRefused, match="this team"):
        supervise(area, worker=area.tom)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"held_on": dt.timedelta(days=1)}, "held_on"),
        ({"held_on": dt.timedelta(days=-400)}, "held_on"),
        ({"next_on": dt.timedelta(days=-1)}, "next_on"),
        ({"next_on": dt.timedelta(days=500)}, "next_on"),
    ],
)
def test_days_that_cannot_be_are_refused(area: Any, wrong: dict[str, Any], field: str) -> None:
    days = {name: timezone.localdate() + away for name, away in wrong.items()}
    with pytest.raises(actions.SupervisionRefused) as refused:
        supervise(area, **days)
    assert refused.value.field == field


def test_the_worker_writes_their_own_words_and_neither_writes_the_others(area: Any) -> None:
    made = supervise(area)
    with area.as_(area.yasmin) as me:
        row = Supervision.objects.get(pk=made.pk)
        actions.say_own_words(by=me, supervision=row, version=row.version, words="I asked for cover.")
        with pytest.raises(PermissionError):
            actions.change_notes(by=me, supervision=row, version=row.version, next_on=None, reflection="")
        with pytest.raises(DatabaseError, match="supervisor"), transaction.atomic():
            Supervision.objects.filter(pk=made.pk).update(reflection="Nothing")
    with area.as_(area.morgan) as me:
        row = Supervision.objects.get(pk=made.pk)
        assert row.worker_words == "I asked for cover."
        with pytest.raises(DatabaseError, match="worker"), transaction.atomic():
            Supervision.objects.filter(pk=made.pk).update(worker_words="All is well")
        actions.change_notes(by=me, supervision=row, version=row.version, next_on=None, reflection="Better.")


def test_support_is_noted_as_having_taken_place_with_no_word_of_what_was_said(area: Any) -> None:
    with area.as_(area.yasmin) as me:
        actions.note_support(
            by=me, team=area.yasmin.team.pk, kind=SupervisionKind.PEER, held_on=timezone.localdate()
        )
        with pytest.raises(DatabaseError), transaction.atomic():
            Supervision.objects.filter(kind="peer").update(worker_words="What Yusuf said")
    assert len(sees(area, area.morgan)) == 1
    assert sees(area, area.yusuf) == []


def test_a_decision_stands_on_the_childs_file_with_its_event_and_is_never_changed(area: Any) -> None:
    child, episode = accepted(area)
    with area.as_(area.morgan) as me:
        made = actions.decide_on_case(
            by=me,
            episode=episode,
            decision="Go on for six weeks.",
            why="The plan works.",
            with_worker=area.yasmin.practitioner.pk,
        )
        assert Event.objects.filter(kind="supervision.decided", subject_id=child.pk).count() == 1
        with pytest.raises(DatabaseError), transaction.atomic():
            SupervisionDecision.objects.filter(pk=made.pk).update(decision="Close")
    with area.as_(area.yasmin):
        assert SupervisionDecision.objects.get().decision == "Go on for six weeks."
    with area.as_(area.tom):
        assert not SupervisionDecision.objects.exists()


def test_a_worker_and_a_manager_of_another_team_decide_nothing_on_the_case(area: Any) -> None:
    _child, episode = accepted(area)
    for other in (area.yasmin, area.omar):
        with area.as_(other) as me:
            with pytest.raises(PermissionError):
                actions.decide_on_case(by=me, episode=episode, decision="Close it.")
            with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
                SupervisionDecision.objects.create(
                    subject_id=episode.subject_id,
                    category="plan",
                    author_team=episode.author_team,
                    episode=episode,
                    decided_on=timezone.localdate(),
                    decision="Close it.",
                )


def test_a_load_counts_families_and_the_worker_says_how_it_is(area: Any) -> None:
    accepted(area)
    team, worker = area.yasmin.team.pk, area.yasmin.practitioner.pk
    with area.as_(area.yasmin) as me:
        actions.say_of_load(by=me, team=team, feels="stretched", words="Two visits an evening.")
        actions.say_of_load(by=me, team=team, feels="too_much", words="Three visits an evening.")
        own = loads_of([worker], [team])[worker]
    with area.as_(area.morgan):
        managers = loads_of([worker], [team])[worker]
    assert own == managers
    assert (own.families, own.feels, own.words) == (1, "too_much", "Three visits an evening.")
    with area.as_(area.yusuf):
        assert loads_of([worker], [team])[worker].words == ""


def test_nobody_records_a_supervision_with_words_in_the_workers_name(area: Any) -> None:
    with (
        area.as_(area.morgan) as me,
        pytest.raises(DatabaseError, match="worker's own"),
        transaction.atomic(),
    ):
        Supervision.objects.create(
            team_id=area.morgan.team.pk,
            worker_id=area.yasmin.practitioner.pk,
            supervisor_id=me.principal,
            kind=SupervisionKind.MANAGEMENT,
            held_on=timezone.localdate(),
            worker_words="All is well.",
        )


def test_two_clicks_are_one_supervision_and_one_decision(area: Any) -> None:
    assert supervise(area) == supervise(area)
    assert supervise(area, reflection="Something else") != supervise(area)
    _child, episode = accepted(area)
    with area.as_(area.morgan) as me:
        first, second = (
            actions.decide_on_case(by=me, episode=episode, decision="Go on as planned") for _click in range(2)
        )
        assert first == second
        assert Event.objects.filter(episode=episode.pk, kind="supervision.decided").count() == 1
