"""A person's page: what each reader's grants show, and nothing more."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from teamaround.access.actions import state_purpose
from teamaround.events.actions import correct, record
from teamaround.events.models import Event
from teamaround.index.actions import involve
from teamaround.index.models import Involvement
from teamaround.people.actions import add_person
from teamaround.people.models import Address, CareReason, Caring, Identifier, Need, PersonName, SchoolPlace
from teamaround.sharing.actions import Cell, record_consent


def words(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_the_own_team_sees_the_whole_page(cast: Any, world: Any) -> None:
    page = cast.yasmin.client().get(f"/people/{world.kofi.uuid}/")
    said = words(page)
    assert page.status_code == 200
    for expected in (
        "Born 2 March 2014",
        "Young carer",
        "943 476 5919",
        "4 Canal Row SK3 2DU",
        "Northmoor Young Carers says, since",
        "Moor Lane School",
        "Referral accepted",
        "Fits the service.",
        "Finish the assessment",
        "Osei family",
        "Child of Efua Osei",
        "10 to 19 hours",
        "Lead practitioner",
        "Your own team wrote some or all of this.",
    ):
        assert expected in said, expected


def test_a_long_page_begins_with_links_to_its_parts_and_a_short_one_does_not(cast: Any, world: Any) -> None:
    def parts(who: Any) -> tuple[list[str], str]:
        page = who.client().get(f"/people/{world.kofi.uuid}/").content.decode()
        found = re.search(r'<nav class="ta-contents".*?</nav>', page, re.DOTALL)
        return re.findall(r'href="#([a-z]+)"', found[0]) if found else [], page

    links, page = parts(cast.yasmin)
    assert links[:3] == ["involved", "cases", "chronology"]
    headings = re.findall(r'<h2 [^>]*id="([a-z]+)"', page)
    assert links == [each for each in headings if each in links]
    with cast.as_(cast.nina) as me:
        state_purpose(by=me, subject=world.kofi.pk, reason="Health check at school")
    assert parts(cast.nina)[0] == []


def test_a_page_of_a_person_takes_at_most_fifteen_queries(cast: Any, world: Any) -> None:
    client = cast.yasmin.client()
    url = f"/people/{world.kofi.uuid}/"
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        client.get(url)
    assert len(queries) <= 15, "\n".join(each["sql"][:150] for each in queries)


def test_a_stated_purpose_shows_who_is_involved_and_not_one_section_more(cast: Any, world: Any) -> None:
    with cast.as_(cast.sam) as me:
        involve(by=me, team=cast.sam.team.pk, subject=world.kofi.pk)
    with cast.as_(cast.nina) as me:
        state_purpose(by=me, subject=world.kofi.pk, reason="Health check at school")
    said = words(cast.nina.client().get(f"/people/{world.kofi.uuid}/"))
    for expected in ("Kofi Osei", "Who is involved", "Yasmin", "Moor Lane School", "Show contact details"):
        assert expected in said, expected
    assert "You said why you need to look: “Health check at school”." in said
    for hidden in (
        "Recovery",
        "Sam Frost",
        "Young carer ",
        "Caring",
        "943 476",
        "Canal Row",
        "What has happened",
        "Referrals and cases",
        "Efua",
        "Osei family",
        "Family and relationships",
        "What each agency says",
        "Agreed about sharing",
        "Clocks",
        "Add to record",
    ):
        assert hidden not in said, hidden


def test_a_person_without_a_grant_does_not_exist(cast: Any, world: Any) -> None:
    assert cast.olive.client().get(f"/people/{world.kofi.uuid}/").status_code == 404
    assert cast.admin.client().get(f"/people/{world.kofi.uuid}/").status_code == 403
    assert cast.olive.client().get(f"/families/{world.family.uuid}/").status_code == 404


def test_consent_names_its_giver_and_its_end_where_it_shows_something(cast: Any, world: Any) -> None:
    with cast.as_(cast.yasmin) as me:
        record_consent(
            by=me,
            team=cast.yasmin.team.pk,
            subject=world.kofi.pk,
            given_by=world.mum.pk,
            capacity="parent",
            how="signed",
            valid_until=timezone.now() + dt.timedelta(days=180),
            cells=[Cell(world.kofi.pk, cast.nina.team.pk, "identity", "share")],
        )
    said = words(cast.nina.client().get(f"/people/{world.kofi.uuid}/"))
    assert "943 476 5919" in said
    assert "that your team may see this, until" in said
    assert "10 to 19 hours" not in said
    own = words(cast.yasmin.client().get(f"/people/{world.kofi.uuid}/"))
    assert "Efua Osei agreed" in own
    assert "Northmoor Health, School nursing may see: Names, address and identifiers" in own


def test_a_refusal_is_not_told_to_the_team_it_refuses(cast: Any, world: Any) -> None:
    with cast.as_(cast.nina) as me:
        state_purpose(by=me, subject=world.kofi.pk, reason="Health check at school")
    with cast.as_(cast.yasmin) as me:
        record_consent(
            by=me,
            team=cast.yasmin.team.pk,
            subject=world.kofi.pk,
            given_by=world.mum.pk,
            capacity="parent",
            how="signed",
            valid_until=timezone.now() + dt.timedelta(days=180),
            cells=[Cell(world.kofi.pk, cast.nina.team.pk, "substance", "refuse")],
        )
    refused = words(cast.nina.client().get(f"/people/{world.kofi.uuid}/"))
    assert "Agreed about sharing" not in refused
    assert "Alcohol" not in refused.partition("What you cannot see")[0]
    own = words(cast.yasmin.client().get(f"/people/{world.kofi.uuid}/"))
    assert "Efua Osei did not agree" in own
    assert "Northmoor Health, School nursing may not see: Alcohol and drugs" in own


def test_late_and_corrected_entries_say_so(cast: Any, kofi: Any) -> None:
    team = cast.yasmin.team.pk
    with cast.as_(cast.yasmin) as me:
        record(
            by=me,
            team=team,
            kind="visit.made",
            subjects=[kofi.pk],
            happened_at=timezone.now() - dt.timedelta(days=4),
            text="Saw him alone.",
        )
        correct(
            by=me,
            event=Event.objects.get(subject_id=kofi.pk, kind="visit.made"),
            void=True,
            text="Another child.",
        )
    said = words(cast.yasmin.client().get(f"/people/{kofi.uuid}/"))
    assert "Recorded on" in said
    assert "Entry struck out: visit" in said
    assert "Struck out" in said


def test_the_chronology_goes_on_page_by_page_without_gap_or_repeat(cast: Any, kofi: Any) -> None:
    with cast.as_(cast.yasmin) as me:
        for number in range(45):
            record(
                by=me,
                team=cast.yasmin.team.pk,
                kind="contact.recorded",
                subjects=[kofi.pk],
                happened_at=timezone.now() - dt.timedelta(days=number // 2),
                text=f"Contact number {number:02}.",
            )
    client, seen, query = cast.yasmin.client(), [], ""
    for _turn in range(5):
        page = client.get(f"/people/{kofi.uuid}/{query}").content.decode()
        seen += re.findall(r"Contact number \d\d", page)
        more = re.search(r'href="(\?before=[^"#]+)', page)
        if more is None:
            break
        query = more.group(1)
    assert len(seen) == 45
    assert len(set(seen)) == 45
    assert client.get(f"/people/{kofi.uuid}/?before=nonsense").status_code == 200


def test_one_says_that_one_works_with_a_child_and_ends_it_again(cast: Any, kofi: Any) -> None:
    with cast.as_(cast.nina) as me:
        state_purpose(by=me, subject=kofi.pk, reason="Health check")
    client = cast.nina.client()
    assert client.get(f"/people/{kofi.uuid}/involve/").status_code == 405
    client.post(f"/people/{kofi.uuid}/involve/")
    client.post(f"/people/{kofi.uuid}/involve/")
    with cast.as_(cast.nina):
        own = Involvement.objects.get(subject_id=kofi.pk, author_team=cast.nina.team)
    assert own.practitioner_id == cast.nina.practitioner.pk
    assert cast.yasmin.client().post(f"/involvements/{own.uuid}/end/").status_code == 403
    ended = client.post(f"/involvements/{own.uuid}/end/", {"on": timezone.localdate().isoformat()})
    assert ended.status_code == 302
    with cast.as_(cast.nina):
        assert Involvement.objects.get(pk=own.pk).until == timezone.localdate()


@pytest.mark.parametrize(
    ("kind", "typed", "model"),
    [
        ("name", {"given": "Kwame", "family_name": "", "kind": "known_as"}, PersonName),
        ("address", {"lines": "2 Mill Lane", "postcode": "sk13aa", "kind": "home"}, Address),
        ("number", {"scheme": "nhs", "value": "943 476 5919"}, Identifier),
        ("need", {"kind": "language", "words": "Twi"}, Need),
        ("school", {"school_name": "Moor Lane School", "young_carer_indicator": "P"}, SchoolPlace),
        ("caring", {"relation": "mum", "tasks": ["Medicines"], "hours": "10-19"}, Caring),
    ],
)
def test_a_fact_is_added_as_the_own_teams_word(
    cast: Any, kofi: Any, kind: str, typed: Any, model: Any
) -> None:
    client = cast.yasmin.client()
    url = f"/people/{kofi.uuid}/add/{kind}/"
    assert client.get(url).status_code == 200
    with cast.as_(cast.yasmin):
        before = model.objects.filter(subject_id=kofi.pk).count()
    assert client.post(url, typed).status_code == 302
    with cast.as_(cast.yasmin):
        rows = model.objects.filter(subject_id=kofi.pk).order_by("-id")
        assert rows.count() == before + 1
        assert rows[0].author_team_id == cast.yasmin.team.pk


def test_a_fact_that_cannot_be_right_is_refused_beside_its_field(cast: Any, kofi: Any) -> None:
    client = cast.yasmin.client()
    page = client.post(f"/people/{kofi.uuid}/add/number/", {"scheme": "nhs", "value": "9434765918"})
    assert page.status_code == 200
    assert "does not add up" in words(page)
    assert "Say whom they care for" in words(client.post(f"/people/{kofi.uuid}/add/caring/", {}))
    assert "Enter a postcode" in words(
        client.post(f"/people/{kofi.uuid}/add/address/", {"postcode": "??", "kind": "home"})
    )


def test_a_team_that_does_not_work_with_somebody_adds_nothing(cast: Any, kofi: Any) -> None:
    with cast.as_(cast.nina) as me:
        state_purpose(by=me, subject=kofi.pk, reason="Health check")
    answer = cast.nina.client().post(f"/people/{kofi.uuid}/add/name/", {"given": "Kwame", "kind": "alias"})
    assert answer.status_code == 302
    with cast.as_(cast.nina):
        assert not PersonName.objects.filter(subject_id=kofi.pk).exists()


def test_a_reason_for_care_is_asked_on_an_adults_page_alone(cast: Any, world: Any) -> None:
    client = cast.yasmin.client()
    assert "Add why they need care" not in words(client.get(f"/people/{world.kofi.uuid}/"))
    assert client.post(f"/people/{world.kofi.uuid}/add/reason/", {"kind": "alcohol"}).status_code == 404
    assert "Add why they need care" in words(client.get(f"/people/{world.mum.uuid}/"))
    assert client.post(f"/people/{world.mum.uuid}/add/reason/", {"kind": "alcohol"}).status_code == 302
    with cast.as_(cast.yasmin):
        assert CareReason.objects.get().subject_id == world.mum.pk
        unknown = add_person(by=cast.yasmin.me, team=cast.yasmin.team.pk, given="Sami", family_name="Osei")
    assert client.get(f"/people/{unknown.uuid}/add/reason/").status_code == 404
    assert "Alcohol" in words(client.get(f"/people/{world.mum.uuid}/"))
    told = words(client.get(f"/people/{world.kofi.uuid}/")).partition("What you cannot see")[0]
    assert "Alcohol" not in told


def test_a_relationship_is_offered_among_the_familys_members(cast: Any, world: Any) -> None:
    client = cast.yasmin.client()
    url = f"/people/{world.kofi.uuid}/add/relationship/"
    assert "Efua Osei" in words(client.get(url))
    saved = client.post(url, {"kind": "kin", "other": str(world.mum.uuid)})
    assert saved.status_code == 302
    assert "Relative of Efua Osei" in words(client.get(f"/people/{world.kofi.uuid}/"))
    assert client.post(url, {"kind": "kin", "other": str(world.kofi.uuid)}).status_code == 200


def test_each_look_at_a_person_is_written_with_its_categories(cast: Any, world: Any) -> None:
    with CaptureQueriesContext(connection) as queries:
        cast.yasmin.client().get(f"/people/{world.kofi.uuid}/")
    lines = [each["sql"] for each in queries if "access_look_line" in each["sql"]]
    assert len(lines) == 1
    for category in ("index", "identity", "assessment", "referral"):
        assert category in lines[0]
