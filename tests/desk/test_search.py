"""Finding somebody, and adding somebody who is not there yet."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from teamaround.access.models import Purpose
from teamaround.index.models import Involvement
from teamaround.people.models import FamilyMember, Person
from teamaround.sharing.shields import put_up_shield

WHY = "Family asked for help"


def words(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def look_for(client: Any, **typed: str) -> Any:
    answer = client.post("/search/", {"reason": WHY, **typed})
    assert answer.status_code == 302, words(answer)
    assert answer["Location"] == "/search/"
    return client.get("/search/")


def test_a_search_shows_what_fits_with_its_reason_and_no_more_than_is_needed(cast: Any, kofi: Any) -> None:
    said = words(look_for(cast.nina.client(), name="kofi osie"))
    assert "Kofi Osei" in said
    assert "Born 2 March 2014" in said
    assert "lives in SK3" in said
    assert "Why they are here: Same forename; surname one letter different" in said
    for hidden in ("2DU", "Canal Row", "943"):
        assert hidden not in said.replace("name or number", "")


def test_no_address_carries_what_was_typed(cast: Any, kofi: Any) -> None:
    client = cast.nina.client()
    page = look_for(client, name="Kofi Osei", born="2014-03-02", postcode="sk3 2du").content.decode()
    for address in re.findall(r'(?:href|action)="([^"]*)"', page):
        assert not re.search(r"kofi|osei|2014|sk3", address, re.I), address


def test_opening_an_answer_states_the_reason_and_leads_to_the_person(cast: Any, kofi: Any) -> None:
    client = cast.nina.client()
    look_for(client, name="Kofi Osei")
    opened = client.post(f"/search/open/{kofi.uuid}/")
    assert opened["Location"] == f"/people/{kofi.uuid}/"
    assert WHY in words(client.get(opened["Location"]))
    client.post(f"/search/open/{kofi.uuid}/")
    with cast.as_(cast.nina):
        assert list(Purpose.objects.values_list("reason", flat=True)) == [WHY]


def test_whose_record_is_closed_to_me_opens_from_the_answers_in_an_emergency(cast: Any, kofi: Any) -> None:
    client = cast.nina.client()
    assert "Open in an emergency" in words(look_for(client, name="Kofi Osei"))
    opened = client.post(f"/search/open/{kofi.uuid}/", {"emergency": "1"})
    assert opened["Location"] == f"/sharing/emergency/{kofi.uuid}/"
    assert "Kofi Osei" in words(client.get(opened["Location"]))


def test_no_emergency_is_offered_to_who_sees_the_record_or_for_a_protected_entry(
    cast: Any, kofi: Any
) -> None:
    with cast.as_(cast.tom) as me:
        author = me.team.team in (kofi.author_team_id,)
    ours = cast.tom if author else cast.yasmin
    assert "emergency" not in words(look_for(ours.client(), name="Kofi Osei"))
    with cast.as_(ours) as me:
        put_up_shield(
            by=me,
            team=me.team.team,
            subject=kofi.pk,
            level="full",
            reason="Somebody looks for him",
            review_on=timezone.localdate() + dt.timedelta(days=30),
        )
    said = words(look_for(cast.nina.client(), name="Kofi Osei", born="2014-03-02"))
    assert "An entry exists and is protected" in said
    assert "emergency" not in said


def test_only_an_answer_of_the_search_in_hand_is_opened(cast: Any, kofi: Any) -> None:
    client = cast.nina.client()
    assert client.post(f"/search/open/{kofi.uuid}/")["Location"] == "/search/"
    look_for(client, name="Nobody Like That")
    assert client.post(f"/search/open/{kofi.uuid}/")["Location"] == "/search/"
    assert client.get(f"/people/{kofi.uuid}/").status_code == 404


def test_the_reason_is_asked_once_and_offered_again(cast: Any, kofi: Any) -> None:
    client = cast.nina.client()
    refused = client.post("/search/", {"name": "Kofi", "reason": " "})
    assert "Answer “Why are you searching?”" in words(refused)
    look_for(client, name="Kofi Osei")
    assert client.get("/search/?afresh=1")["Location"] == "/search/"
    fresh = client.get("/search/").content.decode()
    assert f'value="{WHY}"' in fresh
    assert "Kofi" not in fresh


@pytest.mark.parametrize(
    "name",
    [
        "a",
        "%",
        "_",
        "'; drop table person; --",
        "🙂",
        "x" * 200,
        "%%%%",
        "\\",
        "ﷺ",
        "O’Neill-Ståhl",
        "عمر",
        "null",
    ],
)
def test_no_name_breaks_the_search(cast: Any, kofi: Any, name: str) -> None:
    answer = cast.nina.client().post("/search/", {"name": name, "reason": WHY}, follow=True)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"name": "Mrs."}, "That is a title"),
        ({"name": "🙂🙂"}, "Enter a name written with letters"),
        ({"name": "x" * 500}, "must be 200 characters or fewer"),
        ({"name": "Ko\x00fi"}, "Null characters are not allowed"),
        ({"number": "9434765918"}, "NHS number does not add up"),
        ({"number": "A12"}, "Pupil number does not add up"),
        ({"postcode": "!!"}, "Enter a postcode, like SK3 2DU"),
        ({"born": "2999-01-01"}, "Date of birth"),
        ({"born_day": "31", "born_month": "2", "born_year": "2014"}, "Date of birth"),
        ({}, "Enter at least one"),
    ],
)
def test_what_cannot_be_searched_by_is_told_beside_its_field(
    cast: Any, kofi: Any, typed: Any, told: str
) -> None:
    answer = cast.nina.client().post("/search/", {**typed, "reason": WHY})
    assert answer.status_code == 200
    assert told in words(answer)
    assert "There is a problem" in words(answer)


def test_a_search_and_everybody_it_showed_are_recorded(cast: Any, kofi: Any) -> None:
    client = cast.nina.client()
    client.post("/search/", {"name": "Kofi Osei", "reason": WHY})
    with CaptureQueriesContext(connection) as queries:
        client.get("/search/")
    log = " ".join(each["sql"] for each in queries if "access_look" in each["sql"])
    assert WHY in log
    assert "'search'" in log
    assert str(kofi.pk) in log
    assert len(queries) <= 15


def test_what_was_typed_goes_along_to_adding_a_person(cast: Any) -> None:
    client = cast.yasmin.client()
    look_for(client, name="Aisha Rahman", born="2012-03-14", postcode="SK1 3AA", number="943 476 5919")
    page = client.get("/people/add/").content.decode()
    for value in ("Aisha", "Rahman", "2012", "SK1 3AA", "9434765919"):
        assert f'value="{value}"' in page, value


def test_a_person_is_added_once_with_the_own_teams_involvement(cast: Any) -> None:
    client = cast.yasmin.client()
    typed = {"given": "Aisha", "family_name": "Rahman", "sex": "F", "date_of_birth_year": "2012"}
    first = client.post("/people/add/", typed)
    assert first.status_code == 302
    assert client.post("/people/add/", typed)["Location"] == first["Location"]
    with cast.as_(cast.yasmin):
        person = Person.objects.get(given="Aisha")
        assert person.born_precision == "year"
        assert Involvement.objects.get(subject_id=person.pk).practitioner_id == cast.yasmin.practitioner.pk
    assert "Born 2012" in words(client.get(first["Location"]))


def test_somebody_alike_is_shown_before_a_second_record_is_made(cast: Any, kofi: Any) -> None:
    client = cast.nina.client()
    typed = {"given": "Kofi", "family_name": "Osei", "sex": "M", "date_of_birth": "2014-03-02"}
    asked = client.post("/people/add/", typed)
    assert "These people may be the same" in words(asked)
    with cast.as_(cast.nina):
        assert not Person.objects.exists()
    assert client.post(f"/search/open/{kofi.uuid}/")["Location"] == f"/people/{kofi.uuid}/"
    stamp = re.search(r'name="go_on" value="([0-9a-f]+)"', asked.content.decode())
    assert stamp is not None
    changed = client.post("/people/add/", {**typed, "date_of_birth": "2014-03-03", "go_on": stamp.group(1)})
    assert "These people may be the same" in words(changed)
    assert client.post("/people/add/", {**typed, "go_on": stamp.group(1)}).status_code == 302


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (
            {"date_of_birth_day": "31", "date_of_birth_month": "2", "date_of_birth_year": "2014"},
            "Date of birth",
        ),
        ({"date_of_birth": "2999-01-01"}, "Date of birth"),
        ({"date_of_birth": "1850-01-01"}, "Date of birth"),
        ({"nhs_number": "9434765918"}, "NHS number does not add up"),
        ({"pupil_number": "Z123456789012"}, "Pupil number does not add up"),
        ({"postcode": "nowhere"}, "Enter a postcode"),
        ({"given": "", "family_name": ""}, "Enter a first name or a last name"),
    ],
)
def test_what_cannot_be_right_is_refused_beside_its_field(cast: Any, typed: Any, told: str) -> None:
    answer = cast.yasmin.client().post(
        "/people/add/", {"given": "Al", "family_name": "O’Neil", "sex": "U", **typed}
    )
    assert answer.status_code == 200
    assert told in words(answer)
    with cast.as_(cast.yasmin):
        assert not Person.objects.exists()


def test_a_family_is_begun_and_its_members_found_or_added(cast: Any, world: Any) -> None:
    client = cast.yasmin.client()
    begun = client.post(f"/people/{world.kofi.uuid}/family/", {"name": "Mensah family", "role": "child"})
    key = begun["Location"].split("/")[2]
    assert client.post(f"/families/{key}/add/")["Location"] == "/search/"
    assert "looking for somebody to add to a family" in words(look_for(client, name="Efua Osei"))
    opened = client.post(f"/search/open/{world.mum.uuid}/")
    assert opened["Location"] == f"/families/{key}/add/{world.mum.uuid}/"
    joined = client.post(opened["Location"], {"role": "parent", "lives_here": "on"})
    assert joined["Location"] == f"/families/{key}/"
    client.post(opened["Location"], {"role": "parent", "lives_here": "on"})
    with cast.as_(cast.yasmin):
        assert FamilyMember.objects.filter(person_id=world.mum.pk).count() == 2
        assert FamilyMember.objects.filter(person_id=world.kofi.pk).count() == 2
    said = words(client.get(f"/families/{key}/"))
    assert "Kofi Osei" in said
    assert "Efua Osei" in said
    assert cast.tom.client().post(f"/families/{key}/add/").status_code == 404


def test_nothing_searched_for_stays_outside_the_servers_session(cast: Any, kofi: Any) -> None:
    client = cast.nina.client()
    look_for(client, name="Kofi Osei")
    assert not any("Kofi" in cookie.value for cookie in client.cookies.values())
    with cast.as_(cast.nina):
        assert Session.objects.count() == 1
