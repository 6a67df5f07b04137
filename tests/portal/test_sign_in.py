"""A family member's way in: invited by a worker, by link and one-time code, as themselves alone."""

from __future__ import annotations

import datetime as dt
import re
import time
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from teamaround.access.me import family_member_of, portal_actor
from teamaround.access.models import Grant
from teamaround.agencies.models import Account
from teamaround.database.actor import acting_as
from teamaround.people.actions import add_person
from teamaround.people.models import Person
from teamaround.portal.actions import InvitationRefused, invite_family_member
from teamaround.portal.models import PortalCode, PortalInvitation

MAILBOX = "kofi@family.example"


@pytest.fixture(autouse=True)
def _mail(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def kofi(cast: Any) -> Person:
    return somebody(cast, "Kofi", 13)


def somebody(cast: Any, given: str, age: int | None) -> Person:
    today = timezone.localdate()
    born = today.replace(year=today.year - age, day=1) if age is not None else None
    with cast.as_(cast.yasmin) as me:
        return add_person(by=me, team=me.team.team, given=given, family_name="Osei", date_of_birth=born)


def invited(cast: Any, person: Person, email: str = MAILBOX) -> str:
    """Yasmin invites by the page; the path of the link in the e-mail."""
    answer = cast.yasmin.client().post(reverse("portal:invite", args=[person.uuid]), {"email": email})
    assert answer.status_code == 302, answer.content.decode()
    return link_in(mail.outbox[-1].body)


def link_in(body: str) -> str:
    found = re.search(r"http://testserver(\S+)", body)
    assert found
    return found[1]


def code_in(body: str) -> str:
    found = re.search(r"\b(\d{6})\b", body)
    assert found
    return found[1]


def wrong_for(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def began(link: str) -> tuple[Client, str]:
    """A browser that opened the link and asked for the code; and the code."""
    client = Client()
    assert client.get(link).headers["Location"] == reverse("portal:start")
    assert client.post(reverse("portal:start")).headers["Location"] == reverse("portal:code")
    return client, code_in(mail.outbox[-1].body)


def signed_in(cast: Any, person: Person, email: str = MAILBOX) -> Client:
    client, code = began(invited(cast, person, email))
    assert client.post(reverse("portal:code"), {"code": code}).headers["Location"] == reverse("portal:home")
    return client


def asked_again(email: str = MAILBOX) -> tuple[Client, str]:
    client = Client()
    answer = client.post(reverse("portal:sign_in"), {"email": email})
    assert answer.headers["Location"] == reverse("portal:code")
    return client, code_in(mail.outbox[-1].body)


def test_a_family_member_signs_in_by_link_and_code_and_sees_their_own_name(cast: Any, kofi: Person) -> None:
    client = signed_in(cast, kofi)
    page = client.get(reverse("portal:home"))
    assert page.status_code == 200
    assert "You are signed in as Kofi Osei" in page.content.decode()


def test_the_account_holds_the_person_and_nobody_else(cast: Any, kofi: Person) -> None:
    other = somebody(cast, "Ama", 14)
    signed_in(cast, kofi)
    actor = portal_actor(Account.objects.get(email=MAILBOX))
    assert actor is not None
    with acting_as(actor), transaction.atomic():
        member = family_member_of(actor)
        assert member is not None
        assert member.subject == kofi.pk
        assert list(Person.objects.values_list("pk", flat=True)) == [kofi.pk]
        assert {(g.subject_id, g.category, g.basis_kind) for g in Grant.objects.all()} == {
            (kofi.pk, "index", "own")
        }
        assert not Person.objects.filter(pk=other.pk).exists()


def test_neither_link_nor_e_mail_names_anybody(cast: Any, kofi: Person) -> None:
    link = invited(cast, kofi)
    _, _code = began(link)
    for message in mail.outbox:
        words = message.subject + message.body
        assert not any(word in words for word in ("Kofi", "Osei", "Yasmin", "Young carers", str(kofi.uuid)))


def test_the_link_works_once(cast: Any, kofi: Person) -> None:
    link = invited(cast, kofi)
    client, code = began(link)
    client.post(reverse("portal:code"), {"code": code})
    again = Client().get(link, follow=True)
    assert again.status_code == 410
    assert "has been used" in again.content.decode()


def test_opening_the_link_alone_uses_nothing_up(cast: Any, kofi: Person) -> None:
    link = invited(cast, kofi)
    for _ in range(3):
        assert Client().get(link, follow=True).status_code == 200
    assert began(link)


def test_a_link_of_fourteen_days_ago_is_too_old(cast: Any, kofi: Person, monkeypatch: Any) -> None:
    from teamaround.portal import actions

    monkeypatch.setattr(actions, "INVITATION_DAYS", 0.5 / 86_400)
    with cast.as_(cast.yasmin) as me:
        made = invite_family_member(by=me, team=me.team.team, person=kofi, email=MAILBOX)
    time.sleep(0.6)
    page = Client().get(reverse("portal:invitation", args=[made.secret]), follow=True)
    assert page.status_code == 410
    assert "too old" in page.content.decode()


def test_an_invitation_lasts_fourteen_days(cast: Any, kofi: Person) -> None:
    with cast.as_(cast.yasmin) as me:
        made = invite_family_member(by=me, team=me.team.team, person=kofi, email=MAILBOX).invitation
        made.refresh_from_db()
    assert abs(made.expires_at - made.invited_at - dt.timedelta(days=14)) < dt.timedelta(minutes=1)


def test_a_newer_invitation_withdraws_the_earlier_one(cast: Any, kofi: Person) -> None:
    first = invited(cast, kofi)
    invited(cast, kofi)
    assert "withdrawn" in Client().get(first, follow=True).content.decode()


def test_ending_access_ends_the_sign_in_at_once(cast: Any, kofi: Person) -> None:
    client = signed_in(cast, kofi)
    with cast.as_(cast.yasmin):
        key = PortalInvitation.objects.get().uuid
    assert cast.yusuf.client().post(reverse("portal:end_access", args=[key])).status_code == 302
    assert client.get(reverse("portal:home")).headers["Location"].startswith(reverse("portal:sign_in"))
    sent = len(mail.outbox)
    Client().post(reverse("portal:sign_in"), {"email": MAILBOX})
    assert len(mail.outbox) == sent


def test_another_team_ends_nothing(cast: Any, kofi: Person) -> None:
    client = signed_in(cast, kofi)
    with cast.as_(cast.yasmin):
        key = PortalInvitation.objects.get().uuid
    assert cast.olive.client().post(reverse("portal:end_access", args=[key])).status_code == 404
    with cast.as_(cast.olive), connection.cursor() as cursor:
        cursor.execute("select app.portal_end(%s)", [key])
        assert cursor.fetchone() == (None,)
    assert client.get(reverse("portal:home")).status_code == 200


def test_a_team_that_does_not_work_with_somebody_invites_nobody(cast: Any, kofi: Person) -> None:
    url = reverse("portal:invite", args=[kofi.uuid])
    assert cast.olive.client().get(url).status_code == 404
    with pytest.raises(DatabaseError), cast.as_(cast.olive) as me:
        invite_family_member(by=me, team=me.team.team, person=kofi, email=MAILBOX)


def test_a_child_under_twelve_is_invited_only_with_the_workers_note(cast: Any) -> None:
    for young in (somebody(cast, "Esi", 9), somebody(cast, "Yaw", None)):
        with pytest.raises(InvitationRefused) as refused, cast.as_(cast.yasmin) as me:
            invite_family_member(by=me, team=me.team.team, person=young, email=MAILBOX)
        assert refused.value.field == "understanding"
        with cast.as_(cast.yasmin) as me:
            invite_family_member(
                by=me,
                team=me.team.team,
                person=young,
                email=MAILBOX,
                understanding="Explained it back in her own words; her aunt reads it with her.",
            )


def test_later_sign_ins_need_only_a_code(cast: Any, kofi: Person) -> None:
    signed_in(cast, kofi)
    client, code = asked_again()
    assert client.post(reverse("portal:code"), {"code": code}).headers["Location"] == reverse("portal:home")
    assert client.get(reverse("portal:home")).status_code == 200


def test_an_unknown_address_gets_the_same_pages_and_no_e_mail(cast: Any, kofi: Person) -> None:
    signed_in(cast, kofi)
    answers, pages = [], []
    for email in (MAILBOX, "nobody@family.example", "tom@northmoor.example"):
        sent = len(mail.outbox)
        client = Client()
        answers.append(client.post(reverse("portal:sign_in"), {"email": email}).headers["Location"])
        page = client.post(reverse("portal:code"), {"code": "12"}).content.decode()
        pages.append(re.sub(r"[A-Za-z0-9]{64}", "", page))
        assert (len(mail.outbox) > sent) == (email == MAILBOX)
    assert len(set(answers)) == 1
    assert len(set(pages)) == 1


def test_the_code_is_good_for_five_tries(cast: Any, kofi: Person) -> None:
    signed_in(cast, kofi)
    client, code = asked_again()
    for _ in range(5):
        assert client.post(reverse("portal:code"), {"code": wrong_for(code)}).status_code == 200
    late = client.post(reverse("portal:code"), {"code": code})
    assert late.status_code == 200
    assert "does not work any more" in late.content.decode()


def test_the_code_is_good_for_ten_minutes_and_one_use(cast: Any, kofi: Person) -> None:
    signed_in(cast, kofi)
    client, code = asked_again()
    row = PortalCode.objects.latest("sent_at")
    assert abs(row.expires_at - row.sent_at - dt.timedelta(minutes=10)) < dt.timedelta(seconds=30)
    PortalCode.objects.filter(pk=row.pk).update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    assert client.post(reverse("portal:code"), {"code": code}).status_code == 200
    client, code = asked_again()
    client.post(reverse("portal:code"), {"code": code})
    row = PortalCode.objects.latest("sent_at")
    other = Client()
    session = other.session
    session["portal_code"] = str(row.pk)
    session.save()
    other.cookies["sessionid"] = session.session_key
    assert other.post(reverse("portal:code"), {"code": code}).status_code == 200
    assert other.get(reverse("portal:home")).status_code == 302


def test_a_code_of_one_browser_is_no_use_in_another(cast: Any, kofi: Person) -> None:
    signed_in(cast, kofi)
    _, code = asked_again()
    answer = Client().post(reverse("portal:code"), {"code": code})
    assert answer.headers["Location"] == reverse("portal:sign_in")


def test_the_code_is_kept_as_a_keyed_digest(cast: Any, kofi: Person) -> None:
    _, code = began(invited(cast, kofi))
    row = PortalCode.objects.latest("sent_at")
    assert code not in row.digest
    assert len(row.digest) == 64


def test_codes_are_not_sent_without_end(cast: Any, kofi: Person) -> None:
    signed_in(cast, kofi)
    cache.clear()
    for _ in range(5):
        asked_again()
    answer = Client().post(reverse("portal:sign_in"), {"email": MAILBOX})
    assert answer.status_code == 429


def test_the_session_changes_its_name_when_a_code_signs_in(cast: Any, kofi: Person) -> None:
    client, code = began(invited(cast, kofi))
    before = client.cookies["sessionid"].value
    client.post(reverse("portal:code"), {"code": code})
    assert client.cookies["sessionid"].value != before


def test_an_address_of_somebody_else_here_opens_nothing(cast: Any, kofi: Person) -> None:
    client, code = began(invited(cast, kofi, "tom@northmoor.example"))
    answer = client.post(reverse("portal:code"), {"code": code})
    assert answer.status_code == 410
    assert "in use here already" in answer.content.decode()
    assert client.get(reverse("portal:home")).status_code == 302


def test_a_person_has_one_account_at_a_time(cast: Any, kofi: Person) -> None:
    first = signed_in(cast, kofi)
    second = signed_in(cast, kofi, "kofi.osei@family.example")
    assert second.get(reverse("portal:home")).status_code == 200
    assert first.get(reverse("portal:home")).status_code == 404


def test_whoever_comes_back_keeps_the_account(cast: Any, kofi: Person) -> None:
    signed_in(cast, kofi)
    with cast.as_(cast.yasmin):
        key = PortalInvitation.objects.get().uuid
    cast.yasmin.client().post(reverse("portal:end_access", args=[key]))
    assert signed_in(cast, kofi).get(reverse("portal:home")).status_code == 200


def test_practitioners_find_no_family_page_and_family_no_practitioners_page(cast: Any, kofi: Person) -> None:
    client = signed_in(cast, kofi)
    assert cast.yasmin.client().get(reverse("portal:home")).status_code == 404
    for page in ("desk:search", "referrals:inbox"):
        assert client.get(reverse(page)).status_code == 404
    assert client.get(reverse("desk:person", args=[kofi.uuid])).status_code == 404


def test_without_the_secret_nobody_answers_an_invitation(cast: Any, kofi: Person) -> None:
    invited(cast, kofi)
    from teamaround.database.actor import ANONYMOUS

    with acting_as(ANONYMOUS), transaction.atomic():
        assert not PortalInvitation.objects.exists()
        with connection.cursor() as cursor:
            cursor.execute("select app.portal_accept(%s, 1, 1)", ["0" * 64])
            assert cursor.fetchone() == ("unknown",)


def test_the_persons_page_offers_the_invitation(cast: Any, kofi: Person) -> None:
    page = cast.yasmin.client().get(reverse("desk:person", args=[kofi.uuid])).content.decode()
    assert reverse("portal:invite", args=[kofi.uuid]) in page


def test_every_page_of_their_own_account_leads_home_and_out(cast: Any, kofi: Person) -> None:
    client = signed_in(cast, kofi)
    page = client.get(reverse("mfa_index")).content.decode()
    assert f'class="ta-header__name" href="{reverse("portal:home")}"' in page
    assert "Sign out" in page
    assert "Authenticator app" not in page
    client.post(reverse("account_logout"))
    assert client.get(reverse("portal:home")).status_code == 302


def test_what_a_family_member_opens_stands_in_the_access_log_as_their_own(cast: Any, kofi: Person) -> None:
    client = signed_in(cast, kofi)
    with CaptureQueriesContext(connection) as queries:
        client.get(reverse("portal:home"))
    assert any("insert into access_look_line" in each["sql"] for each in queries.captured_queries)
    assert len(queries) <= 15
