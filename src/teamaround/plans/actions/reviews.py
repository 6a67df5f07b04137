"""Reviewing a plan."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from teamaround.access.categories import Category
from teamaround.access.edits import StaleEdit, update_checked
from teamaround.access.me import Me
from teamaround.procedures.actions import happened

from ..models import Goal, GoalState, Plan, PlanState, Progress, Review, ReviewProgress, ReviewView
from ..moments import moment_of
from .plan import PlanRefused, concerned, must_be_live, whom_for

ENDS = {Progress.ACHIEVED: GoalState.ACHIEVED, Progress.DROPPED: GoalState.DROPPED}


@dataclass(frozen=True, slots=True)
class GoalProgress:
    """How far one goal has come, and what is said of it."""

    goal: int
    progress: str
    words: str = ""


@transaction.atomic
def review(
    *,
    by: Me,
    plan: Plan,
    version: int,
    held_on: dt.date,
    views: Mapping[int, str],
    progress: Iterable[GoalProgress],
    risks: str,
    service_right: str,
    service_words: str = "",
    next_review_on: dt.date | None = None,
    is_final: bool = False,
) -> Review:
    """Record a review: each member's view first, progress goal by goal, risks, whether the support is right.

    `views` are words by member. A goal achieved or no longer needed ends here. Raises StaleEdit; PlanRefused
    for a plan that was never agreed, dates that cannot be, or a change of support without words.
    """
    plan = must_be_live(plan)
    if plan.version != version:
        raise StaleEdit
    _check(plan, held_on, next_review_on, is_final, service_right, service_words)
    made = Review.objects.create(
        subject_id=plan.subject_id,
        category=Category.PLAN,
        author_team_id=plan.author_team_id,
        plan=plan,
        held_on=held_on,
        risks=risks.strip(),
        service_right=service_right,
        service_words=service_words.strip(),
        next_review_on=None if is_final else next_review_on,
        is_final=is_final,
    )
    _keep_views(plan, made, views)
    _keep_progress(plan, made, list(progress))
    update_checked(plan, version=version, next_review_on=made.next_review_on)
    happened(
        by=by,
        episode=plan.episode,
        kind="plan.reviewed",
        subjects=concerned(plan),
        happened_at=moment_of(held_on),
    )
    return made


def _check(
    plan: Plan,
    held_on: dt.date,
    next_review_on: dt.date | None,
    is_final: bool,
    service_right: str,
    service_words: str,
) -> None:
    if plan.state != PlanState.ACTIVE or plan.agreed_on is None:
        raise PlanRefused("Record first who agreed the plan; then it can be reviewed.")
    if held_on > timezone.localdate():
        raise PlanRefused("The review lies in the future. Give the date on which it was held.", "held_on")
    if held_on < plan.agreed_on:
        raise PlanRefused("The review lies before the plan was agreed. Check the date.", "held_on")
    if not is_final and next_review_on is None:
        raise PlanRefused(
            "Give the date of the next review, or say that this was the last.", "next_review_on"
        )
    if not is_final and next_review_on is not None and next_review_on <= held_on:
        raise PlanRefused("The next review must be after this one.", "next_review_on")
    if service_right == "change" and not service_words.strip():
        raise PlanRefused("Say what needs to change.", "service_words")


def _keep_views(plan: Plan, made: Review, views: Mapping[int, str]) -> None:
    allowed = whom_for(plan) if views else set()
    ReviewView.objects.bulk_create(
        ReviewView(
            subject_id=member,
            category=Category.PLAN,
            author_team_id=plan.author_team_id,
            review=made,
            words=words.strip(),
        )
        for member, words in views.items()
        if words.strip() and member in allowed
    )


def _keep_progress(plan: Plan, made: Review, said: list[GoalProgress]) -> None:
    goals: dict[int, Goal] = {goal.pk: goal for goal in plan.goals.select_for_update()}
    for each in said:
        goal = goals.get(each.goal)
        if goal is None:
            raise PlanRefused("One of these goals is not in this plan. Open the page again.")
        ReviewProgress.objects.create(
            subject_id=goal.subject_id,
            category=Category.PLAN,
            author_team_id=plan.author_team_id,
            review=made,
            goal=goal,
            progress=each.progress,
            words=each.words.strip(),
        )
        ended = ENDS.get(Progress(each.progress))
        if ended is not None:
            Goal.objects.filter(pk=goal.pk).update(
                state=ended, outcome=each.words.strip(), version=F("version") + 1
            )
