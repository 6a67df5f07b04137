"""What the templates of this room read of a referral on its way: lists, clocks, steps, where it stands.

What the referrer wrote is in `written`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from teamaround.access.categories import Category
from teamaround.agencies.models import Practitioner, Team
from teamaround.index.actions import Found
from teamaround.index.models import Involvement, InvolvementRole
from teamaround.people.codes import Sex
from teamaround.procedures.calendars import calendar_of
from teamaround.procedures.models import Clock, EpisodeStatus, Priority
from teamaround.ui.components import Clock as ClockCard
from teamaround.ui.components import ClockState, Identity, SummaryRow, Tag, TagColour, TimelineItem
from teamaround.ui.presentation import age, near_day, uk_date, uk_time
from teamaround.workingtime import bucket, remaining

from .codes import StepKind
from .loaders import NEVER
from .models import Referral, ReferralStep
from .written import filled, team_of

_STATES: dict[str, tuple[str, TagColour]] = {
    EpisodeStatus.WAITING: (gettext_noop("Waiting"), "yellow"),
    EpisodeStatus.OPEN: (gettext_noop("Accepted"), "green"),
    EpisodeStatus.CLOSED: (gettext_noop("Closed"), "grey"),
    EpisodeStatus.DECLINED: (gettext_noop("Not accepted"), "red"),
    EpisodeStatus.REVERSED: (gettext_noop("Taken back"), "grey"),
}
_STEP_COLOURS: dict[str, TagColour] = {
    StepKind.QUESTION: "yellow",
    StepKind.ACCEPTED: "green",
    StepKind.ALLOCATED: "green",
    StepKind.DECLINED: "red",
    StepKind.WAITING: "blue",
}
_BUCKETS: dict[str, ClockState] = {"late": "late", "today": "today", "this_week": "week", "later": "later"}
_CLOCK_COLOURS: dict[ClockState, TagColour] = {
    "late": "red",
    "today": "orange",
    "week": "blue",
    "later": "grey",
}


def state_tag(referral: Referral) -> Tag:
    """The state of the referral, in words."""
    text, colour = _STATES[referral.episode.status]
    return Tag(_(text), colour)


def moment(at: dt.datetime) -> str:
    """'Today, 8:52am'."""
    return f"{near_day(at)}, {uk_time(at)}"


def child_line(referral: Referral) -> str:
    """The age, as one reads it beside the name; empty where it is not known."""
    return age(referral.date_of_birth, precision=referral.born_precision)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a list of referrals."""

    name: str
    age: str
    url: str
    team: str
    sent: str
    state: Tag
    note: str = ""
    urgent: bool = False
    unknown: bool = False


def waiting_row(referral: Referral, now: dt.datetime) -> Row:
    """A referral that waits for an answer, with the clock that falls due first."""
    due: dt.datetime = referral.due  # type: ignore[attr-defined]  # annotated by waiting_rows
    title: str = referral.due_title or ""  # type: ignore[attr-defined]  # likewise
    if due >= NEVER:
        tag, title = Tag(_("No clock runs")), ""
    else:
        calendar = calendar_of(referral.episode.procedure_id, referral.episode.author_team_id)
        tag = Tag(remaining(now, due, calendar), _CLOCK_COLOURS[_BUCKETS[bucket(now, due)]])
    return _row(referral, referral.author_team, tag, note=title, unknown=referral.subject_id is None)


def received_row(referral: Referral) -> Row:
    """A referral that was answered."""
    closed = referral.episode.closed_at
    return _row(referral, referral.author_team, state_tag(referral), note=near_day(closed) if closed else "")


def sent_row(referral: Referral, now: dt.datetime) -> Row:
    """A referral as its sender sees it: the state, and the last thing that happened."""
    kind: str = referral.last_kind or ""  # type: ignore[attr-defined]  # annotated by sent_rows
    tag = state_tag(referral)
    note = ""
    if referral.episode.status == EpisodeStatus.WAITING:
        note = waited(referral, now)
        if kind in (StepKind.QUESTION, StepKind.WAITING, StepKind.CHECKED):
            tag = Tag(_step_title(kind), _STEP_COLOURS.get(kind, "blue"))
    elif referral.episode.status == EpisodeStatus.OPEN and kind == StepKind.ALLOCATED:
        tag = Tag(_("Worker named"), "green")
    elif referral.episode.closed_at:
        note = near_day(referral.episode.closed_at)
    return _row(referral, referral.receiving_team, tag, note=note)


