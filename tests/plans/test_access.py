"""Who reads a plan: the team that wrote it, and partners exactly as far as a consent goes."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.apps import apps
from django.db.utils import Error
from django.urls import reverse
from django.utils import timezone

from teamaround.plans import actions
from teamaround.plans.loaders import contacts_of, goals_of, plans_of
from teamaround.plans.models import Agreement, Closing, Contact, Goal, Plan, PlanAction, ReviewView
from teamaround.sharing.actions import Cell, record_consent
from teamaround.tasks.actions import Owner


@pytest.fixture
def contact(cast: Any, case: Any) -> Contact:
    with cast.as_(cast.yasmin) as me:
        return actions.record_contact(
            by=me,
            episode=case.load(),
            kind="visit",
            happened_at=timezone.now(),
            place="home",
            seen=[case.child, case.mum],
            seen_alone="yes",
            child_words="I like it here",
            notes="Kitchen is warm",
        )


def share(cast: Any, case: Any, *cells: tuple[int, str]) -> None:
    """A consent that lets the school see these categories of these subjects."""
    with cast.as_(cast.yasmin) as me:
        record_consent(
            by=me,
            team=cast.yasmin.team.pk,
            subject=case.child,
            given_by=case.mum,
            capacity="parent",
            how="signed",
            valid_until=timezone.now() + dt.timedelta(days=90),
            cells=[Cell(subject, cast.tom.team.pk, category, "share") for subject, category in cells],
        )


ROWS = (Plan, Goal, PlanAction, Agreement, Contact, Closing, ReviewView)


def test_a_partner_without_a_grant_sees_no_row_and_no_page(cast: Any, agreed: Plan, contact: Contact) -> None:
    for member in (cast.tom, cast.nina, cast.sam, cast.olive):
        with cast.as_(member):
            assert not any(model.objects.exists() for model in ROWS)
            histories = [apps.get_model("plans", f"{model.__name__}History") for model in ROWS]
            assert not any(history.objects.exists() for history in histories)
        client = member.client()
        for name, key in (
            ("detail", agreed.uuid),
            ("print", agreed.uuid),
            ("pdf", agreed.uuid),
            ("add_goal", agreed.uuid),
            ("contact_detail", contact.uuid),
        ):
            assert client.get(reverse(f"plans:{name}", args=[key])).status_code == 404
        # Who referred the child may read the state of the episode, and writes nothing in it.
        refused = 403 if member is cast.tom else 404
        for name in ("start", "contact", "close"):
            address = reverse(f"plans:{name}", args=[contact.episode.uuid])
            assert client.get(address).status_code == refused


def test_a_grant_on_the_family_shows_its_goals_and_no_hint_of_a_members(
    cast: Any, case: Any, agreed: Plan
) -> None:
    share(cast, case, (case.family, "plan"))
    page = cast.tom.client().get(reverse("plans:detail", args=[agreed.uuid]))
    words = page.content.decode()
    assert page.status_code == 200
    assert "We eat together on Sundays" in words
    for hidden in ("football", "tablets", "Efua", "Add a goal", "A member of the family"):
        assert hidden not in words
    with cast.as_(cast.tom):
        assert list(Goal.objects.values_list("subject_id", flat=True)) == [case.family]


def test_a_grant_on_a_member_adds_that_members_goals_and_no_other(cast: Any, case: Any, agreed: Plan) -> None:
    share(cast, case, (case.family, "plan"), (case.child, "plan"))
    words = cast.tom.client().get(reverse("plans:detail", args=[agreed.uuid])).content.decode()
    assert "football" in words
    assert "Kofi" in words
    assert "tablets" not in words


def test_a_grant_on_the_child_alone_shows_the_childs_goals_and_not_the_familys_plan(
    cast: Any, case: Any, agreed: Plan
) -> None:
    share(cast, case, (case.child, "plan"))
    with cast.as_(cast.tom):
        assert [goal.words for goal in goals_of([case.child, case.family])] == [
            "I get to football on Wednesdays"
        ]
        assert not plans_of([case.child, case.family]).exists()


def test_who_may_read_may_not_write(cast: Any, case: Any, agreed: Plan) -> None:
    share(cast, case, (case.family, "plan"), (case.child, "plan"), (case.child, "notes"))
    client = cast.tom.client()
    for name in ("add_goal", "change", "agree", "review"):
        assert client.get(reverse(f"plans:{name}", args=[agreed.uuid])).status_code == 403
        assert client.post(reverse(f"plans:{name}", args=[agreed.uuid])).status_code == 403
    with cast.as_(cast.tom):
        goal = Goal.objects.get(subject_id=case.child)
        assert Goal.objects.filter(pk=goal.pk).update(words="Changed") == 0
    assert client.post(reverse("plans:goal", args=[goal.uuid])).status_code == 403
    with pytest.raises(Error), cast.as_(cast.tom):
        Goal.objects.create(
            subject_id=case.child, category="plan", author_team=cast.yasmin.team, plan=agreed, words="Planted"
        )


def test_notes_need_a_grant_for_notes_and_show_only_those_seen_whom_one_may_know(
    cast: Any, case: Any, agreed: Plan, contact: Contact
) -> None:
    address = reverse("plans:contact_detail", args=[contact.uuid])
    share(cast, case, (case.child, "plan"))
    assert cast.tom.client().get(address).status_code == 404
    share(cast, case, (case.child, "notes"))
    words = cast.tom.client().get(address).content.decode()
    assert "Kitchen is warm" in words
    assert "Efua" not in words
    with cast.as_(cast.tom):
        assert contacts_of([case.child]).count() == 1


def test_a_withdrawn_consent_hides_the_plan_from_the_next_request(cast: Any, case: Any, agreed: Plan) -> None:
    from teamaround.sharing.actions import withdraw_consent
    from teamaround.sharing.models import Basis

    share(cast, case, (case.family, "plan"))
    address = reverse("plans:detail", args=[agreed.uuid])
    assert cast.tom.client().get(address).status_code == 200
    with cast.as_(cast.yasmin) as me:
        withdraw_consent(by=me, basis=Basis.objects.get())
    assert cast.tom.client().get(address).status_code == 404


def test_an_owner_of_another_team_says_it_is_done_without_seeing_the_plan(
    cast: Any, case: Any, agreed: Plan
) -> None:
    with cast.as_(cast.yasmin) as me:
        made = actions.add_action(
            by=me,
            goal=Goal.objects.get(subject_id=case.child),
            title="Find a place in the team",
            owner=Owner(practitioner=cast.tom.practitioner.pk, team=cast.tom.team.pk),
            due_on=timezone.localdate(),
        )
    client = cast.tom.client()
    assert client.post(reverse("tasks:complete", args=[made.task.uuid])).status_code == 302
    assert client.get(reverse("plans:detail", args=[agreed.uuid])).status_code == 404
    words = cast.yasmin.client().get(reverse("plans:detail", args=[agreed.uuid])).content.decode()
    assert "Not done after all" in words


def test_closing_needs_the_permission_to_close(cast: Any, case: Any) -> None:
    with cast.as_(cast.yasmin):
        address = reverse("plans:close", args=[case.load().uuid])
    assert cast.admin.client().get(address).status_code == 403
    assert cast.tom.client().get(address).status_code == 403
    assert cast.olive.client().get(address).status_code == 404
    assert cast.yasmin.client().get(address).status_code == 200
