"""What every story of the demonstration is told with: a child, a referral, a case taken on."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.utils import timezone

from teamaround.index.actions import involve
from teamaround.people.actions import add_person, set_school
from teamaround.procedures.actions import advance
from teamaround.procedures.models import Episode
from teamaround.referrals.actions import Intake, accept, check_receipt, send
from teamaround.referrals.models import ReceiptCheck

from .area import Area

YES = dict.fromkeys(("criteria_met", "family_knows", "details_complete", "assessments_read"), "yes")


@dataclass(frozen=True, slots=True)
class Child:
    """A child of the demonstration, as the referrer knows them."""

    given: str
    family_name: str
    born: dt.date
    sex: str
    school: str
    postcode: str


def born(age: int, months: int = 0) -> dt.date:
    """A birthday that makes somebody this old today."""
    today = timezone.localdate()
    return today.replace(year=today.year - age, day=min(today.day, 28)) - dt.timedelta(days=30 * months + 5)


def add_child(area: Area, who: str, team: str, child: Child) -> int:
    """The referrer's own entry of the child, with the involvement of the referrer's team."""
    with area.as_(who) as me:
        person = add_person(
            by=me,
            team=area.team(team),
            given=child.given,
            family_name=child.family_name,
            date_of_birth=child.born,
            sex=child.sex,
            postcode=child.postcode,
            address="1 Example Street, Northmoor",
        )
        set_school(by=me, team=area.team(team), person=person.pk, school_name=child.school)
        involve(
            by=me,
            team=area.team(team),
            subject=person.pk,
            role="school" if "school" in area.teams[team].agency.sector else "worker",
            practitioner=area.people[who].pk,
        )
    return int(person.pk)


def refer(
    area: Area,
    who: str,
    team: str,
    to: str,
    child: int,
    known: Child,
    *,
    worries: str,
    priority: str = "standard",
) -> Episode:
    """A referral of a child who is known."""
    with area.as_(who) as me:
        referral = send(
            by=me,
            team=area.team(team),
            receiving_team=area.teams[to],
            child=child,
            intake=Intake(
                given=known.given,
                family_name=known.family_name,
                date_of_birth=known.born,
                sex=known.sex,
                school=known.school,
                postcode=known.postcode,
                worries=worries,
                hoped_for="Somebody to talk to, and less to do at home.",
                criteria=["young_carer"],
                cares=True,
                cares_for="Mum",
                immediate_reason="Nobody at home can look after the younger ones tonight."
                if priority == "immediate"
                else "",
            ),
            form_token=uuid.uuid4(),
            priority=priority,
        )
        return referral.episode


def refer_newly(
    area: Area, who: str, team: str, child: Child, *, worries: str, priority: str = "standard"
) -> Episode:
    """The referrer's own entry of the child, and a referral to the young carers team."""
    made = add_child(area, who, team, child)
    return refer(area, who, team, "young-carers", made, child, worries=worries, priority=priority)


def take_on(area: Area, episode: Episode, *, manager: str = "priya", worker: str = "dana") -> Episode:
    """Checks on receipt, accepted, allocated."""
    with area.as_(manager) as me:
        mine = Episode.objects.select_related("referral").get(pk=episode.pk)
        known = ReceiptCheck.objects.filter(referral=mine.referral).first()
        check_receipt(by=me, referral=mine.referral, version=known.version if known else 0, answers=YES)
        mine.refresh_from_db()
        accept(
            by=me,
            referral=mine.referral,
            version=mine.version,
            words="Thank you. We will ring the family this week.",
            practitioner=area.people[worker].pk,
        )
    with area.as_(worker):
        return Episode.objects.get(pk=episode.pk)


def reckon(area: Area, who: str, episode: Episode) -> None:
    """The clocks anew, after the story's times were moved."""
    with area.as_(who):
        advance(episode=Episode.objects.get(pk=episode.pk))
