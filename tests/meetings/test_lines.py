"""Minutes that several people write at once: nothing that anybody typed is lost, and nobody reads too much."""

from __future__ import annotations

import datetime as dt
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from teamaround.access.edits import StaleEdit
from teamaround.meetings import lines
from teamaround.meetings.actions import MeetingRefused
from teamaround.meetings.minutes import MinutesTyped, ViewTyped, record_minutes
from teamaround.meetings.models import Meeting, MinuteLine
from teamaround.sharing.actions import Cell, record_consent

Call = Callable[..., Meeting]
PART = {"HTTP_HX_REQUEST": "true"}


def write(cast: Any, meeting: Meeting, text: str, **more: Any) -> MinuteLine:
    with cast.as_(more.pop("by", cast.yasmin)) as me:
        return lines.write_line(by=me, meeting=Meeting.objects.get(pk=meeting.pk), text=text, **more)


def change(cast: Any, who: Any, line: MinuteLine, version: int, text: str) -> MinuteLine | None:
    with cast.as_(who) as me:
        row = MinuteLine.objects.select_related("meeting").get(pk=line.pk)
        return lines.change_line(by=me, line=row, version=version, text=text)


def texts(cast: Any, meeting: Meeting, who: Any = None) -> list[str]:
    with cast.as_(who or cast.yasmin):
        return [each.text for each in lines.lines_of(meeting)]


def record(cast: Any, meeting: Meeting) -> None:
    with cast.as_(cast.yasmin) as me:
        row = Meeting.objects.select_related("episode").get(pk=meeting.pk)
        typed = MinutesTyped(
            held_at=timezone.now() - dt.timedelta(hours=1),
            views=[ViewTyped("Kofi Osei", "I want to sleep")],
            family=["Kofi Osei"],
        )
        record_minutes(by=me, meeting=row, version=row.version, typed=typed)


def share(cast: Any, child: Any, *categories: str) -> None:
    with cast.as_(cast.yasmin) as me:
        record_consent(
            by=me,
            team=cast.yasmin.team.pk,
            subject=child.pk,
            given_by=child.pk,
            capacity="self",
            how="signed",
            valid_until=timezone.now() + dt.timedelta(days=90),
            cells=[Cell(child.pk, cast.tom.team.pk, category, "share") for category in categories],
        )


def test_two_who_write_at_once_both_find_their_paragraphs_in_order(cast: Any, called: Call) -> None:
    meeting = called()
    write(cast, meeting, "Yasmin one")
    write(cast, meeting, "Morgan one", by=cast.morgan)
    write(cast, meeting, "Yasmin two")
    assert texts(cast, meeting) == ["Yasmin one", "Morgan one", "Yasmin two"]


def test_a_paragraph_sent_twice_is_written_once(cast: Any, called: Call) -> None:
    meeting, token = called(), uuid.uuid4()
    write(cast, meeting, "Once", uuid=token)
    write(cast, meeting, "Once", uuid=token)
    assert texts(cast, meeting) == ["Once"]


def test_of_two_who_change_one_paragraph_at_once_both_texts_stay(cast: Any, called: Call) -> None:
    meeting = called()
    line = write(cast, meeting, "A sitter on Tuesdays")
    write(cast, meeting, "Next")
    assert change(cast, cast.yasmin, line, 1, "A sitter on Wednesdays") is None
    kept = change(cast, cast.morgan, line, 1, "A sitter on Mondays")
    assert kept is not None
    assert kept.beside_id == line.pk
    assert texts(cast, meeting) == ["A sitter on Wednesdays", "A sitter on Mondays", "Next"]


@pytest.mark.parametrize(
    ("keep", "left"),
    [("first", ["Mine"]), ("second", ["Theirs"]), ("both", ["Mine", "Theirs"])],
)
def test_two_texts_are_settled_and_what_does_not_stand_is_kept_in_the_record(
    cast: Any, called: Call, keep: str, left: list[str]
) -> None:
    meeting = called()
    line = write(cast, meeting, "Start")
    change(cast, cast.yasmin, line, 1, "Mine")
    other = change(cast, cast.morgan, line, 1, "Theirs")
    with pytest.raises(MeetingRefused, match="side by side"):
        record(cast, meeting)
    with cast.as_(cast.yasmin) as me:
        row = MinuteLine.objects.select_related("meeting").get(pk=other.pk)
        lines.settle(by=me, other=row, keep=keep)
        with pytest.raises(StaleEdit):
            lines.settle(by=me, other=row, keep=keep)
        assert MinuteLine.objects.filter(meeting=meeting).count() == 2
    assert texts(cast, meeting) == left
    record(cast, meeting)


def test_who_changes_a_paragraph_that_was_taken_out_keeps_their_text(cast: Any, called: Call) -> None:
    meeting = called()
    line = write(cast, meeting, "Start")
    with cast.as_(cast.morgan) as me:
        lines.remove_line(by=me, line=MinuteLine.objects.select_related("meeting").get(pk=line.pk), version=1)
    assert change(cast, cast.yasmin, line, 1, "Better") is not None
    assert texts(cast, meeting) == ["Better"]


