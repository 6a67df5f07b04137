"""On duty now: what falls to whoever is on duty, what was handed over, how to reach the family."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from harness.cases import accepted, with_procedures
from teamaround.database.asking import ask
from teamaround.desk import on_duty as on_duty_
from teamaround.desk.on_duty import asking_swaps
from teamaround.events.models import Event
from teamaround.people.actions import add_address
from teamaround.procedures import handing_over
from teamaround.procedures.actions import EpisodeRefused
from teamaround.procedures.late import out_of_hours
from teamaround.procedures.models import Episode
from teamaround.rota import duty, working
from teamaround.rota.models import HandoverNote
from teamaround.rota.working import Span

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def area(cast: Any) -> Any:
    """Yasmin has Kofi's case and is away; Yusuf is on duty."""
    with_procedures(cast)
    cast.child, cast.episode = accepted(cast)
    with cast.as_(cast.morgan) as me:
        now = timezone.now()
        cast.shift = duty.add_shift(
            by=me,
            team=cast.morgan.team.pk,
            practitioner=cast.yusuf.practitioner.pk,
            starts_at=now - HOUR / 2,
            ends_at=now + dt.timedelta(days=7),
        )
        working.add_exception(
            by=me,
            who=cast.yasmin.practitioner,
            kind="holiday",
            day=timezone.localdate(),
            until=timezone.localdate() + dt.timedelta(days=30),
        )
    return cast


def owes(area: Any, *owners: Any) -> None:
    """The case has a clock for each of these, due in an hour; None: nobody is named."""
    rows = [
        {
            "owner": owner.practitioner.pk if owner else None,
            "key": f"clock-{number}",
            "title": "Ring the family",
            "started_at": (timezone.now() - HOUR).isoformat(),
            "due_at": (timezone.now() + HOUR).isoformat(),
            "stopped_at": None,
            "why": "Because.",
            "link": "",
        }
        for number, owner in enumerate(owners)
    ]
    with area.as_(area.morgan), connection.cursor() as cursor:
        cursor.execute("select app.put_clocks(%s, %s::jsonb)", [area.episode.pk, json.dumps(rows)])


def note(area: Any, text: str = "Mum goes into hospital at six.", *, by: Any = None) -> HandoverNote:
    with area.as_(by or area.yasmin) as me:
        return handing_over.hand_over(
            by=me,
            episode=Episode.objects.get(pk=area.episode.pk),
            text=text,
            until=timezone.now() + HOUR * 20,
        )


def soon() -> dt.date:
    return timezone.localdate() + dt.timedelta(days=3)


def at_work_always(area: Any, who: Any) -> None:
    with area.as_(who) as me:
        working.set_pattern(
            by=me,
            who=who.practitioner,
            from_day=timezone.localdate(),
            spans=[Span(number, (dt.time(0), dt.time(23, 59, 59)), None) for number in range(7)],
        )


def falling(area: Any, who: Any) -> int:
    with area.as_(who) as me, connection.cursor() as cursor:
        cursor.execute("select count(*) from app.falls_to_duty(%s, now(), '{}')", [me.principal])
        return int(cursor.fetchone()[0])


def test_what_falls_due_while_its_worker_is_away_falls_to_whoever_is_on_duty(area: Any) -> None:
    owes(area, area.yasmin, None, area.yusuf, area.morgan)
    at_work_always(area, area.morgan)
    assert falling(area, area.yusuf) == 1
    with area.as_(area.morgan) as me:
        working.add_exception(
            by=me, who=area.morgan.practitioner, kind="sick", day=timezone.localdate(), until=soon()
        )
    assert falling(area, area.yusuf) == 3
    assert falling(area, area.yasmin) == falling(area, area.olive) == 0
    page = area.yusuf.client().get(reverse("desk:on_duty")).content.decode()
    assert "Yasmin Okoro has the case, and is not at work then." in page
    assert "You are on duty until" in area.yusuf.client().get(reverse("desk:my_day")).content.decode()
    assert "You are on duty until" not in area.yasmin.client().get(reverse("desk:my_day")).content.decode()


