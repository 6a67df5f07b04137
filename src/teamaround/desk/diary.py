"""The family's diary: every agency's appointments, meetings and visits of a week, as far as the reader may see them.

What is told of load, clashes and assessments is reckoned from what the reader sees, and from nothing else.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.me import Me
from teamaround.meetings.models import InvitationAnswer, Meeting, MeetingInvitation, MeetingState
from teamaround.meetings.times import LASTS
from teamaround.plans.models import Contact, ContactKind, ContactSeen
from teamaround.tasks.models import Appointment

from .clocks import page

WEEK = dt.timedelta(days=7)
FORTNIGHT = dt.timedelta(days=14)
MANY_ASSESSMENTS = 3
FURTHEST = dt.timedelta(days=5 * 366)
MOST = 500
"""Rows read of each kind: far above what a family could keep."""


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody whose diary it is: all their records, the root first, what they are called, and their page's key."""

    records: tuple[int, ...]
    name: str
    key: uuid.UUID | None = None

    @property
    def subject(self) -> int:
        """The record that stands for them."""
        return self.records[0]


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in the diary. `people` are subjects, each by the record that stands for them."""

    what: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    title: str
    whom: str
    team: int
    place: str
    url: str
    people: tuple[int, ...]
    shown: tuple[tuple[int, str], ...]
    assessment: bool = False
    mine: bool = False
    occurrence: object = None

    def overlaps(self, other: Entry) -> bool:
        """Whether nobody could be at both."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at

    @property
    def hours(self) -> float:
        """How long it lasts, in hours."""
        return (self.ends_at - self.starts_at) / dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Week:
    """The days from a Monday to the Sunday after, in London."""

    monday: dt.date

    @property
    def begins(self) -> dt.datetime:
        """Its first moment."""
        return _midnight(self.monday)

    @property
    def ends(self) -> dt.datetime:
        """The first moment of the week after."""
        return _midnight(self.monday + WEEK)

    @property
    def days(self) -> list[dt.date]:
        """Its seven days."""
        return [self.monday + dt.timedelta(days=n) for n in range(7)]


def week_of(asked: str, *, today: dt.date) -> Week:
    """The week that an address asks for by any of its days; this week where it asks for none within five years."""
    try:
        day = dt.date.fromisoformat(asked)
    except ValueError:
        day = today
    if abs(day - today) > FURTHEST:
        day = today
    return Week(day - dt.timedelta(days=day.weekday()))


def _midnight(day: dt.date) -> dt.datetime:
    # In UTC: between two moments of one zone Python reckons by the clock on the wall.
    return timezone.make_aware(dt.datetime.combine(day, dt.time())).astimezone(dt.UTC)


@dataclass(frozen=True, slots=True)
class Diary:
    """A week of a family, with what stands around it that assessments are counted in."""

    week: Week
    entries: tuple[Entry, ...]
    around: tuple[Entry, ...] = field(default=())

    @property
    def shown(self) -> frozenset[tuple[int, str]]:
        """Each subject and category that the page tells something of."""
        return frozenset(each for entry in (*self.entries, *self.around) for each in entry.shown)


def diary_of(who: Sequence[Who], week: Week, *, me: Me, family: int | None = None) -> Diary:
    """A week of these people, and of their family as a whole. Three queries."""
    root = {record: each.subject for each in who for record in each.records}
    if family is not None:
        root[family] = family
    read = Read(root, family, me)
    # Any fortnight that touches the week counts.
    around = read.appointments(week.begins - FORTNIGHT, week.ends + FORTNIGHT)
    here = [each for each in around if each.starts_at < week.ends and each.ends_at > week.begins]
    here += read.meetings(week.begins, week.ends)
    here += [each for each in read.visits(week.begins, week.ends) if not _arranged(each, here)]
    return Diary(
        week=week,
        entries=tuple(sorted(here, key=_in_order)),
        around=tuple(sorted((each for each in around if each.assessment), key=_in_order)),
    )


def taken(
    who: Sequence[Who], starts_at: dt.datetime, ends_at: dt.datetime, *, me: Me, but: object = None
) -> list[Entry]:
    """What these people have at a time already, of what the reader may see; the occurrence `but` left out. Two
    queries."""
    read = Read({record: each.subject for each in who for record in each.records}, None, me)
    found = [*read.appointments(starts_at, ends_at), *read.meetings(starts_at, ends_at)]
    return sorted((each for each in found if but is None or each.occurrence != but), key=_in_order)


