"""A run is withdrawn after others built on it: exactly what was shown goes, and what others rest on stays."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from harness.cases import with_procedures
from importing.caseloads import HEADER, ONE, brought_in, checked, withdrawn
from teamaround.importing import actions, jobs, withdrawing
from teamaround.importing.models import After, ImportRow, ImportRun, Outcome, RunState
from teamaround.importing.resting import reasons_of
from teamaround.index.actions import Query, involve, search
from teamaround.index.models import Involvement
from teamaround.people.actions import add_address, add_need, add_person
from teamaround.people.merges import merge_records, undo_merge
from teamaround.people.models import Address, Caring, Identifier, Person, PersonName
from teamaround.procedures.actions import accept, receive

THEIRS = b"UPN,Surname,Forename,DOB,Postcode\nB801200005001,Osei,Kofi,02/03/2014,SK3 2DU\n"
TWO = (HEADER + "YC1,Osei,Kofi,02/03/2014,SK3 2DU,,\nYC2,Adjei,Ama,04/05/2013,SK4 1AA,,\n").encode()


def test_a_withdrawn_import_ends_involvements_voids_facts_and_deletes_nothing(cast: Any) -> None:
    run = brought_in(cast, cast.yasmin, checked(cast, cast.yasmin, ONE))
    client = cast.yasmin.client()
    here = f"/caseload/{run.uuid}/withdraw/"
    assert client.post(here, {"reason": "The wrong file"}).status_code == 200
    plan = re.search(r'name="plan" value="([0-9a-f]{64})"', client.get(here).text)
    assert plan is not None
    answer = client.post(here, {"reason": "The wrong file", "plan": plan[1]})
    assert answer.status_code == 302
    jobs.go_on(run=run.pk)
    with cast.as_(cast.yasmin):
        run.refresh_from_db()
        assert run.state == RunState.WITHDRAWN
        assert Involvement.objects.get().until == timezone.localdate()
        for facts in (PersonName, Address, Identifier, Caring):
            row = facts.objects.get()
            assert row.voided_at is not None
            assert "The wrong file" in row.void_reason
        assert Person.objects.count() == 1


def names_found(cast: Any, member: Any, **query: Any) -> list[str]:
    with cast.as_(member) as me:
        found = search(by=me, query=Query(**{"name": "Kofi Osei", **query}), reason="Referral")
        return [each.name for each in found]


def test_a_child_whom_only_a_withdrawn_import_added_is_found_by_nobody(cast: Any) -> None:
    run = brought_in(cast, cast.yasmin, checked(cast, cast.yasmin, ONE))
    assert names_found(cast, cast.tom) == ["Kofi Osei"]
    withdrawn(cast, cast.yasmin, run)
    for member in (cast.yasmin, cast.tom, cast.sam):
        assert names_found(cast, member) == []
        assert names_found(cast, member, name="Kofi Osie", born=dt.date(2014, 3, 2)) == []
        assert names_found(cast, member, name="", postcode="SK3 2DU") == []
    with cast.as_(cast.yasmin):
        child = Person.objects.get()
        assert child.voided_at is not None
        assert "The wrong file" in child.void_reason
        kept = Person._meta.get_field("history").related_model
        assert kept._default_manager.filter(pgh_obj_id=child.pk, voided_at=None).exists()


def test_a_file_sent_again_after_a_withdrawal_adds_the_child_afresh(cast: Any) -> None:
    withdrawn(cast, cast.yasmin, brought_in(cast, cast.yasmin, checked(cast, cast.yasmin, ONE)))
    again = checked(cast, cast.yasmin, ONE)
    with cast.as_(cast.yasmin):
        assert ImportRow.objects.get(run=again).outcome == Outcome.ADD
    again = brought_in(cast, cast.yasmin, again)
    assert (again.state, again.added) == (RunState.DONE, 1)
    assert names_found(cast, cast.tom) == ["Kofi Osei"]


def test_a_child_whom_the_file_only_recognised_stays_to_be_found(cast: Any) -> None:
    with cast.as_(cast.tom) as me:
        add_person(
            by=me,
            team=cast.tom.team.pk,
            given="Kofi",
            family_name="Osei",
            date_of_birth=dt.date(2014, 3, 2),
            postcode="SK3 2DU",
        )
    run = checked(cast, cast.yasmin, ONE)
    with cast.as_(cast.yasmin):
        assert ImportRow.objects.get(run=run).outcome != Outcome.ADD
    withdrawn(cast, cast.yasmin, brought_in(cast, cast.yasmin, run))
    assert names_found(cast, cast.nina) == ["Kofi Osei"]


def test_a_sensitive_service_still_finds_whom_it_works_with_and_others_learn_nothing(cast: Any) -> None:
    run = brought_in(cast, cast.yasmin, checked(cast, cast.yasmin, ONE))
    with cast.as_(cast.yasmin):
        child = Person.objects.get().pk
    with cast.as_(cast.sam) as me:
        involve(by=me, team=cast.sam.team.pk, subject=child)
    withdrawn(cast, cast.yasmin, run)
    assert names_found(cast, cast.sam) == ["Kofi Osei"]
    for member in (cast.yasmin, cast.tom):
        assert names_found(cast, member) == []
    with cast.as_(cast.yasmin):
        assert ImportRow.objects.get(run=checked(cast, cast.yasmin, ONE)).outcome == Outcome.ADD


def test_withdrawing_opens_the_earlier_address_again(cast: Any) -> None:
    with cast.as_(cast.yasmin) as me:
        kofi = add_person(by=me, team=me.team.team, given="Kofi", family_name="Osei", local_reference="YC1",
                          date_of_birth=timezone.datetime(2014, 3, 2).date(), postcode="SK1 1AA")  # fmt: skip
    run = brought_in(cast, cast.yasmin, checked(cast, cast.yasmin, ONE))
    with cast.as_(cast.yasmin):
        assert Address.objects.get(subject_id=kofi.pk, until=None).postcode == "SK3 2DU"
    withdrawn(cast, cast.yasmin, run)
    with cast.as_(cast.yasmin):
        standing = Address.objects.get(subject_id=kofi.pk, until=None, voided_at=None)
        assert standing.postcode == "SK1 1AA"


def reasons(cast: Any, member: Any, run: ImportRun) -> list[str]:
    with cast.as_(member):
        plan = withdrawing.plan_of(run)
        staying = [subject for subject in withdrawing.children_of(run) if subject not in plan.gone]
        return [" ".join(why) for why in reasons_of(run, plan, staying).values()]


def row_states(cast: Any, member: Any, run: ImportRun) -> list[tuple[str, str]]:
    with cast.as_(member):
        return list(ImportRow.objects.filter(run=run).order_by("number").values_list("after", "after_why"))


def test_a_child_whom_another_teams_file_recognised_stays_without_what_this_file_said(cast: Any) -> None:
    run = brought_in(cast, cast.yasmin, checked(cast, cast.yasmin, TWO))
    brought_in(cast, cast.tom, checked(cast, cast.tom, THEIRS))
    assert any("Another team works with them." in why for why in reasons(cast, cast.yasmin, run))
    withdrawn(cast, cast.yasmin, run)
    assert names_found(cast, cast.nina) == ["Kofi Osei"]
    assert names_found(cast, cast.nina, name="Ama Adjei") == []
    with cast.as_(cast.tom):
        kofi = Person.objects.get(given="Kofi")
        assert kofi.voided_at is None
        assert Identifier.objects.get(scheme="upn").voided_at is None
        assert PersonName.objects.filter(author_team=cast.tom.team, voided_at=None).exists()
        assert Involvement.objects.get(author_team=cast.tom.team).until is None
    with cast.as_(cast.yasmin):
        assert not PersonName.objects.filter(author_team=cast.yasmin.team, voided_at=None).exists()
        assert not Involvement.objects.filter(author_team=cast.yasmin.team, until=None).exists()
    states = row_states(cast, cast.yasmin, run)
    assert [state for state, _ in states] == [After.STAYS, After.GONE]
    assert "Another team works with them." in states[0][1]
    page = cast.yasmin.client().get(f"/caseload/{run.uuid}/").text
    assert "Stays, without what this file said" in page
    assert "No longer in the index" in page


def test_a_child_with_a_referral_and_a_case_stays_and_the_case_goes_on(cast: Any) -> None:
    run = brought_in(cast, cast.yasmin, checked(cast, cast.yasmin, ONE))
    with_procedures(cast)
    with cast.as_(cast.yasmin):
        child = Person.objects.get().pk
    with cast.as_(cast.tom) as me:
        involve(by=me, team=cast.tom.team.pk, subject=child)
        episode = receive(
            by=me, team=cast.tom.team.pk, receiving_team=cast.yasmin.team, child=child, priority="standard"
        )
    with cast.as_(cast.morgan) as me:
        accept(by=me, episode=type(episode).objects.get(pk=episode.pk), version=episode.version)
    assert "There is a case." in reasons(cast, cast.yasmin, run)[0]
    withdrawn(cast, cast.yasmin, run)
    with cast.as_(cast.morgan):
        assert Person.objects.get(pk=child).voided_at is None
        assert type(episode).objects.get(pk=episode.pk).status == "open"
    assert names_found(cast, cast.nina) == ["Kofi Osei"]


def test_a_child_joined_with_another_record_stays_and_parts_again_whole(cast: Any) -> None:
    run = brought_in(cast, cast.yasmin, checked(cast, cast.yasmin, ONE))
    with cast.as_(cast.morgan) as me:
        child = Person.objects.get().pk
        other = add_person(
            by=me,
            team=me.team.team,
            given="Kofi",
            family_name="Osei-Mensah",
            date_of_birth=dt.date(2014, 3, 2),
        )
        merge = merge_records(
            by=me, team=me.team.team, person=child, into=other.pk, reason="Same birthday and home"
        )
    assert "Joined with another record." in reasons(cast, cast.yasmin, run)[0]
    withdrawn(cast, cast.yasmin, run)
    with cast.as_(cast.morgan) as me:
        assert Person.objects.get(pk=child).voided_at is None
        undo_merge(by=me, team=me.team.team, merge=merge, reason="They are cousins")
        assert Person.objects.filter(voided_at=None).count() == 2


def test_what_a_later_file_of_the_same_team_says_as_well_stays_as_that_files(cast: Any) -> None:
    first = brought_in(cast, cast.yasmin, checked(cast, cast.yasmin, TWO))
    later = brought_in(cast, cast.yasmin, checked(cast, cast.yasmin, ONE))
    assert "Another file of your team lists them." in reasons(cast, cast.yasmin, first)[0]
    withdrawn(cast, cast.yasmin, first)
    with cast.as_(cast.yasmin):
        kofi = Person.objects.get(given="Kofi")
        assert kofi.voided_at is None
        assert Involvement.objects.get(subject_id=kofi.pk).until is None
        assert Address.objects.get(subject_id=kofi.pk).voided_at is None
        assert Person.objects.get(given="Ama").voided_at is not None
    assert [state for state, _ in row_states(cast, cast.yasmin, first)] == [After.KEPT, After.GONE]
    withdrawn(cast, cast.yasmin, later)
    with cast.as_(cast.yasmin):
        assert Person.objects.get(given="Kofi").voided_at is not None
        assert not Involvement.objects.filter(until=None).exists()
        assert not PersonName.objects.filter(voided_at=None).exists()


def test_what_a_later_file_says_otherwise_is_voided_with_the_earlier_one(cast: Any) -> None:
    first = brought_in(cast, cast.yasmin, checked(cast, cast.yasmin, ONE))
    moved = (HEADER + "YC1,Osei,Kofi,02/03/2014,SK8 8AA,,\n").encode()
    brought_in(cast, cast.yasmin, checked(cast, cast.yasmin, moved))
    withdrawn(cast, cast.yasmin, first)
    with cast.as_(cast.yasmin):
        standing = Address.objects.get(until=None, voided_at=None)
        assert standing.postcode == "SK8 8AA"
        assert Address.objects.get(postcode="SK3 2DU").voided_at is not None
        assert Involvement.objects.get().until is None


def test_what_was_changed_or_added_by_hand_since_stays(cast: Any) -> None:
    run = brought_in(cast, cast.yasmin, checked(cast, cast.yasmin, ONE))
    with cast.as_(cast.yasmin) as me:
        child = Person.objects.get().pk
        add_address(by=me, team=me.team.team, person=child, postcode="SK1 1AA")
        add_need(by=me, team=me.team.team, person=child, kind="language", words="Twi")
    withdrawn(cast, cast.yasmin, run)
    with cast.as_(cast.yasmin):
        assert Person.objects.get().voided_at is None
        assert Address.objects.get(until=None, voided_at=None).postcode == "SK1 1AA"
    assert names_found(cast, cast.nina) == ["Kofi Osei"]


def test_a_sensitive_services_work_shows_in_no_plan(cast: Any) -> None:
    run = brought_in(cast, cast.yasmin, checked(cast, cast.yasmin, ONE))
    with cast.as_(cast.yasmin):
        child = Person.objects.get().pk
        before = withdrawing.plan_of(run).digest
    with cast.as_(cast.sam) as me:
        involve(by=me, team=cast.sam.team.pk, subject=child)
    with cast.as_(cast.yasmin):
        plan = withdrawing.plan_of(run)
        assert plan.digest == before
        assert plan.gone == {child}


def test_what_another_team_wrote_unseen_is_told_as_no_more_than_that(cast: Any) -> None:
    run = brought_in(cast, cast.yasmin, checked(cast, cast.yasmin, ONE))
    with cast.as_(cast.yasmin):
        child = Person.objects.get().pk
    with cast.as_(cast.tom) as me:
        involved = involve(by=me, team=cast.tom.team.pk, subject=child)
        add_need(by=me, team=cast.tom.team.pk, person=child, kind="language", words="Twi")
        Involvement.objects.filter(pk=involved.pk).update(until=timezone.localdate())
    assert reasons(cast, cast.yasmin, run) == ["Something else was recorded about them."]


def test_the_act_follows_the_plan_that_was_looked_at_or_does_nothing(cast: Any) -> None:
    run = brought_in(cast, cast.yasmin, checked(cast, cast.yasmin, ONE))
    with cast.as_(cast.yasmin) as me:
        child = Person.objects.get().pk
        plan = withdrawing.plan_of(run).digest
        with pytest.raises(actions.ImportRefused, match="Since you looked"):
            actions.withdraw(by=me, run=run, reason="The wrong file", plan="0" * 64)
        assert actions.withdraw(by=me, run=run, reason="The wrong file", plan=plan)
    with cast.as_(cast.tom) as me:
        involve(by=me, team=cast.tom.team.pk, subject=child)
    with cast.as_(cast.yasmin) as me:
        jobs.step(me, run.pk)
        run.refresh_from_db()
        assert (run.state, run.failure) == (RunState.DONE, withdrawing.CHANGED)
        assert Person.objects.get().voided_at is None
        assert Involvement.objects.filter(author_team=cast.yasmin.team, until=None).exists()
    assert "Since you looked" in cast.yasmin.client().get(f"/caseload/{run.uuid}/").text
    withdrawn(cast, cast.yasmin, run)


def test_a_withdrawal_that_is_replayed_changes_nothing_more(cast: Any) -> None:
    run = withdrawn(cast, cast.yasmin, brought_in(cast, cast.yasmin, checked(cast, cast.yasmin, ONE)))
    with cast.as_(cast.yasmin) as me:
        before = Person.objects.get().version
        jobs.step(me, run.pk)
        assert not actions.withdraw(by=me, run=run, reason="The wrong file", plan="")
        assert Person.objects.get().version == before
        assert ImportRow.objects.get(run=run).after == After.GONE


def test_a_withdrawal_killed_in_the_middle_is_taken_up_and_done_once(
    cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = brought_in(cast, cast.yasmin, checked(cast, cast.yasmin, TWO))

    class Killed(BaseException):
        pass

    def killed(*_args: Any) -> None:
        raise Killed

    with cast.as_(cast.yasmin) as me:
        plan = withdrawing.plan_of(run).digest
        actions.withdraw(by=me, run=run, reason="The wrong file", plan=plan)
    monkeypatch.setattr(withdrawing, "_say_of_rows", killed)
    with cast.as_(cast.yasmin) as me, pytest.raises(Killed):
        jobs.step(me, run.pk)
    monkeypatch.undo()
    with cast.as_(cast.yasmin) as me:
        run.refresh_from_db()
        assert run.state == RunState.WITHDRAWING
        assert not Person.objects.exclude(voided_at=None).exists()
        jobs.step(me, run.pk)
        run.refresh_from_db()
        assert run.state == RunState.WITHDRAWN
        assert Person.objects.exclude(voided_at=None).count() == 2


@pytest.mark.parametrize("show", ["goes", "stays"])
def test_the_page_says_what_would_go_and_what_stays_in_fifteen_queries(cast: Any, show: str) -> None:
    run = brought_in(cast, cast.yasmin, checked(cast, cast.yasmin, TWO))
    brought_in(cast, cast.tom, checked(cast, cast.tom, THEIRS))
    client = cast.yasmin.client()
    with CaptureQueriesContext(connection) as queries:
        page = client.get(f"/caseload/{run.uuid}/withdraw/?show={show}")
    assert ("Ama Adjei" if show == "goes" else "Kofi Osei") in page.text
    assert ("Another team works with them." in page.text) == (show == "stays")
    assert "1</strong> child is taken out of the index" in page.text
    assert len(queries) <= 15, len(queries)
