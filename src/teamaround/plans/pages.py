"""A plan gathered for its page, its print and its PDF: one place, so that all three show the same."""

from __future__ import annotations

from django.utils.translation import gettext as _

from teamaround.access.categories import Category
from teamaround.access.log import shown
from teamaround.access.requests import StaffRequest
from teamaround.ui.components import Tag

from .links import url
from .loaders import child_of, goals_with_actions, named, reviews_of
from .models import GoalState, Plan, PlanState
from .presenters import PLAN_COLOURS, PlanPage, episode_identity, groups_of, plan_rows, review_view


def plan_page(request: StaffRequest, plan: Plan, *, members_without_goals: bool) -> PlanPage:
    """Everything of the plan that this reader may see, and the log's lines for it.

    `members_without_goals` adds a heading for each member of the family, for those who write the plan.
    """
    me = request.me
    may_write = plan.author_team_id in me.teams
    goals = goals_with_actions(plan)
    reviews = reviews_of(plan)
    agreed: list[int] = list(getattr(plan, "agreed_by", ()))
    child = plan.episode.subject_id
    family = plan.subject_id if plan.subject_id != child else None
    subjects = {plan.subject_id, *(goal.subject_id for goal in goals), *agreed}
    subjects |= {view.subject_id for review in reviews for view in review.views.all()}
    all_members = members_without_goals and may_write and plan.is_live
    known = named(subjects | ({child} if child else set()), members_of=family if all_members else None)
    names = {number: each.name for number, each in known.items()}
    members = sorted(number for number, each in known.items() if each.is_member)
    shown(request, subjects, Category.PLAN)
    shown(request, [*members, *(number for number in known if number == child)], Category.INDEX)
    by_id = {goal.pk: goal for goal in goals}
    return PlanPage(
        uuid=plan.uuid,
        identity=episode_identity(plan.episode, names, child_of(plan.episode)),
        family_url=url("desk:family", known[plan.subject_id].uuid)
        if may_write and plan.subject_id in known and known[plan.subject_id].is_family
        else "",
        name=names.get(plan.subject_id, _("The family")),
        tag=Tag(plan.get_state_display(), PLAN_COLOURS[plan.state]),
        rows=plan_rows(plan, [names[each] for each in agreed if each in names]),
        family_words=plan.family_words,
        groups=groups_of(plan, goals, reviews, names, members, me),
        reviews=[review_view(review, by_id, names, plan) for review in reviews],
        is_live=plan.is_live,
        is_draft=plan.state == PlanState.DRAFT,
        may_write=may_write and plan.is_live,
        has_goals=bool(goals),
        waiting=any(goal.state == GoalState.PROPOSED for goal in goals),
        team=plan.author_team.name,
        why=_("Your team wrote this plan.")
        if may_write
        else _("%(team)s shares this plan with your team.") % {"team": plan.author_team.name},
    )
