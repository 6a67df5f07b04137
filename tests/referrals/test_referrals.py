"""A referral from sending to closing: who may do what, what each team sees, what a stale page does."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.utils import Error

from teamaround.access.edits import StaleEdit
from teamaround.events.models import Event
from teamaround.index.models import Involvement
from teamaround.notices.models import Message
from teamaround.people.actions import add_person
from teamaround.people.models import Person
from teamaround.procedures import actions as procedures
from teamaround.procedures.models import Allocation, Clock, Episode
from teamaround.referrals import actions, loaders
from teamaround.referrals.models import ReceiptCheck, Referral, ReferralStep

YES = {"criteria_met": "yes", "family_knows": "yes", "details_complete": "yes", "assessments_read": "yes"}


def intake(**more: Any) -> actions.Intake:
    return actions.Intake(
        **{
            "given": "Kofi",
            "family_name": "Osei",
            "date_of_birth": dt.date(2014, 3, 2),
            "worries": "He is late most days and falls asleep in lessons.",
            "cares": True,
            "cares_for": "Mum",
            "caring_tasks": "Cooks in the evening\nSits with her at night",
            **more,
        }
    )


@pytest.fixture
def known(area: Any) -> int:
    """Tom refers Kofi, whom the school has in the index: the referral's key."""
    with area.as_(area.tom) as me:
        child = add_person(
            by=me, team=area.tom.team.pk, given="Kofi", family_name="Osei", date_of_birth=dt.date(2014, 3, 2)
        )
        return send(area, me, child.pk).pk


@pytest.fixture
def unknown(area: Any) -> int:
    """Tom refers a child whom nobody has found in the index yet: the referral's key."""
    with area.as_(area.tom) as me:
        return send(area, me, None).pk


def send(cast: Any, me: Any, child: int | None, **more: Any) -> Referral:
    token = more.pop("form_token", None) or uuid.uuid4()
    return actions.send(
        by=me,
        team=cast.tom.team.pk,
        receiving_team=cast.yasmin.team,
        child=child,
        intake=intake(**more),
        form_token=token,
    )


def at(pk: int) -> Referral:
    return loaders.whole().get(pk=pk)


def kinds(pk: int) -> list[str]:
    return list(ReferralStep.objects.filter(referral=pk).order_by("id").values_list("kind", flat=True))


def test_both_teams_read_a_referral_and_nobody_else_does(area: Any, known: int) -> None:
    for reader in (area.tom, area.morgan, area.yasmin):
        with area.as_(reader):
            assert at(known).child == "Kofi Osei"
            assert kinds(known) == ["received"]
    for outsider in (area.nina, area.sam, area.olive, area.admin, area.greta):
        with area.as_(outsider):
            assert not Referral.objects.filter(pk=known).exists()
            assert kinds(known) == []


def test_the_same_form_never_sends_two_referrals(area: Any) -> None:
    token = uuid.uuid4()
    with area.as_(area.tom) as me:
        first = send(area, me, None, form_token=token)
        second = send(area, me, None, form_token=token)
        assert first.pk == second.pk
        assert Episode.objects.filter(referring_team=area.tom.team).count() == 1


def test_sending_tells_those_who_decide_and_starts_the_clock(area: Any, known: int) -> None:
    with area.as_(area.morgan) as me:
        assert [row.pk for row in loaders.waiting_rows(me)] == [known]
        assert loaders.waiting_rows(me)[0].due < loaders.NEVER
        assert Clock.objects.filter(episode=at(known).episode_id, stopped_at=None).exists()
    with area.as_(area.admin):
        assert area.morgan.account.email in {message.address for message in Message.objects.all()}


def test_a_referrer_cannot_change_what_was_written(area: Any, known: int) -> None:
    with pytest.raises(Error), area.as_(area.tom):
        Referral.objects.filter(pk=known).update(worries="Something else")
    with pytest.raises(Error), area.as_(area.morgan):
        Referral.objects.filter(pk=known).update(worries="Something else")


def test_a_step_is_never_slipped_into_a_referral_between_others(area: Any, known: int) -> None:
    with area.as_(area.tom):
        row = at(known)
    with pytest.raises(Error), area.as_(area.olive):
        ReferralStep.objects.create(
            referral_id=known,
            category="referral",
            author_team_id=area.olive.team.pk,
            referring_team_id=row.author_team_id,
            receiving_team_id=row.receiving_team_id,
            kind="accepted",
        )


