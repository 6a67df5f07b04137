"""Closing for days, school terms and the hours of sites, on their page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from teamaround.agencies.models import Site
from teamaround.database.actor import SET_UP, acting_as
from teamaround.rota import calendars
from teamaround.rota.hours import hours_as_typed, read_hours
from teamaround.rota.models import Closure, SchoolTerm
from teamaround.workingtime import WEEKDAYS

PAGE = reverse("administration:closures")
NEXT_YEAR = dt.date.today().year + 1


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    calendars.forget()
    yield
    calendars.forget()


def typed(of: str, **more: str) -> dict[str, str]:
    return {
        "of": of,
        "day": f"14/06/{NEXT_YEAR}",
        "until": f"15/06/{NEXT_YEAR}",
        "reason": "The move",
        **more,
    }


def test_an_administrator_closes_the_area_and_opens_it_again(cast: Any) -> None:
    client = cast.admin.client()
    page = client.post(PAGE, typed("area"), follow=True).content.decode()
    assert "Closed for these days" in page
    assert "The whole area: The move" in page
    assert f"14 June {NEXT_YEAR} to 15 June {NEXT_YEAR}, both included" in page
    with cast.as_(cast.admin):
        made = Closure.objects.get()
    page = client.post(reverse("administration:reopen"), {"id": str(made.uuid)}, follow=True).content.decode()
    assert "open on these days after all" in page
    assert "Nothing is closed" in page


def test_a_manager_closes_the_own_team_and_is_offered_no_other(cast: Any) -> None:
    client = cast.morgan.client()
    page = client.get(PAGE).content.decode()
    assert "Young carers team" in page
    assert "Tenancy team" not in page
    assert "The whole area" not in page
    own = cast.teams["young-carers"].pk
    assert (
        "Young carers team: The move" in client.post(PAGE, typed(f"team-{own}"), follow=True).content.decode()
    )
    refused = client.post(PAGE, typed(f"team-{cast.teams['housing'].pk}"))
    assert refused.status_code == 200
    with cast.as_(cast.admin):
        assert Closure.objects.count() == 1


def test_a_manager_sees_what_closes_the_team_and_cannot_withdraw_what_is_the_areas(cast: Any) -> None:
    cast.admin.client().post(PAGE, typed("area"))
    client = cast.morgan.client()
    assert "The whole area: The move" in client.get(PAGE).content.decode()
    with cast.as_(cast.admin):
        made = Closure.objects.get()
    answer = client.post(reverse("administration:reopen"), {"id": str(made.uuid)}, follow=True)
    assert "ask an administrator" in answer.content.decode()
    with cast.as_(cast.admin):
        assert Closure.objects.get().withdrawn_at is None


@pytest.mark.parametrize("who", ["yasmin", "greta"])
def test_nobody_else_opens_the_page(cast: Any, who: str) -> None:
    assert getattr(cast, who).client().get(PAGE).status_code == 403


def test_days_in_the_wrong_order_are_told_beside_the_field(cast: Any) -> None:
    page = cast.admin.client().post(PAGE, typed("area", until=f"10/06/{NEXT_YEAR}")).content.decode()
    assert "The last day comes before the first." in page


def test_a_term_is_added_and_withdrawn_by_an_administrator_alone(cast: Any) -> None:
    client, page = cast.admin.client(), reverse("administration:new_term")
    term = {"name": "Summer", "first_day": f"12/04/{NEXT_YEAR}", "last_day": f"23/07/{NEXT_YEAR}"}
    assert cast.morgan.client().post(page, term).status_code == 403
    assert "Summer" in client.post(page, term, follow=True).content.decode()
    assert "part of Summer" in client.post(page, term).content.decode()
    with cast.as_(cast.admin):
        made = SchoolTerm.objects.get()
    told = client.post(reverse("administration:remove_term"), {"id": str(made.uuid)}, follow=True)
    assert "No term is known" in told.content.decode()


def test_the_hours_of_a_site_are_set_read_back_and_refused_beside_their_day(cast: Any) -> None:
    with acting_as(SET_UP), transaction.atomic():
        Site.objects.create(agency=cast.teams["young-carers"].agency, name="Hope House")
    client = cast.admin.client()
    page = reverse("administration:site_hours", args=["agency-young-carers", "hope-house"])
    assert "As each team" in client.get(PAGE).content.decode()
    refused = client.post(page, {"monday": "9 till late"}).content.decode()
    assert "is not a span of hours" in refused
    assert "closes at 08:00, which is earlier" in client.post(page, {"friday": "9-8"}).content.decode()
    told = client.post(page, {"monday": "9:00-12:30, 13:30-17:00", "friday": "20 to 24"}, follow=True)
    assert "Mon 09:00-12:30, 13:30-17:00; Fri 20:00-00:00" in told.content.decode()
    again = client.get(page).content.decode()
    assert 'value="9:00-12:30, 13:30-17:00"' in again
    assert 'value="20:00-24:00"' in again
    assert client.get(page.replace("hope-house", "nowhere")).status_code == 404


def test_hours_typed_and_read_are_each_others_inverse() -> None:
    whole = {name.lower(): "8:30-13:00, 14:00-24:00" for name in WEEKDAYS}
    assert hours_as_typed(read_hours(whole)) == whole


def test_the_page_takes_at_most_fifteen_queries(cast: Any) -> None:
    client = cast.admin.client()
    client.post(PAGE, typed("area"))
    client.get(PAGE)
    with CaptureQueriesContext(connection) as queries:
        client.get(PAGE)
    assert len(queries) <= 15


def test_withdrawing_what_is_not_there_is_not_found(cast: Any) -> None:
    client = cast.admin.client()
    for wanted in ("", "not-a-number", "00000000-0000-4000-8000-000000000000"):
        assert client.post(reverse("administration:reopen"), {"id": wanted}).status_code == 404
