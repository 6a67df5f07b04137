"""Business events of a plan, of contacts and of closing. Each records its event in its own transaction."""

from .closing import close_case, go_on, record_feedback, record_outcomes, record_stepdown
from .contacts import record_contact
from .plan import (
    PlanRefused,
    add_action,
    add_goal,
    agree,
    change_goal,
    change_plan,
    choose_family,
    make_family,
    start_plan,
)
from .reviews import GoalProgress, review

__all__ = [
    "GoalProgress",
    "PlanRefused",
    "add_action",
    "add_goal",
    "agree",
    "change_goal",
    "change_plan",
    "choose_family",
    "close_case",
    "go_on",
    "make_family",
    "record_contact",
    "record_feedback",
    "record_outcomes",
    "record_stepdown",
    "review",
    "start_plan",
]
