"""A file is withdrawn after somebody agreed to sharing about a child whom it added: nothing of what was agreed is lost."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from importing.caseloads import HEADER, ONE, brought_in, checked, withdrawn
from teamaround.events.actions import record
from teamaround.events.models import Event
from teamaround.importing import withdrawing
from teamaround.importing.models import After, ImportRow, ImportRun
from teamaround.importing.resting import reasons_of
from teamaround.index.actions import Query, involve, search
from teamaround.index.models import Involvement
from teamaround.people.actions import add_person
from teamaround.people.models import Address, Identifier, Person, PersonName
from teamaround.sharing.actions import Cell, record_consent, withdraw_consent
from teamaround.sharing.models import Basis, BasisLine

TWO = (HEADER + "YC1,Osei,Kofi,02/03/2014,SK3 2DU,,\nYC2,Osei,Ama,04/05/2010,SK3 2DU,,\n").encode()


@pytest.fixture
def run(cast: Any) -> ImportRun:
    return brought_in(cast, cast.yasmin, checked(cast, cast.yasmin, ONE))


def child(cast: Any, given: str = "Kofi") -> int:
    with cast.as_(cast.yasmin):
        return int(Person.objects.get(given=given, author_team=cast.yasmin.team).pk)


def agreed(cast: Any, member: Any, subject: int, giver: int, holder: Any) -> Basis:
    """`giver` agrees that the holder's team sees the chronology's plan entries of the subject."""
    with cast.as_(member) as me:
        return record_consent(
            by=me,
            team=me.team.team,
            subject=subject,
            given_by=giver,
            capacity="self" if giver == subject else "parent",
            how="signed",
            understanding="Explained it back",
            valid_until=timezone.now() + dt.timedelta(days=90),
            cells=[Cell(subject, holder.team.pk, "plan", "share")],
        )


def mother(cast: Any) -> int:
    with cast.as_(cast.yasmin) as me:
        return int(add_person(by=me, team=me.team.team, given="Efua", family_name="Osei").pk)


def told(cast: Any, member: Any, basis: Basis) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Every word of the decision and of its lines, as its author reads them."""
    with cast.as_(member):
        return (
            Basis.objects.filter(pk=basis.pk).values().get(),
            list(BasisLine.objects.filter(basis=basis.pk).order_by("pk").values()),
        )


def reads_plan(cast: Any, member: Any, subject: int) -> bool:
    with cast.as_(cast.yasmin) as me:
        record(by=me, team=me.team.team, kind="plan.agreed", subjects=[subject])
    with cast.as_(member):
        return Event.objects.filter(subject_id=subject, category="plan").exists()


def test_the_child_and_what_was_agreed_stay_and_only_what_the_file_said_goes(
    cast: Any, run: ImportRun
) -> None:
    kofi = child(cast)
    basis = agreed(cast, cast.yasmin, kofi, mother(cast), cast.tom)
    before = told(cast, cast.yasmin, basis)
    assert reads_plan(cast, cast.tom, kofi)
    with cast.as_(cast.yasmin):
        plan = withdrawing.plan_of(run)
        assert reasons_of(run, plan, [kofi]) == {kofi: ["A decision about sharing was recorded."]}
    withdrawn(cast, cast.yasmin, run)
    assert told(cast, cast.yasmin, basis) == before
    assert reads_plan(cast, cast.tom, kofi)
    with cast.as_(cast.yasmin) as me:
        assert Person.objects.get(pk=kofi).voided_at is None
        for facts in (PersonName, Address, Identifier):
            assert not facts.objects.filter(subject_id=kofi, voided_at=None).exists()
        assert Involvement.objects.get(subject_id=kofi).until == timezone.localdate()
        assert ImportRow.objects.get(run=run).after == After.STAYS
        (found,) = search(by=me, query=Query(name="Kofi Osei"), reason="Referral")
        assert found.subject == kofi


def test_whoever_only_gave_a_consent_about_another_stays_and_the_page_says_why(cast: Any) -> None:
    run = brought_in(cast, cast.yasmin, checked(cast, cast.yasmin, TWO))
    with cast.as_(cast.tom) as me:
        brother = add_person(by=me, team=me.team.team, given="Yaw", family_name="Osei").pk
        involve(by=me, team=me.team.team, subject=brother)
    ama = child(cast, "Ama")
    basis = agreed(cast, cast.tom, brother, ama, cast.nina)
    before = told(cast, cast.tom, basis)
    withdrawn_children = {child(cast)}
    with cast.as_(cast.yasmin):
        plan = withdrawing.plan_of(run)
        assert plan.gone == withdrawn_children
    withdrawn(cast, cast.yasmin, run)
    assert told(cast, cast.tom, basis) == before
    with cast.as_(cast.yasmin):
        assert Person.objects.get(pk=ama).voided_at is None


def test_the_giver_of_a_consent_that_the_team_may_read_is_said_to_stay_for_it(cast: Any) -> None:
    run = brought_in(cast, cast.yasmin, checked(cast, cast.yasmin, TWO))
    with cast.as_(cast.yasmin) as me:
        brother = add_person(by=me, team=me.team.team, given="Yaw", family_name="Osei").pk
    ama = child(cast, "Ama")
    agreed(cast, cast.yasmin, brother, ama, cast.nina)
    with cast.as_(cast.yasmin):
        plan = withdrawing.plan_of(run)
        assert reasons_of(run, plan, [ama]) == {ama: ["A decision about sharing was recorded."]}


def test_a_consent_that_was_taken_back_stands_as_a_refusal_after_the_file_is_withdrawn(
    cast: Any, run: ImportRun
) -> None:
    kofi = child(cast)
    basis = agreed(cast, cast.yasmin, kofi, mother(cast), cast.tom)
    with cast.as_(cast.yasmin) as me:
        withdraw_consent(by=me, basis=basis, reason="She thought again")
    before = told(cast, cast.yasmin, basis)
    withdrawn(cast, cast.yasmin, run)
    assert told(cast, cast.yasmin, basis) == before
    assert not reads_plan(cast, cast.tom, kofi)
    with cast.as_(cast.yasmin):
        assert Person.objects.get(pk=kofi).voided_at is None


def test_what_a_sensitive_service_was_told_is_kept_though_it_holds_no_child_in_the_index(
    cast: Any, run: ImportRun
) -> None:
    kofi = child(cast)
    with cast.as_(cast.sam) as me:
        involve(by=me, team=me.team.team, subject=kofi)
    basis = agreed(cast, cast.sam, kofi, kofi, cast.nina)
    before = told(cast, cast.sam, basis)
    withdrawn(cast, cast.yasmin, run)
    with cast.as_(cast.yasmin):
        assert Person.objects.get(pk=kofi).voided_at is not None
    assert told(cast, cast.sam, basis) == before
    assert reads_plan(cast, cast.nina, kofi)
