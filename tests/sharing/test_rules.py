"""The rules of docs/sharing-rules.md, one sentence each, as the database keeps them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from teamaround.access.actions import state_purpose
from teamaround.access.models import Grant
from teamaround.index.actions import involve
from teamaround.index.models import Involvement
from teamaround.people.actions import add_address, add_family, add_member, add_person
from teamaround.people.models import Address, FamilyMember, Person
from teamaround.sharing.models import (
    Basis,
    BasisLine,
    DutyPeriod,
    Settlement,
    Shield,
    ShieldHolder,
)

DAY = dt.timedelta(days=1)


class World:
    """Kofi, 12, his parents Efua and Kwame, and their family; Yasmin's team records, Tom's school asks."""

    def __init__(self, cast: Any) -> None:
        self.cast = cast
        self.now = timezone.now()
        today = timezone.localdate()
        with cast.as_(cast.yasmin) as me:
            self.team = me.team.team
            self.family = add_family(by=me, team=self.team, name="Osei")
            for name, years, role in (("kofi", 12, "child"), ("efua", 41, "parent"), ("kwame", 44, "parent")):
                born = today.replace(year=today.year - years, month=1, day=1)
                person = add_person(
                    by=me, team=self.team, given=name.title(), family_name="Osei", date_of_birth=born
                )
                add_member(by=me, team=self.team, family=self.family.pk, person=person.pk, role=role)
                setattr(self, name, person)

    kofi: Person
    efua: Person
    kwame: Person

    def says(
        self, giver: Person, answer: str, *, since: dt.timedelta = -DAY, about: int | None = None, **more: Any
    ) -> Basis:
        """A decision of `giver` about Kofi's notes and the school."""
        own = giver.pk == self.kofi.pk
        return self.basis(
            answer=answer,
            about=about,
            kind="consent",
            given_by_id=giver.pk,
            capacity="self" if own else "parent",
            how="signed",
            valid_from=self.now + since,
            **{"valid_until": self.now + 100 * DAY, **more},
        )

    def basis(
        self,
        *,
        holder: int | None = None,
        answer: str = "share",
        about: int | None = None,
        by: Any = None,
        **fields: Any,
    ) -> Basis:
        by = by or self.cast.yasmin
        subject = about or self.kofi.pk
        with self.cast.as_(by):
            basis = Basis.objects.create(subject_id=subject, author_team_id=by.team.pk, **fields)
            BasisLine.objects.create(
                basis=basis,
                subject_id=subject,
                author_team_id=by.team.pk,
                holder_id=holder or self.cast.tom.team.pk,
                shared_category="notes",
                answer=answer,
            )
        return basis

    def change(self, row: Any, **fields: Any) -> None:
        with self.cast.as_(self.cast.yasmin):
            type(row).objects.filter(pk=row.pk).update(**fields)

    def open(self, member: Any = None, about: int | None = None, at: dt.datetime | None = None) -> bool:
        """Whether the member's principals hold a grant for the notes."""
        with self.cast.as_(member or self.cast.tom):
            return Grant.objects.filter(
                subject_id=about or self.kofi.pk,
                category="notes",
                valid_during__contains=at or timezone.now(),
            ).exists()


@pytest.fixture
def world(cast: Any) -> World:
    return World(cast)


def test_a_childs_yes_stands_over_a_parents_no(world: World) -> None:
    world.says(world.efua, "refuse")
    assert not world.open()
    world.says(world.kofi, "share")
    assert world.open()


def test_a_childs_no_stands_over_a_parents_yes_even_when_the_parent_says_it_later(world: World) -> None:
    world.says(world.kofi, "ask", since=-2 * DAY)
    world.says(world.efua, "share")
    assert not world.open()


def test_a_share_lapses_at_its_end_and_a_no_does_not(world: World) -> None:
    world.says(world.efua, "share", since=-3 * DAY)
    world.says(world.kofi, "share", since=-2 * DAY, valid_until=world.now - DAY)
    assert world.open()
    world.says(world.kofi, "refuse", since=-DAY, valid_until=world.now - DAY / 2)
    assert not world.open()


def test_withdrawn_is_no_until_they_decide_again(world: World) -> None:
    world.says(world.efua, "share", since=-3 * DAY)
    own = world.says(world.kofi, "share", since=-2 * DAY)
    world.change(own, withdrawn_at=world.now - DAY)
    assert not world.open()
    world.says(world.kofi, "share", since=-DAY / 2)
    assert world.open()


def test_between_two_parents_the_more_restrictive_stands(world: World) -> None:
    world.says(world.efua, "share")
    assert world.open()
    world.says(world.kwame, "ask", since=-2 * DAY)
    assert not world.open()


