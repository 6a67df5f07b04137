"""“May I tell them?”: what a recipient may be told about somebody, by the database's own grants."""

from __future__ import annotations

import datetime as dt
import enum
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Now

from teamaround.access.categories import Category
from teamaround.access.me import Me
from teamaround.access.models import BasisKind, Grant
from teamaround.agencies.models import Membership, Practitioner, Sector, Team
from teamaround.people.models import Family, Person
from teamaround.people.one_person import Records, others_of

from .circle import MOST_TEAMS
from .models import BasisLine

TOLD = tuple(category for category in Category if category != Category.INDEX)
"""What one may ask about. That an entry exists comes with anything else."""


class Outcome(enum.StrEnum):
    """What an answer rests on: see `app.before_sharing`."""

    OPEN = "open"
    ELSEWHERE = "elsewhere"
    REFUSED = "refused"
    TAKEN_BACK = "taken_back"
    ASK_ME = "ask_me"
    RAN_OUT = "ran_out"
    LAPSED = "lapsed"
    NOT_NOW = "not_now"
    SHIELDED = "shielded"
    UNKNOWN = "unknown"


class Verdict(enum.StrEnum):
    """The answer in a word."""

    ALLOWED = "allowed"
    ASK = "ask"
    NOT_ALLOWED = "not_allowed"


_VERDICTS = {
    Outcome.OPEN: Verdict.ALLOWED,
    Outcome.ELSEWHERE: Verdict.ALLOWED,
    Outcome.REFUSED: Verdict.NOT_ALLOWED,
    Outcome.TAKEN_BACK: Verdict.NOT_ALLOWED,
    Outcome.SHIELDED: Verdict.NOT_ALLOWED,
}


@dataclass(frozen=True, slots=True)
class Said:
    """The answer for one category: `ground`, `giver`, `basis` and the days only as far as the asker may know."""

    category: Category
    outcome: Outcome
    ground: str = ""
    giver: str = ""
    basis: uuid.UUID | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None

    @property
    def verdict(self) -> Verdict:
        """Allowed, ask first, or not allowed: whatever is not known to be allowed is asked first."""
        return _VERDICTS.get(self.outcome, Verdict.ASK)


def before_sharing(*, subject: int, recipient: int | None) -> list[Said]:
    """What this team may be told about the subject now, a row for each category. One query.

    Without a recipient of the partnership nothing recorded can let them know: everything is asked first. It
    answers practitioners who work with the subject, and for a category those who may see it; to others it says
    `UNKNOWN` throughout, as where nothing is recorded.
    """
    if recipient is None:
        return [Said(category, Outcome.UNKNOWN) for category in TOLD]
    with connection.cursor() as cursor:
        cursor.execute(
            "select * from app.before_sharing(%s, %s, %s)",
            [subject, recipient, [str(category) for category in TOLD]],
        )
        found = {row[0]: row for row in cursor.fetchall()}
    answers = []
    for category in TOLD:
        _category, outcome, ground, giver, basis, since, until = found[category]
        answers.append(Said(category, Outcome(outcome), ground, giver, basis, since, until))
    return answers


@dataclass(frozen=True, slots=True)
class AtWork:
    """A team at work with one of the subjects, as far as I may see; `worker` and `phone` may be empty."""

    subject: int
    team: int
    lead: bool
    worker: str
    team_name: str
    phone: str


def _nobody(subjects: Sequence[int]) -> list[AtWork]:
    return []


class TeamsAtWork:
    """Who works with some subjects, leads first. The index, a floor above, says how to find out. One query."""

    find: Callable[[Sequence[int]], list[AtWork]] = staticmethod(_nobody)


@dataclass(frozen=True, slots=True)
class Recipient:
    """A team that one may want to tell something."""

    team: int
    slug: str
    name: str
    sector: str
    involved: bool


def recipients_for(me: Me, subjects: Sequence[int], at_work: Sequence[AtWork]) -> list[Recipient]:
    """The other teams of the partnership, those at work with the subjects first. One query.

    A sensitive service is named to those alone whose own team recorded that it may see something: that it is
    offered would tell that it is involved.
    """
    involved = {each.team for each in at_work}
    named = BasisLine.objects.filter(author_team_id__in=me.teams, subject_id__in=subjects).values("holder_id")
    rows = (
        Team.objects.select_related("agency")
        .filter(Q(sensitivity="") | Q(pk__in=named), ended_at=None, agency__ended_at=None)
        .exclude(pk__in=me.teams)
        .order_by("agency__name", "name")[:MOST_TEAMS]
    )
    found = [
        Recipient(row.pk, row.slug, f"{row.agency.name}: {row.name}", row.agency.sector, row.pk in involved)
        for row in rows
    ]
    return sorted(found, key=lambda each: not each.involved)


def of_kind(recipients: Sequence[Recipient], sector: str) -> list[Recipient]:
    """The teams of a kind of agency: those at work with the subject, where there are any, else all."""
    found = [each for each in recipients if each.sector == sector]
    return [each for each in found if each.involved] or found


KINDS = tuple(sector for sector in Sector if sector != Sector.OTHER)
"""The kinds of agency that one may ask about without knowing the team."""


def team_at_work(me: Me, row: Person | Family, records: Records) -> int | None:
    """The team of mine that works with the subject, and so may record a decision; None where none does. One
    query, one more where records were joined."""
    working = set(
        Grant.objects.filter(
            subject_id=row.pk,
            principal_id__in=me.teams,
            basis_kind__in=[BasisKind.INVOLVEMENT, BasisKind.EPISODE],
            valid_during__contains=Now(),
        ).values_list("principal_id", flat=True)
    )
    working |= {each.author_team_id for each in (row, *others_of(records, row.pk))}
    return next((team for team in me.teams if team in working), None)


def governors() -> list[Practitioner]:
    """The information-governance leads of now. One query."""
    held = Membership.objects.current().filter(role="governance", team__ended_at=None)
    return list(
        Practitioner.objects.filter(pk__in=held.values("practitioner_id"), left_at=None).order_by("name")
    )


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to ask: a name, what they are to the subject, and a telephone number where there is one."""

    name: str
    phone: str
    lead: bool


def whom_to_ask(me: Me, at_work: Sequence[AtWork]) -> Contact | None:
    """The lead practitioner as far as I may see, else the information-governance lead. One query at most."""
    for each in at_work:
        if each.lead and each.team not in me.teams:
            return Contact(each.worker or each.team_name, each.phone, lead=True)
    for governor in governors():
        return Contact(governor.name, governor.phone, lead=False)
    return None
