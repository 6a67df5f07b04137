"""Who knows of whom: told, looked, met; who had not known; and what is counted across agencies."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from teamaround.access.actions import state_purpose
from teamaround.database.actor import ANONYMOUS, acting_as
from teamaround.index import acquaintance
from teamaround.index.acquaintance import acquaint
from teamaround.index.actions import end_involvement, involve
from teamaround.index.models import Acquainted, How, Involvement
from teamaround.notices.involvements import tell_begun
from teamaround.notices.models import Message
from teamaround.people.actions import add_person


@pytest.fixture
def kofi(cast: Any) -> int:
    with cast.as_(cast.yasmin) as me:
        return add_person(by=me, team=cast.yasmin.team.pk, given="Kofi", family_name="Osei").pk


def begins(cast: Any, member: Any, subject: int, *, looks: bool = False) -> Involvement:
    with cast.as_(member) as me:
        if looks:
            state_purpose(by=me, subject=subject, reason="A referral came in")
            look(subject)
        return involve(by=me, team=member.team.pk, subject=subject, practitioner=member.practitioner.pk)


def look(subject: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("select app.look_at_involved(%s)", [subject])
        return int(cursor.fetchone()[0])


def ask(statement: str, subject: int) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, [subject])
        return cursor.fetchall()


def strangers(cast: Any, member: Any, subject: int) -> set[tuple[int, int, bool]]:
    with cast.as_(member):
        return set(ask("select * from app.strangers(%s)", subject))


def counted(cast: Any, member: Any, subject: int) -> dict[str, int]:
    with cast.as_(member):
        return dict(ask("select * from app.counted(%s)", subject))


def ways(cast: Any, member: Any) -> set[tuple[int, str]]:
    with cast.as_(member):
        return set(Acquainted.objects.values_list("other_team_id", "how"))


def test_those_already_there_are_told_and_the_new_service_finds_them(cast: Any, kofi: int) -> None:
    begins(cast, cast.yasmin, kofi)
    begins(cast, cast.nina, kofi)
    assert ways(cast, cast.yasmin) == {(cast.nina.team.pk, "told")}
    assert ways(cast, cast.nina) == {(cast.yasmin.team.pk, "found")}


def test_nobody_is_told_of_a_sensitive_service_which_is_told_itself(cast: Any, kofi: int) -> None:
    begins(cast, cast.yasmin, kofi)
    begins(cast, cast.sam, kofi)
    begins(cast, cast.nina, kofi)
    assert ways(cast, cast.yasmin) == {(cast.nina.team.pk, "told")}
    assert ways(cast, cast.nina) == {(cast.yasmin.team.pk, "found")}
    assert ways(cast, cast.sam) == {(cast.yasmin.team.pk, "found"), (cast.nina.team.pk, "told")}


def test_what_a_team_knows_is_read_by_that_team_alone_and_written_by_nobody(cast: Any, kofi: int) -> None:
    begins(cast, cast.yasmin, kofi)
    begins(cast, cast.nina, kofi)
    for outsider in (cast.olive, cast.greta, cast.admin):
        assert ways(cast, outsider) == set()
    with pytest.raises(DatabaseError), cast.as_(cast.yasmin):
        Acquainted.objects.create(
            subject_id=kofi, author_team=cast.yasmin.team, other_team=cast.olive.team, how=How.MET
        )


def test_whoever_looked_before_beginning_had_known(cast: Any, kofi: int) -> None:
    begins(cast, cast.yasmin, kofi)
    begins(cast, cast.nina, kofi, looks=True)
    assert strangers(cast, cast.yasmin, kofi) == set()
    begins(cast, cast.olive, kofi)
    olive, nina, yasmin = cast.olive.team.pk, cast.nina.team.pk, cast.yasmin.team.pk
    assert strangers(cast, cast.yasmin, kofi) == {(olive, nina, True), (olive, yasmin, True)}


def test_they_are_introduced_when_they_meet_or_both_have_looked(cast: Any, kofi: int) -> None:
    begins(cast, cast.yasmin, kofi)
    begins(cast, cast.nina, kofi)
    pair = (cast.nina.team.pk, cast.yasmin.team.pk)
    with cast.as_(cast.yasmin):
        assert look(kofi) == 1
        assert look(kofi) == 0
    assert strangers(cast, cast.yasmin, kofi) == {(*pair, True)}
    with cast.as_(cast.nina):
        look(kofi)
    assert strangers(cast, cast.yasmin, kofi) == {(*pair, False)}
    begins(cast, cast.olive, kofi)
    with cast.as_(cast.yasmin) as me:
        teams = [cast.yasmin.team.pk, cast.nina.team.pk, cast.olive.team.pk]
        assert acquaint(by=me, subject=kofi, teams=teams, how=How.MET) == 6
        assert acquaint(by=me, subject=kofi, teams=teams, how=How.MET) == 0
    assert {apart for *_pair, apart in strangers(cast, cast.nina, kofi)} == {False}


def test_the_count_of_strangers_names_no_sensitive_service(cast: Any, kofi: int) -> None:
    begins(cast, cast.yasmin, kofi)
    begins(cast, cast.sam, kofi)
    for member in (cast.yasmin, cast.sam):
        assert strangers(cast, member, kofi) == set()
    with cast.as_(cast.yasmin) as me:
        acquaint(by=me, subject=kofi, teams=[cast.yasmin.team.pk, cast.sam.team.pk], how=How.MET)
    assert cast.sam.team.pk not in {other for other, _how in ways(cast, cast.yasmin)}


def test_a_look_at_several_children_is_noted_for_each(cast: Any, kofi: int) -> None:
    with cast.as_(cast.yasmin) as me:
        ama = add_person(by=me, team=cast.yasmin.team.pk, given="Ama", family_name="Osei").pk
    for each in (kofi, ama):
        begins(cast, cast.yasmin, each)
        begins(cast, cast.nina, each)
    with cast.as_(cast.nina) as me:
        assert acquaintance.look(by=me, subjects=[kofi, ama]) == 2
        assert acquaintance.look(by=me, subjects=[kofi, ama]) == 0
        assert acquaintance.look(by=me, subjects=[]) == 0


def test_somebody_who_only_states_a_purpose_is_told_of_no_strangers_and_no_counts(
    cast: Any, kofi: int
) -> None:
    begins(cast, cast.yasmin, kofi)
    begins(cast, cast.nina, kofi)
    with cast.as_(cast.olive) as me:
        state_purpose(by=me, subject=kofi, reason="Rent arrears")
    assert strangers(cast, cast.olive, kofi) == set()
    assert counted(cast, cast.olive, kofi) == {}


def test_a_team_that_does_not_work_with_them_says_of_nobody_that_they_met(cast: Any, kofi: int) -> None:
    begins(cast, cast.yasmin, kofi)
    with cast.as_(cast.olive) as me:
        assert (
            acquaint(by=me, subject=kofi, teams=[cast.olive.team.pk, cast.yasmin.team.pk], how=How.MET) == 0
        )
    with cast.as_(cast.yasmin) as me, pytest.raises(ValueError, match="meet"):
        acquaint(by=me, subject=kofi, teams=[1, 2], how=How.LOOKED)


def test_an_e_mail_tells_the_worker_named_once_and_names_nobody(cast: Any, kofi: int) -> None:
    begins(cast, cast.yasmin, kofi)
    tell_begun()
    begins(cast, cast.nina, kofi)
    begins(cast, cast.olive, kofi)
    assert tell_begun() == 2
    assert tell_begun() == 0
    told = list(Message.objects.filter(subject_line="Another service is involved"))
    assert sorted(each.address for each in told) == ["nina@northmoor.example", "yasmin@northmoor.example"]
    assert not any("Kofi" in each.body or "Osei" in each.body for each in told)


def test_nobody_is_mailed_about_what_ended_meanwhile_or_about_a_sensitive_service(
    cast: Any, kofi: int
) -> None:
    begins(cast, cast.yasmin, kofi)
    begins(cast, cast.sam, kofi)
    short = begins(cast, cast.olive, kofi)
    with cast.as_(cast.olive) as me:
        end_involvement(by=me, involvement=Involvement.objects.get(pk=short.pk))
    assert tell_begun() == 0


def test_a_service_that_begins_again_is_told_of_again(cast: Any, kofi: int) -> None:
    begins(cast, cast.yasmin, kofi)
    first = begins(cast, cast.nina, kofi)
    tell_begun()
    with cast.as_(cast.nina) as me:
        end_involvement(by=me, involvement=Involvement.objects.get(pk=first.pk))
    begins(cast, cast.nina, kofi)
    assert tell_begun() == 1


def test_no_function_of_these_answers_without_a_practitioner(cast: Any, kofi: int) -> None:
    begins(cast, cast.yasmin, kofi)
    with acting_as(ANONYMOUS), transaction.atomic():
        assert ask("select * from app.strangers(%s)", kofi) == []
        assert ask("select * from app.counted(%s)", kofi) == []
        assert look(kofi) == 0
        assert ask("select * from app.ended_unconfirmed() where %s > 0", kofi) == []
