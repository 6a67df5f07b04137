"""Where the child of a referral lives and learns: read with the referral, hidden while a shield binds the reader."""

from __future__ import annotations

import datetime as dt
import os
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.db.utils import Error
from django.urls import reverse
from django.utils import timezone

from harness.server import copy_database, manage
from teamaround.people.actions import add_person
from teamaround.people.models import Address
from teamaround.referrals import actions
from teamaround.referrals.models import Referral, Whereabouts
from teamaround.sharing.actions import Cell, record_consent
from teamaround.sharing.shields import put_up_shield

LIVES: dict[str, Any] = {
    "address": "7 Quarry Bank",
    "postcode": "NM4 4QB",
    "phone": "01632 960777",
    "school": "Hilltop School",
}


@pytest.fixture
def child(area: Any) -> int:
    """Kofi, whom the school has in the index."""
    with area.as_(area.tom) as me:
        return add_person(by=me, team=me.team.team, given="Kofi", family_name="Osei").pk


@pytest.fixture
def sent(area: Any) -> Callable[[int | None], Referral]:
    """Sends a referral of the school to the young carers team."""

    def send(child: int | None) -> Referral:
        with area.as_(area.tom) as me:
            return actions.send(
                by=me,
                team=me.team.team,
                receiving_team=area.yasmin.team,
                child=child,
                intake=replace(actions.Intake("Kofi", "Osei", "Late most days."), **LIVES),
                form_token=uuid.uuid4(),
            )

    return send


def shield(area: Any, child: int) -> None:
    with area.as_(area.tom) as me:
        put_up_shield(
            by=me,
            team=me.team.team,
            subject=child,
            level="whereabouts",
            reason="Somebody looks for them",
            review_on=timezone.localdate() + dt.timedelta(days=30),
        )


def read(area: Any, member: Any, table: str, referral: Referral) -> int:
    """How many rows of the table about the referral the member reads, asked in plain SQL."""
    with area.as_(member), connection.cursor() as cursor:
        cursor.execute(f"select count(*) from {table} where referral_id = %s", [referral.pk])
        (count,) = cursor.fetchone()
        return int(count)


def told(area: Any, member: Any, referral: Referral) -> str:
    return str(member.client().get(reverse("referrals:detail", args=[referral.uuid])).content.decode())


def test_both_teams_read_where_the_child_lives_and_nobody_else_does(area: Any, child: int, sent: Any) -> None:
    referral = sent(child)
    readers = (area.tom, area.yasmin, area.olive, area.nina)
    assert [read(area, each, "referral_whereabouts", referral) for each in readers] == [1, 1, 0, 0]
    for text in LIVES.values():
        assert text in told(area, area.yasmin, referral)


def test_a_shield_hides_it_in_the_database_from_all_but_the_team_that_wrote_it(
    area: Any, child: int, sent: Any
) -> None:
    referral = sent(child)
    shield(area, child)
    for table in ("referral_whereabouts", "referral_whereabouts_history"):
        assert read(area, area.yasmin, table, referral) == 0
        assert read(area, area.tom, table, referral) == 1
    theirs, ours = told(area, area.yasmin, referral), told(area, area.tom, referral)
    for text in LIVES.values():
        assert text not in theirs
        assert text in ours


def test_a_holder_of_the_childs_referrals_is_bound_as_well(area: Any, child: int, sent: Any) -> None:
    referral = sent(child)
    with area.as_(area.tom) as me:
        record_consent(
            by=me,
            team=me.team.team,
            subject=child,
            given_by=child,
            capacity="self",
            how="signed",
            valid_until=timezone.now() + dt.timedelta(days=90),
            cells=[Cell(child, area.nina.team.pk, "referral", "share")],
        )
    assert read(area, area.nina, "referral_whereabouts", referral) == 1
    shield(area, child)
    assert read(area, area.nina, "referral_whereabouts", referral) == 0


def test_a_child_whom_nobody_named_yet_has_no_shield_and_naming_them_hides_what_was_written_before(
    area: Any, child: int, sent: Any
) -> None:
    referral = sent(None)
    shield(area, child)
    assert read(area, area.yasmin, "referral_whereabouts_history", referral) == 1
    with area.as_(area.yasmin) as me:
        row = Referral.objects.select_related("episode").get(pk=referral.pk)
        actions.name_child(by=me, referral=row, version=row.episode.version, child=child)
    for table in ("referral_whereabouts", "referral_whereabouts_history"):
        assert read(area, area.yasmin, table, referral) == 0
    with area.as_(area.tom):
        assert Whereabouts.objects.get(referral=referral).subject_id == child
    assert read(area, area.tom, "referral_whereabouts_history", referral) == 2


@pytest.mark.parametrize("change", ["subject_id = null", "address = 'elsewhere'", "version = version + 1"])
def test_nobody_changes_it(area: Any, child: int, sent: Any, change: str) -> None:
    referral = sent(child)
    for member in (area.tom, area.yasmin):
        with area.as_(member), connection.cursor() as cursor:
            cursor.execute(f"update referral_whereabouts set {change} where referral_id = %s", [referral.pk])
            assert cursor.rowcount == 0


def test_it_is_written_with_its_referral_and_about_the_same_child(area: Any, child: int, sent: Any) -> None:
    referral = sent(child)
    row = "insert into referral_whereabouts (referral_id, subject_id, category, author_team_id, receiving_team_id, version, address, postcode, phone, school)"
    for member, subject in ((area.yasmin, child), (area.tom, None)):
        with (
            pytest.raises(Error, match="row-level security"),
            area.as_(member),
            connection.cursor() as cursor,
        ):
            cursor.execute(
                f"{row} values (%s, %s, 'referral', %s, %s, 1, 'x', '', '', '')",
                [referral.pk, subject, member.team.pk, area.yasmin.team.pk],
            )


