"""Whom a page about sharing is about: a person or a family, who belongs with them, and who decides for them."""

from __future__ import annotations

import uuid as uuids
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.log import shown
from teamaround.access.requests import StaffRequest, load
from teamaround.people.models import Family, FamilyMember, Person
from teamaround.people.one_person import Records, root_record, with_records
from teamaround.ui.components import Identity

from .circle import circle_of
from .links import identity_of, page
from .standing import Party, can_decide_for, rules_on


@dataclass(frozen=True, slots=True)
class Other:
    """Somebody else of the same circle, and the same page about them."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class About:
    """The subject of a page. `person` is whom a consent is recorded with: themselves, or a child of the family."""

    row: Person | Family
    records: Records
    short: str
    identity: Identity
    url: str
    others: tuple[Other, ...]
    deciders: str
    person: uuids.UUID | None

    def page_of(self, name: str) -> str:
        """The address of a page about the person; empty where there is none to be about."""
        return page(name, self.person) if self.person is not None else ""


def about_of(request: StaffRequest, key: uuids.UUID) -> About:
    """The person or family of that identifier whose entry I may open. 404 for any other. Three queries at most, two more
    where records were joined."""
    person = with_records().filter(uuid=key).first()
    if person is None:
        return _family(request, key)
    person, records = root_record(person)
    shown(request, records, person.category)
    circle = circle_of(person, records)
    shown(request, [party.subject for party in circle.parties], "index")
    identity = identity_of(person)
    assert identity is not None
    return About(
        row=person,
        records=records,
        short=person.given or person.name,
        identity=identity,
        url=identity.url,
        others=tuple(
            Other(party.name, page("sharing:before", party.uuid))
            for party in circle.parties
            if party.subject != person.pk
        ),
        deciders=deciders(person.pk, circle.parties),
        person=person.uuid,
    )


def deciders(subject: int, parties: Sequence[Party]) -> str:
    """Who decides about the subject, as one says it: themselves from 16, else those with a parent's place."""
    own = next(party for party in parties if party.subject == subject)
    able = rules_on(timezone.localdate()).presumed_able
    if not own.is_child or (own.youngest is not None and own.youngest >= able):
        return own.name.split(" ")[0]
    parents = [
        party.name.split(" ")[0]
        for party in parties
        if party.subject != subject
        and can_decide_for(party, own)
        and (subject in party.answers_for or "parent" in party.roles_with(own))
    ]
    return _(" or ").join(parents) if parents else _("a parent or carer")


def _family(request: StaffRequest, key: uuids.UUID) -> About:
    family = load(request, Family.objects.all(), uuid=key)
    places = list(
        FamilyMember.objects.filter(subject_id=family.pk, until=None, voided_at=None)
        .select_related("person")
        .order_by("id")
    )
    people = {place.person_id: place.person for place in places}
    shown(request, people, "index")
    children = [place.person for place in places if place.role == "child"]
    adults = [place.person.given or place.person.name for place in places if place.role == "parent"]
    url = page("desk:family", family.uuid)
    return About(
        row=family,
        records=(family.pk,),
        short=_("the family"),
        identity=Identity(family.name, url=url),
        url=url,
        others=tuple(Other(person.name, page("sharing:before", person.uuid)) for person in people.values()),
        deciders=_(" and ").join(dict.fromkeys(adults)) or _("the adults of the family"),
        person=next((person.uuid for person in [*children, *people.values()]), None),
    )
