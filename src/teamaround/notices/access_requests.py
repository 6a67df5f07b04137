"""Telling that somebody asks to see more, and that they have an answer. Neither notice names anybody."""

from __future__ import annotations

from django.urls import reverse

from teamaround.sharing.before import governors
from teamaround.sharing.models import AccessRequest

from .actions import members_of, notify


def tell_asked(request: AccessRequest) -> None:
    """Tell the team that answers; where nobody leads, whoever governs access."""
    team = request.answering_team_id
    whom = members_of([team]) if team is not None else [governor.pk for governor in governors()]
    notify(practitioners=whom, kind="access.asked", link=reverse("sharing:request", args=[request.uuid]))


def tell_answered(request: AccessRequest) -> None:
    """Tell the practitioner who asked."""
    link = reverse("sharing:request", args=[request.uuid])
    notify(practitioners=[request.recorded_by_id], kind="access.answered", link=link)