def test_recorded_minutes_are_written_on_by_nobody(cast: Any, called: Call) -> None:
    meeting = called()
    line = write(cast, meeting, "As it was said")
    record(cast, meeting)
    with pytest.raises(MeetingRefused, match="Amend them"):
        write(cast, meeting, "Later")
    with cast.as_(cast.yasmin), pytest.raises(DatabaseError, match="are recorded"):
        MinuteLine.objects.filter(pk=line.pk).update(text="Other")


def test_paragraphs_are_the_calling_teams_until_a_grant_opens_them(
    cast: Any, case: Any, called: Call
) -> None:
    meeting = called()
    write(cast, meeting, "For all who read")
    write(cast, meeting, "He fell asleep in maths", category="education")
    write(cast, meeting, "His chest was looked at", category="health")
    assert texts(cast, meeting, cast.tom) == []
    share(cast, case.child, "plan")
    record(cast, meeting)
    assert texts(cast, meeting, cast.tom) == ["For all who read"]
    page = cast.tom.client().get(reverse("meetings:minutes", args=[meeting.uuid])).content.decode()
    assert "For all who read" in page
    assert "maths" not in page
    assert "A part of these minutes is not for you." in page
    assert texts(cast, meeting, cast.olive) == []


def test_that_a_paragraph_on_health_is_left_out_is_not_said(cast: Any, case: Any, called: Call) -> None:
    meeting = called()
    write(cast, meeting, "For all who read")
    write(cast, meeting, "His chest was looked at", category="health")
    share(cast, case.child, "plan")
    record(cast, meeting)
    page = cast.tom.client().get(reverse("meetings:minutes", args=[meeting.uuid])).content.decode()
    assert "For all who read" in page
    assert "chest" not in page
    assert "not for you" not in page
    mine = cast.yasmin.client().get(reverse("meetings:detail", args=[meeting.uuid])).content.decode()
    assert "chest" in mine


def test_no_other_team_writes_in_minutes(cast: Any, called: Call) -> None:
    meeting = called()
    line = write(cast, meeting, "Ours")
    with cast.as_(cast.tom) as me, pytest.raises(MeetingRefused):
        lines.write_line(by=me, meeting=meeting, text="Theirs")
    assert cast.tom.client().get(reverse("meetings:live", args=[meeting.uuid])).status_code == 403
    assert cast.tom.client().get(reverse("meetings:line", args=[line.uuid])).status_code == 404
    assert cast.olive.client().get(reverse("meetings:live", args=[meeting.uuid])).status_code == 404


def test_a_page_asks_what_others_wrote_and_is_told_only_what_changed(cast: Any, called: Call) -> None:
    meeting = called()
    write(cast, meeting, "One")
    client = cast.yasmin.client()
    page = client.get(reverse("meetings:live", args=[meeting.uuid])).content.decode()
    ask = page.partition('hx-get="')[2].partition('"')[0].replace("&amp;", "&")
    assert client.get(ask, **PART).status_code == 204
    write(cast, meeting, "Two", by=cast.morgan)
    with CaptureQueriesContext(connection) as queries:
        told = client.get(ask, **PART)
    assert "Two" in told.content.decode()
    assert "Morgan" in told.content.decode()
    assert len(queries) <= 15
    old = f"{ask.partition('since=')[0]}since={int(time.time()) - 3600}"
    assert 'hx-get="/meetings/' not in client.get(old, **PART).content.decode().partition("<ol")[0]


def test_without_a_script_a_paragraph_is_saved_and_changed_by_forms(cast: Any, called: Call) -> None:
    meeting = called()
    client, live = cast.yasmin.client(), reverse("meetings:live", args=[meeting.uuid])
    sent = {"token": str(uuid.uuid4()), "text": "By a form", "category": ""}
    assert client.post(live, {**sent, "text": " "}).status_code == 200
    assert client.post(live, sent).status_code == 302
    with cast.as_(cast.yasmin):
        line = MinuteLine.objects.get()
    edit = reverse("meetings:line", args=[line.uuid])
    assert "By a form" in client.get(edit).content.decode()
    assert client.post(edit, {"version": "1", "text": "In other words"}).status_code == 302
    late = cast.morgan.client().post(edit, {"version": "1", "text": "Too late"}, follow=True).content.decode()
    assert "Both texts are kept" in late
    assert "In other words" in late
    assert "Too late" in late
    with cast.as_(cast.yasmin):
        other = MinuteLine.objects.get(beside__isnull=False)
    client.post(reverse("meetings:settle_line", args=[other.uuid]), {"keep": "second"})
    assert texts(cast, meeting) == ["Too late"]
    client.post(reverse("meetings:remove_line", args=[other.uuid]), {"version": "2"})
    assert texts(cast, meeting) == []
    with CaptureQueriesContext(connection) as queries:
        assert client.get(live).status_code == 200
    assert len(queries) <= 15
