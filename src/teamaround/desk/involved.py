"""Who is involved: workers and teams of the index, and how to reach them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.categories import Category
from teamaround.access.me import Me
from teamaround.index.models import Involvement, InvolvementRole
from teamaround.people.models import Person
from teamaround.people.one_person import Records, others_of
from teamaround.ui.components import Tag
from teamaround.ui.presentation import near_day

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
    """One team involved now. `worker` is the team's name where nobody is named."""

    uuid: uuid.UUID
    subject: int
    team: int
    worker: str
    job: str
    agency: str
    team_name: str
    phone: str
    email: str
    since: str
    last_contact: str
    tag: Tag
    lead: bool
    mine: bool

    @property
    def mail(self) -> tuple[str, str]:
        """The address in two parts, so that a narrow column breaks it after the @."""
        name, at, place = self.email.partition("@")
        return name + at, place


def involvements_of(subjects: Collection[int], *, me: Me, today: dt.date | None = None) -> list[Involved]:
    """The involvements with these subjects that I may see and that run today; leads first. One query."""
    today = today or timezone.localdate()
    rows = (
        Involvement.objects.filter(Q(until=None) | Q(until__gt=today), subject_id__in=subjects)
        .select_related("author_team__agency", "practitioner__account")
        .order_by("since", "id")
    )
    return sorted((_involved(row, me) for row in rows), key=lambda each: not each.lead)


def _involved(row: Involvement, me: Me) -> Involved:
    if row.category != Category.INDEX and row.author_team_id not in me.teams:
        return _some_service(row)
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
        phone=(worker.phone if worker is not None and working else "") or team.phone or team.agency.phone,
        email=(worker.account.email if worker is not None and working else "") or team.email,
        since=near_day(row.since),
        last_contact=near_day(row.last_contact_on) or _("Not recorded"),
        tag=ROLE_TAGS[InvolvementRole(row.role)],
        lead=row.role == InvolvementRole.LEAD,
        mine=team.pk in me.teams,
    )


def _some_service(row: Involvement) -> Involved:
    """A sensitive service that the reader may know of: that it is involved, and never which or who."""
    return Involved(
        uuid=row.uuid,
        subject=row.subject_id,
        team=row.author_team_id,
        worker=_("A service is involved"),
        job="",
        agency=_("Ask the lead practitioner"),
        team_name=_("A service is involved"),
        phone="",
        email="",
        since=_("Not told here"),
        last_contact=_("Not told here"),
        tag=ROLE_TAGS[InvolvementRole.WORKER],
        lead=False,
        mine=False,
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
