"""The kinds of meeting that come with the product; a partnership keeps its own in `MeetingType`."""

from __future__ import annotations

from dataclasses import dataclass


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
