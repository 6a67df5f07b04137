"""What was kept long enough goes by two people and one door; holds keep it; nothing else erases."""

from __future__ import annotations

import argparse
import datetime as dt
import json
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.utils import Error
from django.utils import timezone

from harness.cast import Member
from teamaround.events.models import Event
from teamaround.people.models import FamilyMember, Person
from teamaround.rights.actions import RightsRefused
from teamaround.rights.actions.requests import close, gather
from teamaround.rights.actions.retention import (
    ask_for_disposal,
    confirm_disposal,
    lift_hold,
    set_hold,
    set_rule,
    take_back_disposal,
    what_is_due,
)
from teamaround.rights.models import Disposal, DisposalItem, LegalHold, RightsRequest
from teamaround.sharing.models import Basis
from teamaround.site.commands import rights as commands

from .conftest import Family, make_home, request_of

LONG_AGO = dt.date(1995, 5, 1)


@pytest.fixture
def grown(cast: Any) -> Family:
    """Kofi is over 25, and nobody works with him any more."""
    return make_home(cast, born=LONG_AGO)


@pytest.fixture
def rules(cast: Any) -> None:
    """To the 25th birthday, without the years after the last entry: everything was written today."""
    with cast.as_(cast.greta) as me:
        for retention in ("record", "index"):
            set_rule(by=me, retention=retention, measure="birthday", length=25, authority="Board, minute 12")


def due(cast: Any) -> set[int | None]:
    with cast.as_(cast.greta):
        return {each.subject for each in what_is_due() if not each.held}


def count(cast: Any, rows: Any) -> int:
    with cast.as_(cast.yasmin):
        return int(rows.count())


def test_a_record_is_due_after_the_25th_birthday_and_a_childs_is_not(
    cast: Any, grown: Family, rules: None
) -> None:
    child = make_home(cast)
    assert {grown.kofi, grown.efua, grown.family} <= due(cast)
    assert not {child.kofi, child.efua, child.family} & due(cast)


def test_the_shipped_rule_keeps_for_six_years_after_the_last_entry(cast: Any, grown: Family) -> None:
    assert grown.kofi not in due(cast)


def test_nothing_is_due_while_somebody_works_with_the_person(cast: Any, grown: Family, rules: None) -> None:
    from teamaround.index.actions import involve

    with cast.as_(cast.yasmin) as me:
        involve(by=me, team=cast.yasmin.team.pk, subject=grown.kofi)
    assert not {grown.kofi, grown.family} & due(cast)


def test_a_legal_hold_keeps_the_person_and_the_familys_record_until_it_is_lifted(
    cast: Any, grown: Family, rules: None
) -> None:
    with cast.as_(cast.greta) as me:
        hold = set_hold(by=me, subject=grown.kofi, reason="A claim was made", since=timezone.localdate())
    assert not {grown.kofi, grown.family} & due(cast)
    assert grown.efua in due(cast)
    with cast.as_(cast.greta):
        lift_hold(hold=hold, reason="Settled")
    assert {grown.kofi, grown.family} <= due(cast)


def test_whoever_asked_for_a_disposal_cannot_confirm_it(cast: Any, grown: Family, rules: None) -> None:
    with cast.as_(cast.greta) as me:
        disposal = ask_for_disposal(by=me, reason="Kept long enough")
        with pytest.raises(RightsRefused, match="somebody else"):
            confirm_disposal(by=me, disposal=disposal)
    with pytest.raises(Error, match="somebody else"), cast.as_(cast.greta), connection.cursor() as cursor:
        cursor.execute("select app.dispose(%s)", [disposal.uuid])
    for member in (cast.admin, cast.yasmin):
        with pytest.raises(Error, match="governance"), cast.as_(member), connection.cursor() as cursor:
            cursor.execute("select app.dispose(%s)", [disposal.uuid])
    assert count(cast, Person.objects.filter(pk=grown.kofi)) == 1


def test_confirmed_by_a_second_person_the_records_are_gone_and_only_counts_stay(
    cast: Any, grown: Family, rules: None, second: Member
) -> None:
    child = make_home(cast)
    with cast.as_(cast.greta) as me:
        disposal = ask_for_disposal(by=me, reason="Kept long enough")
    with cast.as_(second) as me:
        done = confirm_disposal(by=me, disposal=disposal)
        counts = {each.table_name: each for each in done.counts.all()}
        assert (done.asked_by.name, done.confirmed_by.name) == ("Greta Lindqvist", "Gail Moss")
        assert not DisposalItem.objects.exists()
        connection.check_constraints()
    assert counts["event"].rows >= 1
    assert len(counts["event"].digest) == 64
    gone = [grown.kofi, grown.efua, grown.family]
    with cast.as_(cast.yasmin):
        assert not Event.objects.filter(subject_id__in=gone).exists()
        assert not Person.objects.filter(pk__in=gone).exists()
        assert not FamilyMember.objects.filter(subject_id__in=gone).exists()
        assert not Basis.objects.filter(subject_id__in=gone).exists()
        assert Person.objects.filter(pk=child.kofi).exists()
        assert Event.objects.filter(subject_id=child.kofi).exists()


