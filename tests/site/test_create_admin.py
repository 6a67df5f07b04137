"""The first administrator of a new area, from the command line to the first team."""

from __future__ import annotations

import argparse
import io
import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from harness.sign_in import set_up_second_factor
from teamaround.agencies.models import AdministrationLog, Team
from teamaround.database.actor import ANONYMOUS, acting_as
from teamaround.notices.models import Message
from teamaround.site.commands import create_admin
from teamaround.site.commands.create_admin import run
from teamaround.site.commands.installation import CommandError

PHRASE = "copper lantern orchard 42"


def arguments(**given: Any) -> argparse.Namespace:
    return argparse.Namespace(**{"email": "kim@council.example", "name": "Kim Okafor", "agency": "", **given})


def link_in(printed: str) -> str:
    found = re.search(r"https?://[^/]+(/account/invitation/\S+)", printed)
    assert found
    return found[1]


def test_the_first_administrator_sets_up_a_new_area_and_invites_somebody(
    db: None, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.TEAMAROUND_REQUIRE_SECOND_FACTOR = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert run(arguments(agency="Northmoor Council")) == 0
    client = Client()
    client.get(link_in(capsys.readouterr().out))
    client.post("/account/invitation/", {"password": PHRASE, "again": PHRASE})
    client.post("/account/login/", {"login": "kim@council.example", "password": PHRASE})
    assert client.get("/administration/").headers["Location"] == "/account/2fa/totp/activate/"
    set_up_second_factor(client)
    page = client.get("/administration/").content.decode()
    assert "Set up your area" in page
    assert "Northmoor Council" in page
    client.post("/administration/agencies/new/", {"name": "Northmoor Young Carers", "sector": "voluntary"})
    client.post(
        "/administration/agencies/northmoor-young-carers/teams/new/",
        {
            "name": "Young carers",
            "sensitivity": "no",
            "takes_referrals": "on",
            "procedure_slug": "stockport-families-first",
        },
    )
    with acting_as(ANONYMOUS):
        team = Team.objects.get(slug="young-carers")
    client.post("/administration/panels/new/", {"name": "Families panel", "chair_team": team.pk})
    client.post(
        "/administration/people/invite/",
        {"email": "yas@carers.example", "name": "Yas Lind", "team": team.pk, "role": "practitioner"},
    )
    assert mail.outbox[-1].to == ["yas@carers.example"]
    page = client.get("/administration/log/").content.decode()
    for act in ("Agency added", "Team added", "Panel added", "Invited", "First administrator invited"):
        assert act in page


def test_the_same_address_twice_is_refused_clearly(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    run(arguments())
    client = Client()
    client.get(link_in(capsys.readouterr().out))
    client.post("/account/invitation/", {"password": PHRASE, "again": PHRASE})
    with pytest.raises(CommandError, match="already signs in"):
        run(arguments(email="KIM@council.example"))


def test_an_unanswered_link_is_replaced_by_the_next(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    run(arguments())
    first = link_in(capsys.readouterr().out)
    run(arguments())
    client = Client()
    client.get(first)
    assert client.get("/account/invitation/").status_code == 410
    with acting_as(ANONYMOUS):
        assert Team.objects.filter(name="Partnership office").count() == 1
        assert AdministrationLog.objects.filter(act="create_admin").count() == 2


@pytest.mark.parametrize("wrong", [{"email": "kim"}, {"name": "   "}, {"name": "x" * 121}])
def test_what_cannot_be_right_is_refused_before_anything_is_made(db: None, wrong: dict[str, str]) -> None:
    with pytest.raises(CommandError):
        run(arguments(**wrong))
    with acting_as(ANONYMOUS):
        assert not Team.objects.exists()


def test_an_invitation_by_e_mail_waits_in_the_outbox_and_its_link_is_not_printed(
    db: None, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.TEAMAROUND_MAIL_URL = "smtp://post.example"
    settings.TEAMAROUND_ADDRESS = "https://team-around.example/"
    settings.EMAIL_BACKEND = "teamaround.notices.outbox.OutboxBackend"
    assert run(arguments(invite=True)) == 0
    printed = capsys.readouterr().out
    assert "kim@council.example" in printed
    assert "/account/invitation/" not in printed
    with acting_as(ANONYMOUS):
        ((address, body),) = Message.objects.values_list("address", "body")
    assert address == "kim@council.example"
    assert "https://team-around.example/account/invitation/" in body
    client = Client()
    client.get(link_in(body))
    client.post("/account/invitation/", {"password": PHRASE, "again": PHRASE})
    answer = client.post("/account/login/", {"login": "kim@council.example", "password": PHRASE})
    assert answer.status_code == 302


def test_an_invitation_by_e_mail_is_refused_where_no_e_mail_leaves(db: None, settings: Any) -> None:
    settings.TEAMAROUND_MAIL_URL = ""
    with pytest.raises(CommandError, match="TEAMAROUND_MAIL_URL"):
        run(arguments(invite=True))
    with acting_as(ANONYMOUS):
        assert not Team.objects.exists()


def test_a_password_set_on_the_terminal_signs_in_at_once(
    db: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(create_admin, "_ask_password", lambda: PHRASE)
    assert run(arguments(password=True)) == 0
    printed = capsys.readouterr().out
    assert "can sign in now" in printed
    assert PHRASE not in printed
    answer = Client().post("/account/login/", {"login": "kim@council.example", "password": PHRASE})
    assert answer.status_code == 302


def test_a_password_is_asked_on_a_terminal_alone(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with pytest.raises(CommandError, match="Leave --password out"):
        run(arguments(password=True))
