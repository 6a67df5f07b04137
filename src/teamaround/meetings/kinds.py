"""The kinds of meeting that come with the product; a partnership keeps its own in `MeetingType`."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models


@dataclass(frozen=True, slots=True)
class MeetingKind:
    """A kind of meeting: its key, its title, and who is usually invited, in words for the form."""

    key: str
    title: str
    usually: str


MEETING_KINDS: dict[str, MeetingKind] = {
    kind.key: kind
    for kind in (
        MeetingKind(
            "team-around",
            "Team around the child and family",
            "The child, the family, and everybody who works with them, services for adults included.",
        ),
        MeetingKind(
            "eligibility",
            "Eligibility meeting",
            "The team that was asked, the referrer, and those who know the family.",
        ),
        MeetingKind(
            "family-group-conference",
            "Family group conference",
            "The wider family and friends, chosen by the family. Practitioners give information, then leave.",
        ),
        MeetingKind(
            "families-first-panel",
            "Families First panel",
            "The members of the panel, and whoever brings the case. A team manager chairs.",
        ),
        MeetingKind(
            "yes-panel",
            "YES panel",
            "The members of the panel, the young person, and whoever brings the case.",
        ),
        MeetingKind(
            "core-group",
            "Core group",
            "The child and the parents, the social worker, and those named in the protection plan.",
        ),
        MeetingKind(
            "review", "Review", "The child, the family, and everybody who has an action in the plan."
        ),
        MeetingKind(
            "closure",
            "Closure meeting",
            "The child, the family, who stays with them, and who leads after stepping down.",
        ),
    )
}


class PanelReason(models.TextChoices):
    """Why a case is before a panel."""

    ASKED = "asked", "Asked for by a worker"
    STAGNATED = "stagnated", "Nothing has happened for a while"
    SIX_MONTHS = "six_months", "Nearing six months"


class PanelOutcome(models.TextChoices):
    """What a panel makes of a case."""

    AGREED = "agreed", "Agreed"
    OTHERWISE = "otherwise", "Agreed in another way"
    NOT_AGREED = "not_agreed", "Not agreed"
    DEFERRED = "deferred", "Put off to the next sitting"


class Need(models.TextChoices):
    """What a family needs: the menu of support, by which gaps in provision are counted."""

    ONE_TO_ONE = "one_to_one", "One-to-one work and mentoring"
    COUNSELLING = "counselling", "Counselling"
    EDUCATION = "education", "Educational support"
    PARENTING = "parenting", "Parenting programmes"
    MEDIATION = "mediation", "Mediation"
    KIN = "kin", "Family group conference"
    SHORT_BREAK = "short_break", "Short breaks and respite"
    PLACEMENT = "placement", "Placement"
    MIND = "mind", "Mental health"
    PRACTICAL = "practical", "Practical help at home"
    TRANSPORT = "transport", "Transport"
    ADAPTATION = "adaptation", "Adaptations"
    ADVOCACY = "advocacy", "Advocacy"
    ACTIVITIES = "activities", "Activity groups and trips"
    OTHER = "other", "Something else"
