"""The chronology says when somebody was invited to their own page, opened it, and lost it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from harness.cast import Member
from teamaround.database.actor import ANONYMOUS, acting_as
from teamaround.events.models import Event
from teamaround.people.actions import add_person
from teamaround.people.models import Person, PortalAccount
from teamaround.portal.actions import (
    accept_portal_invitation,
    end_portal_access,
    invite_family_member,
)
from teamaround.portal.models import PortalInvitation

MAILBOX = "kofi.o@family.example"


@pytest.fixture
def kofi(cast: Any) -> Person:
    """Thirteen, and the young carers team works with him."""
    return somebody(cast, "Kofi", 13)


def somebody(cast: Any, given: str, age: int) -> Person:
    born = timezone.localdate().replace(day=1)
    with cast.as_(cast.yasmin) as me:
        return add_person(
            by=me,
            team=me.team.team,
            given=given,
            family_name="Osei",
            date_of_birth=born.replace(year=born.year - age),
        )


def invite(cast: Any, person: Person) -> Any:
    with cast.as_(cast.yasmin) as me:
        return invite_family_member(by=me, team=me.team.team, person=person, email=MAILBOX)


def told(cast: Any, member: Member, person: Person) -> list[str]:
    """What the member reads of it, the first first."""
    with cast.as_(member):
        rows = Event.objects.filter(subject_id=person.pk, kind__startswith="portal.").order_by("id")
        return [row.kind for row in rows]


def test_inviting_opening_and_ending_are_events_of_the_team_that_invited(cast: Any, kofi: Person) -> None:
    made = invite(cast, kofi)
    with acting_as(ANONYMOUS), transaction.atomic():
        accept_portal_invitation(secret=made.secret)
    for _twice in range(2):
        with cast.as_(cast.yasmin) as me:
            end_portal_access(by=me, invitation=PortalInvitation.objects.get())
    assert told(cast, cast.yasmin, kofi) == ["portal.invited", "portal.opened", "portal.ended"]
    with cast.as_(cast.yasmin):
        opened = Event.objects.get(kind="portal.opened")
        assert (opened.author_team_id, opened.category) == (cast.yasmin.team.pk, "identity")


def test_who_opened_the_page_is_the_person_themselves(cast: Any, kofi: Person) -> None:
    made = invite(cast, kofi)
    with acting_as(ANONYMOUS), transaction.atomic():
        accept_portal_invitation(secret=made.secret)
    with cast.as_(cast.yasmin):
        account = PortalAccount.objects.get(person=kofi)
        assert Event.objects.get(kind="portal.opened").recorded_by_id == account.pk


def test_an_invitation_that_is_withdrawn_unused_is_ended(cast: Any, kofi: Person) -> None:
    invite(cast, kofi)
    with cast.as_(cast.yasmin) as me:
        end_portal_access(by=me, invitation=PortalInvitation.objects.get())
    assert told(cast, cast.yasmin, kofi) == ["portal.invited", "portal.ended"]


def test_a_team_without_a_right_to_the_category_learns_nothing_of_it(cast: Any, kofi: Person) -> None:
    invite(cast, kofi)
    assert told(cast, cast.olive, kofi) == []


def test_what_is_refused_leaves_no_event(cast: Any) -> None:
    young = somebody(cast, "Esi", 9)
    with pytest.raises(ValueError, match="understand"), cast.as_(cast.yasmin) as me:
        invite_family_member(by=me, team=me.team.team, person=young, email=MAILBOX)
    assert told(cast, cast.yasmin, young) == []


def test_nobody_says_that_another_recorded_an_event(cast: Any, kofi: Person) -> None:
    with cast.as_(cast.yasmin) as me:
        row = Event.objects.create(
            kind="contact.recorded",
            subject_id=kofi.pk,
            category="notes",
            author_team_id=me.team.team,
            happened_at=kofi.recorded_at,
            recorded_by_id=cast.tom.practitioner.pk,
        )
        row.refresh_from_db()
        assert row.recorded_by_id == me.principal
