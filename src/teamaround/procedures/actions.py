"""Business events of an episode: received, accepted, declined, allocated, something happened, closed.

Each records its event and has the engine reckon the episode's clocks anew, in one transaction.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterable

from django.db import connection, transaction
from django.utils import timezone

from teamaround.access.edits import StaleEdit, update_checked
from teamaround.access.me import Me
from teamaround.agencies.models import Membership, Team
from teamaround.agencies.roles import Permission
from teamaround.events import actions as events
from teamaround.events.models import Event
from teamaround.index.actions import involve
from teamaround.index.models import Involvement

from . import engine
from .acting import EpisodeRefused, must_act
from .calendars import procedure_for
from .follow_ups import owner_of, with_agreed
from .involving import lead_or_work, leave
from .links import agreed_of, pass_lead, waits_for_lead
from .models import Allocation, Episode, EpisodeStatus, Priority, ProcedureVersion
from .telling import reminders
from .versions import current_version, procedure_of


def events_of(episode: Episode) -> list[engine.Event]:
    """The episode's events as the engine reads them. The referral's receipt is always among them."""
    rows = (
        Event.objects.filter(episode=episode.pk)
        .order_by("id")
        .values_list("id", "kind", "happened_at", "recorded_at", "corrects_id", "voids", "occurrence")
    )
    found = [
        engine.Event(
            id=row[0],
            kind=row[1],
            happened_at=row[2],
            recorded_at=row[3],
            corrects=row[4],
            voids=row[5],
            priority=_priority(episode) if row[1] == "referral.received" else None,
        )
        for row in rows
    ]
    if not any(event.kind == "referral.received" for event in found):
        found.append(
            engine.Event(
                id=0,
                kind="referral.received",
                happened_at=episode.opened_at,
                recorded_at=episode.opened_at,
                priority=_priority(episode),
            )
        )
    return found


def _priority(episode: Episode) -> engine.Priority:
    return "immediate" if episode.priority == Priority.IMMEDIATE else "standard"


def standing(episode: Episode, *, now: dt.datetime | None = None, hold: bool = False) -> engine.Run:
    """Where the episode stands in its procedure, by the calendar of its team: clocks, stages, what is missing before
    it can close. With `hold`, calendars do not change until the transaction ends."""
    procedure = procedure_for(episode.procedure_id, episode.author_team_id, hold=hold)
    events, moment = events_of(episode), now or timezone.now()
    run = engine.run(procedure, events, moment)
    # Days agreed for asking again say nothing before the case has ended: most cases ask no more than this.
    return with_agreed(run, procedure, agreed_of(episode.pk), events, moment) if run.ended_at else run


_LOCKED = ("status", "version", "stage", "priority", "subject_id", "family_id", "closed_at")


def _lock(episode: Episode, *, version: int | None = None) -> None:
    """Hold the episode's row until the transaction ends, and bring `episode` up to date with it.

    Two who do something in one episode at once wait here for each other. Where the row is not ours to write,
    nothing is held. Raises StaleEdit where the row is no longer at `version`.
    """
    row = Episode.objects.select_for_update(no_key=True).filter(pk=episode.pk).values(*_LOCKED).first()
    if version is not None and (row is None or row["version"] != version):
        raise StaleEdit
    for name, value in (row or {}).items():
        setattr(episode, name, value)


@transaction.atomic
def advance(*, episode: Episode) -> engine.Run:
    """Reckon the clocks anew from the events and keep them; the stage follows where the episode is ours."""
    # Held before the events are read: whoever comes second reads what the first one recorded.
    _lock(episode)
    # Whoever changes a calendar waits until these clocks are kept, so that the change reaches them as well.
    run = standing(episode, hold=True)
    worker = (
        Allocation.objects.filter(episode=episode, until=None)
        .values_list("practitioner_id", flat=True)
        .first()
    )
    agreed = agreed_of(episode.pk) if run.ended_at else []
    rows = [
        {
            "owner": (worker or owner_of(clock, agreed)) if clock.who == "lead_practitioner" else None,
            "key": clock.key,
            "title": clock.title,
            "started_at": clock.started_at.isoformat(),
            "due_at": clock.due_at.isoformat(),
            "stopped_at": clock.stopped_at.isoformat() if clock.stopped_at else None,
            "why": clock.why,
            "link": clock.link,
            "remind": [
                {"step": step, "at": each.at.isoformat(), "who": each.who}
                for step, each in reminders(clock.rule, clock.due)
            ]
            if clock.stopped_at is None
            else [],
        }
        for clock in run.clocks
        # One that is paused is nobody's to do, and would pass its moment unseen: it comes back as it runs again.
        if clock.state not in ("ended", "paused")
    ]
    with connection.cursor() as cursor:
        cursor.execute("select app.put_clocks(%s, %s)", [episode.pk, json.dumps(rows)])
    return run


def _keep_stage(episode: Episode, run: engine.Run) -> None:
    if (run.stage or "") != episode.stage:
        update_checked(episode, version=episode.version, stage=run.stage or "")


@transaction.atomic
def receive(
    *, by: Me, team: int, receiving_team: Team, child: int | None, priority: str = Priority.STANDARD
) -> Episode:
    """Open a waiting episode at the receiving team for a referral of my `team`; its clock runs from now.

    Raises EpisodeRefused where that team takes no referrals or follows no procedure.
    """
    if not receiving_team.takes_referrals or not receiving_team.procedure_slug:
        raise EpisodeRefused("This team takes no referrals. Choose another.", "receiving_team")
    try:
        version = current_version(receiving_team.procedure_slug)
    except ProcedureVersion.DoesNotExist as missing:
        raise EpisodeRefused("This team takes no referrals. Choose another.", "receiving_team") from missing
    with connection.cursor() as cursor:
        cursor.execute(
            "select app.receive_episode(%s, %s, %s, %s, %s)",
            [child, receiving_team.pk, team, version.pk, priority],
        )
        made = cursor.fetchone()[0]
    episode = Episode.objects.get(pk=made)
    advance(episode=episode)
    return episode


@transaction.atomic
def happened(
    *,
    by: Me,
    episode: Episode,
    kind: str,
    subjects: Iterable[int],
    happened_at: dt.datetime | None = None,
    text: str = "",
    team: int | None = None,
    as_chair: bool = False,
) -> uuid.UUID:
    """Record that something happened in an episode of my team, and reckon its clocks. Returns the occurrence.

    Where my team only takes part in the episode, the event is recorded and the clocks stay the owner's. `as_chair`: I
    write down a meeting. Raises WrongRole where the procedure gives this to somebody else.
    """
    must_act(by=by, episode=episode, kind=kind, as_chair=as_chair)
    occurrence = events.record(
        by=by,
        team=team or episode.author_team_id,
        kind=kind,
        subjects=subjects,
        episode=episode.pk,
        happened_at=happened_at,
        text=text,
    )
    if episode.author_team_id in by.teams:
        _keep_stage(episode, advance(episode=episode))
    return occurrence


@transaction.atomic
def put_right(
    *,
    by: Me,
    episode: Episode,
    occurrence: uuid.UUID,
    text: str,
    happened_at: dt.datetime | None = None,
    void: bool = False,
) -> None:
    """Correct something that happened in an episode of my team, for everybody it was about, and reckon the clocks.

    The entry that stands now is corrected, so that it can be put right again; with `void` it is struck out. `text`
    says why. Raises EventRefused without a reason, for a time to come, or for another team's entry.
    """
    _lock(episode)
    rows = Event.objects.filter(occurrence=occurrence, episode=episode.pk)
    standing_now = rows.filter(voids=False).exclude(pk__in=rows.exclude(corrects=None).values("corrects_id"))
    for event in list(standing_now.order_by("id")):
        events.correct(by=by, event=event, happened_at=happened_at, void=void, text=text)
    _keep_stage(episode, advance(episode=episode))


@transaction.atomic
def name_child(*, by: Me, episode: Episode, child: int) -> Episode:
    """Say which child a waiting referral is about, once it is known. Its receipt joins the chronology late."""
    _lock(episode)
    if episode.subject_id is not None:
        raise EpisodeRefused("This referral names its child already.")
    update_checked(episode, version=episode.version, subject_id=child)
    happened(
        by=by,
        episode=episode,
        kind="referral.received",
        subjects=[child],
        happened_at=episode.opened_at,
    )
    return episode


@transaction.atomic
def accept(
    *, by: Me, episode: Episode, version: int, text: str = "", out_of_area: bool = False, approval: str = ""
) -> Episode:
    """Accept a waiting referral: the episode opens and the team is involved from today.

    `out_of_area` says that the family lives outside the area; `approval` why a manager approves it where the procedure
    asks for that. Raises EpisodeRefused where it was answered, names no child, or the procedure takes no such family
    or not without approval.
    """
    _must(episode, EpisodeStatus.WAITING, "This referral was answered already.")
    if episode.subject_id is None:
        raise EpisodeRefused("Say first which child this is about.")
    if out_of_area:
        text = _from_elsewhere(by, episode, text, approval.strip())
    update_checked(episode, version=version, status=EpisodeStatus.OPEN)
    # Who leads already, or is their school, stays so; who waited or was on a list now works with them.
    stays = Involvement.objects.filter(
        subject_id=episode.subject_id, author_team_id=episode.author_team_id, until=None
    ).exclude(role__in=("waiting", "registered"))
    if not stays.exists():
        involve(by=by, team=episode.author_team_id, subject=episode.subject_id)
    if pass_lead(episode=episode):
        lead_or_work(by=by, episode=episode, subject=episode.subject_id, practitioner=None)
    happened(by=by, episode=episode, kind="referral.accepted", subjects=[episode.subject_id], text=text)
    return episode


def _from_elsewhere(by: Me, episode: Episode, text: str, approval: str) -> str:
    """What the chronology says of a family from outside the area, where the procedure lets the team take it."""
    rule = procedure_of(episode.procedure_id).out_of_area
    if rule == "not taken":
        raise EpisodeRefused(
            "This procedure takes no families from outside the area. Do not accept, and say where they can turn.",
            "out_of_area",
        )
    said = ["The family lives outside the area."]
    if rule == "manager approves":
        if not by.may_for(Permission.DECIDE_REFERRALS, episode.author_team_id):
            raise EpisodeRefused("Only a manager of the team approves a family from outside the area.")
        if not approval:
            raise EpisodeRefused("Say why you approve a family from outside the area.", "approval")
        said = [f"The family lives outside the area; approved: {approval}"]
    return "\n".join([*said, text] if text else said)


@transaction.atomic
def decline(*, by: Me, episode: Episode, version: int, reason: str) -> Episode:
    """Decline a waiting referral, with the reason."""
    _must(episode, EpisodeStatus.WAITING, "This referral was answered already.")
    _lock(episode, version=version)
    if not reason.strip():
        raise EpisodeRefused("Say why, so that the referrer knows what to try next.", "reason")
    if episode.subject_id is not None:
        happened(by=by, episode=episode, kind="referral.declined", subjects=[episode.subject_id], text=reason)
    update_checked(episode, version=episode.version, status=EpisodeStatus.DECLINED)
    if episode.subject_id is None:
        with connection.cursor() as cursor:
            cursor.execute("select app.put_clocks(%s, '[]')", [episode.pk])
    return episode


@transaction.atomic
def allocate(*, by: Me, episode: Episode, practitioner: int, text: str = "") -> Allocation:
    """Allocate the episode to a named worker of its team, who leads from now. An earlier allocation ends.

    Raises EpisodeRefused for somebody who is not in the team, or where they have the case already.
    """
    _lock(episode)
    if episode.status not in (EpisodeStatus.OPEN, EpisodeStatus.WAITING):
        raise EpisodeRefused("This case is closed.")
    if (
        not Membership.objects.current()
        .filter(practitioner_id=practitioner, team_id=episode.author_team_id)
        .exists()
    ):
        raise EpisodeRefused("Choose somebody who works in the team.", "practitioner")
    earlier = Allocation.objects.filter(episode=episode, until=None).first()
    if earlier is not None and earlier.practitioner_id == practitioner:
        raise EpisodeRefused("They have this case already.", "practitioner")
    if earlier is not None:
        update_checked(earlier, version=earlier.version, until=timezone.now())
    allocation = Allocation.objects.create(
        subject_id=episode.subject_id,
        category=episode.category,
        author_team_id=episode.author_team_id,
        episode=episode,
        practitioner_id=practitioner,
        since=timezone.now(),
    )
    if episode.subject_id is not None:
        lead_or_work(by=by, episode=episode, subject=episode.subject_id, practitioner=practitioner)
        happened(by=by, episode=episode, kind="allocation.made", subjects=[episode.subject_id], text=text)
    return allocation


@transaction.atomic
def set_family(*, by: Me, episode: Episode, family: int) -> Episode:
    """Say which family the episode is for."""
    _lock(episode)
    update_checked(episode, version=episode.version, family_id=family)
    return episode


@transaction.atomic
def close(*, by: Me, episode: Episode, version: int, text: str = "", outcome: str = "") -> Episode:
    """Close the episode, once every gate of its procedure is passed. The team's involvement ends today; a child
    whom the team had registered before the referral stays registered.

    `outcome` is the one sentence that the referrer reads, at most 300 characters. Raises EpisodeRefused
    naming what is missing.
    """
    _must(episode, EpisodeStatus.OPEN, "This case is not open.")
    _lock(episode, version=version)
    missing = [gate.label for gate in standing(episode).missing_gates if gate.event != "episode.closed"]
    if (asked := waits_for_lead(episode)) is not None:
        missing.append(f"{asked.episode.author_team.name} has still to accept the lead")
    if missing:
        raise EpisodeRefused("Before closing: " + "; ".join(missing) + ".")
    subjects = [s for s in (episode.subject_id, episode.family_id) if s is not None]
    happened(by=by, episode=episode, kind="episode.closed", subjects=subjects, text=text)
    update_checked(
        episode,
        version=episode.version,
        status=EpisodeStatus.CLOSED,
        closed_at=timezone.now(),
        outcome_for_referrer=outcome.strip()[:300],
    )
    Allocation.objects.filter(episode=episode, until=None).update(until=timezone.now())
    leave(by=by, episode=episode)
    return episode


def _must(episode: Episode, status: str, otherwise: str) -> None:
    if episode.status != status:
        raise EpisodeRefused(otherwise)