def test_what_falls_due_in_its_workers_hours_stays_with_them(area: Any) -> None:
    owes(area, area.yasmin)
    assert falling(area, area.yusuf) == 1
    with area.as_(area.yasmin) as me:
        for away in working.exceptions_of(me.principal, timezone.localdate()):
            working.withdraw_exception(by=me, exception=away)
    at_work_always(area, area.yasmin)
    assert falling(area, area.yusuf) == 0


def test_a_handover_note_stands_on_the_duty_page_with_the_safety_plan_and_on_the_file(area: Any) -> None:
    note(area)
    client, url = area.yusuf.client(), reverse("desk:on_duty")
    page = client.get(url).content.decode()
    assert "Mum goes into hospital at six." in page
    assert "No risk is assessed yet: assess it" in page
    with area.as_(area.yasmin) as me:
        from teamaround.assessments.actions import assess_risk

        risk = assess_risk(
            by=me,
            episode=Episode.objects.get(pk=area.episode.pk),
            worries="He is alone at night.",
            likelihood="likely",
            keeps_safe="His aunt next door.",
        )
    assert reverse("assessments:detail", args=[risk.uuid]) in client.get(url).content.decode()
    with area.as_(area.yusuf):
        assert Event.objects.filter(kind="handover.noted", subject_id=area.child.pk).count() == 1


def test_a_note_that_is_settled_is_no_longer_shown_and_stays_on_the_file(area: Any) -> None:
    made = note(area)
    url = reverse("desk:settle_handover", args=[made.uuid])
    assert area.olive.client().post(url).status_code == 404
    assert area.yusuf.client().post(url).status_code == 302
    assert made.text not in area.yusuf.client().get(reverse("desk:on_duty")).content.decode()
    with area.as_(area.yasmin):
        assert HandoverNote.objects.get().settled_at is not None


def test_nobody_leaves_a_note_on_another_teams_case(area: Any) -> None:
    url = reverse("desk:hand_over", args=[area.episode.uuid])
    assert area.olive.client().get(url).status_code == 404
    with area.as_(area.olive) as me:
        with pytest.raises(PermissionError):
            handing_over.hand_over(by=me, episode=area.episode, text="x", until=timezone.now() + HOUR)
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            HandoverNote.objects.create(
                subject_id=area.child.pk,
                category="notes",
                author_team=area.olive.team,
                episode=area.episode.pk,
                text="x",
                until=timezone.now() + HOUR,
            )


@pytest.mark.parametrize("days", [-1, 15])
def test_a_note_ends_within_a_fortnight(area: Any, days: int) -> None:
    with area.as_(area.yasmin) as me, pytest.raises(EpisodeRefused, match="14"):
        handing_over.hand_over(
            by=me, episode=area.episode, text="x", until=timezone.now() + dt.timedelta(days=days)
        )


def test_telephone_numbers_are_shown_by_a_click_of_their_own_to_the_team_alone(area: Any) -> None:
    with area.as_(area.yasmin) as me:
        add_address(by=me, team=area.yasmin.team.pk, person=area.child.pk, phone="01632 960777")
    url = reverse("desk:duty_phones", args=[area.episode.uuid])
    note(area)
    assert "01632 960777" not in area.yusuf.client().get(reverse("desk:on_duty")).content.decode()
    assert "01632 960777" in area.yusuf.client().get(url).content.decode()
    assert area.olive.client().get(url).status_code == 404
    assert area.tom.client().get(url).status_code == 403


def test_who_is_not_on_duty_reads_who_is_and_nothing_that_falls_to_them(area: Any) -> None:
    note(area)
    page = area.yasmin.client().get(reverse("desk:on_duty")).content.decode()
    assert "You are not on duty now." in page
    assert "Yusuf Brand" in page
    assert "Mum goes into hospital" not in page


