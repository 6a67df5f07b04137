"""The pages of withdrawal, other reasons, emergencies, settlements and agendas, with the cast."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from teamaround.access.actions import state_purpose
from teamaround.people.models import PersonName
from teamaround.sharing.due import due_for
from teamaround.sharing.models import Basis, LawfulBasis, Paper, Settlement
from teamaround.sharing.standing import months_after

PDF = b"%PDF-1.7 a form"


def today(days: int = 0) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=days)


def url(name: str, *args: Any) -> str:
    return reverse(f"sharing:{name}", args=args)


def words(page: Any) -> str:
    return str(page.content.decode()).replace("&#x27;", "'")


def consent(house: Any, **more: Any) -> dict[str, Any]:
    return {
        "token": str(uuid.uuid4()),
        "given_by": str(house.efua.uuid),
        "capacity": "parent",
        "subjects": [str(house.kofi.uuid)],
        "team": ["moor-lane"],
        "moor-lane--health": "share",
        "since": today().isoformat(),
        "until": months_after(today(), 6).isoformat(),
        "how": "signed",
        **more,
    }


def sees_names(cast: Any, member: Any, house: Any) -> bool:
    with cast.as_(member):
        return PersonName.objects.filter(subject_id=house.kofi.pk).exists()


def test_a_worker_of_another_team_takes_one_cell_back_on_the_page(cast: Any, house: Any) -> None:
    house.agree(house.efua, (cast.tom, "identity", "share"), (cast.tom, "education", "share"))
    client = cast.tom.client()
    page = client.get(url("take_back", house.kofi.uuid))
    assert "Moor Lane School: Pastoral team sees: Names, address and identifiers" in words(page)
    assert "Each team keeps what it wrote itself." in words(page)
    assert "Whoever agreed on" in words(page)
    with cast.as_(cast.tom):
        agreed = str(Basis.objects.get().uuid)
    sent = {
        "giver": agreed,
        "what": "some",
        "holders": ["moor-lane"],
        "categories": ["identity"],
        "how": "verbal",
    }
    assert client.post(url("take_back", house.kofi.uuid), sent).status_code == 302
    assert not sees_names(cast, cast.tom, house)
    with cast.as_(cast.yasmin):
        first = Basis.objects.order_by("pk").first()
    text = words(cast.yasmin.client().get(url("detail", first.uuid)))
    assert "Changed on" in text
    assert "do not share, Moor Lane School: Pastoral team: Names, address and identifiers" in text


def test_nothing_chosen_to_take_back_is_refused_beside_the_question(cast: Any, house: Any) -> None:
    sent = {"giver": str(house.efua.uuid), "what": "some", "how": "verbal"}
    page = cast.yasmin.client().post(url("take_back", house.kofi.uuid), sent)
    assert set(page.context["form"].errors) == {"holders", "categories"}


def test_only_those_who_may_have_decided_are_offered_as_givers(cast: Any, house: Any) -> None:
    page = cast.yasmin.client().get(url("take_back", house.kofi.uuid))
    names = [label for _key, label in page.context["form"].fields["giver"].choices]
    assert not any(name.startswith(("Ama", "Abena")) for name in names)
    assert any(name.startswith("Kofi") for name in names)


def test_a_stale_tab_after_a_withdrawal_is_refused_with_everything_typed(cast: Any, house: Any) -> None:
    house.agree(house.efua, (cast.tom, "identity", "share"))
    client = cast.yasmin.client()
    page = client.get(url("consent", house.kofi.uuid))
    seen = page.context["form"].initial["seen"]
    client.post(
        url("take_back", house.kofi.uuid), {"giver": str(house.efua.uuid), "what": "all", "how": "verbal"}
    )
    sent = consent(house, seen=seen, understanding="Kept as it was")
    stale = client.post(url("consent", house.kofi.uuid), sent)
    assert stale.status_code == 409
    assert "Kept as it was" in words(stale)
    assert "Somebody recorded or took back an answer" in words(stale)
    again = {**sent, "seen": stale.context["form"].data["seen"]}
    assert client.post(url("consent", house.kofi.uuid), again).status_code == 302
    assert client.post(url("consent", house.kofi.uuid), again).status_code == 302
    with cast.as_(cast.yasmin):
        assert Basis.objects.filter(uuid=sent["token"]).count() == 1


def test_a_paper_form_is_kept_by_what_it_contains_and_given_back_as_a_file(cast: Any, house: Any) -> None:
    client = cast.yasmin.client()
    bad = consent(house, how="paper", paper=SimpleUploadedFile("form.pdf", b"<html>no</html>"))
    page = client.post(url("consent", house.kofi.uuid), bad)
    assert set(page.context["form"].errors) == {"paper"}
    good = consent(house, how="paper", paper=SimpleUploadedFile("form.exe", PDF))
    shown = client.post(url("consent", house.kofi.uuid), good)
    assert shown.status_code == 302
    assert "The signed form, as a file" in words(client.get(shown.url))
    with cast.as_(cast.yasmin):
        paper = Paper.objects.get()
    answer = client.get(url("paper", paper.uuid))
    assert answer.content == PDF
    assert answer["Content-Type"] == "application/pdf"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"].startswith("attachment")
    for member in (cast.tom, cast.olive):
        assert member.client().get(url("paper", paper.uuid)).status_code == 404


def test_vital_interests_are_reviewed_within_a_week_and_the_duty_is_offered_only_while_it_is_on(
    cast: Any, house: Any
) -> None:
    client = cast.yasmin.client()
    assert client.get(url("duty", house.kofi.uuid)).status_code == 404
    sent = {
        "token": str(uuid.uuid4()),
        "subjects": [str(house.kofi.uuid)],
        "reason": "He has taken tablets and cannot be asked.",
        "review_on": today(20).isoformat(),
        "team": ["moor-lane"],
        "moor-lane": ["identity"],
        "keep_from_family": "on",
    }
    page = client.post(url("vital", house.kofi.uuid), sent)
    assert set(page.context["form"].errors) == {"review_on"}
    shown = client.post(url("vital", house.kofi.uuid), {**sent, "review_on": today(3).isoformat()})
    assert "No: it would add risk" in words(client.get(shown.url))
    assert sees_names(cast, cast.tom, house)
    admin = cast.admin.client()
    on = {"authority": "The Act, section 4", "effective_from": today().isoformat(), "effective_until": ""}
    assert admin.post(reverse("administration:duty"), on).status_code == 302
    assert client.get(url("duty", house.kofi.uuid)).status_code == 200
    text = words(admin.get(reverse("administration:duty")))
    assert "The Act, section 4" in text
    period = re.search(r'name="period" value="(\d+)"', text)
    assert period is not None
    for number in ("", "x", "999999999999999999999", period[1]):
        assert admin.post(reverse("administration:end_duty"), {"period": number}).status_code == 302
    assert client.get(url("duty", house.kofi.uuid)).status_code == 404


def test_a_review_page_extends_and_a_stale_one_keeps_what_was_typed(cast: Any, house: Any) -> None:
    client = cast.yasmin.client()
    sent = {
        "token": str(uuid.uuid4()),
        "subjects": [str(house.kofi.uuid)],
        "reason": "He was hit at home.",
        "review_on": today(3).isoformat(),
        "team": ["moor-lane"],
        "moor-lane": ["identity"],
    }
    client.post(url("safeguarding", house.kofi.uuid), sent)
    with cast.as_(cast.yasmin) as me:
        basis = Basis.objects.get()
        (due,) = [each for each in due_for(me) if "without consent" in each.title]
        assert due.url == url("review", basis.uuid)
    form = {"outcome": "goes_on", "review_on": today(30).isoformat(), "reason": "Still at risk"}
    stale = client.post(due.url, {**form, "version": 9})
    assert stale.status_code == 409
    assert "Still at risk" in words(stale)
    assert client.post(due.url, {**form, "version": 1}).status_code == 302
    with cast.as_(cast.yasmin) as me:
        assert due_for(me) == []
    assert cast.tom.client().get(due.url).status_code == 403


def test_an_emergency_is_opened_on_the_page_and_reviewed_by_who_governs(cast: Any, house: Any) -> None:
    client = cast.nina.client()
    assert client.get(url("emergency", house.kofi.uuid)).status_code == 404
    with cast.as_(cast.nina) as me:
        state_purpose(by=me, subject=house.kofi.pk, reason="Called by the ward")
    page = client.post(url("emergency", house.kofi.uuid), {"token": str(uuid.uuid4()), "reason": "Now"})
    assert set(page.context["form"].errors) == {"categories"}
    sent = {
        "token": str(uuid.uuid4()),
        "reason": "Unconscious on the ward, allergies unknown",
        "categories": ["identity"],
    }
    for _click in range(2):
        assert client.post(url("emergency", house.kofi.uuid), sent).status_code == 302
    assert sees_names(cast, cast.nina, house)
    greta = cast.greta.client()
    text = words(greta.get(url("emergencies")))
    assert "allergies unknown" in text
    assert "Kofi" not in text
    with cast.as_(cast.greta) as me:
        basis = Basis.objects.get()
        assert [each.title for each in due_for(me)] == ["Review an opening in an emergency"]
    review = {"justified": "yes", "note": "The ward confirmed it"}
    assert greta.post(url("emergency_review", basis.uuid), review).status_code == 302
    assert "The ward confirmed it" in words(greta.get(url("emergencies")))
    for member in (cast.yasmin, cast.nina, cast.admin):
        assert member.client().get(url("emergencies")).status_code == 403


def test_two_parents_who_contradict_each_other_are_named_and_settled(cast: Any, house: Any) -> None:
    yes = house.agree(house.efua, (cast.tom, "identity", "share"))
    house.agree(house.kwame, (cast.tom, "identity", "refuse"))
    client = cast.yasmin.client()
    page = client.get(url("settle", house.kofi.uuid))
    assert "Efua said yes, Kwame said no: not shared until somebody settles it." in words(page)
    assert not sees_names(cast, cast.tom, house)
    refused = client.post(url("settle", house.kofi.uuid), {"basis": str(yes.uuid), "reason": ""})
    assert set(refused.context["form"].errors) == {"reason"}
    sent = {"basis": str(yes.uuid), "reason": "Talked to both"}
    assert client.post(url("settle", house.kofi.uuid), sent).status_code == 302
    assert sees_names(cast, cast.tom, house)
    assert "Efua said yes, Kwame said no: settled: it is shared." in words(
        client.get(url("settle", house.kofi.uuid))
    )
    with cast.as_(cast.yasmin):
        settlement = Settlement.objects.get()
    assert client.post(url("end_settlement", settlement.uuid)).status_code == 302
    assert not sees_names(cast, cast.tom, house)


def test_a_case_goes_before_a_panel_and_leaves_it_when_the_item_is_closed(cast: Any, house: Any) -> None:
    sent = {
        "token": str(uuid.uuid4()),
        "panel": "families-panel",
        "agenda_on": today(3).isoformat(),
        "question": "Which team should lead?",
        "categories": ["identity"],
    }
    with cast.as_(cast.yasmin):
        before = Basis.objects.count()
    client = cast.yasmin.client()
    answer = client.post(url("put_on_agenda", house.kofi.uuid), sent)
    assert answer.url == url("agenda", "families-panel")
    assert "Which team should lead?" in words(cast.morgan.client().get(answer.url))
    assert cast.olive.client().get(answer.url).status_code == 404
    with cast.as_(cast.yasmin):
        assert Basis.objects.count() == before + 1
        item = Basis.objects.get(kind="panel").agenda_item
    close = url("close_item", item.uuid)
    assert cast.olive.client().get(close).status_code == 404
    assert cast.morgan.client().post(close, {"version": 1, "outcome": "Yasmin leads"}).status_code == 302
    with cast.as_(cast.yasmin):
        assert Basis.objects.get(kind="panel").withdrawn_at is not None


def test_the_ground_in_law_is_a_field_of_its_own(cast: Any, house: Any) -> None:
    client = cast.yasmin.client()
    page = client.get(url("lawful", house.kofi.uuid)).content.decode()
    assert not re.search(r'name="article[69]"[^>]*checked', page)
    assert client.post(url("lawful", house.kofi.uuid), {"article6": "e"}).context["form"].errors.keys() == {
        "article9"
    }
    none = {"article6": "e", "article9": "none"}
    assert client.post(url("lawful", house.kofi.uuid), none).status_code == 302
    page = client.get(url("lawful", house.kofi.uuid)).content.decode()
    assert re.search(r'name="article9"[^>]*value="none"[^>]*checked', page)
    sent = {"article6": "ea", "article9": "g", "note": ""}
    assert client.post(url("lawful", house.kofi.uuid), sent).status_code == 302
    assert client.post(url("lawful", house.kofi.uuid), {**sent, "article6": "e"}).status_code == 302
    with cast.as_(cast.yasmin):
        assert LawfulBasis.objects.get().article6 == "e"
        assert not Basis.objects.exists()
    assert "Three different things" in words(client.get(url("lawful", house.kofi.uuid)))


def test_renewals_and_sixteenth_birthdays_are_told_four_weeks_beforehand(cast: Any, house: Any) -> None:
    house.agree(house.efua, (cast.tom, "identity", "share"), days=40)
    with cast.as_(cast.yasmin) as me:
        assert [each.title for each in due_for(me)] == []
    cast.yasmin.client().post(
        url("consent", house.kofi.uuid), consent(house, until=today(20).isoformat(), seen="")
    )
    with cast.as_(cast.yasmin) as me:
        titles = [each.title for each in due_for(me)]
    assert titles == ["Ask Kofi Osei’s family again about sharing"]
    with cast.as_(cast.yasmin):
        soon = today(20)
        type(house.kofi).objects.filter(pk=house.kofi.pk).update(
            date_of_birth=soon.replace(year=soon.year - 16)
        )
    with cast.as_(cast.yasmin) as me:
        assert "Ask Kofi Osei before their sixteenth birthday" in [each.title for each in due_for(me)]
    with cast.as_(cast.tom) as me:
        assert due_for(me) == []


@pytest.mark.parametrize("name", ["take_back", "settle", "lawful", "vital", "shield", "put_on_agenda"])
def test_each_page_stays_within_its_queries_and_shuts_out_who_has_no_link(
    cast: Any, house: Any, name: str
) -> None:
    house.agree(house.efua, (cast.tom, "identity", "share"))
    house.agree(house.kwame, (cast.tom, "identity", "refuse"))
    client = cast.yasmin.client()
    client.get(url(name, house.kofi.uuid))
    with CaptureQueriesContext(connection) as seen:
        assert client.get(url(name, house.kofi.uuid)).status_code == 200
    assert len(seen) <= 15, [query["sql"][:90] for query in seen]
    assert cast.olive.client().get(url(name, house.kofi.uuid)).status_code == 404


def test_who_asks_in_anothers_name_is_told_nothing_that_falls_due_for_them(cast: Any, house: Any) -> None:
    told = {
        "token": str(uuid.uuid4()),
        "subjects": [str(house.kofi.uuid)],
        "reason": "He was hit at home.",
        "review_on": today(3).isoformat(),
        "team": ["moor-lane"],
        "moor-lane": ["identity"],
    }
    cast.yasmin.client().post(url("safeguarding", house.kofi.uuid), told)
    with cast.as_(cast.nina) as me:
        state_purpose(by=me, subject=house.kofi.pk, reason="Called by the ward")
    opened = {"token": str(uuid.uuid4()), "reason": "Unconscious on the ward", "categories": ["identity"]}
    assert cast.nina.client().post(url("emergency", house.kofi.uuid), opened).status_code == 302
    for reader, others in (
        (cast.yasmin, (cast.olive, cast.admin, cast.greta, cast.sam)),
        (cast.greta, (cast.olive, cast.admin, cast.yasmin, cast.tom)),
    ):
        for asker, number in ((reader, 1), *((other, 0) for other in others), (reader, 1)):
            with cast.as_(asker):
                assert len(due_for(reader.me)) == number, asker
