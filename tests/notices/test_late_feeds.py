"""A feed that is late: told once to those who keep it, with nothing of what it brings."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from harness.feeds import CHILD, Machine, Made, make_feed
from teamaround.agencies.models import Membership
from teamaround.database.actor import SET_UP, acting_as
from teamaround.feeds.callers import me_of_feed
from teamaround.feeds.models import Feed, FeedHeard
from teamaround.notices.feeds import tell_late_feeds
from teamaround.notices.models import Message

MONDAY = dt.date(2026, 11, 23)
SATURDAY = dt.date(2026, 11, 21)
CHRISTMAS = dt.date(2026, 12, 25)


@pytest.fixture
def made(cast: Any) -> Made:
    return make_feed(cast)


def silent_for(cast: Any, made: Made, hours: int) -> None:
    """As though the feed had been added, and heard, so many hours ago."""
    then = timezone.now() - dt.timedelta(hours=hours)
    with cast.as_(cast.admin):
        Feed.objects.filter(pk=made.feed.pk).update(added_at=then)
        feed = Feed.objects.select_related("team__agency").get(pk=made.feed.pk)
    with acting_as(me_of_feed(feed).actor()), transaction.atomic():
        FeedHeard.objects.filter(feed=feed).update(heard_at=then)


def told(cast: Any) -> list[tuple[str, str]]:
    with cast.as_(cast.admin):
        return list(
            Message.objects.filter(subject_line="A feed is late")
            .order_by("pk")
            .values_list("address", "body")
        )


def test_a_late_feed_is_told_to_its_teams_manager_and_to_administrators(cast: Any, made: Made) -> None:
    silent_for(cast, made, 27)
    assert tell_late_feeds(MONDAY) == 2
    bodies = dict(told(cast))
    assert set(bodies) == {"morgan@northmoor.example", "admin@northmoor.example"}
    assert reverse("feeds:feeds") in bodies["morgan@northmoor.example"]
    assert reverse("administration:feeds") in bodies["admin@northmoor.example"]


def test_a_notice_of_a_late_feed_names_neither_the_team_nor_its_system(cast: Any, made: Made) -> None:
    silent_for(cast, made, 27)
    tell_late_feeds(MONDAY)
    for _address, body in told(cast):
        assert "Case system" not in body
        assert cast.teams["young-carers"].name not in body


def test_a_feed_in_time_or_of_which_nothing_is_expected_is_told_to_nobody(cast: Any, made: Made) -> None:
    assert tell_late_feeds(MONDAY) == 0
    silent_for(cast, made, 25)
    assert tell_late_feeds(MONDAY) == 0
    silent_for(cast, made, 900)
    with cast.as_(cast.admin):
        Feed.objects.update(silent_hours=None)
    assert tell_late_feeds(MONDAY) == 0


def test_a_silence_is_told_once(cast: Any, made: Made) -> None:
    silent_for(cast, made, 27)
    assert [tell_late_feeds(MONDAY), tell_late_feeds(MONDAY), tell_late_feeds(MONDAY)] == [2, 0, 0]


def test_a_feed_is_told_of_again_once_it_was_heard_in_between(cast: Any, made: Made) -> None:
    silent_for(cast, made, 60)
    assert tell_late_feeds(MONDAY) == 2
    with cast.as_(cast.admin):
        Feed.objects.update(late_told_at=timezone.now() - dt.timedelta(hours=30))
    assert tell_late_feeds(MONDAY) == 0
    Machine(made).bring([CHILD])
    assert tell_late_feeds(MONDAY) == 0
    silent_for(cast, made, 27)
    assert tell_late_feeds(MONDAY) == 2


def test_nobody_is_told_of_two_late_feeds_twice(cast: Any, made: Made) -> None:
    other = make_feed(cast, name="Register")
    silent_for(cast, made, 27)
    silent_for(cast, other, 27)
    assert tell_late_feeds(MONDAY) == 2
    assert len(told(cast)) == 2


def test_nothing_is_told_on_a_day_on_which_nobody_works_and_nothing_is_lost(cast: Any, made: Made) -> None:
    silent_for(cast, made, 27)
    assert tell_late_feeds(SATURDAY) == 0
    assert tell_late_feeds(CHRISTMAS) == 0
    assert tell_late_feeds(MONDAY) == 2


def test_a_team_without_a_manager_is_told_as_a_whole(cast: Any) -> None:
    made = make_feed(cast, "moor-lane")
    silent_for(cast, made, 27)
    tell_late_feeds(MONDAY)
    assert {address for address, _ in told(cast)} == {"tom@northmoor.example", "admin@northmoor.example"}


def test_a_feed_that_ended_is_never_late(cast: Any, made: Made) -> None:
    silent_for(cast, made, 27)
    with cast.as_(cast.admin):
        Feed.objects.update(ended_at=timezone.now())
    assert tell_late_feeds(MONDAY) == 0


def test_whoever_left_the_team_is_told_nothing(cast: Any, made: Made) -> None:
    silent_for(cast, made, 27)
    with acting_as(SET_UP), transaction.atomic():
        Membership.objects.filter(practitioner=cast.morgan.practitioner).update(until=timezone.now())
    tell_late_feeds(MONDAY)
    assert "morgan@northmoor.example" not in dict(told(cast))


def test_only_the_service_may_say_that_a_silence_was_told(cast: Any, made: Made) -> None:
    for member in (cast.admin, cast.morgan):
        with (
            cast.as_(member),
            connection.cursor() as cursor,
            pytest.raises(DatabaseError, match="only the service"),
            transaction.atomic(),
        ):
            cursor.execute("select app.take_late_feeds()")


def test_a_late_feed_stands_on_the_days_and_pages_of_those_who_keep_it(cast: Any, made: Made) -> None:
    for member in (cast.admin, cast.morgan):
        assert "” is late" not in member.client().get("/").content.decode()
    silent_for(cast, made, 27)
    morgan = cast.morgan.client().get("/").content.decode()
    assert "The feed “Case system” is late" in morgan
    assert reverse("feeds:feed", args=[made.feed.uuid]) in morgan
    admin = cast.admin.client()
    assert reverse("administration:feed", args=[made.feed.uuid]) in admin.get("/").content.decode()
    assert "1 feed is late" in admin.get(reverse("administration:overview")).content.decode()
    for other in (cast.yasmin, cast.tom, cast.greta):
        assert "” is late" not in other.client().get("/").content.decode()


def test_a_team_is_told_of_its_own_late_feeds_alone(cast: Any, made: Made) -> None:
    other = make_feed(cast, "moor-lane", name="School register")
    silent_for(cast, other, 27)
    assert "School register" not in cast.morgan.client().get("/").content.decode()
    silent_for(cast, made, 27)
    assert "2 feeds are late" in cast.admin.client().get("/").content.decode()
