"""The access log: what is written, what survives, who can read it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import psycopg
import pytest
from django.test import Client

from teamaround.index.actions import involve
from teamaround.people.actions import add_person


@pytest.fixture
def rows(live: Any, server_report: dict[str, str]) -> Any:
    """A reader of the log with the auditor's role."""
    from django.db import connections

    address = server_report["auditor"].replace("DATABASE", connections.settings["default"]["NAME"])

    def read(account: int) -> list[tuple[Any, ...]]:
        with psycopg.connect(address) as auditor:
            return auditor.execute(
                "select k.page, k.act, k.outcome, k.reason, "
                "array(select l.subject_id from access_look_line l where l.look = k.id order by 1) "
                "from access_look k where k.account_id = %s order by k.at",
                [account],
            ).fetchall()

    return read


@pytest.fixture
def kofi(live: Any) -> Any:
    cast = live.cast
    with cast.as_(cast.yasmin) as me:
        person = add_person(
            by=me,
            team=cast.yasmin.team.pk,
            given="Kofi",
            family_name="Osei",
            date_of_birth=dt.date(2014, 3, 2),
        )
        involve(by=me, team=cast.yasmin.team.pk, subject=person.pk)
    return person


def test_a_page_that_shows_a_person_leaves_one_row_with_a_line_for_each_subject(
    live: Any, kofi: Any, rows: Any
) -> None:
    before = len(rows(live.cast.yusuf.account.pk))
    assert live.cast.yusuf.client().get(f"/people/{kofi.uuid}/").status_code == 200
    after = rows(live.cast.yusuf.account.pk)[before:]
    assert [(row[0], row[2]) for row in after] == [("desk:person", "shown")]
    assert kofi.pk in after[0][4]


def test_a_refused_attempt_is_written_though_the_request_is_rolled_back(
    live: Any, kofi: Any, rows: Any
) -> None:
    before = len(rows(live.cast.olive.account.pk))
    assert live.cast.olive.client().get(f"/people/{kofi.uuid}/").status_code == 404
    after = rows(live.cast.olive.account.pk)[before:]
    assert [(row[0], row[1], row[2]) for row in after] == [("desk:person", "refused", "404")]


def test_a_visitor_who_is_not_signed_in_is_sent_to_sign_in_and_back(live: Any, kofi: Any) -> None:
    answer = Client().get(f"/people/{kofi.uuid}/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/login/?next=/people/")


def guesses(rows: Any, account: int) -> list[tuple[Any, ...]]:
    return [row[:4] for row in rows(account) if row[1] == "sign_in"]


def test_a_wrong_password_is_written_with_the_account_and_nothing_that_was_typed(
    live: Any, rows: Any
) -> None:
    tom = live.cast.tom.account
    Client().post("/account/login/", {"login": tom.email.upper(), "password": "not the right words"})
    assert guesses(rows, tom.pk) == [("account_login", "sign_in", "failed", "")]


def test_a_guess_at_an_address_that_nobody_has_is_written_without_it(
    live: Any, server_report: dict[str, str]
) -> None:
    from django.db import connections

    Client().post("/account/login/", {"login": "nobody@northmoor.example", "password": "not the right words"})
    address = server_report["auditor"].replace("DATABASE", connections.settings["default"]["NAME"])
    with psycopg.connect(address) as auditor:
        found = auditor.execute(
            "select row_to_json(k)::text from access_look k where act = 'sign_in' and account_id is null"
        ).fetchall()
    assert len(found) == 1
    assert "nobody" not in found[0][0]


def test_signing_in_as_one_should_leaves_no_failed_attempt(live: Any, rows: Any) -> None:
    from harness.cast import PASSWORD

    nina = live.cast.nina.account
    assert Client().post("/account/login/", {"login": nina.email, "password": PASSWORD}).status_code == 302
    assert guesses(rows, nina.pk) == []
