"""Notices respect working hours: what happens at night waits, and a digest says how much of what kind, no more."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.db import DatabaseError, connection
from django.urls import reverse

from teamaround.notices import actions, hours
from teamaround.notices.digests import digest_body, send_digests
from teamaround.notices.hours import in_hours
from teamaround.notices.models import Message, NoticeChoice, WaitingNotice
from teamaround.notices.texts import plain_number
from teamaround.procedures.versions import install_shipped, reset_cache

LONDON = ZoneInfo("Europe/London")
MONDAY_NOON = dt.datetime(2026, 11, 23, 12, 0, tzinfo=LONDON)
MONDAY_NIGHT = dt.datetime(2026, 11, 23, 23, 30, tzinfo=LONDON)


@pytest.fixture
def post(cast: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A mail server is set, and the moment can be: `post.now = MONDAY_NIGHT`."""

    class Post:
        now = MONDAY_NOON

        def tell(self, kind: str = "task.given") -> None:
            with cast.as_(cast.morgan):
                actions.notify(practitioners=[cast.yasmin.practitioner.pk], kind=kind, link="/")

        def sent(self) -> list[tuple[str, str]]:
            with cast.as_(cast.admin):
                return list(Message.objects.order_by("id").values_list("address", "subject_line"))

    found = Post()
    reset_cache()
    install_shipped()
    monkeypatch.setattr(actions, "sends", lambda: True)
    monkeypatch.setattr(hours.timezone, "now", lambda: found.now)
    return found


def choose(cast: Any, how: str, number: str = "") -> None:
    with cast.as_(cast.yasmin) as me:
        NoticeChoice.objects.update_or_create(
            practitioner_id=me.principal, defaults={"how": how, "text_to": number}
        )


def test_in_working_hours_one_is_told_at_once(cast: Any, post: Any) -> None:
    post.tell()
    assert post.sent() == [("yasmin@northmoor.example", "You have an action to do")]


def test_at_night_nothing_is_sent_and_in_the_morning_it_comes_as_one(cast: Any, post: Any) -> None:
    post.now = MONDAY_NIGHT
    post.tell()
    post.tell()
    post.tell("referral.news")
    assert post.sent() == []
    assert send_digests(MONDAY_NIGHT) == 0
    assert send_digests(MONDAY_NOON) == 1
    assert post.sent() == [("yasmin@northmoor.example", "3 notices for you")]
    assert send_digests(MONDAY_NOON) == 0


def test_who_chose_one_a_day_has_one_a_day(cast: Any, post: Any) -> None:
    choose(cast, "daily")
    post.tell()
    assert post.sent() == []
    assert send_digests(MONDAY_NOON) == 1
    post.tell()
    assert send_digests(MONDAY_NOON) == 0
    assert send_digests(MONDAY_NOON + dt.timedelta(days=1)) == 1


def test_who_chose_none_is_sent_nothing(cast: Any, post: Any) -> None:
    choose(cast, "none")
    post.tell()
    assert send_digests(MONDAY_NOON) == 0
    assert post.sent() == []


def test_a_digest_counts_kinds_and_names_nobody() -> None:
    body = digest_body([("task.given", "/"), ("task.given", "/"), ("referral.news", "/referrals/1/")])
    assert "You have an action to do (2)" in body
    assert body.count("/referrals/1/") == 1


def test_a_text_goes_through_the_gateway_where_the_area_has_one(
    cast: Any, post: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(cast, "at_once", "01632960123")
    post.tell()
    assert len(post.sent()) == 1
    monkeypatch.setattr(settings, "TEAMAROUND_TEXT_GATEWAY", "{number}@text.example")
    post.tell()
    assert ("01632960123@text.example", "Team Around: You have an action to do") in post.sent()


def test_hours_are_the_teams_own_and_never_the_night(cast: Any, post: Any) -> None:
    yasmin, tom = cast.yasmin.practitioner.pk, cast.tom.practitioner.pk
    saturday = dt.datetime(2026, 11, 21, 12, 0, tzinfo=LONDON)
    with cast.as_(cast.admin):
        assert in_hours([yasmin, tom], MONDAY_NOON) == {yasmin, tom}
        assert in_hours([yasmin, tom], saturday) == {yasmin}
        assert in_hours([yasmin, tom], MONDAY_NIGHT) == set()


def test_a_choice_and_its_number_are_for_its_own_practitioner_alone(cast: Any, post: Any) -> None:
    choose(cast, "daily", "01632960123")
    post.tell()
    with cast.as_(cast.morgan):
        assert not NoticeChoice.objects.exists()
        assert not WaitingNotice.objects.exists()
    for statement in (
        "select * from app.digests_wanted(current_date)",
        "select * from app.take_notices('{1}', current_date)",
    ):
        with pytest.raises(DatabaseError), cast.as_(cast.morgan), connection.cursor() as cursor:
            cursor.execute(statement)


def test_a_worker_chooses_on_a_page_of_their_own(cast: Any) -> None:
    client = cast.yasmin.client()
    url = reverse("notices:choice")
    assert client.get(url).status_code == 200
    assert client.post(url, {"how": "daily"}).status_code == 302
    with cast.as_(cast.yasmin):
        assert NoticeChoice.objects.get().how == "daily"
    assert client.post(url, {"how": "by pigeon"}).status_code == 422


@pytest.mark.parametrize("typed", ["", "call me", "12", "01632 960 1234567890"])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="number"):
        plain_number(typed)
