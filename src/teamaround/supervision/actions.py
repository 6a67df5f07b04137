"""What is done in supervision: recorded, answered, decided on a case, set for a team."""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.edits import update_checked
from teamaround.access.me import Me
from teamaround.access.refusals import NotAllowed
from teamaround.agencies.actions import log_act
from teamaround.agencies.models import Practitioner
from teamaround.agencies.refusals import Refused
from teamaround.agencies.roles import Permission
from teamaround.procedures.actions import happened
from teamaround.procedures.models import Allocation, Episode, EpisodeStatus

from .models import LoadWord, Supervision, SupervisionDecision, SupervisionKind, SupervisionSetting

LONGEST_AGO = 366
"""Days; older ones are no longer written down as though they were recent."""
LONGEST_AHEAD = 366


class SupervisionRefused(Refused):
    """It cannot be kept like this; `field` names the form field, the message says what to do."""


def supervises(team: int) -> bool:
    """Whether whoever acts manages this team, or manages its supervision. The database answers."""
    return _asked("select app.supervises(%s)", team)


def leads_supervision(team: int) -> bool:
    """Whether whoever acts manages supervision for this team."""
    return _asked("select app.leads_supervision(%s)", team)


def works_in(who: int, team: int) -> bool:
    """Whether somebody works in this team now."""
    return _asked("select app.works_in(%s, %s)", who, team)


def _asked(question: str, *given: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(question, list(given))
        return bool(cursor.fetchone()[0])


@transaction.atomic
def record_supervision(
    *, by: Me, team: int, worker: int, held_on: dt.date, next_on: dt.date | None, reflection: str
) -> Supervision:
    """Keep that a worker was supervised by `by`, what was reflected on, and when they meet next.

    Raises SupervisionRefused for oneself, for somebody who does not work in the team, for days to come, and
    NotAllowed where `by` does not supervise the team.
    """
    if not supervises(team):
        raise NotAllowed(
            _("You cannot record supervision in this team."),
            _("Its manager may, and whoever manages its supervision."),
        )
    if worker == by.principal:
        raise SupervisionRefused(_("Nobody supervises themselves."), "worker")
    if not works_in(worker, team):
        raise SupervisionRefused(_("Choose somebody who works in this team now."), "worker")
    _check_held(held_on)
    _check_next(held_on, next_on)
    # Two clicks are one supervision: nothing of it is ever taken away.
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended('supervision', %s))", [worker])
    same = Supervision.objects.filter(
        team_id=team, worker_id=worker, supervisor_id=by.principal, held_on=held_on
    )
    earlier = same.filter(next_on=next_on, reflection=reflection.strip()[:8000]).first()
    if earlier is not None:
        return earlier
    return Supervision.objects.create(
        team_id=team,
        worker_id=worker,
        supervisor_id=by.principal,
        kind=SupervisionKind.MANAGEMENT,
        held_on=held_on,
        next_on=next_on,
        reflection=reflection.strip()[:8000],
    )


@transaction.atomic
def change_notes(
    *, by: Me, supervision: Supervision, version: int, next_on: dt.date | None, reflection: str
) -> Supervision:
    """Put the supervisor's own notes right. Raises StaleEdit, SupervisionRefused, NotAllowed."""
    if supervision.supervisor_id != by.principal:
        raise NotAllowed(_("You cannot change the notes of this supervision."), _("Whoever held it may."))
    _check_next(supervision.held_on, next_on)
    update_checked(supervision, version=version, next_on=next_on, reflection=reflection.strip()[:8000])
    return supervision


@transaction.atomic
def say_own_words(*, by: Me, supervision: Supervision, version: int, words: str) -> Supervision:
    """What the worker says of it, beside the notes. Raises StaleEdit, NotAllowed."""
    if supervision.worker_id != by.principal or supervision.kind != SupervisionKind.MANAGEMENT:
        raise NotAllowed(
            _("You cannot add the worker’s own words here."),
            _("The worker who was supervised may."),
        )
    update_checked(supervision, version=version, worker_words=words.strip()[:4000])
    return supervision


@transaction.atomic
def note_support(*, by: Me, team: int, kind: str, held_on: dt.date) -> Supervision:
    """Note that clinical or peer support took place, by whoever had it: its day, and nothing of what was said."""
    if kind not in (SupervisionKind.CLINICAL, SupervisionKind.PEER):
        raise SupervisionRefused(_("Say which kind of support it was."), "kind")
    if team not in by.teams:
        raise NotAllowed(
            _("You cannot note support for this team."),
            _("Those who work in it may, each for themselves."),
        )
    _check_held(held_on)
    return Supervision.objects.create(team_id=team, worker_id=by.principal, kind=kind, held_on=held_on)


def _check_held(held_on: dt.date) -> None:
    today = timezone.localdate()
    if held_on > today:
        raise SupervisionRefused(_("This day is still to come. Record it once it was held."), "held_on")
    if (today - held_on).days > LONGEST_AGO:
        raise SupervisionRefused(_("This is more than a year ago. Check the year."), "held_on")


def _check_next(held_on: dt.date, next_on: dt.date | None) -> None:
    if next_on is None:
        return
    if next_on <= held_on:
        raise SupervisionRefused(_("The next one comes after this one."), "next_on")
    if (next_on - timezone.localdate()).days > LONGEST_AHEAD:
        raise SupervisionRefused(_("This is more than a year away. Check the year."), "next_on")