def test_whoever_is_not_in_the_index_yet_is_added_with_what_was_typed(area: Any, sent: Any) -> None:
    referral = sent(None)
    with area.as_(area.yasmin) as me:
        row = Referral.objects.select_related("episode").get(pk=referral.pk)
        person = actions.add_child(by=me, referral=row, version=row.episode.version)
        home = Address.objects.get(subject_id=person.pk)
        assert (home.lines, home.postcode, home.phone) == ("7 Quarry Bank", "NM4 4QB", "01632 960777")


@pytest.fixture
def own(server_report: dict[str, str]) -> str:
    """The superuser's address of a migrated database of this test's own."""
    name = f"whereabouts_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    copy_database(server_report, name, Path(os.environ["TEAMAROUND_TEST_RUN"]))
    return server_report["postgres"].replace("DATABASE", name)


# A referral as it was kept before, and its two versions; written past all triggers, as a backup would be.
BEFORE = """
set session_replication_role = replica;
insert into principal (id, kind) values (900001, 'team'), (900002, 'team');
insert into agency (id, slug, name, sector, phone) values (900001, 'moved', 'Moved', 'school', '');
insert into team (id, agency_id, slug, name, sensitivity, phone, email, takes_referrals, procedure_slug)
    select n, 900001, 'moved-' || n, 'Moved ' || n, '', '', '', true, '' from generate_series(900001, 900002) n;
insert into referral (id, category, author_team_id, recorded_by, changed_by, version, uuid, form_token, receiving_team_id, episode_id,
    given, family_name, born_precision, sex, address, postcode, phone, school, others_in_family, cares_for, caring_tasks, caring_hours,
    worries, going_well, hoped_for, criteria, assessments_known, agreement, agreement_reason, childs_words, immediate_reason, arrival, told_by)
values (77, 'referral', 900001, 900001, 900002, 2, gen_random_uuid(), gen_random_uuid(), 900002, 1, 'Ada', 'Frost', 'day', 'U',
    '7 Quarry Bank', 'NM4 4QB', '01632 960777', 'Hilltop School', '', '', '', '', 'Late.', '', '', '{}', '', 'agree', '', '', '', 'written', '');
insert into referral_history (pgh_created_at, pgh_label, pgh_obj_id, id, category, author_team_id, recorded_by, changed_by, version, uuid,
    form_token, receiving_team_id, episode_id, given, family_name, born_precision, sex, address, postcode, phone, school, others_in_family,
    cares_for, caring_tasks, caring_hours, worries, going_well, hoped_for, criteria, assessments_known, agreement, agreement_reason,
    childs_words, immediate_reason, arrival, told_by, recorded_at, changed_at)
select timestamptz '2026-03-01 09:00Z' + v * interval '1 day', 'update', id, id, category, author_team_id, recorded_by, changed_by, v, uuid,
    form_token, receiving_team_id, episode_id, given, family_name, born_precision, sex, address, postcode, phone, school, others_in_family,
    cares_for, caring_tasks, caring_hours, worries, going_well, hoped_for, criteria, assessments_known, agreement, agreement_reason,
    childs_words, immediate_reason, arrival, told_by, recorded_at, changed_at
from referral cross join generate_series(1, 2) v where id = 77;
"""
COLUMNS = "address, postcode, phone, school"


@pytest.mark.long
def test_what_was_typed_before_moves_with_its_history_and_moves_back(own: str) -> None:
    def migrate(step: str) -> None:
        done = manage(own, "migrate", "referrals", step, "--no-input")
        assert done.returncode == 0, done.stderr[-3000:]

    def rows(statement: str) -> list[Any]:
        with psycopg.connect(own) as asking:
            return asking.execute(statement).fetchall()

    typed = tuple(LIVES.values())
    migrate("0002_policies")
    with psycopg.connect(own) as before:
        before.execute(BEFORE)
    migrate("0004_whereabouts_policies")
    assert rows(f"select referral_id, version, recorded_by, {COLUMNS} from referral_whereabouts") == [
        (77, 2, 900001, *typed)
    ]
    versions = f"select version, pgh_created_at::date::text, {COLUMNS} from referral_whereabouts_history order by version"
    assert rows(versions) == [(1, "2026-03-02", *typed), (2, "2026-03-03", *typed)]
    for table in ("referral", "referral_history"):
        left = rows(
            f"select attname from pg_attribute where attrelid = '{table}'::regclass and not attisdropped"
        )
        assert not {name for (name,) in left} & set(COLUMNS.split(", "))
    migrate("0002_policies")
    for table, n in (("referral", 1), ("referral_history", 2)):
        assert rows(f"select version, {COLUMNS} from {table} order by version") == [
            (version, *typed) for version in range(3 - n, 3)
        ]


def test_who_fits_a_case_goes_by_the_home_that_the_referral_gave_until_a_shield_hides_it(
    area: Any, child: int, sent: Callable[[int | None], Referral]
) -> None:
    referral = sent(child)
    with area.as_(area.morgan) as me:
        actions.accept(by=me, referral=referral, version=referral.episode.version)
    page, client = f"/cases/{referral.episode.uuid}/allocate/", area.morgan.client()
    assert "The family lives in NM4." in client.get(page).content.decode()
    shield(area, child)
    assert "Where the family lives is not known here" in client.get(page).content.decode()