def test_a_worker_settles_between_two_parents_until_one_refuses_anew(world: World) -> None:
    mothers = world.says(world.efua, "share", since=-3 * DAY)
    world.says(world.kwame, "refuse", since=-2 * DAY)
    with world.cast.as_(world.cast.yasmin):
        Settlement.objects.create(
            subject_id=world.kofi.pk,
            author_team_id=world.team,
            basis=mothers,
            reason="A court order says that Efua decides",
            valid_from=world.now - DAY,
        )
    assert world.open()
    world.says(world.kwame, "refuse", since=-DAY / 2)
    assert not world.open()


def test_a_settlement_never_lifts_the_childs_own_no(world: World) -> None:
    mothers = world.says(world.efua, "share", since=-3 * DAY)
    world.says(world.kofi, "refuse", since=-2 * DAY)
    with world.cast.as_(world.cast.yasmin):
        Settlement.objects.create(
            subject_id=world.kofi.pk,
            author_team_id=world.team,
            basis=mothers,
            reason="Asked by the mother",
            valid_from=world.now - DAY,
        )
    assert not world.open()


def test_a_parents_decision_ends_on_the_sixteenth_birthday_and_follows_a_corrected_date(world: World) -> None:
    tomorrow = timezone.localdate() + DAY
    world.change(world.kofi, date_of_birth=tomorrow.replace(year=tomorrow.year - 16))
    world.says(world.efua, "share")
    assert world.open()
    assert not world.open(at=world.now + 2 * DAY)
    world.change(world.kofi, date_of_birth=(tomorrow - DAY).replace(year=tomorrow.year - 16))
    assert not world.open()
    world.change(world.kofi, date_of_birth=None)
    assert world.open(at=world.now + 2 * DAY)


def test_who_left_a_family_decides_for_it_no_more(world: World) -> None:
    world.says(world.kwame, "share", about=world.family.pk)
    assert world.open(about=world.family.pk)
    place = FamilyMember.objects.filter(person_id=world.kwame.pk)
    with world.cast.as_(world.cast.yasmin):
        place.update(until=timezone.localdate())
    assert not world.open(about=world.family.pk)


def test_safeguarding_ends_when_its_review_is_due_and_was_not_held(world: World) -> None:
    today = timezone.localdate()
    basis = world.basis(kind="safeguarding", reason="Bruises", review_on=today, valid_from=world.now - DAY)
    assert world.open()
    assert not world.open(at=world.now + DAY)
    world.change(basis, review_on=today + 30 * DAY)
    assert world.open(at=world.now + DAY)


def test_the_duty_to_share_opens_only_while_the_law_is_in_force(world: World) -> None:
    fields = {"kind": "duty", "reason": "Welfare", "review_on": timezone.localdate() + 30 * DAY}
    world.basis(**fields, valid_from=world.now - 2 * DAY)
    assert not world.open()
    with world.cast.as_(world.cast.admin) as me:
        period = DutyPeriod.objects.create(
            effective_from=world.now - DAY, authority="Commencement regulations", set_by_id=me.principal
        )
    assert world.open()
    with world.cast.as_(world.cast.admin):
        DutyPeriod.objects.filter(pk=period.pk).update(effective_until=world.now - DAY / 2)
    assert not world.open()


def test_only_an_administrator_says_that_the_duty_is_in_force(world: World) -> None:
    with pytest.raises(DatabaseError, match="only an administrator"), world.cast.as_(world.cast.yasmin) as me:
        DutyPeriod.objects.create(effective_from=world.now, authority="I think so", set_by_id=me.principal)


def test_break_glass_opens_to_one_practitioner_for_a_day_at_most(world: World) -> None:
    fields = {"kind": "break_glass", "reason": "He is missing", "valid_until": world.now + DAY}
    olive = world.cast.olive
    world.basis(by=olive, holder=olive.practitioner.pk, **fields)
    assert world.open(olive)
    assert not world.open(olive, at=timezone.now() + DAY)
    with world.cast.as_(world.cast.greta):
        assert Basis.objects.get(kind="break_glass").reason == "He is missing"
    for holder in (olive.team.pk, world.cast.tom.practitioner.pk):
        with pytest.raises(DatabaseError):
            world.basis(by=olive, holder=holder, **fields)
    with pytest.raises(DatabaseError, match="not extended"), world.cast.as_(olive):
        Basis.objects.filter(kind="break_glass").update(valid_until=world.now + 2 * DAY)


def test_no_other_basis_opens_anything_to_a_practitioner_in_person(world: World) -> None:
    with pytest.raises(DatabaseError, match="another kind of holder"):
        world.basis(
            holder=world.cast.yasmin.practitioner.pk,
            kind="vital",
            reason="She asks for it",
            review_on=timezone.localdate() + DAY,
        )


def test_a_basis_without_consent_says_why_and_when_it_is_reviewed(world: World) -> None:
    for missing in ({"reason": ""}, {"review_on": None}):
        fields = {"kind": "vital", "reason": "Unconscious", "review_on": timezone.localdate(), **missing}
        with pytest.raises(IntegrityError):
            world.basis(**fields)


