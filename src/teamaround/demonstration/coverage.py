"""Planning numbers of Northmoor, and the register of its young carers' service: what the page Coverage tells of.

The story: the largest estate, Coldharbour, has fewer known than any other, and its high school none.
"""

from __future__ import annotations

import datetime as dt
import itertools

from django.utils import timezone

from teamaround.index.actions import involve
from teamaround.people.actions import add_person, note_caring, set_school
from teamaround.reports.actions import Planned, plan_all, set_services
from teamaround.reports.jobs import count_now

from .area import Area

ESTIMATES = "Office for National Statistics, population estimates"
CENSUS = "School census"
PATIENTS = "NHS England, patients registered at a GP practice"

# name, postcodes, children aged 5 to 17
AREAS = (
    ("Northmoor Centre", ("NM1",), 3150),
    ("Riverside", ("NM2",), 2480),
    ("Hill Top", ("NM3",), 3900),
    ("Moor Lane", ("NM4",), 4210),
    ("Far Meadows", ("NM5",), 2760),
    ("Stonebridge", ("NM6",), 3340),
    ("Coldharbour", ("NM7",), 4620),
)

# name, on roll, from age, to age
SCHOOLS = (
    ("Moor Lane School", 1140, 11, 17),
    ("Hill Primary School", 420, 5, 10),
    ("Northmoor Academy", 1310, 11, 17),
    ("St Brigid’s High School", 980, 11, 16),
    ("Riverside Community School", 870, 11, 16),
    ("Coldharbour High School", 1050, 11, 16),
    ("Stonebridge College", 760, 16, 17),
    ("Canal Street Primary School", 310, 5, 10),
    ("Coldharbour Juniors", 360, 7, 10),
    ("Far Meadows Primary School", 280, 5, 10),
    ("Hill Top Primary School", 390, 5, 10),
    ("Larch Grove Special School", 140, 5, 17),
    ("Quayside Primary School", 240, 5, 10),
    ("St Anselm’s Primary School", 210, 5, 10),
    ("Stonebridge Primary School", 405, 5, 10),
    ("Weir Lane Infants and Juniors", 330, 5, 10),
)

SURGERIES = (
    ("Mill Road Surgery", 2900),
    ("Castle Street Practice", 3400),
    ("Coldharbour Health Centre", 4100),
    ("Riverside Medical Centre", 2600),
    ("Hill Top Surgery", 3200),
    ("Dr Amari and partners", 1900),
)

# How many the service has on its register: area's outward code, school, number.
REGISTER = (
    ("NM1", "Northmoor Academy", 14),
    ("NM1", "Canal Street Primary School", 6),
    ("NM2", "Riverside Community School", 12),
    ("NM2", "Quayside Primary School", 2),
    ("NM3", "Northmoor Academy", 9),
    ("NM3", "Hill Top Primary School", 3),
    ("NM4", "Moor Lane School", 21),
    ("NM4", "Hill Primary School", 8),
    ("NM5", "St Brigid’s High School", 6),
    ("NM6", "Moor Lane School", 7),
    ("NM6", "Stonebridge Primary School", 5),
    ("NM7", "Northmoor Academy", 2),
)
GIVEN = (
    "Abel", "Bronwen", "Cai", "Delia", "Emeka", "Fern", "Gethin", "Hollie", "Idris", "Jemima",
    "Kwame", "Lowri", "Milo", "Nesta", "Orla", "Piotr", "Roisin", "Stefan", "Tegan", "Umar",
)  # fmt: skip
SURNAMES = ("Ashdown", "Birtle", "Crossfield", "Dunham", "Ellery", "Fairclough", "Greatorex")


def planning_numbers(area: Area) -> None:
    """What the partnership officer loaded: children by area, rolls, patients; and which team is the service."""
    today = timezone.localdate()
    as_of = [
        dt.date(today.year - (today.month < month), month, day) for month, day in ((6, 30), (1, 15), (4, 1))
    ]
    rows = [
        *(
            Planned("area", name, children, as_of[0], ESTIMATES, postcodes=postcodes)
            for name, postcodes, children in AREAS
        ),
        *(
            Planned("school", name, roll, as_of[1], CENSUS, from_age, to_age, agency=_agency(area, name))
            for name, roll, from_age, to_age in SCHOOLS
        ),
        *(
            Planned("surgery", name, patients, as_of[2], PATIENTS, agency=_agency(area, name))
            for name, patients in SURGERIES
        ),
    ]
    with area.as_("noor") as me:
        plan_all(by=me, rows=rows)
        set_services(by=me, teams=[area.teams["young-carers"]])


def _agency(area: Area, name: str) -> int | None:
    return next((team.agency_id for team in area.teams.values() if team.agency.name == name), None)


def the_register(area: Area) -> None:
    """The children on the service's register, some of whom a surgery works with too; and the first count."""
    names = itertools.product(SURNAMES, GIVEN)
    team = area.team("young-carers")
    made: list[int] = []
    with area.as_("priya") as me:
        for outward, school, how_many in REGISTER:
            for place in range(how_many):
                surname, given = next(names)
                n = len(made)
                age = (7 if "Primary" in school else 12) + n % 4
                child = add_person(
                    by=me, team=team, given=given, family_name=surname, sex="FM"[n % 2],
                    date_of_birth=timezone.localdate() - dt.timedelta(days=365 * age + 11 * place + 40),
                    postcode=f"{outward} {1 + n % 9}AB", address=f"{n + 2} Example Street, Northmoor",
                )  # fmt: skip
                told = "S" if "Moor Lane" in school or n % 5 == 0 else ""
                set_school(by=me, team=team, person=child.pk, school_name=school, young_carer_indicator=told)
                involve(by=me, team=team, subject=child.pk, role="registered")
                if n % 3 == 0:
                    note_caring(by=me, team=team, person=child.pk, relation="Mum", hours="10-19")
                made.append(child.pk)
    with area.as_("hugh") as me:
        for subject in made[:7]:
            involve(by=me, team=area.team("mill-road"), subject=subject, role="gp")
    count_now()
