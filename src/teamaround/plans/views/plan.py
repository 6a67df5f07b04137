"""Starting a plan, reading it, its goals and actions, agreeing and reviewing it."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from teamaround.access.categories import Category
from teamaround.access.log import shown
from teamaround.access.requests import StaffRequest, load, staff
from teamaround.agencies.roles import Permission
from teamaround.procedures.models import Episode
from teamaround.procedures.versions import procedure_of

from .. import actions
from ..actions.plan import must_be_open
from ..forms import ActionForm, AgreeForm, ChangeGoalForm, GoalForm, PlanForm, ReviewForm, StartForm
from ..links import url
from ..loaders import child_of, families_of, live_plan, names_of, people_of, plans, workers_around
from ..models import Goal, Plan
from ..pages import plan_page
from ..presenters import episode_identity
from .support import act_of, attempt, form_page, plan_form


@staff(Permission.WORK_CASES)
def start(request: StaffRequest, episode: uuid.UUID) -> HttpResponse:
    """Start a plan: for which family? An episode that has a plan leads to it."""
    case = load(request, Episode.objects.all(), uuid=episode, writable=True, act=act_of(request))
    live = live_plan(case)
    if live is not None:
        return redirect("plans:detail", live.uuid)
    names = names_of([s for s in (case.subject_id, case.family_id) if s is not None])
    if case.subject_id is None or case.family_id is not None:
        return _start_at_once(request, case, names)
    families = families_of(case.subject_id)
    child = names.get(case.subject_id, _("The child"))
    by_key = {str(family.uuid): family for family in families}
    form = StartForm(
        request.POST or None, families=[(key, family.name) for key, family in by_key.items()], child=child
    )
    made: list[Plan] = []

    def begin(typed: dict[str, str]) -> None:
        if typed["family"] == "new":
            actions.make_family(by=request.me, episode=case, name=typed["name"])
        elif typed["family"] in by_key:
            actions.choose_family(by=request.me, episode=case, family=by_key[typed["family"]].pk)
        made.append(actions.start_plan(by=request.me, episode=case))

    shown(request, [family.pk for family in families], Category.INDEX)
    status = attempt(form, begin)
    if status == 302:
        return redirect("plans:detail", made[0].uuid)
    return form_page(
        request,
        form,
        heading=_("Start a plan"),
        status=status,
        identity=episode_identity(case, names, child_of(case)),
        lead=_("A plan holds the goals of each member and of the whole family."),
        submit=_("Start the plan"),
        back_url=url("desk:case", case.uuid),
        cancel_url=url("desk:case", case.uuid),
    )


def _start_at_once(request: StaffRequest, case: Episode, names: dict[int, str]) -> HttpResponse:
    heading = _("Start a plan")
    refused = ""
    try:
        must_be_open(case)
        if request.method == "POST":
            return redirect("plans:detail", actions.start_plan(by=request.me, episode=case).uuid)
    except actions.PlanRefused as error:
        refused = str(error)
    context = {
        "heading": heading,
        "identity": episode_identity(case, names, child_of(case)),
        "refused": refused,
        "name": names.get(case.family_id or 0, ""),
        "back_url": url("desk:case", case.uuid),
        "case_url": url("desk:case", case.uuid),
    }
    return render(request, "plans/start.html", context)


@staff(Permission.WORK_CASES)
def detail(request: StaffRequest, plan: uuid.UUID) -> HttpResponse:
    """The plan: goals by member and for the whole family, actions, agreement, reviews."""
    row = load(request, plans(), uuid=plan)
    page = plan_page(request, row, members_without_goals=True)
    context = {
        "plan": page,
        "identity": page.identity,
        "episode": row.episode.uuid,
        "back_url": url("desk:case", row.episode.uuid) if page.may_write else "",
        "back_text": _("Back to the case"),
        "family_url": page.family_url if page.may_write else "",
        "may_close": request.me.may(Permission.CLOSE_CASES),
        "here": request.path,
    }
    return render(request, "plans/detail.html", context)


@staff(Permission.WORK_CASES)
def add_goal(request: StaffRequest, plan: uuid.UUID) -> HttpResponse:
    """Add a goal for one member, or for the whole family."""
    row = load(request, plans(), uuid=plan, writable=True, act=act_of(request))
    people = people_of(row.episode)
    whom = {str(person.uuid): number for number, person in people.items()}
    choices = [(key, people[number].name) for key, number in whom.items()]
    if row.subject_id not in people:
        choices.insert(0, ("family", _("The whole family")))
        whom["family"] = row.subject_id
    shown(request, people, Category.INDEX)
    form = GoalForm(request.POST or None, whom=choices)
    if request.GET.get("for") in whom:
        form.initial["for_whom"] = request.GET["for"]
    return plan_form(
        request,
        row,
        form,
        lambda typed: actions.add_goal(
            by=request.me,
            plan=row,
            subject=whom[typed["for_whom"]],
            words=typed["words"],
            why=typed["why"],
            measure=typed["measure"],
            uuid=typed["once"],
        ),
        draft="goal",
        about=row.uuid,
        said=_("The goal was added."),
        heading=_("Add a goal"),
        submit=_("Add the goal"),
    )


@staff(Permission.WORK_CASES)
def change_goal(request: StaffRequest, goal: uuid.UUID) -> HttpResponse:
    """Change a goal, or say what became of it."""
    row = load(
        request,
        Goal.objects.select_related("plan__episode"),
        uuid=goal,
        writable=True,
        act=act_of(request),
    )
    initial = {name: getattr(row, name) for name in ("words", "why", "measure", "state", "outcome")}
    form = ChangeGoalForm(request.POST or None, version=row.version, initial=initial)

    def change(typed: dict[str, str]) -> None:
        version = int(typed.pop("version"))
        actions.change_goal(by=request.me, goal=row, version=version, **typed)

    return plan_form(
        request,
        row.plan,
        form,
        change,
        draft="goal-change",
        about=row.uuid,
        said=_("The goal was changed."),
        row=row,
        heading=_("Change a goal"),
    )


@staff(Permission.WORK_CASES)
def add_action(request: StaffRequest, goal: uuid.UUID) -> HttpResponse:
    """Add an action towards a goal: who does it, and by when."""
    row = load(
        request,
        Goal.objects.select_related("plan__episode"),
        uuid=goal,
        writable=True,
        act=act_of(request),
    )
    plan = row.plan
    around = {
        plan.subject_id,
        row.subject_id,
        *([plan.episode.subject_id] if plan.episode.subject_id else []),
    }
    workers, owners = workers_around(around)
    menu = [each.title for each in procedure_of(plan.episode.procedure_id).menu]
    form = ActionForm(request.POST or None, workers=workers, owners=owners, menu=menu)
    return plan_form(
        request,
        plan,
        form,
        lambda typed: actions.add_action(
            by=request.me,
            goal=row,
            title=typed["title"],
            owner=form.chosen(),
            due_on=typed["due_on"],
            uuid=typed["once"],
        ),
        draft="action",
        about=row.uuid,
        said=_("The action was added."),
        heading=_("Add an action"),
        lead=_("Towards the goal: %(goal)s") % {"goal": row.words},
        submit=_("Add the action"),
    )


@staff(Permission.WORK_CASES)
def change(request: StaffRequest, plan: uuid.UUID) -> HttpResponse:
    """The family's own view, and the date of the next review."""
    row = load(request, plans(), uuid=plan, writable=True, act=act_of(request))
    form = PlanForm(
        request.POST or None,
        version=row.version,
        initial={"family_words": row.family_words, "next_review_on": row.next_review_on},
    )
    return plan_form(
        request,
        row,
        form,
        lambda typed: actions.change_plan(
            by=request.me,
            plan=row,
            version=typed["version"],
            family_words=typed["family_words"],
            next_review_on=typed["next_review_on"],
        ),
        draft="plan-words",
        about=row.uuid,
        said=_("The plan was changed."),
        row=row,
        heading=_("The family’s view and the next review"),
    )


