"""A person's page: what the reader's grants show, section by section, each with its reason."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from teamaround.access.categories import Category
from teamaround.access.me import Me
from teamaround.agencies.roles import Permission
from teamaround.people.models import Person
from teamaround.people.one_person import Records, others_of
from teamaround.people.presenters import life_line
from teamaround.sharing.cards import Card, holder_names, shield_card
from teamaround.sharing.shields import shields_of
from teamaround.sharing.why import Why, why_of
from teamaround.ui.components import Clock, Identity, Part, SummaryRow, Tag

from .around import Around, involved_and_around
from .chronology import Chronology, chronology_of
from .clocks import CaseLine, cases_of, page
from .facts import FactRow, caring_rows, fact_rows, record_of
from .hidden import Hidden, hidden_of
from .involved import Involved, own_involvement
from .joined import Joined, also_recorded, differing_rows, joined_of
from .put_right import wrong_url
from .sharing import BasisView, bases_of
from .ties import Tie, grown_up

ABOUT = ("name", "address", "identifier", "need", "school", "background")


@dataclass(frozen=True, slots=True)
class Section:
    """Facts of one section and why the reader may see them."""

    rows: tuple[SummaryRow, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Action:
    """Something that may be done from a page."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class PersonPage:
    """Everything the page shows. What is empty is left out altogether, heading and all."""

    person: Person
    heading: str
    identity: Identity
    joined: tuple[Joined, ...]
    purpose: str
    categories: tuple[str, ...]
    involved: tuple[Involved, ...]
    ended: tuple[Involved, ...]
    around: Around
    involved_why: str
    own: Involved | None
    works: bool
    begin_text: str
    clocks: tuple[Clock, ...]
    cases: tuple[CaseLine, ...]
    cases_why: str
    chronology: Chronology
    chronology_why: str
    about: Section
    caring: Section
    reasons: Section
    ties: tuple[Tie, ...]
    families: tuple[Tie, ...]
    ties_why: str
    bases: tuple[BasisView, ...]
    also_named: frozenset[int]
    consent_url: str
    emergency_url: str
    shields: tuple[Card, ...]
    actions: tuple[Action, ...]
    hidden: Hidden
    before_url: str
    decisions_url: str
    bases_why: str

    @property
    def contents(self) -> tuple[Part, ...]:
        """The parts that the page has, from the top, with the words over them."""
        parts = (
            ("involved", _("Who is involved"), True),
            ("cases", _("Referrals and cases"), self.cases),
            ("chronology", _("What has happened"), self.chronology.items or self.works),
            ("caring", _("Caring"), self.caring.rows),
            ("reasons", _("Why they need care"), self.reasons.rows),
            ("family", _("Family and relationships"), self.families or self.ties),
            ("sharing", _("Agreed about sharing"), self.bases or self.consent_url),
            ("about", _("What each agency says"), self.about.rows),
        )
        return tuple(Part(key, words) for key, words, there in parts if there)


def load_person_page(person: Person, records: Records, *, me: Me, before: str = "") -> PersonPage:
    """Read the page over all records of the person, and note that I looked who is involved. Eight queries, however much there is to show; one more where
    there is a shield, and two where records were joined."""
    why = why_of(records)
    involved, ended, around = involved_and_around(person.pk, records, me=me)
    others = others_of(records, person.pk)
    facts, ties = record_of(records)
    ties = [replace(tie, wrong_url=wrong_url(person, tie, me)) for tie in ties]
    wrong = functools.partial(_wrong, person, me)
    cases = cases_of(records, teams=me.teams)
    events = chronology_of(records, teams=me.teams, before=before)
    bases = bases_of(records, teams=me.teams)
    own = next((row for row in involved if row.mine), None)
    works = own is not None or any(row.author_team_id in me.teams for row in (person, *others))
    adult = grown_up(person.date_of_birth, person.born_precision, ties)
    return PersonPage(
        person=person,
        heading=_("Team around %(name)s") % {"name": person.given or person.name},
        identity=identity_of(person, tags=_tags(facts, cases.cases), also=also_recorded(person, others)),
        joined=tuple(joined_of(others, me=me)),
        purpose=why.purpose,
        categories=_categories(facts, ties, cases.cases, events),
        involved=tuple(involved),
        ended=tuple(ended),
        around=around,
        involved_why=why.section([Category.INDEX], own=works, subjects=records),
        own=own_involvement(involved, me.team.team) or own,
        works=works,
        begin_text=_("I am working with them") if adult else _("I am working with this child"),
        clocks=cases.clocks,
        cases=cases.cases,
        cases_why=_why(why, records, cases.cases, me),
        chronology=events,
        chronology_why=why.section(events.categories, own=events.own, subjects=records),
        about=_section(
            why,
            records,
            facts,
            me,
            [*differing_rows(person, others), *fact_rows(facts, *ABOUT, wrong=wrong)],
            ABOUT,
        ),
        caring=_section(why, records, facts, me, caring_rows(facts, wrong=wrong), ("caring",)),
        reasons=_section(why, records, facts, me, fact_rows(facts, "reason", wrong=wrong), ("reason",)),
        ties=tuple(tie for tie in ties if tie.what != "family"),
        families=tuple(tie for tie in ties if tie.what == "family"),
        ties_why=_why(why, records, ties, me),
        bases=tuple(bases),
        also_named=frozenset(
            named
            for named in (*(t.end for t in ties), *(f.names for f in facts), *(b.giver for b in bases))
            if named is not None
        ),
        consent_url=page("sharing:consent", person.uuid)
        if works and me.may(Permission.RECORD_CONSENT)
        else "",
        emergency_url=page("sharing:emergency", person.uuid) if me.may(Permission.WORK_CASES) else "",
        shields=_shields(records, me),
        actions=tuple(_actions(person, me, works=works, adult=adult, caring=not adult)),
        hidden=hidden_of(why, records, person.uuid, involved),
        before_url=page("sharing:before", person.uuid),
        decisions_url=page("sharing:decisions", person.uuid) if works else "",
        bases_why=_why_bases(bases, me),
    )


