"""Who is counted, by what, and that what is kept shows no small number."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reports.world import NewChild, new_member, shown_counts
from teamaround.agencies.roles import ROLES, Permission, Role
from teamaround.disclosure import publish, safe_base
from teamaround.index.actions import end_involvement, involve
from teamaround.index.models import Involvement
from teamaround.people.actions import note_caring
from teamaround.reports.jobs import count_now
from teamaround.reports.models import Figure, Place
from teamaround.sharing.models import Shield


def test_children_are_counted_by_home_and_by_school(cast: Any, planned: Any, new_child: NewChild) -> None:
    for _ in range(6):
        new_child()
    new_child(postcode="NM2 9AA", school="moor lane school.")
    count_now()
    assert shown_counts(cast, "area") == {"East": 5, "Hill": None}
    assert shown_counts(cast, "school") == {"Park Academy": 5, "Moor Lane School": None, "Quay Primary": 0}


def test_a_sector_takes_a_child_from_the_district_around_it(
    cast: Any, planned: Any, new_child: NewChild
) -> None:
    for _ in range(5):
        new_child(postcode="nm29zz")
    count_now()
    assert shown_counts(cast, "area") == {"East": None, "Hill": 5}


@pytest.mark.parametrize("level", ["full", "whereabouts"])
def test_a_shielded_child_moves_no_areas_count(
    cast: Any, planned: Any, new_child: NewChild, level: str
) -> None:
    for _ in range(4):
        new_child()
    count_now()
    without = everything(cast)
    hidden = new_child()
    count_now()
    assert shown_counts(cast, "area")["East"] == shown_counts(cast, "school")["Park Academy"] == 5
    with cast.as_(cast.yasmin):
        Shield.objects.create(
            subject_id=hidden,
            author_team_id=cast.teams["young-carers"].pk,
            level=level,
            reason="Could be found",
            review_on=timezone.localdate() + dt.timedelta(days=30),
        )
    count_now()
    assert everything(cast) == without


def everything(cast: Any) -> tuple[Any, ...]:
    """All that is shown of children with the service."""
    return (*(shown_counts(cast, kind) for kind in ("area", "school", "surgery")), totals(cast))


def totals(cast: Any) -> dict[str, tuple[int | None, int | None]]:
    found = {}
    with cast.as_(cast.morgan), connection.cursor() as cursor:
        for way in ("registered", "census", "caring"):
            cursor.execute("select known, fewer_than from app.coverage_total(%s)", [way])
            found[way] = cursor.fetchone()
    return found


def test_each_way_of_being_known_is_counted_apart(cast: Any, planned: Any, new_child: NewChild) -> None:
    for _ in range(5):
        new_child(told="S")
    for _ in range(5):
        child = new_child(role="")
        with cast.as_(cast.yasmin) as me:
            note_caring(by=me, team=cast.teams["young-carers"].pk, person=child, relation="Mum")
    for _ in range(6):
        new_child(role="", told="P")
    count_now()
    assert shown_counts(cast, "school", "registered")["Park Academy"] == 5
    assert shown_counts(cast, "school", "census")["Park Academy"] == 10
    assert shown_counts(cast, "school", "caring")["Park Academy"] == 5


def test_a_child_who_waits_is_not_known_yet_and_one_whose_support_ended_no_longer(
    cast: Any, planned: Any, new_child: NewChild
) -> None:
    for _ in range(5):
        new_child(role="waiting")
    ended = [new_child() for _ in range(5)]
    with cast.as_(cast.yasmin) as me:
        for involvement in Involvement.objects.filter(subject_id__in=ended):
            end_involvement(by=me, involvement=involvement)
    count_now()
    assert shown_counts(cast, "school")["Park Academy"] == 0


@pytest.mark.parametrize("age", [4, 18])
def test_who_is_younger_than_five_or_grown_up_is_not_counted(
    cast: Any, planned: Any, new_child: NewChild, age: int
) -> None:
    for _ in range(5):
        new_child(age=age)
    count_now()
    assert shown_counts(cast, "school")["Park Academy"] == 0


def test_two_records_of_one_child_count_once(cast: Any, planned: Any, new_child: NewChild) -> None:
    from teamaround.people.models import Merge

    children = [new_child() for _ in range(5)]
    with cast.as_(cast.morgan):
        Merge.objects.create(
            subject_id=children[0],
            into_id=children[1],
            author_team_id=cast.teams["young-carers"].pk,
            reason="Same",
        )
    count_now()
    assert shown_counts(cast, "school")["Park Academy"] is None


def test_what_a_sensitive_service_wrote_is_not_counted(cast: Any, planned: Any, new_child: NewChild) -> None:
    for _ in range(5):
        child = new_child(role="")
        with cast.as_(cast.sam) as me:
            involve(by=me, team=cast.teams["recovery"].pk, subject=child)
            note_caring(by=me, team=cast.teams["recovery"].pk, person=child, relation="Dad")
    count_now()
    assert shown_counts(cast, "school", "caring")["Park Academy"] == 0


def test_a_sensitive_service_is_refused_as_a_young_carers_service_by_the_database_itself(
    cast: Any, noor: Any
) -> None:
    from teamaround.reports.models import CarersService

    with pytest.raises(DatabaseError), cast.as_(noor):
        CarersService.objects.create(team=cast.teams["recovery"])


def test_a_surgery_counts_the_known_children_it_works_with(
    cast: Any, planned: Any, new_child: NewChild
) -> None:
    children = [new_child() for _ in range(5)]
    stranger = new_child(role="")
    with cast.as_(cast.nina) as me:
        for child in (*children, stranger):
            involve(by=me, team=cast.teams["school-nursing"].pk, subject=child, role="gp")
    count_now()
    assert shown_counts(cast, "surgery") == {"Nurses’ surgery": 5, "Health Centre": 0}


def test_counting_again_changes_nothing(cast: Any, planned: Any, new_child: NewChild) -> None:
    for _ in range(7):
        new_child()
    count_now()
    before = everything(cast)
    count_now()
    assert everything(cast) == before


def test_only_the_counting_service_counts(cast: Any, planned: Any) -> None:
    with (
        pytest.raises(DatabaseError, match="only a service"),
        cast.as_(cast.morgan),
        connection.cursor() as cursor,
    ):
        cursor.execute("select app.count_coverage()")


@pytest.mark.parametrize("who", ["yasmin", "tom", "sam", "admin"])
def test_the_database_refuses_counts_to_whoever_does_not_plan(cast: Any, planned: Any, who: str) -> None:
    for question in ("app.coverage('registered', 'area')", "app.coverage_total('registered')"):
        with (
            pytest.raises(DatabaseError, match="those who plan"),
            cast.as_(getattr(cast, who)),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"select * from {question}")


@pytest.mark.parametrize("role", ROLES.values(), ids=lambda role: role.key)
def test_the_database_opens_counts_and_planning_to_the_roles_that_hold_the_permission(
    cast: Any, planned: Any, role: Role
) -> None:
    member = new_member(cast, f"somebody-{role.key}", role.key)
    may = {Permission.SEE_REPORTS: False, Permission.SET_PLANNING: False}
    with suppress(DatabaseError), cast.as_(member), connection.cursor() as cursor:
        cursor.execute("select * from app.coverage('census', 'area')")
        may[Permission.SEE_REPORTS] = True
    with suppress(DatabaseError), cast.as_(member):
        Place.objects.create(kind="school", name="A", postcodes=[])
        may[Permission.SET_PLANNING] = True
    assert may == {permission: permission in role.permissions for permission in may}


def test_an_area_with_fewer_than_a_hundred_children_is_not_counted_whoever_wrote_it(
    cast: Any, planned: Any, new_child: NewChild
) -> None:
    new_child(postcode="NM8 1AA")
    with cast.as_(planned):
        street = Place.objects.create(kind="area", name="Street", postcodes=["NM8"])
        Figure.objects.create(place=street, children=50, as_of=dt.date(2026, 1, 1), source="Made up")
    count_now()
    assert set(shown_counts(cast, "area")) == {"East", "Hill"}


@pytest.mark.parametrize("table", ["coverage_count", "coverage_total"])
def test_nobody_reads_the_tables_behind_the_counts(cast: Any, planned: Any, table: str) -> None:
    for who in (planned, cast.morgan, cast.greta):
        with pytest.raises(DatabaseError), cast.as_(who), connection.cursor() as cursor:
            cursor.execute(f"select * from {table}")


def test_nothing_that_is_kept_holds_a_small_number(cast: Any, planned: Any, new_child: NewChild) -> None:
    for many, code in ((3, "NM1 1AA"), (7, "NM2 9AA")):
        for _ in range(many):
            new_child(postcode=code)
    count_now()
    for kind in ("area", "school", "surgery"):
        for known in shown_counts(cast, kind).values():
            assert known is None or known == 0 or (known >= 5 and known % 5 == 0)


@pytest.fixture(scope="module")
def superuser(server_report: dict[str, str], worker_database: str) -> Iterator[psycopg.Connection]:
    """A session that may call the functions which nobody else calls. Nothing that it writes stays."""
    with psycopg.connect(server_report["postgres"].replace("DATABASE", worker_database)) as connection:
        connection.execute("set session_replication_role = replica")
        yield connection
        connection.rollback()


COUNTS = st.lists(st.one_of(st.integers(0, 6), st.integers(0, 60)), max_size=7)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(COUNTS, COUNTS, st.integers(0, 30))
def test_the_database_suppresses_as_the_pure_rules_do(
    superuser: psycopg.Connection, areas: list[int], schools: list[int], rest: int
) -> None:
    total = max(sum(areas), sum(schools)) + rest
    by_area, by_school, told = publish(total, areas, schools)
    superuser.execute("delete from coverage_count")
    for kind, counts in (("area", areas), ("school", schools)):
        for place, count in enumerate(counts):
            superuser.execute(
                "with p as (insert into planning_place (uuid, kind, name, postcodes) "
                "values (gen_random_uuid(), %s, %s, '{}') returning id) insert into coverage_count (place_id, way, known) "
                "select id, 'census', app.shown_count(%s, %s) from p",
                [kind, f"{place} {uuid.uuid4()}", kind, count],
            )
    rows = superuser.execute(
        "select p.kind, c.known from coverage_count c join planning_place p on p.id = c.place_id order by c.id"
    ).fetchall()
    assert [known for kind, known in rows if kind == "area"] == [part.known for part in by_area]
    assert [known for kind, known in rows if kind == "school"] == [part.known for part in by_school]
    base = superuser.execute("select app.total_base('census')").fetchone()
    assert base == (safe_base((by_area, by_school)),)
    if told is not None:
        classes = superuser.execute("select * from app.total_class(%s, %s)", [total, base[0]]).fetchone()
        fewer_than = told.high + 1 if told.small else None
        assert classes == (told.high, told.known, fewer_than)
