"""A case in the hands of the young carers team, with a family of three."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pytest
from django.utils import timezone

from harness.cases import accepted, with_procedures
from teamaround.people.actions import add_family, add_member, add_person
from teamaround.plans import actions
from teamaround.plans.models import Goal, Plan
from teamaround.procedures.models import Episode


@dataclass
class Case:
    """Numbers of an open case: child, mother, family, episode."""

    child: int
    mum: int
    family: int
    episode: int

    def load(self) -> Episode:
        return Episode.objects.get(pk=self.episode)


def today(days: int = 0) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=days)


@pytest.fixture
def lone_case(cast: Any) -> Case:
    """An accepted case of a child who belongs to no family yet."""
    child, made = accepted(with_procedures(cast))
    return Case(child.pk, 0, 0, made.pk)


@pytest.fixture
def case(cast: Any, lone_case: Case) -> Case:
    """The same case for a family: the child and his mother."""
    with cast.as_(cast.yasmin) as me:
        team = cast.yasmin.team.pk
        mum = add_person(by=me, team=team, given="Efua", family_name="Osei")
        family = add_family(by=me, team=team, name="Osei")
        add_member(by=me, team=team, family=family.pk, person=lone_case.child, role="child")
        add_member(by=me, team=team, family=family.pk, person=mum.pk, role="parent")
        actions.choose_family(by=me, episode=lone_case.load(), family=family.pk)
    return Case(lone_case.child, mum.pk, family.pk, lone_case.episode)


@pytest.fixture
def plan(cast: Any, case: Case) -> Plan:
    """A draft plan with a goal of the family, one of the child, one of his mother."""
    with cast.as_(cast.yasmin) as me:
        made = actions.start_plan(by=me, episode=case.load())
        for subject, words in (
            (case.family, "We eat together on Sundays"),
            (case.child, "I get to football on Wednesdays"),
            (case.mum, "I take my tablets without Kofi"),
        ):
            actions.add_goal(
                by=me, plan=made, subject=subject, words=words, why="It matters", measure="Four weeks running"
            )
        return Plan.objects.get(pk=made.pk)


@pytest.fixture
def agreed(cast: Any, case: Case, plan: Plan) -> Plan:
    """The plan, agreed today."""
    with cast.as_(cast.yasmin) as me:
        actions.agree(
            by=me,
            plan=plan,
            version=plan.version,
            agreed_on=today(),
            members=[case.child, case.mum],
            others="Nan",
            next_review_on=today(7),
        )
        return Plan.objects.get(pk=plan.pk)


def goal_of(subject: int) -> Goal:
    return Goal.objects.get(subject_id=subject)
