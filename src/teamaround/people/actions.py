"""Business events about persons and families. Each fact is the acting team's own, with its agency as source."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils import timezone
from stdnum.gb import nhs, upn

from teamaround.access.categories import Category
from teamaround.access.edits import StaleEdit, update_checked
from teamaround.access.me import Me
from teamaround.access.models import Subject
from teamaround.agencies.refusals import Refused
from teamaround.ui.presentation import ApproximateDate, Precision, whole_years

from . import codes
from .models import (
    Address,
    Background,
    CareReason,
    Caring,
    Fact,
    Family,
    FamilyMember,
    Identifier,
    Need,
    Person,
    PersonName,
    Relationship,
    SchoolPlace,
)
from .readings import teach

OLDEST_YEARS = 120
ADULT_YEARS = 18


class FactRefused(Refused):
    """A fact cannot be right; `field` names the form field, the message says what to do."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message, field)


def agency_of(by: Me, team: int) -> int:
    """The agency of one of my teams. Raises LookupError where I am not in the team."""
    for seat in by.seats:
        if seat.team == team:
            return seat.agency
    raise LookupError("not a member of this team")


def _stated(by: Me, team: int, subject: int, category: str, since: dt.date | None = None) -> dict[str, Any]:
    """What every fact carries: about whom, what kind it is, which team of which agency says it, since when."""
    return {
        "subject_id": subject,
        "category": category,
        "author_team_id": team,
        "source_id": agency_of(by, team),
        "since": since or timezone.localdate(),
    }


def _end_earlier(facts: type[Fact], *, team: int, subject: int, on: dt.date, **which: str) -> None:
    """End what the team said before: on the day from which it says otherwise, never before it began itself."""
    earlier = facts._default_manager.filter(
        subject_id=subject, author_team_id=team, until=None, voided_at=None, **which
    )
    earlier.update(until=Greatest("since", Value(on)), version=F("version") + 1)


def check_date_of_birth(born: dt.date | None, *, today: dt.date | None = None) -> None:
    """Raise FactRefused for a birth in the future or more than 120 years ago."""
    today = today or timezone.localdate()
    if born is None:
        return
    if born > today:
        raise FactRefused("date_of_birth", "Date of birth is in the future. Check the year.")
    if born.year < today.year - OLDEST_YEARS:
        raise FactRefused("date_of_birth", "Date of birth is more than 120 years ago. Check the year.")


@transaction.atomic
def add_person(
    *,
    by: Me,
    team: int,
    given: str,
    family_name: str,
    date_of_birth: dt.date | None = None,
    born_precision: str = "day",
    sex: str = "U",
    middle: str = "",
    postcode: str = "",
    address: str = "",
    phone: str = "",
    nhs_number: str = "",
    pupil_number: str = "",
    local_reference: str = "",
) -> Person:
    """Add a person with what is known. Raises FactRefused for what cannot be right."""
    check_date_of_birth(date_of_birth)
    if not (given.strip() or family_name.strip()):
        raise FactRefused("given", "Enter a first name or a last name.")
    teach(given=(given.strip(), middle.strip()), family=(family_name.strip(),))
    person = Person.objects.create(
        subject=Subject.objects.create(kind="person"),
        author_team_id=team,
        given=given.strip(),
        family_name=family_name.strip(),
        date_of_birth=date_of_birth,
        born_precision=born_precision,
        sex=sex,
    )
    add_name(
        by=by, team=team, person=person.pk, given=given, family_name=family_name, middle=middle, kind="legal"
    )
    if postcode or address or phone:
        add_address(by=by, team=team, person=person.pk, lines=address, postcode=postcode, phone=phone)
    for scheme, value in (("nhs", nhs_number), ("upn", pupil_number), ("local", local_reference)):
        if value:
            add_identifier(by=by, team=team, person=person.pk, scheme=scheme, value=value)
    return person


@transaction.atomic
def add_name(
    *, by: Me, team: int, person: int, given: str, family_name: str, middle: str = "", kind: str = "known_as"
) -> PersonName:
    """Add a name somebody goes by."""
    teach(given=(given.strip(), middle.strip()), family=(family_name.strip(),))
    return PersonName.objects.create(
        **_stated(by, team, person, Category.IDENTITY),
        kind=kind,
        given=given.strip(),
        middle=middle.strip(),
        family_name=family_name.strip(),
    )


@transaction.atomic
def add_address(
    *,
    by: Me,
    team: int,
    person: int,
    lines: str = "",
    postcode: str = "",
    phone: str = "",
    kind: str = "home",
    since: dt.date | None = None,
) -> Address:
    """Add where somebody lives. An earlier address of the same kind by the same team ends that day."""
    start = since or timezone.localdate()
    _end_earlier(Address, team=team, subject=person, on=start, kind=kind)
    return Address.objects.create(
        **_stated(by, team, person, Category.IDENTITY, start),
        kind=kind,
        lines=lines.strip(),
        postcode=" ".join(postcode.upper().split()),
        phone=phone.strip(),
    )


def clean_identifier(scheme: str, value: str) -> str:
    """The identifier in its compact form. Raises FactRefused where its check digit or letter does not fit."""
    compact = "".join(value.upper().split()).replace("-", "")
    if scheme == codes.IdentifierScheme.NHS and not nhs.is_valid(compact):
        raise FactRefused("nhs_number", "NHS number does not add up. Check its ten digits.")
    if scheme == codes.IdentifierScheme.UPN and not upn.is_valid(compact):
        raise FactRefused("pupil_number", "Pupil number does not add up. Check its letter and twelve digits.")
    return compact if scheme != codes.IdentifierScheme.LOCAL else value.strip()