def test_a_panel_sees_a_case_while_it_is_on_the_agenda(world: World) -> None:
    panel = world.cast.panel
    basis = world.basis(kind="panel", holder=panel.pk, valid_until=world.now + 7 * DAY)
    seated = next(
        member
        for member in (
            world.cast.morgan,
            world.cast.tom,
            world.cast.nina,
            world.cast.yasmin,
            world.cast.admin,
        )
        if panel.pk in member.me.panels
    )
    assert world.open(seated)
    assert not world.open(world.cast.olive)
    world.change(basis, withdrawn_at=world.now)
    assert not world.open(seated)


class Shielding:
    """A shield over Kofi by Yasmin's team, that does not bind Nina's."""

    def __init__(self, world: World, level: str) -> None:
        cast = world.cast
        self.addresses = Address.objects.filter(subject_id=world.kofi.pk)
        self.involved = Involvement.objects.filter(subject_id=world.kofi.pk)
        with cast.as_(cast.yasmin) as me:
            add_address(by=me, team=world.team, person=world.kofi.pk, lines="1 Mill Row", postcode="M1 1AA")
            involve(by=me, team=world.team, subject=world.kofi.pk)
            shield = Shield.objects.create(
                subject_id=world.kofi.pk,
                author_team_id=world.team,
                level=level,
                reason="His father must not find them",
                review_on=timezone.localdate() + 90 * DAY,
            )
            ShieldHolder.objects.create(
                shield=shield,
                subject_id=world.kofi.pk,
                author_team_id=world.team,
                holder_id=cast.nina.team.pk,
            )
        self.shield = shield


@pytest.fixture
def shielded(world: World) -> Callable[[str], Shielding]:
    return lambda level: Shielding(world, level)


def may_see_where(world: World, *members: Any) -> None:
    for member in members:
        basis = world.basis(
            kind="vital", holder=member.team.pk, reason="Urgent", review_on=timezone.localdate()
        )
        with world.cast.as_(world.cast.yasmin):
            BasisLine.objects.create(
                basis=basis,
                subject_id=world.kofi.pk,
                author_team_id=world.team,
                holder_id=member.team.pk,
                shared_category="identity",
                answer="share",
            )


def test_a_shield_hides_the_address_from_all_but_those_it_names(
    world: World, shielded: Callable[[str], Shielding]
) -> None:
    cast, shield = world.cast, shielded("whereabouts")
    may_see_where(world, cast.tom, cast.nina)
    for member, seen in ((cast.tom, False), (cast.nina, True), (cast.yasmin, True)):
        with cast.as_(member):
            assert shield.addresses.all().exists() == seen
    world.change(shield.shield, lifted_at=timezone.now())
    with cast.as_(cast.tom):
        assert shield.addresses.all().exists()


def test_a_shield_hides_who_is_involved_from_passers_by(
    world: World, shielded: Callable[[str], Shielding]
) -> None:
    cast, shield = world.cast, shielded("whereabouts")
    with cast.as_(cast.tom) as me:
        state_purpose(by=me, subject=world.kofi.pk, reason="He came to school")
    with cast.as_(cast.tom):
        assert Person.objects.filter(pk=world.kofi.pk).exists()
        assert not shield.involved.all().exists()
    world.says(world.efua, "share")
    with cast.as_(cast.tom):
        assert shield.involved.all().exists()


def test_a_full_shield_lets_a_stated_purpose_open_nothing(
    world: World, shielded: Callable[[str], Shielding]
) -> None:
    cast = world.cast
    with cast.as_(cast.tom) as me:
        state_purpose(by=me, subject=world.kofi.pk, reason="He came to school")
    shield = shielded("full")
    for member, seen in ((cast.tom, False), (cast.olive, False), (cast.nina, True)):
        with cast.as_(member) as me:
            state_purpose(by=me, subject=world.kofi.pk, reason="He asked for help")
        with cast.as_(member):
            assert Person.objects.filter(pk=world.kofi.pk).exists() == seen
    world.change(shield.shield, lifted_at=timezone.now())
    with cast.as_(cast.tom):
        assert Person.objects.filter(pk=world.kofi.pk).exists()


def test_a_shield_is_known_to_those_it_names_and_who_governs_alone(
    world: World, shielded: Callable[[str], Shielding]
) -> None:
    cast = world.cast
    shielded("full")
    for member, seen in (
        (cast.tom, False),
        (cast.olive, False),
        (cast.nina, True),
        (cast.greta, True),
        (cast.yasmin, True),
    ):
        with cast.as_(member):
            assert Shield.objects.exists() == seen


def test_a_team_that_does_not_work_with_the_child_puts_up_no_shield(world: World) -> None:
    with pytest.raises(DatabaseError), world.cast.as_(world.cast.olive), transaction.atomic():
        Shield.objects.create(
            subject_id=world.kofi.pk,
            author_team_id=world.cast.olive.team.pk,
            level="full",
            reason="To hide him",
            review_on=timezone.localdate() + DAY,
        )
