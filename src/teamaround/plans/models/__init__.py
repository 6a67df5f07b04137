"""What the room keeps: plans, contacts, closings."""

from .closing import Achieved, Closing, ClosingOutcome, OutcomeArea
from .contact import Contact, ContactKind, ContactSeen, SeenAlone
from .plan import (
    LIVE_STATES,
    Agreement,
    Goal,
    GoalState,
    Plan,
    PlanAction,
    PlanState,
    Progress,
    Review,
    ReviewProgress,
    ReviewView,
    ServiceStillRight,
)

__all__ = [
    "LIVE_STATES",
    "Achieved",
    "Agreement",
    "Closing",
    "ClosingOutcome",
    "Contact",
    "ContactKind",
    "ContactSeen",
    "Goal",
    "GoalState",
    "OutcomeArea",
    "Plan",
    "PlanAction",
    "PlanState",
    "Progress",
    "Review",
    "ReviewProgress",
    "ReviewView",
    "SeenAlone",
    "ServiceStillRight",
]
