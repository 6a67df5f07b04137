"""The page Coverage: what a board sees, and who sees it."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from reports.world import NewChild, area, school
from teamaround.reports import loaders
from teamaround.reports.actions import plan_all
from teamaround.reports.jobs import count_now

URL = "/reports/coverage/"


def names(text: str) -> list[str]:
    """The places of the chart, in their order."""
    return re.findall(r'ta-bars__name">([^<]+)<', text)


@pytest.fixture
def counted(cast: Any, planned: Any, new_child: NewChild) -> Any:
    """Seven registered children at Park Academy, two at Moor Lane School, none at Quay Primary."""
    for _ in range(7):
        new_child()
    for _ in range(2):
        new_child(school="Moor Lane School", postcode="NM2 9AA")
    count_now()
    return planned


def test_a_school_without_a_registered_young_carer_stands_first(counted: Any) -> None:
    page = counted.client().get(URL, {"by": "school"}).content.decode()
    assert names(page) == ["Quay Primary", "Moor Lane School", "Park Academy"]
    assert "None known" in page


def test_a_surgery_that_registered_none_is_told(counted: Any) -> None:
    page = counted.client().get(URL, {"by": "surgery"}).content.decode()
    assert "2 of 2" in page
    assert "surgeries have registered none" in page


def test_a_small_count_is_told_as_fewer_than_five_and_nowhere_else(counted: Any) -> None:
    page = counted.client().get(URL, {"by": "school"}).content.decode()
    assert "Fewer than 5 known" in page
    assert not re.search(r"\b2 known", page)


def test_the_page_says_which_way_of_knowing_it_counts_and_lets_the_reader_switch(counted: Any) -> None:
    page = counted.client().get(URL).content.decode()
    assert "Counted as known: With a young carers’ service." in page.replace("</strong>", "").replace(
        "<strong>", ""
    )
    other = counted.client().get(URL, {"way": "census", "by": "school"}).content.decode()
    assert "School census" in other
    assert other.count("None known") == 3


def test_expected_is_reckoned_by_the_low_and_the_high_rate(counted: Any) -> None:
    page = counted.client().get(URL).content.decode()
    # 1.4% of 3,000; and 5 of 13 years at 20%, the other 8 at 1.4%.
    assert "42 to 257 expected" in page


def test_the_page_says_when_the_count_was_made(counted: Any) -> None:
    assert "Counted on" in counted.client().get(URL).content.decode()


def test_before_the_first_count_the_page_says_so(planned: Any) -> None:
    page = planned.client().get(URL).content.decode()
    assert "Nothing was counted yet" in page
    assert "Not counted yet" in page


@pytest.mark.parametrize("who", ["morgan", "greta"])
def test_managers_and_the_governance_lead_see_the_counts(cast: Any, counted: Any, who: str) -> None:
    client = getattr(cast, who).client()
    assert client.get(URL).status_code == 200
    assert client.get(reverse("reports:export")).status_code == 200


@pytest.mark.parametrize("who", ["yasmin", "tom", "nina", "sam", "olive", "admin"])
def test_nobody_sees_the_counts_without_the_permission(cast: Any, counted: Any, who: str) -> None:
    client = getattr(cast, who).client()
    assert client.get(URL).status_code == 403
    assert client.get(reverse("reports:export")).status_code == 403


def test_the_partnership_officer_sees_no_case(cast: Any, counted: Any) -> None:
    assert counted.client().get("/cases/").status_code == 403
    assert counted.client().get("/search/").status_code == 403


def test_the_page_takes_at_most_fifteen_queries(counted: Any) -> None:
    client = counted.client()
    client.get(URL)
    for by in ("area", "school", "surgery"):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(URL, {"by": by}).status_code == 200
        assert len(queries) <= 15


def test_from_my_day_the_schools_that_have_none_are_two_clicks_away(counted: Any) -> None:
    client = counted.client()
    assert f'href="{URL}"' in client.get("/").content.decode()
    first = client.get(URL).content.decode()
    assert 'href="?by=school"' in first
    assert "None known" in client.get(f"{URL}?by=school").content.decode()


def test_the_file_holds_what_the_page_shows_with_the_same_suppression(counted: Any) -> None:
    answer = counted.client().get(reverse("reports:export"), {"by": "school"})
    assert answer["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["School"], row["Known"]) for row in rows] == [
        ("Quay Primary", "None"),
        ("Moor Lane School", "Fewer than 5"),
        ("Park Academy", "5"),
    ]


def test_the_file_says_the_day_of_the_count_as_clocks_here_have_it(
    counted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = loaders.total

    def in_summer(way: str) -> Any:
        total = real(way)
        assert total is not None
        return replace(total, made_at=dt.datetime(2026, 6, 30, 23, 30, tzinfo=dt.UTC))

    monkeypatch.setattr(loaders, "total", in_summer)
    answer = counted.client().get(reverse("reports:export"), {"by": "school"})
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert {row["Counted on"] for row in rows} == {"01/07/2026"}


def test_the_list_is_read_page_by_page_and_each_place_stands_once(cast: Any, counted: Any) -> None:
    with cast.as_(counted) as me:
        plan_all(by=me, rows=[school(f"School {n:02}", roll=100 + 7 * n) for n in range(40)])
    count_now()
    for sort in ("found", "name", "known", "expected", "gap"):
        client, url, seen = counted.client(), f"{URL}?by=school&sort={sort}", []
        while url:
            page = client.get(url).content.decode()
            seen += names(page)
            following = re.search(r'href="(\?[^"]*after=[^"]*)"[^>]*rel="next"', page) or re.search(
                r'rel="next"[^>]*href="(\?[^"]*after=[^"]*)"|href="(\?[^"]*after=[^"]*)"', page
            )
            found = next((group for group in following.groups() if group), "") if following else ""
            url = f"{URL}{found.replace('&amp;', '&')}" if found else ""
        assert len(seen) == len(set(seen)) == 43, sort


def test_a_forged_place_in_the_list_is_not_found(counted: Any) -> None:
    assert counted.client().get(URL, {"after": "forged"}).status_code == 404


@pytest.mark.parametrize(
    "query",
    [{"by": "street"}, {"way": "gossip"}, {"sort": "1; drop"}, {"name": "x" * 500}, {"name": "%_'\u202e"}],
)
def test_what_is_not_understood_falls_back_to_the_usual(counted: Any, query: dict[str, str]) -> None:
    assert counted.client().get(URL, query).status_code == 200


def test_the_list_can_be_narrowed_by_name_and_to_those_with_none(counted: Any) -> None:
    client = counted.client()
    assert names(client.get(URL, {"by": "school", "name": "park"}).content.decode()) == ["Park Academy"]
    assert names(client.get(URL, {"by": "school", "none": "yes"}).content.decode()) == ["Quay Primary"]
    assert "None of them is like that" in client.get(URL, {"by": "school", "name": "zzz"}).content.decode()


def test_an_area_that_is_planned_for_since_the_count_says_so(cast: Any, counted: Any) -> None:
    with cast.as_(counted) as me:
        plan_all(by=me, rows=[area("West", "NM3")])
    assert "Not counted yet" in counted.client().get(URL).content.decode()


def test_no_line_of_the_page_needs_a_script_or_a_style_of_its_own(counted: Any) -> None:
    page = counted.client().get(URL).content.decode()
    assert "style=" not in page
    assert "onclick" not in page
