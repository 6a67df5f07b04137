"""The named cast: who they are never changes, so that a test reads as a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.test import Client

from teamaround.access.me import Me, me_of
from teamaround.agencies.models import (
    Account,
    Agency,
    Membership,
    Panel,
    PanelSeat,
    Practitioner,
    Principal,
    Team,
)
from teamaround.database.actor import SET_UP, acting_as

PASSWORD = "a long enough phrase 1632"


@dataclass
class Member:
    """One of the cast."""

    account: Account
    practitioner: Practitioner
    team: Team

    @property
    def me(self) -> Me:
        found = me_of(self.account)
        assert found is not None
        return found

    def client(self) -> Client:
        client = Client()
        client.force_login(self.account, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client


@dataclass
class Cast:
    yasmin: Member = field(init=False)
    yusuf: Member = field(init=False)
    morgan: Member = field(init=False)
    tom: Member = field(init=False)
    nina: Member = field(init=False)
    sam: Member = field(init=False)
    olive: Member = field(init=False)
    admin: Member = field(init=False)
    greta: Member = field(init=False)
    teams: dict[str, Team] = field(default_factory=dict)
    panel: Panel = field(init=False)

    @contextmanager
    def as_(self, member: Member) -> Iterator[Me]:
        me = member.me
        with acting_as(me.actor()), transaction.atomic():
            yield me


TEAMS = (
    # slug, agency, sector, team name, sensitivity, takes referrals, procedure
    (
        "young-carers",
        "Northmoor Young Carers",
        "voluntary",
        "Young carers team",
        "",
        True,
        "stockport-families-first",
    ),
    ("moor-lane", "Moor Lane School", "school", "Pastoral team", "", False, ""),
    ("school-nursing", "Northmoor Health", "health", "School nursing", "", False, ""),
    ("recovery", "Northmoor Recovery", "health", "Recovery service", "substance", False, ""),
    ("housing", "Northmoor Homes", "housing", "Tenancy team", "", False, ""),
    ("partnership-office", "Northmoor Council", "council", "Partnership office", "", False, ""),
)

PEOPLE = (
    ("yasmin", "Yasmin Okoro", "Young carers worker", "young-carers", "practitioner"),
    ("yusuf", "Yusuf Brand", "Young carers worker", "young-carers", "practitioner"),
    ("morgan", "Morgan Hale", "Team manager", "young-carers", "manager"),
    ("tom", "Tom Reyes", "Pastoral lead", "moor-lane", "practitioner"),
    ("nina", "Nina Patel", "School nurse", "school-nursing", "practitioner"),
    ("sam", "Sam Frost", "Recovery worker", "recovery", "practitioner"),
    ("olive", "Olive Marsh", "Tenancy officer", "housing", "practitioner"),
    ("admin", "Ada Winter", "Partnership administrator", "partnership-office", "administrator"),
    ("greta", "Greta Lindqvist", "Information-governance lead", "partnership-office", "governance"),
)


def make_cast() -> Cast:
    """The cast, inside the current world."""
    cast = Cast()
    with acting_as(SET_UP), transaction.atomic():
        agencies: dict[str, Agency] = {}
        for slug, agency, sector, name, sensitivity, takes, procedure in TEAMS:
            agencies.setdefault(
                agency, Agency.objects.create(slug=f"agency-{slug}", name=agency, sector=sector)
            )
            cast.teams[slug] = Team.objects.create(
                principal=Principal.objects.create(kind="team"),
                agency=agencies[agency],
                slug=slug,
                name=name,
                sensitivity=sensitivity,
                takes_referrals=takes,
                procedure_slug=procedure,
                phone="01632 960100",
                email=f"{slug}@northmoor.example",
            )
        for key, name, title, team, role in PEOPLE:
            setattr(cast, key, _member(key, name, title, cast.teams[team], role))
        cast.panel = Panel.objects.create(
            principal=Principal.objects.create(kind="panel"),
            slug="families-panel",
            name="Families panel",
            chair_team=cast.teams["young-carers"],
        )
        PanelSeat.objects.create(practitioner=cast.morgan.practitioner, panel=cast.panel)
    return cast


_made_hash: dict[str, Any] = {}


def _member(key: str, name: str, title: str, team: Team, role: str) -> Member:
    if "digest" not in _made_hash:
        from django.contrib.auth.hashers import make_password

        _made_hash["digest"] = make_password(PASSWORD)
    account = Account.objects.create(email=f"{key}@northmoor.example", password=_made_hash["digest"])
    practitioner = Practitioner.objects.create(
        principal=Principal.objects.create(kind="practitioner"),
        account=account,
        name=name,
        job_title=title,
        phone="01632 960101",
    )
    Membership.objects.create(practitioner=practitioner, team=team, role=role)
    return Member(account=account, practitioner=practitioner, team=team)
