"""“Why can I see this?”, “What you cannot see”, and asking for more, with the named cast."""

from __future__ import annotations

import datetime as dt
import html
import re
import uuid
from typing import Any

import pytest
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from teamaround.access.actions import state_purpose
from teamaround.access.edits import StaleEdit
from teamaround.index.actions import involve
from teamaround.notices.models import Message
from teamaround.people.actions import add_family, add_member, add_person
from teamaround.people.models import Family, Person
from teamaround.sharing.actions import BasisRefused, Cell, record_consent
from teamaround.sharing.bases import record_basis
from teamaround.sharing.break_glass import open_in_emergency
from teamaround.sharing.models import AccessRequest
from teamaround.sharing.requests import answer_request, ask_for_access
from teamaround.sharing.why import why_of


class Home:
    kofi: Person
    family: Family


@pytest.fixture
def home(cast: Any) -> Home:
    """Kofi, whom the young carers team leads for and the school works with."""
    found = Home()
    with cast.as_(cast.yasmin) as me:
        team = me.team.team
        found.kofi = add_person(
            by=me, team=team, given="Kofi", family_name="Osei", date_of_birth=dt.date(2014, 3, 2)
        )
        found.family = add_family(by=me, team=team, name="Osei family")
        add_member(by=me, team=team, family=found.family.pk, person=found.kofi.pk, role="child")
        involve(by=me, team=team, subject=found.kofi.pk, practitioner=me.principal, role="lead")
    with cast.as_(cast.tom) as me:
        involve(by=me, team=me.team.team, subject=found.kofi.pk, role="school", practitioner=me.principal)
    return found


def words(page: Any) -> str:
    assert page.status_code == 200, page.status_code
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.content.decode())).split())


def ask(cast: Any, member: Any, subject: int, *categories: str, **more: Any) -> AccessRequest:
    with cast.as_(member) as me:
        return ask_for_access(
            by=me,
            team=me.team.team,
            subject=subject,
            categories=categories or ("plan",),
            reason="To know what to do at school.",
            **more,
        )


def answered(cast: Any, member: Any, row: AccessRequest, answer: str) -> AccessRequest:
    with cast.as_(member) as me:
        row = AccessRequest.objects.get(pk=row.pk)
        return answer_request(by=me, request=row, version=row.version, answer=answer)


# Why can I see this?


def test_each_kind_of_basis_names_who_gave_it_and_its_days(cast: Any, home: Home) -> None:
    today = timezone.localdate()
    school = cast.teams["moor-lane"].pk
    with cast.as_(cast.yasmin) as me:
        for kind, category in (("safeguarding", "safeguarding"), ("vital", "health")):
            record_basis(
                by=me,
                team=me.team.team,
                kind=kind,
                subject=home.kofi.pk,
                reason="A risk of harm.",
                review_on=today + dt.timedelta(days=5),
                cells=[Cell(home.kofi.pk, school, category, "share")],
            )
    with cast.as_(cast.tom) as me:
        open_in_emergency(
            by=me,
            team=me.team.team,
            subject=home.kofi.pk,
            reason="He collapsed in class",
            categories=["plan"],
            token=uuid.uuid4(),
        )
        with CaptureQueriesContext(connection) as queries:
            why = why_of([home.kofi.pk])
        assert len(queries) == 1

        def said(category: str) -> str:
            return why.section([category], own=False, subjects=[home.kofi.pk])

        assert said("safeguarding").startswith("Young carers team shared it on")
        assert "to keep somebody safe" in said("safeguarding")
        assert "to protect life" in said("health")
        assert "You opened it in an emergency: “He collapsed in class”" in said("plan")
        assert "Your team has worked with them since" in said("index")


def test_every_section_of_the_person_family_and_case_pages_says_why(cast: Any, home: Home) -> None:
    client = cast.yasmin.client()
    for address in (f"/people/{home.kofi.uuid}/", f"/families/{home.family.uuid}/"):
        text = client.get(address).content.decode()
        headings = text.count('class="ta-section-heading"')
        empty = text.count("No consent is recorded yet.") + text.count("Nothing is recorded yet.")
        assert headings - empty <= text.count("Why can I see this?") <= headings


# What you cannot see


def test_the_list_is_the_same_whether_or_not_anything_is_recorded(cast: Any, home: Home) -> None:
    def listed() -> Any:
        return cast.tom.client().get(f"/people/{home.kofi.uuid}/").context["page"].hidden

    before = listed()
    with cast.as_(cast.sam) as me:
        involve(by=me, team=me.team.team, subject=home.kofi.pk)
    assert listed() == before
    assert "Alcohol and drugs" in before.categories
    assert before.ask == "Ask the lead practitioner, Yasmin Okoro."


