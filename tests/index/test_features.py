"""What the search compares is what the one normaliser reads, whoever wrote it into the database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from psycopg.rows import dict_row

from teamaround.access.me import Me
from teamaround.benches import index_world
from teamaround.database.actor import acting_as
from teamaround.index.finding import FIND, FIND_PLACED, MATCH, search_function, stored_sql, weigh_function
from teamaround.linkage.features import Features, Record, features_of
from teamaround.linkage.made_up.families import Population
from teamaround.linkage.made_up.writing import Clerk
from teamaround.linkage.model import shipped
from teamaround.notices.reading import forget_names, read_names
from teamaround.people.actions import add_name, add_person

#: Worked out by the row's own columns alone, and compared by no level.
NOT_KEPT = {"family_last", "nhs_traced"}


def a_few_records() -> list[Record]:
    """Forty of a made-up area with three times the usual faults, and some odd ones."""
    population = Population(17)
    clerk = Clerk(18, population, harsher=3.0)
    sectors = ("health", "school", "social_care", "voluntary")
    made = [
        clerk.write(child, sectors[place % 4]).record for place, child in enumerate(population.children(40))
    ]
    odd = [
        Record(given="Zoë-Louise", middle="Anne", family="O’Brien", born=dt.date(2012, 2, 29)),
        Record(given="محمد", family="خان", born=dt.date(2014, 1, 1), precision="year"),
        Record(given="Baby", middle="Tom", family="van der Berg", postcodes=("M1",)),
        Record(given="Łukasz", family="Wiśniewski-Nowak", born=dt.date(2011, 5, 9), precision="month"),
        Record(given="Mr", family="Unknown Khan", postcodes=("S1 2AB", "OL8 1")),
        Record(given="", middle="", family="Ng", postcodes=("SIO 2AB",)),
    ]
    return [one for one in made + odd if one.given or one.family]


@pytest.fixture(scope="module")
def owner(live: Any, server_report: dict[str, str]) -> Iterator[psycopg.Connection[dict[str, Any]]]:
    """Reads what the application may not."""
    address = server_report["postgres"].replace("DATABASE", str(connection.settings_dict["NAME"]))
    with psycopg.connect(address, autocommit=True, row_factory=dict_row) as held:
        yield held


def added(live: Any, record: Record) -> int:
    with live.cast.as_(live.cast.yasmin) as me:
        person = add_person(
            by=me,
            team=live.cast.yasmin.team.pk,
            given=record.given,
            middle=record.middle,
            family_name=record.family,
            date_of_birth=record.born,
            born_precision=record.precision or "day",
            sex=record.sex or "U",
            postcode=record.postcodes[0] if record.postcodes else "",
            nhs_number=record.nhs if features_of(record).nhs else "",
            pupil_number="",
        )
    return int(person.pk)


def kept(owner: psycopg.Connection[dict[str, Any]], subject: int) -> list[Features]:
    rows = owner.execute(
        f"select {stored_sql()} from (select s.*, false as placeless from search_feature s) f "
        "where f.subject_id = %s order by f.id",
        [subject],
    ).fetchall()
    return [
        Features(
            **{
                name: tuple(value) if isinstance(value, list) else value
                for name, value in row.items()
                if not name.startswith("tf_")
            }
        )
        for row in rows
    ]


def comparable(features: Features) -> dict[str, Any]:
    return {name: value for name, value in asdict(features).items() if name not in NOT_KEPT}


def test_the_database_keeps_of_every_record_what_the_normaliser_reads(live: Any, owner: Any) -> None:
    for record in a_few_records():
        wanted = features_of(
            Record(
                record.given, record.middle, record.family, record.born, record.precision, record.sex,
                record.postcodes[:1], record.nhs,
            )
        )  # fmt: skip
        found = kept(owner, added(live, record))
        assert [comparable(one) for one in found] == [comparable(wanted)]


def test_what_is_loaded_in_bulk_for_a_measure_is_what_the_triggers_would_write(live: Any, owner: Any) -> None:
    model = shipped()
    for record in a_few_records()[:12]:
        whole = Record(
            record.given, record.middle, record.family, record.born, record.precision, record.sex,
            record.postcodes[:1], record.nhs,
        )  # fmt: skip
        subject = added(live, record)
        row = owner.execute(
            f"select {', '.join(index_world.COLUMNS)} from search_feature where subject_id = %s", [subject]
        ).fetchone()
        loaded = index_world._columns(subject, features_of(whole), model)
        assert [list(value) if isinstance(value, tuple) else value for value in loaded] == [
            list(value) if isinstance(value, tuple) else value for value in row.values()
        ]


def test_a_name_that_arrives_without_a_reading_is_found_plainly_and_read_by_the_next_run(
    live: Any, owner: Any
) -> None:
    subject = added(live, Record(given="Amélie", family="Szczepański"))
    owner.execute("delete from name_reading where written in ('Amélie', 'Szczepański')")
    owner.execute("select app.rebuild_search(array[%s]::bigint[])", [subject])
    (plain,) = kept(owner, subject)
    assert (plain.given, plain.family, plain.family_sound) == ("amelie", "szczepanski", "")
    texts, records = read_names()
    assert (texts, records) == (2, 1)
    (read,) = kept(owner, subject)
    assert read.family_sound == features_of(Record(family="Szczepański")).family_sound != ""
    assert read_names() == (0, 0)


def test_names_read_by_earlier_rules_are_read_again_and_their_bearers_made_ready(
    live: Any, owner: Any
) -> None:
    subject = added(live, Record(given="Rosalind", family="Featherstonehaugh"))
    owner.execute(
        "update name_reading set version = 'earlier', sound = 'x' where written = 'Featherstonehaugh'"
    )
    owner.execute("select app.rebuild_search(array[%s]::bigint[])", [subject])
    assert kept(owner, subject)[0].family_sound == "x"
    read_names()
    assert (
        kept(owner, subject)[0].family_sound == features_of(Record(family="Featherstonehaugh")).family_sound
    )


def test_the_reading_of_a_name_that_nobody_bears_is_forgotten(live: Any, owner: Any) -> None:
    owner.execute(
        "insert into name_reading (kind, written, version, words, parts, sound, sounds, forms, letters, share) "
        "values ('family', 'Gone', 'x', '{gone}', '{}', 'jn', '{}', '{}', 'egno', 0.1)"
    )
    added(live, Record(given="Ada", family="Stays"))
    assert forget_names() >= 1
    left = {row["written"] for row in owner.execute("select written from name_reading").fetchall()}
    assert "Gone" not in left
    assert "Stays" in left


def test_nobody_at_a_page_changes_how_a_name_is_read(live: Any, owner: Any) -> None:
    added(live, Record(given="Ines", family="Moreau"))
    with live.cast.as_(live.cast.olive), connection.cursor() as cursor:
        cursor.execute(
            "select app.teach_names('other', array['family'], array['Moreau'], array['nobody'], array[''], array['n'], "
            "array[''], array[''], array[''], array[0.5]::float8[])"
        )
    row = owner.execute("select words from name_reading where written = 'Moreau'").fetchone()
    assert row["words"] == ["moreau"]


def test_texts_without_a_reading_are_told_to_the_service_alone(live: Any) -> None:
    me: Me = live.cast.olive.me
    for call in (
        "select app.names_to_read('x', 5)",
        "select app.forget_readings()",
        "select app.read_again(0, 5, true)",
    ):
        with (
            pytest.raises(Exception, match="only the service"),
            acting_as(me.actor()),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(call)


def test_each_name_of_a_person_is_searched_beside_all_that_is_known_of_them(live: Any, owner: Any) -> None:
    subject = added(
        live, Record(given="Maria", family="Rossi", born=dt.date(2013, 4, 5), postcodes=("SK3 9AA",))
    )
    with live.cast.as_(live.cast.yasmin) as me:
        add_name(by=me, team=live.cast.yasmin.team.pk, person=subject, given="Mia", family_name="Bianchi")
    found = kept(owner, subject)
    assert {(one.given, one.family) for one in found} == {("maria", "rossi"), ("mia", "bianchi")}
    assert {(one.born, one.postcode) for one in found} == {("20130405", "SK39AA")}


@pytest.mark.parametrize(
    ("function", "text"),
    [
        ("weigh", weigh_function(shipped())),
        ("find_placed", FIND_PLACED),
        ("find_people", FIND),
        ("search_index", search_function(shipped())),
        ("match_rows", MATCH),
    ],
)
def test_the_search_in_the_database_is_the_one_that_is_shipped(owner: Any, function: str, text: str) -> None:
    (row,) = owner.execute(
        "select pg_get_functiondef(('app.' || %s)::regproc) as text", [function]
    ).fetchall()
    installed = row["text"].partition("AS $function$")[2].rpartition("$function$")[0]
    rendered = text.partition("as $$")[2].rpartition("$$")[0]
    assert installed == rendered, (
        "The search or its weights changed: a migration has to install them (docs/recognition.md)."
    )
