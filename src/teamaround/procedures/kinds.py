"""The words of procedures: kinds of event, who acts and is told, forms, links and categories.

The kinds that a procedure may name are the product's (here) and its own, which begin with `local.`.
"""

EVENT_KINDS = (
    "referral.received",
    "referral.checked",
    "referral.accepted",
    "referral.declined",
    "allocation.made",
    "contact.recorded",
    "visit.made",
    "assessment.started",
    "assessment.finished",
    "meeting.called",
    "meeting.held",
    "plan.agreed",
    "plan.reviewed",
    "safeguarding.noted",
    "outcome.recorded",
    "stepdown.agreed",
    "feedback.asked",
    "episode.closed",
    "consent.given",
    "consent.withdrawn",
    "risk.assessed",
    "need.noticed",
    "assessment.asked",
    "assessment.shared",
    "family.informed",
    "records.read",
    "eligibility.asked",
    "eligibility.decided",
    "support.offered",
    "support.ended",
    "carer.registered",
    "carer.reregistered",
    "work.paused",
    "work.resumed",
    "strategy.discussed",
    "conference.held",
    "conference.reviewed",
    "coregroup.met",
    "protection.ended",
    "care.entered",
    "care.reviewed",
    "care.ended",
    "followup.made",
    "followup.waived",
    "referral.withdrawn",
)

OWN_PREFIX = "local."
"""What the key of an event that a procedure names itself begins with."""
LONGEST_KIND = 30
"""Characters of the key of an event."""

ENDINGS = ("episode.closed", "referral.declined", "referral.withdrawn")
"""Events after which an episode goes on no longer."""

BEGINNINGS = ("referral.received", "referral.accepted")
"""Events by which an episode begins, or goes on again after an ending."""

ASKED = "followup.made"
"""That somebody asked a family how they are after closing."""
WAIVED = "followup.waived"
"""That a team agreed at closing, for a reason, that nobody asks. It ends the follow-ups that asking would stop."""

WHEN = ("immediate", "standard", "any")
WHO = ("manager", "lead_practitioner", "chair")
"""Who owes what a clock waits for."""
ACTS = (*WHO, "social_worker", "referrer")
"""Who must act in a stage."""
TOLD = (*WHO, "duty_worker", "senior_manager")
"""Who is told that something is due soon or late."""

LINKS = (
    *("contact", "check", "decide", "allocate", "risk", "assess", "visit", "meeting"),
    *("plan", "review", "outcome", "step_down", "feedback", "close", "share", "record"),
)
PLACEHOLDERS = ("started", "due", "limit")

FORMS = {
    "assessment": "assessment.finished",
    "risk": "risk.assessed",
    "plan": "plan.agreed",
    "review": "plan.reviewed",
    "consent": "consent.given",
    "outcome": "outcome.recorded",
    "feedback": "feedback.asked",
}
"""Forms that a stage may require, and the event that shows each was finished."""

CATEGORIES = (
    *("index", "identity", "referral", "assessment", "plan", "notes"),
    *("health", "education", "safeguarding", "substance", "justice", "money"),
)
"""The categories of information that an event of a procedure's own may be written under."""

OUT_OF_AREA = ("taken", "manager approves", "not taken")
