"""The screens of referrals: what each team is shown, what is kept when something is refused, what is logged."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from harness.cases import typed_referral
from teamaround.access import middleware
from teamaround.access.drafts import draft_of, keep_draft
from teamaround.agencies.models import Team
from teamaround.database.actor import SET_UP, acting_as
from teamaround.people.actions import add_person
from teamaround.people.models import Person
from teamaround.procedures.models import Clock, Episode
from teamaround.procedures.versions import procedure_of
from teamaround.referrals import actions
from teamaround.referrals.models import Referral, ReferralStep

INBOX = "/referrals/"
NEW = "/referrals/new/"


@pytest.fixture
def kofi(area: Any) -> Person:
    with area.as_(area.tom) as me:
        return add_person(
            by=me,
            team=area.tom.team.pk,
            given="Kofi",
            family_name="Osei",
            date_of_birth=dt.date(2014, 3, 2),
            postcode="SK1 3XE",
        )


def sent(area: Any, child: Person | None = None, **more: str) -> Referral:
    address = f"{NEW}?person={child.uuid}" if child else NEW
    answer = area.tom.client().post(address, typed_referral(**more))
    assert answer.status_code == 302, _errors(answer)
    with area.as_(area.tom):
        return Referral.objects.select_related("episode").get(uuid=answer.url.strip("/").split("/")[-1])


def _errors(answer: Any) -> str:
    return " ".join(re.findall(r'href="#[^"]*">([^<]+)', answer.content.decode()))


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, list[int]]]:
    """Page, act and subjects of what goes into the access log, which nobody here can read back."""
    lines: list[tuple[str, str, list[int]]] = []
    write = middleware.write_look

    def note(*, page: str, looks: Any, **more: Any) -> None:
        lines.append((page, looks.act, sorted(looks.lines)))
        write(page=page, looks=looks, **more)

    monkeypatch.setattr(middleware, "write_look", note)
    return lines


def test_a_referral_from_the_childs_page_is_filled_in_and_names_the_child(area: Any, kofi: Person) -> None:
    page = area.tom.client().get(f"{NEW}?person={kofi.uuid}").content.decode()
    assert 'value="Osei"' in page
    assert 'value="SK1 3XE"' in page
    row = sent(area, kofi)
    assert row.subject_id == kofi.pk


def test_a_child_nobody_may_see_cannot_be_referred_from_its_page(area: Any, kofi: Person) -> None:
    assert area.olive.client().get(f"{NEW}?person={kofi.uuid}").status_code == 404
    assert area.tom.client().get(f"{NEW}?person=nonsense").status_code == 404


def test_a_refused_form_says_what_is_missing_and_keeps_what_was_typed(area: Any) -> None:
    answer = area.tom.client().post(
        NEW,
        typed_referral(
            worries="",
            agreement="unaware",
            given="",
            family_name="",
            hoped_for="A calm <evening>",
            postcode="??",
        ),
    )
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Enter a first name or a last name" in page
    assert "Answer “What is worrying?”" in page
    assert "Answer “Why do they not know?”" in page
    assert "Enter a postcode like SK1 3XE" in page
    assert "A calm &lt;evening&gt;" in page


@pytest.mark.parametrize(
    ("year", "said"),
    [("2999", "must be today or in the past"), ("1850", "on or after"), ("14", "year of 4 numbers")],
)
def test_a_birth_that_cannot_be_is_refused_beside_the_field(area: Any, year: str, said: str) -> None:
    assert said in area.tom.client().post(NEW, typed_referral(date_of_birth_year=year)).content.decode()


@pytest.mark.parametrize("name", ["O’Neill-Adébáyò", "ליאור כהן", "N" * 200])
def test_names_of_every_kind_are_kept_as_typed(area: Any, name: str) -> None:
    row = sent(area, family_name=name)
    assert row.family_name == name
    assert name in area.morgan.client().get(f"/referrals/{row.uuid}/").content.decode()


def test_a_double_click_sends_one_referral(area: Any) -> None:
    client, typed = area.tom.client(), typed_referral()
    first, second = client.post(NEW, typed), client.post(NEW, typed)
    assert first.url == second.url
    with area.as_(area.tom):
        assert Referral.objects.count() == 1


def test_a_draft_comes_back_and_goes_once_the_referral_is_sent(area: Any) -> None:
    typed = typed_referral(worries="Half a sentence", criteria=["young_carer", "missing"])
    with area.as_(area.tom) as me:
        keep_draft(by=me, form="referral", about="new", typed=typed)
    page = area.tom.client().get(NEW).content.decode()
    assert "Half a sentence" in page
    assert 'value="2014"' in page
    assert typed["form_token"] not in page
    assert page.count("checked") >= 4
    sent(area)
    with area.as_(area.tom) as me:
        assert draft_of(by=me, form="referral", about="new") is None


def test_the_manager_sees_what_waits_with_its_clock_and_the_referrer_what_was_sent(
    area: Any, kofi: Person
) -> None:
    sent(area, kofi, priority="immediate", immediate_reason="Mum is in hospital tonight")
    to_them = area.morgan.client().get(INBOX).content.decode()
    assert "Kofi Osei" in to_them
    assert "At once" in to_them
    assert "left" in to_them
    from_them = area.tom.client().get(INBOX).content.decode()
    assert "Sent today" in from_them
    assert "Waiting for your answer" not in from_them
    assert "Kofi" not in area.olive.client().get(INBOX).content.decode()


def test_every_list_and_page_leaves_a_line_for_each_child_shown(
    area: Any, kofi: Person, looks: list[Any]
) -> None:
    row = sent(area, kofi)
    area.morgan.client().get(INBOX)
    area.morgan.client().get(f"/referrals/{row.uuid}/")
    area.tom.client().get(f"/referrals/{row.uuid}/")
    assert ("referrals:inbox", "list", [kofi.pk]) in looks
    assert looks.count(("referrals:detail", "view", [kofi.pk])) == 2


@pytest.mark.parametrize("outsider", ["nina", "sam", "olive"])
def test_a_referral_does_not_exist_for_a_third_agency(area: Any, kofi: Person, outsider: str) -> None:
    row = sent(area, kofi)
    client = getattr(area, outsider).client()
    assert client.get(f"/referrals/{row.uuid}/").status_code == 404
    for step in ("check", "write", "answer", "child"):
        assert client.post(f"/referrals/{row.uuid}/{step}/", {}).status_code == 404
    for step in ("decide", "allocate"):
        assert client.post(f"/referrals/{row.uuid}/{step}/", {}).status_code == 403


def test_roles_without_casework_have_no_referrals(area: Any) -> None:
    for member in (area.admin, area.greta):
        assert member.client().get(INBOX).status_code == 403
        assert member.client().get(NEW).status_code == 403


def test_a_referrer_reads_and_does_not_decide(area: Any, kofi: Person) -> None:
    row = sent(area, kofi)
    for step in ("check", "write"):
        assert area.tom.client().post(f"/referrals/{row.uuid}/{step}/", {}).status_code == 403
    assert area.yasmin.client().post(f"/referrals/{row.uuid}/decide/", {}).status_code == 403
    assert (
        "Your manager accepts or declines"
        in area.yasmin.client().get(f"/referrals/{row.uuid}/").content.decode()
    )


def test_the_referrer_follows_acceptance_and_the_named_worker(area: Any, kofi: Person) -> None:
    row = sent(area, kofi)
    answer = area.morgan.client().post(
        f"/referrals/{row.uuid}/decide/",
        {
            "version": row.episode.version,
            "decision": "accept",
            "practitioner": str(area.yasmin.practitioner.uuid),
            "words": "We start on Monday",
        },
    )
    assert answer.status_code == 302
    page = area.tom.client().get(f"/referrals/{row.uuid}/").content.decode()
    assert "Young carers team accepted this referral" in page
    assert "Yasmin Okoro, Young carers worker, 01632 960101" in page
    assert "We start on Monday" in page
    assert "1 open case" in area.morgan.client().get(f"/referrals/{row.uuid}/").content.decode()


def test_the_procedures_criteria_are_ticked_reckoned_and_make_a_request_immediate(
    area: Any, kofi: Person
) -> None:
    row = sent(area, kofi)
    with area.as_(area.morgan):
        admission = procedure_of(row.episode.procedure_id).admission
        due = list(Clock.objects.filter(episode=row.episode_id).order_by("key").values_list("key", "due_at"))
    needed = [each.key for each in admission.criteria if each.must]
    urgent = admission.immediate_when[0]
    client, address = area.morgan.client(), f"/referrals/{row.uuid}/check/"
    assert client.post(address, {"version": 0, "applies": ["nobody-knows"]}).status_code == 200
    assert client.post(address, {"version": 0, "applies": needed}).status_code == 302
    page = client.get(f"/referrals/{row.uuid}/").text
    assert "The procedure takes such a family" in page
    assert "treats it as immediate" not in page
    with area.as_(area.morgan):
        assert Episode.objects.get(pk=row.episode_id).priority == "standard"
    assert client.post(address, {"version": 1, "applies": [*needed, urgent]}).status_code == 302
    assert "treats it as immediate" in client.get(f"/referrals/{row.uuid}/").text
    with area.as_(area.morgan):
        assert Episode.objects.get(pk=row.episode_id).priority == "immediate"
        later = Clock.objects.filter(episode=row.episode_id).order_by("key").values_list("key", "due_at")
        assert list(later) != due


def test_a_family_from_outside_the_area_is_taken_only_with_the_managers_reason(
    area: Any, kofi: Person
) -> None:
    row = sent(area, kofi)
    address, client = f"/referrals/{row.uuid}/decide/", area.morgan.client()
    typed = {"version": row.episode.version, "decision": "accept", "out_of_area": "on", "words": "Welcome"}
    refused = client.post(address, typed).content.decode()
    assert "There is a problem" in refused
    assert "Welcome" in refused
    with area.as_(area.morgan):
        assert Episode.objects.get(pk=row.episode_id).status == "waiting"
    assert client.post(address, typed | {"approval": "Her school is here"}).status_code == 302
    assert "approved: Her school is here" in area.morgan.client().get(f"/cases/{row.episode.uuid}/").text
    assert "Her school is here" not in area.tom.client().get(f"/referrals/{row.uuid}/").text


def test_a_procedure_that_takes_no_family_from_outside_the_area_accepts_none(area: Any, kofi: Person) -> None:
    with acting_as(SET_UP), transaction.atomic():
        Team.objects.filter(pk=area.yasmin.team.pk).update(procedure_slug="croydon-young-carers")
    row = sent(area, kofi)
    address, client = f"/referrals/{row.uuid}/decide/", area.morgan.client()
    typed = {"version": row.episode.version, "decision": "accept", "out_of_area": "on"}
    answer = client.post(address, typed)
    assert answer.status_code == 200
    assert "takes no families from outside the area" in answer.content.decode()
    assert client.post(address, typed | {"out_of_area": ""}).status_code == 302


def test_a_stale_decision_is_refused_with_what_was_typed(area: Any, kofi: Person) -> None:
    row = sent(area, kofi)
    stale = {"version": row.episode.version, "decision": "decline", "reason": "We are full until spring"}
    client = area.morgan.client()
    client.post(f"/referrals/{row.uuid}/decide/", {"version": row.episode.version, "decision": "accept"})
    answer = client.post(f"/referrals/{row.uuid}/decide/", stale)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Morgan Hale answered this referral while you had it open" in page
    assert "We are full until spring" in page
    with area.as_(area.morgan):
        assert Episode.objects.get(pk=row.episode_id).status == "open"


def test_a_refusal_without_a_reason_is_not_sent(area: Any, kofi: Person) -> None:
    row = sent(area, kofi)
    answer = area.morgan.client().post(
        f"/referrals/{row.uuid}/decide/", {"version": row.episode.version, "decision": "decline"}
    )
    assert answer.status_code == 200
    assert "Answer “Why not, and what could they try next?”" in answer.content.decode()


def test_stale_checks_are_refused_with_what_was_typed(area: Any, kofi: Person, looks: list[Any]) -> None:
    row = sent(area, kofi)
    url = f"/referrals/{row.uuid}/check/"
    area.yasmin.client().post(url, {"version": 0, "criteria_met": "yes"})
    answer = area.morgan.client().post(
        url, {"version": 0, "criteria_met": "no", "criteria_note": "Is nineteen"}
    )
    assert answer.status_code == 409
    assert "Is nineteen" in answer.content.decode()
    assert looks[-1] == ("referrals:check", "change", [kofi.pk])


def test_the_child_is_found_by_what_was_typed_and_named(area: Any, kofi: Person, looks: list[Any]) -> None:
    row = sent(area, postcode="SK1 3XE")
    client = area.yasmin.client()
    url = f"/referrals/{row.uuid}/child/"
    page = client.get(url).content.decode()
    assert "same name, same birthday, same postcode" in page
    assert ("referrals:child", "search", [kofi.pk]) in looks
    answer = client.post(url, {"version": row.episode.version, "child": str(kofi.uuid)})
    assert answer.status_code == 302
    with area.as_(area.yasmin):
        assert Referral.objects.get(pk=row.pk).subject_id == kofi.pk
    again = client.post(url, {"version": row.episode.version, "child": "new"})
    assert again.status_code == 409


def test_only_a_child_that_was_found_can_be_named(area: Any, kofi: Person) -> None:
    row = sent(area, given="Somebody", family_name="Else", date_of_birth_year="2012")
    url = f"/referrals/{row.uuid}/child/"
    answer = area.yasmin.client().post(url, {"version": row.episode.version, "child": str(kofi.uuid)})
    assert "Choose one of the answers listed" in answer.content.decode()
    assert area.yasmin.client().post(url, {"version": row.episode.version, "child": "new"}).status_code == 302


def test_a_question_opens_an_answer_box_for_the_referrer(area: Any, kofi: Person) -> None:
    row = sent(area, kofi)
    area.yasmin.client().post(
        f"/referrals/{row.uuid}/write/", {"kind": "question", "words": "When can we ring?"}
    )
    page = area.tom.client().get(f"/referrals/{row.uuid}/").content.decode()
    assert "Young carers team asks you" in page
    area.tom.client().post(f"/referrals/{row.uuid}/answer/", {"words": "After school"})
    assert "asks you" not in area.tom.client().get(f"/referrals/{row.uuid}/").content.decode()
    assert "After school" in area.yasmin.client().get(f"/referrals/{row.uuid}/").content.decode()


def test_no_page_asks_the_database_more_than_fifteen_times(area: Any, kofi: Person) -> None:
    row = sent(area, kofi)
    for n in range(5):
        sent(area, given=f"Child {n}")
    area.morgan.client().post(
        f"/referrals/{row.uuid}/decide/",
        {
            "version": row.episode.version,
            "decision": "accept",
            "practitioner": str(area.yasmin.practitioner.uuid),
        },
    )
    with area.as_(area.tom):
        other = Referral.objects.exclude(pk=row.pk).first()
        assert other is not None
        assert ReferralStep.objects.count() >= 7
    for member, address in (
        (area.morgan, INBOX),
        (area.tom, INBOX),
        (area.morgan, f"{INBOX}?show=waiting"),
        (area.morgan, f"/referrals/{row.uuid}/"),
        (area.morgan, f"/referrals/{other.uuid}/"),
        (area.tom, f"/referrals/{row.uuid}/"),
        (area.yasmin, f"/referrals/{other.uuid}/child/"),
        (area.tom, f"{NEW}?person={kofi.uuid}"),
    ):
        client = member.client()
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        assert len(asked) <= 15, (address, len(asked), [q["sql"][:90] for q in asked])


def test_a_waiting_list_goes_on_where_the_page_before_ended(area: Any) -> None:
    with area.as_(area.tom) as me:
        for n in range(52):
            actions.send(
                by=me,
                team=area.tom.team.pk,
                receiving_team=area.yasmin.team,
                child=None,
                intake=actions.Intake(given=f"Child{n:02}", family_name="Bell", worries="Tired"),
                form_token=uuid.uuid4(),
            )
    client = area.morgan.client()
    first = client.get(f"{INBOX}?show=waiting").content.decode()
    onward = re.search(r'href="([^"]*after=[^"]*)"', first)
    assert onward is not None
    second = client.get(onward[1].replace("&amp;", "&")).content.decode()
    names = [set(re.findall(r"Child\d\d", page)) for page in (first, second)]
    assert (len(names[0]), len(names[1])) == (50, 2)
    assert not names[0] & names[1]