def taken_of_worker(
    worker: int, starts_at: dt.datetime, ends_at: dt.datetime, *, me: Me, but: object = None
) -> list[Entry]:
    """What a worker has at a time already, with whomever it is: appointments and meetings in their name, of what the
    reader may see; the occurrence `but` left out. Two queries."""
    read = Read({}, None, me)
    found = [
        *read.appointments(starts_at, ends_at, worker=worker),
        *read.meetings(starts_at, ends_at, worker=worker),
    ]
    return sorted((each for each in found if but is None or each.occurrence != but), key=_in_order)


def _in_order(entry: Entry) -> tuple[dt.datetime, dt.datetime, str]:
    return entry.starts_at, entry.ends_at, entry.title


def _arranged(visit: Entry, others: Iterable[Entry]) -> bool:
    """Whether the visit is that of an appointment which stands in the diary already: one day, one team, one person."""
    day = timezone.localdate(visit.starts_at)
    return any(
        each.what == "appointment"
        and each.team == visit.team
        and timezone.localdate(each.starts_at) == day
        and set(each.people) & set(visit.people)
        for each in others
    )


@dataclass(frozen=True, slots=True)
class Read:
    """Reads rows of a time as entries. `root` leads from every record to the one that stands for the person."""

    root: Mapping[int, int]
    family: int | None
    me: Me

    def appointments(
        self, after: dt.datetime, until: dt.datetime, *, worker: int | None = None
    ) -> list[Entry]:
        """Appointments that were not cancelled, with the worker where one is named; several people of one occurrence
        are one entry. One query."""
        whose = Q(subject_id__in=list(self.root)) if worker is None else Q(practitioner=worker)
        rows = (
            Appointment.objects.filter(whose)
            .standing()
            .within(after, until)
            .with_whom()
            .order_by("starts_at", "id")[:MOST]
        )
        together: dict[tuple[object, int], list[Appointment]] = {}
        for row in rows:
            together.setdefault((row.occurrence, row.author_team_id), []).append(row)
        return [self._appointment(rows) for rows in together.values()]

    def _appointment(self, rows: Sequence[Appointment]) -> Entry:
        first = rows[0]
        return Entry(
            what="appointment",
            starts_at=first.starts_at,
            ends_at=first.ends_at,
            title=first.called_as,
            whom=first.whom,
            team=first.with_team_id or first.author_team_id,
            place=first.place,
            url=page("desk:appointment", first.uuid),
            people=self._people(row.subject_id for row in rows),
            shown=tuple((row.subject_id, row.category) for row in rows),
            assessment=first.assessment,
            mine=first.author_team_id in self.me.teams,
            occurrence=first.occurrence,
        )

    def meetings(self, after: dt.datetime, until: dt.datetime, *, worker: int | None = None) -> list[Entry]:
        """Meetings to come and held, each taken to last an hour; of those invited, or else of the child; with a worker,
        those that they are asked to by name and have not refused. One query."""
        known = list(self.root)
        asked = MeetingInvitation.objects.filter(meeting=OuterRef("pk"), withdrawn_at=None)
        if worker is None:
            about = Q(subject_id__in=known) | Q(Exists(asked.filter(person_id__in=known)))
        else:
            comes = [InvitationAnswer.NEEDS_ACTION, InvitationAnswer.ACCEPTED]
            about = Q(Exists(asked.filter(practitioner=worker, answer__in=comes)))
        if self.family is not None:
            about |= Q(family_id=self.family)
        rows = (
            Meeting.objects.filter(about, state__in=[MeetingState.BOOKED, MeetingState.FULFILLED])
            .filter(starts_at__gt=after - LASTS, starts_at__lt=until)
            .select_related("author_team__agency")
            .annotate(
                invited=ArrayAgg(
                    "invitations__person_id",
                    filter=Q(invitations__person_id__in=known, invitations__withdrawn_at=None),
                    default=[],
                )
            )
            .order_by("starts_at", "id")[:MOST]
        )
        return [
            Entry(
                what="meeting",
                starts_at=row.starts_at,
                ends_at=row.starts_at + LASTS,
                title=row.title,
                whom=f"{row.author_team.name}, {row.author_team.agency.name}",
                team=row.author_team_id,
                place=row.place,
                url=page("meetings:detail", row.uuid),
                people=self._people(row.invited or [row.subject_id]),
                shown=tuple((subject, row.category) for subject in {row.subject_id, *row.invited}),
                mine=row.author_team_id in self.me.teams,
            )
            for row in rows
        ]

    def visits(self, after: dt.datetime, until: dt.datetime) -> list[Entry]:
        """Visits that were recorded, each taken to last an hour; of those seen, or else of the child. One query."""
        known = list(self.root)
        met = ContactSeen.objects.filter(contact=OuterRef("pk"), subject_id__in=known)
        rows = (
            Contact.objects.filter(Q(subject_id__in=known) | Exists(met), kind=ContactKind.VISIT)
            .filter(happened_at__gte=after, happened_at__lt=until)
            .select_related("author_team__agency")
            .annotate(
                met=ArrayAgg("seen__subject_id", filter=Q(seen__subject_id__in=known), default=[]),
            )
            .order_by("happened_at", "id")[:MOST]
        )
        return [
            Entry(
                what="visit",
                starts_at=row.happened_at,
                ends_at=row.happened_at + LASTS,
                title=_("Visit made"),
                whom=f"{row.author_team.name}, {row.author_team.agency.name}",
                team=row.author_team_id,
                place=row.where,
                url=page("plans:contact_detail", row.uuid) if row.author_team_id in self.me.teams else "",
                people=self._people(row.met or [row.subject_id]),
                shown=tuple((subject, row.category) for subject in {row.subject_id, *row.met}),
                mine=row.author_team_id in self.me.teams,
            )
            for row in rows
        ]

    def _people(self, subjects: Iterable[int]) -> tuple[int, ...]:
        return tuple(dict.fromkeys(self.root.get(subject, subject) for subject in subjects))


