"""A child with whom five services work: most had not known of each other, and one has gone quiet."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from teamaround.access.actions import state_purpose
from teamaround.index.acquaintance import look
from teamaround.index.actions import involve, touch_contact
from teamaround.notices.involvements import keep_involvements
from teamaround.people.actions import add_person, set_school

from .area import Area
from .past import Past
from .telling import born


def many_around(area: Area, past: Past) -> None:
    """Layla's services as they began, the one that looked first, and the question to the one that is quiet."""
    nursing = area.team("school-nursing")
    with past.at(150, 11), area.as_("nina") as me:
        layla = add_person(
            by=me,
            team=nursing,
            given="Layla",
            family_name="Hassan",
            date_of_birth=born(12, 4),
            sex="F",
            postcode="NM8 4QR",
            address="9 Example Street, Northmoor",
        ).pk
        set_school(by=me, team=nursing, person=layla, school_name="Moor Lane School")
        involve(by=me, team=nursing, subject=layla, practitioner=area.people["nina"].pk)
    with past.at(140, 9, 30):
        _begin(area, "hugh", "mill-road", layla, role="gp")
    with past.at(62, 10):
        _begin(area, "tom", "moor-lane", layla, role="school")
        with area.as_("tom") as me:
            touch_contact(
                by=me,
                team=area.team("moor-lane"),
                subject=layla,
                on=timezone.localdate() - dt.timedelta(days=8),
            )
    with past.at(20, 15):
        _begin(area, "sana", "camhs", layla)
    with past.at(5, 14, 10):
        with area.as_("carla") as me:
            state_purpose(by=me, subject=layla, reason="A neighbour is worried about her")
            look(by=me, subjects=[layla])
        _begin(area, "carla", "social-work", layla, role="lead")
    today = timezone.localdate()
    for day in (today - dt.timedelta(days=16), today):
        keep_involvements(day)


def _begin(area: Area, who: str, team: str, child: int, *, role: str = "worker") -> None:
    with area.as_(who) as me:
        involve(by=me, team=area.team(team), subject=child, practitioner=area.people[who].pk, role=role)
