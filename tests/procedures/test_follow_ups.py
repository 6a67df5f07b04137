"""Days agreed at closing drive the follow-up clock, whoever is to ask; asking stops it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import transaction
from django.db.utils import Error
from django.utils import timezone

from harness.cases import accepted, with_procedures
from teamaround.agencies.models import Membership
from teamaround.database.actor import SET_UP, acting_as
from teamaround.events.models import Event
from teamaround.procedures import actions
from teamaround.procedures.asking_after import agree_days, ask_after
from teamaround.procedures.engine import Event as Happened
from teamaround.procedures.engine import run
from teamaround.procedures.follow_ups import KEY, Agreed, must_ask, with_agreed
from teamaround.procedures.following import follow
from teamaround.procedures.format import load, load_shipped, shipped_text
from teamaround.procedures.models import Clock, Episode, FollowUp
from teamaround.procedures.moving_on import take_back_closure

UTC = dt.UTC
CLOSED = dt.datetime(2026, 3, 2, 10, tzinfo=UTC)
DAYS = [Agreed(dt.date(2026, 4, 7), 7), Agreed(dt.date(2026, 6, 1))]


def clocks_at(
    now: dt.datetime, *events: tuple[str, dt.datetime], agreed: list[Agreed] | None = None
) -> list[Any]:
    """The follow-up rounds of a case that was closed, as they stand: state, London day due, who owes it."""
    procedure = load_shipped("stockport-families-first")
    told = [
        ("referral.received", dt.datetime(2025, 10, 1, 9, tzinfo=UTC)),
        ("episode.closed", CLOSED),
        *events,
    ]
    happened = [Happened(n, kind, at, at) for n, (kind, at) in enumerate(told)]
    days = DAYS if agreed is None else agreed
    found = with_agreed(run(procedure, happened, now), procedure, days, happened, now)
    return [
        (each.state, each.due.local.date(), each.who)
        for each in sorted(found.clocks, key=lambda each: each.round)
        if each.rule.follow_up
    ]


def at(month: int, day: int) -> dt.datetime:
    return dt.datetime(2026, month, day, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "events", "rounds"),
    [
        # the day agreed takes the place of the three months of the file
        (at(3, 3), (), [("running", dt.date(2026, 4, 7), "lead_practitioner")]),
        (at(4, 7), (), [("running", dt.date(2026, 4, 7), "lead_practitioner")]),
        (at(4, 8), (), [("late", dt.date(2026, 4, 7), "lead_practitioner")]),
        # asked in time, the next day agreed begins
        (
            at(4, 10),
            (("followup.made", at(4, 1)),),
            [("met", dt.date(2026, 4, 7), "lead_practitioner"), ("running", dt.date(2026, 6, 1), "manager")],
        ),
        # asked so late that it stands for both days
        (at(6, 9), (("followup.made", at(6, 8)),), [("met_late", dt.date(2026, 4, 7), "lead_practitioner")]),
        # taken on again: nobody owes it any more
        (at(5, 1), (("referral.accepted", at(3, 9)),), [("ended", dt.date(2026, 6, 2), "manager")]),
    ],
)
def test_each_day_agreed_is_a_round_of_the_clock(now: Any, events: Any, rounds: Any) -> None:
    assert clocks_at(now, *events) == rounds


FILE = shipped_text("stockport-families-first")
TOO = """
  - key: letter
    title: Write to the school
    stop: [contact.recorded]
    limit: 1 week
    reason: Schools are told.
    who: manager
    link: contact
