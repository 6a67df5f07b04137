"""Involvements are asked about when they are quiet, ended when nobody confirms them, and begun again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from teamaround.database.actor import acting_as
from teamaround.index import freshness
from teamaround.index.actions import end_involvement, involve, touch_contact
from teamaround.index.models import FreshnessRule, Involvement
from teamaround.notices.services import service_actor
from teamaround.people.actions import add_person
from teamaround.procedures.actions import receive
from teamaround.procedures.versions import install_shipped, reset_cache

DAY = dt.timedelta(days=1)
Told = set[tuple[str, int, int | None]]


def keep(after_days: int) -> Told:
    """Run the nightly step as on a day to come, by the service that may; whom it says to tell."""
    with acting_as(service_actor("involvements")), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "select * from app.keep_involvements(%s)", [timezone.localdate() + dt.timedelta(days=after_days)]
        )
        return {tuple(row) for row in cursor.fetchall()}


def child(cast: Any, given: str = "Kofi") -> int:
    with cast.as_(cast.yasmin) as me:
        return add_person(by=me, team=cast.yasmin.team.pk, given=given, family_name="Osei").pk


def with_them(cast: Any, member: Any, subject: int, **said: Any) -> Involvement:
    with cast.as_(member) as me:
        return involve(
            by=me, team=member.team.pk, subject=subject, practitioner=member.practitioner.pk, **said
        )


def now(cast: Any, member: Any, row: Involvement) -> Involvement:
    with cast.as_(member):
        return Involvement.objects.get(pk=row.pk)


@pytest.fixture
def row(cast: Any) -> Involvement:
    return with_them(cast, cast.yasmin, child(cast))


def test_a_quiet_involvement_is_asked_about_once_reminded_once_and_ended(cast: Any, row: Involvement) -> None:
    team = cast.yasmin.team.pk
    assert keep(89) == set()
    assert keep(90) == {("asked", team, None)}
    assert keep(90) == set()
    assert keep(103) == set()
    assert keep(104) == {("reminded", team, None)}
    assert keep(104) == set()
    assert keep(119) == set()
    assert keep(120) == {("ended", team, None)}
    assert keep(121) == set()
    ended = now(cast, cast.yasmin, row)
    assert ended.until == timezone.localdate() + 120 * DAY
    assert ended.get_end_reason_display() == "Ended because nobody confirmed it"


def test_nobody_is_ended_who_was_not_reminded_in_time_however_late_the_job_runs(
    cast: Any, row: Involvement
) -> None:
    team = cast.yasmin.team.pk
    assert keep(90) == {("asked", team, None)}
    assert keep(200) == {("reminded", team, None)}
    assert keep(215) == set()
    assert keep(216) == {("ended", team, None)}


def test_a_school_and_a_surgery_are_asked_once_a_year(cast: Any) -> None:
    with_them(cast, cast.tom, child(cast), role="school")
    assert keep(364) == set()
    assert keep(365) == {("asked", cast.tom.team.pk, None)}
    assert FreshnessRule.objects.get(role="gp").quiet_after_days == 365


def test_an_answer_or_a_contact_ends_the_asking(cast: Any, row: Involvement) -> None:
    keep(90)
    with cast.as_(cast.yasmin) as me:
        assert [each.pk for each in freshness.asked_about(me)] == [row.pk]
        assert freshness.confirm(by=me, involvements=[row.uuid], on=timezone.localdate() + 90 * DAY) == 1
        assert not freshness.asked_about(me).exists()
    assert keep(179) == set()
    assert keep(180) == {("asked", cast.yasmin.team.pk, None)}
    with cast.as_(cast.yasmin) as me:
        assert touch_contact(
            by=me, team=cast.yasmin.team.pk, subject=row.subject_id, on=timezone.localdate() + 180 * DAY
        )
        assert not freshness.asked_about(me).exists()
    assert keep(220) == set()


def test_what_was_answered_twice_stays_answered(cast: Any, row: Involvement) -> None:
    keep(90)
    with cast.as_(cast.yasmin) as me:
        freshness.confirm(by=me, involvements=[row.uuid])
        assert freshness.confirm(by=me, involvements=[row.uuid]) == 0
        assert freshness.end_asked(by=me, involvements=[row.uuid]) == 0, "only what was asked about"


def test_one_that_carries_a_case_is_neither_asked_about_nor_ended(cast: Any, row: Involvement) -> None:
    keep(90)
    keep(104)
    reset_cache()
    install_shipped()
    with_them(cast, cast.tom, row.subject_id, role="school")
    with cast.as_(cast.tom) as me:
        receive(by=me, team=cast.tom.team.pk, receiving_team=cast.yasmin.team, child=row.subject_id)
    assert keep(120) == set()
    standing = now(cast, cast.yasmin, row)
    assert (standing.until, standing.asked_on) == (None, None)


def test_the_lead_is_told_that_a_service_ended_and_of_no_sensitive_one(cast: Any) -> None:
    subject = child(cast)
    with_them(cast, cast.nina, subject)
    with_them(cast, cast.sam, subject)
    for days in (90, 104):
        keep(days)
    with_them(cast, cast.yasmin, subject, role="lead")
    told = keep(120)
    assert {each for each in told if each[0] == "ended"} == {
        ("ended", cast.nina.team.pk, None),
        ("ended", cast.sam.team.pk, None),
    }
    assert {each for each in told if each[0] == "ended_for_lead"} == {
        ("ended_for_lead", cast.yasmin.team.pk, cast.yasmin.practitioner.pk)
    }


def test_a_lead_is_not_told_where_only_a_sensitive_service_ended(cast: Any) -> None:
    subject = child(cast)
    with_them(cast, cast.sam, subject)
    for days in (90, 104):
        keep(days)
    with_them(cast, cast.yasmin, subject, role="lead")
    assert ("ended", cast.sam.team.pk, None) in (told := keep(120))
    assert not any(step == "ended_for_lead" for step, _team, _who in told)


def test_nobody_but_the_service_that_keeps_involvements_may_end_them(cast: Any, row: Involvement) -> None:
    for step in ("select * from app.keep_involvements(current_date)", "select * from app.take_told()"):
        for actor in (cast.yasmin.me.actor(), service_actor("post")):
            with (
                pytest.raises(DatabaseError, match="only the service"),
                acting_as(actor),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(step)


def end_quietly(days: Iterable[int] = (90, 104, 120)) -> None:
    for each in days:
        keep(each)


def test_what_ended_by_itself_is_begun_again_as_the_same_row_with_its_history(
    cast: Any, row: Involvement
) -> None:
    end_quietly()
    with cast.as_(cast.yasmin) as me:
        (told,) = freshness.ended_unconfirmed()
        assert (told.name, told.uuid) == ("Kofi Osei", row.uuid)
        again = freshness.begin_again(by=me, involvement=row.uuid)
        assert again is not None
        assert (again.pk, again.since, again.until, again.end_reason) == (row.pk, row.since, None, "")
        assert again.confirmed_on == timezone.localdate()
        assert freshness.begin_again(by=me, involvement=row.uuid) is None
        assert freshness.ended_unconfirmed() == []
        kept = apps.get_model("index", "InvolvementHistory").objects.filter(id=row.pk).order_by("pgh_id")
        said = list(kept.values_list("end_reason", flat=True))
    assert "unconfirmed" in said
    assert said[-1] == ""


def test_another_team_begins_nothing_again_and_reads_no_name(cast: Any, row: Involvement) -> None:
    end_quietly()
    with cast.as_(cast.nina) as me:
        assert freshness.ended_unconfirmed() == []
        assert freshness.begin_again(by=me, involvement=row.uuid) is None


def test_who_led_works_with_them_again_where_another_leads_by_now(cast: Any) -> None:
    subject = child(cast)
    led = with_them(cast, cast.yasmin, subject, role="lead")
    end_quietly()
    with_them(cast, cast.nina, subject, role="lead")
    with cast.as_(cast.yasmin) as me:
        again = freshness.begin_again(by=me, involvement=led.uuid)
        assert again is not None
        assert again.role == "worker"


def test_a_whole_caseload_ends_what_it_no_longer_lists_after_asking(cast: Any) -> None:
    team = cast.yasmin.team.pk
    kofi, ama, efua = child(cast), child(cast, "Ama"), child(cast, "Efua")
    rows = {each: with_them(cast, cast.yasmin, each) for each in (kofi, ama, efua)}
    by_hand = with_them(cast, cast.yasmin, child(cast, "By hand"))
    source = [each.pk for each in rows.values()]
    with cast.as_(cast.yasmin) as me:
        missing = freshness.no_longer_listed(by=me, team=team, source=source, listed=[kofi])
        assert {each.subject for each in missing} == {ama, efua}
        assert not any(each.carries_case for each in missing)
        ended = freshness.end_unlisted(by=me, team=team, involvements=[rows[ama].pk])
        assert ended == [rows[ama].pk]
        assert freshness.end_unlisted(by=me, team=team, involvements=[rows[ama].pk]) == []
        gone = Involvement.objects.get(pk=rows[ama].pk)
        assert gone.get_end_reason_display() == "Ended because the caseload no longer lists them"
        assert Involvement.objects.get(pk=by_hand.pk).until is None
        assert freshness.begin_unlisted_again(by=me, team=team, involvements=ended) == ended
        assert Involvement.objects.get(pk=rows[ama].pk).until is None


def test_a_caseload_ends_no_involvement_that_carries_a_case(cast: Any, row: Involvement) -> None:
    reset_cache()
    install_shipped()
    with_them(cast, cast.tom, row.subject_id, role="school")
    with cast.as_(cast.tom) as me:
        receive(by=me, team=cast.tom.team.pk, receiving_team=cast.yasmin.team, child=row.subject_id)
    team = cast.yasmin.team.pk
    with cast.as_(cast.yasmin) as me:
        (missing,) = freshness.no_longer_listed(by=me, team=team, source=[row.pk], listed=[])
        assert missing.carries_case
        assert freshness.end_unlisted(by=me, team=team, involvements=[row.pk]) == []


def test_being_listed_in_a_whole_caseload_confirms(cast: Any, row: Involvement) -> None:
    keep(90)
    with cast.as_(cast.yasmin) as me:
        listed = freshness.confirm_listed(by=me, team=cast.yasmin.team.pk, subjects=[row.subject_id])
        assert listed == 1
        assert not freshness.asked_about(me).exists()


def test_no_team_ends_or_confirms_for_another(cast: Any, row: Involvement) -> None:
    with cast.as_(cast.nina) as me:
        for team in (cast.nina.team.pk, cast.yasmin.team.pk):
            assert freshness.end_unlisted(by=me, team=team, involvements=[row.pk]) == []
        assert freshness.confirm(by=me, involvements=[row.uuid]) == 0


def test_ended_by_its_team_needs_no_reason_and_is_no_offer_to_begin_again(
    cast: Any, row: Involvement
) -> None:
    with cast.as_(cast.yasmin) as me:
        end_involvement(by=me, involvement=now(cast, cast.yasmin, row))
        assert freshness.ended_unconfirmed() == []
