"""The kinds of notice. None names a person or says anything of a case: an inbox is not a safe place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NoticeKind:
    """One kind of notice: its key, the subject line, and the sentence before the link."""

    key: str
    subject_line: str
    sentence: str


NOTICE_KINDS: dict[str, NoticeKind] = {
    kind.key: kind
    for kind in (
        NoticeKind("referral.received", "A referral has arrived", "Your team has received a referral."),
        NoticeKind("referral.news", "News on a referral", "There is news on a referral you sent."),
        NoticeKind(
            "referral.answered", "A referrer has answered", "There is an answer on a referral to your team."
        ),
        NoticeKind("case.allocated", "Work has been given to you", "You have been named for some work."),
        NoticeKind(
            "case.stagnated",
            "A panel asks you to look at a case",
            "A panel asks the managers of your team to look at a case that has stood still.",
        ),
        NoticeKind("task.given", "You have an action to do", "An action has been given to you or your team."),
        NoticeKind(
            "emergency.opened",
            "A record was opened in an emergency",
            "A record was opened in an emergency. It has to be reviewed.",
        ),
        NoticeKind("family.wrote", "A family has written", "There is a message from a family."),
        NoticeKind(
            "family.decided", "A family has decided what to share", "A family has changed what may be shared."
        ),
        NoticeKind(
            "access.asked", "A team asks for access", "A team asks to see more. It waits for your answer."
        ),
        NoticeKind("access.answered", "Your request was answered", "There is an answer to what you asked."),
        NoticeKind("meeting.called", "You are invited to a meeting", "You are invited to a meeting."),
        NoticeKind("meeting.answered", "An invitation was answered", "There is an answer to an invitation."),
        NoticeKind("meeting.changed", "A meeting has changed", "The details of a meeting have changed."),
        NoticeKind(
            "meeting.recorded",
            "A meeting has been recorded",
            "A meeting to which you were invited has been recorded.",
        ),
        NoticeKind(
            "plan.agreed",
            "A plan has been agreed",
            "A plan has been agreed in which you or your team have an action.",
        ),
        NoticeKind(
            "involvement.begun",
            "Another service is involved",
            "Another service began to work with somebody your team works with.",
        ),
        NoticeKind(
            "involvement.quiet",
            "Are you still working with them?",
            "Your team is asked whether it still works with some children.",
        ),
        NoticeKind(
            "involvement.reminded",
            "Are you still working with them?",
            "Your team was asked whether it still works with some children, and has not answered for all.",
        ),
        NoticeKind(
            "involvement.ended",
            "Work with some children has ended",
            "Your team no longer shows as working with some children, because nobody confirmed it.",
        ),
        NoticeKind(
            "involvement.lapsed",
            "A service no longer shows",
            "A service no longer shows as working with a child for whom you lead.",
        ),
        NoticeKind(
            "feed.late",
            "A feed is late",
            "A feed that keeps a caseload current has been silent for longer than it should be.",
        ),
        NoticeKind(
            "clock.due_soon", "Something is due soon", "Something that you or your team owe is due soon."
        ),
        NoticeKind("clock.late", "Something is late", "Something that you or your team owe is late."),
        NoticeKind(
            "clock.duty",
            "Something falls to whoever is on duty",
            "You are on duty, and something that a colleague owes is late.",
        ),
        NoticeKind(
            "clock.still_late",
            "Something is still late",
            "Something that you or your team owe was late, and is still not done.",
        ),
        NoticeKind("meeting.cancelled", "A meeting is cancelled", "A meeting will not take place."),
    )
}
