"""Starting a plan, its goals and actions, and agreeing it."""

from __future__ import annotations

import datetime as dt
import uuid as uuids
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from teamaround.access.categories import Category
from teamaround.access.edits import StaleEdit, update_checked
from teamaround.access.me import Me
from teamaround.agencies.refusals import Refused
from teamaround.index.acquaintance import acquaint
from teamaround.index.actions import involve
from teamaround.index.models import How
from teamaround.notices.actions import members_of, notify
from teamaround.people.actions import add_family, add_member
from teamaround.people.models import FamilyMember, Person
from teamaround.procedures.actions import happened, set_family
from teamaround.procedures.models import Episode, EpisodeStatus
from teamaround.tasks.actions import Owner, add_task
from teamaround.tasks.models import Task

from ..links import url
from ..models import Agreement, Goal, GoalState, Plan, PlanAction, PlanState
from ..moments import moment_of


class PlanRefused(Refused):
    """The step cannot be taken; `field` names the form field, the message says what to do."""


def must_be_open(episode: Episode) -> Episode:
    """The episode, locked. Raises PlanRefused where it is not open or names no child."""
    episode = Episode.objects.select_for_update().get(pk=episode.pk)
    if episode.status != EpisodeStatus.OPEN or episode.subject_id is None:
        raise PlanRefused("This case is not open.")
    return episode


def must_be_live(plan: Plan) -> Plan:
    """The plan, locked. Raises PlanRefused where it has ended."""
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    if not plan.is_live:
        raise PlanRefused("This plan has ended, so it can no longer be changed.")
    return plan


@transaction.atomic
def make_family(*, by: Me, episode: Episode, name: str, role: str = "child") -> Episode:
    """Make a family with the child as its first member; the episode is for this family from now on."""
    episode = must_be_open(episode)
    if episode.family_id is not None:
        return episode
    team = episode.author_team_id
    child = child_of(episode)
    family = add_family(by=by, team=team, name=name)
    add_member(by=by, team=team, family=family.pk, person=child, role=role)
    set_family(by=by, episode=episode, family=family.pk)
    involve(by=by, team=team, subject=family.pk)
    return episode


@transaction.atomic
def choose_family(*, by: Me, episode: Episode, family: int) -> Episode:
    """Say which of the child's families the episode is for. Raises PlanRefused for any other family."""
    episode = must_be_open(episode)
    if episode.family_id is not None:
        return episode
    belongs = FamilyMember.objects.filter(
        subject_id=family, person_id=child_of(episode), until=None, voided_at=None
    )
    if not belongs.exists():
        raise PlanRefused("Choose one of the families the child belongs to.", "family")
    set_family(by=by, episode=episode, family=family)
    involve(by=by, team=episode.author_team_id, subject=family)
    return episode


def child_of(episode: Episode) -> int:
    """The child of an episode that names one."""
    assert episode.subject_id is not None, "an open episode names its child"
    return episode.subject_id


@transaction.atomic
def start_plan(*, by: Me, episode: Episode) -> Plan:
    """Start the plan of an episode: about its family, or about the child alone where there is no family.

    An episode has one live plan: started again, it is the same plan.
    """
    episode = must_be_open(episode)
    live = Plan.objects.filter(episode=episode, state__in=[PlanState.DRAFT, PlanState.ACTIVE]).first()
    if live is not None:
        return live
    return Plan.objects.create(
        subject_id=episode.family_id or child_of(episode),
        category=Category.PLAN,
        author_team_id=episode.author_team_id,
        episode=episode,
    )


@transaction.atomic
def change_plan(
    *, by: Me, plan: Plan, version: int, family_words: str, next_review_on: dt.date | None
) -> Plan:
    """Change the family's own view, or the date of the next review. Raises StaleEdit."""
    plan = must_be_live(plan)
    update_checked(plan, version=version, family_words=family_words.strip(), next_review_on=next_review_on)
    return plan


def whom_for(plan: Plan) -> set[int]:
    """The subjects a goal of this plan may be for: its own subject, and each member of the family now."""
    members = FamilyMember.objects.filter(subject_id=plan.subject_id, until=None, voided_at=None)
    child = plan.episode.subject_id
    return {plan.subject_id, *members.values_list("person_id", flat=True), *([child] if child else [])}


@transaction.atomic
def add_goal(
    *,
    by: Me,
    plan: Plan,
    subject: int,
    words: str,
    why: str = "",
    measure: str = "",
    uuid: uuids.UUID | None = None,
) -> Goal:
    """Add a goal for one member or for the whole family. Added again under the same `uuid`, it is one goal.

    Raises PlanRefused for somebody who is not in the family, or where nothing is said.
    """
    plan = must_be_live(plan)
    if uuid is not None and (existing := Goal.objects.filter(uuid=uuid).first()) is not None:
        return existing
    if subject not in whom_for(plan):
        raise PlanRefused("Choose somebody in the family, or the whole family.", "for_whom")
    if not words.strip():
        raise PlanRefused("Say what they want to be different.", "words")
    return Goal.objects.create(
        uuid=uuid or uuids.uuid4(),
        subject_id=subject,
        category=Category.PLAN,
        author_team_id=plan.author_team_id,
        plan=plan,
        words=words.strip()[:500],
        why=why.strip(),
        measure=measure.strip()[:500],
    )


