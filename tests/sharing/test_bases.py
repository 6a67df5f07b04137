"""Reasons without consent: each says why, is looked at again, and opens no longer than it may."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import ProgrammingError, transaction
from django.utils import timezone

from teamaround.access.actions import state_purpose
from teamaround.access.models import Grant
from teamaround.notices.models import Message
from teamaround.people.models import PersonName
from teamaround.sharing.actions import BasisRefused, Cell
from teamaround.sharing.agendas import agenda_of, close_item, put_on_agenda
from teamaround.sharing.bases import (
    duty_in_force,
    record_basis,
    review_basis,
    switch_duty_off,
    switch_duty_on,
)
from teamaround.sharing.break_glass import open_in_emergency, openings, review_opening
from teamaround.sharing.models import Basis, BasisReview, BreakGlassReview
from teamaround.tasks.models import Task


def today(days: int = 0) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=days)


def categories(cast: Any, member: Any, subject: Any, kind: str) -> set[str]:
    with cast.as_(member):
        rows = Grant.objects.filter(
            subject_id=subject.pk, basis_kind=kind, valid_during__contains=timezone.now()
        )
        return set(rows.values_list("category", flat=True))


def noted(cast: Any, house: Any, kind: str = "safeguarding", days: int = 7, **more: Any) -> Basis:
    with cast.as_(cast.yasmin) as me:
        return record_basis(
            by=me,
            team=me.team.team,
            kind=kind,
            subject=house.kofi.pk,
            reason="He was hit at home.",
            review_on=today(days),
            cells=[Cell(house.kofi.pk, cast.tom.team.pk, "identity", "share")],
            **more,
        )


def test_a_review_lets_a_safeguarding_reason_go_on_or_ends_it(cast: Any, house: Any) -> None:
    basis = noted(cast, house)
    with cast.as_(cast.yasmin) as me:
        review_basis(
            by=me,
            basis=basis,
            version=basis.version,
            outcome="goes_on",
            reason="Still at risk",
            review_on=today(30),
        )
        basis.refresh_from_db()
        assert basis.review_on == today(30)
    assert categories(cast, cast.tom, house.kofi, "safeguarding") == {"identity", "index"}
    with cast.as_(cast.yasmin) as me:
        review_basis(
            by=me, basis=basis, version=basis.version, outcome="ended", reason="He moved to his aunt"
        )
        assert BasisReview.objects.count() == 2
        with pytest.raises(BasisRefused):
            review_basis(by=me, basis=basis, version=basis.version, outcome="ended", reason="Again")
    assert categories(cast, cast.tom, house.kofi, "safeguarding") == set()


@pytest.mark.parametrize(("kind", "days"), [("safeguarding", 185), ("vital", 8), ("vital", 0)])
def test_a_review_that_is_too_late_is_refused_beside_its_field(
    cast: Any, house: Any, kind: str, days: int
) -> None:
    with pytest.raises(BasisRefused) as refused:
        noted(cast, house, kind, days)
    assert refused.value.field == "review_on"


def test_the_duty_to_share_is_offered_only_while_an_administrator_has_switched_it_on(
    cast: Any, house: Any
) -> None:
    with pytest.raises(BasisRefused, match="not in force"):
        noted(cast, house, "duty")
    with cast.as_(cast.yasmin) as me, pytest.raises(ProgrammingError), transaction.atomic():
        switch_duty_on(by=me.principal, authority="The Act", effective_from=today())
    with cast.as_(cast.admin) as me:
        period = switch_duty_on(by=me.principal, authority="The Act, section 4", effective_from=today(-1))
        with pytest.raises(BasisRefused) as refused:
            switch_duty_on(by=me.principal, authority="Twice", effective_from=today(20))
        assert refused.value.field == "effective_from"
        with pytest.raises(BasisRefused) as refused:
            switch_duty_on(
                by=me.principal, authority="x", effective_from=today(-9), effective_until=today(-10)
            )
        assert refused.value.field == "effective_until"
    noted(cast, house, "duty")
    assert categories(cast, cast.tom, house.kofi, "duty") == {"identity", "index"}
    with cast.as_(cast.admin) as me:
        switch_duty_off(by=me.principal, period=period)
        assert duty_in_force() is None
    assert categories(cast, cast.tom, house.kofi, "duty") == set()


def test_an_emergency_opens_to_one_person_and_whoever_governs_or_leads_learns_at_once(
    cast: Any, house: Any
) -> None:
    with cast.as_(cast.nina) as me:
        state_purpose(by=me, subject=house.kofi.pk, reason="Called by the ward")
        opened = open_in_emergency(
            by=me,
            team=me.team.team,
            subject=house.kofi.pk,
            reason="Unconscious on the ward, allergies unknown",
            categories=["health", "identity"],
        )
        assert opened.valid_until is not None
        assert opened.valid_until <= timezone.now() + dt.timedelta(hours=24)
        assert not Task.objects.exists()
    assert categories(cast, cast.nina, house.kofi, "break_glass") == {"health", "identity", "index"}
    with cast.as_(cast.yasmin):
        told = Task.objects.get()
        assert "Nina Patel" in told.title
        assert "allergies unknown" in told.title
    with cast.as_(cast.greta) as me:
        assert list(openings()) == [opened]
        assert not PersonName.objects.exists()
        review_opening(by=me, team=me.team.team, basis=opened, justified=True, note="The ward confirmed it")
        review_opening(by=me, team=me.team.team, basis=opened, justified=False, note="Twice")
        assert BreakGlassReview.objects.get().justified
    with cast.as_(cast.nina):
        assert BreakGlassReview.objects.get().note == "The ward confirmed it"


def test_the_notice_of_an_emergency_goes_to_who_governs_and_names_nobody(cast: Any, house: Any) -> None:
    with cast.as_(cast.nina) as me:
        state_purpose(by=me, subject=house.kofi.pk, reason="Called by the ward")
        open_in_emergency(
            by=me,
            team=me.team.team,
            subject=house.kofi.pk,
            reason="Unconscious on the ward",
            categories=["health"],
        )
    with cast.as_(cast.greta):
        bodies = list(
            Message.objects.filter(address="greta@northmoor.example").values_list("body", flat=True)
        )
    assert all("Kofi" not in body for body in bodies)


def test_nobody_but_who_governs_reviews_an_emergency(cast: Any, house: Any) -> None:
    with cast.as_(cast.nina) as me:
        state_purpose(by=me, subject=house.kofi.pk, reason="Called by the ward")
        opened = open_in_emergency(
            by=me,
            team=me.team.team,
            subject=house.kofi.pk,
            reason="Unconscious on the ward",
            categories=["health"],
        )
        with pytest.raises(ProgrammingError), transaction.atomic():
            review_opening(by=me, team=me.team.team, basis=opened, justified=True, note="I say so")


def test_a_panel_sees_a_case_until_it_closes_the_item(cast: Any, house: Any) -> None:
    with cast.as_(cast.tom) as me:
        item = put_on_agenda(
            by=me,
            team=me.team.team,
            panel=cast.panel.pk,
            subject=house.kofi.pk,
            agenda_on=today(3),
            question="Which team should lead?",
            categories=["plan"],
        )
        with pytest.raises(BasisRefused) as refused:
            put_on_agenda(
                by=me,
                team=me.team.team,
                panel=cast.panel.pk,
                subject=house.kofi.pk,
                agenda_on=today(-1),
                question="Late",
                categories=["plan"],
            )
        assert refused.value.field == "agenda_on"
    assert categories(cast, cast.morgan, house.kofi, "panel") == {"plan", "index"}
    with cast.as_(cast.morgan) as me:
        found = agenda_of(cast.panel.pk).get()
        close_item(by=me, item=found, version=found.version, outcome="Young carers lead")
    assert categories(cast, cast.morgan, house.kofi, "panel") == set()
    with cast.as_(cast.tom) as me:
        item.refresh_from_db()
        assert item.outcome == "Young carers lead"
        with pytest.raises(BasisRefused):
            close_item(by=me, item=item, version=item.version, outcome="Again")
    with cast.as_(cast.olive):
        assert not agenda_of(cast.panel.pk).exists()
