"""A copy of everything that is held: gathered by the lead alone, looked through, released."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.utils import Error

from teamaround.access.models import Subject
from teamaround.people.models import Person
from teamaround.rights.actions import RightsRefused
from teamaround.rights.actions.requests import close, decide, find_person, gather, record_request, release
from teamaround.rights.models import Mark, PackItem, RightsRequest
from teamaround.rights.pack import released
from teamaround.site.commands import rights as commands

from .conftest import BORN, Family, request_of

NOT_GATHERED = {
    "subject": "the bare number",
    "search_feature": "a copy of names, places and numbers for search",
    "disposal_item": "a disposal that waits: numbers alone",
    "access_look_line": "gathered with who looked, in a query of its own",
}
NOT_BY_COLUMN = {
    "access_grant.merged_from_id": "a copy of a grant about another record of the same person, which is gathered",
}


def test_each_table_that_names_a_subject_is_gathered_or_has_a_reason(cast: Any) -> None:
    with cast.as_(cast.greta), connection.cursor() as cursor:
        cursor.execute("select tbl, columns from app.held_tables()")
        gathered = {table: set(columns) for table, columns in cursor.fetchall()}
    missing = []
    for model in apps.get_models():
        table = model._meta.db_table
        if table.endswith("_history") or table in NOT_GATHERED:
            continue
        for column in model._meta.concrete_fields:
            if column.related_model in (Subject, Person) and column.column not in gathered.get(table, ()):
                missing.append(f"{table}.{column.column}")
    assert [each for each in missing if each not in NOT_BY_COLUMN] == []


@pytest.fixture
def gathered(cast: Any, asked: RightsRequest) -> RightsRequest:
    with cast.as_(cast.greta):
        gather(request=asked)
    return asked


def parts(cast: Any, request: RightsRequest) -> list[PackItem]:
    with cast.as_(cast.greta):
        return list(request.items.order_by("position"))


def test_the_lead_finds_a_person_by_exact_name_and_date_of_birth_alone(cast: Any, home: Family) -> None:
    with cast.as_(cast.greta):
        assert find_person(given="kofi", family_name="OSEI", born=BORN).subject == home.kofi
        for given, born in (("Kofi", BORN.replace(day=3)), ("Kof", BORN)):
            with pytest.raises(RightsRefused, match="Nobody"):
                find_person(given=given, family_name="Osei", born=born)


def test_nobody_else_finds_gathers_or_reads_a_pack(cast: Any, home: Family, gathered: RightsRequest) -> None:
    for member in (cast.yasmin, cast.morgan, cast.admin):
        with cast.as_(member):
            assert not RightsRequest.objects.exists()
            assert not PackItem.objects.exists()
        for call in ("app.person_for_request('Kofi', 'Osei', '2012-03-02', '')", f"app.held_on({home.kofi}, {gathered.pk})",
                     f"app.rights_names(array[{home.kofi}])", "app.withdrawals_since(now())"):  # fmt: skip
            with pytest.raises(Error, match="governance"), cast.as_(member), connection.cursor() as cursor:
                cursor.execute(f"select * from {call}")


def test_without_an_open_request_of_that_very_person_the_lead_reads_nothing(
    cast: Any, home: Family, asked: RightsRequest
) -> None:
    def held(person: int) -> None:
        with cast.as_(cast.greta), connection.cursor() as cursor:
            cursor.execute("select * from app.held_on(%s, %s)", [person, asked.pk])

    with pytest.raises(Error, match="no open request"):
        held(home.efua)
    with cast.as_(cast.greta):
        close(request=asked, outcome="withdrawn", reason="He took it back")
        assert not Person.objects.filter(pk=home.kofi).exists()
    with pytest.raises(Error, match="no open request"):
        held(home.kofi)


def test_gathering_leaves_its_own_access_row(cast: Any, home: Family, gathered: RightsRequest) -> None:
    with cast.as_(cast.greta), connection.cursor() as cursor:
        cursor.execute(
            "select act, reason, subjects from app.access_log(now() - interval '1 day', now() + interval '1 day', null, null, null, 50) where page = 'rights:gather'"
        )
        rows = cursor.fetchall()
    assert len(rows) == 1
    assert rows[0][:2] == ("export", "Subject access request")
    assert home.kofi in rows[0][2]


def test_what_names_or_concerns_others_is_marked_and_colleagues_stay(
    cast: Any, gathered: RightsRequest
) -> None:
    found = parts(cast, gathered)
    by_table = {(item.table_name, item.field): item for item in found}
    assert by_table[("event_note", "Text")].mark == Mark.NAMES
    assert by_table[("person", "Given")].mark == Mark.NONE
    assert by_table[("sharing_basis", "Given by")].value == "Efua Osei"
    assert by_table[("sharing_basis", "Given by")].mark == Mark.NAMES
    assert any(item.value == "Young carers team" and item.mark == Mark.NONE for item in found)
    assert not any("alcohol" in item.value.lower() for item in found)


def test_a_pack_is_not_released_before_each_marked_part_is_decided_with_a_reason(
    cast: Any, gathered: RightsRequest
) -> None:
    marked = [item.pk for item in parts(cast, gathered) if item.mark]
    with cast.as_(cast.greta) as me:
        with pytest.raises(RightsRefused, match="not decided"):
            release(by=me, request=gathered)
        with pytest.raises(RightsRefused, match="why"):
            decide(by=me, request=gathered, items=marked, decision="redact", reason=" ")
        decide(by=me, request=gathered, items=marked, decision="redact", reason="About his mother")
        release(by=me, request=gathered)
        with pytest.raises(RightsRefused, match="released"):
            decide(by=me, request=gathered, items=marked, decision="keep", reason="No")


def test_an_unreleased_pack_cannot_be_downloaded_and_a_released_one_holds_only_what_was_kept(
    cast: Any, gathered: RightsRequest
) -> None:
    client = cast.greta.client()
    for kind in ("json", "pdf"):
        assert client.get(f"/rights/requests/{gathered.uuid}/pack.{kind}").status_code == 404
    marked = [item.pk for item in parts(cast, gathered) if item.mark]
    with cast.as_(cast.greta) as me:
        decide(by=me, request=gathered, items=marked, decision="redact", reason="About his mother")
        release(by=me, request=gathered)
    answer = client.get(f"/rights/requests/{gathered.uuid}/pack.json")
    text = answer.content.decode()
    told = json.loads(text)
    assert told["about"] == "Kofi Osei"
    assert "Efua" not in text
    assert "[removed: about somebody else]" in text
    pdf = client.get(f"/rights/requests/{gathered.uuid}/pack.pdf")
    assert pdf.content[:5] == b"%PDF-"
    with cast.as_(cast.greta):
        sections = released(gathered.items.order_by("position"))
    assert any(section.name == "Person" for section in sections)


def test_what_is_hidden_leaves_no_trace_in_the_pack() -> None:
    hidden = PackItem(
        table_name="sharing_shield",
        row_key="1",
        field="Level",
        value="full",
        mark=Mark.HIDDEN,
        decision="redact",
    )
    assert released([hidden]) == []


def test_a_request_says_who_asked_and_how_they_were_checked(cast: Any, home: Family) -> None:
    with cast.as_(cast.greta) as me:
        for asked_by, identity, field in (("", "Passport", "asked_by"), ("Himself", " ", "identity")):
            with pytest.raises(RightsRefused) as refused:
                record_request(
                    by=me,
                    kind="access",
                    subject=home.kofi,
                    asked_on=BORN,
                    asked_by=asked_by,
                    identity=identity,
                )
            assert refused.value.field == field


def test_a_closed_request_stays_closed(cast: Any, home: Family) -> None:
    row = request_of(cast, home.kofi, "access")
    with cast.as_(cast.greta):
        close(request=row, outcome="refused", reason="Asked the month before")
        with pytest.raises(RightsRefused, match="closed"):
            close(request=row, outcome="withdrawn", reason="Again")
    with pytest.raises(Error, match="append-only"), cast.as_(cast.greta):
        RightsRequest.objects.filter(pk=row.pk).update(outcome="withdrawn")


def test_the_command_writes_a_pack_only_after_its_release(
    cast: Any, asked: RightsRequest, home: Family, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with cast.as_(cast.yasmin):
        person = str(Person.objects.get(pk=home.kofi).uuid)

    def run(email: str, key: str = person) -> int:
        return commands.subject_access(
            argparse.Namespace(
                person=key, request=str(asked.uuid), out=str(tmp_path / "pack"), email=email, json=True
            )
        )

    assert run("yasmin@northmoor.example") == 2
    assert run("greta@northmoor.example", str(asked.uuid)) == 2
    assert run("greta@northmoor.example") == 1
    assert json.loads(capsys.readouterr().out)["undecided"] > 0
    assert not (tmp_path / "pack").exists()
    marked = [item.pk for item in parts(cast, asked) if item.mark]
    with cast.as_(cast.greta) as me:
        decide(by=me, request=asked, items=marked, decision="redact", reason="About his mother")
        release(by=me, request=asked)
    assert run("greta@northmoor.example") == 0
    assert (tmp_path / "pack" / "pack.pdf").read_bytes()[:5] == b"%PDF-"
    assert "Efua" not in (tmp_path / "pack" / "pack.json").read_text("utf-8")
    assert (tmp_path / "pack" / "pack.json").stat().st_mode & 0o077 == 0