def test_only_a_decider_of_the_receiving_team_accepts(area: Any, known: int) -> None:
    for other in (area.yasmin, area.tom):
        with area.as_(other) as me:
            row = at(known)
            with pytest.raises(PermissionDenied):
                actions.accept(by=me, referral=row, version=row.episode.version)


def test_accepting_and_naming_a_worker_tells_the_referrer_each_step(area: Any, known: int) -> None:
    with area.as_(area.morgan) as me:
        row = at(known)
        actions.check_receipt(by=me, referral=row, version=0, answers=YES)
        row = at(known)
        actions.accept(
            by=me,
            referral=row,
            version=row.episode.version,
            words="We start next week",
            practitioner=area.yasmin.practitioner.pk,
        )
        assert Involvement.objects.filter(practitioner=area.yasmin.practitioner, role="lead").exists()
        stopped = Event.objects.filter(episode=row.episode_id).values_list("kind", flat=True)
        assert {"referral.checked", "referral.accepted", "allocation.made"} <= set(stopped)
    with area.as_(area.tom) as me:
        assert kinds(known) == ["received", "checked", "accepted", "allocated"]
        assert "Yasmin Okoro" in ReferralStep.objects.get(kind="allocated").words
        assert not Allocation.objects.exists()
        assert loaders.news_for(me)[0].text == "Young carers team named a worker"
    with area.as_(area.admin):
        told = [message.address for message in Message.objects.all()]
        assert area.tom.account.email in told
        assert area.yasmin.account.email in told


def test_a_page_opened_before_a_colleague_answered_is_stale(area: Any, known: int) -> None:
    with area.as_(area.morgan) as me:
        seen = at(known).episode.version
        actions.accept(by=me, referral=at(known), version=seen)
        with pytest.raises(StaleEdit):
            actions.decline(by=me, referral=at(known), version=seen, reason="No room")
        assert kinds(known) == ["received", "accepted"]


def test_two_managers_do_not_name_two_workers_unseen(area: Any, known: int) -> None:
    with area.as_(area.morgan) as me:
        actions.accept(by=me, referral=at(known), version=at(known).episode.version)
        seen = at(known).episode.version
        actions.allocate(by=me, referral=at(known), version=seen, practitioner=area.yasmin.practitioner.pk)
        with pytest.raises(StaleEdit):
            actions.allocate(by=me, referral=at(known), version=seen, practitioner=area.yusuf.practitioner.pk)


def test_declining_needs_a_reason_and_the_referrer_reads_it(area: Any, known: int) -> None:
    with area.as_(area.morgan) as me:
        row = at(known)
        with pytest.raises(procedures.EpisodeRefused, match="Say why"):
            actions.decline(by=me, referral=row, version=row.episode.version, reason=" ")
        actions.decline(
            by=me, referral=row, version=row.episode.version, reason="Too young; try the school nurse"
        )
        assert not Person.objects.filter(pk=row.subject_id).exists()
    with area.as_(area.tom) as me:
        assert ReferralStep.objects.get(kind="declined").words == "Too young; try the school nurse"
        assert loaders.news_for(me)[0].tone == "bad"


def test_an_unknown_child_is_named_before_the_referral_is_accepted(area: Any, unknown: int) -> None:
    with area.as_(area.morgan) as me:
        row = at(unknown)
        with pytest.raises(procedures.EpisodeRefused, match="which child"):
            actions.accept(by=me, referral=row, version=row.episode.version)
        actions.check_receipt(by=me, referral=at(unknown), version=0, answers=YES)
        row = at(unknown)
        person = actions.add_child(by=me, referral=row, version=row.episode.version)
        row = at(unknown)
        assert row.subject_id == person.pk
        assert ReceiptCheck.objects.get(referral=unknown).subject_id == person.pk
        assert Event.objects.filter(subject=person.pk, kind="referral.checked").exists()
        actions.accept(by=me, referral=row, version=row.episode.version)
    with area.as_(area.tom):
        assert at(unknown).subject_id == person.pk


def test_two_colleagues_do_not_name_two_children(area: Any, unknown: int) -> None:
    with area.as_(area.yasmin) as me:
        seen = at(unknown).episode.version
        actions.add_child(by=me, referral=at(unknown), version=seen)
        with pytest.raises(StaleEdit):
            actions.add_child(by=me, referral=at(unknown), version=seen)
        assert Person.objects.filter(given="Kofi").count() == 1


