"""Appointments: who makes, moves and cancels one, who reads it, and what the database refuses."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from teamaround.access.edits import StaleEdit
from teamaround.agencies.models import Team
from teamaround.events.models import Event
from teamaround.index.actions import involve
from teamaround.people.actions import add_family, add_member, add_person
from teamaround.sharing.actions import Cell, record_consent
from teamaround.tasks import appointments as actions
from teamaround.tasks.appointments import AppointmentRefused, With
from teamaround.tasks.models import Appointment, AppointmentKind


def at(days: float = 2, hour: int = 15) -> dt.datetime:
    day = timezone.localtime() + dt.timedelta(days=days)
    return day.replace(hour=hour, minute=30, second=0, microsecond=0)


@pytest.fixture
def child(cast: Any) -> int:
    with cast.as_(cast.yasmin) as me:
        person = add_person(by=me, team=cast.yasmin.team.pk, given="Kofi", family_name="Osei")
        involve(by=me, team=cast.yasmin.team.pk, subject=person.pk)
    return int(person.pk)


def make(cast: Any, *subjects: int, who: str = "yasmin", **changes: Any) -> list[Appointment]:
    member = getattr(cast, who)
    wanted = {
        "kind": "visit",
        "starts_at": at(),
        "ends_at": at(hour=16),
        "whom": With(team=member.team.pk, practitioner=member.practitioner.pk),
        "place": "At home",
        **changes,
    }
    with cast.as_(member) as me:
        return actions.make_appointment(by=me, team=member.team.pk, subjects=subjects, **wanted)


def agree(cast: Any, child: int, slug: str, *categories: str) -> None:
    with cast.as_(cast.yasmin) as me:
        record_consent(
            by=me,
            team=cast.yasmin.team.pk,
            subject=child,
            given_by=child,
            capacity="self",
            how="signed",
            valid_until=timezone.now() + dt.timedelta(days=90),
            cells=[Cell(child, cast.teams[slug].pk, category, "share") for category in categories],
        )


def test_an_appointment_is_read_by_its_maker_by_whom_it_is_with_and_by_consent(cast: Any, child: int) -> None:
    make(cast, child, whom=With(team=cast.teams["school-nursing"].pk))
    seen = {}
    for name in ("yasmin", "nina", "tom", "sam", "olive", "admin", "greta"):
        with cast.as_(getattr(cast, name)):
            seen[name] = Appointment.objects.count()
    assert seen == {"yasmin": 1, "nina": 1, "tom": 0, "sam": 0, "olive": 0, "admin": 0, "greta": 0}
    agree(cast, child, "moor-lane", "plan")
    with cast.as_(cast.tom):
        assert Appointment.objects.get().category == "plan"


def test_an_appointment_with_a_sensitive_service_is_hidden_from_those_who_may_see_plans(
    cast: Any, child: int
) -> None:
    make(cast, child, whom=With(team=cast.teams["recovery"].pk))
    agree(cast, child, "moor-lane", "plan")
    with cast.as_(cast.tom):
        assert not Appointment.objects.exists()
        assert not Event.objects.filter(kind="appointment.made").exists()
    with cast.as_(cast.sam):
        assert Appointment.objects.get().category == "substance"


def test_a_team_that_becomes_sensitive_is_hidden_in_what_was_arranged_before(cast: Any, child: int) -> None:
    row = make(cast, child, whom=With(team=cast.teams["school-nursing"].pk))[0]
    agree(cast, child, "moor-lane", "plan")
    with cast.as_(cast.admin):
        Team.objects.filter(pk=cast.teams["school-nursing"].pk).update(sensitivity="sexual_health")
    with cast.as_(cast.tom):
        assert not Appointment.objects.exists()
        assert not apps.get_model("tasks", "AppointmentHistory").objects.filter(pgh_obj_id=row.pk).exists()
    with cast.as_(cast.nina):
        assert Appointment.objects.get().category == "health"


def test_nobody_makes_an_appointment_for_a_stranger_or_in_another_teams_name(cast: Any, child: int) -> None:
    with pytest.raises(AppointmentRefused, match="does not work with"):
        make(cast, child, who="olive")
    row = {
        "subject_id": child,
        "category": "plan",
        "occurrence": uuid.uuid4(),
        "kind": "visit",
        "called_as": "Visit",
        "title": "Visit",
        "starts_at": at(),
        "ends_at": at(hour=16),
        "with_words": "Somebody",
    }
    for team in (cast.olive.team.pk, cast.yasmin.team.pk):
        with (
            cast.as_(cast.olive),
            pytest.raises(DatabaseError, match="row-level security"),
            transaction.atomic(),
        ):
            Appointment.objects.create(author_team_id=team, **row)


def test_a_member_of_a_family_that_the_team_works_with_may_have_one(cast: Any, child: int) -> None:
    with cast.as_(cast.tom) as me:
        mum = add_person(by=me, team=cast.tom.team.pk, given="Efua", family_name="Osei")
    with pytest.raises(AppointmentRefused):
        make(cast, mum.pk)
    with cast.as_(cast.yasmin) as me:
        family = add_family(by=me, team=cast.yasmin.team.pk, name="Osei family")
        for person in (child, mum.pk):
            add_member(by=me, team=cast.yasmin.team.pk, family=family.pk, person=person, role="parent")
    rows = make(cast, child, mum.pk)
    assert [row.subject_id for row in rows] == [child, mum.pk]
    assert len({row.occurrence for row in rows}) == 1


def test_moving_and_cancelling_hold_for_everybody_who_has_it_and_leave_their_events(
    cast: Any, child: int
) -> None:
    rows = make(cast, child)
    first = rows[0]
    with cast.as_(cast.yusuf) as me:
        moved = actions.move_appointment(
            by=me, occurrence=first.occurrence, version=1, starts_at=at(3), ends_at=at(3, 16),
            place="School", title="",
        )  # fmt: skip
        assert (moved[0].starts_at, moved[0].title, moved[0].version) == (at(3), "Visit", 2)
        with pytest.raises(StaleEdit):
            actions.cancel_appointment(by=me, occurrence=first.occurrence, version=1, reason="Ill")
        with pytest.raises(AppointmentRefused, match="Say why"):
            actions.cancel_appointment(by=me, occurrence=first.occurrence, version=2, reason=" ")
        actions.cancel_appointment(by=me, occurrence=first.occurrence, version=2, reason="Ill")
        with pytest.raises(AppointmentRefused, match="is cancelled"):
            actions.move_appointment(
                by=me, occurrence=first.occurrence, version=3, starts_at=at(4), ends_at=at(4, 16),
                place="", title="",
            )  # fmt: skip
        kinds = list(
            Event.objects.filter(subject_id=child, kind__startswith="appointment")
            .order_by("id")
            .values_list("kind", flat=True)
        )
    assert kinds == ["appointment.made", "appointment.moved", "appointment.cancelled"]


def test_whoever_only_reads_an_appointment_changes_nothing_of_it(cast: Any, child: int) -> None:
    row = make(cast, child, whom=With(team=cast.teams["school-nursing"].pk))[0]
    with cast.as_(cast.nina) as me:
        assert Appointment.objects.filter(pk=row.pk).update(place="Elsewhere") == 0
        with pytest.raises(AppointmentRefused, match="Only the team that made"):
            actions.cancel_appointment(by=me, occurrence=row.occurrence, version=1, reason="No")
    for column in ("subject_id", "with_team_id", "category", "occurrence"):
        with (
            cast.as_(cast.yasmin),
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(),
        ):
            Appointment.objects.filter(pk=row.pk).update(**{column: getattr(row, column)})


def test_what_is_made_twice_under_one_key_is_made_once(cast: Any, child: int) -> None:
    key = uuid.uuid4()
    one = make(cast, child, occurrence=key)
    assert [row.pk for row in make(cast, child, occurrence=key)] == [one[0].pk]


def test_another_appointment_under_a_key_that_was_used_is_refused_and_not_taken_for_made(
    cast: Any, child: int
) -> None:
    key = uuid.uuid4()
    make(cast, child, occurrence=key)
    for changes in ({"starts_at": at(3), "ends_at": at(3, 16)}, {"kind": "other"}):
        with pytest.raises(AppointmentRefused, match="made from this page already"):
            make(cast, child, occurrence=key, **changes)


def test_pressed_twice_at_once_the_second_gets_what_the_first_made(
    cast: Any, child: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = uuid.uuid4()
    one = make(cast, child, occurrence=key)
    look, looks = actions.occurrence_of, iter([True])
    monkeypatch.setattr(actions, "occurrence_of", lambda *each: [] if next(looks, False) else look(*each))
    assert [row.pk for row in make(cast, child, occurrence=key)] == [one[0].pk]


def test_a_title_that_is_taken_away_is_the_neutral_one_again(cast: Any, child: int) -> None:
    row = make(cast, child, kind="assessment", title="Museum")[0]
    with cast.as_(cast.yasmin) as me:
        (moved,) = actions.move_appointment(
            by=me, occurrence=row.occurrence, version=1, starts_at=row.starts_at, ends_at=row.ends_at,
            place="", title=" ",
        )  # fmt: skip
    assert moved.title == "Appointment"


def test_no_kind_takes_the_address_of_the_page_that_adds_one(cast: Any) -> None:
    with cast.as_(cast.admin) as me:
        assert actions.add_kind(by=me, title="Add", called="Visit", assessment=False, lasts=20).key == "add-2"


@pytest.mark.parametrize(
    ("changes", "words", "field"),
    [
        ({"title": "Kofi’s counselling"}, "must not name", "title"),
        ({"title": "visit OSEI"}, "must not name", "title"),
        ({"kind": "none"}, "Choose the kind", "kind"),
        ({"starts_at": at(-3), "ends_at": at(-3, 16)}, "has passed", "starts_on"),
        ({"starts_at": at(900), "ends_at": at(900, 16)}, "two years", "starts_on"),
        ({"ends_at": at(2, 14)}, "ends before", "ends"),
        ({"ends_at": at(3)}, "12 hours", "ends"),
        ({"whom": With()}, "with whom", "with_words"),
        ({"whom": With(team=1, words="Them")}, "Name one", "with_words"),
    ],
)
def test_an_appointment_that_nobody_could_keep_is_refused(
    cast: Any, child: int, changes: dict[str, Any], words: str, field: str
) -> None:
    with pytest.raises(AppointmentRefused, match=words) as refused:
        make(cast, child, **changes)
    assert refused.value.field == field


def test_kinds_are_the_partnerships_own_and_appointments_keep_their_words(cast: Any, child: int) -> None:
    with cast.as_(cast.admin) as me:
        kind = actions.add_kind(by=me, title="Eye test", called="Appointment", assessment=True, lasts=20)
        with pytest.raises(AppointmentRefused, match="of this name already"):
            actions.add_kind(by=me, title="eye TEST", called="A", assessment=False, lasts=20)
    row = make(cast, child, kind=kind.key)[0]
    with cast.as_(cast.admin) as me:
        actions.change_kind(
            by=me, kind=kind, version=1, title="Vision", called="Visit", assessment=False, lasts=30, ended=True
        )  # fmt: skip
    with cast.as_(cast.yasmin):
        kept = Appointment.objects.get(pk=row.pk)
        assert (kept.called_as, kept.title, kept.assessment) == ("Eye test", "Appointment", True)
        assert kind.key not in [each.key for each in actions.kinds_offered()]
        with pytest.raises(DatabaseError, match="only a partnership officer"), transaction.atomic():
            AppointmentKind.objects.filter(pk="visit").update(title="Mine")


def test_an_administrator_adds_and_rewords_kinds_in_the_browser(cast: Any) -> None:
    client, listing = cast.admin.client(), reverse("tasks:kinds")
    sent = {"title": "Eye test", "called": "Appointment", "lasts": "20", "assessment": "on", "version": "1"}
    assert client.post(reverse("tasks:add_kind"), sent).url == listing
    again = client.post(reverse("tasks:add_kind"), sent)
    assert "There is an appointment of this name already." in again.content.decode()
    edit = reverse("tasks:kind", args=["eye-test"])
    assert client.get(edit).context["form"]["lasts"].value() == 20
    assert client.post(edit, {**sent, "title": "Sight test", "ended": "on"}).url == listing
    assert client.post(edit, {**sent, "title": "Eyes"}).status_code == 409
    assert client.get(reverse("tasks:kind", args=["nothing"])).status_code == 404
    page = " ".join(client.get(listing).content.decode().split())
    assert 'Sight test</a></th> <td data-label="A calendar shows">Appointment</td>' in page
    assert "No longer made" in page
    assert cast.yasmin.client().get(listing).status_code == 403
