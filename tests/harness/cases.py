"""A case on its way: Kofi, whom his school knows and refers to the young carers team."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from teamaround.index.actions import involve
from teamaround.people.actions import add_person
from teamaround.people.models import Person
from teamaround.procedures import actions as procedures
from teamaround.procedures.models import Episode
from teamaround.procedures.versions import install_shipped, reset_cache


def with_procedures(cast: Any) -> Any:
    """The cast, in an area that works to the procedures of the product."""
    reset_cache()
    install_shipped()
    return cast


def received(cast: Any) -> tuple[Person, Episode]:
    """Kofi and his case, which waits for the young carers team; his school works with him."""
    team = cast.tom.team.pk
    with cast.as_(cast.tom) as me:
        child = add_person(
            by=me, team=team, given="Kofi", family_name="Osei", date_of_birth=dt.date(2014, 3, 2)
        )
        involve(by=me, team=team, subject=child.pk, role="school", practitioner=me.principal)
        return child, procedures.receive(by=me, team=team, receiving_team=cast.yasmin.team, child=child.pk)


def accepted(cast: Any, *, allocated: bool = True) -> tuple[Person, Episode]:
    """Kofi and his case, which Morgan has accepted and, unless told otherwise, allocated to Yasmin."""
    child, made = received(cast)
    with cast.as_(cast.morgan) as me:
        episode = Episode.objects.get(pk=made.pk)
        procedures.accept(by=me, episode=episode, version=episode.version)
        if allocated:
            procedures.allocate(by=me, episode=episode, practitioner=cast.yasmin.practitioner.pk)
    return child, episode


def typed_referral(**more: str) -> dict[str, str]:
    """What Tom types to refer Kofi to the young carers team."""
    return {
        "form_token": str(uuid.uuid4()),
        "receiving_team": "young-carers",
        "arrival": "written",
        "priority": "standard",
        "given": "Kofi",
        "family_name": "Osei",
        "date_of_birth_day": "2",
        "date_of_birth_month": "3",
        "date_of_birth_year": "2014",
        "sex": "M",
        "cares": "yes",
        "cares_for": "Mum",
        "worries": "He is late most days.",
        "agreement": "agree",
        **more,
    }
