"""The kinds of event that a procedure may name."""

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
)

ENDINGS = ("episode.closed", "referral.declined")
"""Events after which an episode goes on no longer."""

BEGINNINGS = ("referral.received", "referral.accepted")
"""Events by which an episode begins, or goes on again after an ending."""
