"""What screens and other rooms read: each function is one or two queries, under the reader's own rights."""

from __future__ import annotations

import uuid as uuids
from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Concat, Trim

from teamaround.agencies.models import Membership, Practitioner
from teamaround.index.models import Involvement
from teamaround.people.merging import records_of
from teamaround.people.models import Family, FamilyMember, Person
from teamaround.people.one_person import all_records
from teamaround.procedures.models import Episode
from teamaround.tasks.actions import Owner
from teamaround.tasks.models import Task

from .models import (
    LIVE_STATES,
    Agreement,
    Closing,
    Contact,
    ContactSeen,
    Goal,
    Plan,
    PlanAction,
    Review,
    ReviewProgress,
    ReviewView,
)


def plans() -> QuerySet[Plan]:
    """Plans with what their pages need.

    `agreed_by` holds who agreed it on its latest date of agreeing, as far as the reader may know.
    """
    said = Agreement.objects.filter(plan=OuterRef("pk"), agreed_on=OuterRef("agreed_on")).order_by("id")
    return Plan.objects.select_related("episode", "author_team__agency").annotate(
        agreed_by=ArraySubquery(said.values("subject_id"))
    )


def plans_of(subject_ids: Iterable[int]) -> QuerySet[Plan]:
    """Plans of which one of these persons or families is the subject, or the child of the episode. Latest first.

    A page that lists them says so: `shown(request, {plan.subject_id ...}, "plan", act="list")`.
    """
    wanted = all_records(subject_ids)
    found = plans().filter(subject__in=wanted) | plans().filter(episode__subject__in=wanted)
    return found.order_by("-id")


def goals_of(subject_ids: Iterable[int]) -> QuerySet[Goal]:
    """Goals of these persons or families, whether or not the plan itself may be read. In order of writing."""
    return Goal.objects.filter(subject__in=all_records(subject_ids)).order_by("id")


def live_plan(episode: Episode) -> Plan | None:
    """The plan of an episode that is being made or worked on; None before it is started or after it ended."""
    return plans().filter(episode=episode, state__in=LIVE_STATES).first()


def contacts() -> QuerySet[Contact]:
    """Contacts with what their pages need."""
    return Contact.objects.select_related("episode", "author_team__agency")


def contacts_of(subject_ids: Iterable[int]) -> QuerySet[Contact]:
    """Contacts and visits about these children, the latest first. `occurrence` ties each to its event."""
    return contacts().filter(subject__in=all_records(subject_ids)).order_by("-happened_at", "-id")


def seen_at(contact: Contact) -> QuerySet[ContactSeen]:
    """Who was seen at a contact, as far as the reader may know."""
    return contact.seen.order_by("id")


def goals_with_actions(plan: Plan) -> list[Goal]:
    """The goals of a plan that the reader may see, each with its actions, tasks and their owners."""
    tied = PlanAction.objects.select_related(
        "task", "task__owner", "task__owner_team", "task__author_team"
    ).order_by("task__due_on", "id")
    return list(plan.goals.order_by("id").prefetch_related(Prefetch("actions", queryset=tied)))


def reviews_of(plan: Plan) -> list[Review]:
    """The reviews of a plan, the latest first, with views and progress as far as the reader may see them."""
    return list(
        plan.reviews.order_by("-held_on", "-id").prefetch_related(
            Prefetch("views", queryset=ReviewView.objects.order_by("id")),
            Prefetch("progress", queryset=ReviewProgress.objects.order_by("goal_id")),
        )
    )


def members_of(family: int | None) -> list[FamilyMember]:
    """Who is in a family now, each with the person; without those whom the reader may not see."""
    if family is None:
        return []
    rows = FamilyMember.objects.filter(subject_id=family, until=None, voided_at=None)
    found: dict[int, FamilyMember] = {}
    for row in rows.select_related("person").order_by("id"):
        found.setdefault(row.person_id, row)
    return list(found.values())


def families_of(person: int) -> list[Family]:
    """The families a person belongs to now, as far as the reader may see them."""
    belongs = FamilyMember.objects.filter(person_id__in=records_of(person), until=None, voided_at=None)
    return list(Family.objects.filter(pk__in=belongs.values("subject_id")).order_by("name"))


def people_of(episode: Episode) -> dict[int, Person]:
    """The child of an episode and the members of its family, the child first, by number."""
    people = {row.person_id: row.person for row in members_of(episode.family_id)}
    if episode.subject_id is not None and episode.subject_id not in people:
        child = Person.objects.filter(pk=episode.subject_id).first()
        people = {**({child.pk: child} if child else {}), **people}
    elif episode.subject_id is not None:
        people = {episode.subject_id: people[episode.subject_id], **people}
    return people