def test_what_is_shared_with_me_leaves_the_list(cast: Any, home: Home) -> None:
    with cast.as_(cast.yasmin) as me:
        mum = add_person(by=me, team=me.team.team, given="Efua", family_name="Osei")
        record_consent(
            by=me,
            team=me.team.team,
            subject=home.kofi.pk,
            given_by=mum.pk,
            capacity="parent",
            how="signed",
            valid_until=timezone.now() + dt.timedelta(days=90),
            cells=[Cell(home.kofi.pk, cast.teams["moor-lane"].pk, "plan", "share")],
        )
    page = cast.tom.client().get(reverse("sharing:hidden", args=[home.kofi.uuid]))
    assert "Plans, goals and meetings" not in page.context["categories"]
    assert "Assessments" in page.context["categories"]


def test_a_sensitive_service_shows_to_those_who_may_know_without_its_name(cast: Any, home: Home) -> None:
    with cast.as_(cast.sam) as me:
        involve(by=me, team=me.team.team, subject=home.kofi.pk, practitioner=me.principal)
    assert "A service is involved" not in words(cast.tom.client().get(f"/people/{home.kofi.uuid}/"))
    with cast.as_(cast.sam) as me:
        mum = add_person(by=me, team=me.team.team, given="Efua", family_name="Osei")
        record_consent(
            by=me,
            team=me.team.team,
            subject=home.kofi.pk,
            given_by=mum.pk,
            capacity="parent",
            how="signed",
            valid_until=timezone.now() + dt.timedelta(days=90),
            cells=[Cell(home.kofi.pk, cast.teams["moor-lane"].pk, "substance", "share")],
        )
    said = words(cast.tom.client().get(f"/people/{home.kofi.uuid}/"))
    assert "A service is involved" in said
    assert "Ask the lead practitioner" in said
    for hidden in ("Recovery", "Sam Frost", "recovery@"):
        assert hidden not in said


# Asking for access


def test_a_request_reaches_the_lead_practitioners_team(cast: Any, home: Home) -> None:
    row = ask(cast, cast.tom, home.kofi.pk)
    with cast.as_(cast.yusuf):
        assert AccessRequest.objects.filter(pk=row.pk).exists()
    for member in (cast.nina, cast.olive, cast.sam, cast.greta):
        with cast.as_(member):
            assert not AccessRequest.objects.exists()
    assert "Moor Lane School" not in words(cast.nina.client().get("/"))
    assert "Pastoral team asks to see more" in words(cast.yasmin.client().get("/"))


def test_without_a_lead_it_reaches_whoever_governs_access(cast: Any, home: Home) -> None:
    row = ask(cast, cast.yasmin, home.kofi.pk, "health")
    with cast.as_(cast.greta):
        assert AccessRequest.objects.get(pk=row.pk).answering_team_id is None
    with cast.as_(cast.tom):
        assert not AccessRequest.objects.exists()
    page = cast.greta.client().get(reverse("sharing:request", args=[row.uuid]))
    assert "Kofi" not in words(page)
    assert "Young carers team asks to see more" in words(cast.greta.client().get("/"))


def test_a_request_about_a_family_reaches_the_lead_of_a_member(cast: Any, home: Home) -> None:
    with cast.as_(cast.tom) as me:
        state_purpose(by=me, subject=home.family.pk, reason="Absence")
    row = ask(cast, cast.tom, home.family.pk)
    with cast.as_(cast.yasmin):
        assert AccessRequest.objects.get(pk=row.pk).answering_team_id == cast.yasmin.team.pk


def test_nobody_asks_about_somebody_whose_entry_they_may_not_open(cast: Any, home: Home) -> None:
    with pytest.raises(DatabaseError):
        ask(cast, cast.olive, home.kofi.pk)


def test_the_asker_cannot_answer_and_the_answerer_cannot_rewrite(cast: Any, home: Home) -> None:
    row = ask(cast, cast.tom, home.kofi.pk)
    with pytest.raises(BasisRefused):
        answered(cast, cast.tom, row, "arranging")
    with cast.as_(cast.tom):
        assert not AccessRequest.objects.filter(pk=row.pk).update(state="refused", answer="no")
    with pytest.raises(DatabaseError), cast.as_(cast.yasmin):
        AccessRequest.objects.filter(pk=row.pk).update(reason="Something else")


