"""What is settled before closing, part by part, and closing itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from teamaround.access.categories import Category
from teamaround.access.edits import StaleEdit, update_checked
from teamaround.access.me import Me
from teamaround.procedures import actions as procedures
from teamaround.procedures.asking_after import agree_days
from teamaround.procedures.follow_ups import Agreed, must_ask
from teamaround.procedures.kinds import WAIVED
from teamaround.procedures.models import Episode, EpisodeStatus
from teamaround.procedures.versions import procedure_of
from teamaround.tasks.actions import Owner, TaskRefused, check_owner

from ..closing_gaps import gaps_of
from ..models import LIVE_STATES, Achieved, Closing, ClosingOutcome, OutcomeArea, Plan, PlanState
from ..moments import moment_of
from .plan import PlanRefused, child_of, must_be_open

WITH_THE_CASE = dt.timedelta(minutes=1)
"""A plan that ended so shortly before its case ended with it: the two are written in one step."""


def _subjects(episode: Episode) -> list[int]:
    return [child_of(episode), *([episode.family_id] if episode.family_id else [])]


def _keep(episode: Episode, version: int, **changes: Any) -> Closing:
    """Write one part. `version` 0 says that nothing had been written when the page was shown."""
    closing = Closing.objects.select_for_update().filter(episode=episode).first()
    if closing is None:
        if version:
            raise StaleEdit
        return Closing.objects.create(
            subject_id=child_of(episode),
            category=Category.PLAN,
            author_team_id=episode.author_team_id,
            episode=episode,
            **changes,
        )
    update_checked(closing, version=version, **changes)
    return closing


def _first_time(episode: Episode, part: str) -> bool:
    return not Closing.objects.filter(episode=episode).exclude(**{part: None}).exists()


@transaction.atomic
def record_outcomes(
    *, by: Me, episode: Episode, version: int, areas: Mapping[str, str], achieved: str, why: str
) -> Closing:
    """Record which outcomes were achieved or not, and why. `areas` are answers by OutcomeArea, where it mattered.

    Raises StaleEdit; PlanRefused where an answer or the reason is left out.
    """
    episode = must_be_open(episode)
    if achieved not in Achieved.values:
        raise PlanRefused("Say whether the goals were achieved.", "achieved")
    if not why.strip():
        raise PlanRefused("Say why, achieved or not.", "why")
    if any(area not in OutcomeArea.values or said not in Achieved.values for area, said in areas.items()):
        raise PlanRefused("Choose one of the answers listed.", "achieved")
    first = _first_time(episode, "outcomes_at")
    closing = _keep(episode, version, achieved=achieved, why=why.strip(), outcomes_at=timezone.now())
    known = {row.area: row for row in closing.outcomes.all()}
    for area, said in areas.items():
        if area not in known:
            ClosingOutcome.objects.create(
                subject_id=closing.subject_id,
                category=Category.PLAN,
                author_team_id=closing.author_team_id,
                closing=closing,
                area=area,
                achieved=said,
            )
        elif known[area].achieved != said:
            update_checked(known[area], version=known[area].version, achieved=said)
    if first:
        procedures.happened(by=by, episode=episode, kind="outcome.recorded", subjects=_subjects(episode))
    return closing


@transaction.atomic
def record_stepdown(
    *,
    by: Me,
    episode: Episode,
    version: int,
    lead: Owner,
    agreed_on: dt.date,
    who_stays: str,
    ongoing: str = "",
    follow_ups: Sequence[Agreed] = (),
    no_follow_up: str = "",
    exit_strategy: str = "",
    future_contact: str = "",
) -> Closing:
    """Record who leads after stepping down, that they agreed, who stays, how to come back, and on which days the
    family is asked how they are: those drive the clocks after closing.

    Raises StaleEdit; PlanRefused where no lead is named, the date of agreeing lies ahead, or a follow-up
    lies before it, or where nobody is to ask though the procedure has every family asked; EpisodeRefused for a day that
    cannot be agreed.
    """
    episode = must_be_open(episode)
    if no_follow_up.strip() and not follow_ups and must_ask(procedure_of(episode.procedure_id)):
        raise PlanRefused("This procedure has every family asked after closing. Agree a day.", "asks_after")
    try:
        check_owner(lead)
    except TaskRefused as refused:
        raise PlanRefused(str(refused), "lead") from refused
    if agreed_on > timezone.localdate():
        raise PlanRefused("This lies in the future. Give the date on which they agreed.", "agreed_on")
    days = sorted(each.on for each in follow_ups)
    if days and days[0] <= agreed_on:
        raise PlanRefused("The follow-up must be after the date of agreeing.", "follow_up_on")
    first = _first_time(episode, "stepdown_at")
    closing = _keep(
        episode,
        version,
        lead_id=lead.practitioner,
        lead_team_id=lead.team,
        lead_words=lead.words.strip()[:200],
        lead_agreed_on=agreed_on,
        who_stays=who_stays.strip()[:500],
        ongoing=ongoing.strip(),
        follow_up_on=days[0] if days else None,
        no_follow_up="" if days else no_follow_up.strip()[:500],
        exit_strategy=exit_strategy.strip(),
        future_contact=future_contact.strip()[:500],
        stepdown_at=timezone.now(),
    )
    agree_days(by=by, episode=episode, wanted=follow_ups)
    if first:
        procedures.happened(
            by=by,
            episode=episode,
            kind="stepdown.agreed",
            subjects=_subjects(episode),
            happened_at=moment_of(agreed_on),
        )
    return closing


@transaction.atomic
def record_feedback(
    *,
    by: Me,
    episode: Episode,
    version: int,
    asked_on: dt.date,
    child_views: str = "",
    family_views: str = "",
) -> Closing:
    """Record that the young person and the family were asked for their views, and what they said, if anything."""
    episode = must_be_open(episode)
    if asked_on > timezone.localdate():
        raise PlanRefused("This lies in the future. Give the date on which they were asked.", "asked_on")
    first = _first_time(episode, "feedback_at")
    closing = _keep(
        episode,
        version,
        asked_on=asked_on,
        child_views=child_views.strip(),
        family_views=family_views.strip(),
        feedback_at=timezone.now(),
    )
    if first:
        procedures.happened(
            by=by,
            episode=episode,
            kind="feedback.asked",
            subjects=_subjects(episode),
            happened_at=moment_of(asked_on),
        )
    return closing


@transaction.atomic
def close_case(*, by: Me, episode: Episode, version: int, text: str = "", outcome: str = "") -> Episode:
    """End the plan and close the episode; where it was agreed that nobody asks how they are, that is recorded, and the
    procedure's own follow-ups end. `outcome` is the sentence that the referrer reads, at most 300
    characters. Raises EpisodeRefused with what is missing, or StaleEdit."""
    gates = [
        gate.label for gate in procedures.standing(episode).missing_gates if gate.event != "episode.closed"
    ]
    closing = Closing.objects.filter(episode=episode).first()
    gaps = [str(gap.label) for gap in gaps_of(episode, closing) if gap.missing]
    if gaps and episode.status == EpisodeStatus.OPEN:
        raise procedures.EpisodeRefused("Before closing: " + "; ".join([*gates, *gaps]) + ".")
    for plan in Plan.objects.filter(episode=episode, state__in=LIVE_STATES):
        ended = PlanState.COMPLETED if plan.state == PlanState.ACTIVE else PlanState.REVOKED
        update_checked(plan, version=plan.version, state=ended)
    closed = procedures.close(by=by, episode=episode, version=version, text=text, outcome=outcome)
    if closing is not None and closing.no_follow_up and not closing.follow_up_on:
        # It ends the clocks with which the procedure has them asked; the reason stands in the chronology.
        procedures.happened(
            by=by,
            episode=closed,
            kind=WAIVED,
            subjects=_subjects(closed),
            text=closing.no_follow_up,
        )
    return closed


@transaction.atomic
def go_on(*, by: Me, episode: Episode, since: dt.datetime) -> Plan | None:
    """The plan that ended with a case, closed by mistake at `since`, is worked on again; None where none did."""
    if Plan.objects.filter(episode=episode, state__in=LIVE_STATES).exists():
        return None
    ended = (
        Plan.objects.filter(episode=episode, changed_at__gte=since - WITH_THE_CASE)
        .filter(state__in=(PlanState.COMPLETED, PlanState.REVOKED))
        .order_by("-id")
        .first()
    )
    if ended is not None:
        state = PlanState.ACTIVE if ended.state == PlanState.COMPLETED else PlanState.DRAFT
        update_checked(ended, version=ended.version, state=state)
    return ended