def child_of(episode: Episode) -> Person | None:
    """The child of an episode, where the reader may see them."""
    return Person.objects.filter(pk=episode.subject_id).first() if episode.subject_id else None


@dataclass(frozen=True, slots=True)
class Named:
    """A person or family as a page names it."""

    name: str
    uuid: uuids.UUID
    is_family: bool
    is_member: bool
    """Whether the person is in the family asked about."""


def named(subjects: Iterable[int], *, members_of: int | None = None) -> dict[int, Named]:
    """Persons and families by number, and the members of one family, in one query.

    Those whom the reader may not see are left out.
    """
    wanted = list(dict.fromkeys(subjects))
    belongs = FamilyMember.objects.filter(
        subject_id=members_of or 0, person=OuterRef("pk"), until=None, voided_at=None
    )
    people = (
        Person.objects.annotate(is_member=Exists(belongs))
        .filter(Q(pk__in=wanted) | Q(is_member=True))
        .values_list(
            "pk", Trim(Concat("given", Value(" "), "family_name")), "uuid", Value(False), "is_member"
        )
    )
    families = Family.objects.filter(pk__in=wanted).values_list(
        "pk", "name", "uuid", Value(True), Value(False)
    )
    rows = people.union(families, all=True)
    return {number: Named(name, key, whole, member) for number, name, key, whole, member in rows}


def names_of(subjects: Iterable[int]) -> dict[int, str]:
    """Names of persons and families by number, as `named` finds them."""
    return {number: each.name for number, each in named(subjects).items()}


def who_wrote(principals: Iterable[int]) -> dict[int, str]:
    """Names of practitioners by principal."""
    return dict(Practitioner.objects.filter(pk__in=set(principals)).values_list("pk", "name"))


def closable() -> QuerySet[Episode]:
    """Episodes with what closing asks: the key of the live plan, and how many actions are still open."""
    live = Plan.objects.filter(episode=OuterRef("pk"), state__in=LIVE_STATES).values("uuid")[:1]
    owed = Task.objects.open().filter(episode=OuterRef("pk")).order_by().values("episode")
    return Episode.objects.annotate(
        live_plan=Subquery(live),
        still_open=Coalesce(Subquery(owed.annotate(number=Count("pk")).values("number")), 0),
    )


def closing_of(episode: Episode) -> Closing | None:
    """What is settled so far about closing an episode."""
    return (
        Closing.objects.filter(episode=episode)
        .select_related("lead", "lead_team")
        .prefetch_related("outcomes")
        .first()
    )


Owners = dict[str, Owner]
OwnerChoices = list[tuple[str, list[tuple[str, str]]]]


def workers_around(subjects: Iterable[int]) -> tuple[OwnerChoices, Owners]:
    """Practitioners of every team that is involved with these subjects and that the reader may know of.

    Choices grouped by team, for a select; and what each of them stands for.
    """
    teams = Involvement.objects.filter(subject__in=all_records(subjects), until=None).values("author_team")
    rows = (
        Membership.objects.current()
        .filter(team__in=teams, team__ended_at=None, practitioner__left_at=None)
        .select_related("practitioner", "team__agency")
        .order_by("team__agency__name", "team__name", "practitioner__name")
    )
    groups: dict[str, list[tuple[str, str]]] = {}
    owners: Owners = {}
    for row in rows:
        label = f"{row.team.name}, {row.team.agency.name}"
        value, anyone = f"{row.practitioner.uuid}:{row.team.slug}", f"team:{row.team.slug}"
        if label not in groups:
            groups[label] = [(anyone, "Anyone in this team")]
            owners[anyone] = Owner(team=row.team_id)
        if value not in owners:
            owners[value] = Owner(practitioner=row.practitioner_id, team=row.team_id)
            job = f", {row.practitioner.job_title.lower()}" if row.practitioner.job_title else ""
            groups[label].append((value, f"{row.practitioner.name}{job}"))
    return list(groups.items()), owners


def of_the_team(workers: tuple[OwnerChoices, Owners], team: int) -> list[tuple[int, str, str]]:
    """Of the workers around a child those of one team: number, key and name."""
    names = {value: name for _group, choices in workers[0] for value, name in choices}
    return [
        (owner.practitioner, value.partition(":")[0], names[value])
        for value, owner in workers[1].items()
        if owner.practitioner is not None and owner.team == team
    ]
