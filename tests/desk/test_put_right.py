"""A team strikes out its own wrong entries, with the reason."""

from __future__ import annotations

import re
from typing import Any

import pytest

from teamaround.access.edits import StaleEdit
from teamaround.index.actions import Query, search
from teamaround.people import actions
from teamaround.people.actions import FactRefused
from teamaround.people.models import Address, FamilyMember, Identifier, Person, PersonName


def links(client: Any, person: Person) -> dict[str, str]:
    page = client.get(f"/people/{person.uuid}/").content.decode()
    found = re.findall(r'href="([^"]*/put-right/[^"]*)">Put right<span[^>]*> ([^<]*)<', page)
    return {what: url for url, what in found}


def found_by(me: Any, **query: str) -> list[int]:
    return [row.subject for row in search(by=me, query=Query(**query), reason="Testing")]


def test_a_wrong_entry_is_struck_out_with_its_reason_and_leaves_page_and_search(
    cast: Any, world: Any
) -> None:
    client = cast.yasmin.client()
    urls = links(client, world.kofi)
    url = urls["Home"]
    assert str(world.kofi.pk) not in url.rpartition("put-right")[2].split("/")
    page = client.get(url).content.decode()
    assert "4 Canal Row" in page
    assert client.post(url, {"reason": "", "version": 1}).status_code == 200
    assert client.post(url, {"reason": "Mistyped", "version": 9}).status_code == 409
    done = client.post(url, {"reason": "This is the neighbour's", "version": 1})
    assert done["Location"] == f"/people/{world.kofi.uuid}/"
    after = client.get(f"/people/{world.kofi.uuid}/").content.decode()
    assert "4 Canal Row" not in after
    assert client.get(url).status_code == 404
    with cast.as_(cast.yasmin) as me:
        row = Address.objects.get(subject_id=world.kofi.pk)
        assert row.voided_at is not None
        assert row.void_reason == "This is the neighbour's"
        assert world.kofi.pk not in found_by(me, postcode="SK3 2DU")


def test_every_kind_of_own_entry_can_be_struck_out(cast: Any, world: Any) -> None:
    client = cast.yasmin.client()
    urls = links(client, world.kofi)
    assert {"Home", "NHS number", "Cares for", "Child of Efua Osei", "Osei family: Child"} <= set(urls)
    for what in ("NHS number", "Cares for", "Child of Efua Osei", "Osei family: Child"):
        assert client.get(urls[what]).status_code == 200
        assert client.post(urls[what], {"reason": "Not theirs", "version": 1}).status_code == 302, what
    assert not set(links(client, world.kofi)) & {"NHS number", "Cares for", "Osei family: Child"}
    with cast.as_(cast.yasmin):
        assert FamilyMember.objects.get(person_id=world.kofi.pk).void_reason == "Not theirs"


def test_another_teams_entry_is_not_put_right(cast: Any, world: Any) -> None:
    url = links(cast.yasmin.client(), world.kofi)["NHS number"]
    assert cast.tom.client().get(url).status_code == 404
    assert not links(cast.tom.client(), world.kofi)
    with cast.as_(cast.yasmin):
        row = Identifier.objects.get(subject_id=world.kofi.pk)
    with cast.as_(cast.tom) as me, pytest.raises(FactRefused, match="Only the team that wrote"):
        actions.void_fact(by=me, fact=row, version=row.version, reason="Wrong")
    with cast.as_(cast.yasmin) as me:
        actions.void_fact(by=me, fact=row, version=row.version, reason="Wrong")
        with pytest.raises(StaleEdit):
            actions.void_fact(by=me, fact=row, version=row.version, reason="Wrong")


def test_a_wrong_name_gives_way_to_another_and_is_found_no_more(cast: Any, world: Any) -> None:
    with cast.as_(cast.yasmin) as me:
        wrong = PersonName.objects.get(subject_id=world.kofi.pk)
        with pytest.raises(FactRefused, match="only name on the record"):
            actions.void_fact(by=me, fact=wrong, version=wrong.version, reason="Misheard")
        actions.add_name(
            by=me,
            team=cast.yasmin.team.pk,
            person=world.kofi.pk,
            given="Kwabena",
            family_name="Amponsah",
            kind="legal",
        )
        actions.void_fact(by=me, fact=wrong, version=wrong.version, reason="Misheard")
        assert Person.objects.get(pk=world.kofi.pk).name == "Kwabena Amponsah"
        assert world.kofi.pk in found_by(me, name="Kwabena Amponsah")
        assert world.kofi.pk not in found_by(me, name="Kofi Osei")
