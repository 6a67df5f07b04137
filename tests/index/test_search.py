"""A search finds whoever was meant, however they were typed, and shows nobody where nobody could choose."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from teamaround.index.actions import Answers, Query, involve, search
from teamaround.index.models import Involvement
from teamaround.index.searching import ROW, Wanted
from teamaround.people.actions import add_name, add_person
from teamaround.people.merges import merge_records
from teamaround.people.models import Person
from teamaround.sharing.shields import put_up_shield

BORN = dt.date(2013, 4, 5)


@pytest.fixture
def layla(cast: Any) -> int:
    with cast.as_(cast.yasmin) as me:
        person = add_person(
            by=me, team=cast.yasmin.team.pk, given="Layla", middle="Noor", family_name="Hassan", date_of_birth=BORN,
            sex="F", postcode="NM4 4QB", nhs_number="9990548609",
        )  # fmt: skip
        involve(by=me, team=cast.yasmin.team.pk, subject=person.pk)
    return int(person.pk)


def looked_for(cast: Any, name: str = "", **facts: Any) -> Answers:
    with cast.as_(cast.olive) as me:
        return search(by=me, query=Query(name=name, **facts), reason="Her school asked")


@pytest.mark.parametrize(
    "typed",
    ["Layla Hassan", "layla hasan", "HASSAN LAYLA", "hasan layla", "Hassan, Layla", "Leila Hassan", "Lay Has", "Has Lay",
     "L Hassan", "Layla Noor Hassan", "Laila Hasan"],
)  # fmt: skip
def test_a_name_typed_in_any_order_and_spelling_finds_her(cast: Any, layla: int, typed: str) -> None:
    assert [each.subject for each in looked_for(cast, typed)] == [layla]


@pytest.mark.parametrize(
    "facts",
    [
        {"name": "Layla", "born": BORN},
        {"name": "Hassan", "postcode": "NM4 4QB"},
        {"born": BORN},
        {"born": dt.date(2013, 5, 4), "name": "Layla Hassan"},
        {"postcode": "NM44QB"},
        {"identifier": "999 054 8609"},
        {"name": "Layla Mahmood", "born": BORN, "postcode": "NM4"},
    ],
)
def test_any_fact_that_tells_her_apart_finds_her(cast: Any, layla: int, facts: dict[str, Any]) -> None:
    assert looked_for(cast, **facts)[0].subject == layla


def test_a_twin_is_shown_where_neither_bears_the_name_that_was_typed_and_not_beside_who_does(
    cast: Any, layla: int
) -> None:
    with cast.as_(cast.yasmin) as me:
        twin = add_person(
            by=me, team=cast.yasmin.team.pk, given="Maryam", family_name="Hassan", date_of_birth=BORN, sex="F",
            postcode="NM4 4QB",
        )  # fmt: skip
    assert [each.subject for each in looked_for(cast, "Layla Hassan", born=BORN)] == [layla]
    neither = looked_for(cast, "Zahra Hassan", born=BORN)
    assert {each.subject for each in neither} == {layla, twin.pk}


@pytest.fixture
def twin(cast: Any, layla: int) -> int:
    with cast.as_(cast.yasmin) as me:
        return int(
            add_person(
                by=me, team=cast.yasmin.team.pk, given="Maryam", family_name="Hassan", date_of_birth=BORN, sex="F",
                postcode="NM4 4QB",
            ).pk
        )  # fmt: skip


def test_an_entry_that_was_voided_ends_no_search_for_others(cast: Any, layla: int, twin: int) -> None:
    with cast.as_(cast.yasmin):
        Involvement.objects.filter(subject_id=layla).update(until=timezone.now())
        Person.objects.filter(pk=layla).update(voided_at=timezone.now(), void_reason="Recorded by mistake")
    assert [each.subject for each in looked_for(cast, "Layla Hassan", born=BORN)] == [twin]


def test_an_entry_that_is_hidden_from_me_ends_no_search_for_others(cast: Any, layla: int, twin: int) -> None:
    with cast.as_(cast.yasmin) as me:
        put_up_shield(
            by=me, team=cast.yasmin.team.pk, subject=layla, level="full", reason="Violence at home",
            review_on=timezone.localdate() + dt.timedelta(days=30),
        )  # fmt: skip
    found = looked_for(cast, "Layla Hassan", born=BORN)
    assert [each.subject for each in found if not each.protected] == [twin]


def test_whoever_has_nothing_of_what_was_typed_is_not_shown(cast: Any, layla: int) -> None:
    assert len(looked_for(cast, "Wojciech Kowalczyk", born=dt.date(2009, 11, 27))) == 0


def test_a_former_name_finds_her_and_says_that_it_is_another_name(cast: Any, layla: int) -> None:
    with cast.as_(cast.yasmin) as me:
        add_name(by=me, team=cast.yasmin.team.pk, person=layla, given="Layla", family_name="Farouk")
    (found,) = looked_for(cast, "Layla Farouk")
    assert (found.subject, found.family_name) == (layla, "Hassan")
    assert found.why == ("same name (another name of theirs)",)


def test_more_children_than_anybody_could_choose_from_are_not_shown(cast: Any) -> None:
    with cast.as_(cast.yasmin) as me:
        for day in range(1, 13):
            add_person(
                by=me, team=cast.yasmin.team.pk, given="Muhammad", family_name="Khan",
                date_of_birth=dt.date(2014, 6, day),
            )  # fmt: skip
    answers = looked_for(cast, "Muhammad Khan")
    assert answers.too_many
    assert len(answers) == 0
    one = looked_for(cast, "Muhammad Khan", born=dt.date(2014, 6, 3))
    assert not one.too_many
    assert one[0].date_of_birth == dt.date(2014, 6, 3)


@pytest.mark.parametrize("typed", ["K", "x", "l."])
def test_a_letter_alone_asks_for_one_more_fact(cast: Any, layla: int, typed: str) -> None:
    assert looked_for(cast, typed).too_many


@pytest.mark.parametrize("typed", ["Mr", "Miss", "🙂", "...", "%_%", "‮‮"])
def test_what_is_no_name_is_said_to_be_unread(cast: Any, layla: int, typed: str) -> None:
    assert looked_for(cast, typed).unread


@pytest.mark.parametrize(
    "typed", ["'; drop table person; --", "Layla%", "x" * 500, "‮Layla‬ Hassan", "Layla \\ Hassan"]
)
def test_signs_of_a_program_are_only_signs(cast: Any, layla: int, typed: str) -> None:
    answers = looked_for(cast, typed)
    assert all(each.subject == layla for each in answers)


def test_two_records_that_were_joined_are_one_answer_found_by_what_either_says(cast: Any, layla: int) -> None:
    with cast.as_(cast.yasmin) as me:
        other = add_person(
            by=me, team=cast.yasmin.team.pk, given="Lulu", family_name="Farouk", postcode="SK9 1AA", sex="F"
        )
    with cast.as_(cast.morgan) as me:
        merge_records(
            by=me,
            team=cast.morgan.team.pk,
            person=other.pk,
            into=layla,
            reason="One child: her mother says so",
        )
    for typed, postcode in (("Layla Hassan", "SK9 1AA"), ("Lulu Farouk", "NM4 4QB")):
        found = looked_for(cast, typed, postcode=postcode)
        assert [each.subject for each in found] == [layla]
        assert "same postcode" in found[0].why


def test_a_search_that_could_not_say_too_many_is_refused(cast: Any) -> None:
    with cast.as_(cast.yasmin) as me, pytest.raises(ValueError, match="1 to 49"):
        search(by=me, query=Query(name="Amira Khan"), reason="A referral", most=50)


def test_a_process_of_the_earlier_release_goes_on_searching(cast: Any, layla: int) -> None:
    """It asks app.search_people, which answers in fourteen columns."""
    wanted = Wanted.of(Query(name="Layla Hassan", born=BORN))
    with cast.as_(cast.olive), connection.cursor() as cursor:
        cursor.execute(
            f"select * from app.search_people({ROW}, %s, %s, 10)",  # placeholders alone
            [*wanted.values, wanted.last_sound, wanted.whole - 26],
        )
        (found,) = cursor.fetchall()
    assert (found[0], len(found)) == (layla, 14)
