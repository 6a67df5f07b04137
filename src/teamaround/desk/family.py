"""A family's page: its members, who is involved with each, what is owed and what has happened."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from teamaround.access.categories import Category
from teamaround.access.me import Me
from teamaround.index.acquaintance import look
from teamaround.people import codes
from teamaround.people.models import Family, FamilyMember, Person
from teamaround.people.one_person import Records, joined
from teamaround.sharing.why import why_of
from teamaround.ui.components import Clock, Identity
from teamaround.ui.presentation import age, uk_date

from .chronology import Chronology, chronology_of
from .clocks import CaseLine, cases_of, page
from .documents import Document, plans_and_meetings
from .hidden import Hidden, hidden_of
from .involved import Involved, involvements_of


@dataclass(frozen=True, slots=True)
class Member:
    """A member of the family whose entry I may see."""

    subject: int
    records: Records
    uuid: uuid.UUID
    name: str
    role: str
    child: bool
    lives_here: bool
    age: str
    born: str
    since: str
    source: str
    url: str
    before_url: str


@dataclass(frozen=True, slots=True)
class MemberCase:
    """A case, and which member it is about."""

    case: CaseLine
    name: str


@dataclass(frozen=True, slots=True)
class FamilyDocument:
    """A plan or a meeting to come, and whom it is about."""

    document: Document
    name: str
    meeting: bool


@dataclass(frozen=True, slots=True)
class MemberInvolved:
    """Who is involved with one member."""

    name: str
    rows: tuple[Involved, ...]


@dataclass(frozen=True, slots=True)
class FamilyPage:
    """Everything the page shows."""

    family: Family
    identity: Identity
    members: tuple[Member, ...]
    members_why: str
    involved: tuple[MemberInvolved, ...]
    involved_why: str
    clocks: tuple[Clock, ...]
    cases: tuple[MemberCase, ...]
    cases_why: str
    documents: tuple[FamilyDocument, ...]
    documents_why: str
    chronology: Chronology
    chronology_why: str
    shown: Mapping[int, tuple[str, ...]]
    add_url: str
    before_url: str
    hidden: Hidden


def load_family_page(family: Family, *, me: Me, before: str = "") -> FamilyPage:
    """Read the page, and note that I looked who is involved. Seven queries, however many members there are;
    one more where records of a member were joined."""
    members = members_of(family.pk)
    names = {record: member.name for member in members for record in member.records}
    everybody = [family.pk, *names]
    why = why_of(everybody)
    involved = involvements_of(everybody, me=me)
    look(by=me, subjects={row.subject for row in involved})
    own = family.author_team_id in me.teams
    cases = cases_of(everybody, teams=me.teams, names=names)
    short = {record: name.split(" ")[0] for record, name in names.items()} | {family.pk: _("the family")}
    events = chronology_of(everybody, teams=me.teams, names=short, before=before)
    documents = plans_and_meetings(everybody)
    case_categories = {case.category for case in cases.cases}
    return FamilyPage(
        family=family,
        identity=Identity(name=family.name, line=_line(members), url=page("desk:family", family.uuid)),
        members=tuple(members),
        members_why=why.section([Category.INDEX], own=own, subjects=everybody),
        involved=tuple(
            MemberInvolved(name, rows)
            for name, records in (
                *((each.name, each.records) for each in members),
                (family.name, (family.pk,)),
            )
            if (rows := tuple(row for row in involved if row.subject in records))
        ),
        involved_why=why.section([Category.INDEX], own=any(row.mine for row in involved), subjects=everybody),
        clocks=cases.clocks,
        cases=tuple(MemberCase(case, names.get(case.subject or 0, family.name)) for case in cases.cases),
        cases_why=why.section(
            case_categories, own=any(case.mine for case in cases.cases), subjects=everybody
        ),
        documents=tuple(
            FamilyDocument(each, names.get(each.subject, family.name), each.what == "meeting")
            for each in documents
        ),
        documents_why=why.section(
            sorted({each.category for each in documents}),
            own=any(each.team in me.teams for each in documents),
            subjects=everybody,
        ),
        chronology=events,
        chronology_why=why.section(events.categories, own=events.own, subjects=everybody),
        shown=_shown(everybody, events, cases.cases, documents),
        add_url=page("desk:add_member", family.uuid) if own else "",
        before_url=page("sharing:before", family.uuid),
        hidden=hidden_of(why, [family.pk], family.uuid, involved),
    )


def members_of(family: int) -> list[Member]:
    """The members of a family whose entries I may see, children first; one row each, by the record that stands for
    them. One query, one more where records of a member were joined."""
    rows = (
        FamilyMember.objects.filter(subject_id=family, until=None, voided_at=None)
        .select_related("person", "source")
        .annotate(records=joined("person_id"))
        .order_by("-lives_here", "id")
    )
    places = list(rows)
    roots = {row.records[0] for row in places if row.records[0] != row.person_id}
    people = {row.pk: row for row in Person.objects.filter(pk__in=roots)} if roots else {}
    found: dict[int, Member] = {}
    for row in places:
        root = row.records[0]
        found.setdefault(root, _member(row, people.get(root, row.person), tuple(row.records)))
    return sorted(found.values(), key=lambda member: (not member.child, not member.lives_here))


def _member(row: FamilyMember, person: Person, records: Records) -> Member:
    return Member(
        subject=person.pk,
        records=records,
        uuid=person.uuid,
        name=person.name,
        role=str(codes.FamilyRole(row.role).label),
        child=row.role == codes.FamilyRole.CHILD,
        lives_here=row.lives_here,
        age=age(person.date_of_birth, precision=person.born_precision) or _("Not known"),
        born=uk_date(person.date_of_birth, person.born_precision),
        since=uk_date(row.since),
        source=row.source.name,
        url=page("desk:person", person.uuid),
        before_url=page("sharing:before", person.uuid),
    )


def _line(members: list[Member]) -> str:
    children = sum(1 for member in members if member.child)
    adults = len(members) - children
    parts = []
    if children:
        parts.append(ngettext("%(n)d child", "%(n)d children", children) % {"n": children})
    if adults:
        parts.append(ngettext("%(n)d adult", "%(n)d adults", adults) % {"n": adults})
    return f"{_(' and ').join(parts)}." if parts else ""


def _shown(
    everybody: list[int], events: Chronology, cases: tuple[CaseLine, ...], documents: list[Document]
) -> dict[int, tuple[str, ...]]:
    """Which categories of which subjects the page shows, for the access log."""
    found: dict[int, set[str]] = {subject: {str(Category.INDEX)} for subject in everybody}
    for subject in events.subjects:
        found.setdefault(subject, set()).update(events.categories)
    for document in documents:
        found.setdefault(document.subject, set()).add(document.category)
    for case in cases:
        if case.subject in found:
            found[case.subject].add(case.category)
    return {subject: tuple(sorted(categories)) for subject, categories in found.items()}