def _why_bases(bases: Iterable[BasisView], me: Me) -> str:
    """Why the decisions about sharing show: my team recorded them, or they are about what it may see."""
    own = {basis.team in me.teams for basis in bases}
    said = [_("Your own team recorded some or all of this.")] if True in own else []
    return " ".join([*said, *([_("Another team recorded what your team may see.")] if False in own else [])])


def _shields(records: Records, me: Me) -> tuple[Card, ...]:
    found = shields_of(records)
    names = holder_names(holder.holder_id for each in found for holder in each.holders.all()) if found else {}
    return tuple(shield_card(each, own=each.author_team_id in me.teams, names=names) for each in found)


def _wrong(person: Person, me: Me, row: FactRow) -> str:
    return wrong_url(person, row, me)


def identity_of(person: Person, *, tags: Iterable[Tag] = (), also: str = "") -> Identity:
    """The bar that names a person; `also` says how else they are recorded."""
    line = life_line(person)
    return Identity(
        name=person.name,
        line=f"{line}. {also}" if also else line,
        url=page("desk:person", person.uuid),
        tags=tuple(tags),
    )


def _tags(facts: Iterable[FactRow], cases: Iterable[CaseLine]) -> list[Tag]:
    tags = []
    current = [row for row in facts if row.until is None]
    if any(row.what == "caring" or (row.what == "school" and row.code in ("P", "S")) for row in current):
        tags.append(Tag(_("Young carer"), "purple"))
    if any(case.open and case.mine for case in cases):
        tags.append(Tag(_("Your team’s case"), "teal"))
    needs = [row for row in current if row.what == "need" and row.code == "interpreter"]
    tags.extend(Tag(_("Interpreter: %(words)s") % {"words": row.text}, "blue") for row in needs[:2])
    return tags


def _section(
    why: Why,
    records: Records,
    facts: Iterable[FactRow],
    me: Me,
    rows: list[SummaryRow],
    kinds: tuple[str, ...],
) -> Section:
    return Section(tuple(rows), _why(why, records, [row for row in facts if row.what in kinds], me))


def _why(why: Why, records: Records, rows: Iterable[FactRow | Tie | CaseLine], me: Me) -> str:
    listed = list(rows)
    categories = sorted({row.category for row in listed})
    return why.section(categories, own=any(row.team in me.teams for row in listed), subjects=records)


def _categories(
    facts: Iterable[FactRow], ties: Iterable[Tie], cases: Iterable[CaseLine], events: Chronology
) -> tuple[str, ...]:
    rows = (
        {row.category for row in facts} | {tie.category for tie in ties} | {case.category for case in cases}
    )
    return tuple(sorted({str(Category.INDEX), *rows, *events.categories}))


def _actions(person: Person, me: Me, *, works: bool, adult: bool, caring: bool) -> Iterable[Action]:
    refer = page("referrals:new")
    if refer and me.may(Permission.REFER):
        yield Action(_("Make a referral"), f"{refer}?person={person.uuid}")
    if not works:
        return
    yield Action(_("Make an appointment"), page("desk:appoint_person", person.uuid))
    if me.may(Permission.RECORD_CONSENT) and (consent := page("sharing:consent", person.uuid)):
        yield Action(_("Record consent"), consent)
    if me.may(Permission.WORK_CASES) and (invite := page("portal:invite", person.uuid)):
        yield Action(_("Invite to see their own information"), invite)
    if me.may(Permission.RECORD_SAFEGUARDING):
        for name, text in SHARING.items():
            yield Action(_(text), page(f"sharing:{name}", person.uuid))
    for kind, text in FACTS.items():
        if (kind == "reason" and not adult) or (kind == "caring" and not caring):
            continue
        yield Action(_(text), page("desk:add_fact", person.uuid, kind))
    yield Action(_("Add a family"), page("desk:add_family", person.uuid))
    if me.may(Permission.MERGE_RECORDS):
        yield Action(_("This may be the same person as …"), page("desk:same_as", person.uuid))


SHARING = {
    "safeguarding": "Share to keep somebody safe",
    "take_back": "They no longer want something shared",
    "put_on_agenda": "Put on a panel’s agenda",
    "shield": "Protect where they are",
}
FACTS = {
    "caring": "Add what they do as a carer",
    "name": "Add a name",
    "address": "Add an address",
    "number": "Add a number",
    "need": "Add a language or need",
    "school": "Add a school",
    "ethnicity": "Add ethnicity",
    "relationship": "Add a relationship",
    "reason": "Add why they need care",
}
