"""What has no page of its own is recorded from the case: by whom the procedure lets, when it happened, and the clocks follow."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from harness.cases import accepted, with_procedures
from teamaround.access.refusals import NotAllowed
from teamaround.agencies.models import Team
from teamaround.database.actor import SET_UP, acting_as
from teamaround.events.models import Event, EventNote
from teamaround.meetings.types import HELD_KINDS
from teamaround.procedures import actions
from teamaround.procedures.acting import WrongRole
from teamaround.procedures.format import load_shipped, shipped_slugs
from teamaround.procedures.kinds import EVENT_KINDS
from teamaround.procedures.models import Clock, Episode
from teamaround.procedures.one_click import DoneAlready, undo_stop
from teamaround.procedures.recording import (
    EARLIEST,
    PAGES,
    kinds_without_a_page,
    record_what_happened,
    recordable,
)

RETURNED, INTERVIEW = "local.returned", "local.return_interview"
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def area(cast: Any) -> Any:
    """Yasmin has Kofi’s case, under a procedure with two kinds of event of its own."""
    with_procedures(cast)
    with acting_as(SET_UP), transaction.atomic():
        Team.objects.filter(pk=cast.yasmin.team.pk).update(procedure_slug="child-protection-and-looked-after")
    cast.yasmin.team.refresh_from_db()
    cast.child, cast.episode = accepted(cast)
    cast.address = reverse("desk:record_event", args=[cast.episode.uuid])
    return cast


def now_of(area: Any) -> Episode:
    return Episode.objects.get(pk=area.episode.pk)


def record(area: Any, kind: str, *, by: Any = None, at: dt.datetime | None = None, text: str = "") -> Any:
    with area.as_(by or area.yasmin) as me:
        when = at or timezone.now()
        return record_what_happened(by=me, episode=now_of(area), kind=kind, happened_at=when, text=text)


def interviews(area: Any) -> list[tuple[bool, dt.datetime]]:
    """The clocks for the interview after a return: whether each was stopped, and when it began."""
    with area.as_(area.yasmin):
        rows = Clock.objects.filter(episode=area.episode, key="return-home").order_by("started_at")
        return [(row.stopped_at is not None, row.started_at) for row in rows]


def words(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def typed(kind: str, moment: dt.datetime, **more: str) -> dict[str, str]:
    local = timezone.localtime(moment)
    day = {"on_day": str(local.day), "on_month": str(local.month), "on_year": str(local.year)}
    return {"kind": kind, **day, "at": f"{local:%H:%M}", **more}


def test_every_kind_that_a_procedure_names_has_a_page_or_is_offered() -> None:
    for slug in shipped_slugs():
        procedure = load_shipped(slug)
        offered = kinds_without_a_page(procedure)
        assert not PAGES.intersection(offered)
        assert {each.key for each in procedure.events} <= set(offered)
        for clock in procedure.clocks:
            assert set(clock.stop) <= PAGES.union(offered)
    assert set(EVENT_KINDS) >= PAGES
    # A meeting may be held elsewhere: what happened there is written down here.
    assert not PAGES.intersection(set(HELD_KINDS) - {"meeting.held"})


def test_the_clocks_follow_what_is_recorded_now_or_late_and_undoing_takes_it_back(area: Any) -> None:
    late = timezone.now() - dt.timedelta(days=3)
    record(area, RETURNED, at=late, text="He came home by himself.")
    assert interviews(area) == [(False, late)]
    made = record(area, INTERVIEW)
    assert interviews(area) == [(True, late)]
    with area.as_(area.yasmin) as me:
        assert EventNote.objects.get(event__kind=RETURNED).text == "He came home by himself."
    with area.as_(area.yusuf) as other, pytest.raises(actions.EpisodeRefused, match="Only whoever recorded"):
        undo_stop(by=other, episode=now_of(area), occurrence=made)
    with area.as_(area.yasmin) as me:
        undo_stop(by=me, episode=now_of(area), occurrence=made)
    assert interviews(area) == [(False, late)]


def test_what_is_done_in_the_minute_in_which_it_began_ends_it(area: Any) -> None:
    record(area, RETURNED)
    this_minute = timezone.now().replace(second=0, microsecond=0)
    record(area, INTERVIEW, at=max(this_minute, timezone.now() - HOUR / 70))
    assert [stopped for stopped, _began in interviews(area)] == [True]


def test_a_time_to_come_one_long_before_a_second_click_and_what_has_a_page_are_refused(area: Any) -> None:
    now = timezone.now()
    for field, match, kind, at in (
        ("at", "lies in the future", RETURNED, now + HOUR),
        ("on", "more than a year before", RETURNED, now - EARLIEST - HOUR),
        ("kind", "from the list", "plan.agreed", now),
        ("kind", "from the list", "episode.closed", now),
        ("kind", "from the list", "support.offered", now),
        ("kind", "from the list", "nothing.known", now),
    ):
        with pytest.raises(actions.EpisodeRefused, match=match) as refused:
            record(area, kind, at=at)
        assert refused.value.field == field
    made = record(area, RETURNED)
    with pytest.raises(DoneAlready):
        record(area, RETURNED)
    with area.as_(area.yasmin) as me:
        undo_stop(by=me, episode=now_of(area), occurrence=made)
    record(area, RETURNED)


def test_only_whom_the_procedure_lets_records_and_nobody_of_another_team(area: Any) -> None:
    with area.as_(area.yusuf) as me:
        mine = recordable(by=me, episode=now_of(area))
    # Yusuf has not the case and is no social worker: the core group is for who has it.
    assert RETURNED in mine
    assert not {"coregroup.met", "strategy.discussed", "conference.held"}.intersection(mine)
    with pytest.raises(WrongRole, match="Yasmin Okoro"):
        record(area, "coregroup.met", by=area.yusuf)
    with area.as_(area.yasmin) as me:
        assert "coregroup.met" in recordable(by=me, episode=now_of(area))
    with area.as_(area.morgan) as me, CaptureQueriesContext(connection) as queries:
        assert recordable(by=me, episode=area.episode) == kinds_without_a_page(
            load_shipped("child-protection-and-looked-after")
        )
    assert len(queries) == 0
    for member in (area.tom, area.olive, area.sam):
        with area.as_(member) as me:
            assert recordable(by=me, episode=area.episode) == []
            with pytest.raises(NotAllowed):
                record_what_happened(by=me, episode=area.episode, kind=RETURNED, happened_at=timezone.now())
        assert member.client().get(area.address).status_code in (403, 404)
        assert member.client().post(area.address, typed(RETURNED, timezone.now())).status_code in (403, 404)
    with area.as_(area.yasmin):
        assert not Event.objects.filter(kind=RETURNED).exists()


def test_nothing_is_recorded_in_a_case_that_is_over(area: Any) -> None:
    with area.as_(area.morgan) as me:
        for gate in actions.standing(now_of(area)).missing_gates:
            if gate.event != "episode.closed":
                actions.happened(by=me, episode=now_of(area), kind=gate.event, subjects=[area.child.pk])
        case = now_of(area)
        actions.close(by=me, episode=case, version=case.version)
    with area.as_(area.yasmin) as me:
        assert recordable(by=me, episode=now_of(area)) == []
    with pytest.raises(actions.EpisodeRefused, match="is over"):
        record(area, RETURNED)
    assert area.yasmin.client().get(area.address).status_code == 302
    assert (
        area.address
        not in area.yasmin.client().get(reverse("desk:case", args=[area.episode.uuid])).content.decode()
    )


def test_the_case_has_the_door_and_the_page_says_what_each_ends(area: Any) -> None:
    client = area.yasmin.client()
    case = client.get(reverse("desk:case", args=[area.episode.uuid])).content.decode()
    assert f'href="{area.address}">Record what happened' in case
    record(area, RETURNED, at=timezone.now() - HOUR)
    with CaptureQueriesContext(connection) as queries:
        page = client.get(area.address)
    assert len(queries) <= 16, "\n".join(each["sql"][:150] for each in queries)
    assert "Return-home interview held" in words(page)
    assert "Ends: " in words(page)
    assert "Plan agreed" not in words(page)
    future = client.post(area.address, typed(INTERVIEW, timezone.now() + HOUR * 30, text="Kept as typed"))
    assert future.status_code == 200
    assert "on" in future.context["form"].errors
    assert "Kept as typed" in words(future)
    done = client.post(area.address, typed(INTERVIEW, timezone.now(), text="He feels safe at Nan’s."))
    after = client.get(done["Location"])
    assert "He feels safe at Nan’s." in words(after)
    assert "done in time" in words(after)
    assert [stopped for stopped, _began in interviews(area)] == [True]
    twice = client.post(area.address, typed(INTERVIEW, timezone.now()))
    assert "recorded at this time already" in words(twice)
    assert "owed again" in words(client.post(done["Location"], {"undo": "1"}, follow=True))
    assert [stopped for stopped, _began in interviews(area)] == [False]
