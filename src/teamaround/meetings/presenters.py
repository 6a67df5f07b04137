"""What the templates of meetings read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.me import Me
from teamaround.people.models import Person
from teamaround.people.presenters import life_line
from teamaround.rota.calendars import local
from teamaround.tasks.models import Task, TaskState
from teamaround.ui.components import Identity, SummaryRow, Tag
from teamaround.ui.presentation import uk_date, uk_datetime, uk_day, uk_time

from .amending import amendments_of
from .loaders import Said
from .models import InvitationAnswer, Meeting, MeetingInvitation, MeetingReply, MeetingState
from .times import Busy, suggest

_ANSWERS = {
    InvitationAnswer.NEEDS_ACTION: Tag("No answer yet", "grey"),
    InvitationAnswer.ACCEPTED: Tag("Comes", "green"),
    InvitationAnswer.DECLINED: Tag("Cannot come", "orange"),
    InvitationAnswer.DEPUTY: Tag("Sends a deputy", "teal"),
    InvitationAnswer.REPORT: Tag("Sends a report", "blue"),
}


def page(name: str, *args: object) -> str:
    """The address of a page; empty where there is none."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def when(starts_at: dt.datetime) -> str:
    """A day and a time in words."""
    return f"{uk_day(starts_at)}, {uk_time(starts_at)}"


def state_tag(meeting: Meeting) -> Tag:
    """Where a meeting stands. One whose time has passed waits for its minutes."""
    if meeting.state == MeetingState.CANCELLED:
        return Tag(_("Cancelled"), "grey")
    if meeting.state == MeetingState.FULFILLED:
        return Tag(_("Held"), "green")
    if meeting.starts_at < timezone.now():
        return Tag(_("Not yet recorded"), "orange")
    return Tag(_("Booked"), "blue")


@dataclass(frozen=True, slots=True)
class ListedMeeting:
    """One line of the list of meetings."""

    url: str
    when: str
    title: str
    about: str
    called_by: str
    place: str
    tag: Tag


def listed(meeting: Meeting, me: Me) -> ListedMeeting:
    """A meeting as a line of the list."""
    return ListedMeeting(
        reverse("meetings:detail", args=[meeting.uuid]),
        when(meeting.starts_at),
        meeting.title,
        meeting.about,
        _("Your team") if meeting.author_team_id in me.teams else meeting.author_team.name,
        meeting.place,
        state_tag(meeting),
    )


@dataclass(frozen=True, slots=True)
class ShownInvitation:
    """Somebody invited, and what they answered."""

    name: str
    agency: str
    answer: Tag
    words: str
    answer_url: str
    answer_text: str
    withdraw_url: str
    version: int
    ours: bool


def shown_invitation(
    row: MeetingInvitation, meeting: Meeting, me: Me, reply: MeetingReply | None
) -> ShownInvitation:
    """An invitation, with what I may do about it."""
    ours = row.invited_team_id in me.teams
    calling = meeting.author_team_id in me.teams
    open_ = meeting.state == MeetingState.BOOKED
    answer_url = reverse("meetings:answer", args=[row.uuid]) if open_ and (ours or calling) else ""
    answered = row.answer != InvitationAnswer.NEEDS_ACTION
    return ShownInvitation(
        row.name,
        row.invited_team.agency.name if row.invited_team else _("Family"),
        _ANSWERS[InvitationAnswer(row.answer)] if answered or open_ else Tag(_("Did not answer"), "grey"),
        reply.words if reply else "",
        answer_url,
        (_("Change") if answered else _("Answer"))
        if ours
        else (_("Change") if answered else _("Record an answer")),
        reverse("meetings:withdraw", args=[row.uuid]) if open_ and calling else "",
        row.version,
        ours,
    )


@dataclass(frozen=True, slots=True)
class Attended:
    """Somebody who was invited to a meeting that was held, or came without."""

    name: str
    agency: str
    came: Tag
    answer: Tag | None
    words: str
    ours: bool


def attended(
    said: Said, invitations: Sequence[MeetingInvitation], shown: Sequence[ShownInvitation]
) -> list[Attended]:
    """Who came, as the minutes say: those invited in their order, then everybody else who came."""
    came = {each.invitation_id: each.came for each in said.attendances if each.invitation_id is not None}
    rows = [
        Attended(line.name, line.agency, _came(came.get(row.pk)), line.answer, line.words, line.ours)
        for row, line in zip(invitations, shown, strict=True)
    ]
    others = [each for each in said.attendances if each.invitation_id is None]
    return rows + [Attended(each.words, "", _came(each.came), None, "", False) for each in others]