def test_an_answer_returns_to_the_asker_and_stands(cast: Any, home: Home) -> None:
    row = ask(cast, cast.tom, home.kofi.pk)
    answered(cast, cast.yasmin, row, "talk")
    with cast.as_(cast.tom):
        told = AccessRequest.objects.get(pk=row.pk)
        assert (told.state, told.answered_by_id) == ("answered", cast.yasmin.practitioner.pk)
    said = words(cast.tom.client().get(reverse("sharing:request", args=[row.uuid])))
    assert "Talk to us first. Ring Yasmin Okoro on 01632 960101." in said
    assert "Your request to see more has an answer" in words(cast.tom.client().get("/"))
    with pytest.raises(BasisRefused):
        answered(cast, cast.yasmin, row, "no")


def test_the_reply_no_reads_the_same_whether_or_not_there_is_anything(cast: Any, home: Home) -> None:
    replies = []
    for hidden in (False, True):
        if hidden:
            with cast.as_(cast.sam) as me:
                involve(by=me, team=me.team.team, subject=home.kofi.pk)
        row = ask(cast, cast.tom, home.kofi.pk, "substance")
        waits = words(cast.tom.client().get(reverse("sharing:request", args=[row.uuid])))
        answered(cast, cast.yasmin, row, "no")
        said = words(cast.tom.client().get(reverse("sharing:request", args=[row.uuid])))
        replies.append((waits.partition("Who asks")[2], said.partition("Who asks")[2]))
    assert replies[0] == replies[1]
    assert "whether or not there is anything to see" in replies[0][1]


def test_a_team_asks_once_while_the_answer_is_to_come(cast: Any, home: Home) -> None:
    token = uuid.uuid4()
    first = ask(cast, cast.tom, home.kofi.pk, token=token)
    assert ask(cast, cast.tom, home.kofi.pk, token=token).pk == first.pk
    with pytest.raises(BasisRefused):
        ask(cast, cast.tom, home.kofi.pk)
    answered(cast, cast.yasmin, first, "no")
    assert ask(cast, cast.tom, home.kofi.pk).pk != first.pk


def test_two_who_answer_at_once_do_not_overwrite_each_other(cast: Any, home: Home) -> None:
    row = ask(cast, cast.tom, home.kofi.pk)
    with cast.as_(cast.yasmin) as me:
        stale = AccessRequest.objects.get(pk=row.pk)
        with pytest.raises(StaleEdit):
            answer_request(by=me, request=stale, version=stale.version + 1, answer="no")


def test_the_notice_names_nobody_and_says_nothing_of_the_case(cast: Any, home: Home) -> None:
    cache.clear()
    row = ask(cast, cast.tom, home.kofi.pk, "health")
    answered(cast, cast.yasmin, row, "no")
    from teamaround.database.actor import acting_as
    from teamaround.notices.services import service_actor

    with acting_as(service_actor("post")):
        told = {message.subject_line: message.body for message in Message.objects.all()}
    assert set(told) == {"A team asks for access", "Your request was answered"}
    for body in told.values():
        for secret in ("Kofi", "Osei", "Health", "school", "Tom"):
            assert secret not in body


def test_a_yes_leads_to_the_consent_page_with_the_asking_team_on_it(cast: Any, home: Home) -> None:
    asked = cast.tom.client().post(
        reverse("sharing:hidden", args=[home.kofi.uuid]),
        {"token": str(uuid.uuid4()), "categories": ["plan", "notes"], "reason": "To plan lessons."},
    )
    assert asked.status_code == 302
    with cast.as_(cast.yasmin):
        row = AccessRequest.objects.get()
    client = cast.yasmin.client()
    url = reverse("sharing:request", args=[row.uuid])
    assert "To plan lessons." in words(client.get(url))
    answer = client.post(url, {"version": row.version, "answer": "arranging"})
    assert answer.url == reverse("sharing:consent", args=[home.kofi.uuid]) + "?with=moor-lane"
    page = client.get(answer.url).content.decode()
    assert re.search(r'<details[^>]* open[^>]*id="team-moor-lane"', page)


def test_the_pages_take_at_most_fifteen_queries(cast: Any, home: Home) -> None:
    row = ask(cast, cast.tom, home.kofi.pk)
    for member, address in (
        (cast.tom, reverse("sharing:hidden", args=[home.kofi.uuid])),
        (cast.yasmin, reverse("sharing:request", args=[row.uuid])),
        (cast.yasmin, reverse("sharing:requests")),
        (cast.tom, f"/people/{home.kofi.uuid}/"),
    ):
        client = member.client()
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        assert len(queries) <= 15, "\n".join(each["sql"][:150] for each in queries)
