"""The partnership's kinds of meeting: who sets them, what a meeting keeps of them, what holding one records."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from teamaround.access.edits import StaleEdit
from teamaround.events.models import Event
from teamaround.meetings import types
from teamaround.meetings.actions import MeetingRefused
from teamaround.meetings.minutes import MinutesTyped, ViewTyped, record_minutes
from teamaround.meetings.models import Meeting, MeetingType

Call = Callable[..., Meeting]


def test_the_meetings_of_the_field_are_there_from_the_first_day(cast: Any) -> None:
    with cast.as_(cast.yasmin):
        titles = [each.title for each in types.offered()]
    assert titles[0] == "Team around the child and family"
    assert {"Eligibility meeting", "Families First panel", "YES panel", "Core group", "Review"} <= set(titles)


def test_a_meeting_keeps_the_words_under_which_it_was_called(cast: Any, called: Call) -> None:
    before = called()
    with cast.as_(cast.admin) as me:
        row = MeetingType.objects.get(pk="team-around")
        types.change_type(
            by=me, kind=row, version=1, title="Family round", usually="All", event=types.HELD, ended=False
        )
    after = called(days=4)
    with cast.as_(cast.yasmin):
        assert Meeting.objects.get(pk=before.pk).title == "Team around the child and family"
        assert Meeting.objects.get(pk=after.pk).title == "Family round"


def test_a_kind_that_ended_is_called_no_more_and_comes_back(cast: Any, called: Call) -> None:
    with cast.as_(cast.admin) as me:
        made = types.add_type(by=me, title="Breakfast round", usually="The family")
        assert types.add_type(by=me, title="Add", usually="The family").key == "add-2"
        types.change_type(
            by=me,
            kind=made,
            version=1,
            title=made.title,
            usually=made.usually,
            event=made.event,
            ended=True,
        )
    with pytest.raises(MeetingRefused, match="Choose the kind"):
        called(kind="breakfast-round")
    with cast.as_(cast.admin) as me:
        types.change_type(
            by=me,
            kind=made,
            version=2,
            title=made.title,
            usually=made.usually,
            event=made.event,
            ended=False,
        )
    assert called(kind="breakfast-round").title == "Breakfast round"


def test_holding_a_meeting_records_what_its_kind_says_beside_that_it_was_held(
    cast: Any, called: Call
) -> None:
    meeting = called(kind="core-group")
    with cast.as_(cast.yasmin) as me:
        row = Meeting.objects.select_related("episode").get(pk=meeting.pk)
        typed = MinutesTyped(
            held_at=timezone.now() - dt.timedelta(hours=1),
            views=[ViewTyped("Kofi Osei", "I want to sleep")],
            family=["Kofi Osei"],
        )
        record_minutes(by=me, meeting=row, version=row.version, typed=typed)
        kinds = set(Event.objects.filter(episode=row.episode_id).values_list("kind", flat=True))
    assert {"meeting.held", "coregroup.met"} <= kinds


@pytest.mark.parametrize(
    ("title", "usually", "event", "field"),
    [
        ("", "All", types.HELD, "title"),
        ("review", "All", types.HELD, "title"),
        ("New", " ", types.HELD, "usually"),
        ("New", "All", "episode.closed", "event"),
    ],
)
def test_a_kind_of_meeting_says_what_who_and_what_it_records(
    cast: Any, title: str, usually: str, event: str, field: str
) -> None:
    with cast.as_(cast.admin) as me, pytest.raises(MeetingRefused) as refused:
        types.add_type(by=me, title=title, usually=usually, event=event)
    assert refused.value.field == field


def test_the_database_lets_no_worker_set_kinds_of_meeting(cast: Any) -> None:
    with cast.as_(cast.morgan), pytest.raises(DatabaseError, match="only a partnership officer"):
        MeetingType.objects.filter(pk="review").update(title="Look-back")
    with cast.as_(cast.admin) as me:
        row = MeetingType.objects.get(pk="review")
        with pytest.raises(StaleEdit), transaction.atomic():
            types.change_type(
                by=me, kind=row, version=7, title="Look-back", usually="All", event=types.HELD, ended=False
            )


def test_an_officer_adds_and_rewords_kinds_in_the_browser(cast: Any) -> None:
    client = cast.admin.client()
    sent = {"title": "Breakfast round", "usually": "The family", "event": types.HELD, "version": "1"}
    assert client.post(reverse("meetings:add_type"), sent).status_code == 302
    assert client.post(reverse("meetings:add_type"), sent).status_code == 200
    edit = reverse("meetings:type", args=["breakfast-round"])
    assert client.post(edit, {**sent, "title": "Morning round"}).status_code == 302
    assert client.post(edit, {**sent, "title": "Evening round"}).status_code == 409
    with CaptureQueriesContext(_connection()) as queries:
        page = client.get(reverse("meetings:types")).content.decode()
    assert "Morning round" in page
    assert len(queries) <= 15
    assert cast.yasmin.client().get(reverse("meetings:types")).status_code == 403


def _connection() -> Any:
    from django.db import connection

    return connection


def test_the_list_for_calling_a_meeting_is_the_partnerships(cast: Any, case: Any) -> None:
    with cast.as_(cast.admin) as me:
        types.add_type(by=me, title="Breakfast round", usually="Whoever cooks")
    page = cast.yasmin.client().get(reverse("meetings:call", args=[case.episode.uuid])).content.decode()
    assert "Breakfast round" in page
    assert "Whoever cooks" in page
