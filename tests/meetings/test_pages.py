"""The pages of meetings, as the cast meets them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from teamaround.access.drafts import keep_draft
from teamaround.access.models import Draft
from teamaround.index.actions import involve
from teamaround.meetings import actions
from teamaround.meetings.minutes import ActionTyped, MinutesTyped, ViewTyped, record_minutes
from teamaround.meetings.models import (
    Meeting,
    MeetingAttendance,
    MeetingInvitation,
    MeetingMinutes,
    MeetingReply,
)
from teamaround.notices.models import Message
from teamaround.people.presenters import life_line
from teamaround.tasks.actions import Owner
from teamaround.tasks.models import Task

Call = Callable[..., Meeting]
TOKEN = re.compile(r'name="token" value="([0-9a-f-]{36})"')


def page(member: Any, address: str, **data: Any) -> str:
    response = member.client().get(address, data)
    assert response.status_code == 200, response.status_code
    return str(response.content.decode())


def call_data(content: str, **changes: Any) -> dict[str, Any]:
    found = TOKEN.search(content)
    assert found is not None
    day = timezone.localdate() + dt.timedelta(days=5)
    return {
        "token": found[1],
        "kind": "team-around",
        "starts_on": day.isoformat(),
        "starts_at": "3:30pm",
        "place": "Moor Lane School",
        "purpose": "Agree who helps with what",
        "teams": re.findall(r'name="teams" type="checkbox" value="(\d+)" checked', content),
        "family": re.findall(r'name="family" type="checkbox" value="([0-9a-f-]+)" checked', content),
        **changes,
    }


def test_a_meeting_is_called_with_the_involved_teams_ticked_and_a_double_click_calls_one(
    cast: Any, case: Any
) -> None:
    client = cast.yasmin.client()
    address = f"/meetings/call/{case.episode.uuid}/"
    with CaptureQueriesContext(connection) as queries:
        content = client.get(address).content.decode()
    assert len(queries) <= 15, len(queries)
    data = call_data(content)
    assert data["teams"] == [str(cast.tom.team.pk)]
    first, second = client.post(address, data), client.post(address, data)
    assert first.status_code == 302
    assert first.url == second.url
    with cast.as_(cast.tom):
        assert Meeting.objects.count() == 1
        assert (
            MeetingInvitation.objects.get(invited_team=cast.tom.team).practitioner_id
            == cast.tom.practitioner.pk
        )


def test_a_sensitive_service_is_not_among_the_teams_offered_as_involved(cast: Any, case: Any) -> None:
    with cast.as_(cast.sam) as me:
        involve(by=me, team=cast.sam.team.pk, subject=case.child.pk)
    content = page(cast.yasmin, f"/meetings/call/{case.episode.uuid}/")
    assert f'name="teams" type="checkbox" value="{cast.tom.team.pk}"' in content
    assert f'name="teams" type="checkbox" value="{cast.sam.team.pk}"' not in content


def test_a_time_that_has_passed_is_refused_beside_the_field_and_everything_typed_stays(
    cast: Any, case: Any
) -> None:
    client = cast.yasmin.client()
    address = f"/meetings/call/{case.episode.uuid}/"
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    data = call_data(
        client.get(address).content.decode(), starts_on=yesterday.isoformat(), place="The <old> hall"
    )
    content = client.post(address, data).content.decode()
    assert "Date must be today or in the future" in content
    assert "The &lt;old&gt; hall" in content
    with cast.as_(cast.yasmin):
        assert not Meeting.objects.exists()


def test_only_the_team_of_the_case_calls_its_meetings(cast: Any, case: Any) -> None:
    address = f"/meetings/call/{case.episode.uuid}/"
    assert cast.tom.client().get(address).status_code == 403
    assert cast.olive.client().get(address).status_code == 404
    assert cast.admin.client().get(address).status_code == 403


def test_the_invited_school_reads_when_and_where_and_no_minutes(cast: Any, called: Call) -> None:
    meeting = called()
    content = page(cast.tom, f"/meetings/{meeting.uuid}/")
    assert "Moor Lane School, library" in content
    assert "Answer the invitation" in content
    assert "Record the meeting" not in content
    assert cast.olive.client().get(f"/meetings/{meeting.uuid}/").status_code == 404
    assert cast.tom.client().get(f"/meetings/{meeting.uuid}/record/").status_code == 403
    hold(cast, meeting)
    content = page(cast.tom, f"/meetings/{meeting.uuid}/")
    assert "To be invited does not open its minutes" in content
    assert "A sitter comes" not in content
    assert cast.tom.client().get(f"/meetings/{meeting.uuid}/minutes/").status_code == 302
    assert "A sitter comes" in page(cast.yasmin, f"/meetings/{meeting.uuid}/minutes/")


def hold(cast: Any, meeting: Meeting) -> None:
    with cast.as_(cast.yasmin) as me:
        row = Meeting.objects.select_related("episode").get(pk=meeting.pk)
        record_minutes(
            by=me,
            meeting=row,
            version=row.version,
            typed=MinutesTyped(
                held_at=timezone.now() - dt.timedelta(hours=1),
                views=[ViewTyped("Kofi Osei", "I want to sleep")],
                family=["Kofi Osei"],
                decisions=["A sitter comes on Tuesdays"],
                actions=[ActionTyped("Homework club", Owner(team=cast.tom.team.pk), timezone.localdate())],
            ),
        )


def test_a_meeting_that_was_held_says_who_came_and_not_who_is_invited(cast: Any, called: Call) -> None:
    meeting = called()
    address = f"/meetings/{meeting.uuid}/"
    assert "Who is invited" in page(cast.yasmin, address)
    with cast.as_(cast.yasmin) as me:
        row = Meeting.objects.select_related("episode").get(pk=meeting.pk)
        school = MeetingInvitation.objects.get(invited_team=cast.tom.team)
        typed = MinutesTyped(
            held_at=timezone.now(),
            views=[ViewTyped("Kofi Osei", "Hello")],
            came=[school.pk],
            also_came=["A nan"],
        )
        record_minutes(by=me, meeting=row, version=row.version, typed=typed)
    said = page(cast.yasmin, address)
    assert "Who is invited" not in said
    assert said.count(">Who came<") == 1
    table = said[said.index('id="came"') :]
    rows = [" ".join(re.sub(r"<[^>]+>", " ", each).split()) for each in table.split("<tr>")[2:5]]
    assert ["Did not come" in each for each in rows] == [False, True, False]
    assert "Moor Lane" in rows[0]
    assert rows[2].startswith("A nan")
    invited = page(cast.tom, address)
    assert "Who was invited" in invited
    assert "A nan" not in invited


def test_those_invited_are_told_once_that_a_meeting_was_recorded(cast: Any, called: Call) -> None:
    meeting = called(teams=("moor-lane", "school-nursing"))
    with cast.as_(cast.yasmin):
        before = Message.objects.count()
    hold(cast, meeting)
    with cast.as_(cast.yasmin):
        said = dict(Message.objects.order_by("pk")[before:].values_list("address", "subject_line"))
        assert said == {
            "tom@northmoor.example": "You have an action to do",
            "nina@northmoor.example": "A meeting has been recorded",
        }


def test_the_bar_of_a_meeting_says_when_the_child_was_born_and_how_old_they_are(
    cast: Any, called: Call, case: Any
) -> None:
    with cast.as_(cast.yasmin):
        line = life_line(case.child)
    assert ", aged " in line
    assert line in page(cast.yasmin, f"/meetings/{called().uuid}/")
    assert line in page(cast.yasmin, f"/cases/{case.episode.uuid}/")


def test_the_school_answers_with_a_report_that_the_caller_reads(cast: Any, called: Call) -> None:
    meeting = called()
    with cast.as_(cast.tom):
        row = MeetingInvitation.objects.get(invited_team=cast.tom.team)
    client = cast.tom.client()
    address = f"/meetings/invitations/{row.uuid}/"
    assert client.get(address).status_code == 200
    refused = client.post(
        address, {"answer": "report", "report": "", "version": row.version}
    ).content.decode()
    assert "Enter your report" in refused
    sent = client.post(address, {"answer": "report", "report": "He is often late.", "version": row.version})
    assert sent.status_code == 302
    assert client.post(address, {"answer": "accepted", "version": row.version}).status_code == 409
    assert "He is often late." in page(cast.yasmin, f"/meetings/{meeting.uuid}/")
    with cast.as_(cast.tom):
        assert MeetingReply.objects.get().author_team_id == cast.tom.team.pk


def record_data(content: str, cast: Any, **changes: Any) -> dict[str, Any]:
    found = TOKEN.search(content)
    version = re.search(r'name="version" value="(\d+)"', content)
    assert found is not None
    assert version is not None
    return {
        "token": found[1],
        "version": version[1],
        "held_on": timezone.localdate().isoformat(),
        "held_at": "0:01",
        "view_0": "I want to sleep on school nights",
        "came": re.findall(r'name="came" type="checkbox" value="([0-9a-f-]+)"', content),
        "decision_0": "A sitter comes on Tuesdays",
        "action_what_0": "Homework club",
        "action_owner_0": f":{cast.tom.team.pk}",
        "action_due_0": (timezone.localdate() + dt.timedelta(days=7)).isoformat(),
        **changes,
    }


def test_a_meeting_is_recorded_views_first_and_a_double_click_records_once(cast: Any, called: Call) -> None:
    meeting = called()
    client = cast.yasmin.client()
    address = f"/meetings/{meeting.uuid}/record/"
    with CaptureQueriesContext(connection) as queries:
        content = client.get(address).content.decode()
    assert len(queries) <= 15, len(queries)
    assert content.index("What the family said") < content.index("What was decided")
    data = record_data(content, cast)
    first, second = client.post(address, data), client.post(address, data)
    assert first.status_code == second.status_code == 302
    with cast.as_(cast.yasmin):
        assert MeetingMinutes.objects.count() == 1
        assert set(MeetingAttendance.objects.values_list("came", flat=True)) == {True}
        assert Task.objects.get().owner_team_id == cast.tom.team.pk


def test_two_decisions_and_two_actions_are_asked_for_at_first(cast: Any, called: Call) -> None:
    content = page(cast.yasmin, f"/meetings/{called().uuid}/record/")
    for name in ("decision", "action_what"):
        assert f'name="{name}_1"' in content
        assert f'name="{name}_2"' not in content


@pytest.mark.parametrize(
    ("more", "row", "other"), [("decision", "decision", "action_what"), ("action", "action_what", "decision")]
)
def test_another_row_can_be_asked_for_without_a_script_and_nothing_typed_is_lost(
    cast: Any, called: Call, more: str, row: str, other: str
) -> None:
    meeting = called()
    client = cast.yasmin.client()
    address = f"/meetings/{meeting.uuid}/record/"
    data = record_data(client.get(address).content.decode(), cast, more=more, held_at="not a time")
    content = client.post(address, data).content.decode()
    assert re.search(rf'<input[^>]*name="{row}_2"[^>]*autofocus', content)
    assert f'name="{row}_3"' not in content
    assert f'name="{other}_2"' not in content
    assert "A sitter comes on Tuesdays" in content
    assert "not a time" in content
    assert "There is a problem" not in content
    again = client.post(address, {**data, f"{row}_2": "Typed in the new row"}).content.decode()
    assert "Typed in the new row" in again
    assert f'name="{row}_3"' in again
    with cast.as_(cast.yasmin):
        assert not MeetingMinutes.objects.exists()


def test_half_an_action_is_refused_beside_its_field(cast: Any, called: Call) -> None:
    meeting = called()
    client = cast.yasmin.client()
    address = f"/meetings/{meeting.uuid}/record/"
    data = record_data(client.get(address).content.decode(), cast, action_owner_0="", action_due_0="")
    content = client.post(address, data).content.decode()
    assert "Action 1: choose who does it" in content
    assert "Action 1: give the date by which it is done" in content


def test_missing_views_are_asked_for_on_the_page(cast: Any, called: Call) -> None:
    meeting = called()
    client = cast.yasmin.client()
    address = f"/meetings/{meeting.uuid}/record/"
    content = client.post(
        address, record_data(client.get(address).content.decode(), cast, view_0="")
    ).content.decode()
    assert "Record the views of Kofi Osei first" in content


def test_minutes_typed_over_a_moved_meeting_are_kept_on_the_page(cast: Any, called: Call) -> None:
    meeting = called()
    client = cast.yasmin.client()
    address = f"/meetings/{meeting.uuid}/record/"
    data = record_data(client.get(address).content.decode(), cast)
    with cast.as_(cast.yusuf) as me:
        row = Meeting.objects.get(pk=meeting.pk)
        actions.change_meeting(
            by=me,
            meeting=row,
            version=row.version,
            starts_at=row.starts_at,
            place="Town hall",
            purpose="Talk",
        )
    stale = client.post(address, data)
    assert stale.status_code == 409
    content = stale.content.decode()
    assert "A sitter comes on Tuesdays" in content
    again = re.search(r'name="version" value="(\d+)"', content)
    assert again is not None
    assert client.post(address, {**data, "version": again[1]}).status_code == 302


def test_minutes_that_a_colleague_recorded_are_not_written_over(cast: Any, called: Call) -> None:
    meeting = called()
    client = cast.yasmin.client()
    address = f"/meetings/{meeting.uuid}/record/"
    data = record_data(client.get(address).content.decode(), cast, decision_0="Something of mine")
    hold(cast, meeting)
    stale = client.post(address, data)
    assert stale.status_code == 409
    assert "were recorded meanwhile" in stale.content.decode()
    assert "Something of mine" in stale.content.decode()


def test_a_draft_of_minutes_survives_a_lost_session(cast: Any, called: Call) -> None:
    meeting = called()
    with cast.as_(cast.yasmin) as me:
        keep_draft(
            by=me,
            form="minutes",
            about=str(meeting.uuid),
            typed={"decision_6": "Kept overnight", "action_due_0_day": "4", "token": "old"},
        )
    client = cast.yasmin.client()
    address = f"/meetings/{meeting.uuid}/record/"
    content = client.get(address).content.decode()
    assert "Kept overnight" in content
    assert "There is a problem" not in content
    assert 'value="4"' in content
    assert client.post(address, record_data(content, cast)).status_code == 302
    with cast.as_(cast.yasmin):
        assert not Draft.objects.exists()


def test_a_draft_of_a_call_is_put_back(cast: Any, case: Any) -> None:
    with cast.as_(cast.yasmin) as me:
        keep_draft(
            by=me,
            form="meeting",
            about=str(case.episode.uuid),
            typed={
                "place": "Kept hall",
                "starts_on_day": "4",
                "starts_on_month": "12",
                "starts_on_year": "2026",
            },
        )
    content = page(cast.yasmin, f"/meetings/call/{case.episode.uuid}/")
    assert "Kept hall" in content
    assert 'value="2026"' in content


def test_the_list_shows_mine_to_come_and_past_page_by_page(cast: Any, called: Call) -> None:
    for number in range(27):
        called(days=1 + number / 100, place=f"Room {number:02}")
    held = called(place="Old hall")
    hold(cast, held)
    client = cast.yasmin.client()
    with CaptureQueriesContext(connection) as queries:
        content = client.get("/meetings/").content.decode()
    assert len(queries) <= 15, len(queries)
    assert "Room 24" in content
    assert "Room 25" not in content
    assert "Old hall" in content
    later = re.search(r'href="\?after=([0-9a-f-]+)"', content)
    assert later is not None
    assert "Room 26" in page(cast.yasmin, "/meetings/", after=later[1])
    assert "Room 00" in page(cast.tom, "/meetings/")
    assert "Room 00" not in page(cast.olive, "/meetings/")


def test_a_meeting_with_its_minutes_takes_at_most_fifteen_queries(cast: Any, called: Call) -> None:
    meeting = called(teams=("moor-lane", "school-nursing", "recovery"))
    hold(cast, meeting)
    client = cast.yasmin.client()
    for address in (f"/meetings/{meeting.uuid}/", f"/meetings/{meeting.uuid}/minutes/"):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        assert len(queries) <= 15, (address, len(queries))


def test_the_caller_invites_withdraws_moves_and_cancels(cast: Any, called: Call) -> None:
    meeting = called()
    client = cast.yasmin.client()
    base = f"/meetings/{meeting.uuid}"
    assert client.get(f"{base}/invite/").status_code == 200
    assert client.post(f"{base}/invite/", {"team": cast.nina.team.pk}).status_code == 302
    with cast.as_(cast.yasmin):
        row = MeetingInvitation.objects.get(invited_team=cast.nina.team)
    assert (
        client.post(f"/meetings/invitations/{row.uuid}/withdraw/", {"version": row.version}).status_code
        == 302
    )
    assert cast.nina.client().get(f"{base}/").status_code == 404
    assert client.get(f"{base}/change/").status_code == 200
    day = timezone.localdate() + dt.timedelta(days=9)
    moved = {"starts_on": day.isoformat(), "starts_at": "10am", "place": "Town hall", "purpose": "Talk"}
    assert client.post(f"{base}/change/", {**moved, "version": 1}).status_code == 302
    assert client.post(f"{base}/change/", {**moved, "version": 1}).status_code == 409
    assert client.get(f"{base}/cancel/").status_code == 200
    assert client.post(f"{base}/cancel/", {"reason": "He is ill", "version": 2}).status_code == 302
    content = page(cast.tom, f"{base}/")
    assert "He is ill" in content
    assert "Town hall" in content


@pytest.mark.parametrize("path", ["", "record/", "minutes/", "change/", "cancel/", "invite/"])
def test_an_outsider_finds_no_page_of_a_meeting(cast: Any, called: Call, path: str) -> None:
    meeting = called()
    assert cast.olive.client().get(f"/meetings/{meeting.uuid}/{path}").status_code == 404
