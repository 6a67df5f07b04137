"""What the templates of this room read."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.me import Me
from teamaround.people.models import Person
from teamaround.people.presenters import life_line
from teamaround.procedures.models import Episode
from teamaround.tasks.actions import may_answer
from teamaround.tasks.models import Task, TaskState
from teamaround.ui.components import Identity, SummaryRow, Tag, TagColour
from teamaround.ui.presentation import uk_date

from .links import url
from .models import Goal, GoalState, Plan, PlanState, Progress, Review

PLAN_COLOURS: dict[str, TagColour] = {
    PlanState.DRAFT: "yellow",
    PlanState.ACTIVE: "green",
    PlanState.COMPLETED: "grey",
    PlanState.REVOKED: "grey",
}
GOAL_COLOURS: dict[str, TagColour] = {
    GoalState.PROPOSED: "yellow",
    GoalState.ACTIVE: "blue",
    GoalState.ACHIEVED: "green",
    GoalState.NOT_ACHIEVED: "orange",
    GoalState.DROPPED: "grey",
}
PROGRESS_COLOURS: dict[str, TagColour] = {
    Progress.ACHIEVED: "green",
    Progress.BETTER: "teal",
    Progress.SAME: "grey",
    Progress.WORSE: "orange",
    Progress.DROPPED: "grey",
}


@dataclass(frozen=True)
class ActionLine:
    """One action of a goal."""

    uuid: uuid.UUID
    title: str
    owner: str
    due: str
    tag: Tag
    is_open: bool
    may_answer: bool


@dataclass(frozen=True)
class GoalView:
    """One goal with its actions and the latest word on it."""

    uuid: uuid.UUID
    words: str
    why: str
    measure: str
    outcome: str
    tag: Tag
    latest: str
    actions: Sequence[ActionLine]


@dataclass(frozen=True)
class GoalGroup:
    """The goals of one member, or of the whole family."""

    name: str
    anchor: str
    goals: Sequence[GoalView]


@dataclass(frozen=True)
class ProgressLine:
    """How far one goal had come at a review."""

    goal: str
    whose: str
    tag: Tag
    words: str


@dataclass(frozen=True)
class ReviewView:
    """One review: what each member said first."""

    held_on: dt.date
    title: str
    views: Sequence[SummaryRow]
    progress: Sequence[ProgressLine]
    rows: Sequence[SummaryRow]


@dataclass(frozen=True)
class PlanPage:
    """A plan as its page, its print and its PDF show it."""

    uuid: uuid.UUID
    identity: Identity
    family_url: str
    name: str
    tag: Tag
    rows: Sequence[SummaryRow]
    family_words: str
    groups: Sequence[GoalGroup]
    reviews: Sequence[ReviewView]
    is_live: bool
    is_draft: bool
    may_write: bool
    has_goals: bool
    waiting: bool
    """Whether there is a goal that nobody agreed yet."""
    team: str
    why: str


def episode_identity(episode: Episode, names: dict[int, str], child_row: Person | None) -> Identity:
    """The bar that names whom an episode is about, leading to the case; `child_row` is its child, where readable."""
    about = episode.family_id or episode.subject_id or 0
    child = names.get(episode.subject_id or 0, "")
    name = names.get(about, child)
    parts = [
        _("Case of %(child)s") % {"child": child} if child and child != name else "",
        life_line(child_row) if child_row is not None and child else "",
    ]
    line = " · ".join(part for part in parts if part)
    return Identity(name or _("A child of a closed case"), line, url("desk:case", episode.uuid))


def action_line(task: Task, me: Me, today: dt.date) -> ActionLine:
    """One action; late where its date has passed."""
    late = task.is_open and task.due_on is not None and task.due_on < today
    colour: TagColour = "red" if late else "green" if task.state == TaskState.COMPLETED else "grey"
    text = _("Late") if late else task.get_state_display()
    return ActionLine(
        uuid=task.uuid,
        title=task.title,
        owner=task.owner_name,
        due=uk_date(task.due_on) if task.due_on else _("No date"),
        tag=Tag(text, "blue" if task.state == TaskState.ACCEPTED and not late else colour),
        is_open=task.is_open,
        may_answer=may_answer(me, task),
    )


def _latest(goal: Goal, reviews: Sequence[Review]) -> str:
    for review in reviews:
        for progress in review.progress.all():
            if progress.goal_id == goal.pk:
                said = progress.get_progress_display()
                return _("%(said)s at the review of %(date)s") % {
                    "said": said,
                    "date": uk_date(review.held_on),
                }
    return ""


def goal_view(goal: Goal, me: Me, reviews: Sequence[Review], today: dt.date) -> GoalView:
    return GoalView(
        uuid=goal.uuid,
        words=goal.words,
        why=goal.why,
        measure=goal.measure,
        outcome=goal.outcome,
        tag=Tag(goal.get_state_display(), GOAL_COLOURS[goal.state]),
        latest=_latest(goal, reviews),
        actions=[action_line(tied.task, me, today) for tied in goal.actions.all()],
    )


def groups_of(
    plan: Plan,
    goals: Sequence[Goal],
    reviews: Sequence[Review],
    names: dict[int, str],
    members: Iterable[int],
    me: Me,
) -> list[GoalGroup]:
    """The whole family first, then each member. `members` are shown even without a goal; others only with one."""
    today = timezone.localdate()
    found: dict[int, list[GoalView]] = {subject: [] for subject in [plan.subject_id, *members]}
    for goal in goals:
        found.setdefault(goal.subject_id, []).append(goal_view(goal, me, reviews, today))
    whole = plan.subject_id != plan.episode.subject_id
    return [
        GoalGroup(
            name=_("The whole family")
            if whole and subject == plan.subject_id
            else names.get(subject, _("A member of the family")),
            anchor=f"goals-{number}",
            goals=views,
        )
        for number, (subject, views) in enumerate(found.items(), 1)
    ]


def review_view(review: Review, goals: dict[int, Goal], names: dict[int, str], plan: Plan) -> ReviewView:
    """A review as far as the reader may see its parts."""
    rows = [SummaryRow(_("Risks and worries"), review.risks.splitlines() or [_("None written")])]
    right = _("Still right") if review.service_right == "yes" else review.get_service_right_display()
    rows.append(SummaryRow(_("Kind of support"), [right, *review.service_words.splitlines()]))
    after = uk_date(review.next_review_on) if review.next_review_on else _("None: this was the last review")
    rows.append(SummaryRow(_("Next review"), after))
    return ReviewView(
        held_on=review.held_on,
        title=_("Final review") if review.is_final else _("Review"),
        views=[
            SummaryRow(names.get(view.subject_id, _("A member of the family")), view.words.splitlines())
            for view in review.views.all()
        ],
        progress=[
            ProgressLine(
                goal=goals[each.goal_id].words,
                whose=_whose(each.subject_id, names, plan),
                tag=Tag(each.get_progress_display(), PROGRESS_COLOURS[each.progress]),
                words=each.words,
            )
            for each in review.progress.all()
            if each.goal_id in goals
        ],
        rows=rows,
    )


def _whose(subject: int, names: dict[int, str], plan: Plan) -> str:
    if subject == plan.subject_id and subject != plan.episode.subject_id:
        return _("The whole family")
    return names.get(subject, _("A member of the family"))


def plan_rows(plan: Plan, agreed: Sequence[str]) -> list[SummaryRow]:
    """The facts at the head of a plan."""
    rows = []
    if plan.agreed_on is not None:
        who = [name for name in [", ".join(agreed), plan.agreed_with] if name]
        rows.append(SummaryRow(_("Agreed"), [uk_date(plan.agreed_on), *who]))
    if plan.next_review_on is not None:
        late = plan.next_review_on < timezone.localdate() and plan.is_live
        said = uk_date(plan.next_review_on)
        rows.append(SummaryRow(_("Next review"), [said, _("This date has passed.")] if late else said))
    rows.append(SummaryRow(_("Written by"), f"{plan.author_team.name}, {plan.author_team.agency.name}"))
    return rows