def _row(referral: Referral, team: Team, tag: Tag, *, note: str, unknown: bool = False) -> Row:
    return Row(
        name=referral.child,
        age=child_line(referral),
        url=reverse("referrals:detail", args=[referral.uuid]),
        team=team_of(team),
        sent=near_day(referral.recorded_at),
        state=tag,
        note=note,
        urgent=referral.episode.priority == Priority.IMMEDIATE,
        unknown=unknown,
    )


def waited(referral: Referral, now: dt.datetime) -> str:
    """How long the referral has waited, in days."""
    days = (timezone.localdate(now) - timezone.localdate(referral.episode.opened_at)).days
    if days <= 0:
        return _("Sent today")
    return ngettext("Waiting for %(n)d day", "Waiting for %(n)d days", days) % {"n": days}


def identity_of(referral: Referral, person_url: str, *, receives: bool) -> Identity:
    """The bar that names the child; whether it is matched concerns the team that receives alone."""
    born = uk_date(referral.date_of_birth, referral.born_precision)
    years = child_line(referral)
    parts = [
        _("Born %(date)s, aged %(age)s") % {"date": born, "age": years}
        if born
        else _("Date of birth not known"),
        referral.lives.school,
    ]
    tags = [Tag(_("Cares for somebody"), "purple")] if referral.cares else []
    if receives and referral.subject_id is None and referral.episode.status == EpisodeStatus.WAITING:
        tags.append(Tag(_("Not yet matched with a child in the index"), "yellow"))
    return Identity(referral.child, " · ".join(part for part in parts if part), person_url, tags=tuple(tags))


def clock_cards(referral: Referral, clocks: Sequence[Clock], now: dt.datetime) -> list[ClockCard]:
    """The running clocks of the referral, each with its reason and where to go for it."""
    calendar = calendar_of(referral.episode.procedure_id, referral.episode.author_team_id)
    cards = []
    for clock in clocks:
        left, _comma, by = remaining(now, clock.due_at, calendar).partition(", ")
        cards.append(
            ClockCard(
                clock.title,
                _way_to(referral, clock.link),
                _BUCKETS[bucket(now, clock.due_at)],
                left,
                clock.why,
                by,
                urgent=dt.timedelta(0) < clock.due_at - now < dt.timedelta(hours=2),
            )
        )
    return cards


_WAYS = {
    "contact": "plans:contact",
    "visit": "plans:contact",
    "risk": "assessments:start",
    "assess": "assessments:start",
    "meeting": "meetings:call",
    "close": "plans:close",
}


def _way_to(referral: Referral, link: str) -> str:
    """Where a clock is met: on this page, or in the room that does the work."""
    if link in _WAYS and referral.subject_id is not None:
        return address(_WAYS[link], referral.episode.uuid) or "#decide"
    return "#child" if referral.subject_id is None else "#decide"


