"""The agencies, teams, panel and people of Northmoor, which is nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.db import transaction

from teamaround.access.me import Me, me_of
from teamaround.agencies import actions
from teamaround.agencies.models import Account, Agency, Membership, Practitioner, Principal, Team
from teamaround.database.actor import SET_UP, acting_as

PASSWORD = "northmoor-demo-only"  # noqa: S105 - printed for everybody, in the demonstration alone
PROCEDURE = "stockport-families-first"

AGENCIES = (
    ("Northmoor Council", "council", "01632 960110"),
    ("Northmoor Young Carers", "voluntary", "01632 960120"),
    ("Moor Lane School", "school", "01632 960130"),
    ("Hill Primary School", "school", "01632 960140"),
    ("Northmoor Health", "health", "01632 960150"),
    ("Northmoor Recovery", "health", "01632 960160"),
    ("Northmoor Homes", "housing", "01632 960170"),
    ("Northmoor Police", "police", "01632 960180"),
    ("Mill Road Surgery", "health", "01632 960185"),
)

# key, agency, name, sensitive kind, takes referrals
TEAMS = (
    ("office", "Northmoor Council", "Partnership office", "", False),
    ("families-first", "Northmoor Council", "Families First team", "", True),
    ("social-work", "Northmoor Council", "Social work team", "", False),
    ("young-carers", "Northmoor Young Carers", "Young carers team", "", True),
    ("moor-lane", "Moor Lane School", "Pastoral team", "", False),
    ("hill-primary", "Hill Primary School", "Office and pastoral care", "", False),
    ("school-nursing", "Northmoor Health", "School nursing", "", False),
    ("camhs", "Northmoor Health", "Child and adolescent mental health", "mental_health", False),
    ("recovery", "Northmoor Recovery", "Recovery service", "substance", False),
    ("housing", "Northmoor Homes", "Tenancy team", "", False),
    ("police", "Northmoor Police", "Neighbourhood team", "", False),
    ("mill-road", "Mill Road Surgery", "Practice team", "", False),
)


@dataclass(frozen=True, slots=True)
class Somebody:
    """One who can sign in to the demonstration."""

    key: str
    name: str
    job_title: str
    team: str
    role: str
    phone: str

    @property
    def email(self) -> str:
        return f"{self.key}@northmoor.example"


PEOPLE = (
    Somebody("dana", "Dana Price", "Young carers worker", "young-carers", "practitioner", "01632 960121"),
    Somebody("priya", "Priya Shah", "Team manager", "young-carers", "manager", "01632 960122"),
    Somebody("mel", "Mel Hughes", "Young carers worker", "young-carers", "practitioner", "01632 960123"),
    Somebody("tom", "Tom Okafor", "Pastoral lead", "moor-lane", "practitioner", "01632 960131"),
    Somebody("ruth", "Ruth Amoah", "Family support worker", "hill-primary", "practitioner", "01632 960141"),
    Somebody("jo", "Jo Lane", "Tenancy officer", "housing", "practitioner", "01632 960171"),
    Somebody("nina", "Nina Brandt", "School nurse", "school-nursing", "practitioner", "01632 960151"),
    Somebody("sana", "Sana Iqbal", "Clinical psychologist", "camhs", "practitioner", "01632 960152"),
    Somebody("lewis", "Lewis Grant", "Recovery worker", "recovery", "practitioner", "01632 960161"),
    Somebody("carla", "Carla Nunes", "Social worker", "social-work", "practitioner", "01632 960111"),
    Somebody("imran", "Imran Aziz", "Team manager", "families-first", "manager", "01632 960112"),
    Somebody("beth", "Beth Arnold", "Family practitioner", "families-first", "practitioner", "01632 960113"),
    Somebody("ada", "Ada Winter", "Partnership administrator", "office", "administrator", "01632 960114"),
    Somebody("greta", "Greta Lind", "Information-governance lead", "office", "governance", "01632 960115"),
    Somebody("noor", "Noor Haddad", "Partnership officer", "office", "partnership", "01632 960116"),
    Somebody("hugh", "Hugh Penrose", "Practice nurse", "mill-road", "practitioner", "01632 960186"),
)


@dataclass
class Area:
    """The area, with a way to act as anybody in it."""

    teams: dict[str, Team]
    people: dict[str, Practitioner]
    accounts: dict[str, Account]

    def team(self, key: str) -> int:
        return int(self.teams[key].pk)

    @contextmanager
    def as_(self, key: str) -> Iterator[Me]:
        """Act as one of the people, in a transaction of their own."""
        me = me_of(self.accounts[key])
        assert me is not None
        with acting_as(me.actor()), transaction.atomic():
            yield me


def make_area() -> Area:
    """Set the area up: agencies, teams, people, a panel."""
    digest = make_password(PASSWORD)
    with acting_as(SET_UP), transaction.atomic():
        agencies: dict[str, Agency] = {
            name: actions.add_agency(by=None, name=name, sector=sector, phone=phone)
            for name, sector, phone in AGENCIES
        }
        teams = {
            key: actions.add_team(
                by=None,
                agency=agencies[agency],
                name=name,
                sensitivity=sensitivity,
                takes_referrals=takes,
                procedure_slug=PROCEDURE if takes else "",
                phone=agencies[agency].phone,
                email=f"{key}@northmoor.example",
            )
            for key, agency, name, sensitivity, takes in TEAMS
        }
        area = Area(teams=teams, people={}, accounts={})
        for somebody in PEOPLE:
            account = Account.objects.create(email=somebody.email, password=digest)
            area.accounts[somebody.key] = account
            area.people[somebody.key] = Practitioner.objects.create(
                principal=Principal.objects.create(kind="practitioner"),
                account=account,
                name=somebody.name,
                job_title=somebody.job_title,
                phone=somebody.phone,
            )
            Membership.objects.create(
                practitioner=area.people[somebody.key], team=teams[somebody.team], role=somebody.role
            )
        house = actions.add_site(
            by=None, agency=agencies["Northmoor Young Carers"], name="Carers’ House", postcode="NM2 1AA"
        )
        Team.objects.filter(pk=teams["young-carers"].pk).update(
            site=house,
            further_procedures=["young-carers-needs-assessment"],
            senior_manager=area.people["imran"],
        )
        panel = actions.add_panel(by=None, name="Families First panel", chair_team=teams["families-first"])
        for key in ("imran", "priya", "carla"):
            actions.seat_on_panel(by=None, panel=panel, practitioner=area.people[key])
    return area
