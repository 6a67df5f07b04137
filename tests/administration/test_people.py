"""Invite, accept, move, leave, reset."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.core import mail
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from teamaround.agencies import accounts
from teamaround.agencies.actions import SetUpRefused
from teamaround.agencies.models import (
    Account,
    AdministrationLog,
    Invitation,
    Membership,
    PanelSeat,
    Practitioner,
)
from teamaround.database.actor import ANONYMOUS, acting_as

PHRASE = "copper lantern orchard 42"


@pytest.fixture(autouse=True)
def _mail(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def url(name: str, *args: Any) -> str:
    return reverse(f"administration:{name}", args=args)


def invite(cast: Any, email: str = "new@northmoor.example") -> str:
    answer = cast.admin.client().post(
        url("invite"),
        {
            "email": email,
            "name": "Noor D’Arcy-Öz",
            "job_title": "Youth worker",
            "team": cast.teams["housing"].pk,
            "role": "practitioner",
        },
    )
    assert answer.status_code == 302, answer.content.decode()
    found = re.search(r"http://testserver(/account/invitation/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def accept(link: str, password: str = PHRASE) -> tuple[Client, Any]:
    client = Client()
    answer = client.get(link)
    assert answer.headers["Location"] == "/account/invitation/"
    page = client.get("/account/invitation/")
    if page.status_code != 200:
        return client, page
    return client, client.post("/account/invitation/", {"password": password, "again": password})


def test_an_invited_person_chooses_a_password_and_signs_in(cast: Any) -> None:
    link = invite(cast)
    assert "Noor" in mail.outbox[-1].body
    client, answer = accept(link)
    assert answer.headers["Location"] == reverse("account_login")
    signed_in = client.post(reverse("account_login"), {"login": "New@northmoor.example", "password": PHRASE})
    assert signed_in.status_code == 302
    with cast.as_(cast.admin):
        noor = Practitioner.objects.get(account__email="new@northmoor.example")
        assert [m.role for m in Membership.objects.current().filter(practitioner=noor)] == ["practitioner"]
        acts = list(AdministrationLog.objects.order_by("pk").values_list("act", flat=True))
    assert acts == ["invite", "accept_invitation"]


def test_the_link_is_kept_as_a_digest_alone(cast: Any) -> None:
    secret = invite(cast).split("/")[-2]
    with cast.as_(cast.admin):
        kept = Invitation.objects.get()
    assert secret not in str(vars(kept))
    assert len(kept.secret_digest) == 64


def test_a_link_works_once(cast: Any) -> None:
    link = invite(cast)
    accept(link)
    _, answer = accept(link)
    assert answer.status_code == 410
    assert "has been used" in answer.content.decode()


def test_an_expired_a_withdrawn_and_an_unknown_link_each_say_what_to_do(cast: Any) -> None:
    link = invite(cast)
    with cast.as_(cast.admin):
        Invitation.objects.update(expires_at=timezone.now() - dt.timedelta(minutes=1))
    assert "send it again" in accept(link)[1].content.decode()
    with cast.as_(cast.admin):
        Invitation.objects.update(expires_at=timezone.now() + dt.timedelta(days=1))
        number = Invitation.objects.get().pk
    cast.admin.client().post(url("withdraw"), {"invitation": number})
    assert "was withdrawn" in accept(link)[1].content.decode()
    assert "Copy the whole link" in accept("/account/invitation/nonsense/")[1].content.decode()


def test_sending_again_makes_the_link_before_it_useless(cast: Any) -> None:
    first = invite(cast)
    with cast.as_(cast.admin):
        number = Invitation.objects.get().pk
    cast.admin.client().post(url("invite_again"), {"invitation": number})
    assert len(mail.outbox) == 2
    assert accept(first)[1].status_code == 410


@pytest.mark.parametrize("password", ["short", "password1234", "new@northmoor.example"])
def test_a_weak_password_is_refused_beside_its_field(cast: Any, password: str) -> None:
    _, answer = accept(invite(cast), password)
    assert answer.status_code == 200
    assert 'href="#id_password"' in answer.content.decode()
    assert not Account.objects.filter(email="new@northmoor.example").exists()


def test_somebody_who_signs_in_here_is_not_invited_twice(cast: Any) -> None:
    answer = cast.admin.client().post(
        url("invite"),
        {
            "email": "TOM@northmoor.example",
            "name": "Tom",
            "team": cast.teams["housing"].pk,
            "role": "manager",
        },
    )
    assert "already signs in" in answer.content.decode()
    assert mail.outbox == []


def test_leaving_ends_access_at_the_next_request(cast: Any) -> None:
    morgan = cast.morgan.client()
    assert morgan.get(reverse("account_change_password")).status_code == 200
    answer = cast.admin.client().post(
        url("leave", cast.morgan.practitioner.uuid), {"reason": "Moved to another job"}
    )
    assert answer.status_code == 302
    after = morgan.get(reverse("account_change_password"))
    assert after.status_code == 302
    assert "/account/login/" in after.headers["Location"]
    with cast.as_(cast.admin):
        assert not Membership.objects.current().filter(practitioner=cast.morgan.practitioner).exists()
        assert not PanelSeat.objects.filter(practitioner=cast.morgan.practitioner, until=None).exists()
    signing_in = Client().post(
        reverse("account_login"), {"login": "morgan@northmoor.example", "password": PHRASE}
    )
    assert signing_in.status_code == 200


def test_somebody_who_left_comes_back_as_the_same_person(cast: Any) -> None:
    cast.admin.client().post(url("leave", cast.tom.practitioner.uuid), {"reason": "Moved away"})
    _, answer = accept(invite(cast, "tom@northmoor.example"))
    assert answer.status_code == 302
    with cast.as_(cast.admin):
        again = Practitioner.objects.get(account__email="tom@northmoor.example")
    assert (again.pk, again.left_at) == (cast.tom.practitioner.pk, None)


def test_nobody_changes_their_own_access(cast: Any) -> None:
    client = cast.admin.client()
    uuid = cast.admin.practitioner.uuid
    answer = client.post(url("add_role", uuid), {"team": cast.teams["recovery"].pk, "role": "manager"})
    assert "You cannot change your own access" in answer.content.decode()
    answer = client.post(url("leave", uuid), {"reason": "x"})
    assert "You cannot change your own access" in answer.content.decode()


def test_the_area_keeps_an_administrator(cast: Any) -> None:
    with cast.as_(cast.admin), pytest.raises(SetUpRefused, match="only administrator"):
        accounts.leave(by=None, practitioner=cast.admin.practitioner)
    with cast.as_(cast.admin):
        held = Membership.objects.current().get(practitioner=cast.admin.practitioner)
        with pytest.raises(SetUpRefused, match="only administrator"):
            accounts.end_membership(by=None, membership=held)


def test_a_move_ends_one_role_and_begins_another(cast: Any) -> None:
    with cast.as_(cast.admin):
        held = Membership.objects.current().get(practitioner=cast.olive.practitioner)
    answer = cast.admin.client().post(
        url("move", cast.olive.practitioner.uuid),
        {"membership": held.pk, "team": cast.teams["young-carers"].pk, "role": "practitioner"},
    )
    assert answer.status_code == 302
    assert cast.olive.me.teams == (cast.teams["young-carers"].pk,)


def test_a_move_of_somebody_elses_role_is_no_choice(cast: Any) -> None:
    with cast.as_(cast.admin):
        other = Membership.objects.current().get(practitioner=cast.tom.practitioner)
    answer = cast.admin.client().post(
        url("move", cast.olive.practitioner.uuid),
        {"membership": other.pk, "team": cast.teams["young-carers"].pk, "role": "practitioner"},
    )
    assert answer.status_code == 200
    answer = cast.admin.client().post(url("end_role", cast.olive.practitioner.uuid), {"membership": other.pk})
    assert answer.status_code == 404


def test_an_ended_role_leaves_the_others(cast: Any) -> None:
    client = cast.admin.client()
    uuid = cast.olive.practitioner.uuid
    client.post(url("add_role", uuid), {"team": cast.teams["moor-lane"].pk, "role": "manager"})
    assert len(cast.olive.me.teams) == 2
    with cast.as_(cast.admin):
        held = Membership.objects.current().get(practitioner=cast.olive.practitioner, role="manager")
    client.post(url("end_role", uuid), {"membership": held.pk})
    assert cast.olive.me.teams == (cast.teams["housing"].pk,)


def test_an_administrator_sends_a_reset_and_sees_no_password(cast: Any) -> None:
    cast.admin.client().post(url("reset_password", cast.tom.practitioner.uuid))
    assert mail.outbox[-1].to == ["tom@northmoor.example"]
    assert "/account/password/reset/key/" in mail.outbox[-1].body
    with cast.as_(cast.admin):
        assert AdministrationLog.objects.get().act == "reset_password"


def test_resetting_the_second_factor_ends_sessions(cast: Any) -> None:
    tom = cast.tom.client()
    assert tom.get(reverse("account_change_password")).status_code == 200
    cast.admin.client().post(url("reset_second_factor", cast.tom.practitioner.uuid))
    assert tom.get(reverse("account_change_password")).status_code == 302


def test_a_failed_log_line_undoes_the_act(cast: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise RuntimeError("the log is full")

    monkeypatch.setattr(accounts, "log_act", refuse)
    with cast.as_(cast.admin), pytest.raises(RuntimeError), transaction.atomic():
        accounts.leave(by=None, practitioner=cast.tom.practitioner)
    assert cast.tom.me.teams


def test_the_administration_log_cannot_be_changed(cast: Any) -> None:
    cast.admin.client().post(url("reset_password", cast.tom.practitioner.uuid))
    for statement in ("update administration_log set act = ''", "delete from administration_log"):
        with (
            pytest.raises(Exception, match=r"permission denied|append-only"),
            cast.as_(cast.admin),
            transaction.atomic(),
        ):
            connection.cursor().execute(statement)


def test_people_are_found_by_a_part_of_their_name_and_paged_by_key(
    cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from teamaround.administration import loaders

    client = cast.admin.client()
    page = client.get(url("people"), {"name": "okor"}).content.decode()
    assert "Yasmin Okoro" in page
    assert "Tom Reyes" not in page
    monkeypatch.setattr(loaders, "PAGE", 4)
    seen: list[str] = []
    address = url("people")
    for _ in range(5):
        page = client.get(address).content.decode()
        seen += re.findall(r'<th scope="row"><a[^>]*>([^<]+)</a>', page)
        following = re.search(r'href="(\?[^"]+)" rel="next"', page)
        if not following:
            break
        address = url("people") + following[1].replace("&amp;", "&")
    assert seen == sorted(seen)
    assert len(seen) == len(set(seen)) == 9


def test_an_outsider_cannot_invite_or_reset(cast: Any) -> None:
    uuid = cast.tom.practitioner.uuid
    for member in (cast.olive, cast.morgan, cast.greta):
        client = member.client()
        for name in ("add_role", "end_role", "move", "leave", "reset_password", "reset_second_factor"):
            assert client.post(url(name, uuid), {}).status_code == 403
        assert client.post(url("invite"), {}).status_code == 403
    assert Client().get(url("people")).headers["Location"].startswith("/account/login/")


def test_only_an_administrator_releases_cases(cast: Any) -> None:
    with (
        pytest.raises(Exception, match="released by an administrator"),
        cast.as_(cast.olive),
        transaction.atomic(),
    ):
        connection.cursor().execute("select app.release_allocations(%s)", [cast.yasmin.practitioner.pk])
    with pytest.raises(Exception, match="released"), acting_as(ANONYMOUS), transaction.atomic():
        connection.cursor().execute("select app.release_allocations(%s)", [cast.yasmin.practitioner.pk])
