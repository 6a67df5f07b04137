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
        Kind("referral.withdrawn", "Referral taken back by who sent it", Category.REFERRAL),
        Kind("case.stepped_up", "Step up asked for", Category.REFERRAL),
        Kind("case.stepped_down", "Step down asked for", Category.REFERRAL),
        Kind("case.transferred", "Transfer asked for", Category.REFERRAL),
        Kind("case.reopened", "Re-opening asked for", Category.REFERRAL),
        Kind("procedure.moved", "Moved to another version of the procedure", Category.REFERRAL),
        Kind("contact.recorded", "Contact", Category.NOTES),
        Kind("visit.made", "Visit", Category.NOTES),
        Kind("assessment.started", "Assessment started", Category.ASSESSMENT),
        Kind("assessment.finished", "Assessment finished", Category.ASSESSMENT),
        Kind("risk.assessed", "Risk assessed", Category.ASSESSMENT),
        Kind("meeting.called", "Meeting called", Category.PLAN),
        Kind("meeting.held", "Meeting held", Category.PLAN),
        Kind("appointment.made", "Appointment made", Category.PLAN),
        Kind("appointment.moved", "Appointment moved", Category.PLAN),
        Kind("appointment.cancelled", "Appointment cancelled", Category.PLAN),
        Kind("plan.agreed", "Plan agreed", Category.PLAN),
        Kind("plan.reviewed", "Plan reviewed", Category.PLAN),
        Kind("outcome.recorded", "Outcomes recorded", Category.PLAN),
        Kind("stepdown.agreed", "Step-down lead agreed", Category.PLAN),
        Kind("feedback.asked", "Views asked at closing", Category.PLAN),
        Kind("episode.closed", "Closed", Category.PLAN),
        Kind("need.noticed", "Caring noticed, or help asked for", Category.REFERRAL),
        Kind("assessment.asked", "Assessment asked for", Category.ASSESSMENT),
        Kind("assessment.shared", "Assessment shared with the family", Category.ASSESSMENT),
        Kind("family.informed", "Family told of the referral", Category.REFERRAL),
        Kind("records.read", "Existing records read", Category.ASSESSMENT),
        Kind("eligibility.asked", "Put to the eligibility meeting", Category.REFERRAL),
        Kind("eligibility.decided", "Eligibility decided", Category.REFERRAL),
        Kind("support.offered", "Support begun", Category.PLAN),
        Kind("support.ended", "Support ended", Category.PLAN),
        Kind("carer.registered", "Registered as a young carer", Category.REFERRAL),
        Kind("carer.reregistered", "Registered again as a young carer", Category.REFERRAL),
        Kind("work.paused", "Work paused", Category.PLAN),
        Kind("work.resumed", "Work taken up again", Category.PLAN),
        Kind("strategy.discussed", "Strategy discussion held", Category.SAFEGUARDING),
        Kind("conference.held", "Child protection conference held", Category.SAFEGUARDING),
        Kind("conference.reviewed", "Child protection review held", Category.SAFEGUARDING),
        Kind("coregroup.met", "Core group met", Category.SAFEGUARDING),
        Kind("protection.ended", "Child protection plan ended", Category.SAFEGUARDING),
        Kind("care.entered", "Became looked after", Category.SAFEGUARDING),
        Kind("care.reviewed", "Looked-after review held", Category.SAFEGUARDING),
        Kind("care.ended", "No longer looked after", Category.SAFEGUARDING),
        Kind("followup.made", "Followed up after closing", Category.NOTES),
        Kind("followup.waived", "Agreed that nobody asks after closing", Category.PLAN),
        Kind("consent.given", "Consent given", Category.IDENTITY),
        Kind("consent.withdrawn", "Consent withdrawn", Category.IDENTITY),
        Kind("family.wrote", "Message from them, by their own page", Category.NOTES),
        Kind("family.answered", "Their message answered", Category.NOTES),
        Kind("portal.invited", "Invited to see their own information", Category.IDENTITY),
        Kind("portal.opened", "Opened their own page", Category.IDENTITY),
        Kind("portal.ended", "Access to their own page ended", Category.IDENTITY),
        Kind("safeguarding.noted", "Safeguarding reason for sharing recorded", Category.SAFEGUARDING),
        Kind("duty.noted", "Shared under the legal duty", Category.SAFEGUARDING),
        Kind("vital.noted", "Shared to protect life", Category.SAFEGUARDING),
        Kind("basis.reviewed", "Reason for sharing reviewed", Category.SAFEGUARDING),
        Kind("basis.ended", "Reason for sharing ended", Category.SAFEGUARDING),
        Kind("emergency.opened", "Opened in an emergency", Category.SAFEGUARDING),
        Kind("sharing.decided", "Decision about sharing recorded", Category.IDENTITY),
        Kind("disagreement.settled", "Disagreement about sharing settled", Category.IDENTITY),
        Kind("panel.listed", "Put on a panel’s agenda", Category.PLAN),
        Kind("panel.closed", "A panel has dealt with it", Category.PLAN),
        Kind("supervision.decided", "Decision of a manager on the case", Category.PLAN),
        Kind("handover.noted", "Handover note for whoever is on duty", Category.NOTES),
        Kind("records.joined", "Two records of this person joined", Category.INDEX),
        Kind("records.parted", "Two records parted: they are not the same person", Category.INDEX),
    )
}
