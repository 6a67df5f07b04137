"""When people work: patterns, days away, and whether somebody is at work at a moment."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from teamaround.agencies.models import Membership, Site
from teamaround.database.actor import SET_UP, acting_as
from teamaround.rota import working
from teamaround.rota.actions import CalendarRefused
from teamaround.rota.models import RotaException, WorkingPattern
from teamaround.rota.working import Span
from teamaround.workingtime import LONDON

NINE, FIVE = dt.time(9), dt.time(17)


@pytest.fixture
def area(cast: Any) -> Any:
    with acting_as(SET_UP), transaction.atomic():
        cast.hub = Site.objects.create(agency=cast.yasmin.team.agency, name="Hope House")
        cast.school = Site.objects.create(agency=cast.tom.team.agency, name="Moor Lane")
    return cast


def monday(weeks: int = 1) -> dt.date:
    today = timezone.localdate()
    return today - dt.timedelta(days=today.weekday()) + dt.timedelta(weeks=weeks)


def set_hours(area: Any, *spans: Span, by: Any = None, who: Any = None, from_day: Any = None) -> None:
    with area.as_(by or area.yasmin) as me:
        working.set_pattern(
            by=me,
            who=(who or area.yasmin).practitioner,
            from_day=from_day or timezone.localdate(),
            spans=spans,
        )


def go_away(area: Any, *, by: Any = None, kind: str = "sick", **more: Any) -> RotaException:
    with area.as_(by or area.yasmin) as me:
        return working.add_exception(
            by=me, who=area.yasmin.practitioner, kind=kind, **{"day": monday(), **more}
        )


def at_work(area: Any, day: dt.date, clock: dt.time, *, holidays: tuple[dt.date, ...] = ()) -> bool:
    moment = dt.datetime.combine(day, clock, LONDON)
    with area.as_(area.olive), connection.cursor() as cursor:
        cursor.execute(
            "select app.at_work(%s, %s, %s, %s::date[])",
            [area.yasmin.practitioner.pk, area.yasmin.team.pk, moment, list(holidays)],
        )
        return bool(cursor.fetchone()[0])


def week(area: Any, reader: Any, site: str = "Hope House") -> dict[str, tuple[str, ...]]:
    with area.as_(reader):
        found = next(each for each in working.week_of(monday()) if each.site.name == site)
    return {there.name: there.days for there in found.people}


def test_the_board_shows_who_sits_at_which_site_on_which_day(area: Any) -> None:
    set_hours(
        area,
        Span(0, (NINE, dt.time(12)), area.hub.pk),
        Span(0, (dt.time(13), FIVE), area.hub.pk),
        Span(2, (NINE, FIVE), area.school.pk),
    )
    assert week(area, area.olive)["Yasmin Okoro"] == ("9am to midday, 1pm to 5pm", *[""] * 6)
    assert week(area, area.olive, "Moor Lane")["Yasmin Okoro"][2] == "9am to 5pm"


def test_others_read_that_somebody_is_away_and_never_why(area: Any) -> None:
    set_hours(area, Span(0, (NINE, FIVE), area.hub.pk))
    go_away(area)
    for other in (area.olive, area.yusuf, area.greta):
        assert week(area, other)["Yasmin Okoro"][0] == "Away"
        with area.as_(other):
            assert not RotaException.objects.exists()
        page = other.client().get(reverse("rota:person", args=[area.yasmin.practitioner.uuid]))
        assert page.status_code == 200
        assert "sick" not in page.content.decode()
    for reader in (area.yasmin, area.morgan):
        page = reader.client().get(reverse("rota:person", args=[area.yasmin.practitioner.uuid]))
        assert "Off sick" in page.content.decode()


def test_somebody_at_another_site_stands_on_that_sites_board(area: Any) -> None:
    set_hours(area, Span(0, (NINE, FIVE), area.hub.pk))
    with area.as_(area.yasmin):
        school = Site.objects.get(pk=area.school.pk)
    go_away(area, kind="elsewhere", site=school)
    assert week(area, area.tom)["Yasmin Okoro"][0] == "Away"
    assert week(area, area.tom, "Moor Lane")["Yasmin Okoro"][0] == "Here"


def test_only_oneself_the_manager_and_an_administrator_keep_somebodys_rota(area: Any) -> None:
    for keeper in (area.yasmin, area.morgan, area.admin):
        set_hours(area, Span(0, (NINE, FIVE), None), by=keeper)
    for other in (area.yusuf, area.olive, area.greta):
        with pytest.raises(PermissionError):
            set_hours(area, Span(0, (NINE, FIVE), None), by=other)
        with area.as_(other) as me:
            with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
                RotaException.objects.create(
                    practitioner=area.yasmin.practitioner,
                    kind="holiday",
                    day=monday(),
                    until=monday(),
                    recorded_by_id=me.principal,
                )
            assert not WorkingPattern.objects.update(withdrawn_at=timezone.now())
        for name in ("hours", "away"):
            url = reverse(f"rota:{name}", args=[area.yasmin.practitioner.uuid])
            assert other.client().get(url).status_code == 403


def test_a_new_pattern_leaves_what_was_worked_before(area: Any) -> None:
    set_hours(area, Span(0, (NINE, FIVE), None))
    set_hours(area, Span(1, (NINE, FIVE), None), from_day=monday(2))
    with area.as_(area.olive):
        before = working.pattern_of(area.yasmin.practitioner.pk, monday(2) - dt.timedelta(days=1))
        after = working.pattern_of(area.yasmin.practitioner.pk, monday(2))
        assert [row.weekday for row in before] == [0]
        assert [row.weekday for row in after] == [1]
    with pytest.raises(CalendarRefused, match="stays as it was"):
        set_hours(area, from_day=timezone.localdate() - dt.timedelta(days=1))


@pytest.mark.parametrize(
    "spans",
    [
        [Span(0, (FIVE, NINE), None)],
        [Span(0, (NINE, FIVE), None), Span(0, (dt.time(16), dt.time(18)), None)],
    ],
)
def test_hours_that_overlap_or_run_backwards_are_refused_at_their_day(area: Any, spans: list[Span]) -> None:
    with pytest.raises(CalendarRefused) as refused:
        set_hours(area, *spans)
    assert refused.value.field == "monday"


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"until": dt.date(2020, 1, 1)}, "until"),
        ({"until": monday() + dt.timedelta(days=200)}, "until"),
        ({"day": monday() + dt.timedelta(days=500)}, "day"),
        ({"kind": "elsewhere"}, "site"),
    ],
)
def test_days_away_that_cannot_be_are_refused(area: Any, more: dict[str, Any], field: str) -> None:
    with pytest.raises(CalendarRefused) as refused:
        go_away(area, **more)
    assert refused.value.field == field


def test_days_are_recorded_once_and_come_back_when_withdrawn(area: Any) -> None:
    made = go_away(area)
    with pytest.raises(CalendarRefused, match="already"):
        go_away(area, kind="holiday")
    url = reverse("rota:back", args=[made.uuid])
    assert area.olive.client().post(url).status_code == 404
    assert area.yasmin.client().post(url).status_code == 302
    go_away(area, kind="holiday")


def test_somebody_is_at_work_by_their_pattern_and_not_while_they_are_away(area: Any) -> None:
    assert at_work(area, monday(), dt.time(16))
    assert not at_work(area, monday(), dt.time(20))
    assert not at_work(area, monday() + dt.timedelta(days=5), dt.time(12))
    set_hours(area, Span(0, (dt.time(13), dt.time(21)), None))
    assert at_work(area, monday(), dt.time(20))
    assert at_work(area, monday(), dt.time(21))
    assert not at_work(area, monday(), dt.time(9))
    assert not at_work(area, monday() + dt.timedelta(days=1), dt.time(20))
    assert not at_work(area, monday(), dt.time(20), holidays=(monday(),))
    go_away(area, kind="training")
    assert not at_work(area, monday(), dt.time(20))


def test_bank_holidays_are_those_of_england() -> None:
    found = working.holidays_around(dt.date(2026, 12, 20), dt.date(2027, 1, 2))
    assert found == [dt.date(2026, 12, day) for day in (25, 26, 28)] + [dt.date(2027, 1, 1)]


def test_hours_are_typed_as_people_write_them_and_stand_on_the_page(area: Any) -> None:
    url = reverse("rota:hours", args=[area.yasmin.practitioner.uuid])
    today = timezone.localdate()
    typed = {
        "from_day_day": str(today.day),
        "from_day_month": str(today.month),
        "from_day_year": str(today.year),
        "monday": "17-9",
        "site_monday": str(area.hub.pk),
    }
    client = area.morgan.client()
    wrong = client.post(url, typed)
    assert "The hours end before they begin." in wrong.content.decode()
    assert client.post(url, {**typed, "monday": "9-12:30, 13:30-17"}).status_code == 302
    page = client.get(reverse("rota:person", args=[area.yasmin.practitioner.uuid])).content.decode()
    assert "9am to 12:30pm, Hope House" in page
    assert "1:30pm to 5pm, Hope House" in page


def test_a_day_at_two_places_keeps_both_until_its_hours_or_its_place_are_changed(area: Any) -> None:
    with acting_as(SET_UP), transaction.atomic():
        other = Site.objects.create(agency=area.hub.agency, name="Mill Lane")
    noon, late = dt.time(12), dt.time(20)
    set_hours(area, Span(1, (NINE, noon), area.hub.pk), Span(1, (FIVE, late), other.pk))
    client, url = area.morgan.client(), reverse("rota:hours", args=[area.yasmin.practitioner.uuid])
    page = client.get(url)
    assert "9am to midday, Hope House; 5pm to 8pm, Mill Lane" in page.content.decode()
    form = page.context["form"]
    typed = {
        name: "" if form[name].value() is None else form[name].value()
        for name in form.fields
        if name != "from_day"
    }
    typed["from_day"] = timezone.localdate().isoformat()

    def places() -> list[int | None]:
        with area.as_(area.morgan):
            rows = working.pattern_of(area.yasmin.practitioner.pk, timezone.localdate())
        return [row.site_id for row in sorted(rows, key=lambda row: row.opens)]

    assert typed["tuesday"] == "9:00-12:00, 17:00-20:00"
    assert client.post(url, {**typed, "monday": "9-17"}).status_code == 302
    assert places()[-1] == other.pk
    assert client.post(url, {**typed, "site_tuesday": ""}).status_code == 302
    assert places() == [None, None]


def test_the_board_asks_the_database_few_questions_however_many_work(area: Any) -> None:
    for who in (area.yasmin, area.yusuf, area.morgan):
        set_hours(area, *(Span(day, (NINE, FIVE), area.hub.pk) for day in range(5)), by=who, who=who)
    client, url = area.olive.client(), reverse("rota:week") + "?agency=all"
    client.get(url)
    with CaptureQueriesContext(connection) as asked:
        page = client.get(url).content.decode()
    assert len(asked) <= 15
    assert all(name in page for name in ("Yasmin Okoro", "Yusuf Brand", "Morgan Hale"))


def test_a_colleague_who_left_a_team_takes_nobody_elses_team_off_their_page(area: Any) -> None:
    with acting_as(SET_UP), transaction.atomic():
        Membership.objects.filter(practitioner=area.yusuf.practitioner).update(until=timezone.now())
    page = area.olive.client().get(reverse("rota:person", args=[area.yasmin.practitioner.uuid]))
    assert area.yasmin.team.name in page.content.decode()
    left = area.olive.client().get(reverse("rota:person", args=[area.yusuf.practitioner.uuid]))
    assert area.yasmin.team.name not in left.content.decode()
