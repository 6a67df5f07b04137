"""The pages of the information-governance lead: the access log and its alerts."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from teamaround.access.alerts import set_rule
from teamaround.access.log import Looks, write_look
from teamaround.access.models import Alert, AlertRule, FamousName
from teamaround.database.actor import acting_as
from teamaround.notices.jobs import seal_access_log, watch_access_log
from teamaround.people.actions import add_person

LOG = "/oversight/log/"
ALERTS = "/oversight/alerts/"


def look(member: Any, *subjects: int, reason: str = "") -> None:
    actor = member.me.actor()
    with acting_as(actor), transaction.atomic():
        looks = Looks(lines={each: {"index"} for each in subjects}, reason=reason)
        write_look(actor=actor, page="desk:person", looks=looks)


@pytest.fixture
def kofi(cast: Any) -> Any:
    with cast.as_(cast.yasmin) as me:
        return add_person(
            by=me,
            team=cast.yasmin.team.pk,
            given="Kofi",
            family_name="Osei",
            date_of_birth=dt.date(2014, 3, 2),
        )


@pytest.fixture
def alert(cast: Any, kofi: Any) -> Alert:
    # The suite runs at any hour.
    with cast.as_(cast.greta) as me:
        set_rule(by=me, kind="out_of_hours", active=False)
    look(cast.olive, kofi.pk)
    seal_access_log(timestamp=0)
    watch_access_log(timestamp=0)
    with cast.as_(cast.greta):
        return Alert.objects.get(kind="no_tie")


def read(cast: Any, url: str) -> str:
    answer = cast.greta.client().get(url)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_lead_reads_who_looked_at_whom_and_why(cast: Any, kofi: Any) -> None:
    look(cast.yasmin, kofi.pk, reason="Visit tomorrow")
    text = read(cast, LOG)
    for words in ("Yasmin Okoro", "Northmoor Young Carers", "Kofi Osei", "Visit tomorrow", "Person’s page"):
        assert words in text


@pytest.mark.parametrize("url", [LOG, ALERTS, "/oversight/alerts/rules/", "/oversight/alerts/names/"])
def test_nobody_else_opens_the_pages_of_oversight(cast: Any, url: str) -> None:
    for member in (cast.yasmin, cast.morgan, cast.admin):
        assert member.client().get(url).status_code == 403


def test_the_log_of_one_agency_shows_its_practitioners_alone(cast: Any, kofi: Any) -> None:
    look(cast.yasmin, kofi.pk)
    look(cast.tom, kofi.pk)
    text = read(cast, f"{LOG}?agency={cast.tom.team.agency.slug}")
    assert "Tom Reyes" in text
    assert "Yasmin Okoro" not in text


def test_days_without_looks_say_so_and_a_date_that_is_none_is_left_out(cast: Any, kofi: Any) -> None:
    look(cast.yasmin, kofi.pk)
    assert "Nobody looked at anything on these days" in read(cast, f"{LOG}?since=2025-01-01&until=2025-01-02")
    assert "Yasmin Okoro" in read(cast, f"{LOG}?since=yesterday&until=31/31/2026&agency=%00")


def test_a_long_log_is_read_page_by_page_and_each_look_once(cast: Any, kofi: Any) -> None:
    for number in range(60):
        look(cast.yasmin, kofi.pk, reason=f"Look number {number:02}")
    first = cast.greta.client().get(LOG)
    following = first.context["next"]
    second = read(cast, LOG + following)
    text = first.content.decode()
    seen = [number for number in range(60) if f"Look number {number:02}" in text]
    rest = [number for number in range(60) if f"Look number {number:02}" in second]
    assert sorted(seen + rest) == list(range(60))


def test_a_made_up_place_in_the_log_is_not_found(cast: Any) -> None:
    assert cast.greta.client().get(f"{LOG}?before=made-up").status_code == 404
    assert cast.greta.client().get(f"{ALERTS}?before=made-up").status_code == 404


@pytest.mark.parametrize("url", [LOG, ALERTS])
def test_a_page_of_oversight_takes_at_most_fifteen_queries(cast: Any, alert: Alert, url: str) -> None:
    client = cast.greta.client()
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(url).status_code == 200
    assert len(captured) <= 15, [query["sql"] for query in captured]


def test_an_alert_takes_at_most_fifteen_queries(cast: Any, alert: Alert) -> None:
    client = cast.greta.client()
    with CaptureQueriesContext(connection) as captured:
        assert client.get(f"{ALERTS}{alert.uuid}/").status_code == 200
    assert len(captured) <= 15


def test_an_alert_is_listed_opened_and_settled_with_a_reason(cast: Any, alert: Alert) -> None:
    client = cast.greta.client()
    listed = read(cast, ALERTS)
    assert "Olive Marsh" in listed
    assert "Kofi Osei" in listed
    page = f"{ALERTS}{alert.uuid}/"
    assert "Tenancy team, Northmoor Homes" in read(cast, page)
    refused = client.post(page, {"outcome": "mistake", "reason": " "})
    assert refused.status_code == 200
    assert client.post(page, {"outcome": "mistake", "reason": "Spoke with her manager"}).status_code == 302
    assert "No alert waits for you" in read(cast, ALERTS)
    settled = read(cast, page)
    assert "Spoke with her manager" in settled
    assert "Settle the alert" not in settled
    assert "Olive Marsh" in read(cast, f"{ALERTS}?settled=yes")


def test_an_alert_settled_by_somebody_else_meanwhile_stays_as_it_was(cast: Any, alert: Alert) -> None:
    client = cast.greta.client()
    page = f"{ALERTS}{alert.uuid}/"
    client.post(page, {"outcome": "proper", "reason": "Asked for by the lead practitioner"})
    again = client.post(page, {"outcome": "misuse", "reason": "A second opinion"})
    assert again.status_code == 200
    with cast.as_(cast.greta):
        assert Alert.objects.get(pk=alert.pk).outcome == "proper"


def test_nobody_else_opens_or_settles_an_alert(cast: Any, alert: Alert) -> None:
    for member in (cast.olive, cast.admin):
        page = f"{ALERTS}{alert.uuid}/"
        assert member.client().get(page).status_code == 403
        assert member.client().post(page, {"outcome": "proper", "reason": "Mine"}).status_code == 403


def test_the_limit_of_an_hour_is_changed_from_now_on(cast: Any) -> None:
    url = "/oversight/alerts/rules/many/"
    client = cast.greta.client()
    assert client.post(url, {"active": "yes", "limit": "0"}).status_code == 200
    assert client.post(url, {"active": "yes", "limit": "25"}).status_code == 302
    assert "More than 25 different people in an hour" in read(cast, "/oversight/alerts/rules/")
    with cast.as_(cast.greta):
        assert sorted(AlertRule.objects.filter(kind="many").values_list("limit", flat=True)) == [25, 60]


def test_hours_end_after_they_begin(cast: Any) -> None:
    url = "/oversight/alerts/rules/out_of_hours/"
    client = cast.greta.client()
    wrong = client.post(url, {"active": "yes", "agency": "", "opens": "8pm", "closes": "7am"})
    assert "The closing time must be after the opening time" in wrong.content.decode()
    agency = cast.tom.team.agency
    right = {"active": "yes", "agency": str(agency.pk), "opens": "8am", "closes": "5pm"}
    assert client.post(url, right).status_code == 302
    assert agency.name in read(cast, "/oversight/alerts/rules/")
    assert client.get("/oversight/alerts/rules/nonsense/").status_code == 404


def test_a_well_known_name_is_put_on_the_list_and_taken_off(cast: Any) -> None:
    client = cast.greta.client()
    names = "/oversight/alerts/names/"
    assert client.post(names, {"given": "Ada", "family_name": ""}).status_code == 200
    assert client.post(names, {"given": "Ada", "family_name": "Bell"}).status_code == 302
    assert "Ada Bell" in read(cast, names)
    with cast.as_(cast.greta):
        number = FamousName.objects.get().pk
    assert client.post(f"{names}end/", {"name": str(number)}).status_code == 302
    assert "No name is on the list" in read(cast, names)
    assert client.post(f"{names}end/", {"name": "²"}).status_code == 404
