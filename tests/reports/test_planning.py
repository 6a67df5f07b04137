"""Planning numbers: who sets them, and what is refused with what to do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError
from django.urls import reverse
from django.utils import timezone

from harness.at_once import at_once
from reports.world import SOURCE, area, new_member, school
from teamaround.access.me import Me
from teamaround.reports import actions, loaders
from teamaround.reports.actions import Planned, PlanningRefused
from teamaround.reports.models import Choice, Figure, Place, Rate

HEAD = "kind,name,children,as of,source,from age,to age,postcodes,agency\n"


def upload(who: Any, text: str) -> Any:
    file = SimpleUploadedFile("numbers.csv", text.encode())
    return who.client().post(reverse("reports:load"), {"file": file})


def place_names(cast: Any, who: Any) -> set[str]:
    with cast.as_(who):
        return set(Place.objects.filter(ended_at=None).values_list("name", flat=True))


def test_a_newer_number_takes_the_place_of_an_older_one_and_both_are_kept(cast: Any, noor: Any) -> None:
    with cast.as_(noor) as me:
        actions.plan(by=me, planned=school("Moor Lane School", roll=900))
        actions.plan(
            by=me, planned=Planned("school", "moor lane school", 950, dt.date(2026, 5, 1), SOURCE, 11, 17)
        )
        assert Place.objects.count() == 1
        assert list(Figure.objects.order_by("as_of").values_list("children", flat=True)) == [900, 950]
        rows, _next = loaders.places(loaders.Asked("school", "registered"))
    assert rows[0].children == 950


def test_two_who_plan_at_once_for_a_new_place_plan_for_one(live: Any) -> None:
    cast = live.cast
    noor, omar = new_member(cast, "noor", "partnership"), new_member(cast, "omar", "partnership")

    def plan(roll: int, month: int) -> Callable[[Me], int]:
        numbers = Planned("school", "Moor Lane School", roll, dt.date(2026, month, 1), SOURCE, 11, 17)
        return lambda me: actions.plan(by=me, planned=numbers).pk

    one, other = at_once(cast, (noor, plan(900, 1)), (omar, plan(950, 5)))
    assert one == other


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (area("East", "NM1", children=60), "children"),
        (area("East"), "postcodes"),
        (school(""), "name"),
        (school("A", roll=0), "children"),
        (school("A", ages=(12, 11)), "from_age"),
        (school("A", ages=(3, 11)), "from_age"),
        (Planned("school", "A", 10, dt.date(2026, 1, 1), ""), "source"),
        (Planned("school", "A", 10, dt.date(2999, 1, 1), SOURCE), "as_of"),
    ],
)
def test_a_number_that_cannot_be_planned_with_is_refused_beside_its_field(
    cast: Any, noor: Any, wrong: Planned, field: str
) -> None:
    with cast.as_(noor) as me, pytest.raises(PlanningRefused) as refused:
        actions.plan(by=me, planned=wrong)
    assert refused.value.field == field


@pytest.mark.parametrize("typed", ["NM4 2AB", "nm42ab", "NM4, 12", "the docks"])
def test_a_whole_postcode_or_none_at_all_is_no_area(typed: str) -> None:
    with pytest.raises(PlanningRefused):
        actions.parse_postcodes(typed)


def test_postcodes_are_understood_however_they_are_typed() -> None:
    assert actions.parse_postcodes(" nm4 ,NM5 2;ec1a\nNM4") == ("NM4", "NM5 2", "EC1A")


def test_a_postcode_belongs_to_one_area_alone(cast: Any, noor: Any) -> None:
    with cast.as_(noor) as me:
        actions.plan(by=me, planned=area("East", "NM1"))
        with pytest.raises(PlanningRefused, match="another area"):
            actions.plan(by=me, planned=area("West", "NM1"))
        actions.plan(by=me, planned=area("East", "NM2"))
        actions.plan(by=me, planned=area("West", "NM1"))


def test_a_file_sets_all_its_numbers(cast: Any, noor: Any) -> None:
    answer = upload(
        noor,
        f'{HEAD}area,East,"4,210",30/06/2025,ONS,,,"NM1, NM2",\nschool,Moor Lane School,940,2026-01-15,Census,11,17,,\n',
    )
    assert answer.status_code == 302
    assert place_names(cast, noor) == {"East", "Moor Lane School"}
    with cast.as_(noor):
        # Where nothing is said a place is the partner of the same name.
        assert Place.objects.get(name="Moor Lane School").agency == cast.teams["moor-lane"].agency


def test_a_file_with_one_wrong_line_changes_nothing_and_says_where_and_what_to_do(
    cast: Any, noor: Any
) -> None:
    answer = upload(
        noor,
        f"{HEAD}school,Moor Lane School,940,15/01/2026,Census,,,,\nschool,Park Academy,many,15/01/2026,Census,,,,\n"
        "street,Elm Street,20,15/01/2026,Census,,,,\nschool,moor lane school,941,15/01/2026,Census,,,,\n"
        "school,Quay,100,soon,Census,,,,\nsurgery,X,100,15/01/2026,Census,,,,Nobody Ltd\n",
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert place_names(cast, noor) == set()
    for words in (
        "Line 3", "Enter a whole number", "Line 4", "Write area, school or surgery", "Line 5",
        "The same name stands on line 2", "Line 6", "Write the day as", "Line 7", "No agency of the partnership",
    ):  # fmt: skip
        assert words in page
    assert "many" not in page.split("What to do")[1].split("</table>")[0]


@pytest.mark.parametrize(
    ("text", "words"),
    [("kind,name\nschool,A\n", "A column is missing"), ("\n\n", "empty"), ("%PDF-1.4 x", "PDF")],
)
def test_a_file_that_is_no_such_table_says_what_to_do(noor: Any, text: str, words: str) -> None:
    answer = upload(noor, text)
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_the_example_file_can_be_loaded_as_it_is(cast: Any, noor: Any) -> None:
    example = noor.client().get(reverse("reports:example")).content
    answer = noor.client().post(reverse("reports:load"), {"file": SimpleUploadedFile("e.csv", example)})
    assert answer.status_code == 302
    assert len(place_names(cast, noor)) == 3


def test_a_partnership_chooses_its_own_rates_from_a_day_on(cast: Any, noor: Any) -> None:
    with cast.as_(noor) as me:
        own = actions.add_rate(
            by=me, name="Our survey", percent=Decimal("3.5"), from_age=5, to_age=17, source="Survey 2026", meaning="Said so."
        )  # fmt: skip
        census = Rate.objects.get(name="School census 2024")
        actions.choose_rates(by=me, low=census, high=own)
        chosen = loaders.chosen()
        assert chosen is not None
        assert (chosen.low, chosen.high, chosen.effective_from) == (census, own, timezone.localdate())
        assert Choice.objects.count() == 2
        with pytest.raises(PlanningRefused, match="above"):
            actions.choose_rates(by=me, low=own, high=census)


def test_a_figure_a_rate_and_a_choice_are_never_changed(cast: Any, noor: Any) -> None:
    with cast.as_(noor) as me:
        actions.plan(by=me, planned=school("Moor Lane School"))
    for change in (Figure.objects.all(), Rate.objects.all(), Choice.objects.all()):
        column = (
            "children" if change.model is Figure else "percent" if change.model is Rate else "effective_from"
        )
        value = dt.date(2026, 1, 1) if column == "effective_from" else 7
        with pytest.raises(DatabaseError), cast.as_(noor):
            change.update(**{column: value})


@pytest.mark.parametrize("who", ["yasmin", "morgan", "greta", "tom"])
def test_nobody_else_sets_numbers_by_the_page_or_past_it(cast: Any, noor: Any, who: str) -> None:
    member = getattr(cast, who)
    assert member.client().get(reverse("reports:planning")).status_code == 403
    assert upload(member, HEAD).status_code == 403
    with pytest.raises(DatabaseError, match="only a partnership officer"), cast.as_(member):
        Place.objects.create(kind="school", name="A", postcodes=[])


def test_who_set_a_number_is_the_databases_own_statement(cast: Any, noor: Any) -> None:
    with cast.as_(noor):
        place = Place.objects.create(
            kind="school", name="A", postcodes=[], set_by_id=cast.morgan.practitioner.pk
        )
        place.refresh_from_db()
        assert place.set_by_id == noor.practitioner.pk


@pytest.mark.parametrize("kind", ["area", "school", "surgery"])
def test_each_page_of_planning_opens_in_fifteen_queries(
    cast: Any, planned: Any, kind: str, django_assert_max_num_queries: Any
) -> None:
    client = cast.admin.client()
    client.get(reverse("reports:planning"))
    with django_assert_max_num_queries(15):
        assert client.get(reverse("reports:planning"), {"kind": kind}).status_code == 200


def test_the_form_sets_a_number_and_the_place_page_a_newer_one(cast: Any, noor: Any) -> None:
    typed = {
        "kind": "area", "name": "East", "postcodes": "NM1", "children": "3000", "from_age": "5", "to_age": "17",
        "as_of": "2026-01-15", "source": SOURCE,
    }  # fmt: skip
    client = noor.client()
    assert client.post(reverse("reports:add"), typed).status_code == 302
    with cast.as_(noor):
        place = Place.objects.get(name="East")
    url = reverse("reports:place", args=[place.uuid])
    assert "3,000" in client.get(url).content.decode()
    assert client.post(url, {**typed, "children": "3100", "postcodes": "NM1, NM2"}).status_code == 302
    with cast.as_(noor):
        place.refresh_from_db()
        assert place.postcodes == ["NM1", "NM2"]
        assert place.figures.count() == 2
    assert client.post(reverse("reports:end", args=[place.uuid])).status_code == 302
    assert client.get(url).status_code == 404


def test_the_services_are_chosen_on_a_page_that_lists_no_sensitive_one(cast: Any, noor: Any) -> None:
    client = noor.client()
    page = client.get(reverse("reports:services")).content.decode()
    assert "Young carers team" in page
    assert "Recovery service" not in page
    team = cast.teams["young-carers"]
    assert client.post(reverse("reports:services"), {"teams": [str(team.pk)]}).status_code == 302
    with cast.as_(noor):
        assert [service.team for service in loaders.services()] == [team]
    assert client.post(reverse("reports:services"), {}).status_code == 302
    with cast.as_(noor):
        assert list(loaders.services()) == []
