"""A panel at work in the browser, from planning its sitting to the gap that commissioners count."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from harness.cases import accepted
from journeys.walking import Walker
from teamaround.agencies.models import PanelSeat
from teamaround.procedures.models import Episode
from teamaround.sharing.agendas import put_on_agenda

pytestmark = [pytest.mark.browser, pytest.mark.long]


def test_a_panel_plans_ranks_decides_and_what_is_missing_is_counted(live: Any, chromium: Any) -> None:
    cast = live.cast
    child, episode = accepted(cast, allocated=False)
    with cast.as_(cast.admin):
        PanelSeat.objects.create(practitioner=cast.nina.practitioner, panel=cast.panel)
    with cast.as_(cast.yasmin) as me:
        Episode.objects.filter(pk=episode.pk).update(opened_at=timezone.now() - dt.timedelta(days=170))
    yasmin = Walker(chromium, live, "Yasmin").signed_in_as(cast.yasmin)
    nina = Walker(chromium, live, "Nina").signed_in_as(cast.nina)
    morgan = Walker(chromium, live, "Morgan").signed_in_as(cast.morgan)
    ada = Walker(chromium, live, "The administrator").signed_in_as(cast.admin)
    try:
        yasmin.open(reverse("meetings:panels")).sees("Kofi Osei", "Open for 170 days").picture("panels-due")
        with cast.as_(cast.yasmin) as me:
            put_on_agenda(
                by=me,
                team=cast.yasmin.team.pk,
                panel=cast.panel.pk,
                subject=child.pk,
                agenda_on=timezone.localdate() + dt.timedelta(days=3),
                question="Can Kofi have short breaks on Saturdays?",
                categories=["plan", "referral"],
            )
        nina.open(reverse("meetings:panels")).follow("Plan a sitting", within="main")
        nina.select("Which panel?", cast.panel.name)
        nina.give_date("Date", timezone.localdate() + dt.timedelta(days=3))
        nina.type("Time", "10am").type("Place", "Town hall").picture("panels-plan").press(
            "Save", within="main"
        )
        nina.press("Build the agenda", within="main").sees("Kofi Osei", "Nearing six months")
        nina.picture("panels-sitting").follow("Kofi Osei", within="main").picture("panels-item")
        nina.choose("What came of it?", "Agreed").type("What was decided, and why?", "Two Saturdays a month")
        nina.select("Is anything needed that is not there?", "Transport")
        nina.press("Record the decision", within="main").sees("Agreed").sees_nothing_of("Kofi Osei")
        nina.picture("panels-decided").press("Close the sitting", within="main")
        morgan.open(reverse("meetings:gaps")).sees("Transport", "fewer than 5").picture("panels-gaps")
        ada.open(reverse("meetings:types")).sees("Core group").picture("meetings-types")
        yasmin.open(reverse("meetings:call", args=[episode.uuid])).sees("When they can come", where="body")
        yasmin.picture("meetings-call")
    finally:
        for walker in (yasmin, nina, morgan, ada):
            walker.leaves()