@transaction.atomic
def change_goal(
    *,
    by: Me,
    goal: Goal,
    version: int,
    words: str,
    why: str = "",
    measure: str = "",
    state: str | None = None,
    outcome: str = "",
) -> Goal:
    """Change a goal, or say what became of it. Raises StaleEdit, or PlanRefused where the outcome is left out."""
    must_be_live(goal.plan)
    if not words.strip():
        raise PlanRefused("Say what they want to be different.", "words")
    state = state or goal.state
    if state in (GoalState.NOT_ACHIEVED, GoalState.DROPPED) and not outcome.strip():
        raise PlanRefused("Say why, in a few words.", "outcome")
    update_checked(
        goal,
        version=version,
        words=words.strip()[:500],
        why=why.strip(),
        measure=measure.strip()[:500],
        state=state,
        outcome=outcome.strip(),
    )
    return goal


@transaction.atomic
def add_action(
    *,
    by: Me,
    goal: Goal,
    title: str,
    owner: Owner,
    due_on: dt.date | None,
    uuid: uuids.UUID | None = None,
) -> PlanAction:
    """Add an action towards a goal: who does what, by when. Added again under the same `uuid`, it is one.

    Raises PlanRefused or TaskRefused; the team that owes it will read the action's own words.
    """
    plan = must_be_live(goal.plan)
    if due_on is None:
        raise PlanRefused("Give a date: an action without one is easily forgotten.", "due_on")
    existing = PlanAction.objects.filter(task__uuid=uuid).first() if uuid else None
    if existing is not None:
        return existing
    task = add_task(
        by=by,
        team=plan.author_team_id,
        subject=goal.subject_id,
        title=title,
        owner=owner,
        due_on=due_on,
        episode=plan.episode_id,
        uuid=uuid,
    )
    return PlanAction.objects.create(
        subject_id=goal.subject_id,
        category=Category.PLAN,
        author_team_id=plan.author_team_id,
        goal=goal,
        task=task,
    )


def concerned(plan: Plan) -> list[int]:
    """Whom the plan's events are about: its subject, the child, and each member with a goal."""
    goals = plan.goals.exclude(state=GoalState.DROPPED).order_by("id").values_list("subject_id", flat=True)
    child = plan.episode.subject_id
    return list(dict.fromkeys([plan.subject_id, *([child] if child else []), *goals]))


@transaction.atomic
def agree(
    *,
    by: Me,
    plan: Plan,
    version: int,
    agreed_on: dt.date,
    members: Iterable[int] = (),
    others: str = "",
    next_review_on: dt.date | None = None,
) -> Plan:
    """Record that the plan was agreed: by which members, and who else, on what date.

    Goals that were proposed are worked on from now. Raises StaleEdit; PlanRefused where there is no goal,
    nobody agreed, the date lies ahead or the next review lies before it.
    """
    plan = must_be_live(plan)
    if plan.version != version:
        raise StaleEdit
    wanted = list(dict.fromkeys(members))
    if not plan.goals.exists():
        raise PlanRefused("Add at least one goal before the plan is agreed.")
    if not wanted and not others.strip():
        raise PlanRefused("Say who agreed the plan.", "members")
    if agreed_on > timezone.localdate():
        raise PlanRefused("The date lies in the future. Give the date on which it was agreed.", "agreed_on")
    if next_review_on is not None and next_review_on <= agreed_on:
        raise PlanRefused("The next review must be after the plan is agreed.", "next_review_on")
    if not set(wanted) <= whom_for(plan) or not Person.objects.filter(pk__in=wanted).count() == len(wanted):
        raise PlanRefused("Choose members of the family.", "members")
    update_checked(
        plan,
        version=version,
        state=PlanState.ACTIVE,
        agreed_on=agreed_on,
        agreed_with=others.strip()[:300],
        next_review_on=next_review_on,
    )
    plan.goals.filter(state=GoalState.PROPOSED).update(state=GoalState.ACTIVE)
    said = set(plan.agreements.filter(agreed_on=agreed_on).values_list("subject_id", flat=True))
    Agreement.objects.bulk_create(
        Agreement(
            subject_id=member,
            category=Category.PLAN,
            author_team_id=plan.author_team_id,
            plan=plan,
            agreed_on=agreed_on,
        )
        for member in wanted
        if member not in said
    )
    owing = Task.objects.filter(plan_action__goal__plan=plan).values_list("owner_team_id", flat=True)
    acquaint(by=by, subject=child_of(plan.episode), teams=[plan.author_team_id, *owing], how=How.PLAN)
    happened(
        by=by,
        episode=plan.episode,
        kind="plan.agreed",
        subjects=concerned(plan),
        happened_at=moment_of(agreed_on),
    )
    _tell_owners(by, plan)
    return plan


def _tell_owners(by: Me, plan: Plan) -> None:
    """Tell whoever owes an action of the plan. The link is to their own day: not all of them may open the plan."""
    owed = Task.objects.open().filter(
        pk__in=PlanAction.objects.filter(goal__plan=plan)
        .exclude(goal__state=GoalState.DROPPED)
        .values("task")
    )
    teams = owed.filter(owner=None).exclude(owner_team=None).values_list("owner_team_id", flat=True)
    who = {*owed.exclude(owner=None).values_list("owner_id", flat=True), *members_of(teams)}
    notify(practitioners=who - {by.principal}, kind="plan.agreed", link=url("desk:my_day") or "/")