def address(name: str, *args: Any) -> str:
    """The address of a page of another room; empty in an installation without that room."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def _step_title(kind: str) -> str:
    return _(str(StepKind(kind).label))


def timeline_of(steps: Sequence[ReferralStep]) -> list[TimelineItem]:
    """The steps as both teams read them."""
    items = []
    for step in steps:
        practitioner: Practitioner | None = getattr(step.recorded_by, "practitioner", None)
        by = f"{practitioner.name}, {step.author_team.name}" if practitioner else step.author_team.name
        title, note = _step_title(step.kind), uk_time(step.recorded_at)
        items.append(TimelineItem(title, step.recorded_at, by=by, text=step.words, note=note))
    return items


@dataclass(frozen=True, slots=True)
class Status:
    """Where the referral stands, as the referrer is told: one heading, and each step beneath it."""

    heading: str
    rows: tuple[SummaryRow, ...]
    tag: Tag


_HEADINGS = {
    EpisodeStatus.WAITING: gettext_noop("%(team)s has not answered yet"),
    EpisodeStatus.DECLINED: gettext_noop("%(team)s did not accept this referral"),
    EpisodeStatus.OPEN: gettext_noop("%(team)s accepted this referral"),
    EpisodeStatus.CLOSED: gettext_noop("%(team)s has closed this"),
    EpisodeStatus.REVERSED: gettext_noop("This referral was taken back"),
}


def status_of(referral: Referral, steps: Sequence[ReferralStep], now: dt.datetime) -> Status:
    """Received, checked, accepted or declined and why, allocated to whom, waiting how long, closed with what."""
    latest = {step.kind: step for step in reversed(_holding(steps, referral.episode.status))}
    episode = referral.episode
    in_hand = episode.status in (EpisodeStatus.WAITING, EpisodeStatus.OPEN)
    rows: list[tuple[str, str | list[str]]] = [(_("Received"), moment(referral.recorded_at))]
    if episode.status == EpisodeStatus.WAITING:
        rows.append((_("Waiting"), waited(referral, now)))
    if checked := latest.get(StepKind.CHECKED):
        rows.append((_("Checked on receipt"), moment(checked.recorded_at)))
    if accepted := latest.get(StepKind.ACCEPTED):
        rows.append((_("Accepted"), [moment(accepted.recorded_at), accepted.words]))
    if declined := latest.get(StepKind.DECLINED):
        rows.append((_("Not accepted"), [moment(declined.recorded_at), declined.words]))
    if withdrawn := latest.get(StepKind.WITHDRAWN):
        rows.append((_("Taken back"), [moment(withdrawn.recorded_at), withdrawn.words]))
    if (righted := latest.get(StepKind.PUT_RIGHT)) and in_hand:
        rows.append((_("Put right"), [moment(righted.recorded_at), righted.words]))
    if in_hand and (wait := latest.get(StepKind.WAITING)):
        rows.append((_("How long they will wait"), [wait.words, moment(wait.recorded_at)]))
    if episode.status == EpisodeStatus.OPEN:
        named = latest.get(StepKind.ALLOCATED)
        rows.append((_("Named worker"), named.words if named else _("Nobody yet")))
    if episode.closed_at:
        rows.append((_("Closed"), [uk_date(episode.closed_at), episode.outcome_for_referrer]))
    heading = _(_HEADINGS[EpisodeStatus(episode.status)]) % {"team": referral.receiving_team.name}
    return Status(heading, tuple(filled(*rows)), state_tag(referral))


def _holding(steps: Sequence[ReferralStep], status: str) -> list[ReferralStep]:
    """The steps that hold: an answer or a worker from before something was put right holds no more, save that a
    referral in hand was accepted. `steps` are the latest first."""
    put_right = next(
        (place for place, each in enumerate(steps) if each.kind == StepKind.PUT_RIGHT), len(steps)
    )
    over = {StepKind.DECLINED, StepKind.ALLOCATED}
    if status == EpisodeStatus.WAITING:
        over.add(StepKind.ACCEPTED)
    return [each for place, each in enumerate(steps) if place < put_right or each.kind not in over]


def open_question(steps: Sequence[ReferralStep]) -> ReferralStep | None:
    """The question that waits for the referrer's answer; `steps` are the latest first."""
    for step in steps:
        if step.kind == StepKind.ANSWERED:
            return None
        if step.kind == StepKind.QUESTION:
            return step
    return None


@dataclass(frozen=True, slots=True)
class Involved:
    """Who works with the child: nothing of the case. `contact_url` leads to how to reach them; empty for a sensitive
    service, of which no more is told than that it is there."""

    team: str
    role: str
    worker: str
    since: str
    contact_url: str


def involved_rows(involvements: Sequence[Involvement]) -> list[Involved]:
    """The table of who else is involved."""
    return [
        Involved(
            team_of(each.author_team),
            str(InvolvementRole(each.role).label),
            each.practitioner.name if each.practitioner else "",
            uk_date(each.since),
            reverse("desk:contact_details", args=[each.uuid]),
        )
        if each.category == Category.INDEX
        else Involved(_("A service is involved"), _("Ask the lead practitioner"), "", "", "")
        for each in involvements
    ]


def candidates(found: Sequence[Found]) -> list[tuple[str, str, str]]:
    """The answers of the search as choices: value, name, and what tells one child from another."""
    choices = []
    for each in found:
        born = uk_date(each.date_of_birth, each.born_precision)
        parts = [
            _("Born %(date)s") % {"date": born} if born else "",
            str(Sex(each.sex).label) if each.sex != "U" else "",
            each.area,
            ", ".join(each.why),
        ]
        choices.append((str(each.uuid), each.name, " · ".join(part for part in parts if part)))
    return choices
