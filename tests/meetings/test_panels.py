"""Panels: an agenda ranked and timed, what members see and until when, what is decided, escalated and counted."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from teamaround.access.edits import StaleEdit
from teamaround.agencies.models import PanelSeat
from teamaround.meetings import panels
from teamaround.meetings.actions import MeetingRefused
from teamaround.meetings.kinds import PanelReason
from teamaround.meetings.models import PanelItem, PanelSitting
from teamaround.meetings.panels import Decided, Standing, time_boxes, urgency
from teamaround.notices.models import Message
from teamaround.people.actions import add_person
from teamaround.procedures.models import Episode
from teamaround.sharing.agendas import put_on_agenda
from teamaround.sharing.models import AgendaItem


@pytest.fixture
def seated(cast: Any) -> Any:
    """Nina, of another agency, sits on the panel beside Morgan."""
    with cast.as_(cast.admin):
        PanelSeat.objects.create(practitioner=cast.nina.practitioner, panel=cast.panel)
    return cast


def list_case(cast: Any, child: int, who: Any = None, question: str = "Short breaks?") -> AgendaItem:
    who = who or cast.yasmin
    with cast.as_(who) as me:
        return put_on_agenda(
            by=me,
            team=who.team.pk,
            panel=cast.panel.pk,
            subject=child,
            agenda_on=timezone.localdate() + dt.timedelta(days=3),
            question=question,
            categories=["plan", "referral"],
        )


def plan(cast: Any, lasts: int = 60) -> PanelSitting:
    with cast.as_(cast.nina) as me:
        return panels.plan_sitting(
            by=me,
            panel=cast.panel,
            starts_at=timezone.now() + dt.timedelta(days=3),
            place="Town hall",
            lasts=lasts,
        )


def build(cast: Any, sitting: PanelSitting) -> list[PanelItem]:
    with cast.as_(cast.nina) as me:
        return panels.build_agenda(by=me, sitting=sitting)


def decide(cast: Any, item: PanelItem, **typed: Any) -> PanelItem:
    with cast.as_(cast.nina) as me:
        row = PanelItem.objects.select_related("sitting").get(pk=item.pk)
        return panels.decide(by=me, item=row, version=row.version, decided=Decided(**typed))


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (Standing(), 0),
        (Standing(immediate=True), 40),
        (Standing(quiet_days=56), 30),
        (Standing(quiet_days=28, open_days=91, waiting_days=14), 30),
        (Standing(quiet_days=900, open_days=900, immediate=True, waiting_days=900), 100),
        (Standing(quiet_days=-1), 0),
    ],
)
def test_urgency_adds_up_what_presses(case: Standing, expected: int) -> None:
    assert urgency(case) == expected


def test_a_case_says_why_it_is_before_the_panel() -> None:
    assert Standing(quiet_days=28, open_days=170).reason == PanelReason.STAGNATED
    assert Standing(quiet_days=27, open_days=150).reason == PanelReason.SIX_MONTHS
    assert Standing(quiet_days=27, open_days=149).reason == PanelReason.ASKED


@pytest.mark.parametrize(("minutes", "cases", "each"), [(120, 8, 15), (120, 7, 15), (60, 40, 5), (60, 0, 60)])
def test_the_sittings_time_is_shared_out_in_fives(minutes: int, cases: int, each: int) -> None:
    assert time_boxes(minutes, cases) == each


def test_the_agenda_is_built_once_and_ranked_by_urgency(seated: Any, case: Any) -> None:
    cast = seated
    with cast.as_(cast.yasmin) as me:
        other = add_person(by=me, team=cast.yasmin.team.pk, given="Lina", family_name="Okoro")
    list_case(cast, other.pk, question="Transport?")
    list_case(cast, case.child.pk)
    with cast.as_(cast.yasmin):
        Episode.objects.filter(pk=case.episode.pk).update(priority="immediate")
    sitting = plan(cast)
    built = build(cast, sitting)
    assert [(item.rank, item.agenda_item.question, item.minutes) for item in built] == [
        (1, "Short breaks?", 30),
        (2, "Transport?", 30),
    ]
    assert built[0].urgency >= 40
    assert [item.pk for item in build(cast, sitting)] == [item.pk for item in built]


def test_members_see_the_case_while_it_is_open_and_nobody_else_reads_the_item(seated: Any, case: Any) -> None:
    cast = seated
    list_case(cast, case.child.pk)
    (item,) = build(cast, plan(cast))
    for member, sees in ((cast.nina, True), (cast.morgan, True), (cast.yasmin, True), (cast.tom, False)):
        with cast.as_(member):
            assert PanelItem.objects.filter(pk=item.pk).exists() is sees
    with cast.as_(cast.nina):
        assert Episode.objects.filter(subject=case.child.pk).exists()
    decide(cast, item, outcome="agreed", decision="Two weekends a month")
    with cast.as_(cast.nina):
        assert not Episode.objects.filter(subject=case.child.pk).exists()
        assert PanelItem.objects.get(pk=item.pk).decision == "Two weekends a month"
    with cast.as_(cast.yasmin):
        assert AgendaItem.objects.get().outcome == "Agreed: Two weekends a month"


def test_a_case_that_is_put_off_stays_on_the_agenda_for_the_next_sitting(seated: Any, case: Any) -> None:
    cast = seated
    list_case(cast, case.child.pk)
    sitting = plan(cast)
    (item,) = build(cast, sitting)
    with cast.as_(cast.nina) as me:
        panels.close_sitting(by=me, sitting=sitting, version=1)
    with cast.as_(cast.nina) as me:
        assert PanelItem.objects.get(pk=item.pk).outcome == "deferred"
        assert AgendaItem.objects.get().closed_at is None
        with pytest.raises(MeetingRefused, match="is over"):
            panels.build_agenda(by=me, sitting=PanelSitting.objects.get(pk=sitting.pk))
    assert len(build(cast, plan(cast))) == 1


def test_escalating_tells_the_managers_of_the_cases_team_and_names_nobody(seated: Any, case: Any) -> None:
    cast = seated
    list_case(cast, case.child.pk)
    (item,) = build(cast, plan(cast))
    decide(cast, item, outcome="otherwise", decision="Look again", escalate=True)
    with cast.as_(cast.morgan):
        told = Message.objects.filter(subject_line__icontains="panel asks")
        assert [each.address for each in told] == ["morgan@northmoor.example"]
        assert "Kofi" not in told[0].body


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"outcome": "perhaps"}, "outcome"),
        ({"outcome": "agreed", "decision": " "}, "decision"),
        ({"outcome": "agreed", "decision": "Yes", "gap_need": "moon"}, "gap_need"),
        ({"outcome": "agreed", "decision": "Yes", "gap_area": "East"}, "gap_need"),
    ],
)
def test_half_a_decision_is_refused_beside_its_field(
    seated: Any, case: Any, typed: dict[str, str], field: str
) -> None:
    list_case(seated, case.child.pk)
    (item,) = build(seated, plan(seated))
    with pytest.raises(MeetingRefused) as refused:
        decide(seated, item, **typed)
    assert refused.value.field == field


def test_of_two_members_who_decide_at_once_the_second_is_told(seated: Any, case: Any) -> None:
    cast = seated
    list_case(cast, case.child.pk)
    (item,) = build(cast, plan(cast))
    with cast.as_(cast.nina):
        stale = PanelItem.objects.select_related("sitting").get(pk=item.pk)
    decide(cast, item, outcome="agreed", decision="Yes")
    with cast.as_(cast.nina) as me, pytest.raises(StaleEdit):
        panels.decide(by=me, item=stale, version=1, decided=Decided("not_agreed", "No"))


def test_who_sits_on_no_panel_sets_no_sitting_and_decides_nothing(seated: Any, case: Any) -> None:
    cast = seated
    list_case(cast, case.child.pk)
    sitting = plan(cast)
    (item,) = build(cast, sitting)
    with cast.as_(cast.tom) as me:
        with pytest.raises(MeetingRefused):
            panels.plan_sitting(
                by=me,
                panel=cast.panel,
                starts_at=timezone.now() + dt.timedelta(days=1),
                place="Here",
                lasts=60,
            )
        assert panels.standings(cast.panel.pk) == {}
    with pytest.raises(DatabaseError, match="set its sittings"), cast.as_(cast.tom):
        PanelSitting.objects.filter(pk=sitting.pk).update(place="Elsewhere")
    with cast.as_(cast.yasmin):
        assert PanelItem.objects.filter(pk=item.pk).update(outcome="") == 0
    assert cast.tom.client().get(reverse("meetings:sitting", args=[sitting.uuid])).status_code == 404
    assert cast.tom.client().get(reverse("meetings:panel_item", args=[item.uuid])).status_code == 404


def test_a_stagnated_case_is_offered_until_it_is_on_an_agenda(seated: Any, case: Any) -> None:
    cast = seated
    with cast.as_(cast.yasmin) as me:
        assert panels.due_cases(me) == []
        Episode.objects.filter(pk=case.episode.pk).update(
            opened_at=timezone.now() - dt.timedelta(days=panels.NEARLY_SIX_MONTHS)
        )
        (found,) = panels.due_cases(me)
        assert panels.standing_of(found).reason == PanelReason.SIX_MONTHS
    list_case(cast, case.child.pk)
    with cast.as_(cast.yasmin) as me:
        assert panels.due_cases(me) == []
    (item,) = build(cast, plan(cast))
    assert item.reason == PanelReason.SIX_MONTHS


def _listed(cast: Any, number: int) -> None:
    with cast.as_(cast.yasmin) as me:
        child = add_person(by=me, team=cast.yasmin.team.pk, given=f"Child{number}", family_name="Case")
    list_case(cast, child.pk)


def test_gaps_are_counted_by_need_and_area_and_small_ones_are_not_told_apart(seated: Any) -> None:
    cast = seated
    for number in range(8):
        _listed(cast, number)
    for number, item in enumerate(build(cast, plan(cast))):
        area = " east " if number < 6 else "Elm Street"
        decide(cast, item, outcome="agreed", decision="Wait", gap_need="counselling", gap_area=area)
    today = timezone.localdate()
    with cast.as_(cast.morgan):
        found = panels.gaps(today - dt.timedelta(days=30), today + dt.timedelta(days=1))
        assert [(each.need, each.area, each.children.known) for each in found] == [
            ("Counselling", "East", 5),
            ("Counselling", "", None),
        ]
    with pytest.raises(DatabaseError, match="for those who plan"), cast.as_(cast.yasmin):
        panels.gaps(today, today)
    page = cast.morgan.client().get(reverse("meetings:gaps")).content.decode()
    assert "fewer than 5" in page
    assert "Elm Street" not in page
    assert cast.yasmin.client().get(reverse("meetings:gaps")).status_code == 403


def test_a_panel_is_worked_in_the_browser(seated: Any, case: Any) -> None:
    cast = seated
    list_case(cast, case.child.pk)
    client = cast.nina.client()
    assert "Plan a sitting" in client.get(reverse("meetings:panels")).content.decode()
    day = timezone.localdate() + dt.timedelta(days=2)
    sent = {
        "panel": cast.panel.slug,
        "starts_on": f"{day:%d/%m/%Y}",
        "starts_at": "10am",
        "place": "Town hall",
        "lasts": "60",
    }
    assert client.post(reverse("meetings:plan_sitting"), {**sent, "lasts": "5"}).status_code == 200
    address = client.post(reverse("meetings:plan_sitting"), sent).url
    with cast.as_(cast.nina):
        sitting = PanelSitting.objects.get()
    client.post(reverse("meetings:build_agenda", args=[sitting.uuid]))
    with CaptureQueriesContext(connection) as queries:
        page = client.get(address).content.decode()
    assert len(queries) <= 15, len(queries)
    assert "Kofi Osei" in page
    assert "Short breaks?" in page
    with cast.as_(cast.nina):
        item = PanelItem.objects.get()
    url = reverse("meetings:panel_item", args=[item.uuid])
    assert "Decide" in client.get(url).content.decode()
    typed = {"version": "1", "outcome": "agreed", "decision": "Weekends", "gap_need": "transport"}
    assert client.post(url, {**typed, "decision": ""}).status_code == 200
    assert client.post(url, typed).status_code == 302
    page = client.get(address).content.decode()
    assert "Agreed" in page
    assert "Kofi Osei" not in page
    read = cast.yasmin.client().get(url).content.decode()
    assert "Weekends" in read
    assert "Decide" not in read
    client.post(reverse("meetings:close_sitting", args=[sitting.uuid]), {"version": "1"})
    with cast.as_(cast.nina):
        assert PanelSitting.objects.get().closed_at is not None
