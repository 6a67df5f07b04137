"""What an e-mail says, who gets it, and who may read the demonstration's outbox."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.core.mail import get_connection, send_mail
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from teamaround.notices.actions import members_of, notify
from teamaround.notices.kinds import NOTICE_KINDS
from teamaround.notices.models import Message
from teamaround.notices.outbox import mail_server
from teamaround.notices.services import service_actor


def test_a_notice_goes_once_to_each_practitioner_and_links_to_a_page(cast: Any) -> None:
    tom, nina = cast.tom.practitioner.pk, cast.nina.practitioner.pk
    with cast.as_(cast.yasmin):
        notify(practitioners=[tom, nina, tom], kind="referral.news", link="/referrals/abc/")
        addresses = set(Message.objects.values_list("address", flat=True))
        assert addresses == {"tom@northmoor.example", "nina@northmoor.example"}
        body = Message.objects.first().body
        assert body.endswith("/referrals/abc/\n")
        assert "Sign in to read it" in body


def test_a_notice_links_to_this_site_alone(cast: Any) -> None:
    with cast.as_(cast.yasmin):
        for link in ("https://elsewhere.example/", "//elsewhere.example/"):
            with pytest.raises(ValueError, match="page of this site"):
                notify(practitioners=[cast.tom.practitioner.pk], kind="referral.news", link=link)


def test_somebody_who_left_gets_no_notice(cast: Any) -> None:
    with cast.as_(cast.yasmin):
        cast.tom.account.is_active = False
        cast.tom.account.save()
        assert notify(practitioners=[cast.tom.practitioner.pk], kind="referral.news", link="/") == []


def test_no_kind_of_notice_has_room_for_a_name() -> None:
    for kind in NOTICE_KINDS.values():
        assert not set("{}%") & set(kind.subject_line + kind.sentence)


def test_a_notice_is_undone_with_what_it_told_of(cast: Any) -> None:
    with cast.as_(cast.yasmin):
        notify(practitioners=[cast.tom.practitioner.pk], kind="referral.news", link="/")
        transaction.set_rollback(True)
    with cast.as_(cast.yasmin):
        assert not Message.objects.exists()


def test_the_members_of_a_team_are_those_of_now(cast: Any) -> None:
    with cast.as_(cast.yasmin):
        young_carers = cast.teams["young-carers"].pk
        assert set(members_of([young_carers])) == {
            cast.yasmin.practitioner.pk,
            cast.yusuf.practitioner.pk,
            cast.morgan.practitioner.pk,
        }


def test_every_e_mail_of_the_product_goes_through_the_outbox(cast: Any) -> None:
    backend = "teamaround.notices.outbox.OutboxBackend"
    with cast.as_(cast.admin):
        sent = send_mail(
            "You are invited",
            "Follow the link",
            None,
            ["new@northmoor.example"],
            connection=get_connection(backend),
        )
        assert sent == 1
        assert Message.objects.get().address == "new@northmoor.example"


def test_the_outbox_exists_in_a_demonstration_alone(cast: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "DEMONSTRATION", False)
    assert cast.admin.client().get("/notices/outbox/").status_code == 404
    monkeypatch.setattr(settings, "DEMONSTRATION", True)
    assert cast.olive.client().get("/notices/outbox/").status_code == 200


def test_the_outbox_shows_the_newest_first_with_links_of_this_site(
    cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "DEMONSTRATION", True)
    with cast.as_(cast.yasmin):
        for number in range(30):
            notify(practitioners=[cast.tom.practitioner.pk], kind="task.given", link=f"/tasks/{number}/")
    client = cast.yasmin.client()
    with CaptureQueriesContext(connection) as queries:
        page = client.get("/notices/outbox/").content.decode()
    assert len(queries) <= 15
    assert page.index('href="/tasks/29/"') < page.index('href="/tasks/28/"')
    assert 'href="/tasks/3/"' not in page
    older = page.split('href="?before=')[1].split('"')[0]
    assert 'href="/tasks/3/"' in client.get(f"/notices/outbox/?before={older}").content.decode()


def test_the_outbox_names_the_port_of_today_whatever_it_was_when_the_e_mail_was_made(
    cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "DEMONSTRATION", True)
    monkeypatch.setattr(settings, "TEAMAROUND_ADDRESS", "http://127.0.0.1:8000")
    with cast.as_(cast.yasmin):
        notify(practitioners=[cast.tom.practitioner.pk], kind="task.given", link="/tasks/7/")
    monkeypatch.setattr(settings, "TEAMAROUND_ADDRESS", "http://127.0.0.1:8123")
    page = cast.yasmin.client().get("/notices/outbox/").content.decode()
    assert "http://127.0.0.1:8123/tasks/7/" in page
    assert ":8000" not in page


def test_a_service_holds_nothing_but_itself(cast: Any) -> None:
    with cast.as_(cast.yasmin):
        actor = service_actor("housekeeping")
        assert actor.kind == "service"
        assert actor.principals == (actor.principal,)
        with pytest.raises(LookupError):
            service_actor("nobody")


def test_the_address_of_a_mail_server_is_read_with_its_encryption() -> None:
    usual = mail_server("smtp://post%40area:se%2Fcret@mail.area.example")
    assert (usual.host, usual.port, usual.username, usual.password) == (
        "mail.area.example",
        587,
        "post@area",
        "se/cret",
    )
    assert usual.use_tls
    assert mail_server("smtps://mail.area.example").use_ssl
    assert not mail_server("smtp://localhost:25").use_tls
    with pytest.raises(ValueError, match="must look like"):
        mail_server("mail.area.example")