@transaction.atomic
def add_identifier(
    *, by: Me, team: int, person: int, scheme: str, value: str, traced: bool = False
) -> Identifier:
    """Add an identifier as this agency holds it. Raises FactRefused for a failing check digit."""
    return Identifier.objects.create(
        **_stated(by, team, person, Category.IDENTITY),
        scheme=scheme,
        value=clean_identifier(scheme, value),
        traced=traced,
    )


@transaction.atomic
def add_need(*, by: Me, team: int, person: int, kind: str, words: str) -> Need:
    """Add a language or communication need."""
    return Need.objects.create(
        **_stated(by, team, person, Category.IDENTITY),
        kind=kind,
        words=words.strip(),
    )


@transaction.atomic
def set_school(
    *, by: Me, team: int, person: int, school_name: str, young_carer_indicator: str = ""
) -> SchoolPlace:
    """Say which school somebody is at; the same team's earlier statement ends that day."""
    _end_earlier(SchoolPlace, team=team, subject=person, on=timezone.localdate())
    return SchoolPlace.objects.create(
        **_stated(by, team, person, Category.IDENTITY),
        school_name=school_name.strip(),
        young_carer_indicator=young_carer_indicator,
    )


@transaction.atomic
def set_background(*, by: Me, team: int, person: int, ethnicity: str) -> Background:
    """Record ethnicity by the DfE code; the same team's earlier statement ends that day."""
    _end_earlier(Background, team=team, subject=person, on=timezone.localdate())
    return Background.objects.create(
        **_stated(by, team, person, Category.IDENTITY),
        ethnicity=ethnicity,
    )


@transaction.atomic
def void_fact(*, by: Me, fact: Fact, version: int, reason: str) -> Fact:
    """Strike out a wrong entry of one of my teams, with the reason. The row and its history stay.

    Where it is the name on the record that one's team added, another name of the record takes its place.
    Raises FactRefused for another team's fact, without a reason, and for the only name; StaleEdit where it
    was changed or struck out meanwhile.
    """
    if fact.author_team_id not in by.teams:
        raise FactRefused("reason", "Only the team that wrote this can strike it out.")
    if not reason.strip():
        raise FactRefused("reason", "Say why this entry is wrong.")
    if fact.voided_at is not None:
        raise StaleEdit
    if isinstance(fact, PersonName):
        _go_by_another_name(by, fact)
    update_checked(fact, version=version, voided_at=timezone.now(), void_reason=reason.strip()[:200])
    return fact


def _go_by_another_name(by: Me, wrong: PersonName) -> None:
    person = Person.objects.get(pk=wrong.subject_id)
    if person.author_team_id not in by.teams:
        return
    if (person.given, person.family_name) != (wrong.given, wrong.family_name):
        return
    others = PersonName.objects.filter(subject_id=person.pk, voided_at=None).exclude(pk=wrong.pk)
    if others.filter(given=person.given, family_name=person.family_name).exists():
        return
    other = others.filter(until=None).order_by("-id").first()
    if other is None:
        raise FactRefused("reason", "This is the only name on the record. Add the right name first.")
    update_checked(person, version=person.version, given=other.given, family_name=other.family_name)


@transaction.atomic
def add_family(*, by: Me, team: int, name: str) -> Family:
    """Add a family: its own subject."""
    if not name.strip():
        raise FactRefused("name", "Give the family a name, such as its surnames.")
    return Family.objects.create(
        subject=Subject.objects.create(kind="family"), author_team_id=team, name=name.strip()
    )


@transaction.atomic
def add_member(
    *, by: Me, team: int, family: int, person: int, role: str, lives_here: bool = True
) -> FamilyMember:
    """Say that a person belongs to a family."""
    return FamilyMember.objects.create(
        **_stated(by, team, family, Category.INDEX),
        person_id=person,
        role=role,
        lives_here=lives_here,
    )


@transaction.atomic
def relate(
    *, by: Me, team: int, person: int, other: int, kind: str, parental_responsibility: bool = False
) -> Relationship:
    """Say that `person` is the `kind` of `other`."""
    return Relationship.objects.create(
        **_stated(by, team, person, Category.IDENTITY),
        other_id=other,
        kind=kind,
        parental_responsibility=parental_responsibility,
    )


@transaction.atomic
def note_caring(
    *,
    by: Me,
    team: int,
    person: int,
    cared_for: int | None = None,
    relation: str = "",
    tasks: Iterable[str] = (),
    hours: str = "",
) -> Caring:
    """Say that a child cares for somebody: what they do, for how many hours. Never why."""
    return Caring.objects.create(
        **_stated(by, team, person, Category.ASSESSMENT),
        cared_for_id=cared_for,
        relation=relation.strip(),
        tasks=[task.strip() for task in tasks if task.strip()],
        hours=hours,
    )


@transaction.atomic
def note_care_reason(*, by: Me, team: int, adult: int, kind: str) -> CareReason:
    """Say why an adult needs care, on the adult's own record.

    Raises FactRefused where their date of birth makes them younger than 18.
    """
    person = Person.objects.filter(pk=adult, date_of_birth__isnull=False).first()
    if person is not None and person.date_of_birth is not None:
        latest = ApproximateDate(person.date_of_birth, Precision(person.born_precision)).last
        if whole_years(latest, timezone.localdate()) < ADULT_YEARS:
            raise FactRefused(
                "kind",
                "This is a child’s record. Why somebody needs care is recorded for adults alone, on their own record.",
            )
    return CareReason.objects.create(
        **_stated(by, team, adult, Category.SUBSTANCE if kind in ("alcohol", "drugs") else Category.HEALTH),
        kind=kind,
    )
