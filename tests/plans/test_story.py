"""From the plan to closing: what is kept, what the chronology and the clocks learn of it."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import transaction
from django.db.utils import Error
from django.utils import timezone

from teamaround.access.edits import StaleEdit
from teamaround.events.models import Event
from teamaround.notices.models import Message
from teamaround.people.actions import add_person
from teamaround.plans import actions, closing_gaps
from teamaround.plans.actions import closing as closing_actions
from teamaround.plans.closing_gaps import gaps_of
from teamaround.plans.models import Contact, Goal, Plan, PlanAction, Review
from teamaround.procedures.actions import EpisodeRefused, standing
from teamaround.procedures.follow_ups import Agreed
from teamaround.procedures.format import load, shipped_text
from teamaround.procedures.models import Clock
from teamaround.tasks.actions import Owner
from teamaround.tasks.models import Task


def today(days: int = 0) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=days)


def test_an_episode_has_one_live_plan_about_its_family(cast: Any, case: Any) -> None:
    with cast.as_(cast.yasmin) as me:
        first = actions.start_plan(by=me, episode=case.load())
        assert actions.start_plan(by=me, episode=case.load()).pk == first.pk
        assert first.subject_id == case.family


def test_a_plan_without_a_family_is_about_the_child_alone(cast: Any, lone_case: Any) -> None:
    with cast.as_(cast.yasmin) as me:
        plan = actions.start_plan(by=me, episode=lone_case.load())
        assert plan.subject_id == lone_case.child
        with pytest.raises(actions.PlanRefused, match="in the family"):
            actions.add_goal(
                by=me,
                plan=plan,
                subject=add_person(by=me, team=cast.yasmin.team.pk, given="Ama", family_name="Boa").pk,
                words="Something",
            )


def test_agreeing_leaves_one_occurrence_for_family_child_and_members_with_goals(
    cast: Any, case: Any, agreed: Plan
) -> None:
    with cast.as_(cast.yasmin):
        rows = Event.objects.filter(kind="plan.agreed")
        assert {row.subject_id for row in rows} == {case.child, case.mum, case.family}
        assert len({row.occurrence for row in rows}) == 1
        assert set(Goal.objects.values_list("state", flat=True)) == {"active"}
        assert Clock.objects.filter(episode=case.episode, key="review", stopped_at=None).exists()


def test_a_plan_is_agreed_by_somebody_about_something_and_not_tomorrow(cast: Any, case: Any) -> None:
    with cast.as_(cast.yasmin) as me:
        plan = actions.start_plan(by=me, episode=case.load())
        with pytest.raises(actions.PlanRefused, match="at least one goal"):
            actions.agree(by=me, plan=plan, version=plan.version, agreed_on=today(), members=[case.child])
        actions.add_goal(by=me, plan=plan, subject=case.child, words="Sleep")
        with pytest.raises(actions.PlanRefused, match="who agreed"):
            actions.agree(by=me, plan=plan, version=plan.version, agreed_on=today())
        with pytest.raises(actions.PlanRefused, match="future"):
            actions.agree(by=me, plan=plan, version=plan.version, agreed_on=today(1), members=[case.child])


def test_an_action_is_about_the_goals_own_subject_and_reaches_whoever_owes_it(
    cast: Any, case: Any, plan: Plan
) -> None:
    with cast.as_(cast.yasmin) as me:
        goal = Goal.objects.get(subject_id=case.child)
        made = actions.add_action(
            by=me,
            goal=goal,
            title="Find a place in the team",
            owner=Owner(practitioner=cast.tom.practitioner.pk, team=cast.tom.team.pk),
            due_on=today(14),
        )
        assert made.subject_id == made.task.subject_id == case.child
    with cast.as_(cast.tom):
        assert Task.objects.get(pk=made.task_id).title == "Find a place in the team"
        assert not PlanAction.objects.exists()
        assert not Goal.objects.exists()


def test_the_database_refuses_an_action_about_somebody_else_than_the_goal(
    cast: Any, case: Any, plan: Plan
) -> None:
    with cast.as_(cast.yasmin) as me:
        goal = Goal.objects.get(subject_id=case.mum)
        made = actions.add_action(
            by=me, goal=goal, title="See the doctor", owner=Owner(words="Efua"), due_on=today(7)
        )
    with pytest.raises(Error), cast.as_(cast.yasmin), transaction.atomic():
        PlanAction.objects.create(
            subject_id=case.child, category="plan", author_team=cast.yasmin.team, goal=goal, task=made.task
        )


def test_the_same_form_sent_twice_adds_one_goal_one_action_and_one_contact(
    cast: Any, case: Any, plan: Plan
) -> None:
    once = uuid.uuid4()
    with cast.as_(cast.yasmin) as me:
        for _ in range(2):
            goal = actions.add_goal(by=me, plan=plan, subject=case.child, words="Sleep", uuid=once)
        for _ in range(2):
            actions.add_action(
                by=me, goal=goal, title="A lamp", owner=Owner(words="Nan"), due_on=today(3), uuid=once
            )
        for _ in range(2):
            actions.record_contact(
                by=me, episode=case.load(), kind="call", happened_at=timezone.now(), notes="Rang", uuid=once
            )
        assert Goal.objects.filter(words="Sleep").count() == 1
        assert Task.objects.filter(title="A lamp").count() == 1
        assert Contact.objects.count() == 1
        assert Event.objects.filter(kind="contact.recorded", subject_id=case.child).count() == 1


def test_a_visit_stops_its_clocks_and_keeps_the_notes_out_of_the_chronology(cast: Any, case: Any) -> None:
    with cast.as_(cast.yasmin) as me:
        then = timezone.now() - dt.timedelta(days=2)
        contact = actions.record_contact(
            by=me,
            episode=case.load(),
            kind="visit",
            happened_at=then,
            place="home",
            seen=[case.child, case.mum],
            seen_alone="yes",
            child_words="I like it here",
            notes="Kitchen is warm",
        )
        contact.refresh_from_db()
        assert contact.is_late
        rows = Event.objects.filter(kind="visit.made")
        assert {row.subject_id for row in rows} == {case.child, case.mum, case.family}
        assert {row.occurrence for row in rows} == {contact.occurrence}
        assert all(not hasattr(row, "note") for row in rows)


@pytest.mark.parametrize(
    ("days", "words"), [(1, "future"), (-800, "more than a year before"), (0, "few words")]
)
def test_a_contact_at_an_impossible_time_or_without_words_is_refused(
    cast: Any, case: Any, days: int, words: str
) -> None:
    with cast.as_(cast.yasmin) as me, pytest.raises(actions.PlanRefused, match=words):
        actions.record_contact(
            by=me,
            episode=case.load(),
            kind="call",
            happened_at=timezone.now() + dt.timedelta(days=days),
            notes="" if days == 0 else "Rang",
        )


def review_of(me: Any, case: Any, plan: Plan, **changes: Any) -> Review:
    goals = {goal.subject_id: goal.pk for goal in plan.goals.all()}
    given: dict[str, Any] = {
        "held_on": today(),
        "views": {case.child: "Better", case.mum: "I am less tired"},
        "progress": [
            actions.GoalProgress(goals[case.family], "better", "Three Sundays"),
            actions.GoalProgress(goals[case.child], "achieved", "He plays"),
            actions.GoalProgress(goals[case.mum], "same"),
        ],
        "risks": "None",
        "service_right": "yes",
        "next_review_on": today(14),
        **changes,
    }
    return actions.review(by=me, plan=plan, version=plan.version, **given)


def test_a_review_keeps_each_members_view_and_ends_what_was_achieved(
    cast: Any, case: Any, agreed: Plan
) -> None:
    with cast.as_(cast.yasmin) as me:
        made = review_of(me, case, agreed)
        assert {view.subject_id for view in made.views.all()} == {case.child, case.mum}
        assert Goal.objects.get(subject_id=case.child).state == "achieved"
        assert Plan.objects.get(pk=agreed.pk).next_review_on == today(14)
        assert Event.objects.filter(kind="plan.reviewed").count() == 3


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"held_on": today(1)}, "future"),
        ({"held_on": today(-30)}, "before the plan was agreed"),
        ({"next_review_on": None}, "next review"),
        ({"next_review_on": today()}, "after this one"),
        ({"service_right": "change"}, "needs to change"),
    ],
)
def test_a_review_that_cannot_be_is_refused(
    cast: Any, case: Any, agreed: Plan, changes: dict[str, Any], words: str
) -> None:
    with cast.as_(cast.yasmin) as me, pytest.raises(actions.PlanRefused, match=words):
        review_of(me, case, agreed, **changes)


def test_two_reviews_of_one_page_are_one_review(cast: Any, case: Any, agreed: Plan) -> None:
    with cast.as_(cast.yasmin) as me:
        seen = agreed.version
        review_of(me, case, agreed)
        agreed.version = seen
        with pytest.raises(StaleEdit):
            review_of(me, case, agreed)
        assert Review.objects.count() == 1


def test_a_case_closes_once_outcomes_lead_and_views_are_recorded(cast: Any, case: Any, agreed: Plan) -> None:
    with cast.as_(cast.yasmin) as me:
        episode = case.load()
        with pytest.raises(EpisodeRefused, match="Before closing"):
            actions.close_case(by=me, episode=episode, version=episode.version)
        assert Plan.objects.get(pk=agreed.pk).state == "active"
        review_of(me, case, agreed, next_review_on=None, is_final=True)
        first = actions.record_outcomes(
            by=me, episode=episode, version=0, areas={"school": "yes"}, achieved="partly", why="He goes daily"
        )
        second = actions.record_stepdown(
            by=me,
            episode=episode,
            version=first.version,
            lead=Owner(practitioner=cast.tom.practitioner.pk, team=cast.tom.team.pk),
            agreed_on=today(),
            who_stays="School and Nan",
            follow_ups=[Agreed(today(60))],
            exit_strategy="They ring Yasmin",
            future_contact="By the team’s telephone",
        )
        actions.record_feedback(by=me, episode=episode, version=second.version, asked_on=today())
        assert not [g for g in standing(episode).missing_gates if g.event != "episode.closed"]
        episode = case.load()
        actions.close_case(by=me, episode=episode, version=episode.version)
        assert case.load().status == "closed"
        assert Plan.objects.get(pk=agreed.pk).state == "completed"


def test_closing_without_asking_again_is_refused_where_every_family_is_asked(
    cast: Any, case: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with cast.as_(cast.yasmin) as me:
        said: dict[str, Any] = {
            "by": me,
            "episode": case.load(),
            "lead": Owner(words="Nan"),
            "agreed_on": today(),
            "who_stays": "School",
            "exit_strategy": "They ring Nan",
            "future_contact": "By telephone",
        }
        before = actions.record_stepdown(version=0, no_follow_up="They asked us not to", **said)
        assert not any(gap.missing for gap in gaps_of(case.load(), before))
        text = shipped_text("stockport-families-first")
        must = load(text.replace("  - key: follow-up\n", "  - key: follow-up\n    must: yes\n"))
        for module in (closing_actions, closing_gaps):
            monkeypatch.setattr(module, "procedure_of", lambda _version: must)
        with pytest.raises(actions.PlanRefused, match="Agree a day") as refused:
            actions.record_stepdown(version=before.version, no_follow_up="They asked us not to", **said)
        assert refused.value.field == "asks_after"
        # Agreed before the procedure said so: closing waits for a day.
        assert [gap.missing for gap in gaps_of(case.load(), before)] == [True, False, False]
        now = actions.record_stepdown(version=before.version, follow_ups=[Agreed(today(60))], **said)
        assert not any(gap.missing for gap in gaps_of(case.load(), now))


def test_a_part_recorded_again_is_put_right_without_a_second_event(cast: Any, case: Any) -> None:
    with cast.as_(cast.yasmin) as me:
        episode = case.load()
        closing = actions.record_outcomes(
            by=me, episode=episode, version=0, areas={"school": "no"}, achieved="no", why="Moved away"
        )
        with pytest.raises(StaleEdit):
            actions.record_outcomes(
                by=me, episode=episode, version=closing.version + 1, areas={}, achieved="no", why="x"
            )
        actions.record_outcomes(
            by=me,
            episode=episode,
            version=closing.version,
            areas={"school": "partly", "health": "yes"},
            achieved="partly",
            why="Came back",
        )
        assert dict(closing.outcomes.values_list("area", "achieved")) == {"school": "partly", "health": "yes"}
        assert Event.objects.filter(kind="outcome.recorded", subject_id=case.child).count() == 1


def test_a_plan_that_has_ended_takes_no_more_goals(cast: Any, case: Any, plan: Plan) -> None:
    with cast.as_(cast.yasmin) as me:
        Plan.objects.filter(pk=plan.pk).update(state="revoked")
        with pytest.raises(actions.PlanRefused, match="has ended"):
            actions.add_goal(by=me, plan=plan, subject=case.child, words="Late")


def test_those_who_owe_an_action_are_told_that_the_plan_was_agreed_and_nothing_of_it(
    cast: Any, case: Any, plan: Plan
) -> None:
    with cast.as_(cast.yasmin) as me:
        goal = plan.goals.order_by("pk")[0]
        due = timezone.localdate() + dt.timedelta(days=5)
        for owner in (Owner(team=cast.tom.team.pk), Owner(cast.yasmin.practitioner.pk, me.team.team)):
            actions.add_action(by=me, goal=goal, title="Ring the club", owner=owner, due_on=due)
        before = Message.objects.count()
        actions.agree(
            by=me, plan=plan, version=plan.version, agreed_on=timezone.localdate(), members=[case.child]
        )
        (told,) = Message.objects.order_by("pk")[before:]
        assert (told.address, told.subject_line) == ("tom@northmoor.example", "A plan has been agreed")
        assert not {"Kofi", "Osei", "club", str(plan.uuid)} & set(told.body.replace("/", " ").split())
