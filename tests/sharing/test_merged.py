"""Two records of one person: grants meet, the more restrictive answer stands, and undoing restores."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import DatabaseError, ProgrammingError, connection, transaction
from django.utils import timezone

from teamaround.access.models import Grant
from teamaround.index.actions import Query, involve, search
from teamaround.people.actions import add_person
from teamaround.people.merging import records_of
from teamaround.people.models import Merge, Person


@pytest.fixture
def twice(house: Any, cast: Any) -> Person:
    """Kofi once more, as the school nurse recorded him: Coffie, the day before."""
    with cast.as_(cast.nina) as me:
        person = add_person(
            by=me,
            team=me.team.team,
            given="Coffie",
            family_name="Osei",
            date_of_birth=house.kofi.date_of_birth,
        )
        involve(by=me, team=me.team.team, subject=person.pk, practitioner=me.principal)
    with cast.as_(cast.morgan) as me:
        involve(by=me, team=me.team.team, subject=person.pk)
    return person


def merge(cast: Any, person: Person, into: Person) -> Merge:
    with cast.as_(cast.morgan) as me:
        return Merge.objects.create(
            author_team_id=me.team.team, subject_id=person.pk, into_id=into.pk, reason="The same child"
        )


def undo(cast: Any, merged: Merge) -> None:
    with cast.as_(cast.morgan):
        Merge.objects.filter(pk=merged.pk).update(undone_at=timezone.now(), undo_reason="Two children")


def held(cast: Any, who: Any, person: Person) -> set[str]:
    """The categories that a member of the cast holds about a record."""
    with cast.as_(who):
        rows = Grant.objects.filter(subject_id=person.pk, valid_during__contains=timezone.now())
        return set(rows.values_list("category", flat=True))


def test_who_works_with_one_record_sees_the_other_once_merged_and_no_longer_when_undone(
    cast: Any, house: Any, twice: Person
) -> None:
    assert held(cast, cast.tom, twice) == set()
    merged = merge(cast, twice, house.kofi)
    assert held(cast, cast.tom, twice) == {"index"} == held(cast, cast.nina, house.kofi)
    undo(cast, merged)
    assert held(cast, cast.tom, twice) == set() == held(cast, cast.nina, house.kofi)
    assert held(cast, cast.nina, twice) == {"index"}


def test_what_begins_or_ends_after_the_merge_counts_for_both_records(
    cast: Any, house: Any, twice: Person
) -> None:
    merge(cast, twice, house.kofi)
    with cast.as_(cast.olive) as me:
        mine = involve(by=me, team=me.team.team, subject=twice.pk)
    assert held(cast, cast.olive, house.kofi) == {"index"}
    with cast.as_(cast.olive):
        type(mine).objects.filter(pk=mine.pk).update(until=timezone.localdate())
    assert held(cast, cast.olive, house.kofi) == set()


def test_nobody_reads_a_strangers_record_by_joining_it_to_a_child_of_ones_own(
    cast: Any, house: Any, twice: Person
) -> None:
    house.agree(house.efua, (cast.morgan, "plan", "share"))
    house.agree(house.efua, (cast.tom, "plan", "share"), about=twice, member=cast.morgan)
    merge(cast, twice, house.kofi)
    for member, own, strange in ((cast.morgan, house.kofi, twice), (cast.tom, twice, house.kofi)):
        assert "plan" in held(cast, member, own)
        assert held(cast, member, strange) == {"index"}


def test_a_share_after_the_merge_opens_both_until_it_is_undone(cast: Any, house: Any, twice: Person) -> None:
    house.agree(house.efua, (cast.nina, "plan", "share"))
    merged = merge(cast, twice, house.kofi)
    assert "plan" in held(cast, cast.nina, house.kofi)
    assert "plan" not in held(cast, cast.nina, twice)
    house.agree(house.efua, (cast.nina, "plan", "share"))
    assert "plan" in held(cast, cast.nina, twice)
    undo(cast, merged)
    assert "plan" not in held(cast, cast.nina, twice)
    assert "plan" in held(cast, cast.nina, house.kofi)


def test_where_ones_own_answer_shares_one_record_a_parents_opens_no_further_one(
    cast: Any, house: Any, twice: Person
) -> None:
    house.agree(twice, (cast.tom, "plan", "share"), about=twice, member=cast.morgan)
    merged = merge(cast, twice, house.kofi)
    house.agree(house.efua, (cast.tom, "plan", "share"))
    assert "plan" in held(cast, cast.tom, twice)
    assert "plan" not in held(cast, cast.tom, house.kofi)
    undo(cast, merged)
    assert "plan" in held(cast, cast.tom, house.kofi)


def test_what_one_record_refuses_stands_in_both_until_somebody_decides_anew(
    cast: Any, house: Any, twice: Person
) -> None:
    house.agree(house.efua, (cast.tom, "plan", "no"), about=twice, member=cast.morgan)
    house.agree(house.efua, (cast.tom, "plan", "share"))
    assert "plan" in held(cast, cast.tom, house.kofi)
    merged = merge(cast, twice, house.kofi)
    assert "plan" not in held(cast, cast.tom, house.kofi)
    house.agree(house.efua, (cast.tom, "plan", "share"))
    assert "plan" in held(cast, cast.tom, house.kofi)
    undo(cast, merged)
    assert "plan" in held(cast, cast.tom, house.kofi)
    assert "plan" not in held(cast, cast.tom, twice)


def test_ones_own_no_in_one_record_stands_against_ones_own_share_in_the_other(
    cast: Any, house: Any, twice: Person
) -> None:
    house.agree(house.kofi, (cast.tom, "plan", "share"))
    house.agree(twice, (cast.tom, "plan", "no"), about=twice, member=cast.morgan)
    merged = merge(cast, twice, house.kofi)
    assert "plan" not in held(cast, cast.tom, house.kofi)
    undo(cast, merged)
    assert "plan" in held(cast, cast.tom, house.kofi)


def test_a_merged_record_is_found_under_the_other_by_either_name(
    cast: Any, house: Any, twice: Person
) -> None:
    merged = merge(cast, twice, house.kofi)
    with cast.as_(cast.yasmin) as me:
        found = search(
            by=me, query=Query(name="Coffie Osei", born=house.kofi.date_of_birth), reason="Referral"
        )
        assert {row.subject for row in found} >= {house.kofi.pk}
        assert twice.pk not in {row.subject for row in found}
        assert records_of(twice.pk) == (house.kofi.pk, twice.pk)
    undo(cast, merged)
    with cast.as_(cast.yasmin) as me:
        found = search(
            by=me, query=Query(name="Coffie Osei", born=house.kofi.date_of_birth), reason="Referral"
        )
        assert {house.kofi.pk, twice.pk} <= {row.subject for row in found}
        assert records_of(twice.pk) == (twice.pk,)


def test_a_merge_is_undone_once_and_never_changed(cast: Any, house: Any, twice: Person) -> None:
    merged = merge(cast, twice, house.kofi)
    with cast.as_(cast.morgan), pytest.raises(DatabaseError, match="undone once"), transaction.atomic():
        Merge.objects.filter(pk=merged.pk).update(reason="Another")
    undo(cast, merged)
    with cast.as_(cast.morgan), pytest.raises(DatabaseError, match="undone once"), transaction.atomic():
        Merge.objects.filter(pk=merged.pk).update(undone_at=timezone.now() + dt.timedelta(days=1))


def test_a_record_is_merged_into_one_other_and_never_in_a_ring(cast: Any, house: Any, twice: Person) -> None:
    merge(cast, twice, house.kofi)
    for person, into in ((house.kofi, twice), (twice, house.ama), (house.ama, twice)):
        with (
            cast.as_(cast.morgan) as me,
            pytest.raises(DatabaseError, match="merged already"),
            transaction.atomic(),
        ):
            Merge.objects.create(
                author_team_id=me.team.team, subject_id=person.pk, into_id=into.pk, reason="Again"
            )
    merge(cast, house.kofi, house.ama)
    with cast.as_(cast.yasmin):
        assert records_of(twice.pk) == (house.ama.pk, house.kofi.pk, twice.pk)


def test_only_a_manager_who_may_open_both_merges_records(cast: Any, house: Any, twice: Person) -> None:
    for member in (cast.yasmin, cast.olive):
        with cast.as_(member) as me, pytest.raises(ProgrammingError), transaction.atomic():
            Merge.objects.create(
                author_team_id=me.team.team, subject_id=twice.pk, into_id=house.kofi.pk, reason="To look"
            )


def test_the_applications_role_cannot_ask_which_records_are_one_person(
    cast: Any, house: Any, twice: Person
) -> None:
    merge(cast, twice, house.kofi)
    with cast.as_(cast.olive):
        assert records_of(twice.pk) == (twice.pk,)
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select app.same_person(%s)", [twice.pk])