@dataclass(frozen=True, slots=True)
class Load:
    """How much one person has in a week."""

    subject: int
    number: int
    hours: float
    teams: int


def loads(entries: Collection[Entry], people: Iterable[int]) -> list[Load]:
    """What each of these people has, in their order; whoever has nothing is left out."""
    found = []
    for subject in people:
        own = [entry for entry in entries if subject in entry.people]
        if own:
            hours = sum(entry.hours for entry in own)
            found.append(Load(subject, len(own), hours, len({entry.whom for entry in own})))
    return found


@dataclass(frozen=True, slots=True)
class Clash:
    """Two things that one person has at the same time."""

    subject: int
    one: Entry
    other: Entry


def clashes(entries: Sequence[Entry], people: Collection[int]) -> list[Clash]:
    """Each pair of entries of one person that overlap; entries are in order."""
    found = []
    for subject in people:
        own = [entry for entry in entries if subject in entry.people]
        for at, one in enumerate(own):
            for other in own[at + 1 :]:
                if other.starts_at >= one.ends_at:
                    break
                found.append(Clash(subject, one, other))
    return found


@dataclass(frozen=True, slots=True)
class ManyAssessments:
    """Somebody is assessed again and again within a fortnight."""

    subject: int
    assessments: tuple[Entry, ...]
    days: int


def many_assessments(diary: Diary, people: Iterable[int]) -> list[ManyAssessments]:
    """Who has three assessments or more within some fourteen days that touch the week: the fullest such fortnight."""
    found = []
    for subject in people:
        own = [entry for entry in diary.around if subject in entry.people]
        best: list[Entry] = []
        for first in own:
            last = timezone.localdate(first.starts_at) + FORTNIGHT
            run = [
                each
                for each in own
                if each.starts_at >= first.starts_at and timezone.localdate(each.starts_at) < last
            ]
            touches = any(diary.week.begins <= each.starts_at < diary.week.ends for each in run)
            if touches and len(run) > len(best):
                best = run
        if len(best) >= MANY_ASSESSMENTS:
            span = timezone.localdate(best[-1].starts_at) - timezone.localdate(best[0].starts_at)
            found.append(ManyAssessments(subject, tuple(best), span.days + 1))
    return found