def test_what_is_late_out_of_hours_is_told_to_whoever_is_on_duty(area: Any) -> None:
    team, yasmin = area.morgan.team.pk, area.yasmin.practitioner.pk
    with area.as_(area.morgan):
        assert out_of_hours([(team, yasmin)]) == {area.yusuf.practitioner.pk}
        working.add_exception(
            by=area.morgan.me,
            who=area.morgan.practitioner,
            kind="sick",
            day=timezone.localdate(),
            until=soon(),
        )
        assert out_of_hours([(team, None)]) == {area.yusuf.practitioner.pk}
        assert out_of_hours([(area.teams["housing"].pk, area.olive.practitioner.pk)]) == set()


def test_the_page_asks_few_questions_however_much_falls_due(area: Any) -> None:
    for number in range(4):
        accepted(area)
        note(area, f"Note {number}")
    client, url = area.yusuf.client(), reverse("desk:on_duty")
    client.get(url)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 200
    assert len(asked) <= 15


def test_two_clicks_are_one_note(area: Any) -> None:
    until = timezone.now() + HOUR * 20
    with area.as_(area.yasmin) as me:
        first, second = (
            handing_over.hand_over(by=me, episode=area.episode, text="Ring at six.", until=until)
            for _click in range(2)
        )
        assert first == second
        assert Event.objects.filter(kind="handover.noted").count() == 1


def test_who_is_asked_to_take_a_shift_reads_it_on_my_day_and_nobody_who_asks_in_their_name(area: Any) -> None:
    with area.as_(area.morgan) as me:
        begins = timezone.now() + HOUR * 30
        shift = duty.add_shift(
            by=me,
            team=area.morgan.team.pk,
            practitioner=area.yasmin.practitioner.pk,
            starts_at=begins,
            ends_at=begins + HOUR,
        )
    with area.as_(area.yasmin) as me:
        duty.ask_to_swap(by=me, shift=shift, asked=area.yusuf.practitioner.pk)
    page = area.yusuf.client().get(reverse("desk:my_day")).content.decode()
    assert f"{area.yasmin.practitioner.name} asks you to take a shift" in page
    question = {"swaps": asking_swaps(area.yusuf.me)}
    for asker, number in ((area.yusuf, 1), (area.olive, 0), (area.admin, 0), (area.yusuf, 1)):
        with area.as_(asker):
            assert len(ask(question)["swaps"]) == number


def test_a_long_list_of_what_falls_due_is_paged_and_nothing_is_left_out_or_told_twice(
    area: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Three of five are due at one moment.
    rows = [
        {
            "owner": area.yasmin.practitioner.pk,
            "key": f"clock-{number}",
            "title": f"Step {number}",
            "started_at": (timezone.now() - HOUR).isoformat(),
            "due_at": (timezone.now().replace(microsecond=7) + HOUR * max(number, 3)).isoformat(),
            "stopped_at": None,
            "why": "Because.",
            "link": "",
        }
        for number in range(1, 6)
    ]

    def keep(some: list[dict[str, Any]]) -> None:
        with area.as_(area.morgan), connection.cursor() as cursor:
            cursor.execute("select app.put_clocks(%s, %s::jsonb)", [area.episode.pk, json.dumps(some)])

    keep(rows)
    monkeypatch.setattr(on_duty_, "MOST", 2)
    client, address, told = area.yusuf.client(), reverse("desk:on_duty"), list[str]()
    query = ""
    for number in range(3):
        if number == 1:
            # Rows of clocks are written anew with each event: the list goes on where it was.
            keep(rows)
        response = client.get(address + query)
        found = response.context["page"]
        assert found.count == 5
        assert bool(found.first) == (number > 0)
        told += [each.title for each in found.clocks]
        last, query = query, found.next
    assert query == ""
    assert told == [f"Step {number}" for number in range(1, 6)]
    keep(rows[:4])
    assert [each.title for each in client.get(address + last).context["page"].clocks] == ["Step 1", "Step 2"]
    for junk in (
        "x",
        "__",
        "20261301T000000.0_x_y",
        f"20261101T000000.0_{area.episode.uuid}_%00",
        "9" * 5000,
    ):
        assert client.get(f"{address}?after={junk}").context["page"].count == 4
    assert area.olive.client().get(address + last).context["page"].count == 0
