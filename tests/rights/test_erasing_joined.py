"""Whoever was recorded twice is erased like anybody: what stood between the two records goes, and the other stays whole."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection

from harness.cast import Member
from teamaround.events.models import Event
from teamaround.index.actions import Query, involve, search
from teamaround.people.actions import add_person
from teamaround.people.merges import merge_records
from teamaround.people.models import Merge, Person
from teamaround.recognition.actions import give_opinion
from teamaround.recognition.models import AskedAgain, Opinion, Pair, PairState
from teamaround.recognition.nightly import recognise
from teamaround.rights.actions.requests import close
from teamaround.rights.actions.retention import ask_for_disposal, confirm_disposal
from teamaround.rights.models import Disposal, RightsRequest

from .conftest import request_of

WHY = "His mother told the school so"


@pytest.fixture
def twice(cast: Any) -> Pair:
    """Kofi, recorded by the young carers team and, with a slip, by the school; the search puts the pair to people."""
    records = []
    for member, family, born in (
        (cast.yasmin, "Osei-Mensah", dt.date(2013, 5, 17)),
        (cast.tom, "Osey", dt.date(2012, 7, 3)),
    ):
        with cast.as_(member) as me:
            record = add_person(
                by=me,
                team=me.team.team,
                given="Kofi",
                family_name=family,
                date_of_birth=born,
                postcode="NM4 2AB",
                sex="M",
            )
            involve(by=me, team=me.team.team, subject=record.pk)
        if member is cast.tom:
            with cast.as_(cast.morgan) as me:
                involve(by=me, team=cast.morgan.team.pk, subject=record.pk)
        records.append(record.pk)
    recognise()
    with cast.as_(cast.morgan):
        pair: Pair = Pair.objects.get(subject_id=records[0], other_id=records[1])
    return pair


def said(cast: Any, pair: Pair, answer: str, into: int | None = None) -> None:
    with cast.as_(cast.morgan) as me:
        give_opinion(
            by=me,
            team=cast.morgan.team.pk,
            pair=Pair.objects.get(pk=pair.pk),
            answer=answer,
            reason=WHY,
            into=into,
        )


def erased(cast: Any, second: Member, subject: int) -> dict[str, int]:
    """Erase the record; the rows that went, by table."""
    row = request_of(cast, subject, "erasure")
    with cast.as_(cast.greta) as me:
        close(request=row, outcome="granted", reason="Told on the phone")
        disposal = ask_for_disposal(by=me, reason="He asked", request=RightsRequest.objects.get(pk=row.pk))
    with cast.as_(second) as me:
        confirm_disposal(by=me, disposal=disposal)
        done = Disposal.objects.get(pk=disposal.pk)
        connection.check_constraints()
        return {each.table_name: each.rows for each in done.counts.all()}


def names_found(cast: Any, name: str) -> list[str]:
    with cast.as_(cast.nina) as me:
        return [each.name for each in search(by=me, query=Query(name=name), reason="Referral")]


@pytest.mark.parametrize("which", ["subject_id", "other_id"])
def test_a_pair_and_what_people_said_of_it_go_with_either_of_its_records(
    cast: Any, twice: Pair, second: Member, which: str
) -> None:
    said(cast, twice, "unsure")
    other = {twice.subject_id, twice.other_id} - {getattr(twice, which)}
    counts = erased(cast, second, getattr(twice, which))
    assert (counts["recognition_pair"], counts["recognition_opinion"]) == (1, 1)
    with cast.as_(cast.morgan):
        assert not Pair.objects.exists()
        assert not Opinion.objects.exists()
        assert set(Person.objects.filter(pk__in=other, voided_at=None).values_list("pk", flat=True)) == other
    assert recognise(everything=True).review == 0


def test_a_pair_that_was_told_apart_and_asked_again_goes_with_its_record(
    cast: Any, twice: Pair, second: Member
) -> None:
    said(cast, twice, "different")
    with cast.as_(cast.morgan) as me:
        merge_records(
            by=me, team=cast.morgan.team.pk, person=twice.other_id, into=twice.subject_id, reason="She came"
        )
        assert AskedAgain.objects.exists()
    erased(cast, second, twice.other_id)
    with cast.as_(cast.morgan):
        for model in (Pair, Opinion, AskedAgain, Merge):
            assert not model.objects.exists()


@pytest.mark.parametrize("goes", ["the record that stands for the person", "the record merged into it"])
def test_with_a_joined_record_the_joining_goes_and_the_other_stays_to_be_found(
    cast: Any, twice: Pair, second: Member, goes: str
) -> None:
    said(cast, twice, "same", into=twice.subject_id)
    with cast.as_(cast.morgan):
        assert Pair.objects.get().state == PairState.SAME
    root = goes == "the record that stands for the person"
    gone, stays = (twice.subject_id, twice.other_id) if root else (twice.other_id, twice.subject_id)
    lost, name = ("Kofi Osei-Mensah", "Kofi Osey") if root else ("Kofi Osey", "Kofi Osei-Mensah")
    erased(cast, second, gone)
    with cast.as_(cast.morgan):
        assert not Merge.objects.exists()
        assert not Pair.objects.exists()
        assert Event.objects.filter(subject_id=stays).exists()
        assert WHY not in str(list(Event.objects.filter(subject_id=stays).values()))
    assert names_found(cast, name) == [name]
    assert lost not in names_found(cast, lost)
    assert "Erased" not in names_found(cast, "Erased")


def test_once_a_joined_record_is_erased_nothing_granted_for_it_opens_the_other(
    cast: Any, twice: Pair, second: Member
) -> None:
    said(cast, twice, "same", into=twice.subject_id)
    with cast.as_(cast.tom):
        assert Person.objects.filter(pk=twice.subject_id).exists()
    erased(cast, second, twice.other_id)
    with cast.as_(cast.tom):
        assert not Person.objects.filter(pk=twice.subject_id).exists()
