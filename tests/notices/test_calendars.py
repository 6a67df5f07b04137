"""Calendar feeds: the secret link, what it opens and for whom, and what a feed never tells."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from harness.cases import accepted, with_procedures
from teamaround.access import rates
from teamaround.access.me import family_member_of, portal_actor
from teamaround.agencies.models import Account, Membership
from teamaround.database.actor import ANONYMOUS, acting_as
from teamaround.meetings.actions import InvitedPerson, call_meeting
from teamaround.notices import calendar_calls, calendars
from teamaround.notices.calendars import initials
from teamaround.notices.models import CalendarLink
from teamaround.people.models import Person
from teamaround.portal.actions import accept_portal_invitation, end_portal_access, invite_family_member
from teamaround.portal.models import PortalInvitation
from teamaround.procedures.models import Episode
from teamaround.site.logs import QuietFormatter, page_of
from teamaround.tasks.actions import Owner, add_task
from teamaround.tasks.appointments import With, make_appointment

SECRETS = ("Osei", "Kofi", "counselling", "Canal Row", "worries", "Ask mum")
"""What stands in the case and in no calendar."""


@dataclass
class World:
    child: Person
    episode: Episode
    family: Account


@pytest.fixture
def world(cast: Any) -> World:
    child, episode = accepted(with_procedures(cast))
    team = cast.yasmin.team.pk
    with cast.as_(cast.yasmin) as me:
        episode = Episode.objects.get(pk=episode.pk)
        tomorrow = timezone.now() + dt.timedelta(days=1)
        make_appointment(
            by=me, team=team, subjects=[child.pk], kind="session", starts_at=tomorrow,
            ends_at=tomorrow + dt.timedelta(hours=1), whom=With(team=team, practitioner=me.principal),
            place="4 Canal Row, for counselling",
        )  # fmt: skip
        make_appointment(
            by=me, team=team, subjects=[child.pk], kind="other", starts_at=tomorrow + dt.timedelta(hours=2),
            ends_at=tomorrow + dt.timedelta(hours=3), whom=With(team=cast.sam.team.pk),
        )  # fmt: skip
        call_meeting(
            by=me, team=team, episode=episode, kind="review", starts_at=tomorrow + dt.timedelta(days=1), place="School",
            purpose="Talk about worries", people=[InvitedPerson("Kofi Osei", child.pk)],
        )  # fmt: skip
        add_task(
            by=me, team=team, subject=child.pk, title="Ask mum about counselling",
            owner=Owner(practitioner=me.principal, team=team), due_on=timezone.localdate(),
        )  # fmt: skip
        made = invite_family_member(
            by=me, team=team, person=child, email="kofi@family.example", understanding="He said it back in his words."
        )  # fmt: skip
    with acting_as(ANONYMOUS), transaction.atomic():
        account = accept_portal_invitation(secret=made.secret)
    return World(child, episode, account)


def link_of(member: Any) -> str:
    page = member.client().post(reverse("desk:calendar_link"))
    assert "no-store" in page["Cache-Control"]
    return str(page.context["address"])


def parent_client(account: Account) -> Client:
    client = Client()
    client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def fetch(address: str, **headers: str) -> Any:
    return Client().get(address.removeprefix("http://testserver"), headers=headers)


def titles(response: Any) -> list[str]:
    return sorted(str(each["summary"]) for each in Calendar.from_ical(response.content).walk("VEVENT"))


def test_a_workers_feed_tells_times_initials_and_neutral_titles_and_nothing_of_the_case(
    cast: Any, world: World
) -> None:
    feed = fetch(link_of(cast.yasmin))
    assert feed.status_code == 200
    assert feed["Content-Type"] == "text/calendar; charset=utf-8"
    told = titles(feed)
    assert {"Appointment: K.O.", "Meeting: K.O.", "Action due: K.O.", "Due: K.O."} == set(told)
    body = feed.content.decode()
    assert not [word for word in SECRETS if word.casefold() in body.casefold()]
    assert "LOCATION" not in body
    assert "DESCRIPTION" not in body
    assert str(world.child.pk) not in set(body.replace("/", " ").split())


def test_a_feed_shows_a_worker_no_more_than_their_own_pages_would(cast: Any, world: World) -> None:
    assert titles(fetch(link_of(cast.nina))) == []
    assert titles(fetch(link_of(cast.sam))) == ["Appointment"]


def test_a_feed_acts_as_its_owner_with_the_rights_of_now(cast: Any, world: World) -> None:
    address = link_of(cast.yasmin)
    with cast.as_(cast.admin):
        Membership.objects.filter(practitioner=cast.yasmin.practitioner).update(until=timezone.now())
    assert fetch(address).status_code == 404


def test_only_the_link_that_stands_opens_and_every_other_is_the_same_404(cast: Any, world: World) -> None:
    first = link_of(cast.yasmin)
    second = link_of(cast.yasmin)
    old, wrong = fetch(first), fetch("/calendar/" + "A" * 43 + ".ics")
    odd = fetch("/calendar/x.ics")
    assert {(each.status_code, each.content, each["Content-Type"]) for each in (old, wrong, odd)} == {
        (404, b"Not found\n", "text/plain; charset=utf-8")
    }
    assert fetch(second).status_code == 200
    cast.yasmin.client().post(reverse("desk:calendar_link"), {"act": "end"})
    assert fetch(second).status_code == 404
    # A worker's link is none of a family's feed, and the other way round.
    third = link_of(cast.yasmin)
    assert fetch(third.replace("/calendar/", "/calendar/own/")).status_code == 404
    # Whoever is signed in, only the secret counts.
    assert cast.yasmin.client().get("/calendar/" + "A" * 43 + ".ics").status_code == 404


def test_a_link_is_kept_as_a_digest_and_read_by_its_owner_alone(cast: Any, world: World) -> None:
    secret = link_of(cast.yasmin).rpartition("/")[2].partition(".")[0]
    with cast.as_(cast.yasmin):
        kept = CalendarLink.objects.get()
        assert kept.digest == hashlib.sha256(secret.encode()).hexdigest()
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            CalendarLink.objects.update(digest="0" * 64)
        CalendarLink.objects.update(ended_at=timezone.now())
        with pytest.raises(DatabaseError, match="has ended"), transaction.atomic():
            CalendarLink.objects.update(ended_at=None)
    for other in (cast.yusuf, cast.morgan, cast.admin, cast.greta):
        with cast.as_(other):
            assert not CalendarLink.objects.exists()
            with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
                CalendarLink.objects.create(owner_id=cast.yasmin.practitioner.pk, digest="1" * 64)


def test_neither_log_keeps_the_secret(cast: Any, world: World, caplog: Any) -> None:
    address = link_of(cast.yasmin)
    secret = address.rpartition("/")[2].partition(".")[0]
    with caplog.at_level("INFO"):
        fetch(address)
        fetch(address.replace(secret, "B" * 43))
    kept = "\n".join(QuietFormatter().format(record) for record in caplog.records)
    assert "a calendar link opened nothing" in kept
    assert secret not in kept
    assert "B" * 43 not in kept
    for path in (f"/calendar/{secret}.ics", f"/calendar/own/{secret}.ics", f"/calendar/{secret}"):
        assert secret not in page_of(path)


def test_a_feed_that_did_not_change_is_not_sent_again(cast: Any, world: World) -> None:
    address = link_of(cast.yasmin)
    first, again = fetch(address), fetch(address)
    assert first["ETag"] == again["ETag"]
    assert first["Last-Modified"]
    same = fetch(address, **{"if-none-match": first["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
    with cast.as_(cast.yasmin) as me:
        add_task(
            by=me, team=me.team.team, subject=world.child.pk, title="More",
            owner=Owner(practitioner=me.principal, team=me.team.team), due_on=timezone.localdate(),
        )  # fmt: skip
    assert fetch(address, **{"if-none-match": first["ETag"]}).status_code == 200


def test_a_feed_is_few_queries_and_one_line_in_the_access_log(cast: Any, world: World) -> None:
    address = link_of(cast.yasmin)
    with CaptureQueriesContext(connection) as queries:
        fetch(address)
    statements = [each["sql"] for each in queries]
    assert sum("insert into access_look (" in each for each in statements) == 1
    assert len([each for each in statements if "savepoint" not in each.lower()]) <= 22
    client = cast.yasmin.client()
    client.get(reverse("desk:calendar_link"))
    with CaptureQueriesContext(connection) as queries:
        page = client.get(reverse("desk:calendar_link"))
    assert page.status_code == 200
    assert len(queries) <= 15


def test_who_asks_too_often_is_told_to_wait(cast: Any, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendar_calls, "CALLS", 2)
    monkeypatch.setattr(calendar_calls, "FAILURES", 2)
    monkeypatch.setattr(rates.time, "time", lambda: 1_800_000_000.0)
    address = link_of(cast.yasmin)
    assert [fetch(address).status_code for _ in range(3)] == [200, 200, 429]
    wrong = f"/calendar/{uuid.uuid4().hex}{'C' * 11}.ics"
    assert [fetch(wrong).status_code for _ in range(3)] == [404, 404, 429]
    # Wrong links of one address close no right one.
    assert fetch(link_of(cast.yusuf)).status_code == 200


def test_a_family_members_feed_has_their_own_times_and_neither_place_nor_whom(
    cast: Any, world: World
) -> None:
    client = parent_client(world.family)
    with CaptureQueriesContext(connection) as queries:
        page = client.get(reverse("portal:calendar"))
    assert len(queries) <= 15
    words = page.content.decode()
    assert "4 Canal Row" in words
    # What a sensitive service arranged stands on no page that others in the house may see.
    assert "Recovery" not in words
    address = str(client.post(reverse("portal:calendar")).context["address"])
    feed = fetch(address)
    assert titles(feed) == ["Appointment", "Meeting"]
    assert not [word for word in (*SECRETS, "Yasmin", "Young carers") if word in feed.content.decode()]
    assert fetch(address.replace("/own/", "/")).status_code == 404
    client.post(reverse("portal:calendar"), {"act": "end"})
    assert fetch(address).status_code == 404


def test_a_family_members_feed_ends_with_their_account(cast: Any, world: World) -> None:
    address = str(parent_client(world.family).post(reverse("portal:calendar")).context["address"])
    assert fetch(address).status_code == 200
    with cast.as_(cast.yasmin) as me:
        end_portal_access(by=me, invitation=PortalInvitation.objects.get())
    assert fetch(address).status_code == 404


def test_the_database_tells_a_calendar_of_ones_own_to_nobody_else(cast: Any, world: World) -> None:
    now = timezone.now()
    for member in (cast.yasmin, cast.olive, cast.greta):
        with cast.as_(member), connection.cursor() as cursor:
            cursor.execute("select count(*) from app.own_calendar(%s, %s)", [now, now + dt.timedelta(days=9)])
            assert cursor.fetchone() == (0,)
    actor = portal_actor(world.family)
    assert actor is not None
    with acting_as(actor), transaction.atomic():
        assert family_member_of(actor) is not None
        with connection.cursor() as cursor:
            cursor.execute("select what from app.own_calendar(%s, %s)", [now, now + dt.timedelta(days=9)])
            assert [row[0] for row in cursor.fetchall()] == ["appointment", "meeting"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Kofi Osei", "K.O."),
        ("Mary-Kate O’Brien", "M.O."),
        ("", ""),
        ("李 小龙", "李.小."),
        ("a b c d e f g h", "A.B.C.D.E.F."),
    ],
)
def test_initials_are_the_first_letters_of_each_name(name: str, told: str) -> None:
    assert initials(name) == told


def test_the_same_items_are_written_in_the_same_bytes_and_long_titles_are_folded() -> None:
    at = dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)
    item = calendars.Item(uuid.UUID(int=1), "meeting", "é" * 90, at, at + dt.timedelta(hours=1), at)
    body = calendars.written([item], title="T")
    assert body == calendars.written([item], title="T")
    assert max(len(line) for line in body.split(b"\r\n")) <= 75
    assert titles(type("Response", (), {"content": body})) == ["é" * 90]