def test_checks_opened_before_a_colleague_saved_are_stale(area: Any, known: int) -> None:
    with area.as_(area.yasmin) as me:
        actions.check_receipt(by=me, referral=at(known), version=0, answers={"criteria_met": "yes"})
        with pytest.raises(StaleEdit):
            actions.check_receipt(by=me, referral=at(known), version=0, answers=YES)
        assert kinds(known) == ["received"]
        actions.check_receipt(by=me, referral=at(known), version=1, answers=YES)
        actions.check_receipt(by=me, referral=at(known), version=2, answers={"criteria_note": "Young carer"})
        assert kinds(known) == ["received", "checked"]


def test_a_question_and_its_answer_are_read_by_both_teams(area: Any, known: int) -> None:
    with area.as_(area.yasmin) as me:
        actions.write_to_referrer(by=me, referral=at(known), kind="question", words="When can we ring?")
        with pytest.raises(PermissionDenied):
            actions.answer(by=me, referral=at(known), words="At noon")
    with area.as_(area.tom) as me:
        actions.answer(by=me, referral=at(known), words="After school")
        with pytest.raises(PermissionDenied):
            actions.write_to_referrer(by=me, referral=at(known), kind="question", words="And now?")
    with area.as_(area.yasmin) as me:
        assert kinds(known) == ["received", "question", "answered"]
        assert loaders.news_for(me)[0].text == "Pastoral team answered"


def test_what_a_team_takes_down_for_somebody_else_is_its_own_referral(area: Any) -> None:
    with area.as_(area.yasmin) as me:
        row = actions.send(
            by=me,
            team=area.yasmin.team.pk,
            receiving_team=area.yasmin.team,
            child=None,
            intake=intake(arrival="for_another", told_by="Mrs Bell, grandmother"),
            form_token=uuid.uuid4(),
        )
    with area.as_(area.morgan) as me:
        assert [each.pk for each in loaders.waiting_rows(me)] == [row.pk]
    with area.as_(area.tom):
        assert not Referral.objects.exists()


def test_the_referrer_reads_how_a_case_ended_and_nothing_of_the_case(area: Any, known: int) -> None:
    with area.as_(area.morgan) as me:
        row = at(known)
        actions.accept(by=me, referral=row, version=row.episode.version)
        episode = Episode.objects.get(pk=row.episode_id)
        for gate in procedures.standing(episode).missing_gates:
            if gate.event != "episode.closed":
                procedures.happened(by=me, episode=episode, kind=gate.event, subjects=[row.subject_id])
        procedures.close(by=me, episode=episode, version=episode.version, outcome="He is at school each day")
    with area.as_(area.tom) as me:
        assert at(known).episode.outcome_for_referrer == "He is at school each day"
        assert loaders.news_for(me)[0].detail == "He is at school each day"


def test_the_lists_use_their_keys_to_go_on(area: Any) -> None:
    with area.as_(area.tom) as me:
        sent = [send(area, me, None, given=f"Child {n}").pk for n in range(4)]
        rows = loaders.sent_rows(me)
        assert [row.pk for row in loaders.before(rows, str(sent[2]))] == [sent[1], sent[0]]
        assert len(loaders.before(rows, "nonsense")) == 4
    with area.as_(area.morgan) as me:
        rows = loaders.waiting_rows(me)
        first = list(rows[:2])
        rest = loaders.after_waiting(rows, loaders.waiting_cursor(first[-1]))
        assert {row.pk for row in rest} == set(sent) - {row.pk for row in first}
        assert len(loaders.after_waiting(rows, "99999999999999999999_1")) == 4


def test_the_history_of_a_referral_follows_its_reading_rule(area: Any, known: int) -> None:
    seen = {}
    for reader in (area.tom, area.morgan, area.olive):
        with area.as_(reader), connection.cursor() as cursor:
            cursor.execute("select count(*) from referral_history where id = %s", [known])
            seen[reader.practitioner.name] = cursor.fetchone()[0]
    assert seen == {"Tom Reyes": 1, "Morgan Hale": 1, "Olive Marsh": 0}


def test_who_asks_in_anothers_name_is_told_no_news_of_theirs(area: Any, known: int) -> None:
    with area.as_(area.morgan) as me:
        row = at(known)
        actions.decline(by=me, referral=row, version=row.episode.version, reason="Not a carer")
    for asker, number in ((area.tom, 1), (area.olive, 0), (area.nina, 0), (area.admin, 0), (area.tom, 1)):
        with area.as_(asker):
            assert len(loaders.news_for(area.tom.me)) == number