"""


def after_waiving(text: str, *agreed: Agreed) -> list[tuple[str, str]]:
    """Each clock after closing of a file, and how it stands where it was agreed that nobody asks."""
    procedure = load(text)
    told = [("referral.received", CLOSED - dt.timedelta(days=99)), ("episode.closed", CLOSED)]
    told.append(("followup.waived", CLOSED))
    happened = [Happened(n, kind, moment, moment) for n, (kind, moment) in enumerate(told)]
    found = with_agreed(run(procedure, happened, at(3, 3)), procedure, agreed, happened, at(3, 3))
    return sorted((each.key, each.state) for each in found.clocks if each.rule.follow_up)


def test_nobody_owes_the_asking_where_it_was_agreed_that_nobody_asks() -> None:
    assert after_waiving(FILE) == [("follow-up", "ended")]
    # What is no asking runs as it is written, and so does a day that is agreed after all.
    assert after_waiving(FILE.replace("follow_up:\n", f"follow_up:{TOO}")) == [
        ("follow-up", "ended"),
        ("letter", "running"),
    ]
    assert after_waiving(FILE, DAYS[0]) == [(KEY, "running")]


def test_a_family_that_must_be_asked_is_asked_whatever_was_agreed() -> None:
    must = FILE.replace("  - key: follow-up\n", "  - key: follow-up\n    must: yes\n")
    assert after_waiving(must) == [("follow-up", "running")]
    assert must_ask(load(must))
    assert not must_ask(load(FILE))


def test_without_a_day_the_limit_of_the_procedure_holds() -> None:
    assert clocks_at(at(3, 3), agreed=[]) == [("running", dt.date(2026, 6, 2), "manager")]


def test_a_day_is_over_at_the_end_of_the_day_in_london_in_summer_too() -> None:
    assert clocks_at(dt.datetime(2026, 4, 7, 22, 30, tzinfo=UTC))[0][0] == "running"
    assert clocks_at(dt.datetime(2026, 4, 7, 23, 30, tzinfo=UTC))[0][0] == "late"


@pytest.fixture
def closed(cast: Any) -> Episode:
    """Kofi’s case, closed today, with two days agreed: Yasmin asks first, then a manager."""
    child, episode = accepted(with_procedures(cast))
    today = timezone.localdate()
    with cast.as_(cast.yasmin) as me:
        for gate in actions.standing(episode).missing_gates:
            actions.happened(by=me, episode=episode, kind=gate.event, subjects=[child.pk])
        days = [Agreed(today + dt.timedelta(days=20), cast.yasmin.practitioner.pk)]
        days.append(Agreed(today + dt.timedelta(days=90)))
        agree_days(by=me, episode=episode, wanted=days)
        case = Episode.objects.get(pk=episode.pk)
        actions.close(by=me, episode=case, version=case.version)
        return case


def running(episode: Episode) -> list[tuple[Any, ...]]:
    rows = Clock.objects.filter(episode=episode, stopped_at=None)
    return list(rows.values_list("key", "owner", "link"))


def test_who_is_to_ask_has_the_clock_and_asking_hands_it_to_the_next(cast: Any, closed: Episode) -> None:
    with cast.as_(cast.yasmin) as me:
        assert running(closed) == [(KEY, me.principal, "follow_up")]
        due = Clock.objects.get(episode=closed, stopped_at=None).due_at
        assert timezone.localdate(due) == timezone.localdate() + dt.timedelta(days=20)
        for field, words, more in (
            ("text", "Write how they are", {"text": " "}),
            ("on", "future", {"happened_at": timezone.now() + dt.timedelta(hours=1)}),
            ("on", "before the case was closed", {"happened_at": timezone.now() - dt.timedelta(days=2)}),
            ("again_on", "after this one", {"again": Agreed(timezone.localdate())}),
        ):
            with pytest.raises(actions.EpisodeRefused, match=words) as refused:
                ask_after(by=me, episode=closed, **{"happened_at": timezone.now(), "text": "Well", **more})
            assert refused.value.field == field
        ask_after(by=me, episode=closed, happened_at=timezone.now(), text="They are well.")
        assert running(closed) == [(KEY, None, "follow_up")]
        assert Event.objects.filter(episode=closed.pk, kind="followup.made").exists()
        ask_after(by=me, episode=closed, happened_at=timezone.now(), text="Again well.")
        assert running(closed) == []
        again = Agreed(timezone.localdate() + dt.timedelta(days=40), me.principal)
        ask_after(by=me, episode=closed, happened_at=timezone.now(), text="He starts college.", again=again)
        assert FollowUp.objects.filter(episode=closed, dropped=False).count() == 3


def test_a_change_of_calendars_leaves_a_day_that_was_agreed(cast: Any, closed: Episode) -> None:
    with cast.as_(cast.yasmin):
        before = Clock.objects.get(episode=closed, stopped_at=None).due_at
    follow()
    with cast.as_(cast.yasmin):
        assert Clock.objects.get(episode=closed, stopped_at=None).due_at == before


def test_nobody_else_agrees_asks_or_reads(cast: Any, closed: Episode) -> None:
    wanted = [Agreed(timezone.localdate() + dt.timedelta(days=9))]
    for member in (cast.tom, cast.olive, cast.sam):
        with cast.as_(member) as me:
            assert not FollowUp.objects.exists()
            with pytest.raises(actions.EpisodeRefused, match="Only the team"):
                agree_days(by=me, episode=closed, wanted=wanted)
            with pytest.raises(actions.EpisodeRefused, match="Only the team"):
                ask_after(by=me, episode=closed, happened_at=timezone.now(), text="Well")
            for team in (member.team.pk, cast.yasmin.team.pk):
                with pytest.raises(Error), transaction.atomic():
                    FollowUp.objects.create(
                        subject_id=closed.subject_id or 0,
                        category="plan",
                        author_team_id=team,
                        episode=closed,
                        due_on=timezone.localdate(),
                    )


def test_a_day_that_cannot_be_is_refused(cast: Any, closed: Episode) -> None:
    today = timezone.localdate()
    with cast.as_(cast.yasmin) as me:
        for wanted, words in (
            ([Agreed(today - dt.timedelta(days=1))], "past"),
            ([Agreed(today + dt.timedelta(days=800))], "two years"),
            ([Agreed(today + dt.timedelta(days=n)) for n in range(1, 9)], "at most 6"),
            ([Agreed(today + dt.timedelta(days=5), cast.tom.practitioner.pk)], "works in your team"),
        ):
            with pytest.raises(actions.EpisodeRefused, match=words):
                agree_days(by=me, episode=closed, wanted=wanted)


def test_who_left_the_team_is_nobody_to_wait_for(cast: Any, closed: Episode) -> None:
    with acting_as(SET_UP), transaction.atomic():
        Membership.objects.filter(practitioner=cast.yasmin.practitioner).update(until=timezone.now())
    with cast.as_(cast.morgan) as me:
        actions.happened(by=me, episode=closed, kind="procedure.moved", subjects=[closed.subject_id or 0])
        assert running(closed) == [(KEY, None, "follow_up")]


def test_a_closing_that_is_taken_back_takes_its_follow_ups_along(cast: Any, closed: Episode) -> None:
    with cast.as_(cast.yasmin) as me:
        case = Episode.objects.get(pk=closed.pk)
        take_back_closure(by=me, episode=case, version=case.version, reason="The wrong child.")
        assert KEY not in {key for key, _owner, _link in running(closed)}


def test_two_clicks_are_one_follow_up_and_leave_the_next_day_agreed(cast: Any, closed: Episode) -> None:
    with cast.as_(cast.yasmin) as me:
        said: dict[str, Any] = {"by": me, "episode": closed, "happened_at": timezone.now(), "text": "Well"}
        ask_after(**said)
        with pytest.raises(actions.EpisodeRefused, match="written down already"):
            ask_after(**said)
        assert running(closed) == [(KEY, None, "follow_up")]
