"""One person recorded twice: the pages show all of both, and two records are joined and parted on screen."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from teamaround.access.actions import state_purpose
from teamaround.index.actions import involve
from teamaround.people.actions import add_address, add_person
from teamaround.people.merges import merge_records
from teamaround.people.models import Address, Merge, Person
from teamaround.sharing.shields import put_up_shield


def words(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


@pytest.fixture
def koffi(cast: Any, world: Any) -> Person:
    """The same child as his school nurse's team wrote him, at another address and with another birthday."""
    with cast.as_(cast.nina) as me:
        team = cast.nina.team.pk
        person = add_person(
            by=me, team=team, given="Koffi", family_name="Osey", date_of_birth=dt.date(2014, 3, 20)
        )
        add_address(by=me, team=team, person=person.pk, lines="9 Mill Lane", postcode="SK3 9AB")
        involve(by=me, team=team, subject=person.pk, practitioner=cast.nina.practitioner.pk)
    return person


def join(cast: Any, world: Any, koffi: Person) -> Merge:
    with cast.as_(cast.morgan) as me:
        state_purpose(by=me, subject=koffi.pk, reason="The nurse says it is one child")
        return merge_records(
            by=me,
            team=cast.morgan.team.pk,
            person=koffi.pk,
            into=world.kofi.pk,
            reason="The nurse and the mother say that it is one child.",
        )


def test_the_page_shows_what_each_record_says_and_who_says_so(cast: Any, world: Any, koffi: Person) -> None:
    join(cast, world, koffi)
    said = words(cast.nina.client().get(f"/people/{world.kofi.uuid}/"))
    for expected in (
        "Team around Kofi",
        "Also recorded as Koffi Osey, born 20 March 2014, aged 12, recorded by Northmoor Health on",
        "Born 2 March 2014",
        "20 March 2014",
        "9 Mill Lane",
        "Two records joined on",
        "by Morgan Hale, because: The nurse and the mother say that it is one child.",
        "Yasmin Okoro",
        "Nina Patel",
    ):
        assert expected in said, expected


def test_the_page_of_a_joined_record_leads_to_the_one_that_stands_for_the_person(
    cast: Any, world: Any, koffi: Person
) -> None:
    join(cast, world, koffi)
    answer = cast.nina.client().get(f"/people/{koffi.uuid}/")
    assert answer.status_code == 302
    assert answer["Location"] == f"/people/{world.kofi.uuid}/"


def test_a_stranger_learns_nothing_of_either_record(cast: Any, world: Any, koffi: Person) -> None:
    join(cast, world, koffi)
    for key in (koffi.uuid, world.kofi.uuid):
        assert cast.olive.client().get(f"/people/{key}/").status_code == 404


@pytest.mark.parametrize("joined", [False, True])
def test_a_page_over_all_records_takes_at_most_fifteen_queries(
    cast: Any, world: Any, koffi: Person, joined: bool
) -> None:
    if joined:
        join(cast, world, koffi)
    client = cast.yasmin.client()
    for url in (f"/people/{world.kofi.uuid}/", f"/families/{world.family.uuid}/"):
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        assert len(queries) <= 15, "\n".join(each["sql"][:150] for each in queries)


def test_a_look_at_joined_records_is_logged_for_each(cast: Any, world: Any, koffi: Person) -> None:
    join(cast, world, koffi)
    with CaptureQueriesContext(connection) as queries:
        cast.yasmin.client().get(f"/people/{world.kofi.uuid}/")
    (written,) = [each["sql"] for each in queries if "access_look_line" in each["sql"]]
    assert str(world.kofi.pk) in written
    assert str(koffi.pk) in written


def test_an_entry_of_ones_own_under_any_record_can_be_put_right(cast: Any, world: Any, koffi: Person) -> None:
    join(cast, world, koffi)
    client = cast.nina.client()
    page = client.get(f"/people/{world.kofi.uuid}/").content.decode()
    links = re.findall(rf"/people/{world.kofi.uuid}/put-right/[0-9a-f]+/", page)
    assert links
    assert client.get(links[0]).status_code == 200


