"""Minutes are put right later, with the reason; what they said before is kept."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from teamaround.access.edits import StaleEdit
from teamaround.events.models import Event
from teamaround.meetings.actions import MeetingRefused
from teamaround.meetings.amending import Amended, amend_minutes, amendments_of, earlier_texts
from teamaround.meetings.minutes import MinutesTyped, ViewTyped, record_minutes
from teamaround.meetings.models import Meeting, MeetingDecision, MeetingMinutes, MeetingView
from teamaround.procedures.actions import standing

Call = Callable[..., Meeting]
FIRST = "I want to sleep"


def held(cast: Any, called: Call, **changes: Any) -> MeetingMinutes:
    meeting = called()
    with cast.as_(cast.yasmin) as me:
        row = Meeting.objects.select_related("episode").get(pk=meeting.pk)
        return record_minutes(
            by=me,
            meeting=row,
            version=row.version,
            typed=MinutesTyped(
                **{
                    "held_at": timezone.now() - dt.timedelta(hours=3),
                    "views": [ViewTyped("Kofi Osei", FIRST)],
                    "family": ["Kofi Osei"],
                    "decisions": ["A sitter comes on Tuesdays", "Mum rings the nurse"],
                    "notes": "We met in the library.",
                    **changes,
                }
            ),
        )


def amend(cast: Any, minutes: MeetingMinutes, who: Any = None, **changes: Any) -> MeetingMinutes:
    with cast.as_(who or cast.yasmin) as me:
        row = MeetingMinutes.objects.select_related("meeting__episode").get(pk=minutes.pk)
        version = changes.pop("version", row.version)
        reason = changes.pop("reason", "Dad's words were left out")
        return amend_minutes(
            by=me,
            minutes=row,
            version=version,
            reason=reason,
            typed=Amended(
                **{
                    "held_at": row.held_at,
                    "views": [ViewTyped("Kofi Osei", FIRST)],
                    "decisions": ["A sitter comes on Tuesdays", "Mum rings the nurse"],
                    "notes": row.notes,
                    **changes,
                }
            ),
        )


def test_minutes_are_amended_and_what_they_said_before_is_kept(cast: Any, called: Call) -> None:
    minutes = held(cast, called)
    amend(
        cast,
        minutes,
        views=[ViewTyped("Kofi Osei", "I want to sleep on school nights"), ViewTyped("Dad", "I can help")],
        decisions=["A sitter comes on Mondays", "Mum rings the nurse", "Dad takes him to football"],
        notes="We met in the hall.",
        also_came=["Pat Lee, library"],
    )
    with cast.as_(cast.yasmin):
        meeting = Meeting.objects.get(pk=minutes.meeting_id)
        assert list(MeetingDecision.objects.order_by("position").values_list("position", "text")) == [
            (1, "A sitter comes on Mondays"),
            (2, "Mum rings the nurse"),
            (3, "Dad takes him to football"),
        ]
        assert set(MeetingView.objects.values_list("whose", flat=True)) == {"Kofi Osei", "Dad"}
        before = {each.words for each in earlier_texts(meeting)}
        assert before == {FIRST, "A sitter comes on Tuesdays", "We met in the library."}
        assert MeetingMinutes.objects.get(pk=minutes.pk).version == minutes.version + 1


def test_an_amendment_stands_in_the_chronology_with_its_reason(cast: Any, called: Call) -> None:
    minutes = held(cast, called)
    amend(cast, minutes, notes="We met in the hall.")
    with cast.as_(cast.yasmin):
        first, second = Event.objects.filter(kind="meeting.held", subject=minutes.subject_id).order_by("id")
        assert second.corrects_id == first.pk
        assert second.happened_at == first.happened_at
        assert second.note.text == "Minutes amended: Dad's words were left out"
        row = MeetingMinutes.objects.select_related("meeting").get(pk=minutes.pk)
        (told,) = amendments_of(row)
        assert (told.by, told.why) == ("Yasmin Okoro", "Dad's words were left out")


def test_minutes_are_amended_again_and_each_reason_is_told(cast: Any, called: Call) -> None:
    minutes = held(cast, called)
    for number in range(3):
        amend(cast, minutes, notes=f"Words {number}", reason=f"Reason {number}")
    with cast.as_(cast.yasmin):
        row = MeetingMinutes.objects.select_related("meeting").get(pk=minutes.pk)
        assert [each.why for each in amendments_of(row)] == ["Reason 0", "Reason 1", "Reason 2"]
        assert len(earlier_texts(row.meeting)) == 3


def test_another_time_is_the_time_from_which_the_case_reckons(cast: Any, called: Call, case: Any) -> None:
    minutes = held(cast, called)
    moment = minutes.held_at - dt.timedelta(days=1)
    amend(cast, minutes, held_at=moment)
    with cast.as_(cast.yasmin):
        run = standing(case.reload())
        events = Event.objects.filter(kind="meeting.held", corrects__isnull=False)
        assert {event.happened_at for event in events} == {moment}
        assert run is not None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": " ", "notes": "Other"}, "reason"),
        ({}, ""),
        ({"held_at": timezone.now() + dt.timedelta(days=1)}, "held_on"),
        ({"views": [ViewTyped("Kofi Osei", "")]}, "views_missing"),
        ({"views": [ViewTyped("Kofi Osei", "")], "views_missing": "He was ill"}, "view_0"),
        ({"decisions": ["A sitter comes on Tuesdays", ""]}, "decision_1"),
        ({"next_on": dt.date(2020, 1, 1)}, "next_on"),
    ],
)
def test_an_amendment_that_cannot_be_is_refused_beside_its_field_and_changes_nothing(
    cast: Any, called: Call, changes: dict[str, Any], field: str
) -> None:
    minutes = held(cast, called)
    with pytest.raises(MeetingRefused) as refused:
        amend(cast, minutes, **changes)
    assert refused.value.field == field
    with cast.as_(cast.yasmin):
        assert MeetingMinutes.objects.get(pk=minutes.pk).version == minutes.version
        assert Event.objects.filter(kind="meeting.held", corrects__isnull=False).count() == 0


def test_of_two_who_amend_at_once_the_second_is_told(cast: Any, called: Call) -> None:
    minutes = held(cast, called)
    amend(cast, minutes, notes="Mine")
    with pytest.raises(StaleEdit):
        amend(cast, minutes, cast.morgan, notes="Theirs", version=minutes.version)


def form_of(content: str) -> dict[str, str]:
    found = dict(re.findall(r'name="(version|held_on_\w+|held_at)"[^>]*?value="([^"]*)"', content))
    found |= dict(re.findall(r'name="(decision_\d+)"[^>]*?value="([^"]*)"', content))
    found |= {
        name: words.strip()
        for name, words in re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>(.*?)</textarea>', content, re.S)
    }
    return found


def test_the_page_amends_shows_the_reason_and_what_stood_before(cast: Any, called: Call) -> None:
    minutes = held(cast, called)
    base = f"/meetings/{minutes.meeting.uuid}"
    client = cast.yasmin.client()
    assert f"{base}/minutes/amend/" in client.get(f"{base}/").content.decode()
    data = form_of(client.get(f"{base}/minutes/amend/").content.decode())
    assert data["view_0"] == FIRST
    data |= {"notes": "We met in the hall.", "reason": "The room was wrong"}
    answer = client.post(f"{base}/minutes/amend/", data)
    assert answer.status_code == 302, answer.content.decode()
    content = client.get(f"{base}/").content.decode()
    assert "The room was wrong" in content
    assert "We met in the hall." in content
    assert "We met in the library." not in content
    assert "We met in the library." in client.get(f"{base}/minutes/earlier/").content.decode()
    stale = client.post(f"{base}/minutes/amend/", data)
    assert stale.status_code == 409
    assert "what you typed is still here" in stale.content.decode()
    for address in (f"{base}/", f"{base}/minutes/", f"{base}/minutes/earlier/", f"{base}/minutes/amend/"):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        assert len(queries) <= 15, (address, "\n".join(each["sql"][:120] for each in queries))


def test_nobody_else_amends_minutes_or_reads_what_they_said_before(cast: Any, called: Call) -> None:
    minutes = held(cast, called)
    amend(cast, minutes, notes="We met in the hall.")
    base = f"/meetings/{minutes.meeting.uuid}/minutes"
    assert cast.tom.client().get(f"{base}/amend/").status_code == 403
    assert cast.tom.client().get(f"{base}/earlier/").status_code == 302
    for path in ("amend", "earlier"):
        assert cast.olive.client().get(f"{base}/{path}/").status_code == 404
