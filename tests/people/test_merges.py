"""Joining two records of one person, and undoing it: who may, what follows, and that nothing is lost."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from harness.cases import with_procedures
from teamaround.access.actions import state_purpose
from teamaround.access.models import Grant
from teamaround.events.models import Event
from teamaround.index.actions import end_involvement, involve
from teamaround.index.models import Involvement
from teamaround.people.actions import add_address, add_need, add_person
from teamaround.people.merges import MergeRefused, merge_records, undo_merge
from teamaround.people.merging import records_of
from teamaround.people.models import Address, Merge, Need, Person
from teamaround.plans.actions.contacts import record_contact
from teamaround.plans.models import Contact
from teamaround.procedures.actions import accept, receive
from teamaround.procedures.models import Episode
from teamaround.rights.actions.requests import gather, record_request
from teamaround.rights.models import PackItem
from teamaround.sharing.actions import Cell, record_consent
from teamaround.sharing.models import Basis
from teamaround.sharing.shields import put_up_shield
from teamaround.sharing.withdrawals import withdraw_cells

BORN = dt.date(2014, 3, 2)


@dataclass
class Twice:
    """Kofi as the young carers team wrote him, and as his school did."""

    kofi: Person
    koffi: Person


@pytest.fixture
def twice(cast: Any) -> Twice:
    """One child under two records, each with its own team; the manager of one has looked at the other."""
    with_procedures(cast)
    with cast.as_(cast.morgan) as me:
        kofi = add_person(
            by=me, team=cast.morgan.team.pk, given="Kofi", family_name="Osei", date_of_birth=BORN
        )
        involve(by=me, team=cast.morgan.team.pk, subject=kofi.pk, practitioner=me.principal)
    with cast.as_(cast.tom) as me:
        koffi = add_person(
            by=me, team=cast.tom.team.pk, given="Koffi", family_name="Osei", date_of_birth=BORN
        )
        involve(by=me, team=cast.tom.team.pk, subject=koffi.pk, role="school", practitioner=me.principal)
    with cast.as_(cast.morgan) as me:
        state_purpose(by=me, subject=koffi.pk, reason="The school says it is one child")
    return Twice(kofi, koffi)


def join(cast: Any, twice: Twice, **more: Any) -> Merge:
    given: dict[str, Any] = {"person": twice.koffi.pk, "into": twice.kofi.pk, "reason": "One child."}
    with cast.as_(cast.morgan) as me:
        return merge_records(by=me, team=cast.morgan.team.pk, **{**given, **more})


def part(cast: Any, merge: Merge, moves: Any = (), member: Any = None) -> Merge:
    who = member or cast.morgan
    with cast.as_(who) as me:
        return undo_merge(
            by=me,
            team=who.team.pk,
            merge=Merge.objects.get(pk=merge.pk),
            reason="Two cousins.",
            moves=moves,
        )


def holds(cast: Any, member: Any, subject: int) -> set[str]:
    with cast.as_(member) as me:
        rows = Grant.objects.filter(
            subject_id=subject, principal_id__in=me.teams, valid_during__contains=timezone.now()
        )
        return set(rows.values_list("category", flat=True))


def test_a_manager_joins_two_records_and_an_event_tells_of_it_on_both(cast: Any, twice: Twice) -> None:
    join(cast, twice)
    with cast.as_(cast.tom):
        assert records_of(twice.koffi.pk) == (twice.kofi.pk, twice.koffi.pk)
        rows = Event.objects.filter(kind="records.joined")
        assert set(rows.values_list("subject_id", flat=True)) == {twice.kofi.pk, twice.koffi.pk}


def test_nobody_but_a_manager_joins_records(cast: Any, twice: Twice) -> None:
    with cast.as_(cast.yasmin) as me, pytest.raises(MergeRefused):
        merge_records(
            by=me, team=cast.yasmin.team.pk, person=twice.koffi.pk, into=twice.kofi.pk, reason="One."
        )


def test_joining_needs_a_reason(cast: Any, twice: Twice) -> None:
    with pytest.raises(MergeRefused) as refused:
        join(cast, twice, reason="  ")
    assert refused.value.field == "reason"


def test_a_record_is_not_joined_to_itself(cast: Any, twice: Twice) -> None:
    with pytest.raises(MergeRefused):
        join(cast, twice, into=twice.koffi.pk)


def test_a_record_joined_to_another_is_not_joined_again(cast: Any, twice: Twice) -> None:
    join(cast, twice)
    with pytest.raises(MergeRefused):
        join(cast, twice)


def test_a_record_that_one_may_not_open_is_refused_like_one_that_a_full_shield_hides(
    cast: Any, twice: Twice
) -> None:
    with cast.as_(cast.tom) as me:
        hidden = add_person(by=me, team=cast.tom.team.pk, given="Ama", family_name="Boateng")
        put_up_shield(
            by=me,
            team=cast.tom.team.pk,
            subject=twice.koffi.pk,
            level="full",
            reason="A threat.",
            review_on=timezone.localdate() + dt.timedelta(days=20),
        )
    told = []
    for other in (hidden.pk, twice.koffi.pk):
        with pytest.raises(MergeRefused) as refused:
            join(cast, twice, person=other)
        told.append((refused.value.field, str(refused.value)))
    assert told[0] == told[1]


def test_an_involvement_under_any_record_is_the_teams_involvement_with_the_person(
    cast: Any, twice: Twice
) -> None:
    join(cast, twice)
    with cast.as_(cast.tom) as me:
        again = involve(by=me, team=cast.tom.team.pk, subject=twice.kofi.pk, role="school")
        assert again.subject_id == twice.koffi.pk
        assert Involvement.objects.filter(author_team=cast.tom.team).count() == 1


def test_what_was_written_meanwhile_stays_where_it_was_written(cast: Any, twice: Twice) -> None:
    merge = join(cast, twice)
    with cast.as_(cast.morgan) as me:
        add_need(by=me, team=cast.morgan.team.pk, person=twice.kofi.pk, kind="language", words="Twi")
    part(cast, merge)
    with cast.as_(cast.morgan):
        assert Need.objects.get().subject_id == twice.kofi.pk
        assert records_of(twice.kofi.pk) == (twice.kofi.pk,)


def test_undoing_leaves_the_grants_as_they_were(cast: Any, twice: Twice) -> None:
    before = [
        holds(cast, member, each.pk)
        for member in (cast.tom, cast.morgan)
        for each in (twice.kofi, twice.koffi)
    ]
    merge = join(cast, twice)
    assert holds(cast, cast.tom, twice.kofi.pk) == {"index"}
    part(cast, merge)
    after = [
        holds(cast, member, each.pk)
        for member in (cast.tom, cast.morgan)
        for each in (twice.kofi, twice.koffi)
    ]
    assert after == before


def case_of(cast: Any, child: int) -> Episode:
    with cast.as_(cast.tom) as me:
        made = receive(by=me, team=cast.tom.team.pk, receiving_team=cast.morgan.team, child=child)
    with cast.as_(cast.morgan) as me:
        episode = Episode.objects.get(pk=made.pk)
        accept(by=me, episode=episode, version=episode.version)
        record_contact(
            by=me,
            episode=Episode.objects.get(pk=made.pk),
            kind="visit",
            happened_at=timezone.now(),
            seen=[child],
            notes="We talked about school.",
            child_words="I like maths.",
        )
    return episode


def test_a_case_moves_with_all_that_hangs_on_it(cast: Any, twice: Twice) -> None:
    merge = join(cast, twice)
    episode = case_of(cast, twice.kofi.pk)
    part(cast, merge, [("episode", episode.pk)])
    with cast.as_(cast.morgan):
        assert Episode.objects.get(pk=episode.pk).subject_id == twice.koffi.pk
        assert set(Contact.objects.values_list("subject_id", flat=True)) == {twice.koffi.pk}
        assert set(Event.objects.filter(episode=episode.pk).values_list("subject_id", flat=True)) == {
            twice.koffi.pk
        }
        with connection.cursor() as cursor:
            cursor.execute("select distinct subject_id from clock where episode_id = %s", [episode.pk])
            assert cursor.fetchall() == [(twice.koffi.pk,)]
            cursor.execute(
                "select subject_id from episode_history where pgh_obj_id = %s order by pgh_id desc limit 1",
                [episode.pk],
            )
            assert cursor.fetchone() == (twice.koffi.pk,)
    assert "index" in holds(cast, cast.morgan, twice.koffi.pk)


def test_a_consent_that_moves_opens_what_it_opened_for_the_other(cast: Any, twice: Twice) -> None:
    merge = join(cast, twice)
    with cast.as_(cast.morgan) as me:
        basis = record_consent(
            by=me,
            team=cast.morgan.team.pk,
            subject=twice.kofi.pk,
            given_by=twice.kofi.pk,
            capacity="self",
            how="signed",
            valid_until=timezone.now() + dt.timedelta(days=90),
            cells=[Cell(twice.kofi.pk, cast.tom.team.pk, "notes", "share")],
        )
    assert "notes" in holds(cast, cast.tom, twice.koffi.pk)
    part(cast, merge, [("sharing_basis", basis.pk)])
    with cast.as_(cast.morgan):
        moved = Basis.objects.get(pk=basis.pk)
        assert (moved.subject_id, moved.given_by_id) == (twice.koffi.pk, twice.koffi.pk)
        assert set(moved.lines.values_list("subject_id", flat=True)) == {twice.koffi.pk}
    assert "notes" in holds(cast, cast.tom, twice.koffi.pk)
    assert "notes" not in holds(cast, cast.tom, twice.kofi.pk)


def test_a_row_from_before_the_joining_does_not_move_and_then_nothing_is_undone(
    cast: Any, twice: Twice
) -> None:
    with cast.as_(cast.morgan) as me:
        old = add_address(
            by=me, team=cast.morgan.team.pk, person=twice.kofi.pk, lines="4 Canal Row", postcode="SK3 2DU"
        )
    merge = join(cast, twice)
    with pytest.raises(MergeRefused):
        part(cast, merge, [("person_address", old.pk)])
    with cast.as_(cast.morgan):
        assert Merge.objects.get(pk=merge.pk).undone_at is None
        assert Address.objects.get().subject_id == twice.kofi.pk


def test_what_stands_on_an_older_case_stays_with_it(cast: Any, twice: Twice) -> None:
    episode = case_of(cast, twice.kofi.pk)
    merge = join(cast, twice)
    with cast.as_(cast.morgan) as me:
        later = record_contact(
            by=me,
            episode=Episode.objects.get(pk=episode.pk),
            kind="visit",
            happened_at=timezone.now(),
            seen=[twice.kofi.pk],
            notes="Later.",
            child_words="",
        )
    with pytest.raises(MergeRefused):
        part(cast, merge, [("contact", later.pk)])


def test_no_row_moves_but_with_the_undoing_by_whoever_undoes_it(cast: Any, twice: Twice) -> None:
    merge = join(cast, twice)
    with cast.as_(cast.tom) as me:
        need = add_need(by=me, team=cast.tom.team.pk, person=twice.koffi.pk, kind="language", words="Twi")

    def move(member: Any) -> None:
        with cast.as_(member), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select app.rehome(%s, 'person_need', %s)", [merge.uuid, need.pk])

    for member in (cast.morgan, cast.tom):
        with pytest.raises(DatabaseError):
            move(member)
    part(cast, merge)
    with pytest.raises(DatabaseError):
        move(cast.tom)


def test_a_row_that_the_undoer_may_not_read_does_not_move(cast: Any, twice: Twice) -> None:
    merge = join(cast, twice)
    with cast.as_(cast.tom) as me:
        need = add_need(by=me, team=cast.tom.team.pk, person=twice.koffi.pk, kind="language", words="Twi")
    with pytest.raises(MergeRefused):
        part(cast, merge, [("person_need", need.pk)])


def test_another_teams_involvement_moves_where_it_belongs(cast: Any, twice: Twice) -> None:
    merge = join(cast, twice)
    with cast.as_(cast.nina) as me:
        state_purpose(by=me, subject=twice.kofi.pk, reason="School health check")
        mine = involve(by=me, team=cast.nina.team.pk, subject=twice.kofi.pk)
    part(cast, merge, [("involvement", mine.pk)])
    assert holds(cast, cast.nina, twice.kofi.pk) == set()
    assert holds(cast, cast.nina, twice.koffi.pk) == {"index"}
    with cast.as_(cast.nina) as me:
        end_involvement(by=me, involvement=Involvement.objects.get(pk=mine.pk))


def test_a_setting_of_ones_own_moves_nothing(cast: Any, twice: Twice) -> None:
    with cast.as_(cast.morgan), connection.cursor() as cursor:
        cursor.execute("select set_config('app.rehoming', 'yes', true)")
        with pytest.raises(DatabaseError), transaction.atomic():
            cursor.execute(
                "update involvement set subject_id = %s where subject_id = %s",
                [twice.koffi.pk, twice.kofi.pk],
            )


def test_an_undone_joining_is_not_undone_again(cast: Any, twice: Twice) -> None:
    merge = part(cast, join(cast, twice))
    with pytest.raises(MergeRefused):
        part(cast, merge)


def test_what_is_taken_back_stays_taken_back_under_the_record_where_it_was_said(
    cast: Any, twice: Twice
) -> None:
    with cast.as_(cast.tom) as me:
        record_consent(
            by=me,
            team=cast.tom.team.pk,
            subject=twice.koffi.pk,
            given_by=twice.koffi.pk,
            capacity="self",
            how="signed",
            valid_until=timezone.now() + dt.timedelta(days=90),
            cells=[Cell(twice.koffi.pk, cast.morgan.team.pk, "education", "share")],
        )
    assert "education" in holds(cast, cast.morgan, twice.koffi.pk)
    merge = join(cast, twice)
    assert "education" in holds(cast, cast.morgan, twice.koffi.pk)
    assert "education" not in holds(cast, cast.morgan, twice.kofi.pk)
    with cast.as_(cast.morgan) as me:
        ended = withdraw_cells(
            by=me, team=cast.morgan.team.pk, subject=twice.kofi.pk, giver=twice.kofi.pk, how="verbal"
        )
    assert ended == 1
    assert "education" not in holds(cast, cast.morgan, twice.koffi.pk)
    part(cast, merge)
    assert "education" not in holds(cast, cast.morgan, twice.koffi.pk)


def test_a_pack_holds_what_is_held_under_every_record(cast: Any, twice: Twice) -> None:
    with cast.as_(cast.tom) as me:
        add_address(by=me, team=cast.tom.team.pk, person=twice.koffi.pk, lines="9 Mill Lane")
    join(cast, twice)
    with cast.as_(cast.greta) as me:
        request = record_request(
            by=me,
            kind="access",
            subject=twice.kofi.pk,
            asked_on=timezone.localdate(),
            asked_by="His mother",
            identity="Her passport",
        )
        gather(request=request)
        said = list(PackItem.objects.filter(request=request).values_list("value", "mark"))
    assert ("9 Mill Lane", "") in said
    assert ("Koffi", "") in said
