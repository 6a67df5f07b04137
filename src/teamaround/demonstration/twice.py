"""Children of Northmoor whom two agencies recorded apart: some plainly one child, some for the review desk."""

from __future__ import annotations

import datetime as dt
from typing import Any

from teamaround.index.actions import involve
from teamaround.people.actions import add_person, set_school
from teamaround.recognition.actions import give_opinion
from teamaround.recognition.models import Pair
from teamaround.recognition.nightly import recognise

from .area import Area
from .past import Past
from .telling import born

HILL, MOOR = ("ruth", "hill-primary"), ("tom", "moor-lane")
HOME = "NM4 7QT"


def recorded_twice(area: Area, past: Past) -> None:
    """The records, a night's search over them, and one manager's answer to the hardest pair."""
    maja, ezra = born(9, 3), born(13, 2)
    with past.at(15, 11):
        _add(area, HILL, "Maja", "Kowalska", maja, "F", "NM6 1TR", school="Hill Primary School")
        _add(area, ("mel", "young-carers"), "Maja", "Kovalsky", born(10, 1), "F", "NM6 1TR")
    with past.at(9, 10, 20):
        _add(area, MOOR, "Ezra", "Adeyemi", ezra, "M", HOME, school="Moor Lane School")
        _add(area, ("mel", "young-carers"), "Esther", "Adeyemi", ezra, "U", HOME)
    with past.at(6, 14):
        number = "943 476 5919"
        _add(area, MOOR, "Tariq", "Mahmood", born(15, 1), "M", "NM2 5LP", nhs_number=number)
        _add(
            area, ("dana", "young-carers"), "Tarik", "Mahmoud", born(15, 1), "M", "NM2 5LP", nhs_number=number
        )
    with past.at(1, 3, 40):
        recognise()
    with past.at(0, 9), area.as_("imran") as me:
        pair = Pair.objects.filter(hard=True, state="waiting").order_by("doubt").first()
        if pair is not None:
            give_opinion(
                by=me,
                team=area.team("families-first"),
                pair=pair,
                answer="different",
                reason="The mother speaks of twins who start the same school.",
            )


def _add(
    area: Area,
    by: tuple[str, str],
    given: str,
    family: str,
    born_on: dt.date,
    sex: str,
    postcode: str,
    *,
    school: str = "",
    **more: Any,
) -> None:
    """One agency's own entry; the two teams whose managers sit at the desk work with the child as well."""
    who, key = by
    team = area.team(key)
    with area.as_(who) as me:
        person = add_person(
            by=me, team=team, given=given, family_name=family, date_of_birth=born_on, sex=sex, postcode=postcode,
            **more,
        )  # fmt: skip
        if school:
            set_school(by=me, team=team, person=person.pk, school_name=school)
        involve(
            by=me,
            team=team,
            subject=person.pk,
            role="school" if school else "worker",
            practitioner=area.people[who].pk,
        )
    for manager, other in (("priya", "young-carers"), ("imran", "families-first")):
        if other != key:
            with area.as_(manager) as me:
                involve(by=me, team=area.team(other), subject=person.pk)
