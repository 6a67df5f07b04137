"""Consent, safeguarding and withdrawal through the pages, with the cast."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from teamaround.access.actions import state_purpose
from teamaround.access.models import Grant
from teamaround.events.models import Event
from teamaround.index.actions import involve
from teamaround.people.actions import add_family, add_member, add_person
from teamaround.people.models import Person, PersonName
from teamaround.sharing.models import Basis, BasisLine
from teamaround.sharing.standing import months_after


class Osei:
    """A family: Kofi (12), Ama (10), Abena (17), their mother Efua, and a friend."""

    kofi: Person
    ama: Person
    abena: Person
    efua: Person
    pat: Person


@pytest.fixture
def osei(cast: Any) -> Osei:
    family = Osei()
    today = timezone.localdate()
    with cast.as_(cast.yasmin) as me:
        team = me.team.team
        home = add_family(by=me, team=team, name="Osei")
        for name, age, role in (
            ("kofi", 12, "child"),
            ("ama", 10, "child"),
            ("abena", 17, "child"),
            ("efua", 41, "parent"),
            ("pat", None, "friend"),
        ):
            born = today.replace(year=today.year - age, day=1) if age else None
            person = add_person(by=me, team=team, given=name.title(), family_name="Osei", date_of_birth=born)
            add_member(by=me, team=team, family=home.pk, person=person.pk, role=role)
            setattr(family, name, person)
        involve(by=me, team=team, subject=family.kofi.pk)
    with cast.as_(cast.tom) as me:
        involve(by=me, team=me.team.team, subject=family.kofi.pk, role="school")
    return family


def url_of(person: Person, name: str = "consent") -> str:
    return reverse(f"sharing:{name}", args=[person.uuid])


def typed(giver: Person, *subjects: Person, capacity: str = "parent", **more: Any) -> dict[str, Any]:
    return {
        "token": str(uuid.uuid4()),
        "given_by": str(giver.uuid),
        "capacity": capacity,
        "subjects": [str(subject.uuid) for subject in subjects],
        "team": ["moor-lane"],
        "moor-lane--education": "share",
        "moor-lane--identity": "share",
        "moor-lane--health": "refuse",
        "moor-lane--plan": "ask",
        "since": timezone.localdate().isoformat(),
        "until": months_after(timezone.localdate(), 6).isoformat(),
        "how": "signed",
        **more,
    }


def sees(cast: Any, member: Any, rows: Any) -> bool:
    with cast.as_(member):
        return bool(rows.exists())


def errors(page: Any) -> set[str]:
    return set(page.context["form"].errors)


def test_the_page_proposes_six_months_and_answers_nothing_beforehand(cast: Any, osei: Osei) -> None:
    page = cast.yasmin.client().get(url_of(osei.kofi))
    text = page.content.decode()
    assert page.status_code == 200
    assert page.context["form"].initial["until"] == months_after(timezone.localdate(), 6)
    assert 'name="moor-lane--health"' in text
    assert not re.search(r'name="moor-lane--[a-z]+"[^>]*checked', text)


def test_a_parents_consent_opens_what_was_shared_and_nothing_else(cast: Any, osei: Osei) -> None:
    names = PersonName.objects.filter(subject_id=osei.kofi.pk)
    assert not sees(cast, cast.tom, names)
    client = cast.yasmin.client()
    answer = client.post(url_of(osei.kofi), typed(osei.efua, osei.kofi, osei.ama))
    page = client.get(answer.url)
    assert "Recorded. It counts from this moment." in page.content.decode()
    assert sees(cast, cast.tom, names)
    assert sees(cast, cast.tom, PersonName.objects.filter(subject_id=osei.ama.pk))
    assert not sees(cast, cast.nina, names)
    with cast.as_(cast.tom):
        opened = Grant.objects.filter(basis_kind="consent", subject_id=osei.kofi.pk)
        assert set(opened.values_list("category", flat=True)) == {"identity", "education", "index"}
    with cast.as_(cast.yasmin):
        assert Event.objects.filter(kind="consent.given").count() == 2


def test_a_second_click_records_no_second_consent(cast: Any, osei: Osei) -> None:
    sent = typed(osei.efua, osei.kofi)
    first, second = (cast.yasmin.client().post(url_of(osei.kofi), sent) for _click in range(2))
    assert first.url == second.url
    with cast.as_(cast.yasmin):
        assert Basis.objects.count() == 1
        assert Event.objects.filter(kind="consent.given").count() == 1


def test_a_later_answer_replaces_the_earlier_one_and_leaves_other_children_as_they_were(
    cast: Any, osei: Osei
) -> None:
    client = cast.yasmin.client()
    client.post(url_of(osei.kofi), typed(osei.efua, osei.kofi, osei.ama))
    later = typed(osei.efua, osei.kofi, **{"moor-lane--identity": "refuse", "moor-lane--education": ""})
    client.post(url_of(osei.kofi), later)
    assert not sees(cast, cast.tom, PersonName.objects.filter(subject_id=osei.kofi.pk))
    assert sees(cast, cast.tom, PersonName.objects.filter(subject_id=osei.ama.pk))


def test_withdrawal_hides_it_at_once_and_may_be_clicked_twice(cast: Any, osei: Osei) -> None:
    client = cast.yasmin.client()
    shown = client.post(url_of(osei.kofi), typed(osei.efua, osei.kofi)).url
    assert "Withdraw now" in client.get(shown).content.decode()
    for _click in range(2):
        assert client.post(f"{shown}withdraw/", {"reason": "Changed her mind"}).url == shown
    assert not sees(cast, cast.tom, PersonName.objects.filter(subject_id=osei.kofi.pk))
    assert "Changed her mind" in client.get(shown).content.decode()
    with cast.as_(cast.yasmin):
        assert Event.objects.filter(kind="consent.withdrawn").count() == 1


def test_nothing_answered_is_refused_beside_the_first_question(cast: Any, osei: Osei) -> None:
    sent = {name: value for name, value in typed(osei.efua, osei.kofi).items() if "--" not in name}
    page = cast.yasmin.client().post(url_of(osei.kofi), sent)
    assert errors(page) == {"moor-lane--identity"}
    with cast.as_(cast.yasmin):
        assert not Basis.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"until": "2020-01-01"}, "until", "The last day must not be before the first."),
        ({"since": "1 November 2026", "until": "2 November 2026"}, "until", "The last day is past"),
        ({"until": "1 1 2099"}, "until", "12 months at most"),
        ({"since": "1 1 2099"}, "since", "From must be"),
        ({"how": "verbal"}, "witness", "Who heard it?"),
        ({"subjects": []}, "subjects", ""),
        ({"given_by": str(uuid.uuid4())}, "given_by", ""),
        ({"moor-lane--health": "everything"}, "moor-lane--health", ""),
    ],
)
def test_what_cannot_stand_is_refused_beside_its_field_with_everything_kept(
    cast: Any, osei: Osei, changes: dict[str, Any], field: str, words: str
) -> None:
    page = cast.yasmin.client().post(
        url_of(osei.kofi), typed(osei.efua, osei.kofi, understanding="Kept as it was", **changes)
    )
    text = page.content.decode()
    assert page.status_code == 200
    assert field in errors(page)
    assert words in text
    assert "Kept as it was" in text
    assert re.search(r'name="moor-lane--plan"[^>]*value="ask"[^>]*checked', text)
    with cast.as_(cast.yasmin):
        assert not Basis.objects.exists()


def test_a_giver_without_standing_is_refused_with_words(cast: Any, osei: Osei) -> None:
    client = cast.yasmin.client()
    for giver, subject, capacity, field, words in (
        (
            osei.pat,
            osei.kofi,
            "parent",
            "given_by",
            "Pat Osei is not recorded as a parent or carer of Kofi Osei",
        ),
        (osei.efua, osei.abena, "parent", "subjects", "Abena Osei is 16 or over and decides for themselves"),
        (osei.ama, osei.kofi, "parent", "given_by", "Ama Osei is a child"),
        (osei.ama, osei.ama, "self", "understanding", "Ama Osei is under 12"),
        (osei.kofi, osei.kofi, "self", "understanding", "they may be under 16"),
        (osei.kofi, osei.ama, "self", "subjects", "decides for themselves, so choose Kofi Osei"),
    ):
        page = client.post(url_of(osei.kofi), typed(giver, subject, capacity=capacity))
        assert errors(page) == {field}
        assert words in page.content.decode()


def test_a_child_under_twelve_decides_with_the_workers_note_alone(cast: Any, osei: Osei) -> None:
    note = "Ama drew who may know what and told it back to me"
    answer = cast.yasmin.client().post(
        url_of(osei.kofi), typed(osei.ama, osei.ama, capacity="self", understanding=note)
    )
    assert answer.status_code == 302
    assert note in cast.yasmin.client().get(answer.url).content.decode()


def test_a_childs_own_refusal_stands_whatever_a_parent_says_later(cast: Any, osei: Osei) -> None:
    client = cast.yasmin.client()
    own = typed(osei.kofi, osei.kofi, capacity="self", understanding="Explained it back")
    client.post(url_of(osei.kofi), own)
    page = client.post(url_of(osei.kofi), typed(osei.efua, osei.kofi, **{"moor-lane--health": "share"}))
    assert errors(page) == {"moor-lane--health"}
    assert "Kofi Osei decided not to share this with them" in page.content.decode()


def test_a_childs_own_refusal_ends_what_a_parent_had_shared(cast: Any, osei: Osei) -> None:
    client = cast.yasmin.client()
    client.post(url_of(osei.kofi), typed(osei.efua, osei.kofi))
    own = typed(osei.kofi, osei.kofi, capacity="self", understanding="Explained it back")
    own = {**own, "moor-lane--identity": "refuse", "moor-lane--education": ""}
    shown = client.post(url_of(osei.kofi), own).url
    with cast.as_(cast.tom):
        opened = Grant.objects.filter(
            basis_kind="consent", subject_id=osei.kofi.pk, valid_during__contains=timezone.now()
        )
        assert set(opened.values_list("category", flat=True)) == {"education", "index"}
    client.post(f"{shown}withdraw/", {})
    with cast.as_(cast.tom):
        # A refusal has no end: what a parent had shared does not come back by withdrawing it.
        assert set(opened.values_list("category", flat=True)) == {"education", "index"}
    assert not sees(cast, cast.tom, PersonName.objects.filter(subject_id=osei.kofi.pk))


def test_another_team_can_be_added_and_nothing_typed_is_lost(cast: Any, osei: Osei) -> None:
    client = cast.yasmin.client()
    sent = typed(osei.efua, osei.kofi, another="school-nursing", add="yes", until="")
    page = client.post(url_of(osei.kofi), sent)
    text = page.content.decode()
    assert errors(page) == set()
    assert 'name="school-nursing--health"' in text
    assert re.search(r'name="moor-lane--plan"[^>]*value="ask"[^>]*checked', text)
    with cast.as_(cast.yasmin):
        assert not Basis.objects.exists()
    sent = typed(
        osei.efua, osei.kofi, **{"team": ["moor-lane", "school-nursing"], "school-nursing--health": "share"}
    )
    client.post(url_of(osei.kofi), sent)
    with cast.as_(cast.yasmin):
        assert BasisLine.objects.filter(holder_id=cast.nina.team.pk, shared_category="health").exists()


def test_a_sensitive_service_is_offered_to_those_alone_who_see_its_involvement(cast: Any, osei: Osei) -> None:
    with cast.as_(cast.sam) as me:
        involve(by=me, team=me.team.team, subject=osei.kofi.pk)
    assert "Recovery" not in cast.yasmin.client().get(url_of(osei.kofi)).content.decode()
    assert "Recovery" in cast.sam.client().get(url_of(osei.kofi)).content.decode()
    guessed = typed(osei.efua, osei.kofi, team=["moor-lane", "recovery"], **{"recovery--health": "share"})
    cast.yasmin.client().post(url_of(osei.kofi), guessed)
    with cast.as_(cast.yasmin):
        assert set(BasisLine.objects.values_list("holder_id", flat=True)) == {cast.tom.team.pk}


def test_whoever_does_not_work_with_the_child_records_nothing(cast: Any, osei: Osei) -> None:
    for name in ("consent", "safeguarding"):
        assert cast.olive.client().get(url_of(osei.kofi, name)).status_code == 404
        assert cast.admin.client().get(url_of(osei.kofi, name)).status_code == 403
    with cast.as_(cast.nina) as me:
        state_purpose(by=me, subject=osei.kofi.pk, reason="Health check at school")
    assert cast.nina.client().post(url_of(osei.kofi), typed(osei.efua, osei.kofi)).status_code == 403
    with cast.as_(cast.yasmin):
        assert not Basis.objects.exists()


def test_a_team_that_is_named_reads_its_own_part_and_changes_nothing(cast: Any, osei: Osei) -> None:
    sent = typed(osei.efua, osei.kofi, **{"team": ["moor-lane", "housing"], "housing--money": "share"})
    shown = cast.yasmin.client().post(url_of(osei.kofi), sent).url
    page = cast.tom.client().get(shown)
    assert page.status_code == 200
    assert "Northmoor Homes" not in page.content.decode()
    assert "Withdraw now" not in page.content.decode()
    assert cast.tom.client().post(f"{shown}withdraw/", {}).status_code == 403
    for member in (cast.nina, cast.sam):
        assert member.client().get(shown).status_code == 404
        assert member.client().post(f"{shown}withdraw/", {}).status_code == 404


def test_safeguarding_names_reason_teams_and_review_and_opens_at_once(cast: Any, osei: Osei) -> None:
    sent = {
        "token": str(uuid.uuid4()),
        "subjects": [str(osei.kofi.uuid)],
        "reason": "He was hit at home on Friday.",
        "review_on": (timezone.localdate() + dt.timedelta(days=30)).isoformat(),
        "team": ["moor-lane"],
        "moor-lane": ["identity", "safeguarding"],
    }
    client = cast.yasmin.client()
    answers = [client.post(url_of(osei.kofi, "safeguarding"), sent) for _click in range(2)]
    assert answers[0].url == answers[1].url
    assert "He was hit at home on Friday." in client.get(answers[0].url).content.decode()
    assert sees(cast, cast.tom, PersonName.objects.filter(subject_id=osei.kofi.pk))
    with cast.as_(cast.yasmin):
        assert Basis.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"review_on": "1 1 2099"}, "review_on"),
        ({"review_on": "1 1 2020"}, "review_on"),
        ({"moor-lane": []}, "moor-lane"),
        ({"subjects": []}, "subjects"),
    ],
)
def test_safeguarding_without_reason_review_or_choice_is_refused(
    cast: Any, osei: Osei, changes: dict[str, Any], field: str
) -> None:
    sent = {
        "token": str(uuid.uuid4()),
        "subjects": [str(osei.kofi.uuid)],
        "reason": "He was hit at home on Friday.",
        "review_on": (timezone.localdate() + dt.timedelta(days=30)).isoformat(),
        "team": ["moor-lane"],
        "moor-lane": ["identity"],
        **changes,
    }
    page = cast.yasmin.client().post(url_of(osei.kofi, "safeguarding"), sent)
    assert errors(page) == {field}


def test_the_pages_stay_within_their_queries(cast: Any, osei: Osei) -> None:
    shown = cast.yasmin.client().post(url_of(osei.kofi), typed(osei.efua, osei.kofi)).url
    for member, url in (
        (cast.yasmin, url_of(osei.kofi)),
        (cast.yasmin, url_of(osei.kofi, "safeguarding")),
        (cast.yasmin, shown),
        (cast.tom, shown),
    ):
        client = member.client()
        client.get(url)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(url).status_code == 200
        assert len(seen) <= 15, [query["sql"][:120] for query in seen]
