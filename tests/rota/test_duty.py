"""Duty: who may be on call, what a shift opens and for how long, what changes hands."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from harness.cases import accepted, with_procedures
from harness.cast import _member
from teamaround.agencies.models import Membership, Principal, Team
from teamaround.agencies.roles import Permission
from teamaround.database.actor import SET_UP, acting_as
from teamaround.procedures.models import Episode
from teamaround.rota import duty
from teamaround.rota.models import DutyShift, DutySwap
from teamaround.workingtime import LONDON

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def area(cast: Any) -> Any:
    """The cast; Nadia works in another team of the young carers' agency."""
    with_procedures(cast)
    with acting_as(SET_UP), transaction.atomic():
        night = Team.objects.create(
            principal=Principal.objects.create(kind="team"),
            agency=cast.yasmin.team.agency,
            slug="night",
            name="Out of hours team",
        )
        cast.nadia = _member("nadia", "Nadia Cole", "Night worker", night, "practitioner")
    cast.night = night
    return cast


def put_on(
    area: Any,
    who: Any,
    *,
    by: Any = None,
    starts: dt.timedelta = -HOUR / 2,
    lasts: dt.timedelta = HOUR * 12,
) -> DutyShift:
    with area.as_(by or area.morgan) as me:
        begins = timezone.now() + starts
        return duty.add_shift(
            by=me,
            team=area.morgan.team.pk,
            practitioner=who.practitioner.pk,
            starts_at=begins,
            ends_at=begins + lasts,
        )


def sees_cases(area: Any, who: Any) -> bool:
    with area.as_(who):
        return bool(Episode.objects.exists())


def test_a_shift_opens_the_teams_cases_from_its_start_to_its_end_and_not_a_moment_longer(area: Any) -> None:
    accepted(area)
    assert not sees_cases(area, area.nadia)
    put_on(area, area.nadia, starts=HOUR)
    assert not sees_cases(area, area.nadia)
    ends = time.monotonic() + 2
    put_on(area, area.nadia, lasts=HOUR / 2 + dt.timedelta(seconds=2))
    assert sees_cases(area, area.nadia)
    time.sleep(max(0.0, ends - time.monotonic()) + 0.1)
    assert not sees_cases(area, area.nadia)


def test_a_shift_that_is_withdrawn_closes_at_once_what_it_opened(area: Any) -> None:
    accepted(area)
    made = put_on(area, area.nadia)
    client = area.nadia.client()
    with area.as_(area.nadia):
        key = Episode.objects.get().uuid
    assert client.get(reverse("desk:case", args=[key])).status_code == 200
    url = reverse("rota:off_duty", args=[made.uuid])
    assert client.post(url).status_code == 403
    assert area.morgan.client().post(url).status_code == 302
    assert client.get(reverse("desk:case", args=[key])).status_code == 404


def test_whoever_is_on_duty_works_cases_and_manages_nothing(area: Any) -> None:
    put_on(area, area.nadia)
    me, team = area.nadia.me, area.morgan.team.pk
    assert me.may_for(Permission.WORK_CASES, team)
    for kept in (Permission.DECIDE_REFERRALS, Permission.KEEP_CALENDARS, Permission.CLOSE_CASES):
        assert not me.may_for(kept, team)
    assert me.team.team == area.night.pk
    assert area.yasmin.me.may_for(Permission.CLOSE_CASES, team)


def test_somebody_who_left_the_agency_has_nothing_of_a_shift_to_come(area: Any) -> None:
    accepted(area)
    put_on(area, area.nadia)
    with acting_as(SET_UP), transaction.atomic():
        now = timezone.now()
        Membership.objects.filter(practitioner=area.nadia.practitioner).update(
            since=now - HOUR * 9, until=now - HOUR
        )
        Membership.objects.create(
            practitioner=area.nadia.practitioner, team=area.teams["housing"], role="practitioner"
        )
    assert not sees_cases(area, area.nadia)


def test_nobody_of_another_agency_is_put_on_duty(area: Any) -> None:
    with pytest.raises(duty.DutyRefused, match="own agency"):
        put_on(area, area.olive)
    with area.as_(area.morgan) as me, pytest.raises(DatabaseError, match="agency"), transaction.atomic():
        DutyShift.objects.create(
            team=area.morgan.team,
            practitioner=area.olive.practitioner,
            starts_at=timezone.now(),
            ends_at=timezone.now() + HOUR,
            recorded_by_id=me.principal,
        )


def test_a_sensitive_services_cases_stay_with_its_own_team(area: Any) -> None:
    with acting_as(SET_UP), transaction.atomic():
        Team.objects.filter(pk=area.morgan.team.pk).update(sensitivity="mental_health")
    with pytest.raises(duty.DutyRefused):
        put_on(area, area.nadia)
    put_on(area, area.yusuf)


