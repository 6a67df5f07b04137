"""A call before a referral is answered, and one after a case closed, are written down like any other."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from harness.cases import with_procedures
from teamaround.people.actions import add_person
from teamaround.plans.actions import record_contact
from teamaround.plans.actions.plan import PlanRefused
from teamaround.procedures.actions import decline, name_child, receive
from teamaround.procedures.models import Clock, Episode


def test_the_call_that_a_new_referral_asks_for_is_recorded_before_it_is_answered(cast: Any) -> None:
    with_procedures(cast)
    with cast.as_(cast.tom) as me:
        sent = receive(by=me, team=cast.tom.team.pk, receiving_team=cast.yasmin.team, child=None)
        child = add_person(by=me, team=cast.tom.team.pk, given="Kofi", family_name="Osei")
    said: dict[str, Any] = {"kind": "call", "happened_at": timezone.now(), "notes": "Rang the school."}
    with cast.as_(cast.morgan) as me:
        episode = Episode.objects.get(pk=sent.pk)
        with pytest.raises(PlanRefused, match="which child"), transaction.atomic():
            record_contact(by=me, episode=episode, **said)
        name_child(by=me, episode=episode, child=child.pk)
        assert Clock.objects.get(episode=episode, key="contact").stopped_at is None
    assert cast.morgan.client().get(reverse("plans:contact", args=[sent.uuid])).status_code == 200
    with cast.as_(cast.morgan) as me:
        record_contact(by=me, episode=episode, **said | {"happened_at": timezone.now()})
        assert Clock.objects.get(episode=episode, key="contact").stopped_at is not None
        episode = Episode.objects.get(pk=sent.pk)
        decline(by=me, episode=episode, version=episode.version, reason="Another team helps")
        with pytest.raises(PlanRefused, match="not accepted"), transaction.atomic():
            record_contact(by=me, episode=episode, **said)
    assert cast.olive.client().get(reverse("plans:contact", args=[sent.uuid])).status_code == 404
