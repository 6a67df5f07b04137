"""The nightly search: what it joins, what it leaves to people, and what it never does."""

from __future__ import annotations

import datetime as dt
import json
from argparse import Namespace
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from recognition.conftest import HARD, LIKELY, NUMBER, Adds, Finds
from teamaround.database.actor import acting_as
from teamaround.events.models import Event
from teamaround.index.actions import involve
from teamaround.notices.services import service_actor
from teamaround.people.actions import add_address, add_name, add_need, void_fact
from teamaround.people.merges import undo_merge
from teamaround.people.merging import records_of
from teamaround.people.models import Address, Merge, Need, Person, PersonName
from teamaround.recognition import jobs
from teamaround.recognition.entries import near, searching
from teamaround.recognition.models import Opinion, Pair, PairState, Run
from teamaround.recognition.nightly import recognise
from teamaround.sharing.shields import put_up_shield

CERTAIN: dict[str, Any] = {"given": "Kofie", "nhs_number": NUMBER}


@pytest.fixture
def certain(add: Adds) -> tuple[Person, Person]:
    """Two records that certainly are one child."""
    return add("yasmin", nhs_number=NUMBER), add("tom", **CERTAIN)


def test_two_records_that_certainly_are_one_child_are_joined(
    cast: Any, certain: tuple[Person, Person]
) -> None:
    first, second = certain
    outcome = recognise()
    assert (outcome.entries, outcome.joined, outcome.review) == (2, 1, 0)
    with cast.as_(cast.morgan):
        merge = Merge.objects.get(undone_at=None)
        assert (merge.subject_id, merge.into_id) == (second.pk, first.pk)
        assert merge.reason == "Recognised as one child by the nightly search: model 1"
        assert merge.recorded_by_id == searching().principal
        pair = Pair.objects.get()
        assert (pair.state, pair.merge_id) == (PairState.JOINED, merge.pk)
        assert Run.objects.get().joined == 1


def test_both_chronologies_tell_of_a_joining_each_by_its_own_team(
    cast: Any, certain: tuple[Person, Person]
) -> None:
    recognise()
    with cast.as_(cast.morgan):
        told = Event.objects.filter(kind="records.joined").values_list("subject_id", "author_team_id")
        assert set(told) == {
            (certain[0].pk, cast.yasmin.team.pk),
            (certain[1].pk, cast.tom.team.pk),
        }


def test_doing_it_again_finds_nothing_twice(cast: Any, add: Adds, certain: tuple[Person, Person]) -> None:
    add("nina", **LIKELY)
    recognise()
    with cast.as_(cast.morgan):
        before = list(Pair.objects.order_by("id").values())
    assert {row["state"] for row in before} == {"joined", "waiting"}
    for everything in (False, True):
        again = recognise(everything=everything)
        assert (again.joined, again.review) == (0, 0)
    jobs.search(0)
    with cast.as_(cast.morgan):
        assert Merge.objects.count() == 1
        assert Event.objects.filter(kind="records.joined").count() == 2
        assert list(Pair.objects.order_by("id").values()) == before
        assert Run.objects.count() == 4


def test_a_manager_undoes_an_automatic_joining_and_later_work_stays(
    cast: Any, certain: tuple[Person, Person]
) -> None:
    recognise()
    first, second = certain
    with cast.as_(cast.morgan) as me:
        need = add_need(
            by=me, team=cast.morgan.team.pk, person=first.pk, kind="language", words="Twi, and English"
        )
    with cast.as_(cast.tom) as me:
        home = add_address(
            by=me, team=cast.tom.team.pk, person=second.pk, lines="4 Canal Row", postcode="NM4 2AB"
        )
    with cast.as_(cast.morgan) as me:
        merge = Merge.objects.get()
        undo_merge(
            by=me, team=cast.morgan.team.pk, merge=merge, reason="Two cousins with one name.", moves=()
        )
        assert records_of(first.pk) == (first.pk,)
        assert Need.objects.get(pk=need.pk).subject_id == first.pk
        pair = Pair.objects.get()
        assert pair.state == PairState.DIFFERENT
    with cast.as_(cast.tom):
        assert Address.objects.get(pk=home.pk).subject_id == second.pk
    assert recognise(everything=True).joined == 0
    with cast.as_(cast.morgan):
        assert Merge.objects.get().undone_at is not None


def test_what_a_manager_joined_by_hand_and_parted_is_not_joined_or_put_again(
    cast: Any, certain: tuple[Person, Person]
) -> None:
    from teamaround.people.merges import merge_records

    with cast.as_(cast.morgan) as me:
        merge = merge_records(
            by=me, team=cast.morgan.team.pk, person=certain[1].pk, into=certain[0].pk, reason="One child."
        )
        undo_merge(by=me, team=cast.morgan.team.pk, merge=merge, reason="Cousins.")
    outcome = recognise()
    assert (outcome.joined, outcome.review) == (0, 0)


