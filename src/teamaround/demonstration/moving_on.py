"""What the workers of the young carers team can do; a case that steps down to them; and one that ended, with a day on
which the family is asked how they are."""

from __future__ import annotations

import datetime as dt
import uuid

from django.utils import timezone

from teamaround.agencies.profiles import keep_profile
from teamaround.people.actions import add_need, add_person
from teamaround.plans.actions import (
    close_case,
    record_contact,
    record_feedback,
    record_outcomes,
    record_stepdown,
)
from teamaround.procedures.actions import happened
from teamaround.procedures.follow_ups import Agreed
from teamaround.procedures.models import Episode
from teamaround.referrals.moving_on import Asking, move_on
from teamaround.sharing.actions import Cell, record_consent
from teamaround.tasks.actions import Owner

from .area import Area
from .past import Past
from .telling import Child, add_child, born, reckon, refer, refer_newly, take_on

CAN_DO = (
    ("dana", ["young_carers", "families", "grief"], ["Urdu"], "F"),
    ("mel", ["young_carers", "teenagers", "school"], ["Welsh"], ""),
    ("priya", ["families", "mental_health"], ["Gujarati", "Hindi"], "F"),
)


def going_on(area: Area, past: Past) -> None:
    """All of it."""
    for key, skills, languages, sex in CAN_DO:
        with area.as_(key):
            keep_profile(
                practitioner=area.people[key], version=0, skills=skills, languages=languages, sex=sex
            )
    _ines(area, past)
    _tyler(area, past)


def _ines(area: Area, past: Past) -> None:
    """Families First steps down: the young carers team is asked to lead, and has what the family agreed to."""
    ines = Child("Ines", "Moreira", born(12), "F", "Moor Lane School", "NM4 6RT")
    with past.at(70, 10):
        child = add_child(area, "carla", "social-work", ines)
        episode = refer(
            area, "carla", "social-work", "families-first", child, ines,
            worries="Ines stayed away from home for three nights after arguments about the little ones.",
        )  # fmt: skip
    with past.at(69, 11):
        episode = take_on(area, episode, manager="imran", worker="beth")
    with past.at(68, 16) as then, area.as_("beth") as me:
        team = area.team("families-first")
        mum = add_person(
            by=me, team=team, given="Rita", family_name="Moreira", date_of_birth=born(38), sex="F"
        )
        add_need(by=me, team=team, person=child, kind="language", words="Portuguese")
        record_consent(
            by=me,
            team=team,
            subject=child,
            given_by=mum.pk,
            capacity="parent",
            how="signed",
            valid_until=timezone.now() + dt.timedelta(days=200),
            cells=[
                Cell(child, area.team("young-carers"), category, "share")
                for category in ("referral", "education")
            ],
        )
        record_contact(
            by=me,
            episode=Episode.objects.get(pk=episode.pk),
            kind="visit",
            happened_at=then,
            place="home",
            seen=[child],
            seen_alone="yes",
            notes="First visit. Ines wants an hour a day that is hers.",
        )
    for days, kinds in (
        (60, ("risk.assessed", "assessment.started", "assessment.finished")),
        (48, ("meeting.called", "meeting.held", "plan.agreed")),
        (6, ("plan.reviewed",)),
    ):
        with past.at(days, 16), area.as_("imran") as me:
            for kind in kinds:
                happened(by=me, episode=Episode.objects.get(pk=episode.pk), kind=kind, subjects=[child])
    with past.at(1, 15), area.as_("beth") as me:
        move_on(
            by=me,
            episode=Episode.objects.get(pk=episode.pk),
            kind="step_down",
            receiving_team=area.teams["young-carers"],
            asking=Asking(
                reason="Ines has slept at home for six weeks. She still looks after the twins each evening, "
                "and would like somebody of her own to talk to.",
                lead=True,
            ),
            form_token=uuid.uuid4(),
        )
    reckon(area, "beth", episode)


def _tyler(area: Area, past: Past) -> None:
    """Support ended in the autumn; Mel rings the family this week."""
    tyler = Child("Tyler", "Quinn", born(16), "M", "Moor Lane School", "NM2 1GG")
    with past.at(160, 10):
        episode = refer_newly(
            area, "tom", "moor-lane", tyler,
            worries="Tyler cooks and cleans for his dad and has stopped seeing friends.",
        )  # fmt: skip
    with past.at(159, 9, 30):
        episode = take_on(area, episode, worker="mel")
    with past.at(84, 15), area.as_("mel") as me:
        case = Episode.objects.get(pk=episode.pk)
        child = case.subject_id or 0
        happened(by=me, episode=case, kind="plan.reviewed", subjects=[child])
        closing = record_outcomes(
            by=me, episode=case, version=0, areas={"relationships": "yes", "school": "partly"}, achieved="yes",
            why="His aunt comes three evenings a week. He is back at football.",
        )  # fmt: skip
        closing = record_stepdown(
            by=me,
            episode=case,
            version=closing.version,
            lead=Owner(practitioner=area.people["tom"].pk, team=area.team("moor-lane")),
            agreed_on=timezone.localdate() - dt.timedelta(days=84),
            who_stays="Tom at school, and his aunt",
            follow_ups=[Agreed(timezone.localdate() + dt.timedelta(days=3), area.people["mel"].pk)],
            exit_strategy="He talks with Tom, who rings Mel.",
            future_contact="By one call to the team, without a new referral form.",
        )
        record_feedback(
            by=me,
            episode=case,
            version=closing.version,
            asked_on=timezone.localdate() - dt.timedelta(days=84),
            child_views="It is easier now. I can ring if it is not.",
        )
        case = Episode.objects.get(pk=episode.pk)
        close_case(
            by=me,
            episode=case,
            version=case.version,
            outcome="Support ended as planned; school leads from here.",
        )
    reckon(area, "mel", episode)