@pytest.mark.parametrize("who", ["yasmin", "olive", "admin", "nadia"])
def test_only_a_manager_of_the_team_puts_somebody_on_duty(area: Any, who: str) -> None:
    other = getattr(area, who)
    with pytest.raises(PermissionError):
        put_on(area, area.nadia, by=other)
    with (
        area.as_(other) as me,
        pytest.raises(DatabaseError, match="row-level security"),
        transaction.atomic(),
    ):
        DutyShift.objects.create(
            team=area.morgan.team,
            practitioner=area.nadia.practitioner,
            starts_at=timezone.now(),
            ends_at=timezone.now() + HOUR,
            recorded_by_id=me.principal,
        )
    assert area.admin.client().post(reverse("rota:add_shift", args=["young-carers"])).status_code == 403


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"starts": -HOUR * 3}, "starts_on"),
        ({"lasts": -HOUR}, "ends_on"),
        ({"lasts": HOUR * 24 * 9}, "ends_on"),
        ({"starts": HOUR * 24 * 500}, "starts_on"),
    ],
)
def test_a_shift_that_cannot_be_is_refused(area: Any, more: dict[str, Any], field: str) -> None:
    with pytest.raises(duty.DutyRefused) as refused:
        put_on(area, area.yasmin, **more)
    assert refused.value.field == field


def test_nobody_is_put_on_duty_twice_at_once(area: Any) -> None:
    put_on(area, area.yasmin)
    with pytest.raises(duty.DutyRefused, match="already"):
        put_on(area, area.yasmin, starts=HOUR)


def test_gaps_and_overlaps_are_told_as_warnings(area: Any) -> None:
    put_on(area, area.yasmin, starts=HOUR, lasts=HOUR * 4)
    put_on(area, area.yusuf, starts=HOUR * 4, lasts=HOUR * 4)
    put_on(area, area.morgan, starts=HOUR * 10, lasts=HOUR)
    with area.as_(area.yasmin):
        now = timezone.now()
        faults = duty.faults_in(duty.shifts_of(area.morgan.team.pk, now, now + HOUR * 48))
    assert [fault.gap for fault in faults] == [False, True]
    page = area.yasmin.client().get(reverse("rota:duty", args=["young-carers"])).content.decode()
    assert "More than one is on duty" in page
    assert "Nobody is on duty from" in page


def test_one_after_another_without_a_gap_is_no_fault() -> None:
    now = timezone.now()
    shifts = [DutyShift(starts_at=now + HOUR * n, ends_at=now + HOUR * (n + 1)) for n in range(3)]
    assert duty.faults_in(shifts) == []


def asked(area: Any, shift: DutyShift, who: Any) -> DutySwap:
    with area.as_(area.yasmin) as me:
        return duty.ask_to_swap(by=me, shift=shift, asked=who.practitioner.pk)


def test_a_shift_changes_hands_when_the_one_asked_takes_it(area: Any) -> None:
    shift = put_on(area, area.yasmin, starts=HOUR)
    swap = asked(area, shift, area.yusuf)
    url = reverse("rota:answer", args=[swap.uuid])
    for other in (area.morgan, area.olive):
        assert other.client().post(url, {"answer": "take"}).status_code == 404
    assert area.yusuf.client().post(url, {"answer": "take"}).status_code == 302
    with area.as_(area.yasmin):
        standing = DutyShift.objects.get(withdrawn_at=None)
        assert standing.practitioner_id == area.yusuf.practitioner.pk
        assert standing.instead_of_id == shift.pk
        assert (standing.starts_at, standing.ends_at) == (shift.starts_at, shift.ends_at)