def test_only_what_changed_since_is_read_again(cast: Any, add: Adds, certain: tuple[Person, Person]) -> None:
    from teamaround.recognition import nightly

    before, nightly.OVERLAP = nightly.OVERLAP, dt.timedelta(0)
    try:
        assert recognise().entries == 2
        assert recognise().entries == 1, "what was joined is looked at once more"
        assert recognise().entries == 0
        third = add("nina", **LIKELY)
        outcome = recognise()
        assert (outcome.entries, outcome.review) == (1, 1)
        with cast.as_(cast.nina) as me:
            add_name(
                by=me, team=cast.nina.team.pk, person=third.pk, kind="alias", given="Kofi", family_name="Osei-Mensah"
            )  # fmt: skip
        assert recognise().entries == 1
    finally:
        nightly.OVERLAP = before
    assert recognise(everything=True).entries == 2


def test_a_pair_that_waits_is_weighed_anew_when_more_is_known(
    cast: Any, found: Finds, learn_number: Any
) -> None:
    pair = found(LIKELY)
    learn_number(pair)
    assert recognise().joined == 1
    with cast.as_(cast.morgan):
        now = Pair.objects.get()
        assert now.weight > pair.weight
        assert now.state == PairState.JOINED


def test_a_pair_that_nothing_brings_together_any_more_shows_how_it_fits_now(cast: Any, found: Finds) -> None:
    pair = found(LIKELY)
    with cast.as_(cast.tom) as me:
        (name,) = PersonName.objects.filter(subject_id=pair.other_id)
        add_name(by=me, team=cast.tom.team.pk, person=pair.other_id, given="Bram", family_name="Oduya")
        void_fact(by=me, fact=name, version=name.version, reason="Another child's name")
    recognise()
    with cast.as_(cast.morgan):
        now = Pair.objects.get()
        assert now.weight < 0 < pair.weight
        assert (now.given_level, now.state) == ("other", PairState.WAITING)


def test_a_pair_of_which_somebody_said_something_is_left_to_people(
    cast: Any, found: Finds, learn_number: Any
) -> None:
    from teamaround.recognition.actions import give_opinion

    pair = found(HARD)
    with cast.as_(cast.morgan) as me:
        give_opinion(
            by=me, team=cast.morgan.team.pk, pair=pair, answer="unsure", reason="I have not met them."
        )
    learn_number(pair)
    assert recognise().joined == 0
    with cast.as_(cast.morgan):
        assert Pair.objects.get().state == PairState.SECOND
        assert Opinion.objects.count() == 1


def test_twins_are_never_joined(cast: Any, add: Adds) -> None:
    add("yasmin", nhs_number=NUMBER)
    add("tom", given="Kwame", nhs_number="943 476 5870")
    assert recognise().joined == 0


def test_a_fully_shielded_child_is_never_joined_and_waits_for_those_who_may_see_both(
    cast: Any, certain: tuple[Person, Person]
) -> None:
    with cast.as_(cast.tom) as me:
        put_up_shield(
            by=me,
            team=cast.tom.team.pk,
            subject=certain[1].pk,
            level="full",
            reason="Somebody looks for him.",
            review_on=dt.date.today() + dt.timedelta(days=30),
        )
    outcome = recognise()
    assert (outcome.joined, outcome.review) == (0, 1)
    with cast.as_(cast.morgan):
        assert not Pair.objects.exists()
        assert not Merge.objects.exists()


def test_a_record_of_a_sensitive_service_is_never_joined(cast: Any, add: Adds) -> None:
    add("yasmin", nhs_number=NUMBER)
    add("sam", morgan=False, **CERTAIN)
    outcome = recognise()
    assert (outcome.joined, outcome.review) == (0, 1)
    with cast.as_(cast.morgan):
        assert not Pair.objects.exists()


@pytest.mark.parametrize("age", [40, None])
def test_grown_ups_of_a_sensitive_service_are_not_drawn_in(cast: Any, add: Adds, age: int | None) -> None:
    born = dt.date(dt.date.today().year - age, 3, 2) if age else None
    mother = add("yasmin", given="Efua", date_of_birth=born, nhs_number=NUMBER)
    add("tom", given="Efua", date_of_birth=born, nhs_number=NUMBER)
    with cast.as_(cast.sam) as me:
        involve(by=me, team=cast.sam.team.pk, subject=mother.pk)
    outcome = recognise()
    assert (outcome.pairs, outcome.joined, outcome.review) == (0, 0, 0)


