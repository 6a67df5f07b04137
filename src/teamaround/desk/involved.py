"""Who is involved: workers and teams of the index; and, when asked for, how to reach them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.categories import Category
from teamaround.access.me import Me
from teamaround.index.models import EndReason, Involvement, InvolvementRole
from teamaround.people.models import Person
from teamaround.people.one_person import Records, others_of
from teamaround.ui.components import Tag
from teamaround.ui.presentation import near_day, uk_date

from .clocks import page

ROLE_TAGS = {
    InvolvementRole.LEAD: Tag("Lead practitioner", "teal"),
    InvolvementRole.WORKER: Tag("Working with them", "green"),
    InvolvementRole.SCHOOL: Tag("Their school", "blue"),
    InvolvementRole.GP: Tag("Their surgery", "blue"),
    InvolvementRole.WAITING: Tag("On the waiting list", "yellow"),
    InvolvementRole.REGISTERED: Tag("Registered", "grey"),
}


@dataclass(frozen=True, slots=True)
class Involved:
    """One team involved. `worker` is the team's name where nobody is named.

    `contact_url` leads to how to reach them, which is shown when asked for; empty where it is not told. `ended` says
    when and why it ended; empty while it runs. `asked` says that its team was asked whether it still works with them.
    """

    uuid: uuid.UUID
    subject: int
    team: int
    worker: str
    job: str
    agency: str
    team_name: str
    since: str
    last_contact: str
    asked: str
    ended: str
    tag: Tag
    lead: bool
    mine: bool
    sensitive: bool
    contact_url: str

    @property
    def service(self) -> str:
        """The agency and the team, as they are introduced to somebody."""
        return f"{self.team_name} ({self.agency})" if self.team_name != self.agency else self.agency


@dataclass(frozen=True, slots=True)
class Reach:
    """How to reach a team involved: opened by a link of its own, so that the access log says who looked."""

    worker: str
    job: str
    service: str
    phone: str
    email: str

    @property
    def mail(self) -> tuple[str, str]:
        """The address in two parts, so that a narrow column breaks it after the @."""
        name, at, place = self.email.partition("@")
        return name + at, place


MOST_ENDED = 30


def involvements_of(subjects: Collection[int], *, me: Me, today: dt.date | None = None) -> list[Involved]:
    """The involvements with these subjects that I may see and that run today; leads first, then the first to begin.
    One query."""
    today = today or timezone.localdate()
    return in_order(rows_of(subjects).filter(Q(until=None) | Q(until__gt=today)), me=me, today=today)


def rows_of(subjects: Collection[int]) -> QuerySet[Involvement]:
    """The involvements with these subjects that I may see, ended ones too, with all that a list tells of them."""
    rows = Involvement.objects.filter(subject_id__in=subjects)
    return rows.select_related("author_team__agency", "practitioner").order_by("since", "id")


def in_order(rows: Iterable[Involvement], *, me: Me, today: dt.date) -> list[Involved]:
    """Those that run: leads first, then the first to begin. Then those that ended, the last first, `MOST_ENDED` of them."""
    listed = list(rows)
    now = [_involved(row, me) for row in listed if row.until is None or row.until > today]
    over = sorted(
        ((row.until, row) for row in listed if row.until is not None and row.until <= today),
        key=lambda each: each[0],
        reverse=True,
    )
    return [
        *sorted(now, key=lambda each: not each.lead),
        *(_involved(row, me, ended_on=until) for until, row in over[:MOST_ENDED]),
    ]


def _hidden(row: Involvement, me: Me) -> bool:
    return row.category != Category.INDEX and row.author_team_id not in me.teams


def _involved(row: Involvement, me: Me, *, ended_on: dt.date | None = None) -> Involved:
    ended = _ended(row, ended_on) if ended_on is not None else ""
    if _hidden(row, me):
        return _some_service(row, ended)
    team, worker = row.author_team, row.practitioner
    working = worker is not None and worker.left_at is None
    return Involved(
        uuid=row.uuid,
        subject=row.subject_id,
        team=team.pk,
        worker=worker.name if worker is not None and working else team.name,
        job=worker.job_title if worker is not None and working else "",
        agency=team.agency.name,
        team_name=team.name,
        since=near_day(row.since),
        last_contact=near_day(row.last_contact_on) or _("Not recorded"),
        asked=_("Asked on %(day)s whether they still do") % {"day": uk_date(row.asked_on)}
        if row.asked_on and not ended
        else "",
        ended=ended,
        tag=ROLE_TAGS[InvolvementRole(row.role)],
        lead=row.role == InvolvementRole.LEAD and not ended,
        mine=team.pk in me.teams,
        sensitive=row.category != Category.INDEX,
        contact_url="" if ended else page("desk:contact_details", row.uuid),
    )


def _ended(row: Involvement, on: dt.date) -> str:
    reason = EndReason(row.end_reason)
    return near_day(on) if reason == EndReason.SAID else f"{near_day(on)}. {reason.label}"


def reach_of(row: Involvement, me: Me) -> Reach | None:
    """How to reach the team of this involvement, its worker first; None for one that does not run, and for a sensitive
    service of another team. `row` has its team, agency and worker's account read along."""
    over = row.until is not None and row.until <= timezone.localdate()
    if over or _hidden(row, me):
        return None
    team, worker = row.author_team, row.practitioner
    working = worker is not None and worker.left_at is None
    service = f"{team.agency.name}, {team.name}" if team.name != team.agency.name else team.name
    return Reach(
        worker=worker.name if worker is not None and working else team.name,
        job=worker.job_title if worker is not None and working else "",
        service=service,
        phone=(worker.phone if worker is not None and working else "") or team.phone or team.agency.phone,
        email=(worker.account.email if worker is not None and working else "") or team.email,
    )


def _some_service(row: Involvement, ended: str) -> Involved:
    """A sensitive service that the reader may know of: that it is involved, and never which or who."""
    return Involved(
        uuid=row.uuid,
        subject=row.subject_id,
        team=row.author_team_id,
        worker=_("A service is involved"),
        job="",
        agency=_("Ask the lead practitioner"),
        team_name=_("A service is involved"),
        since=_("Not told here"),
        last_contact=_("Not told here"),
        asked="",
        ended=_("Ended") if ended else "",
        tag=ROLE_TAGS[InvolvementRole.WORKER],
        lead=False,
        mine=False,
        sensitive=True,
        contact_url="",
    )


def own_involvement(rows: Sequence[Involved], team: int) -> Involved | None:
    """The involvement of that team, if one runs."""
    return next((row for row in rows if row.team == team), None)


def team_works_with(records: Collection[int], me: Me) -> bool:
    """Whether one of my teams is involved today with the subject of these records. One query."""
    return (
        Involvement.objects.filter(Q(until=None) | Q(until__gt=timezone.localdate()))
        .filter(subject_id__in=records, author_team_id__in=me.teams)
        .exists()
    )


def works_with(person: Person, records: Records, me: Me) -> bool:
    """Whether one of my teams wrote one of the person's records, or is involved with them today. Two queries at
    most, one more where records were joined."""
    written = (person, *others_of(records, person.pk))
    return any(row.author_team_id in me.teams for row in written) or team_works_with(records, me)