def test_what_is_held_after_it_was_asked_for_is_passed_over(
    cast: Any, grown: Family, rules: None, second: Member
) -> None:
    with cast.as_(cast.greta) as me:
        disposal = ask_for_disposal(by=me, reason="Kept long enough")
        set_hold(
            by=me, subject=grown.kofi, reason="A claim was made", since=timezone.localdate(), with_family=True
        )
    with cast.as_(second) as me:
        done = confirm_disposal(by=me, disposal=disposal)
        assert done.left_out == 3
    assert count(cast, Person.objects.filter(pk__in=[grown.kofi, grown.efua])) == 2


def test_a_disposal_that_was_taken_back_cannot_be_confirmed(
    cast: Any, grown: Family, rules: None, second: Member
) -> None:
    with cast.as_(cast.greta) as me:
        disposal = ask_for_disposal(by=me, reason="Kept long enough")
        take_back_disposal(by=me, disposal=disposal)
    with cast.as_(second) as me, pytest.raises(RightsRefused, match="taken back"):
        confirm_disposal(by=me, disposal=disposal)


def test_an_erasure_takes_the_same_path_and_leaves_the_childs_consent_without_the_parents_name(
    cast: Any, home: Family, second: Member
) -> None:
    row = request_of(cast, home.efua, "erasure")
    with cast.as_(cast.greta) as me:
        with pytest.raises(RightsRefused, match="Grant"):
            ask_for_disposal(by=me, reason="She asked", request=row)
        close(request=row, outcome="granted", reason="Told on the phone")
        row = RightsRequest.objects.get(pk=row.pk)
        disposal = ask_for_disposal(by=me, reason="She asked", request=row)
    with cast.as_(second) as me:
        done = confirm_disposal(by=me, disposal=disposal)
        emptied = {each.table_name: each.emptied for each in done.counts.all()}
        connection.check_constraints()
    assert emptied["person"] == 1
    with cast.as_(cast.yasmin):
        assert Person.objects.get(pk=home.efua).name == "Erased"
        assert not apps.get_model("people", "PersonHistory").objects.filter(subject_id=home.efua).exists()
        assert Basis.objects.filter(subject_id=home.kofi).exists()
        assert not FamilyMember.objects.filter(person_id=home.efua).exists()


def test_nothing_but_the_one_door_deletes(cast: Any, grown: Family) -> None:
    for statement in ("delete from event", "delete from person", "delete from disposal", "set role app_disposal",
                      "update disposal set done_at = now()", "insert into disposal_count (disposal_id) values (1)"):  # fmt: skip
        for member in (cast.greta, cast.yasmin):
            with pytest.raises(Error), cast.as_(member), connection.cursor() as cursor:
                cursor.execute(statement)


def test_a_disposal_by_hand_may_not_name_a_person_without_a_rule(
    cast: Any, home: Family, second: Member
) -> None:
    with cast.as_(cast.greta) as me:
        forged = Disposal.objects.create(kind="retention", reason="x", asked_by_id=me.principal)
        DisposalItem.objects.create(disposal=forged, subject_id=home.kofi, table_name="person", rows=1)
    with cast.as_(second) as me, pytest.raises(RightsRefused):
        confirm_disposal(by=me, disposal=forged)


def test_a_hold_needs_a_reason_and_an_end_after_its_beginning(cast: Any, home: Family) -> None:
    today = timezone.localdate()
    with cast.as_(cast.greta) as me:
        with pytest.raises(RightsRefused, match="why"):
            set_hold(by=me, subject=home.kofi, reason=" ", since=today)
        with pytest.raises(RightsRefused, match="after"):
            set_hold(by=me, subject=home.kofi, reason="A claim", since=today, until=today)
        assert not LegalHold.objects.exists()


def test_an_erasure_takes_the_packs_along(cast: Any, home: Family, second: Member) -> None:
    copy = request_of(cast, home.kofi, "access")
    row = request_of(cast, home.kofi, "erasure")
    with cast.as_(cast.greta) as me:
        gather(request=copy)
        assert copy.items.exists()
        close(request=row, outcome="granted", reason="Told on the phone")
        disposal = ask_for_disposal(by=me, reason="He asked", request=RightsRequest.objects.get(pk=row.pk))
    with cast.as_(second) as me:
        confirm_disposal(by=me, disposal=disposal)
        assert not copy.items.exists()


def test_every_protected_table_is_in_reach_of_the_role_that_erases(cast: Any) -> None:
    with cast.as_(cast.greta), connection.cursor() as cursor:
        cursor.execute(
            "select c.relname from pg_class c where c.relrowsecurity and not c.relispartition and c.relkind = 'r' "
            "and c.relname <> 'access_seal' and not exists (select 1 from pg_policy p where p.polrelid = c.oid "
            "and p.polname = c.relname || '_disposal')"
        )
        assert cursor.fetchall() == []


def test_the_dry_run_says_what_would_go_and_changes_nothing(
    cast: Any, grown: Family, rules: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert commands.retention(argparse.Namespace(dry_run=True, json=True)) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["subjects"] >= 3
    assert {"event", "person"} <= {each["table"] for each in told["due"]}
    assert "Osei" not in json.dumps(told)
    assert count(cast, Person.objects.filter(pk=grown.kofi)) == 1
    assert commands.retention(argparse.Namespace(dry_run=False, json=True)) == 2