def _came(came: bool | None) -> Tag:
    if came is None:
        return Tag(_("Not recorded"), "grey")
    return Tag(_("Came"), "green") if came else Tag(_("Did not come"), "orange")


@dataclass(frozen=True, slots=True)
class ShownTask:
    """An action taken on at the meeting."""

    title: str
    owner: str
    due: str
    tag: Tag


def shown_task(task: Task) -> ShownTask:
    """An action, late ones said to be so."""
    late = task.is_open and task.due_on is not None and task.due_on < timezone.localdate()
    tags = {
        TaskState.COMPLETED: Tag(_("Done"), "green"),
        TaskState.CANCELLED: Tag(_("Not needed"), "grey"),
    }
    tag = tags.get(TaskState(task.state), Tag(_("Late"), "red") if late else Tag(_("To do"), "blue"))
    return ShownTask(task.title, task.owner_name, uk_date(task.due_on), tag)


@dataclass(frozen=True, slots=True)
class Voice:
    """Somebody's views in their own words."""

    whose: str
    text: str


@dataclass(frozen=True, slots=True)
class ShownAmendment:
    """That the minutes were amended: when, by whom and why."""

    when: str
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class ShownMinutes:
    """The minutes as they read."""

    held: str
    late: str
    views: Sequence[Voice]
    views_missing: str
    came: Sequence[str]
    absent: Sequence[str]
    decisions: Sequence[str]
    dissent: str
    tasks: Sequence[ShownTask]
    notes: str
    next_on: str
    paragraphs: Sequence[str] = ()
    withheld: bool = False
    amended: Sequence[ShownAmendment] = ()
    earlier_url: str = ""


def shown_minutes(said: Said, *, withheld: bool = False) -> ShownMinutes:
    """The minutes; ones written down later than the day after say so, and that a part is `withheld`."""
    minutes = said.minutes
    late = minutes.recorded_at - minutes.held_at > dt.timedelta(days=1)
    return ShownMinutes(
        when(minutes.held_at),
        _("Recorded later, on %(day)s") % {"day": uk_date(minutes.recorded_at)} if late else "",
        [Voice(view.whose, view.text) for view in said.views],
        minutes.views_missing,
        [each.words for each in said.attendances if each.came],
        [each.words for each in said.attendances if not each.came],
        [each.text for each in said.decisions],
        minutes.dissent,
        [shown_task(task) for task in said.tasks],
        minutes.notes,
        uk_date(minutes.next_on),
        [each.text for each in said.lines],
        withheld,
        [
            ShownAmendment(uk_datetime(each.at), each.by, each.why)
            for each in (amendments_of(minutes) if minutes.version > 1 else ())
        ],
        page("meetings:earlier", minutes.meeting.uuid) if minutes.version > 1 else "",
    )


def suggested(busy: Sequence[Busy], child: str) -> dict[str, object]:
    """Times that suit the child, each with the address that fills it in; and when the family has something else."""
    here = [
        timezone.localtime(each) for each in suggest(busy, today=timezone.localdate(), terms=local().terms)
    ]
    return {
        "child": child,
        "suggested": [(when(each), f"?on={each:%Y-%m-%d}&at={each:%H:%M}") for each in here],
        "busy": [(when(each.starts_at), each.title or _("Busy")) for each in busy],
    }


def facts(meeting: Meeting) -> list[SummaryRow]:
    """When, where, why and who calls."""
    team = meeting.author_team
    called = f"{team.name}, {team.agency.name}"
    rows = [
        SummaryRow(_("When"), when(meeting.starts_at)),
        SummaryRow(_("Where"), meeting.place),
        SummaryRow(_("Purpose"), meeting.purpose),
        SummaryRow(_("Called by"), [called, team.phone] if team.phone else called),
    ]
    if meeting.cancelled_reason:
        rows.append(SummaryRow(_("Why it was cancelled"), meeting.cancelled_reason))
    return rows


def identity_of(meeting: Meeting) -> Identity:
    """Whom a meeting from `read_whole` is about; a link to the record where I may open it."""
    person: Person | None = getattr(meeting.subject, "person", None)
    if person is None:
        return Identity(meeting.about)
    return Identity(person.name, life_line(person), page("desk:person", person.uuid))
