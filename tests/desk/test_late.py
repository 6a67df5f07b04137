"""That something was late is a fact that stays, and both are told once an event is corrected later."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.urls import reverse
from django.utils import timezone

from teamaround.events.models import Event
from teamaround.notices.models import Message
from teamaround.procedures.actions import happened, put_right
from teamaround.procedures.ladder import climb
from teamaround.procedures.late import report_late_clocks
from teamaround.procedures.models import Clock, ClockReport, Episode


def words(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def received(cast: Any, world: Any, days: int) -> dt.datetime:
    """The referral came so many days ago, and was entered only now."""
    then = timezone.now() - dt.timedelta(days=days)
    with cast.as_(cast.morgan) as me:
        episode = Episode.objects.get(pk=world.episode.pk)
        receipt = Event.objects.filter(episode=episode.pk, kind="referral.received").latest("id")
        put_right(
            by=me, episode=episode, occurrence=receipt.occurrence, happened_at=then, text="It came earlier."
        )
    return then


def reports(cast: Any) -> set[tuple[str, int]]:
    with cast.as_(cast.morgan):
        return set(ClockReport.objects.values_list("key", "round"))


def told(cast: Any) -> list[str]:
    with cast.as_(cast.admin):
        return sorted(
            Message.objects.filter(subject_line="Something is late").values_list("address", flat=True)
        )


def test_what_is_late_is_reported_once_to_whoever_owes_it(cast: Any, world: Any) -> None:
    assert report_late_clocks() == 0
    received(cast, world, 30)
    assert report_late_clocks() == 2
    assert reports(cast) == {("contact", 1), ("check", 1)}
    # The checks are the worker's; the contact is nobody's by name, so the team's manager hears of it.
    assert told(cast) == ["morgan@northmoor.example", "yasmin@northmoor.example"]
    assert report_late_clocks() == 0
    assert len(told(cast)) == 2


def test_a_notice_that_something_is_late_names_nobody(cast: Any, world: Any) -> None:
    received(cast, world, 30)
    report_late_clocks()
    with cast.as_(cast.admin):
        bodies = Message.objects.filter(subject_line="Something is late").values_list("body", flat=True)
        assert bodies
        assert not any("Kofi" in body or "Osei" in body or "ontact" in body for body in bodies)


def test_a_later_correction_leaves_the_report_and_both_are_on_the_chronology(cast: Any, world: Any) -> None:
    then = received(cast, world, 30)
    report_late_clocks()
    case = reverse("desk:case", args=[world.episode.uuid])
    page = words(cast.morgan.client().get(case))
    assert "Reported late: Contact the social worker" in page
    assert "Later corrected" not in page
    with cast.as_(cast.morgan) as me:
        episode = Episode.objects.get(pk=world.episode.pk)
        happened(
            by=me,
            episode=episode,
            kind="contact.recorded",
            subjects=[world.kofi.pk],
            happened_at=then + dt.timedelta(minutes=1),
        )
        assert Clock.objects.get(episode=episode, key="contact").stopped_at is not None
    page = words(cast.morgan.client().get(case))
    assert "Reported late: Contact the social worker" in page
    assert "Later corrected to have been done in time, on" in page
    assert ("contact", 1) in reports(cast)


def test_what_was_done_late_is_told_with_the_day_it_was_done(cast: Any, world: Any) -> None:
    received(cast, world, 30)
    report_late_clocks()
    with cast.as_(cast.morgan) as me:
        episode = Episode.objects.get(pk=world.episode.pk)
        happened(by=me, episode=episode, kind="contact.recorded", subjects=[world.kofi.pk])
    assert "Done late" in words(cast.morgan.client().get(reverse("desk:case", args=[world.episode.uuid])))


def test_what_is_still_late_is_told_further_up_the_ladder_once(cast: Any, world: Any) -> None:
    received(cast, world, 30)
    report_late_clocks()
    assert climb() >= 1
    with cast.as_(cast.admin):
        found = set(
            Message.objects.filter(subject_line="Something is still late").values_list("address", flat=True)
        )
    assert "morgan@northmoor.example" in found
    assert climb() == 0
    page = words(cast.morgan.client().get(reverse("desk:case", args=[world.episode.uuid])))
    assert "Still late, and told further: Contact the social worker" in page


def test_nobody_is_told_further_of_what_was_done(cast: Any, world: Any) -> None:
    received(cast, world, 30)
    report_late_clocks()
    with cast.as_(cast.morgan) as me:
        episode = Episode.objects.get(pk=world.episode.pk)
        for kind in ("contact.recorded", "risk.assessed", "referral.checked", "visit.made"):
            happened(by=me, episode=episode, kind=kind, subjects=[world.kofi.pk])
    with cast.as_(cast.morgan):
        late = Clock.objects.filter(stopped_at=None, due_at__lt=timezone.now()).count()
    assert late or climb() == 0


def test_a_report_is_written_by_the_service_alone_and_never_changed(cast: Any, world: Any) -> None:
    received(cast, world, 30)
    report_late_clocks()
    for statement in (
        "select * from app.take_late_clocks()",
        "select * from app.still_late()",
        "select app.tell_further(1, 1)",
        "update clock_report set title = 'in time'",
        "delete from clock_report",
        "insert into clock_report (key) values ('contact')",
    ):
        with pytest.raises(DatabaseError), cast.as_(cast.morgan), connection.cursor() as cursor:
            cursor.execute(statement)


def test_an_outsider_and_the_referrer_read_no_report(cast: Any, world: Any) -> None:
    received(cast, world, 30)
    report_late_clocks()
    for member in (cast.olive, cast.tom):
        with cast.as_(member):
            assert not ClockReport.objects.exists()
