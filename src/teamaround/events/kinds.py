"""The kinds of event. The key is what procedures name in their files; the sentence is what chronologies show."""

from __future__ import annotations

from dataclasses import dataclass

from teamaround.access.categories import Category


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of event: its key, the words shown, and the category its rows are written under."""

    key: str
    words: str
    category: Category


KINDS: dict[str, Kind] = {
    kind.key: kind
    for kind in (
        Kind("referral.received", "Referral received", Category.REFERRAL),
        Kind("referral.checked", "Referral checked on receipt", Category.REFERRAL),
        Kind("referral.accepted", "Referral accepted", Category.REFERRAL),
        Kind("referral.declined", "Referral declined", Category.REFERRAL),
        Kind("allocation.made", "Worker allocated", Category.REFERRAL),
        Kind("contact.recorded", "Contact", Category.NOTES),
        Kind("visit.made", "Visit", Category.NOTES),
        Kind("assessment.started", "Assessment started", Category.ASSESSMENT),
        Kind("assessment.finished", "Assessment finished", Category.ASSESSMENT),
        Kind("risk.assessed", "Risk assessed", Category.ASSESSMENT),
        Kind("meeting.called", "Meeting called", Category.PLAN),
        Kind("meeting.held", "Meeting held", Category.PLAN),
        Kind("plan.agreed", "Plan agreed", Category.PLAN),
        Kind("plan.reviewed", "Plan reviewed", Category.PLAN),
        Kind("outcome.recorded", "Outcomes recorded", Category.PLAN),
        Kind("stepdown.agreed", "Step-down lead agreed", Category.PLAN),
        Kind("feedback.asked", "Views asked at closing", Category.PLAN),
        Kind("episode.closed", "Closed", Category.PLAN),
        Kind("consent.given", "Consent given", Category.IDENTITY),
        Kind("consent.withdrawn", "Consent withdrawn", Category.IDENTITY),
        Kind("safeguarding.noted", "Safeguarding reason for sharing recorded", Category.SAFEGUARDING),
    )
}