def test_a_manager_finds_the_other_record_looks_at_both_and_joins_them(
    cast: Any, world: Any, koffi: Person
) -> None:
    client = cast.morgan.client()
    assert client.get(f"/people/{world.kofi.uuid}/same-as/").status_code == 200
    client.post(f"/people/{world.kofi.uuid}/same-as/")
    client.post("/search/", {"name": "Koffi Osey", "reason": "May be Kofi"})
    found = client.get("/search/")
    assert "another record of the same person" in words(found)
    opened = client.post(f"/search/open/{koffi.uuid}/")
    url = f"/people/{world.kofi.uuid}/same-as/{koffi.uuid}/"
    assert opened["Location"] == url
    page = client.get(url)
    said = words(page)
    for expected in ("Differs", "Born 20 March 2014", "Nothing is moved or lost", "sees both records"):
        assert expected in said, expected
    assert client.post(url, {"into": str(world.kofi.uuid), "reason": ""}).status_code == 200
    answer = client.post(url, {"into": str(world.kofi.uuid), "reason": "One child, says the nurse."})
    assert answer["Location"] == f"/people/{world.kofi.uuid}/"
    with cast.as_(cast.morgan):
        assert Merge.objects.get(undone_at=None).subject_id == koffi.pk


def test_looking_at_both_records_takes_at_most_fifteen_queries(cast: Any, world: Any, koffi: Person) -> None:
    client = cast.morgan.client()
    with cast.as_(cast.morgan) as me:
        state_purpose(by=me, subject=koffi.pk, reason="May be Kofi")
    url = f"/people/{world.kofi.uuid}/same-as/{koffi.uuid}/"
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    assert len(queries) <= 15, "\n".join(each["sql"][:150] for each in queries)


def test_joining_is_offered_to_managers_alone(cast: Any, world: Any, koffi: Person) -> None:
    url = f"/people/{world.kofi.uuid}/"
    assert "may be the same person" in words(cast.morgan.client().get(url))
    assert "may be the same person" not in words(cast.yasmin.client().get(url))
    assert cast.yasmin.client().get(f"{url}same-as/").status_code == 403


def test_a_record_that_a_full_shield_hides_from_me_does_not_exist_here(
    cast: Any, world: Any, koffi: Person
) -> None:
    with cast.as_(cast.nina) as me:
        put_up_shield(
            by=me,
            team=cast.nina.team.pk,
            subject=koffi.pk,
            level="full",
            reason="A threat.",
            review_on=timezone.localdate() + dt.timedelta(days=20),
        )
    with cast.as_(cast.morgan) as me:
        state_purpose(by=me, subject=koffi.pk, reason="May be Kofi")
    client = cast.morgan.client()
    nobody = client.get(f"/people/{world.kofi.uuid}/same-as/{world.episode.uuid}/")
    hidden = client.get(f"/people/{world.kofi.uuid}/same-as/{koffi.uuid}/")
    assert (hidden.status_code, words(hidden)) == (404, words(nobody))
    client.post(f"/people/{world.kofi.uuid}/same-as/")
    client.post("/search/", {"name": "Koffi Osey", "reason": "May be Kofi"})
    said = words(client.get("/search/"))
    assert "Nobody fits" in said
    assert said.count("Koffi Osey") == 1, "it is what was typed, and nothing else"


def test_undoing_asks_row_by_row_and_moves_what_belongs_to_the_other(
    cast: Any, world: Any, koffi: Person
) -> None:
    merge = join(cast, world, koffi)
    with cast.as_(cast.morgan) as me:
        written = add_address(
            by=me, team=cast.morgan.team.pk, person=world.kofi.pk, lines="12 Hill Road", postcode="SK3 1AA"
        )
    client = cast.morgan.client()
    url = f"/merges/{merge.uuid}/undo/"
    page = client.get(url)
    said = words(page)
    assert "12 Hill Road" in said
    assert "Stays with Kofi Osei" in said
    assert "Belongs to Koffi Osey" in said
    (name,) = set(re.findall(r'name="(row_[0-9a-f]+)"', page.content.decode()))
    answer = client.post(url, {name: "other", "reason": "Two cousins.", "version": "1"})
    assert answer.status_code == 302
    with cast.as_(cast.nina):
        assert Merge.objects.get(pk=merge.pk).undone_at is not None
    with cast.as_(cast.morgan):
        assert Address.objects.get(pk=written.pk).subject_id == koffi.pk


def test_undoing_needs_a_reason_and_is_for_managers_who_see_one_of_the_records(
    cast: Any, world: Any, koffi: Person
) -> None:
    url = f"/merges/{join(cast, world, koffi).uuid}/undo/"
    assert cast.yasmin.client().get(url).status_code == 403
    client = cast.morgan.client()
    assert client.post(url, {"reason": "", "version": "1"}).status_code == 200
    with cast.as_(cast.morgan):
        assert Merge.objects.get().undone_at is None


def test_the_undo_page_takes_at_most_fifteen_queries(cast: Any, world: Any, koffi: Person) -> None:
    url = f"/merges/{join(cast, world, koffi).uuid}/undo/"
    client = cast.morgan.client()
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    assert len(queries) <= 15, "\n".join(each["sql"][:150] for each in queries)
