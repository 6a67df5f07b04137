"""A case that runs: referred, accepted, its plan agreed."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse
from django.utils import timezone

from harness.live import Site
from teamaround.people.actions import add_person
from teamaround.procedures import actions
from teamaround.procedures.models import Episode


def a_case(site: Site, name: str, *, agreed_days_ago: int = 0, reviewed: bool = False) -> str:
    """Tom refers a child, Morgan accepts, a plan is agreed: the address of the case."""
    cast = site.cast
    with cast.as_(cast.tom) as me:
        child = add_person(by=me, team=cast.tom.team.pk, given=name, family_name="Osei")
        sent = actions.receive(by=me, team=cast.tom.team.pk, receiving_team=cast.yasmin.team, child=child.pk)
    with cast.as_(cast.morgan) as me:
        episode = Episode.objects.get(pk=sent.pk)
        actions.accept(by=me, episode=episode, version=episode.version)
        when = timezone.now() - dt.timedelta(days=agreed_days_ago)
        actions.happened(by=me, episode=episode, kind="plan.agreed", subjects=[child.pk], happened_at=when)
        if reviewed:
            actions.happened(by=me, episode=episode, kind="plan.reviewed", subjects=[child.pk])
    return reverse("desk:case", args=[episode.uuid])
