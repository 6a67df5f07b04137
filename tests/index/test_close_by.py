"""Whoever works somewhere mostly looks for children who live there: they come first, and nobody's hidden home does."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from django.db.utils import Error
from django.utils import timezone

from teamaround.agencies.models import Site, Team
from teamaround.database.actor import SET_UP, acting_as
from teamaround.index import actions
from teamaround.index.actions import Answers, Query, involve, search
from teamaround.index.nearness import MOVED
from teamaround.index.searching import CLOSE_BY, match_rows
from teamaround.linkage.features import Record, features_of
from teamaround.people.actions import add_person
from teamaround.recognition import entries
from teamaround.sharing.shields import put_up_shield

BORN = dt.date(2013, 4, 5)


@pytest.fixture
def two(cast: Any) -> dict[str, int]:
    """Two girls of one name and birthday, one in Stockport and one in Leeds, among children of Leeds and Manchester. Olive’s
    team has its site in Stockport."""
    homes = {"here": "SK3 9AA", "there": "LS6 2AA"}
    found = {}
    with cast.as_(cast.yasmin) as me:
        for key, postcode in homes.items():
            person = add_person(
                by=me, team=cast.yasmin.team.pk, given="Amira", family_name="Khan", date_of_birth=BORN, sex="F",
                postcode=postcode,
            )  # fmt: skip
            involve(by=me, team=cast.yasmin.team.pk, subject=person.pk)
            found[key] = int(person.pk)
        for number in range(8):
            add_person(
                by=me, team=cast.yasmin.team.pk, given="Bo", family_name="Lund", date_of_birth=BORN,
                postcode=f"{'LS7' if number % 2 else 'M1'} {number}AA",
            )  # fmt: skip
    with acting_as(SET_UP), transaction.atomic():
        site = Site.objects.create(agency=cast.olive.team.agency, name="Hope House", postcode="SK1 1AA")
        Team.objects.filter(pk=cast.olive.team.pk).update(site=site)
    counted()
    return found


def counted() -> None:
    with acting_as(entries.searching()), transaction.atomic():
        entries.count_areas()


def asked(cast: Any, who: Any, **facts: Any) -> Answers:
    with cast.as_(who) as me:
        return search(by=me, query=Query(name="Amira Khan", **facts), reason="Her school asked")


def test_of_two_who_fit_alike_the_one_who_lives_where_i_work_comes_first_and_it_says_so(
    cast: Any, two: dict[str, int]
) -> None:
    answers = asked(cast, cast.olive)
    assert [each.subject for each in answers] == [two["here"], two["there"]]
    assert CLOSE_BY in answers[0].why
    assert CLOSE_BY not in answers[1].why
    assert answers[0].weight > answers[1].weight


def test_for_a_team_without_a_site_nobody_is_nearer(cast: Any, two: dict[str, int]) -> None:
    answers = asked(cast, cast.tom)
    assert answers[0].weight == answers[1].weight
    assert not any(CLOSE_BY in each.why for each in answers)


def test_a_postcode_that_was_typed_says_more_than_where_i_work(cast: Any, two: dict[str, int]) -> None:
    assert asked(cast, cast.olive, postcode="LS6 2AA")[0].subject == two["there"]


def test_where_nearly_all_live_where_i_work_nobody_is_nearer(cast: Any, two: dict[str, int]) -> None:
    with acting_as(SET_UP), transaction.atomic():
        Site.objects.filter(postcode="SK1 1AA").update(postcode="LS1 1AA")
    with cast.as_(cast.yasmin) as me:
        for number in range(30):
            add_person(
                by=me,
                team=cast.yasmin.team.pk,
                given="Cy",
                family_name="Moss",
                postcode=f"LS9 {number % 9}AB",
            )
    counted()
    answers = asked(cast, cast.olive)
    assert not any(CLOSE_BY in each.why for each in answers)


def test_a_home_that_a_shield_hides_makes_nobody_nearer_or_farther(cast: Any, two: dict[str, int]) -> None:
    plain = asked(cast, cast.tom)[0].weight
    for key in two:
        with cast.as_(cast.yasmin) as me:
            put_up_shield(
                by=me, team=cast.yasmin.team.pk, subject=two[key], level="whereabouts", reason="Violence at home",
                review_on=timezone.localdate() + dt.timedelta(days=30),
            )  # fmt: skip
    answers = asked(cast, cast.olive)
    assert {each.weight for each in answers} == {plain}
    assert not any(CLOSE_BY in each.why for each in answers)


def test_a_protected_home_is_not_counted_so_that_no_weight_tells_in_which_area_it_is(
    cast: Any, two: dict[str, int]
) -> None:
    with cast.as_(cast.yasmin) as me:
        put_up_shield(
            by=me, team=cast.yasmin.team.pk, subject=two["here"], level="whereabouts", reason="Violence at home",
            review_on=timezone.localdate() + dt.timedelta(days=30),
        )  # fmt: skip
    counted()
    by_olive = {each.subject: each.weight for each in asked(cast, cast.olive)}
    assert by_olive.keys() == set(two.values())
    assert by_olive == {each.subject: each.weight for each in asked(cast, cast.tom)}


def test_where_i_work_decides_who_comes_first_and_not_who_is_an_answer(
    cast: Any, two: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    with cast.as_(cast.yasmin) as me:
        add_person(
            by=me, team=cast.yasmin.team.pk, given="Zebedee", family_name="Rahman", date_of_birth=BORN,
            postcode="SK3 9AB",
        )  # fmt: skip
    monkeypatch.setattr(actions, "TOLERATED", 5.0)
    query = Query(name="Amira Rahman", born=BORN)
    found = []
    for member in (cast.olive, cast.tom):
        with cast.as_(member) as me:
            found.append({each.subject for each in search(by=me, query=query, reason="Her school asked")})
    assert found[0] == found[1]


def test_where_half_live_where_i_work_nobody_is_nearer_or_farther_unsaid(
    cast: Any, two: dict[str, int]
) -> None:
    with acting_as(SET_UP), transaction.atomic():
        Site.objects.filter(postcode="SK1 1AA").update(postcode="LS1 1AA")
    answers = asked(cast, cast.olive)
    assert answers[0].weight == answers[1].weight
    assert not any(CLOSE_BY in each.why for each in answers)


def test_however_few_live_where_i_work_a_name_says_more_than_that(
    cast: Any, server_report: dict[str, str]
) -> None:
    with acting_as(SET_UP), transaction.atomic():
        site = Site.objects.create(agency=cast.olive.team.agency, name="Hope House", postcode="SK1 1AA")
        Team.objects.filter(pk=cast.olive.team.pk).update(site=site)
    with cast.as_(cast.yasmin) as me:
        add_person(
            by=me,
            team=cast.yasmin.team.pk,
            given="Amira",
            family_name="Khan",
            date_of_birth=BORN,
            postcode="SK3 9AA",
        )
    address = server_report["postgres"].replace("DATABASE", connection.settings_dict["NAME"])

    def nearer(here: int) -> float:
        with psycopg.connect(address, autocommit=True) as owner:
            owner.execute(
                "insert into search_area values ('SK', %(here)s, 5000000, '{SK3}'), ('M', 5000000 - %(here)s, 5000000, '{M1}')",
                {"here": here},
            )
            try:
                return asked(cast, cast.olive)[0].weight - asked(cast, cast.tom)[0].weight
            finally:
                owner.execute("delete from search_area")

    assert 0 < nearer(100_000) < nearer(25_000) < math.log2(0.9 * 200)
    assert nearer(3) == pytest.approx(nearer(25_000), abs=1e-9)


def test_a_postcode_of_where_i_work_and_my_site_are_one_reason_and_not_two(
    cast: Any, two: dict[str, int]
) -> None:
    """Whoever is recorded elsewhere may have moved here: little speaks against them beyond the postcode itself."""
    by_olive = {each.subject: each.weight for each in asked(cast, cast.olive, postcode="SK8 1AA")}
    by_tom = {each.subject: each.weight for each in asked(cast, cast.tom, postcode="SK8 1AA")}
    assert by_olive[two["here"]] == by_tom[two["here"]]
    assert by_tom[two["there"]] + MOVED <= by_olive[two["there"]] < by_tom[two["there"]]


def test_an_agreement_on_a_district_weighs_by_how_few_live_there(
    cast: Any, server_report: dict[str, str]
) -> None:
    with cast.as_(cast.yasmin) as me:
        add_person(
            by=me, team=cast.yasmin.team.pk, given="Amira", family_name="Khan", date_of_birth=BORN, sex="F",
            postcode="SK3 9AA",
        )  # fmt: skip
    address = server_report["postgres"].replace("DATABASE", connection.settings_dict["NAME"])

    def weight(here: int, districts: str, typed: str = "SK3") -> float:
        with psycopg.connect(address, autocommit=True) as owner:
            owner.execute("insert into search_area values ('SK', %s, 8000000, %s)", [here, districts])
            try:
                with cast.as_(cast.tom) as me:
                    # Of another surname: one of the same is a brother or sister where the district is the same, too.
                    query = Query(name="Amira Rahman", born=BORN, postcode=typed)
                    return search(by=me, query=query, reason="Her school asked")[0].weight
            finally:
                owner.execute("delete from search_area")

    half, eighth = (weight(here, "{SK3}") for here in (4_000_000, 1_000_000))
    # A quarter as many: two bits more against strangers, a little less against strangers and sisters together.
    assert 1.5 < eighth - half <= 2.0
    # Of an area's districts each counts as large as they are on average, and none as smaller than a bound.
    assert weight(4_000_000, "{SK2,SK3,SK4,SK5}") == pytest.approx(eighth)
    assert weight(2, "{SK3}") == pytest.approx(weight(2_000, "{SK3}"))
    # It says nothing of whoever lives in another district than was typed.
    assert weight(4_000_000, "{SK3,SK8}", "SK8") == weight(1_000_000, "{SK3,SK8}", "SK8")


@pytest.mark.parametrize(
    ("known", "typed", "finders"),
    [
        # A slip among the first letters of the surname, and a birthday filled in with 1 January.
        (("Ibrahim", "Wadgrove", dt.date(2016, 11, 20)), {"name": "Ibrahim Wagrove", "born": dt.date(2016, 1, 1)}, "olive"),
        # Another form of the forename, and no birthday.
        (("William", "Moss", dt.date(2014, 2, 3)), {"name": "Bill Moss"}, "olive"),
        # Another surname since, another year, and no more than the district typed.
        (("Gabriella", "Rowley", dt.date(2016, 5, 2)),
         {"name": "Gabriella Clarke", "born": dt.date(2015, 5, 2), "postcode": "SK3"}, "olive tom"),
        # Another surname since, and day and month changed about.
        (("Olivia", "Taylor", dt.date(2019, 5, 8)), {"name": "Olivia Gibson", "born": dt.date(2019, 8, 5)}, "olive tom"),
    ],
)  # fmt: skip
def test_of_whom_two_things_were_typed_otherwise_one_who_lives_where_i_work_or_typed_is_found(
    cast: Any, two: dict[str, int], known: tuple[str, str, dt.date], typed: dict[str, Any], finders: str
) -> None:
    with cast.as_(cast.yasmin) as me:
        child = add_person(
            by=me, team=cast.yasmin.team.pk, given=known[0], family_name=known[1], date_of_birth=known[2],
            postcode="SK3 9AB",
        )  # fmt: skip
    counted()

    def finds() -> set[str]:
        found = set()
        for name in ("olive", "tom"):
            with cast.as_(getattr(cast, name)) as me:
                answers = search(by=me, query=Query(**typed), reason="Her school asked")
            if child.pk in {each.subject for each in answers}:
                found.add(name)
        return found

    assert finds() == set(finders.split())
    with cast.as_(cast.yasmin) as me:
        put_up_shield(
            by=me, team=cast.yasmin.team.pk, subject=child.pk, level="whereabouts", reason="Violence at home",
            review_on=timezone.localdate() + dt.timedelta(days=30),
        )  # fmt: skip
    # Nobody whose home is hidden from me is found by where they live.
    assert finds() == (set(finders.split()) if known[0] == "Olivia" else set())


def test_of_more_who_live_where_i_work_than_anybody_could_choose_from_none_is_shown(
    cast: Any, two: dict[str, int]
) -> None:
    with cast.as_(cast.yasmin) as me:
        for number in range(12):
            add_person(
                by=me, team=cast.yasmin.team.pk, given="Muhammad", family_name="Khan",
                date_of_birth=BORN + dt.timedelta(days=37 * number), postcode=f"SK{3 + number % 2} {number % 9}AA",
            )  # fmt: skip
    counted()
    with cast.as_(cast.olive) as me:
        answers = search(by=me, query=Query(name="Muhammad Khan"), reason="Her school asked")
    assert (answers.too_many, len(answers)) == (True, 0)


def test_nobody_says_themselves_where_they_search_from(cast: Any) -> None:
    with (
        cast.as_(cast.tom),
        pytest.raises(Error, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "select * from app.find_placed(null::app.features, '', 0, 1, '{SK}', '{SK3}', 9, -9, 0)"
        )


def test_where_i_work_never_makes_a_brother_likelier_to_be_the_child(cast: Any, two: dict[str, int]) -> None:
    """Her brother lives there too: what speaks for two children of one family stays as it was."""
    with cast.as_(cast.yasmin) as me:
        add_person(
            by=me, team=cast.yasmin.team.pk, given="Zain", family_name="Khan", sex="M", postcode="SK3 9AA",
            date_of_birth=dt.date(2015, 1, 9),
        )  # fmt: skip

    def brother(who: Any) -> float:
        with cast.as_(who) as me:
            query = Query(name="Amal Khan", postcode="SK3 9AA")
            found = search(by=me, query=query, reason="Her school asked")
        return max((each.chance for each in found if each.given == "Zain"), default=0.0)

    assert 0 < brother(cast.olive) == pytest.approx(brother(cast.tom), abs=0.02)


def test_a_caseload_is_weighed_the_same_wherever_its_team_works(cast: Any, two: dict[str, int]) -> None:
    rows = {1: features_of(Record(given="Amira", family="Khan", born=BORN))}
    weights = []
    for member in (cast.olive, cast.tom):
        with cast.as_(member):
            weights.append(sorted((each.subject, each.weight) for each in match_rows(rows, among=5000)[1]))
    assert weights[0] == weights[1]
    assert len({weight for _, weight in weights[0]}) == 1


def test_areas_are_counted_by_a_service_alone_and_nobody_reads_the_counts(cast: Any) -> None:
    with cast.as_(cast.admin), pytest.raises(Error, match="nightly search"), transaction.atomic():
        entries.count_areas()
    with (
        cast.as_(cast.admin),
        pytest.raises(Error, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("select * from search_area")
