"""What a shield hides is found by no search and no upload; whom it names finds it as before."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from teamaround.access.edits import StaleEdit
from teamaround.access.models import Grant
from teamaround.index.actions import Query, search
from teamaround.index.searching import match_rows, reasons
from teamaround.linkage.features import Record, features_of
from teamaround.people.actions import add_address, add_identifier
from teamaround.sharing.actions import BasisRefused
from teamaround.sharing.models import Shield, ShieldReview
from teamaround.sharing.shields import add_holders, lift_shield, put_up_shield, review_shield


def review_on() -> dt.date:
    return timezone.localdate() + dt.timedelta(days=30)


@pytest.fixture
def hidden(cast: Any, house: Any) -> Any:
    """Puts up a shield of a level about Kofi, who lives in M1 1AA and has an NHS number."""
    with cast.as_(cast.yasmin) as me:
        add_address(by=me, team=me.team.team, person=house.kofi.pk, lines="1 Mill Row", postcode="M1 1AA")
        add_identifier(by=me, team=me.team.team, person=house.kofi.pk, scheme="nhs", value="9434765919")

    def put_up(level: str) -> Shield:
        with cast.as_(cast.yasmin) as me:
            return put_up_shield(
                by=me,
                team=me.team.team,
                subject=house.kofi.pk,
                level=level,
                reason="Her former partner looks for them",
                review_on=review_on(),
            )

    return put_up


def found(cast: Any, member: Any, **query: Any) -> list[Any]:
    """What a search tells of Kofi, or of an entry without a name."""
    with cast.as_(member) as me:
        rows = search(by=me, query=Query(**query), reason="Duty")
        return [row for row in rows if row.protected or row.given == "Kofi"]


def matched(cast: Any, member: Any, house: Any) -> list[Any]:
    """What the matching of a caseload tells of Kofi: who, which area, and whether the postcode fits."""
    row = Record(
        given="Kofi", family="Osei", born=house.kofi.date_of_birth, postcodes=("M1 1AA",), nhs="9434765919"
    )
    with cast.as_(member):
        found = match_rows({1: features_of(row)}).get(1, [])
        return [
            (one.subject, one.area, "same postcode" in reasons(one.levels, False))
            for one in found
            if one.subject == house.kofi.pk
        ]


def test_without_a_shield_a_search_shows_the_area_and_fits_the_postcode(
    cast: Any, house: Any, hidden: Any
) -> None:
    (one,) = found(cast, cast.olive, name="Kofi Osei", postcode="M1 1AA")
    assert (one.area, "same postcode" in one.why) == ("M1", True)
    assert matched(cast, cast.olive, house) == [(house.kofi.pk, "M1", True)]


def test_a_shield_over_whereabouts_takes_place_out_of_search_and_upload(
    cast: Any, house: Any, hidden: Any
) -> None:
    hidden("whereabouts")
    (one,) = found(cast, cast.olive, name="Kofi Osei", postcode="M1 1AA")
    assert (one.name, one.area, one.why) == ("Kofi Osei", "", ("same name",))
    assert found(cast, cast.olive, postcode="M1 1AA") == []
    assert matched(cast, cast.olive, house) == [(house.kofi.pk, "", False)]
    (ours,) = found(cast, cast.yasmin, name="Kofi Osei", postcode="M1 1AA")
    assert ours.area == "M1"


def test_a_full_shield_tells_of_an_entry_only_to_who_knows_number_or_name_and_birthday(
    cast: Any, house: Any, hidden: Any
) -> None:
    hidden("full")
    for query in (
        {"identifier": "9434765919"},
        {"name": "Kofi Osei", "born": house.kofi.date_of_birth},
    ):
        (one,) = found(cast, cast.olive, **query)
        assert one.protected
        assert (one.uuid.int, one.name, one.date_of_birth, one.area) == (0, "", None, "")
    for query in (
        {"name": "Kofi Osei"},
        {"postcode": "M1 1AA"},
        {"name": "Koffi Osei", "postcode": "M1 1AA"},
    ):
        assert found(cast, cast.olive, **query) == []
    assert matched(cast, cast.olive, house) == []
    assert [one.name for one in found(cast, cast.tom, name="Kofi Osei")] == ["Kofi Osei"]


def test_the_search_page_says_that_a_protected_entry_exists_and_whom_to_ask(
    cast: Any, house: Any, hidden: Any
) -> None:
    hidden("full")
    client = cast.olive.client()
    client.post(reverse("desk:search"), {"number": "9434765919", "reason": "Duty"})
    text = client.get(reverse("desk:search")).content.decode()
    assert "An entry exists and is protected" in text
    assert "Ask the information-governance lead" in text
    assert str(house.kofi.uuid) not in text
    assert "Kofi" not in text


def test_a_shield_is_reviewed_shown_to_another_team_and_lifted(cast: Any, house: Any, hidden: Any) -> None:
    shield = hidden("whereabouts")
    with cast.as_(cast.yasmin) as me:
        review_shield(
            by=me, shield=shield, version=shield.version, reason="Still looking", review_on=review_on()
        )
        assert ShieldReview.objects.count() == 1
        add_holders(by=me, shield=shield, holders=[cast.olive.team.pk, cast.olive.team.pk])
        with pytest.raises(StaleEdit):
            lift_shield(by=me, shield=shield, version=1, reason="Too late")
        with pytest.raises(BasisRefused):
            lift_shield(by=me, shield=shield, version=shield.version, reason=" ")
    assert found(cast, cast.olive, name="Kofi Osei")[0].area == "M1"
    assert found(cast, cast.nina, name="Kofi Osei")[0].area == ""
    with cast.as_(cast.yasmin) as me:
        lift_shield(by=me, shield=shield, version=shield.version, reason="He moved abroad")
    assert found(cast, cast.nina, name="Kofi Osei")[0].area == "M1"


def test_the_page_puts_up_a_shield_and_says_nothing_of_it_to_others(cast: Any, house: Any) -> None:
    url = reverse("sharing:shield", args=[house.kofi.uuid])
    client = cast.yasmin.client()
    assert client.get(url).status_code == 200
    sent = {"level": "full", "reason": "He looks for them", "review_on": review_on().isoformat()}
    assert client.post(url, sent).status_code == 302
    assert "He looks for them" in client.get(url).content.decode()
    assert "He looks for them" not in cast.tom.client().get(url).content.decode()
    assert cast.olive.client().get(url).status_code == 404
    with cast.as_(cast.yasmin):
        shield = Shield.objects.get()
        assert Grant.objects.filter(subject_id=house.kofi.pk).exists()
    again = reverse("sharing:shield_review", args=[shield.uuid])
    assert cast.tom.client().get(again).status_code == 404
    stale = {"version": 7, "outcome": "lifted", "reason": "He is in prison"}
    page = client.post(again, stale)
    assert page.status_code == 409
    assert "He is in prison" in page.content.decode()
    assert client.post(again, {**stale, "version": 1}).status_code == 302
