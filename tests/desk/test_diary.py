"""The family's diary: a week of everything that the reader may see, and what follows from that alone."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from desk.conftest import World, text_of
from teamaround.desk.diary import Entry, Who, clashes, diary_of, loads, many_assessments, taken, week_of
from teamaround.index.actions import involve
from teamaround.meetings.actions import InvitedPerson, call_meeting
from teamaround.meetings.times import busy_of, clash
from teamaround.people.actions import add_person
from teamaround.people.merges import merge_records
from teamaround.plans.actions.contacts import record_contact
from teamaround.procedures.actions import set_family
from teamaround.sharing.actions import Cell, record_consent
from teamaround.tasks.appointments import With, cancel_appointment, make_appointment
from teamaround.tasks.models import Appointment


def monday() -> dt.date:
    """The Monday of the week after this one: every day of it is to come."""
    today = timezone.localdate()
    return today + dt.timedelta(days=7 - today.weekday())


def at(day: int, hour: int, minute: int = 0) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(monday() + dt.timedelta(days=day), dt.time(hour, minute)))


def book(
    cast: Any,
    subjects: list[int],
    starts_at: dt.datetime,
    minutes: int = 60,
    *,
    who: str = "yasmin",
    **more: Any,
) -> Appointment:
    member = getattr(cast, who)
    with cast.as_(member) as me:
        return make_appointment(
            by=me,
            team=member.team.pk,
            subjects=subjects,
            starts_at=starts_at,
            ends_at=starts_at + dt.timedelta(minutes=minutes),
            **{"kind": "visit", "whom": With(team=member.team.pk), **more},
        )[0]  # fmt: skip


def people(world: World) -> list[Who]:
    return [Who((world.kofi.pk,), "Kofi"), Who((world.mum.pk,), "Efua")]


def week() -> Any:
    return week_of(monday().isoformat(), today=timezone.localdate())


def read(cast: Any, world: World, who: str = "yasmin") -> Any:
    with cast.as_(getattr(cast, who)) as me:
        return diary_of(people(world), week(), me=me, family=world.family.pk)


def share_plans(cast: Any, world: World, slug: str) -> None:
    with cast.as_(cast.yasmin) as me:
        record_consent(
            by=me,
            team=cast.yasmin.team.pk,
            subject=world.kofi.pk,
            given_by=world.mum.pk,
            capacity="parent",
            how="signed",
            valid_until=timezone.now() + dt.timedelta(days=90),
            cells=[Cell(world.kofi.pk, cast.teams[slug].pk, "plan", "share")],
        )


def test_the_diary_holds_appointments_meetings_and_visits_of_every_agency_that_may_be_seen(
    cast: Any, world: World
) -> None:
    book(cast, [world.kofi.pk, world.mum.pk], at(0, 16))
    book(cast, [world.kofi.pk], at(1, 9), who="tom")
    with cast.as_(cast.yasmin) as me:
        call_meeting(
            by=me, team=cast.yasmin.team.pk, episode=world.episode, kind="review", starts_at=at(2, 16), place="School",
            purpose="Look again", people=[InvitedPerson("Efua Osei", world.mum.pk)],
        )  # fmt: skip
    diary = read(cast, world)
    # What the school arranged is the school's, until somebody agrees.
    assert [(entry.title, entry.people) for entry in diary.entries] == [
        ("Visit", (world.kofi.pk, world.mum.pk)),
        ("Review", (world.mum.pk,)),
    ]
    assert [entry.title for entry in read(cast, world, "tom").entries] == ["Visit"]
    share_plans(cast, world, "moor-lane")
    assert [entry.title for entry in read(cast, world, "tom").entries] == ["Visit", "Visit", "Review"]
    assert read(cast, world, "olive").entries == ()


def test_somebodys_own_diary_holds_what_they_are_asked_to_and_where_they_were_met(
    cast: Any, world: World
) -> None:
    started = timezone.now() - dt.timedelta(minutes=5)
    with cast.as_(cast.yasmin) as me:
        call_meeting(
            by=me, team=cast.yasmin.team.pk, episode=world.episode, kind="review", starts_at=at(2, 16), place="School",
            purpose="Look again", people=[InvitedPerson("Efua Osei", world.mum.pk)],
        )  # fmt: skip
        set_family(by=me, episode=world.episode, family=world.family.pk)
        record_contact(
            by=me, episode=world.episode, kind="visit", happened_at=started, place="home", seen=[world.mum.pk],
            seen_alone="not_seen", notes="Talked.",
        )  # fmt: skip
        mum = [Who((world.mum.pk,), "Efua")]
        this = week_of(timezone.localtime(started).date().isoformat(), today=timezone.localdate())
        asked, met = diary_of(mum, week(), me=me), diary_of(mum, this, me=me)
        assert [each.title for each in taken(mum, at(2, 16, 30), at(2, 17), me=me)] == ["Review"]
    assert [(entry.what, entry.people) for entry in asked.entries] == [("meeting", (world.mum.pk,))]
    assert [(entry.what, entry.people) for entry in met.entries] == [("visit", (world.mum.pk,))]


def test_a_visit_that_was_arranged_and_made_stands_once(cast: Any, world: World) -> None:
    now = timezone.localtime()
    started = max(now - dt.timedelta(hours=2), now.replace(hour=0, minute=0))
    arranged = book(cast, [world.kofi.pk], started)
    with cast.as_(cast.yasmin) as me:
        record_contact(
            by=me, episode=world.episode, kind="visit", happened_at=started, place="home",
            seen=[world.kofi.pk], seen_alone="yes", notes="Seen.",
        )  # fmt: skip
        this = week_of("", today=timezone.localdate())
        first = diary_of(people(world), this, me=me, family=world.family.pk)
        cancel_appointment(by=me, occurrence=arranged.occurrence, version=1, reason="Came unasked")
        then = diary_of(people(world), this, me=me, family=world.family.pk)
    assert [entry.what for entry in first.entries] == ["appointment"]
    assert [(entry.what, entry.people) for entry in then.entries] == [("visit", (world.kofi.pk,))]


def test_two_things_at_once_clash_for_whoever_has_both_and_for_nobody_else(cast: Any, world: World) -> None:
    book(cast, [world.kofi.pk, world.mum.pk], at(3, 16))
    book(cast, [world.kofi.pk], at(3, 16, 30))
    book(cast, [world.kofi.pk], at(3, 17, 30))
    diary = read(cast, world)
    assert [each.subject for each in clashes(diary.entries, [world.kofi.pk, world.mum.pk])] == [world.kofi.pk]
    told = [
        (each.subject, each.number, each.hours, each.teams) for each in loads(diary.entries, [world.kofi.pk])
    ]
    assert told == [(world.kofi.pk, 3, 3.0, 1)]


def test_three_assessments_in_a_fortnight_are_told_to_those_who_may_see_all_three_alone(
    cast: Any, world: World
) -> None:
    for days in (0, 5):
        book(cast, [world.kofi.pk], at(days, 16), kind="assessment")
    book(cast, [world.kofi.pk], at(13, 10), kind="assessment", who="tom")
    assert many_assessments(read(cast, world), [world.kofi.pk]) == []
    assert many_assessments(read(cast, world, "tom"), [world.kofi.pk]) == []
    share_plans(cast, world, "moor-lane")
    (told,) = many_assessments(read(cast, world, "tom"), [world.kofi.pk])
    assert (len(told.assessments), told.days) == (3, 14)
    # What the sender may not see stays unknown to the sender.
    assert many_assessments(read(cast, world), [world.kofi.pk]) == []


def test_three_assessments_in_fifteen_days_are_not_many(cast: Any, world: World) -> None:
    for days in (0, 5, 14):
        book(cast, [world.kofi.pk], at(days, 16), kind="assessment")
    assert many_assessments(read(cast, world), [world.kofi.pk]) == []


def test_a_week_runs_from_monday_to_sunday_in_london_through_changes_of_the_clock() -> None:
    for day in ("2027-03-28", "2026-10-25", "2026-11-23"):
        found = week_of(day, today=dt.date(2026, 11, 23))
        assert found.monday.weekday() == 0
        assert found.monday <= dt.date.fromisoformat(day) < found.monday + dt.timedelta(days=7)
        assert timezone.localtime(found.begins).time() == timezone.localtime(found.ends).time() == dt.time()
    spring = week_of("2027-03-22", today=dt.date(2026, 11, 23))
    assert spring.ends - spring.begins == dt.timedelta(days=7, hours=-1)


@pytest.mark.parametrize("asked", ["", "never", "0001-01-01", "9999-12-31", "2026-02-30"])
def test_a_week_that_nobody_could_mean_is_this_week(asked: str) -> None:
    assert week_of(asked, today=dt.date(2026, 11, 25)).monday == dt.date(2026, 11, 23)


def test_overlapping_is_having_any_time_in_common() -> None:
    def entry(start: int, end: int) -> Entry:
        day = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
        return Entry(
            "visit", day.replace(hour=start), day.replace(hour=end), "", "", 1, "", "", (1,), ()
        )  # fmt: skip

    assert entry(9, 11).overlaps(entry(10, 12))
    assert not entry(9, 10).overlaps(entry(10, 12))


def test_the_diary_page_says_clashes_and_load_in_words_in_fifteen_queries(cast: Any, world: World) -> None:
    for n in range(4):
        book(cast, [world.kofi.pk, world.mum.pk], at(n, 16), place="At home")
    book(cast, [world.kofi.pk], at(1, 16, 15), kind="group")
    client = cast.yasmin.client()
    url = f"{reverse('desk:diary', args=[world.family.uuid])}?week={monday()}"
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        page = client.get(url)
    assert len(queries) <= 15
    words = text_of(page)
    assert "Kofi Osei has two things at once" in words
    assert "Group or activity" in words
    assert "At home" in words
    other = client.get(reverse("desk:person_diary", args=[world.kofi.uuid]) + f"?week={monday()}")
    assert "The whole family’s diary" in text_of(other)
    for name, key in (("desk:diary", world.family.uuid), ("desk:person_diary", world.kofi.uuid)):
        assert cast.olive.client().get(reverse(name, args=[key])).status_code == 404


def typed(world: World, *people: Any, **more: str) -> dict[str, Any]:
    day = monday() + dt.timedelta(days=1)
    return {
        "token": str(uuid.uuid4()),
        "kind": "assessment",
        "people": [str(person.uuid) for person in people],
        "starts_on": day.isoformat(),
        "starts": "4pm",
        "ends": "",
        "whom": "",
        "with_words": "The clinic",
        "place": "",
        "title": "",
        **more,
    }


def test_an_appointment_is_made_moved_and_cancelled_from_the_pages(cast: Any, world: World) -> None:
    client = cast.yasmin.client()
    url = reverse("desk:appoint_case", args=[world.episode.uuid])
    with CaptureQueriesContext(connection) as queries:
        assert "Efua Osei" in text_of(client.get(url))
    assert len(queries) <= 15
    sent = typed(world, world.kofi, world.mum)
    answers = [client.post(url, sent) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    with cast.as_(cast.yasmin):
        rows = list(Appointment.objects.order_by("id"))
    assert [row.subject_id for row in rows] == [world.kofi.pk, world.mum.pk]
    assert (rows[0].called_as, rows[0].title, rows[0].episode) == (
        "Assessment",
        "Appointment",
        world.episode.pk,
    )
    clash = client.post(url, typed(world, world.kofi, starts="4:30pm"))
    assert clash.status_code == 422
    assert "Kofi Osei has something else then: Assessment" in text_of(clash)
    assert client.post(url, typed(world, world.kofi, starts="4:30pm", despite="on")).status_code == 302
    change = reverse("desk:move_appointment", args=[rows[0].uuid])
    moved = {
        "version": "1",
        "starts_on": sent["starts_on"],
        "starts": "9am",
        "ends": "10am",
        "place": "",
        "title": "",
    }
    assert client.post(change, moved).status_code == 302
    assert client.post(change, {**moved, "starts": "8am"}).status_code == 409
    cancel = reverse("desk:cancel_appointment", args=[rows[1].uuid])
    assert client.post(cancel, {"version": "2", "reason": "The clinic is shut"}).status_code == 302
    assert "The clinic is shut" in text_of(client.get(reverse("desk:appointment", args=[rows[0].uuid])))
    with cast.as_(cast.yasmin):
        assert not Appointment.objects.filter(occurrence=rows[0].occurrence).standing().exists()


def test_moving_one_asks_for_everybody_it_is_for_by_all_their_records_and_for_the_worker(
    cast: Any, world: World
) -> None:
    yasmin = With(team=cast.yasmin.team.pk, practitioner=cast.yasmin.practitioner.pk)
    row = book(cast, [world.kofi.pk, world.mum.pk], at(1, 9), whom=yasmin)
    client, url = cast.yasmin.client(), reverse("desk:move_appointment", args=[row.uuid])
    with cast.as_(cast.yasmin) as me:
        other = add_person(by=me, team=cast.yasmin.team.pk, given="Abena", family_name="Sarpong")
        twin = add_person(by=me, team=cast.yasmin.team.pk, given="Efua", family_name="Osei")
        for person in (other, twin):
            involve(by=me, team=cast.yasmin.team.pk, subject=person.pk)
    book(cast, [twin.pk], at(1, 14), kind="health", whom=With(words="The clinic"))
    book(cast, [other.pk], at(1, 16), kind="group", whom=yasmin)

    def move(starts: str, **more: str) -> Any:
        day = at(1, 9).date().isoformat()
        sent = {"version": "1", "starts_on": day, "starts": starts, "ends": "", "place": "", "title": ""}
        return client.post(url, {**sent, **more})

    with cast.as_(cast.morgan) as me:
        merge_records(
            by=me, team=cast.morgan.team.pk, person=twin.pk, into=world.mum.pk, reason="She says so herself"
        )
    mothers = move("2:30pm")
    assert mothers.status_code == 422
    assert "Efua Osei has something else then: Health appointment" in text_of(mothers)
    workers = text_of(move("4:30pm"))
    assert f"{cast.yasmin.practitioner.name} has something else then: Group or activity" in workers
    assert "Abena" not in workers
    assert move("4:30pm", despite="on").status_code == 302
    # The time that was kept to all the same is not asked about when the place alone changes.
    assert move("4:30pm", version="2", place="School").status_code == 302


def test_a_worker_is_asked_to_nothing_else_by_a_time_that_is_theirs(cast: Any, world: World) -> None:
    me_too = f"worker-{cast.yasmin.practitioner.pk}"
    with cast.as_(cast.yasmin) as me:
        other = add_person(by=me, team=cast.yasmin.team.pk, given="Abena", family_name="Sarpong")
        involve(by=me, team=cast.yasmin.team.pk, subject=other.pk)
    own = With(team=cast.yasmin.team.pk, practitioner=cast.yasmin.practitioner.pk)
    book(cast, [other.pk], at(1, 16, 30), whom=own)
    client, url = cast.yasmin.client(), reverse("desk:appoint_person", args=[world.kofi.uuid])
    refused = client.post(url, typed(world, world.kofi, whom=me_too, with_words=""))
    assert refused.status_code == 422
    assert f"{cast.yasmin.practitioner.name} has something else then: Visit" in text_of(refused)
    assert client.post(url, typed(world, world.kofi)).status_code == 302


def test_whoever_may_not_open_the_childs_entry_goes_back_to_their_own_day(cast: Any, world: World) -> None:
    row = book(cast, [world.kofi.pk], at(1, 16), whom=With(team=cast.nina.team.pk))
    url = reverse("desk:appointment", args=[row.uuid])
    seen = text_of(cast.nina.client().get(url))
    assert f'href="{reverse("desk:my_day")}" class="govuk-back-link"' in seen
    assert "Somebody whose entry is not open to you" in seen
    assert "Kofi" not in seen
    assert str(world.kofi.uuid) not in seen
    mine = text_of(cast.yasmin.client().get(url))
    assert f'href="{reverse("desk:person_diary", args=[world.kofi.uuid])}?week={at(1, 16).date()}"' in mine


def test_one_with_somebody_in_words_needs_no_worker_taken_back_first(cast: Any, world: World) -> None:
    client, url = cast.yasmin.client(), reverse("desk:appoint_person", args=[world.kofi.uuid])
    offered = f"worker-{cast.yasmin.practitioner.pk}"
    assert client.get(url).context["form"]["whom"].value() == offered
    assert client.post(url, typed(world, world.kofi, whom=offered)).status_code == 302
    with cast.as_(cast.yasmin):
        assert Appointment.objects.get().whom == "The clinic"
    both = typed(world, world.kofi, whom=f"team-{cast.yasmin.team.pk}", starts="6pm")
    assert client.post(url, both).status_code == 422


def test_one_that_lasts_past_midnight_keeps_its_length_when_it_is_changed(cast: Any, world: World) -> None:
    row = book(cast, [world.kofi.pk], at(1, 23, 30))
    client, url = cast.yasmin.client(), reverse("desk:move_appointment", args=[row.uuid])
    form = client.get(url).context["form"]
    assert form["ends"].value() is None
    sent = {"version": "1", "starts_on": at(1, 23).date().isoformat(), "starts": "11:30pm", "ends": ""}
    assert client.post(url, {**sent, "place": "School", "title": ""}).status_code == 302
    with cast.as_(cast.yasmin):
        kept = Appointment.objects.get(pk=row.pk)
        assert (kept.place, kept.ends_at) == ("School", row.ends_at)


def test_another_agency_neither_makes_reads_nor_changes_one_by_its_address(cast: Any, world: World) -> None:
    row = book(cast, [world.kofi.pk], at(1, 16))
    with cast.as_(cast.nina) as me:
        involve(by=me, team=cast.nina.team.pk, subject=world.kofi.pk)
    for member in (cast.olive, cast.nina, cast.sam):
        client = member.client()
        for name in ("appointment", "move_appointment", "cancel_appointment"):
            assert client.get(reverse(f"desk:{name}", args=[row.uuid])).status_code == 404
        assert (
            client.post(reverse("desk:cancel_appointment", args=[row.uuid]), {"version": "1"}).status_code
            == 404
        )
        assert client.get(reverse("desk:appoint_case", args=[world.episode.uuid])).status_code in (403, 404)
        assert client.get(reverse("desk:appoint_family", args=[world.family.uuid])).status_code in (403, 404)
    # Somebody of the family whom the form did not offer is not taken from what was posted.
    sent = typed(world, world.kofi, world.mum)
    answer = cast.nina.client().post(reverse("desk:appoint_person", args=[world.kofi.uuid]), sent)
    assert answer.status_code == 422
    share_plans(cast, world, "school-nursing")
    reader = cast.nina.client()
    assert reader.get(reverse("desk:appointment", args=[row.uuid])).status_code == 200
    for name in ("move_appointment", "cancel_appointment"):
        assert reader.get(reverse(f"desk:{name}", args=[row.uuid])).status_code == 403


def test_suggested_times_leave_out_appointments_and_tell_of_hidden_ones_the_time_alone(
    cast: Any, world: World
) -> None:
    book(cast, [world.kofi.pk], at(0, 16), 90, kind="health")
    book(cast, [world.kofi.pk], at(1, 16), who="tom", kind="assessment")
    book(cast, [world.kofi.pk], at(2, 16), whom=With(team=cast.sam.team.pk))
    with cast.as_(cast.sam) as me:
        involve(by=me, team=cast.sam.team.pk, subject=world.kofi.pk)
    book(cast, [world.kofi.pk], at(3, 16), who="sam")
    with cast.as_(cast.yasmin):
        busy = busy_of(world.episode, [world.kofi.pk, world.mum.pk])
    assert [(each.starts_at, each.title, each.ends_at) for each in busy] == [
        (at(0, 16), "Health appointment", at(0, 17, 30)),
        (at(1, 16), "", at(1, 17)),
        (at(2, 16), "Visit", at(2, 17)),
    ]
    assert clash(at(0, 17), busy) is not None
    assert clash(at(0, 17, 30), busy) is None
    # Whoever does not work with the child is told no time.
    with cast.as_(cast.olive):
        assert busy_of(world.episode, [world.kofi.pk]) == []
