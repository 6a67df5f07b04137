"""The review desk: who sees which pair, what an answer does, and that nobody is told what another said first."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from harness.cast import Member
from recognition.conftest import HARD, LIKELY, Adds, Finds
from teamaround.people.merges import undo_merge
from teamaround.people.models import Merge, Person
from teamaround.recognition.actions import OpinionRefused, ask_again, give_opinion
from teamaround.recognition.models import AskedAgain, Opinion, Pair, PairState
from teamaround.recognition.nightly import recognise


@pytest.fixture
def pair(found: Finds) -> Pair:
    """Two records of which nobody is sure yet; one person decides."""
    return found(LIKELY)


@pytest.fixture
def hard(found: Finds) -> Pair:
    """Two records that may be twins: two people decide."""
    return found(HARD)


def url(pair: Pair, name: str = "pair") -> str:
    return reverse(f"recognition:{name}", args=[pair.uuid])


def answer(member: Member, pair: Pair, said: str, reason: str = "The school says so.", **more: str) -> Any:
    client = member.client()
    page = client.get(url(pair))
    into = page.context["form"]["into"].initial
    return client.post(url(pair), {"answer": said, "reason": reason, "into": into, **more})


def state(cast: Any, pair: Pair) -> str:
    with cast.as_(cast.morgan):
        return str(Pair.objects.get(pk=pair.pk).state)


def say(cast: Any, member: Member, pair: Pair, said: str, reason: str = "So I was told.") -> None:
    with cast.as_(member) as me:
        give_opinion(
            by=me, team=member.team.pk, pair=Pair.objects.get(pk=pair.pk), answer=said, reason=reason
        )


def test_a_pair_stands_on_the_list_and_opens_side_by_side(cast: Any, pair: Pair) -> None:
    client = cast.morgan.client()
    listed = client.get(reverse("recognition:desk")).content.decode()
    assert "Kofi Osei-Mensah and Kofi Osey" in listed
    page = client.get(url(pair))
    text = page.content.decode()
    assert page.status_code == 200
    assert "Differs" in text
    assert "Moor Lane School says" in text
    assert '<mark class="rc-differs">Osey</mark>' in text


def test_the_steps_of_the_waterfall_add_up_to_the_weight(cast: Any, pair: Pair) -> None:
    from teamaround.recognition.scores import score_of

    score = score_of(pair)
    assert sum(term.weight for term in score.terms) == pytest.approx(pair.weight, abs=1e-6)
    steps = cast.morgan.client().get(url(pair)).context["weighed"].steps
    bits = [float(step.bits.replace("−", "-")) for step in steps]
    assert sum(bits[:-1]) == pytest.approx(bits[-1], abs=0.05 * len(bits))


def test_each_person_shown_leaves_a_line_in_the_access_log(
    cast: Any, pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    from teamaround.access import middleware

    told: list[set[int]] = []
    monkeypatch.setattr(middleware, "write_look", lambda **said: told.append(set(said["looks"].lines)))
    cast.morgan.client().get(url(pair))
    cast.morgan.client().get(reverse("recognition:desk"))
    assert told == [{pair.subject_id, pair.other_id}] * 2


def test_the_same_child_is_joined_and_the_next_pair_follows(cast: Any, pair: Pair, found: Finds) -> None:
    other = found({"given": "Ama", **LIKELY}, {"given": "Ama"})
    said = answer(cast.morgan, pair, "same")
    on = cast.morgan.client().get(said.headers["Location"])
    assert on.headers["Location"].startswith(url(other))
    assert state(cast, pair) == PairState.SAME
    with cast.as_(cast.morgan):
        merge = Merge.objects.get(undone_at=None)
        assert {merge.subject_id, merge.into_id} == {pair.subject_id, pair.other_id}
        assert merge.reason == "The school says so."
        assert Pair.objects.get(pk=pair.pk).merge_id == merge.pk


def test_the_record_that_was_chosen_stands_for_the_child(cast: Any, pair: Pair) -> None:
    with cast.as_(cast.morgan):
        chosen = Person.objects.get(pk=pair.other_id)
    answer(cast.morgan, pair, "same", into=str(chosen.uuid))
    with cast.as_(cast.morgan):
        assert Merge.objects.get().into_id == chosen.pk


@pytest.mark.parametrize("missing", ["answer", "reason"])
def test_an_answer_needs_a_reason_and_a_reason_an_answer(cast: Any, pair: Pair, missing: str) -> None:
    said = {"answer": "same", "reason": "The mother says so.", missing: ""}
    refused = answer(cast.morgan, pair, said["answer"], said["reason"])
    assert refused.status_code == 200
    assert "There is a problem" in refused.content.decode()
    assert state(cast, pair) == PairState.WAITING


def test_one_who_may_not_open_both_records_does_not_learn_of_the_pair(cast: Any, pair: Pair) -> None:
    manager = cast.second_manager
    client = manager.client()
    assert "Kofi" not in client.get(reverse("recognition:desk")).content.decode()
    assert client.get(url(pair)).status_code == 404
    assert client.get(url(pair, "ask_again")).status_code == 404
    with cast.as_(manager):
        assert not Pair.objects.exists()


def test_nobody_but_a_manager_comes_to_the_desk(cast: Any, pair: Pair) -> None:
    client = cast.yasmin.client()
    for where in (reverse("recognition:desk"), reverse("recognition:agreement"), url(pair)):
        assert client.get(where).status_code == 403
    with cast.as_(cast.yasmin):
        assert not Pair.objects.exists()
    with cast.as_(cast.yasmin) as me, pytest.raises(OpinionRefused):
        give_opinion(by=me, team=cast.yasmin.team.pk, pair=pair, answer="same", reason="I know him.")


def test_a_hard_pair_asks_for_two_who_agree(cast: Any, hard: Pair) -> None:
    assert hard.hard
    cast.let_second_manager_in(hard)
    answer(cast.morgan, hard, "different")
    assert state(cast, hard) == PairState.SECOND
    answer(cast.second_manager, hard, "different")
    assert state(cast, hard) == PairState.DIFFERENT


def test_where_two_differ_a_third_is_asked(cast: Any, hard: Pair) -> None:
    cast.let_second_manager_in(hard)
    say(cast, cast.morgan, hard, "different")
    say(cast, cast.second_manager, hard, "same")
    assert state(cast, hard) == PairState.SECOND
    with cast.as_(cast.morgan):
        assert not Merge.objects.exists()


def test_who_cannot_tell_leaves_it_to_another(cast: Any, pair: Pair) -> None:
    cast.let_second_manager_in(pair)
    say(cast, cast.morgan, pair, "unsure")
    assert state(cast, pair) == PairState.SECOND
    say(cast, cast.second_manager, pair, "same")
    assert state(cast, pair) == PairState.SAME


def test_nobody_reads_what_another_said_before_they_have_answered(cast: Any, hard: Pair) -> None:
    cast.let_second_manager_in(hard)
    say(cast, cast.morgan, hard, "same", "Blue coat on Tuesdays.")
    with cast.as_(cast.second_manager):
        assert not Opinion.objects.exists()
    page = cast.second_manager.client().get(url(hard)).content.decode()
    assert "Blue coat" not in page
    assert "Somebody has looked at this pair already" in page
    assert "Blue coat" in cast.morgan.client().get(url(hard)).content.decode()
    answer(cast.second_manager, hard, "different")
    assert "Blue coat" in cast.second_manager.client().get(url(hard)).content.decode()


def test_nobody_answers_twice(cast: Any, hard: Pair) -> None:
    say(cast, cast.morgan, hard, "same")
    with pytest.raises(OpinionRefused):
        say(cast, cast.morgan, hard, "same")
    listed = cast.morgan.client().get(reverse("recognition:desk"), {"show": "others"}).content.decode()
    assert "Kwame" in listed
    assert "Kwame" not in cast.morgan.client().get(reverse("recognition:desk")).content.decode()


def test_an_answer_that_comes_too_late_says_so_and_loses_nothing_of_what_was_written(
    cast: Any, pair: Pair
) -> None:
    say(cast, cast.morgan, pair, "different")
    said = {"answer": "same", "reason": "Their mother says that it is one child.", "into": ""}
    answer = cast.morgan.client().post(url(pair), said)
    assert answer.status_code == 409
    assert "Your answer was not saved" in answer.content.decode()
    assert "Their mother says that it is one child." in answer.content.decode()
    again = cast.morgan.client().get(url(pair))
    assert "not saved" not in again.content.decode()


def test_an_opinion_is_never_changed_and_never_in_another_s_name(cast: Any, hard: Pair) -> None:
    say(cast, cast.morgan, hard, "same")
    with cast.as_(cast.morgan):
        kept = Opinion.objects.get()
        assert kept.recorded_by_id == cast.morgan.practitioner.pk
        for change in ({"answer": "different"}, {"reason": "Something else."}):
            with pytest.raises(DatabaseError), transaction.atomic():
                Opinion.objects.filter(pk=kept.pk).update(**change)
        with pytest.raises(DatabaseError), transaction.atomic():
            Opinion.objects.filter(pk=kept.pk).delete()


def test_different_children_are_not_put_again_nor_joined_by_a_later_search(cast: Any, pair: Pair) -> None:
    answer(cast.morgan, pair, "different")
    assert state(cast, pair) == PairState.DIFFERENT
    for everything in (False, True):
        outcome = recognise(everything=everything)
        assert (outcome.joined, outcome.review) == (0, 0)
    assert state(cast, pair) == PairState.DIFFERENT


def test_certainty_that_comes_later_does_not_overturn_a_decision(
    cast: Any, pair: Pair, learn_number: Any
) -> None:
    answer(cast.morgan, pair, "different")
    learn_number(pair)
    outcome = recognise(everything=True)
    assert (outcome.joined, outcome.review) == (0, 0)
    with cast.as_(cast.morgan):
        assert not Merge.objects.exists()


def test_weights_of_another_version_do_not_open_a_decision_again(cast: Any, pair: Pair) -> None:
    from dataclasses import replace

    from teamaround.linkage.model import shipped

    answer(cast.morgan, pair, "different")
    later = replace(shipped(), version="2", join=-6.0)
    outcome = recognise(everything=True, model=later)
    assert (outcome.joined, outcome.review) == (0, 0)
    assert state(cast, pair) == PairState.DIFFERENT


def test_a_decided_pair_is_put_again_by_a_person_with_a_reason(cast: Any, pair: Pair) -> None:
    answer(cast.morgan, pair, "different")
    client = cast.morgan.client()
    assert client.post(url(pair, "ask_again"), {"reason": ""}).status_code == 200
    assert state(cast, pair) == PairState.DIFFERENT
    client.post(url(pair, "ask_again"), {"reason": "The birth certificate came."})
    assert state(cast, pair) == PairState.WAITING
    with cast.as_(cast.morgan):
        again = AskedAgain.objects.get()
        assert (again.asked, again.reason) == (2, "The birth certificate came.")
        assert Opinion.objects.get().asked == 1
    answer(cast.morgan, pair, "same")
    assert state(cast, pair) == PairState.SAME
    page = client.get(url(pair)).content.decode()
    assert page.index("The school says so.") < page.index("The birth certificate came.")


def test_what_was_asked_again_is_left_to_people_however_certain(
    cast: Any, pair: Pair, learn_number: Any
) -> None:
    answer(cast.morgan, pair, "different")
    with cast.as_(cast.morgan) as me:
        ask_again(
            by=me,
            team=cast.morgan.team.pk,
            pair=Pair.objects.get(),
            reason="The birth certificate came.",
        )
    learn_number(pair)
    assert recognise(everything=True).joined == 0
    assert state(cast, pair) == PairState.WAITING


def test_only_what_was_told_apart_is_asked_again(cast: Any, pair: Pair) -> None:
    with cast.as_(cast.morgan) as me, pytest.raises(OpinionRefused):
        ask_again(by=me, team=cast.morgan.team.pk, pair=pair, reason="I wonder.")


def test_the_database_lets_nobody_write_a_decision_by_hand(cast: Any, pair: Pair) -> None:
    from teamaround.database.actor import acting_as
    from teamaround.recognition.entries import searching

    with cast.as_(cast.morgan):
        assert Pair.objects.filter(pk=pair.pk).update(state="different") == 0
        actor = searching()
    with acting_as(actor), transaction.atomic():
        for change in ({"state": "joined"}, {"state": "different"}, {"asked": 2}, {"subject_id": 1}):
            with pytest.raises(DatabaseError), transaction.atomic():
                Pair.objects.filter(pk=pair.pk).update(**change)
    answer(cast.morgan, pair, "different")
    with acting_as(actor), transaction.atomic():
        with pytest.raises(DatabaseError), transaction.atomic():
            Pair.objects.filter(pk=pair.pk).update(weight=30.0)
        with connection.cursor() as cursor:
            cursor.execute("select app.join_recognised(%s)", [pair.uuid])
            assert cursor.fetchone() == (False,)


def test_undoing_the_joining_decides_that_they_are_different(cast: Any, pair: Pair) -> None:
    answer(cast.morgan, pair, "same")
    with cast.as_(cast.morgan) as me:
        undo_merge(by=me, team=cast.morgan.team.pk, merge=Merge.objects.get(), reason="Two cousins.")
    assert state(cast, pair) == PairState.DIFFERENT
    assert recognise(everything=True).joined == 0
    assert "parted again" in cast.morgan.client().get(url(pair)).content.decode()


def test_who_joins_by_hand_what_was_told_apart_has_asked_again(cast: Any, pair: Pair) -> None:
    from teamaround.people.merges import merge_records

    answer(cast.morgan, pair, "different")
    with cast.as_(cast.morgan) as me:
        merge_records(
            by=me,
            team=cast.morgan.team.pk,
            person=pair.other_id,
            into=pair.subject_id,
            reason="The mother came.",
        )
        assert AskedAgain.objects.get().reason == "The mother came."
    assert state(cast, pair) == PairState.SAME


def test_the_figures_tell_how_far_people_agree(cast: Any, hard: Pair) -> None:
    cast.let_second_manager_in(hard)
    say(cast, cast.morgan, hard, "different")
    client = cast.morgan.client()
    before = client.get(reverse("recognition:agreement")).context["overall"]
    assert (before.opinions, before.open) == (0, 1)
    say(cast, cast.second_manager, hard, "different")
    after = client.get(reverse("recognition:agreement")).context["overall"]
    assert (after.opinions, after.twice, after.agreeing) == (2, 1, 1)


@pytest.mark.parametrize("name", ["desk", "pair", "ask_again", "agreement"])
def test_a_page_of_the_desk_asks_few_questions(cast: Any, hard: Pair, name: str) -> None:
    cast.let_second_manager_in(hard)
    if name != "pair":
        say(cast, cast.morgan, hard, "different")
        say(cast, cast.second_manager, hard, "different")
    else:
        say(cast, cast.second_manager, hard, "different")
    client = cast.morgan.client()
    where = url(hard, name) if name in ("pair", "ask_again") else reverse(f"recognition:{name}")
    client.get(where)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(where).status_code == 200
    assert len(asked) <= 15, "\n".join(each["sql"][:160] for each in asked.captured_queries)


def test_a_long_list_is_read_page_by_page_in_either_order(cast: Any, add: Adds) -> None:
    names = ("Ama", "Esi", "Yaw", "Adwoa", "Kwesi", "Abena")
    for place, given in enumerate(names):
        for by, said in (("yasmin", {}), ("tom", LIKELY)):
            add(by, given=given, postcode=f"NM{place + 1} 1AA", **said)
    recognise()
    from teamaround.recognition import loaders

    before, loaders.A_PAGE = loaders.A_PAGE, 2
    try:
        client = cast.morgan.client()
        for order in ("hardest", "oldest"):
            where, seen = f"?order={order}", []
            while where:
                page = client.get(reverse("recognition:desk") + where)
                seen += [line.url for line in page.context["lines"]]
                where = page.context["next"]
            assert len(seen) == len(set(seen)) == page.context["lists"][0][2] > 4
    finally:
        loaders.A_PAGE = before
