"""The people and teams that a decision about sharing can be about: what the sharing pages load."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from django.db.models import Max, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from teamaround.access.me import Me
from teamaround.access.models import BasisKind, Grant
from teamaround.agencies.models import Team
from teamaround.people.models import FamilyMember, Person, Relationship
from teamaround.people.one_person import Records, joined, others_of, records_of_each, roots_of
from teamaround.ui.presentation import ApproximateDate, Precision, whole_years

from .models import Answer, Basis, BasisLine, Capacity, Kind
from .standing import Party

MOST_TEAMS = 400


def _nobody(subjects: Sequence[int]) -> set[int]:
    return set()


class Involved:
    """Which teams work with some subjects, as far as I may see. The index, a floor above, says how to find out."""

    find: Callable[[Sequence[int]], set[int]] = staticmethod(_nobody)


@dataclass(frozen=True, slots=True)
class Circle:
    """The child with all their records, the family members whom I may see, and the parties as the rules read them."""

    child: Person
    records: Records
    parties: tuple[Party, ...]

    @property
    def everybody(self) -> list[int]:
        """The child's records, and the record that stands for each of the others."""
        return list(dict.fromkeys([*self.records, *(party.subject for party in self.parties)]))

    def party(self, uuid: str) -> Party:
        """The party of that identifier. Raises LookupError for somebody who is not in the circle."""
        for each in self.parties:
            if str(each.uuid) == uuid:
                return each
        raise LookupError("not in this family")


def circle_of(child: Person, records: Records) -> Circle:
    """The child and the visible members of the child's families, each by the record that stands for them. Three
    queries, one more where records of a member were joined."""
    families = FamilyMember.objects.filter(person__in=records, until=None, voided_at=None).values(
        "subject_id"
    )
    places = list(
        FamilyMember.objects.filter(subject_id__in=families, until=None, voided_at=None)
        .select_related("person")
        .annotate(records=joined("person_id"))
        .order_by("id")
    )
    members = {place.person_id: place.person for place in places if place.person_id not in records}
    everybody = [records, *(place.records for place in places)]
    root = {record: of_one[0] for of_one in everybody for record in of_one}
    people = {child.pk: child, **roots_of(members.values(), root)}
    ties = Relationship.objects.filter(
        subject_id__in=root, other_id__in=root, parental_responsibility=True, until=None, voided_at=None
    ).values_list("subject_id", "other_id")
    answers_for: dict[int, set[int]] = {}
    for holder, other in ties:
        answers_for.setdefault(root[holder], set()).add(root[other])
    roles: dict[int, dict[int, str]] = {}
    for place in places:
        roles.setdefault(root[place.person_id], {})[place.subject_id] = place.role
    today = timezone.localdate()
    return Circle(
        child=child,
        records=records,
        parties=tuple(
            _party(person, roles.get(pk, {}), answers_for.get(pk, set()), today)
            for pk, person in people.items()
        ),
    )


def _party(person: Person, places: dict[int, str], answers_for: set[int], today: dt.date) -> Party:
    youngest = oldest = None
    if person.date_of_birth is not None:
        span = ApproximateDate(person.date_of_birth, Precision(person.born_precision))
        youngest, oldest = max(whole_years(span.last, today), 0), whole_years(span.value, today)
    return Party(
        subject=person.pk,
        uuid=person.uuid,
        name=person.name,
        youngest=youngest,
        oldest=oldest,
        places=places,
        answers_for=frozenset(answers_for),
    )


def recording_team(me: Me, person: Person, records: Records) -> int | None:
    """The team of mine that works with the person, and so may record what was agreed; None where none does. One
    query, one more where records were joined."""
    working = set(
        Grant.objects.filter(
            subject_id=person.pk,
            principal_id__in=me.teams,
            basis_kind__in=[BasisKind.INVOLVEMENT, BasisKind.EPISODE],
            valid_during__contains=Now(),
        ).values_list("principal_id", flat=True)
    )
    working |= {row.author_team_id for row in (person, *others_of(records, person.pk))}
    return next((team for team in me.teams if team in working), None)


@dataclass(frozen=True, slots=True)
class Offer:
    """A team that something may be shared with."""

    team: int
    slug: str
    name: str
    agency: str
    involved: bool
    mine: bool


def offers_for(me: Me, subjects: Sequence[int], *, own: bool) -> list[Offer]:
    """The teams to offer, those at work with the subjects first. `own` says whether my own team is among them.

    A sensitive service is offered to those alone who see that it is involved: its name would tell something.
    """
    involved = Involved.find(subjects)
    mine = set(me.teams)
    rows = (
        Team.objects.select_related("agency")
        .filter(Q(sensitivity="") | Q(pk__in=involved | mine), ended_at=None, agency__ended_at=None)
        .order_by("agency__name", "name")[:MOST_TEAMS]
    )
    found = [
        Offer(
            team=row.pk,
            slug=row.slug,
            name=row.name,
            agency=row.agency.name,
            involved=row.pk in involved and row.pk not in mine,
            mine=row.pk in mine,
        )
        for row in rows
        if own or row.pk not in mine
    ]
    return sorted(found, key=lambda offer: (not offer.involved, offer.agency, offer.name))


def standing_bases(records: Collection[int]) -> QuerySet[Basis]:
    """The bases in force about the subject of these records that I may see, the latest first."""
    return (
        Basis.objects.filter(Q(valid_until=None) | Q(valid_until__gt=Now()), withdrawn_at=None)
        .filter(pk__in=BasisLine.objects.filter(subject_id__in=records).values("basis_id"))
        .select_related("given_by")
        .order_by("-valid_from")
    )


def last_change(records: Collection[int]) -> str:
    """A mark that changes whenever a consent about these records that I may see is recorded or taken back."""
    lines = BasisLine.objects.filter(subject_id__in=records, basis__kind=Kind.CONSENT)
    last = lines.aggregate(last=Max("basis__changed_at"))["last"]
    return last.isoformat() if last is not None else "none"


def taken_back(basis: Basis) -> list[BasisLine]:
    """Later answers of the same giver that rule in place of this consent's, as far as I may see them. One query."""
    later = BasisLine.objects.filter(
        subject_id__in=basis.lines.values("subject_id"),
        basis__kind=Kind.CONSENT,
        basis__given_by_id=basis.given_by_id,
        basis_id__gt=basis.pk,
        basis__valid_from__gte=basis.valid_from,
    )
    return list(later.select_related("basis").order_by("basis__valid_from", "holder_id", "shared_category"))


def own_refusals(subjects: Sequence[int]) -> set[tuple[int, int, str]]:
    """What people decided about themselves under any of their records not to share, as (subject, holder, category),
    and still holds. Two queries."""
    theirs = {record: subject for subject, all_of in records_of_each(subjects).items() for record in all_of}
    rows = (
        BasisLine.objects.filter(
            subject_id__in=theirs,
            basis__kind=Kind.CONSENT,
            basis__capacity=Capacity.SELF,
            basis__withdrawn_at=None,
            basis__valid_until__gt=Now(),
        )
        .exclude(answer=Answer.SHARE)
        .values_list("subject_id", "holder_id", "shared_category", "basis__given_by_id")
    )
    return {
        (theirs[subject], holder, category)
        for subject, holder, category, giver in rows
        if theirs.get(giver or 0) == theirs[subject]
    }
