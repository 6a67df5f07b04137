"""Times at which the young person can come, and when the family has something else, over all agencies."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from teamaround.index.actions import involve
from teamaround.meetings.models import Meeting
from teamaround.meetings.times import AFTER_SCHOOL, Busy, busy_of, clash, is_school_day, suggest
from teamaround.procedures.acting import WrongRole
from teamaround.procedures.models import Episode
from teamaround.workingtime import Term

Call = Callable[..., Meeting]
WEDNESDAY = dt.date(2026, 4, 29)


def at(day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(hour, minute)))


def test_on_school_days_meetings_are_suggested_after_school_and_end_by_seven() -> None:
    for each in suggest([], today=WEDNESDAY):
        here = timezone.localtime(each)
        if is_school_day(here.date()):
            assert here.time() in AFTER_SCHOOL
            assert (here + dt.timedelta(hours=1)).time() <= dt.time(19)


def test_at_weekends_on_bank_holidays_and_in_holidays_the_day_is_free() -> None:
    first = [timezone.localtime(each) for each in suggest([], today=WEDNESDAY)]
    assert [each.date().day for each in first] == [1, 1, 2, 2, 3, 3]
    assert first[2].time() == dt.time(10)
    assert not is_school_day(dt.date(2026, 5, 4))
    terms = [
        Term(dt.date(2026, 2, 23), dt.date(2026, 3, 27), "Spring"),
        Term(dt.date(2026, 5, 5), dt.date(2026, 7, 17), "Summer"),
    ]
    free = suggest([], today=WEDNESDAY, terms=terms)
    assert timezone.localtime(free[0]).time() == dt.time(10)
    assert is_school_day(dt.date(2026, 9, 2), terms), "after the last term that is known"


def test_a_time_at_which_the_family_has_something_else_is_not_suggested() -> None:
    friday = dt.date(2026, 5, 1)
    busy = [Busy(at(friday, 15, 45)), Busy(at(friday, 17, 0))]
    assert all(clash(each, busy) is None for each in suggest(busy, today=WEDNESDAY))
    assert timezone.localtime(suggest(busy, today=WEDNESDAY)[0]).date() == dt.date(2026, 5, 2)


def other_meeting(cast: Any, case: Any, who: Any, days: float = 5) -> dt.datetime:
    """A meeting that another agency calls about the same child, to which nobody else is invited."""
    starts_at = timezone.now() + dt.timedelta(days=days)
    with cast.as_(who) as me:
        involve(by=me, team=who.team.pk, subject=case.child.pk, role="worker", practitioner=me.principal)
        Meeting.objects.create(
            subject_id=case.child.pk,
            category="plan",
            author_team_id=who.team.pk,
            episode_id=case.episode.pk,
            kind="review",
            about="Kofi Osei",
            starts_at=starts_at,
            place="Elsewhere",
            purpose="Private to them",
        )
    return starts_at


def test_another_agencys_meeting_is_a_time_and_nothing_else(cast: Any, case: Any, called: Call) -> None:
    ours = called(days=2)
    theirs = other_meeting(cast, case, cast.nina)
    with cast.as_(cast.yasmin):
        found = busy_of(Episode.objects.get(pk=case.episode.pk), [case.child.pk])
    assert [(each.starts_at, each.title) for each in found] == [
        (ours.starts_at, "Team around the child and family"),
        (theirs, ""),
    ]


def test_a_sensitive_services_meeting_and_a_strangers_question_tell_nothing(
    cast: Any, case: Any, called: Call
) -> None:
    called(days=2)
    other_meeting(cast, case, cast.sam)
    with cast.as_(cast.yasmin):
        assert [each.title for each in busy_of(Episode.objects.get(pk=case.episode.pk), [case.child.pk])] == [
            "Team around the child and family"
        ]
    for stranger in (cast.olive, cast.admin, cast.greta):
        with cast.as_(stranger), connection.cursor() as cursor:
            cursor.execute(
                "select count(*) from app.family_busy(%s, null, now(), now() + interval '50 days')",
                [case.child.pk],
            )
            assert cursor.fetchone() == (0,)


def test_a_clash_is_shown_without_detail_and_the_meeting_can_be_called_all_the_same(
    cast: Any, case: Any
) -> None:
    theirs = timezone.localtime(other_meeting(cast, case, cast.nina))
    client, url = cast.yasmin.client(), reverse("meetings:call", args=[case.episode.uuid])
    with CaptureQueriesContext(connection) as queries:
        page = client.get(url).content.decode()
    assert len(queries) <= 15
    assert "Busy" in page
    assert "Private to them" not in page
    token = page.partition('name="token" value="')[2].partition('"')[0]
    sent = {
        "token": token,
        "kind": "review",
        "starts_on": f"{theirs:%d/%m/%Y}",
        "starts_at": f"{theirs:%H:%M}",
        "place": "School",
        "purpose": "To look back",
        "other_people": "Gran",
    }
    refused = client.post(url, sent).content.decode()
    assert "something with another agency" in refused
    assert "Call it at this time all the same" in refused
    assert client.post(url, {**sent, "despite": "on"}).status_code == 302


def test_who_may_not_call_by_the_procedure_is_told_who_may_and_keeps_what_they_typed(
    cast: Any, case: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_said: Any) -> None:
        raise WrongRole("“Meeting called” is for a manager of the team.")

    monkeypatch.setattr("teamaround.meetings.actions.happened", refuse)
    day = timezone.localdate() + dt.timedelta(days=9)
    sent = {
        "token": str(uuid.uuid4()), "kind": "review", "starts_on": f"{day:%d/%m/%Y}", "starts_at": "16:00",
        "place": "School", "purpose": "To look back", "other_people": "Gran",
    }  # fmt: skip
    answer = cast.yasmin.client().post(reverse("meetings:call", args=[case.episode.uuid]), sent)
    assert answer.status_code == 200
    words = answer.content.decode()
    assert "is for a manager of the team" in words
    assert "To look back" in words
    with cast.as_(cast.yasmin):
        assert not Meeting.objects.exists()
