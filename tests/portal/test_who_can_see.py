"""Who can see my information: what may be told is told in plain words; what may not leaves no trace."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.db import DatabaseError, ProgrammingError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from teamaround.access.models import Grant
from teamaround.database.actor import SET_UP, acting_as
from teamaround.index.actions import involve
from teamaround.people.models import Person
from teamaround.portal.own import own_answers, own_sharing
from teamaround.procedures.models import Episode
from teamaround.referrals.models import Referral
from teamaround.sharing.models import Basis, BasisLine, Shield

PAGES = ("home", "sharing", "looks", "agree", "change", "about", "messages", "ask", "put_right", "complain")


def page(client: Client, name: str = "sharing") -> str:
    answer = client.get(reverse(f"portal:{name}"))
    assert answer.status_code == 200, answer.content.decode()[:500]
    return answer.content.decode()


def same(text: str) -> str:
    """The page without the tokens of its forms."""
    return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "", re.sub(r"[A-Za-z0-9]{64}", "", text))


def keep_safe(cast: Any, home: Any, holder: int, *, told: bool, category: str = "safeguarding") -> Basis:
    with cast.as_(cast.yasmin) as me:
        basis = Basis.objects.create(
            subject_id=home.kofi.person.pk,
            author_team_id=me.team.team,
            kind="safeguarding",
            reason="He told us of a knife.",
            review_on=timezone.localdate() + dt.timedelta(days=30),
            told_family=told,
        )
        BasisLine.objects.create(
            basis=basis,
            subject_id=home.kofi.person.pk,
            author_team_id=me.team.team,
            shared_category=category,
            holder_id=holder,
            answer="share",
        )
        return basis


def test_each_team_is_named_with_what_it_may_see_and_why(cast: Any, home: Any) -> None:
    home.agree(home.efua, (cast.tom, "education", "share"), (cast.nina, "health", "share"))
    text = page(home.kofi.client())
    for words in (
        "Moor Lane School",
        "How school is going",
        "Your mum said yes on",
        "They work with you.",
        "Northmoor Health",
        "Your health and how you feel",
    ):
        assert words in text


def test_ones_own_yes_is_told_as_ones_own(cast: Any, home: Any) -> None:
    home.agree(home.kofi, (cast.tom, "plan", "share"))
    assert "You said yes on" in page(home.kofi.client())


def test_a_reason_of_safety_that_the_family_was_told_of_is_shown_without_its_details(
    cast: Any, home: Any
) -> None:
    keep_safe(cast, home, cast.nina.team.pk, told=True)
    text = page(home.kofi.client())
    assert "To keep you safe." in text
    assert "knife" not in text


def hide_told_nothing(cast: Any, home: Any) -> None:
    keep_safe(cast, home, cast.nina.team.pk, told=False)


def hide_sensitive_service(cast: Any, home: Any) -> None:
    with cast.as_(cast.sam) as me:
        involve(by=me, team=me.team.team, subject=home.kofi.person.pk)


def hide_what_mum_agreed_with_a_sensitive_service(cast: Any, home: Any) -> None:
    home.agree(home.efua, (cast.sam, "plan", "share"))


def hide_police(cast: Any, home: Any) -> None:
    with acting_as(SET_UP), transaction.atomic():
        agency = cast.olive.team.agency
        agency.sector = "police"
        agency.save()
    with cast.as_(cast.olive) as me:
        involve(by=me, team=me.team.team, subject=home.kofi.person.pk)
    home.agree(home.efua, (cast.olive, "identity", "share"))


def hide_domestic_abuse_service(cast: Any, home: Any) -> None:
    with acting_as(SET_UP), transaction.atomic():
        team = cast.olive.team
        team.sensitivity = "domestic_abuse"
        team.save()
    home.agree(home.kofi, (cast.olive, "identity", "share"))


def hide_shield(cast: Any, home: Any) -> None:
    with cast.as_(cast.yasmin) as me:
        Shield.objects.create(
            subject_id=home.kofi.person.pk,
            author_team_id=me.team.team,
            level="full",
            reason="His father looks for him.",
            review_on=timezone.localdate() + dt.timedelta(days=30),
        )


WITHHELD = {
    "a_basis_the_family_is_not_told_of": hide_told_nothing,
    "a_sensitive_service": hide_sensitive_service,
    "what_mum_agreed_with_a_sensitive_service": hide_what_mum_agreed_with_a_sensitive_service,
    "the_police": hide_police,
    "a_domestic_abuse_service": hide_domestic_abuse_service,
    "a_shield": hide_shield,
}


@pytest.mark.parametrize("withheld", WITHHELD)
def test_every_page_is_the_same_to_the_byte_with_and_without(cast: Any, home: Any, withheld: str) -> None:
    client = home.kofi.client()
    before = {name: same(page(client, name)) for name in PAGES}
    WITHHELD[withheld](cast, home)
    assert {name: same(page(client, name)) for name in PAGES} == before


@pytest.mark.parametrize("withheld", WITHHELD)
def test_stopping_everything_brings_nothing_withheld_to_light(cast: Any, home: Any, withheld: str) -> None:
    home.agree(home.kofi, (cast.tom, "plan", "share"))
    WITHHELD[withheld](cast, home)
    client = home.kofi.client()
    change = page(client, "change")
    (everything,) = re.findall(r'href="([^"]+)"[^>]*>Stop sharing everything', change)
    confirm = client.get(everything).content.decode()
    done = client.post(everything, follow=True).content.decode()
    for text in (confirm, done, *(page(client, name) for name in PAGES)):
        for words in ("Northmoor Recovery", "Northmoor Homes", "Northmoor Health", "knife", "looks for him"):
            assert words not in text


def test_a_sensitive_service_is_named_where_the_person_said_yes_to_it_themselves(
    cast: Any, home: Any
) -> None:
    home.agree(home.kofi, (cast.sam, "plan", "share"))
    assert "Northmoor Recovery" in page(home.kofi.client())


def test_a_referral_of_which_the_family_does_not_know_shows_nowhere(cast: Any, home: Any) -> None:
    from harness.cases import with_procedures
    from teamaround.procedures import actions as procedures

    with_procedures(cast)
    client = home.kofi.client()
    before = same(page(client))
    with cast.as_(cast.tom) as me:
        episode = procedures.receive(
            by=me, team=me.team.team, receiving_team=cast.yasmin.team, child=home.kofi.person.pk
        )
        Referral.objects.create(
            subject_id=home.kofi.person.pk,
            category="referral",
            author_team_id=me.team.team,
            form_token="00000000-0000-4000-8000-000000000001",
            receiving_team=cast.yasmin.team,
            episode=episode,
            given="Kofi",
            worries="We worry about him.",
            agreement="unaware",
            agreement_reason="It could put him at risk.",
        )
    assert same(page(client)) == before
    with cast.as_(cast.morgan) as me:
        row = Episode.objects.get(pk=episode.pk)
        procedures.accept(by=me, episode=row, version=row.version)
    assert same(page(client)) == before


def test_only_the_person_themselves_asks(cast: Any, home: Any) -> None:
    for asks in (own_sharing, own_answers):
        with pytest.raises(DatabaseError), cast.as_(cast.yasmin):
            asks()


def test_a_family_member_reads_nobody_elses_record_on_the_connection_either(cast: Any, home: Any) -> None:
    home.agree(home.efua, (cast.tom, "education", "share"), about=home.abena)
    with acting_as(home.kofi.actor()), transaction.atomic():
        assert list(Person.objects.values_list("pk", flat=True)) == [home.kofi.person.pk]
        assert not Basis.objects.exists()
        assert {grant.subject_id for grant in Grant.objects.all()} == {home.kofi.person.pk}
        assert "education" not in {each.category for each in own_sharing()}
        with connection.cursor() as cursor:
            for forbidden in (
                "select app.own_note()",
                "select app.named_to(%s, %s)",
                "select app.looks_on(%s, null, null, %s)",
            ):
                values = [home.abena.person.pk, 5] if "%s" in forbidden else []
                with pytest.raises(ProgrammingError), transaction.atomic():
                    cursor.execute(forbidden, values)


def test_an_account_that_ended_reads_nothing(cast: Any, home: Any) -> None:
    from teamaround.people.models import PortalAccount

    actor = home.kofi.actor()
    with cast.as_(cast.yasmin):
        PortalAccount.objects.filter(person=home.kofi.person).update(ended_at=timezone.now())
    with pytest.raises(DatabaseError), acting_as(actor), transaction.atomic():
        own_sharing()


def test_a_practitioner_finds_none_of_the_pages(cast: Any, home: Any) -> None:
    client = cast.yasmin.client()
    for name in PAGES:
        assert client.get(reverse(f"portal:{name}")).status_code == 404
        assert client.post(reverse(f"portal:{name}")).status_code == 404


def test_a_visitor_is_sent_to_the_familys_sign_in(cast: Any, home: Any) -> None:
    for name in PAGES:
        answer = Client().get(reverse(f"portal:{name}"))
        assert answer.headers["Location"].startswith(reverse("portal:sign_in"))


def test_what_is_known_is_name_birthday_and_languages_and_nothing_of_others(cast: Any, home: Any) -> None:
    text = page(home.kofi.client(), "about")
    for words in ("Kofi Osei", "Twi and English", "Is this right?", reverse("portal:put_right")):
        assert words in text
    assert "Efua" not in text
    assert "Abena" not in text


@pytest.mark.parametrize("name", PAGES)
def test_each_page_takes_few_queries_and_leaves_one_line_of_the_own_record(
    cast: Any, home: Any, name: str
) -> None:
    home.agree(home.efua, (cast.tom, "education", "share"), (cast.nina, "health", "share"))
    client = home.kofi.client()
    client.get(reverse(f"portal:{name}"))
    with CaptureQueriesContext(connection) as queries:
        page(client, name)
    assert len(queries) <= 15, "\n".join(each["sql"][:150] for each in queries)
    assert sum("into access_look (" in each["sql"] for each in queries) == 1
    (lines,) = (each["sql"] for each in queries if "into access_look_line" in each["sql"])
    assert f"[{home.kofi.person.pk}]" in lines or f"{{{home.kofi.person.pk}}}" in lines


@pytest.mark.parametrize("typed", ["x", "1_2", "nan_00000000-0000-4000-8000-000000000000", "9e99_"])
def test_a_made_up_place_in_the_list_of_looks_does_not_exist(cast: Any, home: Any, typed: str) -> None:
    assert home.kofi.client().get(reverse("portal:looks"), {"before": typed}).status_code == 404