@transaction.atomic
def decide_on_case(
    *,
    by: Me,
    episode: Episode,
    decision: str,
    why: str = "",
    with_worker: int | None = None,
    decided_on: dt.date | None = None,
) -> SupervisionDecision:
    """Write a manager's decision on the child's file, with its event; the clocks that wait for it follow.

    `with_worker` is whom it was talked over with. Raises SupervisionRefused for a case that is not open, without a
    decision, or for a day to come; NotAllowed for another team's manager.
    """
    if not by.may_for(Permission.DECIDE_REFERRALS, episode.author_team_id):
        raise NotAllowed(
            _("You cannot put a manager’s decision on this case."),
            _("The manager of the team that has the case may."),
        )
    if episode.status != EpisodeStatus.OPEN or episode.subject_id is None:
        raise SupervisionRefused(_("This case is not open."), "decision")
    if not decision.strip():
        raise SupervisionRefused(_("Say what is decided. To go on as planned is a decision too."), "decision")
    if with_worker is not None and not works_in(with_worker, episode.author_team_id):
        raise SupervisionRefused(_("Choose somebody who works in this team now."), "with_worker")
    today = timezone.localdate()
    day = decided_on or today
    if day > today or day < timezone.localdate(episode.opened_at):
        raise SupervisionRefused(_("Give a day between the opening of the case and today."), "decided_on")
    # Two clicks are one decision: it is never taken off the file. The second waits here for the first.
    Episode.objects.select_for_update(no_key=True).filter(pk=episode.pk).first()
    same = SupervisionDecision.objects.filter(episode=episode, decided_on=day, recorded_by_id=by.principal)
    earlier = same.filter(decision=decision.strip()[:2000], why=why.strip()[:2000]).first()
    if earlier is not None:
        return earlier
    made = SupervisionDecision.objects.create(
        subject_id=episode.subject_id,
        category="plan",
        author_team_id=episode.author_team_id,
        episode=episode,
        decided_on=day,
        decision=decision.strip()[:2000],
        why=why.strip()[:2000],
        with_worker_id=with_worker,
    )
    noon = timezone.make_aware(dt.datetime.combine(day, dt.time(12)))
    happened(
        by=by,
        episode=episode,
        kind="supervision.decided",
        subjects=[episode.subject_id],
        happened_at=None if day == today else max(noon, episode.opened_at),
        text=f"{made.decision}\n{made.why}".strip(),
    )
    return made


def worker_of(episode: Episode) -> int | None:
    """Who has the case now."""
    running = Allocation.objects.filter(episode=episode, until=None)
    return running.values_list("practitioner_id", flat=True).first()


@transaction.atomic
def set_measures(
    *, by: Me, team: int, oversight_weeks: int, supervision_weeks: int, lead: Practitioner | None
) -> SupervisionSetting:
    """Set a team's measures, and who manages its supervision. A change of who reads the notes is logged.

    Raises SupervisionRefused where somebody names themselves, or somebody of another agency; NotAllowed for
    whoever does not manage the team.
    """
    if not by.may_for(Permission.DECIDE_REFERRALS, team):
        raise NotAllowed(_("You cannot set the measures of this team."), _("Its manager may."))
    before = SupervisionSetting.objects.filter(team_id=team).first()
    named = lead.pk if lead else None
    if named is not None and named != (before.lead_id if before else None):
        if named == by.principal:
            raise SupervisionRefused(
                _("You cannot name yourself: it lets you read what others said."), "lead"
            )
        if lead not in possible_leads(team):
            raise SupervisionRefused(_("Choose somebody of your own agency."), "lead")
    made, _created = SupervisionSetting.objects.update_or_create(
        team_id=team,
        defaults={
            "oversight_weeks": oversight_weeks,
            "supervision_weeks": supervision_weeks,
            "lead_id": named,
        },
    )
    if named != (before.lead_id if before else None):
        log_act("named_supervision_lead", by=by.principal, practitioner=named, team=team)
    return made


def possible_leads(team: int) -> list[Practitioner]:
    """Who may manage supervision for a team: those who work in its agency now. One query."""
    return list(
        Practitioner.objects.raw(
            "select distinct p.* from practitioner p join membership m on m.practitioner_id = p.id "
            "join team t on t.id = m.team_id where p.left_at is null and t.ended_at is null "
            "and m.since <= statement_timestamp() and (m.until is null or m.until > statement_timestamp()) "
            "and t.agency_id = (select agency_id from team where id = %s) order by p.name",
            [team],
        )
    )


@transaction.atomic
def say_of_load(*, by: Me, team: int, feels: str, words: str) -> LoadWord:
    """What somebody says of the own load this week; said again, it takes the place of what was said before."""
    if team not in by.teams:
        raise NotAllowed(
            _("You cannot say how your week is in this team."),
            _("Those who work in it may, each for themselves."),
        )
    made, _created = LoadWord.objects.update_or_create(
        practitioner_id=by.principal,
        team_id=team,
        week=monday(timezone.localdate()),
        defaults={"feels": feels, "words": words.strip()[:300], "said_at": timezone.now()},
    )
    return made


def monday(day: dt.date) -> dt.date:
    """The Monday of a day's week."""
    return day - dt.timedelta(days=day.weekday())