def test_no_other_service_joins_records_and_the_search_joins_only_by_its_function(
    cast: Any, certain: tuple[Person, Person]
) -> None:
    by_hand = {"subject_id": certain[1].pk, "into_id": certain[0].pk, "author_team_id": cast.yasmin.team.pk}
    with cast.as_(cast.morgan):
        actors = [searching(), service_actor("housekeeping")]
    for actor in actors:
        with acting_as(actor), transaction.atomic():
            with pytest.raises(DatabaseError), transaction.atomic():
                Merge.objects.create(reason="Because I can.", **by_hand)
            assert not Person.objects.exists()


@pytest.mark.parametrize(
    "asks",
    [
        "select * from app.entries_changed(null)",
        "select * from app.entries_near('{1}')",
        "select * from app.entries_to_recognise('{1}')",
        "select app.entries_counted()",
        "select * from app.pairs_known('{1}')",
        "select * from app.recognition_decisions()",
        "select app.join_recognised(gen_random_uuid())",
        "select app.keep_run(gen_random_uuid(), now(), null, '1', 1, 1, 1, 1)",
        "select app.held_apart(1, 2)",
        "select app.search_spares(1)",
    ],
)
def test_what_the_search_reads_answers_nobody_else(cast: Any, asks: str) -> None:
    with cast.as_(cast.morgan):
        housekeeping = service_actor("housekeeping")
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(asks)
    with (
        acting_as(housekeeping),
        transaction.atomic(),
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(asks)


def test_the_figures_of_agreement_answer_no_one_who_manages_nothing(cast: Any) -> None:
    with (
        cast.as_(cast.yasmin),
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("select * from app.recognition_agreement()")


def test_the_command_prints_counts_and_compares_the_model_with_decisions(
    cast: Any, found: Finds, add: Adds, capsys: pytest.CaptureFixture[str]
) -> None:
    from teamaround.recognition.actions import give_opinion
    from teamaround.site.commands.recognise import run

    pair = found(LIKELY)
    with cast.as_(cast.morgan) as me:
        give_opinion(by=me, team=cast.morgan.team.pk, pair=pair, answer="same", reason="His mother says so.")
    for by in ("nina", "tom"):
        add(by, given="Ama", family_name="Boateng", postcode="NM9 9ZZ", nhs_number=NUMBER, sex="F")
    asked = {"all": False, "evaluate": False, "model": None, "json": True}
    assert run(Namespace(**asked)) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["joined"], told["put_to_review"]) == (1, 0)
    assert run(Namespace(**{**asked, "evaluate": True})) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["decided_by_people"] == told["same"] == 1
    assert told["joined_automatically"] == 1
    assert (told["would_join"], told["recall"], told["precision"]) == (0, 0.0, None)
    assert told["bands"][0]["from"] == 2
    assert run(Namespace(**{**asked, "evaluate": True, "json": False})) == 0
    assert "2 to 4 bits: 1 decided" in capsys.readouterr().out


def test_a_model_that_cannot_be_used_is_told_in_one_line(
    cast: Any, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    from teamaround.site.commands.recognise import run

    wrong = tmp_path / "weights.json"
    wrong.write_text("{}")
    assert run(Namespace(all=False, evaluate=True, model=wrong, json=True)) == 2
    assert "cannot be used" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"family_name": "Mensah"}, {"date_of_birth": dt.date(2013, 8, 17), "postcode": "NM4 3CD"}),
        ({"family_name": "Mensah"}, {"date_of_birth": dt.date(2015, 5, 17), "postcode": "NM4 3CD"}),
        ({"family_name": "Ossei-Mensah"}, {"date_of_birth": None, "postcode": ""}),
        ({"family_name": "Ossei-Mensah", "date_of_birth": None, "postcode": ""}, {}),
    ],
    ids=["another month", "another year", "a bare name to a record", "a record to a bare name"],
)
def test_a_changed_surname_with_a_slip_in_the_birthday_and_a_bare_name_are_compared(
    cast: Any, add: Adds, first: dict[str, Any], second: dict[str, Any]
) -> None:
    one, other = add("yasmin", **first), add("tom", **second)
    with acting_as(searching()), transaction.atomic():
        assert near([one.pk]) == near([other.pk]) == {one.pk, other.pk}


def test_a_forename_alone_is_compared_with_nobody(cast: Any, add: Adds) -> None:
    one = add("yasmin", family_name="Mensah", date_of_birth=None, postcode="")
    add("tom")
    with acting_as(searching()), transaction.atomic():
        assert near([one.pk]) == {one.pk}