def test_a_shift_is_swapped_within_the_team_and_never_taken_unasked(area: Any) -> None:
    shift = put_on(area, area.yasmin, starts=HOUR)
    with pytest.raises(duty.DutyRefused, match="in the team"):
        asked(area, shift, area.nadia)
    with area.as_(area.yasmin), transaction.atomic():
        forced = DutySwap.objects.create(shift=shift, asked=area.nadia.practitioner)
    with (
        area.as_(area.nadia),
        pytest.raises(DatabaseError, match="within the team"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("select app.take_shift(%s)", [forced.uuid])
    with area.as_(area.nadia), pytest.raises(DatabaseError, match="not yours"), transaction.atomic():
        DutySwap.objects.filter(pk=forced.pk).update(answer="taken")
    with area.as_(area.olive):
        assert not DutySwap.objects.exists()


def test_who_cannot_says_so_and_the_shift_stays(area: Any) -> None:
    shift = put_on(area, area.yasmin, starts=HOUR)
    swap = asked(area, shift, area.yusuf)
    with area.as_(area.yusuf) as me:
        duty.answer_swap(by=me, swap=DutySwap.objects.get(pk=swap.pk), takes=False)
    asked(area, shift, area.morgan)
    with area.as_(area.yasmin):
        assert DutyShift.objects.get(withdrawn_at=None).practitioner_id == area.yasmin.practitioner.pk


def test_nobody_takes_a_shift_over_while_they_are_on_duty_themselves(area: Any) -> None:
    shift = put_on(area, area.yasmin, starts=HOUR)
    put_on(area, area.yusuf, starts=HOUR)
    swap = asked(area, shift, area.yusuf)
    with area.as_(area.yusuf) as me, pytest.raises(duty.DutyRefused, match="on duty then already"):
        duty.answer_swap(by=me, swap=DutySwap.objects.get(pk=swap.pk), takes=True)
    with area.as_(area.yasmin):
        assert DutyShift.objects.get(pk=shift.pk).withdrawn_at is None


def test_a_manager_types_a_shift_and_it_stands_on_the_rota(area: Any) -> None:
    url = reverse("rota:duty", args=["young-carers"])
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    typed = {"practitioner": str(area.nadia.practitioner.pk), "starts_at": "5pm", "ends_at": "9am"}
    for name, day in (("starts_on", tomorrow), ("ends_on", tomorrow + dt.timedelta(days=1))):
        typed |= {f"{name}_day": str(day.day), f"{name}_month": str(day.month), f"{name}_year": str(day.year)}
    client, add = area.morgan.client(), reverse("rota:add_shift", args=["young-carers"])
    assert client.post(add, {**typed, "practitioner": ""}).status_code == 200
    assert client.post(add, typed).status_code == 302
    assert "Nadia Cole" in area.olive.client().get(url).content.decode()


def test_a_question_is_taken_back_by_who_asked_and_somebody_else_can_be_asked(area: Any) -> None:
    shift = put_on(area, area.yasmin, starts=HOUR)
    swap = asked(area, shift, area.yusuf)
    with pytest.raises(duty.DutyRefused, match="asked already"):
        asked(area, shift, area.morgan)
    url = reverse("rota:unask", args=[swap.uuid])
    assert url in area.yasmin.client().get(reverse("rota:duty", args=["young-carers"])).content.decode()
    for other in (area.yusuf, area.morgan, area.olive):
        assert other.client().post(url).status_code == 404
    assert area.yasmin.client().post(url).status_code == 302
    asked(area, shift, area.morgan)


def test_nothing_said_is_no_answer_to_a_question(area: Any) -> None:
    swap = asked(area, put_on(area, area.yasmin, starts=HOUR), area.yusuf)
    assert area.yusuf.client().post(reverse("rota:answer", args=[swap.uuid])).status_code == 302
    with area.as_(area.yusuf):
        assert DutySwap.objects.get(pk=swap.pk).answer == ""


def test_a_shift_over_a_change_of_the_clocks_is_as_long_as_it_is(area: Any) -> None:
    now = timezone.now()
    year = now.year if now.date() < dt.date(now.year, 3, 10) else now.year + 1
    spring = max(day for day in (dt.date(year, 3, n) for n in range(25, 32)) if day.weekday() == 6)
    autumn = max(day for day in (dt.date(year, 10, n) for n in range(25, 32)) if day.weekday() == 6)
    # 1:30 is not on that night's clock, and is 2:30; eight days on the wall are eight days and an hour.
    nowhere = (dt.datetime.combine(spring, dt.time(1, 30), LONDON), dt.timedelta(minutes=45))
    longer = (dt.datetime.combine(autumn - dt.timedelta(days=4), dt.time(9), LONDON), dt.timedelta(days=8))
    for starts_at, lasts in (nowhere, longer):
        with area.as_(area.morgan) as me, pytest.raises(duty.DutyRefused) as refused:
            duty.add_shift(
                by=me,
                team=area.morgan.team.pk,
                practitioner=area.yasmin.practitioner.pk,
                starts_at=starts_at,
                ends_at=starts_at + lasts,
            )
        assert refused.value.field == "ends_on"


def test_a_shift_or_a_question_that_changed_hands_is_not_said_to_be_off_the_rota_or_taken_back(
    area: Any,
) -> None:
    shift = put_on(area, area.yasmin, starts=HOUR)
    swap = asked(area, shift, area.yusuf)
    assert area.yusuf.client().post(reverse("rota:answer", args=[swap.uuid]), {"answer": "take"}).url
    for member, name, key, told in (
        (area.morgan, "off_duty", shift.uuid, "took this shift over. Look at the rota again."),
        (area.yasmin, "unask", swap.uuid, "This was answered already. The rota shows whose shift it is."),
    ):
        client = member.client()
        page = client.get(client.post(reverse(f"rota:{name}", args=[key])).url).content.decode()
        assert told in page
    with area.as_(area.morgan):
        assert DutyShift.objects.get(withdrawn_at=None).practitioner_id == area.yusuf.practitioner.pk


def test_who_may_put_nobody_on_duty_is_refused_whatever_the_hours_and_a_manager_is_told_of_them(
    cast: Any,
) -> None:
    long_ago = timezone.now() - dt.timedelta(days=3)
    for member, state in ((cast.yasmin, "42501"), (cast.olive, "42501"), (cast.morgan, "23514")):
        with cast.as_(member), pytest.raises(DatabaseError) as refused, transaction.atomic():
            DutyShift.objects.create(
                team=cast.morgan.team,
                practitioner=cast.yasmin.practitioner,
                starts_at=long_ago,
                ends_at=long_ago + dt.timedelta(hours=8),
                recorded_by_id=member.practitioner.pk,
            )
        assert getattr(refused.value.__cause__, "sqlstate", "") == state
