"""Duty: who is on call for a team and when, gaps and overlaps, taking a shift over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from teamaround.access.me import Me
from teamaround.access.refusals import NotAllowed
from teamaround.agencies.models import Membership, Practitioner
from teamaround.agencies.refusals import Refused
from teamaround.agencies.roles import Permission

from .models import LONGEST_SHIFT, DutyShift, DutySwap, SwapAnswer

FURTHEST = dt.timedelta(days=400)
MOST_SHIFTS = 100
ANSWERED = gettext_lazy("This was answered already. The rota shows whose shift it is.")


class DutyRefused(Refused):
    """It cannot be kept like this; `field` names the form field, the message says what to do."""


@transaction.atomic
def add_shift(
    *, by: Me, team: int, practitioner: int, starts_at: dt.datetime, ends_at: dt.datetime
) -> DutyShift:
    """Put somebody on duty for a team that `by` manages.

    On duty is somebody of the team, or of another team of its agency (not for a sensitive service); who does not work in
    the team works its cases as long as the shift lasts. Raises DutyRefused, NotAllowed.
    """
    if not by.may_for(Permission.DECIDE_REFERRALS, team):
        raise NotAllowed(_("You cannot put anybody on duty for this team."), _("Its manager may."))
    now = timezone.now()
    # Of one time zone, moments compare and subtract by the clock on the wall: not over a change of the clocks.
    starts_at, ends_at = starts_at.astimezone(dt.UTC), ends_at.astimezone(dt.UTC)
    if ends_at <= starts_at:
        raise DutyRefused(_("The shift ends before it begins."), "ends_on")
    if ends_at - starts_at > LONGEST_SHIFT:
        raise DutyRefused(_("A shift lasts eight days at most."), "ends_on")
    if starts_at < now - dt.timedelta(minutes=55):
        raise DutyRefused(_("This has begun already. Choose now, or later."), "starts_on")
    if starts_at > now + FURTHEST:
        raise DutyRefused(_("This is more than a year away. Check the year."), "starts_on")
    if practitioner not in {each.pk for each in possible(team)}:
        raise DutyRefused(_("Choose somebody of the team, or of your own agency."), "practitioner")
    # Two clicks at once wait for each other, so that the second finds what the first one wrote.
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended('duty', %s))", [team])
    if _on_duty_then(team, practitioner, starts_at, ends_at):
        raise DutyRefused(_("They are on duty then already."), "starts_on")
    return DutyShift.objects.create(
        team_id=team,
        practitioner_id=practitioner,
        starts_at=starts_at,
        ends_at=ends_at,
        recorded_by_id=by.principal,
    )


def _on_duty_then(team: int, practitioner: int, starts_at: dt.datetime, ends_at: dt.datetime) -> bool:
    """Whether somebody is on duty for a team already at some moment of these hours."""
    theirs = DutyShift.objects.filter(team_id=team, practitioner_id=practitioner, withdrawn_at=None)
    return theirs.filter(starts_at__lt=ends_at, ends_at__gt=starts_at).exists()


@transaction.atomic
def withdraw_shift(*, by: Me, shift: DutyShift) -> None:
    """Take somebody off duty, at once where the shift has begun. A second withdrawal changes nothing.

    Raises NotAllowed, and DutyRefused where somebody else took the shift over: theirs stands on the rota.
    """
    if not by.may_for(Permission.DECIDE_REFERRALS, shift.team_id):
        raise NotAllowed(_("You cannot take a shift off this team’s duty rota."), _("Its manager may."))
    rows = DutyShift.objects.filter(pk=shift.pk, withdrawn_at=None)
    if rows.update(withdrawn_at=Now(), withdrawn_by=by.principal):
        return
    taken = (
        DutyShift.objects.filter(instead_of=shift, withdrawn_at=None).select_related("practitioner").first()
    )
    if taken is not None:
        raise DutyRefused(
            _("%(who)s took this shift over. Look at the rota again.") % {"who": taken.practitioner.name}
        )


@transaction.atomic
def ask_to_swap(*, by: Me, shift: DutyShift, asked: int) -> DutySwap:
    """Ask somebody of the team to take a shift over that has not begun. Raises DutyRefused, NotAllowed."""
    if shift.practitioner_id != by.principal:
        raise NotAllowed(
            _("You cannot give this shift away: it is somebody else’s."),
            _("Whoever has the shift may. The team’s manager can change the rota."),
        )
    if shift.withdrawn_at is not None or shift.starts_at <= timezone.now():
        raise DutyRefused(_("This shift has begun, or is withdrawn. Speak to your manager."), "asked")
    team = {each.pk for each in _members(shift.team_id)}
    if asked == by.principal or asked not in team:
        raise DutyRefused(_("Choose somebody else who works in the team."), "asked")
    try:
        with transaction.atomic():
            return DutySwap.objects.create(shift=shift, asked_id=asked)
    except IntegrityError as twice:
        raise DutyRefused(
            _("Somebody is asked already. Wait for the answer, or take the question back."), "asked"
        ) from twice


@transaction.atomic
def answer_swap(*, by: Me, swap: DutySwap, takes: bool) -> None:
    """Take a shift over, or say that it is not possible. Only the one asked answers, once: of two answers at once the
    second raises DutyRefused, as does one to a question that was taken back."""
    if swap.asked_id != by.principal:
        raise NotAllowed(_("You cannot answer for somebody else."), _("Only the one who was asked may."))
    if swap.answer:
        raise DutyRefused(str(ANSWERED))
    if not takes:
        if not DutySwap.objects.filter(pk=swap.pk, answer="").update(answer=SwapAnswer.REFUSED):
            raise DutyRefused(str(ANSWERED))
        return
    shift = swap.shift
    if _on_duty_then(shift.team_id, by.principal, shift.starts_at, shift.ends_at):
        raise DutyRefused(_("You are on duty then already. Say that you cannot take it."))
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select app.take_shift(%s)", [swap.uuid])
    except DatabaseError as refused:
        if DutySwap.objects.filter(pk=swap.pk).exclude(answer="").exists():
            raise DutyRefused(str(ANSWERED)) from refused
        if getattr(refused.__cause__, "sqlstate", "") != "TA031":
            raise
        raise DutyRefused(_("This shift has begun, or is withdrawn. Speak to your manager.")) from refused


@transaction.atomic
def take_question_back(*, by: Me, swap: DutySwap) -> None:
    """Ask no more: by whoever has the shift. Asking no more twice changes nothing. Raises DutyRefused where it was
    answered meanwhile, NotAllowed."""
    if swap.shift.practitioner_id != by.principal:
        raise NotAllowed(_("You cannot take this question back."), _("Whoever has the shift may."))
    if DutySwap.objects.filter(pk=swap.pk, answer="").update(answer=SwapAnswer.WITHDRAWN):
        return
    if DutySwap.objects.filter(pk=swap.pk).exclude(answer=SwapAnswer.WITHDRAWN).exists():
        raise DutyRefused(str(ANSWERED))


def possible(team: int) -> list[Practitioner]:
    """Who may be on duty for a team, by name: those of the team first, then others of its agency. One query."""
    return list(
        Practitioner.objects.raw(
            "select p.* from practitioner p where app.may_be_on_duty(p.id, %(team)s) order by not exists "
            "(select from membership m where m.practitioner_id = p.id and m.team_id = %(team)s "
            "and m.since <= statement_timestamp() and (m.until is null or m.until > statement_timestamp())), p.name",
            {"team": team},
        )
    )


def _members(team: int) -> list[Practitioner]:
    current = Membership.objects.current().filter(team_id=team)
    return list(Practitioner.objects.filter(left_at=None, pk__in=current.values("practitioner_id")))


def colleagues(team: int, but: int) -> list[Practitioner]:
    """Who else works in a team now, by name."""
    return sorted((each for each in _members(team) if each.pk != but), key=lambda each: each.name)


def on_duty(teams: Iterable[int], at: dt.datetime | None = None) -> dict[int, set[int]]:
    """Who is on duty for each of these teams at a moment (now). Teams with nobody are left out. One query."""
    moment = at or timezone.now()
    rows = DutyShift.objects.filter(
        team_id__in=list(teams), withdrawn_at=None, starts_at__lte=moment, ends_at__gt=moment
    )
    found: dict[int, set[int]] = {}
    for team, practitioner in rows.values_list("team_id", "practitioner_id"):
        found.setdefault(team, set()).add(practitioner)
    return found


def my_shifts(me: Me, now: dt.datetime | None = None) -> list[DutyShift]:
    """Mine that have not ended, the soonest first."""
    rows = DutyShift.objects.filter(
        practitioner_id=me.principal, withdrawn_at=None, ends_at__gt=now or timezone.now()
    )
    return list(rows.select_related("team").order_by("starts_at")[:MOST_SHIFTS])


def shifts_of(team: int, after: dt.datetime, until: dt.datetime) -> list[DutyShift]:
    """A team's shifts that touch a stretch of time, the soonest first."""
    rows = DutyShift.objects.filter(team_id=team, withdrawn_at=None, starts_at__lt=until, ends_at__gt=after)
    return list(rows.select_related("practitioner").order_by("starts_at", "id")[:MOST_SHIFTS])


@dataclass(frozen=True, slots=True)
class Fault:
    """A stretch in which nobody is on duty (a gap), or more than one is (an overlap)."""

    gap: bool
    starts_at: dt.datetime
    ends_at: dt.datetime


def faults_in(shifts: Sequence[DutyShift]) -> list[Fault]:
    """Gaps between the first shift and the last, and overlaps, in order. Before the first and after the last nothing is
    missing: a team need not be on duty for ever."""
    found: list[Fault] = []
    reached: dt.datetime | None = None
    for shift in sorted(shifts, key=lambda each: (each.starts_at, each.ends_at)):
        if reached is not None and shift.starts_at > reached:
            found.append(Fault(True, reached, shift.starts_at))
        elif reached is not None and shift.starts_at < reached:
            found.append(Fault(False, shift.starts_at, min(reached, shift.ends_at)))
        reached = shift.ends_at if reached is None else max(reached, shift.ends_at)
    return found