@staff(Permission.WORK_CASES)
def agree(request: StaffRequest, plan: uuid.UUID) -> HttpResponse:
    """Record who agreed the plan, and when."""
    row = load(request, plans(), uuid=plan, writable=True, act=act_of(request))
    people = {str(person.uuid): person for person in people_of(row.episode).values()}
    shown(request, [person.pk for person in people.values()], Category.INDEX)
    form = AgreeForm(
        request.POST or None,
        version=row.version,
        members=[(key, person.name) for key, person in people.items()],
    )
    return plan_form(
        request,
        row,
        form,
        lambda typed: actions.agree(
            by=request.me,
            plan=row,
            version=typed["version"],
            agreed_on=typed["agreed_on"],
            members=[people[key].pk for key in typed["members"]],
            others=typed["others"],
            next_review_on=typed["next_review_on"],
        ),
        draft="agree",
        about=row.uuid,
        said=_("The plan was agreed."),
        row=row,
        heading=_("Record who agreed the plan"),
        submit=_("Record the agreement"),
    )


@staff(Permission.WORK_CASES)
def review(request: StaffRequest, plan: uuid.UUID) -> HttpResponse:
    """Review the plan with the family: views first, then goals, risks and the support itself."""
    row = load(request, plans(), uuid=plan, writable=True, act=act_of(request))
    people = {person.uuid.hex: person for person in people_of(row.episode).values()}
    goals = list(row.goals.filter(state__in=["proposed", "active"]).order_by("id"))
    names = {row.subject_id: _("The whole family")} | {each.pk: each.name for each in people.values()}
    shown(request, [each.pk for each in people.values()], Category.PLAN)
    shown(request, {goal.subject_id for goal in goals}, Category.PLAN)
    form = ReviewForm(
        request.POST or None,
        version=row.version,
        members=[(key, person.name) for key, person in people.items()],
        goals=[(goal, names.get(goal.subject_id, _("A member of the family"))) for goal in goals],
    )
    return plan_form(
        request,
        row,
        form,
        lambda typed: actions.review(
            by=request.me,
            plan=row,
            version=typed["version"],
            held_on=typed["held_on"],
            views=form.views({key: person.pk for key, person in people.items()}),
            progress=[actions.GoalProgress(goal.pk, said, words) for goal, said, words in form.progress()],
            risks=typed["risks"],
            service_right=typed["service_right"],
            service_words=typed["service_words"],
            next_review_on=typed["next_review_on"],
            is_final=typed["further"] == "no",
        ),
        draft="review",
        about=row.uuid,
        said=_("The review was recorded."),
        row=row,
        heading=_("Review the plan"),
        template="plans/review.html",
        view_fields=[form[name] for name in form.view_names],
        goal_fields=[form[name] for key in form.goals for name in (key, key.replace("goal_", "said_"))],
    )
